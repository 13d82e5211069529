/* The top of the dominator tree, folded by class, as rows: what `heapscan dominators` shows of it.
 *
 * Rows stand in depth-first order: a branch (group/branch.h), then those below it, largest first; `end` is
 * the first row behind them. Branches that retain less than `least`, or stand deeper than `depth`, have no
 * rows, but count in what their parent says of its children. So any view that shows less, to a smaller depth
 * or of fewer branches, is a walk over these rows: an index keeps them, since finding them takes a look at
 * every object. Immutable after creation. */
#ifndef HS_GROUP_BRANCH_TREE_H
#define HS_GROUP_BRANCH_TREE_H

#include "group/branch.h"

/* Of the rows that an index keeps: what dominators --folded asks for, the deepest of the views. */
enum { HS_BRANCH_TREE_DEPTH = 24, HS_BRANCH_TREE_SHARE = 10000 /* of the whole */ };
/* A tree that would have more is cut and says so. */
enum { HS_BRANCH_TREE_ROWS = 100000 };

struct hs_branch_row {
    uint32_t class; /* UINT32_MAX: none */
    hs_id member;   /* of its objects the first in the dominator tree */
    uint32_t count; /* objects */
    uint32_t end;   /* row behind what is below it */
    uint32_t children;
    uint32_t level;                                 /* 0: right below the start */
    uint64_t bytes, retained_bytes, children_bytes; /* children_bytes: what all children retain */
};

struct hs_branch_tree {
    struct hs_branch_row *rows;
    uint32_t count;
    uint32_t children; /* of the start, with or without a row */
    uint64_t children_bytes;
    uint64_t least;
    uint32_t depth;
    bool cut;
};

/* Below number `start` of the dominator tree (0: the virtual root). depth: at most 64. */
struct hs_error *hs_branch_tree_create(const struct hs_analysis *analysis,
                                       const struct hs_dominated *dominated, uint32_t start, uint64_t least,
                                       uint32_t depth, struct hs_branch_tree *ret) HS_MUST_CHECK;
void hs_branch_tree_deinit(struct hs_branch_tree *tree);
/* The tree that an index keeps: of the whole heap. */
struct hs_error *hs_branch_tree_create_kept(const struct hs_analysis *analysis,
                                            const struct hs_dominated *dominated,
                                            struct hs_branch_tree *ret) HS_MUST_CHECK;
/* True if every branch of a view down to `depth`, of branches that retain at least `least`, has a row. */
static inline bool hs_branch_tree_covers(const struct hs_branch_tree *tree, uint64_t least, uint32_t depth) {
    return tree->rows && !tree->cut && least >= tree->least && depth <= tree->depth;
}

#endif
