/* The icicle's tree: the paths that hold most, from the whole heap down.
 *
 * Of the trees of named paths (trend/tree.h) the REPORT_NODES largest branches, each with its place: `x` and
 * `width` are shares of the whole heap of the last capture. Every object stands in one branch only, so the
 * widths of children never exceed their parent; what is missing is the parent's own and what is too small.
 * Parents stand before children; node 0 is the whole. Strings are the trend's, unescaped and not clipped. One
 * thread at a time. */
#ifndef HS_REPORT_TREE_H
#define HS_REPORT_TREE_H

#include "trend/trend.h"

enum { REPORT_NODES = 480, REPORT_DEPTH = 40 };

struct report_node {
    size_t parent; /* SIZE_MAX: none */
    const char *edge, *constructor;
    bool group;                 /* a root or a module: its edge is its name */
    int64_t first, last, count; /* bytes of the branch in the first and last capture; objects here */
    size_t depth;
    double x, width;
};

struct report_tree {
    struct report_node *nodes; /* none where the snapshots have no paths */
    size_t count;
};

/* `trend` is aligned. */
struct hs_error *report_tree_build(const struct hs_trend *trend, struct report_tree *ret) HS_MUST_CHECK;
void report_tree_deinit(struct report_tree *tree);

#endif
