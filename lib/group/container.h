/* The largest single holders of a heap: Maps, Sets, arrays, objects used as tables, buffers, strings being
 * built.
 *
 * A leak that adds to one object never shows in a count of instances: it shows here. `bytes` are shallow,
 * with the tables and arrays that belong to the object alone. Pure function of an analysis; the result is the
 * caller's. */
#ifndef HS_GROUP_CONTAINER_H
#define HS_GROUP_CONTAINER_H

#include "group/named_path.h"

enum { HS_CONTAINERS_BY_RETAINED = 150, HS_CONTAINERS_BY_ENTRIES = 50 };

struct hs_container {
    hs_id id;
    uint64_t entries, capacity; /* UINT64_MAX: there is no such thing */
    uint64_t bytes, retained_bytes;
    const char *keys; /* static: "integer-sequence", "integer", "timestamp", "string", "symbol", "object",
                         "mixed"; NULL */
};

/* The largest by retained bytes and by entries, sorted by retained bytes, then id. *ret is malloc'ed. */
struct hs_error *hs_containers_create(const struct hs_analysis *analysis, struct hs_edges *edges,
                                      struct hs_container **ret, size_t *count_ret) HS_MUST_CHECK;
/* One object, whatever it is; false if it is no container. */
bool hs_container_describe(const struct hs_analysis *analysis, struct hs_edges *edges, hs_id id,
                           struct hs_container *ret);

#endif
