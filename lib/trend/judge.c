#include "trend/judge.h"

#include "trend/churn.h"
#include "trend/gate.h"
#include "trend/gather.h"
#include "trend/judge_private.h"
#include "trend/slope.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Growth outside the JS heap is coarse (pages, arenas): less than this is never a finding. */
enum { NATIVE_MIN_BYTES = 1 << 20 };

const char *hs_verdict_name(enum hs_trend_verdict verdict) {
    static const char *const names[] = {"steady", "grew", "growing"};
    return names[verdict];
}

const char *hs_result_name(enum hs_judge_result result) {
    static const char *const names[] = {"steady", "growth", "insufficient"};
    return names[result];
}

void hs_judge_summary_deinit(struct hs_judge_summary *summary) {
    free(summary->reason);
    free(summary->advice);
    free(summary->attributions);
    *summary = (struct hs_judge_summary){0};
}

/* Objects decide where their number moves: their size may fall while they leak (in-object slack tracking
 * ends). A big array that doubles is one object before and after: there, bytes decide. For content bytes
 * decide if they persist better. */
static size_t find_steps_grown(const struct hs_trend *trend, const struct hs_trend_row *row,
                               const double *hours) {
    size_t n = trend->capture_count, best = 0;
    bool content = row->nature == HS_NATURE_CONTENT || row->nature == HS_NATURE_V8;
    for (int timed = 0; timed <= (trend->timed ? 1 : 0); timed++) {
        const double *x = timed ? hours : NULL;
        size_t by_count = row->count_delta > 0 ? hs_evidence_steps(row->counts, n, x) : 0;
        size_t by_bytes = (row->count_delta <= 0 || content) && row->bytes_delta > 0
                              ? hs_evidence_steps(row->bytes, n, x)
                              : 0;
        if (by_count > best) best = by_count;
        if (by_bytes > best) best = by_bytes;
    }
    return best;
}

/* The growth that is held against the threshold. Instances get smaller when V8 ends in-object slack tracking,
 * so a class may lose bytes while it gains objects: then the new objects count at their present size. */
static int64_t growth_bytes(const struct hs_trend_row *row, size_t count) {
    if (row->count_delta <= 0 || row->counts[count - 1] <= 0) return row->bytes_delta;
    double size = (double)row->bytes[count - 1] / (double)row->counts[count - 1];
    double grown = size * (double)row->count_delta;
    return grown > (double)row->bytes_delta && grown < 9e18 ? (int64_t)grown : row->bytes_delta;
}

static struct hs_error *judge_row(const struct hs_trend *trend, const struct hs_judge_options *options,
                                  const double *hours, struct hs_trend_row *row) {
    size_t n = trend->capture_count;
    row->count_delta = row->counts[n - 1] - row->counts[0];
    row->bytes_delta = row->bytes[n - 1] - row->bytes[0];
    row->bytes_per_hour = NAN;
    row->verdict = HS_VERDICT_STEADY;
    int64_t min_bytes = row->nature == HS_NATURE_CONTENT ? options->content_min_bytes : options->min_bytes;
    if (row->subject == HS_SUBJECT_NATIVE && min_bytes < NATIVE_MIN_BYTES) min_bytes = NATIVE_MIN_BYTES;
    if (row->bytes_delta <= 0 && row->count_delta <= 0) return NULL;
    row->steps_grown = find_steps_grown(trend, row, hours);
    if (growth_bytes(row, n) < min_bytes || (options->min_count > 0 && row->count_delta < options->min_count))
        return NULL;
    struct hs_slope_range slopes;
    HS_TRY(hs_slope_range_find(NULL, row->bytes, n, &slopes));
    row->bytes_per_step = slopes.median;
    row->bytes_per_step_low = slopes.low;
    row->bytes_per_step_high = slopes.high;
    if (trend->timed) HS_TRY(hs_slope_find(hours, row->bytes, n, &row->bytes_per_hour));
    const struct hs_evidence evidence = {.steps = n - 1, .steps_grown = row->steps_grown};
    const int64_t *series = row->count_delta > 0 ? row->counts : row->bytes;
    row->slight = trend->tree && hs_evidence_is_slight(row->counts, n, row->bytes_delta);
    row->doubtful = row->slight || hs_churn_outweighs(row->churn, row->count_delta, &evidence, n);
    row->slowing = hs_evidence_is_slowing(series, n, NULL) &&
                   (!trend->timed || hs_evidence_is_slowing(series, n, hours));
    if (trend->settling) {
        struct hs_evidence settled;
        hs_evidence_settle(series, &settled);
        row->verdict = settled.verdict;
        row->doubtful = settled.doubtful;
        return NULL;
    }
    row->verdict = n > 2 && row->steps_grown == n - 1 && !row->doubtful && !row->slowing ? HS_VERDICT_GROWING
                                                                                         : HS_VERDICT_GREW;
    /* Two captures of a process's mappings say nothing: only persistence makes them worth a row. */
    if (row->subject == HS_SUBJECT_NATIVE && row->verdict == HS_VERDICT_GREW)
        row->verdict = HS_VERDICT_STEADY;
    return NULL;
}

static bool is_finding(const struct hs_trend *trend, const struct hs_judge_options *options,
                       const struct hs_trend_row *row) {
    const struct hs_evidence evidence = {.steps = trend->capture_count - 1, .steps_grown = row->steps_grown};
    const int64_t *series = row->count_delta > 0 ? row->counts : row->bytes;
    if (row->verdict == HS_VERDICT_GREW && !hs_evidence_may_go_on(series, trend->capture_count, &evidence))
        return false;
    return row->verdict != HS_VERDICT_STEADY && (options->internals || row->nature != HS_NATURE_V8);
}

static void add_to_summary(const struct hs_trend *trend, const struct hs_trend_row *row,
                           struct hs_judge_summary *summary) {
    size_t last = trend->capture_count - 1;
    if (row->subject != HS_SUBJECT_CLASS) return; /* outside the sum of the heap */
    if (row->nature != HS_NATURE_V8) {
        summary->appeared += row->counts[0] == 0 && row->counts[last] > 0;
        summary->vanished += row->counts[0] > 0 && row->counts[last] == 0;
    }
    summary->bytes_delta = hs_trend_sum(summary->bytes_delta, row->bytes_delta);
}

/* Rows with their series; sorted by these. */
struct series_of {
    const int64_t *bytes;
    size_t count;
};

static int by_series(const void *left, const void *right) {
    const struct series_of *a = left, *b = right;
    return memcmp(a->bytes, b->bytes, a->count * sizeof *a->bytes);
}

/* Backing stores and external strings are classes of type native as well as a sum of native memory: one row
 * is enough. */
static struct hs_error *drop_doubles(struct hs_trend *trend) {
    size_t n = trend->capture_count, count = 0;
    struct series_of *classes = calloc(trend->row_count + 1, sizeof *classes);
    if (!classes) return HS_ENOMEM;
    for (size_t i = 0; i < trend->row_count; i++) {
        const struct hs_trend_row *row = trend->rows[i];
        if (row->subject == HS_SUBJECT_CLASS && !strcmp(row->type, "native"))
            classes[count++] = (struct series_of){row->bytes, n};
    }
    qsort(classes, count, sizeof *classes, by_series);
    for (size_t i = 0; i < trend->row_count; i++) {
        struct hs_trend_row *row = trend->rows[i];
        const struct series_of key = {row->bytes, n};
        if (row->subject == HS_SUBJECT_NATIVE && count &&
            bsearch(&key, classes, count, sizeof key, by_series))
            row->rank = 0;
    }
    free(classes);
    return NULL;
}

struct hs_error *hs_judge(struct hs_trend *trend, const struct hs_judge_options *options,
                          struct hs_judge_summary *ret) {
    size_t n = trend->capture_count;
    if (n < 2)
        return hs_error_create(HS_ERROR_USAGE, "two captures are needed to see growth, but there is %s",
                               n ? "only one" : "none");
    if (trend->settling && n != 3)
        return hs_error_create(HS_ERROR_FORMAT,
                               "--base, --busy and --settled take one snapshot each, but there are %zu", n);
    struct hs_judge_summary summary = {0};
    int64_t captured_at = trend->captures[n - 1].captured_at;
    if (options->ignore)
        hs_ignore_set_time(options->ignore,
                           captured_at == HS_SNAP_NULL ? (int64_t)time(NULL) * 1000 : captured_at);
    double *hours = calloc(n, sizeof *hours);
    if (!hours) return HS_ENOMEM;
    for (size_t i = 0; i < n && trend->timed; i++)
        hours[i] = (double)(trend->captures[i].captured_at - trend->captures[0].captured_at) / 3600000;
    struct hs_error *error = hs_trend_find_churn(trend);
    for (size_t i = 0; i < trend->row_count && !error; i++) {
        error = judge_row(trend, options, hours, trend->rows[i]);
        trend->rows[i]->rank = is_finding(trend, options, trend->rows[i]);
    }
    if (!error) error = drop_doubles(trend);
    if (!error) {
        hs_judge_rank(trend);
        for (size_t i = 0; i < trend->row_count; i++) add_to_summary(trend, trend->rows[i], &summary);
        error = hs_findings_gather(trend, options, trend->timed ? hours : NULL, &summary);
        if (!error) error = hs_gate_pass(trend, options);
    }
    free(hours);
    HS_TRY(error);
    error = hs_judge_conclude(trend, options, &summary);
    if (error) hs_judge_summary_deinit(&summary);
    else *ret = summary;
    return error;
}
