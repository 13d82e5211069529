/* The top of the dominator tree in an index. */
#include "index/index_private.h"

#include <stdlib.h>

/* Rows lie inside each other, one level deeper each time: whoever walks them ends, and not deeper than
 * HS_BRANCH_TREE_DEPTH. What they say of bytes is only printed. */
static bool nest(const struct hs_index *index, const struct hs_branch_tree *tree) {
    uint32_t level = 0, ends[HS_BRANCH_TREE_DEPTH + 1] = {tree->count};
    for (uint32_t i = 0; i < tree->count; i++) {
        const struct hs_branch_row *row = &tree->rows[i];
        while (i >= ends[level]) level--; /* ends[0] is behind all */
        if (row->level != level || level >= tree->depth || row->end <= i || row->end > ends[level] ||
            row->member >= index->counts->nodes ||
            (row->class >= index->counts->classes && row->class != UINT32_MAX))
            return false;
        ends[++level] = row->end;
    }
    return true;
}

struct hs_error *hs_index_branches(const struct hs_index *index, struct hs_branch_tree **ret) {
    const struct hs_index_tree *from = hs_index_at(index, HS_SECTION_BRANCH_TREE);
    uint64_t count = hs_index_length(index, HS_SECTION_BRANCHES);
    if (hs_index_length(index, HS_SECTION_BRANCH_TREE) != 1 || count > HS_BRANCH_TREE_ROWS ||
        from->depth > HS_BRANCH_TREE_DEPTH)
        return hs_error_create(HS_ERROR_FORMAT, "the index does not fit: dominators");
    struct hs_branch_tree *tree = malloc(sizeof *tree);
    if (!tree) return HS_ENOMEM;
    *tree = (struct hs_branch_tree){.rows = (struct hs_branch_row *)hs_index_at(index, HS_SECTION_BRANCHES),
                                    .count = (uint32_t)count,
                                    .children = from->children,
                                    .children_bytes = from->children_bytes,
                                    .least = from->least,
                                    .depth = from->depth,
                                    .cut = from->cut != 0};
    if (!nest(index, tree)) {
        free(tree);
        return hs_error_create(HS_ERROR_FORMAT, "the index does not fit: dominators");
    }
    *ret = tree;
    return NULL;
}
