/* Nights side by side, and tonight judged against the nights before.
 *
 * A night is what was captured in one go (store/store.h); its value of a class is the median over its
 * captures, so one capture in a burst does not move it. Nights are of different processes and often of
 * different builds, so classes are compared by key alone. Judged is what is reachable, if every capture says
 * it. Nights none of whose captures is complete are left out: they have too little of everything.
 *
 * Verdict of a class, over five nights or more:
 *   jumped    tonight there is more than in the nights before; the next night will tell whether it stays
 *   stepped   since a night there is more, and it stayed; the night is named
 *   drifting  it grows from night to night, to the last
 *   steady    none of these, or the growth is below the thresholds
 * Only what is new makes a result of growth: a jump, a drift, a step within the last three nights. An older
 * step is told, with its night, and is the level of today. What the baseline (trend/baseline.h) knows is told
 * and makes no result.
 *
 * How a step is found: the place at which the nights before and after differ most in rank (Pettitt 1979), and
 * the last three nights, are candidates. At a candidate the medians before and after are compared, measured
 * by the scatter of the nights around them (median absolute deviation; never less than the scatter of
 * counting, nor one percent), by Student's t with the nights as freedom, times the number of places tried.
 * Nineteen of twenty pairs of a night after and one before must show it as well, so that no single wild night
 * decides. A drift is Mann-Kendall's test of the whole window, and only where a line (Theil-Sen) fits better
 * than a step: that test alone is known to be fooled by memory. Thousands of classes are tested, so the
 * chances are corrected by Benjamini and Hochberg (1995) over all classes that are large enough to count at
 * all.
 *
 * Fewer than five nights are listed without a verdict: result `insufficient`. Everything hangs on the history
 * and dies with it; one thread at a time. */
#ifndef HS_TREND_HISTORY_H
#define HS_TREND_HISTORY_H

#include "trend/judge.h"

enum { HS_HISTORY_MIN_NIGHTS = 5, HS_HISTORY_NEW_NIGHTS = 3 };
/* Part of the findings that may be false alarms. */
#define HS_HISTORY_SIGNIFICANCE 0.01

struct hs_history_night {
    int64_t id; /* of the store */
    int64_t at; /* ms since 1970: of its first capture, or when it was added */
    size_t captures, findings;
    bool complete;                        /* one of its captures is; else it is not judged */
    const char *source, *node, *build_id; /* of its last capture; NULL if unknown */
};

enum hs_history_verdict { HS_HISTORY_STEADY, HS_HISTORY_STEPPED, HS_HISTORY_DRIFTING, HS_HISTORY_JUMPED };

struct hs_history_row {
    enum hs_trend_subject subject;
    struct hs_snap_key key;
    const char *type, *constructor;
    struct hs_snap_location location; /* where it was seen last */
    const char **properties;
    size_t property_count;
    bool dictionary;
    int64_t *counts, *bytes; /* one value a night */

    /* What judging found. */
    enum hs_trend_nature nature;
    enum hs_history_verdict verdict;
    bool fresh;                       /* new: counts for the result */
    bool known, faster;               /* by the baseline; and rose by more than that allows */
    size_t since;                     /* the first night of the new level; of a drift the first of all */
    int64_t count_delta, bytes_delta; /* median since then minus median before; of a drift last minus first */
    double chance;                    /* that it looks so by accident; before correction, places counted */
    double significance;              /* after correction for all classes */
    const char *ignored;              /* the reason, or NULL */
    size_t rank;                      /* 1 = the first to look at; 0: steady or ignored */
};

struct hs_history {
    const char *series;
    struct hs_history_night *nights; /* in order of time; the last is tonight */
    size_t night_count;
    struct hs_history_row *rows; /* by subject and key until judged; then findings first, by rank */
    size_t row_count;
    bool reachable; /* what is judged */
    struct hs_snap_arena *arena;

    enum hs_judge_result result;
    size_t tested;  /* classes large enough to be tested */
    size_t found;   /* rows with a rank */
    size_t fresh;   /* of these, new ones */
    size_t known;   /* of these, those that would be new but for the baseline */
    size_t skipped; /* nights that are not complete */
    char *reason;   /* a sentence, escaped for a terminal */
};

struct hs_error *hs_history_create(const char *series, struct hs_history **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_history_destroy(struct hs_history *history);

/* Judges and sorts the rows. `significance`: part of the findings that may be false alarms. Any number of
 * nights. */
struct hs_error *hs_history_judge(struct hs_history *history, const struct hs_judge_options *options,
                                  double significance) HS_MUST_CHECK;
/* Key of native memory, which has a name instead. */
struct hs_snap_key hs_history_native_key(const char *name);
/* "steady", "stepped", "drifting", "jumped". */
const char *hs_history_verdict_name(enum hs_history_verdict verdict);

#endif
