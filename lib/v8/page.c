#include "v8/page_private.h"

#include <stdlib.h>
#include <string.h>

/* A header variant as word indexes. `outside`: the words after the second stand at the metadata pointer.
 * Measured on cores of each major (v8-modern.md §2.1); src/heap/basic-memory-chunk.h,
 * memory-chunk-metadata.h. */
struct variant {
    const char *name;
    int8_t flags, metadata; /* in the page; metadata -1: there is none */
    bool outside;
    int8_t size, heap, area_start, area_end, allocated, owner;
    uint8_t owner_tag;  /* added to the owner's address */
    int8_t owner_heap;  /* word of the Space that holds the Heap, its id behind; -1: it is looked for */
    bool shared;        /* pages without owner and heap are the shared read-only space */
    bool semispace_low; /* the semispace bits may be 5 and 6, not 3 and 4 (MemoryChunk::IN_FROM_SPACE,
                           IN_TO_SPACE) */
    bool first;         /* V8's first one: a page of one large object is as long as that, not rounded up; a
                           sweeper may leave small dead objects in their place */
};
static const struct variant variants[] = {
    {"size first (V8 8.6-11)", 1, -1, false, 0, 2, 3, 4, 5, 8, 0, 1, true, false, false},
    {"flags first, metadata inside (V8 12.0-12.4)", 0, 1, false, 2, 3, 4, 5, 6, 9, 0, 1, true, false, false},
    {"flags first, metadata outside (V8 12.5 and later)", 0, 1, true, 6, 8, 9, 7, 3, 10, 0, 1, true, false,
     false},
    /* v8-releases.md part B §1, measured on 49 releases */
    {"size first, area fifth (V8 8.1-8.4)", 1, -1, false, 0, 3, 4, 5, -1, 11, 0, -1, false, false, false},
    {"size first, sentinel, owner late (V8 7.9)", 1, -1, false, 0, 3, 5, 6, -1, 12, 0, -1, false, false,
     false},
    {"size first, sentinel (V8 7.7-7.8)", 1, -1, false, 0, 3, 5, 6, -1, 10, 0, -1, false, false, false},
    {"size first, reservation before the heap (V8 7.4-7.6)", 1, -1, false, 0, 6, 9, 10, -1, 8, 0, -1, false,
     false, false},
    {"size first, area third (V8 6.6-7.0)", 1, -1, false, 0, 7, 2, 3, -1, 6, 0, -1, false, false, false},
    {"size first, owner tagged (V8 3.28-6.2)", 1, -1, false, 0, 7, 2, 3, -1, 6, 3, -1, false, true, false},
    {"links first, owner tagged (V8 3.14)", 3, -1, false, 2, 9, 4, 5, -1, 8, 3, -1, false, true, true},
};
enum { HEADER_WORDS = 24, PAGE_LIMIT = 1 << 24, SIZE_CLASSES = 3 };
enum {
    FLAG_EXECUTABLE = 1 << 0,
    FLAG_FROM = 1 << 3,
    FLAG_TO = 1 << 4,
    LOW_SHIFT = 2,
    FLAG_SWEPT_CONSERVATIVELY = 1 << 12 /* MemoryChunk::WAS_SWEPT_CONSERVATIVELY, V8 3.14 */
};

static uint64_t word_at(const struct hs_arch *arch, const uint8_t *words, int index) {
    return hs_arch_word(arch, words + (size_t)index * arch->word_size);
}

static bool try_page(const struct hs_core *core, const struct variant *v, hs_addr base, struct hs_page *ret) {
    const struct hs_arch *arch = core->arch;
    size_t bytes = (size_t)HEADER_WORDS * arch->word_size;
    const uint8_t *words = hs_core_ptr(core, base, bytes);
    if (!words) return false;
    struct hs_page page = {.base = base, .metadata = base, .raw_flags = word_at(arch, words, v->flags)};
    if (page.raw_flags >> 32 && arch->word_size == 8) return false;
    if (v->metadata >= 0) {
        page.metadata = word_at(arch, words, v->metadata);
        if (v->outside ? page.metadata == 0 || page.metadata % arch->word_size != 0 : page.metadata != base)
            return false;
        if (v->outside && !(words = hs_core_ptr(core, page.metadata, bytes))) return false;
    }
    page.size = word_at(arch, words, v->size);
    page.heap = word_at(arch, words, v->heap);
    page.area_start = word_at(arch, words, v->area_start);
    page.area_end = word_at(arch, words, v->area_end);
    page.allocated = v->allocated < 0 ? 0 : word_at(arch, words, v->allocated);
    page.owner = word_at(arch, words, v->owner);
    if (v->owner_tag) {
        if ((page.owner & 3) != v->owner_tag) return false;
        page.owner -= v->owner_tag;
    }
    /* The header names its own bounds. Subtractions first: all of this may be garbage. */
    if (page.size == 0 || page.size % (v->first ? arch->word_size : 4096u) != 0 ||
        page.size > UINT64_C(1) << 36)
        return false;
    if (page.area_start <= base || page.area_start - base >= page.size) return false;
    if (page.area_end <= page.area_start || page.area_end - base > page.size) return false;
    if (page.area_start % arch->word_size || page.area_end % arch->word_size) return false;
    if (!v->shared && !page.heap) return false;
    if (page.owner || page.heap) {
        int32_t id = hs_space_id(core, page.owner, page.heap);
        if (id < 0 || (v->owner_heap >= 0 && !hs_space_heap_is(core, page.owner, v->owner_heap, page.heap)))
            return false;
    }
    *ret = page;
    return true;
}

struct found {
    struct hs_page *items;
    size_t count, capacity;
};

static struct hs_error *append(struct found *found, const struct hs_page *page) {
    if (found->count == found->capacity) {
        size_t capacity = found->capacity ? 2 * found->capacity : 256;
        struct hs_page *grown = realloc(found->items, capacity * sizeof *grown);
        if (!grown) return HS_ENOMEM;
        found->items = grown;
        found->capacity = capacity;
    }
    found->items[found->count++] = *page;
    return NULL;
}

static struct hs_error *find_variant(const struct hs_core *core, const struct variant *v, struct found *ret) {
    uint64_t step = UINT64_C(1) << core->arch->v8_page_bits;
    hs_addr next = 0; /* below: inside an accepted page */
    for (size_t i = 0; i < core->extent_count && ret->count < PAGE_LIMIT; i++) {
        hs_addr start = core->extents[i].start, end = start + core->extents[i].size;
        if (start < next) start = next;
        if (start >= end) continue;
        hs_addr base = (start + step - 1) & ~(step - 1);
        while (base < end && base >= start) {
            struct hs_page page;
            uint64_t advance = step;
            if (base >= next && try_page(core, v, base, &page)) {
                HS_TRY(append(ret, &page));
                advance = (page.size + step - 1) & ~(step - 1);
                next = base + advance;
            }
            if (end - base <= advance) break;
            base += advance;
        }
    }
    return NULL;
}

/* The size of an ordinary page: what most have. */
static uint64_t ordinary_size(const struct hs_pages *pages, uint8_t least_bits) {
    uint32_t count[SIZE_CLASSES] = {0}, best = 0;
    for (uint32_t i = 0; i < pages->count; i++)
        for (uint32_t k = 0; k < SIZE_CLASSES; k++)
            if (pages->items[i].size == UINT64_C(1) << (least_bits + k)) count[k]++;
    for (uint32_t k = 1; k < SIZE_CLASSES; k++)
        if (count[k] > count[best]) best = k;
    return UINT64_C(1) << (least_bits + best);
}

/* How far left the semispace bits stand: exactly one of the two is set on every page of a semispace, and
 * there are pages of both. */
static unsigned semispace_shift(const struct hs_pages *pages, const struct variant *v) {
    uint32_t from[2] = {0}, to[2] = {0};
    for (uint32_t i = 0; i < pages->count; i++) {
        const struct hs_page *page = &pages->items[i];
        if (strcmp(pages->spaces[page->space].class_name, "SemiSpace") != 0) continue;
        for (unsigned k = 0; k < 2; k++) {
            uint64_t bits = page->raw_flags >> k * LOW_SHIFT & (FLAG_FROM | FLAG_TO);
            from[k] += bits == FLAG_FROM;
            to[k] += bits == FLAG_TO;
        }
    }
    bool more = from[1] + to[1] > from[0] + to[0],
         both = from[1] + to[1] == from[0] + to[0] && from[1] && to[1] && !(from[0] && to[0]);
    return v->semispace_low && (more || both) ? LOW_SHIFT : 0;
}

struct owned_page {
    hs_addr owner;
    uint32_t page;
};

static int by_owner(const void *a, const void *b) {
    const struct owned_page *x = a, *y = b;
    if (x->owner != y->owner) return x->owner < y->owner ? -1 : 1;
    return x->page < y->page ? -1 : x->page > y->page;
}

/* Gives every page the first page of its owner. Damaged headers may name as many owners as there are pages:
 * nothing here may cost their product. */
static void find_leaders(const struct hs_pages *pages, struct owned_page *owned, uint32_t *leaders) {
    for (uint32_t i = 0; i < pages->count; i++) owned[i] = (struct owned_page){pages->items[i].owner, i};
    qsort(owned, pages->count, sizeof *owned, by_owner);
    for (uint32_t i = 0, first = 0; i < pages->count; i++) {
        if (owned[i].owner != owned[first].owner) first = i;
        leaders[owned[i].page] = owned[first].page;
    }
}

/* Spaces in the order of their first pages. */
static struct hs_error *make_spaces(const struct hs_core *core, const struct hs_v8_symbols *symbols,
                                    const uint32_t *leaders, struct hs_pages *pages) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < pages->count; i++) count += leaders[i] == i;
    if (count > UINT16_MAX)
        return hs_error_create(HS_ERROR_LAYOUT, "too many heap spaces: the page headers are damaged");
    pages->spaces = calloc((size_t)count + 1, sizeof *pages->spaces);
    if (!pages->spaces) return HS_ENOMEM;
    for (uint32_t i = 0; i < pages->count; i++) {
        struct hs_page *page = &pages->items[i];
        if (leaders[i] == i) {
            struct hs_space *space = &pages->spaces[pages->space_count];
            *space = (struct hs_space){
                .address = page->owner, .heap = page->heap, .code = page->raw_flags & FLAG_EXECUTABLE};
            hs_space_describe(core, symbols, space);
            page->space = (uint16_t)pages->space_count++;
        } else {
            page->space = pages->items[leaders[i]].space;
        }
    }
    return NULL;
}

static struct hs_error *assign_spaces(const struct hs_core *core, const struct hs_v8_symbols *symbols,
                                      const struct variant *v, struct hs_pages *pages) {
    uint64_t ordinary = ordinary_size(pages, core->arch->v8_page_bits);
    struct owned_page *owned = calloc((size_t)pages->count + 1, sizeof *owned);
    uint32_t *leaders = calloc((size_t)pages->count + 1, sizeof *leaders);
    struct hs_error *error = owned && leaders ? NULL : HS_ENOMEM;
    if (!error) {
        find_leaders(pages, owned, leaders);
        error = make_spaces(core, symbols, leaders, pages);
    }
    free(owned);
    free(leaders);
    if (error) return error;
    unsigned shift = semispace_shift(pages, v);
    for (uint32_t i = 0; i < pages->count; i++) {
        struct hs_page *page = &pages->items[i];
        uint32_t s = page->space;
        uint64_t bits = page->raw_flags >> shift;
        page->flags = hs_space_flags(&pages->spaces[s]);
        if (v->first && page->raw_flags & FLAG_SWEPT_CONSERVATIVELY) page->flags |= HS_PAGE_DEAD_STAY;
        /* Of a space that nobody names, the semispace bits still tell. */
        if (bits & (FLAG_FROM | FLAG_TO) && !*pages->spaces[s].class_name) page->flags |= HS_PAGE_NEW;
        if (page->flags & HS_PAGE_NEW && !(page->flags & HS_PAGE_LARGE)) {
            if (bits & FLAG_TO) page->flags |= HS_PAGE_TO;
            else if (bits & FLAG_FROM) page->flags |= HS_PAGE_FROM;
        }
        if (page->size > ordinary) page->flags |= HS_PAGE_LARGE;
    }
    return NULL;
}

/* Chunks below 2^CHUNK_BITS: 2^52 bytes of address space, and more than a core could hold. */
enum { CHUNK_BITS = 34 };

static uint64_t last_chunk(const struct hs_pages *pages, const struct hs_page *page) {
    return (page->base + page->size - 1) >> pages->page_bits;
}

/* Of two pages that claim a chunk the later one has it. */
static bool put_chunk(struct hs_pages *pages, uint64_t chunk, uint32_t number) {
    uint64_t mask = (UINT64_C(1) << (64 - pages->slot_shift)) - 1, at = hs_pages_slot(pages, chunk);
    for (unsigned steps = 0; pages->slots[at].number && pages->slots[at].chunk != chunk; at = (at + 1) & mask)
        if (++steps == HS_PAGES_STEPS) return false;
    pages->slots[at] = (struct hs_page_slot){chunk, number};
    return true;
}

static struct hs_error *index_pages(struct hs_pages *pages) {
    hs_addr last = pages->items[pages->count - 1].base + pages->items[pages->count - 1].size - 1;
    if (last >> pages->page_bits >> CHUNK_BITS)
        return hs_error_create_at(HS_ERROR_LAYOUT, last,
                                  "a heap page lies outside the address space of this machine");
    uint64_t chunks = 0;
    for (uint32_t i = 0; i < pages->count; i++)
        chunks += last_chunk(pages, &pages->items[i]) - (pages->items[i].base >> pages->page_bits) + 1;
    unsigned bits = 4;
    while (bits < CHUNK_BITS && UINT64_C(1) << bits < 2 * chunks) bits++;
    if (UINT64_C(1) << bits < 2 * chunks) return HS_ENOMEM;
    if (!(pages->slots = calloc(UINT64_C(1) << bits, sizeof *pages->slots))) return HS_ENOMEM;
    pages->slot_shift = (uint8_t)(64 - bits);
    for (uint32_t i = 0; i < pages->count; i++) {
        const struct hs_page *page = &pages->items[i];
        for (uint64_t chunk = page->base >> pages->page_bits; chunk <= last_chunk(pages, page); chunk++)
            if (!put_chunk(pages, chunk, i + 1))
                return hs_error_create_at(HS_ERROR_LAYOUT, page->base,
                                          "the heap pages lie where V8 would not lay them");
    }
    return NULL;
}

static void view_pages(const struct hs_core *core, struct hs_pages *pages) {
    for (uint32_t i = 0; i < pages->count; i++) {
        struct hs_page *page = &pages->items[i];
        const struct hs_segment *segment = hs_core_segment_find(core, page->area_start);
        uint64_t area = page->area_end - page->area_start;
        if (!segment || page->area_start - segment->start >= segment->file_size) continue;
        uint64_t offset = page->area_start - segment->start, there = segment->file_size - offset;
        page->bytes = segment->data + offset;
        page->present = there < area ? there : area;
    }
}

struct hs_error *hs_pages_discover(const struct hs_core *core, const struct hs_v8_symbols *symbols,
                                   struct hs_pages *pages) {
    struct found best = {0};
    const struct variant *winner = NULL;
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        struct found found = {0};
        struct hs_error *error = find_variant(core, &variants[i], &found);
        if (error || found.count <= best.count) {
            free(found.items);
            if (error) {
                free(best.items);
                return error;
            }
            continue;
        }
        free(best.items);
        best = found;
        winner = &variants[i];
        pages->variant = winner->name;
    }
    pages->items = best.items;
    pages->count = (uint32_t)best.count;
    pages->page_bits = core->arch->v8_page_bits;
    if (best.count == 0)
        return hs_error_create(
            HS_ERROR_LAYOUT,
            "V8 %s: found no heap pages: no page header of a known form is in the core. Either it was "
            "taken before V8 had started, or it lacks the process's private memory (see "
            "/proc/PID/coredump_filter), or this V8's page header is not known",
            symbols->version_text);
    HS_TRY(assign_spaces(core, symbols, winner, pages));
    HS_TRY(index_pages(pages));
    view_pages(core, pages);
    return NULL;
}

void hs_pages_deinit(struct hs_pages *pages) {
    free(pages->slots);
    free(pages->spaces);
    free(pages->items);
    *pages = (struct hs_pages){0};
}
