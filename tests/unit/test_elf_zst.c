/* Compressed cores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/elf_writer.h"
#include "elf/core.h"
#include "elf/core_zst.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum { DATA = 300000, ZEROES = 8 << 20 };

/* A core with noise, a long stretch of zeroes and noise, and its name on disk. */
struct fixture {
    char path[64];
    uint8_t *core, *packed;
    size_t core_size, packed_size, packed_capacity;
};

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    uint8_t *memory = calloc(1, DATA + ZEROES + DATA);
    if (!fixture || !memory) return -1;
    uint32_t seed = 1;
    for (size_t i = 0; i < DATA; i++) {
        seed = seed * 1664525 + 1013904223;
        memory[i] = memory[DATA + ZEROES + i] = (uint8_t)(seed >> 24) | 1;
    }
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_thread(&writer, 3, 0, 0, 0);
    elf_writer_load(&writer, 0x10000, DATA + ZEROES + DATA, memory, DATA + ZEROES + DATA, PF_R | PF_W);
    fixture->core = elf_writer_finish(&writer, &fixture->core_size);
    elf_writer_deinit(&writer);
    free(memory);
    fixture->packed_capacity = 4 * ZSTD_compressBound(fixture->core_size);
    fixture->packed = malloc(fixture->packed_capacity);
    strcpy(fixture->path, "/tmp/heapscan-unit-XXXXXX");
    int fd = mkstemp(fixture->path);
    if (fd < 0 || !fixture->packed) return -1;
    close(fd);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    unlink(fixture->path);
    free(fixture->core);
    free(fixture->packed);
    free(fixture);
    return 0;
}

static void pack(struct fixture *fixture, const void *bytes, size_t size) {
    size_t n = ZSTD_compress(fixture->packed + fixture->packed_size,
                             fixture->packed_capacity - fixture->packed_size, bytes, size, 1);
    assert_false(ZSTD_isError(n));
    fixture->packed_size += n;
}

static void save(const struct fixture *fixture, size_t size) {
    FILE *stream = fopen(fixture->path, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(fixture->packed, 1, size, stream), size);
    assert_int_equal(fclose(stream), 0);
}

static struct hs_core *open_fixture(const struct fixture *fixture) {
    struct hs_core *core = NULL;
    struct hs_error *error = hs_core_open(fixture->path, &core);
    if (error) fail_msg("%s", error->message);
    return core;
}

static void refuse(const struct fixture *fixture, const char *words) {
    struct hs_core *core = NULL;
    struct hs_error *error = hs_core_open(fixture->path, &core);
    assert_non_null(error);
    if (!strstr(error->message, words)) fail_msg("\"%s\" does not say \"%s\"", error->message, words);
    hs_error_destroy(error);
}

static void same_memory(const struct fixture *fixture, const struct hs_core *core) {
    assert_int_equal(core->file_bytes, fixture->core_size);
    const void *memory = hs_core_ptr(core, 0x10000, DATA + ZEROES + DATA);
    assert_non_null(memory);
    assert_memory_equal(memory, fixture->core + fixture->core_size - (DATA + ZEROES + DATA),
                        DATA + ZEROES + DATA);
    assert_int_equal(core->threads[0].tid, 3);
}

static void test_whole(void **state) {
    struct fixture *fixture = *state;
    pack(fixture, fixture->core, fixture->core_size);
    save(fixture, fixture->packed_size);
    struct hs_core *core = open_fixture(fixture);
    same_memory(fixture, core);
    assert_false(core->truncated);
    assert_string_equal(core->path, fixture->path);
    assert_true(core->captured_at > 0);
    /* Zeroes became a hole. */
    uint64_t total = 0;
    for (size_t i = 0; i < core->extent_count; i++) total += core->extents[i].size;
    assert_true(total < 2 * DATA + 64 * 4096);
    assert_true(core->extent_count >= 2);
    hs_core_close(core);
}

static void test_frames(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t skippable[] = {0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'};
    memcpy(fixture->packed, skippable, sizeof skippable);
    fixture->packed_size = sizeof skippable;
    pack(fixture, fixture->core, 1);
    pack(fixture, fixture->core + 1, 123456);
    pack(fixture, fixture->core + 123457, fixture->core_size - 123457);
    save(fixture, fixture->packed_size);
    struct hs_core *core = open_fixture(fixture);
    same_memory(fixture, core);
    assert_false(core->truncated);
    hs_core_close(core);
}

static void test_cut(void **state) {
    struct fixture *fixture = *state;
    pack(fixture, fixture->core, fixture->core_size);
    save(fixture, fixture->packed_size - 150000);
    struct hs_core *core = open_fixture(fixture);
    assert_true(core->truncated);
    assert_true(core->absent_bytes > 0 && core->absent_bytes <= DATA);
    assert_memory_equal(hs_core_ptr(core, 0x10000, DATA),
                        fixture->core + fixture->core_size - (DATA + ZEROES + DATA), DATA);
    assert_null(hs_core_ptr(core, 0x10000, DATA + ZEROES + DATA));
    hs_core_close(core);

    /* Cut between two frames: nothing in the data says so, but the segments do. */
    fixture->packed_size = 0;
    pack(fixture, fixture->core, fixture->core_size - 1000);
    save(fixture, fixture->packed_size);
    core = open_fixture(fixture);
    assert_true(core->truncated);
    assert_int_equal(core->absent_bytes, 1000);
    hs_core_close(core);
}

static void test_damaged(void **state) {
    struct fixture *fixture = *state;
    pack(fixture, fixture->core, fixture->core_size);
    memcpy(fixture->packed + fixture->packed_size, "garbage", 7);
    save(fixture, fixture->packed_size + 7);
    refuse(fixture, "is damaged");
    save(fixture, 4); /* the magic alone */
    refuse(fixture, "no ELF file");
    fixture->packed_size = 0;
    pack(fixture, "hello, world", 12);
    save(fixture, fixture->packed_size);
    refuse(fixture, "no ELF file");
    fixture->packed_size = 0;
    pack(fixture, "", 0);
    save(fixture, fixture->packed_size);
    refuse(fixture, "no ELF file");
}

static void test_limits(void **state) {
    struct fixture *fixture = *state;
    pack(fixture, fixture->core, fixture->core_size);
    save(fixture, fixture->packed_size);
    static const struct {
        struct hs_core_zst_limits limits;
        const char *words;
    } cases[] = {
        {{.written = DATA, .unpacked = UINT64_MAX}, "set TMPDIR"},
        {{.written = UINT64_MAX, .unpacked = DATA + ZEROES}, "no core is so large"},
    };
    for (size_t i = 0; i < 2; i++) {
        FILE *stream = fopen(fixture->path, "r");
        assert_non_null(stream);
        int fd = -1;
        bool cut;
        struct hs_error *error =
            hs_core_zst_unpack(fileno(stream), fixture->path, &cases[i].limits, &fd, &cut);
        assert_non_null(error);
        assert_int_equal(fd, -1);
        if (!strstr(error->message, cases[i].words)) fail_msg("%s", error->message);
        hs_error_destroy(error);
        fclose(stream);
    }
    const char *before = getenv("TMPDIR");
    char *kept = before ? strdup(before) : NULL;
    setenv("TMPDIR", "/nonexistent/heapscan", 1);
    refuse(fixture, "no temporary file can be made in /nonexistent/heapscan");
    if (kept) setenv("TMPDIR", kept, 1);
    else unsetenv("TMPDIR");
    free(kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(test_frames, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
