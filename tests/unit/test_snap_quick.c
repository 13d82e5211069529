/* Plain lines: what is taken apart quickly, and what is left to the JSON parser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "snap/quick.h"

static bool parse(const char *text, struct hs_quick *quick) {
    return hs_quick_parse(text, strlen(text), quick);
}

static void plain_lines(void **state) {
    (void)state;
    struct hs_quick quick, inner;
    assert_true(
        parse("{\"kind\":\"class\",\"count\":123456789012345678,\"names\":[\"a\",\"\",\"bc\"],\"none\":[],"
              "\"at\":{\"script\":\"/a b.js\",\"line\":0},\"yes\":true,\"no\":false,\"nil\":null}\n",
              &quick));
    assert_int_equal(quick.count, 8);
    const struct hs_quick_field *f = hs_quick_find(&quick, "count");
    assert_true(f->type == HS_QUICK_INTEGER && hs_quick_integer(f) == 123456789012345678);
    f = hs_quick_find(&quick, "names");
    const char *text;
    size_t at = 0, size;
    assert_int_equal(f->type, HS_QUICK_STRINGS);
    assert_true(hs_quick_next(f, &at, &text, &size) && size == 1 && *text == 'a');
    assert_true(hs_quick_next(f, &at, &text, &size) && size == 0);
    assert_true(hs_quick_next(f, &at, &text, &size) && size == 2 && !memcmp(text, "bc", 2));
    assert_false(hs_quick_next(f, &at, &text, &size));
    at = 0;
    assert_false(hs_quick_next(hs_quick_find(&quick, "none"), &at, &text, &size));
    f = hs_quick_find(&quick, "at");
    assert_true(f->type == HS_QUICK_OBJECT && hs_quick_parse_inner(f, &inner));
    f = hs_quick_find(&inner, "script");
    assert_true(f->size == 7 && !memcmp(f->text, "/a b.js", 7));
    assert_int_equal(hs_quick_integer(hs_quick_find(&inner, "line")), 0);
    assert_int_equal(hs_quick_find(&quick, "yes")->type, HS_QUICK_TRUE);
    assert_int_equal(hs_quick_find(&quick, "no")->type, HS_QUICK_FALSE);
    assert_int_equal(hs_quick_find(&quick, "nil")->type, HS_QUICK_NULL);
    assert_null(hs_quick_find(&quick, "kin"));
    assert_true(parse("{}", &quick) && quick.count == 0);
    assert_true(parse("{\"a\":1,\"a\":2}", &quick)); /* the last one counts, as in the JSON parser */
    assert_int_equal(hs_quick_integer(hs_quick_find(&quick, "a")), 2);
}

/* Right JSON with more than plain lines have, and wrong JSON: neither is for this reader. */
static void other_lines(void **state) {
    (void)state;
    static const char *const lines[] = {
        "",
        "\n",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1}}",
        "{\"a\":1}\n\n",
        "{\"a\":1}x",
        "{\"a\" :1}",
        "{ \"a\":1}",
        "{\"a\":01}",
        "{\"a\":-1}",
        "{\"a\":1.5}",
        "{\"a\":1e3}",
        "{\"a\":1234567890123456789}", /* may not fit */
        "{\"a\":\"\\n\"}",
        "{\"a\":\"\xc3\xa9\"}",
        "{\"a\":\"\x7f\"}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"x}",
        "{\"a\":nul}",
        "{\"a\":truex}",
        "{\"a\":[1]}",
        "{\"a\":[\"x\",]}",
        "{\"a\":[\"x\"\"y\"]}",
        "{\"a\":[\"x\"}",
        "{\"a\":{\"b\":[\"x\"]}}",
        "{\"a\":{\"b\":{}}}",
        "{\"a\":{\"b\":1}",
        "[]",
        "1",
    };
    struct hs_quick quick;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (parse(lines[i], &quick)) fail_msg("taken for plain: %s", lines[i]);
    const char nul[] = "{\"a\":\"x\0y\"}";
    assert_false(hs_quick_parse(nul, sizeof nul - 1, &quick));
}

/* Texts are read by words of eight bytes: every byte at every place of texts of every length up to 24. */
static void every_byte(void **state) {
    (void)state;
    struct hs_quick quick;
    for (size_t length = 1; length <= 24; length++)
        for (size_t place = 0; place < length; place++)
            for (unsigned byte = 0; byte < 256; byte++) {
                char line[64] = "{\"a\":\"";
                size_t begin = strlen(line);
                memset(line + begin, 'x', length);
                line[begin + place] = (char)byte;
                memcpy(line + begin + length, "\"}", 2);
                bool plain = byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
                bool taken = hs_quick_parse(line, begin + length + 2, &quick);
                if (taken != plain) fail_msg("byte %u at %zu of %zu: %d", byte, place, length, taken);
                if (taken) assert_int_equal(quick.fields[0].size, length);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(plain_lines), cmocka_unit_test(other_lines),
                                       cmocka_unit_test(every_byte)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
