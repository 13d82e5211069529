/* An ELF file on this machine, and what its headers say. */
#define _GNU_SOURCE 1 /* O_CLOEXEC */
#include "elf/image_private.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Notes of executables are small; single-executable applications append megabytes of their own as PT_NOTE. */
enum { NOTE_SIZE_MAX = 1 << 16 };

void hs_image_facts_deinit(struct hs_image_facts *facts) {
    free(facts->headers);
    *facts = (struct hs_image_facts){0};
}

bool hs_image_facts_init(struct hs_image_facts *facts, const struct hs_elf_header *header,
                         const uint8_t *table) {
    size_t entry = hs_program_header_size(header->arch);
    struct hs_image_facts result = {.header = *header, .low = UINT64_MAX, .header_count = header->phnum};
    result.headers = calloc(header->phnum ? header->phnum : 1, sizeof *result.headers);
    if (!result.headers) return false;
    uint64_t first_offset = UINT64_MAX;
    for (size_t i = 0; i < header->phnum; i++) {
        struct hs_program_header one = hs_program_header_read(header->arch, table + i * entry);
        result.headers[i] = one;
        if (one.type != PT_LOAD || one.memory_size > UINT64_MAX - one.vaddr) continue;
        if (one.vaddr < result.low) result.low = one.vaddr;
        if (one.vaddr + one.memory_size > result.high) result.high = one.vaddr + one.memory_size;
        if (one.offset < first_offset) {
            first_offset = one.offset;
            result.load_bias = one.vaddr - one.offset;
        }
    }
    if (first_offset == UINT64_MAX) {
        free(result.headers);
        return false;
    }
    *facts = result;
    return true;
}

void hs_image_facts_note(struct hs_image_facts *facts, const uint8_t *notes, size_t size, uint64_t align) {
    size_t position = 0;
    struct hs_note note;
    while (hs_note_next(facts->header.arch, notes, size, align, &position, &note)) {
        if (!hs_note_is(&note, "GNU", NT_GNU_BUILD_ID)) continue;
        if (note.desc_size == 0 || note.desc_size > sizeof facts->build_id) continue;
        memcpy(facts->build_id, note.desc, note.desc_size);
        facts->build_id_size = (uint8_t)note.desc_size;
        return;
    }
}

bool hs_image_facts_match(const struct hs_image_facts *core, const struct hs_image_facts *file) {
    if (core->build_id_size)
        return core->build_id_size == file->build_id_size &&
               memcmp(core->build_id, file->build_id, core->build_id_size) == 0;
    return core->header_count == file->header_count && core->header.type == file->header.type &&
           core->header.entry == file->header.entry &&
           memcmp(core->headers, file->headers, core->header_count * sizeof *core->headers) == 0;
}

/* Headers and build-id of the bytes in `file`. */
static struct hs_error *file_load(struct hs_image_file *file, const char *path) {
    struct hs_elf_header header;
    switch (hs_elf_header_read(file->bytes, file->size, &header)) {
    case HS_ELF_OK:
        break;
    case HS_ELF_FOREIGN:
        return hs_error_create(HS_ERROR_FORMAT, "%s is not an ELF file: the program's binary is expected",
                               path);
    default:
        return hs_error_create(HS_ERROR_FORMAT, "%s is cut off or damaged: its ELF header is not whole",
                               path);
    }
    if (header.type == ET_CORE)
        return hs_error_create(HS_ERROR_FORMAT, "%s is a core: the program's binary is expected here", path);
    if (header.type != ET_EXEC && header.type != ET_DYN)
        return hs_error_create(HS_ERROR_FORMAT, "%s is neither an executable nor a shared object", path);
    if (!header.arch)
        return hs_error_create(HS_ERROR_UNSUPPORTED, "%s is for an unknown machine (ELF machine number %u)",
                               path, header.machine);
    size_t entry = hs_program_header_size(header.arch);
    if (header.phentsize != entry || header.phoff > file->size ||
        (file->size - header.phoff) / entry < header.phnum)
        return hs_error_create(HS_ERROR_FORMAT, "%s is cut off or damaged: its program headers are not whole",
                               path);
    if (!hs_image_facts_init(&file->facts, &header, file->bytes + header.phoff))
        return hs_error_create(HS_ERROR_FORMAT, "%s has no loadable segments (a file of debug information?)",
                               path);
    for (size_t i = 0; i < file->facts.header_count && !file->facts.build_id_size; i++) {
        const struct hs_program_header *one = &file->facts.headers[i];
        if (one->type != PT_NOTE || one->offset > file->size || one->file_size > file->size - one->offset)
            continue;
        size_t size = one->file_size < NOTE_SIZE_MAX ? one->file_size : NOTE_SIZE_MAX;
        hs_image_facts_note(&file->facts, file->bytes + one->offset, size, one->align);
    }
    return NULL;
}

static struct hs_error *file_map(const char *path, struct hs_image_file *file) {
    struct stat status;
    if (stat(path, &status) != 0)
        return errno == ENOENT ? hs_error_create(HS_ERROR_IO, "%s does not exist", path)
                               : hs_error_create_errno("%s cannot be opened", path);
    if (!S_ISREG(status.st_mode)) return hs_error_create(HS_ERROR_IO, "%s is not a regular file", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return hs_error_create_errno("%s cannot be opened", path);
    struct hs_error *error = NULL;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        error = hs_error_create(HS_ERROR_IO, "%s is not a regular file", path);
    } else if (status.st_size > 0) {
        void *mapping = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (mapping == MAP_FAILED) {
            error = hs_error_create_errno("%s cannot be mapped", path);
        } else {
            file->mapping = mapping;
            file->bytes = mapping;
            file->size = (size_t)status.st_size;
        }
    }
    close(fd);
    return error;
}

struct hs_error *hs_image_file_open(const char *path, struct hs_image_file *ret) {
    struct hs_image_file file = {0};
    struct hs_error *error = file_map(path, &file);
    if (!error) error = file_load(&file, path);
    if (error) hs_image_file_close(&file);
    else *ret = file;
    return error;
}

struct hs_error *hs_image_file_borrow(const void *bytes, size_t size, const char *name,
                                      struct hs_image_file *ret) {
    struct hs_image_file file = {.bytes = bytes, .size = size};
    struct hs_error *error = file_load(&file, name);
    if (error) hs_image_file_close(&file);
    else *ret = file;
    return error;
}

void hs_image_file_close(struct hs_image_file *file) {
    hs_image_facts_deinit(&file->facts);
    if (file->mapping) munmap(file->mapping, file->size);
    *file = (struct hs_image_file){0};
}
