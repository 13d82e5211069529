#include "group/group_private.h"

#include <stdlib.h>
#include <string.h>
#include "js/constructor.h"
#include "js/function.h"
#include "js/property.h"

/* --- from a map (or a variant of it) to its class */

static void locate(struct hs_js *js, hs_tagged shared, struct hs_class *class) {
    const struct hs_js_function *function = shared ? hs_js_function_get(js, shared) : NULL;
    if (!function || !function->script || function->line < 0) return;
    class->script = function->script;
    class->line = function->line;
    class->column = function->column;
}

static void name_closure(struct hs_js *js, hs_tagged shared, struct hs_class *class) {
    const struct hs_js_function *function = hs_js_function_get(js, shared);
    class->constructor = function ? function->name : "";
    locate(js, shared, class);
}

static void name_script(struct hs_js *js, hs_tagged name, struct hs_class *class) {
    const char *text = hs_js_kind(js, name) == HS_KIND_STRING ? hs_js_text(js, name) : "";
    class->constructor = *text ? text : "(script without a name)";
}

/* Class of the objects of a map; `sample` is one of them. Returns its index, UINT32_MAX without memory. */
static uint32_t draft(struct hs_classes *classes, const struct hs_map *map, const struct hs_plan *plan,
                      uint32_t slot, uint64_t variant, hs_addr sample) {
    struct hs_js *js = classes->js;
    struct hs_class class = {.isolate = (uint16_t)(slot / 2), .line = -1, .column = -1};
    class.type = (uint8_t)hs_js_node_type(js->v8, map, slot & 1);
    class.constructor = hs_js_node_name(js, map);
    if (plan->by == HS_BY_FUNCTION) name_closure(js, variant, &class);
    else if (plan->by == HS_BY_SCRIPT) name_script(js, variant, &class);
    else if (plan->by == HS_BY_PRIVACY && variant) {
        class.type = HS_NODE_HIDDEN;
        class.constructor = "private symbol";
    }
    if (class.constructor) {
        class.constructor = hs_names_put(&js->names, class.constructor);
        return hs_classes_put(classes, &class);
    }

    struct hs_js_constructor constructor;
    hs_js_constructor_get(js, sample, map, &constructor);
    class.constructor = hs_names_put(&js->names, constructor.name);
    /* As in V8's snapshot: of a generator the place of its function, of anything else that of its
     * constructor. */
    locate(js, plan->by == HS_BY_GENERATOR ? variant : constructor.shared, &class);
    if (plan->by == HS_BY_DICTIONARY && variant == HS_VARIANT_TABLE) {
        class.dictionary = true;
        return hs_classes_put(classes, &class);
    }
    struct hs_js_signature signature = {0};
    /* V8's snapshot gives ArrayBuffers nothing but their backing store. */
    if (map->kind != HS_KIND_JS_ARRAY_BUFFER) hs_js_signature_load(js, sample, map, &signature);
    bool candidate = plan->by == HS_BY_DICTIONARY;
    class.properties = signature.names;
    class.property_count = signature.count;
    uint32_t index;
    if (candidate && !hs_class_names_plausible(&signature)) {
        class.dictionary = true;
        class.properties = NULL;
        class.property_count = 0;
        index = hs_classes_put(classes, &class);
    } else {
        index = hs_classes_put(classes, &class);
        if (index != UINT32_MAX && (!candidate || hs_map_is_prototype(&js->v8->layout, map)))
            classes->items[index].shape = true;
        if (index != UINT32_MAX && candidate && !classes->items[index].table) {
            class.dictionary = true;
            class.properties = NULL;
            class.property_count = 0;
            uint32_t table = hs_classes_put(classes, &class);
            if (table != UINT32_MAX) classes->items[index].table = table + 1;
        }
    }
    hs_js_signature_deinit(&signature);
    return index;
}

/* --- after the walk */

static uint64_t weight(const struct hs_v8 *v8, uint32_t slot, uint64_t bytes) {
    return slot & 1 && v8->layout.snapshot_read_only_weighs_0 ? 0 : bytes;
}

/* The highest address is known besides the lowest: one of them may be taken away and a sample is left. */
static void take_sample(hs_addr *low, hs_addr *high, hs_addr address) {
    if (*high == address) *high = *low == address ? 0 : *low;
    if (*low == address) *low = *high ? *high : UINT64_MAX;
}

static uint64_t less(uint64_t value, uint64_t part) {
    return part <= value ? value - part : 0;
}

/* Takes one object out of the counts of its map (or variant); false if it was not counted: a stale pointer.
 */
static bool take(struct hs_tally *tally, uint32_t slot, uint32_t m, const struct hs_map *map, hs_addr address,
                 uint64_t words, uint64_t elements) {
    const struct hs_plan *plan = &tally->plans[m];
    if (plan->by == HS_BY_MAP) {
        struct hs_cell *row = hs_tally_row(tally, slot), *cell = row ? &row[m] : NULL;
        if (!cell || !cell->count || cell->words < words) return false;
        cell->count--;
        cell->words -= words;
        cell->elements = less(cell->elements, elements);
        take_sample(&cell->low, &cell->high, address);
        return true;
    }
    uint32_t keys;
    uint64_t variant = hs_plan_variant(tally->js, plan, slot / 2, address, map, &keys);
    size_t at = hs_tally_variant_find(tally, slot, m, variant);
    struct hs_variant *v = at == SIZE_MAX ? NULL : &tally->variants[at];
    uint64_t bytes = words * tally->js->v8->layout.tagged_size;
    if (!v || !v->count || v->bytes < bytes) return false;
    v->count--;
    v->bytes -= bytes;
    v->elements = less(v->elements, elements);
    v->keys = less(v->keys, keys);
    take_sample(&v->low, &v->high, address);
    return true;
}

/* Read-only arrays are the empty ones that all share. V8 does not tag these; others it does. */
static bool is_tagged_when_shared(const struct hs_v8 *v8, hs_addr address, enum hs_retag_kind kind) {
    if (kind == HS_RETAG_CODE_DATA)
        return hs_untag(hs_v8_root(v8, 0, "empty_byte_array")) != address &&
               hs_untag(hs_v8_root(v8, 0, "empty_fixed_array")) != address;
    return kind == HS_RETAG_DEPENDENT_CODE || kind == HS_RETAG_VALIDITY_CELL;
}

/* Moves one object to the class that its owner gives it. */
static void retag(struct hs_group_private *priv, struct hs_classes *classes, uint64_t item) {
    struct hs_tally *tally = &priv->tally;
    struct hs_js *js = tally->js;
    const struct hs_v8 *v8 = js->v8;
    hs_addr address = hs_retag_address(item);
    enum hs_retag_kind kind = hs_retag_kind(item);
    const struct hs_page *page = hs_pages_find(&v8->pages, address);
    hs_tagged word;
    if (!page || page->flags & HS_PAGE_FROM || !hs_v8_word(v8, address, &word)) return;
    if (page->flags & HS_PAGE_READ_ONLY && !is_tagged_when_shared(v8, address, kind)) return;
    int32_t m = hs_maps_find(&js->maps, v8, word);
    if (m < 0 || !hs_tally_plan(tally, &js->maps)) return;
    struct hs_map map = js->maps.items[m];
    uint32_t slot = hs_slot(page);
    const uint8_t *p = page->bytes + (address - page->area_start);
    uint64_t size =
        hs_rule_size(v8, &map, address, p, page->present - (address - page->area_start), &js->maps);
    if (!size || slot >= tally->slot_count) return;
    uint64_t words = size / v8->layout.tagged_size,
             elements = hs_plan_length(v8, &tally->plans[m], p, (uint32_t)words);

    struct hs_class class = {.isolate = (uint16_t)(slot / 2), .line = -1, .column = -1};
    class.type = (uint8_t)hs_retag_type(kind);
    const char *name = hs_names_put(&js->names, hs_retag_name(kind));
    if (kind == HS_RETAG_BOILERPLATE) {
        struct hs_js_constructor constructor;
        hs_js_constructor_get(js, address, &map, &constructor);
        class.constructor = hs_names_put(&js->names, constructor.name);
        locate(js, constructor.shared, &class);
        class.properties = &name;
        class.property_count = 1;
    } else if (hs_js_node_type(v8, &map, false) == HS_NODE_ARRAY) class.constructor = name;
    else class.constructor = hs_names_put(&js->names, hs_js_node_name(js, &map));
    uint32_t index = hs_classes_put(classes, &class);
    if (index == UINT32_MAX || !take(tally, slot, (uint32_t)m, &map, address, words, elements)) return;
    hs_classes_add(classes, index, &(struct hs_class_addition){1, size, elements, 0, address});
    if (!hs_address_map_put(&priv->retagged, address, index, NULL)) classes->failed = true;
}

/* How many objects have a set of names, over all maps of a slot; a set that fast objects have counts as
 * enough. */
static uint64_t *sharing(struct hs_address_map *sets, uint32_t slot, uint64_t keyset) {
    return hs_address_map_put(sets, hs_address_mix(keyset + slot) | 1, 0, NULL);
}

/* Dictionary-mode objects whose names are no shape join the table variant of their map now, so that their
 * keys need not be decoded: there may be a million of them, each with names of its own. (The rule is in
 * group.h; what looks like no name of a program is sorted out later, in draft().) */
static bool fold_tables(struct hs_group_private *priv, struct hs_address_map *sets) {
    struct hs_tally *tally = &priv->tally;
    struct hs_js *js = tally->js;
    for (uint32_t slot = 0; slot < tally->slot_count; slot++)
        for (uint32_t m = 0; tally->cells[slot] && m < tally->planned; m++) {
            struct hs_map map = js->maps.items[m];
            if (!tally->cells[slot][m].count || !hs_kind_is_receiver((enum hs_kind)map.kind)) continue;
            uint64_t *count = sharing(sets, slot, hs_plan_keyset(js, &map));
            if (!count) return false;
            *count += HS_GROUP_SHAPE_OBJECTS;
        }
    for (size_t i = 0; i < tally->variant_count; i++) {
        struct hs_variant *v = &tally->variants[i];
        if (tally->plans[v->map].by != HS_BY_DICTIONARY) continue;
        uint64_t *count = sharing(sets, v->slot, v->variant);
        if (!count) return false;
        *count += v->count;
    }
    size_t variants = tally->variant_count;
    priv->folded = calloc(variants ? variants : 1, sizeof *priv->folded);
    if (!priv->folded) return false;
    priv->folded_count = variants;
    for (size_t i = 0; i < variants; i++) {
        struct hs_variant v = tally->variants[i];
        struct hs_map map = js->maps.items[v.map];
        if (tally->plans[v.map].by != HS_BY_DICTIONARY || v.variant == HS_VARIANT_TABLE || !v.count) continue;
        if (hs_variant_is_tagged(v.variant)) continue;
        if (*sharing(sets, v.slot, v.variant) >= HS_GROUP_SHAPE_OBJECTS ||
            hs_map_is_prototype(&js->v8->layout, &map))
            continue;
        struct hs_variant *table = hs_tally_variant(tally, v.slot, v.map, HS_VARIANT_TABLE);
        if (!table) return false;
        table->count += v.count;
        table->bytes += v.bytes;
        table->elements += v.elements;
        table->keys += v.keys;
        if (v.low < table->low) table->low = v.low;
        if (v.high > table->high) table->high = v.high;
        tally->variants[i].count = 0;
        priv->folded[i] = (uint32_t)(table - tally->variants) + 1;
    }
    return true;
}

static void add_cells(struct hs_group_private *priv, struct hs_classes *classes) {
    struct hs_tally *tally = &priv->tally;
    struct hs_js *js = tally->js;
    for (uint32_t slot = 0; slot < tally->slot_count; slot++) {
        uint32_t *row = priv->cell_classes[slot];
        for (uint32_t m = 0; tally->cells[slot] && m < priv->map_count; m++) {
            struct hs_cell cell = tally->cells[slot][m];
            row[m] = UINT32_MAX;
            if (!cell.count) continue;
            struct hs_map map = js->maps.items[m];
            hs_addr sample = cell.low == UINT64_MAX ? 0 : cell.low;
            row[m] = draft(classes, &map, &tally->plans[m], slot, 0, sample);
            if (row[m] == UINT32_MAX) return;
            uint64_t bytes = weight(js->v8, slot, cell.words * js->v8->layout.tagged_size);
            cell.elements += hs_plan_lengths(js->v8, &tally->plans[m], cell.count, cell.words);
            if (map.kind == HS_KIND_JS_TYPED_ARRAY) cell.elements /= hs_js_element_size(js, &map);
            hs_classes_add(classes, row[m],
                           &(struct hs_class_addition){cell.count, bytes, cell.elements, 0, sample});
        }
    }
    for (size_t i = 0; i < tally->variant_count; i++) {
        struct hs_variant v = tally->variants[i];
        struct hs_map map = js->maps.items[v.map];
        priv->variant_classes[i] = UINT32_MAX;
        if (!v.count) continue;
        uint32_t index = draft(classes, &map, &tally->plans[v.map], v.slot, v.variant, v.low);
        priv->variant_classes[i] = index;
        if (index == UINT32_MAX) return;
        struct hs_class_addition all = {v.count, weight(js->v8, v.slot, v.bytes), v.elements, v.keys, v.low};
        hs_classes_add(classes, index, &all);
    }
    for (size_t i = 0; i < priv->folded_count; i++)
        if (priv->folded[i]) priv->variant_classes[i] = priv->variant_classes[priv->folded[i] - 1];
}

static void add_stores(struct hs_classes *classes, struct hs_stores *stores, const char *name,
                       uint32_t *classes_by_isolate) {
    name = hs_names_put(&classes->js->names, name);
    for (size_t i = 0; i < stores->count; i++) {
        struct hs_class class = {.isolate = stores->items[i].isolate,
                                 .type = HS_NODE_NATIVE,
                                 .constructor = name,
                                 .line = -1,
                                 .column = -1};
        uint32_t index = hs_classes_put(classes, &class);
        if (index == UINT32_MAX) return;
        classes_by_isolate[class.isolate] = index;
        hs_classes_add(
            classes, index,
            &(struct hs_class_addition){1, stores->items[i].bytes, 0, 0, stores->items[i].address});
    }
}

static uint32_t mapped(const uint32_t *map, uint32_t index) {
    return index == UINT32_MAX ? UINT32_MAX : map[index];
}

/* Private tables speak of drafts until here; now of classes. */
static void remap(struct hs_group_private *priv, const uint32_t *map) {
    for (uint32_t slot = 0; slot < priv->tally.slot_count; slot++)
        for (uint32_t m = 0; m < priv->map_count; m++)
            priv->cell_classes[slot][m] = mapped(map, priv->cell_classes[slot][m]);
    for (size_t i = 0; i < priv->tally.variant_count; i++)
        priv->variant_classes[i] = mapped(map, priv->variant_classes[i]);
    for (size_t i = 0; i < priv->retagged.capacity; i++)
        if (priv->retagged.slots[i].key)
            priv->retagged.slots[i].value = mapped(map, (uint32_t)priv->retagged.slots[i].value);
    for (uint32_t i = 0; i < priv->tally.slot_count / 2; i++) {
        priv->buffer_classes[i] = mapped(map, priv->buffer_classes[i]);
        priv->string_classes[i] = mapped(map, priv->string_classes[i]);
    }
}

static struct hs_error *make_tables(struct hs_group_private *priv) {
    struct hs_tally *tally = &priv->tally;
    priv->map_count = tally->planned;
    uint32_t isolates = tally->slot_count / 2;
    priv->cell_classes = calloc(tally->slot_count, sizeof *priv->cell_classes);
    priv->variant_classes =
        malloc((tally->variant_count ? tally->variant_count : 1) * sizeof *priv->variant_classes);
    priv->buffer_classes = malloc(isolates * sizeof *priv->buffer_classes);
    priv->string_classes = malloc(isolates * sizeof *priv->string_classes);
    if (!priv->cell_classes || !priv->variant_classes || !priv->buffer_classes || !priv->string_classes)
        return HS_ENOMEM;
    memset(priv->buffer_classes, 0xff, isolates * sizeof *priv->buffer_classes);
    memset(priv->string_classes, 0xff, isolates * sizeof *priv->string_classes);
    for (uint32_t i = 0; i < tally->slot_count; i++) {
        size_t size = (priv->map_count ? priv->map_count : 1) * sizeof **priv->cell_classes;
        priv->cell_classes[i] = malloc(size);
        if (!priv->cell_classes[i]) return HS_ENOMEM;
        memset(priv->cell_classes[i], 0xff, size);
    }
    return NULL;
}

struct hs_error *hs_group_build(struct hs_group *group) {
    struct hs_group_private *priv = group->priv;
    struct hs_tally *tally = &priv->tally;
    __attribute__((cleanup(hs_classes_deinit))) struct hs_classes classes;
    hs_classes_init(group->js, &classes);
    hs_retags_sort(&tally->retags);
    for (size_t i = 0; i < tally->retags.count; i++) retag(priv, &classes, tally->retags.items[i]);
    hs_retags_deinit(&tally->retags);
    struct hs_address_map sets = {0};
    bool folded = hs_tally_plan(tally, &group->js->maps) && fold_tables(priv, &sets);
    hs_address_map_deinit(&sets);
    if (!folded) return HS_ENOMEM;
    if (!hs_tally_plan(tally, &group->js->maps)) return HS_ENOMEM;
    HS_TRY(make_tables(priv));
    add_cells(priv, &classes);

    uint64_t bytes = hs_stores_settle(&tally->buffers, true);
    group->natives[0] = (struct hs_native){"ArrayBuffer backing stores", bytes, tally->buffers.count};
    add_stores(&classes, &tally->buffers, "system / JSArrayBufferData", priv->buffer_classes);
    bytes = hs_stores_settle(&tally->strings, true);
    group->natives[1] = (struct hs_native){"external strings", bytes, tally->strings.count};
    group->native_count = 2;
    if (!group->v8->layout.snapshot_read_only_weighs_0) /* else their payload is in the strings' own bytes */
        add_stores(&classes, &tally->strings, "system / ExternalStringData", priv->string_classes);

    uint32_t *map;
    HS_TRY(hs_classes_finish(&classes, &group->classes, &group->class_count, &map));
    remap(priv, map);
    free(map);
    return tally->failed ? HS_ENOMEM : hs_js_error(group->js);
}
