/* What the files of struct hs_core share with each other, and with nobody else.
 *
 * Order of work in hs_core_open(): bytes (mapped, or unpacked and mapped) → headers → segments → extents →
 * notes. Everything here is written by the opening thread only. */
#ifndef HS_ELF_CORE_PRIVATE_H
#define HS_ELF_CORE_PRIVATE_H

#include "elf/core.h"
#include "elf/header.h"

struct hs_core_private {
    const uint8_t *bytes; /* the whole core */
    size_t size;
    int fd;        /* of the mapped file (the unpacked one of a .zst); -1 for bytes in memory */
    void *mapping; /* what to unmap, or NULL */
    bool cut;      /* the compressed file ended early */
    char *path;
    struct hs_program_header *headers; /* only while opening */
    size_t header_count;
    hs_addr *load_starts; /* where the segments began before they were joined, ascending: an ELF header may be
                             there */
    bool *load_executable; /* for each of them, may the process execute it? */
    size_t load_start_count;
};

/* Program headers to priv->headers. Errors: not a core, not supported, headers cut off. */
struct hs_error *hs_core_headers_load(struct hs_core *core) HS_MUST_CHECK;
/* priv->headers to core->segments: clipped to the file, sorted, made disjoint, joined. */
struct hs_error *hs_core_segments_load(struct hs_core *core) HS_MUST_CHECK;
/* core->segments to core->extents, by the holes of the file. */
struct hs_error *hs_core_extents_load(struct hs_core *core) HS_MUST_CHECK;
/* Threads, mappings, auxiliary vector, process. */
struct hs_error *hs_core_notes_load(struct hs_core *core) HS_MUST_CHECK;

#endif
