/* A toy heap with its analysis, and index files with whatever content, but the right sums: what only somebody
 * who means it can make. */
#ifndef HS_TESTS_INDEX_FORGE_H
#define HS_TESTS_INDEX_FORGE_H

#include "index/index.h"
#include "toy_heap.h"

struct toy_index {
    struct toy_heap *toy;
    struct hs_group *group;
    struct hs_analysis *analysis;
    struct hs_index_key key;
    char folder[64], path[96];
    uint8_t *bytes; /* of the index that was written at path */
    size_t size;
};

/* Exits where it can't go on. */
struct toy_index *toy_index_create(void);
void toy_index_destroy(struct toy_index *toy);
/* Writes these bytes to path, mode 0600. */
void toy_index_put(const struct toy_index *toy, const uint8_t *bytes, size_t size);
/* Makes the sums and digests of an index right; leaves alone what has not its form. */
void toy_index_sign(uint8_t *bytes, size_t size);
/* Reads every number of an index that was accepted, by way of the functions that users have. */
void toy_index_use(struct hs_group *group, struct hs_analysis *analysis);

#endif
