/* The program headers of a core, and the sentence for a file that is none. */
#include "elf/core_private.h"

#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>

/* The kernel's default limit is 65530 mappings a process; a few thousand times more is damage, not a process.
 */
enum { HEADER_COUNT_MAX = 1 << 22 };

static struct hs_error *foreign_error(const struct hs_core *core) {
    static const struct {
        const char *name, *magic;
        size_t size;
    } known[] = {
        {"compressed with gzip; decompress it first", "\x1f\x8b", 2},
        {"compressed with xz; decompress it first",
         "\xfd"
         "7zXZ",
         5},
        {"compressed with lz4; decompress it first", "\x04\x22\x4d\x18", 4},
        {"compressed with bzip2; decompress it first", "BZh", 3},
        {"compressed with zstd within zstd; decompress it first", "\x28\xb5\x2f\xfd", 4},
        {"a minidump, not an ELF core", "MDMP", 4},
        {"a V8 heap snapshot, not an ELF core", "{\"snapshot\":", 12},
    };
    const struct hs_core_private *priv = core->priv;
    if (priv->size == 0)
        return hs_error_create(HS_ERROR_FORMAT,
                               "%s is empty: the core was not written; look for a full disk or a core "
                               "size limit (ulimit -c)",
                               core->path);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (priv->size >= known[i].size && memcmp(priv->bytes, known[i].magic, known[i].size) == 0)
            return hs_error_create(HS_ERROR_FORMAT, "%s is %s", core->path, known[i].name);
    }
    return hs_error_create(HS_ERROR_FORMAT,
                           "%s is not an ELF file: a core of a process is expected, as gcore or the "
                           "kernel writes it",
                           core->path);
}

static struct hs_error *type_check(const struct hs_core *core, const struct hs_elf_header *header) {
    switch (header->type) {
    case ET_CORE:
        return NULL;
    case ET_EXEC:
    case ET_DYN:
        return hs_error_create(HS_ERROR_FORMAT,
                               "%s is %s, not a core: take a core of the running process with gcore, and "
                               "name this file with --exe if it is the program",
                               core->path,
                               header->type == ET_EXEC ? "an executable" : "an executable or shared object");
    case ET_REL:
        return hs_error_create(HS_ERROR_FORMAT, "%s is an object file, not a core", core->path);
    default:
        return hs_error_create(HS_ERROR_FORMAT, "%s is an ELF file of type %u, not a core", core->path,
                               header->type);
    }
}

static struct hs_error *machine_check(const struct hs_core *core, const struct hs_elf_header *header) {
    unsigned bits = header->elf_class == ELFCLASS64 ? 64 : 32;
    if (!header->arch)
        return hs_error_create(HS_ERROR_UNSUPPORTED,
                               "%s is a core of an unknown %u-bit machine (ELF machine number %u)",
                               core->path, bits, header->machine);
    return NULL;
}

/* Counts the headers of a core with PN_XNUM whose end, where the count stands, was cut off: the table ends
 * where the first segment's bytes begin. */
static uint64_t header_count_guess(const struct hs_core *core, const struct hs_elf_header *header,
                                   uint64_t fits) {
    size_t entry = hs_program_header_size(header->arch);
    uint64_t table_end = UINT64_MAX, count = 0;
    while (count < fits && count < HEADER_COUNT_MAX) {
        uint64_t at = header->phoff + count * entry;
        if (at >= table_end) break;
        struct hs_program_header one = hs_program_header_read(header->arch, core->priv->bytes + at);
        if (one.type != PT_LOAD && one.type != PT_NOTE && one.type != PT_NULL) break;
        if (one.offset > at && one.offset < table_end) table_end = one.offset;
        count++;
    }
    return count;
}

struct hs_error *hs_core_headers_load(struct hs_core *core) {
    struct hs_core_private *priv = core->priv;
    struct hs_elf_header header;
    switch (hs_elf_header_read(priv->bytes, priv->size, &header)) {
    case HS_ELF_OK:
        break;
    case HS_ELF_FOREIGN:
        return foreign_error(core);
    case HS_ELF_SHORT:
        return hs_error_create(HS_ERROR_FORMAT,
                               "%s ends within its ELF header: the core is cut off after %zu bytes",
                               core->path, priv->size);
    case HS_ELF_BAD:
        return hs_error_create(HS_ERROR_FORMAT, "%s has a damaged ELF header: impossible class or byte order",
                               core->path);
    }
    HS_TRY(type_check(core, &header));
    HS_TRY(machine_check(core, &header));
    core->arch = header.arch;

    size_t entry = hs_program_header_size(header.arch);
    if (header.phnum == 0)
        return hs_error_create(HS_ERROR_FORMAT, "%s is a core without segments: it holds no memory",
                               core->path);
    if (header.phentsize != entry)
        return hs_error_create(HS_ERROR_FORMAT,
                               "%s has a damaged ELF header: program headers of %u bytes instead of %zu",
                               core->path, header.phentsize, entry);
    uint64_t fits = header.phoff > priv->size ? 0 : (priv->size - header.phoff) / entry;
    uint64_t count = header.phnum;
    if (count == PN_XNUM) {
        uint32_t real;
        count = hs_elf_header_xnum(&header, priv->bytes, priv->size, &real)
                    ? real
                    : header_count_guess(core, &header, fits);
    }
    if (count > fits)
        return hs_error_create(HS_ERROR_FORMAT,
                               "%s ends within its program headers (%" PRIu64 " of %" PRIu64 " are there):"
                               " the core is cut off after %zu bytes",
                               core->path, fits, count, priv->size);
    if (count > HEADER_COUNT_MAX)
        return hs_error_create(HS_ERROR_FORMAT, "%s claims %" PRIu64 " segments: its ELF header is damaged",
                               core->path, count);
    priv->headers = calloc(count ? count : 1, sizeof *priv->headers);
    if (!priv->headers) return HS_ENOMEM;
    for (uint64_t i = 0; i < count; i++)
        priv->headers[i] = hs_program_header_read(header.arch, priv->bytes + header.phoff + i * entry);
    priv->header_count = count;
    return NULL;
}
