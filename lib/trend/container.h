/* The single containers of all captures: how many entries each has, by the place where it stands.
 *
 * A leak that adds to one object never shows in a count of instances, and its storage grows by doubling;
 * entries tell. A container is told by its place in the tree of paths and its class, so it survives a move by
 * the collector. Where several stand at one place (the Sets of a Map), heapscan lists the largest few: their
 * entries are added. A capture in which a container is not among the largest has HS_SNAP_NULL. Owned by the
 * trend; one thread at a time. */
#ifndef HS_TREND_CONTAINER_H
#define HS_TREND_CONTAINER_H

#include "base/strbuf.h"
#include "trend/trend.h"

struct hs_container_series {
    const char *place; /* as hs_tree_put_place() writes it */
    struct hs_snap_key class;
    int64_t *entries;  /* one a capture; HS_SNAP_NULL: not listed */
    int64_t *retained; /* bytes, the same */
    int64_t listed;    /* of one line, while captures come in: entries, */
    int64_t listed_retained;
    const char *keys; /* in the last capture that lists it */
    hs_addr sample;   /* the same */
    size_t sample_capture;
};

struct hs_container_table {
    struct hs_container_series *items; /* by place and class once settled */
    size_t count, capacity;
};

/* A place as heapscan writes it, without its marks of folded chains, which the trees do not know. */
void hs_container_put_place(struct hs_strbuf *out, const char *path);
/* Adds the `container` lines of capture `at` (place in the order given). */
struct hs_error *hs_container_add(struct hs_trend *trend, const struct hs_snap *snap,
                                  size_t at) HS_MUST_CHECK;
/* Once, when the captures are in order. */
struct hs_error *hs_container_settle(struct hs_trend *trend) HS_MUST_CHECK;
/* Takes NULL. */
void hs_container_table_destroy(struct hs_container_table *table);
/* NULL if there is none. */
const struct hs_container_series *hs_container_find(const struct hs_trend *trend, const char *place,
                                                    struct hs_snap_key class);

#endif
