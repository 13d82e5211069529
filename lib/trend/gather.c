#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/gather.h"

#include "snap/arena.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void hs_findings_destroy(struct hs_trend *trend) {
    free(trend->findings);
    trend->findings = NULL;
    trend->finding_count = trend->finding_capacity = 0;
}

static void mute(const struct hs_judge_options *options, struct hs_finding *f) {
    const struct hs_ignore_subject subject = {f->row->constructor, f->holder, f->fingerprint};
    struct hs_ignore_pattern *pattern =
        options->ignore ? hs_ignore_match(options->ignore, &subject, f->held_delta) : NULL;
    if (pattern) f->muted = pattern->reason;
}

struct hs_error *hs_findings_add(struct hs_trend *trend, const struct hs_judge_options *options,
                                 const struct hs_finding *finding) {
    if (trend->finding_count == trend->finding_capacity) {
        size_t capacity = trend->finding_capacity ? 2 * trend->finding_capacity : 64;
        struct hs_finding *findings = reallocarray(trend->findings, capacity, sizeof *findings);
        if (!findings) return HS_ENOMEM;
        trend->findings = findings;
        trend->finding_capacity = capacity;
    }
    struct hs_finding *item = &trend->findings[trend->finding_count];
    *item = *finding;
    HS_TRY(hs_finding_sign(item));
    mute(options, item);
    trend->finding_count++;
    return NULL;
}

static int64_t retained_growth(const struct hs_trend *trend, const struct hs_trend_row *row) {
    int64_t first = row->values[0].retained_bytes,
            last = row->values[trend->capture_count - 1].retained_bytes;
    return first == HS_SNAP_NULL || last == HS_SNAP_NULL ? HS_SNAP_NULL : hs_trend_sum(last, -first);
}

struct hs_error *hs_findings_add_row(struct hs_trend *trend, const struct hs_judge_options *options,
                                     const struct hs_trend_row *row, const double *hours,
                                     const int64_t *held) {
    size_t n = trend->capture_count;
    struct hs_finding f = {.subject = row->subject,
                           .row = row,
                           .counts = row->counts,
                           .bytes = row->bytes,
                           .count_delta = row->count_delta,
                           .bytes_delta = row->bytes_delta,
                           .held_delta = row->bytes_delta,
                           .exclusive_bytes = retained_growth(trend, row),
                           .leak_share = HS_SNAP_NULL,
                           .sample = row->sample,
                           .sample_capture = row->sample_capture,
                           .score = row->score};
    HS_TRY(hs_evidence_weigh(row->count_delta > 0 ? row->counts : row->bytes, n, hours, &f.evidence));
    if (trend->settling) hs_evidence_settle(row->count_delta > 0 ? row->counts : row->bytes, &f.evidence);
    f.evidence.verdict = row->verdict;
    f.evidence.doubtful = row->doubtful;
    f.evidence.slight = row->slight;
    f.evidence.slowing = row->slowing;
    f.evidence.steps_grown = row->steps_grown;
    f.bytes_per_step = row->bytes_per_step;
    f.bytes_per_step_low = row->bytes_per_step_low;
    f.bytes_per_step_high = row->bytes_per_step_high;
    f.bytes_per_hour = row->bytes_per_hour;
    if (held) {
        f.held_bytes = hs_snap_arena_alloc(trend->arena, n * sizeof *held);
        if (!f.held_bytes) return HS_ENOMEM;
        memcpy(f.held_bytes, held, n * sizeof *held);
        f.held_delta = hs_trend_sum(held[n - 1], -held[0]);
    }
    if (trend->tree && row->subject == HS_SUBJECT_CLASS) f.score = hs_finding_score(&f);
    return hs_findings_add(trend, options, &f);
}

static void add_row_to_summary(const struct hs_trend_row *row, bool muted, struct hs_judge_summary *summary) {
    int64_t *part = muted                         ? &summary->ignored_bytes
                    : row->rank                   ? &summary->findings_bytes
                    : row->nature == HS_NATURE_V8 ? &summary->v8_bytes
                    : row->bytes_delta > 0        ? &summary->noise_bytes
                                                  : &summary->shrunk_bytes;
    if (row->subject == HS_SUBJECT_CLASS) *part = hs_trend_sum(*part, row->bytes_delta);
}

static struct hs_error *gather_rows(struct hs_trend *trend, const struct hs_judge_options *options,
                                    const double *hours, struct hs_judge_summary *summary) {
    for (size_t i = 0; i < trend->row_count; i++) {
        const struct hs_trend_row *row = trend->rows[i];
        if (row->rank) HS_TRY(hs_findings_add_row(trend, options, row, hours, NULL));
        bool muted = row->rank && trend->findings[trend->finding_count - 1].muted;
        add_row_to_summary(row, muted, summary);
    }
    return NULL;
}

static int compare_text(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "");
}

/* A total order, so that the same input gives the same output. */
static int compare_findings(const void *left, const void *right) {
    const struct hs_finding *a = left, *b = right;
    if (!a->muted != !b->muted) return a->muted ? 1 : -1;
    if (a->evidence.verdict != b->evidence.verdict) return a->evidence.verdict > b->evidence.verdict ? -1 : 1;
    if (a->evidence.doubtful != b->evidence.doubtful) return a->evidence.doubtful ? 1 : -1;
    bool native = a->subject == HS_SUBJECT_NATIVE;
    if (native != (b->subject == HS_SUBJECT_NATIVE)) return native ? 1 : -1;
    if (a->score > b->score || a->score < b->score) return a->score > b->score ? -1 : 1;
    if (a->row->rank != b->row->rank) return a->row->rank < b->row->rank ? -1 : 1;
    int order = compare_text(a->row->constructor, b->row->constructor);
    if (!order) order = compare_text(a->holder, b->holder);
    return order ? order : strcmp(a->fingerprint, b->fingerprint);
}

static void count_findings(struct hs_trend *trend, struct hs_judge_summary *summary) {
    for (size_t i = 0; i < trend->finding_count; i++) {
        struct hs_finding *finding = &trend->findings[i];
        finding->rank = finding->muted ? 0 : i + 1;
        if (!finding->rank) continue;
        summary->growing += finding->evidence.verdict == HS_VERDICT_GROWING;
        summary->grew += finding->evidence.verdict == HS_VERDICT_GREW;
    }
}

struct hs_error *hs_findings_gather(struct hs_trend *trend, const struct hs_judge_options *options,
                                    const double *hours, struct hs_judge_summary *summary) {
    HS_TRY(trend->tree ? hs_findings_gather_tree(trend, options, hours, summary)
                       : gather_rows(trend, options, hours, summary));
    if (trend->finding_count)
        qsort(trend->findings, trend->finding_count, sizeof *trend->findings, compare_findings);
    count_findings(trend, summary);
    return NULL;
}
