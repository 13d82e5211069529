/* Shortest paths from the roots, over strong edges.
 *
 * One breadth-first search over all reachable nodes; a node's parent is the node that it was first found from. What a person
 * would not look at is passed through last: nodes that the caller calls `late` (maps, code, feedback) are expanded only when
 * nothing else is left, and so is what hangs on stacks and open handles, which change from one moment to the next. So a
 * path goes through the program's own objects wherever there is one that does. Four bytes a node. Immutable after creation.
 *
 * Reverse edges (who points here) are compressed rows, made on demand. */
#ifndef HS_GRAPH_PATH_H
#define HS_GRAPH_PATH_H

#include "graph/mark.h"
#include "graph/root.h"

struct hs_paths {
    hs_id *parent; /* its own id: a root; HS_ID_NONE: not reachable */
    hs_id count;
};

struct hs_path_options {
    bool (*late)(void *context, hs_id id); /* may be NULL */
    void *context;
    const hs_id *first; /* roots to begin with (global objects); may be NULL */
    size_t first_count;
};

/* `root_ids`: all of them, as for hs_mark; the first roots->count of them stand for roots->items. */
struct hs_error *hs_paths_create(const struct hs_graph *graph, const struct hs_marks *marks, const struct hs_roots *roots,
                                 const hs_id *root_ids, size_t root_id_count, const struct hs_path_options *options,
                                 struct hs_paths *ret) HS_MUST_CHECK;
void hs_paths_deinit(struct hs_paths *paths);

/* Edges from `id` up to its root; 0 for a root. */
uint32_t hs_paths_depth(const struct hs_paths *paths, hs_id id);
/* The root (a member of `roots`) that names node `id`, which is its own parent; the one that lasts longest; NULL: none. */
const struct hs_root *hs_paths_root(const struct hs_roots *roots, hs_id id);

struct hs_reverse {
    uint32_t *first; /* count + 1 */
    hs_id *from;     /* sources of node i: from[first[i]] …, ascending; live nodes only; keys of ephemerons for their values */
    hs_id count;
};
struct hs_error *hs_reverse_create(const struct hs_graph *graph, const struct hs_marks *marks, struct hs_reverse *ret) HS_MUST_CHECK;
void hs_reverse_deinit(struct hs_reverse *reverse);

#endif
