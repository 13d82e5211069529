/* How well growth is proved by a series.
 *
 * Verdict over N captures (N - 1 steps):
 *   steady   no more at the last capture than at the first
 *   grew     more, net: of two captures that is all there is to say; of more, some step did not grow, or the
 * growth is slowing
 *   growing  more, and in every step (three captures or more). A step grew if it added at least a tenth of
 * the mean step, as it stands or by the time that passed: what jumps once and then trickles is warm, not
 * leaking, and captures need not be evenly spaced
 * Slowing is growth that dies away: in the last half of the steps at most a third of the rate in the first,
 * by step as well as by time (of two steps half; of two and three steps no one may be larger than the one
 * before). A cache that fills and a warm-up look so; only a further capture decides.
 *
 * Significance is the chance that a series which does not change looks so by accident: one-sided, from the
 * exact distribution of Kendall's S up to HS_EVIDENCE_EXACT captures, the normal one beyond. Of three that
 * ascend it is 1/6, of six 1/720. No state: any thread. */
#ifndef HS_TREND_EVIDENCE_H
#define HS_TREND_EVIDENCE_H

#include "base/error.h"

enum { HS_EVIDENCE_EXACT = 24, HS_EVIDENCE_EASING = 6 };

enum hs_trend_verdict { HS_VERDICT_STEADY, HS_VERDICT_GREW, HS_VERDICT_GROWING };

struct hs_evidence {
    enum hs_trend_verdict verdict;
    size_t steps, steps_grown;
    bool slowing;
    bool easing;         /* growing, but less in every step (hs_evidence_is_easing()) */
    bool doubtful;       /* it grew, but work in flight would look the same (trend/churn.h, or slight) */
    bool slight;         /* hs_evidence_is_slight() */
    double significance; /* 0 to 1 */
    double left;         /* part of the growth under load that is still held after it; NAN */
};

/* Three captures: before a load, under it, and after it, when all is quiet again. What grew under the load
 * and is held by more than half afterwards grew; of what is left up to half, but more than a tenth, only a
 * longer quiet can tell (doubtful); what is drained is steady. Sets `left`. */
void hs_evidence_settle(const int64_t series[3], struct hs_evidence *ret);
/* `hours` since the first capture, or NULL; `count` >= 2. `doubtful` is left false. */
struct hs_error *hs_evidence_weigh(const int64_t *series, size_t count, const double *hours,
                                   struct hs_evidence *ret) HS_MUST_CHECK;
/* Steps that grew, by step or, with `hours`, by time. */
size_t hs_evidence_steps(const int64_t *series, size_t count, const double *hours);
/* Whether net growth is worth a line: over four captures and more only if it may go on, that is if all steps
 * but one grew, and the last one did. A plateau and a sawtooth do not. */
bool hs_evidence_may_go_on(const int64_t *series, size_t count, const struct hs_evidence *evidence);
/* Whether growth over two or three captures is so little that a population which comes and goes may show it
 * by chance: between two up to three square roots of its number (or none in number, under 16 KiB), over
 * three, which ascend by chance one time in six, up to one, in steps that are not alike; and less than 64
 * KiB. More captures tell by themselves, so of them none is slight. `bytes`: what grew with it. */
bool hs_evidence_is_slight(const int64_t *series, size_t count, int64_t bytes);
/* Whether every step is smaller than the one before, the last at most 7/10 of the first, though the growth
 * does not die away: three to HS_EVIDENCE_EASING captures. A table that fills slowly looks so, and so does
 * one leak in fifty under an uneven load: worth a word, and no reason to doubt. */
bool hs_evidence_is_easing(const int64_t *series, size_t count, const double *hours);
/* Whether growth dies away. */
bool hs_evidence_is_slowing(const int64_t *series, size_t count, const double *hours);

#endif
