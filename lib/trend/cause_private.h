/* What the two halves of trend/cause.h share: who else holds what a region gained (cause.c), and whose growth
 * it is (leak_share.c). */
#ifndef HS_TREND_CAUSE_PRIVATE_H
#define HS_TREND_CAUSE_PRIVATE_H

#include "trend/cause.h"

/* A place that rows name: a region, or a holder that is none. */
struct hs_cause_place {
    const char *place;
    size_t node;   /* that stands there, HS_TREE_NONE */
    size_t region; /* HS_TREE_NONE: none */
    size_t holder; /* number of the holder: a region's index; others from regions->count on */
};

struct hs_cause_search {
    const struct hs_trend *trend;
    const struct hs_regions *regions;
    struct hs_causes *causes;
    struct hs_cause_place *places; /* ascending */
    size_t place_count;
    size_t holder_count; /* regions, then other places */
    size_t captures;
};

const struct hs_cause_place *hs_cause_place_find(const struct hs_cause_search *search, const char *place);

/* The share of every holder; shares_ret: one a holder. `reach`: by region, the other holders that reach most
 * of its objects (pairs, ascending). */
struct hs_cause_pair {
    size_t region, holder;
    int64_t gained; /* objects of the region that the holder reaches too */
};
struct hs_error *hs_leak_shares_find(const struct hs_cause_search *search, const struct hs_cause_pair *reach,
                                     size_t reach_count, int64_t *shares_ret) HS_MUST_CHECK;

#endif
