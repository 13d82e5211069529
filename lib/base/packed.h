/* Files packed by gzip or zstd, as plain ones.
 *
 * Which they are is told by their first bytes, not by their name. Random access needs the plain bytes, so a
 * packed file is unpacked once, streaming, into a file that has no name (TMPDIR, else /var/tmp, else /tmp)
 * and vanishes with its descriptor. Some room is left on the disk, so that a small file that unpacks to an
 * enormous one does not fill it. No global state; any thread. */
#ifndef HS_BASE_PACKED_H
#define HS_BASE_PACKED_H

#include "base/error.h"

/* The first bytes of what `fd` holds, unpacked: at most `size`. Fewer, or none, if there are no more or they
 * cannot be read. The place in the file is not kept. */
size_t hs_packed_start(int fd, void *bytes, size_t size);
/* If the file in *fd is packed, *fd becomes the unpacked one and the packed one is closed; a plain file is
 * left as it is. `path` is for messages. On failure *fd is as it was. Errors: damaged or cut data, no
 * temporary file, no room. */
struct hs_error *hs_packed_unpack(const char *path, int *fd) HS_MUST_CHECK;

#endif
