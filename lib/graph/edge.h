/* The names of references: what V8's heap snapshot calls the edge from one object to another.
 *
 * Two views of the same slots. *Slots* are physical: every tagged word of an object, as the graph has it,
 * with type and name (V8HeapExplorer::ExtractReferences, heap-snapshot-generator.cc). *Folded* is for people:
 * the arrays and tables in which an object keeps its things (its storages: properties, elements, hash tables,
 * contexts) are passed through, so that what they hold is named as its owner's: `.name`, `[12]`, the entry of
 * a Map, the variable of a closure. A storage may have several owners (a context has many closures): the
 * caller says which one passes through.
 *
 * Names come from maps, descriptors and scope infos and are planned once a map; where no fact names a slot it
 * is `hidden`, by number. Where V8 has no name and we know one (what a promise's reaction calls, the
 * variables of a block), it is given and marked as ours. Strings are interned in the hs_js. An hs_edges
 * belongs to one thread; memory that runs out sets js->failed. */
#ifndef HS_GRAPH_EDGE_H
#define HS_GRAPH_EDGE_H

#include "base/strbuf.h"
#include "graph/graph.h"
#include "js/js.h"

/* In the order of V8's edge types. */
enum hs_edge_type {
    HS_EDGE_CONTEXT,
    HS_EDGE_ELEMENT,
    HS_EDGE_PROPERTY,
    HS_EDGE_INTERNAL,
    HS_EDGE_HIDDEN,
    HS_EDGE_SHORTCUT,
    HS_EDGE_WEAK
};
/* As snapshots write it: "property". */
const char *hs_edge_type_name(enum hs_edge_type type);

/* What the target is to its owner. */
enum hs_edge_role {
    HS_ROLE_VALUE,
    HS_ROLE_MAP,
    HS_ROLE_INITIAL_MAP, /* of the objects that a function constructs */
    /* storages, from here on */
    HS_ROLE_PROPERTIES,
    HS_ROLE_ELEMENTS,
    HS_ROLE_TABLE,    /* of a Map or Set */
    HS_ROLE_CONTEXT,  /* of a closure or a generator */
    HS_ROLE_PREVIOUS, /* the context around a context */
    HS_ROLE_CELL,     /* of a global property */
    HS_ROLE_BINDINGS, /* bound arguments */
    HS_ROLE_EXPORTS,  /* of an ES module: names to cells */
    HS_ROLE_BOUND,    /* of an ES module: an array of cells, of variables that it exports or imports */
    HS_ROLE_REGISTERS /* parameters and registers of a generator */
};
static inline bool hs_role_is_storage(enum hs_edge_role role) {
    return role >= HS_ROLE_PROPERTIES;
}

struct hs_edge {
    hs_id to;
    hs_id via;        /* innermost storage that was passed through, HS_ID_NONE: none */
    uint8_t type;     /* enum hs_edge_type */
    uint8_t role;     /* enum hs_edge_role */
    bool dictionary;  /* the name is a key of a table of properties: it may be data */
    bool is_key;      /* the target is the key of an entry, not its value */
    bool ours;        /* V8's snapshot only numbers the slot: the name, or the index, is ours */
    const char *name; /* NULL: `index` is the name */
    uint32_t index;   /* of an element, an entry of a table, a slot */
    hs_tagged key;    /* of an entry of a Map, a number dictionary; else 0 (of a file: edge_file.h) */
};

struct hs_edges;
struct hs_error *hs_edges_create(struct hs_js *js, const struct hs_objects *objects,
                                 const struct hs_graph *graph, struct hs_edges **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_edges_destroy(struct hs_edges *edges);

/* An object, known to be present. */
struct hs_edge_view {
    hs_id id;
    const uint8_t *bytes;
    uint32_t words, map; /* map: index of js->maps */
    enum hs_kind kind;
    uint16_t isolate; /* that owns its page */
};
/* Of an object of the heap; false: it is not there, or no object. */
bool hs_edges_view(struct hs_edges *edges, hs_id id, struct hs_edge_view *ret);
/* The object that a tagged word points to, HS_ID_NONE if none; the last answers are remembered, since the
 * words of an object are asked for more than once. */
hs_id hs_edges_target(struct hs_edges *edges, hs_tagged word);
/* The caller will soon ask for the references of `id`. */
void hs_edges_prefetch(struct hs_edges *edges, hs_id id);
/* The same where it is known: `offset` bytes behind the start of the area of a page of the heap. */
void hs_edges_seek(struct hs_edges *edges, hs_id id, uint32_t page, uint64_t offset);

typedef void hs_edge_visit(void *context, const struct hs_edge *edge);

/* Every slot of node `id` that points to a node, weak ones (type HS_EDGE_WEAK) too, in slot order; its
 * backing store last. */
void hs_edges_slots(struct hs_edges *edges, hs_id id, hs_edge_visit *visit, void *context);
/* The same of an object of the heap that has been looked at. */
void hs_edges_view_slots(struct hs_edges *edges, hs_id id, const struct hs_edge_view *view,
                         hs_edge_visit *visit, void *context);
/* What a storage holds, named as its owner's. `role` is the storage's to the owner. */
void hs_edges_contents(struct hs_edges *edges, hs_id owner, enum hs_edge_role role, hs_id storage,
                       hs_edge_visit *visit, void *context);

/* What an object has by its map and not by its slots, named as the object's: the prototype (`__proto__`; of a
 * function's initial map, `role`, the function's `prototype`), and the constants and accessors (`get x`) in
 * its descriptors. Nothing for a file: there they are slots. */
void hs_edges_inherited(struct hs_edges *edges, hs_id map, enum hs_edge_role role, hs_edge_visit *visit,
                        void *context);

struct hs_edge_walk {
    /* Asked for each storage: true passes through it. */
    bool (*claim)(void *context, hs_id storage, enum hs_edge_role role);
    hs_edge_visit *visit;
    void *context;
};
/* Folded strong edges of node `id`. */
void hs_edges_folded(struct hs_edges *edges, hs_id id, const struct hs_edge_walk *walk);

/* The edge from `from` to `to` that says most (a property rather than a hidden slot); false if there is none.
 */
bool hs_edges_find(struct hs_edges *edges, hs_id from, hs_id to, struct hs_edge *ret);
/* The same through a storage of `from`. */
bool hs_edges_find_via(struct hs_edges *edges, hs_id from, hs_id storage, hs_id to, struct hs_edge *ret);

/* Appends the edge as a person writes it: `.name`, `[12]`, `[key]`, `variable x`, `(internal name)`. Escaped
 * for a terminal. Keys of tables are `[key]` unless `values` is set. `owner_is_table`: its property names are
 * data. */
void hs_edges_put(struct hs_edges *edges, const struct hs_edge *edge, bool owner_is_table, bool values,
                  struct hs_strbuf *out);

#endif
