/* One cause with several holders: from the lines `shared` of several captures to `also` and LeakShare. All
 * numbers are worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../support/series.h"
#include "trend/finding.h"
#include "trend/judge.h"

enum { CAPTURES = 3, SESSION = 56, USER = 24 };
static const struct hs_snap_key NONE = {0, 0};
static const int64_t COUNTS[] = {1000, 2000, 3000}, TABLES[] = {20000, 40000, 80000};

/* Two Maps of one module; the sessions stand in the first, each with a user below it. */
struct two_maps {
    struct series *s;
    struct hs_snap_path paths[CAPTURES][6];
    struct hs_snap_container containers[CAPTURES][2];
    struct hs_snap_shared shared[CAPTURES][4];
    struct hs_snap_key map, session, user;
};

/* `second`: entries of the second Map. */
static void make(struct two_maps *t, const int64_t *second) {
    struct series *s = t->s = series_create(CAPTURES);
    series_class_bytes(s, "object", "Map", "", (int64_t[]){2, 2, 2}, (int64_t[]){40000, 80000, 160000});
    t->map = series_last(s, 0)->key;
    series_class(s, "object", "Session", "id,user", COUNTS, SESSION);
    t->session = series_last(s, 0)->key;
    series_class(s, "object", "User", "name", COUNTS, USER);
    t->user = series_last(s, 0)->key;
    for (size_t k = 0; k < CAPTURES; k++) {
        const struct hs_snap_path paths[] = {
            {1, HS_SNAP_NULL, "/srv/app.js", NONE, NULL, 1, 50, 2, 0},
            {2, 1, "variable byId", t->map, "Map", 1, TABLES[k], COUNTS[k], 0},
            {3, 1, "variable byName", t->map, "Map", 1, TABLES[k], second[k], 0},
            {4, 2, "[key]", t->session, "Session", COUNTS[k], COUNTS[k] * SESSION, 0, 0},
            {5, 4, "user", t->user, "User", COUNTS[k], COUNTS[k] * USER, 0, 0},
        };
        memcpy(t->paths[k], paths, sizeof paths);
        for (size_t i = 0; i < 2; i++)
            t->containers[k][i] =
                (struct hs_snap_container){.path = i ? "app.js: variable byName" : "app.js: variable byId",
                                           .class = t->map,
                                           .constructor = "Map",
                                           .address = 0x1000 * ((hs_addr)i + 1),
                                           .entries = i ? second[k] : COUNTS[k],
                                           .capacity = COUNTS[k],
                                           .bytes = TABLES[k],
                                           .retained_bytes = TABLES[k] + 10,
                                           .keys = "string"};
        t->shared[k][0] = (struct hs_snap_shared){.path = HS_SNAP_NULL};
        s->snaps[k].paths = t->paths[k];
        s->snaps[k].path_count = 5;
        s->snaps[k].containers = t->containers[k];
        s->snaps[k].container_count = 2;
        s->snaps[k].shared = t->shared[k];
        s->snaps[k].shared_count = 1;
    }
}

/* Another set of holders of some of a path's objects. */
static void share(struct two_maps *t, int64_t path, const char **from, const char **edges, size_t length,
                  const int64_t *counts) {
    for (size_t k = 0; k < CAPTURES; k++)
        t->shared[k][t->s->snaps[k].shared_count++] = (struct hs_snap_shared){.path = path,
                                                                              .from = from,
                                                                              .edges = edges,
                                                                              .from_length = length,
                                                                              .edges_length = length,
                                                                              .count = counts[k],
                                                                              .bytes = counts[k] * SESSION};
}

static const struct hs_finding *judge(struct two_maps *t) {
    struct series *s = t->s;
    for (size_t k = 0; k < CAPTURES; k++)
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
    assert_true(trend->finding_count > 0);
    return trend->findings;
}

static const char *const NAME[] = {"app.js: variable byName"}, *const KEY[] = {"[key]"};

/* Every object is half the first Map's, half the second's, with what hangs on it; each has its own table. */
static void two_maps_are_one_cause(void **state) {
    (void)state;
    struct two_maps t;
    make(&t, COUNTS);
    share(&t, 4, (const char **)NAME, (const char **)KEY, 1, COUNTS);
    const struct hs_finding *f = judge(&t);
    assert_int_equal(t.s->trend->finding_count, 1);
    assert_string_equal(f->row->constructor, "Session");
    assert_string_equal(f->holder, "app.js: variable byId: Map");
    assert_int_equal(f->held_delta, 2000 * (SESSION + USER) + 2 * 60000);
    assert_int_equal(f->leak_share, 1000 * (SESSION + USER) + 60000);
    assert_int_equal(f->also_count, 1);
    assert_string_equal(f->also[0].holder, "app.js: variable byName: Map");
    assert_int_equal(f->also[0].leak_share, 1000 * (SESSION + USER) + 60000);
    assert_int_equal(f->evidence.verdict, HS_VERDICT_GROWING);
    series_destroy(t.s);
}

/* The second Map has every fifth session: all that it gained is in the first. */
static void a_part_is_shared(void **state) {
    (void)state;
    static const int64_t fifth[] = {200, 400, 600};
    struct two_maps t;
    make(&t, fifth);
    share(&t, 4, (const char **)NAME, (const char **)KEY, 1, fifth);
    const struct hs_finding *f = judge(&t);
    assert_int_equal(t.s->trend->finding_count, 1);
    assert_int_equal(f->leak_share, 1800 * (SESSION + USER) + 60000);
    assert_int_equal(f->also[0].leak_share, 200 * (SESSION + USER) + 60000);
    series_destroy(t.s);
}

/* A Map with other things, of which a few are sessions too: two causes. */
static void a_little_in_common_is_no_cause(void **state) {
    (void)state;
    static const int64_t few[] = {10, 20, 30};
    struct two_maps t;
    make(&t, COUNTS);
    share(&t, 4, (const char **)NAME, (const char **)KEY, 1, few);
    const struct hs_finding *f = judge(&t);
    assert_int_equal(t.s->trend->finding_count, 2);
    assert_true(f[0].also && f[0].also_count == 0 && f[1].also_count == 0);
    assert_string_equal(f[1].holder, "app.js: variable byName: Map");
    /* 20 of the sessions are half the second's. */
    assert_int_equal(f[0].leak_share, 1990 * (SESSION + USER) + 60000);
    assert_int_equal(f[1].leak_share, 10 * (SESSION + USER) + 60000);
    assert_int_equal(f[1].exclusive_bytes, 60000); /* a container's own, of its lines */
    series_destroy(t.s);
}

/* Three reach the users: both Maps with their sessions, and a list that is no region for itself (it is not in
 * the trees). A handle holds the sessions as well. */
static void holders_without_a_region_are_told(void **state) {
    (void)state;
    static const char *const both[] = {"(Global handles)", "app.js: variable byName"},
                             *const steps[] = {"(held)", "[key]"}, *const list[] = {"app.js: variable users"},
                             *const index[] = {"[x]"};
    struct two_maps t;
    make(&t, COUNTS);
    share(&t, 4, (const char **)both, (const char **)steps, 2, COUNTS);
    share(&t, 5, (const char **)list, (const char **)index, 1, COUNTS);
    const struct hs_finding *f = judge(&t);
    assert_int_equal(t.s->trend->finding_count, 1);
    assert_int_equal(f->also_count, 2); /* the list holds users: not what the finding is about */
    assert_string_equal(f->also[0].holder, "app.js: variable byName: Map");
    assert_string_equal(f->also[1].holder, "(Global handles)");
    /* Sessions by three, users by four. */
    int64_t third = (2000 * SESSION + 1) / 3 + 2000 * USER / 4;
    assert_int_equal(f->leak_share, third + 60000);
    assert_int_equal(f->also[0].leak_share, third + 60000);
    assert_int_equal(f->also[1].leak_share, third);
    series_destroy(t.s);
}

/* Snapshots of an older heapscan have no such lines. */
static void unknown_is_unknown(void **state) {
    (void)state;
    struct two_maps t;
    make(&t, COUNTS);
    share(&t, 4, (const char **)NAME, (const char **)KEY, 1, COUNTS);
    t.s->snaps[1].shared_count = 0;
    const struct hs_finding *f = judge(&t);
    assert_int_equal(t.s->trend->finding_count, 2);
    assert_true(!f->also && f->leak_share == HS_SNAP_NULL);
    series_destroy(t.s);
}

/* A list of recent sessions has always a hundred: it holds, but it does not grow. */
static void what_does_not_grow_is_no_holder(void **state) {
    (void)state;
    static const char *const recent[] = {"app.js: variable recent"}, *const index[] = {"[x]"};
    struct two_maps t;
    make(&t, COUNTS);
    share(&t, 4, (const char **)recent, (const char **)index, 1, (int64_t[]){100, 100, 100});
    const struct hs_finding *f = judge(&t);
    assert_int_equal(f->also_count, 0);
    assert_int_equal(f->leak_share, f->held_delta);
    series_destroy(t.s);
}

/* Ids that no path has, places that nobody knows, sets of every size: no crash, and nothing is made up. */
static void strange_rows(void **state) {
    (void)state;
    static const char *const many[] = {"a", "b", "c", "d", "e", "f", ""}, *const steps[] = {"", "", "", "",
                                                                                            "", "", ""};
    struct two_maps t;
    make(&t, COUNTS);
    share(&t, 4711, (const char **)many, (const char **)steps, 7, COUNTS);
    share(&t, 4, (const char **)many, (const char **)steps, 7, (int64_t[]){0, INT64_MAX, INT64_MAX});
    share(&t, 4, NULL, NULL, 0, COUNTS);
    const struct hs_finding *f = judge(&t);
    assert_string_equal(f->row->constructor, "Session");
    assert_true(f->leak_share >= 0 && f->leak_share <= f->held_delta);
    series_destroy(t.s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_maps_are_one_cause),
        cmocka_unit_test(a_part_is_shared),
        cmocka_unit_test(a_little_in_common_is_no_cause),
        cmocka_unit_test(holders_without_a_region_are_told),
        cmocka_unit_test(unknown_is_unknown),
        cmocka_unit_test(what_does_not_grow_is_no_holder),
        cmocka_unit_test(strange_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
