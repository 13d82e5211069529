#define _GNU_SOURCE 1 /* reallocarray */
#include "base/strbuf.h"
#include "store/store_private.h"
#include "trend/finding.h"
#include "trend/judge.h"

#include <stdlib.h>
#include <string.h>

enum { NIGHT_MS = 6 * 3600 * 1000 };

/* Rows of the trend with one key: places of a constructor in several scripts. */
struct group {
    int64_t id; /* of the class in the store */
    struct hs_trend_row *const *rows;
    size_t count;
};

struct addition {
    const struct hs_sql *sql;
    const struct hs_trend *trend;
    int64_t series, now;
    struct hs_trend_row **rows; /* sorted by subject, key */
    struct group *groups;       /* sorted by id */
    size_t group_count;
    sqlite3_stmt *add_snapshot, *add_value;
    struct hs_store_added *added;
};

/* Native memory has a name instead of a key. */
static struct hs_snap_key key_of(const struct hs_trend_row *row) {
    if (row->subject == HS_SUBJECT_CLASS) return row->key;
    return hs_history_native_key(row->constructor);
}

static int by_key(const void *left, const void *right) {
    const struct hs_trend_row *a = *(struct hs_trend_row *const *)left,
                              *b = *(struct hs_trend_row *const *)right;
    if (a->subject != b->subject) return a->subject < b->subject ? -1 : 1;
    struct hs_snap_key x = key_of(a), y = key_of(b);
    if (x.high != y.high) return x.high < y.high ? -1 : 1;
    return x.low < y.low ? -1 : x.low > y.low;
}

static int by_id(const void *left, const void *right) {
    const struct group *a = left, *b = right;
    return a->id < b->id ? -1 : a->id > b->id;
}

static struct hs_error *add_series(const struct hs_store *store, const char *name, int64_t *ret) {
    HS_TRY(hs_store_find_series(store, name, ret));
    if (*ret) return NULL;
    HS_STATEMENT *statement = NULL;
    bool failed = false;
    HS_TRY(hs_sql_prepare(&store->sql, "INSERT INTO series (name) VALUES (?1)", &statement));
    hs_sql_bind_text(statement, 1, name, &failed);
    if (failed) return HS_ENOMEM;
    HS_TRY(hs_sql_done(&store->sql, statement));
    *ret = sqlite3_last_insert_rowid(store->sql.db);
    return NULL;
}

/* Of the rows of a group, the one whose names and place are kept. */
static const struct hs_trend_row *speaker_of(const struct group *group) {
    for (size_t i = 0; i < group->count; i++)
        if (group->rows[i]->location.script) return group->rows[i];
    return group->rows[0];
}

static struct hs_error *insert_class(const struct addition *a, sqlite3_stmt *insert, struct group *group) {
    const struct hs_trend_row *row = speaker_of(group);
    HS_STRBUF_AUTO names = HS_STRBUF_INIT;
    bool failed = false;
    for (size_t i = 0; i < row->property_count; i++)
        hs_strbuf_append(&names, row->properties[i], strlen(row->properties[i]) + 1);
    HS_TRY(hs_strbuf_error(&names));
    hs_sql_bind(insert, 1, row->subject == HS_SUBJECT_NATIVE, &failed);
    hs_sql_bind_key(insert, 2, key_of(row), &failed);
    hs_sql_bind_text(insert, 3, row->type, &failed);
    hs_sql_bind_text(insert, 4, row->constructor, &failed);
    hs_sql_bind(insert, 5, row->dictionary, &failed);
    hs_sql_bind_bytes(insert, 6, names.data, names.size, &failed);
    hs_sql_bind_text(insert, 7, row->location.script, &failed);
    hs_sql_bind(insert, 8, row->location.script ? row->location.line : HS_SNAP_NULL, &failed);
    hs_sql_bind(insert, 9, row->location.script ? row->location.column : HS_SNAP_NULL, &failed);
    if (failed) return HS_ENOMEM;
    HS_TRY(hs_sql_done(a->sql, insert));
    group->id = sqlite3_last_insert_rowid(a->sql->db);
    return NULL;
}

/* The place moves with each build: the last one is kept. */
static struct hs_error *move_class(const struct addition *a, sqlite3_stmt *move, const struct group *group) {
    const struct hs_trend_row *row = speaker_of(group);
    bool failed = false;
    if (!row->location.script) return NULL;
    hs_sql_bind(move, 1, group->id, &failed);
    hs_sql_bind_text(move, 2, row->location.script, &failed);
    hs_sql_bind(move, 3, row->location.line, &failed);
    hs_sql_bind(move, 4, row->location.column, &failed);
    return failed ? HS_ENOMEM : hs_sql_done(a->sql, move);
}

static struct hs_error *name_classes(struct addition *a) {
    HS_STATEMENT *find = NULL, *insert = NULL, *move = NULL;
    HS_TRY(hs_sql_prepare(a->sql, "SELECT id FROM class WHERE subject = ?1 AND key = ?2", &find));
    HS_TRY(hs_sql_prepare(a->sql,
                          "INSERT INTO class (subject, key, type, constructor, dictionary, properties, "
                          "script, line, col) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                          &insert));
    HS_TRY(hs_sql_prepare(a->sql,
                          "UPDATE class SET script = ?2, line = ?3, col = ?4 WHERE id = ?1 AND "
                          "(script IS NOT ?2 OR line IS NOT ?3 OR col IS NOT ?4)",
                          &move));
    for (size_t i = 0; i < a->group_count; i++) {
        struct group *group = &a->groups[i];
        bool row, failed = false;
        hs_sql_bind(find, 1, group->rows[0]->subject == HS_SUBJECT_NATIVE, &failed);
        hs_sql_bind_key(find, 2, key_of(group->rows[0]), &failed);
        if (failed) return HS_ENOMEM;
        HS_TRY(hs_sql_step(a->sql, find, &row));
        if (row) group->id = sqlite3_column_int64(find, 0);
        sqlite3_reset(find);
        HS_TRY(row ? move_class(a, move, group) : insert_class(a, insert, group));
    }
    qsort(a->groups, a->group_count, sizeof *a->groups, by_id); /* the order of the table: each page once */
    return NULL;
}

static struct hs_error *add_values(const struct addition *a, int64_t snapshot, size_t capture) {
    for (size_t i = 0; i < a->group_count; i++) {
        const struct group *group = &a->groups[i];
        struct hs_trend_value sum = group->rows[0]->values[capture];
        for (size_t k = 1; k < group->count; k++) hs_trend_value_add(&sum, &group->rows[k]->values[capture]);
        bool failed = false;
        if (!sum.count && !sum.bytes) continue;
        hs_sql_bind(a->add_value, 1, snapshot, &failed);
        hs_sql_bind(a->add_value, 2, group->id, &failed);
        hs_sql_bind(a->add_value, 3, sum.count, &failed);
        hs_sql_bind(a->add_value, 4, sum.bytes, &failed);
        hs_sql_bind(a->add_value, 5, sum.reachable_count, &failed);
        hs_sql_bind(a->add_value, 6, sum.reachable_bytes, &failed);
        hs_sql_bind(a->add_value, 7, sum.retained_bytes, &failed);
        if (failed) return HS_ENOMEM;
        HS_TRY(hs_sql_done(a->sql, a->add_value));
    }
    return NULL;
}

static struct hs_error *add_snapshot(const struct addition *a, int64_t night, size_t capture) {
    const struct hs_trend_capture *c = &a->trend->captures[capture];
    bool failed = false;
    hs_sql_bind(a->add_snapshot, 1, night, &failed);
    hs_sql_bind(a->add_snapshot, 2, a->series, &failed);
    hs_sql_bind_key(a->add_snapshot, 3, c->digest, &failed);
    hs_sql_bind_text(a->add_snapshot, 4, c->source, &failed);
    hs_sql_bind(a->add_snapshot, 5, c->captured_at, &failed);
    hs_sql_bind(a->add_snapshot, 6, c->pid, &failed);
    hs_sql_bind_text(a->add_snapshot, 7, c->node, &failed);
    hs_sql_bind_text(a->add_snapshot, 8, c->v8, &failed);
    hs_sql_bind_text(a->add_snapshot, 9, c->build_id, &failed);
    hs_sql_bind(a->add_snapshot, 10, c->complete, &failed);
    hs_sql_bind(a->add_snapshot, 11, c->knows_reachable, &failed);
    if (failed) return HS_ENOMEM;
    HS_TRY(hs_sql_done(a->sql, a->add_snapshot));
    return add_values(a, sqlite3_last_insert_rowid(a->sql->db), capture);
}

static struct hs_error *begin_night(const struct addition *a, int64_t at, int64_t *ret) {
    HS_STATEMENT *statement = NULL;
    bool failed = false;
    HS_TRY(
        hs_sql_prepare(a->sql, "INSERT INTO night (series, at, added_at) VALUES (?1, ?2, ?3)", &statement));
    hs_sql_bind(statement, 1, a->series, &failed);
    hs_sql_bind(statement, 2, at == HS_SNAP_NULL ? a->now : at, &failed);
    hs_sql_bind(statement, 3, a->now, &failed);
    if (failed) return HS_ENOMEM;
    HS_TRY(hs_sql_done(a->sql, statement));
    *ret = sqlite3_last_insert_rowid(a->sql->db);
    a->added->nights++;
    return NULL;
}

/* The night of each capture that is known; 0 for the others. */
static struct hs_error *find_nights(const struct addition *a, int64_t *nights) {
    HS_STATEMENT *statement = NULL;
    HS_TRY(
        hs_sql_prepare(a->sql, "SELECT night FROM snapshot WHERE series = ?1 AND digest = ?2", &statement));
    for (size_t i = 0; i < a->trend->capture_count; i++) {
        bool row, failed = false;
        hs_sql_bind(statement, 1, a->series, &failed);
        hs_sql_bind_key(statement, 2, a->trend->captures[i].digest, &failed);
        if (failed) return HS_ENOMEM;
        HS_TRY(hs_sql_step(a->sql, statement, &row));
        nights[i] = row ? sqlite3_column_int64(statement, 0) : 0;
        sqlite3_reset(statement);
    }
    return NULL;
}

/* One snapshot may be given twice. */
static bool is_repeated(const struct hs_trend *trend, size_t capture) {
    for (size_t i = 0; i < capture; i++)
        if (hs_snap_key_equal(trend->captures[i].digest, trend->captures[capture].digest)) return true;
    return false;
}

static bool is_one_night(int64_t began, int64_t at) {
    if (began == HS_SNAP_NULL || at == HS_SNAP_NULL) return true;
    return at >= began ? at - began <= NIGHT_MS : began - at <= NIGHT_MS;
}

/* *ret: the night. */
static struct hs_error *add_night(const struct addition *a, const int64_t *nights, size_t first, size_t end,
                                  int64_t *ret) {
    int64_t night = 0, at = a->trend->captures[first].captured_at;
    for (size_t i = first; i < end && !night; i++) night = nights[i];
    for (size_t i = first; i < end; i++) {
        if (nights[i] || is_repeated(a->trend, i)) {
            a->added->known++;
            continue;
        }
        if (!night) HS_TRY(begin_night(a, at, &night));
        HS_TRY(add_snapshot(a, night, i));
        a->added->snapshots++;
    }
    *ret = night;
    return NULL;
}

/* The findings are those of all captures together; they stand with the night of the last one. */
static struct hs_error *add_findings(const struct addition *a, int64_t night) {
    HS_STATEMENT *insert = NULL;
    HS_TRY(
        hs_sql_prepare(a->sql,
                       "INSERT OR IGNORE INTO finding SELECT ?1, ?2, id, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
                       " ?13, ?14, ?15 FROM class WHERE subject = ?3 AND key = ?4",
                       &insert));
    for (size_t i = 0; i < a->trend->finding_count; i++) {
        const struct hs_finding *f = &a->trend->findings[i];
        bool failed = false;
        hs_sql_bind(insert, 1, night, &failed);
        hs_sql_bind_text(insert, 2, f->fingerprint, &failed);
        hs_sql_bind(insert, 3, f->row->subject == HS_SUBJECT_NATIVE, &failed);
        hs_sql_bind_key(insert, 4, key_of(f->row), &failed);
        hs_sql_bind_text(insert, 5, hs_subject_name(f->subject), &failed);
        hs_sql_bind_text(insert, 6, f->holder, &failed);
        hs_sql_bind_text(insert, 7, hs_verdict_name(f->evidence.verdict), &failed);
        hs_sql_bind(insert, 8, (int64_t)f->rank, &failed);
        hs_sql_bind(insert, 9, f->gate == HS_GATE_ALARM, &failed);
        hs_sql_bind_text(insert, 10, f->muted, &failed);
        hs_sql_bind(insert, 11, f->count_delta, &failed);
        hs_sql_bind(insert, 12, f->bytes_delta, &failed);
        hs_sql_bind(insert, 13, f->held_delta, &failed);
        hs_sql_bind_real(insert, 14, f->bytes_per_hour, &failed);
        hs_sql_bind_real(insert, 15, f->evidence.significance, &failed);
        if (failed) return HS_ENOMEM;
        HS_TRY(hs_sql_done(a->sql, insert));
    }
    return NULL;
}

static struct hs_error *add_all(struct addition *a, int64_t *nights) {
    size_t n = a->trend->capture_count, unknown = 0;
    int64_t night = 0;
    HS_TRY(find_nights(a, nights));
    for (size_t i = 0; i < n; i++) unknown += !nights[i];
    if (unknown) HS_TRY(name_classes(a));
    for (size_t first = 0, end; first < n; first = end) {
        int64_t began = a->trend->captures[first].captured_at;
        for (end = first + 1; end < n && is_one_night(began, a->trend->captures[end].captured_at);) end++;
        HS_TRY(add_night(a, nights, first, end, &night));
    }
    return a->added->snapshots ? add_findings(a, night) : NULL;
}

static struct hs_error *add_prepared(struct addition *a) {
    HS_STATEMENT *snapshot = NULL, *value = NULL;
    HS_TRY(hs_sql_prepare(a->sql,
                          "INSERT INTO snapshot (night, series, digest, source, captured_at, pid, node, v8, "
                          "build_id, complete, reachable) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
                          "?11)",
                          &snapshot));
    HS_TRY(hs_sql_prepare(a->sql, "INSERT INTO value VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", &value));
    a->add_snapshot = snapshot;
    a->add_value = value;
    int64_t *nights = calloc(a->trend->capture_count + 1, sizeof *nights);
    if (!nights) return HS_ENOMEM;
    struct hs_error *error = add_all(a, nights);
    free(nights);
    return error;
}

static struct hs_error *group_rows(struct addition *a) {
    size_t n = a->trend->row_count;
    a->rows = reallocarray(NULL, n + 1, sizeof *a->rows);
    a->groups = reallocarray(NULL, n + 1, sizeof *a->groups);
    if (!a->rows || !a->groups) return HS_ENOMEM;
    if (n) memcpy(a->rows, a->trend->rows, n * sizeof *a->rows);
    qsort(a->rows, n, sizeof *a->rows, by_key);
    for (size_t i = 0; i < n; i++) {
        bool same = i && !by_key(&a->rows[i - 1], &a->rows[i]);
        if (!same) a->groups[a->group_count++] = (struct group){0, &a->rows[i], 0};
        a->groups[a->group_count - 1].count++;
    }
    return NULL;
}

struct hs_error *hs_store_add(struct hs_store *store, const char *series, const struct hs_trend *trend,
                              int64_t now, struct hs_store_added *ret) {
    struct hs_store_added added = {0};
    struct addition a = {.sql = &store->sql, .trend = trend, .now = now, .added = &added};
    struct hs_error *error = group_rows(&a);
    if (!error) error = hs_sql_begin(&store->sql);
    if (!error) {
        error = add_series(store, series, &a.series);
        if (!error) error = add_prepared(&a);
        error = hs_sql_end(&store->sql, error);
    }
    free(a.rows);
    free(a.groups);
    if (!error) *ret = added;
    return error;
}
