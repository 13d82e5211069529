/* Where growth begins: regions of the trees of paths, each below one holder.
 *
 * After BLeak (Vilk and Berger, PLDI 2018): of all places that grow only the top-most counts, since what it
 * holds grows with it; its parent, of which there are not more, is the holder. Here a node grows if its
 * objects grow in number (trend/evidence.h). What hangs on one holder by the like of indexes and keys is one
 * region, whatever the classes: a Map that gathers three kinds of objects is one leak. A holder none of
 * whose children grows in number may grow itself: an array of numbers, a table of small integers, a text, a
 * buffer. Its entries tell (lines `container`), since storages grow by doubling; without them its bytes.
 *
 * What only changes its place is no growth: a node of the program's own classes counts only if the class
 * grew by half as much. Growth in every step is looked for first, net growth in what is left. A class that
 * grows, but at no place by itself, is looked for below the lowest place that has it all. Of a node that
 * grows, but whose branch grows more than three times faster, the reason lies further down.
 *
 * Every node belongs to one region, to V8's machinery or to the rest: `owner` says which. Everything is owned
 * by struct hs_regions. One thread at a time. */
#ifndef HS_TREND_REGION_H
#define HS_TREND_REGION_H

#include "trend/class_index.h"
#include "trend/container.h"
#include "trend/tree.h"

enum { HS_OWNER_REST = -1, HS_OWNER_MACHINERY = -2 }; /* others: index of the region */

struct hs_region {
    size_t holder;   /* node */
    size_t first;    /* node: of what is held the one that grew most; of a container the holder */
    bool container;  /* it grows itself */
    bool names;      /* what it holds hangs on so many names of its own that they are keys */
    bool spread;     /* what it holds grows at many places below it (trend/spread.h) */
    int64_t *counts; /* objects at the top of the region (entries of a container), one a capture */
    int64_t *held;   /* bytes of the region, one a capture */
    struct hs_evidence evidence;
    const struct hs_container_series *entries; /* of the holder or of the container; NULL */
};

struct hs_regions {
    struct hs_region *items;
    size_t count, capacity;
    int32_t *owner;  /* one a node: where its bytes count */
    int32_t *branch; /* the same, if all below it counts there too */
};

/* The trees are settled; rows are judged. `hours` or NULL; growth of less than `min_bytes` is none. */
struct hs_error *hs_regions_find(const struct hs_trend *trend, const struct hs_class_index *classes,
                                 const double *hours, int64_t min_bytes,
                                 struct hs_regions *ret) HS_MUST_CHECK;
void hs_regions_deinit(struct hs_regions *regions);

#endif
