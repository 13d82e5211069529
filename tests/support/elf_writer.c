#include "elf_writer.h"

#include <stdlib.h>
#include <string.h>

static void *allocate(size_t size) {
    void *p = calloc(1, size ? size : 1);
    if (!p) abort();
    return p;
}

void elf_writer_init(struct elf_writer *writer) {
    memset(writer, 0, sizeof *writer);
    writer->machine = EM_X86_64;
    writer->type = ET_CORE;
}

void elf_writer_deinit(struct elf_writer *writer) {
    free(writer->notes);
    writer->notes = NULL;
}

struct elf_writer_segment *elf_writer_load(struct elf_writer *writer, uint64_t vaddr, uint64_t memory_size,
                                           const void *bytes, uint64_t file_size, uint32_t flags) {
    if (writer->segment_count == ELF_WRITER_SEGMENTS) abort();
    struct elf_writer_segment *segment = &writer->segments[writer->segment_count++];
    *segment = (struct elf_writer_segment){vaddr, memory_size, file_size, bytes, flags, false};
    return segment;
}

static size_t padded(size_t size) {
    return (size + 3) & ~(size_t)3;
}

void elf_writer_note(struct elf_writer *writer, const char *owner, uint32_t type, const void *desc,
                     size_t size) {
    Elf64_Nhdr header = {.n_namesz = (uint32_t)strlen(owner) + 1, .n_descsz = (uint32_t)size, .n_type = type};
    size_t total = sizeof header + padded(header.n_namesz) + padded(size);
    uint8_t *notes = realloc(writer->notes, writer->notes_size + total);
    if (!notes) abort();
    uint8_t *p = notes + writer->notes_size;
    memset(p, 0, total);
    memcpy(p, &header, sizeof header);
    memcpy(p + sizeof header, owner, header.n_namesz);
    if (size) memcpy(p + sizeof header + padded(header.n_namesz), desc, size);
    writer->notes = notes;
    writer->notes_size += total;
}

void elf_writer_thread(struct elf_writer *writer, uint32_t tid, uint64_t sp, uint64_t pc, uint64_t fs_base) {
    uint8_t desc[336] = {0};
    uint64_t regs[27];
    for (size_t i = 0; i < 27; i++) regs[i] = i + 1000;
    regs[19] = sp, regs[16] = pc, regs[21] = fs_base;
    memcpy(desc + 32, &tid, sizeof tid);
    memcpy(desc + 112, regs, sizeof regs);
    elf_writer_note(writer, "CORE", NT_PRSTATUS, desc, sizeof desc);
}

void elf_writer_process(struct elf_writer *writer, uint32_t pid, const char *program) {
    uint8_t desc[136] = {0};
    memcpy(desc + 24, &pid, sizeof pid);
    size_t length = strlen(program);
    memcpy(desc + 40, program, length < 16 ? length : 16);
    elf_writer_note(writer, "CORE", NT_PRPSINFO, desc, sizeof desc);
}

void elf_writer_auxv(struct elf_writer *writer, const uint64_t *pairs, size_t pair_count) {
    uint64_t *desc = allocate((pair_count + 1) * 16);
    memcpy(desc, pairs, pair_count * 16);
    elf_writer_note(writer, "CORE", NT_AUXV, desc, (pair_count + 1) * 16);
    free(desc);
}

void elf_writer_files(struct elf_writer *writer, const struct elf_writer_mapping *mappings, size_t count) {
    size_t size = 16 + count * 24;
    for (size_t i = 0; i < count; i++) size += strlen(mappings[i].path) + 1;
    uint8_t *desc = allocate(size);
    uint64_t head[2] = {count, 4096};
    memcpy(desc, head, sizeof head);
    uint8_t *name = desc + 16 + count * 24;
    for (size_t i = 0; i < count; i++) {
        uint64_t entry[3] = {mappings[i].start, mappings[i].end, mappings[i].page};
        memcpy(desc + 16 + i * 24, entry, sizeof entry);
        size_t length = strlen(mappings[i].path) + 1;
        memcpy(name, mappings[i].path, length);
        name += length;
    }
    elf_writer_note(writer, "CORE", NT_FILE, desc, size);
    free(desc);
}

uint8_t *elf_writer_finish(struct elf_writer *writer, size_t *size_ret) {
    size_t count = writer->segment_count + 1;
    size_t total = sizeof(Elf64_Ehdr) + count * sizeof(Elf64_Phdr) + writer->notes_size;
    for (size_t i = 0; i < writer->segment_count; i++)
        total += writer->segments[i].file_size + (writer->segments[i].apart ? 64 : 0);
    size_t section = total;
    if (writer->xnum) total += sizeof(Elf64_Shdr);
    uint8_t *bytes = allocate(total);

    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = writer->type,
        .e_machine = writer->machine,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = (uint16_t)count,
    };
    if (writer->xnum) {
        Elf64_Shdr zero = {.sh_info = (uint32_t)count};
        memcpy(bytes + section, &zero, sizeof zero);
        header.e_phnum = PN_XNUM;
        header.e_shoff = section;
        header.e_shnum = 1;
        header.e_shentsize = sizeof zero;
    }
    memcpy(bytes, &header, sizeof header);

    size_t at = sizeof header + count * sizeof(Elf64_Phdr);
    Elf64_Phdr note = {.p_type = PT_NOTE, .p_filesz = writer->notes_size, .p_align = 1};
    if (!writer->notes_last) {
        note.p_offset = at;
        at += writer->notes_size;
    }
    for (size_t i = 0; i < writer->segment_count; i++) {
        const struct elf_writer_segment *segment = &writer->segments[i];
        if (segment->apart) at += 64;
        Elf64_Phdr load = {
            .p_type = PT_LOAD,
            .p_flags = segment->flags,
            .p_offset = at,
            .p_vaddr = segment->vaddr,
            .p_filesz = segment->file_size,
            .p_memsz = segment->memory_size,
            .p_align = 1,
        };
        memcpy(bytes + sizeof header + (i + 1) * sizeof load, &load, sizeof load);
        if (segment->bytes && segment->file_size) memcpy(bytes + at, segment->bytes, segment->file_size);
        at += segment->file_size;
    }
    if (writer->notes_last) note.p_offset = at;
    memcpy(bytes + sizeof header, &note, sizeof note);
    if (writer->notes_size) memcpy(bytes + note.p_offset, writer->notes, writer->notes_size);
    *size_ret = total;
    return bytes;
}

Elf64_Phdr *elf_writer_header(uint8_t *bytes, size_t index) {
    return (Elf64_Phdr *)(void *)(bytes + sizeof(Elf64_Ehdr)) + index;
}

uint8_t *elf_object_build(const struct elf_object *object) {
    static const char strings[] = "\0local_symbol\0undefined_symbol\0v8dbg_one";
    uint8_t *bytes = allocate(ELF_OBJECT_SIZE);
    uint64_t base = object->base;
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = object->type,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_entry = object->entry,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_shoff = 0x3000,
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 4,
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = 4,
    };
    memcpy(bytes, &header, sizeof header);
    Elf64_Nhdr note = {.n_namesz = 4, .n_descsz = (uint32_t)object->build_id_size, .n_type = NT_GNU_BUILD_ID};
    size_t note_size = object->build_id ? sizeof note + 4 + padded(object->build_id_size) : 0;
    Elf64_Phdr headers[4] = {
        {.p_type = PT_LOAD, .p_flags = PF_R, .p_vaddr = base, .p_filesz = 0x1000, .p_memsz = 0x1000},
        {.p_type = PT_LOAD,
         .p_flags = PF_R | PF_W,
         .p_offset = 0x1000,
         .p_vaddr = base + 0x1000,
         .p_filesz = 0x1000,
         .p_memsz = 0x1800},
        {.p_type = PT_NOTE, .p_offset = 0x400, .p_vaddr = base + 0x400, .p_filesz = note_size, .p_align = 4},
        {.p_type = PT_TLS, .p_offset = 0x1800, .p_vaddr = base + 0x1800, .p_memsz = 24, .p_align = 8},
    };
    memcpy(bytes + sizeof header, headers, sizeof headers);
    if (object->build_id) {
        memcpy(bytes + 0x400, &note, sizeof note);
        memcpy(bytes + 0x400 + sizeof note, "GNU", 4);
        memcpy(bytes + 0x404 + sizeof note, object->build_id, object->build_id_size);
    }
    memcpy(bytes + 0x800, "read-only", 10);
    memcpy(bytes + 0x1000, "writable", 9);

    const Elf64_Sym table[3] = {
        {0},
        {.st_name = 1,
         .st_info = ELF64_ST_INFO(STB_LOCAL, STT_OBJECT),
         .st_shndx = 1,
         .st_value = base + 0x800},
        {.st_name = 14, .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = SHN_UNDEF},
    };
    const Elf64_Sym dynamic[2] = {{0},
                                  {.st_name = 31,
                                   .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
                                   .st_shndx = 1,
                                   .st_value = base + 0x1000,
                                   .st_size = 4}};
    memcpy(bytes + 0x2000, table, sizeof table);
    memcpy(bytes + 0x2100, dynamic, sizeof dynamic);
    memcpy(bytes + 0x2200, strings, sizeof strings);
    const Elf64_Shdr sections[4] = {
        {0},
        {.sh_type = SHT_SYMTAB,
         .sh_offset = 0x2000,
         .sh_size = sizeof table,
         .sh_link = 3,
         .sh_entsize = sizeof *table},
        {.sh_type = SHT_DYNSYM,
         .sh_offset = 0x2100,
         .sh_size = sizeof dynamic,
         .sh_link = 3,
         .sh_entsize = sizeof *table},
        {.sh_type = SHT_STRTAB, .sh_offset = 0x2200, .sh_size = sizeof strings},
    };
    memcpy(bytes + 0x3000, sections, sizeof sections);
    return bytes;
}
