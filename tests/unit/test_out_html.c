#include "out/html.h"

#include "base/escape.h"
#include <jansson.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_html(const char *text, size_t size, const char *want) {
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_html_put(&b, text, size);
    assert_string_equal(b.data, want);
}

#define ASSERT_HTML(text, want) assert_html(text, sizeof text - 1, want)

static void escapes_what_ends_a_context(void **state) {
    (void)state;
    ASSERT_HTML("Session", "Session");
    ASSERT_HTML("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
    ASSERT_HTML("a\" onload='x' & b", "a&quot; onload=&#39;x&#39; &amp; b");
    ASSERT_HTML("]]>-->", "]]&gt;--&gt;");
    ASSERT_HTML("名前 😀", "名前 😀");
}

static void lets_no_control_and_no_broken_byte_through(void **state) {
    (void)state;
    ASSERT_HTML("a\0b\x1b[31m", "a b [31m");
    ASSERT_HTML("a\xff\xc3(", "a\xef\xbf\xbd\xef\xbf\xbd(");
    ASSERT_HTML("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* a lone surrogate */
    ASSERT_HTML("\xc2\x85", " ");                                        /* C1 */
}

static void shows_what_is_invisible_in_names(void **state) {
    (void)state;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_html_put_name(&b, "\xe2\x80\xae<b>\n");
    assert_string_equal(b.data, "\\u{202e}&lt;b&gt;\\n");
    hs_strbuf_clear(&b);
    hs_html_put_name(&b, NULL);
    assert_string_equal(b.data, "(unknown)");
}

/* The value is the same after the detour, and nothing in the text can end a <script>. */
static void keeps_json_what_it_is(void **state) {
    (void)state;
    static const char name[] = "</script><!--<script>\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xa7&]]>\"\\";
    HS_STRBUF_AUTO json = HS_STRBUF_INIT;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_strbuf_puts(&json, "{\"a<\":");
    hs_escape_json_string(&json, name);
    hs_strbuf_puts(&json, ",\"b\":\"\xe2\x80\xa8\"}");
    hs_html_put_json(&b, json.data, json.size);
    assert_null(strpbrk(b.data, "<>&"));
    assert_null(strstr(b.data, "\xe2\x80\xa8"));
    json_t *value = json_loads(b.data, 0, NULL);
    assert_non_null(value);
    assert_string_equal(json_string_value(json_object_get(value, "a<")), name);
    assert_string_equal(json_string_value(json_object_get(value, "b")), "\xe2\x80\xa8");
    json_decref(value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_what_ends_a_context),
        cmocka_unit_test(lets_no_control_and_no_broken_byte_through),
        cmocka_unit_test(shows_what_is_invisible_in_names),
        cmocka_unit_test(keeps_json_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
