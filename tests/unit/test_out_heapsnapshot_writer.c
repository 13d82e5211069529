/* The writer of .heapsnapshot files: what it writes our own reader reads; a writer that is used wrongly
 * leaves no file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/heapsnapshot.h"
#include "out/heapsnapshot_writer.h"

static char directory[32];
static char path[64];

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(strcpy(directory, "/tmp/hs-test-XXXXXX"))) return 1;
    snprintf(path, sizeof path, "%s/out.heapsnapshot", directory);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    remove(path);
    return rmdir(directory); /* fails if anything else was left there */
}

#define OK(expression) assert_null(expression)

static uint32_t text(struct hs_heapsnapshot_writer *w, const char *bytes, size_t size) {
    uint32_t number = 0;
    OK(hs_heapsnapshot_writer_string(w, bytes, size, &number));
    return number;
}

static void write_two(struct hs_heapsnapshot_writer *w) {
    static const char kept[] = "kept";
    uint32_t a, b, c;
    OK(hs_heapsnapshot_writer_name(w, kept, &a));
    OK(hs_heapsnapshot_writer_name(w, kept, &b));
    assert_int_equal(a, b);
    assert_int_equal(a, text(w, "kept", 4));
    assert_true(a > 0); /* 0 is the dummy */
    OK(hs_heapsnapshot_writer_number(w, 70000, &b));
    OK(hs_heapsnapshot_writer_number(w, 7, &c));
    OK(hs_heapsnapshot_writer_number(w, 7, &b));
    assert_int_equal(b, c);
    assert_int_equal(b, text(w, "7", 1));
    OK(hs_heapsnapshot_write_node(w, HS_HEAPSNAPSHOT_NODE_SYNTHETIC, text(w, "", 0), 1, 0, 1));
    OK(hs_heapsnapshot_write_node(w, HS_HEAPSNAPSHOT_NODE_OBJECT, a, UINT32_MAX, UINT64_C(1) << 40, 1));
    OK(hs_heapsnapshot_write_edge(w, 2, text(w, "q\"\\\x01\n\xc3\xa9\xff", 8), 1));
    OK(hs_heapsnapshot_write_edge(w, 1, 99, 0));
    OK(hs_heapsnapshot_write_location(w, 1, 5, 10, 20));
}

static void test_read_back(void **state) {
    (void)state;
    struct hs_heapsnapshot_writer *w;
    OK(hs_heapsnapshot_writer_open(path, 2, 2, &w));
    write_two(w);
    OK(hs_heapsnapshot_writer_finish(w));
    hs_heapsnapshot_writer_destroy(w);
    struct hs_heapsnapshot *s;
    OK(hs_heapsnapshot_open(path, &s));
    assert_int_equal(s->node_count, 2);
    assert_int_equal(s->edge_count, 2);
    assert_string_equal(s->type_names[s->type[0]], "synthetic");
    assert_string_equal(s->type_names[s->type[1]], "object");
    assert_true(s->id[1] == UINT32_MAX);
    assert_true(s->size[1] == UINT32_MAX); /* clamped: readers keep 32 bits */
    assert_int_equal(s->to[0], 1);
    assert_int_equal(s->edge_type[0], HS_HEAPSNAPSHOT_PROPERTY);
    assert_int_equal(s->edge_type[1], HS_HEAPSNAPSHOT_ELEMENT);
    assert_int_equal(s->edge_name[1], 99);
    assert_int_equal(s->location_count, 1);
    assert_int_equal(s->locations[0].node, 1);
    assert_int_equal(s->locations[0].column, 20);
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    hs_heapsnapshot_string(s, s->edge_name[0], &out);
    assert_string_equal(out.data, "q\"\\\x01\n\xc3\xa9\xef\xbf\xbd");
    hs_strbuf_clear(&out);
    hs_heapsnapshot_string(s, 0, &out);
    assert_string_equal(out.data, "<dummy>");
    hs_heapsnapshot_close(s);
}

static void expect_refusal(struct hs_error *error) {
    assert_non_null(error);
    hs_error_destroy(error);
}

static void test_wrong_counts(void **state) {
    (void)state;
    struct hs_heapsnapshot_writer *w;
    static const uint64_t counts[][2] = {{1, 1}, {2, 3}, {3, 2}};
    for (size_t i = 0; i < 3; i++) { /* what one node with one edge is not */
        OK(hs_heapsnapshot_writer_open(path, counts[i][0] + (i == 0), counts[i][1], &w));
        OK(hs_heapsnapshot_write_node(w, HS_HEAPSNAPSHOT_NODE_OBJECT, 1, 1, 0, 1));
        expect_refusal(hs_heapsnapshot_write_edge(w, 1, 1, 0));
        hs_heapsnapshot_writer_destroy(w);
    }
    OK(hs_heapsnapshot_writer_open(path, 1, 1, &w));
    OK(hs_heapsnapshot_write_node(w, HS_HEAPSNAPSHOT_NODE_OBJECT, 1, 1, 0, 1));
    expect_refusal(hs_heapsnapshot_writer_finish(w)); /* its edge is missing */
    hs_heapsnapshot_writer_destroy(w);
    OK(hs_heapsnapshot_writer_open(path, 1, 1, &w));
    OK(hs_heapsnapshot_write_node(w, HS_HEAPSNAPSHOT_NODE_OBJECT, 1, 1, 0, 1));
    OK(hs_heapsnapshot_write_edge(w, 1, 1, 0));
    expect_refusal(hs_heapsnapshot_write_node(w, HS_HEAPSNAPSHOT_NODE_OBJECT, 1, 3, 0, 0)); /* too late */
    hs_heapsnapshot_writer_destroy(w);
    hs_heapsnapshot_writer_destroy(NULL);
    assert_int_not_equal(access(path, F_OK), 0);
}

/* More strings than wait in memory. */
static void test_many_strings(void **state) {
    (void)state;
    enum { STRINGS = 5000, SIZE = 8000 };
    struct hs_heapsnapshot_writer *w;
    char *bytes = malloc(SIZE + 1);
    OK(hs_heapsnapshot_writer_open(path, STRINGS, 0, &w));
    for (unsigned i = 0; i < STRINGS; i++) {
        memset(bytes, 'a' + (int)(i % 26), SIZE);
        snprintf(bytes, 16, "%06u", i);
        uint32_t number = text(w, bytes, SIZE);
        assert_int_equal(number, text(w, bytes, SIZE));
        OK(hs_heapsnapshot_write_node(w, HS_HEAPSNAPSHOT_NODE_STRING, number, 2 * i + 1, 8, 0));
    }
    OK(hs_heapsnapshot_writer_finish(w));
    hs_heapsnapshot_writer_destroy(w);
    struct hs_heapsnapshot *s;
    OK(hs_heapsnapshot_open(path, &s));
    assert_int_equal(s->string_count, STRINGS + 1);
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    for (unsigned i = 0; i < STRINGS; i += 499) {
        hs_strbuf_clear(&out);
        hs_heapsnapshot_string(s, s->name[i], &out);
        assert_int_equal(out.size, SIZE);
        assert_int_equal(atoi(out.data), i);
        assert_int_equal(out.data[SIZE - 1], 'a' + (int)(i % 26));
    }
    hs_heapsnapshot_close(s);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_strings, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("out_heapsnapshot_writer", tests, NULL, NULL);
}
