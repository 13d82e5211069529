/* Where a class stands that grows at many places, none of which grows by itself.
 *
 * A queue of blocks is filled at its tail and emptied at its head: what waits in it moves from one named path
 * to the next, so no path grows in every step while their sum does. The lowest place below which nearly all
 * of the class's growth stands is the holder then. No state: one thread at a time. */
#ifndef HS_TREND_SPREAD_H
#define HS_TREND_SPREAD_H

#include "trend/tree.h"

struct hs_spread {
    size_t holder; /* an object that is none of the class; HS_TREE_NONE: there is no one place */
    size_t most;   /* of the class's nodes below it the one that grew most */
};

/* `owner`: by node, those that are not `free_value` are passed over. `grown`: scratch, one zero a node; left
 * so. `total`: by how much the class grew. */
struct hs_spread hs_spread_find(const struct hs_tree *tree, size_t captures, struct hs_snap_key key,
                                const int32_t *owner, int32_t free_value, int64_t total, int64_t *grown);
/* The holder's next larger place, as hs_spread_find() would have it; HS_TREE_NONE. */
size_t hs_spread_widen(const struct hs_tree *tree, size_t holder);
/* Objects of the class in the branch of `holder`, one number a capture. */
void hs_spread_sum(const struct hs_tree *tree, size_t captures, struct hs_snap_key key, const int32_t *owner,
                   int32_t free_value, size_t holder, int64_t *series_ret);

#endif
