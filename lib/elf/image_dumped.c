/* An ELF file of which nothing is left but what the core holds of it: its binary was deleted, and whoever
 * took the core dumped its mappings (gdb's gcore does, for a deleted file). There are no section headers
 * then: the dynamic symbols are found as the dynamic linker finds them. */
#include "elf/image_private.h"

#include <elf.h>

enum { SYMBOLS_MAX = 1 << 20, DYNAMIC_MAX = 512 };

bool hs_image_file_dumped(const struct hs_core *core, hs_addr start, struct hs_image_file *ret) {
    struct hs_image_file file = {.core = core};
    if (!hs_image_core_read(core, start, &file.facts)) return false;
    file.bias = start - file.facts.load_bias;
    bool whole = true, dynamic = false;
    for (size_t i = 0; i < file.facts.header_count; i++) {
        const struct hs_program_header *one = &file.facts.headers[i];
        if (one->type == PT_DYNAMIC) dynamic = true;
        /* Nothing is read of the code. */
        if (one->type == PT_LOAD && !(one->flags & PF_X) && one->file_size)
            whole = whole && hs_core_ptr(core, file.bias + one->vaddr, one->file_size);
    }
    if (!whole || !dynamic) {
        hs_image_file_close(&file);
        return false;
    }
    *ret = file;
    return true;
}

/* What PT_DYNAMIC says, as addresses in the target. */
struct dynamic {
    hs_addr symbols, strings, gnu_hash, hash;
    uint64_t strings_size;
};

/* The dynamic linker replaces link-time addresses by run-time ones on most machines, not on all. */
static hs_addr place(const struct hs_image_file *file, uint64_t value) {
    hs_addr low = file->bias + file->facts.low, high = file->bias + file->facts.high;
    return value >= low && value < high ? value : file->bias + value;
}

static bool dynamic_read(const struct hs_image_file *file, struct dynamic *ret) {
    const struct hs_core *core = file->core;
    unsigned word = core->arch->word_size;
    struct dynamic dynamic = {0};
    for (size_t i = 0; i < file->facts.header_count; i++) {
        const struct hs_program_header *one = &file->facts.headers[i];
        if (one->type != PT_DYNAMIC) continue;
        hs_addr at = file->bias + one->vaddr;
        for (unsigned k = 0; k < DYNAMIC_MAX && k < one->memory_size / (2 * word); k++, at += 2 * word) {
            uint64_t tag, value;
            if (!hs_core_word(core, at, &tag) || !hs_core_word(core, at + word, &value) || tag == DT_NULL)
                break;
            if (tag == DT_SYMTAB) dynamic.symbols = place(file, value);
            else if (tag == DT_STRTAB) dynamic.strings = place(file, value);
            else if (tag == DT_STRSZ) dynamic.strings_size = value;
            else if (tag == DT_GNU_HASH) dynamic.gnu_hash = place(file, value);
            else if (tag == DT_HASH) dynamic.hash = place(file, value);
        }
    }
    *ret = dynamic;
    return dynamic.symbols && dynamic.strings && dynamic.strings_size;
}

/* The number of symbols is the end of the last chain of the hash table: {buckets, first symbol, words of the
 * filter, shift}, filter, buckets, then a word for each symbol whose low bit ends a chain. */
static uint64_t gnu_hash_count(const struct hs_core *core, hs_addr table) {
    uint32_t buckets, first, filter, last = 0, one;
    if (!hs_core_u32(core, table, &buckets) || !hs_core_u32(core, table + 4, &first) ||
        !hs_core_u32(core, table + 8, &filter) || buckets > SYMBOLS_MAX || filter > SYMBOLS_MAX)
        return 0;
    hs_addr at = table + 16 + (uint64_t)filter * core->arch->word_size;
    for (uint32_t i = 0; i < buckets; i++) {
        if (!hs_core_u32(core, at + 4u * i, &one)) return 0;
        if (one > last) last = one;
    }
    if (last < first) return 0;
    for (at += 4ull * buckets; last < SYMBOLS_MAX; last++)
        if (!hs_core_u32(core, at + 4ull * (last - first), &one) || one & 1) break;
    return (uint64_t)last + 1;
}

static uint64_t symbol_count(const struct hs_core *core, const struct dynamic *dynamic) {
    uint32_t count = 0; /* of DT_HASH: {buckets, symbols} */
    if (dynamic->gnu_hash) return gnu_hash_count(core, dynamic->gnu_hash);
    return dynamic->hash && hs_core_u32(core, dynamic->hash + 4, &count) ? count : 0;
}

void hs_image_dumped_symbols(const struct hs_image_file *file,
                             bool (*visit)(void *context, const struct hs_symbol *symbol), void *context) {
    const struct hs_core *core = file->core;
    const struct hs_arch *arch = core->arch;
    size_t entry = arch->word_size == 8 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    struct dynamic dynamic;
    if (!dynamic_read(file, &dynamic)) return;
    uint64_t count = symbol_count(core, &dynamic);
    const uint8_t *symbols = count <= SYMBOLS_MAX ? hs_core_ptr(core, dynamic.symbols, count * entry) : NULL;
    const char *strings = hs_core_ptr(core, dynamic.strings, dynamic.strings_size);
    const struct hs_image_symbols table = {symbols, symbols ? count * entry : 0, strings,
                                           dynamic.strings_size};
    hs_image_symbol_table(arch, &table, visit, context);
}
