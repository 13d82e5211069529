#include "out/svg_import.h"

#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_import(const char *svg, const char *want) {
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    struct hs_error *error = hs_svg_import(&out, svg, strlen(svg));
    assert_null(error);
    assert_string_equal(out.data, want);
}

/* Lines as gnuplot 5.4 writes them. */
static void takes_over_what_is_drawn(void **state) {
    (void)state;
    assert_import(
        "<?xml version=\"1.0\"?>\n<svg width=\"9\" xmlns=\"http://www.w3.org/2000/svg\">\n<title>x</title>\n"
        "<desc>Produced by GNUPLOT</desc><g id=\"gnuplot_canvas\"><defs><circle id='gpDot' r='0.5'/>"
        "<path id='gpPt0' d='M-1,0 h2'/></defs>\n"
        "<g fill=\"none\" color=\"black\" stroke=\"currentColor\" stroke-width=\"2.00\">\n"
        "\t<path stroke='rgb(  0,   0,  16)' stroke-dasharray=' 5,8'  d='M50.05,248.31 L264.26,182.94  '/>"
        "\t<use xlink:href='#gpPt6' transform='translate(50.05,248.31) scale(2.44)' color='rgb(  0,   0,  "
        "16)'/>\n"
        "</g>\n</g></svg>",
        "<path class=\"s16\" stroke-width=\"2.00\" stroke-dasharray=\"5,8\" d=\"M50.05,248.31 "
        "L264.26,182.94\"/>\n"
        "<circle r=\"1\" class=\"f16\" transform=\"translate(50.05,248.31) scale(2.44)\"/>\n");
    assert_import(
        "<svg><g transform=\"translate(40.95,285.23)\" stroke=\"none\" fill=\"rgb(0,0,3)\" "
        "font-family=\"sans\" font-size=\"13.00\"  text-anchor=\"end\">\n\t\t<text> 1.5 MiB</text>\n\t</g>",
        "<text class=\"f3\" transform=\"translate(40.95,285.23)\" text-anchor=\"end\" font-size=\"13.00\">"
        "1.5 MiB</text>\n");
    assert_import("<svg><polygon fill = 'rgb(  0,   0,  17)' fill-opacity = '0.200000' points = '1,2 3,4 '/>",
                  "<polygon class=\"f17\" fill-opacity=\"0.200000\" points=\"1,2 3,4\"/>\n");
}

static void leaves_out_everything_else(void **state) {
    (void)state;
    static const char *const rows[] = {
        "<script>alert(1)</script>",
        "<g onload=\"alert(1)\"><image href=\"http://example.net/\"/></g>",
        "<style>*{}</style><foreignObject><body/></foreignObject>",
        "<a href='javascript:alert(1)'></a><!-- <path d='M0,0'/ -->",
        "<path d=\"M0,0\" onclick=x d=\"url(x)\" />",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        HS_STRBUF_AUTO out = HS_STRBUF_INIT;
        assert_null(hs_svg_import(&out, rows[i], strlen(rows[i])));
        assert_null(strstr(out.data, "alert"));
        assert_null(strstr(out.data, "href"));
        assert_null(strstr(out.data, "on"));
        assert_null(strstr(out.data, "url"));
        assert_null(strstr(out.data, "style"));
    }
    /* A value with any other character is no value; text is escaped again. */
    assert_import("<svg><path d=\"M0,0 L&quot;\"/>", "");
    assert_import("<svg><g><text>a\"b&lt;</text></g>", "<text>a&quot;b&amp;lt;</text>\n");
    assert_import("<svg><path stroke='rgb(1,0,16)' d='M0,0'/><path stroke='rgb(0,0,999)' d='M0,1'/>",
                  "<path d=\"M0,0\"/>\n<path d=\"M0,1\"/>\n");
}

static void refuses_what_is_no_svg(void **state) {
    (void)state;
    static const char *const rows[] = {"", "no markup", "<svg><path d='M0,0"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        HS_STRBUF_AUTO out = HS_STRBUF_INIT;
        struct hs_error *error = hs_svg_import(&out, rows[i], strlen(rows[i]));
        assert_non_null(error);
        assert_int_equal(error->code, HS_ERROR_FORMAT);
        hs_error_destroy(error);
    }
    HS_STRBUF_AUTO deep = HS_STRBUF_INIT;
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    for (size_t i = 0; i < 100000; i++) hs_strbuf_puts(&deep, "<g>");
    struct hs_error *error = hs_svg_import(&out, deep.data, deep.size);
    assert_non_null(error);
    hs_error_destroy(error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_over_what_is_drawn),
        cmocka_unit_test(leaves_out_everything_else),
        cmocka_unit_test(refuses_what_is_no_svg),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
