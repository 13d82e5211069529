/* From what grows to who holds it, by class: the slices of two graphs of classes.
 *
 * Points-from (Cork, Jump and McKinley, POPL 2007): of the references to the class that grows those that
 * gained most with it tell the class that refers to it; if that grows as well, the same is asked again, up to
 * a class that does not grow: the holder's. Needs no path, and so tells where the trees of paths do not.
 * Dominators the same way: the class that dominates most of the new objects, up to the top-most that grows,
 * and the one above it. Both are by class: that one Map holds them is known, which Map is not.
 * So the way ends at a class of the language's own (Array, Map, Object) that gained other things as well.
 *
 * And what each class gained by what its objects dominate immediately: a column that adds up to the growth of
 * the whole heap. Strings belong to the trend's arena. No state: one thread at a time. */
#ifndef HS_TREND_SLICE_H
#define HS_TREND_SLICE_H

#include "trend/class_index.h"
#include "trend/link.h"

/* Steps from the holder's class to `key`: "Registry", "items: Array", "[x]: Session". *ret is NULL where
 * nothing is known. `gained`: new objects of the class that are to be explained. */
struct hs_error *hs_slice_find(const struct hs_trend *trend, const struct hs_class_index *classes,
                               const struct hs_links *links, struct hs_snap_key key, int64_t gained,
                               const char ***ret, size_t *count_ret) HS_MUST_CHECK;

struct hs_attribution {
    struct hs_snap_key key;  /* of the dominators' class; all zero: the roots, and what is not listed */
    const char *constructor; /* NULL: those */
    int64_t bytes_delta;
};

/* What the objects of each class dominate immediately, most growth first; *ret is malloc'ed, NULL where the
 * snapshots do not tell. */
struct hs_error *hs_attributions_find(const struct hs_trend *trend, const struct hs_class_index *classes,
                                      struct hs_attribution **ret, size_t *count_ret) HS_MUST_CHECK;

#endif
