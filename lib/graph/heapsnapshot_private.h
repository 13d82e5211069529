/* What the reader of .heapsnapshot files (heapsnapshot.c) and the graph made of them (heapsnapshot_graph.c)
 * share. */
#ifndef HS_GRAPH_HEAPSNAPSHOT_PRIVATE_H
#define HS_GRAPH_HEAPSNAPSHOT_PRIVATE_H

#include "graph/heapsnapshot.h"

struct hs_heapsnapshot_private {
    const char *bytes;
    size_t size;
    void *mapping;
    uint64_t *strings; /* per string: offset behind its opening quote, ascending */
};

#endif
