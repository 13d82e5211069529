#include "base/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

static struct hs_error *map(int fd, const char *path, struct hs_blocks *blocks) {
    struct stat status;
    if (fstat(fd, &status) != 0) return hs_error_create_errno("%s: cannot be read", path);
    if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || status.st_mode & (S_IWGRP | S_IWOTH))
        return hs_error_create(HS_ERROR_FORMAT, "%s: not a file that only this user can write", path);
    if (status.st_size < HS_BLOCK_SIZE || status.st_size % HS_BLOCK_SIZE)
        return hs_error_create(HS_ERROR_FORMAT, "%s: cut off", path);
    void *data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) return hs_error_create_errno("%s: cannot be mapped", path);
    blocks->data = data;
    blocks->size = (uint64_t)status.st_size;
    blocks->lazy = blocks->size;
    blocks->good = calloc(blocks->size / HS_BLOCK_SIZE, sizeof *blocks->good);
    return blocks->good ? NULL : HS_ENOMEM;
}

struct hs_error *hs_blocks_open(const char *path, struct hs_blocks **ret) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return hs_error_create_errno("%s", path);
    struct hs_blocks *blocks = calloc(1, sizeof *blocks);
    struct hs_error *error = blocks ? map(fd, path, blocks) : HS_ENOMEM;
    close(fd);
    if (error) {
        hs_blocks_close(blocks);
        return error;
    }
    *ret = blocks;
    return NULL;
}

void hs_blocks_close(struct hs_blocks *blocks) {
    if (!blocks) return;
    if (blocks->data) munmap((void *)blocks->data, (size_t)blocks->size);
    free(blocks->good);
    free(blocks);
}

static bool verify_block(struct hs_blocks *blocks, uint64_t block) {
    if (atomic_load_explicit(&blocks->good[block], memory_order_acquire)) return true;
    const uint8_t *bytes = blocks->data + block * HS_BLOCK_SIZE;
    if (block >= blocks->sum_count || XXH3_64bits(bytes, HS_BLOCK_SIZE) != blocks->sums[block]) return false;
    if (blocks->check && !blocks->check(blocks->context, block * HS_BLOCK_SIZE, bytes)) return false;
    atomic_store_explicit(&blocks->good[block], 1, memory_order_release);
    return true;
}

bool hs_blocks_verify(struct hs_blocks *blocks, uint64_t offset, uint64_t size) {
    if (offset > blocks->size || size > blocks->size - offset) return false;
    if (!size) return true;
    for (uint64_t block = offset / HS_BLOCK_SIZE; block <= (offset + size - 1) / HS_BLOCK_SIZE; block++)
        if (!verify_block(blocks, block)) return false;
    return true;
}

struct part {
    struct hs_blocks *blocks;
    uint64_t offset, size;
    pthread_t thread;
    bool started, good;
};

static void *verify_part(void *argument) {
    struct part *part = argument;
    part->good = hs_blocks_verify(part->blocks, part->offset, part->size);
    return NULL;
}

enum { PARTS_MAX = 16, PART_LEAST = 4 << 20 };

bool hs_blocks_verify_with(struct hs_blocks *blocks, uint64_t offset, uint64_t size, unsigned threads) {
    struct part parts[PARTS_MAX] = {{0}};
    if (offset > blocks->size || size > blocks->size - offset) return false;
    uint64_t count = size / PART_LEAST < threads ? size / PART_LEAST : threads, share;
    if (count > PARTS_MAX) count = PARTS_MAX;
    if (count < 2) return hs_blocks_verify(blocks, offset, size);
    bool good = true;
    share = size / count / HS_BLOCK_SIZE * HS_BLOCK_SIZE;
    for (uint64_t i = 0; i < count; i++) {
        parts[i] = (struct part){
            .blocks = blocks, .offset = offset + i * share, .size = i + 1 < count ? share : size - i * share};
        /* The first one is this thread's. */
        parts[i].started = i && pthread_create(&parts[i].thread, NULL, verify_part, &parts[i]) == 0;
    }
    for (uint64_t i = 0; i < count; i++) {
        if (parts[i].started) pthread_join(parts[i].thread, NULL);
        else verify_part(&parts[i]);
        good = good && parts[i].good;
    }
    return good;
}

/* One mapping more, whatever happens: a file that is bad in one block is bad. */
static void condemn(struct hs_blocks *blocks) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint64_t from = (blocks->lazy + page - 1) / page * page;
    if (from < blocks->size &&
        mmap((void *)(blocks->data + from), (size_t)(blocks->size - from), PROT_READ,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == MAP_FAILED)
        abort(); /* it replaces a mapping that is there: the kernel has no reason to refuse */
    for (uint64_t block = blocks->lazy / HS_BLOCK_SIZE; block < blocks->size / HS_BLOCK_SIZE; block++)
        atomic_store(&blocks->good[block], 1);
    atomic_store(&blocks->damaged, true);
}

void hs_blocks_touch_range(struct hs_blocks *blocks, const void *p, uint64_t size, unsigned threads) {
    if (!size || atomic_load_explicit(&blocks->damaged, memory_order_relaxed)) return;
    uint64_t offset = (uint64_t)((const uint8_t *)p - blocks->data);
    /* The one number, mostly of a block that was touched before. */
    if (offset / HS_BLOCK_SIZE == (offset + size - 1) / HS_BLOCK_SIZE && offset < blocks->size &&
        atomic_load_explicit(&blocks->good[offset / HS_BLOCK_SIZE], memory_order_acquire))
        return;
    if (!hs_blocks_verify_with(blocks, offset, size, threads)) condemn(blocks);
}
