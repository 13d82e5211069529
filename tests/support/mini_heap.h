/* A small heap as V8 12.4 lays it out, in a core in memory: for tests and fuzzing of what reads heaps.
 *
 * One isolate with a roots table and its allocation areas, a read-only page with the maps and oddballs that
 * the roots name, six old pages, two of each semispace, a large page; one thread with a stack; and the
 * symbols that describe all of it. Pages have 8 KB instead of 256. mini_heap_init() makes a heap that opens;
 * tests then add objects, change words, pages or symbols, and open it: rests of pages that nobody filled
 * become free memory at that moment. Memory that runs out aborts the test. */
#ifndef HS_TESTS_MINI_HEAP_H
#define HS_TESTS_MINI_HEAP_H

#include "v8/symbols_private.h"
#include "v8/v8.h"

enum mini_page {
    MINI_READ_ONLY,
    MINI_OLD, /* six of them */
    MINI_TO = MINI_OLD + 6,
    MINI_TO_LAST,
    MINI_FROM,
    MINI_FROM_LAST,
    MINI_LARGE,
    MINI_PAGES,
};
enum mini_map {
    MINI_META_MAP,
    MINI_FREE_SPACE,
    MINI_FILLER_1,
    MINI_FILLER_2,
    MINI_FIXED_ARRAY,
    MINI_PROPERTY_ARRAY,
    MINI_SYMBOL,
    MINI_HEAP_NUMBER,
    MINI_SCOPE_INFO,
    MINI_SHARED_FUNCTION_INFO,
    MINI_ODDBALL,
    MINI_BYTE_ARRAY,
    MINI_STRING,      /* one byte, internalized */
    MINI_CONS_STRING, /* one byte */
    MINI_OBJECT,      /* JSObject of four words: map, properties, elements, one field */
    MINI_MAPS,
};
enum mini_value { /* behind the maps in the roots table */
                  MINI_UNDEFINED,
                  MINI_THE_HOLE,
                  MINI_NULL,
                  MINI_TRUE,
                  MINI_FALSE,
                  MINI_EMPTY_STRING,
                  MINI_TO_STRING_TAG,
                  MINI_EMPTY_ARRAY,
                  MINI_VALUES,
};

enum { MINI_PAGE_SIZE = 0x2000, MINI_HEADER = 0x200, MINI_AREA = MINI_PAGE_SIZE - MINI_HEADER };
#define MINI_ISOLATE UINT64_C(0x10000100)
#define MINI_HEAP_ADDRESS (MINI_ISOLATE + 0x1000)
#define MINI_LAB (MINI_ISOLATE + 192) /* {start, top, limit} of new space */
#define MINI_STACK UINT64_C(0x7ffff000)
#define MINI_HELPER UINT64_C(0x7fffc000) /* the stack of the helper */
#define MINI_TEXT UINT64_C(0x700000)

struct mini_heap {
    uint8_t *memory; /* all regions, one behind the other */
    size_t size;
    hs_addr cursor[MINI_PAGES]; /* where the next object goes; 0: the page is finished */
    hs_addr maps[MINI_MAPS], values[MINI_VALUES];
    uint64_t present[MINI_PAGES];  /* bytes of the page that the core holds */
    struct hs_v8_symbols *symbols; /* what opening takes */
    bool without_tp;               /* the core does not tell the thread pointer (qemu-user) */
    bool with_helper;              /* a thread with a lower id and a stack of its own is in the core too */
};

void mini_heap_init(struct mini_heap *heap);
void mini_heap_deinit(struct mini_heap *heap);

hs_addr mini_heap_page(enum mini_page page);
/* Bytes at `addr` of the target; aborts where there are none. */
uint8_t *mini_heap_at(struct mini_heap *heap, hs_addr addr);
void mini_heap_put(struct mini_heap *heap, hs_addr addr, uint64_t word);
uint64_t mini_heap_get(struct mini_heap *heap, hs_addr addr);
/* Sets a constant (name without v8dbg_), or with `remove` takes it away. */
void mini_heap_constant(struct mini_heap *heap, const char *name, int32_t value, bool remove);

/* Each adds one object at the page's cursor and returns its address. */
hs_addr mini_heap_object(struct mini_heap *heap, enum mini_page page);
hs_addr mini_heap_array(struct mini_heap *heap, enum mini_page page, uint32_t length);
hs_addr mini_heap_string(struct mini_heap *heap, enum mini_page page, const char *text);
hs_addr mini_heap_cons(struct mini_heap *heap, enum mini_page page, hs_addr first, hs_addr second);
hs_addr mini_heap_filler(struct mini_heap *heap, enum mini_page page, unsigned words); /* 1 or 2 */
hs_addr mini_heap_free(struct mini_heap *heap, enum mini_page page, uint64_t bytes);
/* `words` words of `value`, whatever that is. */
hs_addr mini_heap_junk(struct mini_heap *heap, enum mini_page page, unsigned words, uint64_t value);
/* The rest of the page is free memory (or, with false, stays as it is). */
void mini_heap_end_page(struct mini_heap *heap, enum mini_page page, bool free_rest);

/* The heap as an opened core. Takes heap->symbols, whatever comes of it: a heap can be opened once. */
struct mini_v8 {
    uint8_t *bytes;
    size_t size;
    struct hs_core *core;
    struct hs_images images; /* none */
    struct hs_v8 *v8;        /* NULL after an error */
};
struct hs_error *mini_heap_open(struct mini_heap *heap, struct mini_v8 *ret);
void mini_v8_close(struct mini_v8 *v8);

#endif
