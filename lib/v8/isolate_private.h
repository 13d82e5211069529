/* Isolates, their roots and their allocation areas: found by v8.c. */
#ifndef HS_V8_ISOLATE_PRIVATE_H
#define HS_V8_ISOLATE_PRIVATE_H

#include "v8/v8.h"

/* old_roots.c. The root table of the Heap at `heap` in a V8 to 7.0, 0 if it is not found. */
hs_addr hs_old_roots_find(const struct hs_v8 *v8, hs_addr heap);
/* The Isolate of `heap`, whose root table is at `roots`, in a V8 to 9.6; 0 if it is not found. */
hs_addr hs_old_isolate_find(const struct hs_v8 *v8, hs_addr heap, hs_addr roots);
/* Fills `symbols`' root names by what the roots of the first isolate hold. */
struct hs_error *hs_old_roots_name(struct hs_v8 *v8, struct hs_v8_symbols *symbols) HS_MUST_CHECK;
/* Index of root `name`, -1 if the binary has no such root. */
int32_t hs_root_index(const struct hs_v8_symbols *symbols, const char *name);
/* Finds the isolate of every heap that has pages, main first, and sets page->isolate. Needs pages, symbols
 * and the symbol facts of the layout. HS_ERROR_LAYOUT if the roots of no heap are found. */
struct hs_error *hs_isolates_discover(struct hs_v8 *v8) HS_MUST_CHECK;
/* Finds the allocation areas of all isolates (v8->labs). */
struct hs_error *hs_labs_discover(struct hs_v8 *v8) HS_MUST_CHECK;
/* Needs rules. Drops areas that were none after all. */
struct hs_error *hs_labs_confirm(struct hs_v8 *v8) HS_MUST_CHECK;
/* Adds one; false if there is no memory. hs_labs_sort() must follow. */
bool hs_labs_add(struct hs_v8 *v8, const struct hs_lab *lab);
void hs_labs_sort(struct hs_v8 *v8);
/* The page that all of an area is in, NULL if it is none. An area that is full ends new space
 * (hs_newspace_discover). */
const struct hs_page *hs_lab_page(const struct hs_v8 *v8, const struct hs_lab *lab);
/* Needs rules. Size of the object at `addr`, 0 if there is none that ends at or before `end`. */
uint64_t hs_object_size(const struct hs_v8 *v8, struct hs_maps *maps, hs_addr addr, hs_addr end,
                        enum hs_kind *kind_ret);
/* Needs rules. Refuses a layout whose fields hold something else than they should (check_slot.c). */
struct hs_error *hs_slots_check(struct hs_v8 *v8) HS_MUST_CHECK;
/* Needs rules. Names kinds by who owns the objects (owner_kind.c). */
struct hs_error *hs_owner_kinds_resolve(struct hs_v8 *v8) HS_MUST_CHECK;
/* Needs rules. Resolves the scope_info_* facts that the scope infos themselves tell (scope_flags.c). */
struct hs_error *hs_scope_flags_resolve(struct hs_v8 *v8) HS_MUST_CHECK;
/* Needs rules. Finds the areas of threads that compile (v8->labs). */
struct hs_error *hs_local_heaps_search(struct hs_v8 *v8) HS_MUST_CHECK;
/* Needs rules. Finds what the collectors' threads hold while objects move: their areas (v8->labs), the maps
 * of large objects (page->large_map). Cost: one look at each word of writable memory outside the heap, 1 ms a
 * MB. */
struct hs_error *hs_collector_search(struct hs_v8 *v8) HS_MUST_CHECK;

/* The lists that spaces keep their pages in: offset of `next` in the page's metadata (`prev` is the word
 * after), if it was found, and the pages by the address of their metadata. */
struct hs_page_links {
    bool found;
    uint64_t next;
    struct hs_page **by_metadata; /* ascending */
    uint32_t count;
};
struct hs_error *hs_page_links_discover(struct hs_v8 *v8, struct hs_page_links *ret) HS_MUST_CHECK;
void hs_page_links_deinit(struct hs_page_links *links);
/* The page behind `page` in its list, NULL at the end or if there are no links. */
struct hs_page *hs_page_links_next(const struct hs_page_links *links, const struct hs_v8 *v8,
                                   const struct hs_page *page);
/* Marks pages that are in no list any more: freed by V8, but not yet unmapped. What they hold is no heap. A
 * page that a thread of a collector takes from its space to fill it (PagedSpace::RefillFreeList of a
 * CompactionSpace) is in no list either for that moment, and is heap. It was swept, and looks like most pages
 * of its space; one that V8 frees has flags that tell so (PRE_FREED, UNREGISTERED), none at all, or still the
 * one of a page that a compaction has emptied (EVACUATION_CANDIDATE); V8 14 leaves them as they were, so
 * HS_PAGE_UNLISTED is judged again once it is known whether a collection was under way. */
struct hs_error *hs_page_links_mark_freed(struct hs_v8 *v8, const struct hs_page_links *links) HS_MUST_CHECK;
/* Sets pages.prefilled. Where semispaces are not (V8 to 10.7), marks what lies behind the last used page.
 * Needs labs. */
struct hs_error *hs_newspace_discover(struct hs_v8 *v8, const struct hs_page_links *links) HS_MUST_CHECK;

#endif
