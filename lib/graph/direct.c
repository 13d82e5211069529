#include "graph/direct.h"

#include <stdlib.h>
#include <string.h>

#include "js/property.h"

struct hs_error *hs_direct_create(const struct hs_objects *objects, struct hs_direct **ret) {
    struct hs_direct *direct = calloc(1, sizeof *direct);
    if (!direct) return HS_ENOMEM;
    size_t words = (size_t)objects->count / 64 + 1;
    direct->count = objects->count;
    direct->arrays = calloc(words, sizeof *direct->arrays);
    direct->shared = calloc(words, sizeof *direct->shared);
    direct->listed = calloc(words, sizeof *direct->listed);
    direct->before = calloc(words, sizeof *direct->before);
    if (!direct->arrays || !direct->shared || !direct->listed || !direct->before) {
        hs_direct_destroy(direct);
        return HS_ENOMEM;
    }
    *ret = direct;
    return NULL;
}

void hs_direct_destroy(struct hs_direct *direct) {
    if (!direct) return;
    free(direct->arrays);
    free(direct->shared);
    free(direct->has);
    free(direct->listed);
    free(direct->before);
    free(direct->lists);
    free(direct->to);
    free(direct);
}

void hs_direct_parts_destroy(struct hs_direct_part *parts, unsigned count) {
    for (unsigned i = 0; parts && i < count; i++) {
        free(parts[i].pairs);
        free(parts[i].maps);
    }
    free(parts);
}

/* --- what an object has, noted while the graph is read */

struct noting {
    struct hs_direct_part *part;
    const struct hs_objects *objects;
    const struct hs_v8 *v8;
};

static void add_pair(struct noting *n, hs_id key, hs_tagged value) {
    struct hs_direct_part *part = n->part;
    hs_id to = (value & 3) == 1 ? hs_objects_find(n->objects, value - 1) : HS_ID_NONE;
    if (to == HS_ID_NONE || to == key) return;
    if (part->count == part->capacity) {
        size_t capacity = part->capacity ? 2 * part->capacity : 1024;
        struct hs_direct_pair *grown = realloc(part->pairs, capacity * sizeof *grown);
        if (!grown) {
            part->failed = true;
            return;
        }
        part->pairs = grown;
        part->capacity = capacity;
    }
    part->pairs[part->count++] = (struct hs_direct_pair){key, to};
}

static void add_map(struct hs_direct_part *part, hs_id id, bool of_function) {
    if (part->map_count == part->map_capacity) {
        size_t capacity = part->map_capacity ? 2 * part->map_capacity : 256;
        struct hs_direct_map *grown = realloc(part->maps, capacity * sizeof *grown);
        if (!grown) {
            part->failed = true;
            return;
        }
        part->maps = grown;
        part->map_capacity = capacity;
    }
    part->maps[part->map_count++] = (struct hs_direct_map){id, of_function};
}

/* A value, and the functions of an accessor. */
static void add_value(struct noting *n, hs_id key, hs_tagged value, bool accessor) {
    if (accessor) {
        if (hs_v8_kind_of(n->v8, value) != HS_KIND_ACCESSOR_PAIR) return; /* V8's own */
        for (unsigned i = 1; i <= 2; i++) {
            hs_tagged function;
            if (hs_v8_word(n->v8, hs_untag(value) + (hs_addr)i * n->v8->layout.tagged_size, &function))
                add_pair(n, key, function);
        }
    }
    add_pair(n, key, value);
}

static bool is_accessor(const struct hs_v8 *v8, hs_tagged details) {
    const struct hs_layout *l = &v8->layout;
    return hs_is_smi(l, details) && ((uint32_t)hs_smi(l, details) & (uint32_t)l->details_kind_mask) ==
                                        (uint32_t)l->details_kind_accessor;
}

/* {key, value, details} …, or cells. */
static void note_dictionary(struct noting *n, hs_id id) {
    const struct hs_layout *l = &n->v8->layout;
    struct hs_js_dictionary dictionary;
    if (!hs_js_dictionary_read(n->v8, hs_objects_address(n->objects, id) + 1, &dictionary)) return;
    for (uint32_t i = 0; i < dictionary.capacity; i++) {
        const uint8_t *entry = dictionary.entries + (size_t)i * dictionary.stride;
        hs_tagged key = hs_v8_load(n->v8, entry), value;
        struct hs_js_cell cell;
        if (!dictionary.cells) {
            if ((key & 3) != 1) continue;
            value = hs_v8_load(n->v8, entry + l->tagged_size);
            if ((value & 3) != 1) continue;
            add_value(n, id, value, is_accessor(n->v8, hs_v8_load(n->v8, entry + 2 * l->tagged_size)));
        } else if (hs_js_cell_load(n->v8, entry, &cell) && (cell.value & 3) == 1) {
            add_value(n, id, cell.value, is_accessor(n->v8, cell.details));
        }
    }
}

/* A snapshot shows no properties of these. */
static bool has_properties(enum hs_kind kind) {
    return hs_kind_is_receiver(kind) && kind != HS_KIND_JS_PROXY && kind != HS_KIND_WASM_OBJECT &&
           kind != HS_KIND_JS_ARRAY_BUFFER && kind != HS_KIND_JS_GLOBAL_PROXY;
}

/* Prototype, and what stands in the descriptors, of a map that objects may have. */
static void note_map(struct noting *n, struct hs_maps *maps, hs_id id) {
    const struct hs_v8 *v8 = n->v8;
    const struct hs_layout *l = &v8->layout;
    int32_t m = hs_maps_find(maps, v8, hs_objects_address(n->objects, id) + 1);
    if (m < 0 || !has_properties((enum hs_kind)maps->items[m].kind)) return;
    const struct hs_map map = maps->items[m];
    add_map(n->part, id, map.kind == HS_KIND_JS_FUNCTION);
    add_pair(n, id, map.prototype);
    uint32_t own = hs_map_own_descriptors(l, &map);
    if (!own || hs_map_is_dictionary(l, &map) || (map.descriptors & 3) != 1 ||
        hs_v8_kind_of(v8, map.descriptors) != HS_KIND_DESCRIPTOR_ARRAY)
        return;
    hs_addr array = hs_untag(map.descriptors);
    const uint8_t *p = hs_pages_ptr(&v8->pages, array, (uint64_t)l->descriptors_header);
    if (!p) return;
    uint32_t all = hs_arch_u16(v8->arch, p + l->descriptors_count);
    if (own > all) own = all;
    p = hs_pages_ptr(&v8->pages, array + (hs_addr)l->descriptors_header,
                     (uint64_t)own * (uint64_t)l->descriptor_size);
    for (uint32_t i = 0; p && i < own; i++, p += l->descriptor_size) {
        hs_tagged details = hs_v8_load(v8, p + l->descriptor_details);
        if (!hs_is_smi(l, details)) continue;
        uint32_t location =
            ((uint32_t)hs_smi(l, details) & (uint32_t)l->details_location_mask) >> l->details_location_shift;
        if (location != (uint32_t)l->details_location_field)
            add_value(n, id, hs_v8_load(v8, p + l->descriptor_value), is_accessor(v8, details));
    }
}

/* Any thread may set a bit of any node. Empty arrays are everybody's: looked at before they are locked. */
static void claim(struct hs_direct *direct, hs_id id) {
    uint64_t bit = UINT64_C(1) << (id % 64);
    if (__atomic_load_n(&direct->shared[id / 64], __ATOMIC_RELAXED) & bit) return;
    if (__atomic_fetch_or(&direct->arrays[id / 64], bit, __ATOMIC_RELAXED) & bit)
        __atomic_fetch_or(&direct->shared[id / 64], bit, __ATOMIC_RELAXED);
}

static void claim_slot(struct hs_direct *direct, const struct noting *n, const uint8_t *p, uint32_t words,
                       const hs_id *head, int32_t offset) {
    if (offset < 0 || (uint32_t)offset / n->v8->layout.tagged_size >= words) return;
    uint32_t k = (uint32_t)offset / n->v8->layout.tagged_size;
    hs_tagged word = k < HS_DIRECT_HEAD ? 0 : hs_v8_load(n->v8, p + offset);
    hs_id id = k < HS_DIRECT_HEAD ? head[k]
               : (word & 3) == 1  ? hs_objects_find(n->objects, word - 1)
                                  : HS_ID_NONE;
    if (id != HS_ID_NONE) claim(direct, id);
}

/* elements-kind.h: smis, objects, doubles, each packed and holey; then rarer ones. Not moved between V8 10
 * and 14. */
enum { PACKED_ELEMENTS = 2, HOLEY_ELEMENTS = 3, DOUBLE_ELEMENTS_LAST = 5 };

static bool shows_elements(const struct noting *n, const struct hs_map *map, const uint8_t *p) {
    uint32_t kind = hs_map_elements_kind(&n->v8->layout, map);
    if (kind == PACKED_ELEMENTS || kind == HOLEY_ELEMENTS) return true;
    return kind > DOUBLE_ELEMENTS_LAST &&
           hs_v8_kind_of(n->v8, hs_v8_load(n->v8, p + n->v8->layout.object_elements)) ==
               HS_KIND_NUMBER_DICTIONARY;
}

void hs_direct_note(struct hs_direct *direct, struct hs_direct_part *part, const struct hs_objects *objects,
                    struct hs_maps *maps, uint32_t m, hs_id id, const uint8_t *p, uint32_t words,
                    const hs_id head[HS_DIRECT_HEAD]) {
    const struct hs_map *map = &maps->items[m];
    struct noting n = {part, objects, objects->v8};
    const struct hs_layout *l = &n.v8->layout;
    enum hs_kind kind = (enum hs_kind)map->kind;
    if (kind == HS_KIND_MAP) {
        note_map(&n, maps, id);
    } else if (kind == HS_KIND_NAME_DICTIONARY || kind == HS_KIND_GLOBAL_DICTIONARY) {
        note_dictionary(&n, id);
    } else if (has_properties(kind)) {
        if (!hs_map_is_dictionary(l, map)) claim_slot(direct, &n, p, words, head, l->receiver_properties);
        if ((uint32_t)l->object_elements / l->tagged_size < words && shows_elements(&n, map, p))
            claim_slot(direct, &n, p, words, head, l->object_elements);
    }
}

/* --- lists */

static int by_key(const void *a, const void *b) {
    const struct hs_direct_pair *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->to < y->to ? -1 : x->to > y->to;
}

/* A map of many objects with many constants would cost their product: such a list is cut. Real ones are short
 * (a prototype, a few accessors) or of one object. */
enum { LONG_LIST = 16, OBJECTS_OF_LONG = 1024 };

static uint32_t *count_objects(const struct hs_direct *direct, const uint32_t *first, const hs_id *to) {
    uint32_t *counts = calloc((size_t)direct->list_count + 1, sizeof *counts);
    for (hs_id id = 0; counts && id < direct->count; id++) {
        if (first[id] == first[id + 1]) continue;
        hs_id map = to[first[id]];
        if (map < direct->count && hs_direct_get(direct->listed, map))
            counts[hs_direct_list_of(direct, map) - direct->lists]++;
    }
    return counts;
}

static struct hs_error *cut_lists(struct hs_direct *direct, const uint32_t *first, const hs_id *to) {
    uint32_t *counts = count_objects(direct, first, to), kept = 0;
    if (!counts) return HS_ENOMEM;
    for (uint32_t i = 0; i < direct->list_count; i++) {
        uint32_t at = direct->lists[i].first, end = direct->lists[i + 1].first;
        direct->lists[i].first = kept;
        if (counts[i] > OBJECTS_OF_LONG && end - at > LONG_LIST) end = at + LONG_LIST;
        while (at < end) direct->to[kept++] = direct->to[at++];
    }
    direct->lists[direct->list_count].first = kept;
    free(counts);
    return NULL;
}

static struct hs_error *make_lists(struct hs_direct *direct, const struct hs_direct_pair *pairs,
                                   size_t count) {
    if (count >= UINT32_MAX)
        return hs_error_create(HS_ERROR_UNSUPPORTED, "more than 2^32 references: not supported");
    direct->to = malloc((count + 1) * sizeof *direct->to);
    uint32_t lists = 0, kept = 0;
    for (size_t i = 0; i < count; i++) lists += !i || pairs[i].key != pairs[i - 1].key;
    direct->lists = calloc((size_t)lists + 1, sizeof *direct->lists);
    if (!direct->to || !direct->lists) return HS_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        if (!i || pairs[i].key != pairs[i - 1].key) {
            direct->lists[direct->list_count++].first = kept;
            direct->listed[pairs[i].key / 64] |= UINT64_C(1) << (pairs[i].key % 64);
        } else if (pairs[i].to == pairs[i - 1].to) {
            continue;
        }
        direct->to[kept++] = pairs[i].to;
    }
    direct->lists[direct->list_count].first = kept;
    uint32_t before = 0;
    for (size_t w = 0; w < (size_t)direct->count / 64 + 1; w++) {
        direct->before[w] = before;
        before += hs_bit_count(direct->listed[w]);
    }
    return NULL;
}

static void mark_maps(struct hs_direct *direct, const struct hs_direct_part *part) {
    for (size_t i = 0; i < part->map_count; i++) {
        if (!hs_direct_get(direct->listed, part->maps[i].id)) continue;
        struct hs_direct_list *list =
            &direct->lists[hs_direct_list_of(direct, part->maps[i].id) - direct->lists];
        list->of_map = true;
        list->of_function = part->maps[i].of_function;
    }
}

/* Arrays of one owner alone count; dominators ask one bit of each edge. */
static void settle_arrays(struct hs_direct *direct) {
    for (size_t w = 0; w < (size_t)direct->count / 64 + 1; w++) {
        direct->arrays[w] &= ~direct->shared[w];
        direct->shared[w] = direct->arrays[w] | direct->listed[w];
    }
    direct->has = direct->shared;
    direct->shared = NULL;
}

struct hs_error *hs_direct_finish(struct hs_direct *direct, struct hs_direct_part *parts, unsigned part_count,
                                  const uint32_t *first, const hs_id *to) {
    size_t total = 0;
    bool failed = false;
    for (unsigned i = 0; i < part_count; i++) total += parts[i].count, failed |= parts[i].failed;
    struct hs_direct_pair *pairs = malloc((total + 1) * sizeof *pairs);
    struct hs_error *error = pairs && !failed ? NULL : HS_ENOMEM;
    size_t at = 0;
    for (unsigned i = 0; i < part_count && !error; i++) {
        if (parts[i].count) memcpy(pairs + at, parts[i].pairs, parts[i].count * sizeof *pairs);
        at += parts[i].count;
    }
    if (!error) {
        qsort(pairs, total, sizeof *pairs, by_key);
        error = make_lists(direct, pairs, total);
    }
    for (unsigned i = 0; i < part_count && !error; i++) mark_maps(direct, &parts[i]);
    free(pairs);
    settle_arrays(direct);
    return error ? error : cut_lists(direct, first, to);
}

static bool is_function(const struct hs_direct *direct, const uint32_t *first, const hs_id *to, hs_id id) {
    hs_id map = to[first[id]];
    return map < direct->count && hs_direct_get(direct->listed, map) &&
           hs_direct_list_of(direct, map)->of_function;
}

const hs_id *hs_direct_past(const struct hs_direct *direct, const uint32_t *first, const hs_id *to,
                            hs_id from, uint32_t edge, uint32_t *count_ret) {
    hs_id past = to[edge];
    if (past >= direct->count || from >= direct->count) return NULL;
    if (hs_direct_get(direct->arrays, past)) {
        /* Without its map. */
        *count_ret = first[past + 1] - first[past];
        if (*count_ret < 2) return NULL;
        --*count_ret;
        return to + first[past] + 1;
    }
    if (!hs_direct_get(direct->listed, past)) return NULL;
    const struct hs_direct_list *list = hs_direct_list_of(direct, past);
    if (list->of_map && edge != first[from] && !is_function(direct, first, to, from)) return NULL;
    *count_ret = list[1].first - list->first;
    return direct->to + list->first;
}
