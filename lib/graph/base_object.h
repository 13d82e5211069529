/* Node's C++ objects that V8's heap snapshot shows as roots of their own.
 *
 * A node::BaseObject has a wrapper in JavaScript; while it holds that by a strong handle, V8's file has a
 * node "Node / CLASS" for it, an edge to it from the root of all, and edges between it and its wrapper
 * (node's memory_tracker-inl.h, base_object.cc). Chrome DevTools takes such nodes for the page's, other than
 * "(Global handles)": what hangs on a socket that is open is not retained by the global object alone.
 *
 * Told only where it is certain: the wrapper's internal field points to the object, the object begins with a
 * vtable of namespace node that the binary's symbols name, the handle's slot stands in the word behind it
 * (node's base_object.h), and that vtable has BaseObject::IsRootNode, which asks whether the handle is
 * strong; releases whose BaseObjects are no roots have no such function. The size is what the class's
 * SelfSize() returns, read from its code if that is but a constant. Needs the binary's .symtab. Immutable,
 * any thread. */
#ifndef HS_GRAPH_BASE_OBJECT_H
#define HS_GRAPH_BASE_OBJECT_H

#include "graph/root.h"

struct hs_base_object {
    hs_id wrapper;
    hs_addr address;  /* of the C++ object */
    uint32_t size;    /* bytes; 0: not known */
    const char *name; /* "TLSWrap": its class, without namespaces */
};

struct hs_base_objects {
    struct hs_base_object *items; /* ascending by wrapper, one a wrapper */
    size_t count;
    const char *to_native, *to_wrapper; /* names of the edges between it and the wrapper */
    char *names;                        /* all texts */
};

/* Of the strong handles of `roots`. Errors: memory. */
struct hs_error *hs_base_objects_find(const struct hs_objects *objects, const struct hs_roots *roots,
                                      struct hs_base_objects *ret) HS_MUST_CHECK;
/* NULL: none. */
const struct hs_base_object *hs_base_objects_get(const struct hs_base_objects *objects, hs_id wrapper);
void hs_base_objects_deinit(struct hs_base_objects *objects);

/* What a function does that only returns a constant, by its machine code (x86-64, arm64); false: it does
 * more. `machine` is an ELF machine. */
bool hs_code_constant(unsigned machine, const uint8_t *code, size_t size, uint32_t *ret);

#endif
