#include "store/schema.h"

#include <inttypes.h>

/* Times are ms since 1970 UTC. Texts may hold any bytes. NULL: not known. */
static const char *const VERSIONS[] = {
    /* 1: nights, their snapshots, and the numbers of the classes in them */
    "CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE night (id INTEGER PRIMARY KEY, series INTEGER NOT NULL REFERENCES series,"
    " at INTEGER NOT NULL, added_at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX night_by_time ON night (series, at, id);"
    "CREATE TABLE snapshot (id INTEGER PRIMARY KEY, night INTEGER NOT NULL REFERENCES night,"
    " series INTEGER NOT NULL REFERENCES series, digest BLOB NOT NULL, source TEXT, captured_at INTEGER,"
    " pid INTEGER, node TEXT, v8 TEXT, build_id TEXT, complete INTEGER NOT NULL,"
    " reachable INTEGER NOT NULL, UNIQUE (series, digest)) STRICT;"
    "CREATE INDEX snapshot_by_night ON snapshot (night);"
    /* subject 0: a class, by the key of heapscan-snapshot(5); 1: native memory, by a key of its name.
     * properties: each name with a NUL behind it. script, line, col: where the class was seen last. */
    "CREATE TABLE class (id INTEGER PRIMARY KEY, subject INTEGER NOT NULL, key BLOB NOT NULL, type TEXT NOT "
    "NULL, constructor TEXT NOT NULL, dictionary INTEGER NOT NULL, properties BLOB NOT NULL, script TEXT,"
    " line INTEGER, col INTEGER, UNIQUE (subject, key)) STRICT;"
    "CREATE TABLE value (snapshot INTEGER NOT NULL REFERENCES snapshot, class INTEGER NOT NULL REFERENCES "
    "class, count INTEGER, bytes INTEGER, reachable_count INTEGER, reachable_bytes INTEGER, retained_bytes "
    "INTEGER, PRIMARY KEY (snapshot, class)) STRICT, WITHOUT ROWID;",
    /* 2: what was found in the captures of a night, muted or not; rank 0 if muted, alarm 1 if it made one */
    "CREATE TABLE finding (night INTEGER NOT NULL REFERENCES night, fingerprint TEXT NOT NULL,"
    " class INTEGER NOT NULL REFERENCES class, subject TEXT NOT NULL, holder TEXT, verdict TEXT NOT NULL,"
    " rank INTEGER NOT NULL, alarm INTEGER NOT NULL, muted TEXT, count_delta INTEGER NOT NULL,"
    " bytes_delta INTEGER NOT NULL, held_delta INTEGER NOT NULL, bytes_per_hour REAL, significance REAL,"
    " PRIMARY KEY (night, fingerprint)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX finding_by_fingerprint ON finding (fingerprint, night);",
};
static const char *const STAMPS[] = {"PRAGMA user_version = 1", "PRAGMA user_version = 2"};

enum { VERSION_COUNT = sizeof VERSIONS / sizeof *VERSIONS };
_Static_assert(sizeof STAMPS / sizeof *STAMPS == VERSION_COUNT, "a stamp for each version");

int64_t hs_schema_version(void) {
    return VERSION_COUNT;
}

/* 0: an empty file. */
static struct hs_error *find_version(const struct hs_sql *sql, int64_t *ret) {
    int64_t application, version, tables;
    HS_TRY(hs_sql_number(sql, "PRAGMA application_id", &application));
    HS_TRY(hs_sql_number(sql, "PRAGMA user_version", &version));
    HS_TRY(hs_sql_number(sql, "SELECT count(*) FROM sqlite_schema", &tables));
    bool empty = !tables && !version && (!application || application == HS_SCHEMA_APPLICATION);
    if (!empty && (application != HS_SCHEMA_APPLICATION || version < 1))
        return hs_error_create(HS_ERROR_FORMAT, "%s is a database, but not a history of heapdiff", sql->name);
    if (version > VERSION_COUNT)
        return hs_error_create(HS_ERROR_UNSUPPORTED,
                               "the history %s has version %" PRId64
                               ", but this program knows versions up to "
                               "%d: use the heapdiff that wrote it, or a later one; nothing was changed",
                               sql->name, version, (int)VERSION_COUNT);
    *ret = version;
    return NULL;
}

/* Another program may have been faster, so the version is read again under the lock. */
static struct hs_error *migrate(const struct hs_sql *sql) {
    int64_t version;
    HS_TRY(hs_sql_begin(sql));
    struct hs_error *error = find_version(sql, &version);
    if (!error && !version) error = hs_sql_run(sql, "PRAGMA application_id = 0x68736873");
    for (; !error && version < VERSION_COUNT; version++) {
        error = hs_sql_run(sql, VERSIONS[version]);
        if (!error) error = hs_sql_run(sql, STAMPS[version]);
    }
    return hs_sql_end(sql, error);
}

struct hs_error *hs_schema_prepare(const struct hs_sql *sql, enum hs_sql_mode mode) {
    int64_t version;
    HS_TRY(find_version(sql, &version));
    if (!version && mode == HS_SQL_READ)
        return hs_error_create(HS_ERROR_FORMAT, "the history %s is empty", sql->name);
    if (version == VERSION_COUNT) return NULL;
    if (sqlite3_db_readonly(sql->db, "main"))
        return hs_error_create(HS_ERROR_IO,
                               "the history %s is of an older version and can't be written here: open it "
                               "once where it can",
                               sql->name);
    /* Readers then read on while someone writes. auto_vacuum counts only before the first table. */
    if (!version)
        HS_TRY(hs_sql_run_patiently(sql, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL"));
    return migrate(sql);
}
