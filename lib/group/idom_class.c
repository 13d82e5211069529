#include "group/idom_class.h"

#include <stdlib.h>

enum { ROW_LIMIT = 1 << 18 };

struct rows {
    struct hs_idom_class *items;
    uint32_t count, capacity;
    uint32_t *slots; /* open addressing: index + 1; twice ROW_LIMIT */
    struct hs_idom_class rest;
};

/* The row of two classes, made if need be; NULL without memory. */
static struct hs_idom_class *find_row(struct rows *rows, uint32_t by, uint32_t class) {
    uint64_t at = hs_address_mix((uint64_t)by << 32 | class);
    for (;; at++) {
        uint32_t found = rows->slots[at &= 2 * ROW_LIMIT - 1];
        if (!found) break;
        struct hs_idom_class *row = &rows->items[found - 1];
        if (row->by == by && row->class == class) return row;
    }
    if (rows->count == ROW_LIMIT) return &rows->rest;
    if (rows->count == rows->capacity) {
        uint32_t capacity = rows->capacity ? 2 * rows->capacity : 1024;
        struct hs_idom_class *items = realloc(rows->items, capacity * sizeof *items);
        if (!items) return NULL;
        rows->items = items;
        rows->capacity = capacity;
    }
    rows->items[rows->count] = (struct hs_idom_class){.by = by, .class = class};
    rows->slots[at] = ++rows->count;
    return &rows->items[rows->count - 1];
}

static int by_bytes(const void *x, const void *y) {
    const struct hs_idom_class *a = x, *b = y;
    if (a->bytes != b->bytes) return a->bytes > b->bytes ? -1 : 1;
    if (a->by != b->by) return a->by < b->by ? -1 : 1;
    return a->class < b->class ? -1 : a->class > b->class;
}

static bool fill(const struct hs_analysis *a, struct rows *rows) {
    const struct hs_dominators *d = a->dominators;
    for (uint32_t number = 1; number <= d->count; number++) {
        uint32_t idom = d->idom[number];
        uint32_t by = idom ? a->class_of[d->vertex[idom]] : UINT32_MAX;
        struct hs_idom_class *row = find_row(rows, by, a->class_of[d->vertex[number]]);
        if (!row) return false;
        row->count++;
        row->bytes += hs_analysis_size(a, d->vertex[number]);
    }
    return true;
}

struct hs_error *hs_idom_classes_create(const struct hs_analysis *a, uint32_t limit,
                                        struct hs_idom_class **ret, size_t *count_ret) {
    struct rows rows = {.rest = {.by = UINT32_MAX, .class = UINT32_MAX},
                        .slots = calloc((size_t)2 * ROW_LIMIT, sizeof *rows.slots)};
    bool good = rows.slots && fill(a, &rows);
    free(rows.slots);
    struct hs_idom_class *items = good ? realloc(rows.items, ((size_t)rows.count + 1) * sizeof *items) : NULL;
    if (!items) {
        free(rows.items);
        return HS_ENOMEM;
    }
    qsort(items, rows.count, sizeof *items, by_bytes);
    size_t kept = 0;
    for (size_t i = 0; i < rows.count; i++) {
        bool apart = items[i].by != UINT32_MAX || items[i].class != UINT32_MAX;
        if (kept < limit && apart) {
            items[kept++] = items[i];
            continue;
        }
        rows.rest.count += items[i].count;
        rows.rest.bytes += items[i].bytes;
    }
    if (rows.rest.count) items[kept++] = rows.rest;
    *ret = items;
    *count_ret = kept;
    return NULL;
}
