/* A .heapsnapshot as a group and an analysis: the same structs as of a core, so the same questions and the
 * same code that answers them.
 *
 * Nodes are those of the file in its order; where a core has addresses a file has V8's node ids. Classes are
 * as V8 named them, put together by the rules of group.h; property names come from its property edges (a
 * property without an edge, such as a small integer in a snapshot without numeric values, is not in the file
 * and cannot be listed). Names that would be contents are replaced by the fixed ones that a core's classes
 * have. Roots are what V8's groups of roots point to; retained sizes are as DevTools computes them. What
 * hangs below our own export's "(Unreachable)" is unreachable.
 *
 * group->file and analysis->file say that this is where they come from; group->v8 and the words and pages of
 * analysis->objects are empty then. The group owns the file; both are destroyed like others, the analysis
 * first. One thread at a time. */
#ifndef HS_GROUP_IMPORTED_H
#define HS_GROUP_IMPORTED_H

#include "graph/heapsnapshot_node.h"
#include "group/analysis.h"

/* The classes. Takes the file, on failure too. */
struct hs_error *hs_imported_group(struct hs_heapsnapshot *file, struct hs_group **ret) HS_MUST_CHECK;
struct hs_error *hs_imported_analyse(struct hs_group *group, struct hs_analysis **ret) HS_MUST_CHECK;

#endif
