/* Fuzz: tables of names in any bytes that are a program: of the builtins, of the slots of native contexts.
 * Input: a byte that says where to go on, then bytes that replace those of a small program with a table.
 * clang -fsanitize=fuzzer,address; with gcc -DFUZZ_REPLAY it runs the files named on the command line. */
#include "../support/elf_writer.h"
#include "v8/name_table.h"
#include "v8/symbols_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BASE = 0x400000, TEXTS = 0x901, TABLE = 0x1100, NAMES = 110, STRIDE = 16 };

static void fill(uint8_t *bytes) {
    size_t next = TEXTS;
    for (unsigned i = 0; i < NAMES; i++) {
        uint64_t text = BASE + next;
        memcpy(bytes + TABLE + (size_t)i * STRIDE + 8, &text, sizeof text);
        next += (size_t)sprintf((char *)bytes + next, "n_%u", i) + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const size_t places[] = {0, 0x40, TEXTS, TABLE, 0x2000, 0x3000};
    if (!size) return 0;
    const struct elf_object object = {.type = ET_EXEC, .base = BASE};
    uint8_t *bytes = elf_object_build(&object);
    fill(bytes);
    size_t at = places[data[0] % (sizeof places / sizeof *places)], room = ELF_OBJECT_SIZE - at;
    memcpy(bytes + at, data + 1, size - 1 < room ? size - 1 : room);
    struct hs_images *images = NULL;
    struct hs_error *error = hs_image_open_memory(bytes, ELF_OBJECT_SIZE, "program", &images);
    if (!error) {
        static struct hs_v8_symbols symbols;
        snprintf(symbols.origin, sizeof symbols.origin, "program");
        struct hs_v8 v8 = {.images = images, .arch = hs_image_arch(&images->items[0]), .symbols = &symbols};
        struct hs_name_table table;
        if (v8.arch && hs_name_table_find(&v8, "n_42", &table)) {
            uint32_t number;
            for (uint32_t i = 0; i <= table.count; i++) {
                const char *name = hs_name_table_get(&table, i);
                if (name && (i == table.count || !*name)) abort();
                if (hs_name_table_number(&table, i, &number) && i == table.count) abort();
            }
        }
    }
    hs_error_destroy(error);
    hs_images_destroy(images);
    free(bytes);
    return 0;
}

#ifdef FUZZ_REPLAY
#include "fuzz_replay.h"
#endif
