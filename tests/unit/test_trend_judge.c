/* Verdicts and ranking, on series whose growth is written down here. */
#include "../support/series.h"
#include "trend/judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_near(double got, double want, double tolerance) {
    if (!(fabs(got - want) <= tolerance)) fail_msg("%f is not %f", got, want);
}

#define SERIES(...) ((const int64_t[]){__VA_ARGS__})

static struct hs_judge_summary judge(struct series *s, struct hs_judge_options *options) {
    static struct hs_judge_options defaults;
    if (!options) {
        defaults = (struct hs_judge_options){.min_bytes = HS_JUDGE_MIN_BYTES,
                                             .content_min_bytes = HS_JUDGE_CONTENT_MIN_BYTES};
        options = &defaults;
    }
    struct hs_judge_summary summary;
    struct hs_error *error = hs_judge(s->trend ? s->trend : series_trend(s), options, &summary);
    assert_null(error);
    /* The parts always add up to the whole. */
    assert_int_equal(summary.bytes_delta, summary.findings_bytes + summary.v8_bytes + summary.ignored_bytes +
                                              summary.noise_bytes + summary.shrunk_bytes);
    return summary;
}

static const struct hs_trend_row *find(const struct series *s, const char *constructor) {
    for (size_t i = 0; i < s->trend->row_count; i++)
        if (!strcmp(s->trend->rows[i]->constructor, constructor)) return s->trend->rows[i];
    return NULL;
}

static void assert_ranking(const struct series *s, const char *const *want, size_t count) {
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(s->trend->rows[i]->constructor, want[i]);
        assert_int_equal(s->trend->rows[i]->rank, i + 1);
    }
    assert_true(s->trend->row_count == count || s->trend->rows[count]->rank == 0);
}

#define ASSERT_RANKING(s, ...)                                                                               \
    assert_ranking(s, (const char *const[]){__VA_ARGS__},                                                    \
                   sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void two_captures_are_growth_but_no_trend(void **state) {
    (void)state;
    struct series *s = series_create(2);
    series_class(s, "object", "Session", "id", SERIES(100, 600), 56);
    struct hs_judge_summary sum = judge(s, NULL);
    assert_int_equal(sum.result, HS_RESULT_GROWTH);
    assert_non_null(strstr(sum.reason, "Session grew between the two captures (+500 objects, +28000 bytes)"));
    assert_non_null(strstr(sum.reason, "two captures show growth, but no trend"));
    assert_non_null(strstr(sum.advice, "Take a third core"));
    assert_true(sum.growing == 0 && sum.grew == 1);
    const struct hs_trend_row *row = find(s, "Session");
    assert_int_equal(row->verdict, HS_VERDICT_GREW);
    assert_true(row->count_delta == 500 && row->bytes_delta == 28000 && row->steps_grown == 1);
    assert_near(row->bytes_per_step, 28000, 1e-6);
    assert_near(row->bytes_per_hour, 28000, 1e-6);
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

static void persistence_makes_growing(void **state) {
    (void)state;
    static const struct {
        const char *what;
        int64_t counts[5];
        enum hs_trend_verdict verdict;
        size_t steps;
    } rows[] = {
        {"Linear", {100, 200, 300, 400, 500}, HS_VERDICT_GROWING, 4},
        {"Uneven", {100, 150, 600, 700, 900}, HS_VERDICT_GROWING, 4},
        {"Accelerating", {100, 200, 400, 800, 1600}, HS_VERDICT_GROWING, 4},
        {"WarmUp", {2000, 3000, 3500, 3500, 3500}, HS_VERDICT_GREW, 2},
        {"Trickle", {100, 900, 901, 902, 903}, HS_VERDICT_GREW, 1},
        {"Sawtooth", {400, 900, 100, 1200, 600}, HS_VERDICT_GREW, 2},
        {"Filled", {0, 0, 0, 0, 500}, HS_VERDICT_GREW, 1},
        {"Flat", {500, 500, 500, 500, 500}, HS_VERDICT_STEADY, 0},
        {"Shrinking", {900, 700, 500, 300, 100}, HS_VERDICT_STEADY, 0},
        {"Swaying", {500, 900, 500, 900, 500}, HS_VERDICT_STEADY, 0},
        {"Tiny", {10, 11, 12, 13, 14}, HS_VERDICT_STEADY, 4},
    };
    struct series *s = series_create(5);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        series_class(s, "object", rows[i].what, "x", rows[i].counts, 56);
    struct hs_judge_summary sum = judge(s, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct hs_trend_row *row = find(s, rows[i].what);
        if (row->verdict != rows[i].verdict || row->steps_grown != rows[i].steps)
            print_error("%s: verdict %d, steps %zu\n", rows[i].what, row->verdict, row->steps_grown);
        assert_int_equal(row->verdict, rows[i].verdict);
        assert_int_equal(row->steps_grown, rows[i].steps);
    }
    assert_int_equal(sum.result, HS_RESULT_GROWTH);
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

/* Captures 1, 10 and 5 minutes apart of a leak that is linear in time: the first step is 19 % of the mean,
 * the last 94 %. */
static void uneven_times_do_not_hide_a_leak(void **state) {
    (void)state;
    struct series *s = series_create(4);
    series_class(s, "object", "Leak", "x", SERIES(1000, 1005, 1100, 1160), 560);
    static const int64_t minutes[] = {0, 1, 20, 32};
    for (size_t k = 0; k < 4; k++) s->snaps[k].header.captured_at = 1732239727000 + minutes[k] * 60000;
    struct hs_judge_summary sum = judge(s, NULL);
    const struct hs_trend_row *row = find(s, "Leak");
    assert_int_equal(row->verdict,
                     HS_VERDICT_GROWING); /* 5 a minute each; by step the first is 9 % of the mean */
    assert_near(row->bytes_per_hour, 5 * 60 * 560, 1);
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

static void without_times_there_is_no_rate(void **state) {
    (void)state;
    struct series *s = series_create(3);
    series_class(s, "object", "Leak", "x", SERIES(100, 200, 300), 56);
    s->snaps[1].header.captured_at = HS_SNAP_NULL;
    struct hs_judge_summary sum = judge(s, NULL);
    assert_true(isnan(find(s, "Leak")->bytes_per_hour));
    assert_near(find(s, "Leak")->bytes_per_step, 5600, 1e-6);
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

/* 5000 sessions with their literals, strings and arrays: strings hold most bytes, the session is what to look
 * at. */
static void holders_come_before_what_they_hold(void **state) {
    (void)state;
    struct series *s = series_create(2);
    series_class(s, "string", "(string)", "", SERIES(20000, 35000), 90);
    series_class(s, "array", "(object elements)", "", SERIES(1000, 6000), 64);
    series_class(s, "object", "Array", "", SERIES(300, 5300), 32);
    series_class(s, "object", "Object", "html,at", SERIES(1, 5001), 40);
    series_class(s, "object", "Session", "id,user,page", SERIES(10, 5010), 56);
    struct hs_judge_summary sum = judge(s, NULL);
    ASSERT_RANKING(s, "Session", "Object", "Array", "(string)", "(object elements)");
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

/* The payload of each object is large: 200 BigThings with 10 KiB of string each. */
static void large_payloads_change_nothing(void **state) {
    (void)state;
    struct series *s = series_create(3);
    series_class(s, "string", "(string)", "", SERIES(20000, 20200, 20400), 10000);
    series_class(s, "closure", "someMethod", "", SERIES(0, 200, 400), 64);
    series_class(s, "object", "system / Context", "", SERIES(500, 700, 900), 48);
    series_class(s, "object", "BigThing", "longStr,someMethod", SERIES(0, 200, 400), 40);
    struct hs_judge_summary sum = judge(s, NULL);
    ASSERT_RANKING(s, "BigThing", "someMethod", "(string)", "system / Context");
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

/* A hundred megabytes of strings are not explained by thirty objects more. */
static void content_comes_first_where_nothing_explains_it(void **state) {
    (void)state;
    struct series *s = series_create(2);
    series_class(s, "string", "(string)", "", SERIES(20000, 1020000), 100);
    series_class(s, "object", "Timer", "at", SERIES(10, 40), 56);
    struct hs_judge_summary sum = judge(s, NULL);
    ASSERT_RANKING(s, "(string)", "Timer");
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

static void retained_sizes_stand_in_for_the_share(void **state) {
    (void)state;
    struct series *s = series_create(2);
    series_class(s, "object", "Many", "x", SERIES(0, 10000), 40);
    series_last(s, 1)->retained_bytes = 400000;
    series_class(s, "object", "Holder", "x", SERIES(1, 101), 40);
    series_last(s, 0)->retained_bytes = 1000;
    series_last(s, 1)->retained_bytes = 90000000;
    struct hs_judge_summary sum = judge(s, NULL);
    ASSERT_RANKING(s, "Holder", "Many");
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

static void growing_comes_before_grew(void **state) {
    (void)state;
    struct series *s = series_create(3);
    series_class(s, "object", "Cache", "x", SERIES(10, 90010, 90010), 56);
    series_class(s, "object", "Leak", "x", SERIES(10, 60, 110), 56);
    struct hs_judge_summary sum = judge(s, NULL);
    ASSERT_RANKING(s, "Leak", "Cache");
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

static void v8s_own_growth_is_no_finding(void **state) {
    (void)state;
    for (int internals = 0; internals < 2; internals++) {
        struct series *s = series_create(3);
        series_class(s, "code", "(bytecode)", "", SERIES(1000, 2000, 3000), 400);
        series_class(s, "hidden", "system / FeedbackCell", "", SERIES(5000, 6000, 7000), 24);
        series_class(s, "object shape", "system / Map", "", SERIES(3000, 3100, 3200), 80);
        series_class(s, "object", "Leak", "x", SERIES(100, 130, 160), 40);
        struct hs_judge_options options = {
            .min_bytes = 1024, .content_min_bytes = 16384, .internals = internals};
        struct hs_judge_summary sum = judge(s, &options);
        assert_string_equal(s->trend->rows[0]->constructor, "Leak"); /* never rank 1 */
        assert_int_equal(sum.growing, internals ? 4 : 1);
        assert_int_equal(sum.v8_bytes, internals ? 0 : 2000 * 400 + 2000 * 24 + 200 * 80);
        hs_judge_summary_deinit(&sum);
        series_destroy(s);
    }
}

/* One backing array that doubles now and then, its count never moving. */
static void a_container_that_swells_is_found_by_bytes(void **state) {
    (void)state;
    struct series *s = series_create(4);
    series_class_bytes(s, "array", "(object elements)", "", SERIES(900, 900, 899, 900),
                       SERIES(100000, 200000, 300000, 400000));
    struct hs_judge_summary sum = judge(s, NULL);
    assert_int_equal(find(s, "(object elements)")->verdict, HS_VERDICT_GROWING);
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

/* In-object slack tracking ends: instances shrink from 104 to 40 bytes while 60 more of them leak. */
static void instances_that_shrink_still_leak(void **state) {
    (void)state;
    struct series *s = series_create(4);
    series_class_bytes(s, "object", "Slack", "x", SERIES(60, 80, 100, 120), SERIES(6240, 3200, 4000, 4800));
    struct hs_judge_summary sum = judge(s, NULL);
    assert_int_equal(find(s, "Slack")->verdict, HS_VERDICT_GROWING);
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

static void thresholds_are_obeyed(void **state) {
    (void)state;
    static const struct {
        int64_t min_bytes, min_count;
        bool finds;
    } rows[] = {{0, 0, true},    {4000, 0, true},   {4001, 0, false}, {0, 100, true},
                {0, 101, false}, {4000, 100, true}, {1, 101, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct series *s = series_create(2);
        series_class(s, "object", "A", "x", SERIES(100, 200), 40);
        struct hs_judge_options options = {.min_bytes = rows[i].min_bytes, .min_count = rows[i].min_count};
        struct hs_judge_summary sum = judge(s, &options);
        assert_int_equal(sum.grew, rows[i].finds);
        assert_int_equal(sum.result, rows[i].finds ? HS_RESULT_GROWTH : HS_RESULT_STEADY);
        assert_int_equal(sum.noise_bytes, rows[i].finds ? 0 : 4000);
        hs_judge_summary_deinit(&sum);
        series_destroy(s);
    }
}

static void says_steady_or_not_enough(void **state) {
    (void)state;
    static const struct {
        int64_t counts[4];
        enum hs_judge_result result;
        const char *reason;
    } rows[] = {
        {{500, 500, 510, 500}, HS_RESULT_STEADY, "nothing grew past the thresholds over 4 captures"},
        {{2000, 3000, 3500, 3500},
         HS_RESULT_STEADY,
         "nothing grew in every one of 3 steps; 1 class grew net"},
        {{400, 900, 100, 1200}, HS_RESULT_INSUFFICIENT, "A was still growing in the last step"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct series *s = series_create(4);
        series_class(s, "object", "A", "x", rows[i].counts, 56);
        struct hs_judge_summary sum = judge(s, NULL);
        assert_int_equal(sum.result, rows[i].result);
        assert_non_null(strstr(sum.reason, rows[i].reason));
        hs_judge_summary_deinit(&sum);
        series_destroy(s);
    }
}

/* Beside a heap of 56,000 bytes: code that grows by half of that is told, by a tenth of a tenth not. */
static void growth_of_v8_alone_is_told(void **state) {
    (void)state;
    static const struct {
        int64_t code[3];
        bool told;
    } rows[] = {{{10, 150, 290}, true}, {{10, 11, 12}, false}, {{290, 150, 10}, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct series *s = series_create(3);
        series_class(s, "object", "A", "x", SERIES(1000, 1000, 1000), 56);
        series_class(s, "code", "system / Code", "", rows[i].code, 100);
        struct hs_judge_summary sum = judge(s, NULL);
        assert_int_equal(sum.result, HS_RESULT_STEADY);
        assert_int_equal(strstr(sum.reason, "V8's own memory") != NULL, rows[i].told);
        if (rows[i].told) assert_non_null(strstr(sum.reason, "grew by 28000 bytes"));
        hs_judge_summary_deinit(&sum);
        series_destroy(s);
    }
}

static void a_partial_capture_proves_no_steadiness(void **state) {
    (void)state;
    struct series *s = series_create(3);
    series_class(s, "object", "A", "x", SERIES(500, 400, 500), 56);
    s->snaps[1].trailer.complete = false;
    struct hs_judge_summary sum = judge(s, NULL);
    assert_int_equal(sum.result, HS_RESULT_INSUFFICIENT);
    assert_non_null(strstr(sum.reason, "1 of 3 captures is partial"));
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

static void ignored_classes_are_counted_apart(void **state) {
    (void)state;
    struct series *s = series_create(3);
    series_class(s, "object", "HttpAgent", "x", SERIES(100, 200, 300), 56);
    series_class(s, "object", "HttpSocket", "x", SERIES(100, 200, 300), 40);
    series_class(s, "object", "Quiet", "x", SERIES(5, 5, 5), 40);
    char quiet[] = "Quiet", http[] = "Http*", never[] = "never grows", pool[] = "the pool";
    struct hs_ignore_pattern patterns[] = {
        {.pattern = quiet, .match = quiet, .reason = never, .ends = INT64_MAX},
        {.pattern = http, .match = http, .reason = pool, .ends = INT64_MAX}};
    struct hs_ignore ignore = {patterns, 2};
    struct hs_judge_options options = {.min_bytes = 1024, .content_min_bytes = 16384, .ignore = &ignore};
    struct hs_judge_summary sum = judge(s, &options);
    assert_int_equal(sum.result, HS_RESULT_STEADY);
    assert_int_equal(sum.ignored_bytes, 200 * 96);
    assert_true(patterns[0].matched == 0 && patterns[1].matched == 2 && patterns[1].bytes_delta == 200 * 96);
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

static void native_memory_needs_persistence_and_a_megabyte(void **state) {
    (void)state;
    static const struct {
        int64_t bytes[3];
        bool growing;
    } rows[] = {{{100 << 20, 130 << 20, 131 << 20}, false},
                {{100 << 20, 110 << 20, 120 << 20}, true},
                {{0, 1000, 2000}, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct series *s = series_create(3);
        struct hs_snap_native natives[3];
        for (size_t k = 0; k < 3; k++) {
            natives[k] = (struct hs_snap_native){"malloc", rows[i].bytes[k], 1};
            s->snaps[k].natives = &natives[k];
            s->snaps[k].native_count = 1;
        }
        struct hs_judge_summary sum = judge(s, NULL);
        assert_int_equal(sum.growing, rows[i].growing);
        assert_int_equal(sum.grew, 0);
        assert_int_equal(sum.bytes_delta, 0); /* not part of the heap */
        hs_judge_summary_deinit(&sum);
        series_destroy(s);
    }
}

/* The same bytes as a class of type native are not found twice. */
static void native_memory_that_is_a_class_is_one_finding(void **state) {
    (void)state;
    struct series *s = series_create(3);
    series_class(s, "native", "system / JSArrayBufferData", "", SERIES(100, 200, 300), 65536);
    struct hs_snap_native natives[3];
    for (size_t k = 0; k < 3; k++) {
        natives[k] = (struct hs_snap_native){"ArrayBuffer backing stores", 6553600 * ((int64_t)k + 1), 1};
        s->snaps[k].natives = &natives[k];
        s->snaps[k].native_count = 1;
    }
    struct hs_judge_summary sum = judge(s, NULL);
    ASSERT_RANKING(s, "system / JSArrayBufferData");
    assert_int_equal(sum.growing, 1);
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

static void new_and_gone_are_counted(void **state) {
    (void)state;
    struct series *s = series_create(3);
    series_class(s, "object", "New", "x", SERIES(0, 3, 3), 40);
    series_class(s, "object", "Gone", "x", SERIES(3, 3, 0), 40);
    series_class(s, "object", "Passing", "x", SERIES(0, 3, 0), 40);
    struct hs_judge_summary sum = judge(s, NULL);
    assert_true(sum.appeared == 1 && sum.vanished == 1);
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

static void names_in_sentences_are_escaped(void **state) {
    (void)state;
    struct series *s = series_create(2);
    series_class(s, "object", "\033[2JEvil", "x", SERIES(100, 600), 56);
    series_last(s, 1)->sample = 0x1234;
    s->snaps[1].header.source = "core; rm -rf x";
    struct hs_judge_summary sum = judge(s, NULL);
    assert_null(strchr(sum.reason, '\033'));
    assert_non_null(strstr(sum.reason, "\\u{1b}[2JEvil"));
    /* a name that a shell would take apart */
    assert_non_null(strstr(sum.advice, "heapscan --list --like 0x1234 'core; rm -rf x'"));
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

/* `found` objects of the last class in each capture, of which its counts are reachable. */
static void set_found(struct series *s, size_t captures, const int64_t *found) {
    for (size_t i = 0; i < captures; i++) {
        struct hs_snap_class *class = series_last(s, i);
        class->reachable_count = class->count;
        class->reachable_bytes = class->bytes;
        class->count = found[i];
    }
}

static void work_in_flight_is_doubtful(void **state) {
    (void)state;
    static const struct {
        size_t captures;
        int64_t live[5], found[5];
        enum hs_trend_verdict verdict;
        enum hs_judge_result result;
    } rows[] = {
        {3, {900, 1200, 1400}, {20000, 12000, 21000}, HS_VERDICT_GREW, HS_RESULT_INSUFFICIENT},
        {3, {900, 4200, 9400}, {20000, 12000, 21000}, HS_VERDICT_GROWING, HS_RESULT_GROWTH},
        {3, {900, 1200, 1400}, {900, 1200, 1400}, HS_VERDICT_GROWING, HS_RESULT_GROWTH},
        {5,
         {900, 1000, 1200, 1300, 1400},
         {20000, 12000, 9000, 8000, 21000},
         HS_VERDICT_GROWING,
         HS_RESULT_GROWTH},
        {2, {900, 1400}, {20000, 21000}, HS_VERDICT_GREW, HS_RESULT_INSUFFICIENT},
        {2, {900, 9400}, {20000, 21000}, HS_VERDICT_GREW, HS_RESULT_GROWTH},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct series *s = series_create(rows[i].captures);
        series_class(s, "object", "Job", "x", rows[i].live, 56);
        set_found(s, rows[i].captures, rows[i].found);
        struct hs_judge_summary sum = judge(s, NULL);
        assert_int_equal(find(s, "Job")->verdict, rows[i].verdict);
        assert_int_equal(sum.result, rows[i].result);
        hs_judge_summary_deinit(&sum);
        series_destroy(s);
    }
}

static void one_capture_is_an_error(void **state) {
    (void)state;
    struct series *s = series_create(1);
    series_class(s, "object", "A", "x", SERIES(100), 56);
    struct hs_judge_options options = {0};
    struct hs_judge_summary sum;
    struct hs_error *error = hs_judge(series_trend(s), &options, &sum);
    assert_non_null(error);
    hs_error_destroy(error);
    series_destroy(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_captures_are_growth_but_no_trend),
        cmocka_unit_test(persistence_makes_growing),
        cmocka_unit_test(uneven_times_do_not_hide_a_leak),
        cmocka_unit_test(without_times_there_is_no_rate),
        cmocka_unit_test(holders_come_before_what_they_hold),
        cmocka_unit_test(large_payloads_change_nothing),
        cmocka_unit_test(content_comes_first_where_nothing_explains_it),
        cmocka_unit_test(retained_sizes_stand_in_for_the_share),
        cmocka_unit_test(growing_comes_before_grew),
        cmocka_unit_test(v8s_own_growth_is_no_finding),
        cmocka_unit_test(a_container_that_swells_is_found_by_bytes),
        cmocka_unit_test(instances_that_shrink_still_leak),
        cmocka_unit_test(thresholds_are_obeyed),
        cmocka_unit_test(says_steady_or_not_enough),
        cmocka_unit_test(a_partial_capture_proves_no_steadiness),
        cmocka_unit_test(ignored_classes_are_counted_apart),
        cmocka_unit_test(native_memory_needs_persistence_and_a_megabyte),
        cmocka_unit_test(native_memory_that_is_a_class_is_one_finding),
        cmocka_unit_test(new_and_gone_are_counted),
        cmocka_unit_test(names_in_sentences_are_escaped),
        cmocka_unit_test(work_in_flight_is_doubtful),
        cmocka_unit_test(growth_of_v8_alone_is_told),
        cmocka_unit_test(one_capture_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
