/* A program of which only the core is left: its segments, dynamic symbols by the hash table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/dumped_program.h"

#include <elf.h>
#include <string.h>

struct names {
    char text[256];
    uint64_t values[8];
    unsigned count;
};
static bool take(void *context, const struct hs_symbol *symbol) {
    struct names *names = context;
    if (names->count == 8) return false;
    names->values[names->count++] = symbol->value;
    strncat(names->text, symbol->name, 60);
    strcat(names->text, " ");
    return true;
}

static void test_read(void **state) {
    (void)state;
    for (int relocated = 0; relocated < 2; relocated++) {
        static uint8_t memory[DUMPED_SIZE];
        dumped_program_make(memory, relocated);
        struct dumped_program opened = dumped_program_open(memory, 0x1000);
        assert_int_equal(opened.images->count, 1);
        const struct hs_image *image = &opened.images->items[0];
        assert_string_equal(image->path, "the core");
        assert_true(image->bias == DUMPED_BASE);
        struct names names = {0};
        assert_null(hs_image_symbols(image, take, &names));
        assert_string_equal(names.text, "v8dbg_one v8dbg_two ");
        assert_int_equal(names.values[0], 0x2100);
        const uint8_t *one = hs_image_ptr(image, 0x2100, 4);
        assert_non_null(one);
        assert_int_equal(*one, 7);
        assert_string_equal(hs_image_cstring(image, DUMPED_TEXT, 64), "read-only");
        assert_null(hs_image_ptr(image, 0x1000, 1)); /* the code is not there */
        struct hs_image_segment segment;
        assert_true(hs_image_segment(image, 1, &segment));
        assert_int_equal(segment.vaddr, 0x2000);
        assert_false(hs_image_segment(image, 2, &segment));
        assert_string_equal(hs_image_arch(image)->name, "x86-64");
        dumped_program_close(&opened);
    }
}

/* A kernel's core has the first part of a file's pages only: that is no program. */
static void test_not_whole(void **state) {
    (void)state;
    static uint8_t memory[DUMPED_SIZE];
    dumped_program_make(memory, true);
    struct dumped_program opened = dumped_program_open(memory, 0xc00);
    assert_int_equal(opened.images->count, 1);
    assert_null(opened.images->items[0].path);
    assert_string_not_equal(hs_image_missing_reason(&opened.images->items[0]), "");
    dumped_program_close(&opened);
}

/* Any word of what describes the symbols may be anything; run it with a sanitizer. */
static void test_hostile(void **state) {
    (void)state;
    static const uint32_t words[] = {0, 1, 0x7fffffff, 0x80000000, UINT32_MAX};
    static uint8_t memory[DUMPED_SIZE];
    for (size_t at = sizeof(Elf64_Ehdr); at < DUMPED_DYNAMIC + 0x60; at += 4) {
        if (at == DUMPED_HASH + 0x40) at = DUMPED_DYNAMIC;
        for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
            dumped_program_make(memory, true);
            memcpy(memory + at, &words[w], 4);
            struct dumped_program opened = dumped_program_open(memory, 0x1000);
            for (size_t i = 0; i < opened.images->count; i++) {
                struct names names = {0};
                if (opened.images->items[i].path)
                    assert_null(hs_image_symbols(&opened.images->items[i], take, &names));
                for (unsigned n = 0; n < names.count; n++)
                    hs_image_ptr(&opened.images->items[i], names.values[n], 4);
            }
            dumped_program_close(&opened);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_not_whole),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
