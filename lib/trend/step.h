/* Whether a series of nights has a new level, or drifts upwards.
 *
 * A step: the place at which the nights before and after differ most in rank (Pettitt 1979), and the last
 * three nights, are candidates. There the medians before and after are compared, measured by the scatter of
 * the nights around them: the larger of two robust estimates (median and mean absolute deviation, the mean
 * without the wildest tenth), never less than the scatter of counting (the root of the level) nor one percent
 * of the level. The chance is that of Student's t with the nights less two as freedom, times the number of
 * places. Nineteen of twenty pairs of a night after and a night before must have risen as well: a level that
 * was reached before, on more than one night in twenty, is not new.
 *
 * A drift: the line through the medians of the first and the last third, measured by the scatter around it,
 * if it fits better than the step, if Mann-Kendall's test agrees, and if the last half still rises by at
 * least half of the line's slope.
 *
 * Only growth is looked for. Of 5,000 series without change each (5 to 90 nights; levels from 20 to 200,000,
 * scatters from 0.1 to 50 %), chances below 0.01 came in 0 to 0.5 % of normal ones, 0.5 to 0.8 % with heavy
 * tails (t with three degrees), 0.6 to 1.1 % log-normal, 0 to 0.3 % with weekends at another level; where
 * nights remember each other more often (autocorrelation 0.5: up to 2.3 %, 0.8: up to 6 %), and where one
 * night in ten is wild, that night itself (6 %). No state: any thread. */
#ifndef HS_TREND_STEP_H
#define HS_TREND_STEP_H

#include "base/types.h"

enum { HS_STEP_MIN_BEFORE = 3, HS_STEP_RECENT = 3, HS_STEP_WORK = 4 };

struct hs_step {
    double chance;        /* 1 if there is nothing */
    size_t since;         /* the first night of the new level; 0 of a drift */
    double before, after; /* medians; of a drift both ends of the line */
    bool drifts;
};

/* `count` > HS_STEP_MIN_BEFORE; `work` has room for HS_STEP_WORK times as many numbers. */
struct hs_step hs_step_find(const int64_t *series, size_t count, double *work);

#endif
