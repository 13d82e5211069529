/* What maps of older V8 have that newer ones have not: each of these reads as something else, without an
 * error, where it is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../support/toy_heap.h"
#include "graph/edge.h"
#include "js/property.h"
#include "v8/layout_private.h"
#include "v8/range.h"

enum { LAYOUT_DESCRIPTOR = 48, INSTANCE = 8, FIELDS = 5 };

static struct hs_map map_of(struct toy_heap *toy, hs_tagged word) {
    struct hs_maps maps = {0};
    int32_t index = hs_maps_find(&maps, &toy->v8, word);
    assert_true(index >= 0);
    struct hs_map map = maps.items[index];
    hs_maps_deinit(&maps);
    return map;
}

/* Until V8 6.2 the type is a byte, and the next one is bit_field. */
static void types_of_one_byte(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged words[] = {toy_map(toy, TOY_OBJECT, INSTANCE), toy_map(toy, TOY_STRING, 0)};
    for (int i = 0; i < 2; i++) *toy_word(toy, words[i], 1) |= UINT64_C(0x9d) << 40;
    toy_heap_open(toy);
    assert_int_not_equal(map_of(toy, words[0]).type, TOY_OBJECT);
    toy->v8.layout.map_type_mask = 0xff;
    toy->v8.layout.map_bit_field = 13;
    assert_int_equal(map_of(toy, words[0]).type, TOY_OBJECT);
    assert_int_equal(map_of(toy, words[0]).kind, HS_KIND_JS_OBJECT);
    assert_int_equal(map_of(toy, words[0]).bit_field, 0x9d);
    assert_int_equal(map_of(toy, words[1]).kind, HS_KIND_STRING);
    toy_heap_destroy(toy);
}

/* A byte of the map is the number of in-object fields until V8 5.x, the word of the first one later. */
static void fields_counted_or_started(void **state) {
    (void)state;
    static const struct {
        enum toy_type type;
        uint8_t byte, started, counted;
    } cases[] = {{TOY_OBJECT, 3, 3, 5}, {TOY_OBJECT, 5, 5, 3}, {TOY_OBJECT, 0, 0, 8},
                 {TOY_OBJECT, 8, 8, 0}, {TOY_OBJECT, 9, 9, 0}, /* more fields than words */
                 {TOY_SYMBOL, 2, 2, 0} /* a byte of another meaning: no receiver */};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct toy_heap *toy = toy_heap_create();
        hs_tagged word = toy_map(toy, cases[i].type, INSTANCE);
        *toy_word(toy, word, 1) = (*toy_word(toy, word, 1) & ~UINT64_C(0xff00)) | (uint64_t)cases[i].byte
                                                                                      << 8;
        toy_heap_open(toy);
        assert_int_equal(map_of(toy, word).inobject_start, cases[i].started);
        toy->v8.layout.map_inobject_is_count = 1;
        assert_int_equal(map_of(toy, word).inobject_start, cases[i].counted);
        toy_heap_destroy(toy);
    }
}

struct met {
    hs_id wanted;
    unsigned count;
};
static void meet(void *context, const struct hs_edge *edge) {
    struct met *met = context;
    met->count += edge->to == met->wanted;
}

/* How often the graph leads from `object` to `target`. */
static unsigned edges_between(struct toy_heap *toy, struct hs_js *js, hs_tagged object, hs_tagged target) {
    struct hs_objects *objects;
    struct hs_graph *graph;
    struct hs_edges *edges;
    assert_null(hs_objects_create(&toy->v8, 1, &objects));
    assert_null(hs_graph_create(objects, 1, NULL, &graph));
    assert_null(hs_edges_create(js, objects, graph, &edges));
    struct met met = {hs_objects_find(objects, hs_untag(target)), 0};
    assert_int_not_equal(met.wanted, HS_ID_NONE);
    hs_edges_slots(edges, hs_objects_find(objects, hs_untag(object)), meet, &met);
    hs_edges_destroy(edges);
    hs_graph_destroy(graph);
    hs_objects_destroy(objects);
    return met.count;
}

/* An object of five fields, each with the bits of a pointer to `target`: some of them are raw doubles. */
static void doubles_that_look_like_pointers(void **state) {
    (void)state;
    static const char *const names[FIELDS] = {"a", "b", "c", "d", "e"};
    for (int many = 0; many < 2; many++) {
        struct toy_heap *toy = toy_heap_create();
        struct toy_property properties[FIELDS] = {{.key = 0}};
        for (int i = 0; i < FIELDS; i++) properties[i].key = toy_string(toy, names[i]);
        hs_tagged target = toy_string(toy, "target"),
                  word = toy_shape(toy, TOY_OBJECT, 0, 0, properties, FIELDS);
        unsigned first = *toy_word(toy, word, 1) >> 8 & 0xff;
        hs_tagged object = toy_put(toy, word, first + FIELDS), bits = toy_smi(0x1a); /* b, d and e */
        for (int i = 0; i < FIELDS; i++) *toy_word(toy, object, first + (unsigned)i) = target;
        if (many) { /* in an array of bytes, as for more than 32 fields */
            bits = toy_put(toy, toy_map_of(toy, TOY_BYTE_ARRAY), 3);
            *toy_word(toy, bits, 1) = toy_smi(8);
            *toy_word(toy, bits, 2) = 0x1a;
        }
        *toy_word(toy, word, LAYOUT_DESCRIPTOR / 8) = bits;
        toy_heap_open(toy);
        toy->v8.layout.map_layout_descriptor = LAYOUT_DESCRIPTOR;
        struct hs_js *js;
        struct hs_map map;
        struct hs_js_properties it;
        struct hs_js_property property;
        assert_null(hs_js_create(&toy->v8, &js));
        assert_true(hs_js_map(js, object, &map));
        assert_true(map.has_raw);
        hs_js_properties_begin(js, hs_untag(object), &map, &it);
        for (int i = 0; i < FIELDS; i++) {
            hs_tagged value = 0;
            assert_true(hs_js_properties_next(&it, &property));
            bool raw = 0x1a >> i & 1;
            assert_int_equal(hs_map_is_raw(&map, first + (unsigned)i), raw);
            assert_int_equal(hs_js_property_value(&it, &property, &value), !raw);
            assert_true(value == (raw ? 0 : target));
        }
        assert_false(hs_map_is_raw(&map, 64 * HS_MAP_RAW_WORDS));
        assert_int_equal(edges_between(toy, js, object, target), 2);
        assert_null(hs_js_error(js));
        hs_js_destroy(js);
        toy_heap_destroy(toy);
    }
}

/* The array of a layout descriptor may be of any length, at the end of a page, or none. */
static void layout_descriptor_of_junk(void **state) {
    (void)state;
    const hs_tagged junk[] = {0, toy_smi(-1), 3, TOY_WRITABLE + TOY_PAGE - 7, UINT64_MAX, 0x7001};
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
        for (int length = 0; length < 3; length++) {
            struct toy_heap *toy = toy_heap_create();
            hs_tagged word = toy_map(toy, TOY_OBJECT, 255),
                      array = toy_put(toy, toy_map_of(toy, TOY_BYTE_ARRAY), 3);
            *toy_word(toy, array, 1) = length == 1 ? toy_smi(INT32_MAX) : toy_smi(8);
            *toy_word(toy, array, 2) = UINT64_MAX;
            *toy_word(toy, word, LAYOUT_DESCRIPTOR / 8) = length ? array : junk[i];
            if (length == 2) *toy_word(toy, array, 1) = junk[i];
            toy_heap_open(toy);
            toy->v8.layout.map_layout_descriptor = LAYOUT_DESCRIPTOR;
            struct hs_map map = map_of(toy, word);
            for (uint32_t at = 0; at < map.inobject_start; at++) assert_false(hs_map_is_raw(&map, at));
            toy_heap_destroy(toy);
        }
}

/* V8 8.1 and later kept the symbol of a field that it no longer has: it names another one. */
static void symbol_of_a_field_that_went(void **state) {
    (void)state;
    static const struct {
        int major, minor;
        bool bogus;
    } cases[] = {{7, 9, false}, {8, 1, true}, {8, 4, true}, {9, 6, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hs_v8_symbols symbols = {.version = {cases[i].major, cases[i].minor}};
        const struct hs_v8 v8 = {.symbols = &symbols};
        assert_int_equal(hs_range_is_bogus(&v8, "class_Map__layout_descriptor__LayoutDescriptor"),
                         cases[i].bogus);
        assert_false(hs_range_is_bogus(&v8, "class_Map__instance_descriptors__DescriptorArray"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_of_one_byte),
        cmocka_unit_test(fields_counted_or_started),
        cmocka_unit_test(doubles_that_look_like_pointers),
        cmocka_unit_test(layout_descriptor_of_junk),
        cmocka_unit_test(symbol_of_a_field_that_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
