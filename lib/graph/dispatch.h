/* The code of functions that hold no tagged pointer to it.
 *
 * V8 13.4 and later: JSFunction holds a 32-bit handle, an index shifted left, into a table outside the heap;
 * the table's entries are {entry point, code}, the code's address shifted left by 16
 * (sandbox/js-dispatch-table.h). Each isolate has a table of its own, and the same handle is another
 * function's in the next one. A table is found by its form: the isolate knows its base, and under the right
 * base and shift the handles of its functions lead to code.
 *
 * V8 4.5 to 5.5 and a little later: JSFunction holds the address of its code's first instruction
 * (objects.h, kCodeEntryOffset). Which word that is, the functions of the heap say.
 *
 * Immutable after it is found, any thread; the owner of a struct hs_dispatch frees its bases. */
#ifndef HS_GRAPH_DISPATCH_H
#define HS_GRAPH_DISPATCH_H

#include "graph/objects.h"

struct hs_dispatch {
    hs_addr *bases; /* of the tables, by isolate; 0: none was found. NULL: functions hold tagged pointers */
    uint32_t count; /* isolates */
    uint8_t shift;  /* of handles */
    uint16_t entry; /* offset of the address of the first instruction, 0: no such field; then bases are 0 */
};

struct hs_error *hs_dispatch_find(const struct hs_objects *objects, struct hs_dispatch *ret) HS_MUST_CHECK;
void hs_dispatch_deinit(struct hs_dispatch *dispatch);
/* The code of a JSFunction of `words` tagged words (4 or more) whose host bytes are `p` and which `isolate`
 * owns, HS_ID_NONE if it has none there. */
hs_id hs_dispatch_code(const struct hs_dispatch *dispatch, const struct hs_objects *objects, uint16_t isolate,
                       const uint8_t *p, uint32_t words);

#endif
