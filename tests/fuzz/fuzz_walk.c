/* Fuzz: a small heap with any words changed: objects, page headers, roots, allocation areas, stacks, and the
 * symbols that describe them. Opening must fail or fit, the walk must account for every byte (mini_walk()
 * aborts otherwise), nothing may read outside what the core holds (the bytes between its segments are
 * poisoned), hang or leak. Input: records of 12 bytes, {what u8, where u24, value u64}. clang
 * -fsanitize=fuzzer,address; with gcc -DFUZZ_REPLAY it runs the files named on the command line. */
#include "../support/mini_walk.h"
#include "v8/gc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORD = 12, RECORDS = 256, FUNCTION_BYTES = 0x80 };

static void fill(struct mini_heap *heap) {
    hs_addr strings[2] = {heap->values[MINI_EMPTY_STRING], heap->values[MINI_EMPTY_STRING]};
    for (int page = MINI_OLD; page < MINI_LARGE; page++) {
        enum mini_page p = (enum mini_page)page;
        for (int i = 0; i < 12; i++) {
            mini_heap_object(heap, p);
            mini_heap_array(heap, p, (uint32_t)(3 * i));
            mini_heap_filler(heap, p, 1 + i % 2);
            strings[i % 2] = mini_heap_string(heap, p, "some text of a string");
            mini_heap_cons(heap, p, strings[0], strings[1]);
            if (i % 5 == 0) mini_heap_free(heap, p, 64 + 8 * (uint64_t)i);
        }
    }
    mini_heap_array(heap, MINI_LARGE, 600);
    mini_heap_end_page(heap, MINI_LARGE, false);
    mini_heap_put(heap, MINI_LAB, mini_heap_page(MINI_TO) + MINI_HEADER);
    mini_heap_put(heap, MINI_LAB + 8, heap->cursor[MINI_TO]);
    mini_heap_put(heap, MINI_LAB + 16, mini_heap_page(MINI_TO) + MINI_PAGE_SIZE);
    mini_heap_put(heap, MINI_STACK + 0x100, MINI_ISOLATE);
    for (int kind = HS_GC_FUNCTION_COLLECT; kind <= HS_GC_FUNCTION_MINOR_MARK; kind++)
        if (hs_v8_symbols_add_function(heap->symbols, MINI_TEXT + (hs_addr)kind * FUNCTION_BYTES,
                                       FUNCTION_BYTES, (unsigned)kind))
            abort();
}

static uint8_t *word_at(struct mini_heap *heap, uint64_t where) {
    return heap->memory + where % (heap->size / 8) * 8;
}

static hs_addr address(uint64_t value) {
    return mini_heap_page((enum mini_page)(value % MINI_PAGES)) +
           (value >> 8 & (MINI_PAGE_SIZE - 1) & ~UINT64_C(7));
}

static void set_constant(struct mini_heap *heap, uint32_t where, int32_t value) {
    struct hs_v8_constant *entry = heap->symbols->constants;
    for (size_t i = where % heap->symbols->constant_count; i > 0; i--) entry = entry->hh.next;
    entry->value = value;
}

static void apply(struct mini_heap *heap, const uint8_t *record) {
    static const int minors[] = {1002, 1007, 1103, 1204, 1306, 1406};
    uint32_t where = (uint32_t)record[1] | (uint32_t)record[2] << 8 | (uint32_t)record[3] << 16;
    uint64_t value, word;
    memcpy(&value, record + 4, sizeof value);
    switch (record[0] % 12) {
    case 0:
        memcpy(word_at(heap, where), &value, 8);
        break;
    case 1:
        word_at(heap, where)[value >> 8 & 7] = (uint8_t)value;
        break;
    case 2:
        memcpy(word_at(heap, where) + (value >> 32 & 4), &value, 4);
        break;
    case 3: /* a pointer, or a forwarding word */
        word = address(value) + (value >> 32 & 3);
        memcpy(word_at(heap, where), &word, 8);
        break;
    case 4:
        word = heap->maps[value % MINI_MAPS] + 1;
        memcpy(word_at(heap, where), &word, 8);
        break;
    case 5:
        memcpy(word_at(heap, where), word_at(heap, value), 8);
        break;
    case 6:
        heap->present[where % MINI_PAGES] = value % (MINI_PAGE_SIZE + 1);
        break;
    case 7:
        set_constant(heap, where, (int32_t)value);
        break;
    case 8: /* an allocation area, found by its place (0 to 3) or by what it is */
        word = address(value);
        for (int i = 0; i < 3; i++) {
            mini_heap_put(heap,
                          (where & 4 ? MINI_STACK + 0x200 : MINI_LAB) + 24 * (hs_addr)(where & 3) +
                              8 * (hs_addr)i,
                          word);
            word += value >> (24 + 12 * i) & 0xff8;
        }
        break;
    case 9: { /* a frame of a collector */
        hs_addr frame = MINI_STACK + 0x840 + 0x20 * (hs_addr)(where % 60);
        mini_heap_put(heap, frame, frame + 0x20);
        mini_heap_put(heap, frame + 8, MINI_TEXT + value % 10 * FUNCTION_BYTES + 8);
        break;
    }
    case 10: {
        int minor = minors[value % (sizeof minors / sizeof *minors)];
        heap->symbols->version[0] = minor / 100;
        heap->symbols->version[1] = minor % 100;
        break;
    }
    default: /* a length */
        word = (value & 0xffff) << 32;
        memcpy(word_at(heap, where), &word, 8);
    }
}

static void use(const struct hs_v8 *v8, unsigned threads) {
    struct mini_walk walk;
    hs_error_destroy(mini_walk(v8, threads, &walk));
    for (size_t i = 0; i < walk.count; i += 1 + walk.count / 64) {
        hs_tagged word;
        if (hs_v8_word(v8, walk.seen[i] + 8, &word)) hs_v8_kind_of(v8, word);
    }
    hs_v8_root(v8, 0, "to_string_tag_symbol");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct mini_heap heap;
    struct mini_v8 mini;
    mini_heap_init(&heap);
    fill(&heap);
    /* The rests of the pages are filled before the changes, so that these may reach them. */
    for (int page = 0; page < MINI_PAGES; page++) mini_heap_end_page(&heap, (enum mini_page)page, true);
    for (size_t i = 0; i < RECORDS && (i + 1) * RECORD <= size; i++) apply(&heap, data + i * RECORD);
    struct hs_error *error = mini_heap_open(&heap, &mini);
    if (!error) use(mini.v8, size % RECORD == 1 ? 2 : 1);
    hs_error_destroy(error);
    mini_v8_close(&mini);
    mini_heap_deinit(&heap);
    return 0;
}

#ifdef FUZZ_REPLAY
#include "fuzz_replay.h"
#endif
