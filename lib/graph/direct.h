/* Edges past the storages: what V8's heap snapshot shows from an object to what its storages hold.
 *
 * Beside the slots (object -> PropertyArray -> value) a snapshot has the edge object -> value, and edges from
 * an object to the prototype, the constants, getters and setters of its map (V8HeapExplorer,
 * ExtractPropertyReferences, ExtractElementReferences). Nothing becomes reachable by them, but a value that
 * its owner names directly is dominated by the owner and not by the storage: retained sizes depend on them,
 * so dominators count them. They are kept by what they go past, not by object: an array's are its own row of
 * the graph; a map's and a dictionary's are listed once, for all the objects that point there. An array that
 * several objects share (constants of a literal) is left out: what it holds is held by the literal as well.
 *
 * Made while the graph is read; immutable then, any thread. 0.25 bytes a node, and 4 a listed value. */
#ifndef HS_GRAPH_DIRECT_H
#define HS_GRAPH_DIRECT_H

#include "graph/objects.h"

struct hs_direct_list {
    uint32_t first;   /* in `to`; up to the next list's */
    bool of_map;      /* counts for the objects of the map, and for a function that makes them */
    bool of_function; /* a map of functions */
};

struct hs_direct {
    uint64_t *arrays; /* one bit a node: an array of properties or elements, whose values are its owner's */
    uint64_t *shared; /* … of several owners; NULL when all are known: `arrays` is without them then */
    uint64_t *has;    /* one bit a node: in `arrays` or `listed` */
    uint64_t *listed; /* one bit a node: a map or a dictionary with a list */
    uint32_t *before; /* of each 64 bits of `listed`: lists before them */
    struct hs_direct_list *lists; /* list_count + 1 */
    hs_id *to;
    uint32_t list_count;
    hs_id count; /* nodes that have bits */
};

/* What one thread finds. */
struct hs_direct_pair {
    hs_id key, to;
};
struct hs_direct_map {
    hs_id id;
    bool of_function;
};
struct hs_direct_part {
    struct hs_direct_pair *pairs;
    size_t count, capacity;
    struct hs_direct_map *maps;
    size_t map_count, map_capacity;
    bool failed; /* memory has run out */
};

/* Words at the start of an object whose targets the reader of the graph has found already: map, properties,
 * elements. */
enum { HS_DIRECT_HEAD = 3 };

/* Bits for all objects. */
struct hs_error *hs_direct_create(const struct hs_objects *objects, struct hs_direct **ret) HS_MUST_CHECK;
/* Notes what object `id` (its map, its host bytes, its size in words) has. `maps`: the calling thread's.
 * `head`: what its first words point to strongly, HS_ID_NONE: nothing. */
void hs_direct_note(struct hs_direct *direct, struct hs_direct_part *part, const struct hs_objects *objects,
                    struct hs_maps *maps, uint32_t map, hs_id id, const uint8_t *p, uint32_t words,
                    const hs_id head[HS_DIRECT_HEAD]);
/* Makes the lists of what the threads have noted. `first`, `to`: rows of the graph. */
struct hs_error *hs_direct_finish(struct hs_direct *direct, struct hs_direct_part *parts, unsigned part_count,
                                  const uint32_t *first, const hs_id *to) HS_MUST_CHECK;
/* Takes NULL. */
void hs_direct_destroy(struct hs_direct *direct);
/* An array of them; takes NULL. */
void hs_direct_parts_destroy(struct hs_direct_part *parts, unsigned count);

static inline bool hs_direct_get(const uint64_t *bits, hs_id id) {
    return bits[id / 64] >> (id % 64) & 1;
}
/* The list of a node whose bit in `listed` is set. */
static inline const struct hs_direct_list *hs_direct_list_of(const struct hs_direct *direct, hs_id key) {
    uint64_t below = direct->listed[key / 64] & ((UINT64_C(1) << (key % 64)) - 1);
    return &direct->lists[direct->before[key / 64] + hs_bit_count(below)];
}

/* Anything may be past `id`: what hs_direct_past() would find out, without its arguments. */
static inline bool hs_direct_has(const struct hs_direct *direct, hs_id id) {
    return id < direct->count && hs_direct_get(direct->has, id);
}
/* What node `from` has past the target of its edge to[edge] (an edge of its row): *count_ret ids, NULL if
 * nothing. */
const hs_id *hs_direct_past(const struct hs_direct *direct, const uint32_t *first, const hs_id *to,
                            hs_id from, uint32_t edge, uint32_t *count_ret);

#endif
