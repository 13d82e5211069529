/* Fuzz: any bytes as the program's binary: headers, build-id, symbol tables, memory by link-time address.
 * clang -fsanitize=fuzzer,address; with gcc -DFUZZ_REPLAY it runs the files named on the command line. */
#include "elf/image.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct tally {
    const struct hs_image *image;
    size_t count, bytes;
};

static bool symbol_use(void *context, const struct hs_symbol *symbol) {
    struct tally *tally = context;
    tally->bytes += strlen(symbol->name);
    const uint8_t *p = hs_image_ptr(tally->image, symbol->value, symbol->size);
    if (p && symbol->size) tally->bytes += p[0] + p[symbol->size - 1];
    const char *text = hs_image_cstring(tally->image, symbol->value, 64);
    if (text && strlen(text) >= 64) abort();
    return ++tally->count < 100000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct hs_images *images = NULL;
    struct hs_error *error = hs_image_open_memory(data, size, "fuzz", &images);
    if (!error) {
        struct tally tally = {.image = &images->items[0]};
        error = hs_image_symbols(&images->items[0], symbol_use, &tally);
    }
    hs_error_destroy(error);
    hs_images_destroy(images);
    return 0;
}

#ifdef FUZZ_REPLAY
#include "fuzz_replay.h"
#endif
