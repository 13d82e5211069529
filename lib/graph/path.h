/* Shortest paths from the roots, over strong edges.
 *
 * One breadth-first search over all reachable nodes; a node's parent is the node that it was first found
 * from. What a person would not look at is passed through last: nodes that the caller calls `late` (maps,
 * code, feedback) are expanded only when nothing else is left, and so is what hangs on stacks and open
 * handles, which change from one moment to the next. So a path goes through the program's own objects
 * wherever there is one that does. Four bytes a node. Immutable after creation.
 *
 * Reverse edges (who points here) are compressed rows, made on demand. */
#ifndef HS_GRAPH_PATH_H
#define HS_GRAPH_PATH_H

#include "graph/mark.h"
#include "graph/root.h"

struct hs_paths {
    hs_id *parent; /* its own id: a root; HS_ID_NONE: not reachable. Read with hs_paths_parent() */
    hs_id count;
    struct hs_blocks *blocks; /* where `parent` lies if it came from an index; else NULL */
};
static inline hs_id hs_paths_parent(const struct hs_paths *paths, hs_id id) {
    hs_blocks_touch(paths->blocks, &paths->parent[id], sizeof *paths->parent);
    return paths->parent[id];
}

struct hs_path_options {
    bool (*late)(void *context, hs_id id); /* may be NULL */
    void *context;
    const hs_id *first; /* roots to begin with (global objects); may be NULL */
    size_t first_count;
};

/* `root_ids`: all of them, as for hs_mark; the first roots->count of them stand for roots->items. */
struct hs_error *hs_paths_create(const struct hs_graph *graph, const struct hs_marks *marks,
                                 const struct hs_roots *roots, const hs_id *root_ids, size_t root_id_count,
                                 const struct hs_path_options *options, struct hs_paths *ret) HS_MUST_CHECK;
void hs_paths_deinit(struct hs_paths *paths);

/* Edges from `id` up to its root; 0 for a root. */
uint32_t hs_paths_depth(const struct hs_paths *paths, hs_id id);
/* The root (a member of `roots`) that names node `id`, which is its own parent; the one that lasts longest;
 * NULL: none. */
const struct hs_root *hs_paths_root(const struct hs_roots *roots, hs_id id);

/* Roots are taken in rounds 0 … HS_ROOT_ROUNDS - 1: short-lived holders and V8's own tables come last. After
 * round HS_ROOT_LASTING nothing is left but what code and feedback hold, and those come before the stacks. */
enum { HS_ROOT_LASTING = 2, HS_ROOT_ROUNDS = 5 };
int hs_root_round(enum hs_root_category category);

struct hs_reverse {
    uint32_t *first; /* count + 1 */
    hs_id *from; /* sources of node i: from[first[i]] …, ascending; live nodes only; keys of ephemerons for
                  their values. Read with hs_reverse_row() */
    hs_id count;
    struct hs_blocks *blocks; /* where the arrays lie if they came from an index; else NULL */
};
/* The sources of node `id`: *count_ret of them. */
const hs_id *hs_reverse_row(const struct hs_reverse *reverse, hs_id id, uint32_t *count_ret);
struct hs_error *hs_reverse_create(const struct hs_graph *graph, const struct hs_marks *marks,
                                   struct hs_reverse *ret) HS_MUST_CHECK;
void hs_reverse_deinit(struct hs_reverse *reverse);

#endif
