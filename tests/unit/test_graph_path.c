/* Shortest paths, reverse edges and the dominator tree downwards, against brute force on small random graphs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dominated.h"
#include "graph/path.h"

enum { NODES_MAX = 24, EDGES_MAX = 96, ROUNDS = 2000, FAR = 1000 };

struct sample {
    struct hs_graph graph;
    uint32_t first[NODES_MAX + 1];
    hs_id to[EDGES_MAX], root_ids[4];
    uint64_t keys[1];
    struct hs_ephemeron pair;
    struct hs_root items[4];
    struct hs_roots roots;
    struct hs_marks marks;
};

static uint32_t state = 7;
static uint32_t draw(uint32_t limit) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % limit;
}

static void make(struct sample *s) {
    memset(s, 0, sizeof *s);
    hs_id count = 2 + draw(NODES_MAX - 2);
    uint32_t edges = 0;
    for (hs_id i = 0; i < count; i++) {
        s->first[i] = edges;
        for (uint32_t k = draw(4); k && edges < EDGES_MAX; k--) s->to[edges++] = draw(count);
    }
    s->first[count] = edges;
    s->pair = (struct hs_ephemeron){draw(count), draw(count), draw(count)};
    s->keys[0] = UINT64_C(1) << s->pair.key;
    s->roots = (struct hs_roots){.items = s->items, .count = 1 + draw(3)};
    for (size_t r = 0; r < s->roots.count; r++)
        s->root_ids[r] =
            (s->items[r] = (struct hs_root){.id = draw(count), .category = HS_ROOT_GLOBAL_HANDLES}).id;
    s->graph = (struct hs_graph){.count = count,
                                 .object_count = count,
                                 .first = s->first,
                                 .to = s->to,
                                 .keys = s->keys,
                                 .ephemerons = &s->pair,
                                 .ephemeron_count = 1};
    assert_null(hs_mark(&s->graph, s->root_ids, s->roots.count, &s->marks));
}

/* The i-th source of an edge to `to`, as the functions under test count them. */
static bool points(const struct sample *s, hs_id from, hs_id to) {
    if (!hs_marks_get(&s->marks, from)) return false;
    for (uint32_t e = s->first[from]; e < s->first[from + 1]; e++)
        if (s->to[e] == to) return true;
    return s->pair.key == from && s->pair.value == to && hs_marks_get(&s->marks, s->pair.table);
}

static void paths_are_shortest(void **unused) {
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        struct sample s;
        struct hs_paths paths;
        uint32_t distance[NODES_MAX];
        make(&s);
        for (hs_id i = 0; i < s.graph.count; i++) distance[i] = FAR;
        for (size_t r = 0; r < s.roots.count; r++) distance[s.root_ids[r]] = 0;
        for (bool changed = true; changed;) {
            changed = false;
            for (hs_id from = 0; from < s.graph.count; from++)
                for (hs_id to = 0; to < s.graph.count; to++)
                    if (distance[from] != FAR && points(&s, from, to) && distance[from] + 1 < distance[to]) {
                        distance[to] = distance[from] + 1;
                        changed = true;
                    }
        }
        assert_null(hs_paths_create(&s.graph, &s.marks, &s.roots, s.root_ids, s.roots.count, NULL, &paths));
        for (hs_id i = 0; i < s.graph.count; i++) {
            hs_id parent = hs_paths_parent(&paths, i);
            if (distance[i] == FAR) {
                assert_int_equal(parent, HS_ID_NONE);
                continue;
            }
            assert_int_equal(hs_paths_depth(&paths, i), distance[i]);
            if (parent != i) assert_true(points(&s, parent, i));
            else assert_non_null(hs_paths_root(&s.roots, i));
        }
        hs_paths_deinit(&paths);
        hs_marks_deinit(&s.marks);
    }
}

static void reverse_has_every_source(void **unused) {
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        struct sample s;
        struct hs_reverse reverse;
        make(&s);
        assert_null(hs_reverse_create(&s.graph, &s.marks, &reverse));
        for (hs_id to = 0; to < s.graph.count; to++) {
            uint32_t count;
            const hs_id *from = hs_reverse_row(&reverse, to, &count);
            bool seen[NODES_MAX] = {false};
            for (uint32_t i = 0; i < count; i++) {
                assert_true(!i || from[i] >= from[i - 1]);
                seen[from[i]] = true;
            }
            for (hs_id i = 0; i < s.graph.count; i++) assert_int_equal(seen[i], points(&s, i, to));
        }
        hs_reverse_deinit(&reverse);
        hs_marks_deinit(&s.marks);
    }
}

static uint64_t size_of(void *context, hs_id id) {
    (void)context;
    return id + 1;
}

static void dominated_turns_idom_round(void **unused) {
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        struct sample s;
        struct hs_dominators *d;
        struct hs_dominated t;
        make(&s);
        assert_null(hs_dominators_create(&s.graph, &s.marks, s.root_ids, s.roots.count, size_of, NULL, &d));
        assert_null(hs_dominated_create(d, &t));
        uint32_t seen = 0;
        for (uint32_t n = 0; n <= d->count; n++) {
            uint64_t largest = 0;
            for (uint32_t i = t.first[n]; i < t.first[n + 1]; i++, seen++) {
                assert_int_equal(d->idom[t.child[i]], n);
                assert_true(i == t.first[n] || t.child[i] > t.child[i - 1]);
                if (d->retained[t.child[i]] > largest) largest = d->retained[t.child[i]];
            }
            uint32_t best = hs_dominated_largest(d, &t, n);
            assert_int_equal(best ? d->retained[best] : 0, largest);
        }
        assert_int_equal(seen, d->count);
        hs_dominated_deinit(&t);
        hs_dominators_destroy(d);
        hs_marks_deinit(&s.marks);
    }
}

static bool is_two(void *context, hs_id id) {
    (void)context;
    return id == 2;
}

/* 0 -> 2 -> 3, 0 -> 1 -> 4 -> 3: with 2 late the longer way is taken; a stack comes after everything else. */
static void late_nodes_and_stacks_come_last(void **unused) {
    (void)unused;
    uint32_t first[] = {0, 2, 3, 4, 4, 5};
    hs_id to[] = {1, 2, 4, 3, 3}, ids[] = {0, 3};
    uint64_t keys[] = {0};
    struct hs_graph graph = {.count = 5, .object_count = 5, .first = first, .to = to, .keys = keys};
    struct hs_root items[] = {{.id = 0, .category = HS_ROOT_GLOBAL_HANDLES},
                              {.id = 3, .category = HS_ROOT_STACK}};
    struct hs_roots roots = {.items = items, .count = 2};
    const struct hs_path_options options = {.late = is_two};
    struct hs_marks marks;
    struct hs_paths paths;
    assert_null(hs_mark(&graph, ids, 2, &marks));
    assert_null(hs_paths_create(&graph, &marks, &roots, ids, 2, &options, &paths));
    assert_int_equal(hs_paths_parent(&paths, 3), 4);
    assert_int_equal(hs_paths_depth(&paths, 3), 3);
    assert_int_equal(hs_paths_parent(&paths, 2), 0);
    hs_paths_deinit(&paths);
    hs_marks_deinit(&marks);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_shortest),
        cmocka_unit_test(reverse_has_every_source),
        cmocka_unit_test(dominated_turns_idom_round),
        cmocka_unit_test(late_nodes_and_stacks_come_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
