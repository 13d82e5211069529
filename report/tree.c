#define _GNU_SOURCE 1 /* reallocarray */
#include "tree.h"

#include <stdlib.h>

#include "trend/tree.h"

struct pick {
    size_t node, depth;
    int64_t last;
};

/* The largest first; a parent is never smaller than its child and stands before it. */
static int by_size(const void *a, const void *b) {
    const struct pick *x = a, *y = b;
    if (x->last != y->last) return x->last > y->last ? -1 : 1;
    return x->node < y->node ? -1 : 1;
}

static size_t pick_nodes(const struct hs_tree *tree, size_t last, struct pick *picks) {
    size_t *depths = calloc(tree->count, sizeof *depths), count = 0;
    if (!depths) return SIZE_MAX;
    for (size_t i = 0; i < tree->count; i++) {
        const struct hs_tree_node *node = &tree->nodes[i];
        depths[i] = node->parent == HS_TREE_NONE ? 1 : depths[node->parent] + 1;
        if (node->below[last] > 0 && depths[i] <= REPORT_DEPTH)
            picks[count++] = (struct pick){i, depths[i], node->below[last]};
    }
    free(depths);
    qsort(picks, count, sizeof *picks, by_size);
    return count < REPORT_NODES - 1 ? count : REPORT_NODES - 1;
}

/* Children lie from left to right as they come: the largest first. */
static void lay_out(struct report_tree *ret) {
    double used[REPORT_NODES] = {0}, whole = ret->nodes[0].last > 0 ? (double)ret->nodes[0].last : 1;
    ret->nodes[0].width = 1;
    for (size_t i = 1; i < ret->count; i++) {
        struct report_node *node = &ret->nodes[i];
        const struct report_node *parent = &ret->nodes[node->parent];
        double width = (double)node->last / whole, left = parent->width - used[node->parent];
        node->width = width < left ? width : left;
        if (node->width < 0) node->width = 0;
        node->x = parent->x + used[node->parent];
        used[node->parent] += node->width;
    }
}

static struct hs_error *build(const struct hs_trend *trend, struct pick *picks, size_t *place,
                              struct report_tree *ret) {
    const struct hs_tree *tree = trend->tree;
    size_t last = trend->capture_count - 1, count = pick_nodes(tree, last, picks);
    if (count == SIZE_MAX) return HS_ENOMEM;
    ret->nodes = calloc(count + 1, sizeof *ret->nodes);
    if (!ret->nodes) return HS_ENOMEM;
    ret->nodes[0] = (struct report_node){.parent = SIZE_MAX, .edge = "the whole heap", .group = true};
    for (size_t i = 0; i < tree->count; i++) {
        if (tree->nodes[i].parent != HS_TREE_NONE) continue;
        ret->nodes[0].first = hs_trend_sum(ret->nodes[0].first, tree->nodes[i].below[0]);
        ret->nodes[0].last = hs_trend_sum(ret->nodes[0].last, tree->nodes[i].below[last]);
    }
    ret->count = 1;
    for (size_t i = 0; i < count; i++) {
        const struct hs_tree_node *node = &tree->nodes[picks[i].node];
        place[picks[i].node] = ret->count;
        ret->nodes[ret->count++] =
            (struct report_node){.parent = node->parent == HS_TREE_NONE ? 0 : place[node->parent],
                                 .edge = node->edge,
                                 .constructor = node->constructor,
                                 .group = node->parent == HS_TREE_NONE,
                                 .first = node->below[0],
                                 .last = node->below[last],
                                 .count = node->counts[last],
                                 .depth = picks[i].depth};
    }
    lay_out(ret);
    return NULL;
}

struct hs_error *report_tree_build(const struct hs_trend *trend, struct report_tree *ret) {
    *ret = (struct report_tree){0};
    if (!trend->tree || !trend->tree->count) return NULL;
    struct pick *picks = reallocarray(NULL, trend->tree->count, sizeof *picks);
    size_t *place = reallocarray(NULL, trend->tree->count, sizeof *place);
    struct hs_error *error = picks && place ? build(trend, picks, place, ret) : HS_ENOMEM;
    free(picks);
    free(place);
    return error;
}

void report_tree_deinit(struct report_tree *tree) {
    free(tree->nodes);
    *tree = (struct report_tree){0};
}
