#include "trend/step.h"

#include "../support/nights.h"
#include "trend/chance.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool is_near(double a, double b) {
    return fabs(a - b) <= 1e-4 * fabs(b);
}

/* Tables of Student's t (one-sided) and of the normal distribution; t = 1 with one degree of freedom is 1/4.
 */
static void chances_are_those_of_the_tables(void **state) {
    (void)state;
    assert_true(is_near(hs_chance_student(1, 1), 0.25));
    assert_true(is_near(hs_chance_student(12.706205, 1), 0.025));
    assert_true(is_near(hs_chance_student(2.570582, 5), 0.025));
    assert_true(is_near(hs_chance_student(3.364930, 5), 0.01));
    assert_true(is_near(hs_chance_student(2.749996, 30), 0.005));
    assert_true(is_near(hs_chance_student(-2.749996, 30), 0.995));
    assert_true(is_near(hs_chance_student(0, 7), 0.5));
    assert_true(is_near(hs_chance_normal(1.959964), 0.025));
    assert_true(is_near(hs_chance_normal(-1), 0.841345));
    assert_true(hs_chance_student(INFINITY, 3) >= 0 && hs_chance_student(INFINITY, 3) < 1e-9);
    assert_true(hs_chance_student(1e300, 3) < 1e-9 && hs_chance_student(NAN, 3) > 0.9);
}

/* The example of Benjamini and Hochberg (1995), section 3.2: 15 chances, four are kept at 0.05. */
static void correction_is_that_of_the_paper(void **state) {
    (void)state;
    double p[] = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                  0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
    hs_chance_correct(p, 15, 15);
    assert_true(is_near(p[0], 0.0015) && is_near(p[3], 0.035625));
    assert_true(p[3] <= 0.05 && p[4] > 0.05);
    double few[] = {0.001};
    hs_chance_correct(few, 1, 1000);
    assert_true(is_near(few[0], 1));
}

static struct hs_step find(const int64_t *series, size_t count) {
    double work[4 * 64];
    return hs_step_find(series, count, work);
}

#define FIND(...) find((const int64_t[]){__VA_ARGS__}, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void finds_where_it_stepped(void **state) {
    (void)state;
    struct hs_step step = FIND(1000, 1010, 990, 1005, 995, 1000, 2000, 2010, 1990, 2005, 1995, 2000);
    assert_true(step.since == 6 && !step.drifts && step.chance < 1e-6);
    assert_true(is_near(step.before, 1000) && is_near(step.after, 2000));
    /* tonight only */
    step = FIND(1000, 1010, 990, 1005, 995, 1000, 1000, 3000);
    assert_true(step.since == 7 && step.chance < 1e-6);
    /* one wild night in the past neither hides a step nor makes one */
    step = FIND(1000, 1010, 9000, 1005, 995, 1000, 1000, 1003, 1001, 1000, 1002, 1000, 1004, 998, 1000, 1001,
                999, 1003, 1000, 1002, 2000, 2000, 2005);
    assert_true(step.since == 20 && step.chance < 1e-6);
    step = FIND(1000, 1010, 9000, 1005, 995, 1000, 1000, 1003, 1001, 1000, 1004, 1000, 1005);
    assert_true(step.chance > 0.5);
}

static void finds_a_drift(void **state) {
    (void)state;
    struct hs_step step = FIND(1000, 1105, 1195, 1300, 1400, 1510, 1600, 1695, 1800, 1905, 2000, 2100);
    assert_true(step.drifts && step.since == 0 && step.chance < 1e-6);
    /* it rose and then stayed: a step in the past at most */
    step =
        FIND(1000, 1200, 1400, 1600, 1800, 2000, 2000, 2003, 1998, 2001, 2000, 2000, 2002, 1999, 2000, 2000);
    assert_false(step.drifts);
}

static void finds_nothing_where_nothing_rose(void **state) {
    (void)state;
    assert_true(FIND(5, 5, 5, 5, 5, 5).chance >= 1);
    assert_true(FIND(0, 0, 0, 0, 0, 0).chance >= 1);
    assert_true(FIND(2000, 2000, 2000, 1000, 1000, 1000).chance >= 1);
    assert_true(FIND(1000, 1000, 1000, 1000, 1003).chance > 0.1); /* less than one percent */
    assert_true(FIND(10, 12, 9, 11, 10, 14).chance > 0.05);       /* the scatter of counting */
    /* five nights by week-day, back at the level of the last one */
    assert_true(FIND(100, 100, 100, 100, 100, 20, 20, 100, 100, 100, 100, 100, 20, 20, 100).chance > 0.5);
    assert_true(FIND(INT64_MAX, 0, INT64_MAX, 0, INT64_MAX, 0).chance > 0.5);
    assert_true(FIND(0, 0, 0, 0, INT64_MAX).chance < 1e-6);
}

/* Of series that do not change, one in a hundred may seem to at a chance of 0.01; twice that is allowed for
 * the accident of the numbers used here. */
static void chances_are_honest(void **state) {
    (void)state;
    uint64_t random = 88172645463325252u;
    enum { SERIES = 2000 };
    static const size_t lengths[] = {5, 7, 14, 30};
    for (int heavy = 0; heavy < 2; heavy++)
        for (size_t k = 0; k < 4; k++) {
            size_t found = 0;
            for (int i = 0; i < SERIES; i++) {
                int64_t series[64];
                double level = pow(10, 2 + 3 * night_random(&random)), scatter = 0.3 * night_random(&random);
                for (size_t n = 0; n < lengths[k]; n++) {
                    double noise = night_gauss(&random), sum = 0;
                    for (int d = 0; d < 3; d++) sum += pow(night_gauss(&random), 2);
                    if (heavy) noise /= sqrt(sum / 3); /* Student's t with three degrees of freedom */
                    series[n] = (int64_t)fmax(0, level * (1 + scatter * noise));
                }
                found += find(series, lengths[k]).chance < 0.01;
            }
            if (found > SERIES / 50) fail_msg("%zu nights: %zu of %d", lengths[k], found, SERIES);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chances_are_those_of_the_tables),  cmocka_unit_test(correction_is_that_of_the_paper),
        cmocka_unit_test(finds_where_it_stepped),           cmocka_unit_test(finds_a_drift),
        cmocka_unit_test(finds_nothing_where_nothing_rose), cmocka_unit_test(chances_are_honest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
