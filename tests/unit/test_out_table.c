#include "out/table.h"

#include "out/class_table.h"
#include "out/sparkline.h"
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct hs_table_column COLUMNS[] = {
    {"N", HS_ALIGN_RIGHT, false}, {"WHAT", HS_ALIGN_LEFT, true}, {"END", HS_ALIGN_LEFT, false}};

static struct hs_table *example(struct hs_terminal terminal) {
    struct hs_table *table;
    assert_null(hs_table_create(COLUMNS, 3, terminal, &table));
    hs_table_cell_string(table, HS_STYLE_PLAIN, "1");
    hs_table_cell_headed(table, HS_STYLE_DIM, "Session: created, id, user", 26, 7);
    hs_table_cell_string(table, HS_STYLE_PLAIN, "x");
    hs_table_cell_string(table, HS_STYLE_RED, "1,000");
    hs_table_cell_string(table, HS_STYLE_PLAIN, "名前");
    hs_table_row_end(table);
    hs_table_rule(table);
    hs_table_cell_string(table, HS_STYLE_PLAIN, "7");
    hs_table_row_end(table);
    return table;
}

static void assert_table(struct hs_terminal terminal, const char *want) {
    struct hs_table *table = example(terminal);
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    assert_null(hs_table_render(table, &out));
    assert_string_equal(out.data, want);
    hs_table_destroy(table);
}

static void aligns(void **state) {
    (void)state;
    assert_table((struct hs_terminal){.utf8 = true}, "    N  WHAT                        END\n"
                                                     "    1  Session: created, id, user  x\n"
                                                     "1,000  名前\n"
                                                     "──────────────────────────────────────\n"
                                                     "    7\n");
}

static void cuts_to_the_width(void **state) {
    (void)state;
    assert_table((struct hs_terminal){.width = 34, .utf8 = true}, "    N  WHAT                    END\n"
                                                                  "    1  Session: created, id,…  x\n"
                                                                  "1,000  名前\n"
                                                                  "──────────────────────────────────\n"
                                                                  "    7\n");
}

/* A terminal that is too narrow for anything gets wrapped lines, not a useless column. */
static void keeps_a_least_width(void **state) {
    (void)state;
    assert_table((struct hs_terminal){.width = 10, .utf8 = true}, "    N  WHAT                  END\n"
                                                                  "    1  Session: created, i…  x\n"
                                                                  "1,000  名前\n"
                                                                  "────────────────────────────────\n"
                                                                  "    7\n");
}

static void escapes_without_utf8(void **state) {
    (void)state;
    assert_table((struct hs_terminal){.width = 34}, "    N  WHAT                    END\n"
                                                    "    1  Session: created, i...  x\n"
                                                    "1,000  \\u{540d}\\u{524d}\n"
                                                    "----------------------------------\n"
                                                    "    7\n");
}

static void colours(void **state) {
    (void)state;
    assert_table((struct hs_terminal){.utf8 = true, .color = true},
                 "    \033[2mN\033[0m  \033[2mWHAT\033[0m                        \033[2mEND\033[0m\n"
                 "    1  \033[1mSession\033[0m\033[2m: created, id, user\033[0m  x\n"
                 "\033[31m1,000\033[0m  名前\n"
                 "──────────────────────────────────────\n"
                 "    7\n");
}

static void draws_sparklines(void **state) {
    (void)state;
    static const struct {
        int64_t values[4];
        const char *text;
    } rows[] = {{{0, 7, 14, 49}, "▁▂▃█"},
                {{5, 5, 5, 5}, "▁▁▁▁"},
                {{9, 3, 3, 3}, "█▁▁▁"},
                {{INT64_MIN, 0, 0, INT64_MAX}, "▁▅▅█"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        HS_STRBUF_AUTO b = HS_STRBUF_INIT;
        hs_sparkline_put(&b, rows[i].values, 4, 12);
        assert_string_equal(b.data, rows[i].text);
    }
    int64_t many[1000];
    for (int i = 0; i < 1000; i++) many[i] = i;
    HS_STRBUF_AUTO b = HS_STRBUF_INIT;
    hs_sparkline_put(&b, many, 1000, 8);
    assert_string_equal(b.data, "▁▂▃▄▅▆▇█");
}

static void reads_the_order(void **state) {
    (void)state;
    enum hs_class_sort sort;
    assert_true(hs_class_sort_parse("count", &sort) && sort == HS_CLASS_SORT_COUNT);
    assert_true(hs_class_sort_parse("bytes", &sort) && sort == HS_CLASS_SORT_BYTES);
    assert_true(hs_class_sort_parse("retained", &sort) && sort == HS_CLASS_SORT_RETAINED);
    assert_true(hs_class_sort_parse("name", &sort) && sort == HS_CLASS_SORT_NAME);
    assert_false(hs_class_sort_parse("size", &sort));
}

static char *class_table(const struct hs_snap_class *classes, size_t count,
                         struct hs_class_table_options options) {
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_null(hs_class_table_print(stream, classes, count, &options));
    fclose(stream);
    return text;
}

static struct hs_snap_class make_class(const char *type, const char *constructor, int64_t count,
                                       int64_t bytes) {
    struct hs_snap_class class = {.type = type,
                                  .constructor = constructor,
                                  .count = count,
                                  .bytes = bytes,
                                  .reachable_count = HS_SNAP_NULL,
                                  .reachable_bytes = HS_SNAP_NULL,
                                  .retained_bytes = HS_SNAP_NULL,
                                  .elements = HS_SNAP_NULL};
    return class;
}

static void shows_classes(void **state) {
    (void)state;
    const char *properties[] = {"id", "user"};
    struct hs_snap_class c[6] = {
        make_class("object", "Session", 5000, 280000), make_class("string", "(string)", 20000, 700000),
        make_class("closure", "onChange", 40, 2560),   make_class("closure", "", 10, 640),
        make_class("code", "(bytecode)", 100, 16000),  make_class("object", "Session", 1, 800)};
    c[0].properties = c[5].properties = properties;
    c[0].properties_length = c[5].properties_length = 2;
    c[0].sample = 0x2a5ce1bb1e08;
    c[0].location = c[5].location = (struct hs_snap_location){"/srv/session.js", 12, 3};
    c[5].isolate = 1; /* another isolate of the same class */
    for (int i = 0; i < 6; i++) c[i].key = hs_snap_class_key(&c[i]);
    char *text = class_table(c, 6, (struct hs_class_table_options){.terminal = {.utf8 = true}, .top = 3});
    assert_string_equal(
        text, " COUNT     BYTES      %            SAMPLE          CONSTRUCTOR: PROPERTIES\n"
              "20,000   684 KiB   70.0  ████████                  (string)\n"
              " 5,001   274 KiB   28.1  ███▎      0x2a5ce1bb1e08  Session (session.js:12): id, user\n"
              "   100  15.6 KiB    1.6  ▏                         (bytecode)\n"
              "─────────────────────────────────────────────────────────────────────────────────────────\n"
              "    50   3.1 KiB    0.3                            2 more classes not shown (use --top 0)\n"
              "25,151   977 KiB  100.0                            total of 5 classes\n");
    free(text);
    text = class_table(
        c, 6, (struct hs_class_table_options){.sort = HS_CLASS_SORT_NAME, .terminal = {.width = 60}});
    assert_string_equal(text, " COUNT     BYTES      %  SAMPLE          CONSTRUCTOR: PROP...\n"
                              "    10     640 B    0.1                  (anonymous function)\n"
                              "   100  15.6 KiB    1.6                  (bytecode)\n"
                              "20,000   684 KiB   70.0                  (string)\n"
                              " 5,001   274 KiB   28.1  0x2a5ce1bb1e08  Session (session....\n"
                              "    40   2.5 KiB    0.3                  onChange()\n"
                              "-------------------------------------------------------------\n"
                              "25,151   977 KiB  100.0                  total of 5 classes\n");
    free(text);
}

static void shows_reachable_where_known(void **state) {
    (void)state;
    struct hs_snap_class c[2] = {make_class("object", "A", 10, 1000), make_class("object", "B", 5, 500)};
    c[0].reachable_count = 8;
    c[0].retained_bytes = 5000;
    c[1].reachable_count = 5;
    c[1].retained_bytes = 9000;
    for (int i = 0; i < 2; i++) c[i].key = hs_snap_class_key(&c[i]);
    char *text = class_table(c, 2, (struct hs_class_table_options){.sort = HS_CLASS_SORT_RETAINED});
    assert_string_equal(text, "COUNT    BYTES      %  REACHABLE  RETAINED  SAMPLE  CONSTRUCTOR: PROPERTIES\n"
                              "    5    500 B   33.3          5   8.8 KiB          B\n"
                              "   10   1000 B   66.7          8   4.9 KiB          A\n"
                              "---------------------------------------------------------------------------\n"
                              "   15  1.5 KiB  100.0         13                    total of 2 classes\n");
    free(text);
}

static void shows_an_empty_heap(void **state) {
    (void)state;
    char *text = class_table(NULL, 0, (struct hs_class_table_options){.top = 20});
    assert_non_null(strstr(text, "total of 0 classes"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aligns),
        cmocka_unit_test(cuts_to_the_width),
        cmocka_unit_test(keeps_a_least_width),
        cmocka_unit_test(escapes_without_utf8),
        cmocka_unit_test(colours),
        cmocka_unit_test(draws_sparklines),
        cmocka_unit_test(reads_the_order),
        cmocka_unit_test(shows_classes),
        cmocka_unit_test(shows_reachable_where_known),
        cmocka_unit_test(shows_an_empty_heap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
