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

/* Where in a SemiSpace the front of its page list stands and where SemiSpace::current_page_, its last page in
 * use: word indexes. */
struct place {
    unsigned front, current;
};

/* The first word of a Space object that names a page of it, SPACE_WORDS if none does. */
static unsigned list_front(const struct hs_v8 *v8, uint16_t space) {
    unsigned front = 1, word = v8->arch->word_size;
    while (front < SPACE_WORDS &&
           !named_page(v8, space, v8->pages.spaces[space].address + (hs_addr)front * word))
        front++;
    return front;
}

/* Measured in the semispaces of the core, which are all alike; `current` 0 if none shows it. */
static struct place find_place(const struct hs_v8 *v8, uint16_t space) {
    hs_addr address = v8->pages.spaces[space].address;
    unsigned word = v8->arch->word_size, front = list_front(v8, space), i = front + CURRENT_WORDS;
    if (front == SPACE_WORDS) return (struct place){0};
    while (i > front + 1 && !named_page(v8, space, address + (hs_addr)i * word)) i--;
    return (struct place){front, i > front + 1 ? i : 0};
}

/* A compaction gives pages that are full of living objects to old space as they are. Once the last page in
 * use went that way SemiSpace::RemovePage leaves current_page_ naming it: what is left in the list is not in
 * use (V8 to 10.7). */
static struct hs_page *front_if_used_up(const struct hs_v8 *v8, uint16_t space, const struct place *place) {
    unsigned word = v8->arch->word_size;
    hs_addr address = v8->pages.spaces[space].address;
    if (!place->current || list_front(v8, space) != place->front ||
        named_page(v8, space, address + (hs_addr)place->current * word))
        return NULL;
    struct hs_page *front = named_page(v8, space, address + (hs_addr)place->front * word);
    return front && front->flags & HS_PAGE_FROM ? front : NULL;
}

/* The page that the area of NewSpace is in. */
static struct hs_page *page_of_area(const struct hs_v8 *v8, uint16_t space) {
    for (uint32_t i = 0; i < v8->lab_count; i++) {
        struct hs_page *page = (struct hs_page *)hs_pages_find(&v8->pages, v8->labs[i].limit - 1);
        if (page && page->space == space && page->flags & HS_PAGE_TO) return page;
    }
    return NULL;
}

static bool has_area(const struct hs_v8 *v8, const struct hs_page *page) {
    for (uint32_t i = 0; i < v8->lab_count; i++)
        if (v8->labs[i].top >= page->area_start && v8->labs[i].top <= page->area_end &&
            hs_pages_find(&v8->pages, v8->labs[i].top - 1) == page)
            return true;
    return false;
}

/* The last page of a semispace that is in use; *unused_ret: the first one that is not. Both NULL if that is
 * not known. */
static void find_last(const struct hs_v8 *v8, uint16_t space, const struct place *place,
                      const struct hs_page_links *links, struct hs_page **last_ret,
                      struct hs_page **unused_ret) {
    struct place own = find_place(v8, space);
    hs_addr current = v8->pages.spaces[space].address + (hs_addr)own.current * v8->arch->word_size;
    struct hs_page *last = own.current ? named_page(v8, space, current) : NULL;
    *unused_ret = last ? NULL : front_if_used_up(v8, space, place);
    if (!last || v8->layout.lab_is_pair || v8->symbols->roots_discovered) last = page_of_area(v8, space);
    /* Between SemiSpace::AdvancePage and the new area nothing of the new page is in use. */
    struct hs_page *of_area = last && last->flags & HS_PAGE_TO ? page_of_area(v8, space) : NULL;
    if (last) *unused_ret = of_area && !has_area(v8, last) ? last : hs_page_links_next(links, v8, last);
    *last_ret = last;
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
    struct place place = {0};
    uint16_t spaces[SPACES_MAX];
    uint32_t count = 0;
    for (uint32_t space = 0; space < v8->pages.space_count && count < SPACES_MAX; space++)
        if (v8->pages.spaces[space].address && strcmp(v8->pages.spaces[space].name, "new_space") == 0)
            spaces[count++] = (uint16_t)space;
    for (uint32_t i = 0; i < count && !place.current; i++) place = find_place(v8, spaces[i]);
    for (uint32_t i = 0; i < count && !v8->pages.prefilled; i++) {
        struct hs_page *last, *unused;
        find_last(v8, spaces[i], &place, links, &last, &unused);
        if (last && last->flags & HS_PAGE_TO) widen_last_lab(v8, last);
        for (uint32_t steps = 0; unused && unused->space == spaces[i] && steps < v8->pages.count; steps++) {
            unused->flags |= HS_PAGE_UNUSED;
            unused = hs_page_links_next(links, v8, unused);
        }
    }
    uint32_t kept = 0; /* of full areas there is nothing more to say */
    for (uint32_t i = 0; i < v8->lab_count; i++)
        if (v8->labs[i].top < v8->labs[i].limit) v8->labs[kept++] = v8->labs[i];
    v8->lab_count = kept;
    return NULL;
}
