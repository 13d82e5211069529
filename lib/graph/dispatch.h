/* Where functions keep their code if not in a tagged field: in V8 13.4 and later in a table outside the heap,
 * to 5.5 as the address of its first instruction.
 *
 * JSFunction holds a 32-bit handle, an index shifted left; the table's entries are {entry point, code}, the
 * code's address shifted left by 16 (sandbox/js-dispatch-table.h). The table is found by its form: the
 * isolate knows its base, and under the right base and shift the handles of all functions lead to code.
 * An entry address (objects.h JSFunction::code_entry) is the word that lies Code.instruction_start behind a
 * Code in nearly all functions. Immutable after it is found, any thread. */
#ifndef HS_GRAPH_DISPATCH_H
#define HS_GRAPH_DISPATCH_H

#include "graph/objects.h"

struct hs_dispatch {
    hs_addr base; /* 0: functions point to their code themselves, or no table was found */
    uint8_t shift;
    uint16_t entry; /* offset of the address of the first instruction, 0: no such field */
};

void hs_dispatch_find(const struct hs_objects *objects, struct hs_dispatch *ret);
/* The code of a JSFunction of `words` tagged words (4 or more) whose host bytes are `p`, HS_ID_NONE if it has
 * none there. */
hs_id hs_dispatch_code(const struct hs_dispatch *dispatch, const struct hs_objects *objects, const uint8_t *p,
                       uint32_t words);

#endif
