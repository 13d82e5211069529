/* A program of which only the core is left: its segments, dynamic symbols by the hash table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/elf_writer.h"
#include "elf/image.h"

#include <stdlib.h>
#include <string.h>

#define BASE ((uint64_t)0x7f0000000000)
enum { SYMBOLS = 0x400, STRINGS = 0x600, HASH = 0x700, TEXT = 0x800, DYNAMIC = 0x1000, SIZE = 0x2000 };

/* What the process had mapped: a page that is read-only, a page of code that the core lacks, a page of data
 * with PT_DYNAMIC, whose addresses the dynamic linker has made run-time ones (`relocated`) or not. */
static void program_make(uint8_t *memory, bool relocated) {
    memset(memory, 0, SIZE);
    const Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_DYN,
        .e_machine = EM_X86_64,
        .e_phoff = sizeof header,
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 4};
    const Elf64_Phdr headers[4] = {
        {.p_type = PT_LOAD, .p_flags = PF_R, .p_filesz = 0x1000, .p_memsz = 0x1000},
        {.p_type = PT_LOAD,
         .p_flags = PF_R | PF_X,
         .p_offset = 0x1000,
         .p_vaddr = 0x1000,
         .p_filesz = 0x1000,
         .p_memsz = 0x1000},
        {.p_type = PT_LOAD,
         .p_flags = PF_R | PF_W,
         .p_offset = 0x2000,
         .p_vaddr = 0x2000,
         .p_filesz = 0x1000,
         .p_memsz = 0x1000},
        {.p_type = PT_DYNAMIC,
         .p_flags = PF_R | PF_W,
         .p_offset = 0x2000,
         .p_vaddr = 0x2000,
         .p_filesz = 0x80,
         .p_memsz = 0x80},
    };
    static const char strings[] = "\0v8dbg_one\0v8dbg_two\0elsewhere";
    const Elf64_Sym symbols[4] = {
        {0},
        {.st_name = 21, .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = SHN_UNDEF},
        {.st_name = 1,
         .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
         .st_shndx = 1,
         .st_value = 0x2100,
         .st_size = 4},
        {.st_name = 11,
         .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
         .st_shndx = 1,
         .st_value = TEXT,
         .st_size = 4},
    };
    /* one bucket, first hashed symbol 2, a filter of one word; the chain of 2 and 3 ends at 3 */
    const uint32_t hash[] = {1, 2, 1, 0, 0, 0, 2, 0x10, 0x21};
    const uint64_t add = relocated ? BASE : 0;
    const Elf64_Dyn dynamic[] = {{DT_SYMTAB, {SYMBOLS + add}},
                                 {DT_STRTAB, {STRINGS + add}},
                                 {DT_STRSZ, {sizeof strings}},
                                 {DT_GNU_HASH, {HASH + add}},
                                 {DT_NULL, {0}}};
    memcpy(memory, &header, sizeof header);
    memcpy(memory + sizeof header, headers, sizeof headers);
    memcpy(memory + SYMBOLS, symbols, sizeof symbols);
    memcpy(memory + STRINGS, strings, sizeof strings);
    memcpy(memory + HASH, hash, sizeof hash);
    memcpy(memory + TEXT, "read-only", 10);
    memcpy(memory + DYNAMIC, dynamic, sizeof dynamic);
    memcpy(memory + DYNAMIC + 0x100, "\7\0\0", 4);
}

struct opened {
    uint8_t *bytes;
    struct hs_core *core;
    struct hs_images *images;
};

static struct opened program_open(const uint8_t *memory, uint64_t read_only) {
    struct elf_writer writer;
    struct opened opened = {0};
    elf_writer_init(&writer);
    elf_writer_load(&writer, BASE, 0x1000, memory, read_only, PF_R);
    elf_writer_load(&writer, BASE + 0x2000, 0x1000, memory + DYNAMIC, 0x1000, PF_R | PF_W);
    elf_writer_thread(&writer, 5, BASE, BASE, 0);
    size_t size;
    opened.bytes = elf_writer_finish(&writer, &size);
    elf_writer_deinit(&writer);
    assert_null(hs_core_open_memory(opened.bytes, size, "the core", &opened.core));
    assert_null(hs_images_load(opened.core, NULL, &opened.images));
    return opened;
}

static void program_close(struct opened *opened) {
    hs_images_destroy(opened->images);
    hs_core_close(opened->core);
    free(opened->bytes);
}

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
        static uint8_t memory[SIZE];
        program_make(memory, relocated);
        struct opened opened = program_open(memory, 0x1000);
        assert_int_equal(opened.images->count, 1);
        const struct hs_image *image = &opened.images->items[0];
        assert_string_equal(image->path, "the core");
        assert_true(image->bias == BASE);
        struct names names = {0};
        assert_null(hs_image_symbols(image, take, &names));
        assert_string_equal(names.text, "v8dbg_one v8dbg_two ");
        assert_int_equal(names.values[0], 0x2100);
        const uint8_t *one = hs_image_ptr(image, 0x2100, 4);
        assert_non_null(one);
        assert_int_equal(*one, 7);
        assert_string_equal(hs_image_cstring(image, TEXT, 64), "read-only");
        assert_null(hs_image_ptr(image, 0x1000, 1)); /* the code is not there */
        struct hs_image_segment segment;
        assert_true(hs_image_segment(image, 1, &segment));
        assert_int_equal(segment.vaddr, 0x2000);
        assert_false(hs_image_segment(image, 2, &segment));
        assert_string_equal(hs_image_arch(image)->name, "x86-64");
        program_close(&opened);
    }
}

/* A kernel's core has the first part of a file's pages only: that is no program. */
static void test_not_whole(void **state) {
    (void)state;
    static uint8_t memory[SIZE];
    program_make(memory, true);
    struct opened opened = program_open(memory, 0xc00);
    assert_int_equal(opened.images->count, 1);
    assert_null(opened.images->items[0].path);
    assert_string_not_equal(hs_image_missing_reason(&opened.images->items[0]), "");
    program_close(&opened);
}

/* Any word of what describes the symbols may be anything; run it with a sanitizer. */
static void test_hostile(void **state) {
    (void)state;
    static const uint32_t words[] = {0, 1, 0x7fffffff, 0x80000000, UINT32_MAX};
    static uint8_t memory[SIZE];
    for (size_t at = sizeof(Elf64_Ehdr); at < DYNAMIC + 0x60; at += 4) {
        if (at == HASH + 0x40) at = DYNAMIC;
        for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
            program_make(memory, true);
            memcpy(memory + at, &words[w], 4);
            struct opened opened = program_open(memory, 0x1000);
            for (size_t i = 0; i < opened.images->count; i++) {
                struct names names = {0};
                if (opened.images->items[i].path)
                    assert_null(hs_image_symbols(&opened.images->items[i], take, &names));
                for (unsigned n = 0; n < names.count; n++)
                    hs_image_ptr(&opened.images->items[i], names.values[n], 4);
            }
            program_close(&opened);
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
