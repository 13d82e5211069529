/* Names of Node's C++ classes from the symbols of their vtables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

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

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_classes), cmocka_unit_test(test_others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
