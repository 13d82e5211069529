/* What storages hold, named as their owner's. */
#include "graph/edge_file.h"
#include "graph/edge_private.h"

#include "graph/binding.h"
#include "js/property.h"

enum {
    HASH_TABLE_HEADER = 3
}; /* words: elements, deleted, capacity (hash-table.h); ordered: elements, deleted, buckets */

struct contents {
    struct hs_edges *edges;
    struct hs_edge_view view; /* of the storage */
    hs_id storage;
    unsigned t;
    uint32_t data; /* first word behind {map, length} */
    hs_edge_visit *visit;
    void *context;
};

static hs_tagged word_at(const struct contents *c, uint32_t word) {
    return hs_v8_load(c->edges->js->v8, c->view.bytes + (size_t)word * c->t);
}

static void give(const struct contents *c, hs_tagged value, struct hs_edge edge) {
    if ((value & 3) != 1) return;
    edge.to = hs_objects_find(c->edges->objects, hs_untag(value));
    edge.via = c->storage;
    if (edge.to != HS_ID_NONE) c->visit(c->context, &edge);
}

/* Where each word is an element, in order: with targets from the graph if it has them. `fields`: the
 * owner's plan, whose fields they are; NULL: they have no names. */
static void give_elements(const struct contents *c, const struct hs_edge_plan *fields,
                          enum hs_edge_type type) {
    const hs_id *row = hs_edges_row(c->edges, &c->view);
    for (uint32_t w = 0; w < c->view.words; w++) {
        hs_tagged value = word_at(c, w);
        if ((value & 3) != 1) continue;
        hs_id to = row ? *row++ : HS_ID_NONE;
        if (w < c->data) continue;
        uint32_t index = w - c->data;
        const char *name = fields && index < fields->outside_count ? fields->outside[index] : NULL;
        struct hs_edge edge = {.to = row ? to : hs_edges_target(c->edges, value),
                               .via = c->storage,
                               .type = (uint8_t)(name ? HS_EDGE_PROPERTY : type),
                               .name = name,
                               .index = index};
        if (edge.to != HS_ID_NONE) c->visit(c->context, &edge);
    }
}

static void visit_array(const struct contents *c, enum hs_edge_type type) {
    give_elements(c, NULL, type);
}

static void visit_fields(const struct contents *c, hs_id owner) {
    struct hs_edge_view view;
    struct hs_edge_plan *plan =
        hs_edges_view(c->edges, owner, &view) ? hs_edges_plan(c->edges, view.map) : NULL;
    give_elements(c, plan, HS_EDGE_HIDDEN);
}

static void remember_cell(struct hs_edges *edges, const struct hs_js_cell *cell) {
    if (edges->js->v8->layout.property_cell_name == HS_ABSENT && hs_is_pointer(cell->name) &&
        !hs_address_map_put(&edges->cell_names, hs_untag(cell->word), cell->name, NULL))
        edges->js->failed = true;
}

/* The cell is a storage of its own. Until V8 5.5 it does not know its name, which stands beside it. */
static void visit_entry_cell(const struct contents *c, const uint8_t *entry, uint32_t index) {
    struct hs_js_cell cell;
    if (!hs_js_cell_load(c->edges->js->v8, entry, &cell)) return;
    remember_cell(c->edges, &cell);
    give(c, cell.word, (struct hs_edge){.type = HS_EDGE_INTERNAL, .role = HS_ROLE_CELL, .index = index});
}

static void visit_names(const struct contents *c) {
    struct hs_js *js = c->edges->js;
    const struct hs_v8 *v8 = js->v8;
    struct hs_js_dictionary dictionary;
    hs_tagged self = hs_objects_address(c->edges->objects, c->storage) + 1;
    if (!hs_js_dictionary_load(v8, self, c->view.kind == HS_KIND_GLOBAL_DICTIONARY, &dictionary)) return;
    for (uint32_t i = 0; i < dictionary.capacity; i++) {
        const uint8_t *entry = dictionary.entries + (size_t)i * dictionary.stride;
        hs_tagged key = hs_v8_load(v8, entry), value;
        if (dictionary.cells) {
            visit_entry_cell(c, entry, i);
            continue;
        }
        value = hs_v8_load(v8, entry + c->t);
        const char *name = hs_is_pointer(key) ? hs_js_name(js, key) : NULL;
        if (!name) continue;
        give(c, key,
             (struct hs_edge){
                 .type = HS_EDGE_INTERNAL, .index = i, .key = key, .dictionary = true, .is_key = true});
        give(c, value,
             (struct hs_edge){
                 .type = HS_EDGE_PROPERTY, .name = name, .dictionary = true, .index = i, .key = key});
    }
}

/* Reads the names of all cells of a global object, once. */
static void load_cell_names(const struct contents *c, hs_id owner) {
    const struct hs_v8 *v8 = c->edges->js->v8;
    struct hs_js_dictionary dictionary;
    struct hs_js_cell cell;
    if (c->edges->cells_of == owner ||
        !hs_js_dictionary_of(v8, hs_objects_address(c->edges->objects, owner), &dictionary))
        return;
    c->edges->cells_of = owner;
    for (uint32_t i = 0; i < dictionary.capacity && dictionary.cells; i++)
        if (hs_js_cell_load(v8, dictionary.entries + (size_t)i * dictionary.stride, &cell))
            remember_cell(c->edges, &cell);
}

static hs_tagged name_of_cell(const struct contents *c, hs_id owner) {
    hs_addr cell = hs_objects_address(c->edges->objects, c->storage);
    const uint64_t *known = hs_address_map_find(&c->edges->cell_names, cell);
    if (!known) {
        load_cell_names(c, owner);
        known = hs_address_map_find(&c->edges->cell_names, cell);
    }
    return known ? *known : 0;
}

static void visit_cell(const struct contents *c, hs_id owner) {
    const struct hs_layout *l = &c->edges->js->v8->layout;
    bool named = l->property_cell_name != HS_ABSENT;
    uint32_t name = named ? (uint32_t)l->property_cell_name / c->t : 0,
             value = (uint32_t)l->property_cell_value / c->t;
    if (name >= c->view.words || value >= c->view.words) return;
    hs_tagged key = named ? word_at(c, name) : name_of_cell(c, owner);
    if (!key) return;
    give(c, word_at(c, value),
         (struct hs_edge){.type = HS_EDGE_PROPERTY, .name = hs_js_name(c->edges->js, key), .key = key});
}

static bool small_at(const struct contents *c, uint32_t word, uint32_t *ret) {
    const struct hs_layout *l = &c->edges->js->v8->layout;
    if (word >= c->view.words) return false;
    hs_tagged value = word_at(c, word);
    if (!hs_is_smi(l, value) || hs_smi(l, value) < 0 || hs_smi(l, value) > INT32_MAX) return false;
    *ret = (uint32_t)hs_smi(l, value);
    return true;
}

/* ObjectHashTable {elements, deleted, capacity}, then {name, Cell} pairs: what a module exports. The cells
 * stand in an array of the module as well; here they are passed through. */
static void visit_exports(const struct contents *c) {
    struct hs_js *js = c->edges->js;
    uint32_t at = c->data + HASH_TABLE_HEADER;
    for (uint32_t i = 0; at + 2 <= c->view.words; at += 2, i++) {
        hs_tagged key = word_at(c, at), cell = word_at(c, at + 1), value;
        uint16_t type;
        if (!hs_is_pointer(key) || !hs_is_pointer(cell) || hs_js_kind(js, key) != HS_KIND_STRING) continue;
        int32_t number = hs_v8_type_of(js->v8, cell);
        if (number < 0 || !hs_types_find(&js->v8->types, "Cell", &type) || number != type) continue;
        if (!hs_v8_word(js->v8, hs_untag(cell) + c->t, &value) || (value & 3) != 1) continue;
        struct contents inner = *c;
        inner.storage = hs_objects_find(c->edges->objects, hs_untag(cell));
        give(&inner, value,
             (struct hs_edge){.type = HS_EDGE_CONTEXT, .name = hs_js_name(js, key), .index = i});
    }
}

/* The cells of an ES module's variables are passed through. */
static void visit_bound(const struct contents *c, hs_id owner) {
    struct hs_js *js = c->edges->js;
    if (owner >= c->edges->objects->count) return;
    hs_addr module = hs_objects_address(c->edges->objects, owner);
    uint32_t words = hs_objects_words(c->edges->objects, owner);
    for (uint32_t w = c->data; w < c->view.words; w++) {
        hs_tagged cell = word_at(c, w), value;
        if (!hs_binding_value(js, cell, &value) || (value & 3) != 1) continue;
        const char *name = hs_binding_name(js, module, words, cell);
        struct contents inner = *c;
        inner.storage = hs_objects_find(c->edges->objects, hs_untag(cell));
        give(&inner, value,
             (struct hs_edge){
                 .type = name ? HS_EDGE_CONTEXT : HS_EDGE_HIDDEN, .name = name, .index = w - c->data});
    }
}

/* NumberDictionary: header, prefix, then {key, value, details}; the prefix is what is left over. What has no
 * number for a key is no entry: it is empty or was deleted. */
static void visit_numbers(const struct contents *c) {
    uint32_t capacity, length = c->view.words - c->data;
    if (!small_at(c, c->data + 2, &capacity) || capacity > length / 3 ||
        length < HASH_TABLE_HEADER + 3 * capacity)
        return;
    uint32_t at = c->view.words - 3 * capacity;
    for (uint32_t i = 0; i < capacity; i++, at += 3) {
        hs_tagged key = word_at(c, at);
        double index;
        if (!hs_v8_number(c->edges->js->v8, key, &index) || !(index >= 0 && index < UINT32_MAX)) continue;
        give(c, word_at(c, at + 1),
             (struct hs_edge){.type = HS_EDGE_ELEMENT, .index = (uint32_t)index, .key = key});
    }
}

/* OrderedHashMap {count, deleted, buckets}, bucket heads, then {key, value, chain}; a set's entries are {key,
 * chain}. */
static void visit_ordered(const struct contents *c) {
    bool map = c->view.kind == HS_KIND_ORDERED_HASH_MAP;
    uint32_t count, deleted, buckets, entry = map ? 3 : 2;
    if (!small_at(c, c->data, &count) || !small_at(c, c->data + 1, &deleted) ||
        !small_at(c, c->data + 2, &buckets))
        return;
    uint32_t room = c->view.words - c->data - HASH_TABLE_HEADER;
    if (buckets > room) return;
    uint32_t entries = (room - buckets) / entry, at = c->data + HASH_TABLE_HEADER + buckets;
    if (deleted <= entries && count <= entries - deleted) entries = count + deleted;
    for (uint32_t i = 0; i < entries; i++, at += entry) {
        hs_tagged key = word_at(c, at);
        if (map) {
            give(c, word_at(c, at + 1), (struct hs_edge){.type = HS_EDGE_INTERNAL, .index = i, .key = key});
            give(c, key, (struct hs_edge){.type = HS_EDGE_INTERNAL, .index = i, .key = key, .is_key = true});
        } else {
            give(c, key, (struct hs_edge){.type = HS_EDGE_ELEMENT, .index = i});
        }
    }
}

/* A context's own slots, without those that belong to V8. */
static void give_variable(void *context, const struct hs_edge *edge) {
    const struct contents *c = context;
    struct hs_edge own = *edge;
    own.via = c->storage;
    if (edge->role == HS_ROLE_MAP || edge->index == 0 || edge->type == HS_EDGE_WEAK) return;
    c->visit(c->context, &own);
}

/* What an array is by what it is to its owner: until V8 6.2 types do not tell tables from arrays, until 6.0
 * neither what holds properties. */
static enum hs_kind kind_by_role(struct hs_edges *edges, hs_id owner, enum hs_edge_role role) {
    const struct hs_layout *l = &edges->js->v8->layout;
    struct hs_edge_view view;
    if (!hs_edges_view(edges, owner, &view)) return HS_KIND_FIXED_ARRAY;
    struct hs_map map = edges->js->maps.items[view.map];
    if (!hs_kind_is_receiver((enum hs_kind)map.kind)) return HS_KIND_FIXED_ARRAY;
    if (role == HS_ROLE_PROPERTIES && !hs_map_is_dictionary(l, &map)) return HS_KIND_PROPERTY_ARRAY;
    if (!l->tables_untyped) return HS_KIND_FIXED_ARRAY;
    if (role == HS_ROLE_PROPERTIES)
        return map.kind == HS_KIND_JS_GLOBAL_OBJECT ? HS_KIND_GLOBAL_DICTIONARY : HS_KIND_NAME_DICTIONARY;
    if (role == HS_ROLE_ELEMENTS && (int32_t)hs_map_elements_kind(l, &map) == l->elements_dictionary)
        return HS_KIND_NUMBER_DICTIONARY;
    if (role == HS_ROLE_TABLE && map.kind == HS_KIND_JS_MAP) return HS_KIND_ORDERED_HASH_MAP;
    if (role == HS_ROLE_TABLE && map.kind == HS_KIND_JS_SET) return HS_KIND_ORDERED_HASH_SET;
    return HS_KIND_FIXED_ARRAY;
}

/* Of a storage of the heap that has been looked at. */
static void give_contents(struct hs_edges *edges, hs_id owner, enum hs_edge_role role,
                          const struct hs_edge_view *view, hs_edge_visit *visit, void *context) {
    const struct hs_layout *l = &edges->js->v8->layout;
    struct contents c = {.edges = edges,
                         .view = *view,
                         .storage = view->id,
                         .t = l->tagged_size,
                         .visit = visit,
                         .context = context};
    c.data = (uint32_t)l->fixed_array_data / c.t;
    if (c.view.words < c.data) return;
    if (c.view.kind == HS_KIND_FIXED_ARRAY) c.view.kind = kind_by_role(edges, owner, role);
    switch (c.view.kind) {
    case HS_KIND_PROPERTY_ARRAY:
        visit_fields(&c, owner);
        return;
    case HS_KIND_NAME_DICTIONARY:
    case HS_KIND_GLOBAL_DICTIONARY:
        visit_names(&c);
        return;
    case HS_KIND_NUMBER_DICTIONARY:
        visit_numbers(&c);
        return;
    case HS_KIND_ORDERED_HASH_MAP:
    case HS_KIND_ORDERED_HASH_SET:
        visit_ordered(&c);
        return;
    case HS_KIND_PROPERTY_CELL:
        visit_cell(&c, owner);
        return;
    case HS_KIND_CONTEXT:
        hs_edges_view_slots(edges, c.storage, &c.view, give_variable, &c);
        return;
    case HS_KIND_FIXED_ARRAY:
        if (role == HS_ROLE_EXPORTS) visit_exports(&c);
        else if (role == HS_ROLE_BOUND) visit_bound(&c, owner);
        else visit_array(&c, role == HS_ROLE_ELEMENTS ? HS_EDGE_ELEMENT : HS_EDGE_INTERNAL);
        return;
    default:
        return;
    }
}

void hs_edges_contents(struct hs_edges *edges, hs_id owner, enum hs_edge_role role, hs_id storage,
                       hs_edge_visit *visit, void *context) {
    struct hs_edge_view view;
    if (edges->file) hs_edge_file_contents(edges, owner, role, storage, visit, context);
    else if (hs_edges_view(edges, storage, &view)) give_contents(edges, owner, role, &view, visit, context);
}

/* --- folded */

struct folding {
    struct hs_edges *edges;
    const struct hs_edge_walk *walk;
    hs_id owner, next; /* next: the context around the one being read */
};

static void fold(void *context, const struct hs_edge *edge);

static bool is_storage(enum hs_kind kind) {
    switch (kind) {
    case HS_KIND_PROPERTY_ARRAY:
    case HS_KIND_NAME_DICTIONARY:
    case HS_KIND_GLOBAL_DICTIONARY:
    case HS_KIND_NUMBER_DICTIONARY:
    case HS_KIND_ORDERED_HASH_MAP:
    case HS_KIND_ORDERED_HASH_SET:
    case HS_KIND_PROPERTY_CELL:
    case HS_KIND_CONTEXT:
    case HS_KIND_FIXED_ARRAY:
    case HS_KIND_FIXED_DOUBLE_ARRAY:
    case HS_KIND_BYTE_ARRAY:
        return true;
    default:
        return false;
    }
}

/* Contents of a storage that the caller has not refused; what is no storage we know is a node like others. */
static void enter(struct folding *f, const struct hs_edge *edge) {
    struct hs_edge_view view;
    enum hs_edge_role role = (enum hs_edge_role)edge->role;
    hs_id *known = &f->edges->storages[edge->to % HS_EDGES_PLACES];
    if (*known == edge->to) {
        if (f->walk->claim(f->walk->context, edge->to, role))
            hs_edges_contents(f->edges, f->owner, role, edge->to, fold, f);
    } else if (!hs_edges_view(f->edges, edge->to, &view) || !is_storage(view.kind)) {
        f->walk->visit(f->walk->context, edge);
    } else {
        *known = edge->to;
        if (f->walk->claim(f->walk->context, edge->to, role))
            give_contents(f->edges, f->owner, role, &view, fold, f);
    }
}

/* Depth is bounded: object -> dictionary -> cell; contexts around contexts are left to the caller's loop. */
static void fold(void *context, const struct hs_edge *edge) {
    struct folding *f = context;
    if (edge->type == HS_EDGE_WEAK) return;
    if (edge->role == HS_ROLE_PREVIOUS) f->next = edge->to;
    else if (hs_role_is_storage((enum hs_edge_role)edge->role) &&
             (edge->via == HS_ID_NONE || edge->role == HS_ROLE_CELL))
        enter(f, edge);
    else f->walk->visit(f->walk->context, edge);
}

void hs_edges_folded(struct hs_edges *edges, hs_id id, const struct hs_edge_walk *walk) {
    if (edges->file) {
        hs_edge_file_folded(edges, id, walk);
        return;
    }
    struct folding f = {.edges = edges, .walk = walk, .owner = id, .next = HS_ID_NONE};
    hs_edges_slots(edges, id, fold, &f);
    /* Each context is claimed once, so a chain that is a cycle ends. */
    while (f.next != HS_ID_NONE) {
        struct hs_edge edge = {.to = f.next,
                               .via = HS_ID_NONE,
                               .type = HS_EDGE_INTERNAL,
                               .role = HS_ROLE_PREVIOUS,
                               .name = "previous"};
        f.next = HS_ID_NONE;
        enter(&f, &edge);
    }
}
