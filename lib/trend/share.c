#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/share.h"

#include "base/strbuf.h"
#include "snap/arena.h"
#include "trend/container.h"
#include <stdlib.h>
#include <string.h>

void hs_share_table_destroy(struct hs_share_table *table) {
    if (!table) return;
    free(table->rows);
    free(table->series);
    free(table);
}

static struct hs_error *create_table(struct hs_trend *trend) {
    if (!trend->shares) trend->shares = calloc(1, sizeof *trend->shares);
    return trend->shares ? NULL : HS_ENOMEM;
}

struct hs_error *hs_share_announce(struct hs_trend *trend) {
    HS_TRY(create_table(trend));
    trend->shares->captures++;
    return NULL;
}

static int compare_holders(const void *left, const void *right) {
    const struct hs_share_holder *a = left, *b = right;
    int order = strcmp(a->place, b->place);
    return order ? order : strcmp(a->edge, b->edge);
}

struct hs_error *hs_share_add(struct hs_trend *trend, const struct hs_snap_shared *line, size_t node,
                              size_t at) {
    HS_TRY(create_table(trend));
    struct hs_share_table *table = trend->shares;
    if (table->count == table->capacity) {
        size_t capacity = table->capacity ? 2 * table->capacity : 256;
        struct hs_share_row *rows = reallocarray(table->rows, capacity, sizeof *rows);
        if (!rows) return HS_ENOMEM;
        table->rows = rows;
        table->capacity = capacity;
    }
    struct hs_share_row row = {.node = node, .count = line->count, .capture = at};
    for (size_t i = 0; i < line->from_length && row.holder_count < HS_SHARE_HOLDERS; i++) {
        if (!strncmp(line->from[i], "...", 3)) continue; /* too deep: its beginning is not told */
        HS_STRBUF_AUTO place = HS_STRBUF_INIT;
        hs_container_put_place(&place, line->from[i]);
        HS_TRY(hs_strbuf_error(&place));
        struct hs_share_holder *holder = &row.holders[row.holder_count++];
        holder->place = hs_snap_arena_string(trend->arena, place.data, place.size);
        holder->edge = hs_snap_arena_string(trend->arena, line->edges[i], strlen(line->edges[i]));
        if (!holder->place || !holder->edge) return HS_ENOMEM;
    }
    qsort(row.holders, row.holder_count, sizeof *row.holders, compare_holders);
    table->rows[table->count++] = row;
    return NULL;
}

static int compare_sets(const struct hs_share_row *a, const struct hs_share_row *b) {
    if (a->node != b->node) return a->node < b->node ? -1 : 1;
    if (a->holder_count != b->holder_count) return a->holder_count < b->holder_count ? -1 : 1;
    for (size_t i = 0; i < a->holder_count; i++) {
        int order = compare_holders(&a->holders[i], &b->holders[i]);
        if (order) return order;
    }
    return 0;
}

static int compare_rows(const void *left, const void *right) {
    const struct hs_share_row *a = left, *b = right;
    int order = compare_sets(a, b);
    if (order) return order;
    if (a->capture != b->capture) return a->capture < b->capture ? -1 : 1;
    return a->count < b->count ? -1 : a->count > b->count;
}

struct hs_error *hs_share_settle(struct hs_trend *trend) {
    struct hs_share_table *table = trend->shares;
    size_t n = trend->capture_count, kept = 0, end;
    if (!table) return NULL;
    if (table->captures < n || !trend->tree) {
        hs_share_table_destroy(table);
        trend->shares = NULL;
        return NULL;
    }
    if (!table->count) return NULL;
    size_t *place_of = reallocarray(NULL, n, sizeof *place_of);
    table->series = reallocarray(NULL, table->count * n, sizeof *table->series);
    if (!place_of || !table->series) {
        free(place_of);
        return HS_ENOMEM;
    }
    for (size_t k = 0; k < n; k++) place_of[trend->captures[k].given] = k;
    qsort(table->rows, table->count, sizeof *table->rows, compare_rows);
    for (size_t first = 0; first < table->count; first = end, kept++) {
        struct hs_share_row merged = table->rows[first];
        merged.counts = table->series + kept * n;
        memset(merged.counts, 0, n * sizeof *merged.counts);
        for (end = first; end < table->count && !compare_sets(&merged, &table->rows[end]); end++) {
            int64_t *count = &merged.counts[place_of[table->rows[end].capture]];
            *count = hs_trend_sum(*count, table->rows[end].count);
        }
        table->rows[kept] = merged;
    }
    table->count = kept;
    free(place_of);
    return NULL;
}
