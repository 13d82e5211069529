/* What the reader of .heapsnapshot files (heapsnapshot.c), the graph made of them (heapsnapshot_graph.c) and
 * the meaning of their nodes (heapsnapshot_node.c) share. */
#ifndef HS_GRAPH_HEAPSNAPSHOT_PRIVATE_H
#define HS_GRAPH_HEAPSNAPSHOT_PRIVATE_H

#include "graph/heapsnapshot_node.h"

/* Names of the two edges to the value of a WeakMap's entry: "<k> / part of key (… @id) -> value (… @id) pair
 * in WeakMap (table @id)". V8 writes one from the key and one from the table; the table's is dropped. Found
 * once, by one search over all strings: a name may be long and may be used by many edges. */
struct hs_pair_name {
    uint32_t string;
    uint64_t table; /* id of the table */
};

struct hs_heapsnapshot_private {
    const char *bytes;
    size_t size;
    void *mapping;
    uint64_t *strings; /* per string: offset behind its opening quote, ascending */
    /* filled by hs_heapsnapshot_learn() */
    struct hs_pair_name *pairs; /* ascending by string */
    size_t pair_count;
    uint8_t *known;     /* per string: enum hs_known */
    uint8_t types[256]; /* the file's node types -> ours */
    uint64_t *values;   /* one bit a node: it spells a number */
    uint64_t *globals;  /* one bit a node: a global object */
    unsigned word;      /* bytes of a tagged word */
    /* on demand */
    const char **texts; /* per string, NULL: not asked for */
    bool failed;
};

/* Looks the names up; the arrays are complete. */
struct hs_error *hs_heapsnapshot_learn(struct hs_heapsnapshot *snapshot) HS_MUST_CHECK;
/* The edge is the table's half of a pair. */
bool hs_heapsnapshot_is_table_half(const struct hs_heapsnapshot *snapshot, uint32_t node, uint32_t edge);
void hs_heapsnapshot_forget(struct hs_heapsnapshot *snapshot);

#endif
