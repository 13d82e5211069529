/* Strings of names, one copy of each.
 *
 * Interned pointers are equal exactly when the texts are, stay valid until hs_names_deinit and are valid
 * UTF-8 without a NUL inside (V8's own snapshot writes a space for it; so do we). Memory that runs out is
 * sticky in `failed` and yields
 * "". A zeroed struct is empty. One thread at a time. */
#ifndef HS_JS_NAMES_H
#define HS_JS_NAMES_H

#include "base/error.h"

struct hs_name_slot {
    uint64_t hash;
    const char *text;
};

struct hs_names {
    struct hs_name_slot *slots;
    size_t count, capacity;
    struct hs_name_chunk *chunks; /* the memory of the texts */
    bool failed;
};

/* The one copy of `text`; never NULL. */
const char *hs_names_intern(struct hs_names *names, const char *text, size_t size);
/* The same for a NUL-terminated text. */
const char *hs_names_put(struct hs_names *names, const char *text);
void hs_names_deinit(struct hs_names *names);

#endif
