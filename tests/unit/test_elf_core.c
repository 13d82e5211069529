/* Cores: what is present, absent, joined, cut off; and what is no core. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/elf_writer.h"
#include "elf/core.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RW = PF_R | PF_W };

/* Finished bytes and the core that was opened from them. */
struct opened {
    uint8_t *bytes;
    size_t size;
    struct hs_core *core;
};

static void opened_close(struct opened *opened) {
    hs_core_close(opened->core);
    free(opened->bytes);
}

static void open_bytes(struct opened *opened) {
    struct hs_error *error = hs_core_open_memory(opened->bytes, opened->size, "test", &opened->core);
    if (error) fail_msg("%s", error->message);
}

static struct opened open_writer(struct elf_writer *writer) {
    struct opened opened = {0};
    opened.bytes = elf_writer_finish(writer, &opened.size);
    elf_writer_deinit(writer);
    open_bytes(&opened);
    return opened;
}

/* The bytes are refused, with this code and these words. */
static void refuse(const void *bytes, size_t size, enum hs_error_code code, const char *words) {
    struct hs_core *core = NULL;
    /* An exact copy, so that a sanitizer sees a read past the end. */
    void *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    struct hs_error *error = hs_core_open_memory(copy, size, "test", &core);
    assert_non_null(error);
    assert_null(core);
    assert_int_equal(error->code, code);
    if (!strstr(error->message, words)) fail_msg("\"%s\" does not say \"%s\"", error->message, words);
    hs_error_destroy(error);
    free(copy);
}

static void test_present_and_absent(void **state) {
    (void)state;
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_load(&writer, 0x10000, 0x1000, "0123456789abcdef", 16, RW);
    elf_writer_load(&writer, 0x20000, 0x1000, NULL, 0, PF_R | PF_X);
    struct opened o = open_writer(&writer);
    assert_memory_equal(hs_core_ptr(o.core, 0x10000, 16), "0123456789abcdef", 16);
    assert_memory_equal(hs_core_ptr(o.core, 0x1000f, 1), "f", 1);
    assert_null(hs_core_ptr(o.core, 0x1000f, 2));
    assert_null(hs_core_ptr(o.core, 0x10010, 1)); /* within p_memsz, but absent: not zero */
    assert_null(hs_core_ptr(o.core, 0x10000, 17));
    assert_null(hs_core_ptr(o.core, 0x10000, UINT64_MAX));
    assert_null(hs_core_ptr(o.core, 0xffff, 1));
    assert_null(hs_core_ptr(o.core, 0x20000, 1));
    assert_null(hs_core_ptr(o.core, UINT64_MAX, 1));
    assert_ptr_equal(hs_core_segment_find(o.core, 0x10fff), &o.core->segments[0]);
    assert_null(hs_core_segment_find(o.core, 0x11000));
    assert_int_equal(hs_core_segment_find(o.core, 0x20800)->flags, HS_SEGMENT_R | HS_SEGMENT_X);
    assert_null(o.core->segments[1].data);
    uint64_t word;
    uint32_t half;
    assert_true(hs_core_word(o.core, 0x10008, &word));
    assert_int_equal(word, 0x6665646362613938);
    assert_false(hs_core_word(o.core, 0x10009, &word));
    assert_true(hs_core_u32(o.core, 0x1000c, &half));
    assert_int_equal(half, 0x66656463);
    assert_false(hs_core_u32(o.core, 0x1000d, &half));
    /* What the kernel leaves out on purpose is no loss. */
    assert_false(o.core->truncated);
    assert_int_equal(o.core->absent_bytes, 0);
    assert_int_equal(o.core->file_bytes, o.size);
    assert_int_equal(o.core->captured_at, -1);
    assert_null(hs_core_recheck(o.core));
    opened_close(&o);
}

static void test_joined(void **state) {
    (void)state;
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_load(&writer, 0x10000, 8, "AAAAAAAA", 8, PF_R | PF_X);
    elf_writer_load(&writer, 0x10008, 8, "BBBBBBBB", 8, RW);
    elf_writer_load(&writer, 0x10010, 16, "CCCCCCCC", 8, RW); /* joins, its second half is absent */
    elf_writer_load(&writer, 0x10020, 8, "DDDDDDDD", 8, RW);  /* does not: absent bytes lie before it */
    struct opened o = open_writer(&writer);
    assert_int_equal(o.core->segment_count, 2);
    assert_int_equal(o.core->segments[0].memory_size, 32);
    assert_int_equal(o.core->segments[0].file_size, 24);
    assert_int_equal(o.core->segments[0].flags, HS_SEGMENT_R | HS_SEGMENT_X);
    assert_int_equal(o.core->segments[0].any_flags, HS_SEGMENT_R | HS_SEGMENT_W | HS_SEGMENT_X);
    assert_true(hs_core_is_executable(o.core, 0x10007));
    assert_false(hs_core_is_executable(o.core, 0x10008));
    assert_false(hs_core_is_executable(o.core, 0x0fff8));
    assert_memory_equal(hs_core_ptr(o.core, 0x10004, 16), "AAAABBBBBBBBCCCC", 16);
    assert_null(hs_core_ptr(o.core, 0x10014, 5));
    assert_memory_equal(hs_core_ptr(o.core, 0x10020, 8), "DDDDDDDD", 8);
    assert_int_equal(o.core->extent_count, 2);
    assert_int_equal(o.core->extents[0].start, 0x10000);
    assert_int_equal(o.core->extents[0].size, 24);
    assert_int_equal(o.core->extents[1].start, 0x10020);
    opened_close(&o);
}

/* Adjacent in memory but not in the file: bytes across the border cannot be one pointer. */
static void test_not_joined_apart(void **state) {
    (void)state;
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_load(&writer, 0x10000, 8, "AAAAAAAA", 8, RW);
    elf_writer_load(&writer, 0x10008, 8, "BBBBBBBB", 8, RW)->apart = true;
    struct opened o = open_writer(&writer);
    assert_int_equal(o.core->segment_count, 2);
    assert_null(hs_core_ptr(o.core, 0x10004, 8));
    assert_memory_equal(hs_core_ptr(o.core, 0x10008, 8), "BBBBBBBB", 8);
    opened_close(&o);
}

static void test_unsorted(void **state) {
    (void)state;
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_load(&writer, 0x30000, 8, "CCCCCCCC", 8, RW);
    elf_writer_load(&writer, 0x10000, 8, "AAAAAAAA", 8, RW);
    elf_writer_load(&writer, 0x20000, 8, "BBBBBBBB", 8, RW);
    struct opened o = open_writer(&writer);
    assert_int_equal(o.core->segment_count, 3);
    assert_memory_equal(hs_core_ptr(o.core, 0x10000, 8), "AAAAAAAA", 8);
    assert_memory_equal(hs_core_ptr(o.core, 0x20000, 8), "BBBBBBBB", 8);
    assert_memory_equal(hs_core_ptr(o.core, 0x30000, 8), "CCCCCCCC", 8);
    for (size_t i = 1; i < 3; i++) assert_true(o.core->segments[i - 1].start < o.core->segments[i].start);
    opened_close(&o);
}

static void segments_disjoint(const struct hs_core *core) {
    for (size_t i = 0; i < core->segment_count; i++) {
        const struct hs_segment *segment = &core->segments[i];
        assert_true(segment->memory_size > 0);
        assert_true(segment->file_size <= segment->memory_size);
        assert_true(segment->memory_size <= UINT64_MAX - segment->start);
        if (i == 0) continue;
        const struct hs_segment *before = &core->segments[i - 1];
        assert_true(segment->start - before->start >= before->memory_size && segment->start > before->start);
    }
}

static void test_overlapping(void **state) {
    (void)state;
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_load(&writer, 0x10000, 8, "AAAAAAAA", 8, RW);
    elf_writer_load(&writer, 0x10004, 8, "bbbbBBBB", 8, RW)->apart = true; /* its first half loses to A */
    elf_writer_load(&writer, 0x10006, 4, "xxxx", 4, RW)->apart = true;     /* lies within the two */
    elf_writer_load(&writer, 0x20000, 0x1000, NULL, 0, RW);                /* absent: gives way */
    elf_writer_load(&writer, 0x20100, 8, "DDDDDDDD", 8, RW)->apart = true;
    elf_writer_load(&writer, 0x30000, 0x1000, NULL, 0, RW); /* absent at the same address */
    elf_writer_load(&writer, 0x30000, 8, "EEEEEEEE", 8, RW)->apart = true;
    struct opened o = open_writer(&writer);
    segments_disjoint(o.core);
    assert_memory_equal(hs_core_ptr(o.core, 0x10000, 8), "AAAAAAAA", 8);
    assert_memory_equal(hs_core_ptr(o.core, 0x10008, 4), "BBBB", 4);
    assert_null(hs_core_ptr(o.core, 0x1000c, 1));
    assert_memory_equal(hs_core_ptr(o.core, 0x20100, 8), "DDDDDDDD", 8);
    assert_null(hs_core_ptr(o.core, 0x200ff, 2));
    assert_memory_equal(hs_core_ptr(o.core, 0x30000, 8), "EEEEEEEE", 8);
    opened_close(&o);
}

static void test_end_overflow(void **state) {
    (void)state;
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_load(&writer, UINT64_MAX - 15, UINT64_MAX, "0123456789abcdef", 16, RW);
    elf_writer_load(&writer, 0x1000, UINT64_MAX, "A", 1, RW);
    struct opened o = open_writer(&writer);
    segments_disjoint(o.core);
    assert_memory_equal(hs_core_ptr(o.core, UINT64_MAX - 15, 15), "0123456789abcde", 15);
    assert_null(hs_core_ptr(o.core, UINT64_MAX - 15, 17));
    assert_null(hs_core_ptr(o.core, UINT64_MAX, 1));
    assert_memory_equal(hs_core_ptr(o.core, 0x1000, 1), "A", 1);
    opened_close(&o);
}

/* More bytes in the file than in memory; an offset far behind the file. */
static void test_impossible_sizes(void **state) {
    (void)state;
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_load(&writer, 0x10000, 4, "AAAABBBB", 8, RW);
    elf_writer_load(&writer, 0x20000, 8, "CCCCCCCC", 8, RW);
    struct opened o = {0};
    o.bytes = elf_writer_finish(&writer, &o.size);
    elf_writer_header(o.bytes, 2)->p_offset = UINT64_MAX - 3;
    open_bytes(&o);
    assert_memory_equal(hs_core_ptr(o.core, 0x10000, 4), "AAAA", 4);
    assert_null(hs_core_ptr(o.core, 0x10000, 5));
    assert_null(hs_core_ptr(o.core, 0x20000, 1));
    assert_true(o.core->truncated);
    assert_int_equal(o.core->absent_bytes, 8);
    opened_close(&o);
    elf_writer_deinit(&writer);
}

/* One byte of the file is memory once: else a small file could cost as much as a huge one. */
static void test_shared_bytes_refused(void **state) {
    (void)state;
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_load(&writer, 0x10000, 8, "AAAAAAAA", 8, RW);
    elf_writer_load(&writer, 0x20000, 8, "BBBBBBBB", 8, RW);
    size_t size;
    uint8_t *bytes = elf_writer_finish(&writer, &size);
    elf_writer_header(bytes, 2)->p_offset -= 1;
    refuse(bytes, size, HS_ERROR_FORMAT, "claims bytes of the file that belong to another");
    free(bytes);
    elf_writer_deinit(&writer);
}

static void xnum_writer(struct elf_writer *writer) {
    elf_writer_init(writer);
    writer->xnum = true;
    elf_writer_load(writer, 0x10000, 8, "AAAAAAAA", 8, RW);
    elf_writer_load(writer, 0x20000, 8, "BBBBBBBB", 8, RW);
}

static void test_xnum(void **state) {
    (void)state;
    struct elf_writer writer;
    xnum_writer(&writer);
    struct opened o = open_writer(&writer);
    assert_int_equal(o.core->segment_count, 2);
    assert_memory_equal(hs_core_ptr(o.core, 0x20000, 8), "BBBBBBBB", 8);
    opened_close(&o);
}

/* The section header that holds the count is cut off: the headers are counted. */
static void test_xnum_truncated(void **state) {
    (void)state;
    struct elf_writer writer;
    xnum_writer(&writer);
    struct opened o = {0};
    o.bytes = elf_writer_finish(&writer, &o.size);
    o.size -= sizeof(Elf64_Shdr) + 4;
    open_bytes(&o);
    assert_int_equal(o.core->segment_count, 2);
    assert_true(o.core->truncated);
    assert_int_equal(o.core->absent_bytes, 4);
    assert_memory_equal(hs_core_ptr(o.core, 0x20000, 4), "BBBB", 4);
    assert_null(hs_core_ptr(o.core, 0x20000, 5));
    opened_close(&o);
    elf_writer_deinit(&writer);
}

static void test_xnum_hostile(void **state) {
    (void)state;
    struct elf_writer writer;
    xnum_writer(&writer);
    size_t size;
    uint8_t *bytes = elf_writer_finish(&writer, &size);
    uint32_t huge = UINT32_MAX;
    memcpy(bytes + size - sizeof(Elf64_Shdr) + offsetof(Elf64_Shdr, sh_info), &huge, sizeof huge);
    refuse(bytes, size, HS_ERROR_FORMAT, "ends within its program headers");
    free(bytes);
    elf_writer_deinit(&writer);
}

/* Every length of a small core: no crash (run under a sanitizer), pointers only to what is there, truncation
 * told. */
static void test_truncated_everywhere(void **state) {
    (void)state;
    static const struct elf_writer_mapping mapping = {0x10000, 0x11000, 0, "/bin/node"};
    for (int last = 0; last < 2; last++) {
        struct elf_writer writer;
        elf_writer_init(&writer);
        writer.notes_last = last;
        elf_writer_thread(&writer, 7, 1, 2, 3);
        elf_writer_process(&writer, 7, "node");
        elf_writer_files(&writer, &mapping, 1);
        elf_writer_load(&writer, 0x10000, 64, NULL, 64, RW);
        elf_writer_load(&writer, 0x20000, 32, NULL, 32, PF_R);
        size_t size;
        uint8_t *bytes = elf_writer_finish(&writer, &size);
        size_t table_end = sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr);
        for (size_t length = 0; length < size; length++) {
            uint8_t *copy = malloc(length ? length : 1);
            assert_non_null(copy);
            memcpy(copy, bytes, length);
            struct hs_core *core = NULL;
            struct hs_error *error = hs_core_open_memory(copy, length, "test", &core);
            if (length < table_end) {
                assert_non_null(error);
                hs_error_destroy(error);
            } else {
                assert_null(error);
                assert_true(core->truncated);
                size_t start = elf_writer_header(bytes, 1)->p_offset;
                size_t there = length < start ? 0 : length - start < 64 ? length - start : 64;
                assert_int_equal(core->absent_bytes, 64 - there);
                for (size_t i = 0; i < 64; i++)
                    assert_int_equal(hs_core_ptr(core, 0x10000 + i, 1) != NULL, i < there);
                hs_core_close(core);
            }
            free(copy);
        }
        free(bytes);
        elf_writer_deinit(&writer);
    }
}

static void test_refusals(void **state) {
    (void)state;
    refuse("", 0, HS_ERROR_FORMAT, "is empty");
    refuse("hello, world", 12, HS_ERROR_FORMAT, "not an ELF file");
    refuse("\x7f"
           "EL",
           3, HS_ERROR_FORMAT, "not an ELF file");
    refuse("\x1f\x8b\x08\x00", 4, HS_ERROR_FORMAT, "gzip");
    refuse("{\"snapshot\":{", 13, HS_ERROR_FORMAT, "heap snapshot");
    refuse("\x7f"
           "ELF\x02\x01\x01",
           7, HS_ERROR_FORMAT, "within its ELF header");

    struct elf_writer writer;
    elf_writer_init(&writer);
    size_t size;
    uint8_t *bytes = elf_writer_finish(&writer, &size);
    Elf64_Ehdr *header = (Elf64_Ehdr *)(void *)bytes;
    refuse(bytes, size, HS_ERROR_FORMAT, "without loadable segments");
    header->e_phnum = 0;
    refuse(bytes, size, HS_ERROR_FORMAT, "without segments");
    header->e_phnum = 9;
    refuse(bytes, size, HS_ERROR_FORMAT, "ends within its program headers");
    header->e_phentsize = 55;
    refuse(bytes, size, HS_ERROR_FORMAT, "program headers of 55 bytes");
    header->e_phoff = UINT64_MAX;
    header->e_phentsize = sizeof(Elf64_Phdr);
    refuse(bytes, size, HS_ERROR_FORMAT, "ends within its program headers");
    header->e_machine = 4711;
    refuse(bytes, size, HS_ERROR_UNSUPPORTED, "unknown 64-bit machine (ELF machine number 4711)");
    header->e_type = ET_EXEC;
    refuse(bytes, size, HS_ERROR_FORMAT, "an executable, not a core");
    header->e_type = ET_DYN;
    refuse(bytes, size, HS_ERROR_FORMAT, "shared object, not a core");
    header->e_type = ET_REL;
    refuse(bytes, size, HS_ERROR_FORMAT, "object file");
    header->e_type = 77;
    refuse(bytes, size, HS_ERROR_FORMAT, "type 77");
    header->e_ident[EI_CLASS] = 3;
    refuse(bytes, size, HS_ERROR_FORMAT, "damaged ELF header");
    free(bytes);
    elf_writer_deinit(&writer);

    Elf32_Ehdr narrow = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB},
                         .e_type = ET_CORE,
                         .e_machine = EM_386};
    refuse(&narrow, sizeof narrow, HS_ERROR_FORMAT, "without segments");
    refuse(&narrow, sizeof narrow - 1, HS_ERROR_FORMAT, "within its ELF header");
    narrow.e_machine = EM_X86_64; /* x32 */
    refuse(&narrow, sizeof narrow, HS_ERROR_UNSUPPORTED, "unknown 32-bit machine (ELF machine number 62)");
}

static void refuse_path(const char *path, const char *words) {
    struct hs_core *core = NULL;
    struct hs_error *error = hs_core_open(path, &core);
    assert_non_null(error);
    assert_null(core);
    assert_int_equal(error->code, HS_ERROR_IO);
    if (!strstr(error->message, words)) fail_msg("\"%s\" does not say \"%s\"", error->message, words);
    hs_error_destroy(error);
}

static void test_paths(void **state) {
    (void)state;
    char directory[] = "/tmp/heapscan-unit-XXXXXX", file[64], pipe[64];
    assert_non_null(mkdtemp(directory));
    snprintf(file, sizeof file, "%s/core", directory);
    snprintf(pipe, sizeof pipe, "%s/pipe", directory);
    refuse_path(directory, "is a directory");
    refuse_path(file, "does not exist");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    refuse_path(pipe, "not a regular file");

    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_load(&writer, 0x10000, 8, "AAAAAAAA", 8, RW);
    size_t size;
    uint8_t *bytes = elf_writer_finish(&writer, &size);
    FILE *stream = fopen(file, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    /* A sparse tail that belongs to the segment: a hole is present, and no extent. */
    uint64_t large = (uint64_t)1 << 33;
    Elf64_Phdr load = *elf_writer_header(bytes, 1);
    load.p_filesz = load.p_memsz = large;
    assert_int_equal(fseek(stream, sizeof(Elf64_Ehdr) + sizeof load, SEEK_SET), 0);
    assert_int_equal(fwrite(&load, 1, sizeof load, stream), sizeof load);
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(truncate(file, (off_t)(load.p_offset + large)), 0);

    const struct timespec times[2] = {{1, 0}, {1732239727, 123456789}};
    assert_int_equal(utimensat(AT_FDCWD, file, times, 0), 0);

    struct hs_core *core = NULL;
    struct hs_error *error = hs_core_open(file, &core);
    if (error) fail_msg("%s", error->message);
    assert_false(core->truncated);
    assert_int_equal(core->captured_at, 1732239727123);
    const uint8_t *end = hs_core_ptr(core, 0x10000 + large - 1, 1);
    assert_non_null(end);
    assert_int_equal(*end, 0);
    assert_true(core->extent_count >= 1);
    assert_int_equal(core->extents[0].start, 0x10000);
    struct stat status;
    assert_int_equal(stat(file, &status), 0);
    uint64_t total = 0;
    for (size_t i = 0; i < core->extent_count; i++) total += core->extents[i].size;
    /* Where the file system knows holes, only the blocks that are there are walked. */
    if ((uint64_t)status.st_blocks * 512 < large / 2) assert_true(total <= (uint64_t)status.st_blocks * 512);
    assert_null(hs_core_recheck(core));
    assert_int_equal(truncate(file, (off_t)(load.p_offset + large + 1)), 0);
    error = hs_core_recheck(core);
    assert_non_null(error);
    hs_error_destroy(error);
    hs_core_close(core);

    if (geteuid() != 0) {
        assert_int_equal(chmod(file, 0), 0);
        refuse_path(file, "may not be read by this user");
    }
    free(bytes);
    elf_writer_deinit(&writer);
    unlink(file);
    unlink(pipe);
    rmdir(directory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_present_and_absent),
        cmocka_unit_test(test_joined),
        cmocka_unit_test(test_not_joined_apart),
        cmocka_unit_test(test_unsorted),
        cmocka_unit_test(test_overlapping),
        cmocka_unit_test(test_end_overflow),
        cmocka_unit_test(test_impossible_sizes),
        cmocka_unit_test(test_shared_bytes_refused),
        cmocka_unit_test(test_xnum),
        cmocka_unit_test(test_xnum_truncated),
        cmocka_unit_test(test_xnum_hostile),
        cmocka_unit_test(test_truncated_everywhere),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
