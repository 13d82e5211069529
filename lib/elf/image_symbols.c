/* Symbol tables, read with libelf. The descriptor lives for one call only, so images stay safe from any
 * thread. */
#define _GNU_SOURCE 1 /* memrchr */
#include "elf/image_private.h"

#include <gelf.h>
#include <libelf.h>
#include <stddef.h>
#include <string.h>

static void elf_cleanup(Elf **elf) {
    if (*elf) elf_end(*elf);
}

/* Symbols whose names are fetched ahead: they lie in no order. Measured with the 174,000 of node 22: a small
 * core is open after 42 ms instead of 52. */
enum { AHEAD = 16 };

bool hs_image_symbol_table(const struct hs_arch *arch, const struct hs_image_symbols *table,
                           bool (*visit)(void *context, const struct hs_symbol *symbol), void *context) {
    bool wide = arch->word_size == 8;
    size_t entry = wide ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    const char *last = table->names ? memrchr(table->names, '\0', table->names_size) : NULL;
    uint64_t count = last && table->symbols ? table->symbols_size / entry : 0;
    if (count > INT32_MAX) count = INT32_MAX;
    for (uint64_t i = 1; i < count; i++) {
        const uint8_t *p = table->symbols + i * entry;
        uint32_t name = hs_arch_u32(arch, p);
        if (count - i > AHEAD) __builtin_prefetch(table->names + hs_arch_u32(arch, p + AHEAD * entry));
        uint8_t type = ELF64_ST_TYPE(p[wide ? offsetof(Elf64_Sym, st_info) : offsetof(Elf32_Sym, st_info)]);
        uint16_t section =
            hs_arch_u16(arch, p + (wide ? offsetof(Elf64_Sym, st_shndx) : offsetof(Elf32_Sym, st_shndx)));
        if (section == SHN_UNDEF || type == STT_SECTION || type == STT_FILE) continue;
        if (name == 0 || name > (size_t)(last - table->names)) continue;
        const struct hs_symbol one = {.name = table->names + name,
                                      .value = hs_arch_word(arch, p + (wide ? offsetof(Elf64_Sym, st_value)
                                                                            : offsetof(Elf32_Sym, st_value))),
                                      .size = hs_arch_word(arch, p + (wide ? offsetof(Elf64_Sym, st_size)
                                                                           : offsetof(Elf32_Sym, st_size))),
                                      .type = type};
        if (!visit(context, &one)) return false;
    }
    return true;
}

/* As they stand in the file: libelf would make a copy of the symbols, 4 MB of them. */
static struct hs_image_symbols table_of(Elf *elf, Elf_Scn *section, const GElf_Shdr *header) {
    struct hs_image_symbols table = {0};
    Elf_Data *data = elf_rawdata(section, NULL);
    Elf_Scn *strings_section = elf_getscn(elf, header->sh_link);
    GElf_Shdr strings_header;
    if (!data || !data->d_buf || !strings_section || !gelf_getshdr(strings_section, &strings_header))
        return table;
    if (strings_header.sh_type != SHT_STRTAB) return table;
    Elf_Data *strings = elf_rawdata(strings_section, NULL);
    if (!strings || !strings->d_buf) return table;
    return (struct hs_image_symbols){data->d_buf, data->d_size, strings->d_buf, strings->d_size};
}

struct hs_error *hs_image_symbols(const struct hs_image *image,
                                  bool (*visit)(void *context, const struct hs_symbol *symbol),
                                  void *context) {
    static const uint32_t types[] = {SHT_SYMTAB, SHT_DYNSYM};
    const struct hs_image_file *file = &image->priv->file;
    if (file->core) {
        hs_image_dumped_symbols(file, visit, context);
        return NULL;
    }
    if (!file->bytes) return hs_error_create(HS_ERROR_IO, "%s", hs_image_missing_reason(image));
    elf_version(EV_CURRENT);
    /* libelf takes a plain pointer, but only reads from it: sections are handed out as they are, or converted
     * copies. */
    __attribute__((cleanup(elf_cleanup))) Elf *elf = elf_memory((char *)(uintptr_t)file->bytes, file->size);
    if (!elf)
        return hs_error_create(HS_ERROR_FORMAT, "%s cannot be read: libelf reports \"%s\"", image->path,
                               elf_errmsg(-1));
    bool going_on = true;
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        for (Elf_Scn *section = elf_nextscn(elf, NULL); section && going_on;
             section = elf_nextscn(elf, section)) {
            GElf_Shdr header;
            if (!gelf_getshdr(section, &header) || header.sh_type != types[t]) continue;
            const struct hs_image_symbols table = table_of(elf, section, &header);
            going_on = hs_image_symbol_table(file->facts.header.arch, &table, visit, context);
        }
    }
    return NULL;
}
