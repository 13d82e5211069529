/* Dead objects of a kind, on captures whose garbage is written down here. */
#include "../support/series.h"
#include "trend/churn.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SERIES(...) ((const int64_t[]){__VA_ARGS__})

/* The class added last: of what was found in each capture, `live` objects are reachable. */
static void set_live(struct series *s, const int64_t *live) {
    for (size_t i = 0; i < s->count; i++) {
        struct hs_snap_class *class = series_last(s, i);
        class->reachable_count = live[i];
        class->reachable_bytes = live[i] * 56;
    }
}

static int64_t churn_of(const struct hs_trend *trend, const char *constructor, const char *property) {
    for (size_t i = 0; i < trend->row_count; i++) {
        const struct hs_trend_row *row = trend->rows[i];
        if (strcmp(row->constructor, constructor)) continue;
        if (row->property_count && !strcmp(row->properties[0], property)) return row->churn;
    }
    fail_msg("no class %s: %s", constructor, property);
    return -1;
}

/* Garbage of one constructor is one kind whatever its properties, counted in the capture that has most of it
 * altogether; literals of one shape say nothing of literals of another. */
static void kinds_share_their_garbage(void **state) {
    (void)state;
    struct series *s = series_create(3);
    series_class(s, "object", "Request", "done", SERIES(50, 900, 10), 56);
    set_live(s, SERIES(50, 100, 10));
    series_class(s, "object", "Request", "open", SERIES(400, 60, 300), 56);
    set_live(s, SERIES(100, 60, 200));
    series_class(s, "object", "Session", "id", SERIES(10, 20, 30), 56);
    set_live(s, SERIES(10, 20, 30));
    series_class(s, "object", "Object", "a", SERIES(700, 700, 700), 56);
    set_live(s, SERIES(0, 0, 0));
    series_class(s, "object", "Object", "b", SERIES(5, 6, 7), 56);
    set_live(s, SERIES(5, 4, 7));
    struct hs_trend *trend = series_trend(s);
    assert_true(trend->reachable);
    assert_null(hs_trend_find_churn(trend));
    assert_int_equal(churn_of(trend, "Request", "done"), 800);
    assert_int_equal(churn_of(trend, "Request", "open"), 800);
    assert_int_equal(churn_of(trend, "Session", "id"), 0);
    assert_int_equal(churn_of(trend, "Object", "a"), 700);
    assert_int_equal(churn_of(trend, "Object", "b"), 2);
    series_destroy(s);
}

static void nothing_is_dead_where_nothing_is_known(void **state) {
    (void)state;
    struct series *s = series_create(2);
    series_class(s, "object", "Request", "done", SERIES(50, 900), 56);
    struct hs_trend *trend = series_trend(s);
    assert_false(trend->reachable);
    assert_null(hs_trend_find_churn(trend));
    assert_int_equal(churn_of(trend, "Request", "done"), 0);
    series_destroy(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_share_their_garbage),
        cmocka_unit_test(nothing_is_dead_where_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
