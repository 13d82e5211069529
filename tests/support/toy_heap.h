/* A small V8 heap made by hand, for unit tests of what lies above lib/v8: no core and no binary is needed.
 *
 * One isolate; a read-only page and a writable one inside an in-memory ELF core; the layout is that of a
 * 64-bit V8 of our days in miniature. Objects are put one behind the other, so hs_walk tiles the pages.
 * Everything is little-endian. The toy owns its memory; toy_heap_open() fixes the content: put everything
 * before. */
#ifndef HS_TESTS_TOY_HEAP_H
#define HS_TESTS_TOY_HEAP_H

#include "v8/v8.h"

/* Instance types of the toy. Strings as in V8: form in bits 0-2, one-byte 8, not internalized 32. */
enum toy_type {
    TOY_STRING = 40,
    TOY_TWO_BYTE = 32,
    TOY_CONS = 41,
    TOY_EXTERNAL = 42,
    TOY_SLICED = 43,
    TOY_THIN = 45,
    TOY_SYMBOL = 128,
    TOY_HEAP_NUMBER,
    TOY_ODDBALL,
    TOY_MAP,
    TOY_FILLER,
    TOY_FIXED_ARRAY,
    TOY_BYTE_ARRAY,
    TOY_PROPERTY_ARRAY,
    TOY_NAME_DICTIONARY,
    TOY_DESCRIPTORS,
    TOY_SHARED,
    TOY_SCOPE_INFO,
    TOY_SCRIPT,
    TOY_ACCESSOR_PAIR,
    TOY_ACCESSOR_INFO,
    TOY_ALLOCATION_SITE,
    TOY_BYTECODE,
    TOY_OTHER,
    TOY_CONTEXT,
    TOY_ORDERED_MAP,
    TOY_FIRST_RECEIVER = 200,
    TOY_OBJECT = 200,
    TOY_ARRAY,
    TOY_FUNCTION,
    TOY_ARRAY_BUFFER,
    TOY_PROXY,
    TOY_WRAPPER,
    TOY_COLLECTION, /* a Map; its table stands in word 3 */
    TOY_TYPE_COUNT
};

enum {
    TOY_READ_ONLY = 0x40000 * 4,
    TOY_WRITABLE = 0x40000 * 5,
    TOY_PAGE = 0x40000,
    TOY_OUTSIDE = 0x40000 * 6
};

struct toy_heap {
    struct hs_v8 v8; /* valid after toy_heap_open() */
    uint64_t read_only[TOY_PAGE / 8], writable[TOY_PAGE / 8], outside[512];
    unsigned used[2];  /* words of the two pages, headers included */
    bool to_read_only; /* where the next object goes */
    hs_tagged meta_map, undefined, the_hole, to_string_tag, constructor_string, name_string;
    hs_tagged maps[TOY_TYPE_COUNT]; /* a plain map of each type, made when first asked for */
    void *priv;
};

struct toy_heap *toy_heap_create(void);
void toy_heap_open(struct toy_heap *toy);
void toy_heap_destroy(struct toy_heap *toy);

static inline hs_tagged toy_smi(int64_t value) {
    return (uint64_t)value << 32;
}
/* `words` words with the map in front; the others are 0 (a Smi). Returns the tagged pointer. */
hs_tagged toy_put(struct toy_heap *toy, hs_tagged map, unsigned words);
/* A word of an object; index 0 is the map. */
uint64_t *toy_word(struct toy_heap *toy, hs_tagged object, unsigned index);

/* A map; instance_words 0 for what has a length. */
hs_tagged toy_map(struct toy_heap *toy, enum toy_type type, unsigned instance_words);
/* The plain map of a type. */
hs_tagged toy_map_of(struct toy_heap *toy, enum toy_type type);
hs_tagged toy_string(struct toy_heap *toy, const char *latin1);
hs_tagged toy_string_units(struct toy_heap *toy, const uint16_t *units, unsigned count);
hs_tagged toy_cons(struct toy_heap *toy, hs_tagged first, hs_tagged second);
hs_tagged toy_symbol(struct toy_heap *toy, const char *description, unsigned flags);
hs_tagged toy_array(struct toy_heap *toy, enum toy_type type, unsigned count, const hs_tagged *items);

/* A SharedFunctionInfo; `script` 0 for none. */
hs_tagged toy_shared(struct toy_heap *toy, hs_tagged name_or_scope, hs_tagged script);
hs_tagged toy_function(struct toy_heap *toy, hs_tagged shared);
hs_tagged toy_script(struct toy_heap *toy, const char *name, const char *source);
/* A ScopeInfo with one context local and this function name (0: none) and start position. */
hs_tagged toy_scope(struct toy_heap *toy, hs_tagged name, unsigned start);

struct toy_property {
    hs_tagged key;
    hs_tagged constant; /* 0: a field, else the value in the descriptor */
    bool accessor;
};
/* Map of fast objects: `count` own properties (fields are in-object), made by `constructor` (a function or
 * 0). */
hs_tagged toy_shape(struct toy_heap *toy, enum toy_type type, hs_tagged constructor, hs_tagged prototype,
                    const struct toy_property *properties, unsigned count);
/* Map of dictionary-mode objects and one of them with these keys. */
hs_tagged toy_slow_shape(struct toy_heap *toy, hs_tagged constructor, hs_tagged prototype);
hs_tagged toy_slow_object(struct toy_heap *toy, hs_tagged map, const hs_tagged *keys, unsigned count);

#endif
