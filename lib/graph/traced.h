/* Traced handles: how C++ objects of the garbage-collected C++ heap (cppgc) hold JavaScript objects.
 *
 * A v8::TracedReference keeps nothing alive by itself: V8's marker follows it from the C++ object that it is
 * a member of (Trace()), and that object from its JavaScript wrapper (Node 24 keeps what vm.Script compiled
 * so, and each such object's handle of its own wrapper). Here a handle's node is found by the form of its
 * block; the C++ objects are those that wrappers point to, as far as the header that cppgc keeps before an
 * object says. So a handle is told *owned* by a wrapper, and holds its target while the wrapper lives. The
 * conservative choice: a handle in none of these objects holds its target always, as a root, since who owns
 * it is not known. A handle of the wrapper itself is no edge.
 *
 * V8: handles/traced-handles.h, traced-handles-impl.h (11.3 and later; before, nobody in Node has one);
 * heap/cppgc/heap-object-header.h. Immutable, any thread. */
#ifndef HS_GRAPH_TRACED_H
#define HS_GRAPH_TRACED_H

#include "graph/objects.h"

struct hs_traced_handle {
    hs_addr slot; /* of the node, which a TracedReference points to */
    hs_id to;
    hs_id owner; /* a wrapper; HS_ID_NONE: not known */
};

struct hs_traced_link {
    hs_id from, to; /* wrappers */
};

struct hs_traced {
    struct hs_traced_handle *items; /* ascending by slot */
    size_t count, capacity;
    struct hs_traced_link *links;
    size_t link_count, link_capacity;
};

struct hs_error *hs_traced_find(const struct hs_objects *objects, struct hs_traced *ret) HS_MUST_CHECK;
void hs_traced_deinit(struct hs_traced *traced);

#endif
