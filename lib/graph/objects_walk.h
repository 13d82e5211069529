/* The heap's objects once more, when they are known: what hs_walk() gives, without deciding again where each
 * one begins and ends.
 *
 * Batches are those of hs_walk(): at most HS_WALK_BATCH objects of one page, whose ids follow each other.
 * Parallel over pages; same callback, same threads. */
#ifndef HS_GRAPH_OBJECTS_WALK_H
#define HS_GRAPH_OBJECTS_WALK_H

#include "graph/objects.h"

/* Of the options `threads` and `batch` count. `state`: options->threads elements, their maps zeroed and ended
 * by the caller. */
struct hs_error *hs_objects_walk(const struct hs_objects *objects, const struct hs_walk_options *options,
                                 struct hs_walk_thread *state) HS_MUST_CHECK;

#endif
