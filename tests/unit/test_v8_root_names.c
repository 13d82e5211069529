/* Root names in a binary without symbols for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/elf_writer.h"
#include "v8/root_names.h"

enum { BASE = 0x400000, STRINGS = 0x900, TABLE = 0x1100, NAMES = 150, META = 7 };

struct binary {
    uint8_t *bytes;
    struct hs_images *images;
    uint64_t names[NAMES];
};

static void put(struct binary *binary, size_t offset, uint64_t word) {
    memcpy(binary->bytes + offset, &word, sizeof word);
}

/* A table of NAMES pointers at TABLE, to strings from STRINGS on; "meta_map" is one of them. */
static int begin(void **state) {
    static struct binary binary;
    binary = (struct binary){0};
    binary.bytes = elf_object_build(
        &(struct elf_object){.type = ET_EXEC, .base = BASE, .build_id = "12345678", .build_id_size = 8});
    size_t at = STRINGS;
    for (int i = 0; i < NAMES; i++) {
        char name[16];
        snprintf(name, sizeof name, i == META ? "meta_map" : "root_%d", i);
        binary.names[i] = BASE + at;
        put(&binary, TABLE + 8 * (size_t)i, BASE + at);
        memcpy(binary.bytes + at, name, strlen(name) + 1);
        at += strlen(name) + 1;
    }
    *state = &binary;
    return 0;
}

static int end(void **state) {
    struct binary *binary = *state;
    hs_images_destroy(binary->images);
    free(binary->bytes);
    return 0;
}

static bool find(struct binary *binary, uint64_t *vaddr, uint64_t *count) {
    assert_null(hs_image_open_memory(binary->bytes, ELF_OBJECT_SIZE, "node", &binary->images));
    return hs_root_names_find(NULL, &binary->images->items[0], vaddr, count);
}

static void test_found(void **state) {
    uint64_t vaddr, count;
    assert_true(find(*state, &vaddr, &count));
    assert_int_equal(vaddr, BASE + TABLE);
    assert_int_equal(count, NAMES);
}

/* Other code points to the string as well: the longest run is the table. */
static void test_second_pointer(void **state) {
    struct binary *binary = *state;
    uint64_t vaddr, count;
    put(binary, 0x1020, binary->names[META]);
    put(binary, 0x1028, 1);
    put(binary, 0x1fe0, binary->names[META]);
    put(binary, 0x1fe8, binary->names[0]);
    assert_true(find(binary, &vaddr, &count));
    assert_int_equal(vaddr, BASE + TABLE);
    assert_int_equal(count, NAMES);
}

/* What is no identifier ends the table. */
static void test_ends(void **state) {
    struct binary *binary = *state;
    uint64_t vaddr, count;
    binary->bytes[binary->names[120] - BASE] = '-';
    assert_true(find(binary, &vaddr, &count));
    assert_int_equal(count, 120);
}

static void test_too_short(void **state) {
    struct binary *binary = *state;
    uint64_t vaddr, count;
    put(binary, TABLE + 8 * 60, 0);
    assert_false(find(binary, &vaddr, &count));
}

static void test_no_string(void **state) {
    struct binary *binary = *state;
    uint64_t vaddr, count;
    binary->bytes[binary->names[META] - BASE] = 'M';
    assert_false(find(binary, &vaddr, &count));
}

/* The string at the last bytes of its segment, and pointers to behind the file. */
static void test_edges(void **state) {
    struct binary *binary = *state;
    uint64_t vaddr, count;
    memcpy(binary->bytes + 0x1000 - 9, "\0meta_map", 9); /* its NUL is another segment's */
    for (size_t at = 0x1800; at < 0x2000; at += 8) put(binary, at, BASE + 0x1000 - 8);
    put(binary, TABLE + 8 * NAMES, UINT64_MAX);
    assert_true(find(binary, &vaddr, &count));
    assert_int_equal(count, NAMES);
}

static void test_segments(void **state) {
    struct binary *binary = *state;
    struct hs_image_segment segment;
    assert_null(hs_image_open_memory(binary->bytes, ELF_OBJECT_SIZE, "node", &binary->images));
    const struct hs_image *image = &binary->images->items[0];
    assert_true(hs_image_segment(image, 0, &segment));
    assert_int_equal(segment.vaddr, BASE);
    assert_false(segment.flags & HS_SEGMENT_W);
    assert_true(hs_image_segment(image, 1, &segment));
    assert_int_equal(segment.vaddr, BASE + 0x1000);
    assert_ptr_equal(segment.bytes, binary->bytes + 0x1000);
    assert_true(segment.flags & HS_SEGMENT_W);
    assert_false(hs_image_segment(image, 2, &segment));
}

static void test_identifiers(void **state) {
    (void)state;
    assert_true(hs_root_name_is("_0aZ"));
    assert_false(hs_root_name_is(""));
    assert_false(hs_root_name_is(NULL));
    assert_false(hs_root_name_is("a b"));
    assert_false(hs_root_name_is("\xc3\xa9"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_found),     TEST(test_second_pointer),
        TEST(test_ends),      TEST(test_too_short),
        TEST(test_no_string), TEST(test_edges),
        TEST(test_segments),  cmocka_unit_test(test_identifiers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
