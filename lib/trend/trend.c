#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/gather.h"
#include "trend/container.h"
#include "trend/link.h"
#include "trend/share.h"
#include "trend/tree.h"

#include "base/script_name.h"
#include "snap/arena.h"

#include <stdlib.h>
#include <string.h>

int64_t hs_trend_sum(int64_t a, int64_t b) {
    if (a == HS_SNAP_NULL) return b;
    if (b == HS_SNAP_NULL) return a;
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return a < 0 ? -INT64_MAX : INT64_MAX;
    return sum;
}

struct hs_error *hs_trend_create(struct hs_trend **ret) {
    struct hs_trend *trend = calloc(1, sizeof *trend);
    if (!trend || !(trend->arena = hs_snap_arena_create())) {
        free(trend);
        return HS_ENOMEM;
    }
    *ret = trend;
    return NULL;
}

static void row_destroy(struct hs_trend_row *row) {
    free(row->values);
    free(row->counts);
    free(row->bytes);
    free(row);
}

void hs_trend_destroy(struct hs_trend *trend) {
    if (!trend) return;
    for (size_t i = 0; i < trend->row_count; i++) row_destroy(trend->rows[i]);
    free(trend->rows);
    free(trend->captures);
    hs_tree_destroy(trend->tree);
    hs_container_table_destroy(trend->containers);
    hs_share_table_destroy(trend->shares);
    hs_links_destroy(trend->edges);
    hs_links_destroy(trend->dominators);
    hs_findings_destroy(trend);
    hs_snap_arena_destroy(trend->arena);
    free(trend);
}

/* NULL stays NULL; false when there is no memory. */
static bool copy_text(struct hs_trend *trend, const char *text, const char **ret) {
    *ret = text ? hs_snap_arena_string(trend->arena, text, strlen(text)) : NULL;
    return !text || *ret;
}

static bool copy_texts(struct hs_trend *trend, const char **texts, size_t count, const char ***ret) {
    *ret = NULL;
    if (!count) return true;
    const char **copies = hs_snap_arena_alloc(trend->arena, count * sizeof *copies);
    for (size_t i = 0; copies && i < count; i++)
        if (!copy_text(trend, texts[i], &copies[i])) return false;
    *ret = copies;
    return copies;
}

/* The order in which rows are kept and classes are merged: native last, then key, then location. */
struct identity {
    enum hs_trend_subject subject;
    struct hs_snap_key key;
    const struct hs_snap_location *location;
    const char *name; /* of native memory */
};

/* A script that is loaded again under a fresh query is the same script. */
static int compare_scripts(const char *a, const char *b) {
    if (!strcmp(a, b)) return 0;
    size_t m = hs_script_name_stem(a), n = hs_script_name_stem(b);
    int order = memcmp(a, b, m < n ? m : n);
    return order ? order : (m > n) - (m < n);
}

int hs_trend_location_compare(const struct hs_snap_location *a, const struct hs_snap_location *b) {
    if (!a->script || !b->script) return !!a->script - !!b->script;
    int order = compare_scripts(a->script, b->script);
    if (order) return order;
    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    return a->column < b->column ? -1 : a->column > b->column;
}

static int compare_identity(const struct identity *a, const struct identity *b) {
    if (a->subject != b->subject) return a->subject < b->subject ? -1 : 1;
    if (a->subject == HS_SUBJECT_NATIVE) return strcmp(a->name, b->name);
    if (a->key.high != b->key.high) return a->key.high < b->key.high ? -1 : 1;
    if (a->key.low != b->key.low) return a->key.low < b->key.low ? -1 : 1;
    return hs_trend_location_compare(a->location, b->location);
}

static struct identity identity_of_row(const struct hs_trend_row *row) {
    return (struct identity){row->subject, row->key, &row->location, row->constructor};
}

/* One line of a snapshot on its way into a row. */
struct entry {
    struct identity identity;
    const struct hs_snap_class *class; /* NULL for native */
    struct hs_trend_value value;
};

static int compare_entries(const void *a, const void *b) {
    return compare_identity(&((const struct entry *)a)->identity, &((const struct entry *)b)->identity);
}

void hs_trend_value_add(struct hs_trend_value *sum, const struct hs_trend_value *value) {
    sum->count = hs_trend_sum(sum->count, value->count);
    sum->bytes = hs_trend_sum(sum->bytes, value->bytes);
    sum->reachable_count = hs_trend_sum(sum->reachable_count, value->reachable_count);
    sum->reachable_bytes = hs_trend_sum(sum->reachable_bytes, value->reachable_bytes);
    sum->retained_bytes = hs_trend_sum(sum->retained_bytes, value->retained_bytes);
}

/* Makes the values reach up to `count` captures; what is new is 0. */
static bool extend_values(struct hs_trend_row *row, size_t count) {
    if (count > row->value_capacity) {
        size_t capacity = row->value_capacity * 2 > count ? row->value_capacity * 2 : count;
        struct hs_trend_value *values = realloc(row->values, capacity * sizeof *values);
        if (!values) return false;
        row->values = values;
        row->value_capacity = capacity;
    }
    if (count > row->value_count)
        memset(row->values + row->value_count, 0, (count - row->value_count) * sizeof *row->values);
    if (count > row->value_count) row->value_count = count;
    return true;
}

static struct hs_trend_row *create_row(struct hs_trend *trend, const struct entry *entry) {
    struct hs_trend_row *row = calloc(1, sizeof *row);
    if (!row) return NULL;
    row->subject = entry->identity.subject;
    row->key = entry->identity.key;
    const struct hs_snap_class *class = entry->class;
    bool good;
    if (class) {
        row->location = class->location;
        row->property_count = class->properties_length;
        row->dictionary = class->dictionary;
        good = copy_text(trend, class->type, &row->type) &&
               copy_text(trend, class->constructor, &row->constructor) &&
               copy_text(trend, class->location.script, &row->location.script) &&
               copy_texts(trend, class->properties, class->properties_length, &row->properties);
        row->nature = good ? hs_trend_nature_of(row->type, row->constructor, row->location.script,
                                                row->property_count > 0)
                           : HS_NATURE_V8;
    } else {
        row->type = "native";
        row->nature = HS_NATURE_CONTENT;
        good = copy_text(trend, entry->identity.name, &row->constructor);
    }
    if (good) return row;
    row_destroy(row);
    return NULL;
}

/* The sample is the last capture's, whatever the order of the files. */
static bool is_later(const struct hs_trend *trend, size_t at, size_t than) {
    int64_t a = trend->captures[at].captured_at, b = trend->captures[than].captured_at;
    return a == HS_SNAP_NULL || b == HS_SNAP_NULL || a >= b;
}

/* Joins the entries of capture number `at`, sorted and unique, into the rows: both are in the order of
 * identity. */
static struct hs_error *merge_entries(struct hs_trend *trend, const struct entry *entries, size_t count,
                                      size_t at) {
    if (!count) return NULL;
    struct hs_trend_row **rows = reallocarray(NULL, trend->row_count + count, sizeof *rows);
    if (!rows) return HS_ENOMEM;
    size_t n = 0, old = 0;
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        int order = -1;
        while (old < trend->row_count) {
            struct identity identity = identity_of_row(trend->rows[old]);
            order = compare_identity(&entries[i].identity, &identity);
            if (order <= 0) break;
            rows[n++] = trend->rows[old++];
            order = -1;
        }
        struct hs_trend_row *row = order == 0 ? trend->rows[old++] : create_row(trend, &entries[i]);
        good = row;
        if (!good) break;
        rows[n++] = row;
        good = extend_values(row, at + 1);
        if (!good) break;
        row->values[at] = entries[i].value;
        if (entries[i].class && entries[i].class->sample &&
            (!row->sample || is_later(trend, at, row->sample_capture))) {
            row->sample = entries[i].class->sample;
            row->sample_capture = at;
        }
    }
    while (old < trend->row_count) rows[n++] = trend->rows[old++];
    free(trend->rows);
    trend->rows = rows;
    trend->row_count = n;
    return good ? NULL : HS_ENOMEM;
}

static struct hs_error *add_entries(struct hs_trend *trend, const struct hs_snap *snap, size_t at) {
    size_t count = snap->class_count + snap->native_count, n = 0;
    struct entry *entries = calloc(count ? count : 1, sizeof *entries);
    if (!entries) return HS_ENOMEM;
    static const struct hs_snap_location nowhere;
    for (size_t i = 0; i < snap->class_count; i++) {
        const struct hs_snap_class *class = &snap->classes[i];
        entries[n++] = (struct entry){{HS_SUBJECT_CLASS, class->key, &class->location, NULL},
                                      class,
                                      {class->count, class->bytes, class->reachable_count,
                                       class->reachable_bytes, class->retained_bytes}};
    }
    for (size_t i = 0; i < snap->native_count; i++) {
        const struct hs_snap_native *native = &snap->natives[i];
        int64_t counted = native->count == HS_SNAP_NULL ? 0 : native->count;
        int64_t bytes = native->bytes == HS_SNAP_NULL ? 0 : native->bytes;
        entries[n++] = (struct entry){{HS_SUBJECT_NATIVE, {0, 0}, &nowhere, native->name},
                                      NULL,
                                      {counted, bytes, counted, bytes, HS_SNAP_NULL}};
    }
    qsort(entries, n, sizeof *entries, compare_entries);
    size_t kept = 0;
    for (size_t i = 1; i < n; i++) {
        if (compare_entries(&entries[kept], &entries[i])) entries[++kept] = entries[i];
        else hs_trend_value_add(&entries[kept].value, &entries[i].value);
    }
    struct hs_error *error = merge_entries(trend, entries, n ? kept + 1 : 0, at);
    free(entries);
    return error;
}

struct hs_error *hs_trend_add(struct hs_trend *trend, const struct hs_snap *snap) {
    struct hs_trend_capture *captures =
        reallocarray(trend->captures, trend->capture_count + 1, sizeof *captures);
    if (!captures) return HS_ENOMEM;
    trend->captures = captures;
    struct hs_trend_capture *c = &captures[trend->capture_count];
    const struct hs_snap_header *h = &snap->header;
    *c = (struct hs_trend_capture){.pid = h->pid,
                                   .captured_at = h->captured_at,
                                   .digest = snap->trailer.digest,
                                   .complete = snap->trailer.complete,
                                   .given = trend->capture_count,
                                   .knows_reachable = snap->class_count > 0};
    for (size_t i = 0; i < snap->class_count; i++) {
        const struct hs_snap_class *class = &snap->classes[i];
        c->count = hs_trend_sum(c->count, class->count);
        c->bytes = hs_trend_sum(c->bytes, class->bytes);
        c->reachable_bytes = hs_trend_sum(c->reachable_bytes, class->reachable_bytes);
        if (class->reachable_count == HS_SNAP_NULL || class->reachable_bytes == HS_SNAP_NULL)
            c->knows_reachable = false;
    }
    if (!c->knows_reachable) c->reachable_bytes = HS_SNAP_NULL;
    if (!copy_text(trend, h->source, &c->source) || !copy_text(trend, h->node, &c->node) ||
        !copy_text(trend, h->v8, &c->v8) || !copy_text(trend, h->build_id, &c->build_id) ||
        !copy_text(trend, h->format, &c->format) ||
        !copy_texts(trend, snap->trailer.reasons, snap->trailer.reasons_length, &c->reasons))
        return HS_ENOMEM;
    c->reason_count = snap->trailer.reasons_length;
    HS_TRY(hs_tree_add(trend, snap, trend->capture_count));
    HS_TRY(hs_container_add(trend, snap, trend->capture_count));
    HS_TRY(hs_links_add(trend, snap, trend->capture_count));
    return add_entries(trend, snap, trend->capture_count++);
}
