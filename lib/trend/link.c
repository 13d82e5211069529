#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/link.h"

#include "snap/arena.h"
#include <stdlib.h>
#include <string.h>

/* A list of so many rows may be cut (group/holdings.h). */
enum { CUT = 2000 };

void hs_links_destroy(struct hs_links *links) {
    if (!links) return;
    free(links->items);
    free(links->series);
    free(links->floors);
    free(links);
}

static struct hs_error *make_room(struct hs_links **links, size_t count) {
    if (!*links && !(*links = calloc(1, sizeof **links))) return HS_ENOMEM;
    struct hs_links *l = *links;
    if (l->count + count > l->capacity) {
        size_t capacity = 2 * (l->count + count);
        struct hs_link *items = reallocarray(l->items, capacity, sizeof *items);
        if (!items) return HS_ENOMEM;
        l->items = items;
        l->capacity = capacity;
    }
    return NULL;
}

/* What a capture lists; `lines` of them. Captures before it that list nothing have no floor. */
static struct hs_error *note_capture(struct hs_links *links, size_t at, size_t lines, int64_t least) {
    int64_t *floors = reallocarray(links->floors, at + 1, sizeof *floors);
    if (!floors) return HS_ENOMEM;
    for (size_t k = links->floor_count; k <= at; k++) floors[k] = 0;
    floors[at] = lines >= CUT ? least : 0;
    links->floors = floors;
    links->floor_count = at + 1;
    links->captures++;
    return NULL;
}

static struct hs_error *add_edges(struct hs_trend *trend, const struct hs_snap *snap, size_t at) {
    int64_t least = INT64_MAX;
    if (!snap->edge_count) return NULL;
    HS_TRY(make_room(&trend->edges, snap->edge_count));
    for (size_t i = 0; i < snap->edge_count; i++) {
        const struct hs_snap_edge *e = &snap->edges[i];
        struct hs_link *item = &trend->edges->items[trend->edges->count];
        *item = (struct hs_link){.from = e->from, .to = e->to, .count = e->count, .capture = at};
        if (!(item->name = hs_snap_arena_string(trend->arena, e->name, strlen(e->name)))) return HS_ENOMEM;
        trend->edges->count++;
        if (e->count < least) least = e->count;
    }
    return note_capture(trend->edges, at, snap->edge_count, least);
}

static struct hs_error *add_dominators(struct hs_trend *trend, const struct hs_snap *snap, size_t at) {
    if (!snap->dominator_count) return NULL;
    HS_TRY(make_room(&trend->dominators, snap->dominator_count));
    for (size_t i = 0; i < snap->dominator_count; i++) {
        const struct hs_snap_dominator *d = &snap->dominators[i];
        trend->dominators->items[trend->dominators->count++] = (struct hs_link){
            .from = d->by, .to = d->class, .name = "", .count = d->count, .bytes = d->bytes, .capture = at};
    }
    return note_capture(trend->dominators, at, 0, 0);
}

struct hs_error *hs_links_add(struct hs_trend *trend, const struct hs_snap *snap, size_t at) {
    HS_TRY(add_edges(trend, snap, at));
    return add_dominators(trend, snap, at);
}

static int compare_keys(struct hs_snap_key a, struct hs_snap_key b) {
    if (a.high != b.high) return a.high < b.high ? -1 : 1;
    return a.low < b.low ? -1 : a.low > b.low;
}

static int compare_links(const void *left, const void *right) {
    const struct hs_link *a = left, *b = right;
    int order = compare_keys(a->to, b->to);
    if (!order) order = compare_keys(a->from, b->from);
    return order ? order : strcmp(a->name, b->name);
}

static struct hs_error *settle(const struct hs_trend *trend, struct hs_links **links) {
    struct hs_links *l = *links;
    size_t n = trend->capture_count, kept = 0, end;
    if (!l) return NULL;
    if (l->captures < n || !trend->reachable) {
        hs_links_destroy(l);
        *links = NULL;
        return NULL;
    }
    size_t *place_of = reallocarray(NULL, n, sizeof *place_of);
    l->series = reallocarray(NULL, l->count * n, 2 * sizeof *l->series);
    if (!place_of || !l->series) {
        free(place_of);
        return HS_ENOMEM;
    }
    for (size_t k = 0; k < n; k++) place_of[trend->captures[k].given] = k;
    qsort(l->items, l->count, sizeof *l->items, compare_links);
    for (size_t first = 0; first < l->count; first = end, kept++) {
        struct hs_link merged = l->items[first];
        merged.counts = l->series + 2 * n * kept;
        merged.sizes = merged.counts + n;
        for (size_t k = 0; k < n; k++) merged.counts[k] = -1; /* not listed */
        memset(merged.sizes, 0, n * sizeof *merged.sizes);
        for (end = first; end < l->count && !compare_links(&merged, &l->items[end]); end++) {
            size_t k = place_of[l->items[end].capture];
            if (merged.counts[k] < 0) merged.counts[k] = 0;
            merged.counts[k] = hs_trend_sum(merged.counts[k], l->items[end].count);
            merged.sizes[k] = hs_trend_sum(merged.sizes[k], l->items[end].bytes);
        }
        for (size_t k = 0; k < n; k++)
            if (merged.counts[k] < 0) merged.counts[k] = l->floors[trend->captures[k].given];
        l->items[kept] = merged;
    }
    l->count = kept;
    free(place_of);
    return NULL;
}

struct hs_error *hs_links_settle(struct hs_trend *trend) {
    HS_TRY(settle(trend, &trend->edges));
    return settle(trend, &trend->dominators);
}

void hs_links_to(const struct hs_links *links, struct hs_snap_key to, size_t *first_ret, size_t *end_ret) {
    size_t low = 0, high = links->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_keys(links->items[middle].to, to) < 0) low = middle + 1;
        else high = middle;
    }
    *first_ret = low;
    while (low < links->count && !compare_keys(links->items[low].to, to)) low++;
    *end_ret = low;
}
