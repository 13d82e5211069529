/* The edges of one object, as V8HeapExplorer::ExtractReferences has them. */
#include <stdatomic.h>
#include <string.h>

#include "export/exported_private.h"

static void put(struct hs_exported_walk *w, const struct hs_stream_edge *edge) {
    w->count++;
    if (w->counting) return;
    struct hs_exported_private *x = w->x;
    hs_encoder_put(x->encoder, edge);
    if (x->encoder->edges.size >= HS_EXPORTED_SEGMENT || x->encoder->fresh.size >= HS_EXPORTED_SEGMENT)
        hs_exported_end_segment(x);
}

void hs_exported_put(struct hs_exported_walk *w, enum hs_edge_type type, const char *name, uint32_t index,
                     uint32_t to) {
    const struct hs_stream_edge edge = {.type = (uint8_t)type,
                                        .form = type == HS_EDGE_ELEMENT || type == HS_EDGE_HIDDEN
                                                    ? HS_STREAM_INDEX
                                                : name ? HS_STREAM_NAME
                                                       : HS_STREAM_NUMBER,
                                        .name = name,
                                        .index = index,
                                        .to = to};
    put(w, &edge);
}

void hs_exported_put_smi(struct hs_exported_walk *w, const char *name, int64_t value) {
    const struct hs_stream_edge edge = {.type = *name ? HS_EDGE_PROPERTY : HS_EDGE_INTERNAL,
                                        .integer = true,
                                        .form = HS_STREAM_NAME,
                                        .name = name,
                                        .to = value};
    put(w, &edge);
}

void hs_exported_put_id(struct hs_exported_object *o, enum hs_edge_type type, const char *name,
                        uint32_t index, hs_id to) {
    if (hs_exported_get(o->walk->x->chosen, to))
        hs_exported_put(o->walk, type, name, index, hs_exported_number(o->walk->x, to));
}

void hs_exported_tag(const struct hs_exported_object *o, hs_id id, enum hs_exported_tag tag) {
    struct hs_exported_private *x = o->walk->x;
    if (!hs_exported_get(x->chosen, id)) return;
    _Atomic(uint16_t) *place = &x->tags[hs_exported_number(x, id) - x->first];
    const uint16_t mine = (uint16_t)(x->chunk << HS_TAG_BITS | tag);
    uint16_t there = *place;
    while (!there || there >> HS_TAG_BITS > x->chunk)
        if (atomic_compare_exchange_weak(place, &there, mine)) return;
}

/* --- slots */

static const char *map_slot_name(const struct hs_exported_object *o, const char *name, hs_id to) {
    if (!name || strcmp(name, "constructor_or_back_pointer") != 0) return name;
    switch (hs_exported_kind(o, to)) {
    case HS_KIND_MAP:
        return "back_pointer";
    case HS_KIND_NATIVE_CONTEXT:
        return "native_context";
    case HS_KIND_FUNCTION_TEMPLATE_INFO:
        return "constructor_function_data";
    default:
        return "constructor";
    }
}

/* IndexedReferencesExtractor: a slot that has no name gets a number, and so does one that leads to what is
 * not worth showing. */
static void put_numbered(struct hs_exported_object *o, enum hs_edge_type type, hs_id to) {
    uint32_t number = o->numbered++;
    if (!hs_exported_get(o->walk->x->trivial, to)) hs_exported_put_id(o, type, NULL, number, to);
}

/* V8HeapExplorer::IsEssentialHiddenReference: V8's own lists of allocation sites and registries, linked
 * through them. */
static bool is_list_of_v8(enum hs_kind kind, const struct hs_edge *edge) {
    return edge->type == HS_EDGE_WEAK && !edge->name &&
           (kind == HS_KIND_ALLOCATION_SITE || kind == HS_KIND_JS_FINALIZATION_REGISTRY);
}

/* Of a native context, whose slots follow the map and the length. */
static const char *context_name(const struct hs_exported_private *x, uint32_t word) {
    static const char *const of_all[] = {"scope_info", "previous", "extension"};
    if (!x->context_names || word < 2 || word - 2 >= HS_EXPORTED_CONTEXT_SLOTS) return NULL;
    const char *name = x->context_names[word - 2];
    return !name && word - 2 < sizeof of_all / sizeof *of_all ? of_all[word - 2] : name;
}

static void put_slot(void *context, const struct hs_edge *edge) {
    struct hs_exported_object *o = context;
    enum hs_edge_type type = (enum hs_edge_type)edge->type;
    const char *name = edge->name;
    switch ((enum hs_edge_role)edge->role) {
    case HS_ROLE_INITIAL_MAP:
        o->initial_map = edge->to;
        break;
    case HS_ROLE_BINDINGS:
        o->bindings = edge->to;
        break;
    default:
        break;
    }
    struct hs_exported_private *x = o->walk->x;
    if (!hs_exported_get(x->chosen, edge->to)) return;
    hs_exported_tag_slot(o, edge);
    if (type == HS_EDGE_PROPERTY && edge->index >= o->told) {
        if (x->options.numbers || hs_exported_kind(o, edge->to) != HS_KIND_HEAP_NUMBER) return;
        put_numbered(o, HS_EDGE_HIDDEN, edge->to);
        return;
    }
    if (is_list_of_v8(o->kind, edge)) return;
    bool variable = type == HS_EDGE_CONTEXT || type == HS_EDGE_PROPERTY, ours = edge->ours;
    if (o->kind == HS_KIND_NATIVE_CONTEXT && edge->role != HS_ROLE_MAP) {
        const char *known = context_name(x, edge->index);
        if (known) {
            name = known;
            ours = false;
            type = HS_EDGE_INTERNAL;
        }
    }
    if (ours || (!variable && hs_exported_get(x->trivial, edge->to))) {
        put_numbered(o, type == HS_EDGE_WEAK ? HS_EDGE_WEAK : HS_EDGE_HIDDEN, edge->to);
        return;
    }
    if (o->kind == HS_KIND_MAP) name = map_slot_name(o, name, edge->to);
    if (type == HS_EDGE_PROPERTY && !*name) type = HS_EDGE_INTERNAL;
    hs_exported_put_id(o, type, name, edge->index, edge->to);
}

/* --- elements and the rest */

enum { PACKED_ELEMENTS = 2, HOLEY_ELEMENTS = 3 }; /* elements-kind.h; not moved between V8 10 and 14 */

static void put_element(void *context, const struct hs_edge *edge) {
    struct hs_exported_object *o = context;
    if (edge->type == HS_EDGE_ELEMENT && edge->to != o->walk->x->hole)
        hs_exported_put_id(o, HS_EDGE_ELEMENT, NULL, edge->index, edge->to);
}

static void put_binding(void *context, const struct hs_edge *edge) {
    struct hs_exported_object *o = context;
    struct hs_exported_private *x = o->walk->x;
    hs_strbuf_clear(&x->other);
    hs_strbuf_printf(&x->other, "bound_argument_%u", edge->index);
    const char *name = hs_names_intern(&x->js->names, x->other.data, x->other.size);
    hs_exported_put_id(o, HS_EDGE_SHORTCUT, name, 0, edge->to);
}

/* 0: it has no such word. */
static hs_tagged word_at(const struct hs_exported_object *o, int64_t offset) {
    const struct hs_v8 *v8 = o->walk->x->js->v8;
    const unsigned size = v8->layout.tagged_size;
    return offset >= 0 && (uint64_t)offset / size < o->view->words ? hs_v8_load(v8, o->view->bytes + offset)
                                                                   : 0;
}

static void put_elements(struct hs_exported_object *o, const struct hs_map *map) {
    struct hs_exported_private *x = o->walk->x;
    o->elements = word_at(o, x->js->v8->layout.object_elements);
    hs_id elements = hs_exported_find(o, o->elements);
    if (elements == HS_ID_NONE || hs_exported_get(x->trivial, elements)) return;
    hs_exported_tag(o, elements, HS_TAG_ELEMENTS);
    uint32_t kind = hs_map_elements_kind(&x->js->v8->layout, map);
    if (kind == PACKED_ELEMENTS || kind == HOLEY_ELEMENTS ||
        hs_js_kind(x->js, o->elements) == HS_KIND_NUMBER_DICTIONARY)
        hs_edges_contents(x->edges, o->id, HS_ROLE_ELEMENTS, elements, put_element, o);
}

/* What V8 tells of an object before its slots. */
static void put_receiver(struct hs_exported_object *o, uint32_t m, const struct hs_map *map) {
    struct hs_exported_private *x = o->walk->x;
    o->properties = word_at(o, x->js->v8->layout.receiver_properties);
    hs_id properties = hs_exported_find(o, o->properties);
    if (properties != HS_ID_NONE) hs_exported_tag(o, properties, HS_TAG_PROPERTIES);
    hs_exported_put_properties(o, m, map);
    o->told = map->inobject_start;
    put_elements(o, map);
    hs_id prototype = hs_exported_find(o, map->prototype);
    if (prototype != HS_ID_NONE) hs_exported_put_id(o, HS_EDGE_PROPERTY, "__proto__", 0, prototype);
}

/* … and what needs them. */
static void put_late(struct hs_exported_object *o) {
    struct hs_exported_private *x = o->walk->x;
    if (o->initial_map != HS_ID_NONE) {
        hs_tagged word;
        hs_addr address = hs_objects_address(x->analysis->objects, o->initial_map) +
                          (hs_addr)x->js->v8->layout.map_prototype;
        hs_id prototype = hs_v8_word(x->js->v8, address, &word) ? hs_exported_find(o, word) : HS_ID_NONE;
        if (prototype != HS_ID_NONE) hs_exported_put_id(o, HS_EDGE_PROPERTY, "prototype", 0, prototype);
    }
    if (o->bindings != HS_ID_NONE) {
        hs_exported_tag(o, o->bindings, HS_TAG_BINDINGS);
        hs_edges_contents(x->edges, o->id, HS_ROLE_BINDINGS, o->bindings, put_binding, o);
    }
}

static bool has_properties(enum hs_kind kind) {
    return hs_kind_is_receiver(kind) && kind != HS_KIND_JS_PROXY && kind != HS_KIND_WASM_OBJECT &&
           kind != HS_KIND_JS_ARRAY_BUFFER && kind != HS_KIND_JS_GLOBAL_PROXY;
}

/* --- WeakMaps */

/* The text by which DevTools and memlab know such edges; equal but for its number in the key's edge and in
 * the table's. */
static void put_part(struct hs_exported_private *x, hs_id id) {
    bool kept;
    hs_addr address = hs_analysis_address(x->analysis, id);
    hs_strbuf_puts(&x->other, hs_exported_name(x, id, address, HS_TAG_NONE, &kept));
    hs_strbuf_printf(&x->other, " @%u", hs_exported_id(x, id, address));
}

static void put_pair(struct hs_exported_object *o, const struct hs_ephemeron *e) {
    struct hs_exported_private *x = o->walk->x;
    if (!hs_exported_get(x->chosen, e->key) || !hs_exported_get(x->chosen, e->value) ||
        !hs_exported_get(x->chosen, e->table) || hs_exported_get(x->trivial, e->key))
        return;
    if (e->table == e->key) { /* V8: the wrapper's C++ object is merged into it, with its edges */
        hs_exported_put_id(o, HS_EDGE_ELEMENT, NULL, o->walk->count + 1, e->value);
        return;
    }
    hs_strbuf_clear(&x->other);
    hs_strbuf_printf(&x->other, "%u / part of key (", o->walk->count + 1);
    put_part(x, e->key);
    hs_strbuf_puts(&x->other, ") -> value (");
    put_part(x, e->value);
    hs_strbuf_printf(&x->other, ") pair in WeakMap (table @%u)",
                     hs_exported_id(x, e->table, hs_analysis_address(x->analysis, e->table)));
    const struct hs_stream_edge edge = {.type = HS_EDGE_INTERNAL,
                                        .form = HS_STREAM_TEXT,
                                        .name = x->other.data,
                                        .to = hs_exported_number(x, e->value)};
    put(o->walk, &edge);
}

static void put_pairs(struct hs_exported_object *o) {
    struct hs_exported_private *x = o->walk->x;
    const struct hs_graph *graph = x->analysis->graph;
    if (hs_graph_is_key(graph, o->id))
        for (uint32_t i = hs_graph_ephemeron_find(graph, o->id);
             i < graph->ephemeron_count && graph->ephemerons[i].key == o->id; i++)
            put_pair(o, &graph->ephemerons[i]);
    if (o->kind != HS_KIND_EPHEMERON_HASH_TABLE) return;
    uint32_t low = 0, high = graph->ephemeron_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (graph->ephemerons[x->tables[middle]].table < o->id) low = middle + 1;
        else high = middle;
    }
    for (; low < graph->ephemeron_count && graph->ephemerons[x->tables[low]].table == o->id; low++)
        put_pair(o, &graph->ephemerons[x->tables[low]]);
}

void hs_exported_object_edges(struct hs_exported_walk *walk, hs_id id, hs_addr address) {
    struct hs_exported_private *x = walk->x;
    struct hs_exported_object o = {.walk = walk,
                                   .id = id,
                                   .address = address,
                                   .told = UINT32_MAX,
                                   .bindings = HS_ID_NONE,
                                   .initial_map = HS_ID_NONE};
    walk->count = 0;
    struct hs_edge_view view;
    if (!hs_edges_view(x->edges, id, &view)) return;
    const struct hs_map map = x->js->maps.items[view.map];
    o.kind = view.kind;
    o.view = &view;
    if (o.kind == HS_KIND_STRING) hs_exported_note_string(x, id, hs_v8_load(x->js->v8, view.bytes));
    if (has_properties(o.kind)) put_receiver(&o, view.map, &map);
    hs_edges_view_slots(x->edges, id, &view, put_slot, &o);
    put_late(&o);
    if (x->analysis->graph->ephemeron_count) put_pairs(&o);
    const struct hs_base_object *base =
        o.kind == HS_KIND_JS_API_OBJECT ? hs_base_objects_get(&x->base, id) : NULL;
    if (base) hs_exported_put(walk, HS_EDGE_INTERNAL, x->base.to_native, 0, hs_exported_base_number(x, base));
}
