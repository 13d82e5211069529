#include "trend/history.h"

#include "snap/arena.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { QUIET = 300, NIGHTS_MAX = 40 };
#define NIGHT_1 1732239727000

/* So many nights with QUIET classes that stand still, and room for some more. */
static struct hs_history *nights_of(size_t count) {
    struct hs_history *h = NULL;
    assert_null(hs_history_create("web", &h));
    h->nights = calloc(count, sizeof *h->nights);
    h->rows = calloc(QUIET + 8, sizeof *h->rows);
    h->night_count = count;
    h->reachable = true;
    for (size_t i = 0; i < count; i++)
        h->nights[i] = (struct hs_history_night){
            .id = (int64_t)i + 1, .at = NIGHT_1 + (int64_t)i * 86400000, .captures = 1, .complete = true};
    for (size_t r = 0; r < QUIET + 8; r++) {
        h->rows[r].counts = hs_snap_arena_alloc(h->arena, count * sizeof(int64_t));
        h->rows[r].bytes = hs_snap_arena_alloc(h->arena, count * sizeof(int64_t));
    }
    return h;
}

/* Objects of 100 bytes. */
static void add(struct hs_history *h, const char *constructor, const int64_t *counts) {
    struct hs_history_row *row = &h->rows[h->row_count];
    row->type = "object";
    row->constructor = constructor;
    row->key.low = h->row_count++;
    for (size_t i = 0; i < h->night_count; i++) {
        row->counts[i] = counts[i];
        row->bytes[i] = 100 * counts[i];
    }
}

static void add_quiet(struct hs_history *h) {
    for (size_t r = 0; r < QUIET; r++) {
        int64_t counts[NIGHTS_MAX];
        for (size_t i = 0; i < h->night_count; i++) /* wavers by up to 6 % */
            counts[i] = 1000 + (int64_t)((r * 7919 + i * 104729 + r * i * 31) % 60);
        add(h, "Quiet", counts);
    }
}

static void judge(struct hs_history *h) {
    struct hs_judge_options options = {.min_bytes = 1024, .content_min_bytes = 16384};
    struct hs_error *error = hs_history_judge(h, &options, HS_HISTORY_SIGNIFICANCE);
    if (error) fail_msg("%s", error->message);
}

static void finds_what_is_new_among_hundreds(void **state) {
    (void)state;
    struct hs_history *h = nights_of(12);
    add_quiet(h);
    add(h, "Jumped", (int64_t[]){50, 51, 49, 50, 50, 52, 50, 50, 49, 50, 50, 500});
    add(h, "Stepped", (int64_t[]){50, 51, 49, 50, 50, 52, 50, 50, 49, 50, 900, 905});
    add(h, "Drifting", (int64_t[]){1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 5500, 6000, 6500});
    add(h, "Old", (int64_t[]){50, 51, 49, 50, 800, 804, 801, 800, 799, 803, 800, 805});
    add(h, "Small", (int64_t[]){0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5});
    judge(h);
    assert_int_equal(h->result, HS_RESULT_GROWTH);
    assert_true(h->found == 4 && h->fresh == 3);
    assert_string_equal(h->rows[0].constructor, "Drifting");
    assert_int_equal(h->rows[0].verdict, HS_HISTORY_DRIFTING);
    assert_string_equal(h->rows[1].constructor, "Stepped");
    assert_true(h->rows[1].verdict == HS_HISTORY_STEPPED && h->rows[1].since == 10 && h->rows[1].fresh);
    assert_int_equal(h->rows[1].count_delta, 850); /* 900 (the lower median) and 50 */
    assert_string_equal(h->rows[2].constructor, "Jumped");
    assert_true(h->rows[2].verdict == HS_HISTORY_JUMPED && h->rows[2].since == 11);
    assert_string_equal(h->rows[3].constructor, "Old");
    assert_true(!h->rows[3].fresh && h->rows[3].since == 4 && h->rows[3].rank == 4);
    assert_string_equal(h->reason,
                        "Drifting grows from night to night (+4000 objects, +400000 bytes); 2 more "
                        "are new; 1 class stepped up earlier");
    hs_history_destroy(h);
}

static void an_old_step_is_no_news(void **state) {
    (void)state;
    struct hs_history *h = nights_of(12);
    add_quiet(h);
    add(h, "Old", (int64_t[]){50, 51, 49, 50, 800, 804, 801, 800, 799, 803, 800, 805});
    judge(h);
    assert_int_equal(h->result, HS_RESULT_STEADY);
    assert_string_equal(h->reason, "tonight is as the 11 nights before; 1 class stepped up earlier");
    hs_history_destroy(h);
}

static void few_nights_are_not_judged(void **state) {
    (void)state;
    for (size_t n = 0; n < HS_HISTORY_MIN_NIGHTS; n++) {
        struct hs_history *h = nights_of(n);
        add(h, "Session", (int64_t[]){10, 1000, 100000, 10000000});
        judge(h);
        assert_int_equal(h->result, HS_RESULT_INSUFFICIENT);
        assert_true(!h->found && strstr(h->reason, "5 are needed"));
        hs_history_destroy(h);
    }
}

/* Partial nights would make a hole, and the night after it a rise. */
static void partial_nights_are_left_out(void **state) {
    (void)state;
    struct hs_history *h = nights_of(9);
    add(h, "Session", (int64_t[]){1000, 1001, 1002, 3, 1000, 1, 2, 1001, 1000});
    for (size_t i = 3; i < 7; i++) h->nights[i].complete = i == 4;
    judge(h);
    assert_true(h->result == HS_RESULT_STEADY && h->skipped == 3 && !h->found);
    hs_history_destroy(h);
    h = nights_of(6);
    add(h, "Session", (int64_t[]){1000, 1001, 1002, 1000, 1000, 5000});
    h->nights[5].complete = false;
    judge(h);
    assert_int_equal(h->result, HS_RESULT_INSUFFICIENT);
    assert_true(!h->found && strstr(h->reason, "tonight among them"));
    hs_history_destroy(h);
}

static void rules_and_thresholds_hold_for_nights_too(void **state) {
    (void)state;
    char pattern[] = "Sess*", reason[] = "the pool";
    struct hs_ignore_pattern rule = {
        .pattern = pattern, .match = pattern, .reason = reason, .ends = INT64_MAX};
    struct hs_ignore ignore = {&rule, 1};
    static const struct {
        int64_t min_bytes, min_count;
        bool ignores, found;
    } rows[] = {
        {1024, 0, false, true}, {90001, 0, false, false}, {1024, 901, false, false}, {1024, 0, true, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hs_history *h = nights_of(6);
        add(h, "Session", (int64_t[]){100, 100, 100, 100, 100, 1000});
        struct hs_judge_options options = {.min_bytes = rows[i].min_bytes,
                                           .min_count = rows[i].min_count,
                                           .ignore = rows[i].ignores ? &ignore : NULL};
        assert_null(hs_history_judge(h, &options, HS_HISTORY_SIGNIFICANCE));
        assert_int_equal(h->found, rows[i].found);
        assert_int_equal(h->result, rows[i].found ? HS_RESULT_GROWTH : HS_RESULT_STEADY);
        hs_history_destroy(h);
    }
    assert_int_equal(rule.matched, 1);
    struct hs_history *h = nights_of(6);
    add(h, "system / Map", (int64_t[]){100, 100, 100, 100, 100, 1000}); /* V8's own */
    judge(h);
    assert_int_equal(h->tested, 0);
    hs_history_destroy(h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_new_among_hundreds),
        cmocka_unit_test(an_old_step_is_no_news),
        cmocka_unit_test(few_nights_are_not_judged),
        cmocka_unit_test(partial_nights_are_left_out),
        cmocka_unit_test(rules_and_thresholds_hold_for_nights_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
