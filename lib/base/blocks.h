/* A file of raw arrays that is read where it lies, and believed block by block.
 *
 * The file is mapped; a block of HS_BLOCK_SIZE bytes is checked against its sum, and by the caller's own
 * check, when somebody touches it for the first time. So a question that needs a thousand numbers of a
 * gigabyte costs a thousand numbers. Whoever reads the mapped bytes touches them first; what was never
 * touched may be anything.
 *
 * A block that fails makes the whole lazy part of the file read as zeroes from then on, and sets `damaged`:
 * the reader goes on with numbers that are wrong but within bounds (the format must be such that 0 is always
 * within bounds), and its caller throws the result away. Hence there is no error to handle where arrays are
 * read.
 *
 * Only a file of our own is opened: regular, of this user, writable by no one else. Its writer replaces it by
 * rename and never writes into it, so it does not change under us. Any thread may touch. */
#ifndef HS_BASE_BLOCKS_H
#define HS_BASE_BLOCKS_H

#include <stdatomic.h>

#include "base/error.h"

enum { HS_BLOCK_SIZE = 16384 };

/* True if the bytes of a block, whose sum is right, are what the reader can bear. `offset`: in the file. */
typedef bool hs_block_check(void *context, uint64_t offset, const uint8_t *bytes);

struct hs_blocks {
    const uint8_t *data;
    uint64_t size;         /* a whole number of blocks */
    uint64_t lazy;         /* offset of the first block that may become zeroes; before it nothing does */
    const uint64_t *sums;  /* XXH3-64 of each block; set by the caller, from bytes that it has verified */
    uint64_t sum_count;    /* blocks from here on have no sum and can't be touched */
    hs_block_check *check; /* may be NULL */
    void *context;
    atomic_uchar *good; /* one a block */
    atomic_bool damaged;
};

/* Maps the file. HS_ERROR_IO: there is none (errno is kept in the text); HS_ERROR_FORMAT: not such a file. */
struct hs_error *hs_blocks_open(const char *path, struct hs_blocks **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_blocks_close(struct hs_blocks *blocks);

/* Checks the blocks of [offset, offset + size); false if one is bad or the range is not in the file. Changes
 * nothing. */
bool hs_blocks_verify(struct hs_blocks *blocks, uint64_t offset, uint64_t size);
/* The same with several threads, for much. */
bool hs_blocks_verify_with(struct hs_blocks *blocks, uint64_t offset, uint64_t size, unsigned threads);
/* Before reading `size` bytes at `p`: from here on they are right, or zeroes. */
void hs_blocks_touch_range(struct hs_blocks *blocks, const void *p, uint64_t size, unsigned threads);
/* Arrays that did not come from a file have no blocks. */
static inline void hs_blocks_touch(struct hs_blocks *blocks, const void *p, uint64_t size) {
    if (__builtin_expect(blocks != NULL, 0)) hs_blocks_touch_range(blocks, p, size, 1);
}

#endif
