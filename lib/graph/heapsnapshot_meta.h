/* What a .heapsnapshot says of itself: which field stands where, which number is which type, how much there
 * is. The rest of the file is read by this alone, so fields may be more, fewer and in another order.
 *
 * Optional fields that are missing are -1. What is not known is told in `remark`: fields are passed over,
 * nodes of an unknown type are taken for hidden ones, edges of an unknown type for nameless strong ones.
 * Immutable, any thread. */
#ifndef HS_GRAPH_HEAPSNAPSHOT_META_H
#define HS_GRAPH_HEAPSNAPSHOT_META_H

#include "base/error.h"

enum { HS_HEAPSNAPSHOT_NODE_TYPES = 250, HS_HEAPSNAPSHOT_EDGE_TYPES = 16 };

struct hs_heapsnapshot_meta {
    uint32_t node_fields, edge_fields, location_fields; /* how many */
    int node_type, node_name, node_id, node_size, node_edges;
    int edge_type, edge_name, edge_to;
    int location_object, location_script, location_line, location_column;
    uint64_t node_count, edge_count, root_index;
    char **type_names; /* of node types, as the file spells them */
    uint32_t type_count;
    uint32_t edge_types[HS_HEAPSNAPSHOT_EDGE_TYPES]; /* the file's number -> enum hs_heapsnapshot_edge */
    uint32_t edge_type_count;
    char *remark; /* a sentence, NULL: all is known */
};

/* Reads the value of "snapshot", JSON of `size` bytes. *problem_ret: what is wrong with it, NULL if nothing
 * is; then all fields that are needed are there, and counts are what the file claims. Only memory that runs
 * out is an error. *ret is for hs_heapsnapshot_meta_deinit() in any case. */
struct hs_error *hs_heapsnapshot_meta_read(const char *json, size_t size, struct hs_heapsnapshot_meta *ret,
                                           const char **problem_ret) HS_MUST_CHECK;
void hs_heapsnapshot_meta_deinit(struct hs_heapsnapshot_meta *meta);

#endif
