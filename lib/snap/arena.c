#include "snap/arena.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 1 << 16, ALIGNMENT = 16 };

struct block {
    struct block *next;
    size_t used, size;
    unsigned char bytes[] __attribute__((aligned(16)));
};

struct hs_snap_arena {
    struct block *blocks; /* the one in use first */
};

struct hs_snap_arena *hs_snap_arena_create(void) {
    return calloc(1, sizeof(struct hs_snap_arena));
}

void hs_snap_arena_destroy(struct hs_snap_arena *arena) {
    if (!arena) return;
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

void *hs_snap_arena_alloc(struct hs_snap_arena *arena, size_t size) {
    if (size > SIZE_MAX / 2) return NULL;
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct block *block = arena->blocks;
    if (!block || block->size - block->used < size) {
        size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        block = calloc(1, sizeof *block + room);
        if (!block) return NULL;
        block->size = room;
        /* A block made for one big thing goes behind the one in use, which still has room. */
        if (arena->blocks && size > BLOCK_SIZE) {
            block->next = arena->blocks->next;
            arena->blocks->next = block;
        } else {
            block->next = arena->blocks;
            arena->blocks = block;
        }
    }
    void *bytes = block->bytes + block->used;
    block->used += size;
    return bytes;
}

char *hs_snap_arena_string(struct hs_snap_arena *arena, const char *text, size_t size) {
    char *copy = hs_snap_arena_alloc(arena, size + 1);
    if (!copy) return NULL;
    for (size_t i = 0; i < size; i++) copy[i] = text[i] ? text[i] : ' ';
    return copy;
}
