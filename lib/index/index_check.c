/* What a reader of an index can bear: the form of the file, and the bounds of every number in it. */
#include "index/index_private.h"

#include <string.h>
#include <xxhash.h>

static struct hs_error *bad(const char *path, const char *what) {
    return hs_error_create(HS_ERROR_FORMAT, "%s: %s", path, what);
}

static bool sections_fit(const struct hs_index_header *header) {
    uint64_t at = HS_BLOCK_SIZE;
    for (int i = 0; i < HS_SECTION_COUNT; i++) {
        uint64_t offset = header->sections[i].offset, size = header->sections[i].size;
        uint64_t align = i == HS_SECTION_FIRST_LAZY ? HS_INDEX_LAZY_ALIGN : HS_BLOCK_SIZE;
        if (offset % align || offset < at || offset > header->sums || size > header->sums - offset ||
            size % HS_INDEX_ELEMENT[i])
            return false;
        at = offset + size;
    }
    return true;
}

struct hs_error *hs_index_open(const char *path, struct hs_blocks **ret) {
    struct hs_blocks *blocks;
    HS_TRY(hs_blocks_open(path, &blocks));
    const struct hs_index_header *header = (const void *)blocks->data;
    struct hs_error *error = NULL;
    uint64_t count = header->sums / HS_BLOCK_SIZE;
    if (memcmp(header->magic, HS_INDEX_MAGIC, sizeof header->magic) != 0)
        error = bad(path, "no index of heapscan");
    else if (header->version != HS_INDEX_VERSION || header->order != HS_INDEX_ORDER ||
             header->word_size != sizeof(void *) || header->section_count != HS_SECTION_COUNT)
        error = bad(path, "an index of another heapscan");
    else if (header->digest != hs_index_header_digest(header)) error = bad(path, "damaged header");
    else if (header->sums % HS_BLOCK_SIZE || header->sums < HS_BLOCK_SIZE || header->sums > blocks->size ||
             count * sizeof(uint64_t) > blocks->size - header->sums)
        error = bad(path, "cut off");
    else if (header->core_path[HS_INDEX_PATH_MAX - 1] || !sections_fit(header))
        error = bad(path, "damaged header");
    else if (XXH3_64bits(blocks->data + header->sums, (size_t)(count * sizeof(uint64_t))) !=
             header->sums_digest)
        error = bad(path, "damaged sums");
    if (error) {
        hs_blocks_close(blocks);
        return error;
    }
    blocks->sums = (const void *)(blocks->data + header->sums);
    blocks->sum_count = count;
    blocks->lazy = header->sections[HS_SECTION_FIRST_LAZY].offset;
    *ret = blocks;
    return NULL;
}

/* --- the big arrays: one block of them */

/* Loops without a way out: compilers make vectors of them. `bound` is exclusive. */
static bool below(const uint32_t *p, size_t count, uint32_t bound) {
    uint32_t over = 0;
    for (size_t i = 0; i < count; i++) over |= p[i] >= bound;
    return !over;
}
/* Numbers of nodes: 0 is the virtual root, which nobody dominates. */
static bool from_one_below(const uint32_t *p, size_t count, uint32_t bound) {
    uint32_t over = 0;
    for (size_t i = 0; i < count; i++) over |= p[i] - 1 >= bound - 1;
    return !over;
}
static bool below_or_none(const uint32_t *p, size_t count, uint32_t bound) {
    uint32_t over = 0;
    for (size_t i = 0; i < count; i++) over |= (p[i] >= bound) & (p[i] != UINT32_MAX);
    return !over;
}
/* A dominator's number is lower than that of what it dominates; 0 is its own. */
static bool below_own(const uint32_t *p, size_t count, uint32_t first) {
    uint32_t over = 0;
    for (size_t i = 0; i < count; i++) over |= p[i] >= first + (uint32_t)i;
    return !over || (first == 0 && p[0] == 0 && below_own(p + 1, count - 1, 1));
}

bool hs_index_block_check(void *context, uint64_t offset, const uint8_t *bytes) {
    const struct hs_index *index = context;
    const struct hs_index_counts *n = index->counts;
    int section = HS_SECTION_FIRST_LAZY;
    if (offset < index->header->sections[section].offset) return true; /* checked by the reader */
    while (section + 1 < HS_SECTION_COUNT && offset >= index->header->sections[section + 1].offset) section++;
    uint64_t into = offset - index->header->sections[section].offset,
             size = index->header->sections[section].size;
    if (into >= size) return true; /* fills up */
    uint64_t left = size - into < HS_BLOCK_SIZE ? size - into : HS_BLOCK_SIZE;
    size_t count = (size_t)(left / 4);
    const uint32_t *p = (const void *)bytes;
    switch (section) {
    case HS_SECTION_CLASS_OF:
        return below_or_none(p, count, n->classes);
    case HS_SECTION_NUMBER:
        return below(p, count, n->reachable + 1);
    case HS_SECTION_VERTEX:
        return into ? below(p, count, n->nodes) : p[0] == HS_ID_NONE && below(p + 1, count - 1, n->nodes);
    case HS_SECTION_IDOM:
        return below_own(p, count, (uint32_t)(into / 4));
    case HS_SECTION_CHILD_FIRST:
        return below(p, count, n->reachable + 1);
    case HS_SECTION_CHILDREN:
        return from_one_below(p, count, n->reachable + 1);
    case HS_SECTION_PARENT:
        return below_or_none(p, count, n->nodes);
    case HS_SECTION_SOURCE_FIRST:
        return hs_index_length(index, HS_SECTION_SOURCES) >= UINT32_MAX ||
               below(p, count, (uint32_t)hs_index_length(index, HS_SECTION_SOURCES) + 1);
    case HS_SECTION_SOURCES:
        return below(p, count, n->nodes);
    default:
        return true; /* sizes are only added up and compared */
    }
}
