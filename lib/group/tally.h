/* The counting half of a scan: one tally a thread, filled batch by batch, merged afterwards.
 *
 * Counts by (slot, map), where a slot is an isolate's writable or read-only pages, and for maps that do not
 * decide the class by (slot, map, variant). The hot loop touches a plan and a cell a map and, where the
 * length is not in the size, one field of the object. Merging adds up and takes the lowest address, so
 * neither the order nor the number of threads shows in the result. */
#ifndef HS_GROUP_TALLY_H
#define HS_GROUP_TALLY_H

#include "group/plan.h"
#include "group/retag.h"
#include "heap/walk.h"

/* Slots: isolate * 2, and one more for its read-only pages. */
static inline uint32_t hs_slot(const struct hs_page *page) {
    return page->isolate * 2u + (page->flags & HS_PAGE_READ_ONLY ? 1 : 0);
}

struct hs_cell {
    uint64_t count, words;
    uint64_t elements; /* not of HS_LENGTH_WORDS */
    hs_addr low, high; /* first and last object; low > high where there is none */
};

struct hs_variant {
    uint64_t variant;
    uint32_t map;
    uint16_t slot;
    uint64_t count, bytes, elements, keys;
    hs_addr low, high;
};

/* Memory outside the heap that an object holds. */
struct hs_store {
    hs_addr address;
    uint64_t bytes : 48, isolate : 16;
};
struct hs_stores {
    struct hs_store *items;
    size_t count, capacity;
};

struct hs_tally {
    struct hs_js *js;       /* owned by the caller */
    struct hs_plan *plans;  /* by map index */
    uint32_t map_capacity;  /* of plans and of each row of cells */
    uint32_t planned;       /* maps that have a plan */
    struct hs_cell **cells; /* [slot][map index]; rows are made when needed */
    uint32_t slot_count;
    struct hs_variant *variants;
    size_t variant_count, variant_capacity;
    uint32_t *variant_slots; /* open addressing: index + 1 */
    size_t variant_slot_count;
    struct hs_stores buffers, strings;
    struct hs_retags retags;
    bool failed; /* no memory: the counts are not whole */
};

struct hs_error *hs_tally_init(struct hs_js *js, struct hs_tally *ret) HS_MUST_CHECK;
void hs_tally_deinit(struct hs_tally *tally);

/* For hs_walk: the thread's context is its tally. */
void hs_tally_batch(struct hs_walk_thread *thread, const struct hs_page *page,
                    const struct hs_object *objects, size_t count);

/* Plans for maps up to `maps->count`. */
bool hs_tally_plan(struct hs_tally *tally, const struct hs_maps *maps);
/* The row of cells of a slot; NULL without memory. Call after hs_tally_plan. */
struct hs_cell *hs_tally_row(struct hs_tally *tally, uint32_t slot);
/* The record of a variant, made if need be; NULL without memory. Valid until the next one is made. */
struct hs_variant *hs_tally_variant(struct hs_tally *tally, uint32_t slot, uint32_t map, uint64_t variant);

/* Its index, SIZE_MAX if there is none. Any thread, once all are made. */
size_t hs_tally_variant_find(const struct hs_tally *tally, uint32_t slot, uint32_t map, uint64_t variant);

/* Adds what `from` counted with its own map table to `to`, whose map table is to->js->maps. */
void hs_tally_merge(struct hs_tally *to, const struct hs_tally *from, const struct hs_maps *from_maps);

/* Sorts stores and keeps one of each (isolate, address), or with `across` one of each address: the one with
 * most bytes, for the lowest isolate. Returns their total. */
uint64_t hs_stores_settle(struct hs_stores *stores, bool across);

#endif
