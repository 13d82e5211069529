/* What grows at no place by itself: queues of blocks, and modules that are loaded again and again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "../support/series.h"
#include "trend/finding.h"
#include "trend/judge.h"

enum { CAPTURES = 4, LINES = 6 };

static const struct hs_snap_key NONE = {0, 0}, QUEUE = {1, 2}, BLOCK = {3, 4};

static const struct hs_finding *judge(struct series *s) {
    for (size_t k = 0; k < s->count; k++)
        for (size_t i = 0; i < s->snaps[k].class_count; i++) {
            s->classes[k][i].reachable_count = s->classes[k][i].count;
            s->classes[k][i].reachable_bytes = s->classes[k][i].bytes;
        }
    struct hs_trend *trend = series_trend(s);
    struct hs_judge_summary summary;
    struct hs_judge_options options = {.min_bytes = 1024, .content_min_bytes = 16384};
    assert_null(hs_judge(trend, &options, &summary));
    assert_int_equal(summary.bytes_delta, summary.findings_bytes + summary.v8_bytes + summary.ignored_bytes +
                                              summary.noise_bytes + summary.shrunk_bytes);
    hs_judge_summary_deinit(&summary);
    return trend->finding_count ? trend->findings : NULL;
}

/* A queue of blocks: `head` is emptied, `tail` filled, and what stands between comes and goes by whole
 * blocks. */
static void put_queue(struct series *s, struct hs_snap_path lines[][LINES], struct hs_snap_key job,
                      const int64_t *head, const int64_t *tail) {
    for (size_t k = 0; k < s->count; k++) {
        struct hs_snap_path all[LINES] = {
            {1, HS_SNAP_NULL, "/srv/app.js", NONE, NULL, 1, 50, 1, 0},
            {2, 1, "variable jobs", QUEUE, "Queue", 1, 40, 2, 0},
            {3, 2, "head", BLOCK, "Block", 1, 100, 1, 0},
            {4, 3, "[x]", job, "Job", head[k], head[k] * 56, 0, 0},
            {5, 2, "tail", BLOCK, "Block", 1, 100, 1, 0},
            {6, 5, "[x]", job, "Job", tail[k], tail[k] * 56, 0, 0},
        };
        memcpy(lines[k], all, sizeof all);
        s->snaps[k].paths = lines[k];
        s->snaps[k].path_count = LINES;
    }
}

static void queue_of_blocks_is_the_holder(void **state) {
    (void)state;
    struct series *s = series_create(CAPTURES);
    struct hs_snap_path lines[CAPTURES][LINES];
    const int64_t head[] = {900, 300, 800, 200}, tail[] = {100, 1000, 800, 1700};
    series_class(s, "object", "Job", "id", (int64_t[]){1000, 1300, 1600, 1900}, 56);
    put_queue(s, lines, series_last(s, 0)->key, head, tail);
    const struct hs_finding *f = judge(s);
    assert_int_equal(s->trend->finding_count, 1);
    assert_string_equal(f->row->constructor, "Job");
    assert_string_equal(f->holder, "app.js: variable jobs: Queue");
    assert_string_equal(f->most, "app.js: variable jobs.tail[x]");
    assert_int_equal(f->evidence.verdict, HS_VERDICT_GROWING);
    assert_int_equal(f->held_delta, 900 * 56);
    series_destroy(s);
}

/* What wavers in number is no finding wherever it stands. */
static void wavering_queue_is_none(void **state) {
    (void)state;
    struct series *s = series_create(CAPTURES);
    struct hs_snap_path lines[CAPTURES][LINES];
    const int64_t head[] = {900, 300, 800, 200}, tail[] = {100, 1000, 300, 850};
    series_class(s, "object", "Job", "id", (int64_t[]){1000, 1300, 1100, 1050}, 56);
    put_queue(s, lines, series_last(s, 0)->key, head, tail);
    assert_null(judge(s));
    series_destroy(s);
}

/* Half here and half there, below different scripts: no holder rather than a wrong one. */
static void two_places_are_no_holder(void **state) {
    (void)state;
    struct series *s = series_create(CAPTURES);
    struct hs_snap_path lines[CAPTURES][LINES];
    const int64_t head[] = {900, 300, 800, 400}, tail[] = {100, 1000, 800, 1500};
    series_class(s, "object", "Job", "id", (int64_t[]){1000, 1300, 1600, 1900}, 56);
    put_queue(s, lines, series_last(s, 0)->key, head, tail);
    for (size_t k = 0; k < CAPTURES; k++) {
        lines[k][4].parent = HS_SNAP_NULL;
        lines[k][4].edge = "global";
        lines[k][3].count = k < 3 ? head[k] : 1200;
        lines[k][5].count = k < 3 ? tail[k] : 700;
    }
    const struct hs_finding *f = judge(s);
    assert_string_equal(f->row->constructor, "Job");
    assert_null(f->holder);
    series_destroy(s);
}

/* import("./conf.mjs?v=1"), then ?v=2, …: one script, of which there are more and more. */
static void module_under_fresh_queries_is_one(void **state) {
    (void)state;
    static const char *const names[] = {"file:///srv/conf.mjs?v=1", "file:///srv/conf.mjs?v=2",
                                        "file:///srv/conf.mjs?v=3", "file:///srv/conf.mjs?v=4"};
    struct series *s = series_create(CAPTURES);
    struct hs_snap_path lines[CAPTURES][2 * CAPTURES];
    series_class(s, "object", "Limits", "a,b", (int64_t[]){100, 200, 300, 400}, 56);
    for (size_t k = 0; k < CAPTURES; k++) {
        for (size_t i = 0; i <= k; i++) {
            int64_t id = 2 * (int64_t)i + 1;
            lines[k][2 * i] = (struct hs_snap_path){id, HS_SNAP_NULL, names[i], NONE, NULL, 1, 0, 1, 0};
            lines[k][2 * i + 1] = (struct hs_snap_path){
                id + 1, id, "variable limits", series_last(s, 0)->key, "Limits", 100, 5600, 0, 0};
        }
        s->snaps[k].paths = lines[k];
        s->snaps[k].path_count = 2 * (k + 1);
    }
    const struct hs_finding *f = judge(s);
    assert_int_equal(s->trend->finding_count, 1);
    assert_string_equal(f->holder, "conf.mjs: variable limits: Limits");
    assert_int_equal(f->count_delta, 300);
    series_destroy(s);
}

/* Two lists of jobs that grow, by their edges; a list linked both ways may hang on one object by both ends,
 * as Node's timers do. The number of findings. */
static size_t findings_of(const char *first, const char *second, bool one_object) {
    struct series *s = series_create(CAPTURES);
    struct hs_snap_path lines[CAPTURES][LINES];
    const int64_t growing[] = {500, 650, 800, 950};
    series_class(s, "object", "Job", "id", (int64_t[]){1000, 1300, 1600, 1900}, 56);
    put_queue(s, lines, series_last(s, 0)->key, growing, growing);
    for (size_t k = 0; k < CAPTURES; k++) {
        lines[k][3].edge = first;
        lines[k][5].edge = second;
        if (one_object) lines[k][3].parent = lines[k][5].parent = 2;
    }
    const struct hs_finding *f = judge(s);
    size_t count = s->trend->finding_count;
    assert_string_equal(f->row->constructor, "Job");
    assert_int_equal(f->evidence.verdict, HS_VERDICT_GROWING);
    assert_int_equal(f->held_delta, 900 * 56 / (int64_t)count);
    series_destroy(s);
    return count;
}

static void two_ends_are_one_list(void **state) {
    (void)state;
    assert_int_equal(findings_of("next", "prev", false), 1); /* head.next, tail.prev */
    assert_int_equal(findings_of("_idleNext", "_idlePrev", true), 1);
    assert_int_equal(findings_of("next", "next", false), 2); /* two lists */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queue_of_blocks_is_the_holder), cmocka_unit_test(wavering_queue_is_none),
        cmocka_unit_test(two_places_are_no_holder),      cmocka_unit_test(module_under_fresh_queries_is_one),
        cmocka_unit_test(two_ends_are_one_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
