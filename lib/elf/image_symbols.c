/* Symbol tables, read with libelf. The descriptor lives for one call only, so images stay safe from any
 * thread. */
#define _GNU_SOURCE 1 /* memrchr */
#include "elf/image_private.h"

#include <gelf.h>
#include <libelf.h>

static void elf_cleanup(Elf **elf) {
    if (*elf) elf_end(*elf);
}

struct symbol_visitor {
    bool (*visit)(void *context, const struct hs_symbol *symbol);
    void *context;
    bool stopped;
};

/* Names that do not end within the string table, or begin outside it, are left out. */
static void table_visit(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, struct symbol_visitor *visitor) {
    Elf_Data *data = elf_getdata(section, NULL);
    Elf_Scn *strings_section = elf_getscn(elf, header->sh_link);
    GElf_Shdr strings_header;
    if (!data || !data->d_buf || !strings_section || !gelf_getshdr(strings_section, &strings_header)) return;
    if (strings_header.sh_type != SHT_STRTAB) return;
    Elf_Data *strings = elf_getdata(strings_section, NULL);
    if (!strings || !strings->d_buf || strings->d_size == 0) return;
    const char *names = strings->d_buf;
    const char *last = memrchr(names, '\0', strings->d_size);
    if (!last) return;
    size_t limit = (size_t)(last - names);
    size_t entry = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
    size_t count = entry ? data->d_size / entry : 0;
    if (count > INT32_MAX) count = INT32_MAX;
    for (size_t i = 1; i < count; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol)) return;
        uint8_t type = GELF_ST_TYPE(symbol.st_info);
        if (symbol.st_shndx == SHN_UNDEF || type == STT_SECTION || type == STT_FILE) continue;
        if (symbol.st_name == 0 || symbol.st_name > limit) continue;
        const struct hs_symbol one = {
            .name = names + symbol.st_name, .value = symbol.st_value, .size = symbol.st_size, .type = type};
        if (!visitor->visit(visitor->context, &one)) {
            visitor->stopped = true;
            return;
        }
    }
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
    struct symbol_visitor visitor = {.visit = visit, .context = context};
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        for (Elf_Scn *section = elf_nextscn(elf, NULL); section && !visitor.stopped;
             section = elf_nextscn(elf, section)) {
            GElf_Shdr header;
            if (gelf_getshdr(section, &header) && header.sh_type == types[t])
                table_visit(elf, section, &header, &visitor);
        }
    }
    return NULL;
}
