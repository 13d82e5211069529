#include "snap/snap.h"

#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct hs_snap_class plain(const char *type, const char *constructor, const char **properties,
                                  size_t length) {
    return (struct hs_snap_class){
        .type = type, .constructor = constructor, .properties = properties, .properties_length = length};
}

static void assert_key(const struct hs_snap_class *class, const char *want) {
    char text[33];
    hs_snap_key_print(hs_snap_class_key(class), text);
    assert_string_equal(text, want);
}

/* The wanted keys were made with xxh128sum of Debian's `xxhash` from the byte strings of
 * heapscan-snapshot(5), for instance printf
 * '16:heapscan.class/1,6:object,7:Session,5:plain,2:id,4:page,4:user,' | xxh128sum */
static void keys_never_change(void **state) {
    (void)state;
    const char *session[] = {"user", "id", "page"};
    size_t length = hs_snap_properties_sort(session, 3);
    struct hs_snap_class class = plain("object", "Session", session, length);
    assert_key(&class, "996abf6b814285c4eef24890a181f7ef");
    class.properties_length = 0;
    assert_key(&class, "8eb90da5fb24c67d97d67fc2090ae792");
    class = plain("closure", "", NULL, 0);
    assert_key(&class, "eadcccfa32a38ab2bc120bde7d05cbc6");
    const char *odd[] = {"a,b", "a", "<symbol x>", "#p"};
    class = plain("object", "Ünïcode", odd, hs_snap_properties_sort(odd, 4));
    assert_key(&class, "a1c4d106e9e2a33580dd7f5416c649f9");
}

static void tables_have_one_key_whatever_is_in_them(void **state) {
    (void)state;
    const char *keys[] = {"ann@example.org"};
    struct hs_snap_class class = plain("object", "Session", keys, 1);
    class.dictionary = true;
    assert_key(&class, "1aaaf3e7ce024bf8ed5e380171d1683a");
}

static void location_and_numbers_are_not_part_of_it(void **state) {
    (void)state;
    const char *names[] = {"a"};
    struct hs_snap_class a = plain("object", "A", names, 1), b = a;
    b.location = (struct hs_snap_location){"/srv/a.js", 3, 4};
    b.isolate = 7;
    b.count = 99;
    assert_true(hs_snap_key_equal(hs_snap_class_key(&a), hs_snap_class_key(&b)));
}

/* Netstrings: no shift of bytes from one name to the next gives the same key. */
static void names_cannot_run_together(void **state) {
    (void)state;
    const char *one[] = {"ab", "c"}, *two[] = {"a", "bc"}, *three[] = {"abc"}, *four[] = {"1:a,2:bc"};
    struct hs_snap_class classes[] = {plain("object", "X", one, 2),   plain("object", "X", two, 2),
                                      plain("object", "X", three, 1), plain("object", "X", four, 1),
                                      plain("object", "Xa", NULL, 0), plain("object", "X", NULL, 0),
                                      plain("closure", "X", NULL, 0)};
    size_t count = sizeof classes / sizeof *classes;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_false(hs_snap_key_equal(hs_snap_class_key(&classes[i]), hs_snap_class_key(&classes[j])));
}

static void sorts_by_bytes_and_drops_doubles(void **state) {
    (void)state;
    const char *names[] = {"b", "a", "é", "B", "a", "", "b"};
    assert_int_equal(hs_snap_properties_sort(names, 7), 5);
    const char *want[] = {"", "B", "a", "b", "é"};
    for (int i = 0; i < 5; i++) assert_string_equal(names[i], want[i]);
    assert_int_equal(hs_snap_properties_sort(NULL, 0), 0);
}

static void prints_and_parses(void **state) {
    (void)state;
    struct hs_snap_key key;
    char text[33];
    assert_true(hs_snap_key_parse("0123456789abcdeffedcba9876543210", &key));
    assert_true(key.high == 0x0123456789abcdefu && key.low == 0xfedcba9876543210u);
    hs_snap_key_print(key, text);
    assert_string_equal(text, "0123456789abcdeffedcba9876543210");
    static const char *const bad[] = {"",
                                      "0123456789abcdeffedcba987654321",
                                      "0123456789abcdeffedcba98765432100",
                                      "0123456789ABCDEFfedcba9876543210",
                                      "0123456789abcdeffedcba987654321g",
                                      "0x23456789abcdeffedcba9876543210"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(hs_snap_key_parse(bad[i], &key));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_never_change),
        cmocka_unit_test(tables_have_one_key_whatever_is_in_them),
        cmocka_unit_test(location_and_numbers_are_not_part_of_it),
        cmocka_unit_test(names_cannot_run_together),
        cmocka_unit_test(sorts_by_bytes_and_drops_doubles),
        cmocka_unit_test(prints_and_parses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
