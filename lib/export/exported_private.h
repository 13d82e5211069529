/* What the parts of hs_exported share: exported.c (the passes), exported_node.c (ids and names),
 * exported_names.c (names of single nodes), exported_edge.c (the edges of one node), exported_spool.c (where
 * they wait), exported_garbage.c (what hangs below "(Unreachable)"); exported_pass.h (the threads). */
#ifndef HS_EXPORT_EXPORTED_PRIVATE_H
#define HS_EXPORT_EXPORTED_PRIVATE_H

#include "graph/base_object.h"
#include "graph/edge.h"
#include "export/exported.h"
#include "export/exported_stream.h"

/* V8's weak tables of strings that its heap snapshot takes for strong roots. */
enum hs_exported_string_table {
    HS_EXPORTED_INTERNALIZED, /* "(Internalized strings)" */
    HS_EXPORTED_EXTERNAL,     /* "(External strings)" */
    HS_EXPORTED_STRING_TABLES
};

enum {
    HS_EXPORTED_ROOT,
    HS_EXPORTED_GC_ROOTS,
    HS_EXPORTED_CATEGORIES,                                            /* one node each */
    HS_EXPORTED_STRINGS = HS_EXPORTED_CATEGORIES + HS_ROOT_CATEGORIES, /* one for each table of strings */
    HS_EXPORTED_UNREACHABLE = HS_EXPORTED_STRINGS + HS_EXPORTED_STRING_TABLES,
    HS_EXPORTED_SYNTHETIC_MAX
};

/* Strings that V8's heap snapshot shows below one of its tables. */
struct hs_exported_strings {
    hs_id *items;
    size_t count, capacity;
};

/* Where the name of a node of a class comes from. */
enum hs_exported_naming {
    HS_NAMED_BY_CLASS,
    HS_NAMED_BY_CONTENT,  /* strings */
    HS_NAMED_BY_PATTERN,  /* regular expressions */
    HS_NAMED_BY_FUNCTION, /* SharedFunctionInfo */
    HS_NAMED_BY_OWNER,    /* arrays */
    HS_NAMED_BY_NODE,     /* maps, code and what belongs to it: some have a name of their own */
};

/* What an owner calls an array (V8HeapExplorer::TagObject). */
enum hs_exported_tag {
    HS_TAG_NONE,
    HS_TAG_PROPERTIES,
    HS_TAG_ELEMENTS,
    HS_TAG_BINDINGS,
    HS_TAG_FUNCTION, /* from here on: `code` */
    HS_TAG_RELOCATION,
    HS_TAG_OFFSETS,
    HS_TAG_POSITIONS,
    HS_TAG_HANDLERS
};
enum { HS_EXPORTED_CONTEXT_SLOTS = 1024 };

/* Per class of the group. */
struct hs_exported_class {
    uint8_t naming;       /* enum hs_exported_naming */
    bool located;         /* line and column are known */
    const char *nameless; /* where V8 has no name for the class: of nodes that nobody has tagged; else NULL */
    uint32_t script;      /* V8's id */
};

/* The properties of the objects of a map, but for those in a table. */
struct hs_exported_shape {
    struct hs_exported_property {
        const char *name; /* interned */
        hs_id to;         /* where the descriptors hold the value, which all objects share; else HS_ID_NONE */
        uint32_t word;    /* of the object, or of its PropertyArray */
        bool outside, accessor, symbol; /* symbol: its key is one */
    } * items;
    uint32_t count;
};

/* Small integers that are values of properties: a node each, with a string that says its value; one for all
 * of them that are too many, or that are not to be told. Numbered behind the objects. */
struct hs_exported_integers {
    struct hs_address_map indexes; /* value, biased -> index */
    int64_t *values;
    uint32_t count, first; /* first: number of the first one's node */
    bool anonymous;        /* there is a node for the others, behind the last */
};

/* What all threads share, and, last, what each has its own of (exported_pass.h). */
struct hs_exported_batch;
struct hs_exported_chunks;
struct hs_exported_private {
    const struct hs_analysis *analysis;
    struct hs_exported_options options;
    uint64_t *chosen;            /* one bit a node of the graph: it is exported */
    uint32_t *before;            /* of each 64 bits: chosen ones before them */
    uint32_t first;              /* number of the first object: nodes before are synthetic */
    struct hs_base_objects base; /* the last of the synthetic nodes */
    const char **base_names;     /* "Node / TCPWrap" */
    uint64_t *trivial;           /* one bit a node: V8 shows no internal edge to it */
    uint32_t *edge_counts;       /* per exported object */
    _Atomic(uint16_t) *tags;     /* per exported object: enum hs_exported_tag, and by which chunk's objects */
    struct hs_address_map names; /* id + 1 -> name of a node that has one of its own */
    const char **context_names;  /* of slots of native contexts; NULL: the binary does not tell */
    hs_id hole;                  /* HS_ID_NONE: unknown */
    struct hs_exported_class *classes;
    struct hs_exported_integers *integers;
    uint32_t *tables; /* ephemerons by table: indexes of graph->ephemerons */
    hs_id *users;     /* what the shortcuts of the root lead to */
    size_t user_count;
    hs_id *immortals; /* objects of read-only space that no other root reaches */
    size_t immortal_count;
    /* those that live: not more than V8 itself has names, and one for each source */
    struct hs_exported_strings strings[HS_EXPORTED_STRING_TABLES];
    struct hs_exported_string_maps *string_maps;
    hs_id *heads; /* of garbage */
    size_t head_count;
    uint16_t *page_slots;              /* per page: its part of the ids */
    uint32_t *native_ids;              /* per native store of the graph */
    bool ranked;                       /* too many pages: ids are ranks */
    struct hs_exported_chunks *chunks; /* of all nodes but the synthetic ones */
    struct hs_exported_team *team;
    int spool;                          /* edges; -1: none yet */
    _Atomic(uint64_t) *spooled;         /* bytes given away */
    struct hs_stream_segment *segments; /* of the edges, in their order */
    uint32_t segment_count, segment_capacity;
    /* a thread's own */
    struct hs_js *js;
    struct hs_edges *edges;
    struct hs_exported_shape **shapes; /* by index of js->maps; NULL: not asked yet */
    uint32_t shape_count;
    uint32_t thread;                     /* 0: the calling one */
    struct hs_encoder *encoder, *others; /* others: the calling thread's, for edges that no object has */
    struct hs_address_map met;           /* integers that this thread has told a batch */
    struct hs_exported_batch *batch;     /* being made */
    uint32_t chunk;                      /* of it */
    struct hs_strbuf text;               /* of the name being made */
    struct hs_strbuf other;              /* of the edge being made */
};

static inline bool hs_exported_get(const uint64_t *bits, hs_id id) {
    return bits[id / 64] >> (id % 64) & 1;
}
static inline void hs_exported_set(uint64_t *bits, hs_id id) {
    bits[id / 64] |= UINT64_C(1) << (id % 64);
}
/* What its owner calls an array. The owner that comes first in the order of the nodes decides, whichever
 * thread sees its own first. */
enum { HS_TAG_BITS = 4 };
static inline uint8_t hs_exported_tag_of(const struct hs_exported_private *x, uint32_t k) {
    return x->tags[k] & ((1u << HS_TAG_BITS) - 1);
}
/* Number of an exported node. */
static inline uint32_t hs_exported_number(const struct hs_exported_private *x, hs_id id) {
    uint64_t below = x->chosen[id / 64] & ((UINT64_C(1) << (id % 64)) - 1);
    return x->first + x->before[id / 64] + hs_bit_count(below);
}

/* exported_node.c */
struct hs_error *hs_exported_make_ids(struct hs_exported_private *x) HS_MUST_CHECK;
struct hs_error *hs_exported_make_classes(struct hs_exported_private *x) HS_MUST_CHECK;
uint32_t hs_exported_id(const struct hs_exported_private *x, hs_id id, hs_addr address);
/* Of a synthetic node, by its number. */
uint32_t hs_exported_synthetic_id(const struct hs_exported_private *x, uint32_t number);
/* Number of the node of one of Node's C++ objects. */
static inline uint32_t hs_exported_base_number(const struct hs_exported_private *x,
                                               const struct hs_base_object *base) {
    return x->first - (uint32_t)x->base.count + (uint32_t)(base - x->base.items);
}
/* Name of a node; valid until the next call. *kept_ret: it is interned. `tag`: enum hs_exported_tag. */
const char *hs_exported_name(struct hs_exported_private *x, hs_id id, hs_addr address, uint8_t tag,
                             bool *kept_ret);

/* exported_edge.c. Edges go to x->encoder, and small integers and tags are noted, unless they are only
 * counted. */
struct hs_exported_walk {
    struct hs_exported_private *x;
    bool counting;
    uint32_t count; /* edges so far of this node */
    struct hs_error *error;
};
void hs_exported_put(struct hs_exported_walk *walk, enum hs_edge_type type, const char *name, uint32_t index,
                     uint32_t to);
/* A property that is a small integer. */
void hs_exported_put_smi(struct hs_exported_walk *walk, const char *name, int64_t value);

/* exported_spool.c */
struct hs_error *hs_exported_spool_open(struct hs_exported_private *x) HS_MUST_CHECK;
void hs_exported_spool_close(struct hs_exported_private *x);
/* What x->encoder has becomes a segment of x->batch, if there is anything. It may be so long first: */
enum { HS_EXPORTED_SEGMENT = 1 << 17 };
void hs_exported_end_segment(struct hs_exported_private *x);
/* The batch's segments, in the order of the chunks. */
struct hs_error *hs_exported_take_segments(struct hs_exported_private *x,
                                           const struct hs_exported_batch *batch) HS_MUST_CHECK;
/* The last `count` become the first. */
struct hs_error *hs_exported_first_segments(struct hs_exported_private *x, uint32_t count) HS_MUST_CHECK;

/* One object while its edges are being told. */
struct hs_exported_object {
    struct hs_exported_walk *walk;
    hs_id id;
    hs_addr address;
    enum hs_kind kind;
    const struct hs_edge_view *view;
    uint32_t told;                  /* its words from here on have been told as properties */
    hs_tagged properties, elements; /* the words of these slots, 0: none */
    hs_id bindings, initial_map;    /* found in its slots; HS_ID_NONE */
    uint32_t numbered;              /* slots so far that V8 only numbers */
    uint32_t pool;                  /* of a bytecode array: the word of its constant pool, 0: not seen */
};
/* Leaves out what is not chosen: it is dead, a collection would have cleared the weak reference. */
void hs_exported_put_id(struct hs_exported_object *o, enum hs_edge_type type, const char *name,
                        uint32_t index, hs_id to);
static inline hs_id hs_exported_find(const struct hs_exported_object *o, hs_tagged word) {
    return (word & 3) == 1 ? hs_edges_target(o->walk->x->edges, word) : HS_ID_NONE;
}
static inline enum hs_kind hs_exported_kind(const struct hs_exported_object *o, hs_id id) {
    const struct hs_exported_private *x = o->walk->x;
    if (id >= x->analysis->objects->count) return HS_KIND_UNKNOWN;
    return hs_js_kind(x->js, hs_objects_address(x->analysis->objects, id) + 1);
}
/* exported_property.c: its properties, wherever they stand. `m`: index of its map in js->maps; o->properties
 * must be set. */
void hs_exported_put_properties(struct hs_exported_object *o, uint32_t m, const struct hs_map *map);
/* Nodes of small integers that follow the objects, and their edges. */
static inline uint32_t hs_exported_integer_nodes(const struct hs_exported_private *x) {
    return 2 * x->integers->count + x->integers->anonymous;
}
/* Number of the node of a small integer, once all are known. */
uint32_t hs_exported_integer_number(const struct hs_exported_private *x, int64_t value);
/* Takes in the integers that a batch tells; in the order of the chunks. */
struct hs_error *hs_exported_take_integers(struct hs_exported_private *x,
                                           const struct hs_exported_batch *batch) HS_MUST_CHECK;
struct hs_error *hs_exported_put_integers(struct hs_exported_private *x, hs_exported_node_visit *visit,
                                          void *context) HS_MUST_CHECK;

/* Notes what an owner calls an array or a function, while edges are counted. */
void hs_exported_tag(const struct hs_exported_object *o, hs_id id, enum hs_exported_tag tag);

/* exported_names.c: names of V8's own objects, and (once there are classes) of the code of functions, before
 * edges are counted; what a slot says about its target, while they are; the name of a node that has one of
 * its own, or NULL. */
void hs_exported_make_names(struct hs_exported_private *x);
void hs_exported_name_code(struct hs_exported_private *x);
void hs_exported_tag_slot(struct hs_exported_object *o, const struct hs_edge *edge);
const char *hs_exported_own_name(const struct hs_exported_private *x, hs_id id);

/* All edges of an object. */
void hs_exported_object_edges(struct hs_exported_walk *walk, hs_id id, hs_addr address);

/* exported_garbage.c: objects such that all chosen garbage hangs on them. */
struct hs_error *hs_exported_find_heads(struct hs_exported_private *x) HS_MUST_CHECK;

/* exported_string.c: the maps of such strings; whether the object of a string is one, by its map's word:
 * noted in the batch; fills `strings`, in the order of the chunks. */
void hs_exported_find_string_maps(struct hs_exported_private *x);
void hs_exported_note_string(struct hs_exported_private *x, hs_id id, hs_tagged map);
struct hs_error *hs_exported_take_strings(struct hs_exported_private *x,
                                          const struct hs_exported_batch *batch) HS_MUST_CHECK;

#endif
