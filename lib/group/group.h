/* The classes of a heap: all objects, by what a person would call the same thing.
 *
 * A class is (isolate, node type, constructor, location of the constructor, property signature).
 * hs_group_scan walks the heap once: most objects cost one look-up, because everything that names a class
 * hangs on the map; only functions (by their SharedFunctionInfo), dictionary-mode objects (by their keys) and
 * a few more are looked into. Maps become classes after the walk, in one thread. The result does not depend
 * on the thread count: classes are sorted by content, a sample is the lowest address.
 *
 * Dictionary-mode objects: a shape or a table?  V8 keeps the properties of an object in a dictionary when
 * there are many, when some were deleted, when it has no prototype - or when the program uses it as a table.
 * The keys of a table are data (session ids, addresses of people): they name no class and are not written.
 * The names of a dictionary-mode object count as a *shape* (properties listed, like any other object) if
 *   - it has at most HS_GROUP_SHAPE_KEYS named properties, and
 *   - every one of them looks like a name in a program (symbols do; strings: at most 64 letters, digits, _, $
 * or #, no digit in front, at most 4 digits), and
 *   - the same names are shared by at least HS_GROUP_SHAPE_OBJECTS objects of this constructor and isolate,
 * or by one that is not in dictionary mode, or the object is a prototype (its keys are methods). Every other
 * one is a *table*: one class per constructor, `dictionary` set, no names, its keys counted in `elements`. So
 * a table that grows stays in its class from capture to capture, and a class whose objects have lost a
 * property keeps its names.
 *
 * The objects that V8 keeps as patterns of literals are classes of their own (retag.h): constructor as V8 has
 * it, the one property "(literal boilerplate)".
 *
 * Ownership: everything a group hands out belongs to it (strings: to its hs_js). Immutable after the scan. */
#ifndef HS_GROUP_GROUP_H
#define HS_GROUP_GROUP_H

#include "graph/objects.h"
#include "js/node.h"

enum { HS_GROUP_SHAPE_KEYS = 1024, HS_GROUP_SHAPE_OBJECTS = 3 };

struct hs_class {
    uint16_t isolate;        /* index; objects of shared read-only pages: 0 */
    uint8_t type;            /* enum hs_node_type */
    bool dictionary;         /* a table: see above */
    const char *constructor; /* V8's name of the node, or a fixed one in parentheses; never NULL */
    const char *script;   /* of the constructor (of closures, generators: of the function); NULL if unknown */
    int32_t line, column; /* from 0 as in V8's snapshot; -1 if unknown */
    const char **properties; /* sorted by bytes, each once; none where dictionary */
    uint32_t property_count;
    uint64_t count, bytes; /* shallow, as V8's heap snapshot of this release weighs them */
    uint64_t elements;     /* total length of arrays, characters of strings, keys of tables */
    hs_addr sample;        /* lowest address; 0 where every object was given another class by its owner */
};

/* Memory that is not JS heap. */
struct hs_native {
    const char *name;
    uint64_t bytes, count;
};

struct hs_group_options {
    unsigned threads;                                               /* 0 means 1 */
    void (*progress)(void *context, uint64_t done, uint64_t total); /* bytes of page area; NULL for none */
    void *progress_context;
    bool objects; /* an analysis will follow: note where objects are on the way (hs_group.objects) */
};

struct hs_heapsnapshot;
struct hs_answers;

struct hs_group {
    const struct hs_v8 *v8;       /* NULL with `file` */
    struct hs_heapsnapshot *file; /* that it was imported from (imported.h); of a core NULL */
    struct hs_class *classes;     /* sorted */
    uint32_t class_count;
    struct hs_native natives[2]; /* "ArrayBuffer backing stores", "external strings": each store once */
    uint32_t native_count;
    struct hs_account *accounts; /* one per space of v8->pages */
    struct hs_js *js;
    struct hs_objects *objects;       /* noted by the scan, until an analysis takes them over; else NULL */
    const struct hs_answers *answers; /* a file stands in for the heap (answers.h); NULL: none */
    struct hs_group_private *priv;    /* NULL with `answers` */
};

/* Walks the heap. The options may be NULL. */
struct hs_error *hs_group_scan(const struct hs_v8 *v8, const struct hs_group_options *options,
                               struct hs_group **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_group_destroy(struct hs_group *group);

/* Class index of the object at `address`, -1 if it was not counted (no object, a filler, …). `address` must
 * be the start of an object: any other address gives what the bytes there look like. Uses the group's caches:
 * one thread at a time. */
int32_t hs_group_find(struct hs_group *group, hs_addr address);

/* Walks the heap again, in address order, and calls `visit` for every object (for native classes: every
 * store) whose class `selected` (class_count of them) says true; stops when `visit` returns false. */
struct hs_error *hs_group_list(struct hs_group *group, const bool *selected,
                               bool (*visit)(void *context, hs_addr address, uint32_t class_index),
                               void *context) HS_MUST_CHECK;

#endif
