/* Notes of cores, and headers of every machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/elf_writer.h"
#include "elf/core.h"
#include "elf/header.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/user.h>

/* Opens what `writer` makes, which needs a segment of its own. */
struct opened {
    uint8_t *bytes;
    struct hs_core *core;
};

static struct opened open_writer(struct elf_writer *writer) {
    struct opened opened = {0};
    size_t size;
    elf_writer_load(writer, 0x10000, 8, "AAAAAAAA", 8, PF_R | PF_W);
    opened.bytes = elf_writer_finish(writer, &size);
    elf_writer_deinit(writer);
    struct hs_error *error = hs_core_open_memory(opened.bytes, size, "test", &opened.core);
    if (error) fail_msg("%s", error->message);
    return opened;
}

static void opened_close(struct opened *opened) {
    hs_core_close(opened->core);
    free(opened->bytes);
}

static void test_threads(void **state) {
    (void)state;
    struct elf_writer writer;
    elf_writer_init(&writer);
    for (uint32_t i = 0; i < 9; i++) elf_writer_thread(&writer, 100 + i, 0x7000 + i, 0x8000 + i, 0x9000 + i);
    struct opened o = open_writer(&writer);
    assert_int_equal(o.core->thread_count, 9);
    for (uint32_t i = 0; i < 9; i++) {
        const struct hs_thread *thread = &o.core->threads[i];
        assert_int_equal(thread->tid, 100 + i);
        assert_int_equal(thread->sp, 0x7000 + i);
        assert_int_equal(thread->pc, 0x8000 + i);
        assert_int_equal(thread->tp, 0x9000 + i);
        assert_int_equal(thread->regs[0], 1000);
        assert_int_equal(thread->regs[26], 1026);
    }
    assert_int_equal(o.core->pid, 100); /* no NT_PRPSINFO: the first thread */
    assert_string_equal(o.core->program, "");
    opened_close(&o);
}

static void test_process(void **state) {
    (void)state;
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_thread(&writer, 8, 0, 0, 0);
    elf_writer_process(&writer, 7, "\x1b[2J\xffnode-worker-12345"); /* as long as the field, with no NUL */
    struct opened o = open_writer(&writer);
    assert_int_equal(o.core->pid, 7);
    assert_string_equal(o.core->program, "?[2J?node-worker");
    opened_close(&o);
}

static void test_auxv(void **state) {
    (void)state;
    static const uint64_t pairs[] = {AT_PHDR, 0x400040, AT_ENTRY, 0x401000, AT_NULL, 0, AT_PAGESZ, 4096};
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_auxv(&writer, pairs, 4);
    struct opened o = open_writer(&writer);
    uint64_t value = 0;
    assert_int_equal(o.core->auxv_count, 2); /* ends at AT_NULL */
    assert_true(hs_core_auxv_find(o.core, AT_ENTRY, &value));
    assert_int_equal(value, 0x401000);
    assert_false(hs_core_auxv_find(o.core, AT_PAGESZ, &value));
    assert_int_equal(value, 0x401000);
    opened_close(&o);
}

static void test_mappings(void **state) {
    (void)state;
    static const struct elf_writer_mapping mappings[] = {
        {0x7f0000000000, 0x7f0000002000, 3, "/usr/lib/libnode.so.108"},
        {0x400000, 0x401000, 0, "/usr/bin/node (deleted)"},
        {0x500000, 0x500000, 0, "/empty"},
        {0x600000, 0x601000, UINT64_MAX, "/offset overflow"},
    };
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_files(&writer, mappings, 4);
    struct opened o = open_writer(&writer);
    assert_int_equal(o.core->mapping_count, 2); /* the impossible two are left out, the others sorted */
    assert_string_equal(o.core->mappings[0].path, "/usr/bin/node (deleted)");
    assert_int_equal(o.core->mappings[0].start, 0x400000);
    assert_int_equal(o.core->mappings[1].file_offset, 3 * 4096);
    assert_int_equal(o.core->mappings[1].end, 0x7f0000002000);
    opened_close(&o);
}

static size_t mapping_count(const void *desc, size_t size) {
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_note(&writer, "CORE", NT_FILE, desc, size);
    struct opened o = open_writer(&writer);
    size_t count = o.core->mapping_count;
    opened_close(&o);
    return count;
}

static void test_mappings_hostile(void **state) {
    (void)state;
    uint64_t desc[] = {1, 4096, 0x1000, 0x2000, 0, 0x0061};
    assert_int_equal(mapping_count(desc, sizeof desc), 1);
    assert_int_equal(mapping_count(desc, 5 * 8), 0);     /* the name is not there */
    assert_int_equal(mapping_count(desc, 5 * 8 + 1), 0); /* nor its end */
    assert_int_equal(mapping_count(desc, 5 * 8 - 1), 0);
    assert_int_equal(mapping_count(desc, 15), 0);
    assert_int_equal(mapping_count(desc, 0), 0);
    static const uint64_t counts[] = {
        0, 2, UINT64_MAX, UINT64_MAX / 24, UINT64_MAX / 24 + 2, (uint64_t)1 << 61};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        desc[0] = counts[i];
        assert_int_equal(mapping_count(desc, sizeof desc), 0);
    }
}

/* Notes of other owners, wrong sizes and sizes beyond the segment: left out, and nothing behind them is read.
 */
static void test_notes_hostile(void **state) {
    (void)state;
    uint8_t desc[400] = {0};
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_note(&writer, "LINUX", NT_PRSTATUS, desc, 336);
    elf_writer_note(&writer, "CORE", NT_PRSTATUS, desc, 335);
    elf_writer_note(&writer, "CORE", NT_PRSTATUS, desc, 392); /* aarch64's */
    elf_writer_note(&writer, "CORE", NT_PRPSINFO, desc, 55);
    elf_writer_note(&writer, "CORE", NT_AUXV, desc, 15);
    elf_writer_thread(&writer, 5, 0, 0, 0);
    struct opened o = open_writer(&writer);
    assert_int_equal(o.core->thread_count, 1);
    assert_int_equal(o.core->threads[0].tid, 5);
    assert_int_equal(o.core->auxv_count, 0);
    opened_close(&o);

    static const uint32_t sizes[] = {UINT32_MAX, UINT32_MAX - 2, 0x80000000, 400, 337};
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
        elf_writer_init(&writer);
        elf_writer_thread(&writer, 5, 0, 0, 0);
        size_t second = writer.notes_size;
        elf_writer_thread(&writer, 6, 0, 0, 0);
        /* the size of the name, then that of the descriptor */
        memcpy(writer.notes + second + (i % 2 ? 4 : 0), &sizes[i / 2], sizeof *sizes);
        writer.notes_last = true;
        o = open_writer(&writer);
        assert_int_equal(o.core->thread_count, 1);
        opened_close(&o);
    }
}

static void test_note_steps(void **state) {
    (void)state;
    const struct hs_arch *arch = hs_arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB);
    /* name of 4, descriptor of 5: padded to 8 by align 4, to 12+4→16 and 24 by align 8; the last padding is
     * missing */
    static const uint32_t words[] = {4, 5, 3, 0x00554e47, 0x64636261, 0x65, 4, 4, 9, 0x00554e47, 0x7a7a7a7a};
    struct hs_note note;
    size_t position = 0;
    const uint8_t *bytes = (const uint8_t *)words;
    assert_true(hs_note_next(arch, bytes, sizeof words, 4, &position, &note));
    assert_true(hs_note_is(&note, "GNU", 3));
    assert_false(hs_note_is(&note, "GNU", 4));
    assert_false(hs_note_is(&note, "GN", 3));
    assert_false(hs_note_is(&note, "GNUX", 3));
    assert_int_equal(position, 24);
    assert_true(hs_note_next(arch, bytes, sizeof words, 4, &position, &note));
    assert_memory_equal(note.desc, "zzzz", 4);
    assert_false(hs_note_next(arch, bytes, sizeof words, 4, &position, &note));
    position = 0;
    assert_true(hs_note_next(arch, bytes, 21, 4, &position, &note)); /* no padding at the end */
    assert_int_equal(position, 21);
    position = 0;
    assert_false(hs_note_next(arch, bytes, 20, 4, &position, &note));
    assert_int_equal(position, 0);
    position = 0;
    assert_true(hs_note_next(arch, bytes, sizeof words, 8, &position, &note));
    assert_ptr_equal(note.desc, bytes + 16);
    assert_int_equal(position, 24);
}

/* The rows against <elf.h> and the sizes of v8-arch's measurements; big-endian and 32-bit headers are read as
 * such. */
static void test_machines(void **state) {
    (void)state;
    static const struct {
        uint16_t machine;
        uint8_t elf_class, data;
        const char *name;
        unsigned page_bits;
    } rows[] = {
        {EM_X86_64, ELFCLASS64, ELFDATA2LSB, "x86-64", 18},
        {EM_AARCH64, ELFCLASS64, ELFDATA2LSB, "aarch64", 18},
        {EM_386, ELFCLASS32, ELFDATA2LSB, "i386", 18},
        {EM_ARM, ELFCLASS32, ELFDATA2LSB, "arm", 18},
        {EM_PPC64, ELFCLASS64, ELFDATA2LSB, "ppc64le", 19},
        {EM_S390, ELFCLASS64, ELFDATA2MSB, "s390x", 18},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct hs_arch *arch = hs_arch_find(rows[i].machine, rows[i].elf_class, rows[i].data);
        assert_non_null(arch);
        assert_string_equal(arch->name, rows[i].name);
        assert_int_equal(arch->v8_page_bits, rows[i].page_bits);
        unsigned count = hs_arch_register_count(arch);
        assert_true(count <= sizeof((struct hs_thread *)0)->regs / 8);
        assert_true(arch->prstatus_regs + count * arch->word_size <= arch->prstatus_size);
        assert_true(hs_arch_register(arch, arch->sp) >= 0 && hs_arch_register(arch, arch->pc) >= 0);
        const char *const others[] = {arch->tp, arch->fp, arch->tp_selector};
        for (int k = 0; k < 3; k++) assert_true(!others[k] || hs_arch_register(arch, others[k]) >= 0);
        assert_true(arch->tp || arch->tp_note);
        assert_int_equal(hs_arch_register(arch, "no such register"), -1);
        assert_int_equal(hs_arch_register(arch, NULL), -1);
    }
    assert_null(hs_arch_find(EM_X86_64, ELFCLASS32, ELFDATA2LSB)); /* x32 */
    assert_null(hs_arch_find(EM_PPC64, ELFCLASS64, ELFDATA2MSB));
    assert_null(hs_arch_find(EM_NONE, 0, 0));
}

/* The order of x86-64's registers by the system's own header. */
static void test_registers(void **state) {
    (void)state;
    const struct hs_arch *arch = hs_arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB);
#define SAME(name)                                                                                           \
    assert_int_equal(hs_arch_register(arch, #name), offsetof(struct user_regs_struct, name) / 8)
    SAME(r15), SAME(r12), SAME(rbp), SAME(rbx), SAME(r8), SAME(rax), SAME(rdi), SAME(orig_rax), SAME(rip);
    SAME(cs), SAME(eflags), SAME(rsp), SAME(ss), SAME(fs_base), SAME(gs_base), SAME(gs);
#undef SAME
    assert_int_equal(hs_arch_register_count(arch), sizeof(struct user_regs_struct) / 8);
    assert_int_equal(hs_arch_register(arch, "r1"), -1); /* the beginning of r15 */
}

/* A core's bytes, little-endian words of 4 or 8 bytes. */
static uint8_t *put(uint8_t *at, uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; i++) at[i] = (uint8_t)(value >> 8 * i);
    return at + size;
}

/* The thread pointer that no register holds: NT_ARM_TLS of AArch64. */
static void test_thread_pointer_note(void **state) {
    (void)state;
    struct elf_writer writer;
    elf_writer_init(&writer);
    writer.machine = EM_AARCH64;
    uint8_t status[392] = {0}, tls[16];
    put(status + 32, 77, 4);
    put(status + 112 + 8 * 29, 0x7000, 8); /* x29 */
    put(status + 112 + 8 * 31, 0x6000, 8); /* sp */
    put(status + 112 + 8 * 32, 0x5000, 8); /* pc */
    put(put(tls, UINT64_C(0x123456789a), 8), 0, 8);
    elf_writer_note(&writer, "CORE", NT_PRSTATUS, status, sizeof status);
    elf_writer_note(&writer, "LINUX", NT_ARM_TLS, tls, sizeof tls);
    put(status + 32, 78, 4);
    elf_writer_note(&writer, "CORE", NT_PRSTATUS, status, sizeof status);
    elf_writer_note(&writer, "LINUX", NT_ARM_TLS, tls, 4); /* too short */
    elf_writer_load(&writer, 0x1000, 0x1000, NULL, 0x1000, PF_R | PF_W);
    size_t size;
    uint8_t *bytes = elf_writer_finish(&writer, &size);
    struct hs_core *core;
    assert_null(hs_core_open_memory(bytes, size, "core", &core));
    assert_int_equal(core->thread_count, 2);
    assert_int_equal(core->threads[0].tid, 77);
    assert_int_equal(core->threads[0].sp, 0x6000);
    assert_int_equal(core->threads[0].pc, 0x5000);
    assert_int_equal(core->threads[0].fp, 0x7000);
    assert_true(core->threads[0].tp == UINT64_C(0x123456789a));
    assert_int_equal(core->threads[1].tp, 0);
    hs_core_close(core);
    free(bytes);
    elf_writer_deinit(&writer);
}

/* … and NT_386_TLS of i386, where gs selects one of three descriptors; ELFCLASS32. */
static void test_thread_pointer_selected(void **state) {
    (void)state;
    enum { NOTES = 52 + 2 * 32, STATUS = 144, TLS = 48, DATA = NOTES + 20 + STATUS + 20 + TLS };
    static uint8_t bytes[DATA + 16];
    uint8_t *at = bytes;
    memcpy(at, ELFMAG, SELFMAG);
    at[EI_CLASS] = ELFCLASS32, at[EI_DATA] = ELFDATA2LSB, at[EI_VERSION] = EV_CURRENT;
    put(at + 16, ET_CORE, 2), put(at + 18, EM_386, 2), put(at + 28, 52, 4);
    put(at + 40, 52, 2), put(at + 42, 32, 2), put(at + 44, 2, 2);
    const uint32_t headers[2][8] = {{PT_NOTE, NOTES, 0, 0, DATA - NOTES, 0, 0, 4},
                                    {PT_LOAD, DATA, 0xfffff000, 0, 16, 16, PF_R | PF_W, 1}};
    at += 52;
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 8; k++) at = put(at, headers[i][k], 4);
    at = put(put(put(at, 5, 4), STATUS, 4), NT_PRSTATUS, 4);
    memcpy(at, "CORE\0\0\0", 8), at += 8;
    put(at + 24, 99, 4), put(at + 72 + 4 * 10, 0x63, 4), put(at + 72 + 4 * 15, 0xfffff008, 4);
    put(at + 72 + 4 * 12, 0xf7001234, 4);
    at += STATUS;
    at = put(put(put(at, 6, 4), TLS, 4), NT_386_TLS, 4);
    memcpy(at, "LINUX\0\0", 8), at += 8;
    for (uint32_t i = 0; i < 3; i++) put(put(at + 16 * i, 11 + i, 4), 0xf0000000 + i, 4);
    struct hs_core *core;
    assert_null(hs_core_open_memory(bytes, sizeof bytes, "core", &core));
    assert_string_equal(core->arch->name, "i386");
    assert_int_equal(core->thread_count, 1);
    assert_int_equal(core->threads[0].tid, 99);
    assert_true(core->threads[0].sp == 0xfffff008);
    assert_true(core->threads[0].pc == 0xf7001234);
    assert_true(core->threads[0].tp == 0xf0000001); /* 0x63 >> 3 is 12 */
    assert_true(core->segments[0].start == 0xfffff000);
    hs_core_close(core);
}

static void test_foreign_headers(void **state) {
    (void)state;
    uint8_t big[sizeof(Elf64_Ehdr)] = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2MSB};
    big[17] = ET_CORE, big[19] = EM_S390, big[39] = 64, big[57] = 2;
    struct hs_elf_header header;
    assert_int_equal(hs_elf_header_read(big, sizeof big, &header), HS_ELF_OK);
    assert_string_equal(header.arch->name, "s390x");
    assert_int_equal(header.type, ET_CORE);
    assert_int_equal(header.phoff, 64);
    assert_int_equal(header.phnum, 2);
    uint8_t load[sizeof(Elf64_Phdr)] = {[3] = PT_LOAD, [7] = PF_W, [23] = 9, [39] = 5, [47] = 6};
    struct hs_program_header one = hs_program_header_read(header.arch, load);
    assert_int_equal(one.type, PT_LOAD);
    assert_int_equal(one.flags, PF_W);
    assert_int_equal(one.vaddr, 9);
    assert_int_equal(one.file_size, 5);
    assert_int_equal(one.memory_size, 6);

    Elf32_Ehdr narrow = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB},
                         .e_type = ET_CORE,
                         .e_machine = EM_ARM,
                         .e_phoff = 52,
                         .e_phnum = 3};
    assert_int_equal(hs_elf_header_read(&narrow, sizeof narrow, &header), HS_ELF_OK);
    assert_string_equal(header.arch->name, "arm");
    assert_int_equal(header.phoff, 52);
    Elf32_Phdr segment = {
        .p_type = PT_LOAD, .p_offset = 1, .p_vaddr = 2, .p_filesz = 3, .p_memsz = 4, .p_flags = 5};
    one = hs_program_header_read(header.arch, &segment);
    assert_int_equal(one.offset, 1);
    assert_int_equal(one.vaddr, 2);
    assert_int_equal(one.file_size, 3);
    assert_int_equal(one.memory_size, 4);
    assert_int_equal(one.flags, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_process),
        cmocka_unit_test(test_auxv),
        cmocka_unit_test(test_mappings),
        cmocka_unit_test(test_mappings_hostile),
        cmocka_unit_test(test_notes_hostile),
        cmocka_unit_test(test_note_steps),
        cmocka_unit_test(test_machines),
        cmocka_unit_test(test_registers),
        cmocka_unit_test(test_thread_pointer_note),
        cmocka_unit_test(test_thread_pointer_selected),
        cmocka_unit_test(test_foreign_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
