/* Who holds what grew: the trees of named paths of all captures, laid over each other.
 *
 * A node of the tree is told by its steps from the root and the class it leads to, so trees of different
 * captures, and of different processes, meet without an identity of objects. Of a growing class the holder is
 * the parent of the node, of all that lead to the class, whose objects grew most in number (in bytes, where
 * their number does not grow); of equal ones the one nearest to the root. A place that explains less than
 * half of the growth is none: garbage and storages have no place in the tree. A backing array or table that
 * grew is held by the object that it belongs to. Everything hangs on the trend and dies with it. One thread
 * at a time. */
#ifndef HS_TREND_HOLDER_H
#define HS_TREND_HOLDER_H

#include "trend/trend.h"

struct hs_trend_paths;

/* Adds the `path` lines of capture `at` (place in the order given). */
struct hs_error *hs_trend_paths_add(struct hs_trend *trend, const struct hs_snap *snap,
                                    size_t at) HS_MUST_CHECK;
/* Takes NULL. */
void hs_trend_paths_destroy(struct hs_trend_paths *paths);

/* Fills holder and path of every finding. A class that holds another finding of the same verdict goes before
 * it, unless it is the more common kind (a Buffer in every Header is a leak of Headers): ranks may change.
 * Called by hs_judge(). */
struct hs_error *hs_trend_find_holders(struct hs_trend *trend) HS_MUST_CHECK;

#endif
