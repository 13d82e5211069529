/* What the files of an index share: the form of the file. Integers are of this machine. */
#ifndef HS_INDEX_PRIVATE_H
#define HS_INDEX_PRIVATE_H

#include "base/blocks.h"
#include "group/answers.h"
#include "group/tally.h"
#include "group/branch_tree.h"
#include "group/holdings.h"
#include "index/index.h"

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
    HS_SECTION_FOUND_PATHS, /* struct hs_holdings */
    HS_SECTION_FOUND_EDGES,
    HS_SECTION_FOUND_CONTAINERS,
    HS_SECTION_FOUND_SUSPECTS,
    HS_SECTION_FOUND_ROOTS,
    HS_SECTION_FOUND_SHARED,
    HS_SECTION_FOUND_IDOMS,
    HS_SECTION_FOUND_SUMS,  /* of shared objects: objects, bytes */
    HS_SECTION_BRANCH_TREE, /* struct hs_index_tree, and its rows: struct hs_branch_row */
    HS_SECTION_BRANCHES,
    HS_SECTION_LARGE, /* struct hs_large_object */
    HS_SECTION_WORDS, /* from here on checked where it is touched */
    HS_SECTION_CLASS_OF,
    HS_SECTION_NUMBER,
    HS_SECTION_VERTEX,
    HS_SECTION_IDOM,
    HS_SECTION_RETAINED,
    HS_SECTION_CHILD_FIRST, /* dominated.first, dominated.child */
    HS_SECTION_CHILDREN,
    HS_SECTION_PARENT,
    HS_SECTION_SOURCE_FIRST, /* reverse.first, reverse.from */
    HS_SECTION_SOURCES,
    HS_SECTION_COUNT,
    HS_SECTION_FIRST_LAZY = HS_SECTION_WORDS
};

/* The lazy part begins at a page of the host, whatever its size. */
enum {
    HS_INDEX_VERSION = 9,
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

/* Rows of holdings. Names and keys: offsets of strings, UINT32_MAX none. */
struct hs_index_path {
    uint32_t parent, class, name, step, chain, sample;
    uint64_t count, bytes, fanout, below;
};
struct hs_index_edge {
    uint32_t from, to, name, step;
    uint64_t count;
};
struct hs_index_container {
    uint32_t id, path, keys, spare;
    uint64_t entries, capacity, bytes, retained;
};
struct hs_index_suspect {
    uint32_t id, class, path, held_class, is_class, spare;
    uint64_t count, retained, at_path, held_count, held_bytes;
};
struct hs_index_root {
    uint32_t isolate, category;
    uint64_t count, bytes, retained;
};
struct hs_index_shared {
    uint32_t path, holder_count;
    struct {
        uint32_t path, step, name;
    } holders[HS_SHARED_HOLDERS];
    uint64_t count, bytes;
};
struct hs_index_tree {
    uint64_t least, children_bytes;
    uint32_t children, depth, cut, spare;
};
/* Each malloc'ed. */
struct hs_index_rows {
    struct hs_index_path *paths;
    struct hs_index_edge *edges;
    struct hs_index_container *containers;
    struct hs_index_suspect *suspects;
    struct hs_index_root *roots;
    struct hs_index_shared *shared;
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
    struct hs_answers answers; /* first: hs_group.answers */
    struct hs_blocks *blocks;
    const struct hs_index_header *header;
    const struct hs_index_counts *counts;
    const struct hs_v8 *v8;
    struct hs_group *group;
    struct hs_analysis *analysis;
    const char **properties;
    uint32_t *before; /* of all pages */
    struct hs_dominated dominated;
    uint32_t *first; /* of a graph that was asked for */
    uint64_t *missing;
    hs_id *to;
};

static inline struct hs_index *hs_index_of(const struct hs_group *group) {
    return (struct hs_index *)group->answers;
}
uint64_t hs_index_header_digest(const struct hs_index_header *header);
/* Maps the file and checks header and sums: the form alone. */
struct hs_error *hs_index_open(const char *path, struct hs_blocks **ret) HS_MUST_CHECK;

static inline const void *hs_index_at(const struct hs_index *index, enum hs_index_section section) {
    return index->blocks->data + index->header->sections[section].offset;
}
static inline uint64_t hs_index_length(const struct hs_index *index, enum hs_index_section section) {
    return index->header->sections[section].size / HS_INDEX_ELEMENT[section];
}
/* NULL if there is no such string. */
static inline const char *hs_index_string(const struct hs_index *index, uint64_t offset) {
    return offset < hs_index_length(index, HS_SECTION_STRINGS)
               ? (const char *)hs_index_at(index, HS_SECTION_STRINGS) + offset
               : NULL;
}
/* index_holdings.c; the strings must have been checked. `string` gives the offset of a text. */
struct hs_error *hs_index_holdings(const struct hs_index *index, struct hs_holdings **ret) HS_MUST_CHECK;
struct hs_error *hs_index_put_holdings(const struct hs_holdings *holdings, struct hs_index_rows *rows,
                                       uint32_t (*string)(void *context, const char *text),
                                       void *context) HS_MUST_CHECK;
/* index_branches.c: the rows lie in the file, the tree is malloc'ed. */
struct hs_error *hs_index_branches(const struct hs_index *index, struct hs_branch_tree **ret) HS_MUST_CHECK;
/* index_answers.c: what answers, but for the two that destroy. */
extern const struct hs_answers HS_INDEX_ANSWERS;
/* hs_block_check of the lazy sections; `context` is the index. */
bool hs_index_block_check(void *context, uint64_t offset, const uint8_t *bytes);

#endif
