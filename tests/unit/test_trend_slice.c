/* Slices of the graphs of classes: who refers to what grows, and who dominates it, by class. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "../support/series.h"
#include "trend/finding.h"
#include "trend/judge.h"
#include "trend/slice.h"

enum { CAPTURES = 3, LINES = 2100 };
static const int64_t GROWS[] = {1000, 2000, 3000}, STANDS[] = {5, 5, 5};

struct graph {
    struct series *s;
    struct hs_snap_key registry, array, bucket, session;
    struct hs_snap_edge edges[CAPTURES][LINES];
    struct hs_snap_dominator dominators[CAPTURES][8];
    struct hs_snap_path paths[CAPTURES][1];
};

static struct hs_snap_key put_class(struct graph *g, const char *constructor, const int64_t *counts) {
    series_class(g->s, "object", constructor, "a", counts, 64);
    return series_last(g->s, 0)->key;
}

/* The trees have one node only, so that no path tells. */
static void make(struct graph *g) {
    g->s = series_create(CAPTURES);
    g->registry = put_class(g, "Registry", STANDS);
    g->array = put_class(g, "Array", STANDS);
    g->bucket = put_class(g, "Bucket", GROWS);
    g->session = put_class(g, "Session", GROWS);
    for (size_t k = 0; k < CAPTURES; k++) {
        g->paths[k][0] = (struct hs_snap_path){1, HS_SNAP_NULL, "global", {0, 0}, NULL, 1, 50, 2, 0};
        g->s->snaps[k].paths = g->paths[k];
        g->s->snaps[k].path_count = 1;
        g->s->snaps[k].edges = g->edges[k];
        g->s->snaps[k].dominators = g->dominators[k];
    }
}

static void put_edge(struct graph *g, struct hs_snap_key from, const char *name, struct hs_snap_key to,
                     const int64_t *counts) {
    for (size_t k = 0; k < CAPTURES; k++)
        if (counts[k])
            g->edges[k][g->s->snaps[k].edge_count++] = (struct hs_snap_edge){from, name, to, counts[k]};
}

static void put_dominator(struct graph *g, struct hs_snap_key by, struct hs_snap_key class,
                          const int64_t *counts) {
    for (size_t k = 0; k < CAPTURES; k++)
        g->dominators[k][g->s->snaps[k].dominator_count++] =
            (struct hs_snap_dominator){by, class, counts[k], counts[k] * 64};
}

static const struct hs_finding *judge(struct graph *g, struct hs_judge_summary *summary) {
    for (size_t k = 0; k < CAPTURES; k++)
        for (size_t i = 0; i < g->s->snaps[k].class_count; i++) {
            g->s->classes[k][i].reachable_count = g->s->classes[k][i].count;
            g->s->classes[k][i].reachable_bytes = g->s->classes[k][i].bytes;
        }
    struct hs_trend *trend = series_trend(g->s);
    struct hs_judge_options options = {.min_bytes = 1024, .content_min_bytes = 16384};
    assert_null(hs_judge(trend, &options, summary));
    for (size_t i = 0; i < trend->finding_count; i++)
        if (!strcmp(trend->findings[i].row->constructor, "Session")) return &trend->findings[i];
    fail_msg("no finding");
    return NULL;
}

static void check_steps(const char **steps, size_t count, const char *const *wanted, size_t wanted_count) {
    assert_int_equal(count, wanted_count);
    for (size_t i = 0; i < count; i++) assert_string_equal(steps[i], wanted[i]);
}

/* Buckets grow with the sessions, the array that holds them does not: it is the holder's class. */
static void the_way_ends_where_nothing_grows(void **state) {
    (void)state;
    static const char *const way[] = {"Array", "[x]: Bucket", "session: Session"};
    static const char *const by[] = {"Array", "Bucket", "Session"};
    struct graph g = {0};
    struct hs_judge_summary summary;
    make(&g);
    put_edge(&g, g.bucket, "session", g.session, GROWS);
    put_edge(&g, g.session, "bucket", g.bucket, GROWS); /* a cycle */
    put_edge(&g, g.array, "[x]", g.bucket, GROWS);
    put_edge(&g, g.registry, "recent", g.session, STANDS);
    put_edge(&g, g.registry, "items", g.array, STANDS);
    put_dominator(&g, g.bucket, g.session, GROWS);
    put_dominator(&g, g.array, g.bucket, GROWS);
    put_dominator(&g, (struct hs_snap_key){0, 0}, g.registry, STANDS);
    const struct hs_finding *f = judge(&g, &summary);
    check_steps(f->slice, f->slice_count, way, 3);
    check_steps(f->dominated, f->dominated_count, by, 3);
    /* Each class gained what its objects dominate: 2000 objects of 64 bytes. */
    assert_int_equal(summary.attribution_count, 3);
    assert_int_equal(summary.attributions[0].bytes_delta, 2000 * 64);
    assert_int_equal(summary.attributions[1].bytes_delta, 2000 * 64);
    assert_int_equal(summary.attributions[2].bytes_delta, 0);
    assert_null(summary.attributions[2].constructor);
    hs_judge_summary_deinit(&summary);
    series_destroy(g.s);
}

/* Arrays that grow in number with other things tell nothing of who holds the sessions' one. */
static void the_way_ends_where_it_is_not_known(void **state) {
    (void)state;
    static const char *const way[] = {"Array", "[x]: Session"};
    struct graph g = {0};
    struct hs_judge_summary summary;
    make(&g);
    series_class(g.s, "object", "Array", "", GROWS, 32);
    struct hs_snap_key array = series_last(g.s, 0)->key;
    put_edge(&g, array, "[x]", g.session, GROWS);
    put_edge(&g, array, "[x]", g.registry, GROWS);
    put_edge(&g, g.bucket, "list", array, GROWS);
    const struct hs_finding *f = judge(&g, &summary);
    check_steps(f->slice, f->slice_count, way, 2);
    assert_null(f->dominated);
    assert_null(summary.attributions);
    hs_judge_summary_deinit(&summary);
    series_destroy(g.s);
}

/* A list that is cut: what was not in it had up to as many as its least. */
static void what_comes_up_into_the_list_did_not_grow(void **state) {
    (void)state;
    struct graph g = {0};
    struct hs_judge_summary summary;
    make(&g);
    for (size_t i = 0; i < LINES - 1; i++) {
        struct hs_snap_key other = {7, i + 1};
        put_edge(&g, other, "x", other, (int64_t[]){2500, 2500, 2500});
    }
    put_edge(&g, g.bucket, "session", g.session, (int64_t[]){0, 0, 3000});
    const struct hs_finding *f = judge(&g, &summary);
    assert_null(f->slice); /* 500 more for certain, of 2000 */
    hs_judge_summary_deinit(&summary);
    series_destroy(g.s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_way_ends_where_nothing_grows),
        cmocka_unit_test(the_way_ends_where_it_is_not_known),
        cmocka_unit_test(what_comes_up_into_the_list_did_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
