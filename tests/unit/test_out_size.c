#include "out/size.h"

#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void prints_sizes_for_people(void **state) {
    (void)state;
    static const struct {
        int64_t bytes;
        const char *text, *delta;
    } rows[] = {
        {0, "0 B", "0 B"},
        {1, "1 B", "+1 B"},
        {1023, "1023 B", "+1023 B"},
        {1024, "1.0 KiB", "+1.0 KiB"},
        {1536, "1.5 KiB", "+1.5 KiB"},
        {102348, "99.9 KiB", "+99.9 KiB"},
        {102399, "100 KiB", "+100 KiB"},
        {999 * 1024, "999 KiB", "+999 KiB"},
        {1023 * 1024, "1.0 MiB", "+1.0 MiB"},
        {1024 * 1024, "1.0 MiB", "+1.0 MiB"},
        {(int64_t)5 << 30, "5.0 GiB", "+5.0 GiB"},
        {INT64_MAX, "8.0 EiB", "+8.0 EiB"},
        {-2048, "-2.0 KiB", "-2.0 KiB"},
        {INT64_MIN, "-8.0 EiB", "-8.0 EiB"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        HS_STRBUF_AUTO b = HS_STRBUF_INIT;
        hs_size_put(&b, rows[i].bytes, HS_SIGN_MINUS);
        assert_string_equal(b.data, rows[i].text);
        hs_strbuf_clear(&b);
        hs_size_put(&b, rows[i].bytes, HS_SIGN_ALWAYS);
        assert_string_equal(b.data, rows[i].delta);
    }
}

static void never_prints_more_than_four_characters(void **state) {
    (void)state;
    for (int64_t bytes = 1; bytes < INT64_MAX / 4; bytes += bytes / 97 + 1) {
        HS_STRBUF_AUTO b = HS_STRBUF_INIT;
        hs_size_put(&b, bytes, HS_SIGN_MINUS);
        assert_true(strcspn(b.data, " ") <= 4);
    }
}

static void groups_counts(void **state) {
    (void)state;
    static const struct {
        int64_t count;
        const char *text;
    } rows[] = {{0, "0"},
                {999, "+999"},
                {1000, "+1,000"},
                {-1234567, "-1,234,567"},
                {INT64_MAX, "+9,223,372,036,854,775,807"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        HS_STRBUF_AUTO b = HS_STRBUF_INIT;
        hs_count_put(&b, rows[i].count, HS_SIGN_ALWAYS);
        assert_string_equal(b.data, rows[i].text);
    }
}

static void reads_sizes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t bytes;
    } rows[] = {{"0", 0},
                {"4096", 4096},
                {"64k", 65536},
                {"64K", 65536},
                {"64KiB", 65536},
                {"1.5M", 1572864},
                {"2GiB", 2147483648},
                {"1t", 1099511627776},
                {"100B", 100},
                {"9223372036854775807", INT64_MAX}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t bytes;
        assert_true(hs_size_parse(rows[i].text, &bytes));
        assert_int_equal(bytes, rows[i].bytes);
    }
    static const char *const bad[] = {
        "",    "-1",  "+1", "k", "1x", "1kk", "1 k", "0x10", "1e3", "9223372036854775808", "9999999999999t",
        "nan", "inf", ".5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t bytes;
        if (hs_size_parse(bad[i], &bytes)) print_error("accepted %s\n", bad[i]);
        assert_false(hs_size_parse(bad[i], &bytes));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_sizes_for_people),
        cmocka_unit_test(never_prints_more_than_four_characters),
        cmocka_unit_test(groups_counts),
        cmocka_unit_test(reads_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
