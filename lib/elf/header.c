#include "elf/header.h"

#include <elf.h>
#include <stddef.h>

/* Reads field `f` of structure Elf32_S or Elf64_S, whichever the machine has; the width follows from the
 * field. */
#define FIELD(arch, bytes, S, f)                                                                             \
    ((arch)->word_size == 8 ? field_read(arch, bytes, offsetof(Elf64_##S, f), sizeof(((Elf64_##S *)0)->f))   \
                            : field_read(arch, bytes, offsetof(Elf32_##S, f), sizeof(((Elf32_##S *)0)->f)))

static uint64_t field_read(const struct hs_arch *arch, const uint8_t *bytes, size_t offset, size_t width) {
    switch (width) {
    case 2:
        return hs_arch_u16(arch, bytes + offset);
    case 4:
        return hs_arch_u32(arch, bytes + offset);
    default:
        return hs_arch_u64(arch, bytes + offset);
    }
}

enum hs_elf_verdict hs_elf_header_read(const void *bytes, size_t size, struct hs_elf_header *ret) {
    const uint8_t *p = bytes;
    if (size < SELFMAG || memcmp(p, ELFMAG, SELFMAG) != 0) return HS_ELF_FOREIGN;
    if (size < EI_NIDENT) return HS_ELF_SHORT;
    struct hs_elf_header header = {.elf_class = p[EI_CLASS], .elf_data = p[EI_DATA]};
    if ((header.elf_class != ELFCLASS32 && header.elf_class != ELFCLASS64) ||
        (header.elf_data != ELFDATA2LSB && header.elf_data != ELFDATA2MSB))
        return HS_ELF_BAD;
    bool wide = header.elf_class == ELFCLASS64;
    if (size < (wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr))) return HS_ELF_SHORT;

    /* Type and machine are read before the machine is known: only width and byte order are needed for that.
     */
    const struct hs_arch plain = {.word_size = wide ? 8 : 4, .big_endian = header.elf_data == ELFDATA2MSB};
    header.type = (uint16_t)FIELD(&plain, p, Ehdr, e_type);
    header.machine = (uint16_t)FIELD(&plain, p, Ehdr, e_machine);
    header.entry = FIELD(&plain, p, Ehdr, e_entry);
    header.phoff = FIELD(&plain, p, Ehdr, e_phoff);
    header.shoff = FIELD(&plain, p, Ehdr, e_shoff);
    header.phentsize = (uint16_t)FIELD(&plain, p, Ehdr, e_phentsize);
    header.phnum = (uint16_t)FIELD(&plain, p, Ehdr, e_phnum);
    header.arch = hs_arch_find(header.machine, header.elf_class, header.elf_data);
    *ret = header;
    return HS_ELF_OK;
}

size_t hs_program_header_size(const struct hs_arch *arch) {
    return arch->word_size == 8 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

struct hs_program_header hs_program_header_read(const struct hs_arch *arch, const void *bytes) {
    const uint8_t *p = bytes;
    return (struct hs_program_header){
        .type = (uint32_t)FIELD(arch, p, Phdr, p_type),
        .flags = (uint32_t)FIELD(arch, p, Phdr, p_flags),
        .offset = FIELD(arch, p, Phdr, p_offset),
        .vaddr = FIELD(arch, p, Phdr, p_vaddr),
        .file_size = FIELD(arch, p, Phdr, p_filesz),
        .memory_size = FIELD(arch, p, Phdr, p_memsz),
        .align = FIELD(arch, p, Phdr, p_align),
    };
}

bool hs_elf_header_xnum(const struct hs_elf_header *header, const void *bytes, size_t size, uint32_t *ret) {
    size_t need = header->arch->word_size == 8 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
    if (header->shoff == 0 || header->shoff > size || size - header->shoff < need) return false;
    const uint8_t *section = (const uint8_t *)bytes + header->shoff;
    *ret = (uint32_t)FIELD(header->arch, section, Shdr, sh_info);
    return true;
}

/* Moves `position` behind `length` bytes and their padding; false if they do not fit. Missing padding at the
 * very end is forgiven: some writers leave it out. */
static bool note_skip(size_t size, size_t length, size_t align, size_t *position) {
    if (length > size - *position) return false;
    *position += length;
    size_t padding = (align - *position % align) % align;
    *position = padding > size - *position ? size : *position + padding;
    return true;
}

bool hs_note_next(const struct hs_arch *arch, const uint8_t *bytes, size_t size, uint64_t align,
                  size_t *position, struct hs_note *ret) {
    size_t at = *position;
    size_t step = align == 8 ? 8 : 4;
    if (at > size || size - at < sizeof(Elf64_Nhdr)) return false;
    struct hs_note note = {
        .name_size = hs_arch_u32(arch, bytes + at),
        .desc_size = hs_arch_u32(arch, bytes + at + 4),
        .type = hs_arch_u32(arch, bytes + at + 8),
    };
    at += sizeof(Elf64_Nhdr); /* the same 12 bytes in both classes */
    note.name = (const char *)bytes + at;
    if (!note_skip(size, note.name_size, step, &at)) return false;
    note.desc = bytes + at;
    if (!note_skip(size, note.desc_size, step, &at)) return false;
    *position = at;
    *ret = note;
    return true;
}

bool hs_note_is(const struct hs_note *note, const char *owner, uint32_t type) {
    size_t length = strlen(owner);
    /* The kernel counts the NUL in the size; a few writers do not. */
    if (note->type != type || note->name_size < length || note->name_size > length + 1) return false;
    return memcmp(note->name, owner, length) == 0 &&
           (note->name_size == length || note->name[length] == '\0');
}
