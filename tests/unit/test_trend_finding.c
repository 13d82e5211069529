/* Holders: from the path lines of several captures to "held by". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "../support/series.h"
#include "trend/finding.h"
#include "trend/judge.h"

static const struct hs_snap_key NONE = {0, 0};

/* Three nodes a capture: module -> Map -> `key`. Ids differ from capture to capture, as they do. */
static void put_paths(struct series *s, struct hs_snap_path lines[][4], struct hs_snap_key map,
                      struct hs_snap_key held, const int64_t *counts) {
    for (size_t k = 0; k < s->count; k++) {
        int64_t id = 10 * (int64_t)k;
        struct hs_snap_path four[] = {
            {id, HS_SNAP_NULL, "/srv/app.js", NONE, NULL, 1, 50, 1, 0},
            {id + 1, id, "variable cache", map, "Map", 1, 1000, 2, 0},
            {id + 2, id + 1, "[key]", held, "Session", counts[k], counts[k] * 56, 1, 0x1000 + 8 * k},
            {id + 3, 4711, "lost", held, "Session", 5 * counts[k], 0, 0, 0}, /* its parent is not there */
        };
        memcpy(lines[k], four, sizeof four);
        s->snaps[k].paths = lines[k];
        s->snaps[k].path_count = 4;
    }
}

/* The findings; NULL if there is none. */
static const struct hs_finding *judge(struct series *s) {
    for (size_t k = 0; k < s->count; k++)
        for (size_t i = 0; i < s->snaps[k].class_count; i++) { /* who knows paths knows what is reachable */
            s->classes[k][i].reachable_count = s->classes[k][i].count;
            s->classes[k][i].reachable_bytes = s->classes[k][i].bytes;
        }
    struct hs_trend *trend = series_trend(s);
    struct hs_judge_summary summary;
    struct hs_judge_options options = {.min_bytes = 1024, .content_min_bytes = 16384};
    assert_null(hs_judge(trend, &options, &summary));
    /* The parts always add up to the whole. */
    assert_int_equal(summary.bytes_delta, summary.findings_bytes + summary.v8_bytes + summary.ignored_bytes +
                                              summary.noise_bytes + summary.shrunk_bytes);
    hs_judge_summary_deinit(&summary);
    return trend->finding_count ? trend->findings : NULL;
}

static void class_and_its_holder_are_one_finding(void **state) {
    (void)state;
    struct series *s = series_create(3);
    struct hs_snap_path lines[3][4];
    const int64_t counts[] = {100, 200, 300};
    series_class(s, "object", "Session", "id,user", counts, 56);
    put_paths(s, lines, (struct hs_snap_key){1, 2}, series_last(s, 0)->key, counts);
    const struct hs_finding *f = judge(s);
    assert_int_equal(s->trend->finding_count, 1);
    assert_int_equal(f->rank, 1);
    assert_string_equal(f->row->constructor, "Session");
    assert_string_equal(f->holder, "app.js: variable cache: Map");
    assert_int_equal(f->path_count, 3);
    assert_string_equal(f->path[0], "/srv/app.js");
    assert_string_equal(f->path[2], "[key]: Session");
    assert_true(f->sample == 0x1010 &&
                f->sample_capture == 2); /* one that stands there, not any of the class */
    assert_true(f->held_delta == 200 * 56 && f->held_bytes[2] == 1000 + 300 * 56);
    assert_true(f->evidence.verdict == HS_VERDICT_GROWING && f->evidence.significance == 1.0 / 6);
    series_destroy(s);
}

/* Most of the growth happened elsewhere: no holder rather than a wrong one. */
static void small_part_is_no_holder(void **state) {
    (void)state;
    struct series *s = series_create(3);
    struct hs_snap_path lines[3][4];
    series_class(s, "object", "Session", "id,user", (int64_t[]){100, 200, 300}, 56);
    put_paths(s, lines, (struct hs_snap_key){1, 2}, series_last(s, 0)->key, (int64_t[]){10, 11, 12});
    const struct hs_finding *f = judge(s);
    assert_int_equal(f->rank, 1);
    assert_string_equal(f->row->constructor, "Session");
    assert_null(f->holder);
    assert_null(f->path);
    series_destroy(s);
}

/* An array of numbers: no class grows in number, its storage by leaps; its entries tell. */
static void container_is_told_by_its_entries(void **state) {
    (void)state;
    struct series *s = series_create(4);
    static const int64_t entries[] = {900, 1800, 2700, 3600}, bytes[] = {8000, 16000, 32000, 32000};
    struct hs_snap_path lines[4][2];
    struct hs_snap_container containers[4];
    series_class_bytes(s, "object", "Array", "", (int64_t[]){7, 7, 7, 7}, bytes);
    struct hs_snap_key array = series_last(s, 0)->key;
    for (size_t k = 0; k < 4; k++) {
        lines[k][0] = (struct hs_snap_path){1, HS_SNAP_NULL, "/srv/app.js", NONE, NULL, 1, 50, 1, 0};
        lines[k][1] = (struct hs_snap_path){2, 1, "variable samples", array, "Array", 1, bytes[k], 0, 0};
        containers[k] = (struct hs_snap_container){"app.js: variable samples",
                                                   array,
                                                   "Array",
                                                   0x1000,
                                                   entries[k],
                                                   entries[k],
                                                   bytes[k],
                                                   0,
                                                   "integer"};
        s->snaps[k].paths = lines[k];
        s->snaps[k].path_count = 2;
        s->snaps[k].containers = &containers[k];
        s->snaps[k].container_count = 1;
    }
    const struct hs_finding *f = judge(s);
    assert_int_equal(s->trend->finding_count, 1);
    assert_int_equal(f->subject, HS_SUBJECT_CONTAINER);
    assert_string_equal(f->holder, "app.js: variable samples: Array");
    assert_string_equal(f->keys, "integer");
    assert_true(f->counts[0] == 900 && f->counts[3] == 3600 && f->count_delta == 2700);
    assert_true(f->held_delta == 24000 && f->sample == 0x1000 && f->sample_capture == 3);
    assert_int_equal(f->evidence.verdict, HS_VERDICT_GROWING);
    series_destroy(s);
}

/* A batch that is gathered and flushed: its objects grew, but less and less; the array that has room for them
 * is no leak of its own. */
static void room_for_members_is_no_growth_of_its_own(void **state) {
    (void)state;
    struct series *s = series_create(3);
    static const int64_t held[] = {96, 516, 720}, room[] = {900, 3700, 6564};
    struct hs_snap_path lines[3][3];
    series_class(s, "object", "Metric", "n", held, 56);
    struct hs_snap_key metric = series_last(s, 0)->key;
    series_class_bytes(s, "object", "Array", "", (int64_t[]){7, 7, 7}, room);
    struct hs_snap_key array = series_last(s, 0)->key;
    for (size_t k = 0; k < 3; k++) {
        lines[k][0] = (struct hs_snap_path){1, HS_SNAP_NULL, "/srv/app.js", NONE, NULL, 1, 50, 1, 0};
        lines[k][1] = (struct hs_snap_path){2, 1, "variable batch", array, "Array", 1, room[k], 0, 0};
        lines[k][2] = (struct hs_snap_path){3, 2, "[x]", metric, "Metric", held[k], held[k] * 56, 0, 0};
        s->snaps[k].paths = lines[k];
        s->snaps[k].path_count = 3;
    }
    const struct hs_finding *f = judge(s);
    assert_string_equal(f->row->constructor, "Metric");
    for (size_t i = 0; i < s->trend->finding_count; i++)
        assert_int_equal(s->trend->findings[i].evidence.verdict, HS_VERDICT_GREW);
    series_destroy(s);
}

/* Two Maps over the same sessions: a path tells the first one only. The sessions' bytes are in its finding
 * and in no other; the second is a finding by its entries, with its own table. */
static void two_holders_of_the_same_objects(void **state) {
    (void)state;
    struct series *s = series_create(3);
    static const int64_t counts[] = {1000, 2000, 3000}, tables[] = {20000, 40000, 80000};
    struct hs_snap_path lines[3][4];
    struct hs_snap_container containers[3][2];
    series_class_bytes(s, "object", "Map", "", (int64_t[]){2, 2, 2}, (int64_t[]){40000, 80000, 160000});
    struct hs_snap_key map = series_last(s, 0)->key;
    series_class(s, "object", "Session", "id,user", counts, 56);
    struct hs_snap_key session = series_last(s, 0)->key;
    for (size_t k = 0; k < 3; k++) {
        const struct hs_snap_path four[] = {
            {1, HS_SNAP_NULL, "/srv/app.js", NONE, NULL, 1, 50, 2, 0},
            {2, 1, "variable byId", map, "Map", 1, tables[k], counts[k], 0},
            {3, 1, "variable byName", map, "Map", 1, tables[k], counts[k], 0},
            {4, 2, "[key]", session, "Session", counts[k], counts[k] * 56, 0, 0},
        };
        memcpy(lines[k], four, sizeof four);
        for (size_t i = 0; i < 2; i++)
            containers[k][i] =
                (struct hs_snap_container){.path = i ? "app.js: variable byName" : "app.js: variable byId",
                                           .class = map,
                                           .constructor = "Map",
                                           .address = 0x1000 * ((hs_addr)i + 1),
                                           .entries = counts[k],
                                           .capacity = counts[k],
                                           .bytes = tables[k],
                                           .keys = "string"};
        s->snaps[k].paths = lines[k];
        s->snaps[k].path_count = 4;
        s->snaps[k].containers = containers[k];
        s->snaps[k].container_count = 2;
    }
    const struct hs_finding *f = judge(s);
    assert_int_equal(s->trend->finding_count, 2);
    assert_string_equal(f[0].row->constructor, "Session");
    assert_string_equal(f[0].holder, "app.js: variable byId: Map");
    assert_int_equal(f[0].held_delta, 2000 * 56 + 60000);
    assert_int_equal(f[1].subject, HS_SUBJECT_CONTAINER);
    assert_string_equal(f[1].holder, "app.js: variable byName: Map");
    assert_true(f[1].count_delta == 2000 && f[1].held_delta == 60000);
    series_destroy(s);
}

/* Objects that are found at another place are no more than before. */
static void what_moves_does_not_grow(void **state) {
    (void)state;
    struct series *s = series_create(3);
    struct hs_snap_path lines[3][4];
    series_class(s, "object", "Session", "id,user", (int64_t[]){1000, 1000, 1000}, 56);
    put_paths(s, lines, (struct hs_snap_key){1, 2}, series_last(s, 0)->key, (int64_t[]){100, 300, 500});
    assert_null(judge(s));
    series_destroy(s);
}

/* Fifty tenants more, but a hundred times the events of each: the reason is the list of events. */
static void reason_lies_where_growth_outpaces(void **state) {
    (void)state;
    struct series *s = series_create(3);
    static const int64_t tenants[] = {100, 110, 120}, events[] = {100, 5000, 10000};
    struct hs_snap_path lines[3][4];
    series_class(s, "object", "Tenant", "events", tenants, 56);
    struct hs_snap_key tenant = series_last(s, 0)->key;
    series_class(s, "object", "Event", "id", events, 56);
    struct hs_snap_key event = series_last(s, 0)->key;
    for (size_t k = 0; k < 3; k++) {
        const struct hs_snap_path four[] = {
            {1, HS_SNAP_NULL, "/srv/app.js", NONE, NULL, 1, 50, 1, 0},
            {2, 1, "variable tenants", {1, 2}, "Map", 1, 1000, 2, 0},
            {3, 2, "[key]", tenant, "Tenant", tenants[k], tenants[k] * 56, 1, 0},
            {4, 3, "[x]", event, "Event", events[k], events[k] * 56, 0, 0},
        };
        memcpy(lines[k], four, sizeof four);
        s->snaps[k].paths = lines[k];
        s->snaps[k].path_count = 4;
    }
    const struct hs_finding *f = judge(s);
    assert_string_equal(f->row->constructor, "Event");
    assert_string_equal(f->holder, "app.js: variable tenants[key]: Tenant");
    series_destroy(s);
}

static void snapshots_without_paths(void **state) {
    (void)state;
    struct series *s = series_create(2);
    series_class(s, "object", "Session", "id,user", (int64_t[]){100, 300}, 56);
    const struct hs_finding *f = judge(s);
    assert_null(f->holder);
    assert_null(f->held_bytes);
    assert_true(f->held_delta == 200 * 56);
    series_destroy(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(class_and_its_holder_are_one_finding),
        cmocka_unit_test(small_part_is_no_holder),
        cmocka_unit_test(room_for_members_is_no_growth_of_its_own),
        cmocka_unit_test(container_is_told_by_its_entries),
        cmocka_unit_test(what_moves_does_not_grow),
        cmocka_unit_test(reason_lies_where_growth_outpaces),
        cmocka_unit_test(snapshots_without_paths),
        cmocka_unit_test(two_holders_of_the_same_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
