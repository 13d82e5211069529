#include "trend/spread.h"

#include <string.h>

/* Part of the class's growth that must stand below one place. */
static const double NEARLY_ALL = 0.9;

static bool is_of(const struct hs_tree *tree, size_t node, struct hs_snap_key key, const int32_t *owner,
                  int32_t free_value) {
    return owner[node] == free_value && hs_snap_key_equal(tree->nodes[node].key, key);
}

static int64_t delta_of(const int64_t *series, size_t n) {
    return hs_trend_sum(series[n - 1], -series[0]);
}

/* Groups of roots and modules hold nothing themselves. */
static bool is_object(const struct hs_tree *tree, size_t node) {
    const struct hs_tree_node *n = &tree->nodes[node];
    return n->parent != HS_TREE_NONE && (n->key.high || n->key.low);
}

size_t hs_spread_widen(const struct hs_tree *tree, size_t holder) {
    size_t up = tree->nodes[holder].parent;
    return up != HS_TREE_NONE && is_object(tree, up) ? up : HS_TREE_NONE;
}

/* The child below which nearly all stands; HS_TREE_NONE: there is none. `child`: the first of its siblings.
 */
static size_t main_child(const struct hs_tree *tree, size_t child, const int64_t *grown, int64_t total) {
    for (size_t c = child; c != HS_TREE_NONE; c = tree->nodes[c].next)
        if ((double)grown[c] >= NEARLY_ALL * (double)total) return c;
    return HS_TREE_NONE;
}

struct hs_spread hs_spread_find(const struct hs_tree *tree, size_t captures, struct hs_snap_key key,
                                const int32_t *owner, int32_t free_value, int64_t total, int64_t *grown) {
    struct hs_spread ret = {.holder = HS_TREE_NONE, .most = HS_TREE_NONE};
    size_t at = HS_TREE_NONE;
    int64_t most = 0;
    if (total <= 0) return ret;
    for (size_t i = 0; i < tree->count; i++) {
        if (!is_of(tree, i, key, owner, free_value)) continue;
        int64_t delta = delta_of(tree->nodes[i].counts, captures);
        for (size_t up = i; up != HS_TREE_NONE; up = tree->nodes[up].parent)
            grown[up] = hs_trend_sum(grown[up], delta);
    }
    for (size_t i = 0; i < tree->count && at == HS_TREE_NONE; i++)
        if (tree->nodes[i].parent == HS_TREE_NONE && (double)grown[i] >= NEARLY_ALL * (double)total) at = i;
    for (size_t next = at; next != HS_TREE_NONE;) {
        at = next;
        next = main_child(tree, tree->nodes[at].child, grown, total);
        if (next != HS_TREE_NONE && hs_snap_key_equal(tree->nodes[next].key, key)) break;
    }
    if (at != HS_TREE_NONE && is_object(tree, at)) ret.holder = at;
    for (size_t i = 0; i < tree->count; i++) {
        if (!grown[i]) continue;
        int64_t delta =
            is_of(tree, i, key, owner, free_value) ? delta_of(tree->nodes[i].counts, captures) : 0;
        if (delta > most) {
            most = delta;
            ret.most = i;
        }
    }
    memset(grown, 0, tree->count * sizeof *grown);
    return ret;
}

static bool is_below(const struct hs_tree *tree, size_t node, size_t holder) {
    while (node != HS_TREE_NONE && node > holder) node = tree->nodes[node].parent;
    return node == holder;
}

void hs_spread_sum(const struct hs_tree *tree, size_t captures, struct hs_snap_key key, const int32_t *owner,
                   int32_t free_value, size_t holder, int64_t *series_ret) {
    memset(series_ret, 0, captures * sizeof *series_ret);
    for (size_t i = holder; i < tree->count; i++) {
        if (!is_of(tree, i, key, owner, free_value) || !is_below(tree, i, holder)) continue;
        for (size_t k = 0; k < captures; k++)
            series_ret[k] = hs_trend_sum(series_ret[k], tree->nodes[i].counts[k]);
    }
}
