/* A depth-first spanning tree of the reachable nodes: the first half of finding dominators.
 *
 * Numbers are depth-first, 1 … count; 0 is the virtual root above all roots. Edges are those that count for
 * dominators: the graph's, from the key to the value of every ephemeron whose table is reachable, and those
 * past storages (graph/direct.h); where the graph knows what is owned, edges to it from what is not do not
 * count. An edge to a higher number comes from an ancestor: of those the lowest source is all that dominators
 * need, so it is kept while the tree grows. Edges to lower numbers *cross*; they are listed by target
 * afterwards, with sources replaced by ancestors that say the same, each once: most of them lead to maps and
 * oddballs, from millions of objects (measured: 3.3 edges a node, of which 2.6 remain where most things are
 * shared). A dozen maps and prototypes are the targets of nearly all that remain: of those, each source has a
 * bit.
 *
 * 18 bytes a node of its own, and 4 a crossing edge that is kept. The caller frees what it does not take
 * over. */
#ifndef HS_GRAPH_SPANNING_H
#define HS_GRAPH_SPANNING_H

#include "graph/mark.h"

enum { HS_SPANNING_POPULAR = 16 };
struct hs_spanning {
    hs_id count;
    uint32_t *number; /* id -> number; 0: not reached */
    hs_id *vertex;    /* number -> id; vertex[0] is HS_ID_NONE */
    uint32_t *parent; /* number -> number */
    uint32_t *lowest; /* number -> the lowest ancestor that has an edge to it */
    uint32_t *row; /* number -> its sources in `from`, ended by a 0; 0: nothing crosses to it. The caller's */
    uint32_t *from; /* numbers */
    /* The targets that most cross to have no sources in `from`. */
    uint32_t popular[HS_SPANNING_POPULAR]; /* numbers */
    uint16_t *crosses; /* number -> bit k: it crosses to popular[k]; NULL: there are no such targets */
};
/* Which of the popular ones a number is; HS_SPANNING_POPULAR: none. */
static inline uint32_t hs_spanning_popular(const struct hs_spanning *s, uint32_t number) {
    uint32_t back = UINT32_MAX - s->row[number];
    return back < HS_SPANNING_POPULAR ? back : HS_SPANNING_POPULAR;
}
/* The sources of a number that is none of them, ended by a 0. */
static inline const uint32_t *hs_spanning_sources(const struct hs_spanning *s, uint32_t number) {
    return hs_spanning_popular(s, number) < HS_SPANNING_POPULAR ? s->from : &s->from[s->row[number]];
}

/* `rows`: HS_SPANNING_ROWS(marks->count) zeroes of the caller's; the first marks->count + 2 become the rows,
 * the others are overwritten. */
#define HS_SPANNING_ROWS(count) (2 * ((size_t)(count) + 2))
struct hs_error *hs_spanning_create(const struct hs_graph *graph, const struct hs_marks *marks,
                                    const hs_id *roots, size_t root_count, uint32_t *rows,
                                    struct hs_spanning *ret) HS_MUST_CHECK;
void hs_spanning_deinit(struct hs_spanning *spanning);

#endif
