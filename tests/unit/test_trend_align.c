#include "../support/series.h"

#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SERIES(...) ((const int64_t[]){__VA_ARGS__})

static const struct hs_trend_row *find(const struct hs_trend *trend, const char *constructor) {
    for (size_t i = 0; i < trend->row_count; i++)
        if (!strcmp(trend->rows[i]->constructor, constructor)) return trend->rows[i];
    return NULL;
}

static size_t count_rows(const struct hs_trend *trend, const char *constructor) {
    size_t count = 0;
    for (size_t i = 0; i < trend->row_count; i++) count += !strcmp(trend->rows[i]->constructor, constructor);
    return count;
}

static void assert_counts(const struct hs_trend *trend, const char *constructor, const int64_t *want) {
    const struct hs_trend_row *row = find(trend, constructor);
    assert_non_null(row);
    for (size_t k = 0; k < trend->capture_count; k++) assert_int_equal(row->counts[k], want[k]);
}

static void follows_classes_by_key(void **state) {
    (void)state;
    struct series *s = series_create(3);
    series_class(s, "object", "A", "x,y", SERIES(1, 2, 3), 10);
    series_class(s, "object", "B", "x", SERIES(0, 0, 7), 10);
    series_class(s, "object", "C", "x", SERIES(9, 0, 0), 10);
    series_class(s, "object", "D", "", SERIES(0, 4, 0), 10);
    struct hs_trend *t = series_trend(s);
    assert_int_equal(t->row_count, 4);
    assert_counts(t, "A", SERIES(1, 2, 3));
    assert_counts(t, "B", SERIES(0, 0, 7));
    assert_counts(t, "C", SERIES(9, 0, 0));
    assert_counts(t, "D", SERIES(0, 4, 0));
    assert_int_equal(find(t, "A")->bytes[2], 30);
    assert_int_equal(find(t, "A")->property_count, 2);
    assert_int_equal(t->captures[1].count, 6);
    series_destroy(s);
}

static void adds_isolates(void **state) {
    (void)state;
    struct series *s = series_create(2);
    series_class(s, "object", "A", "x", SERIES(1, 2), 10);
    series_class(s, "object", "A", "x", SERIES(10, 20), 10);
    series_last(s, 0)->isolate = series_last(s, 1)->isolate = 1;
    struct hs_trend *t = series_trend(s);
    assert_int_equal(t->row_count, 1);
    assert_counts(t, "A", SERIES(11, 22));
    series_destroy(s);
}

static struct series *twins(void) {
    struct series *s = series_create(2);
    series_class(s, "object", "A", "x", SERIES(1, 2), 10);
    series_last(s, 0)->location = series_last(s, 1)->location = (struct hs_snap_location){"a.js", 1, 1};
    series_class(s, "object", "A", "x", SERIES(10, 20), 10);
    series_last(s, 0)->location = series_last(s, 1)->location = (struct hs_snap_location){"b.js", 1, 1};
    return s;
}

static void keeps_locations_apart_in_one_process(void **state) {
    (void)state;
    struct series *s = twins();
    struct hs_trend *t = series_trend(s);
    assert_true(t->same_process);
    assert_int_equal(t->row_count, 2);
    series_destroy(s);
}

static void adds_locations_across_processes(void **state) {
    (void)state;
    struct series *s = twins();
    s->snaps[1].header.pid = 43;
    struct hs_trend *t = series_trend(s);
    assert_false(t->same_process);
    assert_int_equal(t->row_count, 1);
    assert_counts(t, "A", SERIES(11, 22));
    series_destroy(s);
}

/* A location that is known in one capture only, or that moved, is still the same class. */
static void adds_locations_that_never_meet(void **state) {
    (void)state;
    struct series *s = series_create(3);
    series_class(s, "object", "A", "x", SERIES(1, 2, 3), 10);
    series_last(s, 1)->location = (struct hs_snap_location){"a.js", 1, 1};
    series_last(s, 2)->location = (struct hs_snap_location){"a.js", 5, 1};
    struct hs_trend *t = series_trend(s);
    assert_int_equal(count_rows(t, "A"), 1);
    assert_counts(t, "A", SERIES(1, 2, 3));
    assert_int_equal(find(t, "A")->location.line, 5);
    series_destroy(s);
}

static void orders_one_process_by_time(void **state) {
    (void)state;
    struct series *s = series_create(3);
    series_class(s, "object", "A", "x", SERIES(30, 10, 20), 10);
    for (size_t k = 0; k < 3; k++) series_last(s, k)->sample = 0x1000 * (k + 1);
    int64_t first = s->snaps[0].header.captured_at;
    s->snaps[0].header.captured_at = first + 3 * 3600000;
    struct hs_trend *t = series_trend(s);
    assert_true(t->by_time && t->timed);
    assert_string_equal(t->captures[0].source, "core.2");
    assert_string_equal(t->captures[2].source, "core.1");
    assert_counts(t, "A", SERIES(10, 20, 30));
    series_destroy(s);
}

static void keeps_the_given_order_otherwise(void **state) {
    (void)state;
    /* equal times; an unknown time; another process; another build */
    for (int what = 0; what < 4; what++) {
        struct series *s = series_create(3);
        series_class(s, "object", "A", "x", SERIES(30, 10, 20), 10);
        s->snaps[0].header.captured_at += 9 * 3600000;
        if (what == 0) s->snaps[1].header.captured_at = s->snaps[2].header.captured_at;
        if (what == 1) s->snaps[1].header.captured_at = HS_SNAP_NULL;
        if (what == 2) s->snaps[1].header.pid = 7;
        if (what == 3) s->snaps[1].header.build_id = "cd";
        struct hs_trend *t = series_trend(s);
        assert_false(t->by_time);
        assert_false(t->timed);
        assert_true(t->same_build == (what != 3) && t->same_process == (what < 2));
        assert_counts(t, "A", SERIES(30, 10, 20));
        series_destroy(s);
    }
}

static void judges_reachable_only_if_all_know(void **state) {
    (void)state;
    for (int known = 0; known < 2; known++) {
        struct series *s = series_create(2);
        series_class(s, "object", "A", "x", SERIES(100, 900), 10);
        for (size_t k = 0; k < 2; k++) {
            series_last(s, k)->reachable_count = 50;
            series_last(s, k)->reachable_bytes = 500;
        }
        if (!known) series_last(s, 1)->reachable_count = HS_SNAP_NULL;
        series_class(s, "object", "B", "x", SERIES(0, 1), 10);
        series_last(s, 1)->reachable_count = series_last(s, 1)->reachable_bytes = 0;
        struct hs_trend *t = series_trend(s);
        assert_true(t->reachable == known);
        assert_counts(t, "A", known ? SERIES(50, 50) : SERIES(100, 900));
        assert_counts(t, "B", known ? SERIES(0, 0) : SERIES(0, 1));
        series_destroy(s);
    }
}

static void saturates(void **state) {
    (void)state;
    struct series *s = series_create(2);
    series_class_bytes(s, "object", "A", "x", SERIES(INT64_MAX, INT64_MAX), SERIES(INT64_MAX, INT64_MAX));
    series_class_bytes(s, "object", "A", "x", SERIES(INT64_MAX, INT64_MAX), SERIES(INT64_MAX, INT64_MAX));
    struct hs_trend *t = series_trend(s);
    assert_counts(t, "A", SERIES(INT64_MAX, INT64_MAX));
    assert_int_equal(t->captures[0].bytes, INT64_MAX);
    assert_int_equal(hs_trend_sum(HS_SNAP_NULL, 3), 3);
    assert_int_equal(hs_trend_sum(3, HS_SNAP_NULL), 3);
    assert_int_equal(hs_trend_sum(-INT64_MAX, -INT64_MAX), -INT64_MAX);
    series_destroy(s);
}

static void follows_native_memory_by_name(void **state) {
    (void)state;
    struct series *s = series_create(2);
    struct hs_snap_native one[] = {{"malloc", 100, 1}},
                          two[] = {{"array buffers", 7, HS_SNAP_NULL}, {"malloc", 300, 2}};
    s->snaps[0].natives = one;
    s->snaps[0].native_count = 1;
    s->snaps[1].natives = two;
    s->snaps[1].native_count = 2;
    struct hs_trend *t = series_trend(s);
    assert_int_equal(t->row_count, 2);
    assert_int_equal(find(t, "malloc")->bytes[1], 300);
    assert_int_equal(find(t, "array buffers")->bytes[0], 0);
    assert_int_equal(find(t, "array buffers")->subject, HS_SUBJECT_NATIVE);
    series_destroy(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_classes_by_key),
        cmocka_unit_test(adds_isolates),
        cmocka_unit_test(keeps_locations_apart_in_one_process),
        cmocka_unit_test(adds_locations_across_processes),
        cmocka_unit_test(adds_locations_that_never_meet),
        cmocka_unit_test(orders_one_process_by_time),
        cmocka_unit_test(keeps_the_given_order_otherwise),
        cmocka_unit_test(judges_reachable_only_if_all_know),
        cmocka_unit_test(saturates),
        cmocka_unit_test(follows_native_memory_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
