/* Images: found by NT_FILE, --exe and --sysroot, told apart by build-id, read in place of absent memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/elf_writer.h"
#include "elf/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE ((uint64_t)0x7f0000000000)
#define ID_A "aaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbb"

/* A directory with an object in it, and a core that may map it. */
struct fixture {
    char directory[64], file[96];
    struct elf_writer writer;
    uint8_t *object, *bytes;
    struct hs_core *core;
    struct hs_images *images;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    if (!f) return -1;
    strcpy(f->directory, "/tmp/heapscan-unit-XXXXXX");
    if (!mkdtemp(f->directory)) return -1;
    snprintf(f->file, sizeof f->file, "%s/node", f->directory);
    elf_writer_init(&f->writer);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    hs_images_destroy(f->images);
    hs_core_close(f->core);
    elf_writer_deinit(&f->writer);
    unlink(f->file);
    rmdir(f->directory);
    free(f->object);
    free(f->bytes);
    free(f);
    return 0;
}

static uint8_t *object_make(uint16_t type, uint64_t base, const char *id) {
    const struct elf_object object = {
        .type = type, .base = base, .entry = base + 0x900, .build_id = id, .build_id_size = id ? 20 : 0};
    return elf_object_build(&object);
}

static void file_save(const char *path, const void *bytes, size_t size) {
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    assert_int_equal(fclose(stream), 0);
}

/* What the process mapped, and the same on disk: tests overwrite the one or the other. */
static void object_set(struct fixture *f, uint16_t type, uint64_t base, const char *id) {
    free(f->object);
    f->object = object_make(type, base, id);
    file_save(f->file, f->object, ELF_OBJECT_SIZE);
}

/* Memory as in a kernel's core: `present` bytes of the first page, then the writable page with other content.
 */
static void memory_add(struct fixture *f, uint64_t start, uint64_t present) {
    elf_writer_load(&f->writer, start, 0x1000, f->object, present, PF_R);
    elf_writer_load(&f->writer, start + 0x1000, 0x1000, "changed!", 9, PF_R | PF_W);
}

static void files_add(struct fixture *f, uint64_t start, const char *path) {
    const struct elf_writer_mapping mappings[] = {{start, start + 0x1000, 0, path},
                                                  {start + 0x1000, start + 0x2000, 1, path}};
    elf_writer_files(&f->writer, mappings, 2);
}

static struct hs_error *load(struct fixture *f, const char *exe, const char *sysroot) {
    size_t size;
    if (!f->core) {
        f->bytes = elf_writer_finish(&f->writer, &size);
        struct hs_error *error = hs_core_open_memory(f->bytes, size, "test", &f->core);
        if (error) fail_msg("%s", error->message);
    }
    const struct hs_image_options options = {.exe = exe, .sysroot = sysroot};
    hs_images_destroy(f->images);
    f->images = NULL;
    return hs_images_load(f->core, &options, &f->images);
}

static const struct hs_image *load_one(struct fixture *f, const char *exe, const char *sysroot) {
    struct hs_error *error = load(f, exe, sysroot);
    if (error) fail_msg("%s", error->message);
    assert_int_equal(f->images->count, 1);
    return &f->images->items[0];
}

static void refuse(struct fixture *f, const char *exe, const char *words) {
    struct hs_error *error = load(f, exe, NULL);
    assert_non_null(error);
    assert_int_equal(error->code, HS_ERROR_MISMATCH);
    if (!strstr(error->message, words)) fail_msg("\"%s\" does not say \"%s\"", error->message, words);
    hs_error_destroy(error);
}

static void missing(const struct hs_image *image, const char *words) {
    const char *reason = hs_image_missing_reason(image);
    assert_null(image->path);
    if (!strstr(reason, words)) fail_msg("\"%s\" does not say \"%s\"", reason, words);
    assert_non_null(strstr(reason, "--exe"));
    assert_non_null(strstr(reason, "--sysroot"));
    assert_non_null(strstr(reason, "--metadata"));
}

static void test_found_by_name(void **state) {
    struct fixture *f = *state;
    static const uint64_t auxv[] = {AT_PHDR, BASE + 64, AT_ENTRY, BASE + 0x900};
    object_set(f, ET_DYN, 0, ID_A);
    memory_add(f, BASE, 0x600);
    files_add(f, BASE, f->file);
    elf_writer_auxv(&f->writer, auxv, 2);
    const struct hs_image *image = load_one(f, NULL, NULL);
    assert_string_equal(image->path, f->file);
    assert_string_equal(image->core_path, f->file);
    assert_string_equal(hs_image_missing_reason(image), "");
    assert_true(image->verified);
    assert_true(image->is_main);
    assert_int_equal(image->bias, BASE);
    assert_int_equal(image->start, BASE);
    assert_int_equal(image->end, BASE + 0x2800);
    assert_int_equal(image->build_id_size, 20);
    assert_memory_equal(image->build_id, ID_A, 20);
    assert_int_equal(image->tls_size, 24);
    assert_int_equal(image->tls_align, 8);
    /* Absent read-only memory comes from the file, writable memory never does. */
    assert_null(hs_core_ptr(f->core, BASE + 0x800, 10));
    assert_string_equal(hs_images_ptr(f->images, f->core, BASE + 0x800, 10), "read-only");
    assert_non_null(hs_images_ptr(f->images, f->core, BASE + 0x5ff, 2)); /* over the border of presence */
    assert_null(hs_images_ptr(f->images, f->core, BASE + 0x800, 0x801));
    assert_null(hs_images_ptr(f->images, f->core, BASE - 1, 1));
    assert_string_equal(hs_images_ptr(f->images, f->core, BASE + 0x1000, 9), "changed!");
    assert_null(hs_images_ptr(f->images, f->core, BASE + 0x1000, 10));
    assert_null(hs_images_ptr(f->images, f->core, BASE + 0x2000, 1));
}

static void test_fixed_address(void **state) {
    struct fixture *f = *state;
    static const uint64_t auxv[] = {AT_ENTRY, 0x400900};
    object_set(f, ET_EXEC, 0x400000, ID_A);
    memory_add(f, 0x400000, 0x600);
    files_add(f, 0x400000, f->file);
    elf_writer_auxv(&f->writer, auxv, 1);
    const struct hs_image *image = load_one(f, NULL, NULL);
    assert_int_equal(image->bias, 0);
    assert_int_equal(image->start, 0x400000);
    assert_true(image->is_main);
    assert_string_equal(hs_images_ptr(f->images, f->core, 0x400800, 10), "read-only");
}

/* The program reads its own file through a mapping: that is not where it runs. */
static void test_mapped_as_data(void **state) {
    struct fixture *f = *state;
    object_set(f, ET_EXEC, 0x400000, ID_A);
    memory_add(f, 0x400000, 0x1000);
    elf_writer_load(&f->writer, 0x500000, 0x1000, f->object, 0x1000, PF_R)->apart = true;
    const struct elf_writer_mapping mappings[] = {
        {0x400000, 0x401000, 0, f->file}, {0x401000, 0x402000, 1, f->file}, {0x500000, 0x501000, 0, f->file}};
    elf_writer_files(&f->writer, mappings, 3);
    assert_int_equal(load_one(f, NULL, NULL)->start, 0x400000);
}

static void test_other_build(void **state) {
    struct fixture *f = *state;
    object_set(f, ET_DYN, 0, ID_A);
    memory_add(f, BASE, 0x600);
    files_add(f, BASE, f->file);
    uint8_t *other = object_make(ET_DYN, 0, ID_B);
    file_save(f->file, other, ELF_OBJECT_SIZE);
    const struct hs_image *image = load_one(f, NULL, NULL);
    missing(image,
            "is not the file that the core maps (build-id 6262626262626262626262626262626262626262 here, "
            "6161616161616161616161616161616161616161 in the core)");
    /* What the core itself knows is there all the same. */
    assert_int_equal(image->bias, BASE);
    assert_memory_equal(image->build_id, ID_A, 20);
    assert_null(hs_images_ptr(f->images, f->core, BASE + 0x800, 1));
    free(other);

    uint8_t *without = object_make(ET_DYN, 0, NULL);
    file_save(f->file, without, ELF_OBJECT_SIZE);
    missing(load_one(f, NULL, NULL), "build-id none here");
    free(without);
}

static void test_missing(void **state) {
    struct fixture *f = *state;
    object_set(f, ET_DYN, 0, ID_A);
    memory_add(f, BASE, 0x600);
    files_add(f, BASE, f->file);
    unlink(f->file);
    missing(load_one(f, NULL, NULL), "is not on this machine");
    assert_int_equal(mkdir(f->file, 0700), 0); /* not a regular file */
    missing(load_one(f, NULL, NULL), "is not on this machine");
    rmdir(f->file);
}

static void test_deleted(void **state) {
    struct fixture *f = *state;
    char name[128];
    snprintf(name, sizeof name, "%s (deleted)", f->file);
    object_set(f, ET_DYN, 0, ID_A);
    memory_add(f, BASE, 0x600);
    files_add(f, BASE, name);
    /* The same build stands at the place again: its build-id proves it. */
    const struct hs_image *image = load_one(f, NULL, NULL);
    assert_string_equal(image->path, f->file);
    assert_string_equal(image->core_path, name);
    assert_true(image->verified);
    unlink(f->file);
    missing(load_one(f, NULL, NULL), "was deleted while the process ran");
}

static void test_deleted_without_build_id(void **state) {
    struct fixture *f = *state;
    char name[128];
    snprintf(name, sizeof name, "%s (deleted)", f->file);
    object_set(f, ET_DYN, 0, NULL);
    memory_add(f, BASE, 0x600);
    files_add(f, BASE, name);
    missing(load_one(f, NULL, NULL), "no build-id shows");
}

/* Without a build-id the program headers must be the same, and the file's bytes do not stand for memory. */
static void test_unverified(void **state) {
    struct fixture *f = *state;
    object_set(f, ET_DYN, 0, NULL);
    memory_add(f, BASE, 0x600);
    files_add(f, BASE, f->file);
    const struct hs_image *image = load_one(f, NULL, NULL);
    assert_string_equal(image->path, f->file);
    assert_false(image->verified);
    assert_int_equal(image->build_id_size, 0);
    assert_null(hs_images_ptr(f->images, f->core, BASE + 0x800, 10));
    /* The user's word counts. */
    image = load_one(f, f->file, NULL);
    assert_false(image->verified);
    uint8_t *other = object_make(ET_DYN, 0x1000, NULL);
    file_save(f->file, other, ELF_OBJECT_SIZE);
    free(other);
    missing(load_one(f, NULL, NULL), "is not the file that the core maps");
}

/* The table of program headers stands where the core has nothing: what the core has of header and notes
 * tells. */
static void test_table_moved(void **state) {
    struct fixture *f = *state;
    static const uint64_t auxv[] = {AT_ENTRY, BASE + 0x900};
    object_set(f, ET_DYN, 0, ID_A);
    Elf64_Ehdr *header = (void *)f->object;
    memcpy(f->object + 0x900, f->object + header->e_phoff, header->e_phnum * sizeof(Elf64_Phdr));
    header->e_phoff = 0x900;
    file_save(f->file, f->object, ELF_OBJECT_SIZE);
    memory_add(f, BASE, 0x600);
    files_add(f, BASE, f->file);
    elf_writer_auxv(&f->writer, auxv, 1);
    const struct hs_image *image = load_one(f, NULL, NULL);
    assert_string_equal(image->path, f->file);
    assert_true(image->verified);
    assert_int_equal(image->bias, BASE);
    assert_string_equal(hs_images_ptr(f->images, f->core, BASE + 0x800, 10), "read-only");
    assert_string_equal(load_one(f, f->file, NULL)->path, f->file);

    memcpy(f->object + 0x410, ID_B, 20); /* another build */
    file_save(f->file, f->object, ELF_OBJECT_SIZE);
    missing(load_one(f, NULL, NULL), "is not the file that the core maps");
    refuse(f, f->file, "is not the program of");

    memcpy(f->object + 0x410, ID_A, 20); /* the same, before it was changed */
    header->e_phoff = 64;
    file_save(f->file, f->object, ELF_OBJECT_SIZE);
    missing(load_one(f, NULL, NULL), "is not the file that the core maps");
}

static void test_sysroot(void **state) {
    struct fixture *f = *state;
    object_set(f, ET_DYN, 0, ID_A);
    memory_add(f, BASE, 0x600);
    files_add(f, BASE, "/node");
    missing(load_one(f, NULL, NULL), "/node, which the core maps, is not on this machine");
    const struct hs_image *image = load_one(f, NULL, f->directory);
    assert_string_equal(image->path, f->file);
    assert_string_equal(image->core_path, "/node");
    assert_true(image->verified);
}

static void test_exe(void **state) {
    struct fixture *f = *state;
    static const uint64_t auxv[] = {AT_PHDR, BASE + 64};
    object_set(f, ET_DYN, 0, ID_A);
    memory_add(f, BASE, 0x600);
    files_add(f, BASE, "/nowhere/\x1b[31mnode");
    elf_writer_auxv(&f->writer, auxv, 1);
    const struct hs_image *image = load_one(f, f->file, NULL);
    assert_true(image->verified);
    assert_true(image->is_main);
    assert_int_equal(image->bias, BASE);
    assert_string_equal(hs_images_ptr(f->images, f->core, BASE + 0x800, 10), "read-only");
    missing(load_one(f, NULL, NULL), "/nowhere/\\");
    assert_null(strchr(hs_image_missing_reason(&f->images->items[0]), '\x1b'));

    uint8_t *other = object_make(ET_DYN, 0, ID_B);
    file_save(f->file, other, ELF_OBJECT_SIZE);
    free(other);
    refuse(f, f->file, "is not the program of test (build-id 62");
    file_save(f->file, "hello", 5);
    struct hs_error *error = load(f, f->file, NULL);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "is not an ELF file"));
    hs_error_destroy(error);
    file_save(f->file, f->bytes, 200);
    error = load(f, f->file, NULL);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "is a core"));
    hs_error_destroy(error);
}

/* --exe may be a shared object, or a program that was started through the dynamic linker: the build-id finds
 * it. */
static void test_exe_by_build_id(void **state) {
    struct fixture *f = *state;
    static const uint64_t auxv[] = {AT_PHDR, BASE + 64};
    uint8_t *linker = object_make(ET_DYN, 0, ID_B);
    object_set(f, ET_DYN, 0, ID_A);
    elf_writer_load(&f->writer, BASE, 0x2000, linker, 0x2000, PF_R);
    memory_add(f, BASE + 0x10000, 0x600);
    const struct elf_writer_mapping mappings[] = {{BASE, BASE + 0x2000, 0, "/nowhere/ld.so"},
                                                  {BASE + 0x10000, BASE + 0x12000, 0, "/nowhere/node"}};
    elf_writer_files(&f->writer, mappings, 2);
    elf_writer_auxv(&f->writer, auxv, 1);
    struct hs_error *error = load(f, f->file, NULL);
    if (error) fail_msg("%s", error->message);
    assert_int_equal(f->images->count, 2);
    missing(&f->images->items[0], "/nowhere/ld.so");
    assert_string_equal(f->images->items[1].path, f->file);
    assert_int_equal(f->images->items[1].bias, BASE + 0x10000);
    free(linker);
}

/* No NT_FILE and no page of the program, as in a core of qemu-user. */
static void test_exe_without_files(void **state) {
    struct fixture *f = *state;
    static const uint64_t auxv[] = {AT_PHDR, BASE + 64, AT_ENTRY, BASE + 0x900};
    object_set(f, ET_DYN, 0, ID_A);
    elf_writer_load(&f->writer, BASE + 0x1000, 0x1000, "changed!", 9, PF_R | PF_W);
    elf_writer_auxv(&f->writer, auxv, 2);
    const struct hs_image *image = load_one(f, f->file, NULL);
    assert_false(image->verified);
    assert_true(image->is_main);
    assert_int_equal(image->bias, BASE);
    assert_null(image->core_path);
    assert_string_equal(hs_images_ptr(f->images, f->core, BASE + 0x800, 10), "read-only");
    struct hs_error *error = load(f, NULL, NULL);
    assert_null(error);
    assert_int_equal(f->images->count, 0);
    /* Another program's headers lead to another address than its entry. */
    uint8_t *other = elf_object_build(&(struct elf_object){.type = ET_DYN, .entry = 0x904});
    file_save(f->file, other, ELF_OBJECT_SIZE);
    free(other);
    refuse(f, f->file, "is not the program of test");
    other = object_make(ET_EXEC, 0x400000, NULL);
    file_save(f->file, other, ELF_OBJECT_SIZE);
    free(other);
    refuse(f, f->file, "is not the program of test");
}

/* Neither NT_FILE nor NT_AUXV, as in a gcore core that lost its end. */
static void test_exe_truncated(void **state) {
    struct fixture *f = *state;
    object_set(f, ET_DYN, 0, ID_A);
    memory_add(f, BASE, 0x600);
    /* The page in the core tells the address by its build-id. */
    const struct hs_image *image = load_one(f, f->file, NULL);
    assert_int_equal(image->bias, BASE);
    assert_true(image->verified);
    missing(load_one(f, NULL, NULL), "no NT_FILE");
    uint8_t *other = object_make(ET_DYN, 0, ID_B);
    file_save(f->file, other, ELF_OBJECT_SIZE);
    free(other);
    refuse(f, f->file, "nothing in test tells where");
}

static void test_exe_fixed_truncated(void **state) {
    struct fixture *f = *state;
    object_set(f, ET_EXEC, 0x400000, ID_A);
    memory_add(f, 0x400000, 0x600);
    assert_true(load_one(f, f->file, NULL)->is_main);
    uint8_t *other = object_make(ET_EXEC, 0x400000, ID_B);
    file_save(f->file, other, ELF_OBJECT_SIZE);
    free(other);
    refuse(f, f->file, "is not the program of test (build-id 62");
}

/* Files that are no ELF files are mapped as well: locales, fonts, data bases. */
static void test_data_files(void **state) {
    struct fixture *f = *state;
    file_save(f->file, "no ELF at all", 13);
    elf_writer_load(&f->writer, BASE, 0x1000, "data in the core", 16, PF_R);
    const struct elf_writer_mapping mappings[] = {
        {BASE, BASE + 0x1000, 0, "/usr/lib/locale/locale-archive"},
        {BASE + 0x10000, BASE + 0x11000, 0, f->file},
        {BASE + 0x20000, BASE + 0x21000, 0, "/nowhere/absent.dat"},
        {BASE + 0x30000, BASE + 0x31000, 0, "relative/../../etc/passwd"},
        {BASE + 0x40000, BASE + 0x41000, 0, ""},
        {BASE + 0x50000, BASE + 0x51000, 0, " (deleted)"},
        {BASE + 0x60000, BASE + 0x61000, 0, "/dev/zero (deleted)"},
    };
    elf_writer_files(&f->writer, mappings, 7);
    struct hs_error *error = load(f, NULL, NULL);
    assert_null(error);
    assert_int_equal(f->images->count, 0);
}

/* Neither page nor file, but code was mapped from it: that is worth a sentence. */
static void test_executable_without_page(void **state) {
    struct fixture *f = *state;
    elf_writer_load(&f->writer, BASE, 0x1000, NULL, 0, PF_R);
    elf_writer_load(&f->writer, BASE + 0x1000, 0x1000, NULL, 0, PF_R | PF_X);
    files_add(f, BASE, "/nowhere/libnode.so");
    missing(load_one(f, NULL, NULL), "/nowhere/libnode.so");
}

struct seen {
    size_t count, stop;
    char names[4][32];
    struct hs_symbol symbols[4];
};

static bool see(void *context, const struct hs_symbol *symbol) {
    struct seen *seen = context;
    assert_true(seen->count < 4);
    snprintf(seen->names[seen->count], 32, "%s", symbol->name);
    seen->symbols[seen->count++] = *symbol;
    return seen->count != seen->stop;
}

static void test_symbols(void **state) {
    (void)state;
    uint8_t *bytes = object_make(ET_DYN, 0x1000, ID_A);
    struct hs_images *images = NULL;
    assert_null(hs_image_open_memory(bytes, ELF_OBJECT_SIZE, "object", &images));
    assert_int_equal(images->count, 1);
    const struct hs_image *image = &images->items[0];
    assert_int_equal(image->bias, 0);
    assert_int_equal(image->start, 0x1000);
    assert_int_equal(image->end, 0x3800);
    struct seen seen = {0};
    assert_null(hs_image_symbols(image, see, &seen));
    assert_int_equal(seen.count, 2); /* undefined ones are none */
    assert_string_equal(seen.names[0], "local_symbol");
    assert_int_equal(seen.symbols[0].value, 0x1800);
    assert_string_equal(seen.names[1], "v8dbg_one");
    assert_int_equal(seen.symbols[1].value, 0x2000);
    assert_int_equal(seen.symbols[1].size, 4);
    assert_int_equal(seen.symbols[1].type, STT_OBJECT);
    seen = (struct seen){.stop = 1};
    assert_null(hs_image_symbols(image, see, &seen));
    assert_int_equal(seen.count, 1);

    assert_string_equal(hs_image_ptr(image, 0x1800, 10), "read-only");
    assert_string_equal(hs_image_ptr(image, 0x2000, 9), "writable");
    assert_null(hs_image_ptr(image, 0x1fff, 2)); /* two segments */
    assert_null(hs_image_ptr(image, 0x2fff, 2)); /* .bss */
    assert_null(hs_image_ptr(image, 0xfff, 1));
    assert_null(hs_image_ptr(image, UINT64_MAX, 1));
    assert_string_equal(hs_image_cstring(image, 0x1800, 10), "read-only");
    assert_null(hs_image_cstring(image, 0x1800, 9));
    assert_null(hs_image_cstring(image, 0x3000, 9));
    hs_images_destroy(images);
    free(bytes);
}

static bool see_length(void *context, const struct hs_symbol *symbol) {
    *(size_t *)context += strlen(symbol->name);
    return true;
}

/* Cut off at every length and with every byte of the tables changed: no read outside (run under a sanitizer).
 */
static void test_hostile_objects(void **state) {
    (void)state;
    uint8_t *bytes = object_make(ET_DYN, 0, ID_A);
    for (size_t i = 0; i < 2 * (size_t)ELF_OBJECT_SIZE; i++) {
        size_t at = i / 2, size = i % 2 ? at : ELF_OBJECT_SIZE;
        bool table = at < 0x440 || (at >= 0x2000 && at < 0x2240) || at >= 0x3000;
        if (!table || at >= 0x3100) continue;
        uint8_t *copy = malloc(size ? size : 1);
        assert_non_null(copy);
        memcpy(copy, bytes, size);
        if (size == ELF_OBJECT_SIZE) copy[at] = (uint8_t)~copy[at];
        struct hs_images *images = NULL;
        struct hs_error *error = hs_image_open_memory(copy, size, "object", &images);
        size_t length = 0;
        if (!error) error = hs_image_symbols(&images->items[0], see_length, &length);
        hs_error_destroy(error);
        hs_images_destroy(images);
        free(copy);
    }
    free(bytes);
}

static void test_open_file(void **state) {
    struct fixture *f = *state;
    struct hs_images *images = NULL;
    object_set(f, ET_EXEC, 0x400000, ID_A);
    assert_null(hs_image_open_file(f->file, &images));
    assert_string_equal(images->items[0].path, f->file);
    assert_memory_equal(images->items[0].build_id, ID_A, 20);
    hs_images_destroy(images);
    images = NULL;
    static const struct {
        size_t size;
        const char *words;
    } cases[] = {
        {0, "is not an ELF file"}, {30, "header is not whole"}, {100, "program headers are not whole"}};
    for (size_t i = 0; i < 3; i++) {
        file_save(f->file, f->object, cases[i].size);
        struct hs_error *error = hs_image_open_file(f->file, &images);
        assert_non_null(error);
        if (!strstr(error->message, cases[i].words)) fail_msg("%s", error->message);
        hs_error_destroy(error);
    }
    struct hs_error *error = hs_image_open_file(f->directory, &images);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "not a regular file"));
    hs_error_destroy(error);
    assert_null(images);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(test_found_by_name),
        WITH(test_fixed_address),
        WITH(test_mapped_as_data),
        WITH(test_other_build),
        WITH(test_missing),
        WITH(test_deleted),
        WITH(test_deleted_without_build_id),
        WITH(test_unverified),
        WITH(test_table_moved),
        WITH(test_sysroot),
        WITH(test_exe),
        WITH(test_exe_by_build_id),
        WITH(test_exe_without_files),
        WITH(test_exe_truncated),
        WITH(test_exe_fixed_truncated),
        WITH(test_data_files),
        WITH(test_executable_without_page),
        WITH(test_open_file),
        cmocka_unit_test(test_symbols),
        cmocka_unit_test(test_hostile_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
