/* What makes an alarm: the baseline, the steps, chance. */
#include "../support/series.h"
#include "trend/baseline.h"
#include "trend/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HEADER "{\"kind\":\"header\",\"schema\":\"heapdiff.result/1\",\"snapshots\":["
/* Two hours apart. */
#define TIMES                                                                                                \
    "{\"captured_at\":\"2024-11-22T01:00:00Z\"},{\"captured_at\":null},{\"captured_at\":\"2024-11-22T03:00:" \
    "00Z\"}]}\n"
#define UNTIMED "{\"captured_at\":null},{\"captured_at\":null},{\"captured_at\":null}]}\n"

static struct hs_error *read_text(const char *text, size_t size, struct hs_baseline **ret) {
    FILE *stream = fmemopen((void *)text, size, "r");
    struct hs_error *error = hs_baseline_read(stream, "base", ret);
    fclose(stream);
    return error;
}

static struct hs_baseline *baseline_of(const char *text) {
    struct hs_baseline *baseline = NULL;
    struct hs_error *error = read_text(text, strlen(text), &baseline);
    if (error) fail_msg("%s", error->message);
    return baseline;
}

/* Captures an hour apart; Session of 100 bytes. */
static struct series *sessions(size_t captures, const int64_t *counts) {
    struct series *s = series_create(captures);
    series_class(s, "object", "Session", "id", counts, 100);
    return s;
}

static struct hs_judge_summary judge(struct series *s, const struct hs_judge_options *options) {
    struct hs_judge_summary summary;
    struct hs_error *error = hs_judge(series_trend(s), options, &summary);
    if (error) fail_msg("%s", error->message);
    return summary;
}

/* The fingerprint that such a series has. */
static void sign(char ret[HS_FINGERPRINT_SIZE]) {
    struct series *s = sessions(3, (int64_t[]){1000, 2000, 3000});
    struct hs_judge_options options = {.min_bytes = 1024};
    struct hs_judge_summary summary = judge(s, &options);
    memcpy(ret, s->trend->findings[0].fingerprint, HS_FINGERPRINT_SIZE);
    hs_judge_summary_deinit(&summary);
    series_destroy(s);
}

static void known_findings_pass_unless_they_are_faster(void **state) {
    (void)state;
    static const struct {
        const char *times;
        int64_t held_delta; /* of the baseline, in two steps of an hour */
        int64_t counts[3];
        bool faster;
    } rows[] = {
        {TIMES, 200000, {1000, 2000, 3000}, false}, /* the same */
        {TIMES, 200000, {1000, 3000, 5000}, false}, /* exactly twice */
        {TIMES, 200000, {1000, 3000, 5100}, true},  /* more than that */
        {UNTIMED, 200000, {1000, 3000, 5000}, false}, {UNTIMED, 200000, {1000, 3000, 5100}, true},
        {TIMES, 4000, {1000, 1040, 1080}, false}, /* twice of little is little */
        {TIMES, 4000, {1000, 1080, 1160}, false},     {TIMES, 4000, {1000, 1100, 1300}, true},
        {TIMES, -5, {1000, 1100, 1300}, true},        {TIMES, 0, {1000, 1050, 1100}, false},
    };
    char fingerprint[HS_FINGERPRINT_SIZE];
    sign(fingerprint);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1000];
        snprintf(text, sizeof text,
                 HEADER "%s{\"kind\":\"growth\",\"constructor\":\"Session\",\"fingerprint\":\"%s\","
                        "\"steps\":2,\"bytes_delta\":7,\"held_delta\":%d}\n",
                 rows[i].times, fingerprint, (int)rows[i].held_delta);
        struct series *s = sessions(3, rows[i].counts);
        struct hs_judge_options options = {.min_bytes = 1024, .baseline = baseline_of(text)};
        struct hs_judge_summary sum = judge(s, &options);
        const struct hs_finding *f = &s->trend->findings[0];
        assert_true(f->known);
        assert_int_equal(f->faster, rows[i].faster);
        assert_int_equal(f->gate, rows[i].faster ? HS_GATE_ALARM : HS_GATE_KNOWN);
        assert_int_equal(sum.result, rows[i].faster ? HS_RESULT_GROWTH : HS_RESULT_STEADY);
        if (!rows[i].faster)
            assert_string_equal(sum.reason, "nothing new is growing: 1 finding is known from the baseline");
        assert_int_equal(hs_baseline_count_gone(options.baseline), 0);
        hs_baseline_destroy(options.baseline);
        hs_judge_summary_deinit(&sum);
        series_destroy(s);
    }
}

static void what_is_new_stands_first(void **state) {
    (void)state;
    char fingerprint[HS_FINGERPRINT_SIZE], text[1000];
    sign(fingerprint);
    snprintf(text, sizeof text,
             HEADER UNTIMED "{\"kind\":\"growth\",\"fingerprint\":\"%s\",\"held_delta\":9000000}\n"
                            "{\"kind\":\"growth\",\"constructor\":\"Gone\",\"fingerprint\":"
                            "\"00000000000000000000000000000001\"}\n",
             fingerprint);
    struct series *s = sessions(3, (int64_t[]){1000, 20000, 30000});
    series_class(s, "object", "Job", "id", (int64_t[]){10, 40, 70}, 100);
    struct hs_judge_options options = {.min_bytes = 1024, .baseline = baseline_of(text)};
    struct hs_judge_summary sum = judge(s, &options);
    assert_int_equal(sum.result, HS_RESULT_GROWTH);
    assert_string_equal(s->trend->findings[0].row->constructor, "Job");
    assert_true(s->trend->findings[0].rank == 1 && s->trend->findings[1].rank == 2);
    assert_string_equal(s->trend->findings[1].row->constructor, "Session");
    assert_int_equal(strncmp(sum.reason, "Job grew", 8), 0);
    assert_int_equal(hs_baseline_count_gone(options.baseline), 1);
    hs_baseline_destroy(options.baseline);
    hs_judge_summary_deinit(&sum);
    series_destroy(s);
}

static void steps_and_chance_are_asked_for(void **state) {
    (void)state;
    static const struct {
        size_t captures;
        int64_t counts[6];
        size_t min_steps;
        double max_chance;
        enum hs_gate gate;
        const char *reason;
    } rows[] = {
        {2, {1000, 2000}, 0, 0, HS_GATE_ALARM, "Session grew between"},
        {2, {1000, 2000}, 1, 0, HS_GATE_ALARM, "Session grew between"},
        {2, {1000, 2000}, 2, 0, HS_GATE_STEPS, "Session grew in 1 step, but 2 are asked for"},
        {3, {1000, 2000, 3000}, 2, 0, HS_GATE_ALARM, "Session grew in every one"},
        /* of three that ascend 1/6, of four 1/24, of six 1/720 */
        {3, {1000, 2000, 3000}, 0, 0.16, HS_GATE_CHANCE, "a probability of 0.17, and 0.16 is allowed"},
        {3, {1000, 2000, 3000}, 0, 0.17, HS_GATE_ALARM, "Session grew in every one"},
        {4, {1000, 2000, 3000, 4000}, 0, 0.04, HS_GATE_CHANCE, "a probability of 0.042"},
        {6, {1000, 2000, 3000, 4000, 5000, 6000}, 5, 0.0014, HS_GATE_ALARM, "Session grew in every one"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct series *s = sessions(rows[i].captures, rows[i].counts);
        struct hs_judge_options options = {
            .min_bytes = 1024, .min_steps = rows[i].min_steps, .max_chance = rows[i].max_chance};
        struct hs_judge_summary sum = judge(s, &options);
        assert_int_equal(s->trend->findings[0].gate, rows[i].gate);
        if (!strstr(sum.reason, rows[i].reason)) fail_msg("row %zu: %s", i, sum.reason);
        assert_int_equal(sum.result,
                         rows[i].gate == HS_GATE_ALARM ? HS_RESULT_GROWTH : HS_RESULT_INSUFFICIENT);
        hs_judge_summary_deinit(&sum);
        series_destroy(s);
    }
}

static void what_is_no_baseline_is_named(void **state) {
    (void)state;
    static const char *const bad[][2] = {
        {"", "base is empty"},
        {"\n", "base: line 1: not a line of heapdiff's NDJSON"},
        {"[]\n", "base: line 1: not a line"},
        {"{\"kind\":7}\n", "base: line 1: not a line"},
        {"{\"kind\":\"growth\"}\n", "base: line 1: a line before the header"},
        {"{\"kind\":\"header\"}\n", "base: line 1: the header's schema is not heapdiff.result/1"},
        {"{\"kind\":\"header\",\"schema\":\"heapdiff.result/2\"}\n", "schema is not heapdiff.result/1"},
        {"{\"kind\":\"header\",\"schema\":\"heapdiff.result/10\"}\n", "schema is not heapdiff.result/1"},
        {"{\"kind\":\"header\",\"schema\":\"heapscan.snapshot/1\"}\n", "line 1: this is a snapshot"},
        {HEADER "]}\n{\"kind\":\"growth\"}\n",
         "base: line 2: the field `fingerprint` of the growth line is missing"},
        {HEADER "]}\n\n{\"kind\":\"growth\",\"fingerprint\":\"x\"}\n", "base: line 2: not a line"},
        {HEADER "]}\n{\"kind\":\"growth\",\"fingerprint\":\"x\"}\n", "base: line 2: the field `fingerprint`"},
        {HEADER "]}\n{\"kind\":\"gro", "base: line 2: not a line"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct hs_baseline *baseline = NULL;
        struct hs_error *error = read_text(bad[i][0], strlen(bad[i][0]), &baseline);
        assert_non_null(error);
        if (!strstr(error->message, bad[i][1])) fail_msg("row %zu: %s", i, error->message);
        hs_error_destroy(error);
        assert_null(baseline);
    }
}

static void later_minors_and_other_lines_are_read(void **state) {
    (void)state;
    struct hs_baseline *baseline = baseline_of(
        "{\"kind\":\"header\",\"schema\":\"heapdiff.result/1.4\"}\n{\"kind\":\"moon\"}\n"
        "{\"kind\":\"growth\",\"fingerprint\":\"00000000000000000000000000000001\",\"held_delta\":5}\n"
        "{\"kind\":\"growth\",\"fingerprint\":\"00000000000000000000000000000001\",\"held_delta\":9}\n"
        "{\"kind\":\"verdict\"}\n");
    assert_int_equal(baseline->count, 1);
    assert_true(baseline->entries[0].per_step > 8.5 && baseline->entries[0].per_step < 9.5);
    hs_baseline_destroy(baseline);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_findings_pass_unless_they_are_faster),
        cmocka_unit_test(what_is_new_stands_first),
        cmocka_unit_test(steps_and_chance_are_asked_for),
        cmocka_unit_test(what_is_no_baseline_is_named),
        cmocka_unit_test(later_minors_and_other_lines_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
