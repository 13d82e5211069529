/* Addresses to small values: the hash table of everything that is remembered per object.
 *
 * Open addressing, linear probing, keys never removed; key 0 is reserved (no object lives at 0). A zeroed
 * struct is an empty map. Used for the few rich things (functions, scripts, names, stores), never for every
 * object of a heap. One thread at a time. */
#ifndef HS_JS_ADDRESS_MAP_H
#define HS_JS_ADDRESS_MAP_H

#include "base/types.h"

struct hs_address_entry {
    uint64_t key, value;
};

struct hs_address_map {
    struct hs_address_entry *slots; /* key 0: empty */
    size_t count, capacity;         /* capacity: 0 or a power of two */
};

/* splitmix64's finaliser: also the mixing step of other hashes over addresses. */
static inline uint64_t hs_address_mix(uint64_t x) {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* The value of `key`, or NULL. Valid until the next put. */
uint64_t *hs_address_map_find(const struct hs_address_map *map, uint64_t key);
/* The value of `key`, made with `initial` if there was none (*fresh_ret tells; may be NULL); NULL without
 * memory or for key 0. Valid until the next put. */
uint64_t *hs_address_map_put(struct hs_address_map *map, uint64_t key, uint64_t initial, bool *fresh_ret);
void hs_address_map_deinit(struct hs_address_map *map);

#endif
