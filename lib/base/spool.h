/* A temporary file without a name: what is written first and read again later, too much for memory.
 *
 * It vanishes with its descriptor. Any thread. */
#ifndef HS_BASE_SPOOL_H
#define HS_BASE_SPOOL_H

#include "base/error.h"

/* In TMPDIR, or in /var/tmp or /tmp: a descriptor, or -1 with errno set. *directory_ret: the place tried
 * last, borrowed. */
int hs_spool_make(const char **directory_ret);
/* Beside the file `path` (on the disk that has to have room anyway), unless that is NULL or no regular file,
 * or its directory cannot be written; else in TMPDIR, or in /var/tmp or /tmp. */
struct hs_error *hs_spool_open(const char *path, int *fd_ret) HS_MUST_CHECK;
/* All of the bytes at `offset`; several threads may write to places of their own. */
struct hs_error *hs_spool_write(int fd, const void *bytes, size_t size, uint64_t offset) HS_MUST_CHECK;
struct hs_error *hs_spool_read(int fd, void *bytes, size_t size, uint64_t offset) HS_MUST_CHECK;

#endif
