/* Allocation areas that only their own thread knows.
 *
 * Threads that compile have a LocalHeap each (and the main thread has one as well), which points to an
 * allocator with an area. While objects move, each thread of a collector fills areas, and a scavenge keeps
 * the maps of the large objects that it has met aside: it puts a forwarding word to themselves in their place
 * (Scavenger::HandleLargeObject). Nothing of the heap points to those structures, so all writable memory
 * outside the pages is searched for what they hold: {start, top, limit} with [start, top) tiling into objects
 * and [top, limit) not; {object, map} side by side. */
#include "v8/isolate_private.h"
#include "v8/layout_private.h"

#include <string.h>

enum {
    LOWEST_POINTER = 0x100000,
    BEING_COPIED = 1024 /* bytes */,
    TILE_BUDGET = 1 << 24,
    HEAP_BYTES = 0x3000,
    LOCAL_HEAPS = 256,
    LOCAL_HEAP_BYTES = 0x400,
    ALLOCATOR_BYTES = 0x80
};
static const uint64_t SEARCH_LIMIT = UINT64_C(256) << 20, ZERO_LIMIT = UINT64_C(8) << 30; /* bytes */

struct search {
    struct hs_v8 *v8;
    struct hs_maps maps;
    uint64_t budget; /* objects that may still be looked at: memory may be full of triples */
};

/* The kind of the object at `addr`, -1 if there is none. */
static int kind_at(struct search *s, hs_addr addr) {
    const struct hs_v8 *v8 = s->v8;
    const uint8_t *p = hs_pages_ptr(&v8->pages, addr, v8->layout.tagged_size);
    int32_t map = p ? hs_maps_find(&s->maps, v8, hs_v8_load_raw(v8, p)) : -1;
    return map < 0 ? -1 : s->maps.items[map].kind;
}

/* Follows the objects from `at` on; returns where they end, `end` if they tile up to there. */
static hs_addr tile(struct search *s, hs_addr at, hs_addr end) {
    enum hs_kind kind;
    while (at < end && s->budget) {
        s->budget--;
        uint64_t size = hs_object_size(s->v8, &s->maps, at, end, &kind);
        if (!size) break;
        at += size;
    }
    return at;
}

/* An area that a thread fills: objects up to its top, but what follows does not tile up to its limit:
 * whatever once was there. An area that was given up has a filler there. */
static bool is_filling(struct search *s, const struct hs_lab *lab) {
    const struct hs_v8 *v8 = s->v8;
    const struct hs_page *page = hs_pages_find(&v8->pages, lab->start);
    if (lab->top >= lab->limit || !hs_lab_page(v8, lab)) return false;
    bool ends = lab->limit == page->area_end || kind_at(s, lab->limit) >= 0;
    for (uint32_t i = 0; i < v8->lab_count && !ends; i++)
        ends = v8->labs[i].top == lab->limit || v8->labs[i].start == lab->limit;
    if (!ends) return false;
    if (lab->start == lab->top) return page->flags & HS_PAGE_TO && kind_at(s, lab->top) < 0; /* just taken */
    if (kind_at(s, lab->top) == HS_KIND_FREE_SPACE) {
        /* Of a list of free memory, or swept since then. */
        enum hs_kind free_space;
        if (hs_object_size(v8, &s->maps, lab->top, page->area_end, &free_space) > lab->limit - lab->top)
            return false;
    }
    hs_addr end = tile(s, lab->start, lab->top);
    /* The last object may be one that is being copied. */
    bool copying = page->flags & HS_PAGE_TO && end > lab->start && lab->top - end <= BEING_COPIED;
    return (end == lab->top || copying) && tile(s, lab->top, lab->limit) != lab->limit;
}

/* The page of a large object that has been forwarded to itself, if tagged pointer `object` is one; else NULL.
 */
static struct hs_page *forwarded_large(struct hs_v8 *v8, hs_tagged object) {
    struct hs_page *page = (struct hs_page *)hs_pages_find(&v8->pages, object - 1);
    if (!page || !(page->flags & HS_PAGE_LARGE) || page->area_start != object - 1 ||
        page->present < v8->layout.tagged_size)
        return NULL;
    return hs_v8_load_raw(v8, page->bytes) == page->area_start ? page : NULL;
}

static bool search_chunk(struct search *s, const uint8_t *p, uint64_t size) {
    struct hs_v8 *v8 = s->v8;
    const struct hs_arch *arch = v8->arch;
    unsigned word = arch->word_size;
    uint64_t step = UINT64_C(1) << v8->pages.page_bits;
    for (uint64_t at = 0; at + 3u * word <= size; at += word) {
        struct hs_lab lab = {.start = hs_arch_word(arch, p + at)};
        if (lab.start < LOWEST_POINTER) continue;
        lab.top = hs_arch_word(arch, p + at + word);
        struct hs_page *large = lab.start & 1 && lab.top & 1 ? forwarded_large(v8, lab.start) : NULL;
        if (large && hs_map_validate(v8, lab.top)) large->large_map = lab.top;
        if (lab.top < lab.start || lab.top - lab.start > step) continue;
        lab.limit = hs_arch_word(arch, p + at + 2u * word);
        if (is_filling(s, &lab) && !hs_labs_add(v8, &lab)) return false;
    }
    return true;
}

/* --- threads that allocate beside the main one */

/* The bytes from `start` on that its segment has, at most `size`. */
static const uint8_t *view(const struct hs_v8 *v8, hs_addr start, uint64_t *size) {
    const struct hs_segment *segment = hs_core_segment_find(v8->core, start);
    if (!segment || start - segment->start >= segment->file_size) return NULL;
    uint64_t there = segment->file_size - (start - segment->start);
    if (*size > there) *size = there;
    return segment->data + (start - segment->start);
}

/* LocalHeap begins with its Heap (local-heap.h, 10.1 to 12). */
static bool is_local_heap(const struct hs_v8 *v8, hs_addr addr, hs_addr heap) {
    uint64_t word;
    return addr % v8->arch->word_size == 0 && addr != heap && addr > LOWEST_POINTER &&
           !hs_pages_find(&v8->pages, addr) && hs_core_word(v8->core, addr, &word) && word == heap;
}

/* Looks at what the words from `from` on point to: other local heaps, which are added to `found`, and (with
 * `allocators`) areas. False if there is no memory. */
static bool follow(struct search *s, hs_addr from, uint64_t size, bool allocators, hs_addr heap,
                   hs_addr *found, unsigned *count) {
    const struct hs_v8 *v8 = s->v8;
    unsigned word = v8->arch->word_size;
    const uint8_t *p = view(v8, from, &size);
    for (uint64_t at = 0; p && at + word <= size; at += word) {
        hs_addr to = hs_arch_word(v8->arch, p + at);
        if (to % word || to < LOWEST_POINTER || hs_pages_find(&v8->pages, to)) continue;
        uint64_t bytes = ALLOCATOR_BYTES;
        const uint8_t *allocator = allocators ? view(v8, to, &bytes) : NULL;
        if (allocator && !search_chunk(s, allocator, bytes)) return false;
        if (!is_local_heap(v8, to, heap)) continue;
        bool known = false;
        for (unsigned i = 0; i < *count && !known; i++) known = found[i] == to;
        if (!known && *count < LOCAL_HEAPS) found[(*count)++] = to;
    }
    return true;
}

struct hs_error *hs_local_heaps_search(struct hs_v8 *v8) {
    struct search s = {.v8 = v8, .budget = TILE_BUDGET};
    bool memory = true;
    for (uint32_t i = 0; i < v8->isolate_count && memory; i++) {
        hs_addr heap = v8->isolates[i].heap, found[LOCAL_HEAPS];
        unsigned count = 0;
        memory = follow(&s, heap, HEAP_BYTES, false, heap, found, &count);
        for (unsigned k = 0; k < count && memory; k++)
            memory = follow(&s, found[k], LOCAL_HEAP_BYTES, true, heap, found, &count);
    }
    hs_maps_deinit(&s.maps);
    hs_labs_sort(v8);
    return memory ? NULL : HS_ENOMEM;
}

/* --- threads of a collector */

/* Reserved memory, in a core that is not sparse. */
static bool is_zero(const uint8_t *p, uint64_t size) {
    return size > 0 && p[0] == 0 && memcmp(p, p + 1, size - 1) == 0;
}

struct hs_error *hs_collector_search(struct hs_v8 *v8) {
    unsigned word = v8->arch->word_size;
    uint64_t searched = 0, zeroes = 0, step = UINT64_C(1) << v8->pages.page_bits;
    struct search s = {.v8 = v8, .budget = TILE_BUDGET};
    bool memory = true;
    for (size_t i = 0; i < v8->core->extent_count && memory && s.budget; i++) {
        hs_addr at = (v8->core->extents[i].start + word - 1) & ~(hs_addr)(word - 1);
        hs_addr end = v8->core->extents[i].start + v8->core->extents[i].size;
        const struct hs_segment *segment = hs_core_segment_find(v8->core, at);
        if (!segment || !(segment->any_flags & HS_SEGMENT_W)) continue;
        while (at < end && memory && searched < SEARCH_LIMIT && zeroes < ZERO_LIMIT) {
            const struct hs_page *page = hs_pages_find(&v8->pages, at);
            hs_addr next = page ? page->base + page->size
                                : (at | (step - 1)) + 1; /* pages begin at multiples of the step */
            if (next > end || next <= at) next = end;
            uint64_t size = next - at + 2u * word; /* a triple may begin in this chunk and end in the next */
            uint64_t there = segment->start + segment->file_size - at;
            if (size > there) size = there;
            const uint8_t *p = segment->data + (at - segment->start);
            if (!page && is_zero(p, next - at)) {
                zeroes += next - at;
            } else if (!page) {
                memory = search_chunk(&s, p, size);
                searched += next - at;
            }
            at = next;
        }
    }
    hs_maps_deinit(&s.maps);
    hs_labs_sort(v8);
    return memory ? NULL : HS_ENOMEM;
}
