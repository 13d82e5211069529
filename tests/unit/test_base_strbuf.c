#include "base/strbuf.h"

#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void grows_and_stays_terminated(void **state) {
    (void)state;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    assert_string_equal(b.data, "");
    for (int i = 0; i < 5000; i++) {
        hs_strbuf_append(&b, "ab", 2);
        assert_int_equal(b.size, 2 * (i + 1));
        assert_int_equal(b.data[b.size], 0);
    }
    assert_null(hs_strbuf_error(&b));
}

static void holds_any_byte(void **state) {
    (void)state;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_strbuf_append(&b, "a\0b", 3);
    hs_strbuf_putc(&b, 0);
    assert_int_equal(b.size, 4);
    assert_memory_equal(b.data, "a\0b\0", 5);
}

static void prints_numbers(void **state) {
    (void)state;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_strbuf_put_i64(&b, INT64_MIN);
    hs_strbuf_putc(&b, ' ');
    hs_strbuf_put_i64(&b, INT64_MAX);
    hs_strbuf_putc(&b, ' ');
    hs_strbuf_put_u64(&b, UINT64_MAX);
    hs_strbuf_putc(&b, ' ');
    hs_strbuf_put_u64(&b, 0);
    assert_string_equal(b.data, "-9223372036854775808 9223372036854775807 18446744073709551615 0");
}

static void formats_short_and_long(void **state) {
    (void)state;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_strbuf_printf(&b, "%d-%s", 7, "x");
    assert_string_equal(b.data, "7-x");
    char text[1001];
    memset(text, 'y', 1000);
    text[1000] = 0;
    hs_strbuf_clear(&b);
    hs_strbuf_printf(&b, "%s|%s", text, text);
    assert_int_equal(b.size, 2001);
    assert_int_equal(b.data[1000], '|');
}

static void truncates_and_fills(void **state) {
    (void)state;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_strbuf_fill(&b, '-', 10);
    hs_strbuf_truncate(&b, 3);
    hs_strbuf_truncate(&b, 30);
    assert_string_equal(b.data, "---");
    hs_strbuf_fill(&b, '=', 0);
    assert_int_equal(b.size, 3);
}

static void detaches_even_when_empty(void **state) {
    (void)state;
    struct hs_strbuf b = HS_STRBUF_INIT;
    size_t size = 99;
    char *text = hs_strbuf_detach(&b, &size);
    assert_string_equal(text, "");
    assert_int_equal(size, 0);
    free(text);
    hs_strbuf_puts(&b, "again");
    text = hs_strbuf_detach(&b, NULL);
    assert_string_equal(text, "again");
    free(text);
    hs_strbuf_deinit(&b);
}

static void remembers_a_failure(void **state) {
    (void)state;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_strbuf_puts(&b, "kept");
    assert_false(hs_strbuf_reserve(&b, SIZE_MAX / 2));
    hs_strbuf_puts(&b, "lost");
    assert_string_equal(b.data, "kept");
    assert_ptr_equal(hs_strbuf_error(&b), HS_ENOMEM);
    assert_null(hs_strbuf_detach(&b, NULL));
    hs_strbuf_puts(&b, "usable");
    assert_null(hs_strbuf_error(&b));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_stays_terminated),
        cmocka_unit_test(holds_any_byte),
        cmocka_unit_test(prints_numbers),
        cmocka_unit_test(formats_short_and_long),
        cmocka_unit_test(truncates_and_fills),
        cmocka_unit_test(detaches_even_when_empty),
        cmocka_unit_test(remembers_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
