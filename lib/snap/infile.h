/* A stream of lines, plain or zstd, read with bounded memory.
 *
 * zstd is known by its magic number, whatever the name; frames that follow one another are one stream. What
 * looks like another file (an ELF core, gzip, a V8 heap snapshot) is refused at the first line with a
 * sentence saying what to do. A line is valid until the next call. One thread at a time. */
#ifndef HS_SNAP_INFILE_H
#define HS_SNAP_INFILE_H

#include "base/error.h"
#include <stdio.h>

struct hs_infile;

/* `path` "-" is standard input. */
struct hs_error *hs_infile_open(const char *path, struct hs_infile **ret) HS_MUST_CHECK;
/* Borrows the stream. */
struct hs_error *hs_infile_wrap(FILE *stream, const char *name, struct hs_infile **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_infile_close(struct hs_infile *file);

/* The next line with its line feed (the last one may lack it); *size_ret 0 at the end. A line of more than
 * `limit` bytes, a read error or broken compression is an error that names the line. */
struct hs_error *hs_infile_line(struct hs_infile *file, size_t limit, const char **ret,
                                size_t *size_ret) HS_MUST_CHECK;
/* Name for messages, escaped; number of the line handed out last, from 1. */
const char *hs_infile_name(const struct hs_infile *file);
uint64_t hs_infile_line_number(const struct hs_infile *file);

#endif
