#include "out/figure_svg.h"

#include "base/utf8.h"
#include <math.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_name(const char *name, const char *want) {
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_figure_put_name(&b, name);
    assert_string_equal(b.data, want);
}

static void makes_names_fit_for_a_plot(void **state) {
    (void)state;
    assert_name("Session", "Session");
    assert_name("{/Symbol a}_2^3@x", "{/Symbol a}_2^3@x"); /* plain text under noenhanced */
    assert_name("a\"; system(\"id\"); \"`id`", "a'; system('id'); ''id'");
    assert_name("a\\n\nb", "a//n/nb");
    assert_name("\xe2\x80\xae"
                "x\xff",
                "/u{202e}x/xff");
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    char *name = test_malloc(1 << 20);
    memset(name, 'x', 1 << 20);
    name[(1 << 20) - 1] = '\0';
    hs_figure_put_name(&b, name);
    assert_int_equal(hs_utf8_width(b.data, b.size), HS_FIGURE_NAME);
    assert_true(b.size < 60);
    test_free(name);
}

static struct hs_figure_scale scale_of(double a, double b) {
    const double values[] = {a, b}, x[] = {0, 1};
    struct hs_figure_series series = {"s", 0, values, NULL, NULL};
    struct hs_figure figure = {HS_FIGURE_LINES, "t", "x", x, 2, &series, 1};
    return hs_figure_scale_y(&figure);
}

static void scales_hold_all_values(void **state) {
    (void)state;
    static const double rows[][2] = {{0, 1},      {0, 1023},         {1e6, 1.3e6}, {-5e5, 2e9},  {0, 0},
                                     {0, 9.2e18}, {-9.2e18, 9.2e18}, {NAN, 5},     {INFINITY, 5}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hs_figure_scale s = scale_of(rows[i][0], rows[i][1]);
        assert_true(s.high > s.low && s.low <= 0 && s.high >= 0);
        for (size_t k = 0; k < 2; k++)
            assert_true(!isfinite(rows[i][k]) || (rows[i][k] >= s.low && rows[i][k] <= s.high));
        assert_true(s.tick_count >= 2 && s.tick_count <= HS_FIGURE_TICKS);
        for (size_t k = 1; k < s.tick_count; k++) assert_true(s.ticks[k] > s.ticks[k - 1]);
    }
    struct hs_figure_scale s = scale_of(0, 1000 * 1024);
    assert_true(s.ticks[1] == 256 * 1024 && s.high == 1024 * 1024);
}

/* The last area ends where the sum is, the first begins at 0: a stack adds up. */
static void a_stack_adds_up(void **state) {
    (void)state;
    const double x[] = {0, 10}, a[] = {100, 200}, b[] = {300, 824};
    struct hs_figure_series series[] = {{"a", 0, a, NULL, NULL}, {"b", 1, b, NULL, NULL}};
    struct hs_figure figure = {HS_FIGURE_STACK, "t", "x", x, 2, series, 2};
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    hs_figure_put_svg(&out, &figure, 186, 160); /* the box is 70..170 by 12..112, the scale 0..1024 */
    assert_non_null(strstr(out.data,
                           "<polygon class=\"f16\" fill-opacity=\"1\" points=\"70.00,112.00 170.00,112.00 "
                           "170.00,92.47 70.00,102.23 \"/>"));
    assert_non_null(strstr(out.data,
                           "<polygon class=\"f17\" fill-opacity=\"1\" points=\"70.00,102.23 170.00,92.47 "
                           "170.00,12.00 70.00,72.94 \"/>"));
}

static void draws_a_curve_of_any_numbers(void **state) {
    (void)state;
    const int64_t values[] = {0, 5, 10};
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    hs_figure_put_curve(&out, values, 3, 106, 26);
    assert_string_equal(
        out.data, "<path d=\"M3.0,23.0L53.0,13.0L103.0,3.0\"/><circle cx=\"103.0\" cy=\"3.0\" r=\"2.2\"/>");
    const int64_t wild[] = {INT64_MIN, INT64_MAX, INT64_MIN};
    hs_strbuf_clear(&out);
    hs_figure_put_curve(&out, wild, 3, 106, 26);
    assert_null(strstr(out.data, "nan"));
    hs_strbuf_clear(&out);
    hs_figure_put_curve(&out, values, 1, 106, 26);
    assert_non_null(strstr(out.data, "M3.0,23.0"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_names_fit_for_a_plot),
        cmocka_unit_test(scales_hold_all_values),
        cmocka_unit_test(a_stack_adds_up),
        cmocka_unit_test(draws_a_curve_of_any_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
