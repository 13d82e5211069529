#include "trend/finding.h"

#include "trend/slope.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void hs_findings_destroy(struct hs_trend *trend) {
    free(trend->findings);
    trend->findings = NULL;
    trend->finding_count = 0;
}

static int64_t retained_growth(const struct hs_trend *trend, const struct hs_trend_row *row) {
    int64_t first = row->values[0].retained_bytes,
            last = row->values[trend->capture_count - 1].retained_bytes;
    return first == HS_SNAP_NULL || last == HS_SNAP_NULL ? HS_SNAP_NULL : hs_trend_sum(last, -first);
}

/* A class is a finding of its own. */
static struct hs_error *take_row(struct hs_trend *trend, const struct hs_trend_row *row, const double *hours,
                                 struct hs_finding *ret) {
    size_t n = trend->capture_count;
    struct hs_finding f = {.rank = row->rank,
                           .subject = row->subject,
                           .row = row,
                           .muted = row->ignored,
                           .counts = row->counts,
                           .bytes = row->bytes,
                           .count_delta = row->count_delta,
                           .bytes_delta = row->bytes_delta,
                           .held_delta = row->bytes_delta,
                           .exclusive_bytes = retained_growth(trend, row),
                           .leak_share = NAN,
                           .holder = row->holder,
                           .path = row->path,
                           .path_count = row->path_count,
                           .sample = row->sample,
                           .sample_capture = row->sample_capture,
                           .score = row->score};
    HS_TRY(hs_evidence_weigh(row->count_delta > 0 ? row->counts : row->bytes, n, hours, &f.evidence));
    f.evidence.verdict = row->verdict;
    f.evidence.doubtful = row->doubtful;
    f.evidence.steps_grown = row->steps_grown;
    struct hs_slope_range slopes;
    HS_TRY(hs_slope_range_find(NULL, row->bytes, n, &slopes));
    f.bytes_per_step = slopes.median;
    f.bytes_per_step_low = slopes.low;
    f.bytes_per_step_high = slopes.high;
    f.bytes_per_hour = row->bytes_per_hour;
    HS_TRY(hs_finding_sign(&f));
    *ret = f;
    return NULL;
}

struct hs_error *hs_findings_gather(struct hs_trend *trend, const double *hours) {
    size_t count = 0;
    for (size_t i = 0; i < trend->row_count; i++) count += trend->rows[i]->rank || trend->rows[i]->ignored;
    struct hs_finding *findings = calloc(count + 1, sizeof *findings);
    if (!findings) return HS_ENOMEM;
    trend->findings = findings;
    for (int muted = 0; muted < 2; muted++)
        for (size_t i = 0; i < trend->row_count; i++) {
            const struct hs_trend_row *row = trend->rows[i];
            if (muted ? !row->ignored : !row->rank) continue;
            HS_TRY(take_row(trend, row, hours, &findings[trend->finding_count]));
            trend->finding_count++;
        }
    return NULL;
}
