/* The classes of a .heapsnapshot: the same questions as of a core, answered from V8's own file.
 *
 * Classes are as V8 named them; property names come from its property edges (a property without an edge, such
 * as a small integer in a snapshot without numeric values, is not in the file and cannot be listed). Names
 * that would be contents are replaced by the fixed ones that a core's classes have. Retained sizes are as
 * DevTools computes them. What hangs below our own export's "(Unreachable)" is unreachable. Everything is
 * owned here; immutable after creation. */
#ifndef HS_GROUP_IMPORTED_H
#define HS_GROUP_IMPORTED_H

#include "graph/heapsnapshot.h"
#include "group/analysis.h"

struct hs_imported {
    struct hs_heapsnapshot *file;
    struct hs_graph *graph;
    struct hs_marks marks;
    struct hs_dominators *dominators;
    uint32_t *class_of; /* node -> class, UINT32_MAX: synthetic */
    struct hs_class *classes;
    struct hs_class_standing *standings;
    uint32_t class_count;
    struct hs_imported_private *priv;
};

struct hs_error *hs_imported_open(const char *path, struct hs_imported **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_imported_close(struct hs_imported *imported);

#endif
