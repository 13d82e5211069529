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
/* Where a node of the graph that is an object stands: its page, and the bytes from the page's area to it. */
static inline uint64_t hs_exported_cursor_offset(const struct hs_exported_private *x,
                                                 const struct hs_exported_cursor *cursor) {
    return cursor->address - x->analysis->objects->v8->pages.items[cursor->page].area_start;
}
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
/* Chunks of about so many nodes. *ret is for hs_exported_chunks_deinit(). */
struct hs_error *hs_exported_chunks_of_nodes(const struct hs_exported_private *x, uint32_t node_count,
                                             struct hs_exported_chunks *ret) HS_MUST_CHECK;
void hs_exported_chunks_deinit(struct hs_exported_chunks *chunks);
/* What is made of a chunk or a segment: whichever of these the pass needs. Names of nodes that are not kept
 * are offsets into `text` while the batch is being made, pointers when it is taken. */
struct hs_exported_batch {
    struct hs_exported_node *nodes;
    size_t count, capacity; /* of nodes */
    struct hs_strbuf text;
    int64_t *integers; /* values of small integers, in the order in which this thread first met them */
    size_t integer_count, integer_capacity;
    struct hs_stream_segment *segments; /* that the chunk's edges went to */
    size_t segment_count, segment_capacity;
    struct hs_exported_strings strings[HS_EXPORTED_STRING_TABLES];
    uint32_t *occurrences; /* numbers of the segment's names, hs_stream_numbers */
    size_t occurrence_capacity;
    uint64_t total;         /* a sum */
    struct hs_error *error; /* taken over by the pass */
    bool ready;             /* internal */
};
/* Room for one more; NULL without memory (sets batch->error). */
struct hs_exported_node *hs_exported_batch_node(struct hs_exported_batch *batch);
struct hs_stream_segment *hs_exported_batch_segment(struct hs_exported_batch *batch);
/* Puts `text` into the batch and returns what stands for it. */
const char *hs_exported_batch_text(struct hs_exported_batch *batch, const char *text);

struct hs_exported_pass {
    uint32_t count; /* of what batches are made of, by number */
    /* The calling thread, in order, before the batch is made; may be NULL. */
    struct hs_error *(*prepare)(void *context, uint32_t index, struct hs_exported_batch *batch);
    /* Any thread; `x` is its own copy. Problems go to batch->error. */
    void (*make)(struct hs_exported_private *x, void *context, uint32_t index,
                 struct hs_exported_batch *batch);
    /* The calling thread, in order. */
    struct hs_error *(*take)(void *context, uint32_t index, struct hs_exported_batch *batch);
    void *context;
};
struct hs_error *hs_exported_run(struct hs_exported_private *x,
                                 const struct hs_exported_pass *pass) HS_MUST_CHECK;

/* The copies for threads; x->threads is how many there shall be, the calling one among them. */
struct hs_error *hs_exported_team_create(struct hs_exported_private *x) HS_MUST_CHECK;
void hs_exported_team_destroy(struct hs_exported_private *x);
unsigned hs_exported_team_count(const struct hs_exported_private *x);
/* Of the thread with this number, x->thread; 0 is the calling one, the count stands for x->others. */
const struct hs_encoder *hs_exported_team_encoder(const struct hs_exported_private *x, uint32_t thread);

#endif
