/* A file that appears whole or not at all.
 *
 * hs_outfile_open() writes to a temporary file in the same directory and gives it its name in
 * hs_outfile_commit(), after every byte has been checked and synced; a failure or hs_outfile_destroy() before
 * that leaves what stood under the name untouched. A name ending in `.zst` is compressed (one frame, with
 * checksum). What is no regular file (FIFO, /dev/null) is written directly. Symbolic links are followed.
 * hs_outfile_wrap() writes to a stream that it borrows. One thread at a time. */
#ifndef HS_SNAP_OUTFILE_H
#define HS_SNAP_OUTFILE_H

#include "base/error.h"
#include <stdio.h>

struct hs_outfile;

struct hs_error *hs_outfile_open(const char *path, struct hs_outfile **ret) HS_MUST_CHECK;
/* `name` is for messages. */
struct hs_error *hs_outfile_wrap(FILE *stream, const char *name, struct hs_outfile **ret) HS_MUST_CHECK;
struct hs_error *hs_outfile_write(struct hs_outfile *file, const void *bytes, size_t size) HS_MUST_CHECK;
/* Hands on what is buffered (a reader at the other end of a pipe is waiting). */
struct hs_error *hs_outfile_flush(struct hs_outfile *file) HS_MUST_CHECK;
/* Ends the file and gives it its name. Nothing can be written afterwards. */
struct hs_error *hs_outfile_commit(struct hs_outfile *file) HS_MUST_CHECK;
/* Takes NULL. */
void hs_outfile_destroy(struct hs_outfile *file);

#endif
