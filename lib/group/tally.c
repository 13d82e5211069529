#include "group/tally.h"

#include <stdlib.h>
#include <string.h>
#include "js/string.h"

enum { FIRST_MAPS = 4096 };

struct hs_error *hs_tally_init(struct hs_js *js, struct hs_tally *ret) {
    *ret = (struct hs_tally){.js = js};
    ret->slot_count = 2 * (js->v8->isolate_count ? js->v8->isolate_count : 1);
    ret->cells = calloc(ret->slot_count, sizeof *ret->cells);
    return ret->cells ? NULL : HS_ENOMEM;
}

void hs_tally_deinit(struct hs_tally *tally) {
    for (uint32_t i = 0; tally->cells && i < tally->slot_count; i++) free(tally->cells[i]);
    free(tally->cells);
    free(tally->plans);
    free(tally->variants);
    free(tally->variant_slots);
    free(tally->buffers.items);
    free(tally->strings.items);
    hs_retags_deinit(&tally->retags);
    memset(tally, 0, sizeof *tally);
}

static void clear_cells(struct hs_cell *cells, uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; i++) cells[i] = (struct hs_cell){.low = UINT64_MAX};
}

static bool grow_maps(struct hs_tally *tally, uint32_t count) {
    uint32_t capacity = tally->map_capacity ? tally->map_capacity : FIRST_MAPS;
    while (capacity < count) capacity *= 2;
    struct hs_plan *plans = realloc(tally->plans, capacity * sizeof *plans);
    if (!plans) return false;
    tally->plans = plans;
    for (uint32_t i = 0; i < tally->slot_count; i++) {
        if (!tally->cells[i]) continue;
        struct hs_cell *row = realloc(tally->cells[i], capacity * sizeof *row);
        if (!row) return false;
        tally->cells[i] = row;
        clear_cells(row, tally->map_capacity, capacity);
    }
    tally->map_capacity = capacity;
    return true;
}

bool hs_tally_plan(struct hs_tally *tally, const struct hs_maps *maps) {
    if (maps->count > tally->map_capacity && !grow_maps(tally, maps->count)) {
        tally->failed = true;
        return false;
    }
    /* Plans look at functions and prototypes and may thereby load maps; of the same table when merging. */
    while (tally->planned < maps->count && tally->planned < tally->map_capacity) {
        struct hs_map map = maps->items[tally->planned];
        hs_plan_make(tally->js, &map, &tally->plans[tally->planned]);
        tally->planned++;
    }
    if (maps->count > tally->map_capacity) return hs_tally_plan(tally, maps);
    return true;
}

struct hs_cell *hs_tally_row(struct hs_tally *tally, uint32_t slot) {
    if (slot >= tally->slot_count) slot = slot & 1;
    if (!tally->cells[slot] && tally->map_capacity) {
        tally->cells[slot] = malloc(tally->map_capacity * sizeof **tally->cells);
        if (tally->cells[slot]) clear_cells(tally->cells[slot], 0, tally->map_capacity);
    }
    if (!tally->cells[slot]) tally->failed = true;
    return tally->cells[slot];
}

static size_t variant_hash(uint32_t slot, uint32_t map, uint64_t variant) {
    return hs_address_mix(variant ^ hs_address_mix((uint64_t)map << 16 | slot));
}

static bool grow_variants(struct hs_tally *tally) {
    size_t slots = tally->variant_slot_count ? 2 * tally->variant_slot_count : 1024;
    uint32_t *table = calloc(slots, sizeof *table);
    struct hs_variant *items = realloc(tally->variants, slots / 2 * sizeof *items);
    if (items) tally->variants = items;
    if (!table || !items) {
        free(table);
        return false;
    }
    for (size_t i = 0; i < tally->variant_count; i++) {
        size_t at = variant_hash(items[i].slot, items[i].map, items[i].variant) & (slots - 1);
        while (table[at]) at = (at + 1) & (slots - 1);
        table[at] = (uint32_t)i + 1;
    }
    free(tally->variant_slots);
    tally->variant_slots = table;
    tally->variant_slot_count = slots;
    tally->variant_capacity = slots / 2;
    return true;
}

/* Where it stands in variant_slots, or would stand. */
static size_t variant_slot(const struct hs_tally *tally, uint32_t slot, uint32_t map, uint64_t variant) {
    size_t mask = tally->variant_slot_count - 1, at = variant_hash(slot, map, variant) & mask;
    for (; tally->variant_slots[at]; at = (at + 1) & mask) {
        const struct hs_variant *v = &tally->variants[tally->variant_slots[at] - 1];
        if (v->variant == variant && v->map == map && v->slot == slot) break;
    }
    return at;
}

size_t hs_tally_variant_find(const struct hs_tally *tally, uint32_t slot, uint32_t map, uint64_t variant) {
    if (!tally->variant_slot_count) return SIZE_MAX;
    uint32_t found = tally->variant_slots[variant_slot(tally, slot, map, variant)];
    return found ? found - 1 : SIZE_MAX;
}

struct hs_variant *hs_tally_variant(struct hs_tally *tally, uint32_t slot, uint32_t map, uint64_t variant) {
    if (tally->variant_count == tally->variant_capacity &&
        (tally->variant_count >= UINT32_MAX / 2 || !grow_variants(tally))) {
        tally->failed = true;
        return NULL;
    }
    size_t at = variant_slot(tally, slot, map, variant);
    if (tally->variant_slots[at]) return &tally->variants[tally->variant_slots[at] - 1];
    struct hs_variant *fresh = &tally->variants[tally->variant_count++];
    *fresh = (struct hs_variant){.variant = variant, .map = map, .slot = (uint16_t)slot, .low = UINT64_MAX};
    tally->variant_slots[at] = (uint32_t)tally->variant_count;
    return fresh;
}

static void add_store(struct hs_tally *tally, struct hs_stores *stores, struct hs_store store) {
    if (stores->count == stores->capacity) {
        size_t capacity = stores->capacity ? stores->capacity * 2 : 256;
        struct hs_store *grown = realloc(stores->items, capacity * sizeof *grown);
        if (!grown) {
            tally->failed = true;
            return;
        }
        stores->items = grown;
        stores->capacity = capacity;
    }
    stores->items[stores->count++] = store;
}

static uint64_t clip(uint64_t bytes) {
    return bytes >> 48 ? 0 : bytes;
} /* more than an address space is a lie */

static void add_buffer(struct hs_tally *tally, uint32_t isolate, const uint8_t *p, uint32_t words) {
    const struct hs_v8 *v8 = tally->js->v8;
    const struct hs_layout *l = &v8->layout;
    uint64_t size = (uint64_t)words * l->tagged_size;
    if ((uint64_t)l->array_buffer_store + v8->arch->word_size > size) return;
    if ((uint64_t)l->array_buffer_byte_length + v8->arch->word_size > size) return;
    hs_addr store = hs_arch_word(v8->arch, p + l->array_buffer_store);
    if (!store) return;
    add_store(tally, &tally->buffers,
              (struct hs_store){store, clip(hs_v8_byte_length(v8, p + l->array_buffer_byte_length)),
                                isolate & 0xffff});
}

/* Everything that the hot loop does not do. Returns false if the object belongs to its map's cell. */
static bool special(struct hs_tally *tally, const struct hs_map *map, uint32_t slot,
                    const struct hs_object *object, const struct hs_plan *plan, const uint8_t *p) {
    const struct hs_v8 *v8 = tally->js->v8;
    uint64_t bytes = (uint64_t)object->words * v8->layout.tagged_size;
    hs_addr data = 0;
    switch ((enum hs_plan_also)plan->also) {
    case HS_ALSO_STORE:
        add_buffer(tally, slot / 2, p, object->words);
        break;
    case HS_ALSO_OWNED:
        hs_retags_collect(tally->js, map, p, object->words, &tally->retags);
        break;
    case HS_ALSO_PAYLOAD: {
        uint64_t payload = hs_js_string_payload(v8, object->address, map, &data);
        if (data) add_store(tally, &tally->strings, (struct hs_store){data, payload, (slot / 2) & 0xffff});
        if (v8->layout.snapshot_read_only_weighs_0) bytes += payload;
        break;
    }
    case HS_ALSO_NOTHING:
        break;
    }
    if (plan->by == HS_BY_MAP) return false;
    uint32_t keys;
    uint64_t variant = hs_plan_variant(tally->js, plan, slot / 2, object->address, map, &keys);
    struct hs_variant *v = hs_tally_variant(tally, slot, object->map, variant);
    if (!v) return true;
    v->count++;
    v->bytes += bytes;
    v->elements += hs_plan_length(v8, plan, p, object->words);
    v->keys += keys;
    if (object->address < v->low) v->low = object->address;
    if (object->address > v->high) v->high = object->address;
    return true;
}

void hs_tally_batch(struct hs_walk_thread *thread, const struct hs_page *page,
                    const struct hs_object *objects, size_t count) {
    struct hs_tally *tally = thread->context;
    const struct hs_v8 *v8 = tally->js->v8;
    uint32_t slot = hs_slot(page);
    if (slot >= tally->slot_count) slot &= 1;
    if (tally->planned < thread->maps.count && !hs_tally_plan(tally, &thread->maps)) return;
    struct hs_cell *row = hs_tally_row(tally, slot);
    if (!row) return;
    const struct hs_plan *plans = tally->plans;
    for (size_t i = 0; i < count; i++) {
        const struct hs_object *object = &objects[i];
        struct hs_cell *cell = &row[object->map];
        const struct hs_plan *plan = &plans[object->map];
        const uint8_t *p = page->bytes + (object->address - page->area_start);
        if (plan->by | plan->also) {
            struct hs_map map = thread->maps.items[object->map];
            if (special(tally, &map, slot, object, plan, p)) continue;
        }
        cell->count++;
        cell->words += object->words;
        if (object->address < cell->low) cell->low = object->address;
        if (object->address > cell->high) cell->high = object->address;
        if (plan->how > HS_LENGTH_WORDS) cell->elements += hs_plan_length(v8, plan, p, object->words);
    }
}

static void merge_stores(struct hs_tally *to, struct hs_stores *into, const struct hs_stores *from) {
    for (size_t i = 0; i < from->count; i++) add_store(to, into, from->items[i]);
}

void hs_tally_merge(struct hs_tally *to, const struct hs_tally *from, const struct hs_maps *from_maps) {
    to->failed |= from->failed | from->retags.failed;
    uint32_t *index = malloc((from_maps->count ? from_maps->count : 1) * sizeof *index);
    if (!index) {
        to->failed = true;
        return;
    }
    for (uint32_t m = 0; m < from_maps->count; m++) {
        int32_t found = hs_maps_find(&to->js->maps, to->js->v8, from_maps->items[m].address + 1);
        index[m] = found < 0 ? UINT32_MAX : (uint32_t)found;
    }
    uint32_t planned = from->planned < from_maps->count ? from->planned : from_maps->count;
    bool ready = hs_tally_plan(to, &to->js->maps);
    for (uint32_t s = 0; ready && s < from->slot_count; s++) {
        struct hs_cell *row = from->cells[s] ? hs_tally_row(to, s) : NULL;
        for (uint32_t m = 0; row && m < planned; m++) {
            const struct hs_cell *cell = &from->cells[s][m];
            if (!cell->count || index[m] == UINT32_MAX) continue;
            struct hs_cell *sum = &row[index[m]];
            sum->count += cell->count;
            sum->words += cell->words;
            sum->elements += cell->elements;
            if (cell->low < sum->low) sum->low = cell->low;
            if (cell->high > sum->high) sum->high = cell->high;
        }
    }
    for (size_t i = 0; i < from->variant_count; i++) {
        const struct hs_variant *v = &from->variants[i];
        if (index[v->map] == UINT32_MAX) continue;
        struct hs_variant *sum = hs_tally_variant(to, v->slot, index[v->map], v->variant);
        if (!sum) break;
        sum->count += v->count;
        sum->bytes += v->bytes;
        sum->elements += v->elements;
        sum->keys += v->keys;
        if (v->low < sum->low) sum->low = v->low;
        if (v->high > sum->high) sum->high = v->high;
    }
    free(index);
    merge_stores(to, &to->buffers, &from->buffers);
    merge_stores(to, &to->strings, &from->strings);
    for (size_t i = 0; i < from->retags.count; i++) {
        struct hs_retags *retags = &to->retags;
        if (retags->count == retags->capacity) {
            size_t capacity = retags->capacity ? 2 * retags->capacity : 1024;
            uint64_t *grown = realloc(retags->items, capacity * sizeof *grown);
            if (!grown) {
                to->failed = true;
                return;
            }
            retags->items = grown;
            retags->capacity = capacity;
        }
        retags->items[retags->count++] = from->retags.items[i];
    }
}

static int by_isolate(const void *a, const void *b) {
    const struct hs_store *x = a, *y = b;
    if (x->isolate != y->isolate) return x->isolate < y->isolate ? -1 : 1;
    if (x->address != y->address) return x->address < y->address ? -1 : 1;
    return x->bytes > y->bytes ? -1 : x->bytes < y->bytes;
}

static int by_address(const void *a, const void *b) {
    const struct hs_store *x = a, *y = b;
    if (x->address != y->address) return x->address < y->address ? -1 : 1;
    return by_isolate(a, b);
}

uint64_t hs_stores_settle(struct hs_stores *stores, bool across) {
    if (!stores->count) return 0;
    qsort(stores->items, stores->count, sizeof *stores->items, across ? by_address : by_isolate);
    size_t count = 0;
    uint64_t total = 0;
    for (size_t i = 0; i < stores->count; i++) {
        struct hs_store *last = count ? &stores->items[count - 1] : NULL, store = stores->items[i];
        if (last && last->address == store.address && (across || last->isolate == store.isolate)) {
            if (store.bytes > last->bytes) {
                total += store.bytes - last->bytes;
                last->bytes = store.bytes;
            }
            continue;
        }
        stores->items[count++] = store;
        total += store.bytes;
    }
    stores->count = count;
    return total;
}
