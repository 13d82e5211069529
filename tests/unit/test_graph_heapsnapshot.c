/* The reader of .heapsnapshot files: a small file read right, and files that lie refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dominator.h"
#include "graph/heapsnapshot.h"

#define META                                                                                                 \
    "\"meta\":{\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\",\"edge_count\",\"detachedness\"],"    \
    "\"node_types\":[[\"hidden\",\"array\",\"string\",\"object\",\"code\",\"closure\",\"regexp\","           \
    "\"number\",\"native\","                                                                                 \
    "\"synthetic\"],\"string\",\"number\",\"number\",\"number\",\"number\",\"number\"],"                     \
    "\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],\"edge_types\":[[\"context\",\"element\","     \
    "\"property\","                                                                                          \
    "\"internal\",\"hidden\",\"shortcut\",\"weak\"],\"string_or_number\",\"node\"],"                         \
    "\"location_fields\":[\"object_index\",\"script_id\",\"line\",\"column\"]}"
#define STRINGS                                                                                              \
    "\"strings\":[\"<dummy>\",\"\",\"a\\\"\\n\\u00e9\\ud83d\\ude00\\ud800x\",\"(GC roots)\",\"table\"]}"

/* Node 0, the root, has a shortcut to 2 and an element to 1; 1 has an element to 3; 2 and 3 have properties
 * to 4. */
static const char SMALL[] =
    "{\"snapshot\":{" META ",\"node_count\":5,\"edge_count\":5,\"trace_function_count\":0},\n"
    "\"nodes\":[9,1,1,0,2,0\n,9,3,3,0,1,0\n,3,2,5,10,1,0\n,3,2,7,20,1,0\n,2,2,9,40,0,0\n],\n"
    "\"edges\":[1,1,6\n,5,1,12\n,1,0,18\n,2,2,24\n,2,2,24\n],\n"
    "\"trace_function_infos\":[],\"trace_tree\":[[],{\"x\":[1.5,-2,true]}],\"samples\":[],\"locations\":[18,"
    "7,1,2,12,7,3,4],\n" STRINGS;

static struct hs_error *read_text(const char *text, size_t size, struct hs_heapsnapshot **ret) {
    /* Of the exact size, so that a sanitizer sees a read past its end. */
    char *bytes = malloc(size ? size : 1);
    memcpy(bytes, text, size);
    struct hs_error *error = hs_heapsnapshot_open_memory(bytes, size, "test", ret);
    if (error) free(bytes);
    return error;
}

static void refuse(const char *text) {
    struct hs_heapsnapshot *s = NULL;
    struct hs_error *error = read_text(text, strlen(text), &s);
    if (!error) print_error("accepted: %s\n", text);
    assert_non_null(error);
    assert_null(s);
    assert_int_equal(error->code, HS_ERROR_FORMAT);
    hs_error_destroy(error);
}

static void test_small(void **context) {
    (void)context;
    struct hs_heapsnapshot *s;
    assert_null(hs_heapsnapshot_open_memory(SMALL, sizeof SMALL - 1, "test", &s));
    assert_int_equal(s->node_count, 5);
    assert_int_equal(s->edge_count, 5);
    assert_int_equal(s->string_count, 5);
    assert_int_equal(s->location_count, 2);
    assert_int_equal(s->locations[0].node, 2);
    assert_int_equal(s->locations[1].column, 2);
    assert_int_equal(s->size[4], 40);
    assert_int_equal(s->first[5], 5);
    assert_int_equal(s->to[4], 4);
    assert_int_equal(s->edge_type[1], HS_HEAPSNAPSHOT_SHORTCUT);
    assert_string_equal(s->type_names[s->type[4]], "string");
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_heapsnapshot_string(s, 2, &text);
    assert_string_equal(text.data, "a\"\n\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbdx");
    hs_strbuf_clear(&text);
    hs_heapsnapshot_string(s, 99, &text);
    assert_int_equal(text.size, 0);
    hs_heapsnapshot_close(s);
    hs_heapsnapshot_close(NULL);
}

static uint64_t size_of(void *context, hs_id id) {
    return ((struct hs_heapsnapshot *)context)->size[id];
}

/* What the global object reaches is its own, whoever else holds it. */
static void test_graph(void **context) {
    (void)context;
    struct hs_heapsnapshot *s;
    struct hs_graph *graph;
    struct hs_marks marks;
    struct hs_dominators *dominators;
    const hs_id root = 0;
    assert_null(hs_heapsnapshot_open_memory(SMALL, sizeof SMALL - 1, "test", &s));
    assert_null(hs_heapsnapshot_graph(s, &graph));
    assert_int_equal(graph->owned[0] & 0x1e, 1 << 2 | 1 << 4); /* so the edge 3 -> 4 does not count */
    assert_null(hs_mark(graph, &root, 1, &marks));
    assert_int_equal(marks.count, 5);
    assert_null(hs_dominators_create(graph, &marks, &root, 1, size_of, s, &dominators));
    assert_int_equal(dominators->retained[dominators->number[2]], 50);
    assert_int_equal(dominators->retained[dominators->number[3]], 20);
    assert_int_equal(dominators->retained[dominators->number[0]], 70);
    hs_dominators_destroy(dominators);
    hs_marks_deinit(&marks);
    hs_graph_destroy(graph);
    hs_heapsnapshot_close(s);
}

static void test_truncated(void **context) {
    (void)context;
    for (size_t size = 0; size + 1 < sizeof SMALL; size++) {
        struct hs_heapsnapshot *s = NULL;
        struct hs_error *error = read_text(SMALL, size, &s);
        if (!error) print_error("accepted after %zu bytes\n", size);
        assert_non_null(error);
        hs_error_destroy(error);
    }
}

/* One byte changed: any result but a crash, and what is accepted can be used. */
static void test_changed(void **context) {
    (void)context;
    static const char values[] = "0149,[]{}\":\\- \n\0z\xff";
    for (size_t at = 0; at + 1 < sizeof SMALL; at++)
        for (size_t v = 0; v < sizeof values; v++) {
            char text[sizeof SMALL];
            memcpy(text, SMALL, sizeof text);
            text[at] = values[v];
            char *bytes = malloc(sizeof SMALL - 1);
            memcpy(bytes, text, sizeof SMALL - 1);
            struct hs_heapsnapshot *s = NULL;
            struct hs_graph *graph = NULL;
            struct hs_error *error = hs_heapsnapshot_open_memory(bytes, sizeof SMALL - 1, "test", &s);
            if (!error) error = hs_heapsnapshot_graph(s, &graph);
            for (uint32_t i = 0; graph && i < graph->first[graph->count]; i++)
                assert_true(graph->to[i] < graph->count);
            hs_error_destroy(error);
            hs_graph_destroy(graph);
            hs_heapsnapshot_close(s);
            free(bytes);
        }
}

static void test_lies(void **context) {
    (void)context;
#define HEAD(counts) "{\"snapshot\":{" META "," counts "},"
    refuse("");
    refuse("{}");
    refuse("[]");
    refuse("{\"snapshot\":[]}");
    refuse("{\"nodes\":[]," HEAD("\"node_count\":1,\"edge_count\":0") "\"edges\":[],\"strings\":[]}");
    refuse(HEAD("\"node_count\":0,\"edge_count\":0") "\"nodes\":[],\"edges\":[]," STRINGS);
    refuse(HEAD("\"node_count\":-1,\"edge_count\":0") "\"nodes\":[],\"edges\":[]," STRINGS);
    refuse(HEAD("\"node_count\":4294967295,\"edge_count\":0") "\"nodes\":[],\"edges\":[]," STRINGS);
    refuse(HEAD(
        "\"node_count\":9223372036854775807,\"edge_count\":9223372036854775807") "\"nodes\":[],\"edges\":[]"
                                                                                 "," STRINGS);
    refuse(HEAD("\"node_count\":99999999999999999999,\"edge_count\":0") "\"nodes\":[],\"edges\":[]," STRINGS);
    refuse(HEAD("\"node_count\":1e3,\"edge_count\":0") "\"nodes\":[],\"edges\":[]," STRINGS);
    refuse(HEAD("\"node_count\":2,\"edge_count\":0") "\"nodes\":[9,1,1,0,0,0],\"edges\":[]," STRINGS);
    refuse(HEAD("\"node_count\":1,\"edge_count\":0") "\"nodes\":[9,1,1,0,0,0,9],\"edges\":[]," STRINGS);
    refuse(HEAD("\"node_count\":1,\"edge_count\":0") "\"nodes\":[9,1,1,0,1,0],\"edges\":[]," STRINGS);
    refuse(HEAD("\"node_count\":1,\"edge_count\":1") "\"nodes\":[9,1,1,0,0,0],\"edges\":[1,1,0]," STRINGS);
    refuse(HEAD("\"node_count\":1,\"edge_count\":1") "\"nodes\":[9,1,1,0,18446744073709551615,0],\"edges\":["
                                                     "1,1,0]," STRINGS);
    refuse(HEAD("\"node_count\":1,\"edge_count\":1") "\"nodes\":[9,1,1,18446744073709551616,1,0],\"edges\":["
                                                     "1,1,0]," STRINGS);
    refuse(HEAD("\"node_count\":1,\"edge_count\":1") "\"nodes\":[9,1,1,0,1,0],\"edges\":[1,1,6]," STRINGS);
    refuse(HEAD("\"node_count\":1,\"edge_count\":1") "\"nodes\":[9,1,1,0,1,0],\"edges\":[1,1,1]," STRINGS);
    refuse(HEAD(
        "\"node_count\":1,\"edge_count\":1") "\"nodes\":[9,1,1,0,1,0],\"edges\":[1,1,25769803776]," STRINGS);
    refuse(HEAD("\"node_count\":1,\"edge_count\":0") "\"nodes\":[9,1,1,0,-0,0],\"edges\":[]," STRINGS);
    refuse(HEAD("\"node_count\":1,\"edge_count\":0") "\"nodes\":[9,1,1,0,0,0],\"edges\":[],\"locations\":[6,"
                                                     "1,1,1]," STRINGS);
    refuse(HEAD("\"node_count\":1,\"edge_count\":0") "\"nodes\":[9,1,1,0,0,0],\"edges\":[],\"locations\":[0,"
                                                     "1,1]," STRINGS);
    refuse(HEAD("\"node_count\":1,\"edge_count\":0") "\"nodes\":[9,1,1,0,0,0],\"edges\":[]}");
    refuse(HEAD("\"node_count\":1,\"edge_count\":0") "\"nodes\":[9,1,1,0,0,0],\"nodes\":[9,1,1,0,0,0],"
                                                     "\"edges\":[]," STRINGS);
    refuse(HEAD("\"node_count\":1,\"edge_count\":0,\"root_index\":6") "\"nodes\":[9,1,1,0,0,0],\"edges\":[]"
                                                                      "," STRINGS);
    refuse("{\"snapshot\":{\"meta\":{\"node_fields\":[],\"edge_fields\":[]},\"node_count\":1,\"edge_count\":"
           "0}," STRINGS);
}

/* Depth costs nothing: no recursion on it. */
static void test_deep(void **context) {
    (void)context;
    size_t depth = 1 << 20;
    char *text = malloc(depth + 16);
    strcpy(text, "{\"x\":");
    memset(text + 5, '[', depth);
    text[5 + depth] = '\0';
    refuse(text);
    free(text);
}

/* Node 8 writes a type that its meta lacks, and no locations. */
static void test_tolerant(void **context) {
    (void)context;
    static const char text[] =
        " {\n\"snapshot\" : "
        "{\"meta\":{\"extra\":1,\"node_fields\":[\"name\",\"type\",\"edge_count\",\"id\",\"self_size\"],"
        "\"node_types\":[\"string\",[\"object\"]],\"edge_fields\":[\"to_node\",\"type\",\"name_or_index\"],"
        "\"edge_types\":[\"node\",[\"weak\",\"odd\",\"property\"]]},\"node_count\":2,\"edge_count\":3} ,"
        "\"nodes\" : [ 0 , 12,3,1,5000000000,99,0,0,3,7 ] ,\"edges\":[5,2,0, 5,0,0, "
        "0,7,77],\"future\":{\"a\":[{}]},"
        "\"strings\":[\"\\\\\"]} ";
    struct hs_heapsnapshot *s;
    assert_null(hs_heapsnapshot_open_memory(text, sizeof text - 1, "test", &s));
    assert_int_equal(s->type[0], s->type_count);
    assert_int_equal(s->type[1], 0);
    assert_int_equal(s->size[0], 5000000000);
    assert_int_equal(s->to[0], 1);
    assert_int_equal(s->edge_type[0], HS_HEAPSNAPSHOT_PROPERTY);
    assert_int_equal(s->edge_type[1], HS_HEAPSNAPSHOT_WEAK);
    assert_int_equal(s->edge_type[2], HS_HEAPSNAPSHOT_EDGE_OTHER);
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    hs_heapsnapshot_string(s, 0, &name);
    assert_string_equal(name.data, "\\");
    hs_heapsnapshot_close(s);
}

/* The value of a WeakMap's entry is held by its key. */
static void test_ephemeron(void **context) {
    (void)context;
    static const char text[] =
        HEAD("\"node_count\":4,\"edge_count\":4") "\"nodes\":[9,1,1,0,2,0,3,1,3,1,1,0,3,1,5,2,1,0,3,1,7,4,0,"
                                                  "0],\"edges\":[1,0,6,1,1,12,3,1,18,3,2,18],\"strings\":[\"<"
                                                  "dummy>\","
                                                  "\"2 / part of key (k \\\"@3 @3) -> value (v @7) pair in "
                                                  "WeakMap (table @5)\","
                                                  "\"9 / part of key (k @3) -> value (v @7) pair in WeakMap "
                                                  "(table @5)\"]}";
    struct hs_heapsnapshot *s;
    struct hs_graph *graph;
    assert_null(hs_heapsnapshot_open_memory(text, sizeof text - 1, "test", &s));
    assert_null(hs_heapsnapshot_graph(s, &graph));
    assert_int_equal(graph->first[2] - graph->first[1], 1);
    assert_int_equal(graph->first[3] - graph->first[2], 0);
    hs_graph_destroy(graph);
    hs_heapsnapshot_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),    cmocka_unit_test(test_graph),     cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_changed),  cmocka_unit_test(test_lies),      cmocka_unit_test(test_deep),
        cmocka_unit_test(test_tolerant), cmocka_unit_test(test_ephemeron),
    };
    return cmocka_run_group_tests_name("graph_heapsnapshot", tests, NULL, NULL);
}
