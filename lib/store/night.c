#include "store/store_private.h"

/* Columns 0 to 8: id, at, captures, complete, source, node, build_id, series, findings. */
#define COLUMNS                                                                                              \
    "SELECT n.id, n.at, count(s.id), coalesce(max(s.complete), 0),"                                          \
    " (SELECT source FROM snapshot l WHERE l.night = n.id ORDER BY l.id DESC LIMIT 1),"                      \
    " (SELECT node FROM snapshot l WHERE l.night = n.id ORDER BY l.id DESC LIMIT 1),"                        \
    " (SELECT build_id FROM snapshot l WHERE l.night = n.id ORDER BY l.id DESC LIMIT 1), r.name,"            \
    " (SELECT count(*) FROM finding f WHERE f.night = n.id AND f.rank > 0)"                                  \
    " FROM night n JOIN series r ON r.id = n.series LEFT JOIN snapshot s ON s.night = n.id "

const char *hs_store_copy_text(sqlite3_stmt *statement, int at, struct hs_snap_arena *arena, bool *failed) {
    if (sqlite3_column_type(statement, at) == SQLITE_NULL) return NULL;
    const void *text = sqlite3_column_blob(statement, at);
    int size = sqlite3_column_bytes(statement, at);
    const char *copy = hs_snap_arena_string(arena, text ? text : "", (size_t)size);
    *failed |= !copy;
    return copy;
}

/* Null in a column that has none by its table means another hand has been at the file: it reads as 0. */
static int64_t number(sqlite3_stmt *statement, int at) {
    return sqlite3_column_int64(statement, at);
}

struct hs_error *hs_store_copy_night(sqlite3_stmt *statement, struct hs_snap_arena *arena,
                                     struct hs_history_night *ret) {
    bool failed = false;
    int64_t captures = number(statement, 2), findings = number(statement, 8);
    *ret = (struct hs_history_night){.id = number(statement, 0),
                                     .at = number(statement, 1),
                                     .captures = captures > 0 ? (size_t)captures : 0,
                                     .findings = findings > 0 ? (size_t)findings : 0,
                                     .complete = number(statement, 3) > 0};
    ret->source = hs_store_copy_text(statement, 4, arena, &failed);
    ret->node = hs_store_copy_text(statement, 5, arena, &failed);
    ret->build_id = hs_store_copy_text(statement, 6, arena, &failed);
    return failed ? HS_ENOMEM : NULL;
}

struct hs_error *hs_store_prepare_nights(const struct hs_store *store, int64_t series, size_t nights,
                                         sqlite3_stmt **ret) {
    bool failed = false;
    HS_TRY(hs_sql_prepare(&store->sql,
                          COLUMNS "WHERE n.series = ?1 GROUP BY n.id ORDER BY n.at DESC, n.id DESC LIMIT ?2",
                          ret));
    hs_sql_bind(*ret, 1, series, &failed);
    hs_sql_bind(*ret, 2, nights && nights < INT64_MAX ? (int64_t)nights : -1, &failed);
    return failed ? HS_ENOMEM : NULL;
}

struct hs_error *hs_store_list(struct hs_store *store, hs_store_each *each, void *context) {
    HS_STATEMENT *statement = NULL;
    struct hs_error *error = NULL;
    bool row;
    HS_TRY(hs_sql_prepare(&store->sql, COLUMNS "GROUP BY n.id ORDER BY r.name, n.at, n.id", &statement));
    while (!(error = hs_sql_step(&store->sql, statement, &row)) && row) {
        struct hs_snap_arena *arena = hs_snap_arena_create();
        struct hs_history_night night;
        bool failed = !arena;
        const char *series = arena ? hs_store_copy_text(statement, 7, arena, &failed) : NULL;
        error = failed ? HS_ENOMEM : hs_store_copy_night(statement, arena, &night);
        if (!error) error = each(context, series ? series : "", &night);
        hs_snap_arena_destroy(arena);
        HS_TRY(error);
    }
    return error;
}

/* --- pruning */

static struct hs_error *run_with(const struct hs_sql *sql, const char *literal, int64_t a, int64_t b) {
    HS_STATEMENT *statement = NULL;
    bool failed = false;
    HS_TRY(hs_sql_prepare(sql, literal, &statement));
    hs_sql_bind(statement, 1, a, &failed);
    if (sqlite3_bind_parameter_count(statement) > 1) hs_sql_bind(statement, 2, b, &failed);
    return failed ? HS_ENOMEM : hs_sql_done(sql, statement);
}

static struct hs_error *prune(const struct hs_store *store, int64_t series, size_t keep,
                              size_t *dropped_ret) {
    const struct hs_sql *sql = &store->sql;
    HS_TRY(hs_sql_run(sql, "CREATE TEMP TABLE IF NOT EXISTS old (id INTEGER PRIMARY KEY); DELETE FROM old"));
    HS_TRY(run_with(sql,
                    "INSERT INTO old SELECT id FROM night WHERE series = ?1"
                    " ORDER BY at DESC, id DESC LIMIT -1 OFFSET ?2",
                    series, keep < INT64_MAX ? (int64_t)keep : INT64_MAX));
    int64_t dropped;
    HS_TRY(hs_sql_number(sql, "SELECT count(*) FROM old", &dropped));
    *dropped_ret = (size_t)dropped;
    if (!dropped) return NULL;
    return hs_sql_run(sql, "DELETE FROM value WHERE snapshot IN"
                           " (SELECT id FROM snapshot WHERE night IN (SELECT id FROM old));"
                           "DELETE FROM snapshot WHERE night IN (SELECT id FROM old);"
                           "DELETE FROM finding WHERE night IN (SELECT id FROM old);"
                           "DELETE FROM night WHERE id IN (SELECT id FROM old);"
                           "DELETE FROM class WHERE id NOT IN (SELECT class FROM value)"
                           " AND id NOT IN (SELECT class FROM finding);"
                           "DELETE FROM series WHERE id NOT IN (SELECT series FROM night);");
}

struct hs_error *hs_store_prune(struct hs_store *store, const char *series, size_t keep,
                                size_t *dropped_ret) {
    int64_t id;
    size_t dropped = 0;
    HS_TRY(hs_sql_begin(&store->sql));
    struct hs_error *error = hs_store_find_series(store, series, &id);
    if (!error && id) error = prune(store, id, keep, &dropped);
    HS_TRY(hs_sql_end(&store->sql, error));
    *dropped_ret = dropped;
    /* The pages go back to the disk; if that fails, the next nights use them. */
    if (dropped) sqlite3_exec(store->sql.db, "PRAGMA incremental_vacuum", NULL, NULL, NULL);
    return NULL;
}
