/* What the roots hold, by isolate and category.
 *
 * An object counts once in each category that holds it directly; what it retains counts in its first category
 * only (in the order of enum hs_root_category), and only if nothing but roots holds it. Pure function of an
 * analysis. */
#ifndef HS_GROUP_ROOT_TOTAL_H
#define HS_GROUP_ROOT_TOTAL_H

#include "group/analysis.h"

struct hs_root_total {
    uint16_t isolate;
    uint8_t category; /* enum hs_root_category */
    const char *name; /* of the category, as V8's heap snapshot has it */
    uint64_t count, bytes, retained_bytes;
};

/* Sorted by isolate and category, without empty ones. *ret is malloc'ed. */
struct hs_error *hs_root_totals_create(const struct hs_analysis *analysis, struct hs_root_total **ret,
                                       size_t *count_ret) HS_MUST_CHECK;

#endif
