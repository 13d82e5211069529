/* How pages are found: by v8.c only. */
#ifndef HS_V8_PAGE_PRIVATE_H
#define HS_V8_PAGE_PRIVATE_H

#include "v8/page.h"

/* Finds every page of the core. HS_ERROR_LAYOUT if no header variant fits. */
struct hs_error *hs_pages_discover(const struct hs_core *core, const struct hs_v8_symbols *symbols,
                                   struct hs_pages *pages) HS_MUST_CHECK;
/* Fills name and class_name of the space at space->address (0: the shared read-only space). Class: by its
 * vtable, else by its AllocationSpace id. */
void hs_space_describe(const struct hs_core *core, const struct hs_v8_symbols *symbols,
                       struct hs_space *space);
/* Whether word `word` of the Space at `space` is `heap`. */
bool hs_space_heap_is(const struct hs_core *core, hs_addr space, int word, hs_addr heap);
/* The AllocationSpace id of a Space of `heap`: it stands behind the Heap*, whose own place moved (word 1 in
 * V8 to 6.2 and from 8.6 on, behind observers and counters between). -1 if it is no Space. */
int32_t hs_space_id(const struct hs_core *core, hs_addr space, hs_addr heap);
/* HS_PAGE_* that hold for all pages of a described space. */
uint8_t hs_space_flags(const struct hs_space *space);
void hs_pages_deinit(struct hs_pages *pages);

#endif
