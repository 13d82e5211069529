/* Slots of children: groups, their sums, and what many children of one holder come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/series.h"
#include "trend/judge.h"
#include "trend/region.h"
#include "trend/slot.h"

enum { CHILDREN = 20000, GROWING = CHILDREN / 2, LARGE = CHILDREN / 1000, CAPTURES = 2 };

/* A holder and its children, without a trend. */
struct family {
    struct hs_tree tree;
    struct hs_tree_node nodes[16];
    int64_t series[16][2 * CAPTURES];
    struct hs_slots slots;
};

static void add(struct family *f, const char *edge, uint64_t class, int64_t first, int64_t last) {
    size_t at = f->tree.count++;
    f->series[at][0] = first;
    f->series[at][1] = last;
    f->series[at][2] = 10 * first;
    f->series[at][3] = 10 * last;
    f->nodes[at] = (struct hs_tree_node){.parent = at ? 0 : HS_TREE_NONE,
                                         .child = HS_TREE_NONE,
                                         .next = HS_TREE_NONE,
                                         .edge = edge,
                                         .key = {.low = class},
                                         .counts = f->series[at],
                                         .below = f->series[at] + 2};
    if (at == 1) f->nodes[0].child = 1;
    if (at > 1) f->nodes[at - 1].next = at;
    f->tree.nodes = f->nodes;
}

static void fill(struct family *f) {
    hs_slots_init(&f->slots, &f->tree, CAPTURES);
    assert_null(hs_slots_fill(&f->slots, 0, NULL));
    for (size_t i = 0; i < f->slots.count; i++) hs_slots_count(&f->slots, i, true);
}

static int64_t last_of(struct family *f, size_t place) {
    int64_t counts[CAPTURES], below[CAPTURES];
    hs_slots_sum(&f->slots, place, counts, below);
    assert_true(below[0] == 10 * counts[0] && below[1] == 10 * counts[1]);
    return counts[1];
}

static void note(void *context, size_t node) {
    *(unsigned *)context |= 1U << node;
}

/* A slot is the union of groups, each child once: [x] and [key] are members, `head` is of [key]'s class. */
static void names_and_classes_overlap(void **state) {
    (void)state;
    struct family f = {0};
    add(&f, "variable list", 9, 1, 1);
    add(&f, "[x]", 5, 1, 2);   /* place 0 */
    add(&f, "[key]", 6, 1, 4); /* 1 */
    add(&f, "head", 6, 1, 8);  /* 2 */
    add(&f, "tail", 7, 1, 16); /* 3 */
    add(&f, "tail", 5, 1, 32); /* 4 */
    add(&f, "[x]", 6, 1, 64);  /* 5 */
    add(&f, "own", 8, 1, 128); /* 6 */
    fill(&f);
    assert_int_equal(last_of(&f, 0), 2 + 4 + 64 + 32); /* members; class 5 */
    assert_int_equal(last_of(&f, 1), 2 + 4 + 64 + 8);  /* members; class 6 */
    assert_int_equal(last_of(&f, 2), 8 + 4 + 64);      /* its name; class 6 */
    assert_int_equal(last_of(&f, 3), 16 + 32);         /* its name; class 7 */
    assert_int_equal(last_of(&f, 4), 16 + 32 + 2);     /* its name; class 5 */
    assert_int_equal(last_of(&f, 5), 2 + 4 + 64 + 8);  /* as [key] */
    assert_int_equal(last_of(&f, 6), 128);             /* alone */
    static const bool first[] = {true, false, false, true, false, false, false};
    for (size_t i = 0; i < f.slots.count; i++) assert_int_equal(hs_slots_is_first(&f.slots, i), first[i]);
    unsigned taken = 0;
    hs_slots_take(&f.slots, 2, note, &taken);
    assert_int_equal(taken, 1U << 3 | 1U << 2 | 1U << 6);
    assert_int_equal(last_of(&f, 0), 2 + 32);
    assert_int_equal(last_of(&f, 2), 0);
    hs_slots_deinit(&f.slots);
}

/* Below a group of roots the class tells nothing, and what it holds directly has no name. */
static void groups_of_roots_have_no_class(void **state) {
    (void)state;
    struct family f = {0};
    add(&f, "(Global handles)", 0, 1, 1);
    add(&f, "(held)", 5, 1, 2);
    add(&f, "(held)", 6, 1, 4);
    add(&f, "name", 5, 1, 8);
    fill(&f);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(last_of(&f, i), 2 << i);
        assert_false(hs_slots_is_first(&f.slots, i));
    }
    hs_slots_deinit(&f.slots);
}

/* Globals that come together are one slot; those that stay are none, and neither are the same elsewhere. */
static void globals_that_come_together(void **state) {
    (void)state;
    for (int elsewhere = 0; elsewhere < 2; elsewhere++) {
        struct family f = {0};
        add(&f, elsewhere ? "window" : "global", 9, 1, 1);
        add(&f, "Array", 1, 10, 13);
        add(&f, "Map", 2, 20, 23);
        add(&f, "cache", 3, 20, 24);
        add(&f, "still", 4, 20, 20);
        add(&f, "quiet", 5, 20, 20);
        add(&f, "alike", 2, 30, 33); /* of Map's class and steps: in one slot once */
        fill(&f);
        assert_int_equal(last_of(&f, 0), elsewhere ? 13 : 13 + 23 + 33);
        assert_int_equal(last_of(&f, 1), elsewhere ? 23 + 33 : 13 + 23 + 33);
        for (size_t i = 2; i < 5; i++) assert_int_equal(last_of(&f, i), f.series[i + 1][1]);
        hs_slots_deinit(&f.slots);
    }
}

/* Sums beyond 64 bits are cut off, and exact again when their cause is gone. */
static void sums_do_not_wrap(void **state) {
    (void)state;
    struct family f = {0};
    add(&f, "variable list", 9, 1, 1);
    add(&f, "[x]", 5, 1, 7);
    add(&f, "[x]", 6, 1, INT64_MAX);
    add(&f, "[x]", 7, 1, INT64_MAX);
    fill(&f);
    int64_t counts[CAPTURES], below[CAPTURES];
    hs_slots_sum(&f.slots, 0, counts, below);
    assert_true(counts[0] == 3 && counts[1] == INT64_MAX);
    hs_slots_count(&f.slots, 1, false);
    hs_slots_count(&f.slots, 2, false);
    assert_int_equal(last_of(&f, 0), 7);
    hs_slots_deinit(&f.slots);
}

static struct hs_regions find_regions(struct series *s) {
    s->classes[0][0].reachable_count = s->classes[1][0].reachable_count = s->classes[2][0].reachable_count =
        1;
    s->classes[0][0].reachable_bytes = s->classes[1][0].reachable_bytes = s->classes[2][0].reachable_bytes =
        56;
    struct hs_trend *trend = series_trend(s);
    struct hs_judge_summary summary;
    struct hs_judge_options options = {.min_bytes = 1024, .content_min_bytes = 16384};
    struct hs_class_index classes;
    struct hs_regions regions;
    assert_null(hs_judge(trend, &options, &summary));
    hs_judge_summary_deinit(&summary);
    assert_null(hs_class_index_create(trend, &classes));
    assert_null(hs_regions_find(trend, &classes, NULL, 1024, &regions));
    hs_class_index_deinit(&classes);
    return regions;
}

/* Twenty thousand names below one object, each with a class of its own. Every second one grows, by too little
 * for a finding except for one in a thousand. Then the same as members: one slot that is one finding. */
static void many_children(void **state) {
    (void)state;
    for (int members = 0; members < 2; members++) {
        struct series *s = series_create(3);
        series_class(s, "object", "Table", "", (int64_t[]){1, 1, 1}, 56);
        struct hs_snap_key table = series_last(s, 0)->key;
        struct hs_snap_path *lines = calloc(3 * (CHILDREN + 2), sizeof *lines);
        char(*names)[16] = calloc(CHILDREN, sizeof *names);
        assert_true(lines && names);
        for (size_t i = 0; i < CHILDREN; i++) snprintf(names[i], sizeof names[i], "n%zu", i);
        for (size_t k = 0; k < 3; k++) {
            struct hs_snap_path *to = &lines[k * (CHILDREN + 2)];
            *to++ = (struct hs_snap_path){.id = 0, .parent = HS_SNAP_NULL, .edge = "/srv/app.js", .count = 1};
            *to++ = (struct hs_snap_path){1, 0, "variable table", table, "Table", 1, 56, 0, 0};
            for (size_t i = 0; i < CHILDREN; i++) {
                int64_t count = 1 + (i % 2 ? (int64_t)k : 0), size = i % 1000 == 501 ? 1024 : 8;
                *to++ = (struct hs_snap_path){.id = 2 + (int64_t)i,
                                              .parent = 1,
                                              .edge = members ? "[key]" : names[i],
                                              .class = {.high = 77, .low = i + 1},
                                              .constructor = "Kind",
                                              .count = count,
                                              .bytes = count * size};
            }
            s->snaps[k].paths = &lines[k * (CHILDREN + 2)];
            s->snaps[k].path_count = CHILDREN + 2;
        }
        struct hs_regions regions = find_regions(s);
        assert_int_equal(regions.count, members ? 1 : LARGE);
        for (size_t i = 0; i < regions.count; i++) {
            const struct hs_region *r = &regions.items[i];
            assert_string_equal(s->trend->tree->nodes[r->holder].constructor, "Table");
            assert_int_equal(s->trend->tree->nodes[r->first].key.low, 1000 * i + 502);
            assert_int_equal(r->counts[2], members ? 3 * GROWING : 3);
            int64_t large = 2048, small = (GROWING - LARGE) * 16;
            assert_int_equal(r->held[2] - r->held[0], members ? LARGE * large + small : large);
        }
        size_t owned = 0;
        for (size_t i = 2; i < s->trend->tree->count; i++) owned += regions.owner[i] >= 0;
        assert_int_equal(owned, members ? GROWING : LARGE);
        hs_regions_deinit(&regions);
        free(lines);
        free(names);
        series_destroy(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_classes_overlap),
        cmocka_unit_test(groups_of_roots_have_no_class),
        cmocka_unit_test(globals_that_come_together),
        cmocka_unit_test(sums_do_not_wrap),
        cmocka_unit_test(many_children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
