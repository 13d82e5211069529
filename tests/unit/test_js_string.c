#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../support/toy_heap.h"
#include "js/string.h"

static void assert_text(struct toy_heap *toy, hs_tagged string, uint32_t limit, bool whole,
                        const char *want) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    assert_int_equal(hs_js_string_append(&toy->v8, string, limit, &text), whole);
    assert_string_equal(text.data, want);
}

static void every_representation(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged latin = toy_string(toy, "caf\xe9");
    const uint16_t units[] = {0x41F, 0x440, 0xD83D, 0xDE00, 0xD800, 'x'};
    hs_tagged wide = toy_string_units(toy, units, 6);
    hs_tagged cons = toy_cons(toy, latin, wide);
    hs_tagged sliced = toy_put(toy, toy_map_of(toy, TOY_SLICED), 4);
    *toy_word(toy, sliced, 1) = UINT64_C(3) << 32;
    *toy_word(toy, sliced, 2) = cons;
    *toy_word(toy, sliced, 3) = toy_smi(3);
    hs_tagged thin = toy_put(toy, toy_map_of(toy, TOY_THIN), 3);
    *toy_word(toy, thin, 1) = UINT64_C(4) << 32;
    *toy_word(toy, thin, 2) = latin;
    hs_tagged external = toy_put(toy, toy_map_of(toy, TOY_EXTERNAL), 4);
    *toy_word(toy, external, 1) = UINT64_C(7) << 32;
    *toy_word(toy, external, 3) = TOY_OUTSIDE + 256;
    memcpy((char *)toy->outside + 256, "payload", 7);
    hs_tagged lost = toy_put(toy, toy_map_of(toy, TOY_EXTERNAL), 4);
    *toy_word(toy, lost, 1) = UINT64_C(7) << 32;
    *toy_word(toy, lost, 3) = 0xdead0000;
    hs_tagged empty = toy_string(toy, "");
    toy_heap_open(toy);

    assert_text(toy, latin, 100, true, "café");
    assert_text(toy, wide, 100, true, "Пр😀\xEF\xBF\xBDx");
    assert_text(toy, wide, 3, true, "Пр\xEF\xBF\xBD"); /* the limit cuts a pair */
    assert_text(toy, cons, 100, true, "caféПр😀\xEF\xBF\xBDx");
    assert_text(toy, cons, 5, true, "caféП");
    assert_text(toy, sliced, 100, true, "éПр");
    assert_text(toy, thin, 100, true, "café");
    assert_text(toy, external, 100, true, "payload");
    assert_text(toy, lost, 100, false, "");
    assert_text(toy, empty, 100, true, "");
    assert_text(toy, toy->undefined, 100, false, "");
    assert_text(toy, toy_smi(5), 100, false, "");
    assert_text(toy, 0xdead0001, 100, false, "");
    uint32_t length;
    assert_true(hs_js_string_length(&toy->v8, cons, &length));
    assert_int_equal(length, 10);
    toy_heap_destroy(toy);
}

static void a_pair_split_between_parts(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    const uint16_t high[] = {0xD83D}, low[] = {0xDE00};
    hs_tagged cons = toy_cons(toy, toy_string_units(toy, high, 1), toy_string_units(toy, low, 1));
    toy_heap_open(toy);
    assert_text(toy, cons, 10, true, "😀");
    toy_heap_destroy(toy);
}

static void deep_trees(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged left = toy_string(toy, "a"), right = left;
    for (int i = 0; i < 2000; i++) {
        left = toy_cons(toy, left, toy->maps[TOY_STRING] ? toy_string(toy, "b") : 0);
        right = toy_cons(toy, toy_string(toy, "c"), right);
    }
    toy_heap_open(toy);
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    assert_true(hs_js_string_append(&toy->v8, left, 1 << 20, &text));
    assert_int_equal(text.size, 2001);
    assert_int_equal(text.data[0], 'a');
    assert_int_equal(text.data[2000], 'b');
    hs_strbuf_clear(&text);
    assert_true(hs_js_string_append(&toy->v8, right, 1 << 20, &text));
    assert_int_equal(text.size, 2001);
    assert_int_equal(text.data[2000], 'a');
    toy_heap_destroy(toy);
}

static void lying_trees_end(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged a = toy_string(toy, "a"), empty = toy_string(toy, "");
    hs_tagged loop = toy_cons(toy, a, empty);
    *toy_word(toy, loop, 2) = loop; /* itself and nothing: no progress */
    hs_tagged wrong = toy_cons(toy, a, a);
    *toy_word(toy, wrong, 1) = UINT64_C(1000) << 32; /* longer than its parts */
    hs_tagged thin = toy_put(toy, toy_map_of(toy, TOY_THIN), 3);
    *toy_word(toy, thin, 1) = UINT64_C(4) << 32;
    *toy_word(toy, thin, 2) = thin;
    hs_tagged window = toy_put(toy, toy_map_of(toy, TOY_SLICED), 4);
    *toy_word(toy, window, 1) = UINT64_C(4) << 32;
    *toy_word(toy, window, 2) = a;
    *toy_word(toy, window, 3) = toy_smi(1 << 30);
    hs_tagged huge = toy_string(toy, "x");
    *toy_word(toy, huge, 1) = UINT64_C(0xffffffff) << 32;
    toy_heap_open(toy);
    assert_text(toy, loop, 100, false, "");
    assert_text(toy, wrong, 100, false, "");
    assert_text(toy, thin, 100, false, "");
    assert_text(toy, window, 100, false, "");
    assert_text(toy, huge, UINT32_MAX, false, "");
    toy_heap_destroy(toy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_representation),
        cmocka_unit_test(a_pair_split_between_parts),
        cmocka_unit_test(deep_trees),
        cmocka_unit_test(lying_trees_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
