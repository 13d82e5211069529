/* Tables of names in V8's binary that no exported symbol tells of: what a builtin is called, and what a slot
 * of a native context.
 *
 * Both are arrays of small structs with one pointer to an identifier each: builtin_metadata {name, kind, …}
 * (builtins/builtins.cc) and native_context_names {index, name} (profiler/heap-snapshot-generator.cc). Found
 * as root_names.h finds the names of roots: by the string of an entry that every release has, a word that
 * points there, and the words at one distance before and behind it that point to identifiers; the distance
 * with the longest run is the struct's size. So it works on stripped builds, and a miss is a miss. Pure
 * functions. */
#ifndef HS_V8_NAME_TABLE_H
#define HS_V8_NAME_TABLE_H

#include "v8/v8.h"

struct hs_name_table {
    const struct hs_image *image;
    const struct hs_core *core;
    uint64_t vaddr; /* link-time address of the first entry's pointer */
    uint32_t stride, count;
};

/* The longest table with an entry named `anchor`; false if none has at least 100 entries. */
bool hs_name_table_find(const struct hs_v8 *v8, const char *anchor, struct hs_name_table *ret);
/* Name of an entry, NULL if it cannot be read; it lives as long as the image. */
const char *hs_name_table_get(const struct hs_name_table *table, uint32_t entry);
/* The 32-bit number that stands in the word before an entry's name. */
bool hs_name_table_number(const struct hs_name_table *table, uint32_t entry, uint32_t *ret);

#endif
