/* Postmortem garbage collection: what is reachable from the roots.
 *
 * Follows strong edges, and ephemerons as V8's collector does: a value lives while its table and its key
 * live, so an entry whose value is all that holds its key is garbage. Iterative; memory: one bit and four
 * bytes a node. */
#ifndef HS_GRAPH_MARK_H
#define HS_GRAPH_MARK_H

#include "graph/graph.h"

struct hs_marks {
    uint64_t *bits; /* one a node */
    hs_id count;    /* nodes that are reachable */
};

static inline bool hs_marks_get(const struct hs_marks *marks, hs_id id) {
    return marks->bits[id / 64] >> (id % 64) & 1;
}

struct hs_error *hs_mark(const struct hs_graph *graph, const hs_id *roots, size_t root_count,
                         struct hs_marks *ret) HS_MUST_CHECK;
/* Goes on from further roots, with the marks of the same graph. On an error the marks are to be thrown away.
 */
struct hs_error *hs_mark_more(const struct hs_graph *graph, const hs_id *roots, size_t root_count,
                              struct hs_marks *marks) HS_MUST_CHECK;
void hs_marks_deinit(struct hs_marks *marks);

#endif
