/* What a series proves. Chances are worked out by hand: of n! orders of n values, how many have at least that
 * many pairs in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "trend/evidence.h"

static struct hs_evidence weigh(const int64_t *series, size_t count) {
    struct hs_evidence e;
    assert_null(hs_evidence_weigh(series, count, NULL, &e));
    return e;
}

#define WEIGH(...)                                                                                           \
    weigh((const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void assert_close(double got, double want) {
    if (!(fabs(got - want) < 1e-9)) fail_msg("%.12f is not %.12f", got, want);
}

static void significance_is_exact(void **state) {
    (void)state;
    assert_close(WEIGH(1, 2).significance, 1.0 / 2);
    assert_close(WEIGH(1, 2, 3).significance, 1.0 / 6);
    assert_close(WEIGH(1, 3, 2).significance, 3.0 / 6); /* 123, 132, 213 */
    assert_close(WEIGH(3, 2, 1).significance, 1);
    assert_close(WEIGH(1, 2, 3, 4).significance, 1.0 / 24);
    assert_close(WEIGH(1, 2, 4, 3).significance, 4.0 / 24); /* 1234 and three with one pair out of order */
    assert_close(WEIGH(1, 2, 3, 4, 5, 6).significance, 1.0 / 720);
    int64_t long_one[40];
    for (int i = 0; i < 40; i++) long_one[i] = i;
    assert_true(weigh(long_one, 40).significance < 1e-15);
    for (int i = 0; i < 40; i++) long_one[i] = i % 2;
    assert_true(weigh(long_one, 40).significance > 0.2);
}

static void verdicts(void **state) {
    (void)state;
    assert_int_equal(WEIGH(100, 200).verdict, HS_VERDICT_GREW);
    assert_int_equal(WEIGH(100, 200, 300).verdict, HS_VERDICT_GROWING);
    assert_int_equal(WEIGH(100, 100, 100).verdict, HS_VERDICT_STEADY);
    assert_int_equal(WEIGH(100, 90, 200).verdict, HS_VERDICT_GREW);
    assert_int_equal(WEIGH(100, 200, 250, 400, 420, 600).verdict, HS_VERDICT_GROWING);
}

static void what_dies_away_is_slowing(void **state) {
    (void)state;
    assert_true(WEIGH(2000, 3000, 3500).slowing);                   /* half of the step before */
    assert_true(WEIGH(572, 636, 649, 654, 656, 664).slowing);       /* a cache of which most keys are known */
    assert_true(WEIGH(1000, 1500, 1750, 1875, 1937, 1968).slowing); /* halves */
    assert_false(WEIGH(100, 200, 290).slowing);                     /* as good as steady */
    assert_false(WEIGH(100, 150, 600, 700, 900).slowing);           /* uneven */
    assert_false(WEIGH(100, 400, 450, 600).slowing);                /* picks up again */
    assert_false(WEIGH(100, 1100, 1500, 1900, 2300, 2700).slowing); /* a burst, then a steady leak */
    assert_int_equal(WEIGH(2000, 3000, 3500).verdict, HS_VERDICT_GREW);
    /* By step it slows down, by time it does not: the last step was short. */
    const int64_t series[] = {0, 1000, 1400};
    const double hours[] = {0, 1, 1.4};
    struct hs_evidence e;
    assert_null(hs_evidence_weigh(series, 3, hours, &e));
    assert_false(e.slowing);
}

/* A table of 3,000 keys that are met at random: not yet told from a leak, but it is said. */
static void what_grows_less_in_each_step_is_easing(void **state) {
    (void)state;
    assert_true(WEIGH(2211, 2432, 2594, 2711).easing);
    assert_int_equal(WEIGH(2211, 2432, 2594, 2711).verdict, HS_VERDICT_GROWING);
    assert_true(WEIGH(100, 200, 268).easing);
    assert_false(WEIGH(100, 200, 280).easing);                  /* within what load does */
    assert_false(WEIGH(100, 200, 260, 330, 380).easing);        /* not in each */
    assert_false(WEIGH(2000, 3000, 3500).easing);               /* it is slowing, and no alarm */
    assert_false(WEIGH(0, 90, 170, 240, 300, 350, 390).easing); /* seven captures tell by themselves */
}

static void net_growth_that_may_go_on(void **state) {
    (void)state;
    static const struct {
        int64_t series[6];
        bool may;
    } rows[] = {
        {{100, 200, 300, 290, 400, 500}, true},  /* one step back */
        {{100, 300, 500, 500, 500, 500}, false}, /* a plateau */
        {{100, 900, 200, 800, 300, 700}, false}, /* a sawtooth */
        {{100, 200, 300, 400, 500, 490}, false}, /* it ended */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hs_evidence e = weigh(rows[i].series, 6);
        assert_int_equal(hs_evidence_may_go_on(rows[i].series, 6, &e), rows[i].may);
    }
}

static void settling(void **state) {
    (void)state;
    static const struct {
        int64_t series[3];
        enum hs_trend_verdict verdict;
        bool doubtful;
    } rows[] = {
        {{100, 1100, 1100}, HS_VERDICT_GREW, false},  /* held */
        {{100, 1100, 1300}, HS_VERDICT_GREW, false},  /* still growing */
        {{100, 1100, 601}, HS_VERDICT_GREW, false},   /* a little more than half is left */
        {{100, 1100, 500}, HS_VERDICT_GREW, true},    /* mostly drained */
        {{100, 1100, 200}, HS_VERDICT_STEADY, false}, /* a tenth */
        {{100, 1100, 50}, HS_VERDICT_STEADY, false},
        {{100, 100, 500}, HS_VERDICT_STEADY, false}, /* not by the load */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hs_evidence e;
        hs_evidence_settle(rows[i].series, &e);
        assert_int_equal(e.verdict, rows[i].verdict);
        assert_int_equal(e.doubtful, rows[i].doubtful);
    }
}

/* Two captures: what wavers by chance, and what does not. */
static void slight_growth_of_a_pair(void **state) {
    (void)state;
    static const struct {
        int64_t before, after, bytes;
        bool slight;
    } rows[] = {
        {35, 38, 6312, true},      /* requests in flight */
        {312, 327, 3240, true},    /* a table that fills */
        {573, 745, 160992, false}, /* a leak among as many */
        {312, 400, 19000, false},  /* more than chance would */
        {0, 5, 2000, true},        /* a handful */
        {0, 10, 2000, false},         {10000, 10200, 65535, true},
        {10000, 10200, 65536, false}, /* few among many, but large */
        {1, 1, 1936, true},           /* a function got a property table */
        {1, 1, 16384, false},         /* a text that grows */
        {5, 4, 20000, false},         /* fewer, but larger */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const int64_t series[] = {rows[i].before, rows[i].after, rows[i].after + 1};
        assert_int_equal(hs_evidence_is_slight(series, 2, rows[i].bytes), rows[i].slight);
        const int64_t four[] = {rows[i].before, rows[i].before, rows[i].after, rows[i].after};
        assert_false(hs_evidence_is_slight(four, 4, rows[i].bytes));
    }
}

/* Three captures of what wavers ascend once in six times; then it is by less than its square root. */
static void slight_growth_of_three(void **state) {
    (void)state;
    static const struct {
        int64_t series[3], bytes;
        bool slight;
    } rows[] = {
        {{46, 47, 48}, 32944, true},  /* buffers of a pool that are not lent */
        {{46, 47, 48}, 65536, false}, /* but large */
        {{46, 50, 54}, 32944, false}, /* more than chance would */
        {{1000, 1020, 1030}, 1680, true},
        {{1000, 1025, 1040}, 2240, false},
        {{50000, 50100, 50200}, 11200, false}, /* little, but as much in each step */
        {{50000, 50060, 50200}, 11200, true},
        {{100, 103, 106}, 336, true}, /* too few to be alike but by chance */
        {{0, 1, 2}, 2000, false},     /* none, then some */
        {{7, 7, 7}, 2000, false},     /* not in number: its bytes tell */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(hs_evidence_is_slight(rows[i].series, 3, rows[i].bytes), rows[i].slight);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slight_growth_of_a_pair),   cmocka_unit_test(slight_growth_of_three),
        cmocka_unit_test(significance_is_exact),     cmocka_unit_test(verdicts),
        cmocka_unit_test(what_dies_away_is_slowing), cmocka_unit_test(what_grows_less_in_each_step_is_easing),
        cmocka_unit_test(net_growth_that_may_go_on), cmocka_unit_test(settling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
