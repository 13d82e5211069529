/* Semispaces: which pages of new space hold objects. */
#include "v8/isolate_private.h"
#include "v8/layout_private.h"

#include <string.h>

/* words: where in a Space object its page list may stand, and how far behind it SemiSpace::current_page_ does
 * (new-spaces.h; 11 words behind the list's front in V8 10.1 and 10.2, 12 in 10.7) */
enum { SPACE_WORDS = 128, CURRENT_WORDS = 16 };

/* True if every to-space page begins with an object (V8 10.8 and later put a FreeSpace over what is unused).
 */
static bool is_prefilled(const struct hs_v8 *v8) {
    /* A stale page may begin with an object: the form alone does not prove it. */
    if (hs_v8_minor(v8) < 1008) return false;
    for (uint32_t i = 0; i < v8->pages.count; i++) {
        const struct hs_page *page = &v8->pages.items[i];
        if (!(page->flags & HS_PAGE_TO) || page->present < v8->layout.tagged_size) continue;
        bool lab = false;
        for (uint32_t k = 0; k < v8->lab_count && !lab; k++) lab = v8->labs[k].top == page->area_start;
        hs_tagged word = hs_v8_load_raw(v8, page->bytes);
        /* A page that a scavenge takes into use this moment begins with zero or a forwarding word. */
        if (!lab && word && (word & 3) == 1 && !hs_map_validate(v8, word)) return false;
    }
    return true;
}

/* The page of `space` whose address or metadata a Space object's word names, NULL if it names none. */
static struct hs_page *named_page(const struct hs_v8 *v8, uint16_t space, hs_addr at) {
    uint64_t word;
    if (!hs_core_word(v8->core, at, &word)) return NULL;
    struct hs_page *page = (struct hs_page *)hs_pages_find(&v8->pages, word);
    return page && page->space == space && (page->base == word || page->metadata == word) ? page : NULL;
}

/* SemiSpace::current_page_: the last page that holds objects. */
static struct hs_page *current_page(const struct hs_v8 *v8, uint16_t space) {
    unsigned word = v8->arch->word_size;
    hs_addr address = v8->pages.spaces[space].address;
    for (unsigned front = 1; front < SPACE_WORDS; front++) {
        if (!named_page(v8, space, address + (hs_addr)front * word)) continue;
        for (unsigned i = front + CURRENT_WORDS; i > front + 1; i--) {
            struct hs_page *page = named_page(v8, space, address + (hs_addr)i * word);
            if (page) return page;
        }
        return NULL;
    }
    return NULL;
}

/* The page that the area of NewSpace is in. */
static struct hs_page *page_of_area(const struct hs_v8 *v8, uint16_t space) {
    for (uint32_t i = 0; i < v8->lab_count; i++) {
        struct hs_page *page = (struct hs_page *)hs_pages_find(&v8->pages, v8->labs[i].limit - 1);
        if (page && page->space == space && page->flags & HS_PAGE_TO) return page;
    }
    return NULL;
}

/* Behind the top nothing was written: the main thread's area ends with its page, whatever limit an observer
 * has set. */
static void widen_last_lab(struct hs_v8 *v8, const struct hs_page *page) {
    struct hs_lab *last = NULL;
    for (uint32_t k = 0; k < v8->lab_count; k++) {
        struct hs_lab *lab = &v8->labs[k];
        if (lab->top > page->area_start && lab->top <= page->area_end &&
            hs_pages_find(&v8->pages, lab->top - 1) == page)
            if (!last || lab->top > last->top) last = lab;
        if (lab->top == page->area_start) last = last ? last : lab;
    }
    if (last) last->limit = page->area_end;
}

/* An isolate has one; damaged headers may name as many as there are pages, and each costs a look at all
 * pages.
 */
enum { SPACES_MAX = 1024 };

struct hs_error *hs_newspace_discover(struct hs_v8 *v8, const struct hs_page_links *links) {
    v8->pages.prefilled = is_prefilled(v8);
    HS_TRY(hs_v8_fact(v8, "newspace.prefilled", v8->pages.prefilled, HS_FROM_DISCOVERY,
                      v8->pages.prefilled ? "unused semispace is covered by FreeSpace objects"
                                          : "unused semispace is stale memory"));
    uint32_t seen = 0;
    for (uint32_t space = 0; space < v8->pages.space_count && !v8->pages.prefilled; space++) {
        if (!v8->pages.spaces[space].address || strcmp(v8->pages.spaces[space].name, "new_space") != 0)
            continue;
        if (++seen > SPACES_MAX) break;
        struct hs_page *page = current_page(v8, (uint16_t)space);
        if (!page || v8->layout.lab_is_pair || v8->symbols->roots_discovered)
            page = page_of_area(v8, (uint16_t)space);
        if (!page) continue;
        if (page->flags & HS_PAGE_TO) widen_last_lab(v8, page);
        for (uint32_t steps = 0; steps < v8->pages.count; steps++) {
            page = hs_page_links_next(links, v8, page);
            if (!page || page->space != space) break;
            page->flags |= HS_PAGE_UNUSED;
        }
    }
    uint32_t kept = 0; /* of full areas there is nothing more to say */
    for (uint32_t i = 0; i < v8->lab_count; i++)
        if (v8->labs[i].top < v8->labs[i].limit) v8->labs[kept++] = v8->labs[i];
    v8->lab_count = kept;
    return NULL;
}
