#include "group/branch_tree.h"

#include <stdlib.h>

enum { FIRST_ROWS = 256 };

struct growth {
    const struct hs_analysis *a;
    const struct hs_dominated *dominated;
    struct hs_branch_tree *tree;
    uint32_t capacity;
};

static struct hs_branch_row *add_row(struct growth *g) {
    struct hs_branch_tree *tree = g->tree;
    if (tree->count == g->capacity) {
        uint32_t capacity = 2 * g->capacity;
        struct hs_branch_row *grown = realloc(tree->rows, capacity * sizeof *grown);
        if (!grown) return NULL;
        tree->rows = grown;
        g->capacity = capacity;
    }
    return &tree->rows[tree->count++];
}

/* Adds the branches of what `parents` dominate. Depth is bounded by the tree's. */
static struct hs_error *grow(struct growth *g, const uint32_t *parents, uint32_t parent_count, uint32_t level,
                             uint32_t *children_ret, uint64_t *bytes_ret) {
    struct hs_branches branches;
    HS_TRY(hs_branches_create(g->a, g->dominated, parents, parent_count, &branches));
    struct hs_error *error = NULL;
    *children_ret = branches.count;
    *bytes_ret = 0;
    for (uint32_t i = 0; i < branches.count && !error; i++) {
        const struct hs_branch *b = &branches.items[i];
        *bytes_ret += b->retained_bytes;
        if (level >= g->tree->depth || b->retained_bytes < g->tree->least) continue;
        if (g->tree->count >= HS_BRANCH_TREE_ROWS) {
            g->tree->cut = true;
            continue;
        }
        uint32_t at = g->tree->count, children;
        uint64_t below;
        struct hs_branch_row *row = add_row(g);
        if (!row) error = HS_ENOMEM;
        else
            *row = (struct hs_branch_row){.class = b->class,
                                          .member = hs_dominators_vertex(g->a->dominators, b->members[0]),
                                          .count = b->count,
                                          .level = level,
                                          .bytes = b->bytes,
                                          .retained_bytes = b->retained_bytes};
        if (!error) error = grow(g, b->members, b->count, level + 1, &children, &below);
        if (error) break;
        row = &g->tree->rows[at];
        row->end = g->tree->count;
        row->children = children;
        row->children_bytes = below;
    }
    hs_branches_deinit(&branches);
    return error;
}

struct hs_error *hs_branch_tree_create(const struct hs_analysis *a, const struct hs_dominated *dominated,
                                       uint32_t start, uint64_t least, uint32_t depth,
                                       struct hs_branch_tree *ret) {
    struct hs_branch_tree tree = {
        .least = least, .depth = depth, .rows = malloc(FIRST_ROWS * sizeof *tree.rows)};
    struct growth g = {.a = a, .dominated = dominated, .tree = &tree, .capacity = FIRST_ROWS};
    struct hs_error *error =
        tree.rows ? grow(&g, &start, 1, 0, &tree.children, &tree.children_bytes) : HS_ENOMEM;
    if (error) hs_branch_tree_deinit(&tree);
    else *ret = tree;
    return error;
}

struct hs_error *hs_branch_tree_create_kept(const struct hs_analysis *a, const struct hs_dominated *dominated,
                                            struct hs_branch_tree *ret) {
    return hs_branch_tree_create(a, dominated, 0, a->dominators->retained[0] / HS_BRANCH_TREE_SHARE,
                                 HS_BRANCH_TREE_DEPTH, ret);
}

void hs_branch_tree_deinit(struct hs_branch_tree *tree) {
    free(tree->rows);
    *tree = (struct hs_branch_tree){0};
}
