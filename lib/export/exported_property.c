/* The properties of an object that its slots do not tell (V8HeapExplorer::ExtractPropertyReferences). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "export/exported_pass.h"
#include "js/property.h"

static void put_named(struct hs_exported_object *o, const char *name, hs_id to) {
    hs_exported_put_id(o, *name ? HS_EDGE_PROPERTY : HS_EDGE_INTERNAL, name, 0, to);
}

/* An accessor has three edges: to the pair, to its getter and to its setter. V8's own accessors (an array's
 * length) have none. A symbol's name is not varied. */
static void put_accessor(struct hs_exported_object *o, const char *name, bool symbol, hs_id pair) {
    static const char *const prefixes[] = {"get ", "set "};
    struct hs_exported_private *x = o->walk->x;
    if (hs_exported_kind(o, pair) != HS_KIND_ACCESSOR_PAIR) return;
    hs_addr address = hs_objects_address(x->analysis->objects, pair);
    put_named(o, name, pair);
    for (unsigned i = 0; i < 2; i++) {
        hs_tagged word;
        hs_id to = hs_v8_word(x->js->v8, address + (hs_addr)(i + 1) * x->js->v8->layout.tagged_size, &word)
                       ? hs_exported_find(o, word)
                       : HS_ID_NONE;
        if (to == HS_ID_NONE || hs_exported_get(x->trivial, to)) continue;
        const char *full = symbol ? name : "";
        if (!symbol) {
            hs_strbuf_clear(&x->other);
            hs_strbuf_printf(&x->other, "%s%s", prefixes[i], name);
            full = hs_names_intern(&x->js->names, x->other.data, x->other.size);
        }
        hs_exported_put_id(o, HS_EDGE_PROPERTY, full, 0, to);
    }
}

/* --- small integers */

enum {
    INTEGERS_MAX = 8192,
    INTEGER_PLACE = 64
}; /* place: of the first one in the part of the ids that is for synthetic nodes */

static uint64_t integer_key(int64_t value) {
    return (uint64_t)value + (UINT64_C(1) << 40);
}

uint32_t hs_exported_integer_number(const struct hs_exported_private *x, int64_t value) {
    const struct hs_exported_integers *integers = x->integers;
    uint64_t *known = x->options.redact ? NULL : hs_address_map_find(&integers->indexes, integer_key(value));
    return integers->first + 2 * (known ? (uint32_t)*known : integers->count);
}

/* Once to each batch's thread: chunks of a thread ascend, so the first to tell a value is in time. One more
 * than there is room for is enough: then others have no node of their own. */
static void note_integer(struct hs_exported_private *x, int64_t value) {
    struct hs_exported_batch *batch = x->batch;
    if (x->met.count > (x->options.redact ? 0 : INTEGERS_MAX)) return;
    bool fresh = false;
    if (!hs_address_map_put(&x->met, integer_key(value), 0, &fresh)) x->js->failed = true;
    if (!fresh) return;
    if (batch->integer_count == batch->integer_capacity) {
        size_t capacity = batch->integer_capacity ? 2 * batch->integer_capacity : 256;
        int64_t *grown = realloc(batch->integers, capacity * sizeof *grown);
        if (!grown) {
            x->js->failed = true;
            return;
        }
        batch->integers = grown;
        batch->integer_capacity = capacity;
    }
    batch->integers[batch->integer_count++] = value;
}

struct hs_error *hs_exported_take_integers(struct hs_exported_private *x,
                                           const struct hs_exported_batch *batch) {
    struct hs_exported_integers *integers = x->integers;
    if (!integers->values) integers->values = malloc(INTEGERS_MAX * sizeof *integers->values);
    if (!integers->values) return HS_ENOMEM;
    for (size_t i = 0; i < batch->integer_count; i++) {
        uint64_t key = integer_key(batch->integers[i]);
        bool fresh = false;
        if (x->options.redact ||
            (integers->count == INTEGERS_MAX && !hs_address_map_find(&integers->indexes, key)))
            integers->anonymous = true;
        else if (!hs_address_map_put(&integers->indexes, key, integers->count, &fresh)) return HS_ENOMEM;
        else if (fresh) integers->values[integers->count++] = batch->integers[i];
    }
    return NULL;
}

static void put_integer(struct hs_exported_object *o, const char *name, hs_tagged word) {
    struct hs_exported_private *x = o->walk->x;
    if (!x->options.numbers) return;
    int64_t value = hs_smi(&x->js->v8->layout, word);
    note_integer(x, value);
    hs_exported_put_smi(o->walk, name, value);
}

struct hs_error *hs_exported_put_integers(struct hs_exported_private *x, hs_exported_node_visit *visit,
                                          void *context) {
    char text[24];
    uint32_t nodes = hs_exported_integer_nodes(x);
    for (uint32_t i = 0; i < nodes; i++) {
        struct hs_exported_node node = {.kept = true,
                                        .name = "smi number",
                                        .type = HS_NODE_NUMBER,
                                        .edge_count = i / 2 < x->integers->count};
        node.id = x->ranked ? 2 * (x->integers->first + i) + 1 : 2 * (INTEGER_PLACE + i) + 1;
        if (i & 1) {
            int size = snprintf(text, sizeof text, "%" PRId64, x->integers->values[i / 2]);
            node = (struct hs_exported_node){
                .name = text, .hash = XXH3_64bits(text, (size_t)size), .type = HS_NODE_STRING, .id = node.id};
        }
        HS_TRY(visit(context, &node, 1));
    }
    return NULL;
}

/* --- by map */

static const struct hs_exported_shape none;

/* Representation of a field in its PropertyDetails (property-details.h; not moved between V8 10 and 14). */
enum { REPRESENTATION_SHIFT = 6, REPRESENTATION_MASK = 7, REPRESENTATION_SMI = 1, REPRESENTATION_DOUBLE = 2 };

static const struct hs_exported_shape *load_shape(struct hs_exported_object *o, const struct hs_map *map) {
    struct hs_js *js = o->walk->x->js;
    const struct hs_layout *l = &js->v8->layout;
    struct hs_js_properties it;
    struct hs_js_property property;
    hs_tagged value;
    hs_js_properties_begin(js, 0, map, &it);
    struct hs_exported_shape *shape = hs_js_alloc(js, sizeof *shape);
    if (!shape || it.mode != HS_JS_FAST || !it.count) return shape;
    shape->items = hs_js_alloc(js, it.count * sizeof *shape->items);
    if (!shape->items) return NULL;
    uint32_t inobject =
        map->instance_words > map->inobject_start ? (uint32_t)(map->instance_words - map->inobject_start) : 0;
    while (hs_js_properties_next(&it, &property)) {
        struct hs_exported_property item = {.name = hs_js_name(js, property.key),
                                            .to = HS_ID_NONE,
                                            .symbol = hs_js_kind(js, property.key) == HS_KIND_SYMBOL};
        if (!item.name) continue;
        if (hs_js_property_is_constant(&it, &property)) {
            if (!hs_js_property_value(&it, &property, &value) ||
                (item.to = hs_exported_find(o, value)) == HS_ID_NONE)
                continue;
            item.accessor = hs_js_property_is_accessor(js, &property);
            if (item.accessor && hs_js_kind(js, value) != HS_KIND_ACCESSOR_PAIR) continue; /* V8's own */
        } else {
            uint32_t field = hs_js_property_field(&it, &property);
            item.outside = field >= inobject;
            item.word = item.outside ? field - inobject + (uint32_t)l->property_array_data / l->tagged_size
                                     : field + map->inobject_start;
            uint32_t representation = property.details >> REPRESENTATION_SHIFT & REPRESENTATION_MASK;
            if (!o->walk->x->options.numbers &&
                (representation == REPRESENTATION_SMI || representation == REPRESENTATION_DOUBLE))
                continue;
        }
        shape->items[shape->count++] = item;
    }
    return shape;
}

static const struct hs_exported_shape *shape_of(struct hs_exported_object *o, uint32_t m,
                                                const struct hs_map *map) {
    struct hs_exported_private *x = o->walk->x;
    if (m >= x->shape_count) {
        uint32_t count = m + 1 > 2 * x->shape_count ? m + 1 : 2 * x->shape_count;
        struct hs_exported_shape **grown = realloc(x->shapes, count * sizeof *grown);
        if (!grown) {
            x->js->failed = true;
            return &none;
        }
        memset(grown + x->shape_count, 0, (count - x->shape_count) * sizeof *grown);
        x->shapes = grown;
        x->shape_count = count;
    }
    if (!x->shapes[m]) x->shapes[m] = (struct hs_exported_shape *)(uintptr_t)load_shape(o, map);
    return x->shapes[m] ? x->shapes[m] : &none;
}

/* Tagged words of the object at `address`, NULL if it is not there. */
static const uint8_t *words_of(const struct hs_exported_private *x, hs_addr address, hs_id id,
                               uint32_t *count_ret) {
    if (id >= x->analysis->objects->count) return NULL;
    *count_ret = hs_objects_words(x->analysis->objects, id);
    return hs_pages_ptr(&x->js->v8->pages, address, (uint64_t)*count_ret * x->js->v8->layout.tagged_size);
}

/* In the order of the descriptors: DevTools names plain objects by their properties, in their order. */
static void put_shape(struct hs_exported_object *o, const struct hs_exported_shape *shape) {
    const struct hs_exported_private *x = o->walk->x;
    const struct hs_layout *l = &x->js->v8->layout;
    const uint32_t inside_count = o->view->words;
    uint32_t outside_count = 0;
    if (!shape->count) return;
    const uint8_t *inside = o->view->bytes, *outside = NULL;
    if (hs_is_pointer(o->properties) && hs_js_kind(x->js, o->properties) == HS_KIND_PROPERTY_ARRAY)
        outside = words_of(x, hs_untag(o->properties), hs_exported_find(o, o->properties), &outside_count);
    for (uint32_t i = 0; i < shape->count; i++) {
        const struct hs_exported_property *item = &shape->items[i];
        if (item->to != HS_ID_NONE) {
            if (item->accessor) put_accessor(o, item->name, item->symbol, item->to);
            else put_named(o, item->name, item->to);
            continue;
        }
        const uint8_t *words = item->outside ? outside : inside;
        if (!words || item->word >= (item->outside ? outside_count : inside_count)) continue;
        hs_tagged word = hs_v8_load(x->js->v8, words + (size_t)item->word * l->tagged_size);
        hs_id to = hs_exported_find(o, word);
        if (to != HS_ID_NONE) put_named(o, item->name, to);
        else if (hs_is_smi(l, word)) put_integer(o, item->name, word);
    }
}

static void put_table(struct hs_exported_object *o, const struct hs_map *map) {
    struct hs_exported_private *x = o->walk->x;
    struct hs_js_properties it;
    struct hs_js_property property;
    hs_tagged value;
    hs_js_properties_begin(x->js, o->address, map, &it);
    while (hs_js_properties_next(&it, &property)) {
        const char *name = hs_js_name(x->js, property.key);
        if (!name || !hs_js_property_value(&it, &property, &value)) continue;
        if (hs_is_smi(&x->js->v8->layout, value)) {
            put_integer(o, name, value);
            continue;
        }
        hs_id to = hs_exported_find(o, value);
        if (to == HS_ID_NONE || to == x->hole) continue;
        if (hs_js_property_is_accessor(x->js, &property))
            put_accessor(o, name, hs_js_kind(x->js, property.key) == HS_KIND_SYMBOL, to);
        else put_named(o, name, to);
    }
}

void hs_exported_put_properties(struct hs_exported_object *o, uint32_t m, const struct hs_map *map) {
    if (hs_map_is_dictionary(&o->walk->x->js->v8->layout, map)) {
        put_table(o, map);
        return;
    }
    put_shape(o, shape_of(o, m, map));
}
