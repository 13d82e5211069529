/* References between classes in all captures: who points to whom (lines `edge`), who dominates whom (lines
 * `dominator`).
 *
 * Snapshots list the largest rows only. A row that a capture does not list has as many as the least that it
 * does list, if its list may be cut, else none: so a row that comes up into the list does not seem to grow
 * out of nothing. Filled while captures come in; owned by the trend, strings belong to its arena. One thread
 * at a time. */
#ifndef HS_TREND_LINK_H
#define HS_TREND_LINK_H

#include "trend/trend.h"

struct hs_link {
    struct hs_snap_key from, to; /* of dominators all zero: the roots; both: what is not listed */
    const char *name;            /* "" of dominators */
    int64_t count, bytes;        /* of one line, while captures come in, */
    size_t capture;              /* and which */
    int64_t *counts, *sizes;     /* one a capture, once settled; sizes: bytes, of dominators */
};

struct hs_links {
    struct hs_link *items; /* by `to`, `from`, name once settled */
    size_t count, capacity;
    size_t captures; /* that have such lines */
    int64_t *series;
    int64_t *floors; /* one a capture, in the order given: the least count that is listed; 0: all are */
    size_t floor_count;
};

struct hs_error *hs_links_add(struct hs_trend *trend, const struct hs_snap *snap, size_t at) HS_MUST_CHECK;
/* Once, when the captures are in order; drops what a capture does not have. */
struct hs_error *hs_links_settle(struct hs_trend *trend) HS_MUST_CHECK;
/* Takes NULL. */
void hs_links_destroy(struct hs_links *links);
/* The first of the links to a class, and behind the last one. */
void hs_links_to(const struct hs_links *links, struct hs_snap_key to, size_t *first_ret, size_t *end_ret);

#endif
