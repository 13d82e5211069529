/* All objects of a heap by dense id.
 *
 * An id is the rank of the object's address: page by page in ascending order, within a page the number of
 * start bits before it. One bit a tagged word of page area and one count a 64 words: 0.03 bytes a byte of
 * heap; of each object one byte, its size. Invariants: ids are dense and ascend with address;
 * find(address(id)) == id. Immutable after creation, any thread. */
#ifndef HS_GRAPH_OBJECTS_H
#define HS_GRAPH_OBJECTS_H

#include "base/blocks.h"
#include "heap/walk.h"

struct hs_object_page {
    hs_addr start;    /* of the page's area */
    uint64_t *starts; /* bit k: an object starts at area_start + k tagged words; NULL if the page has none */
    uint32_t *before; /* of each 64 bits: objects of this page before them */
    uint32_t blocks;  /* elements of both */
    hs_id first;      /* id of the page's first object */
};

/* An object of HS_OBJECTS_LARGE words or more. */
enum { HS_OBJECTS_LARGE = 255 };
struct hs_large_object {
    hs_id id;
    uint32_t words;
};

struct hs_objects {
    const struct hs_v8 *v8;
    struct hs_object_page *pages; /* parallel to v8->pages.items */
    uint8_t *words; /* size of each object in tagged words, or HS_OBJECTS_LARGE: hs_objects_words() */
    hs_id count;
    struct hs_large_object *large; /* ascending by id */
    uint32_t large_count;
    struct hs_blocks *blocks; /* where `words` lies if it came from an index; else NULL */
};

/* 0 if it is not among them. */
uint32_t hs_objects_large_words(const struct hs_objects *objects, hs_id id);
static inline uint32_t hs_objects_words(const struct hs_objects *objects, hs_id id) {
    hs_blocks_touch(objects->blocks, &objects->words[id], sizeof *objects->words);
    uint8_t words = objects->words[id];
    return words < HS_OBJECTS_LARGE ? words : hs_objects_large_words(objects, id);
}

/* Bits set. Without -mpopcnt the compiler's builtin is a call; this is a dozen instructions in line. */
static inline unsigned hs_bit_count(uint64_t x) {
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)(x * UINT64_C(0x0101010101010101) >> 56);
}

/* Blocks of a page that has objects. */
static inline uint32_t hs_objects_blocks(const struct hs_v8 *v8, const struct hs_page *page) {
    uint64_t bits =
        page->flags & HS_PAGE_LARGE ? 1 : (page->area_end - page->area_start) / v8->layout.tagged_size;
    return (uint32_t)((bits + 63) / 64);
}

/* For whoever walks the heap anyway: begin, note each batch of hs_walk(), finish. */
struct hs_objects_builder;
struct hs_error *hs_objects_begin(const struct hs_v8 *v8, struct hs_objects_builder **ret) HS_MUST_CHECK;
/* A batch of any page, in its order. Any thread; a page is one thread's. */
void hs_objects_note(struct hs_objects_builder *builder, const struct hs_page *page,
                     const struct hs_object *batch, size_t count);
/* The builder is gone, whether or not this succeeds. */
struct hs_error *hs_objects_finish(struct hs_objects_builder *builder, struct hs_objects **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_objects_abandon(struct hs_objects_builder *builder);
/* Walks the heap once. */
struct hs_error *hs_objects_create(const struct hs_v8 *v8, unsigned threads,
                                   struct hs_objects **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_objects_destroy(struct hs_objects *objects);

/* Id of the object that starts at `address` (untagged), HS_ID_NONE if none does. Does without struct hs_page,
 * whose bounds the bits imply: reading references takes a tenth less (measured). */
static inline hs_id hs_objects_find(const struct hs_objects *objects, hs_addr address) {
    const struct hs_v8 *v8 = objects->v8;
    uint32_t number = hs_pages_number(&v8->pages, address);
    if (!number) return HS_ID_NONE;
    const struct hs_object_page *page = &objects->pages[number - 1];
    unsigned shift = v8->layout.tagged_size == 8 ? 3 : 2;
    uint64_t offset = address - page->start, bit = offset >> shift; /* before the area: far behind it */
    if (offset & ((1u << shift) - 1) || bit / 64 >= page->blocks) return HS_ID_NONE;
    uint64_t block = page->starts[bit / 64];
    if (!(block >> (bit % 64) & 1)) return HS_ID_NONE;
    return page->first + page->before[bit / 64] +
           (hs_id)hs_bit_count(block & ((UINT64_C(1) << (bit % 64)) - 1));
}
/* Id of the object that the pointer `address` points into (its start or any byte of it), HS_ID_NONE if none.
 */
hs_id hs_objects_find_inside(const struct hs_objects *objects, hs_addr address);
/* Address (untagged) of an object; `id` must be below count. */
hs_addr hs_objects_address(const struct hs_objects *objects, hs_id id);
/* The same for ids that ascend, from a place that begins as zeroes: no search. */
struct hs_object_place {
    uint32_t page, block;
};
hs_addr hs_objects_address_from(const struct hs_objects *objects, struct hs_object_place *place, hs_id id);
/* The page of an object. */
const struct hs_page *hs_objects_page(const struct hs_objects *objects, hs_id id);

#endif
