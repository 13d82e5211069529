/* What an object has by its map and not by its slots. */
#include "graph/edge_private.h"

#include "js/property.h"

struct inheriting {
    struct hs_edges *edges;
    hs_id map;
    hs_edge_visit *visit;
    void *context;
};

static void give(const struct inheriting *i, hs_tagged value, const char *name) {
    hs_id to = (value & 3) == 1 ? hs_objects_find(i->edges->objects, hs_untag(value)) : HS_ID_NONE;
    struct hs_edge edge = {.to = to, .via = i->map, .type = HS_EDGE_PROPERTY, .name = name};
    if (to != HS_ID_NONE) i->visit(i->context, &edge);
}

/* The functions of an accessor, as V8's snapshot calls them: "get rows". V8's own accessors have none. */
static void give_accessor(const struct inheriting *i, hs_tagged pair, const char *name) {
    static const char *const prefixes[] = {"get ", "set "};
    struct hs_js *js = i->edges->js;
    if (!hs_is_pointer(pair) || hs_js_kind(js, pair) != HS_KIND_ACCESSOR_PAIR) return;
    for (unsigned k = 0; k < 2; k++) {
        hs_tagged function;
        if (!hs_v8_word(js->v8, hs_untag(pair) + (hs_addr)(k + 1) * js->v8->layout.tagged_size, &function) ||
            hs_js_kind(js, function) != HS_KIND_JS_FUNCTION)
            continue;
        HS_STRBUF_AUTO full = HS_STRBUF_INIT;
        hs_strbuf_printf(&full, "%s%s", prefixes[k], name);
        if (full.failed) js->failed = true;
        else give(i, function, hs_names_intern(&js->names, full.data, full.size));
    }
}

void hs_edges_inherited(struct hs_edges *edges, hs_id id, enum hs_edge_role role, hs_edge_visit *visit,
                        void *context) {
    static const char own[] = "__proto__", made[] = "prototype";
    struct inheriting inheriting = {edges, id, visit, context};
    struct hs_js *js = edges->js;
    if (edges->file || id >= edges->graph->object_count) return; /* a file has them at the objects */
    int32_t m = hs_maps_find(&js->maps, js->v8, hs_objects_address(edges->objects, id) + 1);
    if (m < 0 || !hs_kind_is_receiver((enum hs_kind)js->maps.items[m].kind)) return;
    const struct hs_map map = js->maps.items[m];
    give(&inheriting, map.prototype, role == HS_ROLE_INITIAL_MAP ? made : own);
    if (role == HS_ROLE_INITIAL_MAP || hs_map_is_dictionary(&js->v8->layout, &map)) return;
    struct hs_js_properties it;
    struct hs_js_property property;
    hs_js_properties_begin(js, 0, &map, &it);
    while (hs_js_properties_next(&it, &property)) {
        hs_tagged value;
        if (!hs_js_property_is_constant(&it, &property) || !hs_js_property_value(&it, &property, &value))
            continue;
        const char *name = hs_js_name(js, property.key);
        if (hs_js_property_is_accessor(js, &property)) give_accessor(&inheriting, value, name);
        else give(&inheriting, value, name);
    }
}
