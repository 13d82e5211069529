/* The names of V8's roots in a binary that has no symbol for them.
 *
 * `strip` takes RootsTable::root_names_ out of Node 24.11.1 and later (before, it stands in .dynsym). The
 * table itself stays: an array of pointers to identifiers, one of which is "meta_map". It is found by that:
 * the string in the image's read-only bytes, a word of its writable part that points there, and all words
 * before and behind it that point to identifiers; the longest such run. Exact on stripped x86-64 and arm64
 * builds of 18 to 26, on Debian's libnode.so and on musl (v8-arch.md §5). Pure functions. */
#ifndef HS_V8_ROOT_NAMES_H
#define HS_V8_ROOT_NAMES_H

#include "elf/image.h"

enum { HS_ROOT_NAME_LIMIT = 128, HS_ROOT_COUNT_LIMIT = 8192 };

/* An identifier, not empty? */
bool hs_root_name_is(const char *name);
/* Link-time address and length of the table. The words are read from the core where it has them (relocated),
 * else from the file; `core` may be NULL. False if there is none: no run of at least 100 names. */
bool hs_root_names_find(const struct hs_core *core, const struct hs_image *image, uint64_t *vaddr_ret,
                        uint64_t *count_ret);

#endif
