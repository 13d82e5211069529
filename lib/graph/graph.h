/* The object graph: who points strongly to whom.
 *
 * Nodes are dense ids: the heap's objects (graph/objects.h), then native memory (backing stores of
 * ArrayBuffers, each once). Edges are compressed rows: the targets of node i are to[first[i]] … to[first[i +
 * 1] - 1], in slot order. Weak pointers are no edges; ephemerons (WeakMap, WeakSet) are a list of their own:
 * the value is held while the table and the key live. Nothing here knows V8 but graph.c, so a .heapsnapshot
 * can fill the same struct. Immutable after creation. A graph that came from an index has no `first` and `to`
 * until somebody asks for them (group/analysis.h): what is made of them came with it. */
#ifndef HS_GRAPH_GRAPH_H
#define HS_GRAPH_GRAPH_H

#include "graph/direct.h"
#include "graph/dispatch.h"

struct hs_ephemeron {
    hs_id key, value, table; /* table == key: held by the key's C++ object (graph/traced.h) */
};

/* What the reference from the key to the value is called. */
static inline const char *hs_ephemeron_name(const struct hs_ephemeron *e) {
    return e->table == e->key ? "held by its C++ object" : "value in WeakMap";
}

struct hs_graph_native {
    hs_addr address; /* of the store */
    uint64_t bytes;
};

struct hs_graph_owner {
    hs_id object, native;
};

struct hs_graph {
    hs_id count;        /* nodes */
    hs_id object_count; /* the first of them are heap objects */
    uint32_t *first;    /* count + 1 */
    hs_id *to;
    struct hs_ephemeron *ephemerons; /* ascending by key */
    uint32_t ephemeron_count;
    uint64_t *keys;    /* one bit a node: it is the key of an ephemeron */
    uint64_t *missing; /* one bit an object: not each strong pointer in its slots has an edge (few are so);
                          NULL: not known */
    uint64_t *weak_tables; /* one bit an object: the table of a WeakMap or WeakSet, where no type tells; else
                              NULL */
    uint64_t *owned; /* one bit a node, or NULL: dominators disregard edges to it from nodes that are not
                        (group/owned.h) */
    struct hs_graph_native *natives; /* node object_count + k */
    struct hs_direct *direct;        /* edges of dominators past storages; NULL: none */
    struct hs_dispatch dispatch;     /* functions' edges to their code, behind those of their slots */
    uint32_t native_count;
    const struct hs_graph_owner
        *owners; /* without `to`: which object holds which store; ascending by object */
    uint32_t owner_count;
};

/* Somebody else who wants to see the objects that are read: in batches of one page, `first` is the id of the
 * first one, the others follow. */
struct hs_graph_visitor {
    void (*batch)(void *context, struct hs_walk_thread *thread, const struct hs_page *page,
                  const struct hs_object *objects, size_t count, hs_id first);
    void **contexts; /* one a thread */
};

/* Reads every object of the heap once. `visitor` may be NULL. */
struct hs_error *hs_graph_create(const struct hs_objects *objects, unsigned threads,
                                 const struct hs_graph_visitor *visitor, struct hs_graph **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_graph_destroy(struct hs_graph *graph);

/* First ephemeron whose key is `key`; graph->ephemeron_count if none. They follow each other. */
static inline bool hs_graph_is_key(const struct hs_graph *graph, hs_id id) {
    return graph->keys[id / 64] >> (id % 64) & 1;
}
uint32_t hs_graph_ephemeron_find(const struct hs_graph *graph, hs_id key);
/* hs_ephemeron_name() of the first one from `key` to `value`. */
const char *hs_graph_ephemeron_name(const struct hs_graph *graph, hs_id key, hs_id value);
/* The node of the native memory at `address`, HS_ID_NONE if there is none. */
hs_id hs_graph_native_find(const struct hs_graph *graph, hs_addr address);
/* The store that an object holds, HS_ID_NONE if it holds none. */
hs_id hs_graph_store_of(const struct hs_graph *graph, hs_id object);

#endif
