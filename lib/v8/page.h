/* V8's pages (MemoryChunk / PageMetadata): where objects can be.
 *
 * A page is found by its header, which names its own bounds, heap and owner; ten header variants are tried
 * and the one that is consistent with most pages wins (V8 3.14 to 14.6).
 * A page is V8's page size or, for a large object, longer. Invariants: pages ascend by address and do not
 * overlap; base < area_start < area_end <= base + size. `bytes` is the host's view of the area, NULL where
 * the core lacks it; only [area_start, area_start + present) may be read. Immutable after discovery. */
#ifndef HS_V8_PAGE_H
#define HS_V8_PAGE_H

#include "v8/layout.h"

enum {
    HS_PAGE_FROM = 1,
    HS_PAGE_TO = 2,
    HS_PAGE_LARGE = 4,
    HS_PAGE_READ_ONLY = 8,
    HS_PAGE_CODE = 16,
    HS_PAGE_NEW = 32,
    HS_PAGE_UNUSED = 64 /* freed but not unmapped, or to-space that was never filled: no heap */,
    HS_PAGE_LEAVING =
        128, /* from-space of a scavenge under way: objects without a forwarding word are (still) here */
    HS_PAGE_UNLISTED = 512, /* in no list, but looks like the pages of its space: heap while a collection of
                               its isolate is under way (hs_gc_discover), else freed */
    HS_PAGE_DEAD_STAY = 256 /* its sweeper left small dead objects in their place (V8 3.14): their maps may be
                               gone or be other maps by now */
};

struct hs_page {
    hs_addr base, area_start, area_end;
    uint64_t size;        /* bytes, header included */
    const uint8_t *bytes; /* of area_start */
    uint64_t present;     /* bytes of the area that the core holds, from area_start on */
    hs_addr metadata;     /* address of the metadata words (base itself in old variants) */
    hs_addr heap, owner;  /* Heap*, Space* in the target; 0 on shared read-only pages */
    uint64_t allocated;   /* V8's allocated_bytes of the page: a check, not a truth */
    uint64_t raw_flags;
    uint64_t large_map; /* map (tagged) of a large object whose map word a scavenge under way has replaced;
                           else 0 */
    uint16_t space;     /* index into hs_pages.spaces */
    uint16_t isolate;   /* index of the isolate; shared pages belong to 0 */
    uint16_t flags;     /* HS_PAGE_* */
};

struct hs_space {
    char name[32];       /* as v8.getHeapSpaceStatistics() writes it: "old_space" */
    char class_name[32]; /* V8's class: "OldSpace" */
    hs_addr address;     /* Space* in the target, 0 for shared read-only pages */
    hs_addr heap;        /* Heap* in the target */
    bool code;           /* its pages are executable */
    uint16_t isolate;
};

/* Pages are as long as a chunk, or longer. */
struct hs_page_slot {
    uint64_t chunk;  /* address >> page_bits */
    uint32_t number; /* index + 1; 0: a free slot */
};

struct hs_pages {
    struct hs_page *items;
    uint32_t count;
    struct hs_space *spaces;
    uint32_t space_count;
    struct hs_page_slot *slots; /* open addressing, 2^(64 - slot_shift) of them; NULL: no pages are known */
    uint8_t slot_shift;
    uint8_t page_bits;
    bool prefilled;      /* unused semispace is covered by FreeSpace objects (V8 10.8 and later) */
    const char *variant; /* which header variant won, for --explain-layout */
};

/* Where a chunk is looked for first. V8 asks for its pages at random addresses: a table by address would be
 * ten kilobytes a page, and two cache lines a look. */
static inline uint64_t hs_pages_slot(const struct hs_pages *pages, uint64_t chunk) {
    return chunk * UINT64_C(0x9E3779B97F4A7C15) >> pages->slot_shift;
}
/* Slots in which a chunk may stand, from the first on. Half of all or more are free, and for pages that V8
 * has laid out a few are enough; pages chosen so that they meet in one slot would make every look as long as
 * the table. */
enum { HS_PAGES_STEPS = 256 };
/* Index + 1 of the only page that can hold `addr`, 0: none can. */
static inline uint32_t hs_pages_number(const struct hs_pages *pages, hs_addr addr) {
    if (!pages->slots) return 0;
    uint64_t chunk = addr >> pages->page_bits, mask = (UINT64_C(1) << (64 - pages->slot_shift)) - 1;
    uint64_t at = hs_pages_slot(pages, chunk);
    for (unsigned left = HS_PAGES_STEPS; left; left--, at = (at + 1) & mask) {
        const struct hs_page_slot *slot = &pages->slots[at];
        if (slot->chunk == chunk || !slot->number) return slot->number;
    }
    return 0;
}
/* The page that holds `addr`, or NULL. A large page ends where its object does, in the middle of a chunk:
 * what is mapped behind it is not the page's. */
static inline const struct hs_page *hs_pages_find(const struct hs_pages *pages, hs_addr addr) {
    uint32_t number = hs_pages_number(pages, addr);
    if (!number) return NULL;
    const struct hs_page *page = &pages->items[number - 1];
    return addr - page->base < page->size ? page : NULL;
}
/* Host bytes [addr, addr+size) of an object area, or NULL unless all are present inside one page's area. */
static inline const uint8_t *hs_pages_ptr(const struct hs_pages *pages, hs_addr addr, uint64_t size) {
    const struct hs_page *page = hs_pages_find(pages, addr);
    if (!page || addr < page->area_start) return NULL;
    uint64_t offset = addr - page->area_start;
    if (offset > page->present || size > page->present - offset) return NULL;
    return page->bytes + offset;
}

#endif
