/* Maps (hidden classes), loaded and validated once.
 *
 * A word is a map if it is a tagged pointer into a page, to an object whose own map is a self-map of MAP_TYPE
 * (there is one meta map in read-only space and, in newer V8, one more per native context: "the map's map is
 * a self-map" is the test that holds everywhere). All accessors of a loaded map are plain fields. A table
 * belongs to one thread while it grows; indexes are dense from 0 and stable. */
#ifndef HS_V8_MAP_H
#define HS_V8_MAP_H

#include "v8/page.h"

enum { HS_MAP_RAW_WORDS = 4 };
struct hs_map {
    hs_addr address;
    uint16_t type;          /* instance type number */
    uint8_t kind;           /* enum hs_kind */
    uint8_t instance_words; /* instance size in tagged words; 0: variable */
    uint8_t inobject_start; /* first in-object property, in tagged words */
    uint8_t bit_field, bit_field2;
    uint8_t rule; /* index of the size rule (size.h) when instance_words is 0 */
    uint32_t bit_field3;
    uint64_t raw[HS_MAP_RAW_WORDS]; /* words of an instance that hold raw doubles (V8 4.5 to 7.9), or of an
                                       array buffer's own; one bit each */
    bool has_raw;
    hs_tagged prototype, constructor, descriptors; /* raw words, not validated */
};

/* Address and number side by side: a look-up of a known map reads one cache line. */
struct hs_map_slot {
    hs_addr address;
    uint32_t number; /* index + 1; 0: empty */
};

struct hs_maps {
    struct hs_map *items;
    uint32_t count, capacity;
    struct hs_map_slot *slots; /* open addressing */
    uint32_t slot_count;
    uint64_t *rejected; /* small direct-mapped cache of words that are no map */
};

struct hs_v8;
/* Index of the map that tagged word `word` points to, or -1 if it is none (or memory is short). */
int32_t hs_maps_find(struct hs_maps *maps, const struct hs_v8 *v8, hs_tagged word);
/* The same of a table that does not grow: -1 as well for a map that it has not met. Any thread. */
int32_t hs_maps_known(const struct hs_maps *maps, hs_tagged word);
void hs_maps_deinit(struct hs_maps *maps);
/* Host bytes of the map that `word` points to, NULL if it is none. The test itself, uncached. */
const uint8_t *hs_map_validate(const struct hs_v8 *v8, hs_tagged word);

/* Instance type in the bytes of a map that hs_map_validate() gave. */
uint16_t hs_map_type(const struct hs_v8 *v8, const uint8_t *map);

/* own descriptors, dictionary mode, … of a loaded map */
static inline uint32_t hs_map_own_descriptors(const struct hs_layout *l, const struct hs_map *m) {
    return (m->bit_field3 & (uint32_t)l->map_own_descriptors_mask) >> l->map_own_descriptors_shift;
}
static inline bool hs_map_is_dictionary(const struct hs_layout *l, const struct hs_map *m) {
    return m->bit_field3 >> l->map_dictionary_shift & 1;
}
/* The flags moved between the bit fields; field 0: this V8 has no such flag, and `without` is what it does.
 */
static inline bool hs_map_flag(const struct hs_map *m, int32_t field, int32_t bit, bool without) {
    return field == 0 ? without : (field == 2 ? m->bit_field2 : m->bit_field3) >> bit & 1;
}
static inline bool hs_map_is_prototype(const struct hs_layout *l, const struct hs_map *m) {
    return hs_map_flag(m, l->map_prototype_map_field, l->map_prototype_map_bit, false);
}
static inline bool hs_map_new_target_is_base(const struct hs_layout *l, const struct hs_map *m) {
    return hs_map_flag(m, l->map_new_target_is_base_field, l->map_new_target_is_base_bit, true);
}
/* Is word `word` of the map's instances no tagged one, where its kind does not tell? */
static inline bool hs_map_is_raw(const struct hs_map *m, uint32_t word) {
    return m->has_raw && word < 64 * HS_MAP_RAW_WORDS && m->raw[word / 64] >> (word % 64) & 1;
}
static inline uint32_t hs_map_elements_kind(const struct hs_layout *l, const struct hs_map *m) {
    return (m->bit_field2 & (uint32_t)l->map_elements_kind_mask) >> l->map_elements_kind_shift;
}

#endif
