#include "js/address_map.h"

#include <stdlib.h>
#include <string.h>

static struct hs_address_entry *probe(struct hs_address_entry *slots, size_t capacity, uint64_t key) {
    size_t at = hs_address_mix(key) & (capacity - 1);
    while (slots[at].key && slots[at].key != key) at = (at + 1) & (capacity - 1);
    return &slots[at];
}

uint64_t *hs_address_map_find(const struct hs_address_map *map, uint64_t key) {
    if (!map->count || !key) return NULL;
    struct hs_address_entry *entry = probe(map->slots, map->capacity, key);
    return entry->key ? &entry->value : NULL;
}

static bool grow(struct hs_address_map *map) {
    size_t capacity = map->capacity ? map->capacity * 2 : 64;
    struct hs_address_entry *slots = calloc(capacity, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].key) *probe(slots, capacity, map->slots[i].key) = map->slots[i];
    free(map->slots);
    map->slots = slots;
    map->capacity = capacity;
    return true;
}

uint64_t *hs_address_map_put(struct hs_address_map *map, uint64_t key, uint64_t initial, bool *fresh_ret) {
    if (!key) return NULL;
    if (map->count >= map->capacity / 2 && !grow(map)) return NULL;
    struct hs_address_entry *entry = probe(map->slots, map->capacity, key);
    if (fresh_ret) *fresh_ret = !entry->key;
    if (!entry->key) {
        *entry = (struct hs_address_entry){key, initial};
        map->count++;
    }
    return &entry->value;
}

void hs_address_map_deinit(struct hs_address_map *map) {
    free(map->slots);
    memset(map, 0, sizeof *map);
}
