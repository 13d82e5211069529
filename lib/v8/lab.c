/* Allocation areas: what lies between the objects without being one. */
#include "v8/isolate_private.h"
#include "v8/layout_private.h"

#include <stdlib.h>
#include <string.h>

/* Where LinearAllocationArea {start, top, limit} stands differs by release: in the isolate (20 and later), before the heap
 * (18, 19), in the Space objects and in the allocators that they and the heap point to (22 and later). It is recognised by what
 * it is: three ascending words inside one page's area (v8-modern.md §3.3), which are not part of a longer such list: V8 20 keeps
 * the addresses of code objects in sorted vectors.
 * While objects move, each thread of a collector has areas of its own, in structures that nothing of the heap points to:
 * then all writable memory outside the pages is searched, and a triple is believed if [start, top) tiles into objects. */
enum { ISOLATE_BYTES = 0x400, BEFORE_HEAP = 0x200, HEAP_BYTES = 0x3000, SPACE_BYTES = 0x400, POINTEE_BYTES = 0x600,
       LAB_LIMIT = 1 << 16, LIST_WORDS = 6, LOWEST_POINTER = 0x100000 };
static const uint64_t SEARCH_LIMIT = UINT64_C(256) << 20; /* bytes */

struct finder {
    struct hs_v8 *v8;
    uint32_t capacity;
    struct hs_error *error;
};

static void add_lab(struct finder *finder, struct hs_lab lab) {
    struct hs_v8 *v8 = finder->v8;
    if (v8->lab_count >= LAB_LIMIT || finder->error) return;
    if (v8->lab_count >= finder->capacity) {
        uint32_t capacity = finder->capacity ? 2 * finder->capacity : 64;
        struct hs_lab *grown = realloc(v8->labs, capacity * sizeof *grown);
        if (!grown) {
            finder->error = HS_ENOMEM;
            return;
        }
        v8->labs = grown;
        finder->capacity = capacity;
    }
    v8->labs[v8->lab_count++] = lab;
}

/* The page that all of a triple is in, NULL if it is none. An area that is full ends new space (hs_newspace_discover). */
static const struct hs_page *page_of(const struct hs_v8 *v8, const struct hs_lab *lab) {
    if (!lab->start || lab->start > lab->top || lab->top > lab->limit || lab->start == lab->limit) return NULL;
    if ((lab->start | lab->top | lab->limit) & (v8->layout.tagged_size - 1u)) return NULL;
    const struct hs_page *page = hs_pages_find(&v8->pages, lab->top - 1);
    if (!page || lab->start < page->area_start || lab->limit > page->area_end) return NULL;
    return lab->top < lab->limit || page->flags & HS_PAGE_TO ? page : NULL;
}

/* How many words from `at` on, in steps of `step` words, go on ascending (or descending) inside the page. */
static unsigned run(const struct hs_v8 *v8, const uint8_t *p, uint64_t at, uint64_t size, int step, const struct hs_page *page) {
    int64_t word = v8->arch->word_size;
    uint64_t last = hs_arch_word(v8->arch, p + at);
    unsigned count = 0;
    for (int64_t i = (int64_t)at + step * word; i >= 0 && i + word <= (int64_t)size && count < LIST_WORDS; i += step * word) {
        uint64_t value = hs_arch_word(v8->arch, p + i);
        if (value < page->area_start || value > page->area_end || (step > 0 ? value <= last : value >= last)) break;
        last = value;
        count++;
    }
    return count;
}

/* The bytes from `start` on that its segment has, at most `size`. */
static const uint8_t *view(const struct hs_v8 *v8, hs_addr start, uint64_t *size) {
    const struct hs_segment *segment = hs_core_segment_find(v8->core, start);
    if (!segment || start - segment->start >= segment->file_size) return NULL;
    uint64_t there = segment->file_size - (start - segment->start);
    if (*size > there) *size = there;
    return segment->data + (start - segment->start);
}

static void scan(struct finder *finder, hs_addr start, uint64_t size, bool follow) {
    struct hs_v8 *v8 = finder->v8;
    const struct hs_arch *arch = v8->arch;
    unsigned word = arch->word_size;
    const uint8_t *p = view(v8, start, &size);
    for (uint64_t at = 0; p && at + 3u * word <= size; at += word) {
        struct hs_lab lab = {hs_arch_word(arch, p + at), hs_arch_word(arch, p + at + word), hs_arch_word(arch, p + at + 2u * word)};
        const struct hs_page *page = page_of(v8, &lab);
        if (page && 3 + run(v8, p, at, size, -1, page) + run(v8, p, at + 2u * word, size, 1, page) < LIST_WORDS)
            add_lab(finder, lab);
        if (follow && lab.start % word == 0 && lab.start > LOWEST_POINTER && !hs_pages_find(&v8->pages, lab.start))
            scan(finder, lab.start, POINTEE_BYTES, false);
    }
}

static int by_top(const void *a, const void *b) {
    const struct hs_lab *x = a, *y = b;
    if (x->top != y->top) return x->top < y->top ? -1 : 1;
    return x->limit > y->limit ? -1 : x->limit < y->limit;
}

static struct hs_error *finish(struct finder *finder) {
    struct hs_v8 *v8 = finder->v8;
    if (finder->error) return finder->error;
    if (v8->lab_count) qsort(v8->labs, v8->lab_count, sizeof *v8->labs, by_top);
    uint32_t kept = 0; /* of the same top the one with the highest limit: V8 lowers limits for its observers */
    for (uint32_t i = 0; i < v8->lab_count; i++)
        if (kept == 0 || v8->labs[kept - 1].top != v8->labs[i].top) v8->labs[kept++] = v8->labs[i];
    v8->lab_count = kept;
    return NULL;
}

struct hs_error *hs_labs_discover(struct hs_v8 *v8) {
    struct finder finder = {.v8 = v8};
    for (uint32_t i = 0; i < v8->isolate_count; i++) {
        const struct hs_isolate *isolate = &v8->isolates[i];
        if (isolate->address) scan(&finder, isolate->address, ISOLATE_BYTES, true);
        scan(&finder, isolate->heap - BEFORE_HEAP, HEAP_BYTES, true);
    }
    for (uint32_t i = 0; i < v8->pages.space_count; i++)
        if (v8->pages.spaces[i].address) scan(&finder, v8->pages.spaces[i].address, SPACE_BYTES, true);
    return finish(&finder);
}

/* Size of the object at `addr`, 0 if there is none that ends at or before `end`. */
static uint64_t object_size(const struct hs_v8 *v8, struct hs_maps *maps, hs_addr addr, hs_addr end, enum hs_kind *kind_ret) {
    const uint8_t *p = hs_pages_ptr(&v8->pages, addr, v8->layout.tagged_size);
    int32_t m = p ? hs_maps_find(maps, v8, hs_v8_load_raw(v8, p)) : -1;
    if (m < 0 || !hs_pages_ptr(&v8->pages, addr, end - addr)) return 0;
    struct hs_map map = maps->items[m];
    *kind_ret = (enum hs_kind)map.kind;
    return hs_rule_size(v8, &map, addr, p, end - addr, maps);
}

/* A triple of three objects' addresses in a row is no area: what stands at its top is one object that ends at its limit. */
static bool is_list(const struct hs_v8 *v8, struct hs_maps *maps, const struct hs_lab *lab) {
    enum hs_kind kind = HS_KIND_UNKNOWN;
    uint64_t size = object_size(v8, maps, lab->top, lab->limit, &kind);
    return size == lab->limit - lab->top && kind != HS_KIND_FREE_SPACE && kind != HS_KIND_FILLER;
}

/* An area that a thread fills: objects up to its top, none there. */
static bool is_filling(const struct hs_v8 *v8, struct hs_maps *maps, const struct hs_lab *lab) {
    hs_tagged word;
    if (!hs_v8_word(v8, lab->top, &word) || hs_maps_find(maps, v8, word) >= 0) return false;
    if (lab->start == lab->top) { /* just taken: three words only, so what follows it must fit */
        const struct hs_page *page = hs_pages_find(&v8->pages, lab->top);
        bool fits = lab->limit == page->area_end || (hs_v8_word(v8, lab->limit, &word) && hs_maps_find(maps, v8, word) >= 0);
        for (uint32_t i = 0; i < v8->lab_count && !fits; i++) fits = v8->labs[i].top == lab->limit;
        return fits && page->flags & HS_PAGE_TO;
    }
    hs_addr at = lab->start;
    enum hs_kind kind;
    while (at < lab->top) {
        uint64_t size = object_size(v8, maps, at, lab->top, &kind);
        if (!size) return false;
        at += size;
    }
    return true;
}

/* All writable memory that is no page of the heap. */
static void search(struct finder *finder, struct hs_maps *maps) {
    struct hs_v8 *v8 = finder->v8;
    const struct hs_arch *arch = v8->arch;
    unsigned word = arch->word_size;
    uint64_t searched = 0, step = UINT64_C(1) << v8->pages.page_bits;
    for (size_t i = 0; i < v8->core->extent_count && searched < SEARCH_LIMIT; i++) {
        hs_addr at = (v8->core->extents[i].start + word - 1) & ~(hs_addr)(word - 1);
        hs_addr end = v8->core->extents[i].start + v8->core->extents[i].size;
        const struct hs_segment *segment = hs_core_segment_find(v8->core, at);
        if (!segment || !(segment->any_flags & HS_SEGMENT_W)) continue;
        while (at < end && searched < SEARCH_LIMIT) {
            hs_addr next = (at | (step - 1)) + 1; /* a chunk of page size is a page's or none's */
            if (next > end || next < at) next = end;
            uint64_t size = next - at + 2u * word; /* a triple may begin in this chunk and end in the next */
            const uint8_t *p = hs_pages_find(&v8->pages, at) ? NULL : view(v8, at, &size);
            if (p) searched += next - at;
            for (uint64_t k = 0; p && k + 3u * word <= size; k += word) {
                struct hs_lab lab = {.start = hs_arch_word(arch, p + k)};
                if (lab.start < LOWEST_POINTER) continue;
                lab.top = hs_arch_word(arch, p + k + word);
                if (lab.top < lab.start || lab.top - lab.start > step) continue;
                lab.limit = hs_arch_word(arch, p + k + 2u * word);
                if (lab.top < lab.limit && page_of(v8, &lab) && is_filling(v8, maps, &lab)) add_lab(finder, lab);
            }
            at = next;
        }
    }
}

struct hs_error *hs_labs_confirm(struct hs_v8 *v8, bool moving) {
    struct hs_maps maps = {0};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < v8->lab_count; i++)
        if (!is_list(v8, &maps, &v8->labs[i])) v8->labs[kept++] = v8->labs[i];
    v8->lab_count = kept;
    struct finder finder = {.v8 = v8, .capacity = kept};
    if (moving) search(&finder, &maps);
    hs_maps_deinit(&maps);
    return finish(&finder);
}
