#include "trend/container.h"
#include "trend/link.h"
#include "trend/share.h"
#include "trend/tree.h"

#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && !strcmp(a, b));
}

static int compare_times(const void *left, const void *right) {
    const struct hs_trend_capture *a = left, *b = right;
    if (a->captured_at != b->captured_at) return a->captured_at < b->captured_at ? -1 : 1;
    return a->given < b->given ? -1 : 1;
}

static void find_kinship(struct hs_trend *trend) {
    const struct hs_trend_capture *first = trend->captures;
    trend->same_process = trend->same_build = trend->capture_count > 0;
    for (size_t i = 0; i < trend->capture_count; i++) {
        const struct hs_trend_capture *c = &trend->captures[i];
        bool known = c->build_id && first->build_id;
        if (!same_text(c->v8, first->v8) || (known && strcmp(c->build_id, first->build_id)))
            trend->same_build = false;
        if (c->pid == HS_SNAP_NULL || c->pid != first->pid) trend->same_process = false;
    }
    trend->same_process &= trend->same_build;
}

/* Captures of one process go by their times if all are known and no two are equal; otherwise the user's order
 * stands. */
static void order_captures(struct hs_trend *trend) {
    size_t n = trend->capture_count;
    bool known = true;
    for (size_t i = 0; i < n; i++) known &= trend->captures[i].captured_at != HS_SNAP_NULL;
    if (known && trend->same_process && !trend->settling) {
        qsort(trend->captures, n, sizeof *trend->captures, compare_times);
        trend->by_time = true;
        for (size_t i = 1; i < n; i++)
            trend->by_time &= trend->captures[i - 1].captured_at < trend->captures[i].captured_at;
    }
    trend->timed = known && n > 1;
    if (!trend->by_time)
        for (size_t i = 0; i < n; i++) /* back to where they stood: the places are unique */
            while (trend->captures[i].given != i) {
                struct hs_trend_capture moved = trend->captures[i];
                trend->captures[i] = trend->captures[moved.given];
                trend->captures[moved.given] = moved;
            }
    for (size_t i = 1; i < n; i++)
        trend->timed &= trend->captures[i - 1].captured_at < trend->captures[i].captured_at;
}

/* Pads the values to all captures and puts them in the captures' order. */
static struct hs_error *order_values(const struct hs_trend *trend, struct hs_trend_row *row) {
    size_t n = trend->capture_count;
    struct hs_trend_value *values = calloc(n ? n : 1, sizeof *values);
    if (!values) return HS_ENOMEM;
    size_t sample = row->sample_capture;
    for (size_t i = 0; i < n; i++) {
        size_t given = trend->captures[i].given;
        if (given < row->value_count) values[i] = row->values[given];
        if (given == sample) row->sample_capture = i;
    }
    free(row->values);
    row->values = values;
    row->value_count = row->value_capacity = n;
    return NULL;
}

static bool is_present(const struct hs_trend_value *value) {
    return value->count || value->bytes;
}

/* Whether the rows [first, end) of one key, each with a location of its own, are different classes: some
 * capture must have two of them at once, and locations must mean the same everywhere. */
static bool are_apart(const struct hs_trend *trend, size_t first, size_t end) {
    if (!trend->same_process) return false;
    for (size_t k = 0; k < trend->capture_count; k++) {
        size_t present = 0;
        for (size_t i = first; i < end; i++) present += is_present(&trend->rows[i]->values[k]);
        if (present > 1) return true;
    }
    return false;
}

static void merge_row(const struct hs_trend *trend, struct hs_trend_row *into, struct hs_trend_row *row) {
    for (size_t k = 0; k < trend->capture_count; k++) {
        hs_trend_value_add(&into->values[k], &row->values[k]);
    }
    if (row->sample && (!into->sample || row->sample_capture > into->sample_capture)) {
        into->sample = row->sample;
        into->sample_capture = row->sample_capture;
    }
    if (!into->location.script ||
        (row->location.script && is_present(&row->values[trend->capture_count - 1])))
        into->location = row->location;
    free(row->values);
    free(row);
}

static void join_locations(struct hs_trend *trend) {
    size_t kept = 0;
    for (size_t first = 0, end; first < trend->row_count; first = end) {
        end = first + 1;
        if (trend->rows[first]->subject == HS_SUBJECT_CLASS)
            while (end < trend->row_count && trend->rows[end]->subject == HS_SUBJECT_CLASS &&
                   hs_snap_key_equal(trend->rows[end]->key, trend->rows[first]->key))
                end++;
        bool apart = end - first > 1 && are_apart(trend, first, end);
        struct hs_trend_row *into = trend->rows[first];
        trend->rows[kept++] = into;
        for (size_t i = first + 1; i < end; i++) {
            if (apart) trend->rows[kept++] = trend->rows[i];
            else merge_row(trend, into, trend->rows[i]);
        }
    }
    trend->row_count = kept;
}

static struct hs_error *fill_series(const struct hs_trend *trend, struct hs_trend_row *row) {
    size_t n = trend->capture_count;
    row->counts = calloc(n ? n : 1, sizeof *row->counts);
    row->bytes = calloc(n ? n : 1, sizeof *row->bytes);
    if (!row->counts || !row->bytes) return HS_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct hs_trend_value *v = &row->values[i];
        row->counts[i] = trend->reachable ? v->reachable_count : v->count;
        row->bytes[i] = trend->reachable ? v->reachable_bytes : v->bytes;
    }
    return NULL;
}

struct hs_error *hs_trend_align(struct hs_trend *trend) {
    find_kinship(trend);
    order_captures(trend);
    trend->reachable = trend->capture_count > 0;
    for (size_t i = 0; i < trend->capture_count; i++) trend->reachable &= trend->captures[i].knows_reachable;
    for (size_t i = 0; i < trend->row_count; i++) HS_TRY(order_values(trend, trend->rows[i]));
    join_locations(trend);
    for (size_t i = 0; i < trend->row_count; i++) HS_TRY(fill_series(trend, trend->rows[i]));
    HS_TRY(hs_container_settle(trend));
    HS_TRY(hs_tree_settle(trend));
    HS_TRY(hs_share_settle(trend));
    return hs_links_settle(trend);
}
