#include "trend/slope.h"

#include <math.h>
#include <stdlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_near(double got, double want, double tolerance) {
    if (!(fabs(got - want) <= tolerance)) fail_msg("%f is not %f", got, want);
}

static double slope(const double *x, const int64_t *y, size_t count) {
    double found = NAN;
    assert_null(hs_slope_find(x, y, count, &found));
    return found;
}

static void of_two_points_is_their_difference(void **state) {
    (void)state;
    int64_t y[] = {10, 25};
    assert_near(slope(NULL, y, 2), 15, 1e-9);
    double hours[] = {0, 0.5};
    assert_near(slope(hours, y, 2), 30, 1e-9);
}

static void of_a_line_is_exact(void **state) {
    (void)state;
    int64_t y[50];
    for (int i = 0; i < 50; i++) y[i] = 1000 - 7 * i;
    assert_near(slope(NULL, y, 50), -7, 1e-9);
}

/* Worked by hand: slopes of the pairs 1,3/2,2 and so on of 1 2 4 3 are 1 1.5 2/3 2 0.5 -1; their median (2/3
 * + 1) / 2. */
static void is_the_median_of_pairs(void **state) {
    (void)state;
    int64_t y[] = {1, 2, 4, 3};
    assert_near(slope(NULL, y, 4), (2.0 / 3 + 1) / 2, 1e-9);
}

static void stands_up_to_an_outlier(void **state) {
    (void)state;
    int64_t y[] = {0, 10, 20, 5000000, 40, 50, 60, 70};
    assert_near(slope(NULL, y, 8), 10, 1e-9);
}

static void ignores_a_single_jump(void **state) {
    (void)state;
    int64_t y[] = {100, 900, 900, 900, 900, 900};
    assert_near(slope(NULL, y, 6), 0, 1e-9);
}

static void uses_uneven_times(void **state) {
    (void)state;
    double hours[] = {0, 1, 10, 11};
    int64_t y[] = {0, 5, 50, 55};
    assert_near(slope(hours, y, 4), 5, 1e-9);
}

static void thins_long_series(void **state) {
    (void)state;
    enum { N = 10001 };
    int64_t *y = malloc(N * sizeof *y);
    for (int i = 0; i < N; i++) y[i] = 3 * i + i % 2;
    assert_near(slope(NULL, y, N), 3, 0.01);
    free(y);
}

static void does_not_overflow(void **state) {
    (void)state;
    int64_t y[] = {0, INT64_MAX, 0, INT64_MAX};
    assert_true(isfinite(slope(NULL, y, 4)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_two_points_is_their_difference),
        cmocka_unit_test(of_a_line_is_exact),
        cmocka_unit_test(is_the_median_of_pairs),
        cmocka_unit_test(stands_up_to_an_outlier),
        cmocka_unit_test(ignores_a_single_jump),
        cmocka_unit_test(uses_uneven_times),
        cmocka_unit_test(thins_long_series),
        cmocka_unit_test(does_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
