#include "graph/edge_file.h"
#include "graph/edge_private.h"

#include <stdlib.h>
#include <string.h>

#include "graph/binding.h"
#include "graph/embedded.h"
#include "graph/graph_private.h"
#include "js/function.h"
#include "js/node.h"
#include "js/property.h"
#include "v8/weak.h"

struct hs_error *hs_edges_create(struct hs_js *js, const struct hs_objects *objects,
                                 const struct hs_graph *graph, struct hs_edges **ret) {
    struct hs_edges *edges = calloc(1, sizeof *edges);
    if (!edges) return HS_ENOMEM;
    edges->js = js;
    edges->objects = objects;
    edges->graph = graph;
    edges->cells_of = HS_ID_NONE;
    edges->empty_scope_info = hs_v8_root(js->v8, 0, "empty_scope_info");
    for (unsigned i = 0; i < HS_EDGES_PLACES; i++) edges->places[i].id = edges->storages[i] = HS_ID_NONE;
    edges->dispatch = &graph->dispatch;
    if (!graph->dispatch.bases) {
        struct hs_error *error = hs_dispatch_find(objects, &edges->own);
        if (error) {
            free(edges);
            return error;
        }
        edges->dispatch = &edges->own;
    }
    if (!hs_edges_find_places(edges)) {
        hs_edges_destroy(edges);
        return HS_ENOMEM;
    }
    *ret = edges;
    return NULL;
}

void hs_edges_destroy(struct hs_edges *edges) {
    if (!edges) return;
    free(edges->plans);
    free(edges->page_of);
    free(edges->block_of);
    free(edges->stamps);
    hs_dispatch_deinit(&edges->own);
    hs_address_map_deinit(&edges->locals);
    hs_address_map_deinit(&edges->cell_names);
    free(edges);
}

/* Own properties of a fast map go to slots of the object or of its PropertyArray. */
static void plan_properties(struct hs_edges *edges, const struct hs_map *map, struct hs_edge_plan *plan) {
    const struct hs_layout *l = &edges->js->v8->layout;
    struct hs_js_properties it;
    struct hs_js_property property;
    if (hs_map_is_dictionary(l, map)) return;
    uint32_t inobject =
        map->instance_words > map->inobject_start ? (uint32_t)(map->instance_words - map->inobject_start) : 0;
    hs_js_properties_begin(edges->js, 0, map, &it);
    if (it.count > inobject)
        plan->outside = hs_js_alloc(edges->js, (it.count - inobject) * sizeof *plan->outside);
    if (plan->outside) plan->outside_count = it.count - inobject;
    while (hs_js_properties_next(&it, &property)) {
        if (hs_js_property_is_constant(&it, &property)) continue;
        uint32_t field = hs_js_property_field(&it, &property);
        const char *name = hs_js_name(edges->js, property.key);
        if (field < inobject)
            plan->slots[map->inobject_start + field] =
                (struct hs_slot_name){name, HS_EDGE_PROPERTY, HS_ROLE_VALUE, false};
        else if (field - inobject < plan->outside_count) plan->outside[field - inobject] = name;
    }
}

static uint8_t naming_of(enum hs_kind kind) {
    switch (kind) {
    case HS_KIND_FIXED_ARRAY:
    case HS_KIND_NAME_DICTIONARY:
    case HS_KIND_GLOBAL_DICTIONARY:
    case HS_KIND_NUMBER_DICTIONARY:
    case HS_KIND_ORDERED_HASH_MAP:
    case HS_KIND_ORDERED_HASH_SET:
    case HS_KIND_EPHEMERON_HASH_TABLE:
    case HS_KIND_PROPERTY_ARRAY:
    case HS_KIND_WEAK_FIXED_ARRAY:
    case HS_KIND_WEAK_ARRAY_LIST:
    case HS_KIND_ARRAY_LIST:
    case HS_KIND_TRANSITION_ARRAY:
    case HS_KIND_DESCRIPTOR_ARRAY:
    case HS_KIND_OBJECT_BOILERPLATE:
    case HS_KIND_CLOSURE_FEEDBACK_CELL_ARRAY:
        return HS_NAMING_INDEXED;
    case HS_KIND_CONTEXT:
        return HS_NAMING_CONTEXT;
    default:
        return HS_NAMING_PLANNED;
    }
}

/* Where an array's elements begin, and whether V8 says which is which. */
static void plan_elements(const struct hs_v8 *v8, const struct hs_map *map, struct hs_edge_plan *plan) {
    const struct hs_layout *l = &v8->layout;
    plan->data = (uint8_t)((uint32_t)l->fixed_array_data / l->tagged_size);
    switch ((enum hs_kind)map->kind) {
    case HS_KIND_DESCRIPTOR_ARRAY:
        plan->data = (uint8_t)((uint32_t)l->descriptors_header / l->tagged_size);
        return;
    case HS_KIND_WEAK_ARRAY_LIST:
        plan->data++; /* capacity and length */
        return;
    case HS_KIND_WEAK_FIXED_ARRAY:
        plan->ours = strcmp(hs_types_name(&v8->types, map->type), "WeakFixedArray") != 0;
        return;
    case HS_KIND_TRANSITION_ARRAY: /* told as any weak array until there was more to tell of shapes */
        plan->ours = l->snapshot_object_shapes;
        return;
    default:
        plan->ours = !hs_js_is_fixed_array(v8, map);
    }
}

enum { FIXED_PART = 8 }; /* words of an object of variable size that may have names */

static struct hs_edge_plan *make_plan(struct hs_edges *edges, uint32_t m) {
    struct hs_js *js = edges->js;
    struct hs_map map = js->maps.items[m];
    struct hs_edge_plan *plan = hs_js_alloc(js, sizeof *plan);
    if (!plan) return NULL;
    plan->naming = naming_of((enum hs_kind)map.kind);
    plan->by_target = hs_slot_names_by_target((enum hs_kind)map.kind);
    plan->module =
        map.kind == HS_KIND_OTHER && strcmp(hs_types_name(&js->v8->types, map.type), "SourceTextModule") == 0;
    plan->count = map.instance_words ? map.instance_words : FIXED_PART;
    if (plan->naming != HS_NAMING_PLANNED) plan->count = 1;
    if (plan->naming == HS_NAMING_INDEXED) plan_elements(js->v8, &map, plan);
    plan->slots = hs_js_alloc(js, plan->count * sizeof *plan->slots);
    if (!plan->slots) return NULL;
    for (uint32_t w = 0; w < plan->count; w++) plan->slots[w] = hs_slot_name_planned(js->v8, &map, w);
    bool receiver = hs_kind_is_receiver((enum hs_kind)map.kind) && map.kind != HS_KIND_WASM_OBJECT &&
                    map.kind != HS_KIND_JS_PROXY;
    if (receiver) plan_properties(edges, &map, plan);
    /* Between header and first property, an object of the embedder has its internal fields; V8 numbers them
     * from 0. */
    if (map.kind == HS_KIND_JS_API_OBJECT)
        for (uint32_t w = 3; w < map.inobject_start && w < plan->count; w++)
            plan->slots[w].type = HS_EDGE_INTERNAL;
    return plan;
}

struct hs_edge_plan *hs_edges_plan(struct hs_edges *edges, uint32_t m) {
    if (m >= edges->plan_count) {
        uint32_t count = m + 1 > 2 * edges->plan_count ? m + 1 : 2 * edges->plan_count;
        struct hs_edge_plan **grown = realloc(edges->plans, count * sizeof *grown);
        if (!grown) {
            edges->js->failed = true;
            return NULL;
        }
        for (uint32_t i = edges->plan_count; i < count; i++) grown[i] = NULL;
        edges->plans = grown;
        edges->plan_count = count;
    }
    if (!edges->plans[m]) edges->plans[m] = make_plan(edges, m);
    return edges->plans[m];
}

const struct hs_locals *hs_edges_locals(struct hs_edges *edges, hs_tagged scope_info) {
    static const struct hs_locals none;
    if (!hs_is_pointer(scope_info)) return &none;
    /* Until V8 6.7 a context names its closure instead, whose function has it (in 6.7 where the name was). */
    hs_tagged shared = hs_js_function_shared(edges->js, scope_info), own;
    const struct hs_layout *l = &edges->js->v8->layout;
    int32_t offset = l->shared_scope_info != HS_ABSENT ? l->shared_scope_info : l->shared_name;
    if (shared && hs_v8_word(edges->js->v8, hs_untag(shared) + (hs_addr)offset, &own)) scope_info = own;
    const uint64_t *known = hs_address_map_find(&edges->locals, hs_untag(scope_info));
    if (known) return (const struct hs_locals *)(uintptr_t)*known;
    struct hs_locals *locals = hs_js_alloc(edges->js, sizeof *locals);
    if (!locals) return &none;
    hs_locals_load(edges->js, scope_info, locals);
    if (!hs_address_map_put(&edges->locals, hs_untag(scope_info), (uint64_t)(uintptr_t)locals, NULL))
        edges->js->failed = true;
    return locals;
}

/* --- slots */

struct naming {
    struct hs_edges *edges;
    const struct hs_edge_plan *plan;
    const struct hs_locals *locals; /* of a context */
    uint32_t words;
    enum hs_kind kind;
    uint32_t map;  /* index of js->maps */
    bool baseline; /* machine code made from bytecode alone */
    bool builtin;  /* a context of a function of V8's own */
};

/* {scope_info, previous, [extension], locals …, [the function]}; until V8 6.7 {closure, previous, extension,
 * native context or global object, …}. `value` stands there. */
static void name_context_slot(const struct naming *n, uint32_t index, hs_tagged value, struct hs_edge *edge) {
    const struct hs_locals *locals = n->locals;
    const uint32_t slots = n->words - 2;
    uint32_t behind = locals->function_variable, known = locals->count + behind;
    uint32_t header = n->builtin                                 ? 2
                      : slots >= known + 2 && slots <= known + 4 ? slots - known
                      : locals->count && slots > known + 3       ? 3
                                                                 : 2; /* builtins' contexts name nothing */
    enum hs_kind target = index < header && index != 1 ? hs_js_kind(n->edges->js, value) : HS_KIND_UNKNOWN;
    edge->type = HS_EDGE_INTERNAL;
    if (index == 0) edge->name = target == HS_KIND_JS_FUNCTION ? "closure" : "scope_info";
    else if (index == 1) {
        edge->name = "previous";
        edge->role = HS_ROLE_PREVIOUS;
    } else if (index < header && target == HS_KIND_NATIVE_CONTEXT) edge->name = "native_context";
    else if (index < header && target == HS_KIND_JS_GLOBAL_OBJECT) edge->name = "global";
    else if (index < header) edge->name = "extension";
    else if (index - header < locals->count && locals->names[index - header] &&
             *locals->names[index - header]) {
        edge->name = locals->names[index - header];
        edge->type = HS_EDGE_CONTEXT;
    } else edge->type = HS_EDGE_HIDDEN;
    edge->ours = edge->type == HS_EDGE_HIDDEN;
}

static struct hs_slot_name name_by_target(const struct naming *n, uint32_t word, hs_tagged value) {
    struct hs_map target;
    if (n->kind != HS_KIND_CODE) return hs_slot_name_by_target(n->kind, hs_js_kind(n->edges->js, value));
    if (!hs_js_map(n->edges->js, value, &target)) return (struct hs_slot_name){0};
    return hs_slot_name_of_code(n->edges->js->v8, &n->edges->js->maps.items[n->map], &target, word,
                                n->baseline);
}

/* It names its bytecode, or what stands for it, among its first words. */
static bool is_baseline(const struct hs_edges *edges, const struct hs_edge_view *view) {
    const struct hs_v8 *v8 = edges->js->v8;
    for (uint32_t w = 1; w < 3 && w < view->words; w++)
        if (hs_js_kind(edges->js, hs_v8_load(v8, view->bytes + (size_t)w * v8->layout.tagged_size)) ==
            HS_KIND_BYTECODE_ARRAY)
            return true;
    return false;
}

static void name_slot(const struct naming *n, uint32_t word, hs_tagged value, struct hs_edge *edge) {
    struct hs_slot_name name = {0};
    edge->index = word;
    if (word < n->plan->count) name = n->plan->slots[word];
    else if (n->plan->naming == HS_NAMING_INDEXED && word >= n->plan->data) {
        edge->index = word - n->plan->data;
        edge->type = HS_EDGE_INTERNAL;
        edge->ours = n->plan->ours;
        return;
    } else if (n->plan->naming == HS_NAMING_CONTEXT && word >= 2) {
        edge->index = word - 2;
        name_context_slot(n, word - 2, value, edge);
        return;
    }
    if (!name.name && name.type != HS_EDGE_INTERNAL) {
        if (n->plan->by_target || n->kind == HS_KIND_CODE) name = name_by_target(n, word, value);
    } else if (!name.name) { /* an embedder's field */
        edge->index = word - 3;
        edge->type = HS_EDGE_INTERNAL;
        return;
    }
    if (n->plan->module && !name.name && hs_binding_is_array(n->edges->js, value))
        name = (struct hs_slot_name){"bindings", HS_EDGE_INTERNAL, HS_ROLE_BOUND, true};
    edge->name = name.name;
    edge->type = name.name ? name.type : HS_EDGE_HIDDEN;
    edge->role = name.role;
    edge->ours = name.ours || !name.name;
}

/* EphemeronHashTable: V8 shows keys and values as weak. */
static void visit_ephemerons(struct hs_edges *edges, const struct hs_edge_view *view, hs_edge_visit *visit,
                             void *context) {
    const struct hs_v8 *v8 = edges->js->v8;
    unsigned t = v8->layout.tagged_size;
    for (uint32_t w = (uint32_t)v8->layout.fixed_array_data / t; w < view->words; w++) {
        hs_tagged value = hs_v8_load(v8, view->bytes + (size_t)w * t);
        hs_id to = hs_is_pointer(value) ? hs_objects_find(edges->objects, hs_untag(value)) : HS_ID_NONE;
        if (to == HS_ID_NONE) continue;
        struct hs_edge edge = {.to = to,
                               .via = HS_ID_NONE,
                               .type = HS_EDGE_WEAK,
                               .index = w - (uint32_t)v8->layout.fixed_array_data / t};
        visit(context, &edge);
    }
}

static void visit_embedded(struct hs_edges *edges, const struct hs_edge_view *view, uint32_t end,
                           hs_edge_visit *visit, void *context) {
    unsigned t = edges->js->v8->layout.tagged_size;
    uint64_t offset = (uint64_t)end * t, size = (uint64_t)view->words * t;
    bool weak;
    for (hs_id to;
         (to = hs_embedded_next(edges->objects, view->bytes, size, &offset, &weak)) != HS_ID_NONE;) {
        struct hs_edge edge = {.to = to,
                               .via = HS_ID_NONE,
                               .type = weak ? HS_EDGE_WEAK : HS_EDGE_HIDDEN,
                               .ours = true,
                               .index = (uint32_t)(offset / t)};
        visit(context, &edge);
    }
}

void hs_edges_slots(struct hs_edges *edges, hs_id id, hs_edge_visit *visit, void *context) {
    if (edges->file) {
        hs_edge_file_slots(edges, id, visit, context);
        return;
    }
    struct hs_edge_view view;
    if (hs_edges_view(edges, id, &view)) hs_edges_view_slots(edges, id, &view, visit, context);
}

void hs_edges_view_slots(struct hs_edges *edges, hs_id id, const struct hs_edge_view *of,
                         hs_edge_visit *visit, void *context) {
    const struct hs_v8 *v8 = edges->js->v8;
    const struct hs_edge_view view = *of;
    unsigned t = v8->layout.tagged_size;
    struct naming n = {.edges = edges,
                       .plan = hs_edges_plan(edges, view.map),
                       .words = view.words,
                       .kind = view.kind,
                       .map = view.map,
                       .baseline = view.kind == HS_KIND_CODE && is_baseline(edges, &view)};
    if (!n.plan) return;
    if (n.plan->naming == HS_NAMING_CONTEXT && view.words > 2) {
        hs_tagged scope_info = hs_v8_load(v8, view.bytes + 2 * t);
        n.locals = hs_edges_locals(edges, scope_info);
        n.builtin = scope_info == edges->empty_scope_info;
    }
    uint32_t end = hs_graph_body_end(v8, &edges->js->maps.items[view.map], view.words);
    struct hs_weak_slots weak = hs_v8_weak_slots(v8, view.kind, view.words);
    const hs_id *row = hs_edges_row(edges, &view);
    for (uint32_t w = 0; w < end; w++) {
        hs_tagged value = hs_v8_load(v8, view.bytes + (size_t)w * t);
        if (!hs_is_pointer(value) || hs_map_is_raw(&edges->js->maps.items[view.map], w)) continue;
        bool is_weak = (value & 3) == 3 || (w >= weak.first && w < weak.end);
        hs_id to = row && !is_weak ? *row++ : hs_edges_target(edges, value);
        if (to == HS_ID_NONE) continue;
        struct hs_edge edge = {.to = to, .via = HS_ID_NONE};
        name_slot(&n, w, value, &edge);
        if (is_weak) edge.type = HS_EDGE_WEAK, edge.role = HS_ROLE_VALUE;
        visit(context, &edge);
    }
    if (view.kind == HS_KIND_EPHEMERON_HASH_TABLE) visit_ephemerons(edges, &view, visit, context);
    if (view.kind == HS_KIND_CODE && end < view.words) visit_embedded(edges, &view, end, visit, context);
    hs_id code = view.kind == HS_KIND_JS_FUNCTION && view.words > 3
                     ? hs_dispatch_code(edges->dispatch, edges->objects, view.isolate, view.bytes, view.words)
                     : HS_ID_NONE;
    if (code != HS_ID_NONE) {
        struct hs_edge edge = {.to = code, .via = HS_ID_NONE, .type = HS_EDGE_INTERNAL, .name = "code"};
        visit(context, &edge);
    }
    const struct hs_graph *graph = edges->graph;
    bool holds = view.kind == HS_KIND_JS_ARRAY_BUFFER || view.kind == HS_KIND_STRING;
    hs_id store = holds ? hs_graph_store_of(graph, id) : HS_ID_NONE;
    if (store != HS_ID_NONE) {
        struct hs_edge edge = {.to = store,
                               .via = HS_ID_NONE,
                               .type = HS_EDGE_INTERNAL,
                               .name = view.kind == HS_KIND_STRING ? "characters" : "backing_store"};
        visit(context, &edge);
    }
}
