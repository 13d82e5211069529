/* What the parts of hs_edges share: edge.c (slots), edge_contents.c (storages), edge_find.c (one edge, its
 * text), edge_inherited.c (maps). */
#ifndef HS_GRAPH_EDGE_PRIVATE_H
#define HS_GRAPH_EDGE_PRIVATE_H

#include "graph/edge_names.h"
#include "graph/local.h"
#include "v8/weak.h"

enum { HS_EDGES_PAGE_SHIFT = 8, HS_EDGES_BLOCK_SHIFT = 6, HS_EDGES_TARGETS = 512, HS_EDGES_PLACES = 64 };

enum hs_naming {
    HS_NAMING_PLANNED, /* by slot */
    HS_NAMING_INDEXED, /* an array: by number */
    HS_NAMING_CONTEXT, /* by its ScopeInfo */
};

/* What the slots of objects of one map are called. */
struct hs_edge_plan {
    struct hs_slot_name *slots; /* word -> name */
    const char **outside;       /* field of the PropertyArray -> name */
    uint32_t count, outside_count;
    uint8_t naming;
    uint8_t data;   /* of HS_NAMING_INDEXED: the first word of the elements */
    bool ours;      /* … V8 does not number them by their places */
    bool module;    /* of an ES module */
    bool by_target; /* what a slot without a name points to may name it */
};

struct hs_heapsnapshot;

struct hs_edges {
    const struct hs_heapsnapshot
        *file;        /* edge_file.c: instead of all below but graph and stamps; else NULL */
    uint32_t *stamps; /* of a file: node -> the owner last seen to hold it, + 1 */
    struct hs_js *js;
    const struct hs_objects *objects;
    const struct hs_graph *graph;
    struct hs_dispatch own; /* of a graph that was not made from the heap */
    const struct hs_dispatch *dispatch;
    uint32_t *page_of;           /* id >> HS_EDGES_PAGE_SHIFT -> page of the first such id */
    uint32_t *block_of;          /* id >> HS_EDGES_BLOCK_SHIFT -> block, in its page, of the first such id */
    struct hs_edge_plan **plans; /* by index of js->maps */
    uint32_t plan_count;
    hs_tagged empty_scope_info; /* of the first isolate: what contexts of V8's own functions name */
    struct hs_edge_place {
        hs_id id;
        uint16_t isolate;
        const uint8_t *bytes;        /* NULL: the core lacks it */
        uint64_t present;            /* bytes from there on */
    } places[HS_EDGES_PLACES];       /* of objects that will soon be asked for, by id */
    hs_id storages[HS_EDGES_PLACES]; /* nodes known to be storages, by id: nearly all objects name a few empty
                                        ones */
    struct hs_address_map locals;    /* address of a ScopeInfo -> struct hs_locals * */
    struct hs_address_map cell_names; /* address of a PropertyCell -> its name, where it does not know it */
    hs_id cells_of;                   /* the owner whose cells were read last */
    struct hs_edge_target {
        hs_tagged word;
        hs_id id;
    } targets[HS_EDGES_TARGETS]; /* answers of hs_edges_target(), by hash; word 0: free */
};

/* The graph's row of the object if it has one target for each slot that is a strong pointer, in order, so
 * that no address needs to be looked up; else NULL. */
const hs_id *hs_edges_row(const struct hs_edges *edges, const struct hs_edge_view *view);
/* Fills page_of and block_of; false without memory. */
bool hs_edges_find_places(struct hs_edges *edges);
/* NULL without memory. */
struct hs_edge_plan *hs_edges_plan(struct hs_edges *edges, uint32_t map);
/* Never NULL. */
const struct hs_locals *hs_edges_locals(struct hs_edges *edges, hs_tagged scope_info);

#endif
