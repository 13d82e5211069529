#include "js/property.h"

#include <stdlib.h>
#include <string.h>

enum {
    HASH_TABLE_COUNT = 0,
    HASH_TABLE_CAPACITY = 2,
    HASH_TABLE_HEADER = 3
}; /* words of a HashTable (hash-table.h) */

static bool small(const struct hs_v8 *v8, const uint8_t *p, uint32_t limit, uint32_t *ret) {
    hs_tagged word = hs_v8_load(v8, p);
    if (!hs_is_smi(&v8->layout, word)) return false;
    int64_t value = hs_smi(&v8->layout, word);
    if (value < 0 || value > limit) return false;
    *ret = (uint32_t)value;
    return true;
}

bool hs_js_dictionary_read(const struct hs_v8 *v8, hs_tagged object, struct hs_js_dictionary *ret) {
    enum hs_kind kind = hs_v8_kind_of(v8, object);
    if (kind != HS_KIND_NAME_DICTIONARY && kind != HS_KIND_GLOBAL_DICTIONARY) return false;
    return hs_js_dictionary_load(v8, object, kind == HS_KIND_GLOBAL_DICTIONARY, ret);
}

bool hs_js_dictionary_load(const struct hs_v8 *v8, hs_tagged object, bool cells,
                           struct hs_js_dictionary *ret) {
    const struct hs_layout *l = &v8->layout;
    unsigned t = l->tagged_size;
    uint32_t prefix = (uint32_t)(cells ? l->global_dictionary_prefix : l->name_dictionary_prefix);
    uint32_t entry = (uint32_t)(cells ? l->global_dictionary_entry : l->name_dictionary_entry);
    uint32_t header = (HASH_TABLE_HEADER + prefix) * t, length, keys, capacity;
    hs_addr data = hs_untag(object) + (hs_addr)l->fixed_array_data;
    const uint8_t *p = hs_pages_ptr(&v8->pages, hs_untag(object), (uint64_t)l->fixed_array_data + header);
    if (!p || !small(v8, p + l->fixed_array_length, 1 << 28, &length)) return false;
    p += l->fixed_array_data;
    if (!small(v8, p + HASH_TABLE_COUNT * t, length, &keys)) return false;
    if (!small(v8, p + HASH_TABLE_CAPACITY * t, length, &capacity)) return false;
    if (!entry || length < HASH_TABLE_HEADER || keys > capacity) return false;
    if (capacity > (length - HASH_TABLE_HEADER) / entry) return false;
    /* The table is as long as its header, prefix and entries: a GlobalDictionary's prefix is not a
     * NameDictionary's. */
    header = (length - capacity * entry) * t;
    const uint8_t *entries = hs_pages_ptr(&v8->pages, data + header, (uint64_t)capacity * entry * t);
    if (!entries) return false;
    *ret = (struct hs_js_dictionary){entries, capacity, keys, entry * t, cells};
    return true;
}

bool hs_js_dictionary_of(const struct hs_v8 *v8, hs_addr object, struct hs_js_dictionary *ret) {
    hs_tagged slot, map;
    if (!hs_v8_word(v8, object + (hs_addr)v8->layout.receiver_properties, &slot) || !hs_is_pointer(slot))
        return false;
    if (hs_js_dictionary_read(v8, slot, ret)) return true;
    if (!v8->layout.tables_untyped || !hs_v8_word(v8, object, &map)) return false;
    const uint8_t *p = hs_map_validate(v8, map);
    if (!p || !(hs_arch_u32(v8->arch, p + v8->layout.map_bit_field3) >> v8->layout.map_dictionary_shift & 1))
        return false;
    return hs_js_dictionary_load(v8, slot, hs_v8_kind_of(v8, object + 1) == HS_KIND_JS_GLOBAL_OBJECT, ret);
}

/* Own descriptors in an array of words (V8 to 7.0): as many as its first element says, and as it has room
 * for. */
static bool array_descriptors(struct hs_js_properties *it, hs_addr array, uint32_t *all_ret) {
    const struct hs_v8 *v8 = it->js->v8;
    const struct hs_layout *l = &v8->layout;
    hs_tagged count, length;
    enum hs_kind kind = hs_js_kind(it->js, array + 1);
    if (kind != HS_KIND_FIXED_ARRAY && kind != HS_KIND_DESCRIPTOR_ARRAY && kind != HS_KIND_WEAK_FIXED_ARRAY)
        return false;
    if (!hs_v8_word(v8, array + (hs_addr)l->fixed_array_length, &length) || !hs_is_smi(l, length))
        return false;
    if (!hs_v8_word(v8, array + (hs_addr)l->descriptors_count, &count) || !hs_is_smi(l, count)) return false;
    int64_t room = (hs_smi(l, length) * l->tagged_size - (l->descriptors_header - l->fixed_array_data)) /
                   l->descriptor_size;
    if (hs_smi(l, count) < 0 || room < 0) return false;
    *all_ret = (uint32_t)(hs_smi(l, count) < room ? hs_smi(l, count) : room);
    return true;
}

static void begin_fast(struct hs_js_properties *it) {
    const struct hs_v8 *v8 = it->js->v8;
    const struct hs_layout *l = &v8->layout;
    uint32_t own = hs_map_own_descriptors(l, it->map);
    hs_addr array = hs_untag(it->map->descriptors);
    uint32_t all;
    if (!own) return;
    if (l->descriptors_are_array) {
        if (!array_descriptors(it, array, &all)) return;
    } else {
        if (hs_js_kind(it->js, it->map->descriptors) != HS_KIND_DESCRIPTOR_ARRAY) return;
        const uint8_t *p = hs_pages_ptr(&v8->pages, array, (uint64_t)l->descriptors_header);
        if (!p) return;
        all = hs_arch_u16(v8->arch, p + l->descriptors_count);
    }
    if (own > all) own = all;
    it->stride = (uint32_t)l->descriptor_size;
    it->entries =
        hs_pages_ptr(&v8->pages, array + (hs_addr)l->descriptors_header, (uint64_t)own * it->stride);
    if (!it->entries) return;
    it->count = own;
    it->mode = HS_JS_FAST;
}

void hs_js_properties_begin(struct hs_js *js, hs_addr object, const struct hs_map *map,
                            struct hs_js_properties *ret) {
    *ret = (struct hs_js_properties){.js = js, .object = object, .map = map};
    if (!hs_kind_is_receiver((enum hs_kind)map->kind) || map->kind == HS_KIND_JS_PROXY ||
        map->kind == HS_KIND_WASM_OBJECT)
        return;
    if (!hs_map_is_dictionary(&js->v8->layout, map)) {
        begin_fast(ret);
        return;
    }
    struct hs_js_dictionary dictionary;
    if (!hs_js_dictionary_of(js->v8, object, &dictionary)) return;
    ret->mode = dictionary.cells ? HS_JS_GLOBAL_DICTIONARY : HS_JS_NAME_DICTIONARY;
    ret->entries = dictionary.entries;
    ret->count = dictionary.capacity;
    ret->stride = dictionary.stride;
}

static bool is_name(struct hs_js *js, hs_tagged key) {
    if (!hs_is_pointer(key)) return false;
    if (hs_address_map_find(&js->name_cache, key)) return true;
    enum hs_kind kind = hs_js_kind(js, key);
    return kind == HS_KIND_STRING || kind == HS_KIND_SYMBOL;
}

bool hs_js_cell_load(const struct hs_v8 *v8, const uint8_t *entry, struct hs_js_cell *ret) {
    const struct hs_layout *l = &v8->layout;
    struct hs_js_cell cell = {.word = hs_v8_load(v8, entry + l->global_dictionary_cell * l->tagged_size)};
    hs_addr address = hs_untag(cell.word);
    if ((cell.word & 3) != 1 || hs_v8_kind_of(v8, cell.word) != HS_KIND_PROPERTY_CELL) return false;
    if (!hs_v8_word(v8, address + (hs_addr)l->property_cell_value, &cell.value)) return false;
    if (l->global_dictionary_cell) cell.name = hs_v8_load(v8, entry);
    else if (!hs_v8_word(v8, address + (hs_addr)l->property_cell_name, &cell.name)) return false;
    /* Until V8 4.4 the entry has them. */
    if (!l->property_cell_details && l->global_dictionary_entry > 2)
        cell.details = hs_v8_load(v8, entry + 2 * l->tagged_size);
    else if (!hs_v8_word(v8, address + (hs_addr)l->property_cell_details, &cell.details)) return false;
    *ret = cell;
    return true;
}

/* A cell's name and details; false where the entry is free, deleted or its cell is empty (the value is the
 * hole). */
static bool load_cell(const struct hs_js_properties *it, const uint8_t *entry, struct hs_js_property *ret) {
    const struct hs_v8 *v8 = it->js->v8;
    const struct hs_layout *l = &v8->layout;
    struct hs_js_cell cell;
    if (!hs_js_cell_load(v8, entry, &cell)) return false;
    ret->cell = hs_untag(cell.word);
    ret->key = cell.name;
    for (uint32_t i = 0; i < v8->isolate_count; i++)
        if (cell.value == it->js->roots[i].the_hole) return false;
    ret->details = hs_is_smi(l, cell.details) ? (uint32_t)hs_smi(l, cell.details) : 0;
    return true;
}

bool hs_js_properties_next(struct hs_js_properties *it, struct hs_js_property *ret) {
    const struct hs_v8 *v8 = it->js->v8;
    const struct hs_layout *l = &v8->layout;
    while (it->at < it->count) {
        uint32_t index = it->at++;
        const uint8_t *entry = it->entries + (size_t)index * it->stride;
        *ret = (struct hs_js_property){.index = index};
        if (it->mode == HS_JS_GLOBAL_DICTIONARY) {
            if (load_cell(it, entry, ret) && is_name(it->js, ret->key)) return true;
            continue;
        }
        bool fast = it->mode == HS_JS_FAST;
        ret->key = hs_v8_load(v8, entry + (fast ? l->descriptor_key : 0));
        if (!is_name(it->js, ret->key)) continue;
        hs_tagged details = hs_v8_load(v8, entry + (fast ? l->descriptor_details : 2 * l->tagged_size));
        ret->details = hs_is_smi(l, details) ? (uint32_t)hs_smi(l, details) : 0;
        return true;
    }
    return false;
}

bool hs_js_property_is_accessor(const struct hs_js *js, const struct hs_js_property *property) {
    const struct hs_layout *l = &js->v8->layout;
    return (property->details & (uint32_t)l->details_kind_mask) == (uint32_t)l->details_kind_accessor;
}

bool hs_js_property_is_constant(const struct hs_js_properties *it, const struct hs_js_property *property) {
    const struct hs_layout *l = &it->js->v8->layout;
    return it->mode == HS_JS_FAST &&
           (property->details & (uint32_t)l->details_location_mask) >> l->details_location_shift !=
               (uint32_t)l->details_location_field;
}

uint32_t hs_js_property_field(const struct hs_js_properties *it, const struct hs_js_property *property) {
    const struct hs_layout *l = &it->js->v8->layout;
    if (l->details_index_mask)
        return (property->details & (uint32_t)l->details_index_mask) >> l->details_index_shift;
    /* Until V8 3.20 the descriptor's value is the index. */
    const uint8_t *entry = it->entries + (size_t)property->index * it->stride;
    hs_tagged value = hs_v8_load(it->js->v8, entry + l->descriptor_value);
    int64_t field = hs_is_smi(l, value) ? hs_smi(l, value) : -1;
    return field >= 0 && field <= UINT16_MAX ? (uint32_t)field : UINT16_MAX;
}

static bool field_value(const struct hs_js_properties *it, const struct hs_js_property *property,
                        hs_tagged *ret) {
    const struct hs_v8 *v8 = it->js->v8;
    const struct hs_layout *l = &v8->layout;
    uint32_t field = hs_js_property_field(it, property);
    uint32_t inobject = it->map->instance_words > it->map->inobject_start
                            ? (uint32_t)(it->map->instance_words - it->map->inobject_start)
                            : 0;
    if (field < inobject && hs_map_is_raw(it->map, it->map->inobject_start + field))
        return false; /* a double */
    if (field < inobject)
        return hs_v8_word(v8, it->object + (it->map->inobject_start + (hs_addr)field) * l->tagged_size, ret);
    hs_tagged array;
    if (!hs_v8_word(v8, it->object + (hs_addr)l->receiver_properties, &array)) return false;
    enum hs_kind kind = hs_js_kind(it->js, array); /* a FixedArray until V8 6.0 */
    if (kind != HS_KIND_PROPERTY_ARRAY && kind != HS_KIND_FIXED_ARRAY) return false;
    return hs_v8_word(
        v8, hs_untag(array) + (hs_addr)l->property_array_data + (hs_addr)(field - inobject) * l->tagged_size,
        ret);
}

bool hs_js_property_value(const struct hs_js_properties *it, const struct hs_js_property *property,
                          hs_tagged *ret) {
    const struct hs_v8 *v8 = it->js->v8;
    const struct hs_layout *l = &v8->layout;
    const uint8_t *entry = it->entries + (size_t)property->index * it->stride;
    switch (it->mode) {
    case HS_JS_FAST:
        if (!hs_js_property_is_constant(it, property)) return field_value(it, property, ret);
        *ret = hs_v8_load(v8, entry + l->descriptor_value);
        return true;
    case HS_JS_NAME_DICTIONARY:
        *ret = hs_v8_load(v8, entry + l->tagged_size);
        return true;
    case HS_JS_GLOBAL_DICTIONARY:
        return hs_v8_word(v8, property->cell + (hs_addr)l->property_cell_value, ret);
    case HS_JS_NO_PROPERTIES:
        break;
    }
    return false;
}

static int by_bytes(const void *a, const void *b) {
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    return x == y ? 0 : strcmp(x, y);
}

/* V8's snapshot has no edge for accessors that V8 itself implements (AccessorInfo): an array's length, a
 * function's name. */
static bool visible(const struct hs_js_properties *it, const struct hs_js_property *property) {
    if (!hs_js_property_is_accessor(it->js, property)) return true;
    hs_tagged value;
    return hs_js_property_value(it, property, &value) && hs_js_kind(it->js, value) == HS_KIND_ACCESSOR_PAIR;
}

void hs_js_signature_load(struct hs_js *js, hs_addr object, const struct hs_map *map,
                          struct hs_js_signature *ret) {
    *ret = (struct hs_js_signature){0};
    struct hs_js_properties it;
    struct hs_js_property property;
    hs_js_properties_begin(js, object, map, &it);
    if (!it.count) return;
    const char **names = malloc(it.count * sizeof *names);
    if (!names) {
        js->failed = true;
        return;
    }
    uint32_t count = 0;
    while (hs_js_properties_next(&it, &property)) {
        const char *name = hs_js_name(js, property.key);
        if (name && *name && visible(&it, &property)) names[count++] = name;
    }
    qsort(names, count, sizeof *names, by_bytes);
    uint32_t unique = 0;
    for (uint32_t i = 0; i < count; i++)
        if (!unique || names[i] != names[unique - 1]) names[unique++] = names[i];
    *ret = (struct hs_js_signature){names, unique};
}

void hs_js_signature_deinit(struct hs_js_signature *signature) {
    free(signature->names);
    *signature = (struct hs_js_signature){0};
}
