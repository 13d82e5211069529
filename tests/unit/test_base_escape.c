#include "base/escape.h"

#include "base/utf8.h"
#include <jansson.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_terminal(const char *text, size_t size, const char *want) {
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_escape_terminal(&b, text, size);
    assert_string_equal(b.data, want);
    assert_int_equal(b.size, strlen(want));
}

#define ASSERT_TERMINAL(text, want) assert_terminal(text, sizeof text - 1, want)

static void leaves_text_alone(void **state) {
    (void)state;
    ASSERT_TERMINAL("", "");
    ASSERT_TERMINAL("Session", "Session");
    ASSERT_TERMINAL("Ünïcode 名前 😀 e\xcc\x81", "Ünïcode 名前 😀 e\xcc\x81");
}

static void makes_controls_visible(void **state) {
    (void)state;
    ASSERT_TERMINAL("a\x1b[31mb", "a\\u{1b}[31mb");
    ASSERT_TERMINAL("a\nb\rc\td\0e", "a\\nb\\rc\\td\\u{0}e");
    ASSERT_TERMINAL("\x7f", "\\u{7f}");
    ASSERT_TERMINAL("\xc2\x9b", "\\u{9b}"); /* CSI as one character of C1 */
    ASSERT_TERMINAL("back\\slash", "back\\\\slash");
}

static void makes_direction_and_nothing_visible(void **state) {
    (void)state;
    ASSERT_TERMINAL("\xe2\x80\xae", "\\u{202e}"); /* right-to-left override */
    ASSERT_TERMINAL("\xe2\x81\xa6", "\\u{2066}"); /* isolate */
    ASSERT_TERMINAL("\xd8\x9c", "\\u{61c}");
    ASSERT_TERMINAL("\xe2\x80\x8b", "\\u{200b}"); /* zero width space */
    ASSERT_TERMINAL("\xe2\x80\xa8", "\\u{2028}"); /* line separator */
    ASSERT_TERMINAL("\xef\xbb\xbf", "\\u{feff}");
    ASSERT_TERMINAL("\xf3\xa0\x81\x81", "\\u{e0041}"); /* tag */
    ASSERT_TERMINAL("\xee\x80\x80", "\\u{e000}");      /* private use */
}

static void shows_broken_bytes(void **state) {
    (void)state;
    ASSERT_TERMINAL("a\xff\xfe", "a\\xff\\xfe");
    ASSERT_TERMINAL("\xc0\x80", "\\xc0\\x80");          /* overlong NUL */
    ASSERT_TERMINAL("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* surrogate */
    ASSERT_TERMINAL("\xf0\x9f\x98", "\\xf0\\x9f\\x98"); /* cut */
    ASSERT_TERMINAL("\xe2\x80z", "\\xe2\\x80z");
}

static void names_what_is_missing(void **state) {
    (void)state;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_escape_terminal_string(&b, NULL);
    assert_string_equal(b.data, "(unknown)");
}

/* Whatever the bytes: no control character, valid UTF-8. */
static void output_is_always_safe(void **state) {
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        char text[24];
        size_t size = round % sizeof text;
        for (size_t i = 0; i < size; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = (char)(seed >> 24);
        }
        HS_STRBUF_AUTO b = HS_STRBUF_INIT;
        hs_escape_terminal(&b, text, size);
        assert_true(hs_utf8_valid(b.data, b.size));
        for (size_t at = 0; at < b.size;) {
            uint32_t c;
            at += hs_utf8_decode(b.data + at, b.size - at, &c);
            assert_true(c >= 0x20 && !(c >= 0x7f && c < 0xa0) && !(c >= 0x202a && c <= 0x202e));
        }
        /* JSON: jansson must read back what went in, with broken parts replaced. */
        HS_STRBUF_AUTO json = HS_STRBUF_INIT;
        HS_STRBUF_AUTO clean = HS_STRBUF_INIT;
        hs_strbuf_puts(&json, "[\"");
        hs_escape_json(&json, text, size);
        hs_strbuf_puts(&json, "\"]");
        hs_utf8_put_sanitized(&clean, text, size);
        json_t *value = json_loadb(json.data, json.size, JSON_ALLOW_NUL, NULL);
        assert_non_null(value);
        json_t *string = json_array_get(value, 0);
        assert_int_equal(json_string_length(string), clean.size);
        assert_memory_equal(json_string_value(string), clean.data, clean.size);
        json_decref(value);
        for (size_t i = 0; i < json.size; i++)
            assert_true((unsigned char)json.data[i] >= 0x20 && json.data[i] != 0x7f);
    }
}

static void writes_json_strings(void **state) {
    (void)state;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_escape_json_string(&b, "q\"b\\n\n\x01\x7f é\xff");
    assert_string_equal(b.data, "\"q\\\"b\\\\n\\n\\u0001\\u007f é\xef\xbf\xbd\"");
    hs_strbuf_clear(&b);
    hs_escape_json_string(&b, NULL);
    assert_string_equal(b.data, "null");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_text_alone),
        cmocka_unit_test(makes_controls_visible),
        cmocka_unit_test(makes_direction_and_nothing_visible),
        cmocka_unit_test(shows_broken_bytes),
        cmocka_unit_test(names_what_is_missing),
        cmocka_unit_test(output_is_always_safe),
        cmocka_unit_test(writes_json_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
