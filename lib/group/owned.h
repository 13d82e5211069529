/* What the program owns: all that its global objects reach.
 *
 * Roots of V8's own (handles, caches, the root table) point into the program's objects too, so that by the
 * letter of the definition they would share in holding what a global table holds. DevTools asks otherwise:
 * what the global objects reach is theirs, whatever else of V8 points to it (HeapSnapshot.ts,
 * markPageOwnedNodes, computeIsEssentialEdge), and so do we: retained sizes agree.
 *
 * Of a WeakMap's pair DevTools knows two edges, of which only the key's counts for dominators; but either
 * side makes the value owned. So the value of an owned table whose key is V8's (a handle's, say) may be owned
 * and be reached by no edge that counts: it hangs below the root, and so does in a core what a .heapsnapshot
 * hangs there (group/imported_analysis.c). */
#ifndef HS_GROUP_OWNED_H
#define HS_GROUP_OWNED_H

#include "graph/mark.h"
#include "graph/root.h"

/* The user roots: of every native context that a root holds its global object; where V8's snapshot of this
 * release has it so, the context itself. Each once, *ret malloc'ed. */
struct hs_error *hs_users_find(const struct hs_objects *objects, const struct hs_graph *graph,
                               const struct hs_roots *roots, hs_id **ret, size_t *count_ret) HS_MUST_CHECK;

/* Sets graph->owned, and rewrites the malloc'ed list of roots for the dominators: owned nodes leave it; users
 * enter it, for whom it must have room, and values that nothing else would reach. `alive`: what all roots
 * mark. `reach`: what hs_mark() marks from the users alone; taken over. On an error the list is still the
 * caller's. */
struct hs_error *hs_owned_find(struct hs_graph *graph, const struct hs_marks *alive, struct hs_marks *reach,
                               const hs_id *users, size_t user_count, hs_id **roots,
                               size_t *root_count) HS_MUST_CHECK;

#endif
