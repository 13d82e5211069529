#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/baseline.h"

#include "base/escape.h"
#include "snap/fields.h"
#include "snap/infile.h"
#include "snap/time.h"
#include "trend/history.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BASELINE_LINE_MAX = 64 << 20 };
static const char SCHEMA[] = "heapdiff.result/1";

struct reading {
    struct hs_infile *file;
    struct hs_baseline *baseline;
    size_t capacity, class_capacity;
    double hours; /* from the first to the last capture; NAN */
    bool begun;   /* a header has been read */
};

void hs_baseline_destroy(struct hs_baseline *baseline) {
    if (!baseline) return;
    hs_snap_arena_destroy(baseline->arena);
    free(baseline->entries);
    free(baseline->classes);
    free(baseline);
}

static int64_t time_of(const json_t *snapshot) {
    const json_t *value = json_object_get(snapshot, "captured_at");
    int64_t ms;
    return json_is_string(value) && hs_snap_time_parse(json_string_value(value), &ms) ? ms : HS_SNAP_NULL;
}

static struct hs_error *read_header(struct reading *r, const json_t *line) {
    const json_t *schema = json_object_get(line, "schema"), *snapshots = json_object_get(line, "snapshots");
    const char *name = json_is_string(schema) ? json_string_value(schema) : "";
    size_t length = sizeof SCHEMA - 1;
    if (!strncmp(name, "heapscan.snapshot/", 18))
        return hs_error_create(HS_ERROR_FORMAT,
                               "this is a snapshot, but a baseline is a result: make one with `heapdiff "
                               "--write-baseline FILE`; to compare with a snapshot, give it first among the "
                               "files");
    if (strncmp(name, SCHEMA, length) || (name[length] && name[length] != '.'))
        return hs_error_create(HS_ERROR_FORMAT, "the header's schema is not %s: this is no baseline", SCHEMA);
    size_t count = json_array_size(snapshots);
    int64_t first = count ? time_of(json_array_get(snapshots, 0)) : HS_SNAP_NULL;
    int64_t last = count ? time_of(json_array_get(snapshots, count - 1)) : HS_SNAP_NULL;
    bool timed = first != HS_SNAP_NULL && last != HS_SNAP_NULL && last > first;
    r->hours = timed ? (double)(last - first) / 3600000 : NAN;
    r->begun = true;
    return NULL;
}

static double number_of(const json_t *line, const char *name, double missing) {
    const json_t *value = json_object_get(line, name);
    return json_is_number(value) ? json_number_value(value) : missing;
}

static struct hs_error *add_class(struct reading *r, const json_t *object, bool native,
                                  const char *constructor) {
    struct hs_baseline *b = r->baseline;
    const json_t *key = json_object_get(object, "key");
    struct hs_baseline_class class = {.native = native,
                                      .bytes = fmax(number_of(object, "bytes_delta", 0), 0)};
    if (native) class.key = hs_history_native_key(constructor);
    else if (!json_is_string(key) || !hs_snap_key_parse(json_string_value(key), &class.key)) return NULL;
    if (b->class_count == r->class_capacity) {
        size_t capacity = r->class_capacity ? 2 * r->class_capacity : 64;
        struct hs_baseline_class *classes = reallocarray(b->classes, capacity, sizeof *classes);
        if (!classes) return HS_ENOMEM;
        b->classes = classes;
        r->class_capacity = capacity;
    }
    b->classes[b->class_count++] = class;
    return NULL;
}

/* The class of a growth or change line, and those that grew with it. */
static struct hs_error *read_classes(struct reading *r, const json_t *line, const char *constructor) {
    const json_t *subject = json_object_get(line, "subject"), *parts = json_object_get(line, "parts");
    bool native = json_is_string(subject) && !strcmp(json_string_value(subject), "native");
    HS_TRY(add_class(r, line, native, constructor));
    for (size_t i = 0; i < json_array_size(parts); i++)
        HS_TRY(add_class(r, json_array_get(parts, i), false, ""));
    return NULL;
}

static struct hs_error *read_change(struct reading *r, json_t *line) {
    struct hs_snap_fields f = {.line = line, .arena = r->baseline->arena, .kind = "change"};
    const char *constructor = hs_snap_field_string(&f, "constructor", HS_SNAP_OPTIONAL);
    HS_TRY(hs_snap_fields_error(&f));
    return read_classes(r, line, constructor ? constructor : "");
}

static struct hs_error *read_growth(struct reading *r, json_t *line) {
    struct hs_snap_fields f = {.line = line, .arena = r->baseline->arena, .kind = "growth"};
    struct hs_baseline_entry entry = {.fingerprint = hs_snap_field_key(&f, "fingerprint"),
                                      .constructor =
                                          hs_snap_field_string(&f, "constructor", HS_SNAP_OPTIONAL)};
    HS_TRY(hs_snap_fields_error(&f));
    double steps = number_of(line, "steps", 1);
    double bytes = number_of(line, "held_delta", number_of(line, "bytes_delta", 0));
    entry.per_step = bytes / (steps >= 1 ? steps : 1);
    entry.per_hour = bytes / r->hours;
    if (!entry.constructor) entry.constructor = "";
    struct hs_baseline *b = r->baseline;
    if (b->count == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 64;
        struct hs_baseline_entry *entries = reallocarray(b->entries, capacity, sizeof *entries);
        if (!entries) return HS_ENOMEM;
        b->entries = entries;
        r->capacity = capacity;
    }
    b->entries[b->count++] = entry;
    return read_classes(r, line, entry.constructor);
}

static void json_cleanup(json_t **json) {
    json_decref(*json);
}

static struct hs_error *read_line(struct reading *r, const char *text, size_t size) {
    json_error_t problem;
    json_t *line __attribute__((cleanup(json_cleanup))) = json_loadb(text, size, JSON_ALLOW_NUL, &problem);
    const json_t *kind = json_object_get(line, "kind");
    if (!line && json_error_code(&problem) == json_error_out_of_memory) return HS_ENOMEM;
    if (!json_is_string(kind))
        return hs_error_create(HS_ERROR_FORMAT, "not a line of heapdiff's NDJSON: make a baseline with "
                                                "`heapdiff --write-baseline FILE`");
    if (!strcmp(json_string_value(kind), "header")) return read_header(r, line);
    if (!r->begun)
        return hs_error_create(HS_ERROR_FORMAT, "a line before the header: this is no baseline, or a part of "
                                                "one");
    if (!strcmp(json_string_value(kind), "change")) return read_change(r, line);
    return strcmp(json_string_value(kind), "growth") ? NULL : read_growth(r, line);
}

static int by_fingerprint(const void *left, const void *right) {
    const struct hs_baseline_entry *a = left, *b = right;
    if (a->fingerprint.high != b->fingerprint.high) return a->fingerprint.high < b->fingerprint.high ? -1 : 1;
    return a->fingerprint.low < b->fingerprint.low ? -1 : a->fingerprint.low > b->fingerprint.low;
}

static int by_class(const void *left, const void *right) {
    const struct hs_baseline_class *a = left, *b = right;
    if (a->native != b->native) return a->native ? 1 : -1;
    if (a->key.high != b->key.high) return a->key.high < b->key.high ? -1 : 1;
    return a->key.low < b->key.low ? -1 : a->key.low > b->key.low;
}

/* Sorts, and keeps of equal ones the most bytes. */
static void settle_classes(struct hs_baseline *b) {
    size_t kept = 0;
    if (!b->class_count) return;
    qsort(b->classes, b->class_count, sizeof *b->classes, by_class);
    for (size_t i = 1; i < b->class_count; i++) {
        if (by_class(&b->classes[kept], &b->classes[i])) b->classes[++kept] = b->classes[i];
        else b->classes[kept].bytes = fmax(b->classes[kept].bytes, b->classes[i].bytes);
    }
    b->class_count = kept + 1;
}

/* Sorts, and keeps of equal ones the fastest speeds. */
static void settle(struct hs_baseline *b) {
    size_t kept = 0;
    if (!b->count) return;
    qsort(b->entries, b->count, sizeof *b->entries, by_fingerprint);
    for (size_t i = 1; i < b->count; i++) {
        struct hs_baseline_entry *entry = &b->entries[i], *last = &b->entries[kept];
        if (by_fingerprint(last, entry)) {
            b->entries[++kept] = *entry;
            continue;
        }
        last->per_step = fmax(last->per_step, entry->per_step);
        last->per_hour = fmax(last->per_hour, entry->per_hour);
    }
    b->count = kept + 1;
}

static struct hs_error *read_all(struct reading *r) {
    const char *text;
    size_t size;
    for (;;) {
        HS_TRY(hs_infile_line(r->file, BASELINE_LINE_MAX, &text, &size));
        if (!size) break;
        struct hs_error *error = read_line(r, text, size);
        if (error)
            return hs_error_prefix(error, "%s: line %" PRIu64, hs_infile_name(r->file),
                                   hs_infile_line_number(r->file));
    }
    if (!r->begun)
        return hs_error_create(HS_ERROR_FORMAT,
                               "%s is empty: make a baseline with `heapdiff --write-baseline "
                               "FILE`",
                               hs_infile_name(r->file));
    settle(r->baseline);
    settle_classes(r->baseline);
    return NULL;
}

/* Takes the file. */
static struct hs_error *read_file(struct hs_infile *file, struct hs_baseline **ret) {
    struct reading r = {.file = file, .baseline = calloc(1, sizeof *r.baseline), .hours = NAN};
    if (r.baseline) r.baseline->arena = hs_snap_arena_create();
    struct hs_error *error = r.baseline && r.baseline->arena ? read_all(&r) : HS_ENOMEM;
    hs_infile_close(file);
    if (error) hs_baseline_destroy(r.baseline);
    else *ret = r.baseline;
    return error;
}

struct hs_error *hs_baseline_load(const char *path, struct hs_baseline **ret) {
    struct hs_infile *file;
    HS_TRY(hs_infile_open(path, &file));
    return read_file(file, ret);
}

struct hs_error *hs_baseline_read(FILE *stream, const char *name, struct hs_baseline **ret) {
    struct hs_infile *file;
    HS_TRY(hs_infile_wrap(stream, name, &file));
    return read_file(file, ret);
}

struct hs_baseline_entry *hs_baseline_match(struct hs_baseline *baseline, const struct hs_finding *finding) {
    struct hs_baseline_entry key = {0};
    if (!baseline->count || !hs_snap_key_parse(finding->fingerprint, &key.fingerprint)) return NULL;
    struct hs_baseline_entry *entry =
        bsearch(&key, baseline->entries, baseline->count, sizeof key, by_fingerprint);
    if (entry) entry->matched++;
    return entry;
}

bool hs_baseline_is_faster(const struct hs_baseline_entry *entry, const struct hs_trend *trend,
                           const struct hs_finding *finding) {
    size_t last = trend->capture_count - 1;
    double grown = (double)finding->held_delta, before = entry->per_step * (double)last;
    if (trend->timed && !isnan(entry->per_hour)) {
        int64_t ms = trend->captures[last].captured_at - trend->captures[0].captured_at;
        before = entry->per_hour * (double)ms / 3600000;
    }
    before = fmax(before, 0);
    return grown > HS_BASELINE_FASTER * before && grown - before >= HS_JUDGE_CONTENT_MIN_BYTES;
}

const struct hs_baseline_class *hs_baseline_find_class(const struct hs_baseline *baseline, bool native,
                                                       struct hs_snap_key key) {
    const struct hs_baseline_class wanted = {.key = key, .native = native};
    if (!baseline->class_count) return NULL;
    return bsearch(&wanted, baseline->classes, baseline->class_count, sizeof wanted, by_class);
}

bool hs_baseline_is_higher(const struct hs_baseline_class *known, int64_t bytes) {
    double grown = (double)bytes;
    return grown > HS_BASELINE_FASTER * known->bytes && grown - known->bytes >= HS_JUDGE_CONTENT_MIN_BYTES;
}

size_t hs_baseline_count_gone(const struct hs_baseline *baseline) {
    size_t gone = 0;
    for (size_t i = 0; i < baseline->count; i++) gone += !baseline->entries[i].matched;
    return gone;
}
