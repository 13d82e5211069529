/* Allocation areas: what lies between the objects without being one. */
#include "v8/isolate_private.h"
#include "v8/layout_private.h"

#include <stdlib.h>
#include <string.h>

/* Where LinearAllocationArea {start, top, limit} stands differs by release: in the isolate (20 and later),
 * before the heap (18, 19), in the Space objects and in the allocators that they and the heap point to (22
 * and later). It is recognised by what it is: three ascending words inside one page's area (v8-modern.md
 * §3.3), which are not part of a longer such list: V8 20 keeps the addresses of code objects in sorted
 * vectors. (Of threads of a collector: collector.c.) */
enum {
    ISOLATE_BYTES = 0x400,
    BEFORE_HEAP = 0x200,
    HEAP_BYTES = 0x3000,
    SPACE_BYTES = 0x400,
    POINTEE_BYTES = 0x600,
    NEW_SPACE_BYTES = 0x600,
    LAB_LIMIT = 1 << 12,
    LIST_WORDS = 6,
    LOWEST_POINTER = 0x100000
};

bool hs_labs_add(struct hs_v8 *v8, const struct hs_lab *lab) {
    if (v8->lab_count >= LAB_LIMIT) return true;
    if (v8->lab_count % 64 == 0) {
        struct hs_lab *grown = realloc(v8->labs, (v8->lab_count + 64u) * sizeof *grown);
        if (!grown) return false;
        v8->labs = grown;
    }
    v8->labs[v8->lab_count++] = *lab;
    return true;
}

const struct hs_page *hs_lab_page(const struct hs_v8 *v8, const struct hs_lab *lab) {
    if (!lab->start || lab->start > lab->top || lab->top > lab->limit || lab->start == lab->limit)
        return NULL;
    if ((lab->start | lab->top | lab->limit) & (v8->layout.tagged_size - 1u)) return NULL;
    const struct hs_page *page = hs_pages_find(&v8->pages, lab->top - 1);
    if (!page || lab->start < page->area_start || lab->limit > page->area_end) return NULL;
    return lab->top < lab->limit || page->flags & HS_PAGE_TO ? page : NULL;
}

/* How many words from `at` on, in steps of `step` words, go on ascending (or descending) inside the page. */
static unsigned run(const struct hs_v8 *v8, const uint8_t *p, uint64_t at, uint64_t size, int step,
                    const struct hs_page *page) {
    int64_t word = v8->arch->word_size;
    uint64_t last = hs_arch_word(v8->arch, p + at);
    unsigned count = 0;
    for (int64_t i = (int64_t)at + step * word; i >= 0 && i + word <= (int64_t)size && count < LIST_WORDS;
         i += step * word) {
        uint64_t value = hs_arch_word(v8->arch, p + i);
        if (value < page->area_start || value > page->area_end || (step > 0 ? value <= last : value >= last))
            break;
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

static hs_addr round_up(const struct hs_v8 *v8, hs_addr addr) {
    uint64_t word = v8->arch->word_size;
    return addr < UINT64_MAX - word ? (addr + word - 1) & ~(word - 1) : addr;
}

/* {top, limit}: V8 to 5.1, and 6.1 to 8.4. An allocation observer may have lowered the limit to any byte. */
static struct hs_lab pair_at(const struct hs_v8 *v8, const uint8_t *p) {
    uint64_t word = v8->arch->word_size, top = hs_arch_word(v8->arch, p),
             limit = hs_arch_word(v8->arch, p + word);
    return (struct hs_lab){top, top, round_up(v8, limit)};
}

/* `first`: the Space has one area; what follows are marks of where it was. */
static bool scan_pairs(struct hs_v8 *v8, hs_addr start, uint64_t size, bool first) {
    unsigned word = v8->arch->word_size;
    const uint8_t *p = view(v8, start, &size);
    for (uint64_t at = 0; p && at + 2u * word <= size; at += word) {
        struct hs_lab lab = pair_at(v8, p + at);
        const struct hs_page *page = lab.top == lab.limit ? NULL : hs_lab_page(v8, &lab);
        if (page && !hs_labs_add(v8, &lab)) return false;
        if (page && first) break;
    }
    return true;
}

static bool scan(struct hs_v8 *v8, hs_addr start, uint64_t size, bool follow) {
    const struct hs_arch *arch = v8->arch;
    unsigned word = arch->word_size;
    const uint8_t *p = view(v8, start, &size);
    for (uint64_t at = 0; p && at + 3u * word <= size; at += word) {
        struct hs_lab lab = {hs_arch_word(arch, p + at), hs_arch_word(arch, p + at + word),
                             hs_arch_word(arch, p + at + 2u * word)};
        if (v8->symbols->roots_discovered) /* an observer may have lowered the limit to any byte */
            lab.limit = round_up(v8, lab.limit);
        const struct hs_page *page = hs_lab_page(v8, &lab);
        if (page &&
            3 + run(v8, p, at, size, -1, page) + run(v8, p, at + 2u * word, size, 1, page) < LIST_WORDS &&
            !hs_labs_add(v8, &lab))
            return false;
        if (follow && lab.start % word == 0 && lab.start > LOWEST_POINTER &&
            !hs_pages_find(&v8->pages, lab.start) && !scan(v8, lab.start, POINTEE_BYTES, false))
            return false;
    }
    return true;
}

static int by_top(const void *a, const void *b) {
    const struct hs_lab *x = a, *y = b;
    if (x->top != y->top) return x->top < y->top ? -1 : 1;
    return x->limit > y->limit ? -1 : x->limit < y->limit;
}

void hs_labs_sort(struct hs_v8 *v8) {
    if (v8->lab_count) qsort(v8->labs, v8->lab_count, sizeof *v8->labs, by_top);
    uint32_t kept =
        0; /* of the same top the one with the highest limit: V8 lowers limits for its observers */
    for (uint32_t i = 0; i < v8->lab_count; i++)
        if (kept == 0 || v8->labs[kept - 1].top != v8->labs[i].top) v8->labs[kept++] = v8->labs[i];
    v8->lab_count = kept;
}

/* NewSpace, in which the SemiSpace at `space` is embedded: it has the area. */
static hs_addr new_space_of(const struct hs_v8 *v8, hs_addr space) {
    unsigned word = v8->arch->word_size;
    for (size_t i = 0; i < v8->symbols->vtable_count; i++)
        for (hs_addr back = word;
             strcmp(v8->symbols->vtables[i].name, "NewSpace") == 0 && back <= NEW_SPACE_BYTES; back += word) {
            uint64_t vtable;
            if (hs_core_word(v8->core, space - back, &vtable) && vtable == v8->symbols->vtables[i].address)
                return space - back;
        }
    return 0;
}

static struct hs_error *discover_pairs(struct hs_v8 *v8) {
    bool memory = true;
    for (uint32_t i = 0; i < v8->pages.space_count; i++) {
        const struct hs_space *space = &v8->pages.spaces[i];
        hs_addr outer = strcmp(space->class_name, "SemiSpace") == 0 ? new_space_of(v8, space->address) : 0;
        memory = memory && scan_pairs(v8, outer ? outer : space->address,
                                      outer ? NEW_SPACE_BYTES : SPACE_BYTES, outer != 0);
    }
    hs_labs_sort(v8);
    return memory ? NULL : HS_ENOMEM;
}

struct hs_error *hs_labs_discover(struct hs_v8 *v8) {
    bool memory = true;
    if (v8->layout.lab_is_pair) return discover_pairs(v8);
    for (uint32_t i = 0; i < v8->isolate_count; i++) {
        const struct hs_isolate *isolate = &v8->isolates[i];
        if (isolate->address) memory = memory && scan(v8, isolate->address, ISOLATE_BYTES, true);
        memory = memory && scan(v8, isolate->heap - BEFORE_HEAP, HEAP_BYTES, true);
    }
    for (uint32_t i = 0; i < v8->pages.space_count; i++) {
        const struct hs_space *space = &v8->pages.spaces[i];
        hs_addr outer = strcmp(space->class_name, "SemiSpace") == 0 ? new_space_of(v8, space->address) : 0;
        if (space->address) memory = memory && scan(v8, space->address, SPACE_BYTES, true);
        if (outer) memory = memory && scan(v8, outer, NEW_SPACE_BYTES, false);
    }
    hs_labs_sort(v8);
    return memory ? NULL : HS_ENOMEM;
}

uint64_t hs_object_size(const struct hs_v8 *v8, struct hs_maps *maps, hs_addr addr, hs_addr end,
                        enum hs_kind *kind_ret) {
    const uint8_t *p = hs_pages_ptr(&v8->pages, addr, v8->layout.tagged_size);
    int32_t m = p ? hs_maps_find(maps, v8, hs_v8_load_raw(v8, p)) : -1;
    if (m < 0 || !hs_pages_ptr(&v8->pages, addr, end - addr)) return 0;
    struct hs_map map = maps->items[m];
    *kind_ret = (enum hs_kind)map.kind;
    return hs_rule_size(v8, &map, addr, p, end - addr, maps);
}

/* A triple of three objects' addresses in a row is no area: what stands at its top is one object that ends at
 * its limit. */
static bool is_list(const struct hs_v8 *v8, struct hs_maps *maps, const struct hs_lab *lab) {
    enum hs_kind kind = HS_KIND_UNKNOWN;
    uint64_t size = hs_object_size(v8, maps, lab->top, lab->limit, &kind);
    return size == lab->limit - lab->top && kind != HS_KIND_FREE_SPACE && kind != HS_KIND_FILLER;
}

/* {object, slot, object} is no area: its first object, or whole objects up to its limit, lie across its top.
 * On 15.0.0 and 15.10.0 (V8 8.6) several such, of maps, stand in the memory that is searched. What was
 * allocated but is not written yet may still be the free space that the area was, or a dead object: that one
 * hardly leads to the limit. */
static bool has_object_at_top(const struct hs_v8 *v8, struct hs_maps *maps, const struct hs_page *page,
                              const struct hs_lab *lab) {
    hs_addr at = lab->start, end = page->area_start + page->present;
    while (at < lab->limit && at != lab->top && at < end) {
        enum hs_kind kind = HS_KIND_UNKNOWN;
        uint64_t size = hs_object_size(v8, maps, at, end, &kind);
        if (!size || size > end - at) return false;
        bool across = at + size > lab->top;
        if (across && (kind == HS_KIND_FREE_SPACE || kind == HS_KIND_FILLER)) return false;
        if (across && at == lab->start) return true;
        at += size;
    }
    return at == lab->limit;
}

/* An area begins where an object could: the objects of its page lead to it. In to-space the areas of a
 * scavenge's threads may lie before it. */
static bool begins_well(const struct hs_v8 *v8, struct hs_maps *maps, uint32_t index) {
    const struct hs_lab *lab = &v8->labs[index];
    const struct hs_page *page = hs_pages_find(&v8->pages, lab->top - 1);
    if (!page || page->flags & HS_PAGE_TO) return page != NULL;
    unsigned word = v8->layout.tagged_size;
    uint32_t other = 0;
    hs_addr at = page->area_start, end = page->area_start + page->present;
    while (at < lab->start && end - at >= word) {
        while (other < index && v8->labs[other].top < at) other++;
        if (other < index && v8->labs[other].top == at) {
            at = v8->labs[other].limit;
            continue;
        }
        enum hs_kind kind;
        const uint8_t *p = page->bytes + (at - page->area_start);
        uint64_t size = hs_object_size(v8, maps, at, end, &kind);
        if (!size) size = hs_moved_size(v8, maps, at, p, end - at);
        at += size ? size : word;
    }
    return at == lab->start && !has_object_at_top(v8, maps, page, lab);
}

struct hs_error *hs_labs_confirm(struct hs_v8 *v8) {
    struct hs_maps maps = {0};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < v8->lab_count; i++) {
        v8->labs[kept] = v8->labs[i];
        if (!is_list(v8, &maps, &v8->labs[kept]) && begins_well(v8, &maps, kept)) kept++;
    }
    v8->lab_count = kept;
    hs_maps_deinit(&maps);
    return NULL;
}
