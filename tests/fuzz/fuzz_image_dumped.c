/* Fuzz: a program of which only the core is left, with any of its words changed: its headers, symbols,
 * strings, hash table and PT_DYNAMIC. The input is a byte of choices, then changes of {where, how} and a word
 * each, so that everything but what is changed stays sound. clang -fsanitize=fuzzer,address; with gcc
 * -DFUZZ_REPLAY it runs the files named on the command line. */
#include "../support/dumped_program.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is told of a symbol must be there. */
struct met {
    const struct hs_image *image;
    uint64_t sum;
};
static bool meet(void *context, const struct hs_symbol *symbol) {
    struct met *met = context;
    const uint8_t *byte = hs_image_ptr(met->image, symbol->value, 4);
    if (byte) met->sum += byte[0] + byte[3];
    const char *text = hs_image_cstring(met->image, symbol->value, 64);
    met->sum += strlen(symbol->name) + (text ? strlen(text) : 0);
    return true;
}

static uint64_t use(const struct dumped_program *program) {
    uint64_t sum = 0;
    for (size_t i = 0; i < program->images->count; i++) {
        const struct hs_image *image = &program->images->items[i];
        struct met met = {image, 0};
        struct hs_image_segment segment;
        if (!image->path) {
            if (!*hs_image_missing_reason(image)) abort();
            continue;
        }
        hs_error_destroy(hs_image_symbols(image, meet, &met));
        for (size_t k = 0; hs_image_segment(image, k, &segment); k++)
            for (uint64_t at = 0; at < segment.size; at += 64) met.sum += segment.bytes[at];
        hs_images_ptr(program->images, program->core, image->bias + met.sum, 8);
        sum += met.sum;
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { CHANGE = 11 };
    static uint8_t memory[DUMPED_SIZE];
    if (size == 0) return 0;
    dumped_program_make(memory, data[0] & 1);
    uint64_t read_only = data[0] & 2 ? 0x1000 : 0x1000 - (uint64_t)(data[0] >> 2) * 64;
    for (data++, size--; size >= CHANGE; data += CHANGE, size -= CHANGE) {
        size_t at = (size_t)(data[0] | data[1] << 8) % (DUMPED_SIZE - 8), width = (size_t)1 << (data[2] & 3);
        uint64_t word;
        memcpy(&word, data + 3, 8);
        if (data[2] & 4) word += DUMPED_BASE; /* an address, as the dynamic linker leaves it */
        memcpy(memory + at, &word, width);
    }
    struct dumped_program program = dumped_program_open(memory, read_only);
    if (program.images) use(&program);
    dumped_program_close(&program);
    return 0;
}

#ifdef FUZZ_REPLAY
#include "fuzz_replay.h"
#endif
