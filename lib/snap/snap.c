#include "snap/snap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define XXH_STATIC_LINKING_ONLY 1 /* a state on the stack */
#include <xxhash.h>

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t hs_snap_properties_sort(const char **properties, size_t length) {
    if (length < 2) return length;
    qsort(properties, length, sizeof *properties, compare_names);
    size_t kept = 1;
    for (size_t i = 1; i < length; i++)
        if (strcmp(properties[i], properties[kept - 1])) properties[kept++] = properties[i];
    return kept;
}

static void put_netstring(XXH3_state_t *state, const char *text) {
    size_t size = text ? strlen(text) : 0;
    char length[24];
    int digits = snprintf(length, sizeof length, "%zu:", size);
    XXH3_128bits_update(state, length, (size_t)digits);
    if (size) XXH3_128bits_update(state, text, size);
    XXH3_128bits_update(state, ",", 1);
}

struct hs_snap_key hs_snap_class_key(const struct hs_snap_class *class) {
    /* On the stack, aligned as the library demands: this must not fail. */
    XXH3_state_t state __attribute__((aligned(64)));
    XXH3_INITSTATE(&state);
    XXH3_128bits_reset(&state);
    put_netstring(&state, "heapscan.class/1");
    put_netstring(&state, class->type);
    put_netstring(&state, class->constructor);
    put_netstring(&state, class->dictionary ? "table" : "plain");
    for (size_t i = 0; !class->dictionary && i < class->properties_length; i++)
        put_netstring(&state, class->properties[i]);
    XXH128_hash_t hash = XXH3_128bits_digest(&state);
    return (struct hs_snap_key){.high = hash.high64, .low = hash.low64};
}

void hs_snap_key_print(struct hs_snap_key key, char ret[33]) {
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < 32; i++) {
        uint64_t half = i < 16 ? key.high : key.low;
        ret[i] = digits[half >> (60 - 4 * (i % 16)) & 15];
    }
    ret[32] = 0;
}

bool hs_snap_key_parse(const char *text, struct hs_snap_key *ret) {
    /* One more than the digit; 0: none, and the NUL of a short text is one of these. */
    static const uint8_t digits[256] = {
        ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
        ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16};
    uint64_t half[2] = {0, 0};
    for (unsigned i = 0; i < 32; i++) {
        uint8_t digit = digits[(unsigned char)text[i]];
        if (!digit) return false;
        half[i / 16] = half[i / 16] << 4 | (digit - 1);
    }
    if (text[32]) return false;
    *ret = (struct hs_snap_key){.high = half[0], .low = half[1]};
    return true;
}
