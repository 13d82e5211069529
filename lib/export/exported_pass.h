/* One pass over the exported nodes, by several threads, told in one order.
 *
 * The nodes are cut into chunks, in their order. Threads make a batch of each chunk; the calling thread takes
 * the batches in the order of the chunks and makes batches itself while the next one is not ready. So the
 * outcome does not depend on the number of threads, and at most a few batches are in memory at a time.
 *
 * A thread has its own copy of struct hs_exported_private, in which the caches (js, edges, shapes, texts) are
 * its own and all else is shared and read only, but for what is told below: counts and tags of the chunk's
 * nodes. */
#ifndef HS_EXPORT_EXPORTED_PASS_H
#define HS_EXPORT_EXPORTED_PASS_H

#include "export/exported_private.h"

/* Where a pass stands. */
struct hs_exported_cursor {
    uint32_t page, block;
    uint64_t bits; /* starts of objects in the block that are still to come */
    hs_id next;
    /* of the node it stands on */
    hs_id id;
    uint32_t k; /* number of the node without the synthetic ones */
    hs_addr address;
};
void hs_exported_cursor_init(const struct hs_exported_private *x, struct hs_exported_cursor *cursor);
/* To the next chosen node; false: there is none. */
bool hs_exported_cursor_next(const struct hs_exported_private *x, struct hs_exported_cursor *cursor);

struct hs_exported_chunk {
    struct hs_exported_cursor start; /* before its first node */
    uint32_t index, nodes;
};
struct hs_exported_chunks {
    struct hs_exported_chunk *items;
    uint32_t count;
};
/* Chunks of about so many nodes, or of so many edges (by x->edge_counts; a node with more than that is a
 * chunk of its own). *ret is for hs_exported_chunks_deinit(). */
struct hs_error *hs_exported_chunks_of_nodes(const struct hs_exported_private *x, uint32_t node_count,
                                             struct hs_exported_chunks *ret) HS_MUST_CHECK;
struct hs_error *hs_exported_chunks_of_edges(const struct hs_exported_private *x,
                                             struct hs_exported_chunks *ret) HS_MUST_CHECK;
void hs_exported_chunks_deinit(struct hs_exported_chunks *chunks);
/* A chunk of edges that is one node with too many of them: it is not made into a batch. */
bool hs_exported_chunk_is_huge(const struct hs_exported_private *x, const struct hs_exported_chunk *chunk);

/* What is made of a chunk: whichever of these the pass needs. Names that are not kept are offsets into
 * `text` while the batch is being made, pointers when it is taken. */
struct hs_exported_batch {
    struct hs_exported_node *nodes;
    struct hs_exported_edge *edges;
    size_t count, capacity; /* of nodes or edges */
    struct hs_strbuf text;
    int64_t *integers; /* values of small integers, in the order in which this thread first met them */
    size_t integer_count, integer_capacity;
    uint64_t total;         /* a sum */
    struct hs_error *error; /* taken over by the pass */
    uint32_t chunk;         /* internal: of which chunk it is, once it is ready */
    bool ready;             /* internal */
};
/* Room for one more; NULL without memory (sets batch->error). */
struct hs_exported_edge *hs_exported_batch_edge(struct hs_exported_batch *batch);
struct hs_exported_node *hs_exported_batch_node(struct hs_exported_batch *batch);
/* Puts `text` into the batch and returns what stands for it. */
const char *hs_exported_batch_text(struct hs_exported_batch *batch, const char *text);

struct hs_exported_pass {
    /* Any thread; `x` is its own copy. Problems go to batch->error. */
    void (*make)(struct hs_exported_private *x, const struct hs_exported_chunk *chunk,
                 struct hs_exported_batch *batch);
    /* The calling thread, in order. */
    struct hs_error *(*take)(void *context, const struct hs_exported_chunk *chunk,
                             struct hs_exported_batch *batch);
    void *context;
};
struct hs_error *hs_exported_run(struct hs_exported_private *x, const struct hs_exported_chunks *chunks,
                                 const struct hs_exported_pass *pass) HS_MUST_CHECK;

/* The copies for threads; x->threads is how many there shall be, the calling one among them. */
struct hs_error *hs_exported_team_create(struct hs_exported_private *x) HS_MUST_CHECK;
void hs_exported_team_destroy(struct hs_exported_private *x);

#endif
