/* SQLite with the errors of this house.
 *
 * A struct hs_sql is one connection. Every failure comes back as a sentence that names the file and what to
 * do. Statements are prepared from literals of lib/store and nothing else; what comes from outside is bound.
 * Text is bound and read with its length, so no byte of it matters. The file is opened with triggers and
 * views off: its schema may be hostile. For lib/store only; one thread at a time. */
#ifndef HS_STORE_SQLITE_H
#define HS_STORE_SQLITE_H

#include "base/error.h"
#include "snap/snap.h"
#include <sqlite3.h>

struct hs_sql {
    sqlite3 *db;
    char *name; /* for messages, escaped */
};

enum hs_sql_mode { HS_SQL_READ, HS_SQL_WRITE };

/* HS_SQL_WRITE makes the file (mode 0600) if it is not there. */
struct hs_error *hs_sql_open(struct hs_sql *sql, const char *path, enum hs_sql_mode mode) HS_MUST_CHECK;
/* Zero-initialised or opened. */
void hs_sql_close(struct hs_sql *sql);

/* The error of a result code of SQLite. */
struct hs_error *hs_sql_error(const struct hs_sql *sql, int code) HS_MUST_CHECK;
/* Runs statements without results. */
struct hs_error *hs_sql_run(const struct hs_sql *sql, const char *literal) HS_MUST_CHECK;
/* The same for what SQLite refuses at once, where others hold the file, although it was told to wait: a
 * change of the journal. May be run again as a whole. */
struct hs_error *hs_sql_run_patiently(const struct hs_sql *sql, const char *literal) HS_MUST_CHECK;
struct hs_error *hs_sql_prepare(const struct hs_sql *sql, const char *literal,
                                sqlite3_stmt **ret) HS_MUST_CHECK;
/* The first column of the first row, an integer; 0 without a row. */
struct hs_error *hs_sql_number(const struct hs_sql *sql, const char *literal, int64_t *ret) HS_MUST_CHECK;

/* Steps a statement. *row_ret: there is a row. Without one the statement is reset, ready for the next values.
 */
struct hs_error *hs_sql_step(const struct hs_sql *sql, sqlite3_stmt *statement, bool *row_ret) HS_MUST_CHECK;
/* Steps a statement that has no rows, and resets it. */
struct hs_error *hs_sql_done(const struct hs_sql *sql, sqlite3_stmt *statement) HS_MUST_CHECK;

/* Binding cannot fail but for memory, which SQLite remembers until the step: then NULL would be written
 * unnoticed, so a failure is kept in *failed. HS_SNAP_NULL and NULL become NULL. Texts are borrowed until
 * the next reset. */
void hs_sql_bind(sqlite3_stmt *statement, int at, int64_t number, bool *failed);
/* A number that is not finite becomes NULL. */
void hs_sql_bind_real(sqlite3_stmt *statement, int at, double number, bool *failed);
void hs_sql_bind_text(sqlite3_stmt *statement, int at, const char *text, bool *failed);
void hs_sql_bind_bytes(sqlite3_stmt *statement, int at, const void *bytes, size_t size, bool *failed);
void hs_sql_bind_key(sqlite3_stmt *statement, int at, struct hs_snap_key key, bool *failed);
/* HS_SNAP_NULL for NULL. */
int64_t hs_sql_column(sqlite3_stmt *statement, int at);

/* Changes the store whole or not at all: begin takes the right to write, and waits for it; end commits, or
 * rolls back if `error` is not NULL, and returns it or its own. */
struct hs_error *hs_sql_begin(const struct hs_sql *sql) HS_MUST_CHECK;
struct hs_error *hs_sql_end(const struct hs_sql *sql, struct hs_error *error) HS_MUST_CHECK;

static inline void hs_sql_finalize(sqlite3_stmt **statement) {
    sqlite3_finalize(*statement);
}
#define HS_STATEMENT __attribute__((cleanup(hs_sql_finalize))) sqlite3_stmt

#endif
