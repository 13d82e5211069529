#define _GNU_SOURCE 1 /* asprintf, O_CLOEXEC */
#include "store/sqlite.h"

#include "base/escape.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MS = 60000, BUSY_STEP_MS = 20 };

/* What went wrong, and what to do about it. */
static struct hs_error *sentence(const char *name, int code, const char *detail, int number) {
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return HS_ENOMEM;
    case SQLITE_NOTADB:
        return hs_error_create(HS_ERROR_FORMAT, "%s is no history: the file is not a database", name);
    case SQLITE_CORRUPT:
        return hs_error_create(HS_ERROR_FORMAT,
                               "the history %s is damaged (%s): take it from a backup, or move it away and a "
                               "new one is begun",
                               name, detail);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return hs_error_create(HS_ERROR_IO,
                               "another program has been writing to %s for %d s: try again later", name,
                               BUSY_MS / 1000);
    case SQLITE_FULL:
        return hs_error_create(HS_ERROR_IO, "no space is left for the history %s: nothing was added", name);
    case SQLITE_READONLY:
        return hs_error_create(HS_ERROR_IO,
                               "the history %s can't be written: it, or its folder, is read-only", name);
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        return hs_error_create(HS_ERROR_IO, "cannot read or write the history %s: %s%s%s", name, detail,
                               number ? ": " : "", number ? strerror(number) : "");
    default:
        return hs_error_create(HS_ERROR_IO, "the history %s: %s", name, detail);
    }
}

struct hs_error *hs_sql_error(const struct hs_sql *sql, int code) {
    HS_STRBUF_AUTO detail = HS_STRBUF_INIT;
    int number = sqlite3_system_errno(sql->db);
    bool own = sqlite3_errcode(sql->db) == code || sqlite3_extended_errcode(sql->db) == code;
    hs_escape_terminal_string(&detail, own ? sqlite3_errmsg(sql->db) : sqlite3_errstr(code));
    return sentence(sql->name, code, detail.data, number);
}

/* SQLite would make the file readable for all; and it reads meaning into names like ":memory:". */
static struct hs_error *prepare_file(const char *path, enum hs_sql_mode mode, const char *name) {
    int fd = mode == HS_SQL_WRITE ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (fd >= 0) close(fd);
    else if (mode == HS_SQL_WRITE && errno != EEXIST)
        return hs_error_create_errno("cannot make the history %s", name);
    struct stat status;
    if (stat(path, &status)) return hs_error_create_errno("cannot open the history %s", name);
    if (S_ISREG(status.st_mode)) return NULL;
    return hs_error_create(HS_ERROR_FORMAT, "%s can't be a history: it is not a regular file", name);
}

static bool starts_with(const char *text, const char *start) {
    return !strncmp(text, start, strlen(start));
}

/* A file on a read-only disk has no place for the shared memory of its writers, and needs none. */
static bool is_frozen(const char *path) {
    char *wal = NULL;
    bool frozen = asprintf(&wal, "%s-wal", path) >= 0 && access(wal, F_OK) && access(path, W_OK);
    free(wal);
    return frozen;
}

/* "file:" address of a path: what has a meaning there is written as %XX. */
static char *frozen_address(const char *path) {
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    hs_strbuf_puts(&out, "file:");
    for (; *path; path++) {
        if (strchr("%?#", *path)) hs_strbuf_printf(&out, "%%%02x", (unsigned char)*path);
        else hs_strbuf_putc(&out, *path);
    }
    hs_strbuf_puts(&out, "?immutable=1");
    return hs_strbuf_detach(&out, NULL);
}

static int open_path(struct hs_sql *sql, const char *path, enum hs_sql_mode mode) {
    int code = sqlite3_open_v2(path, &sql->db, SQLITE_OPEN_READWRITE, NULL);
    bool readonly = code == SQLITE_OK && sqlite3_db_readonly(sql->db, "main") == 1;
    if (mode == HS_SQL_WRITE || (code == SQLITE_OK && !readonly) || !is_frozen(path)) return code;
    sqlite3_close(sql->db);
    sql->db = NULL;
    char *address = frozen_address(path);
    code = address ? sqlite3_open_v2(address, &sql->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL)
                   : SQLITE_NOMEM;
    free(address);
    return code;
}

static struct hs_error *configure(const struct hs_sql *sql) {
    sqlite3_extended_result_codes(sql->db, 1);
    sqlite3_busy_timeout(sql->db, BUSY_MS);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return hs_sql_run(sql,
                      "PRAGMA cell_size_check = ON; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF");
}

struct hs_error *hs_sql_open(struct hs_sql *sql, const char *path, enum hs_sql_mode mode) {
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    hs_escape_terminal_string(&name, path);
    if (!*path) return hs_error_create(HS_ERROR_USAGE, "the name of the history is empty");
    if (starts_with(path, "postgresql:") || starts_with(path, "postgres:") || starts_with(path, "mysql:"))
        return hs_error_create(HS_ERROR_UNSUPPORTED,
                               "%s: histories on a server are not supported yet: name a file", name.data);
    HS_TRY(prepare_file(path, mode, name.data));
    char *plain = NULL;
    if (asprintf(&plain, "%s%s", *path == '/' ? "" : "./", path) < 0) return HS_ENOMEM;
    sql->name = hs_strbuf_detach(&name, NULL);
    int code = sql->name ? open_path(sql, plain, mode) : SQLITE_NOMEM;
    free(plain);
    if (code != SQLITE_OK && (!sql->db || !sql->name)) return HS_ENOMEM;
    if (code != SQLITE_OK) return hs_sql_error(sql, code);
    return configure(sql);
}

void hs_sql_close(struct hs_sql *sql) {
    sqlite3_close(sql->db);
    free(sql->name);
    *sql = (struct hs_sql){0};
}

struct hs_error *hs_sql_run(const struct hs_sql *sql, const char *literal) {
    int code = sqlite3_exec(sql->db, literal, NULL, NULL, NULL);
    return code == SQLITE_OK ? NULL : hs_sql_error(sql, code);
}

struct hs_error *hs_sql_run_patiently(const struct hs_sql *sql, const char *literal) {
    int code = sqlite3_exec(sql->db, literal, NULL, NULL, NULL);
    for (int waited = 0; (code & 0xff) == SQLITE_BUSY && waited < BUSY_MS; waited += BUSY_STEP_MS) {
        sqlite3_sleep(BUSY_STEP_MS);
        code = sqlite3_exec(sql->db, literal, NULL, NULL, NULL);
    }
    return code == SQLITE_OK ? NULL : hs_sql_error(sql, code);
}

struct hs_error *hs_sql_prepare(const struct hs_sql *sql, const char *literal, sqlite3_stmt **ret) {
    int code = sqlite3_prepare_v2(sql->db, literal, -1, ret, NULL);
    return code == SQLITE_OK ? NULL : hs_sql_error(sql, code);
}

struct hs_error *hs_sql_number(const struct hs_sql *sql, const char *literal, int64_t *ret) {
    HS_STATEMENT *statement = NULL;
    bool row = false;
    HS_TRY(hs_sql_prepare(sql, literal, &statement));
    HS_TRY(hs_sql_step(sql, statement, &row));
    *ret = row ? sqlite3_column_int64(statement, 0) : 0;
    return NULL;
}

struct hs_error *hs_sql_step(const struct hs_sql *sql, sqlite3_stmt *statement, bool *row_ret) {
    int code = sqlite3_step(statement);
    *row_ret = code == SQLITE_ROW;
    if (code == SQLITE_ROW) return NULL;
    struct hs_error *error = code == SQLITE_DONE ? NULL : hs_sql_error(sql, code);
    sqlite3_reset(statement);
    return error;
}

struct hs_error *hs_sql_done(const struct hs_sql *sql, sqlite3_stmt *statement) {
    bool row;
    HS_TRY(hs_sql_step(sql, statement, &row));
    if (row) sqlite3_reset(statement);
    return NULL;
}

void hs_sql_bind(sqlite3_stmt *statement, int at, int64_t number, bool *failed) {
    int code =
        number == HS_SNAP_NULL ? sqlite3_bind_null(statement, at) : sqlite3_bind_int64(statement, at, number);
    *failed |= code != SQLITE_OK;
}

void hs_sql_bind_real(sqlite3_stmt *statement, int at, double number, bool *failed) {
    int code =
        isfinite(number) ? sqlite3_bind_double(statement, at, number) : sqlite3_bind_null(statement, at);
    *failed |= code != SQLITE_OK;
}

void hs_sql_bind_text(sqlite3_stmt *statement, int at, const char *text, bool *failed) {
    int code = text ? sqlite3_bind_text64(statement, at, text, strlen(text), SQLITE_STATIC, SQLITE_UTF8)
                    : sqlite3_bind_null(statement, at);
    *failed |= code != SQLITE_OK;
}

void hs_sql_bind_bytes(sqlite3_stmt *statement, int at, const void *bytes, size_t size, bool *failed) {
    int code = sqlite3_bind_blob64(statement, at, bytes ? bytes : "", size, SQLITE_STATIC);
    *failed |= code != SQLITE_OK;
}

void hs_sql_bind_key(sqlite3_stmt *statement, int at, struct hs_snap_key key, bool *failed) {
    unsigned char bytes[16];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(key.high >> (56 - 8 * i));
        bytes[8 + i] = (unsigned char)(key.low >> (56 - 8 * i));
    }
    *failed |= sqlite3_bind_blob(statement, at, bytes, sizeof bytes, SQLITE_TRANSIENT) != SQLITE_OK;
}

int64_t hs_sql_column(sqlite3_stmt *statement, int at) {
    return sqlite3_column_type(statement, at) == SQLITE_NULL ? HS_SNAP_NULL
                                                             : sqlite3_column_int64(statement, at);
}

struct hs_error *hs_sql_begin(const struct hs_sql *sql) {
    return hs_sql_run(sql, "BEGIN IMMEDIATE");
}

struct hs_error *hs_sql_end(const struct hs_sql *sql, struct hs_error *error) {
    if (!error) error = hs_sql_run(sql, "COMMIT");
    if (error && !sqlite3_get_autocommit(sql->db)) sqlite3_exec(sql->db, "ROLLBACK", NULL, NULL, NULL);
    return error;
}
