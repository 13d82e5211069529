/* Regions that are two ends of one list.
 *
 * A list linked both ways is reached from both: the search for the first path meets in its middle, so what is
 * one list stands half below `head.next` and half below `tail.prev` (of Node's timers `_idleNext` and
 * `_idlePrev`). Two regions are one whose tops are of one class, each by a name of its own, below the same
 * object or below two of one class in the same object. No state: one thread at a time. */
#ifndef HS_TREND_TWIN_H
#define HS_TREND_TWIN_H

#include "trend/region.h"

/* Gives the nodes of the second of each pair to the first; it stays, empty. Before `held` is filled. */
struct hs_error *hs_twins_merge(const struct hs_trend *trend, const double *hours,
                                struct hs_regions *regions) HS_MUST_CHECK;

#endif
