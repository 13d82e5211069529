/* The children of one holder by slot.
 *
 * Members (indexes, keys, links) of one object are one slot; names each are one, unless they lead to objects
 * of one class (the next and the previous of a list), or are globals that come together, as with each new
 * context of node:vm. What the roots hold is told by its class. So two children are of one slot if they share
 * a group of at least one kind: name, class or steps. That is no equivalence: the slot of a child is the
 * union of its groups.
 *
 * Groups are made by sorting, and keep the sums of their children that are counted; the sum of a union comes
 * from those of its groups and of what they have in common. Finding the slots of all children and taking them
 * takes n log n, however many there are of either. Sums are of 128 bits, so that taking children away again
 * is exact whatever a snapshot says. One struct is filled again and again and keeps its memory. One thread at
 * a time. */
#ifndef HS_TREND_SLOT_H
#define HS_TREND_SLOT_H

#include "trend/tree.h"

/* Kinds of groups, and every set of them: what its groups have in common. */
enum { HS_SLOT_NAME = 1, HS_SLOT_CLASS = 2, HS_SLOT_STEPS = 4, HS_SLOT_SETS = 8 };

struct hs_slots {
    const struct hs_tree *tree;
    size_t captures;
    unsigned kinds; /* that the holder has */
    size_t count, capacity;
    size_t *nodes; /* ascending; a place is an index of these */
    bool *counted;
    struct hs_slot_groups {
        size_t capacity;
        size_t *order;  /* places by group, ascending within one */
        size_t *group;  /* by place: where its group begins in the order; HS_TREE_NONE: it has none */
        __int128 *sums; /* by group: counts, then bytes of the branches, one a capture */
    } sets[HS_SLOT_SETS];
};

/* Empty, for a settled tree of `captures` captures. */
void hs_slots_init(struct hs_slots *slots, const struct hs_tree *tree, size_t captures);
void hs_slots_deinit(struct hs_slots *slots);

/* The children of `holder`, or those for which `wanted` (by node) holds. None is counted. */
struct hs_error *hs_slots_fill(struct hs_slots *slots, size_t holder, const bool *wanted) HS_MUST_CHECK;
/* Adds a child to the sums of its groups, or takes it away. */
void hs_slots_count(struct hs_slots *slots, size_t place, bool counted);

/* Whether the slot has other children, counted or not, and none of them stands before this one. */
bool hs_slots_is_first(const struct hs_slots *slots, size_t place);
/* The objects and the branches' bytes of all that is counted in the slot, one value a capture each. */
void hs_slots_sum(const struct hs_slots *slots, size_t place, int64_t *counts_ret, int64_t *below_ret);
/* Calls `take` for all that is counted in the slot; then it is counted no more. */
void hs_slots_take(struct hs_slots *slots, size_t place, void (*take)(void *context, size_t node),
                   void *context);

#endif
