/* Which words of a stack keep objects alive: those of frames that may hold references, not what dead calls
 * left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../support/mini_heap.h"
#include "graph/root.h"
#include "v8/gc.h"

enum {
    BUILTIN = MINI_TEXT + 0x100,
    POLL = MINI_TEXT + 0x200,
    NATIVE = MINI_TEXT + 0x300,
    LOOP = MINI_TEXT + 0x400,
    LIBRARY = MINI_TEXT + 0x800,
    BASE = 0x840, /* of the innermost frame's record on the stack, the stack pointer is at 0x800 */
    STEP = 0x40
};

struct fixture {
    struct mini_heap heap;
    struct mini_v8 mini;
    struct hs_image images[2]; /* the program, the C library */
    unsigned frames;
    hs_addr objects[4]; /* one named in each frame, innermost first */
};

static int begin(void **state) {
    static struct fixture fixture;
    fixture = (struct fixture){0};
    mini_heap_init(&fixture.heap);
    struct hs_v8_symbols *symbols = fixture.heap.symbols;
    assert_null(hs_v8_symbols_add_function(symbols, BUILTIN, 0x80, HS_GC_FUNCTION_BUILTIN));
    assert_null(hs_v8_symbols_add_function(symbols, POLL, 0x80, HS_GC_FUNCTION_POLL));
    mini_heap_put(&fixture.heap, MINI_STACK + 0x100, MINI_ISOLATE);
    *state = &fixture;
    return 0;
}

static int end(void **state) {
    struct fixture *f = *state;
    mini_v8_close(&f->mini);
    mini_heap_deinit(&f->heap);
    return 0;
}

/* One more frame, which `caller` has called, with a word that names a fresh object. */
static void push(struct fixture *f, hs_addr caller) {
    hs_addr record = MINI_STACK + BASE + f->frames * STEP;
    f->objects[f->frames] = mini_heap_object(&f->heap, MINI_OLD);
    mini_heap_put(&f->heap, record - 0x10, f->objects[f->frames] + 1);
    mini_heap_put(&f->heap, record, record + STEP);
    mini_heap_put(&f->heap, record + 8, caller + 0x10);
    f->frames++;
}

/* Which of the objects the stack holds, as a set of bits; `fp`: where the thread's frame pointer points. */
static unsigned held(struct fixture *f, hs_addr fp) {
    struct hs_error *error = mini_heap_open(&f->heap, &f->mini);
    if (error) fail_msg("%s", error->message);
    f->images[0] = (struct hs_image){.start = MINI_TEXT, .end = LIBRARY, .core_path = "/usr/bin/node"};
    f->images[1] = (struct hs_image){
        .start = LIBRARY, .end = LIBRARY + 0x800, .core_path = "/lib/x86_64-linux-gnu/libc.so.6"};
    f->mini.images = (struct hs_images){.items = f->images, .count = 2};
    f->mini.core->threads[0].fp = fp;
    struct hs_objects *objects;
    struct hs_roots roots;
    assert_null(hs_objects_create(f->mini.v8, 1, &objects));
    assert_null(hs_roots_collect(objects, &roots));
    unsigned found = 0;
    for (size_t i = 0; i < roots.count; i++)
        for (unsigned k = 0; k < f->frames; k++)
            if (roots.items[i].category == HS_ROOT_STACK &&
                hs_objects_address(objects, roots.items[i].id) == f->objects[k])
                found |= 1u << k;
    hs_roots_deinit(&roots);
    hs_objects_destroy(objects);
    f->mini.images = (struct hs_images){0};
    return found;
}

/* Innermost C++ (V8 may hold an object there), JavaScript, C++ that called it, JavaScript that called that.
 */
static void push_mixed(struct fixture *f) {
    push(f, BUILTIN);
    push(f, NATIVE);
    push(f, BUILTIN);
    push(f, NATIVE);
}

static void test_callers_hold_nothing(void **state) {
    struct fixture *f = *state;
    push_mixed(f);
    assert_int_equal(held(f, MINI_STACK + BASE), 1 | 2 | 8);
}

/* Without a chain to rely on, or without knowing which text is V8's, any word may count. */
static void test_broken_chain(void **state) {
    struct fixture *f = *state;
    push_mixed(f);
    assert_int_equal(held(f, 0x1234), 15);
}

static void test_unknown_builtins(void **state) {
    struct fixture *f = *state;
    f->heap.symbols->function_count = 0;
    push_mixed(f);
    assert_int_equal(held(f, MINI_STACK + BASE), 15);
}

static void test_waiting(void **state) {
    struct fixture *f = *state;
    mini_heap_put(&f->heap, MINI_STACK + 0x810, POLL + 0x20);
    push(f, NATIVE);
    push(f, NATIVE);
    push(f, LIBRARY);
    assert_int_equal(held(f, MINI_STACK + BASE), 0);
}

/* The binary does not name uv__io_poll, but uv_run, which called the innermost frame. */
static void test_waiting_by_the_loop(void **state) {
    struct fixture *f = *state;
    assert_null(hs_v8_symbols_add_function(f->heap.symbols, LOOP, 0x80, HS_GC_FUNCTION_LOOP));
    mini_heap_put(&f->heap, MINI_STACK + 0x808, MINI_STACK + BASE);
    mini_heap_put(&f->heap, MINI_STACK + 0x810, NATIVE + 0x20);
    push(f, LOOP);
    push(f, NATIVE);
    push(f, LIBRARY);
    assert_int_equal(held(f, 0), 0);
}

/* The C library has put the frame pointer by. */
static void test_waiting_with_another_frame_pointer(void **state) {
    struct fixture *f = *state;
    mini_heap_put(&f->heap, MINI_STACK + 0x808, MINI_STACK + BASE);
    mini_heap_put(&f->heap, MINI_STACK + 0x810, POLL + 0x20);
    push(f, NATIVE);
    push(f, NATIVE);
    push(f, LIBRARY);
    assert_int_equal(held(f, 0), 0);
}

/* A loop inside a call from JavaScript, as of execSync: that holds what it holds. */
static void test_waiting_inside_a_call(void **state) {
    struct fixture *f = *state;
    mini_heap_put(&f->heap, MINI_STACK + 0x810, POLL + 0x20);
    push(f, NATIVE);
    push(f, BUILTIN);
    push(f, NATIVE);
    push(f, LIBRARY);
    assert_int_equal(held(f, MINI_STACK + BASE) & 4, 4);
}

/* A library built without frame pointers may stand between. */
static void test_waiting_behind_a_broken_chain(void **state) {
    struct fixture *f = *state;
    mini_heap_put(&f->heap, MINI_STACK + 0x810, POLL + 0x20);
    push(f, NATIVE);
    push(f, NATIVE);
    assert_int_equal(held(f, MINI_STACK + BASE), 3);
}

/* The same, called from something else that has just returned from the wait. */
static void test_not_waiting(void **state) {
    struct fixture *f = *state;
    mini_heap_put(&f->heap, MINI_STACK + 0x808, NATIVE + 0x20);
    mini_heap_put(&f->heap, MINI_STACK + 0x810, POLL + 0x20);
    push(f, NATIVE);
    push(f, NATIVE);
    assert_int_equal(held(f, MINI_STACK + BASE), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_callers_hold_nothing, begin, end),
        cmocka_unit_test_setup_teardown(test_broken_chain, begin, end),
        cmocka_unit_test_setup_teardown(test_unknown_builtins, begin, end),
        cmocka_unit_test_setup_teardown(test_waiting, begin, end),
        cmocka_unit_test_setup_teardown(test_waiting_by_the_loop, begin, end),
        cmocka_unit_test_setup_teardown(test_waiting_inside_a_call, begin, end),
        cmocka_unit_test_setup_teardown(test_waiting_with_another_frame_pointer, begin, end),
        cmocka_unit_test_setup_teardown(test_waiting_behind_a_broken_chain, begin, end),
        cmocka_unit_test_setup_teardown(test_not_waiting, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
