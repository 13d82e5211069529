/* The dominator tree downwards: what each node dominates directly.
 *
 * Compressed rows over the numbers of graph/dominator.h (0 is the virtual root), made on demand from `idom`.
 * Children of a number ascend. Eight bytes a node. Immutable after creation. */
#ifndef HS_GRAPH_DOMINATED_H
#define HS_GRAPH_DOMINATED_H

#include "graph/dominator.h"

struct hs_dominated {
    uint32_t *first;          /* dominators->count + 2 */
    uint32_t *child;          /* numbers */
    struct hs_blocks *blocks; /* where the arrays lie if they came from an index: read with
                                 hs_dominated_row() then */
};

/* What `number` dominates directly: *count_ret numbers. */
static inline const uint32_t *hs_dominated_row(const struct hs_dominated *dominated, uint32_t number,
                                               uint32_t *count_ret) {
    hs_blocks_touch(dominated->blocks, &dominated->first[number], 2 * sizeof *dominated->first);
    uint32_t first = dominated->first[number], end = dominated->first[number + 1];
    *count_ret = end > first ? end - first : 0;
    hs_blocks_touch(dominated->blocks, &dominated->child[first], *count_ret * sizeof *dominated->child);
    return &dominated->child[first];
}

struct hs_error *hs_dominated_create(const struct hs_dominators *dominators,
                                     struct hs_dominated *ret) HS_MUST_CHECK;
void hs_dominated_deinit(struct hs_dominated *dominated);

/* The child of `number` that retains most; 0: it has none. */
uint32_t hs_dominated_largest(const struct hs_dominators *dominators, const struct hs_dominated *dominated,
                              uint32_t number);

#endif
