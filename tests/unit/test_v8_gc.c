/* Was a collection under way? Stacks, from-space, and what both together make of the walk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../support/mini_walk.h"
#include "v8/gc.h"

enum {
    COLLECT = MINI_TEXT + 0x100,
    SCAVENGE = MINI_TEXT + 0x200,
    MARK = MINI_TEXT + 0x300,
    EVACUATE = MINI_TEXT + 0x400,
    UPDATE = MINI_TEXT + 0x500,
    OTHER = MINI_TEXT + 0x600
};

struct fixture {
    struct mini_heap heap;
    struct mini_v8 mini;
    struct mini_walk walk;
    hs_addr frame; /* where the next frame is written */
};

static int begin(void **state) {
    static struct fixture fixture;
    fixture = (struct fixture){.frame = MINI_STACK + 0x840};
    mini_heap_init(&fixture.heap);
    struct hs_v8_symbols *symbols = fixture.heap.symbols;
    const struct {
        hs_addr start;
        enum hs_gc_function kind;
    } functions[] = {{COLLECT, HS_GC_FUNCTION_COLLECT},
                     {SCAVENGE, HS_GC_FUNCTION_SCAVENGE},
                     {MARK, HS_GC_FUNCTION_MARK_COMPACT},
                     {EVACUATE, HS_GC_FUNCTION_EVACUATE},
                     {UPDATE, HS_GC_FUNCTION_UPDATE}};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        assert_null(hs_v8_symbols_add_function(symbols, functions[i].start, 0x80, functions[i].kind));
    mini_heap_put(&fixture.heap, MINI_STACK + 0x100,
                  MINI_ISOLATE); /* a thread-local word at the thread pointer */
    *state = &fixture;
    return 0;
}

static int end(void **state) {
    struct fixture *f = *state;
    mini_v8_close(&f->mini);
    mini_heap_deinit(&f->heap);
    return 0;
}

/* Calls, innermost first. */
static void push(struct fixture *f, hs_addr function) {
    mini_heap_put(&f->heap, f->frame, f->frame + 0x40);
    mini_heap_put(&f->heap, f->frame + 8, function + 0x10);
    f->frame += 0x40;
}

static enum hs_gc open_and_walk(struct fixture *f) {
    struct hs_error *error = mini_heap_open(&f->heap, &f->mini);
    if (!error) error = mini_walk(f->mini.v8, 1, &f->walk);
    if (error) fail_msg("%s", error->message);
    assert_int_equal(f->mini.v8->isolate_count, 1);
    return (enum hs_gc)f->mini.v8->isolates[0].gc;
}

static void test_names(void **state) {
    (void)state;
    static const struct {
        const char *symbol;
        enum hs_gc_function kind;
    } names[] = {
        {"_ZN2v88internal4Heap14CollectGarbageENS0_15AllocationSpaceENS0_23GarbageCollectionReasonE",
         HS_GC_FUNCTION_COLLECT},
        {"_ZN2v88internal4Heap24PerformGarbageCollectionENS0_16GarbageCollectorE", HS_GC_FUNCTION_COLLECT},
        {"_ZN2v88internal4Heap8ScavengeEv", HS_GC_FUNCTION_COLLECT},
        {"_ZN2v88internal4Heap12ScavengeOnlyEv", HS_GC_FUNCTION_NONE},
        {"_ZN2v88internal18ScavengerCollector7JobTask3RunEPNS_11JobDelegateE", HS_GC_FUNCTION_SCAVENGE},
        {"_ZN2v88internal9Scavenger7ProcessEPNS_11JobDelegateE", HS_GC_FUNCTION_SCAVENGE},
        {"_ZN2v88internal12ScavengeJob12ScheduleTaskEv", HS_GC_FUNCTION_NONE},
        {"_ZN2v88internal20MarkCompactCollector14CollectGarbageEv", HS_GC_FUNCTION_MARK_COMPACT},
        {"_ZN2v88internal20MarkCompactCollector8EvacuateEv", HS_GC_FUNCTION_EVACUATE},
        {"_ZN2v88internal20MarkCompactCollector29UpdatePointersAfterEvacuationEv", HS_GC_FUNCTION_UPDATE},
        {"_ZN2v88internal12_GLOBAL__N_19Evacuator12EvacuatePageEv", HS_GC_FUNCTION_EVACUATE},
        {"_ZNK2v88internal17PageEvacuationJob17GetMaxConcurrencyEm", HS_GC_FUNCTION_EVACUATE},
        {"_ZZN2v88internal20MarkCompactCollector8EvacuateEvENKUlvE_clEv", HS_GC_FUNCTION_EVACUATE},
        {"_ZN2v88internal23MinorMarkSweepCollector14CollectGarbageEv", HS_GC_FUNCTION_MINOR_MARK},
        {"_ZN2v88internal", HS_GC_FUNCTION_NONE},
        {"_ZN2v88internal9", HS_GC_FUNCTION_NONE},
        {"_ZN2v88internal99Scavenger", HS_GC_FUNCTION_NONE},
        {"_ZN2v88internal99999999999999999999Scavenger", HS_GC_FUNCTION_NONE},
        {"_Z", HS_GC_FUNCTION_NONE},
        {"", HS_GC_FUNCTION_NONE},
        {"main", HS_GC_FUNCTION_NONE},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (hs_gc_function_of(names[i].symbol) != names[i].kind)
            fail_msg("%s is %d", names[i].symbol, hs_gc_function_of(names[i].symbol));
}

static void test_idle(void **state) {
    struct fixture *f = *state;
    push(f, OTHER);
    push(f, MARK); /* incremental marking, in the mutator */
    push(f, OTHER);
    assert_int_equal(open_and_walk(f), HS_GC_NONE);
    assert_int_equal(f->mini.v8->isolates[0].tid, 4242);
    assert_false(f->mini.v8->moving);
    assert_int_equal(f->mini.v8->warning_count, 0);
}

/* musl: struct pthread points to the values of the thread's keys. */
static void test_thread_of_musl(void **state) {
    struct fixture *f = *state;
    mini_heap_put(&f->heap, MINI_STACK + 0x100, 0);
    mini_heap_put(&f->heap, MINI_STACK + 0x180, MINI_STACK + 0xc00);
    mini_heap_put(&f->heap, MINI_STACK + 0xc00 + 6 * 8, MINI_ISOLATE);
    open_and_walk(f);
    assert_int_equal(f->mini.v8->isolates[0].tid, 4242);
}

/* No thread pointer: by what the thread's stack names; below it nothing counts. */
static void test_thread_by_stack(void **state) {
    struct fixture *f = *state;
    f->heap.without_tp = true;
    mini_heap_put(&f->heap, MINI_STACK + 0xc00, MINI_ISOLATE);
    open_and_walk(f);
    assert_int_equal(f->mini.v8->isolates[0].tid, 4242);
}
/* A thread that helps the collector is in the isolate as well; the isolate knows whose stack it runs on. */
static void test_thread_not_a_helper(void **state) {
    struct fixture *f = *state;
    f->heap.with_helper = true;
    mini_heap_put(&f->heap, MINI_HELPER + 0x100, MINI_ISOLATE);
    mini_heap_put(&f->heap, MINI_ISOLATE + 0x20, MINI_STACK + 0x20);
    push(f, SCAVENGE);
    push(f, COLLECT);
    push(f, OTHER);
    assert_int_equal(open_and_walk(f), HS_GC_SCAVENGE);
    assert_int_equal(f->mini.v8->isolates[0].tid, 4242);
}
/* A page that is in no list and looks like the others is heap while a collector may move it; else V8 14 has
 * freed it. */
static void test_unlisted_page(struct fixture *f, hs_addr function) {
    enum { NEXT = 264 };
    hs_addr object = mini_heap_object(&f->heap, MINI_OLD + 5);
    mini_heap_put(&f->heap, mini_heap_page(MINI_OLD + 4) + NEXT, 0);
    mini_heap_put(&f->heap, mini_heap_page(MINI_OLD + 5) + NEXT + 8, 0);
    push(f, function);
    push(f, function == OTHER ? OTHER : COLLECT);
    push(f, OTHER);
    assert_int_equal(open_and_walk(f), function == OTHER ? HS_GC_NONE : HS_GC_SCAVENGE);
    assert_int_equal(mini_walk_saw(&f->walk, object), function != OTHER);
}
static void test_unlisted_page_of_a_collection(void **state) {
    test_unlisted_page(*state, SCAVENGE);
}
static void test_unlisted_page_at_rest(void **state) {
    test_unlisted_page(*state, OTHER);
}
static void test_thread_unknown(void **state) {
    struct fixture *f = *state;
    f->heap.without_tp = true;
    open_and_walk(f);
    assert_int_equal(f->mini.v8->isolates[0].tid, 0);
}

static void test_scavenge(void **state) {
    struct fixture *f = *state;
    hs_addr waiting = mini_heap_object(&f->heap, MINI_FROM), left = mini_heap_object(&f->heap, MINI_FROM);
    hs_addr copy = mini_heap_object(&f->heap, MINI_TO), old = mini_heap_object(&f->heap, MINI_OLD);
    mini_heap_put(&f->heap, left, copy);
    mini_heap_put(&f->heap, old + 24, left + 1); /* not updated yet */
    push(f, OTHER);
    push(f, SCAVENGE);
    push(f, COLLECT);
    assert_int_equal(open_and_walk(f), HS_GC_SCAVENGE);
    assert_true(mini_walk_saw(&f->walk, waiting) && mini_walk_saw(&f->walk, copy) &&
                !mini_walk_saw(&f->walk, left));
    assert_int_equal(mini_walk_space(&f->walk, f->mini.v8, MINI_FROM)->moved, 32);
    assert_int_equal(f->mini.v8->warning_count, 1);
    assert_non_null(strstr(f->mini.v8->warnings[0], "a scavenge was under way: 1 young objects (32 bytes)"));
    hs_tagged value;
    assert_true(hs_v8_word(f->mini.v8, old + 24, &value));
    assert_int_equal(value, copy + 1);
    assert_int_equal(hs_v8_kind_of(f->mini.v8, left + 1), HS_KIND_JS_OBJECT);
}

/* The areas of a collector's threads are found wherever their structures are. */
static void test_scavenge_areas(void **state) {
    struct fixture *f = *state;
    mini_heap_object(&f->heap, MINI_FROM);
    hs_addr start = f->heap.cursor[MINI_TO], copy = mini_heap_object(&f->heap, MINI_TO);
    hs_addr top = mini_heap_object(&f->heap, MINI_TO); /* stale */
    mini_heap_junk(&f->heap, MINI_TO, 20, UINT64_C(0x4141414141414141));
    hs_addr limit = f->heap.cursor[MINI_TO], behind = mini_heap_object(&f->heap, MINI_TO);
    mini_heap_put(&f->heap, MINI_STACK + 0x400, start); /* on the stack of a thread */
    mini_heap_put(&f->heap, MINI_STACK + 0x408, top);
    mini_heap_put(&f->heap, MINI_STACK + 0x410, limit);
    push(f, SCAVENGE);
    push(f, COLLECT);
    assert_int_equal(open_and_walk(f), HS_GC_SCAVENGE);
    assert_true(mini_walk_saw(&f->walk, copy) && mini_walk_saw(&f->walk, behind) &&
                !mini_walk_saw(&f->walk, top));
    assert_int_equal(mini_walk_space(&f->walk, f->mini.v8, MINI_TO)->unused, limit - top);
    assert_int_equal(f->walk.all.rejected, 0);
}

/* A thread that compiles fills an area that only its LocalHeap leads to, and nothing is under way. */
static void test_local_heap(void **state) {
    struct fixture *f = *state;
    enum { LOCAL_HEAP = 0x4600, ALLOCATOR = 0x600 };
    hs_addr start = f->heap.cursor[MINI_OLD], object = mini_heap_object(&f->heap, MINI_OLD);
    hs_addr top = mini_heap_object(&f->heap, MINI_OLD); /* of an earlier life of this memory */
    mini_heap_junk(&f->heap, MINI_OLD, 5, UINT64_C(0x4141414141414141));
    hs_addr limit = f->heap.cursor[MINI_OLD], behind = mini_heap_object(&f->heap, MINI_OLD);
    mini_heap_put(&f->heap, MINI_HEAP_ADDRESS + 0x40, MINI_ISOLATE + LOCAL_HEAP);
    mini_heap_put(&f->heap, MINI_ISOLATE + LOCAL_HEAP, MINI_HEAP_ADDRESS);
    mini_heap_put(&f->heap, MINI_ISOLATE + LOCAL_HEAP + 0x50, MINI_STACK + ALLOCATOR);
    mini_heap_put(&f->heap, MINI_STACK + ALLOCATOR + 0x18, start);
    mini_heap_put(&f->heap, MINI_STACK + ALLOCATOR + 0x20, top);
    mini_heap_put(&f->heap, MINI_STACK + ALLOCATOR + 0x28, limit);
    push(f, OTHER);
    assert_int_equal(open_and_walk(f), HS_GC_NONE);
    assert_true(mini_walk_saw(&f->walk, object) && mini_walk_saw(&f->walk, behind) &&
                !mini_walk_saw(&f->walk, top));
    assert_int_equal(mini_walk_space(&f->walk, f->mini.v8, MINI_OLD)->unused, limit - top);
}

/* A scavenge forwards a large object to itself and keeps its map aside. */
static void test_scavenge_large(void **state) {
    struct fixture *f = *state;
    hs_addr array = mini_heap_array(&f->heap, MINI_LARGE, 600);
    mini_heap_end_page(&f->heap, MINI_LARGE, false);
    mini_heap_put(&f->heap, array, array);
    mini_heap_put(&f->heap, MINI_STACK + 0x300, array + 1);
    mini_heap_put(&f->heap, MINI_STACK + 0x308, f->heap.maps[MINI_FIXED_ARRAY] + 1);
    mini_heap_object(&f->heap, MINI_FROM);
    push(f, SCAVENGE);
    push(f, COLLECT);
    assert_int_equal(open_and_walk(f), HS_GC_SCAVENGE);
    assert_true(mini_walk_saw(&f->walk, array));
    assert_int_equal(mini_walk_space(&f->walk, f->mini.v8, MINI_LARGE)->objects, 16 + 4800);
}

static void test_evacuation(void **state) {
    struct fixture *f = *state;
    hs_addr moved = mini_heap_object(&f->heap, MINI_OLD), copy = mini_heap_object(&f->heap, MINI_OLD + 1);
    mini_heap_put(&f->heap, moved, copy);
    push(f, EVACUATE);
    push(f, MARK);
    push(f, COLLECT);
    assert_int_equal(open_and_walk(f), HS_GC_EVACUATION);
    assert_true(f->mini.v8->moving);
    assert_int_equal(f->mini.v8->warning_count, 1);
    assert_true(mini_walk_saw(&f->walk, copy) && !mini_walk_saw(&f->walk, moved));
}

/* After all have moved, what is left in from-space is dead. */
static void test_pointer_update(void **state) {
    struct fixture *f = *state;
    hs_addr dead = mini_heap_object(&f->heap, MINI_FROM);
    push(f, UPDATE);
    push(f, EVACUATE);
    push(f, MARK);
    push(f, COLLECT);
    assert_int_equal(open_and_walk(f), HS_GC_POINTER_UPDATE);
    assert_false(mini_walk_saw(&f->walk, dead));
}

/* Without names, from-space tells by itself. */
static void test_unknown(void **state) {
    struct fixture *f = *state;
    f->heap.symbols->function_count = 0;
    hs_addr waiting = mini_heap_object(&f->heap, MINI_FROM);
    assert_int_equal(open_and_walk(f), HS_GC_OTHER);
    assert_true(mini_walk_saw(&f->walk, waiting));
    assert_int_equal(f->mini.v8->warning_count, 1);
}

static void test_unknown_idle(void **state) {
    struct fixture *f = *state;
    f->heap.symbols->function_count = 0;
    assert_int_equal(open_and_walk(f), HS_GC_UNKNOWN);
    assert_int_equal(f->mini.v8->warning_count, 0);
    assert_int_equal(mini_walk_space(&f->walk, f->mini.v8, MINI_FROM)->unused, 2 * MINI_AREA);
}

/* A chain of frames that ends nowhere, or in a circle. */
static void test_wild_frames(void **state) {
    struct fixture *f = *state;
    for (hs_addr at = MINI_STACK + 0x800; at < MINI_STACK + 0x1000; at += 16) {
        mini_heap_put(&f->heap, at, at - 0x20);
        mini_heap_put(&f->heap, at + 8, COLLECT);
    }
    assert_int_equal(open_and_walk(f), HS_GC_NONE);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_names),
        TEST(test_thread_of_musl),
        TEST(test_thread_by_stack),
        TEST(test_thread_unknown),
        TEST(test_thread_not_a_helper),
        TEST(test_unlisted_page_of_a_collection),
        TEST(test_unlisted_page_at_rest),
        TEST(test_idle),
        TEST(test_scavenge),
        TEST(test_scavenge_areas),
        TEST(test_local_heap),
        TEST(test_scavenge_large),
        TEST(test_evacuation),
        TEST(test_pointer_update),
        TEST(test_unknown),
        TEST(test_unknown_idle),
        TEST(test_wild_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
