/* Fuzz: what is looked for in memory that is not V8's: nodes of traced handles, C++ objects of cppgc and of
 * malloc, vtables. Input: 2 bytes that say which nodes are in use, then records of 11 bytes, {what u8, where
 * u16, value u64}, that change words of that memory, of the wrappers or of the class. clang
 * -fsanitize=fuzzer,address; with gcc -DFUZZ_REPLAY it runs the files named on the command line. */
#include "../support/cpp_heap.h"
#include "../support/elf_writer.h"
#include "graph/base_object.h"
#include "graph/cpp_holder.h"
#include "graph/traced.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORD = 11, RECORDS = 128, HANDLES = 8 };

static void check(bool good) {
    if (!good) abort();
}

static hs_addr target(const struct cpp_heap *cpp, uint64_t value) {
    switch (value % 4) {
    case 0:
        return cpp_heap_object((unsigned)(value >> 8) % CPP_WRAPPERS);
    case 1:
        return cpp->wrappers[(value >> 8) % CPP_WRAPPERS] + 1;
    case 2:
        return CPP_BLOCK + (value >> 8) % CPP_MEMORY;
    default:
        return CPP_VTABLE;
    }
}

static void apply(struct cpp_heap *cpp, const uint8_t *record) {
    uint64_t value;
    unsigned where = (unsigned)record[1] | (unsigned)record[2] << 8;
    memcpy(&value, record + 3, sizeof value);
    hs_addr word = CPP_BLOCK + (where * 8u) % CPP_MEMORY;
    switch (record[0] % 5) {
    case 0:
        mini_heap_put(&cpp->heap, word, value);
        break;
    case 1:
        mini_heap_put(&cpp->heap, word, target(cpp, value));
        break;
    case 2:
        mini_heap_put(&cpp->heap, cpp->wrappers[where % CPP_WRAPPERS] + 24, target(cpp, value));
        break;
    case 3:
        mini_heap_put(&cpp->heap, cpp->wrappers[where % CPP_WRAPPERS] + 24, value);
        break;
    default:
        mini_heap_put(&cpp->heap, CPP_VTABLE + where % 0x180 / 8 * 8, value);
    }
}

static void look(const struct cpp_heap *cpp, struct mini_v8 *mini) {
    struct hs_objects *objects;
    struct hs_traced traced;
    struct hs_root items[HANDLES];
    struct hs_cpp_holders holders;
    struct hs_base_objects base;
    check(!hs_objects_create(mini->v8, 1, &objects));
    check(!hs_traced_find(objects, &traced));
    for (size_t i = 0; i < traced.count; i++) {
        check(traced.items[i].to < objects->count);
        check(traced.items[i].owner == HS_ID_NONE || traced.items[i].owner < objects->count);
        check(!i || traced.items[i - 1].slot < traced.items[i].slot);
    }
    for (size_t i = 0; i < traced.link_count; i++)
        check(traced.links[i].from < objects->count && traced.links[i].to < objects->count);
    for (unsigned i = 0; i < HANDLES; i++)
        items[i] = (struct hs_root){.id = hs_objects_find(objects, cpp->wrappers[i % CPP_WRAPPERS]),
                                    .category = HS_ROOT_GLOBAL_HANDLES,
                                    .slot = CPP_BLOCK + 16 * (hs_addr)i};
    const struct hs_roots roots = {.items = items, .count = HANDLES};
    check(!hs_cpp_holders_find(objects, &roots, &holders));
    for (size_t i = 0; i < holders.count; i++)
        check(hs_cpp_holders_get(&holders, holders.items[i].slot) == &holders.items[i]);
    check(!hs_base_objects_find(objects, &roots, &base));
    for (size_t i = 0; i < base.count; i++)
        check(hs_base_objects_get(&base, base.items[i].wrapper) == &base.items[i]);
    hs_base_objects_deinit(&base);
    hs_cpp_holders_deinit(&holders);
    hs_traced_deinit(&traced);
    hs_objects_destroy(objects);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cpp_heap cpp;
    struct mini_v8 mini = {0};
    struct hs_images *images = NULL;
    if (size < 2) return 0;
    uint8_t *program = cpp_heap_program();
    cpp_heap_init(&cpp);
    for (unsigned i = 0; i < CPP_WRAPPERS; i++) {
        mini_heap_put(&cpp.heap, cpp_heap_object(i), CPP_VTABLE);
        mini_heap_put(&cpp.heap, cpp_heap_object(i) + 8, CPP_BLOCK + 16 * (hs_addr)i);
        if (data[0] >> i & 1) cpp_heap_trace(&cpp, i, cpp.wrappers[i]);
        if (data[1] >> i & 1) cpp_heap_trace(&cpp, CPP_NODES / 2 + i, cpp.wrappers[i]);
    }
    size_t count = (size - 2) / RECORD;
    for (size_t i = 0; i < count && i < RECORDS; i++) apply(&cpp, data + 2 + i * RECORD);
    struct hs_error *error = mini_heap_open(&cpp.heap, &mini);
    if (!error) error = hs_image_open_memory(program, ELF_OBJECT_SIZE, "node", &images);
    if (!error) {
        mini.images = *images;
        look(&cpp, &mini);
    }
    hs_error_destroy(error);
    mini.images = (struct hs_images){0};
    mini_v8_close(&mini);
    hs_images_destroy(images);
    free(program);
    mini_heap_deinit(&cpp.heap);
    return 0;
}

#ifdef FUZZ_REPLAY
#include "fuzz_replay.h"
#endif
