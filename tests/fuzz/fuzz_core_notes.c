/* Fuzz: any bytes as a core. Two shapes, chosen by the first byte: the input is the whole file; or the input
 * is the note segment of an otherwise sound core, so that the note parser is reached at once. clang
 * -fsanitize=fuzzer,address; with gcc -DFUZZ_REPLAY it runs the files named on the command line. */
#include "elf/core.h"
#include "elf/image.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was opened must keep its promises. */
static void core_use(const struct hs_core *core, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < core->segment_count; i++) {
        const struct hs_segment *segment = &core->segments[i];
        if (segment->file_size > segment->memory_size) abort();
        if (segment->file_size == 0) continue;
        if (segment->data < bytes || segment->file_size > size - (size_t)(segment->data - bytes)) abort();
        if (hs_core_ptr(core, segment->start, segment->file_size) != segment->data) abort();
        if (i && segment->start - core->segments[i - 1].start < core->segments[i - 1].memory_size) abort();
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < core->mapping_count; i++) sum += strlen(core->mappings[i].path);
    for (size_t i = 0; i < core->thread_count; i++) sum += core->threads[i].sp;
    for (size_t i = 0; i < core->auxv_count; i++) sum += core->auxv[i].value;
    if (strlen(core->program) > 16) abort();
    /* A sysroot that does not exist: the search runs, but opens nothing. */
    const struct hs_image_options options = {.sysroot = "/nonexistent"};
    struct hs_images *images = NULL;
    struct hs_error *error = hs_images_load(core, &options, &images);
    if (!error) hs_images_ptr(images, core, sum, 8);
    hs_error_destroy(error);
    hs_images_destroy(images);
}

static void core_try(const uint8_t *bytes, size_t size) {
    struct hs_core *core = NULL;
    struct hs_error *error = hs_core_open_memory(bytes, size, "fuzz", &core);
    if (!error) core_use(core, bytes, size);
    hs_error_destroy(error);
    hs_core_close(core);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { HEADERS = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr), PAGE = 64 };
    if (size == 0) return 0;
    if (data[0] == ELFMAG0) {
        core_try(data, size);
        return 0;
    }
    uint8_t *bytes = calloc(1, HEADERS + PAGE + size);
    if (!bytes) return 0;
    const Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_CORE,
        .e_machine = EM_X86_64,
        .e_phoff = sizeof header,
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 2,
    };
    const Elf64_Phdr headers[2] = {
        {.p_type = PT_NOTE, .p_offset = HEADERS + PAGE, .p_filesz = size - 1, .p_align = data[0] & 8},
        {.p_type = PT_LOAD,
         .p_flags = PF_R,
         .p_offset = HEADERS,
         .p_vaddr = 0x1000,
         .p_filesz = PAGE,
         .p_memsz = 4096},
    };
    memcpy(bytes, &header, sizeof header);
    memcpy(bytes + sizeof header, headers, sizeof headers);
    memcpy(bytes + HEADERS + PAGE, data + 1, size - 1);
    core_try(bytes, HEADERS + PAGE + size - 1);
    free(bytes);
    return 0;
}

#ifdef FUZZ_REPLAY
#include "fuzz_replay.h"
#endif
