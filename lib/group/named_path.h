/* The tree of named paths: the heap by how one gets there, not by object.
 *
 * Breadth-first from the global objects, the variables of modules and then the other roots; an object belongs
 * to the first path that reaches it. Queues of work under way (group/in_flight.h) come after what lasts. A
 * node is `<edge name> -> <class>` below its parent: indexes are folded to [x], keys of tables to [key],
 * chains of equal names (linked lists, nested closures) to one node, and the arrays, tables and contexts of
 * an object are counted with it (graph/edge.h). Such a path names the *holder* and survives objects that the
 * collector moves, so that trees of several captures can be compared (leak-ranking: BLeak, PLDI'18). V8's own
 * machinery (maps, code, feedback) stands in one branch.
 *
 * Also counted on the way: references between classes. Time is linear in objects and references; ten bytes an
 * object. Everything is owned here; strings belong to the group's hs_js. Immutable after creation. */
#ifndef HS_GROUP_NAMED_PATH_H
#define HS_GROUP_NAMED_PATH_H

#include "graph/edge.h"
#include "group/analysis.h"
#include "group/sharing.h"

enum hs_step {
    HS_STEP_GROUP,  /* first level: a category of roots, "global", "(V8's own)" */
    HS_STEP_MODULE, /* first level: the variables of a script; `name` is the script's */
    HS_STEP_HELD,   /* an object that a root holds; no name */
    HS_STEP_PROPERTY,
    HS_STEP_INDEX, /* [x]; no name */
    HS_STEP_KEY,   /* [key]; no name */
    HS_STEP_KEY_ITSELF,
    HS_STEP_VARIABLE,
    HS_STEP_INTERNAL, /* of V8: "(buffer)" */
    HS_STEP_SLOT,     /* without a name */
};

#define HS_PATH_NONE UINT32_MAX

struct hs_named_path {
    uint32_t parent;               /* a lower index; HS_PATH_NONE: first level */
    uint32_t class;                /* of the group; UINT32_MAX: groups and modules */
    const char *name;              /* NULL where the step has none */
    uint8_t step;                  /* enum hs_step */
    bool chain;                    /* equal steps below it were folded into it */
    uint32_t sample;               /* node of the graph that was met first here; HS_PATH_NONE: none */
    uint64_t count, bytes, fanout; /* of the objects; bytes and fanout with their storages */
    uint64_t below;                /* bytes of the whole branch */
};

struct hs_class_edge {
    uint32_t from, to; /* classes */
    const char *name;
    uint8_t step;
    uint64_t count;
};

struct hs_named_paths {
    struct hs_named_path *items; /* parents before children */
    uint32_t count;
    uint32_t *path_of; /* node of the graph -> path, HS_PATH_NONE: garbage. A storage has its owner's */
    struct hs_class_edge *edges; /* by count, most first */
    uint32_t edge_count;
    struct hs_shared *shared; /* group/sharing.h */
    uint32_t shared_count;
    uint64_t shared_objects, shared_bytes; /* of all that have another holder; one behind the other */
};

struct hs_error *hs_named_paths_create(const struct hs_analysis *analysis, struct hs_edges *edges,
                                       struct hs_named_paths *ret) HS_MUST_CHECK;
void hs_named_paths_deinit(struct hs_named_paths *paths);

/* The step alone, unescaped: "sessions", "[x]", "variable cache", "(buffer)". */
void hs_step_put(enum hs_step step, const char *name, struct hs_strbuf *out);
/* The whole path from the first level, for people, unescaped: "global.sessions[key].tags", "server.js:
 * variable cache". */
void hs_named_path_put(const struct hs_named_paths *paths, uint32_t index, struct hs_strbuf *out);

#endif
