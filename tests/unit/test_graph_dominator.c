/* Marking and dominators against their definitions: on small random graphs, reachability by brute force, "d
 * dominates n" as "without d, n is not reached", retained size as the sum over what d dominates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dominator.h"

enum { NODES_MAX = 24, EDGES_MAX = 96, EPHEMERONS_MAX = 6, ROUNDS = 3000 };

struct sample {
    struct hs_graph graph;
    uint32_t first[NODES_MAX + 1];
    hs_id to[EDGES_MAX];
    struct hs_ephemeron ephemerons[EPHEMERONS_MAX];
    uint64_t keys[1];
    hs_id roots[4];
    size_t root_count;
    struct hs_direct direct; /* edges past storages */
    uint64_t bits[3];
    uint32_t before[1];
    struct hs_direct_list lists[NODES_MAX + 1];
    hs_id past[EDGES_MAX];
};

static uint32_t state = 1;
static uint32_t draw(uint32_t limit) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % limit;
}

static int by_key(const void *a, const void *b) {
    const struct hs_ephemeron *x = a, *y = b;
    return x->key < y->key ? -1 : x->key > y->key;
}

static void make(struct sample *s, bool with_ephemerons) {
    memset(s, 0, sizeof *s);
    hs_id count = 2 + draw(NODES_MAX - 2);
    uint32_t edges = 0;
    for (hs_id i = 0; i < count; i++) {
        s->first[i] = edges;
        for (uint32_t k = draw(4); k && edges < EDGES_MAX; k--) s->to[edges++] = draw(count);
    }
    s->first[count] = edges;
    s->root_count = 1 + draw(3);
    for (size_t r = 0; r < s->root_count; r++) s->roots[r] = draw(count);
    s->graph = (struct hs_graph){.count = count,
                                 .object_count = count,
                                 .first = s->first,
                                 .to = s->to,
                                 .ephemerons = s->ephemerons,
                                 .keys = s->keys};
    if (!with_ephemerons) return;
    s->graph.ephemeron_count = draw(EPHEMERONS_MAX);
    for (uint32_t i = 0; i < s->graph.ephemeron_count; i++) {
        s->ephemerons[i] = (struct hs_ephemeron){draw(count), draw(count), draw(count)};
        s->keys[0] |= UINT64_C(1) << s->ephemerons[i].key;
    }
    qsort(s->ephemerons, s->graph.ephemeron_count, sizeof *s->ephemerons, by_key);
}

/* Some nodes are arrays, some have lists of what can be reached through them. */
static void add_direct(struct sample *s) {
    struct hs_direct *d = &s->direct;
    *d = (struct hs_direct){.arrays = &s->bits[0],
                            .has = &s->bits[1],
                            .listed = &s->bits[2],
                            .before = s->before,
                            .lists = s->lists,
                            .to = s->past,
                            .count = s->graph.count};
    uint32_t kept = 0;
    for (hs_id i = 0; i < s->graph.count; i++) {
        if (draw(4) == 0) s->bits[0] |= UINT64_C(1) << i;
        if (draw(8) == 0) s->bits[0] &= ~(UINT64_C(1) << i);
        if (draw(4) || s->first[i] == s->first[i + 1]) continue;
        s->bits[2] |= UINT64_C(1) << i;
        s->lists[d->list_count++] = (struct hs_direct_list){kept, draw(2), draw(2)};
        for (uint32_t e = s->first[i]; e < s->first[i + 1] && kept + 2 < EDGES_MAX; e++) {
            s->past[kept++] = s->to[e];
            if (s->first[s->to[e]] != s->first[s->to[e] + 1]) s->past[kept++] = s->to[s->first[s->to[e]]];
        }
    }
    s->bits[1] = s->bits[0] | s->bits[2];
    s->lists[d->list_count].first = kept;
    s->graph.direct = d;
}

/* The definition: repeat until nothing changes; `without` is not entered. */
static void reach(const struct sample *s, hs_id without, const bool *live_tables, bool *ret) {
    const struct hs_graph *g = &s->graph;
    memset(ret, 0, NODES_MAX * sizeof *ret);
    for (size_t r = 0; r < s->root_count; r++)
        if (s->roots[r] != without) ret[s->roots[r]] = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (hs_id i = 0; i < g->count; i++)
            for (uint32_t e = g->first[i]; ret[i] && e < g->first[i + 1]; e++) {
                if (g->to[e] != without && !ret[g->to[e]]) ret[g->to[e]] = changed = true;
                uint32_t count = 0;
                const hs_id *past =
                    g->direct ? hs_direct_past(g->direct, g->first, g->to, i, e, &count) : NULL;
                for (uint32_t k = 0; past && k < count; k++)
                    if (past[k] != without && !ret[past[k]]) ret[past[k]] = changed = true;
            }
        for (uint32_t i = 0; i < g->ephemeron_count; i++) {
            const struct hs_ephemeron *e = &g->ephemerons[i];
            bool table = live_tables ? live_tables[e->table] : ret[e->table];
            if (table && ret[e->key] && e->value != without && !ret[e->value]) ret[e->value] = changed = true;
        }
    }
}

static uint64_t size_of(void *context, hs_id id) {
    (void)context;
    return UINT64_C(1) << id % 64; /* sums tell which of the few nodes are in them */
}

static void marks_by_definition(void **unused) {
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        struct sample s;
        bool live[NODES_MAX];
        make(&s, true);
        reach(&s, HS_ID_NONE, NULL, live);
        struct hs_marks marks;
        assert_null(hs_mark(&s.graph, s.roots, s.root_count, &marks));
        hs_id count = 0;
        for (hs_id i = 0; i < s.graph.count; i++) {
            assert_int_equal(hs_marks_get(&marks, i), live[i]);
            count += live[i];
        }
        assert_int_equal(marks.count, count);
        hs_marks_deinit(&marks);
    }
}

static void dominates_by_definition(void **unused) {
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        struct sample s;
        bool live[NODES_MAX], left[NODES_MAX];
        make(&s, round % 2);
        if (round % 3 == 0) add_direct(&s);
        reach(&s, HS_ID_NONE, NULL, live);
        struct hs_marks marks;
        struct hs_dominators *d;
        assert_null(hs_mark(&s.graph, s.roots, s.root_count, &marks));
        assert_null(hs_dominators_create(&s.graph, &marks, s.roots, s.root_count, size_of, NULL, &d));
        uint64_t all = 0;
        for (hs_id i = 0; i < s.graph.count; i++) {
            assert_int_equal(d->number[i] != 0, live[i]);
            if (!live[i]) continue;
            all |= size_of(NULL, i);
            /* Tables count as live when they are reachable at all, as in DevTools. */
            reach(&s, i, live, left);
            uint64_t retained = 0;
            for (hs_id n = 0; n < s.graph.count; n++)
                if (live[n] && !left[n]) retained |= size_of(NULL, n);
            assert_int_equal(d->retained[d->number[i]], retained);
            assert_true(d->idom[d->number[i]] < d->number[i]);
        }
        assert_int_equal(d->retained[0], all);
        hs_dominators_destroy(d);
        hs_marks_deinit(&marks);
    }
}

static uint32_t class_of(void *context, hs_id id) {
    (void)context;
    return id % 3;
}

static void class_sums_do_not_count_twice(void **unused) {
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        struct sample s;
        make(&s, false);
        struct hs_marks marks;
        struct hs_dominators *d;
        assert_null(hs_mark(&s.graph, s.roots, s.root_count, &marks));
        assert_null(hs_dominators_create(&s.graph, &marks, s.roots, s.root_count, size_of, NULL, &d));
        uint64_t sums[3], expected[3] = {0};
        assert_null(hs_dominators_by_class(d, class_of, NULL, 3, sums));
        /* What the instances of a class retain together: the union of the sets, each node once. */
        for (hs_id i = 0; i < s.graph.count; i++)
            if (d->number[i]) expected[i % 3] |= d->retained[d->number[i]];
        for (int c = 0; c < 3; c++) assert_int_equal(sums[c], expected[c]);
        hs_dominators_destroy(d);
        hs_marks_deinit(&marks);
    }
}

/* A value that alone holds its key is garbage; a chain of keys through tables lives. */
static void ephemeron_cycles(void **unused) {
    (void)unused;
    /* 0 root -> table 1; pairs: 2 -> 3 with 3 -> 2 (dead), 0 -> 4 (lives), 4 -> 5 (lives through 4). */
    uint32_t first[] = {0, 1, 1, 1, 2, 2, 2};
    hs_id to[] = {1, 2}, roots[] = {0};
    struct hs_ephemeron pairs[] = {{0, 4, 1}, {2, 3, 1}, {4, 5, 1}};
    uint64_t keys[] = {1 << 0 | 1 << 2 | 1 << 4};
    struct hs_graph graph = {.count = 6,
                             .object_count = 6,
                             .first = first,
                             .to = to,
                             .ephemerons = pairs,
                             .ephemeron_count = 3,
                             .keys = keys};
    struct hs_marks marks;
    assert_null(hs_mark(&graph, roots, 1, &marks));
    const bool expected[] = {true, true, false, false, true, true};
    for (hs_id i = 0; i < 6; i++) assert_int_equal(hs_marks_get(&marks, i), expected[i]);
    hs_marks_deinit(&marks);
}

/* A list of a million nodes: nothing may recurse. */
static void long_chains(void **unused) {
    (void)unused;
    enum { LENGTH = 1000000 };
    uint32_t *first = malloc((LENGTH + 1) * sizeof *first);
    hs_id *to = malloc(LENGTH * sizeof *to), roots[] = {0};
    uint64_t *keys = calloc(LENGTH / 64 + 1, sizeof *keys);
    assert_true(first && to && keys);
    for (uint32_t i = 0; i < LENGTH; i++) first[i] = i, to[i] = i + 1;
    first[LENGTH - 1] = first[LENGTH] = LENGTH - 1;
    struct hs_graph graph = {.count = LENGTH, .object_count = LENGTH, .first = first, .to = to, .keys = keys};
    struct hs_marks marks;
    struct hs_dominators *d;
    assert_null(hs_mark(&graph, roots, 1, &marks));
    assert_int_equal(marks.count, LENGTH);
    assert_null(hs_dominators_create(&graph, &marks, roots, 1, size_of, NULL, &d));
    assert_int_equal(d->idom[d->number[LENGTH - 1]], d->number[LENGTH - 2]);
    hs_dominators_destroy(d);
    hs_marks_deinit(&marks);
    free(first);
    free(to);
    free(keys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_by_definition),
        cmocka_unit_test(dominates_by_definition),
        cmocka_unit_test(class_sums_do_not_count_twice),
        cmocka_unit_test(ephemeron_cycles),
        cmocka_unit_test(long_chains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
