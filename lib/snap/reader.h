/* Reads snapshots: a stream of them from a file, standard input or memory, plain or zstd.
 *
 * A snapshot is handed out only whole and verified: header, lines, trailer with the right line count and
 * digest. Whatever is wrong is an HS_ERROR_FORMAT that names the stream and the line; a higher major schema
 * is HS_ERROR_UNSUPPORTED. Unknown kinds and unknown fields are ignored, a known field of a wrong type is an
 * error. Bytes are bounded by line (HS_SNAP_LINE_MAX), so a hostile stream costs no more memory than its
 * classes. zstd is known by its magic number. A struct hs_snap owns all that it points to. One thread at a
 * time a reader; a loaded snapshot is immutable. */
#ifndef HS_SNAP_READER_H
#define HS_SNAP_READER_H

#include "snap/snap.h"
#include <stdio.h>

#define HS_SNAP_LINE_MAX ((size_t)64 << 20)

struct hs_snap {
    struct hs_snap_header header;
    struct hs_snap_isolate *isolates;
    size_t isolate_count;
    struct hs_snap_space *spaces;
    size_t space_count;
    struct hs_snap_class *classes;
    size_t class_count;
    struct hs_snap_native *natives;
    size_t native_count;
    struct hs_snap_root *roots;
    size_t root_count;
    struct hs_snap_container *containers;
    size_t container_count;
    struct hs_snap_path *paths;
    size_t path_count;
    struct hs_snap_edge *edges;
    size_t edge_count;
    struct hs_snap_shared *shared;
    size_t shared_count;
    struct hs_snap_dominator *dominators;
    size_t dominator_count;
    struct hs_snap_reject *rejects;
    size_t reject_count;
    struct hs_snap_trailer trailer;
    struct hs_snap_arena *arena;
};

struct hs_snap_reader;

/* `path` "-" is standard input. */
struct hs_error *hs_snap_reader_open(const char *path, struct hs_snap_reader **ret) HS_MUST_CHECK;
/* Borrows the stream; `name` stands in messages. */
struct hs_error *hs_snap_reader_open_stream(FILE *stream, const char *name,
                                            struct hs_snap_reader **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_snap_reader_close(struct hs_snap_reader *reader);

/* The next snapshot, or NULL at the end of the stream. After an error the reader can only be closed. */
struct hs_error *hs_snap_reader_next(struct hs_snap_reader *reader, struct hs_snap **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_snap_destroy(struct hs_snap *snap);

#endif
