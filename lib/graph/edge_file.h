/* References of a .heapsnapshot, as hs_edges gives those of a core.
 *
 * V8 has named them already: slots are the file's edges. Folding passes through contexts and the tables of
 * Maps and Sets; what stands in an object's properties and elements has edges of its own from the object, so
 * of those storages only the rest is shown. A key of a Map is named by its node (struct hs_edge.key: node +
 * 1). For edge.c and its siblings. */
#ifndef HS_GRAPH_EDGE_FILE_H
#define HS_GRAPH_EDGE_FILE_H

#include "graph/edge.h"
#include "graph/heapsnapshot_node.h"

/* hs_edges of a file's graph. */
struct hs_error *hs_edges_create_file(const struct hs_heapsnapshot *file, const struct hs_graph *graph,
                                      struct hs_edges **ret) HS_MUST_CHECK;

void hs_edge_file_slots(struct hs_edges *edges, hs_id id, hs_edge_visit *visit, void *context);
void hs_edge_file_contents(struct hs_edges *edges, hs_id owner, enum hs_edge_role role, hs_id storage,
                           hs_edge_visit *visit, void *context);
void hs_edge_file_folded(struct hs_edges *edges, hs_id id, const struct hs_edge_walk *walk);
/* The key of a table's entry as `["text"]`; false if it can't be told. */
bool hs_edge_file_put_key(const struct hs_edges *edges, const struct hs_edge *edge, struct hs_strbuf *out);

#endif
