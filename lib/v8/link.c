/* The doubly linked lists that spaces keep their pages in (src/heap/list.h, MemoryChunk::list_node_). */
#include "v8/isolate_private.h"
#include "v8/layout_private.h"

#include <stdlib.h>

enum { FIRST_WORD = 0, LAST_WORD = 75, SPACE_WORDS = 128 };

static int by_metadata(const void *a, const void *b) {
    const struct hs_page *x = *(struct hs_page *const *)a, *y = *(struct hs_page *const *)b;
    return x->metadata < y->metadata ? -1 : x->metadata > y->metadata;
}

static uint32_t find_index(const struct hs_page_links *links, hs_addr metadata) {
    uint32_t low = 0, high = links->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (links->by_metadata[middle]->metadata < metadata) low = middle + 1;
        else high = middle;
    }
    return low < links->count && links->by_metadata[low]->metadata == metadata ? low : links->count;
}

static struct hs_page *find(const struct hs_page_links *links, hs_addr metadata) {
    uint32_t index = find_index(links, metadata);
    return index < links->count ? links->by_metadata[index] : NULL;
}

/* How many pages are linked both ways at `offset`; 0 if more than one in 32 is linked wrongly: a list may be
 * caught in the middle of an insertion. */
static uint32_t count_links(const struct hs_v8 *v8, const struct hs_page_links *links, uint64_t offset) {
    uint32_t linked = 0, wrong = 0;
    for (uint32_t i = 0; i < links->count; i++) {
        uint64_t next, back;
        const struct hs_page *page = links->by_metadata[i], *other;
        if (!hs_core_word(v8->core, page->metadata + offset, &next)) return 0;
        /* Large pages were linked one way only until V8 7. */
        if (!next || page->flags & HS_PAGE_LARGE) continue;
        /* Until V8 6.2 the list is a ring that goes through an anchor in the Space. */
        bool both =
            hs_core_word(v8->core, next + offset + v8->arch->word_size, &back) && back == page->metadata;
        other = find(links, next);
        if (both && !other) continue;
        if (both && other != page) linked++;
        else if (++wrong > 2 + links->count / 32) return 0;
    }
    return linked;
}

struct hs_error *hs_page_links_discover(struct hs_v8 *v8, struct hs_page_links *ret) {
    struct hs_page_links links = {.by_metadata = calloc(v8->pages.count, sizeof *links.by_metadata)};
    if (!links.by_metadata) return HS_ENOMEM;
    for (uint32_t i = 0; i < v8->pages.count; i++)
        if (v8->pages.items[i].owner) links.by_metadata[links.count++] = &v8->pages.items[i];
    qsort(links.by_metadata, links.count, sizeof *links.by_metadata, by_metadata);
    uint32_t best = 3; /* fewer links prove nothing */
    for (uint64_t word = FIRST_WORD; word < LAST_WORD; word++) {
        uint32_t linked = count_links(v8, &links, word * v8->arch->word_size);
        if (linked > best) best = linked, links.next = word * v8->arch->word_size, links.found = true;
    }
    *ret = links;
    if (!links.found) return NULL;
    return hs_v8_fact(v8, "page.next", (int64_t)links.next, HS_FROM_DISCOVERY,
                      "%u of %u pages are linked both ways there", best, links.count);
}

void hs_page_links_deinit(struct hs_page_links *links) {
    free(links->by_metadata);
}

struct hs_page *hs_page_links_next(const struct hs_page_links *links, const struct hs_v8 *v8,
                                   const struct hs_page *page) {
    uint64_t next;
    if (!links->found || !hs_core_word(v8->core, page->metadata + links->next, &next)) return NULL;
    return find(links, next);
}

/* A list of one page has no links: the Space itself names it, as the front of the list and, in the next word,
 * as its back; large pages were in a list of one end until V8 7. Other words may name a page that is gone. */
static bool space_names(const struct hs_v8 *v8, const struct hs_page *page) {
    unsigned found = 0, needed = page->flags & HS_PAGE_LARGE ? 1 : 2;
    for (unsigned i = 1; i < SPACE_WORDS && found < needed; i++) {
        uint64_t word;
        if (!hs_core_word(v8->core, page->owner + (uint64_t)i * v8->arch->word_size, &word)) return false;
        found = word == page->metadata || word == page->base ? found + 1 : 0;
    }
    return found == needed;
}

/* A page's space and flags. */
struct look {
    hs_addr owner;
    uint64_t flags;
};

static int by_look(const void *a, const void *b) {
    const struct look *x = a, *y = b;
    if (x->owner != y->owner) return x->owner < y->owner ? -1 : 1;
    return x->flags < y->flags ? -1 : x->flags > y->flags;
}

static int by_owner(const void *a, const void *b) {
    const struct look *x = a, *y = b;
    return x->owner < y->owner ? -1 : x->owner > y->owner;
}

/* Of sorted looks, leaves of each owner the one that most of its pages have; returns how many are left. */
static uint32_t keep_usual(struct look *looks, uint32_t count) {
    uint32_t kept = 0, most = 0;
    for (uint32_t i = 0, end; i < count; i = end) {
        struct look look = looks[i];
        for (end = i; end < count && by_look(&looks[end], &look) == 0;) end++;
        bool first = kept == 0 || looks[kept - 1].owner != look.owner;
        if (!first && end - i <= most) continue;
        looks[first ? kept++ : kept - 1] = look;
        most = end - i;
    }
    return kept;
}

/* Fills unlinked[i] for each page of links->by_metadata, and the looks of those that are in a list; returns
 * how many are. */
static uint32_t split(const struct hs_v8 *v8, const struct hs_page_links *links, bool *pointed,
                      bool *unlinked, struct look *looks) {
    /* The last large page is known by who points to it. */
    for (uint32_t i = 0; i < links->count; i++) {
        const struct hs_page *next = hs_page_links_next(links, v8, links->by_metadata[i]);
        if (next) pointed[find_index(links, next->metadata)] = true;
    }
    uint32_t linked = 0;
    for (uint32_t i = 0; i < links->count; i++) {
        const struct hs_page *page = links->by_metadata[i];
        uint64_t next, back;
        /* The read-only space keeps its pages in a vector, for ever. */
        unlinked[i] = !(page->flags & HS_PAGE_READ_ONLY) &&
                      hs_core_word(v8->core, page->metadata + links->next, &next) &&
                      hs_core_word(v8->core, page->metadata + links->next + v8->arch->word_size, &back) &&
                      !next && !back && !pointed[i] && !space_names(v8, page);
        if (!unlinked[i]) looks[linked++] = (struct look){page->owner, page->raw_flags};
    }
    return linked;
}

struct hs_error *hs_page_links_mark_freed(struct hs_v8 *v8, const struct hs_page_links *links) {
    if (!links->found) return NULL;
    size_t count = (size_t)links->count + 1;
    bool *pointed = calloc(count, sizeof *pointed), *unlinked = calloc(count, sizeof *unlinked);
    struct look *looks = calloc(count, sizeof *looks);
    bool memory = pointed && unlinked && looks;
    uint32_t linked = memory ? split(v8, links, pointed, unlinked, looks) : 0, freed = 0, moving = 0;
    if (memory) qsort(looks, linked, sizeof *looks, by_look);
    uint32_t usual = memory ? keep_usual(looks, linked) : 0;
    for (uint32_t i = 0; i < links->count && memory; i++) {
        struct hs_page *page = links->by_metadata[i];
        struct look look = {page->owner, page->raw_flags};
        if (!unlinked[i]) continue;
        const struct look *others = bsearch(&look, looks, usual, sizeof look, by_owner);
        if (others && others->flags == look.flags) {
            page->flags |= HS_PAGE_UNLISTED;
            moving++;
        } else {
            page->flags |= HS_PAGE_UNUSED;
            freed++;
        }
    }
    free(pointed);
    free(unlinked);
    free(looks);
    if (!memory) return HS_ENOMEM;
    if (moving)
        HS_TRY(hs_v8_fact(v8, "pages.moving", moving, HS_FROM_DISCOVERY,
                          "pages in no list, with the flags that most pages of their space have: on their "
                          "way to another one"));
    if (!freed) return NULL;
    return hs_v8_fact(v8, "pages.freed", freed, HS_FROM_DISCOVERY,
                      "pages in no list of their space: freed, not yet unmapped");
}
