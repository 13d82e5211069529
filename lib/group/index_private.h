/* What the files of an index share: the form of the file. Integers are of this machine. */
#ifndef HS_GROUP_INDEX_PRIVATE_H
#define HS_GROUP_INDEX_PRIVATE_H

#include "base/blocks.h"
#include "group/group_private.h"
#include "group/index.h"

/* In the order of the file. */
enum hs_index_section {
    HS_SECTION_COUNTS,  /* struct hs_index_counts */
    HS_SECTION_STRINGS, /* NUL-terminated, one behind the other; offset 0 is "" */
    HS_SECTION_CLASSES,
    HS_SECTION_PROPERTIES, /* offsets of strings, class by class */
    HS_SECTION_STANDINGS,
    HS_SECTION_ACCOUNTS,
    HS_SECTION_TOTALS,        /* struct hs_index_total: natives of the group */
    HS_SECTION_BUFFERS,       /* struct hs_store */
    HS_SECTION_TEXTS,         /* struct hs_store: external strings */
    HS_SECTION_STORE_CLASSES, /* by isolate: of buffers, then of texts */
    HS_SECTION_NOTES,         /* offsets of strings */
    HS_SECTION_ROOTS,
    HS_SECTION_NATIVES,
    HS_SECTION_OWNERS,
    HS_SECTION_EPHEMERONS,
    HS_SECTION_PAYLOADS,
    HS_SECTION_PAGES,  /* objects of each page */
    HS_SECTION_STARTS, /* of the pages that have objects */
    HS_SECTION_MARKS,
    HS_SECTION_WORDS, /* from here on checked where it is touched */
    HS_SECTION_CLASS_OF,
    HS_SECTION_NUMBER,
    HS_SECTION_VERTEX,
    HS_SECTION_IDOM,
    HS_SECTION_RETAINED,
    HS_SECTION_PARENT,
    HS_SECTION_SOURCE_FIRST, /* reverse.first, reverse.from */
    HS_SECTION_SOURCES,
    HS_SECTION_COUNT,
    HS_SECTION_FIRST_LAZY = HS_SECTION_WORDS
};

/* The lazy part begins at a page of the host, whatever its size. */
enum {
    HS_INDEX_VERSION = 2,
    HS_INDEX_ORDER = 0x01020304,
    HS_INDEX_LAZY_ALIGN = 65536,
    HS_INDEX_PATH_MAX = 4096
};
static const char HS_INDEX_MAGIC[8] = "HSINDEX";

struct hs_index_counts {
    uint32_t objects, nodes, reachable, classes, spaces, isolates, pages, weak_handles;
};
struct hs_index_class {
    uint32_t constructor, script; /* offsets of strings; script UINT32_MAX: none */
    uint32_t property_count;
    int32_t line, column;
    uint16_t isolate;
    uint8_t type, dictionary;
    uint64_t count, bytes, elements, sample;
};
struct hs_index_total {
    uint64_t name, bytes, count;
};

struct hs_index_header {
    char magic[8];
    uint32_t version, order, word_size, section_count;
    struct hs_index_key key;
    uint64_t sums, sums_digest; /* offset of the table; it has a number for each block before it */
    struct {
        uint64_t offset, size; /* bytes */
    } sections[HS_SECTION_COUNT];
    char core_path[HS_INDEX_PATH_MAX];
    uint64_t digest; /* of all above */
};
_Static_assert(sizeof(struct hs_index_header) <= HS_BLOCK_SIZE, "the header is one block");

/* Bytes of an element. */
extern const uint8_t HS_INDEX_ELEMENT[HS_SECTION_COUNT];

struct hs_index {
    struct hs_blocks *blocks;
    const struct hs_index_header *header;
    const struct hs_index_counts *counts;
    const struct hs_v8 *v8;
    struct hs_group *group;
    struct hs_analysis *analysis;
    const char **properties;
    uint32_t *before; /* of all pages */
    uint32_t *first;  /* of a graph that was asked for */
    hs_id *to;
};

uint64_t hs_index_header_digest(const struct hs_index_header *header);
/* Maps the file and checks header and sums: the form alone. */
struct hs_error *hs_index_open(const char *path, struct hs_blocks **ret) HS_MUST_CHECK;

static inline const void *hs_index_at(const struct hs_index *index, enum hs_index_section section) {
    return index->blocks->data + index->header->sections[section].offset;
}
static inline uint64_t hs_index_length(const struct hs_index *index, enum hs_index_section section) {
    return index->header->sections[section].size / HS_INDEX_ELEMENT[section];
}
/* hs_block_check of the lazy sections; `context` is the index. */
bool hs_index_block_check(void *context, uint64_t offset, const uint8_t *bytes);

#endif
