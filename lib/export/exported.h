/* A heap as V8's heap snapshot would show it: nodes, edges, locations, by number, for a writer of
 * .heapsnapshot files.
 *
 * Types, names and edges are those of V8HeapExplorer (heap-snapshot-generator.cc): the root, "(GC roots)",
 * one node a category of roots, then the reachable objects in the order of their addresses, then their
 * backing stores. Besides the slots of an object its properties, elements and prototype are edges of their
 * own; the root has a shortcut to each global object. Garbage is left out, or hangs below a root of its own,
 * "(Unreachable)".
 *
 * Ids are odd, unique, below 2^32, and a function of the address: the page's place in a hash of all pages,
 * and the place in the page. An object that does not move keeps its id from core to core of one process (a
 * page may lose its place to another one that is new: rare). Texts are valid UTF-8. Passes visit in one
 * order, always the same, whatever the number of threads, and on the calling thread only unless they say
 * else. Edges are found once, and wait in a temporary file (seven bytes each); memory: six bytes a node, and
 * some megabytes a thread. One caller at a time: it uses the caches of the group. */
#ifndef HS_EXPORT_EXPORTED_H
#define HS_EXPORT_EXPORTED_H

#include "base/strbuf.h"
#include "group/analysis.h"

struct hs_exported_options {
    bool garbage;     /* unreachable objects too */
    bool redact;      /* lengths instead of the contents of strings and regular expressions; no numbers */
    unsigned threads; /* 0: one */
    bool numbers;     /* properties that are numbers have edges too, as with V8's exposeNumericValues */
    const char *path; /* of the file that will be written: beside it edges are kept; may be NULL */
};

struct hs_exported {
    uint32_t node_count;
    uint64_t edge_count;
    struct hs_exported_private *priv;
};

/* A text: `name` is NUL-terminated; `kept`: it stays where it is as long as the hs_exported, else as long as
 * the call. */
struct hs_exported_node {
    bool synthetic;
    uint8_t type; /* enum hs_node_type, where it is not synthetic */
    bool kept;
    const char *name;
    uint64_t hash; /* XXH3 of a name that is not kept */
    uint32_t id;
    uint64_t size;
    uint32_t edge_count;
};
/* Nodes that follow each other. */
typedef struct hs_error *hs_exported_node_visit(void *context, const struct hs_exported_node *nodes,
                                                size_t count);

struct hs_exported_edge {
    uint8_t type;  /* enum hs_edge_type of graph/edge.h, which is V8's */
    uint32_t name; /* of an element or a hidden slot the index, else what the sink has called the name */
    uint32_t to;   /* number of a node */
};

/* Who takes the edges. They come by the thousand, and texts are made of them by all threads. */
struct hs_exported_sink {
    /* Numbers for names, in the order of the edges that need them first; some are asked for more than once.
     * On the calling thread. `kept` as in struct hs_exported_node. */
    struct hs_error *(*name)(void *context, const char *name, bool kept, uint32_t *ret);
    struct hs_error *(*number)(void *context, uint32_t number, uint32_t *ret); /* a number is the name */
    /* Appends what stands for the edges. On any thread: of the context it may only read what does not change.
     * Problems are the text's (hs_strbuf_error). */
    void (*format)(void *context, const struct hs_exported_edge *edges, size_t count, struct hs_strbuf *text);
    /* Texts of `count` edges, in the order of the edges; on the calling thread. */
    struct hs_error *(*write)(void *context, const struct hs_strbuf *text, size_t count);
    void *context;
};

struct hs_exported_location {
    uint32_t node, script, line, column; /* script: V8's id of it; line and column from 0 */
};

/* Finds all edges, and so counts them and the nodes. The analysis must outlive the result. The options may be
 * NULL. */
struct hs_error *hs_exported_create(const struct hs_analysis *analysis,
                                    const struct hs_exported_options *options,
                                    struct hs_exported **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_exported_destroy(struct hs_exported *exported);

/* Each calls `visit` for all, in the order of the node numbers; an error of `visit` ends the pass and is
 * returned. */
struct hs_error *hs_exported_nodes(struct hs_exported *exported, hs_exported_node_visit *visit,
                                   void *context) HS_MUST_CHECK;
/* Edges grouped by the node that they leave. */
struct hs_error *hs_exported_edges(struct hs_exported *exported,
                                   const struct hs_exported_sink *sink) HS_MUST_CHECK;
struct hs_error *hs_exported_locations(struct hs_exported *exported,
                                       struct hs_error *(*visit)(void *context,
                                                                 const struct hs_exported_location *location),
                                       void *context) HS_MUST_CHECK;

#endif
