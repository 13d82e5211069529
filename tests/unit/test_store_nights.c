#include "../support/history_folder.h"
#include "../support/nights.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DAY_1 1732239727000
enum { HOUR = 3600000, DAY = 24 * HOUR };

static struct hs_store *open_store(enum hs_store_access access) {
    struct hs_store *store = NULL;
    struct hs_error *error = hs_store_open(history_path, access, &store);
    if (error) fail_msg("%s", error->message);
    return store;
}

static struct hs_history *read_nights(struct hs_store *store, const char *series, size_t nights) {
    struct hs_history *history = NULL;
    struct hs_error *error = hs_store_read(store, series, nights, &history);
    if (error) fail_msg("%s", error->message);
    return history;
}

static const struct hs_history_row *row_of(const struct hs_history *history, const char *constructor) {
    for (size_t i = 0; i < history->row_count; i++)
        if (!strcmp(history->rows[i].constructor, constructor)) return &history->rows[i];
    return NULL;
}

static struct hs_store_added add_one(struct hs_store *store, const char *series, int64_t at, int64_t count) {
    struct night night = night_begin(at);
    night_class(&night, "Session", count);
    return night_add(store, series, &night);
}

static void keeps_what_was_added(void **state) {
    (void)state;
    struct hs_store *store = open_store(HS_STORE_WRITE);
    for (int i = 0; i < 3; i++) {
        struct night night = night_begin(DAY_1 + (int64_t)i * DAY);
        night_class(&night, "Session", 100 + i);
        if (i != 1) night_class(&night, "Job", 7);
        night_add(store, "web", &night);
    }
    hs_store_close(store);
    store = open_store(HS_STORE_READ);
    struct hs_history *h = read_nights(store, "web", 2);
    assert_int_equal(h->night_count, 2);
    assert_true(h->reachable);
    assert_int_equal(h->nights[1].at, DAY_1 + 2 * (int64_t)DAY);
    assert_string_equal(h->nights[1].node, "22.12.0");
    assert_true(row_of(h, "Session")->counts[0] == 101 && row_of(h, "Session")->counts[1] == 102);
    assert_true(row_of(h, "Session")->bytes[0] == 4040);
    assert_true(row_of(h, "Job")->counts[0] == 0 && row_of(h, "Job")->counts[1] == 7);
    hs_history_destroy(h);
    h = read_nights(store, "web", 0);
    assert_int_equal(h->night_count, 3);
    hs_history_destroy(h);
    h = read_nights(store, "nobody", 5);
    assert_true(h->night_count == 0 && h->row_count == 0);
    hs_history_destroy(h);
    hs_store_close(store);
}

static void adding_twice_adds_nothing(void **state) {
    (void)state;
    struct hs_store *store = open_store(HS_STORE_WRITE);
    struct hs_store_added added = add_one(store, "web", DAY_1, 5);
    assert_true(added.snapshots == 1 && added.known == 0 && added.nights == 1);
    added = add_one(store, "web", DAY_1, 5);
    assert_true(added.snapshots == 0 && added.known == 1 && added.nights == 0);
    added = add_one(store, "mail", DAY_1, 5); /* another program */
    assert_true(added.snapshots == 1 && added.nights == 1);
    struct hs_history *h = read_nights(store, "web", 0);
    assert_int_equal(h->night_count, 1);
    hs_history_destroy(h);
    hs_store_close(store);
}

/* Several captures: their times in hours, and how many nights that makes. */
static struct hs_store_added add_captures(struct hs_store *store, const int64_t *hours, size_t count) {
    struct hs_trend *trend = NULL;
    struct hs_store_added added;
    assert_null(hs_trend_create(&trend));
    for (size_t i = 0; i < count; i++) {
        struct night night = night_begin(DAY_1 + hours[i] * HOUR);
        night_class(&night, "Session", 10 * (hours[i] + 1));
        night.snap.trailer.digest = (struct hs_snap_key){1, (uint64_t)hours[i]};
        assert_null(hs_trend_add(trend, &night.snap));
        free(night.snap.classes);
    }
    assert_null(hs_trend_align(trend));
    assert_null(hs_store_add(store, "web", trend, DAY_1, &added));
    hs_trend_destroy(trend);
    return added;
}

static void captures_of_six_hours_are_one_night(void **state) {
    (void)state;
    struct hs_store *store = open_store(HS_STORE_WRITE);
    struct hs_store_added added = add_captures(store, (const int64_t[]){0, 1, 6, 24, 25}, 5);
    assert_true(added.snapshots == 5 && added.nights == 2);
    /* One more of the second night comes later, and joins it. */
    added = add_captures(store, (const int64_t[]){24, 26}, 2);
    assert_true(added.snapshots == 1 && added.known == 1 && added.nights == 0);
    struct hs_history *h = read_nights(store, "web", 0);
    assert_int_equal(h->night_count, 2);
    assert_true(h->nights[0].captures == 3 && h->nights[1].captures == 3);
    /* medians of 10, 20, 70 and of 250, 260, 270 */
    assert_true(row_of(h, "Session")->counts[0] == 20 && row_of(h, "Session")->counts[1] == 260);
    hs_history_destroy(h);
    hs_store_close(store);
}

/* A partial capture counts too little: of a night with complete ones it is left out. */
static void partial_captures_do_not_count(void **state) {
    (void)state;
    struct hs_store *store = open_store(HS_STORE_WRITE);
    struct hs_trend *trend = NULL;
    struct hs_store_added added;
    assert_null(hs_trend_create(&trend));
    for (int i = 0; i < 2; i++) {
        struct night night = night_begin(DAY_1 + i * (int64_t)HOUR);
        night_class(&night, "Session", i ? 3 : 100);
        night.snap.trailer.complete = !i;
        night.snap.trailer.digest.low = (uint64_t)i;
        assert_null(hs_trend_add(trend, &night.snap));
        free(night.snap.classes);
    }
    assert_null(hs_trend_align(trend));
    assert_null(hs_store_add(store, "web", trend, DAY_1, &added));
    hs_trend_destroy(trend);
    struct hs_history *h = read_nights(store, "web", 0);
    assert_true(h->nights[0].complete && h->nights[0].captures == 2);
    assert_int_equal(row_of(h, "Session")->counts[0], 100);
    hs_history_destroy(h);
    hs_store_close(store);
}

/* Three captures of one night, judged: the finding stands with the night, once. */
static void findings_stand_with_their_night(void **state) {
    (void)state;
    struct hs_store *store = open_store(HS_STORE_WRITE);
    struct hs_trend *trend = NULL;
    struct hs_store_added added;
    struct hs_judge_options options = {.min_bytes = 1024};
    struct hs_judge_summary summary;
    assert_null(hs_trend_create(&trend));
    for (int i = 0; i < 3; i++) {
        struct night night = night_begin(DAY_1 + i * (int64_t)HOUR);
        night_class(&night, "Session", 1000 * (i + 1));
        night_class(&night, "Quiet", 1000);
        night.snap.trailer.digest.low = (uint64_t)i;
        assert_null(hs_trend_add(trend, &night.snap));
        free(night.snap.classes);
    }
    assert_null(hs_trend_align(trend));
    assert_null(hs_judge(trend, &options, &summary));
    for (int i = 0; i < 2; i++) {
        assert_null(hs_store_add(store, "web", trend, DAY_1, &added));
        struct hs_history *h = read_nights(store, "web", 0);
        assert_true(h->night_count == 1 && h->nights[0].findings == 1);
        hs_history_destroy(h);
    }
    hs_judge_summary_deinit(&summary);
    hs_trend_destroy(trend);
    hs_store_close(store);
}

static struct hs_error *count_night(void *context, const char *series, const struct hs_history_night *night) {
    char *seen = context;
    snprintf(seen + strlen(seen), 100, "%s %d; ", series, (int)((night->at - DAY_1) / DAY));
    return NULL;
}

static void lists_and_prunes(void **state) {
    (void)state;
    struct hs_store *store = open_store(HS_STORE_WRITE);
    struct stat before, after;
    char seen[1000] = "";
    size_t dropped = 99;
    for (int i = 4; i >= 0; i--) { /* added in no order of time */
        struct night night = night_begin(DAY_1 + (int64_t)i * DAY);
        char names[1000][32];
        for (int k = 0; k < 1000; k++) {
            snprintf(names[k], sizeof names[k], "Class%d.%d", i, k);
            night_class(&night, names[k], 5);
        }
        night_add(store, "web", &night);
    }
    add_one(store, "mail", DAY_1, 1);
    assert_null(hs_store_list(store, count_night, seen));
    assert_string_equal(seen, "mail 0; web 0; web 1; web 2; web 3; web 4; ");
    hs_store_close(store); /* the log goes into the file */
    stat(history_path, &before);
    store = open_store(HS_STORE_WRITE);
    assert_null(hs_store_prune(store, "web", 2, &dropped));
    assert_int_equal(dropped, 3);
    assert_null(hs_store_prune(store, "web", 2, &dropped));
    assert_int_equal(dropped, 0);
    assert_null(hs_store_prune(store, "nobody", 2, &dropped));
    assert_int_equal(dropped, 0);
    *seen = 0;
    assert_null(hs_store_list(store, count_night, seen));
    assert_string_equal(seen, "mail 0; web 3; web 4; ");
    hs_store_close(store);
    stat(history_path, &after);
    assert_true(after.st_size < before.st_size * 2 / 3);
    /* Names that no night uses are gone, the others are there. */
    store = open_store(HS_STORE_READ);
    struct hs_history *h = read_nights(store, "web", 0);
    assert_int_equal(h->row_count, 2000);
    assert_null(row_of(h, "Class2.7"));
    assert_non_null(row_of(h, "Class3.7"));
    hs_history_destroy(h);
    hs_store_close(store);
}

static void hostile_names_come_back_byte_for_byte(void **state) {
    (void)state;
    static const char *const names[] = {"Robert'); DROP TABLE value;--",
                                        "\"",
                                        "",
                                        "\xed\xa0\x80 lone surrogate",
                                        "\xff\xfe\x80 no UTF-8",
                                        "\x1b[2J\n\r\t\x7f",
                                        "\xe2\x80\xae right to left",
                                        "]]>`${}`%s%n?1:x@x"};
    enum { COUNT = sizeof names / sizeof *names };
    char *large = malloc((1 << 20) + 1);
    memset(large, 'x', 1 << 20);
    large[1 << 20] = 0;
    struct hs_store *store = open_store(HS_STORE_WRITE);
    struct night night = night_begin(DAY_1);
    const char *properties[COUNT + 1];
    for (size_t i = 0; i < COUNT; i++) night_class(&night, names[i], (int64_t)i + 1);
    night_class(&night, large, 1000);
    for (size_t i = 0; i < COUNT; i++) properties[i] = names[i];
    properties[COUNT] = large;
    struct hs_snap_class *class = &night.snap.classes[0];
    class->properties = properties;
    class->properties_length = COUNT + 1;
    class->location = (struct hs_snap_location){names[4], 3, INT64_MAX};
    night.snap.header.source = names[3];
    night_add(store, names[0], &night);
    hs_store_close(store);
    store = open_store(HS_STORE_READ);
    struct hs_history *h = read_nights(store, names[0], 0);
    assert_string_equal(h->nights[0].source, names[3]);
    assert_int_equal(h->row_count, COUNT + 1);
    for (size_t i = 0; i < COUNT; i++) assert_int_equal(row_of(h, names[i])->counts[0], i + 1);
    assert_int_equal(row_of(h, large)->counts[0], 1000);
    const struct hs_history_row *row = row_of(h, names[0]);
    assert_int_equal(row->property_count, COUNT + 1);
    for (size_t i = 0; i <= COUNT; i++) assert_string_equal(row->properties[i], properties[i]);
    assert_string_equal(row->location.script, names[4]);
    assert_true(row->location.line == 3 && row->location.column == INT64_MAX);
    hs_history_destroy(h);
    hs_store_close(store);
    free(large);
}

/* Numbers from outside saturate in the trend; whatever they are, they come back. */
static void extreme_numbers_come_back(void **state) {
    (void)state;
    struct hs_store *store = open_store(HS_STORE_WRITE);
    struct night night = night_begin(HS_SNAP_NULL);
    night_class(&night, "Large", INT64_MAX / 40);
    night.snap.classes[0].reachable_bytes = INT64_MAX;
    night.snap.classes[0].bytes = INT64_MAX;
    night.snap.header.pid = HS_SNAP_NULL;
    night.snap.header.node = night.snap.header.build_id = NULL;
    night_add(store, "web", &night);
    struct hs_history *h = read_nights(store, "web", 0);
    assert_int_equal(h->rows[0].bytes[0], INT64_MAX);
    assert_int_equal(h->nights[0].at, DAY_1); /* the time of adding */
    assert_null(h->nights[0].node);
    hs_history_destroy(h);
    hs_store_close(store);
}

static void the_file_is_for_its_owner_only(void **state) {
    (void)state;
    mode_t mask = umask(0);
    struct hs_store *store = open_store(HS_STORE_WRITE);
    add_one(store, "web", DAY_1, 5);
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char name[80];
        struct stat status;
        snprintf(name, sizeof name, "%s%s", history_path, ends[i]);
        assert_int_equal(stat(name, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
    umask(mask);
    hs_store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, history_make_folder, history_drop_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(keeps_what_was_added),
        TEST(adding_twice_adds_nothing),
        TEST(captures_of_six_hours_are_one_night),
        TEST(partial_captures_do_not_count),
        TEST(findings_stand_with_their_night),
        TEST(lists_and_prunes),
        TEST(hostile_names_come_back_byte_for_byte),
        TEST(extreme_numbers_come_back),
        TEST(the_file_is_for_its_owner_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
