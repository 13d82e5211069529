/* The walk over a small heap: every byte accounted, and what is no object told for what it is. mini_walk()
 * itself makes sure that objects + fillers + free + unused + unfilled + moved + rejected + absent = area. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../support/mini_walk.h"

struct fixture {
    struct mini_heap heap;
    struct mini_v8 mini;
    struct mini_walk walk;
};

static int begin(void **state) {
    static struct fixture fixture;
    fixture = (struct fixture){0};
    mini_heap_init(&fixture.heap);
    *state = &fixture;
    return 0;
}

static int end(void **state) {
    struct fixture *f = *state;
    mini_v8_close(&f->mini);
    mini_heap_deinit(&f->heap);
    return 0;
}

static void walk(struct fixture *f) {
    struct hs_error *error = mini_heap_open(&f->heap, &f->mini);
    if (!error) error = mini_walk(f->mini.v8, 1, &f->walk);
    if (error) fail_msg("%s", error->message);
}

static const struct hs_account *space(const struct fixture *f, enum mini_page page) {
    return mini_walk_space(&f->walk, f->mini.v8, page);
}

static void test_accounts(void **state) {
    struct fixture *f = *state;
    hs_addr first = mini_heap_object(&f->heap, MINI_OLD);
    mini_heap_filler(&f->heap, MINI_OLD, 1);
    hs_addr second = mini_heap_array(&f->heap, MINI_OLD, 5);
    mini_heap_filler(&f->heap, MINI_OLD, 2);
    mini_heap_free(&f->heap, MINI_OLD, 400);
    hs_addr third = mini_heap_string(&f->heap, MINI_OLD, "nineteen characters");
    walk(f);
    const struct hs_account *old = space(f, MINI_OLD);
    assert_int_equal(old->pages, 6);
    assert_int_equal(old->area, 6 * MINI_AREA);
    assert_int_equal(old->object_count, 3);
    assert_int_equal(old->objects, 32 + 56 + 40);
    assert_int_equal(old->fillers, 8 + 16);
    assert_int_equal(old->free, 6 * MINI_AREA - 32 - 56 - 40 - 24);
    assert_int_equal(old->rejected + old->unfilled + old->moved + old->absent + old->unused, 0);
    assert_true(mini_walk_saw(&f->walk, first) && mini_walk_saw(&f->walk, second) &&
                mini_walk_saw(&f->walk, third));
    /* Idle from-space is no heap. */
    assert_int_equal(space(f, MINI_FROM)->unused, 2 * MINI_AREA);
    assert_int_equal(f->mini.v8->warning_count, 0);
}

static void test_threads_agree(void **state) {
    struct fixture *f = *state;
    for (int page = MINI_OLD; page <= MINI_TO; page++)
        for (int i = 0; i < 50; i++) mini_heap_object(&f->heap, (enum mini_page)page);
    walk(f);
    struct mini_walk other;
    assert_null(mini_walk(f->mini.v8, 4, &other));
    assert_memory_equal(&other.all, &f->walk.all, sizeof other.all);
    assert_int_equal(other.count, f->walk.count);
}

static void test_large_page(void **state) {
    struct fixture *f = *state;
    hs_addr array = mini_heap_array(&f->heap, MINI_LARGE, 700);
    mini_heap_end_page(&f->heap, MINI_LARGE, false);
    walk(f);
    const struct hs_account *large = space(f, MINI_LARGE);
    assert_int_equal(large->objects, 16 + 5600);
    assert_int_equal(large->free, MINI_AREA - 5616);
    assert_true(mini_walk_saw(&f->walk, array));
}

/* What lies between top and limit is not looked at, whatever it is. */
static void test_allocation_area(void **state) {
    struct fixture *f = *state;
    mini_heap_object(&f->heap, MINI_TO);
    hs_addr top = mini_heap_junk(&f->heap, MINI_TO, 10, UINT64_C(0x4141414141414141));
    mini_heap_object(&f->heap, MINI_TO); /* of an earlier life of this memory */
    hs_addr limit = f->heap.cursor[MINI_TO];
    hs_addr behind = mini_heap_object(&f->heap, MINI_TO);
    mini_heap_put(&f->heap, MINI_LAB, mini_heap_page(MINI_TO) + MINI_HEADER);
    mini_heap_put(&f->heap, MINI_LAB + 8, top);
    mini_heap_put(&f->heap, MINI_LAB + 16, limit);
    walk(f);
    const struct hs_account *to = space(f, MINI_TO);
    assert_int_equal(f->mini.v8->lab_count, 1);
    assert_int_equal(to->object_count, 2);
    assert_int_equal(to->unused, limit - top);
    assert_int_equal(to->rejected, 0);
    assert_true(mini_walk_saw(&f->walk, behind));
}

/* Compiled code raises the top for several objects, then writes them. */
static void test_top_raised_before_object_is_written(void **state) {
    struct fixture *f = *state;
    mini_heap_object(&f->heap, MINI_TO);
    mini_heap_junk(&f->heap, MINI_TO, 4, UINT64_C(0x4141414141414141));
    mini_heap_put(&f->heap, MINI_LAB, mini_heap_page(MINI_TO) + MINI_HEADER);
    mini_heap_put(&f->heap, MINI_LAB + 8, f->heap.cursor[MINI_TO]);
    mini_heap_put(&f->heap, MINI_LAB + 16, mini_heap_page(MINI_TO) + MINI_PAGE_SIZE);
    mini_heap_end_page(&f->heap, MINI_TO, false);
    walk(f);
    assert_int_equal(space(f, MINI_TO)->unfilled, 32);
    assert_int_equal(space(f, MINI_TO)->rejected, 0);
}

/* Three addresses of objects in a row are no allocation area. */
static void test_list_is_no_area(void **state) {
    struct fixture *f = *state;
    hs_addr a = mini_heap_object(&f->heap, MINI_OLD), b = mini_heap_object(&f->heap, MINI_OLD),
            c = mini_heap_object(&f->heap, MINI_OLD);
    mini_heap_put(&f->heap, MINI_LAB, a);
    mini_heap_put(&f->heap, MINI_LAB + 8, b);
    mini_heap_put(&f->heap, MINI_LAB + 16, c);
    walk(f);
    assert_int_equal(f->mini.v8->lab_count, 0);
    assert_int_equal(space(f, MINI_OLD)->object_count, 3);
}

/* Nor are the addresses of an object, of a slot of it or of the next one, and of another object. */
static void test_slots_are_no_area(void **state) {
    struct fixture *f = *state;
    hs_addr a = mini_heap_object(&f->heap, MINI_OLD), b = mini_heap_object(&f->heap, MINI_OLD),
            c = mini_heap_object(&f->heap, MINI_OLD);
    mini_heap_put(&f->heap, MINI_LAB, a);
    mini_heap_put(&f->heap, MINI_LAB + 8, a + 8);
    mini_heap_put(&f->heap, MINI_LAB + 16, b + 8);
    mini_heap_put(&f->heap, MINI_LAB + 24, 0);
    mini_heap_put(&f->heap, MINI_LAB + 32, a);
    mini_heap_put(&f->heap, MINI_LAB + 40, b + 8);
    mini_heap_put(&f->heap, MINI_LAB + 48, c);
    walk(f);
    assert_int_equal(f->mini.v8->lab_count, 0);
    assert_int_equal(space(f, MINI_OLD)->object_count, 3);
    assert_int_equal(space(f, MINI_OLD)->unused, 0);
}

static void test_zeroes_are_unfilled(void **state) {
    struct fixture *f = *state;
    mini_heap_junk(&f->heap, MINI_OLD, 100, 0);
    hs_addr object = mini_heap_object(&f->heap, MINI_OLD);
    walk(f);
    assert_int_equal(space(f, MINI_OLD)->unfilled, 800);
    assert_int_equal(space(f, MINI_OLD)->unfilled_count, 1);
    assert_true(mini_walk_saw(&f->walk, object));
}

static void test_junk_is_rejected(void **state) {
    struct fixture *f = *state;
    hs_addr before = mini_heap_object(&f->heap, MINI_OLD);
    mini_heap_junk(&f->heap, MINI_OLD, 9, UINT64_C(0x4141414141414141));
    hs_addr after = mini_heap_object(&f->heap, MINI_OLD);
    walk(f);
    assert_int_equal(space(f, MINI_OLD)->rejected, 72);
    assert_int_equal(space(f, MINI_OLD)->rejected_count, 1);
    assert_true(mini_walk_saw(&f->walk, before) && mini_walk_saw(&f->walk, after));
}

/* A map holds pointers to maps: the walk must not take one for the start of an object. */
static void test_resynchronises_behind_words_that_are_maps(void **state) {
    struct fixture *f = *state;
    hs_addr junk = mini_heap_junk(&f->heap, MINI_OLD, 9, UINT64_C(0x4141414141414141));
    mini_heap_put(&f->heap, junk + 24, f->heap.maps[MINI_OBJECT] + 1);
    mini_heap_put(&f->heap, junk + 32,
                  f->heap.maps[MINI_FIXED_ARRAY] + 1); /* an array of 0x41414141… elements */
    hs_addr after = mini_heap_array(&f->heap, MINI_OLD, 3);
    walk(f);
    assert_int_equal(space(f, MINI_OLD)->rejected, 72);
    assert_true(mini_walk_saw(&f->walk, after));
    assert_int_equal(space(f, MINI_OLD)->object_count, 1);
}

/* On a page that was not swept yet the map of a dead object may be gone already. */
static void test_dead_object_without_map(void **state) {
    struct fixture *f = *state;
    hs_addr gone = mini_heap_array(&f->heap, MINI_OLD + 1, 8);
    mini_heap_object(&f->heap, MINI_OLD);
    hs_addr dead =
        mini_heap_junk(&f->heap, MINI_OLD, 5, gone + 24 + 1); /* where a map was: now inside an array */
    hs_addr alive = mini_heap_object(&f->heap, MINI_OLD);
    mini_heap_put(&f->heap, mini_heap_page(MINI_OLD) + 48, MINI_AREA); /* allocated_bytes: nothing is free */
    hs_addr field =
        mini_heap_junk(&f->heap, MINI_OLD + 1, 5, alive + 1); /* swept, and words like those of an object */
    mini_heap_put(&f->heap, mini_heap_page(MINI_OLD + 1) + 48, MINI_AREA);
    walk(f);
    assert_false(mini_walk_saw(&f->walk, dead) || mini_walk_saw(&f->walk, field));
    assert_true(mini_walk_saw(&f->walk, alive));
    assert_int_equal(space(f, MINI_OLD)->dead, 40);
    assert_int_equal(space(f, MINI_OLD)->rejected, 40);
}

/* The page of the map is new space by now, and the place of the map that of an object. */
static void test_dead_object_whose_map_is_young(void **state) {
    struct fixture *f = *state;
    hs_addr young = mini_heap_object(&f->heap, MINI_TO);
    mini_heap_object(&f->heap, MINI_OLD);
    hs_addr dead = mini_heap_junk(&f->heap, MINI_OLD, 4, f->heap.values[MINI_EMPTY_ARRAY] + 1);
    mini_heap_put(&f->heap, dead, young + 1);
    hs_addr alive = mini_heap_object(&f->heap, MINI_OLD);
    mini_heap_junk(&f->heap, MINI_OLD + 1, 5,
                   young + 1); /* a page of which a part is free, and only fields */
    walk(f);
    assert_false(mini_walk_saw(&f->walk, dead));
    assert_true(mini_walk_saw(&f->walk, alive) && mini_walk_saw(&f->walk, young));
    assert_int_equal(space(f, MINI_OLD)->dead, 32);
    assert_int_equal(space(f, MINI_OLD)->rejected, 40);
}

static void test_object_longer_than_its_page(void **state) {
    struct fixture *f = *state;
    hs_addr array = mini_heap_array(&f->heap, MINI_OLD, 4);
    mini_heap_put(&f->heap, array + 8, UINT64_C(0x7fffffff) << 32);
    hs_addr after = mini_heap_object(&f->heap, MINI_OLD);
    walk(f);
    assert_false(mini_walk_saw(&f->walk, array));
    assert_true(mini_walk_saw(&f->walk, after));
}

/* A forwarding word: the object is counted where it lives now. */
static void test_moved(void **state) {
    struct fixture *f = *state;
    hs_addr old = mini_heap_array(&f->heap, MINI_OLD, 6), after = mini_heap_object(&f->heap, MINI_OLD);
    hs_addr copy = mini_heap_array(&f->heap, MINI_OLD + 1, 6);
    mini_heap_put(&f->heap, old, copy);
    walk(f);
    assert_int_equal(space(f, MINI_OLD)->moved, 64);
    assert_int_equal(space(f, MINI_OLD)->moved_count, 1);
    assert_true(mini_walk_saw(&f->walk, copy) && mini_walk_saw(&f->walk, after) &&
                !mini_walk_saw(&f->walk, old));
}

/* A flattened cons string is forwarded to its first part, which is longer. */
static void test_moved_shortcut(void **state) {
    struct fixture *f = *state;
    hs_addr flat = mini_heap_string(&f->heap, MINI_OLD + 1,
                                    "a string that is longer than any cons string could be, by far");
    hs_addr cons = mini_heap_cons(&f->heap, MINI_OLD, flat, f->heap.values[MINI_EMPTY_STRING]);
    hs_addr after = mini_heap_object(&f->heap, MINI_OLD);
    mini_heap_put(&f->heap, cons, flat);
    walk(f);
    assert_int_equal(space(f, MINI_OLD)->moved, 32);
    assert_int_equal(space(f, MINI_OLD)->rejected, 0);
    assert_true(mini_walk_saw(&f->walk, after));
}

static void test_forwarded_to_nowhere(void **state) {
    struct fixture *f = *state;
    hs_addr object = mini_heap_object(&f->heap, MINI_OLD), itself = mini_heap_object(&f->heap, MINI_OLD);
    mini_heap_put(&f->heap, object, mini_heap_page(MINI_OLD + 2) + MINI_PAGE_SIZE - 8);
    mini_heap_put(&f->heap, itself, itself);
    walk(f);
    assert_int_equal(space(f, MINI_OLD)->moved, 0);
    assert_true(space(f, MINI_OLD)->rejected > 0);
}

/* Takes the last old page out of the list of its space. */
static hs_addr unlink_page(struct fixture *f, uint64_t flags) {
    enum { NEXT = 264 };
    hs_addr object = mini_heap_object(&f->heap, MINI_OLD + 5);
    mini_heap_put(&f->heap, mini_heap_page(MINI_OLD + 4) + NEXT, 0);
    mini_heap_put(&f->heap, mini_heap_page(MINI_OLD + 5) + NEXT + 8, 0);
    mini_heap_put(&f->heap, mini_heap_page(MINI_OLD + 5), flags);
    return object;
}

/* A page in no list of its space that has flags of its own was freed: what it holds is no heap. */
static void test_freed_page(void **state) {
    struct fixture *f = *state;
    hs_addr lost = unlink_page(f, 0x12004); /* seen in V8 12.4 */
    walk(f);
    assert_int_equal(space(f, MINI_OLD)->unused, MINI_AREA);
    assert_false(mini_walk_saw(&f->walk, lost));
}

/* One that looks like the others is on its way to the list of a collector's thread. */
static void test_moving_page(void **state) {
    struct fixture *f = *state;
    hs_addr object = unlink_page(f, 0);
    walk(f);
    assert_int_equal(space(f, MINI_OLD)->unused, 0);
    assert_true(mini_walk_saw(&f->walk, object));
}

/* Bytes that the core lacks are absent: neither objects nor lost. */
static void test_absent(void **state) {
    struct fixture *f = *state;
    mini_heap_object(&f->heap, MINI_OLD);
    hs_addr cut = mini_heap_array(&f->heap, MINI_OLD, 500);
    f->heap.present[MINI_OLD] = 0x800; /* inside the array */
    f->heap.present[MINI_OLD + 1] = MINI_HEADER;
    walk(f);
    const struct hs_account *old = space(f, MINI_OLD);
    assert_int_equal(old->absent, MINI_PAGE_SIZE - 0x800 + MINI_AREA);
    assert_false(mini_walk_saw(&f->walk, cut));
    assert_int_equal(old->object_count, 1);
}

/* A layout that loses a quarter of what it walks is wrong, whatever its checks said. */
static void test_nothing_decodes(void **state) {
    struct fixture *f = *state;
    for (int page = MINI_OLD; page < MINI_TO; page++) {
        mini_heap_junk(&f->heap, (enum mini_page)page, MINI_AREA / 8, UINT64_C(0x4141414141414141));
        mini_heap_end_page(&f->heap, (enum mini_page)page, false);
    }
    walk(f); /* 46 KB are too few to judge */
    assert_int_equal(space(f, MINI_OLD)->rejected, 6 * MINI_AREA);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_accounts),
        TEST(test_threads_agree),
        TEST(test_large_page),
        TEST(test_allocation_area),
        TEST(test_top_raised_before_object_is_written),
        TEST(test_list_is_no_area),
        TEST(test_slots_are_no_area),
        TEST(test_zeroes_are_unfilled),
        TEST(test_junk_is_rejected),
        TEST(test_resynchronises_behind_words_that_are_maps),
        TEST(test_dead_object_without_map),
        TEST(test_dead_object_whose_map_is_young),
        TEST(test_object_longer_than_its_page),
        TEST(test_moved),
        TEST(test_moved_shortcut),
        TEST(test_forwarded_to_nowhere),
        TEST(test_freed_page),
        TEST(test_moving_page),
        TEST(test_absent),
        TEST(test_nothing_decodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
