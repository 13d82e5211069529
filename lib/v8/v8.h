/* One V8 in one core, resolved and checked: what every layer above reads.
 *
 * hs_v8_open finds symbols, pages, isolates and roots, resolves the layout, the instance types and the size
 * rules, and runs the self-checks; it fails with HS_ERROR_LAYOUT, naming the fact and the V8 version, rather
 * than hand out a layout that is wrong. Immutable afterwards, safe from any thread. */
#ifndef HS_V8_V8_H
#define HS_V8_V8_H

#include <stdio.h>
#include "v8/map.h"
#include "v8/size.h"

/* What a collector was doing in an isolate (gc.h). */
enum hs_gc {
    HS_GC_UNKNOWN, /* the binary names no functions, or the thread is not known */
    HS_GC_NONE,
    HS_GC_SCAVENGE,
    HS_GC_MARK_COMPACT,   /* its atomic pause, before or after objects move */
    HS_GC_EVACUATION,     /* its atomic pause, while objects move */
    HS_GC_POINTER_UPDATE, /* … after they have moved, while old pointers to them are still about */
    HS_GC_MINOR_MARK,     /* the young generation's mark-sweep or mark-compact */
    HS_GC_OTHER,          /* before or behind the work of one of these */
};

struct hs_isolate {
    hs_addr address;      /* Isolate*, 0 if not found */
    hs_addr heap;         /* Heap* */
    hs_addr roots;        /* the roots table */
    hs_addr string_table; /* V8's table of names, whose entries are weak, where no type tells it (to 7.0);
                             else 0 */
    bool main;            /* role `main` (the process's first isolate), else `worker` */
    uint32_t tid;         /* thread that runs it, 0 if unknown */
    uint8_t gc;           /* enum hs_gc */
};

/* An allocation area: [start, top) holds objects, [top, limit) is unused. */
struct hs_lab {
    hs_addr start, top, limit;
};

/* The kind of the objects of one map, where its instance type does not tell (owner_kind.c). */
struct hs_map_kind {
    hs_addr map;
    uint8_t kind; /* enum hs_kind */
};

struct hs_v8 {
    const struct hs_core *core;
    const struct hs_images *images;
    const struct hs_arch *arch;
    const struct hs_v8_symbols *symbols; /* owned */
    struct hs_layout layout;
    struct hs_types types;
    struct hs_pages pages;
    struct hs_rules rules;
    struct hs_map_kind *map_kinds;
    uint32_t map_kind_count;
    struct hs_isolate *isolates; /* main first */
    uint32_t isolate_count;
    struct hs_lab *labs; /* ascending by top */
    uint32_t lab_count;
    hs_addr builtins_start, builtins_end; /* V8's builtins in the binary's text (frame.h); 0: none known */
    bool moving;                          /* a collector was moving objects (gc.h) */
    struct hs_fact *facts;                /* --explain-layout */
    size_t fact_count;
    char **warnings; /* sentences: what is uncertain (a collection was under way, …) */
    size_t warning_count;
};

struct hs_v8_options {
    const char *metadata; /* --metadata FILE, or NULL */
};

struct hs_error *hs_v8_open(const struct hs_core *core, const struct hs_images *images,
                            const struct hs_v8_options *options, struct hs_v8 **ret) HS_MUST_CHECK;
/* Adds a warning sentence. */
struct hs_error *hs_v8_warn(struct hs_v8 *v8, const char *format, ...) HS_PRINTF(2, 3) HS_MUST_CHECK;
/* Takes NULL. */
void hs_v8_close(struct hs_v8 *v8);
/* Prints every fact with its provenance. */
void hs_v8_explain(const struct hs_v8 *v8, FILE *out);

/* Value of the root named `name` ("to_string_tag_symbol") in an isolate; 0 if there is no such root. */
hs_tagged hs_v8_root(const struct hs_v8 *v8, uint32_t isolate, const char *name);

/* A tagged word / 32-bit field at `addr` of the heap; false if absent. */
bool hs_v8_word(const struct hs_v8 *v8, hs_addr addr, hs_tagged *ret);
bool hs_v8_u32(const struct hs_v8 *v8, hs_addr addr, uint32_t *ret);
/* The value of a Smi or a HeapNumber; false if `word` is neither. */
bool hs_v8_number(const struct hs_v8 *v8, hs_tagged word, double *ret);
/* The tagged pointer to where the object of `word` lives now: a collector that was moving objects leaves
 * pointers to where they were, with a forwarding word there. Any other word as it is. */
hs_tagged hs_v8_settle(const struct hs_v8 *v8, hs_tagged word);
/* Reads a tagged word at a host pointer known to be valid, as it stands there: for the walk, which meets
 * forwarding words. */
static inline hs_tagged hs_v8_load_raw(const struct hs_v8 *v8, const uint8_t *p) {
    return v8->layout.tagged_size == 8 ? hs_arch_u64(v8->arch, p) : hs_arch_u32(v8->arch, p);
}
/* The same as a value: a pointer to a moved object comes back as the pointer to where it lives now. So does
 * hs_v8_word(). */
static inline hs_tagged hs_v8_load(const struct hs_v8 *v8, const uint8_t *p) {
    hs_tagged word = hs_v8_load_raw(v8, p);
    return __builtin_expect(v8->moving, 0) ? hs_v8_settle(v8, word) : word;
}
/* Words of a ScopeInfo that stand before the names of its context locals: where stack locals are kept as well
 * (V8 to 6.8), the names of parameters, the first slot and the names of stack locals; else none. False if a
 * count is absurd. */
bool hs_v8_scope_skip(const struct hs_v8 *v8, hs_addr scope_info, uint32_t *ret);
/* The length of an array buffer at `p`: a word, until V8 7.0 a Smi or a HeapNumber. */
uint64_t hs_v8_byte_length(const struct hs_v8 *v8, const uint8_t *p);
/* Is the object at `p` of page `page` V8's own table of names, whose entries are weak? */
static inline bool hs_v8_is_string_table(const struct hs_v8 *v8, uint32_t page, const uint8_t *p) {
    const struct hs_page *of = &v8->pages.items[page];
    const struct hs_isolate *isolate = &v8->isolates[of->isolate];
    return isolate->string_table && of->area_start + (hs_addr)(p - of->bytes) == isolate->string_table;
}
/* Instance type of the object that tagged word `object` points to, or -1 if it is no object of this heap.
 * Works without a map table (validates each time); for names and other rare reads. */
int32_t hs_v8_type_of(const struct hs_v8 *v8, hs_tagged object);
/* The kind of it; HS_KIND_UNKNOWN if it is no object. */
enum hs_kind hs_v8_kind_of(const struct hs_v8 *v8, hs_tagged object);

#endif
