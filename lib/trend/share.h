/* Objects that several holders reach, in all captures: the lines `shared`.
 *
 * A row is a node of the tree of paths and a set of other places that refer to its objects; it tells how many
 * objects each capture has of them. Filled by hs_tree_add() while captures come in. Known only if every
 * capture says so: `captures` counts those. Owned by the trend; strings belong to its arena. One thread at a
 * time. */
#ifndef HS_TREND_SHARE_H
#define HS_TREND_SHARE_H

#include "trend/trend.h"

enum { HS_SHARE_HOLDERS = 4 };

struct hs_share_holder {
    const char *place; /* as hs_tree_put_place() writes it */
    const char *edge;  /* the step from there: "[key]" */
};

struct hs_share_row {
    size_t node;
    size_t holder_count;
    struct hs_share_holder holders[HS_SHARE_HOLDERS]; /* ascending */
    int64_t count;                                    /* of one line, while captures come in, */
    size_t capture;                                   /* and which */
    int64_t *counts;                                  /* one a capture, once settled */
};

struct hs_share_table {
    struct hs_share_row *rows; /* by node once settled */
    size_t count, capacity;
    size_t captures; /* that have such lines */
    int64_t *series; /* of all rows */
};

/* One line of capture `at` (place in the order given) about `node`. */
struct hs_error *hs_share_add(struct hs_trend *trend, const struct hs_snap_shared *line, size_t node,
                              size_t at) HS_MUST_CHECK;
/* That a capture has such lines, if only their sum. */
struct hs_error *hs_share_announce(struct hs_trend *trend) HS_MUST_CHECK;
/* Once, when the captures are in order; drops the table where a capture has no such lines. */
struct hs_error *hs_share_settle(struct hs_trend *trend) HS_MUST_CHECK;
/* Takes NULL. */
void hs_share_table_destroy(struct hs_share_table *table);

#endif
