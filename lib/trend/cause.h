/* Causes: regions that hold the same objects are one, and each holder has its share.
 *
 * The trees of paths know every object by its first path; the lines `shared` tell who else reaches it
 * (trend/share.h). Two Maps over the same sessions are two regions, and one cause. A region belongs to the
 * cause of another if at least half of what it gained is reached from there too: of its objects, or, of a
 * container that gained nothing below it, of its entries. The region that a person should look at first (the
 * class that counts most, by the bytes that it gained) stands for the cause; the others are told as `also`,
 * with what holds at least half of the new objects and is no region itself: a table too small to be one, a
 * handle of an addon.
 *
 * LeakShare (leak-ranking): the growth of every node is split evenly among the holders that reach its
 * objects; what hangs on an object is reached by whoever reaches that. So the shares of all holders add up to
 * what the regions hold, and no byte is promised twice. Approximate where one holder reaches a part of the
 * objects: parts on different levels are taken for independent, and of more than HS_CAUSE_HOLDERS holders the
 * rest has no share.
 *
 * `owner` of the regions is changed: all nodes of a cause belong to its first region. Known only where the
 * trend has shares; else every region is a cause, and no share is known. One thread at a time. */
#ifndef HS_TREND_CAUSE_H
#define HS_TREND_CAUSE_H

#include "trend/region.h"
#include "trend/share.h"

enum { HS_CAUSE_HOLDERS = 64 };

/* Another holder. */
struct hs_cause_also {
    size_t region; /* or HS_TREE_NONE: */
    const char *place;
    const char *constructor; /* of what stands there; NULL */
    int64_t share;
};

struct hs_cause {
    size_t first;               /* region that stands for this one's cause: itself, or another */
    int64_t share;              /* of this region as a holder; HS_SNAP_NULL: not known */
    struct hs_cause_also *also; /* of the first: most bytes first */
    size_t also_count;
};

struct hs_causes {
    struct hs_cause *items; /* by region */
    size_t count;
    int32_t *home; /* by node: its region before regions were joined */
    bool known;
};

/* Joins regions; what they hold is added up. */
struct hs_error *hs_causes_find(const struct hs_trend *trend, const struct hs_class_index *classes,
                                struct hs_regions *regions, struct hs_causes *ret) HS_MUST_CHECK;
void hs_causes_deinit(struct hs_causes *causes);

#endif
