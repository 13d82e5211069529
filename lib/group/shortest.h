/* Shortest paths of an analysed heap: hs_paths, told what a person would not look at.
 *
 * Begins with the global objects, then the roots that last; maps, code, feedback, scripts and native contexts
 * are passed through last (graph/path.h). The result is the caller's. */
#ifndef HS_GROUP_SHORTEST_H
#define HS_GROUP_SHORTEST_H

#include "graph/path.h"
#include "group/realm.h"

/* One flag a class: its objects are V8's machinery, which holds everything and explains nothing. malloc'ed;
 * NULL without memory. */
bool *hs_classes_late(const struct hs_analysis *analysis);
/* Ids of the reachable global objects, ascending, but those of realms that the program holds. *ids_ret is
 * malloc'ed. */
struct hs_error *hs_global_objects_find(const struct hs_analysis *analysis, const struct hs_realms *realms,
                                        hs_id **ids_ret, size_t *count_ret) HS_MUST_CHECK;

struct hs_error *hs_shortest_create(const struct hs_analysis *analysis, struct hs_paths *ret) HS_MUST_CHECK;

#endif
