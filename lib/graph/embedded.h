/* Objects that machine code names: immediate operands and constant pools of compiled functions.
 *
 * V8 knows their places by relocation info, whose encoding changes with its modes; they are found without it:
 * a 64-bit tagged pointer to the very start of an object does not stand among instructions by chance.
 * Optimised code names maps, receivers, contexts and property cells weakly: it is thrown away when they die
 * (Code::IsWeakObjectInOptimizedCode, code.cc); baseline code has no such operands. Nothing is found where
 * tagged words are 32 bits wide. Pure.
 */
#ifndef HS_GRAPH_EMBEDDED_H
#define HS_GRAPH_EMBEDDED_H

#include "graph/objects.h"

/* The next object named in [*offset, size) of the code object at `p`; HS_ID_NONE: no more. *offset goes past
 * it. `*weak_ret`: the code does not keep it alive. */
hs_id hs_embedded_next(const struct hs_objects *objects, const uint8_t *p, uint64_t size, uint64_t *offset,
                       bool *weak_ret);

#endif
