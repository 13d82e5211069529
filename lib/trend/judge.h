/* Judging and ranking what grew.
 *
 * Verdict of a class, over N captures (N - 1 steps):
 *   steady   it did not grow past the thresholds from the first capture to the last
 *   grew     it did, net: between two captures that is all there is to say; over more, some step did not grow
 *   growing  it did, and in every step (three captures or more). A step grew if it added at least a tenth of
 * the mean step (of objects; of bytes where the number of objects does not move), as it stands or by time
 * passed: a class that jumps once and then trickles is warm, not leaking, and captures need not be evenly
 * spaced.
 *
 * A class whose garbage outweighs its growth eight times over (trend/churn.h) is doubtful until it has grown
 * in four steps: its growth may be work in flight. It grew, but is not growing, and two captures of it are no
 * growth.
 *
 * Findings are ranked: growing before grew, doubtful ones last, then by score. The score answers "what should
 * a person look at first?":
 *   - user classes count their own growth plus a share of what content (strings, backing arrays, contexts, …)
 * grew, split among all growing classes by number of new objects; no object takes more than 64 KiB of it, so
 * three new objects cannot claim a gigabyte of strings. Named literals and functions, and Node's own classes,
 * count half of both, builtins a quarter
 *   - content itself counts a tenth of its growth: it is ranked, but first only where nothing else explains
 * it
 *   - where retained sizes are known, their growth stands in place of the share if it is more, by the same
 * weights: the array that holds all sessions retains more than they do, and is not what leaks
 * V8's own kinds are judged but are no findings: they are one sum in the summary. No state: one thread at a
 * time. */
#ifndef HS_TREND_JUDGE_H
#define HS_TREND_JUDGE_H

#include "trend/ignore.h"
#include "trend/trend.h"

#define HS_JUDGE_MIN_BYTES 1024
#define HS_JUDGE_CONTENT_MIN_BYTES 16384
#define HS_JUDGE_MIN_COUNT 0

struct hs_attribution;
struct hs_baseline;

struct hs_judge_options {
    int64_t min_bytes;         /* growth from first to last capture; less is noise */
    int64_t content_min_bytes; /* the same for content, which wavers in healthy programs too */
    int64_t min_count;         /* the same in objects; 0: byte growth alone is enough */
    bool internals;            /* V8's own kinds are findings too */
    struct hs_ignore *ignore;  /* or NULL; its counters are written */
    /* What else an alarm needs (trend/gate.h). */
    size_t min_steps;             /* steps that grew; 0: any */
    double max_chance;            /* of the series' significance; 0: any */
    struct hs_baseline *baseline; /* or NULL; its counters are written */
};

/* growth: a class is growing, or, of two captures, one grew (exit status 1).
 * insufficient: nothing but doubtful classes grows in every step, but a class was still growing in the last
 * one, or a capture is partial: another capture would tell. steady: neither. */
enum hs_judge_result { HS_RESULT_STEADY, HS_RESULT_GROWTH, HS_RESULT_INSUFFICIENT };

/* Sums over all classes of the judged series. The five parts add up to bytes_delta. */
struct hs_judge_summary {
    enum hs_judge_result result;
    char *reason;              /* a sentence or two, escaped for a terminal */
    char *advice;              /* what to do next: a line or two */
    size_t growing, grew;      /* findings by verdict */
    size_t appeared, vanished; /* classes but V8's own: none in the first capture, none in the last */
    struct hs_attribution *attributions; /* trend/slice.h; NULL: not known */
    size_t attribution_count;
    int64_t bytes_delta;    /* last minus first of everything */
    int64_t findings_bytes; /* growth of the findings */
    int64_t v8_bytes;       /* of V8's own kinds, up or down */
    int64_t ignored_bytes;  /* of muted classes */
    int64_t noise_bytes;    /* of classes that grew less than the thresholds */
    int64_t shrunk_bytes;   /* of classes that shrank; negative or 0 */
};

/* Fills the judged fields of every row and sorts the rows: findings by rank, then the rest. At least two
 * captures. */
struct hs_error *hs_judge(struct hs_trend *trend, const struct hs_judge_options *options,
                          struct hs_judge_summary *ret) HS_MUST_CHECK;
void hs_judge_summary_deinit(struct hs_judge_summary *summary);
/* "growing", "grew", "steady"; "growth", "steady", "insufficient". */
const char *hs_verdict_name(enum hs_trend_verdict verdict);
const char *hs_result_name(enum hs_judge_result result);

#endif
