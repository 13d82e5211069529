/* Allocation areas and unused new space: what lies between the objects without being one. */
#include "v8/isolate_private.h"
#include "v8/layout_private.h"

#include <stdlib.h>
#include <string.h>

/* Where LinearAllocationArea {start, top, limit} stands differs by release: in the isolate (20 and later), before the heap
 * (18, 19), in the Space objects and in the allocators that they point to (22 and later). It is recognised by what it is:
 * three ascending words inside one page's area. No false hit in the cores measured (v8-modern.md §3.3). */
enum { ISOLATE_BYTES = 0x400, BEFORE_HEAP = 0x200, HEAP_BYTES = 0x3000, SPACE_BYTES = 0x400, POINTEE_BYTES = 0x200, LAB_LIMIT = 1 << 16 };

struct finder {
    struct hs_v8 *v8;
    uint32_t capacity;
    struct hs_error *error;
};

static void add_lab(struct finder *finder, struct hs_lab lab) {
    struct hs_v8 *v8 = finder->v8;
    if (v8->lab_count >= LAB_LIMIT || finder->error) return;
    if (v8->lab_count == finder->capacity) {
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

static void scan(struct finder *finder, hs_addr start, uint64_t size, bool follow) {
    struct hs_v8 *v8 = finder->v8;
    const struct hs_arch *arch = v8->arch;
    unsigned word = arch->word_size;
    /* The range may run out of its segment: take the part that is there. */
    const struct hs_segment *segment = hs_core_segment_find(v8->core, start);
    if (!segment || start - segment->start >= segment->file_size) return;
    uint64_t there = segment->file_size - (start - segment->start);
    if (size > there) size = there;
    const uint8_t *p = segment->data + (start - segment->start);
    for (uint64_t at = 0; at + 3u * word <= size; at += word) {
        uint64_t first = hs_arch_word(arch, p + at), top = hs_arch_word(arch, p + at + word),
                 limit = hs_arch_word(arch, p + at + 2u * word);
        if (first && first <= top && top < limit && !((first | top | limit) & (v8->layout.tagged_size - 1u))) {
            const struct hs_page *page = hs_pages_find(&v8->pages, top - 1);
            if (page && first >= page->area_start && limit <= page->area_end)
                add_lab(finder, (struct hs_lab){first, top, limit});
        }
        if (follow && first && first % word == 0 && first > 0x100000 && !hs_pages_find(&v8->pages, first))
            scan(finder, first, POINTEE_BYTES, false);
    }
}

static int by_top(const void *a, const void *b) {
    const struct hs_lab *x = a, *y = b;
    if (x->top != y->top) return x->top < y->top ? -1 : 1;
    return x->limit > y->limit ? -1 : x->limit < y->limit;
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
    if (finder.error) return finder.error;
    if (v8->lab_count) qsort(v8->labs, v8->lab_count, sizeof *v8->labs, by_top);
    uint32_t kept = 0; /* of the same top the one with the highest limit: V8 lowers limits for its observers */
    for (uint32_t i = 0; i < v8->lab_count; i++)
        if (kept == 0 || v8->labs[kept - 1].top != v8->labs[i].top) v8->labs[kept++] = v8->labs[i];
    v8->lab_count = kept;
    return NULL;
}

/* True if every to-space page begins with an object (V8 10.8 and later put a FreeSpace over what is unused). */
static bool is_prefilled(const struct hs_v8 *v8) {
    for (uint32_t i = 0; i < v8->pages.count; i++) {
        const struct hs_page *page = &v8->pages.items[i];
        if (!(page->flags & HS_PAGE_TO) || page->present < v8->layout.tagged_size) continue;
        bool lab = false;
        for (uint32_t k = 0; k < v8->lab_count && !lab; k++) lab = v8->labs[k].top == page->area_start;
        if (!lab && !hs_map_validate(v8, hs_v8_load(v8, page->bytes))) return false;
    }
    return true;
}

struct hs_error *hs_newspace_discover(struct hs_v8 *v8, const struct hs_page_links *links) {
    /* A stale page may begin with an object: the form alone does not prove it. */
    if (hs_v8_minor(v8) >= 1008 && is_prefilled(v8)) return NULL;
    for (uint32_t k = 0; k < v8->lab_count; k++) {
        struct hs_lab *lab = &v8->labs[k];
        struct hs_page *top = (struct hs_page *)hs_pages_find(&v8->pages, lab->top - 1);
        if (!top || !(top->flags & HS_PAGE_TO)) continue;
        lab->limit = top->area_end; /* the tail behind the top was never written */
        struct hs_page *page = top;
        for (uint32_t steps = 0; steps < v8->pages.count; steps++) {
            page = hs_page_links_next(links, v8, page);
            if (!page || !(page->flags & HS_PAGE_TO)) break;
            page->flags |= HS_PAGE_UNUSED;
        }
    }
    return NULL;
}
