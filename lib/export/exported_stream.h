/* The edges between the walk that finds them and the writer that wants them: in a temporary file.
 *
 * A .heapsnapshot gives counts first, then nodes, whose names and numbers of edges depend on all edges; to
 * find the edges is most of an export's work. So they are found once, encoded (some seven bytes each) and
 * kept in a spool (base/spool.h), in segments of bounded size. An encoder is one thread's; it knows names by
 * their addresses. With the edges of a segment stands what this thread meets in it for the first time, in the
 * order in which it is met: taken segment by segment this gives each name of the file before the first edge
 * that needs it, in the order of the edges, whatever the threads did. What is not worth being remembered (a
 * text of its own, a large number) stands there each time ("occurrence").
 *
 * Segments are read back only by this code. */
#ifndef HS_EXPORT_EXPORTED_STREAM_H
#define HS_EXPORT_EXPORTED_STREAM_H

#include "base/strbuf.h"
#include "js/address_map.h"

enum { HS_STREAM_NUMBERS = 1 << 16 }; /* numbers below are remembered when they are names */

struct hs_stream_segment {
    uint64_t offset;
    uint32_t edge_bytes, fresh_bytes; /* one behind the other */
    uint32_t edges, occurrences;
    uint32_t thread; /* whose names */
};

struct hs_stream_recent {
    const char *name;
    uint32_t index;
};
enum { HS_STREAM_RECENT = 256 };

struct hs_encoder {
    struct hs_strbuf edges, fresh;    /* of the segment being made */
    uint32_t edge_count, occurrences; /* of it */
    struct hs_address_map indexes;    /* address of a name -> index */
    const char **names;
    uint32_t name_count, name_capacity;
    struct hs_stream_recent recent[HS_STREAM_RECENT]; /* the same few follow each other */
    uint64_t numbers[HS_STREAM_NUMBERS / 64];         /* met */
    bool failed;                                      /* memory has run out */
};

/* NULL without memory. */
struct hs_encoder *hs_encoder_create(void);
void hs_encoder_destroy(struct hs_encoder *encoder);

/* What an edge is called. */
enum hs_stream_form {
    HS_STREAM_INDEX,  /* by a number (element, hidden) */
    HS_STREAM_NAME,   /* by a name that stays where it is */
    HS_STREAM_TEXT,   /* by a text that does not */
    HS_STREAM_NUMBER, /* by a number that is a name */
};

/* `to`: the number of a node, or with `integer` the value of a small integer. */
struct hs_stream_edge {
    uint8_t type;
    bool integer;
    enum hs_stream_form form;
    const char *name;
    uint32_t index;
    int64_t to;
};
void hs_encoder_put(struct hs_encoder *encoder, const struct hs_stream_edge *edge);

/* Reading. All functions return false at the end, and if the bytes are not what an encoder wrote. */
struct hs_decoder {
    const uint8_t *at, *end;
};
struct hs_stream_fresh {
    enum hs_stream_form form; /* HS_STREAM_NAME: `index` is the thread's; HS_STREAM_TEXT, HS_STREAM_NUMBER */
    uint32_t index;
    const char *text;
    bool occurrence; /* the next one */
};
bool hs_decoder_fresh(struct hs_decoder *decoder, struct hs_stream_fresh *ret);

/* Numbers of names, as they were given to what was fresh. */
struct hs_stream_numbers {
    const uint32_t *names;   /* of the thread, by index */
    const uint32_t *numbers; /* by number */
    const uint32_t *occurrences;
};
struct hs_stream_decoded {
    uint8_t type;
    bool integer;
    uint32_t name; /* the index, or the name's number */
    int64_t to;
};
/* Moves numbers->occurrences on. */
bool hs_decoder_edge(struct hs_decoder *decoder, struct hs_stream_numbers *numbers,
                     struct hs_stream_decoded *ret);

#endif
