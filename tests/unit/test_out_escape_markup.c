#include "out/escape_markup.h"

#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef void escape_function(struct hs_strbuf *out, const char *text, size_t size);

struct row {
    const char *text;
    size_t size; /* 0: strlen */
    const char *want;
};

static void check(escape_function *escape, const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        HS_STRBUF_AUTO out = HS_STRBUF_INIT;
        escape(&out, rows[i].text, rows[i].size ? rows[i].size : strlen(rows[i].text));
        assert_string_equal(out.data, rows[i].want);
        assert_int_equal(out.size, strlen(rows[i].want));
    }
}

#define CHECK(escape, rows) check(escape, rows, sizeof(rows) / sizeof *(rows))
#define REPLACED "\xEF\xBF\xBD"

static void escapes_xml(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"plain é 😀", 0, "plain é 😀"},
        {"<a b=\"c\" d='e'>&</a>", 0, "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;&lt;/a&gt;"},
        {"]]>", 0, "]]&gt;"},
        {"a\0b\x01\x1b\x0b", 6, "a" REPLACED "b" REPLACED REPLACED REPLACED},
        {"a\tb\nc\rd", 0, "a\tb\nc&#xD;d"},
        {"\x7f\xc2\x85\xe2\x80\xa8", 0, "&#x7F;&#x85;&#x2028;"},
        {"\xef\xbf\xbe\xef\xbf\xbf", 0, REPLACED REPLACED}, /* U+FFFE, U+FFFF */
        {"\xed\xa0\x80", 0, REPLACED REPLACED REPLACED},    /* a lone surrogate */
        {"\xff"
         "a\xc3",
         0, REPLACED "a" REPLACED},
        {"", 0, ""},
    };
    CHECK(hs_escape_xml, rows);
    static const struct row attribute[] = {{"a\tb\nc\rd<", 0, "a&#x9;b&#xA;c&#xD;d&lt;"}};
    CHECK(hs_escape_xml_attribute, attribute);
}

static void escapes_markdown_code(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"Session", 0, "`Session`"},
        {"a`b``|", 0, "`a\\u{60}b\\u{60}\\u{60}\\u{7c}`"},
        {"", 0, "`(empty)`"},
        {"line\nfeed", 0, "`line\\nfeed`"},
        {"\xe2\x80\xae"
         "exe",
         0, "`\\u{202e}exe`"},
        {"<b>&amp;@x", 0, "`<b>&amp;@x`"},         /* nothing of it means anything in a code span */
        {"\\u{202e} \\\\", 0, "`\\u{202e} \\\\`"}, /* escaped before: as it is */
        {"\xed\xa0\x80", 0, "`\\xed\\xa0\\x80`"},
    };
    CHECK(hs_escape_markdown_code, rows);
}

static void escapes_markdown_text(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"Session grew, in 2 steps; by 3 %", 0, "Session grew, in 2 steps; by 3 %"},
        {"*a* _b_ `c` ~d~", 0, "\\*a\\* \\_b\\_ \\`c\\` \\~d\\~"},
        {"[a](b) <c> &amp; | !", 0, "\\[a\\]\\(b\\) \\<c\\> \\&amp; \\| \\!"},
        {"@octocat", 0, "\\@&#8203;octocat"},
        {"#12 GH-3", 0, "\\#&#8203;12 GH-&#8203;3"},
        {"http://a.b", 0, "http\\:&#8203;\\/\\/a.b"},
        {"www.a.b", 0, "www\\.&#8203;a.b"},
        {"- a\n# b", 0, "\\- a \\# b"},
        {"1. a", 0, "1\\. a"},
        {"$x$", 0, "\\$&#8203;x\\$&#8203;"},
    };
    CHECK(hs_escape_markdown_text, rows);
}

static void escapes_commands(void **state) {
    (void)state;
    static const struct row data[] = {
        {"a: b, c", 0, "a: b, c"}, {"100%\r\n::error::x", 0, "100%25%0D%0A::error::x"},
        {"%0A", 0, "%250A"},       {"\x1b[2J\xe2\x80\xa8", 0, "\\u{1b}[2J\\u{2028}"},
        {"\xff", 0, REPLACED},
    };
    CHECK(hs_escape_command_data, data);
    static const struct row property[] = {{"a: b, c=d%\n", 0, "a%3A b%2C c=d%25%0A"}};
    CHECK(hs_escape_command_property, property);
}

static void is_linear_and_whole(void **state) {
    (void)state;
    enum { SIZE = 1 << 20 };
    static char text[SIZE];
    memset(text, '<', SIZE);
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    hs_escape_xml(&out, text, SIZE);
    assert_int_equal(out.size, 4 * SIZE);
    hs_strbuf_clear(&out);
    memset(text, 'a', SIZE);
    hs_escape_markdown_text(&out, text, SIZE);
    assert_int_equal(out.size, SIZE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_xml),           cmocka_unit_test(escapes_markdown_code),
        cmocka_unit_test(escapes_markdown_text), cmocka_unit_test(escapes_commands),
        cmocka_unit_test(is_linear_and_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
