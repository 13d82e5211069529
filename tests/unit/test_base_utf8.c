#include "base/utf8.h"

#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint32_t decode(const char *text, size_t size, size_t *used) {
    uint32_t c;
    *used = hs_utf8_decode(text, size, &c);
    return c;
}

/* The encodings are from Unicode 15, table 3-6 and 3-7. */
static void decodes_every_length(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t code_point;
    } rows[] = {{"\x00", 0},
                {"A", 'A'},
                {"\x7f", 0x7f},
                {"\xc2\x80", 0x80},
                {"\xdf\xbf", 0x7ff},
                {"\xe0\xa0\x80", 0x800},
                {"\xed\x9f\xbf", 0xd7ff},
                {"\xee\x80\x80", 0xe000},
                {"\xef\xbf\xbf", 0xffff},
                {"\xf0\x90\x80\x80", 0x10000},
                {"\xf4\x8f\xbf\xbf", 0x10ffff}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t size = i ? strlen(rows[i].text) : 1, used;
        assert_int_equal(decode(rows[i].text, size, &used), rows[i].code_point);
        assert_int_equal(used, size);
        HS_STRBUF_AUTO b = HS_STRBUF_INIT;
        hs_utf8_put(&b, rows[i].code_point);
        assert_int_equal(b.size, size);
        assert_memory_equal(b.data, rows[i].text, size);
    }
}

/* Unicode 15, table 3-8: U+FFFD for maximal subparts. */
static void replaces_maximal_parts(void **state) {
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82"
         "A",
         "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
         "A"},
        {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf"
         "A",
         "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
         "A"},
        {"\xf4\x91\x92\x93\xff"
         "A\x80\xbf"
         "B",
         "\ufffd\ufffd\ufffd\ufffd\ufffd"
         "A\ufffd\ufffd"
         "B"},
        {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf"
         "A",
         "\ufffd\ufffd\ufffd\ufffd"
         "A"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        HS_STRBUF_AUTO b = HS_STRBUF_INIT;
        hs_utf8_put_sanitized(&b, rows[i].text, strlen(rows[i].text));
        assert_string_equal(b.data, rows[i].want);
        assert_false(hs_utf8_valid(rows[i].text, strlen(rows[i].text)));
        assert_true(hs_utf8_valid(b.data, b.size));
    }
}

static void converts_latin1(void **state) {
    (void)state;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_utf8_put_latin1(&b, "caf\xe9 \xff\x80", 7);
    assert_string_equal(b.data, "café ÿ\xc2\x80");
}

static void converts_utf16(void **state) {
    (void)state;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    /* one byte off any alignment, on purpose */
    static const char little[] = "\0h\0\xe9\0\x3d\xd8\x00\xde\x2d\x4e";
    hs_utf8_put_utf16(&b, little + 1, 5, false);
    assert_string_equal(b.data, "hé😀中");
    hs_strbuf_clear(&b);
    static const char big[] = "\0h\0\xe9\xd8\x3d\xde\x00\x4e\x2d";
    hs_utf8_put_utf16(&b, big, 5, true);
    assert_string_equal(b.data, "hé😀中");
}

static void replaces_lone_surrogates(void **state) {
    (void)state;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_utf8_put_utf16(&b,
                      "\x3d\xd8"
                      "a\0"
                      "\x00\xde"
                      "\x3d\xd8\x3d\xd8\x00\xde"
                      "\x3d\xd8",
                      7, false);
    assert_string_equal(b.data, "\ufffd"
                                "a\ufffd\ufffd😀\ufffd");
}

static void measures_columns(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t width;
    } rows[] = {{"", 0},     {"abc", 3}, {"é", 1},        {"e\xcc\x81", 1}, {"名前", 4},    {"😀", 2},
                {"ﾊﾝｶｸ", 4}, {"→…█", 3}, {"\xff\xfe", 2}, {"한글", 4},      {"👍🏽", 4}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(hs_utf8_width(rows[i].text, strlen(rows[i].text)), rows[i].width);
}

static void fits_without_cutting_a_character(void **state) {
    (void)state;
    size_t width;
    assert_int_equal(hs_utf8_fit("名前x", 7, 3, &width), 3);
    assert_int_equal(width, 2);
    assert_int_equal(hs_utf8_fit("abc", 3, 0, &width), 0);
    assert_int_equal(hs_utf8_fit("abc", 3, 9, NULL), 3);
    /* a combining mark goes with its letter */
    assert_int_equal(hs_utf8_fit("e\xcc\x81x", 4, 1, NULL), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_every_length),
        cmocka_unit_test(replaces_maximal_parts),
        cmocka_unit_test(converts_latin1),
        cmocka_unit_test(converts_utf16),
        cmocka_unit_test(replaces_lone_surrogates),
        cmocka_unit_test(measures_columns),
        cmocka_unit_test(fits_without_cutting_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
