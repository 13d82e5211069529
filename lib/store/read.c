#define _GNU_SOURCE 1 /* reallocarray */
#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

/* One class in one capture, and later in one night. */
struct entry {
    int64_t class;
    size_t night;
    int64_t count, bytes;
};

struct reading {
    const struct hs_sql *sql;
    struct hs_history *history;
    struct entry *entries;
    size_t count, capacity;
    int64_t *scratch; /* values of one class over the captures of a night */
};

static int by_class(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    if (a->class != b->class) return a->class < b->class ? -1 : 1;
    return a->night < b->night ? -1 : a->night > b->night;
}

static int by_number(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

/* The median; of an even number the lower one. */
static int64_t median(int64_t *values, size_t count) {
    qsort(values, count, sizeof *values, by_number);
    return values[(count - 1) / 2];
}

static struct hs_error *append(struct reading *r, struct entry entry) {
    if (r->count == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 8192;
        struct entry *entries = reallocarray(r->entries, capacity, sizeof *entries);
        if (!entries) return HS_ENOMEM;
        r->entries = entries;
        r->capacity = capacity;
    }
    r->entries[r->count++] = entry;
    return NULL;
}

/* From `first` on, the entries are those of the captures of one night: makes them one a class. */
static struct hs_error *fold_night(struct reading *r, size_t first, size_t captures) {
    int64_t *values = reallocarray(r->scratch, 2 * captures + 2, sizeof *values);
    if (!values) return HS_ENOMEM;
    r->scratch = values;
    if (r->count > first) qsort(r->entries + first, r->count - first, sizeof *r->entries, by_class);
    size_t kept = first;
    for (size_t i = first, end; i < r->count; i = end) {
        struct entry entry = r->entries[i];
        memset(values, 0, 2 * captures * sizeof *values); /* captures without the class have none of it */
        for (end = i; end < r->count && r->entries[end].class == entry.class && end - i < captures; end++) {
            values[end - i] = r->entries[end].count;
            values[captures + end - i] = r->entries[end].bytes;
        }
        entry.count = median(values, captures);
        entry.bytes = median(values + captures, captures);
        r->entries[kept++] = entry;
    }
    r->count = kept;
    return NULL;
}

static struct hs_error *read_snapshot(struct reading *r, sqlite3_stmt *values, int64_t snapshot,
                                      size_t night) {
    bool row, failed = false;
    struct hs_error *error;
    bool reachable = r->history->reachable;
    hs_sql_bind(values, 1, snapshot, &failed);
    if (failed) return HS_ENOMEM;
    while (!(error = hs_sql_step(r->sql, values, &row)) && row) {
        struct entry entry = {.class = sqlite3_column_int64(values, 0),
                              .night = night,
                              .count = sqlite3_column_int64(values, reachable ? 3 : 1),
                              .bytes = sqlite3_column_int64(values, reachable ? 4 : 2)};
        if (entry.count < 0) entry.count = 0;
        if (entry.bytes < 0) entry.bytes = 0;
        HS_TRY(append(r, entry));
    }
    return error;
}

/* Of a night that has complete captures, only these count. */
static struct hs_error *read_values(struct reading *r) {
    HS_STATEMENT *snapshots = NULL, *values = NULL;
    HS_TRY(
        hs_sql_prepare(r->sql, "SELECT id, complete FROM snapshot WHERE night = ?1 ORDER BY id", &snapshots));
    HS_TRY(hs_sql_prepare(r->sql,
                          "SELECT class, count, bytes, reachable_count, reachable_bytes FROM value"
                          " WHERE snapshot = ?1",
                          &values));
    for (size_t i = 0; i < r->history->night_count; i++) {
        size_t first = r->count, captures = 0;
        struct hs_error *error;
        bool row, failed = false;
        hs_sql_bind(snapshots, 1, r->history->nights[i].id, &failed);
        if (failed) return HS_ENOMEM;
        while (!(error = hs_sql_step(r->sql, snapshots, &row)) && row) {
            if (r->history->nights[i].complete && !sqlite3_column_int64(snapshots, 1)) continue;
            HS_TRY(read_snapshot(r, values, sqlite3_column_int64(snapshots, 0), i));
            captures++;
        }
        HS_TRY(error);
        if (captures) HS_TRY(fold_night(r, first, captures));
    }
    return NULL;
}

/* What is reachable is judged if every capture tells it. */
static struct hs_error *find_reachable(struct reading *r) {
    HS_STATEMENT *statement = NULL;
    HS_TRY(hs_sql_prepare(r->sql, "SELECT count(*) FROM snapshot WHERE night = ?1 AND NOT reachable",
                          &statement));
    r->history->reachable = r->history->night_count > 0;
    for (size_t i = 0; i < r->history->night_count; i++) {
        bool row, failed = false;
        hs_sql_bind(statement, 1, r->history->nights[i].id, &failed);
        if (failed) return HS_ENOMEM;
        HS_TRY(hs_sql_step(r->sql, statement, &row));
        if (row && sqlite3_column_int64(statement, 0)) r->history->reachable = false;
        sqlite3_reset(statement);
    }
    return NULL;
}

static struct hs_snap_key read_key(sqlite3_stmt *statement, int at) {
    const unsigned char *bytes = sqlite3_column_blob(statement, at);
    struct hs_snap_key key = {0, 0};
    if (sqlite3_column_bytes(statement, at) != 16) return key;
    for (int i = 0; i < 8; i++) {
        key.high = key.high << 8 | bytes[i];
        key.low = key.low << 8 | bytes[8 + i];
    }
    return key;
}

/* Names with a NUL behind each. */
static bool read_properties(sqlite3_stmt *statement, int at, struct hs_snap_arena *arena,
                            struct hs_history_row *row) {
    const char *bytes = sqlite3_column_blob(statement, at);
    size_t size = (size_t)sqlite3_column_bytes(statement, at), count = 0;
    for (size_t i = 0; i < size; i++) count += !bytes[i];
    if (!count) return true;
    row->properties = hs_snap_arena_alloc(arena, count * sizeof *row->properties);
    for (size_t i = 0; row->properties && i < count; i++) {
        size_t length = strlen(bytes); /* there are `count` NULs */
        if (!(row->properties[i] = hs_snap_arena_string(arena, bytes, length))) return false;
        bytes += length + 1;
    }
    row->property_count = count;
    return row->properties;
}

static struct hs_error *read_class(struct reading *r, sqlite3_stmt *statement, int64_t class,
                                   struct hs_history_row *row) {
    struct hs_snap_arena *arena = r->history->arena;
    bool found, failed = false;
    hs_sql_bind(statement, 1, class, &failed);
    if (failed) return HS_ENOMEM;
    HS_TRY(hs_sql_step(r->sql, statement, &found));
    if (!found)
        return hs_error_create(HS_ERROR_FORMAT, "the history %s is damaged: a class has no name",
                               r->sql->name);
    row->subject = sqlite3_column_int64(statement, 0) ? HS_SUBJECT_NATIVE : HS_SUBJECT_CLASS;
    row->key = read_key(statement, 1);
    row->type = hs_store_copy_text(statement, 2, arena, &failed);
    row->constructor = hs_store_copy_text(statement, 3, arena, &failed);
    row->dictionary = sqlite3_column_int64(statement, 4);
    failed |= !read_properties(statement, 5, arena, row);
    row->location.script = hs_store_copy_text(statement, 6, arena, &failed);
    row->location.line = hs_sql_column(statement, 7);
    row->location.column = hs_sql_column(statement, 8);
    if (!row->type) row->type = "";
    if (!row->constructor) row->constructor = "";
    sqlite3_reset(statement);
    return failed ? HS_ENOMEM : NULL;
}

static struct hs_error *make_rows(struct reading *r) {
    struct hs_history *h = r->history;
    size_t classes = 0;
    if (r->count) qsort(r->entries, r->count, sizeof *r->entries, by_class);
    for (size_t i = 0; i < r->count; i++) classes += !i || r->entries[i].class != r->entries[i - 1].class;
    h->rows = calloc(classes + 1, sizeof *h->rows);
    if (!h->rows) return HS_ENOMEM;
    HS_STATEMENT *statement = NULL;
    HS_TRY(hs_sql_prepare(r->sql,
                          "SELECT subject, key, type, constructor, dictionary, properties, script, line, col"
                          " FROM class WHERE id = ?1",
                          &statement));
    for (size_t i = 0; i < r->count; i++) {
        const struct entry *entry = &r->entries[i];
        if (!i || entry->class != entry[-1].class) {
            struct hs_history_row *row = &h->rows[h->row_count++];
            HS_TRY(read_class(r, statement, entry->class, row));
            row->counts = hs_snap_arena_alloc(h->arena, h->night_count * sizeof *row->counts);
            row->bytes = hs_snap_arena_alloc(h->arena, h->night_count * sizeof *row->bytes);
            if (!row->counts || !row->bytes) return HS_ENOMEM;
        }
        h->rows[h->row_count - 1].counts[entry->night] = entry->count;
        h->rows[h->row_count - 1].bytes[entry->night] = entry->bytes;
    }
    return NULL;
}

static struct hs_error *read_nights(struct hs_store *store, int64_t series, size_t nights,
                                    struct hs_history *h) {
    HS_STATEMENT *statement = NULL;
    struct hs_error *error;
    bool row;
    HS_TRY(hs_store_prepare_nights(store, series, nights, &statement));
    while (!(error = hs_sql_step(&store->sql, statement, &row)) && row) {
        struct hs_history_night *more = reallocarray(h->nights, h->night_count + 1, sizeof *more);
        if (!more) return HS_ENOMEM;
        h->nights = more;
        HS_TRY(hs_store_copy_night(statement, h->arena, &more[h->night_count]));
        h->night_count++;
    }
    for (size_t i = 0; i < h->night_count / 2; i++) { /* they came newest first */
        struct hs_history_night night = h->nights[i];
        h->nights[i] = h->nights[h->night_count - 1 - i];
        h->nights[h->night_count - 1 - i] = night;
    }
    return error;
}

static struct hs_error *read_series(struct hs_store *store, const char *series, size_t nights,
                                    struct hs_history *h) {
    struct reading r = {.sql = &store->sql, .history = h};
    int64_t id;
    HS_TRY(hs_store_find_series(store, series, &id));
    if (id) HS_TRY(read_nights(store, id, nights, h));
    HS_TRY(find_reachable(&r));
    struct hs_error *error = read_values(&r);
    if (!error) error = make_rows(&r);
    free(r.entries);
    free(r.scratch);
    return error;
}

/* One read transaction: what writers and pruners do meanwhile is not seen. */
struct hs_error *hs_store_read(struct hs_store *store, const char *series, size_t nights,
                               struct hs_history **ret) {
    struct hs_history *history = NULL;
    HS_TRY(hs_history_create(series, &history));
    struct hs_error *error = hs_sql_run(&store->sql, "BEGIN");
    if (!error) {
        error = read_series(store, series, nights, history);
        error = hs_sql_end(&store->sql, error);
    }
    if (error) hs_history_destroy(history);
    else *ret = history;
    return error;
}
