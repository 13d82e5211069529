/* Files that are no history, and places where none can be kept. */
#include "../support/history_folder.h"
#include "../support/nights.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DAY_1 1732239727000
enum { NOBODY = 65534 };

static void put_file(const void *bytes, size_t size) {
    FILE *file = fopen(history_path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void assert_error(struct hs_error *error, const char *part) {
    assert_non_null(error);
    if (!strstr(error->message, part)) fail_msg("\"%s\" is not in: %s", part, error->message);
    hs_error_destroy(error);
}

/* Opening fails with a sentence that has `part` in it, and leaves the file as it was. */
static void assert_refused(enum hs_store_access access, const char *part) {
    struct hs_store *store = NULL;
    assert_error(hs_store_open(history_path, access, &store), part);
    assert_null(store);
}

static void make_history(size_t classes) {
    struct hs_store *store;
    struct night night = night_begin(DAY_1);
    char(*names)[32] = calloc(classes, sizeof *names);
    for (size_t i = 0; i < classes; i++) {
        snprintf(names[i], sizeof names[i], "Class%zu", i);
        night_class(&night, names[i], 5);
    }
    assert_null(hs_store_open(history_path, HS_STORE_WRITE, &store));
    night_add(store, "web", &night);
    hs_store_close(store);
    free(names);
}

static void run_sql(const char *sql) {
    sqlite3 *db;
    assert_int_equal(sqlite3_open(history_path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void names_what_is_wrong_with_the_name(void **state) {
    (void)state;
    struct hs_store *store = NULL;
    assert_error(hs_store_open("", HS_STORE_WRITE, &store), "is empty");
    assert_error(hs_store_open("/nowhere/history", HS_STORE_WRITE, &store), "No such file");
    assert_error(hs_store_open(history_folder, HS_STORE_WRITE, &store), "not a regular file");
    assert_error(hs_store_open("/dev/null", HS_STORE_WRITE, &store), "not a regular file");
    assert_error(hs_store_open("postgresql://db/heap", HS_STORE_WRITE, &store), "not supported yet");
    assert_refused(HS_STORE_READ, "No such file");
    assert_int_equal(access(history_path, F_OK), -1); /* reading makes no file */
}

/* What SQLite has names for are file names here. */
static void a_name_means_a_file(void **state) {
    (void)state;
    static const char *const names[] = {":memory:", "file:x?mode=memory"};
    char home[200];
    assert_non_null(getcwd(home, sizeof home));
    assert_int_equal(chdir(history_folder), 0);
    for (size_t i = 0; i < 2; i++) {
        struct hs_store *store;
        assert_null(hs_store_open(names[i], HS_STORE_WRITE, &store));
        hs_store_close(store);
        assert_int_equal(unlink(names[i]), 0);
    }
    assert_int_equal(chdir(home), 0);
}

static void other_files_are_refused(void **state) {
    (void)state;
    static const char text[] =
        "{\"kind\":\"header\"}\nthis is a text of more than a few bytes, and no database\n";
    char back[sizeof text] = "";
    put_file(text, sizeof text);
    assert_refused(HS_STORE_WRITE, "the file is not a database");
    FILE *file = fopen(history_path, "r");
    assert_int_equal(fread(back, 1, sizeof back, file), sizeof text);
    fclose(file);
    assert_memory_equal(text, back, sizeof text);
    unlink(history_path);
    run_sql("CREATE TABLE mail (subject TEXT); INSERT INTO mail VALUES ('hello')");
    assert_refused(HS_STORE_WRITE, "is a database, but not a history");
    run_sql("SELECT subject FROM mail");
    unlink(history_path);
    put_file("", 0); /* touch: a new one */
    assert_refused(HS_STORE_READ, "is empty");
    make_history(3);
}

static void a_later_version_is_refused_and_kept(void **state) {
    (void)state;
    make_history(3);
    run_sql("PRAGMA user_version = 99; DROP TABLE value; CREATE TABLE number (a)");
    assert_refused(HS_STORE_WRITE, "has version 99, but this program knows versions up to");
    assert_refused(HS_STORE_READ, "use the heapdiff that wrote it, or a later one");
    run_sql("INSERT INTO number VALUES (1)");
}

/* Version 1 as it was written, word for word. */
static const char VERSION_1[] =
    "PRAGMA application_id = 0x68736873; PRAGMA user_version = 1;"
    "CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE night (id INTEGER PRIMARY KEY, series INTEGER NOT NULL REFERENCES series,"
    " at INTEGER NOT NULL, added_at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX night_by_time ON night (series, at, id);"
    "CREATE TABLE snapshot (id INTEGER PRIMARY KEY, night INTEGER NOT NULL REFERENCES night,"
    " series INTEGER NOT NULL REFERENCES series, digest BLOB NOT NULL, source TEXT, captured_at INTEGER,"
    " pid INTEGER, node TEXT, v8 TEXT, build_id TEXT, complete INTEGER NOT NULL,"
    " reachable INTEGER NOT NULL, UNIQUE (series, digest)) STRICT;"
    "CREATE INDEX snapshot_by_night ON snapshot (night);"
    "CREATE TABLE class (id INTEGER PRIMARY KEY, subject INTEGER NOT NULL, key BLOB NOT NULL, type TEXT NOT "
    "NULL, constructor TEXT NOT NULL, dictionary INTEGER NOT NULL, properties BLOB NOT NULL, script TEXT,"
    " line INTEGER, col INTEGER, UNIQUE (subject, key)) STRICT;"
    "CREATE TABLE value (snapshot INTEGER NOT NULL REFERENCES snapshot, class INTEGER NOT NULL REFERENCES "
    "class, count INTEGER, bytes INTEGER, reachable_count INTEGER, reachable_bytes INTEGER, retained_bytes "
    "INTEGER, PRIMARY KEY (snapshot, class)) STRICT, WITHOUT ROWID;"
    "INSERT INTO series VALUES (1, 'web'); INSERT INTO night VALUES (1, 1, 1732239727000, 1732239727000);"
    "INSERT INTO snapshot VALUES (1, 1, 1, x'00', 'core.1', NULL, 1, '22', '12', 'ab', 1, 1);"
    "INSERT INTO class VALUES (1, 0, x'000102030405060708090a0b0c0d0e0f', 'object', 'Session', 0, x'696400', "
    "NULL,"
    " NULL, NULL); INSERT INTO value VALUES (1, 1, 8, 800, 7, 700, NULL)";

static void an_older_version_is_brought_up(void **state) {
    (void)state;
    struct hs_store *store;
    struct hs_history *history;
    run_sql(VERSION_1);
    for (int i = 0; i < 2; i++) { /* the second time there is nothing to do */
        assert_null(hs_store_open(history_path, HS_STORE_READ, &store));
        assert_null(hs_store_read(store, "web", 0, &history));
        assert_true(history->night_count == 1 && history->row_count == 1);
        assert_string_equal(history->rows[0].constructor, "Session");
        assert_string_equal(history->rows[0].properties[0], "id");
        assert_true(history->rows[0].counts[0] == 7 && history->rows[0].bytes[0] == 700);
        assert_int_equal(history->rows[0].key.high, 0x0001020304050607);
        hs_history_destroy(history);
        hs_store_close(store);
    }
    run_sql("SELECT fingerprint FROM finding");
    /* Halfway there a process died: nothing of it had been committed, so it is still version 1. */
    unlink(history_path);
    run_sql(VERSION_1);
    run_sql("CREATE TABLE finding (a)"); /* what makes the second step fail */
    assert_refused(HS_STORE_WRITE, "already exists");
    run_sql("DROP TABLE finding");
    assert_null(hs_store_open(history_path, HS_STORE_WRITE, &store));
    hs_store_close(store);
}

/* A copy is spoilt at many places: each is an error or a history, never a crash. */
static void damage_is_told_or_harmless(void **state) {
    (void)state;
    make_history(400);
    FILE *file = fopen(history_path, "r");
    static unsigned char bytes[1 << 20];
    size_t size = fread(bytes, 1, sizeof bytes, file), refused = 0;
    fclose(file);
    uint64_t random = 7;
    for (int i = 0; i < 150; i++) {
        struct hs_store *store = NULL;
        struct hs_history *history = NULL;
        size_t at = (size_t)(night_random(&random) * (double)(size - 64));
        unsigned char saved[64];
        memcpy(saved, bytes + at, 64);
        for (int k = 0; k < 64; k++) bytes[at + (size_t)k] = (unsigned char)(256 * night_random(&random));
        put_file(bytes, size);
        struct hs_error *error = hs_store_open(history_path, HS_STORE_READ, &store);
        if (!error) error = hs_store_read(store, "web", 0, &history);
        struct hs_judge_options options = {.min_bytes = 1};
        if (!error) error = hs_history_judge(history, &options, 0.01);
        refused += error != NULL;
        hs_error_destroy(error);
        hs_history_destroy(history);
        hs_store_close(store);
        memcpy(bytes + at, saved, 64);
    }
    assert_true(refused > 10);
    put_file(bytes, size / 2 / 4096 * 4096); /* cut */
    struct hs_store *store = NULL;
    struct hs_history *history = NULL;
    struct hs_error *error = hs_store_open(history_path, HS_STORE_READ, &store);
    if (!error) error = hs_store_read(store, "web", 0, &history);
    assert_error(error, "is damaged");
    hs_store_close(store);
}

/* The schema of a file may be anything: a view or a trigger in place of a table is not run. */
static void a_hostile_schema_is_not_obeyed(void **state) {
    (void)state;
    make_history(3);
    run_sql("CREATE TRIGGER trap AFTER INSERT ON night BEGIN DELETE FROM value; END");
    struct hs_store *store;
    struct hs_history *history;
    struct night night = night_begin(DAY_1 + 86400000);
    night_class(&night, "Class0", 6);
    assert_null(hs_store_open(history_path, HS_STORE_WRITE, &store));
    night_add(store, "web", &night);
    assert_null(hs_store_read(store, "web", 0, &history));
    assert_int_equal(history->row_count, 3);
    hs_history_destroy(history);
    hs_store_close(store);
    run_sql(
        "DROP TABLE value; CREATE VIEW value AS SELECT 1 AS snapshot, 1 AS class, 5 AS count, 5 AS bytes, "
        "5 AS reachable_count, 5 AS reachable_bytes");
    assert_null(hs_store_open(history_path, HS_STORE_READ, &store));
    struct hs_error *error = hs_store_read(store, "web", 0, &history);
    assert_non_null(error);
    hs_error_destroy(error);
    hs_store_close(store);
}

/* In a child: adds a night of many classes; the message of the error, or "". */
static void add_in_child(void (*limit)(void), char *message, size_t size) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (!child) {
        struct hs_store *store = NULL;
        struct hs_store_added added;
        struct night night = night_begin(DAY_1 + 86400000);
        static char names[5000][32];
        for (size_t i = 0; i < 5000; i++) {
            snprintf(names[i], sizeof names[i], "Another%zu", i);
            night_class(&night, names[i], 5);
        }
        limit();
        struct hs_error *error = hs_store_open(history_path, HS_STORE_WRITE, &store);
        if (!error) error = hs_store_add(store, "web", night_end(&night), DAY_1, &added);
        const char *text = error ? error->message : "";
        ssize_t written = write(ends[1], text, strlen(text));
        _exit(written < 0);
    }
    close(ends[1]);
    ssize_t got = 0, more;
    while ((more = read(ends[0], message + got, size - 1 - (size_t)got)) > 0) got += more;
    message[got] = 0;
    close(ends[0]);
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static size_t count_nights(void) {
    struct hs_store *store;
    struct hs_history *history;
    assert_null(hs_store_open(history_path, HS_STORE_READ, &store));
    assert_null(hs_store_read(store, "web", 0, &history));
    size_t count = history->night_count;
    hs_history_destroy(history);
    hs_store_close(store);
    return count;
}

static void limit_space(void) {
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit limit = {200000, 200000};
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void no_space_adds_nothing_and_loses_nothing(void **state) {
    (void)state;
    char message[500];
    make_history(300);
    add_in_child(limit_space, message, sizeof message);
    if (!strstr(message, "history")) fail_msg("no error, but: \"%s\"", message);
    assert_int_equal(count_nights(), 1);
    struct hs_store *store; /* and it goes on when there is room */
    struct night night = night_begin(DAY_1 + 86400000);
    night_class(&night, "Class0", 6);
    assert_null(hs_store_open(history_path, HS_STORE_WRITE, &store));
    night_add(store, "web", &night);
    hs_store_close(store);
    assert_int_equal(count_nights(), 2);
}

static void be_nobody(void) {
    if (!geteuid() && (setgid(NOBODY) || setuid(NOBODY))) _exit(3);
}

static void read_only_is_told(void **state) {
    (void)state;
    char message[500];
    make_history(3);
    chmod(history_path, 0444);
    chmod(history_folder, 0555);
    add_in_child(be_nobody, message, sizeof message);
    if (!strstr(message, "read-only") && !strstr(message, "Permission denied"))
        fail_msg("no such error, but: \"%s\"", message);
    chmod(history_folder, 0777); /* the folder can be written, the file can't */
    add_in_child(be_nobody, message, sizeof message);
    if (!strstr(message, "read-only")) fail_msg("no such error, but: \"%s\"", message);
    /* Reading needs no right to write. */
    chmod(history_folder, 0555);
    pid_t child = fork();
    if (!child) {
        struct hs_store *store;
        struct hs_history *history;
        be_nobody();
        struct hs_error *error = hs_store_open(history_path, HS_STORE_READ, &store);
        if (!error) error = hs_store_read(store, "web", 0, &history);
        if (error) fprintf(stderr, "%s\n", error->message);
        _exit(error || history->night_count != 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, history_make_folder, history_drop_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(names_what_is_wrong_with_the_name),
        TEST(a_name_means_a_file),
        TEST(other_files_are_refused),
        TEST(a_later_version_is_refused_and_kept),
        TEST(an_older_version_is_brought_up),
        TEST(damage_is_told_or_harmless),
        TEST(a_hostile_schema_is_not_obeyed),
        TEST(no_space_adds_nothing_and_loses_nothing),
        TEST(read_only_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
