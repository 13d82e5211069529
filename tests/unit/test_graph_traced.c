/* Traced handles of cppgc: found by the indexes of their nodes, owned by the wrapper of the C++ object that
 * they are members of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../support/cpp_heap.h"
#include "graph/traced.h"

struct fixture {
    struct cpp_heap cpp;
    struct mini_v8 mini;
    struct hs_objects *objects;
    struct hs_traced traced;
};

static int begin(void **state) {
    static struct fixture fixture;
    fixture = (struct fixture){0};
    cpp_heap_init(&fixture.cpp);
    *state = &fixture;
    return 0;
}

static int end(void **state) {
    struct fixture *f = *state;
    hs_traced_deinit(&f->traced);
    hs_objects_destroy(f->objects);
    mini_v8_close(&f->mini);
    mini_heap_deinit(&f->cpp.heap);
    return 0;
}

static void look(struct fixture *f) {
    struct hs_error *error = mini_heap_open(&f->cpp.heap, &f->mini);
    if (error) fail_msg("%s", error->message);
    assert_null(hs_objects_create(f->mini.v8, 1, &f->objects));
    assert_null(hs_traced_find(f->objects, &f->traced));
}

static hs_id id_of(const struct fixture *f, hs_addr address) {
    return hs_objects_find(f->objects, address);
}

static void test_none(void **state) {
    struct fixture *f = *state;
    look(f);
    assert_int_equal(f->traced.count, 0);
    assert_int_equal(f->traced.link_count, 0);
}

/* Those in use, in the order of their slots; a handle that nothing owns has no owner. */
static void test_unowned(void **state) {
    struct fixture *f = *state;
    hs_addr last = cpp_heap_trace(&f->cpp, CPP_NODES - 1, f->cpp.wrappers[1]);
    hs_addr first = cpp_heap_trace(&f->cpp, 7, f->cpp.wrappers[0]);
    look(f);
    assert_int_equal(f->traced.count, 2);
    assert_int_equal(f->traced.items[0].slot, first);
    assert_int_equal(f->traced.items[0].to, id_of(f, f->cpp.wrappers[0]));
    assert_int_equal(f->traced.items[0].owner, HS_ID_NONE);
    assert_int_equal(f->traced.items[1].slot, last);
    assert_int_equal(f->traced.items[1].owner, HS_ID_NONE);
}

/* The C++ object of wrapper 0 has a handle of its wrapper and one of wrapper 1. */
static void test_owned(void **state) {
    struct fixture *f = *state;
    hs_addr own = cpp_heap_trace(&f->cpp, 3, f->cpp.wrappers[0]);
    hs_addr member = cpp_heap_trace(&f->cpp, 4, f->cpp.wrappers[1]);
    mini_heap_put(&f->cpp.heap, cpp_heap_object(0) + 8, own);
    mini_heap_put(&f->cpp.heap, cpp_heap_object(0) + 16, member);
    look(f);
    hs_id wrapper = id_of(f, f->cpp.wrappers[0]);
    assert_int_equal(f->traced.count, 2);
    assert_int_equal(f->traced.items[0].owner, wrapper);
    assert_int_equal(f->traced.items[1].owner, wrapper);
    assert_int_equal(f->traced.items[1].to, id_of(f, f->cpp.wrappers[1]));
}

/* Behind the end of an object, as its header has it, is another's memory. */
static void test_not_a_member(void **state) {
    struct fixture *f = *state;
    hs_addr own = cpp_heap_trace(&f->cpp, 3, f->cpp.wrappers[0]);
    mini_heap_put(&f->cpp.heap, cpp_heap_object(0) - 8, UINT64_C(2) << 1 << 48);
    mini_heap_put(&f->cpp.heap, cpp_heap_object(0) + 8, own);
    look(f);
    assert_int_equal(f->traced.count, 1);
    assert_int_equal(f->traced.items[0].owner, HS_ID_NONE);
}

/* A member that points to another wrapper's C++ object is a link between the wrappers. */
static void test_linked(void **state) {
    struct fixture *f = *state;
    for (unsigned i = 0; i < 2; i++)
        mini_heap_put(&f->cpp.heap, cpp_heap_object(i) + 8,
                      cpp_heap_trace(&f->cpp, 10 + i, f->cpp.wrappers[i]));
    mini_heap_put(&f->cpp.heap, cpp_heap_object(0) + 24, cpp_heap_object(1));
    look(f);
    assert_int_equal(f->traced.link_count, 1);
    assert_int_equal(f->traced.links[0].from, id_of(f, f->cpp.wrappers[0]));
    assert_int_equal(f->traced.links[0].to, id_of(f, f->cpp.wrappers[1]));
}

/* Nodes whose indexes do not go on are none. */
static void test_broken_block(void **state) {
    struct fixture *f = *state;
    cpp_heap_trace(&f->cpp, 3, f->cpp.wrappers[0]);
    mini_heap_at(&f->cpp.heap, CPP_BLOCK + 16 * 100)[10] = 99;
    look(f);
    assert_int_equal(f->traced.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_none, begin, end),
        cmocka_unit_test_setup_teardown(test_unowned, begin, end),
        cmocka_unit_test_setup_teardown(test_owned, begin, end),
        cmocka_unit_test_setup_teardown(test_not_a_member, begin, end),
        cmocka_unit_test_setup_teardown(test_linked, begin, end),
        cmocka_unit_test_setup_teardown(test_broken_block, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
