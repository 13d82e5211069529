/* Holders: from the path lines of several captures to "held by". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "../support/series.h"
#include "trend/holder.h"
#include "trend/judge.h"

static const struct hs_snap_key NONE = {0, 0};

/* Three nodes a capture: module -> Map -> `key`. Ids differ from capture to capture, as they do. */
static void put_paths(struct series *s, struct hs_snap_path lines[][4], struct hs_snap_key map,
                      struct hs_snap_key held, const int64_t *counts) {
    for (size_t k = 0; k < s->count; k++) {
        int64_t id = 10 * (int64_t)k;
        struct hs_snap_path four[] = {
            {id, HS_SNAP_NULL, "/srv/app.js", NONE, NULL, 1, 50, 1},
            {id + 1, id, "variable cache", map, "Map", 1, 1000, 2},
            {id + 2, id + 1, "[key]", held, "Session", counts[k], counts[k] * 56, 1},
            {id + 3, 4711, "lost", held, "Session", 5 * counts[k], 0, 0}, /* its parent is not there */
        };
        memcpy(lines[k], four, sizeof four);
        s->snaps[k].paths = lines[k];
        s->snaps[k].path_count = 4;
    }
}

static const struct hs_trend_row *judge(struct series *s, const char *constructor) {
    struct hs_trend *trend = series_trend(s);
    struct hs_judge_summary summary;
    struct hs_judge_options options = {.min_bytes = 1024, .content_min_bytes = 16384};
    assert_null(hs_judge(trend, &options, &summary));
    hs_judge_summary_deinit(&summary);
    for (size_t i = 0; i < trend->row_count; i++)
        if (strcmp(trend->rows[i]->constructor, constructor) == 0) return trend->rows[i];
    return NULL;
}

static void growing_class_names_its_holder(void **state) {
    (void)state;
    struct series *s = series_create(3);
    struct hs_snap_path lines[3][4];
    const int64_t counts[] = {100, 200, 300};
    series_class(s, "object", "Session", "id,user", counts, 56);
    put_paths(s, lines, (struct hs_snap_key){1, 2}, series_last(s, 0)->key, counts);
    const struct hs_trend_row *row = judge(s, "Session");
    assert_string_equal(row->holder, "app.js: variable cache: Map");
    assert_int_equal(row->path_count, 3);
    assert_string_equal(row->path[0], "/srv/app.js");
    assert_string_equal(row->path[2], "[key]: Session");
    series_destroy(s);
}

/* Most of the growth happened elsewhere: no holder rather than a wrong one. */
static void small_part_is_no_holder(void **state) {
    (void)state;
    struct series *s = series_create(3);
    struct hs_snap_path lines[3][4];
    series_class(s, "object", "Session", "id,user", (int64_t[]){100, 200, 300}, 56);
    put_paths(s, lines, (struct hs_snap_key){1, 2}, series_last(s, 0)->key, (int64_t[]){10, 11, 12});
    const struct hs_trend_row *row = judge(s, "Session");
    assert_int_equal(row->rank, 1);
    assert_null(row->holder);
    assert_null(row->path);
    series_destroy(s);
}

static void snapshots_without_paths(void **state) {
    (void)state;
    struct series *s = series_create(2);
    series_class(s, "object", "Session", "id,user", (int64_t[]){100, 300}, 56);
    const struct hs_trend_row *row = judge(s, "Session");
    assert_null(row->holder);
    series_destroy(s);
}

/* A builtin in each object of the program: the object goes first, however little it weighs itself. */
static void holder_goes_before_what_it_holds(void **state) {
    (void)state;
    struct series *s = series_create(3);
    struct hs_snap_path lines[3][4];
    const int64_t counts[] = {100, 200, 300};
    series_class(s, "object", "Session", "id,user", counts, 8000);
    struct hs_snap_key held = series_last(s, 0)->key;
    series_class(s, "object", "Entry", "session", counts, 56);
    put_paths(s, lines, series_last(s, 0)->key, held, counts);
    for (size_t k = 0; k < 3; k++) lines[k][1].count = counts[k];
    const struct hs_trend_row *row = judge(s, "Entry");
    assert_int_equal(row->rank, 1);
    assert_string_equal(row->holder, "app.js:");
    series_destroy(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growing_class_names_its_holder),
        cmocka_unit_test(small_part_is_no_holder),
        cmocka_unit_test(snapshots_without_paths),
        cmocka_unit_test(holder_goes_before_what_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
