/* A core file, written sparse: what is not in memory takes no disk.
 *
 * gdb's gcore writes reserved address ranges as zeroes, tens of gigabytes for a program with some WebAssembly
 * memories. Here only pages that are present (or swapped out) are read, pages of zeroes become holes, and the
 * limits are checked before the process is stopped and again while it is read. The file has no name until it
 * is whole (O_TMPFILE; where the file system has none, NAME.part), so nothing is left behind whatever ends
 * this program. Mode 0600: a core holds everything that the process knew. */
#ifndef HS_DUMP_WRITER_H
#define HS_DUMP_WRITER_H

#include "base/error.h"
#include <signal.h>
#include <sys/types.h>

struct dump_limits {
    int64_t max_size;               /* bytes on disk; 0: none */
    int64_t min_free;               /* bytes that are left on the disk; 0: none */
    double max_pause;               /* seconds; 0: none */
    volatile sig_atomic_t *stopped; /* set by a signal: end cleanly */
};

struct dump_result {
    uint64_t on_disk, apparent; /* bytes */
    uint64_t unreadable;        /* pages that the system would not give; they are holes */
    size_t threads;
    double pause; /* seconds that the process was held; also set on error */
};

struct hs_error *dump_core(pid_t pid, const char *path, const struct dump_limits *limits,
                           struct dump_result *ret) HS_MUST_CHECK;

#endif
