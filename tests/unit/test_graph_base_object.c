/* Sizes of C++ objects from the code of functions that return them; objects without symbols stay unknown. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../support/cpp_heap.h"
#include "../support/elf_writer.h"
#include "graph/base_object.h"

#define CONSTANT(machine, ...)                                                                               \
    hs_code_constant(machine, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), &value)

/* As Node's binaries have them: 18.20.8, 12.22.12, 24.21.0; with control-flow protection; arm64. */
static void test_constants(void **state) {
    (void)state;
    uint32_t value = 0;
    assert_true(CONSTANT(EM_X86_64, 0xb8, 0x20, 0x01, 0, 0, 0xc3));
    assert_int_equal(value, 0x120);
    assert_true(CONSTANT(EM_X86_64, 0x55, 0xb8, 0x98, 0x01, 0, 0, 0x48, 0x89, 0xe5, 0x5d, 0xc3, 0xcc));
    assert_int_equal(value, 0x198);
    assert_true(CONSTANT(EM_X86_64, 0x55, 0x48, 0x89, 0xe5, 0xb8, 0x38, 0x01, 0, 0, 0x5d, 0xc3));
    assert_int_equal(value, 0x138);
    assert_true(CONSTANT(EM_X86_64, 0xf3, 0x0f, 0x1e, 0xfa, 0xb8, 0x40, 0, 0, 0, 0xc3));
    assert_int_equal(value, 0x40);
    assert_true(CONSTANT(EM_AARCH64, 0x00, 0x24, 0x80, 0xd2, 0xc0, 0x03, 0x5f, 0xd6));
    assert_int_equal(value, 0x120);
    assert_true(CONSTANT(EM_AARCH64, 0x00, 0x0c, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6));
    assert_int_equal(value, 0x60);
}

static void test_no_constants(void **state) {
    (void)state;
    uint32_t value = 7;
    assert_false(CONSTANT(EM_X86_64, 0xc3));
    assert_false(CONSTANT(EM_X86_64, 0xb8, 0x20, 0x01, 0));
    assert_false(CONSTANT(EM_X86_64, 0xb8, 0x20, 0x01, 0, 0));
    assert_false(CONSTANT(EM_X86_64, 0xb8, 1, 0, 0, 0, 0xb8, 2, 0, 0, 0, 0xc3));
    assert_false(CONSTANT(EM_X86_64, 0x48, 0x8b, 0x47, 0x08, 0xc3));                    /* mov rax, [rdi+8] */
    assert_false(CONSTANT(EM_AARCH64, 0x01, 0x24, 0x80, 0xd2, 0xc0, 0x03, 0x5f, 0xd6)); /* x1 */
    assert_false(CONSTANT(EM_AARCH64, 0x00, 0x24, 0x80, 0xd2));
    assert_false(CONSTANT(EM_PPC64, 0xb8, 0x20, 0x01, 0, 0, 0xc3));
    assert_int_equal(value, 7);
}

struct fixture {
    struct cpp_heap cpp;
    struct mini_v8 mini;
    uint8_t *program;
    struct hs_images *images;
    struct hs_objects *objects;
    struct hs_root root; /* a strong handle of wrapper 0 */
    struct hs_base_objects found;
};

static int begin(void **state) {
    static struct fixture fixture;
    fixture = (struct fixture){.program = cpp_heap_program()};
    cpp_heap_init(&fixture.cpp);
    mini_heap_put(&fixture.cpp.heap, cpp_heap_object(0), CPP_VTABLE);
    mini_heap_put(&fixture.cpp.heap, cpp_heap_object(0) + 8, CPP_BLOCK);
    *state = &fixture;
    return 0;
}

static int end(void **state) {
    struct fixture *f = *state;
    hs_base_objects_deinit(&f->found);
    hs_objects_destroy(f->objects);
    f->mini.images = (struct hs_images){0};
    mini_v8_close(&f->mini);
    hs_images_destroy(f->images);
    free(f->program);
    mini_heap_deinit(&f->cpp.heap);
    return 0;
}

static void look(struct fixture *f, bool with_program) {
    struct hs_error *error = mini_heap_open(&f->cpp.heap, &f->mini);
    if (!error) error = hs_image_open_memory(f->program, ELF_OBJECT_SIZE, "node", &f->images);
    if (error) fail_msg("%s", error->message);
    if (with_program) f->mini.images = *f->images;
    assert_null(hs_objects_create(f->mini.v8, 1, &f->objects));
    f->root = (struct hs_root){.id = hs_objects_find(f->objects, f->cpp.wrappers[0]),
                               .category = HS_ROOT_GLOBAL_HANDLES,
                               .slot = CPP_BLOCK};
    const struct hs_roots roots = {.items = &f->root, .count = 1};
    assert_null(hs_base_objects_find(f->objects, &roots, &f->found));
}

static void test_found(void **state) {
    struct fixture *f = *state;
    look(f, true);
    assert_int_equal(f->found.count, 1);
    assert_string_equal(f->found.items[0].name, "ProbeWrap");
    assert_int_equal(f->found.items[0].address, cpp_heap_object(0));
    assert_int_equal(f->found.items[0].size, CPP_SELF_SIZE);
    assert_ptr_equal(hs_base_objects_get(&f->found, f->root.id), f->found.items);
    assert_null(hs_base_objects_get(&f->found, f->root.id + 1));
    assert_string_equal(f->found.to_native, "wrapper");
    assert_string_equal(f->found.to_wrapper, "wrapped");
}

/* What the edges are called is what the binary calls them. */
static void test_directed(void **state) {
    struct fixture *f = *state;
    strcpy((char *)f->program + 0x900, "native_to_javascript");
    look(f, true);
    assert_string_equal(f->found.to_native, "javascript_to_native");
    assert_string_equal(f->found.to_wrapper, "native_to_javascript");
}

/* The handle is another's: what stands behind the vtable is not its slot. */
static void test_another_handle(void **state) {
    struct fixture *f = *state;
    mini_heap_put(&f->cpp.heap, cpp_heap_object(0) + 8, CPP_BLOCK + 16);
    look(f, true);
    assert_int_equal(f->found.count, 0);
}

/* Releases whose BaseObjects are no roots have another function there. */
static void test_no_root(void **state) {
    struct fixture *f = *state;
    mini_heap_put(&f->cpp.heap, CPP_VTABLE + 4 * 8, MINI_TEXT + 0x960);
    look(f, true);
    assert_int_equal(f->found.count, 0);
}

static void test_unknown_size(void **state) {
    struct fixture *f = *state;
    mini_heap_at(&f->cpp.heap, MINI_TEXT + 0x920)[0] = 0x48;
    look(f, true);
    assert_int_equal(f->found.count, 1);
    assert_int_equal(f->found.items[0].size, 0);
}

/* All fits, and no binary says what class it is. */
static void test_no_symbols(void **state) {
    struct fixture *f = *state;
    look(f, false);
    assert_int_equal(f->found.count, 0);
    assert_null(hs_base_objects_get(&f->found, f->root.id));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_no_constants),
        cmocka_unit_test_setup_teardown(test_found, begin, end),
        cmocka_unit_test_setup_teardown(test_directed, begin, end),
        cmocka_unit_test_setup_teardown(test_another_handle, begin, end),
        cmocka_unit_test_setup_teardown(test_no_root, begin, end),
        cmocka_unit_test_setup_teardown(test_unknown_size, begin, end),
        cmocka_unit_test_setup_teardown(test_no_symbols, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
