/* A core file, mapped once and read-only.
 *
 * Accepts ELF cores of gdb's gcore, of the kernel and of qemu-user, plain or `.zst` (decompressed to an
 * unlinked sparse temporary file). Every segment keeps apart what is present (bytes in the file), what is
 * absent (p_filesz < p_memsz, clipped by truncation) and what is a hole of a sparse file (present, all zero,
 * costs nothing to skip). Segments that are adjacent in the target and in the file are joined, so an object
 * may straddle their border (so may mappings of different kinds: a joined segment may hold several stacks;
 * its end is not the end of a stack). Where damaged segments overlap, the lower address wins; a file whose
 * bytes are claimed twice is refused. Invariants: hs_core_ptr(a, n) is NULL unless all n bytes are present;
 * no input can cause SIGBUS (a truncated file is clipped at open; a file that shrinks afterwards is the
 * user's own doing, but is checked by size once more at the end of a scan). Immutable after open: all
 * functions are safe from any thread. */
#ifndef HS_ELF_CORE_H
#define HS_ELF_CORE_H

#include "base/error.h"
#include "elf/arch.h"

enum { HS_SEGMENT_X = 1, HS_SEGMENT_W = 2, HS_SEGMENT_R = 4 }; /* PF_X, PF_W, PF_R */

struct hs_segment {
    hs_addr start;        /* first address */
    uint64_t memory_size; /* bytes in the target */
    uint64_t file_size;   /* bytes present from start on; the rest is absent */
    const uint8_t *data;  /* the present bytes; NULL when file_size is 0 */
    uint64_t file_offset;
    uint32_t flags;     /* HS_SEGMENT_* of the first of the joined ones */
    uint32_t any_flags; /* HS_SEGMENT_* of all the joined ones together: ask this for "may be writable" */
};

/* A stretch of a segment that holds data: holes of the file are left out. Ascending, within present bytes. */
struct hs_extent {
    hs_addr start;
    uint64_t size;
};

/* One NT_FILE entry. */
struct hs_mapping {
    hs_addr start, end;
    uint64_t file_offset; /* bytes */
    const char *path;     /* as in the core, NUL-terminated, unescaped */
};

struct hs_thread {
    uint32_t tid;
    uint64_t regs[64]; /* general registers in the order of NT_PRSTATUS, core->register_count of them */
    hs_addr sp, pc;
    hs_addr fp; /* frame pointer, 0 if the machine has no frame chain */
    hs_addr tp; /* thread pointer, 0 if unknown */
};

struct hs_auxv {
    uint64_t type, value;
};

struct hs_core {
    const char *path;
    const struct hs_arch *arch;
    struct hs_segment *segments; /* ascending by start, disjoint */
    size_t segment_count;
    struct hs_extent *extents; /* ascending */
    size_t extent_count;
    struct hs_mapping *mappings; /* NT_FILE, empty if the note is missing */
    size_t mapping_count;
    struct hs_thread *threads;
    size_t thread_count;
    unsigned register_count; /* of each thread */
    struct hs_auxv *auxv;
    size_t auxv_count;
    uint32_t pid;          /* of NT_PRPSINFO or the first thread; 0 if unknown */
    char program[17];      /* pr_fname, sanitised to printable ASCII */
    int64_t captured_at;   /* milliseconds since 1970 UTC (the file's mtime when the core says nothing), -1
                              unknown */
    bool truncated;        /* the file ends before its segments do */
    uint64_t absent_bytes; /* bytes of writable segments that should be there and are not (truncation) */
    uint64_t file_bytes;   /* apparent size of the core */
    struct hs_core_private *priv;
};

/* Opens and maps `path`. Errors name the file and say what it is when it is no core (an executable, a
 * directory, empty, 32-bit machine not supported, …) and what to do. */
struct hs_error *hs_core_open(const char *path, struct hs_core **ret) HS_MUST_CHECK;
/* The same for bytes in memory (tests, fuzzing); the bytes must outlive the core. Never NULL-terminated, any
 * content. */
struct hs_error *hs_core_open_memory(const void *bytes, size_t size, const char *name,
                                     struct hs_core **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_core_close(struct hs_core *core);

/* The segment that holds `addr`, or NULL. Binary search. */
const struct hs_segment *hs_core_segment_find(const struct hs_core *core, hs_addr addr);
/* May the process execute what is at `addr`? By the program header that it belongs to, not by the joined
 * segment: the memory behind V8's range of code may be malloc's. */
bool hs_core_is_executable(const struct hs_core *core, hs_addr addr);
/* Bytes [addr, addr+size) of the core itself, or NULL unless all are present in one (joined) segment. */
const void *hs_core_ptr(const struct hs_core *core, hs_addr addr, uint64_t size);
/* A pointer-sized word; false if absent. */
bool hs_core_word(const struct hs_core *core, hs_addr addr, uint64_t *ret);
bool hs_core_u32(const struct hs_core *core, hs_addr addr, uint32_t *ret);
/* Value of an auxiliary vector entry (AT_*); false if absent. */
bool hs_core_auxv_find(const struct hs_core *core, uint64_t type, uint64_t *ret);
/* HS_ERROR_IO if the file has changed its size since it was opened. */
struct hs_error *hs_core_recheck(const struct hs_core *core) HS_MUST_CHECK;

#endif
