/* Tables of names in a binary that no symbol tells of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../support/elf_writer.h"
#include "v8/name_table.h"
#include "v8/symbols_private.h"

enum { BASE = 0x400000, TEXTS = 0x900, TABLE = 0x1100, NAMES = 120, STRIDE = 16 };

struct fixture {
    uint8_t *bytes;
    struct hs_images *images;
    struct hs_v8_symbols symbols;
    struct hs_v8 v8;
    size_t next; /* place of the next text */
    uint64_t texts[NAMES];
};

static void put_word(struct fixture *f, size_t at, uint64_t value) {
    memcpy(f->bytes + at, &value, sizeof value);
}

/* {number, name} for n0, n1, … */
static void put_entry(struct fixture *f, unsigned entry) {
    put_word(f, TABLE + (size_t)entry * STRIDE, 1000 + entry);
    put_word(f, TABLE + (size_t)entry * STRIDE + 8, f->texts[entry]);
}

static int begin(void **state) {
    static struct fixture fixture;
    fixture = (struct fixture){.next = TEXTS + 1};
    const struct elf_object object = {.type = ET_EXEC, .base = BASE};
    fixture.bytes = elf_object_build(&object);
    for (unsigned i = 0; i < NAMES; i++) {
        fixture.texts[i] = BASE + fixture.next;
        fixture.next += (size_t)sprintf((char *)fixture.bytes + fixture.next, "name_%u", i) + 1;
        put_entry(&fixture, i);
    }
    *state = &fixture;
    return fixture.next > 0x1000; /* the texts are in the first page */
}

static int end(void **state) {
    struct fixture *f = *state;
    hs_images_destroy(f->images);
    free(f->bytes);
    return 0;
}

static bool find(struct fixture *f, const char *anchor, struct hs_name_table *ret) {
    struct hs_error *error = hs_image_open_memory(f->bytes, ELF_OBJECT_SIZE, "program", &f->images);
    if (error) fail_msg("%s", error->message);
    snprintf(f->symbols.origin, sizeof f->symbols.origin, "%s", f->images->items[0].path);
    f->v8 = (struct hs_v8){
        .images = f->images, .arch = hs_image_arch(&f->images->items[0]), .symbols = &f->symbols};
    return hs_name_table_find(&f->v8, anchor, ret);
}

static void test_found(void **state) {
    struct fixture *f = *state;
    struct hs_name_table table;
    uint32_t number;
    assert_true(find(f, "name_77", &table));
    assert_int_equal(table.count, NAMES);
    assert_int_equal(table.stride, STRIDE);
    assert_string_equal(hs_name_table_get(&table, 0), "name_0");
    assert_string_equal(hs_name_table_get(&table, NAMES - 1), "name_119");
    assert_null(hs_name_table_get(&table, NAMES));
    assert_true(hs_name_table_number(&table, 5, &number));
    assert_int_equal(number, 1005);
    assert_false(hs_name_table_number(&table, NAMES, &number));
}

static void test_unknown_anchor(void **state) {
    struct hs_name_table table;
    assert_false(find(*state, "name_120", &table));
}

/* Of a text's end nothing is a name: "ame_7" stands in the middle of another. */
static void test_part_of_a_name(void **state) {
    struct hs_name_table table;
    assert_false(find(*state, "ame_7", &table));
}

/* A pointer to what is no identifier ends the table; what is left on the anchor's side is too short. */
static void test_too_short(void **state) {
    struct fixture *f = *state;
    struct hs_name_table table;
    f->bytes[f->texts[60] - BASE] = '(';
    assert_false(find(f, "name_10", &table));
}

/* Two tables name the anchor: the longer one is it. */
static void test_longest(void **state) {
    struct fixture *f = *state;
    struct hs_name_table table;
    put_word(f, 0x1008, f->texts[3]);
    assert_true(find(f, "name_3", &table));
    assert_int_equal(table.count, NAMES);
    assert_string_equal(hs_name_table_get(&table, 3), "name_3");
}

/* The binary that V8's symbols are from, no other. */
static void test_other_program(void **state) {
    struct fixture *f = *state;
    struct hs_name_table table;
    assert_true(find(f, "name_3", &table));
    snprintf(f->symbols.origin, sizeof f->symbols.origin, "another");
    assert_false(hs_name_table_find(&f->v8, "name_3", &table));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_found, begin, end),
        cmocka_unit_test_setup_teardown(test_unknown_anchor, begin, end),
        cmocka_unit_test_setup_teardown(test_part_of_a_name, begin, end),
        cmocka_unit_test_setup_teardown(test_too_short, begin, end),
        cmocka_unit_test_setup_teardown(test_longest, begin, end),
        cmocka_unit_test_setup_teardown(test_other_program, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
