/* ELF headers and notes as values, read from bytes that may be anything.
 *
 * Used for cores, for ELF pages that a core maps, and for notes of files. libelf is not used for these, on
 * purpose: it clips a program header table that ends behind the file without a word, so a core that was cut
 * off there would look like a small whole one; it cannot count the headers of a truncated core with more than
 * 65534 mappings (PN_XNUM, the count stands at the end of the file); and it wants a file, where an ELF page
 * in a core is a piece of memory. Symbol tables are libelf's (image_symbols.c). All functions are pure. */
#ifndef HS_ELF_HEADER_H
#define HS_ELF_HEADER_H

#include "elf/arch.h"

struct hs_elf_header {
    const struct hs_arch
        *arch;        /* NULL if the machine is not in the table: then only the next four fields hold */
    uint16_t type;    /* ET_* */
    uint16_t machine; /* EM_* */
    uint8_t elf_class, elf_data;
    uint64_t entry;
    uint64_t phoff, shoff; /* offsets in the file */
    uint16_t phentsize, phnum;
};

struct hs_program_header {
    uint32_t type;  /* PT_* */
    uint32_t flags; /* PF_* */
    uint64_t offset, vaddr, file_size, memory_size, align;
};

struct hs_note {
    const char *name; /* not necessarily NUL-terminated */
    uint32_t name_size;
    uint32_t type;
    const uint8_t *desc;
    uint32_t desc_size;
};

enum hs_elf_verdict {
    HS_ELF_OK,
    HS_ELF_FOREIGN, /* no ELF magic */
    HS_ELF_SHORT,   /* ELF magic, but the bytes end within the header */
    HS_ELF_BAD,     /* impossible class or byte order */
};

/* Reads the header at `bytes`. ret->arch is NULL where the machine is unknown (verdict OK all the same). */
enum hs_elf_verdict hs_elf_header_read(const void *bytes, size_t size, struct hs_elf_header *ret);
/* Bytes of one program header of this machine. */
size_t hs_program_header_size(const struct hs_arch *arch);
/* `bytes` must hold hs_program_header_size() bytes. */
struct hs_program_header hs_program_header_read(const struct hs_arch *arch, const void *bytes);
/* sh_info of section 0, the true count of program headers where phnum is PN_XNUM; false if it is not within
 * `size`. */
bool hs_elf_header_xnum(const struct hs_elf_header *header, const void *bytes, size_t size, uint32_t *ret);

/* Steps through the notes in [bytes, bytes+size): `*position` starts at 0. False at the end and at a note
 * that does not fit. `align` is the padding of name and descriptor: 8 for a segment so aligned, else 4. */
bool hs_note_next(const struct hs_arch *arch, const uint8_t *bytes, size_t size, uint64_t align,
                  size_t *position, struct hs_note *ret);
/* Is it a note of this owner ("CORE", "LINUX", "GNU")? */
bool hs_note_is(const struct hs_note *note, const char *owner, uint32_t type);

#endif
