/* A compressed core becomes a sparse temporary file.
 *
 * Cores need random access, so a `.zst` is unpacked once, streaming, into a file that has no name (TMPDIR,
 * else /var/tmp, else /tmp) and vanishes with its descriptor. Blocks of zeroes become holes, so 10 GB of
 * reservations cost nothing. The caller owns the returned descriptor. No global state; any thread. */
#ifndef HS_ELF_CORE_ZST_H
#define HS_ELF_CORE_ZST_H

#include "base/error.h"

struct hs_core_zst_limits {
    uint64_t written;  /* bytes that may go to disk; UINT64_MAX: what the file system has free */
    uint64_t unpacked; /* bytes in all, zeroes included */
};

/* Does the file begin as zstd data does (a frame, or a skippable frame)? */
bool hs_core_zst_is(const void *bytes, size_t size);
/* Unpacks `fd` (from offset 0). `path` is for messages. `*cut_ret` tells that the data end in the middle of a
 * frame: what came before it is there. Stops early if the first bytes are no ELF file. Errors: no temporary
 * file, disk full, damaged data. */
struct hs_error *hs_core_zst_unpack(int fd, const char *path, const struct hs_core_zst_limits *limits,
                                    int *fd_ret, bool *cut_ret) HS_MUST_CHECK;

#endif
