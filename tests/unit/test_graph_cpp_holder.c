/* Names of Node's C++ classes from the symbols of their vtables, and which of their objects holds a handle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../support/cpp_heap.h"
#include "../support/elf_writer.h"
#include "graph/cpp_holder.h"

static void test_classes(void **state) {
    (void)state;
    char name[32];
    assert_true(hs_cpp_class_name("_ZTVN4node10BaseObjectE", name, sizeof name));
    assert_string_equal(name, "BaseObject");
    assert_true(hs_cpp_class_name("_ZTVN4node6crypto7TLSWrapE", name, sizeof name));
    assert_string_equal(name, "TLSWrap");
    assert_true(hs_cpp_class_name("_ZTVN4node12_GLOBAL__N_13OneE", name, sizeof name));
    assert_string_equal(name, "One");
}

static void test_others(void **state) {
    (void)state;
    char name[8] = "kept";
    static const char *const others[] = {"",
                                         "_ZTVN4node",
                                         "_ZTVN4nodeE",
                                         "_ZTVN2v88internal4HeapE",
                                         "_ZTVN4node7ReqWrapI10uv_write_sEE",
                                         "_ZTVN4node7TLSWrap",
                                         "_ZTVN4node99999999999999999999TLSWrapE",
                                         "_ZTVN4node0E",
                                         "_ZTVN4node9TLSE",
                                         "_ZTIN4node7TLSWrapE",
                                         "_ZTVN4node8TooLongNE"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(hs_cpp_class_name(others[i], name, sizeof name));
    assert_string_equal(name, "kept");
}

enum {
    OWN,
    MEMBER,
    FAR,
    HANDLES
}; /* of wrapper 0; a member of its object; of an object that this points to */

/* Wrapper 0's object holds OWN and MEMBER and points to object 1, which holds FAR. `chunks`: malloc tells how
 * long they are. */
static void find(bool chunks, struct hs_cpp_holders *ret) {
    struct cpp_heap cpp;
    struct mini_v8 mini = {0};
    struct hs_objects *objects;
    struct hs_images *images;
    uint8_t *program = cpp_heap_program();
    cpp_heap_init(&cpp);
    for (unsigned i = 0; i < 3; i++) /* its size and the one before are in use */
        mini_heap_put(&cpp.heap, cpp_heap_object(i) - 8, chunks ? CPP_OBJECT | 1 : 0);
    hs_addr slots[HANDLES];
    for (unsigned i = 0; i < HANDLES; i++) slots[i] = CPP_BLOCK + 32 * (hs_addr)i;
    mini_heap_put(&cpp.heap, cpp_heap_object(0), CPP_VTABLE);
    mini_heap_put(&cpp.heap, cpp_heap_object(0) + 8, slots[OWN]);
    mini_heap_put(&cpp.heap, cpp_heap_object(0) + 0x20, slots[MEMBER]);
    mini_heap_put(&cpp.heap, cpp_heap_object(0) + 0x30, cpp_heap_object(1));
    mini_heap_put(&cpp.heap, cpp_heap_object(1), CPP_VTABLE);
    mini_heap_put(&cpp.heap, cpp_heap_object(1) + 0x18, slots[FAR]);
    mini_heap_put(&cpp.heap, cpp_heap_object(1) + 0x20, slots[OWN]); /* the first to be seen holds it */
    struct hs_error *error = mini_heap_open(&cpp.heap, &mini);
    if (!error) error = hs_image_open_memory(program, ELF_OBJECT_SIZE, "node", &images);
    if (error) fail_msg("%s", error->message);
    mini.images = *images;
    assert_null(hs_objects_create(mini.v8, 1, &objects));
    struct hs_root items[HANDLES];
    for (unsigned i = 0; i < HANDLES; i++)
        items[i] = (struct hs_root){.id = hs_objects_find(objects, cpp.wrappers[i == OWN ? 0 : 3]),
                                    .category = HS_ROOT_GLOBAL_HANDLES,
                                    .slot = slots[i]};
    const struct hs_roots roots = {.items = items, .count = HANDLES};
    assert_null(hs_cpp_holders_find(objects, &roots, ret));
    hs_objects_destroy(objects);
    mini.images = (struct hs_images){0};
    mini_v8_close(&mini);
    hs_images_destroy(images);
    free(program);
    mini_heap_deinit(&cpp.heap);
}

static void test_holders(void **state) {
    (void)state;
    struct hs_cpp_holders holders;
    find(true, &holders);
    assert_int_equal(holders.count, HANDLES);
    for (unsigned i = 0; i < HANDLES; i++) {
        const struct hs_cpp_holder *holder = hs_cpp_holders_get(&holders, CPP_BLOCK + 32 * (hs_addr)i);
        assert_non_null(holder);
        assert_string_equal(holder->name, "ProbeWrap");
        assert_int_equal(holder->address, cpp_heap_object(i == FAR));
    }
    assert_null(hs_cpp_holders_get(&holders, CPP_BLOCK + 16));
    hs_cpp_holders_deinit(&holders);
}

/* Without a credible chunk only the handle behind the vtable is the object's. */
static void test_no_chunk(void **state) {
    (void)state;
    struct hs_cpp_holders holders;
    find(false, &holders);
    assert_int_equal(holders.count, 1);
    assert_int_equal(holders.items[0].slot, CPP_BLOCK);
    hs_cpp_holders_deinit(&holders);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_classes), cmocka_unit_test(test_others),
                                       cmocka_unit_test(test_holders), cmocka_unit_test(test_no_chunk)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
