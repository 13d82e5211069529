/* Opening: a layout that does not fit must look like an error that names the fact, never like data, and
 * hostile symbols must not get further than the layout. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../support/mini_walk.h"

enum { ROOTS = 0x250 };

/* Opens a fresh heap after `change`, walks it if it opens. The message of the error, NULL if there was none;
 * the caller frees it. */
static char *open_with(void (*change)(struct mini_heap *heap, const void *what), const void *what) {
    struct mini_heap heap;
    struct mini_v8 mini;
    struct mini_walk walk;
    char *message = NULL;
    mini_heap_init(&heap);
    for (int i = 0; i < 20; i++) mini_heap_object(&heap, MINI_OLD);
    change(&heap, what);
    struct hs_error *error = mini_heap_open(&heap, &mini);
    if (!error) error = mini_walk(mini.v8, 1, &walk);
    if (error) {
        assert_int_equal(error->code, HS_ERROR_LAYOUT);
        message = strdup(error->message);
    }
    hs_error_destroy(error);
    mini_v8_close(&mini);
    mini_heap_deinit(&heap);
    return message;
}

static void expect(void (*change)(struct mini_heap *heap, const void *what), const void *what,
                   const char *in_message) {
    char *message = open_with(change, what);
    if (!message || !strstr(message, in_message))
        fail_msg("expected \"%s\", got: %s", in_message, message ? message : "no error");
    assert_non_null(strstr(message, "12.4.254.21"));
    free(message);
}

static void nothing(struct mini_heap *heap, const void *what) {
    (void)heap, (void)what;
}
static void without(struct mini_heap *heap, const void *what) {
    mini_heap_constant(heap, what, 0, true);
}
struct constant {
    const char *name;
    int32_t value;
};
static void with(struct mini_heap *heap, const void *what) {
    const struct constant *constant = what;
    mini_heap_constant(heap, constant->name, constant->value, false);
}

static void test_opens(void **state) {
    (void)state;
    assert_null(open_with(nothing, NULL));
}

/* A fact that no symbol, rule or table gives is refused by its name. */
static void test_missing_facts(void **state) {
    (void)state;
    expect(without, "class_Map__instance_type__uint16_t", "Map.instance_type is not known");
    expect(without, "class_String__length__int32_t", "String.length is not known");
    expect(without, "bit_field3_number_of_own_descriptors_mask",
           "Map.bit_field3.own_descriptors.mask is not known");
    expect(without, "class_JSFunction__shared__SharedFunctionInfo",
           "JSFunction.shared_function_info is not known");
    expect(without, "FirstNonstringType", "FirstNonstringType is not known");
    expect(without, "type_Map__MAP_TYPE", "MAP_TYPE is not known");
    expect(without, "type_JSProxy__JS_PROXY_TYPE", "first JavaScript object type is not known");
    expect(without, "SmiShiftSize", "SmiShiftSize is not known");
    expect(without, "HeapObjectTag", "HeapObjectTag is 0");
}

/* A symbol is found whatever type its name ends in, but two that disagree are none. */
static void test_symbol_stems(void **state) {
    (void)state;
    static const struct constant other = {"class_Map__bit_field3__Tagged_Anything_", 16},
                                 disagrees = {"class_Map__bit_field3__x", 20};
    assert_null(open_with(with, &other));
    expect(with, &disagrees, "Map.bit_field3 is not known");
}

static void test_wrong_facts(void **state) {
    (void)state;
    static const struct constant type = {"class_Map__instance_type__uint16_t", 10},
                                 fixed_array = {"type_FixedArray__FIXED_ARRAY_TYPE", 175},
                                 symbol = {"type_Symbol__SYMBOL_TYPE", 129},
                                 kind = {"class_Oddball__kind__int", 32},
                                 length = {"class_String__length__int32_t", 8},
                                 description = {"class_Symbol__name__Object", 8},
                                 map = {"type_Map__MAP_TYPE", 263};
    expect(with, &type, "the roots of none of them");
    expect(with, &map, "the roots of none of them");
    expect(with, &fixed_array, "the root table does not fit");
    expect(with, &symbol, "the root table does not fit");
    expect(with, &kind, "undefined_value has another kind");
    expect(with, &length, "empty_string");
    expect(with, &description, "to_string_tag_symbol");
}

/* Every constant with every value that a bad file may hold: an error or a walk that accounts for all, nothing
 * else. */
static void test_hostile_constants(void **state) {
    (void)state;
    static const int32_t values[] = {INT32_MIN, -1, 0,   1,    7,    31,      32,
                                     63,        64, 255, 4095, 4096, 1 << 20, INT32_MAX};
    struct mini_heap heap;
    mini_heap_init(&heap);
    struct hs_v8_constant *entry, *next;
    unsigned refused = 0;
    HASH_ITER(hh, heap.symbols->constants, entry, next)
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const struct constant constant = {entry->name, values[i]};
        struct mini_heap other;
        struct mini_v8 mini;
        struct mini_walk walk;
        mini_heap_init(&other);
        for (int k = 0; k < 20; k++) mini_heap_object(&other, MINI_OLD);
        mini_heap_cons(&other, MINI_OLD, mini_heap_string(&other, MINI_OLD, "abc"),
                       other.values[MINI_EMPTY_STRING]);
        with(&other, &constant);
        struct hs_error *error = mini_heap_open(&other, &mini);
        if (!error) error = mini_walk(mini.v8, 1, &walk);
        refused += error != NULL;
        hs_error_destroy(error);
        mini_v8_close(&mini);
        mini_heap_deinit(&other);
    }
    assert_true(refused > 200);
    mini_heap_deinit(&heap);
}

static void shift_roots(struct mini_heap *heap, const void *what) {
    (void)what;
    struct hs_v8_symbols *symbols = heap->symbols;
    char *last = symbols->root_names[symbols->root_count - 1];
    memmove(symbols->root_names + MINI_MAPS + 1, symbols->root_names + MINI_MAPS,
            (symbols->root_count - MINI_MAPS - 1) * sizeof *symbols->root_names);
    symbols->root_names[MINI_MAPS] = last;
}

static void swap_oddballs(struct mini_heap *heap, const void *what) {
    (void)what;
    hs_addr roots = MINI_ISOLATE + ROOTS + 8 * (hs_addr)MINI_MAPS;
    uint64_t undefined = mini_heap_get(heap, roots), null = mini_heap_get(heap, roots + 16);
    mini_heap_put(heap, roots, null);
    mini_heap_put(heap, roots + 16, undefined);
}

static void break_tag(struct mini_heap *heap, const void *what) {
    (void)what;
    uint64_t text = mini_heap_get(heap, heap->values[MINI_TO_STRING_TAG] + 16) - 1;
    mini_heap_at(heap, text)[20] = '?';
}

/* A table that is off by one decodes well nearly everywhere. */
static void test_wrong_roots(void **state) {
    (void)state;
    expect(shift_roots, NULL, "");
    expect(swap_oddballs, NULL, "undefined_value has another kind");
    expect(break_tag, NULL, "to_string_tag_symbol is another symbol");
}

static void no_pages(struct mini_heap *heap, const void *what) {
    (void)what;
    for (int page = 0; page < MINI_PAGES; page++)
        mini_heap_put(heap, mini_heap_page((enum mini_page)page) + 8, 1);
}

static void no_root_names(struct mini_heap *heap, const void *what) {
    (void)what;
    for (size_t i = 0; i < heap->symbols->root_count; i++) free(heap->symbols->root_names[i]);
    heap->symbols->root_count = 0;
}

static void test_no_heap(void **state) {
    (void)state;
    expect(no_pages, NULL, "found no heap pages");
    expect(no_root_names, NULL, "the index of root meta_map is not known");
}

/* Spaces are named by their class where the binary names vtables, else by AllocationSpace. */
static void test_space_names(void **state) {
    (void)state;
    struct mini_heap heap;
    struct mini_v8 mini;
    mini_heap_init(&heap);
    assert_null(mini_heap_open(&heap, &mini));
    static const struct {
        enum mini_page page;
        const char *name;
        uint8_t flags;
    } expected[] = {{MINI_READ_ONLY, "read_only_space", HS_PAGE_READ_ONLY},
                    {MINI_OLD, "old_space", 0},
                    {MINI_TO, "new_space", HS_PAGE_NEW | HS_PAGE_TO},
                    {MINI_FROM, "new_space", HS_PAGE_NEW | HS_PAGE_FROM},
                    {MINI_LARGE, "large_object_space", HS_PAGE_LARGE}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct hs_page *page =
            hs_pages_find(&mini.v8->pages, mini_heap_page(expected[i].page) + MINI_HEADER);
        assert_non_null(page);
        assert_string_equal(mini.v8->pages.spaces[page->space].name, expected[i].name);
        assert_int_equal(page->flags, expected[i].flags);
    }
    mini_v8_close(&mini);
    mini_heap_deinit(&heap);

    mini_heap_init(&heap);
    assert_null(hs_v8_symbols_add_vtable(heap.symbols, "CodeSpace", MINI_TEXT + 0x800));
    assert_null(mini_heap_open(&heap, &mini));
    const struct hs_page *page = hs_pages_find(&mini.v8->pages, mini_heap_page(MINI_OLD));
    assert_string_equal(mini.v8->pages.spaces[page->space].name, "code_space");
    mini_v8_close(&mini);
    mini_heap_deinit(&heap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opens),
        cmocka_unit_test(test_missing_facts),
        cmocka_unit_test(test_symbol_stems),
        cmocka_unit_test(test_wrong_facts),
        cmocka_unit_test(test_hostile_constants),
        cmocka_unit_test(test_wrong_roots),
        cmocka_unit_test(test_no_heap),
        cmocka_unit_test(test_space_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
