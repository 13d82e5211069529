#include "dumped_program.h"

#include <stdlib.h>
#include <string.h>

#include "elf_writer.h"

void dumped_program_make(uint8_t *memory, bool relocated) {
    memset(memory, 0, DUMPED_SIZE);
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
         .st_value = DUMPED_TEXT,
         .st_size = 4},
    };
    /* one bucket, first hashed symbol 2, a filter of one word; the chain of 2 and 3 ends at 3 */
    const uint32_t hash[] = {1, 2, 1, 0, 0, 0, 2, 0x10, 0x21};
    const uint64_t add = relocated ? DUMPED_BASE : 0;
    const Elf64_Dyn dynamic[] = {{DT_SYMTAB, {DUMPED_SYMBOLS + add}},
                                 {DT_STRTAB, {DUMPED_STRINGS + add}},
                                 {DT_STRSZ, {sizeof strings}},
                                 {DT_GNU_HASH, {DUMPED_HASH + add}},
                                 {DT_NULL, {0}}};
    memcpy(memory, &header, sizeof header);
    memcpy(memory + sizeof header, headers, sizeof headers);
    memcpy(memory + DUMPED_SYMBOLS, symbols, sizeof symbols);
    memcpy(memory + DUMPED_STRINGS, strings, sizeof strings);
    memcpy(memory + DUMPED_HASH, hash, sizeof hash);
    memcpy(memory + DUMPED_TEXT, "read-only", 10);
    memcpy(memory + DUMPED_DYNAMIC, dynamic, sizeof dynamic);
    memcpy(memory + DUMPED_DYNAMIC + 0x100, "\7\0\0", 4);
}

struct dumped_program dumped_program_open(const uint8_t *memory, uint64_t read_only) {
    struct elf_writer writer;
    struct dumped_program program = {0};
    elf_writer_init(&writer);
    elf_writer_load(&writer, DUMPED_BASE, 0x1000, memory, read_only, PF_R);
    elf_writer_load(&writer, DUMPED_BASE + 0x2000, 0x1000, memory + DUMPED_DYNAMIC, 0x1000, PF_R | PF_W);
    elf_writer_thread(&writer, 5, DUMPED_BASE, DUMPED_BASE, 0);
    size_t size;
    program.bytes = elf_writer_finish(&writer, &size);
    elf_writer_deinit(&writer);
    struct hs_error *error = hs_core_open_memory(program.bytes, size, "the core", &program.core);
    if (!error) error = hs_images_load(program.core, NULL, &program.images);
    hs_error_destroy(error);
    return program;
}

void dumped_program_close(struct dumped_program *program) {
    hs_images_destroy(program->images);
    hs_core_close(program->core);
    free(program->bytes);
}
