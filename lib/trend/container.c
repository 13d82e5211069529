#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/container.h"

#include "base/strbuf.h"
#include "snap/arena.h"
#include <stdlib.h>
#include <string.h>

void hs_container_table_destroy(struct hs_container_table *table) {
    if (!table) return;
    for (size_t i = 0; i < table->count; i++) {
        free(table->items[i].entries);
        free(table->items[i].retained);
    }
    free(table->items);
    free(table);
}

void hs_container_put_place(struct hs_strbuf *out, const char *path) {
    for (const char *mark; (mark = strstr(path, "...")); path = mark + 3)
        hs_strbuf_append(out, path, (size_t)(mark - path));
    hs_strbuf_puts(out, path);
}

static int compare_place(const char *a_place, struct hs_snap_key a, const char *b_place,
                         struct hs_snap_key b) {
    if (a.high != b.high) return a.high < b.high ? -1 : 1;
    if (a.low != b.low) return a.low < b.low ? -1 : 1;
    return strcmp(a_place, b_place);
}

static int compare_series(const void *left, const void *right) {
    const struct hs_container_series *a = left, *b = right;
    int order = compare_place(a->place, a->class, b->place, b->class);
    if (order) return order;
    if (a->sample_capture != b->sample_capture) return a->sample_capture < b->sample_capture ? -1 : 1;
    if (a->listed != b->listed) return a->listed > b->listed ? -1 : 1;
    return a->sample < b->sample ? -1 : a->sample > b->sample;
}

/* Every line is a series of its own until the table is settled. */
struct hs_error *hs_container_add(struct hs_trend *trend, const struct hs_snap *snap, size_t at) {
    if (!trend->containers && !(trend->containers = calloc(1, sizeof *trend->containers))) return HS_ENOMEM;
    struct hs_container_table *table = trend->containers;
    if (table->count + snap->container_count > table->capacity) {
        size_t capacity = 2 * (table->count + snap->container_count);
        struct hs_container_series *items = reallocarray(table->items, capacity, sizeof *items);
        if (!items) return HS_ENOMEM;
        table->items = items;
        table->capacity = capacity;
    }
    for (size_t i = 0; i < snap->container_count; i++) {
        const struct hs_snap_container *line = &snap->containers[i];
        HS_STRBUF_AUTO place = HS_STRBUF_INIT;
        if (!line->path || line->entries == HS_SNAP_NULL) continue;
        hs_container_put_place(&place, line->path);
        HS_TRY(hs_strbuf_error(&place));
        struct hs_container_series *item = &table->items[table->count];
        *item = (struct hs_container_series){.class = line->class,
                                             .sample = line->address,
                                             .sample_capture = at,
                                             .listed = line->entries,
                                             .listed_retained = line->retained_bytes};
        if (!(item->place = hs_snap_arena_string(trend->arena, place.data, place.size)) ||
            (line->keys &&
             !(item->keys = hs_snap_arena_string(trend->arena, line->keys, strlen(line->keys)))))
            return HS_ENOMEM;
        table->count++;
    }
    return NULL;
}

struct hs_error *hs_container_settle(struct hs_trend *trend) {
    struct hs_container_table *table = trend->containers;
    size_t n = trend->capture_count, kept = 0;
    if (!table || !table->count) return NULL;
    size_t *place_of = reallocarray(NULL, n, sizeof *place_of);
    if (!place_of) return HS_ENOMEM;
    for (size_t k = 0; k < n; k++) place_of[trend->captures[k].given] = k;
    for (size_t i = 0; i < table->count; i++)
        table->items[i].sample_capture = place_of[table->items[i].sample_capture];
    free(place_of);
    qsort(table->items, table->count, sizeof *table->items, compare_series);
    size_t end, count = table->count;
    table->count = 0;
    for (size_t first = 0; first < count; first = end, kept++) {
        struct hs_container_series merged = table->items[first];
        for (end = first; end < count; end++)
            if (compare_place(table->items[first].place, table->items[first].class, table->items[end].place,
                              table->items[end].class))
                break;
        merged.entries = reallocarray(NULL, n, sizeof *merged.entries);
        merged.retained = reallocarray(NULL, n, sizeof *merged.retained);
        table->items[kept] = merged;
        table->count = kept + 1; /* from here on it is freed with the table */
        if (!merged.entries || !merged.retained) return HS_ENOMEM;
        for (size_t k = 0; k < n; k++) merged.entries[k] = merged.retained[k] = HS_SNAP_NULL;
        for (size_t i = first; i < end; i++) {
            const struct hs_container_series *line = &table->items[i];
            int64_t *entries = &merged.entries[line->sample_capture];
            int64_t *retained = &merged.retained[line->sample_capture];
            *entries = hs_trend_sum(*entries, line->listed);
            *retained = hs_trend_sum(*retained, line->listed_retained);
            /* The first line of a capture is its largest. */
            if (line->sample_capture == merged.sample_capture) continue;
            merged.sample = line->sample;
            merged.sample_capture = line->sample_capture;
            merged.keys = line->keys;
        }
        table->items[kept] = merged;
    }
    return NULL;
}

const struct hs_container_series *hs_container_find(const struct hs_trend *trend, const char *place,
                                                    struct hs_snap_key class) {
    const struct hs_container_table *table = trend->containers;
    size_t low = 0, high = table ? table->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct hs_container_series *item = &table->items[middle];
        int order = compare_place(place, class, item->place, item->class);
        if (!order) return item;
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return NULL;
}
