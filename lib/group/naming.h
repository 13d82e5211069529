/* The class of every node, found while references are read: that walk has each object and its map in hand.
 *
 * As in the group's scan each thread has its own hs_js, so what a class hangs on besides the map is found out
 * in parallel; the group itself is only read. Afterwards come what is known by address alone: arrays that
 * their owners name, and native memory. Fills class_of and payloads of the analysis; the same whatever the
 * number of threads. */
#ifndef HS_GROUP_NAMING_H
#define HS_GROUP_NAMING_H

#include "group/analysis.h"

struct hs_naming;

/* The analysis has its objects. The result must not outlive it. */
struct hs_error *hs_naming_create(struct hs_analysis *analysis, unsigned threads,
                                  struct hs_naming **ret) HS_MUST_CHECK;
/* What hs_graph_create() is to call. */
struct hs_graph_visitor hs_naming_visitor(const struct hs_naming *naming);
/* When the analysis has its graph. */
struct hs_error *hs_naming_finish(struct hs_naming *naming) HS_MUST_CHECK;
/* Takes NULL. */
void hs_naming_destroy(struct hs_naming *naming);

#endif
