/* Several processes on one history, and processes that are killed. */
#include "../support/history_folder.h"
#include "../support/nights.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DAY_1 1732239727000
#define DAY INT64_C(86400000)
enum { WRITERS = 4, NIGHTS = 8, CLASSES = 300, KILLS = 40, ENOUGH = 6, PATIENCE = 20 };

static void add_night(struct hs_store *store, const char *series, int number, int classes) {
    struct night night = night_begin(DAY_1 + number * DAY);
    char names[CLASSES][32];
    for (int i = 0; i < classes; i++) {
        snprintf(names[i], sizeof names[i], "Class%d", i);
        night_class(&night, names[i], number + 1);
    }
    night_add(store, series, &night);
}

/* In a child, so no cmocka: an error ends it with status 1. */
static struct hs_store *open_store(enum hs_store_access access) {
    struct hs_store *store = NULL;
    struct hs_error *error = hs_store_open(history_path, access, &store);
    if (!error) return store;
    fprintf(stderr, "%s\n", error->message);
    _exit(1);
}

static void writers_wait_for_one_another(void **state) {
    (void)state;
    pid_t children[WRITERS];
    for (int w = 0; w < WRITERS; w++) {
        children[w] = fork();
        if (children[w]) continue;
        for (int i = 0; i < NIGHTS; i++) { /* opened anew each time: they also race to make the file */
            struct hs_store *store = open_store(HS_STORE_WRITE);
            add_night(store, "web", w * NIGHTS + i, 20);
            add_night(store, "all", i, 20); /* the same snapshot from everyone */
            hs_store_close(store);
        }
        _exit(0);
    }
    for (int w = 0; w < WRITERS; w++) {
        int status;
        assert_int_equal(waitpid(children[w], &status, 0), children[w]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    struct hs_store *store = open_store(HS_STORE_READ);
    struct hs_history *h = NULL;
    assert_null(hs_store_read(store, "web", 0, &h));
    assert_int_equal(h->night_count, WRITERS * NIGHTS);
    assert_int_equal(h->row_count, 20); /* one name each */
    for (size_t i = 0; i < h->night_count; i++) assert_int_equal(h->rows[0].counts[i], i + 1);
    hs_history_destroy(h);
    assert_null(hs_store_read(store, "all", 0, &h));
    assert_int_equal(h->night_count, NIGHTS);
    hs_history_destroy(h);
    hs_store_close(store);
}

/* Adds nights until it is killed; says on the pipe what has been added. */
static void write_until_killed(int pipe, int from) {
    struct hs_store *store = open_store(HS_STORE_WRITE);
    for (int i = from;; i++) {
        add_night(store, "web", i, CLASSES);
        if (write(pipe, &i, sizeof i) != sizeof i) _exit(1);
    }
}

static void check_whole(int added) {
    sqlite3 *db;
    sqlite3_stmt *statement;
    struct hs_history *h = NULL;
    struct hs_store *store = open_store(HS_STORE_READ);
    assert_null(hs_store_read(store, "web", 0, &h));
    /* The night under way may be there or not; no earlier one is missing. */
    assert_in_range(h->night_count, added, added + 1);
    assert_int_equal(h->row_count, h->night_count ? CLASSES : 0);
    for (size_t r = 0; r < h->row_count; r++)
        for (size_t i = 0; i < h->night_count; i++) assert_int_equal(h->rows[r].counts[i], i + 1);
    hs_history_destroy(h);
    hs_store_close(store);
    assert_int_equal(sqlite3_open(history_path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static int count_nights(void) {
    struct hs_history *h = NULL;
    struct hs_store *store = open_store(HS_STORE_READ);
    assert_null(hs_store_read(store, "web", 0, &h));
    int count = (int)h->night_count;
    hs_history_destroy(h);
    hs_store_close(store);
    return count;
}

static void a_kill_loses_nothing_that_was_added(void **state) {
    (void)state;
    uint64_t random = 88172645463325252u;
    int added = 0;
    /* Until enough was added to lose: a busy machine may let a child do nothing in its time, so it gets more.
     */
    for (int k = 0; k < KILLS || (added < ENOUGH && k < PATIENCE * KILLS); k++) {
        int ends[2], number, told = added;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (!child) {
            close(ends[0]);
            write_until_killed(ends[1], added);
        }
        close(ends[1]);
        /* From the making of the file on, up to some nights later. */
        struct timespec wait = {0, (long)(night_random(&random) * 40e6 * (1 + k / KILLS))};
        nanosleep(&wait, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(ends[0], &number, sizeof number) == sizeof number) told = number + 1;
        close(ends[0]);
        if (!told && access(history_path, F_OK)) continue;
        if (!told) { /* killed while the file was made: a writer goes on with it */
            hs_store_close(open_store(HS_STORE_WRITE));
        }
        check_whole(told);
        added = count_nights();
    }
    assert_true(added >= ENOUGH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, history_make_folder, history_drop_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(writers_wait_for_one_another),
        TEST(a_kill_loses_nothing_that_was_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
