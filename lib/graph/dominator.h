/* Dominators and retained sizes.
 *
 * d dominates n if every path from the roots to n goes through d; what d retains is what would be freed if d
 * went. Computed by the semi-NCA algorithm (Georgiadis 2005) over the reachable nodes in depth-first order,
 * under one virtual root. Numbers are depth-first: 0 is the virtual root, 1 … count the nodes; a dominator's
 * number is lower than that of what it dominates. Edges: the graph's, and from the key to the value of every
 * ephemeron whose table is reachable (as DevTools does), and those past storages (graph/direct.h). Where the
 * graph knows what is owned, edges to it from what is not do not count; every owned node must be reached
 * without them. Invariant: retained[0] is the sum of the sizes of all reachable nodes. Immutable after
 * creation. */
#ifndef HS_GRAPH_DOMINATOR_H
#define HS_GRAPH_DOMINATOR_H

#include "graph/mark.h"

struct hs_dominators {
    hs_id count;              /* reachable nodes */
    uint32_t *number;         /* id -> number; 0: unreachable */
    hs_id *vertex;            /* number -> id; vertex[0] is HS_ID_NONE */
    uint32_t *idom;           /* number -> number of the immediate dominator */
    uint64_t *retained;       /* number -> bytes */
    struct hs_blocks *blocks; /* where the arrays lie if they came from an index: only the functions below may
                                 read them then, or whoever has asked for them (group/analysis.h) */
};

static inline uint32_t hs_dominators_number(const struct hs_dominators *dominators, hs_id id) {
    hs_blocks_touch(dominators->blocks, &dominators->number[id], sizeof *dominators->number);
    return dominators->number[id];
}
static inline hs_id hs_dominators_vertex(const struct hs_dominators *dominators, uint32_t number) {
    hs_blocks_touch(dominators->blocks, &dominators->vertex[number], sizeof *dominators->vertex);
    return dominators->vertex[number];
}
static inline uint32_t hs_dominators_idom(const struct hs_dominators *dominators, uint32_t number) {
    hs_blocks_touch(dominators->blocks, &dominators->idom[number], sizeof *dominators->idom);
    return dominators->idom[number];
}
static inline uint64_t hs_dominators_retained(const struct hs_dominators *dominators, uint32_t number) {
    hs_blocks_touch(dominators->blocks, &dominators->retained[number], sizeof *dominators->retained);
    return dominators->retained[number];
}

/* `size` gives the shallow bytes of a node. */
struct hs_error *hs_dominators_create(const struct hs_graph *graph, const struct hs_marks *marks,
                                      const hs_id *roots, size_t root_count,
                                      uint64_t (*size)(void *context, hs_id id), void *context,
                                      struct hs_dominators **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_dominators_destroy(struct hs_dominators *dominators);

/* Retained bytes of each class without double counting: of its nodes that no other node of the class
 * dominates. `class_of` gives a node's class below class_count, or UINT32_MAX. retained_ret: class_count
 * numbers. */
struct hs_error *hs_dominators_by_class(const struct hs_dominators *dominators,
                                        uint32_t (*class_of)(void *context, hs_id id), void *context,
                                        uint32_t class_count, uint64_t *retained_ret) HS_MUST_CHECK;

#endif
