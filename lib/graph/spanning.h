/* A depth-first spanning tree of the reachable nodes: the first half of finding dominators.
 *
 * Numbers are depth-first, 1 … count; 0 is the virtual root above all roots. Edges are those that count for
 * dominators: the graph's, from the key to the value of every ephemeron whose table is reachable, and those
 * past storages (graph/direct.h); where the graph knows what is owned, edges to it from what is not do not
 * count. An edge to a higher number comes from an ancestor: of those the lowest source is all that dominators
 * need, so it is kept while the tree grows. Edges to lower numbers *cross*; they are listed by target
 * afterwards, with sources replaced by ancestors that say the same, each once: most of them lead to maps and
 * oddballs, from millions of objects (measured: 3.3 edges a node, of which 0.5 remain).
 *
 * 16 bytes a node of its own, and 4 a crossing edge that is kept. The caller frees what it does not take
 * over. */
#ifndef HS_GRAPH_SPANNING_H
#define HS_GRAPH_SPANNING_H

#include "graph/mark.h"

struct hs_spanning {
    hs_id count;
    uint32_t *number; /* id -> number; 0: not reached */
    hs_id *vertex;    /* number -> id; vertex[0] is HS_ID_NONE */
    uint32_t *parent; /* number -> number */
    uint32_t *lowest; /* number -> the lowest ancestor that has an edge to it */
    uint32_t *row; /* number -> its sources in `from`, ended by a 0; 0: nothing crosses to it. The caller's */
    uint32_t *from; /* numbers */
};

/* `rows`: HS_SPANNING_ROWS(marks->count) zeroes of the caller's; the first marks->count + 2 become the rows,
 * the others are overwritten. */
#define HS_SPANNING_ROWS(count) (2 * ((size_t)(count) + 2))
struct hs_error *hs_spanning_create(const struct hs_graph *graph, const struct hs_marks *marks,
                                    const hs_id *roots, size_t root_count, uint32_t *rows,
                                    struct hs_spanning *ret) HS_MUST_CHECK;
void hs_spanning_deinit(struct hs_spanning *spanning);

#endif
