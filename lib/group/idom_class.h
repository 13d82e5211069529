/* Who dominates whom, by class: for each pair of classes how many objects of one an object of the other
 * dominates immediately, and their shallow bytes.
 *
 * Every reachable object has one immediate dominator, so the bytes of all rows add up to the reachable heap:
 * growth by dominator adds up to all growth. Rows are those with most bytes; what is left out is one row, the
 * last, without classes. Pure function of an analysis; the result is the caller's. */
#ifndef HS_GROUP_IDOM_CLASS_H
#define HS_GROUP_IDOM_CLASS_H

#include "group/analysis.h"

struct hs_idom_class {
    uint32_t by, class; /* UINT32_MAX: the roots; no class. Both: what is left out */
    uint64_t count, bytes;
};

/* At most `limit` rows and one of the rest, most bytes first. *ret is malloc'ed. */
struct hs_error *hs_idom_classes_create(const struct hs_analysis *analysis, uint32_t limit,
                                        struct hs_idom_class **ret, size_t *count_ret) HS_MUST_CHECK;

#endif
