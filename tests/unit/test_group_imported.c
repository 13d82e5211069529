/* A .heapsnapshot as a source: classes, holders, paths and tables of a small file of V8's form, and the same
 * file with bytes changed. The expected values are counted by hand from the text below. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../support/file_questions.h"
#include "group/container.h"
#include "group/named_path.h"

#define META                                                                                                 \
    "\"meta\":{\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\",\"edge_count\"],"                     \
    "\"node_types\":[[\"hidden\",\"array\",\"string\",\"object\",\"code\",\"closure\",\"regexp\","           \
    "\"number\",\"native\",\"synthetic\"],\"string\",\"number\",\"number\",\"number\"],"                     \
    "\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],\"edge_types\":[[\"context\",\"element\","     \
    "\"property\",\"internal\",\"hidden\",\"shortcut\",\"weak\"],\"string_or_number\",\"node\"],"            \
    "\"location_fields\":[\"object_index\",\"script_id\",\"line\",\"column\"]}"

/* String numbers. */
enum {
    S_DUMMY,
    S_EMPTY,
    S_ROOTS,
    S_HANDLES,
    S_GLOBAL,
    S_CACHE,
    S_MAP,
    S_TABLE,
    S_FIVE,
    S_SIX,
    S_EIGHT,
    S_NINE,
    S_KEY,
    S_SESSION,
    S_USER,
    S_FUNCTION,
    S_SHARED,
    S_SCRIPT,
    S_CONTEXT,
    S_SCOPE,
    S_LIST,
    S_ARRAY,
    S_JS
};
#define STRINGS                                                                                              \
    "\"strings\":[\"<dummy>\",\"\",\"(GC roots)\",\"(Global "                                                \
    "handles)\",\"global\",\"cache\",\"Map\",\"table\","                                                     \
    "\"5\",\"6\",\"8\",\"9\",\"secret key\",\"Session\",\"user\",\"handle\",\"shared\",\"script\","          \
    "\"context\",\"system / Context\",\"list\",\"Array\",\"/srv/app.js\"]}"

/* 0 the root -> 1 (GC roots) -> 2 (Global handles) -> 3 the function; shortcut -> 4 global
 * 3 function: shared 10 -> script 11; context 12: variable list -> 13 Array -> [0] 8 Session
 * 4 global.cache -> 5 Map, table 6 (2 buckets: slots 5, 6, 7 and 8, 9, 10): 7 "secret key" -> 8 Session, a
 * small integer -> 9 Session
 * 14: an array held weakly only */
static const char SMALL[] =
    "{\"snapshot\":{" META ",\"node_count\":15,\"edge_count\":17,\"trace_function_count\":0},\n"
    "\"nodes\":[9,1,1,0,2, 9,2,3,0,1, 9,3,5,0,1, 5,15,7,64,2, 3,4,9,100,1, 3,6,11,32,1, 1,1,13,152,3,"
    "2,12,15,24,0, 3,13,17,48,1, 3,13,19,48,0, 4,15,21,56,1, 4,22,23,80,0, 3,19,25,40,2, 3,21,27,32,2,"
    "1,1,29,16,0],\n"
    "\"edges\":[1,1,5, 5,4,20, 1,1,10, 3,8,15, 3,16,50, 3,18,60, 2,5,25, 3,7,30, 3,8,35, 3,9,40, 3,11,45,"
    "2,14,35, 3,17,55, 0,20,65, 6,8,70, 1,0,40, 2,14,35],\n"
    "\"locations\":[15,7,4,2, 40,7,9,1, 45,7,9,1],\n" STRINGS;

struct opened {
    struct hs_group *group;
    struct hs_analysis *analysis;
    struct hs_edges *edges;
};

static void open_small(struct opened *o) {
    struct hs_heapsnapshot *file;
    struct hs_error *error = hs_heapsnapshot_open_memory(SMALL, sizeof SMALL - 1, "test", &file);
    if (!error) error = hs_imported_group(file, &o->group);
    if (!error) error = hs_imported_analyse(o->group, &o->analysis);
    if (!error) error = hs_analysis_edges(o->analysis, &o->edges);
    if (error) fail_msg("%s", error->message);
}

static void close_small(struct opened *o) {
    hs_edges_destroy(o->edges);
    hs_analysis_destroy(o->analysis);
    hs_group_destroy(o->group);
}

static const struct hs_class *class_named(const struct opened *o, const char *constructor, uint32_t *index) {
    for (uint32_t i = 0; i < o->group->class_count; i++) {
        if (strcmp(o->group->classes[i].constructor, constructor) != 0) continue;
        *index = i;
        return &o->group->classes[i];
    }
    fail_msg("no class %s", constructor);
    return NULL;
}

static void test_classes(void **context) {
    (void)context;
    struct opened o;
    uint32_t index, with_property = 0, sessions = 0;
    open_small(&o);
    for (uint32_t i = 0; i < o.group->class_count; i++) {
        const struct hs_class *c = &o.group->classes[i];
        assert_null(strstr(c->constructor, "secret"));
        if (strcmp(c->constructor, "Session") != 0) continue;
        sessions++;
        with_property += c->property_count == 1 && strcmp(c->properties[0], "user") == 0;
        assert_int_equal(c->count, 1);
        assert_string_equal(c->script, "/srv/app.js");
        assert_int_equal(c->line, 9);
        assert_int_equal(o.analysis->standings[i].reachable_count, 1);
    }
    assert_int_equal(sessions, 2);
    assert_int_equal(with_property, 1);
    assert_int_equal(class_named(&o, "handle", &index)->count, 1);
    /* What only a weak edge holds was alive when V8 wrote it. */
    assert_true(hs_marks_get(&o.analysis->marks, 14));
    assert_int_equal(hs_group_find(o.group, 11), (int32_t)(class_named(&o, "Map", &index), index));
    assert_int_equal(hs_group_find(o.group, 12), -1);
    close_small(&o);
}

static void test_standing(void **context) {
    (void)context;
    struct opened o;
    open_small(&o);
    const struct hs_analysis *a = o.analysis;
    assert_int_equal(hs_analysis_find(a, 19), 9);
    assert_int_equal(hs_analysis_address(a, 9), 19);
    assert_int_equal(hs_analysis_kind(a, 4), HS_KIND_JS_GLOBAL_OBJECT);
    assert_int_equal(hs_analysis_kind(a, 5), HS_KIND_JS_MAP);
    assert_int_equal(hs_analysis_kind(a, 12), HS_KIND_CONTEXT);
    /* The function's list holds a Session too, but no handle counts beside the global object. */
    assert_int_equal(hs_analysis_retained(a, 5), 32 + 152 + 24 + 48 + 48);
    assert_int_equal(hs_analysis_retained(a, 13), 32);
    assert_int_equal(a->roots.count, 1);
    assert_int_equal(a->roots.items[0].id, 3);
    assert_string_equal(hs_analysis_root_name(a, &a->roots.items[0]), "(Global handles)");
    assert_null(hs_analysis_paths(o.analysis));
    assert_int_equal(hs_paths_parent(&a->paths, 9), 6);
    assert_int_equal(hs_paths_parent(&a->paths, 4), 4);
    assert_int_equal(hs_paths_parent(&a->paths, 3), 3);
    close_small(&o);
}

static void put_path(const struct hs_named_paths *paths, hs_id id, struct hs_strbuf *text) {
    hs_strbuf_clear(text);
    hs_named_path_put(paths, paths->path_of[id], text);
}

static void test_names(void **context) {
    (void)context;
    struct opened o;
    struct hs_named_paths paths;
    struct hs_edge edge;
    struct hs_container container;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    open_small(&o);
    assert_null(hs_named_paths_create(o.analysis, o.edges, &paths));
    put_path(&paths, 9, &text);
    assert_string_equal(text.data, "global.cache[key]");
    put_path(&paths, 13, &text);
    assert_non_null(strstr(text.data, "variable list"));
    hs_named_paths_deinit(&paths);
    assert_true(hs_edges_find(o.edges, 5, 6, &edge));
    assert_int_equal(edge.role, HS_ROLE_TABLE);
    assert_true(hs_edges_find_via(o.edges, 5, 6, 8, &edge));
    hs_strbuf_clear(&text);
    hs_edges_put(o.edges, &edge, false, false, &text);
    assert_string_equal(text.data, "[key]");
    hs_strbuf_clear(&text);
    hs_edges_put(o.edges, &edge, false, true, &text);
    assert_string_equal(text.data, "[\"secret key\"]");
    assert_true(hs_edges_find_via(o.edges, 5, 6, 7, &edge));
    assert_true(edge.is_key);
    assert_true(hs_container_describe(o.analysis, o.edges, 5, &container));
    assert_int_equal(container.entries, 2);
    assert_int_equal(container.capacity, 4);
    close_small(&o);
}

/* One byte changed: any result but a crash. */
static void test_changed(void **context) {
    (void)context;
    static const char values[] = "0159,[]{\"z";
    for (size_t at = 0; at + 1 < sizeof SMALL; at++)
        for (size_t v = 0; v + 1 < sizeof values; v++) {
            char *bytes = malloc(sizeof SMALL - 1);
            struct hs_heapsnapshot *file;
            memcpy(bytes, SMALL, sizeof SMALL - 1);
            bytes[at] = values[v];
            struct hs_error *error = hs_heapsnapshot_open_memory(bytes, sizeof SMALL - 1, "test", &file);
            if (error) assert_int_equal(error->code, HS_ERROR_FORMAT);
            else assert_null(file_ask_everything(file));
            hs_error_destroy(error);
            free(bytes);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_classes), cmocka_unit_test(test_standing),
                                       cmocka_unit_test(test_names), cmocka_unit_test(test_changed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
