#include "v8/v8.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 4096, REJECTS = 1024 };

uint16_t hs_map_type(const struct hs_v8 *v8, const uint8_t *p) {
    /* In one byte until V8 6.2: another field stands in the other half. */
    uint16_t number = v8->layout.map_type_mask == 0xff
                          ? p[v8->layout.map_instance_type]
                          : hs_arch_u16(v8->arch, p + v8->layout.map_instance_type);
    return hs_types_normal(&v8->types, number);
}

/* Marks the in-object fields that the map's layout descriptor says are raw: bit i is field i; a Smi, or for
 * many fields the words of an array (layout-descriptor.h). */
static void load_raw(const struct hs_v8 *v8, const uint8_t *p, struct hs_map *map) {
    const struct hs_layout *l = &v8->layout;
    hs_tagged descriptor = hs_v8_load(v8, p + l->map_layout_descriptor), length;
    uint64_t bits[HS_MAP_RAW_WORDS] = {0};
    if (hs_is_smi(l, descriptor)) {
        bits[0] = (uint32_t)hs_smi(l, descriptor);
    } else {
        /* A FixedUint32Array, in V8 7.5 and later a ByteArray; the data of both end with the object. */
        hs_addr address = hs_untag(descriptor);
        const uint8_t *header = hs_pages_ptr(&v8->pages, address, (uint64_t)l->fixed_array_data);
        length = header ? hs_v8_load(v8, header + l->fixed_array_length) : 1;
        if (!header || !hs_is_smi(l, length) || hs_smi(l, length) <= 0) return;
        bool typed = v8->types.typed_array_header;
        uint64_t bytes = (uint64_t)hs_smi(l, length) * (typed ? 4 : 1);
        if (bytes > sizeof bits) bytes = sizeof bits;
        const uint8_t *data = hs_pages_ptr(
            &v8->pages,
            address + (hs_addr)(typed ? l->fixed_array_data + 2 * l->tagged_size : l->fixed_array_data),
            bytes);
        for (uint64_t i = 0; data && i < bytes; i++) bits[i / 8] |= (uint64_t)data[i] << (8 * (i % 8));
    }
    for (uint32_t field = 0;
         field + map->inobject_start < map->instance_words && field < 64 * HS_MAP_RAW_WORDS; field++)
        if (bits[field / 64] >> (field % 64) & 1) {
            uint32_t word = field + map->inobject_start;
            map->raw[word / 64] |= UINT64_C(1) << (word % 64);
            map->has_raw = true;
        }
}

/* An array buffer's lengths, its pointers and bits are raw, and not all of them are ever written: what stood
 * in that memory before may look like a reference (js-array-buffer.tq, JSArrayBuffer::BodyDescriptor). */
static void load_raw_buffer(const struct hs_layout *l, struct hs_map *map) {
    if (l->array_buffer_store == HS_ABSENT || l->array_buffer_byte_length == HS_ABSENT) return;
    bool tagged =
        l->array_buffer_length_is_number == 1 || l->array_buffer_byte_length > l->array_buffer_store;
    int32_t first = tagged ? l->array_buffer_store : l->array_buffer_byte_length,
            last = l->array_buffer_bits == HS_ABSENT ? l->array_buffer_store : l->array_buffer_bits;
    for (int32_t word = first / l->tagged_size; word <= last / l->tagged_size; word++) {
        if (word < 0 || word >= 64) continue;
        map->raw[0] |= UINT64_C(1) << word;
        map->has_raw = true;
    }
}

/* Reads the fields of a map object that is known to lie at `p` with `size` bytes behind it. */
static void load(const struct hs_v8 *v8, hs_addr address, const uint8_t *p, struct hs_map *ret) {
    const struct hs_layout *l = &v8->layout;
    *ret = (struct hs_map){
        .address = address,
        .type = hs_map_type(v8, p),
        .instance_words = p[l->map_instance_size],
        .inobject_start = p[l->map_inobject_start],
        .bit_field = p[l->map_bit_field],
        .bit_field2 = p[l->map_bit_field2],
        .bit_field3 = hs_arch_u32(v8->arch, p + l->map_bit_field3),
        .prototype = hs_v8_load(v8, p + l->map_prototype),
        .constructor = hs_v8_load(v8, p + l->map_constructor),
        .descriptors = hs_v8_load(v8, p + l->map_descriptors),
    };
    ret->kind = (uint8_t)hs_types_kind(&v8->types, ret->type);
    for (uint32_t i = 0; i < v8->map_kind_count; i++)
        if (v8->map_kinds[i].map == address) ret->kind = v8->map_kinds[i].kind;
    bool receiver = hs_kind_is_receiver((enum hs_kind)ret->kind);
    if (l->map_inobject_is_count) {
        uint8_t count = ret->inobject_start;
        ret->inobject_start = !receiver                     ? 0
                              : count < ret->instance_words ? (uint8_t)(ret->instance_words - count)
                                                            : 0;
    }
    if (receiver && l->map_layout_descriptor != HS_ABSENT) load_raw(v8, p, ret);
    if (ret->kind == HS_KIND_JS_ARRAY_BUFFER) load_raw_buffer(l, ret);
    ret->rule = ret->instance_words == 0 && ret->type < v8->types.count && v8->rules.by_type
                    ? v8->rules.by_type[ret->type]
                    : 0;
}

/* The bytes of the map-sized object at `word`. A core taken while a collector compacts holds maps that have
 * moved: the first word of the old place is then the untagged address of the new one (objects.h, MapWord). */
static const uint8_t *follow(const struct hs_v8 *v8, hs_tagged word) {
    const uint8_t *p = hs_pages_ptr(&v8->pages, word - 1, (uint64_t)v8->layout.map_end);
    if (!p) return NULL;
    hs_tagged first = hs_v8_load_raw(v8, p);
    return first && !(first & 3) ? hs_pages_ptr(&v8->pages, first, (uint64_t)v8->layout.map_end) : p;
}

const uint8_t *hs_map_validate(const struct hs_v8 *v8, hs_tagged word) {
    if ((word & 3) != 1) return NULL;
    const uint8_t *p = follow(v8, word);
    if (!p) return NULL;
    hs_tagged meta = hs_v8_load_raw(v8, p);
    if ((meta & 3) != 1) return NULL;
    const uint8_t *m = follow(v8, meta);
    if (!m) return NULL;
    /* A self-map, wherever it lives now. */
    hs_tagged self = hs_v8_load_raw(v8, m);
    if (self != meta && ((self & 3) != 1 || follow(v8, self) != m)) return NULL;
    return hs_map_type(v8, m) == v8->types.map ? p : NULL;
}

static uint32_t hash(hs_tagged word) {
    return (uint32_t)((word >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

static bool grow(struct hs_maps *maps) {
    uint32_t slots = maps->slot_count ? 2 * maps->slot_count : FIRST_SLOTS;
    struct hs_map_slot *table = calloc(slots, sizeof *table);
    struct hs_map *items = realloc(maps->items, slots / 2 * sizeof *items);
    if (items) maps->items = items;
    if (!table || !items) {
        free(table);
        return false;
    }
    for (uint32_t i = 0; i < maps->count; i++) {
        uint32_t at = hash(items[i].address + 1) & (slots - 1);
        while (table[at].number) at = (at + 1) & (slots - 1);
        table[at] = (struct hs_map_slot){items[i].address, i + 1};
    }
    free(maps->slots);
    maps->slots = table;
    maps->slot_count = slots;
    maps->capacity = slots / 2;
    return true;
}

static inline int32_t known(const struct hs_maps *maps, hs_tagged word, uint32_t h) {
    if (maps->slot_count)
        for (uint32_t at = h & (maps->slot_count - 1); maps->slots[at].number;
             at = (at + 1) & (maps->slot_count - 1))
            if (maps->slots[at].address == word - 1) return (int32_t)(maps->slots[at].number - 1);
    return -1;
}

int32_t hs_maps_known(const struct hs_maps *maps, hs_tagged word) {
    return (word & 3) == 1 ? known(maps, word, hash(word)) : -1;
}

int32_t hs_maps_find(struct hs_maps *maps, const struct hs_v8 *v8, hs_tagged word) {
    if ((word & 3) != 1) return -1;
    uint32_t h = hash(word);
    int32_t found = known(maps, word, h);
    if (found >= 0) return found;
    if (maps->rejected && maps->rejected[h & (REJECTS - 1)] == word) return -1;
    const uint8_t *p = hs_map_validate(v8, word);
    if (!p) {
        if (!maps->rejected) maps->rejected = calloc(REJECTS, sizeof *maps->rejected);
        if (maps->rejected) maps->rejected[h & (REJECTS - 1)] = word;
        return -1;
    }
    if (maps->count == maps->capacity && !grow(maps)) return -1;
    uint32_t at = h & (maps->slot_count - 1);
    while (maps->slots[at].number) at = (at + 1) & (maps->slot_count - 1);
    load(v8, word - 1, p, &maps->items[maps->count]);
    maps->slots[at] = (struct hs_map_slot){word - 1, ++maps->count};
    return (int32_t)(maps->count - 1);
}

void hs_maps_deinit(struct hs_maps *maps) {
    free(maps->items);
    free(maps->slots);
    free(maps->rejected);
    *maps = (struct hs_maps){0};
}
