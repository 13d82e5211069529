/* Writes snapshots, one JSON object a line.
 *
 * A writer takes any number of snapshots one after another; each is a header, lines of any kind in any order,
 * a trailer. The order is checked: a line outside of header and trailer is a bug of the caller and comes back
 * as an error. Every write is checked. A writer to a named file writes to a temporary file beside it and
 * renames in hs_snap_writer_finish(), so that a failure leaves what stood under the name before and no half
 * file; `.zst` names are compressed. A writer to a FILE * borrows it. After an error only
 * hs_snap_writer_destroy() may be called. One thread at a time. */
#ifndef HS_SNAP_WRITER_H
#define HS_SNAP_WRITER_H

#include "snap/snap.h"
#include <stdio.h>

struct hs_snap_writer;

/* Writes to an open stream, plain. `name` is for messages ("standard output"). */
struct hs_error *hs_snap_writer_create(FILE *stream, const char *name,
                                       struct hs_snap_writer **ret) HS_MUST_CHECK;
/* Writes to a file. Refuses a directory at once; a FIFO or device (/dev/null) is written directly. */
struct hs_error *hs_snap_writer_open(const char *path, struct hs_snap_writer **ret) HS_MUST_CHECK;

struct hs_error *hs_snap_write_header(struct hs_snap_writer *writer,
                                      const struct hs_snap_header *header) HS_MUST_CHECK;
struct hs_error *hs_snap_write_isolate(struct hs_snap_writer *writer,
                                       const struct hs_snap_isolate *isolate) HS_MUST_CHECK;
struct hs_error *hs_snap_write_space(struct hs_snap_writer *writer,
                                     const struct hs_snap_space *space) HS_MUST_CHECK;
struct hs_error *hs_snap_write_class(struct hs_snap_writer *writer,
                                     const struct hs_snap_class *class) HS_MUST_CHECK;
struct hs_error *hs_snap_write_native(struct hs_snap_writer *writer,
                                      const struct hs_snap_native *native) HS_MUST_CHECK;
struct hs_error *hs_snap_write_root(struct hs_snap_writer *writer,
                                    const struct hs_snap_root *root) HS_MUST_CHECK;
struct hs_error *hs_snap_write_container(struct hs_snap_writer *writer,
                                         const struct hs_snap_container *container) HS_MUST_CHECK;
struct hs_error *hs_snap_write_path(struct hs_snap_writer *writer,
                                    const struct hs_snap_path *path) HS_MUST_CHECK;
struct hs_error *hs_snap_write_shared(struct hs_snap_writer *writer,
                                      const struct hs_snap_shared *shared) HS_MUST_CHECK;
struct hs_error *hs_snap_write_dominator(struct hs_snap_writer *writer,
                                         const struct hs_snap_dominator *dominator) HS_MUST_CHECK;
struct hs_error *hs_snap_write_edge(struct hs_snap_writer *writer,
                                    const struct hs_snap_edge *edge) HS_MUST_CHECK;
struct hs_error *hs_snap_write_reject(struct hs_snap_writer *writer,
                                      const struct hs_snap_reject *reject) HS_MUST_CHECK;
/* Ends the snapshot and flushes. Reads `complete` and `reasons` only. */
struct hs_error *hs_snap_write_trailer(struct hs_snap_writer *writer,
                                       const struct hs_snap_trailer *trailer) HS_MUST_CHECK;

/* Flushes, closes and gives the file its name. HS_ERROR_USAGE if a snapshot lacks its trailer. */
struct hs_error *hs_snap_writer_finish(struct hs_snap_writer *writer) HS_MUST_CHECK;
/* Takes NULL. Without a finish before it, removes the temporary file. */
void hs_snap_writer_destroy(struct hs_snap_writer *writer);

#endif
