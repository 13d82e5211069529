/* Names of references on a heap made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../support/toy_heap.h"
#include "graph/edge.h"

/* An opened toy and everything on top of it. */
struct bench {
    struct toy_heap *toy;
    struct hs_objects *objects;
    struct hs_graph *graph;
    struct hs_js *js;
    struct hs_edges *edges;
};

static void ok(struct hs_error *error) {
    if (error) fail_msg("%s", error->message);
}

static struct bench start(struct toy_heap *toy) {
    struct bench b = {.toy = toy};
    toy_heap_open(toy);
    ok(hs_objects_create(&toy->v8, 1, &b.objects));
    ok(hs_graph_create(b.objects, 1, NULL, &b.graph));
    ok(hs_js_create(&toy->v8, &b.js));
    ok(hs_edges_create(b.js, b.objects, b.graph, &b.edges));
    return b;
}

static void stop(struct bench *b) {
    ok(hs_js_error(b->js));
    hs_edges_destroy(b->edges);
    hs_js_destroy(b->js);
    hs_graph_destroy(b->graph);
    hs_objects_destroy(b->objects);
    toy_heap_destroy(b->toy);
}

static hs_id id_of(const struct bench *b, hs_tagged object) {
    hs_id id = hs_objects_find(b->objects, hs_untag(object));
    assert_int_not_equal(id, HS_ID_NONE);
    return id;
}

struct wanted {
    hs_id to;
    bool is_table, values;
    char text[200];
    struct bench *b;
    unsigned storages;
};

static void keep(void *context, const struct hs_edge *edge) {
    struct wanted *w = context;
    if (edge->to != w->to || edge->is_key) return;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_edges_put(w->b->edges, edge, w->is_table, w->values, &text);
    snprintf(w->text + strlen(w->text), sizeof w->text - strlen(w->text), "%s;", text.data);
}

static bool claim(void *context, hs_id storage, enum hs_edge_role role) {
    struct wanted *w = context;
    assert_true(hs_role_is_storage(role) && storage != HS_ID_NONE);
    w->storages++;
    return true;
}

/* All folded edges from one object to another as text. */
static const char *folded(struct bench *b, hs_tagged from, hs_tagged to, bool is_table, bool values) {
    static struct wanted w;
    w = (struct wanted){.to = id_of(b, to), .is_table = is_table, .values = values, .b = b};
    hs_edges_folded(b->edges, id_of(b, from), &(struct hs_edge_walk){claim, keep, &w});
    return w.text;
}

static void properties_and_elements(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    const struct toy_property two[] = {{.key = toy_string(toy, "user")},
                                       {.key = toy_symbol(toy, "odd name", 0)}};
    hs_tagged shape = toy_shape(toy, TOY_OBJECT, 0, 0, two, 2), object = toy_put(toy, shape, 5);
    hs_tagged first = toy_string(toy, "first"), second = toy_string(toy, "second"),
              third = toy_string(toy, "third");
    hs_tagged items[] = {toy_smi(1), third, first};
    *toy_word(toy, object, 2) = toy_array(toy, TOY_FIXED_ARRAY, 3, items);
    *toy_word(toy, object, 3) = first;
    *toy_word(toy, object, 4) = second;
    struct bench b = start(toy);
    assert_string_equal(folded(&b, object, first, false, false), "[2];.user;");
    assert_string_equal(folded(&b, object, second, false, false), "[<symbol odd name>];");
    assert_string_equal(folded(&b, object, third, false, false), "[1];");
    assert_string_equal(folded(&b, object, shape, false, false), "(map);");
    struct hs_edge edge;
    assert_true(hs_edges_find(b.edges, id_of(&b, object), id_of(&b, first), &edge));
    assert_string_equal(edge.name, "user");
    assert_int_equal(edge.type, HS_EDGE_PROPERTY);
    assert_false(hs_edges_find(b.edges, id_of(&b, object), id_of(&b, third), &edge));
    assert_true(hs_edges_find_via(b.edges, id_of(&b, object), id_of(&b, *toy_word(toy, object, 2)),
                                  id_of(&b, third), &edge));
    assert_int_equal(edge.index, 1);
    stop(&b);
}

/* Keys of tables are data: they show only when asked for. */
static void tables_keep_their_keys(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged key = toy_string(toy, "mail@example.org"), value = toy_string(toy, "value");
    hs_tagged slow = toy_slow_object(toy, toy_slow_shape(toy, 0, 0), &key, 1);
    /* the toy's dictionary: header 2 words, 5 words, then {key, value, details}; entry 0 is a hole */
    *toy_word(toy, *toy_word(toy, slow, 1), 2 + 5 + 3 + 1) = value;
    /* OrderedHashMap {count, deleted, buckets}, one bucket, entries {key, value, chain} */
    hs_tagged words[] = {toy_smi(1), toy_smi(0),  toy_smi(1), toy_smi(0), key,
                         value,      toy_smi(-1), key,        value,      toy_smi(-1)};
    hs_tagged map = toy_put(toy, toy_map_of(toy, TOY_COLLECTION), 4);
    *toy_word(toy, map, 3) = toy_array(toy, TOY_ORDERED_MAP, 10, words);
    struct bench b = start(toy);
    assert_string_equal(folded(&b, slow, value, true, false), "[key];");
    assert_string_equal(folded(&b, slow, value, true, true), "[\"mail@example.org\"];");
    assert_string_equal(folded(&b, slow, value, false, false),
                        "[\"mail@example.org\"];");                      /* a shape: names of the program */
    assert_string_equal(folded(&b, map, value, false, false), "[key];"); /* one entry in use of two */
    assert_string_equal(folded(&b, map, value, false, true), "[\"mail@example.org\"];");
    stop(&b);
}

static void closures_name_their_variables(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged value = toy_string(toy, "value"), outer_value = toy_string(toy, "outer");
    hs_tagged scope = toy_scope(toy, toy_string(toy, "fn"), 0); /* one local, called as the toy calls it */
    hs_tagged local = *toy_word(toy, scope, 4);
    hs_tagged outer_words[] = {scope, toy->undefined, outer_value},
              outer = toy_array(toy, TOY_CONTEXT, 3, outer_words);
    hs_tagged inner_words[] = {scope, outer, value}, inner = toy_array(toy, TOY_CONTEXT, 3, inner_words);
    hs_tagged closure = toy_function(toy, toy_shared(toy, toy_string(toy, "f"), 0));
    *toy_word(toy, closure, 4) = inner;
    struct bench b = start(toy);
    char wanted[100];
    snprintf(wanted, sizeof wanted, "variable %s;", hs_js_text(b.js, local));
    assert_string_equal(folded(&b, closure, value, false, false), wanted);
    assert_string_equal(folded(&b, closure, outer_value, false, false),
                        wanted); /* through the context around it */
    struct hs_edge edge;
    assert_true(hs_edges_find(b.edges, id_of(&b, inner), id_of(&b, outer), &edge));
    assert_string_equal(edge.name, "previous");
    stop(&b);
}

/* Tables and contexts that lie about their sizes name nothing and are left within their bounds. */
static void lying_storages(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged value = toy_string(toy, "value");
    hs_tagged words[] = {toy_smi(1 << 30), toy_smi(1 << 30), toy_smi(1 << 30), value, value, value};
    hs_tagged map = toy_put(toy, toy_map_of(toy, TOY_COLLECTION), 4);
    *toy_word(toy, map, 3) = toy_array(toy, TOY_ORDERED_MAP, 6, words);
    hs_tagged loop_words[] = {value, toy->undefined, value},
              loop = toy_array(toy, TOY_CONTEXT, 3, loop_words);
    *toy_word(toy, loop, 3) = loop; /* a context around itself */
    hs_tagged closure = toy_function(toy, toy_shared(toy, toy_string(toy, "f"), 0));
    *toy_word(toy, closure, 4) = loop;
    struct bench b = start(toy);
    assert_string_equal(folded(&b, map, value, false, false), "");
    struct hs_edge edge;
    assert_true(hs_edges_find(b.edges, id_of(&b, closure), id_of(&b, loop), &edge));
    assert_int_equal(edge.role, HS_ROLE_CONTEXT);
    stop(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties_and_elements),
        cmocka_unit_test(tables_keep_their_keys),
        cmocka_unit_test(closures_name_their_variables),
        cmocka_unit_test(lying_storages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
