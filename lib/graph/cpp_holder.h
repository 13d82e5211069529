/* Which of Node's C++ objects holds a global handle.
 *
 * A path that ends in "(Global handles)" says only that C++ holds something. Where it can be told for
 * certain, this tells which class does: "Node / TLSWrap", as V8's heap snapshot calls Node's objects. An
 * object of class C of namespace `node` begins with the address of C's vtable, which the binary's symbols
 * name; a v8::Global in it is the address of the handle. Such objects are found from the wrappers that strong
 * handles hold (a BaseObject's address stands in an internal field of its wrapper, node's base_object.h), and
 * from one to the next by the pointers between them. How far an object goes is read from the chunk that
 * malloc (glibc) keeps before it; where there is no credible chunk, only the BaseObject's own handle is read,
 * which follows the vtable. Memory is never scanned for anything but exact addresses of handles inside such
 * objects: a handle of which nothing is known stays unnamed. Needs the binary's .symtab. Immutable, any
 * thread. */
#ifndef HS_GRAPH_CPP_HOLDER_H
#define HS_GRAPH_CPP_HOLDER_H

#include "graph/root.h"

struct hs_cpp_holder {
    hs_addr slot;     /* of the handle */
    hs_addr address;  /* of the C++ object */
    const char *name; /* "TLSWrap": its class, without namespaces */
};

struct hs_cpp_holders {
    struct hs_cpp_holder *items; /* ascending by slot */
    size_t count;
    char *names; /* all texts */
};

/* The holders of the strong handles of `roots`. */
struct hs_error *hs_cpp_holders_find(const struct hs_objects *objects, const struct hs_roots *roots,
                                     struct hs_cpp_holders *ret) HS_MUST_CHECK;
/* NULL: not known. */
const struct hs_cpp_holder *hs_cpp_holders_get(const struct hs_cpp_holders *holders, hs_addr slot);
void hs_cpp_holders_deinit(struct hs_cpp_holders *holders);

/* The class of a mangled vtable symbol, "_ZTVN4node6crypto7TLSWrapE" -> "TLSWrap", put at `ret` (`size` bytes
 * with the NUL); false if it is none of namespace node, or a template. */
bool hs_cpp_class_name(const char *symbol, char *ret, size_t size);

#endif
