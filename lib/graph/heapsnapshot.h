/* A .heapsnapshot file of V8, as arrays.
 *
 * Only what the file's own `meta` says is believed: fields by name, types by name; keys we do not know are
 * passed over, missing optional ones are tolerated (V8 6 to 14 differ, see heapsnapshot-format.md §8).
 * Everything is checked: lengths against counts, targets against nodes, names against strings; a file that
 * lies is an HS_ERROR_FORMAT with the byte it was found at. No recursion on the file's nesting. Strings are
 * decoded on demand. A file packed by gzip or zstd is unpacked to a temporary one (base/packed.h). Immutable
 * after load, any thread. */
#ifndef HS_GRAPH_HEAPSNAPSHOT_H
#define HS_GRAPH_HEAPSNAPSHOT_H

#include "base/strbuf.h"
#include "graph/graph.h"

enum hs_heapsnapshot_edge {
    HS_HEAPSNAPSHOT_CONTEXT,
    HS_HEAPSNAPSHOT_ELEMENT,
    HS_HEAPSNAPSHOT_PROPERTY,
    HS_HEAPSNAPSHOT_INTERNAL,
    HS_HEAPSNAPSHOT_HIDDEN,
    HS_HEAPSNAPSHOT_SHORTCUT,
    HS_HEAPSNAPSHOT_WEAK,
    HS_HEAPSNAPSHOT_EDGE_OTHER
};

/* Where the constructor of a node (or a closure) stands; line and column from 0. */
struct hs_heapsnapshot_location {
    uint32_t node, script, line, column; /* UINT32_MAX: unknown */
};

struct hs_heapsnapshot {
    uint32_t node_count, edge_count, string_count, location_count;
    uint32_t root;     /* node */
    char **type_names; /* of node types, as the file spells them */
    uint32_t type_count;
    char *remark;   /* what of its meta is not known, a sentence; NULL: nothing */
    uint8_t *type;  /* per node: index into type_names; type_count: out of range (a bug of Node 8) */
    uint32_t *name; /* per node: string */
    uint64_t *id, *size;
    uint32_t *first;     /* node_count + 1: edges of node i are first[i] … first[i + 1] - 1 */
    uint32_t *to;        /* per edge: node */
    uint32_t *edge_name; /* per edge: string, or an index for element and hidden edges */
    uint8_t *edge_type;  /* per edge: enum hs_heapsnapshot_edge */
    struct hs_heapsnapshot_location *locations; /* ascending by node */
    struct hs_heapsnapshot_private *priv;
};

/* True if the file at `path` looks like one: its first byte is a brace, once it is unpacked (gzip, zstd). */
bool hs_heapsnapshot_probe(const char *path);
struct hs_error *hs_heapsnapshot_open(const char *path, struct hs_heapsnapshot **ret) HS_MUST_CHECK;
/* The same for bytes that outlive the result. */
struct hs_error *hs_heapsnapshot_open_memory(const void *bytes, size_t size, const char *name,
                                             struct hs_heapsnapshot **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_heapsnapshot_close(struct hs_heapsnapshot *snapshot);

/* Appends string `index`, decoded to valid UTF-8; nothing if there is no such string. */
void hs_heapsnapshot_string(const struct hs_heapsnapshot *snapshot, uint32_t index, struct hs_strbuf *out);

/* The graph of the edges that retain, by the rules of DevTools: no weak edges, no shortcuts but from the
 * root, an ephemeron's value held by its key. graph->owned is what the global objects (the root's shortcuts)
 * reach: roots such as handles, that hold it besides, do not count for dominators. Node ids are the file's
 * order. */
struct hs_error *hs_heapsnapshot_graph(const struct hs_heapsnapshot *snapshot,
                                       struct hs_graph **ret) HS_MUST_CHECK;

#endif
