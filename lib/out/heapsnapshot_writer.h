/* Writes a .heapsnapshot file: the format that Chrome DevTools and memlab read, as a stream.
 *
 * Knows the format, nothing of V8 (docs: V8's HeapSnapshotJSONSerializer; DevTools' HeapSnapshotLoader reads
 * forward only, so the order is fixed). Counts are given at the start; then come all nodes, all edges grouped
 * by their node in the order of the nodes, all locations. hs_heapsnapshot_writer_finish() checks that the
 * counts were right and adds the strings, each once.
 *
 * Memory does not depend on the size of the file: of a string only its hash and number are kept (16 bytes a
 * slot), its text waits in an unnamed temporary file once there is much of it. The file appears under its
 * name when all is written (snap/outfile.h); a name ending in .zst is compressed. An hs_error leaves the
 * writer unusable but for destroy. One thread at a time. */
#ifndef HS_OUT_HEAPSNAPSHOT_WRITER_H
#define HS_OUT_HEAPSNAPSHOT_WRITER_H

#include "base/error.h"
#include "base/strbuf.h"

/* Node types by number, as V8 writes them. */
enum hs_heapsnapshot_node_type {
    HS_HEAPSNAPSHOT_NODE_HIDDEN,
    HS_HEAPSNAPSHOT_NODE_ARRAY,
    HS_HEAPSNAPSHOT_NODE_STRING,
    HS_HEAPSNAPSHOT_NODE_OBJECT,
    HS_HEAPSNAPSHOT_NODE_CODE,
    HS_HEAPSNAPSHOT_NODE_CLOSURE,
    HS_HEAPSNAPSHOT_NODE_REGEXP,
    HS_HEAPSNAPSHOT_NODE_NUMBER,
    HS_HEAPSNAPSHOT_NODE_NATIVE,
    HS_HEAPSNAPSHOT_NODE_SYNTHETIC,
    HS_HEAPSNAPSHOT_NODE_CONS_STRING,
    HS_HEAPSNAPSHOT_NODE_SLICED_STRING,
    HS_HEAPSNAPSHOT_NODE_SYMBOL,
    HS_HEAPSNAPSHOT_NODE_BIGINT,
    HS_HEAPSNAPSHOT_NODE_OBJECT_SHAPE
};

struct hs_heapsnapshot_writer;

struct hs_error *hs_heapsnapshot_writer_open(const char *path, uint64_t node_count, uint64_t edge_count,
                                             struct hs_heapsnapshot_writer **ret) HS_MUST_CHECK;
/* Number of a text (UTF-8; broken parts become U+FFFD). */
struct hs_error *hs_heapsnapshot_writer_string(struct hs_heapsnapshot_writer *writer, const char *text,
                                               size_t size, uint32_t *ret) HS_MUST_CHECK;
/* The same where the text's XXH3 is known. Many texts are best told some time before (`expect`), so that
 * their places in the table are in the cache. */
void hs_heapsnapshot_writer_expect(const struct hs_heapsnapshot_writer *writer, uint64_t hash);
struct hs_error *hs_heapsnapshot_writer_hashed(struct hs_heapsnapshot_writer *writer, const char *text,
                                               size_t size, uint64_t hash, uint32_t *ret) HS_MUST_CHECK;
/* The same for a NUL-terminated text that stays at its address until the writer ends: found by its address
 * from then on. */
struct hs_error *hs_heapsnapshot_writer_name(struct hs_heapsnapshot_writer *writer, const char *text,
                                             uint32_t *ret) HS_MUST_CHECK;
/* The same for the decimal text of a number. */
struct hs_error *hs_heapsnapshot_writer_number(struct hs_heapsnapshot_writer *writer, uint32_t number,
                                               uint32_t *ret) HS_MUST_CHECK;

/* `size` above 2^32 - 1 is written as that: readers keep 32 bits. */
struct hs_error *hs_heapsnapshot_write_node(struct hs_heapsnapshot_writer *writer,
                                            enum hs_heapsnapshot_node_type type, uint32_t name, uint64_t id,
                                            uint64_t size, uint32_t edge_count) HS_MUST_CHECK;
/* `type`: 0 context, 1 element, 2 property, 3 internal, 4 hidden, 5 shortcut, 6 weak. `name`: an index for
 * element and hidden, else a string. `to`: the number of a node. */
struct hs_error *hs_heapsnapshot_write_edge(struct hs_heapsnapshot_writer *writer, unsigned type,
                                            uint32_t name, uint32_t to) HS_MUST_CHECK;
/* The same for many edges at a time: format_edge appends one to `text`, on any thread; write_edges takes
 * texts in the order of the edges, and how many edges each is. */
void hs_heapsnapshot_format_edge(const struct hs_heapsnapshot_writer *writer, unsigned type, uint32_t name,
                                 uint32_t to, struct hs_strbuf *text);
struct hs_error *hs_heapsnapshot_write_edges(struct hs_heapsnapshot_writer *writer,
                                             const struct hs_strbuf *text, size_t count) HS_MUST_CHECK;
/* Line and column from 0. */
struct hs_error *hs_heapsnapshot_write_location(struct hs_heapsnapshot_writer *writer, uint32_t node,
                                                uint32_t script, uint32_t line,
                                                uint32_t column) HS_MUST_CHECK;
struct hs_error *hs_heapsnapshot_writer_finish(struct hs_heapsnapshot_writer *writer) HS_MUST_CHECK;
/* Takes NULL. Without finish nothing is left of the file. */
void hs_heapsnapshot_writer_destroy(struct hs_heapsnapshot_writer *writer);

#endif
