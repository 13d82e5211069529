/* What edges as numbers (graph.c) and edges with names (edge.c) share, so that both see the same slots. */
#ifndef HS_GRAPH_GRAPH_PRIVATE_H
#define HS_GRAPH_GRAPH_PRIVATE_H

#include "graph/graph.h"

/* End of the tagged words of an object that may be strong pointers: [1, end); the map word is handled apart.
 * Payloads (characters, numbers, machine code) lie behind it. `words` is the object's size. */
uint32_t hs_graph_body_end(const struct hs_v8 *v8, const struct hs_map *map, uint32_t words);

#endif
