#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/class_index.h"

#include <stdlib.h>

static int compare_keys(struct hs_snap_key a, struct hs_snap_key b) {
    if (a.high != b.high) return a.high < b.high ? -1 : 1;
    return a.low < b.low ? -1 : a.low > b.low;
}

static int64_t growth(const struct hs_trend_row *row) {
    return row->count_delta ? row->count_delta : row->bytes_delta;
}

static int compare_entries(const void *left, const void *right) {
    const struct hs_class_entry *a = left, *b = right;
    int order = compare_keys(a->key, b->key);
    if (order) return order;
    if (a->row->count_delta != b->row->count_delta) return a->row->count_delta > b->row->count_delta ? -1 : 1;
    if (growth(a->row) != growth(b->row)) return growth(a->row) > growth(b->row) ? -1 : 1;
    return hs_trend_location_compare(&a->row->location, &b->row->location);
}

struct hs_error *hs_class_index_create(const struct hs_trend *trend, struct hs_class_index *ret) {
    struct hs_class_entry *items = reallocarray(NULL, trend->row_count + 1, sizeof *items);
    if (!items) return HS_ENOMEM;
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < trend->row_count; i++) {
        const struct hs_trend_row *row = trend->rows[i];
        if (row->subject == HS_SUBJECT_CLASS)
            items[count++] = (struct hs_class_entry){row->key, row, row->count_delta};
    }
    qsort(items, count, sizeof *items, compare_entries);
    for (size_t i = 0; i < count; i++) {
        if (kept && !compare_keys(items[kept - 1].key, items[i].key))
            items[kept - 1].count_delta = hs_trend_sum(items[kept - 1].count_delta, items[i].count_delta);
        else items[kept++] = items[i];
    }
    *ret = (struct hs_class_index){items, kept};
    return NULL;
}

void hs_class_index_deinit(struct hs_class_index *index) {
    free(index->items);
    *index = (struct hs_class_index){0};
}

const struct hs_class_entry *hs_class_index_find(const struct hs_class_index *index, struct hs_snap_key key) {
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_keys(key, index->items[middle].key);
        if (!order) return &index->items[middle];
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return NULL;
}
