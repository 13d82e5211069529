#include "js/names.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { CHUNK_BYTES = 64 << 10 };

struct hs_name_chunk {
    struct hs_name_chunk *next;
    size_t used, size;
    char bytes[];
};

static char *take(struct hs_names *names, size_t size) {
    struct hs_name_chunk *chunk = names->chunks;
    if (!chunk || size > chunk->size - chunk->used) {
        size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;
        chunk = malloc(sizeof *chunk + room);
        if (!chunk) return NULL;
        *chunk = (struct hs_name_chunk){.next = names->chunks, .size = room};
        names->chunks = chunk;
    }
    char *p = chunk->bytes + chunk->used;
    chunk->used += size;
    return p;
}

static struct hs_name_slot *probe(struct hs_name_slot *slots, size_t capacity, uint64_t hash,
                                  const char *text, size_t size) {
    size_t at = hash & (capacity - 1);
    for (; slots[at].text; at = (at + 1) & (capacity - 1))
        if (slots[at].hash == hash && memcmp(slots[at].text, text, size) == 0 && !slots[at].text[size]) break;
    return &slots[at];
}

static bool grow(struct hs_names *names) {
    size_t capacity = names->capacity ? names->capacity * 2 : 1024;
    struct hs_name_slot *slots = calloc(capacity, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < names->capacity; i++) {
        const struct hs_name_slot *slot = &names->slots[i];
        if (slot->text) *probe(slots, capacity, slot->hash, slot->text, strlen(slot->text)) = *slot;
    }
    free(names->slots);
    names->slots = slots;
    names->capacity = capacity;
    return true;
}

static const char *intern(struct hs_names *names, const char *text, size_t size) {
    if (!size) return "";
    if (names->count >= names->capacity / 2 && !grow(names)) {
        names->failed = true;
        return "";
    }
    uint64_t hash = XXH3_64bits(text, size);
    struct hs_name_slot *slot = probe(names->slots, names->capacity, hash, text, size);
    if (slot->text) return slot->text;
    char *copy = take(names, size + 1);
    if (!copy) {
        names->failed = true;
        return "";
    }
    memcpy(copy, text, size);
    copy[size] = '\0';
    *slot = (struct hs_name_slot){hash, copy};
    names->count++;
    return copy;
}

const char *hs_names_intern(struct hs_names *names, const char *text, size_t size) {
    if (!memchr(text, 0, size)) return intern(names, text, size);
    char *copy = malloc(size);
    if (!copy) {
        names->failed = true;
        return "";
    }
    for (size_t i = 0; i < size; i++) copy[i] = text[i] ? text[i] : ' ';
    const char *result = intern(names, copy, size);
    free(copy);
    return result;
}

const char *hs_names_put(struct hs_names *names, const char *text) {
    return intern(names, text, strlen(text));
}

void hs_names_deinit(struct hs_names *names) {
    while (names->chunks) {
        struct hs_name_chunk *next = names->chunks->next;
        free(names->chunks);
        names->chunks = next;
    }
    free(names->slots);
    memset(names, 0, sizeof *names);
}
