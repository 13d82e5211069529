#include "elf/arch.h"

#include <elf.h>

/* x86-64 is measured against gdb and /proc/PID of live processes. The other rows are measured on cores of
 * qemu-user (and of a native 32-bit process for i386), but nothing above this layer is tested on them yet:
 * supported = false. prstatus numbers: struct elf_prstatus of each machine's <sys/procfs.h>. s390x has the
 * note size of x86-64, so a row is chosen by machine, never by size. V8's page size and code alignment:
 * src/common/globals.h (kPageSizeBits, kCodeAlignment). Thread pointers that are no general register: AArch64
 * has note NT_ARM_TLS, i386 has NT_386_TLS, s390x has its access registers; these become readable when the
 * row becomes supported. */
static const struct hs_arch arches[] = {
    {.name = "x86-64",
     .e_machine = EM_X86_64,
     .word_size = 8,
     .supported = true,
     .v8_page_bits = 18,
     .code_align = 64,
     .prstatus_size = 336,
     .prstatus_pid = 32,
     .prstatus_regs = 112,
     .reg_count = 27,
     .reg_sp = 19,
     .reg_pc = 16,
     .reg_tp = 21, /* fs_base */
     .reg_fp = 4}, /* rbp */
    {.name = "aarch64",
     .e_machine = EM_AARCH64,
     .word_size = 8,
     .v8_page_bits = 18,
     .code_align = 32,
     .prstatus_size = 392,
     .prstatus_pid = 32,
     .prstatus_regs = 112,
     .reg_count = 34,
     .reg_sp = 31,
     .reg_pc = 32,
     .reg_tp = -1,
     .reg_fp = 29},
    {.name = "i386",
     .e_machine = EM_386,
     .word_size = 4,
     .v8_page_bits = 18,
     .code_align = 32,
     .prstatus_size = 144,
     .prstatus_pid = 24,
     .prstatus_regs = 72,
     .reg_count = 17,
     .reg_sp = 15,
     .reg_pc = 12,
     .reg_tp = -1,
     .reg_fp = -1},
    {.name = "arm",
     .e_machine = EM_ARM,
     .word_size = 4,
     .v8_page_bits = 18,
     .code_align = 32,
     .prstatus_size = 148,
     .prstatus_pid = 24,
     .prstatus_regs = 72,
     .reg_count = 18,
     .reg_sp = 13,
     .reg_pc = 15,
     .reg_tp = -1,
     .reg_fp = -1},
    {.name = "ppc64le",
     .e_machine = EM_PPC64,
     .word_size = 8,
     .v8_page_bits = 19,
     .code_align = 64,
     .prstatus_size = 504,
     .prstatus_pid = 32,
     .prstatus_regs = 112,
     .reg_count = 48,
     .reg_sp = 1,
     .reg_pc = 32,
     .reg_tp = 13, /* biased by 0x7000 */
     .reg_fp = -1},
    {.name = "s390x",
     .e_machine = EM_S390,
     .word_size = 8,
     .big_endian = true,
     .v8_page_bits = 18,
     .code_align = 32,
     .prstatus_size = 336,
     .prstatus_pid = 32,
     .prstatus_regs = 112,
     .reg_count = 27,
     .reg_sp = 17,
     .reg_pc = 1,
     .reg_tp = -1,
     .reg_fp = -1},
};

const struct hs_arch *hs_arch_find(uint16_t e_machine, uint8_t elf_class, uint8_t elf_data) {
    for (size_t i = 0; i < sizeof arches / sizeof *arches; i++) {
        const struct hs_arch *arch = &arches[i];
        if (arch->e_machine == e_machine && elf_class == (arch->word_size == 8 ? ELFCLASS64 : ELFCLASS32) &&
            elf_data == (arch->big_endian ? ELFDATA2MSB : ELFDATA2LSB))
            return arch;
    }
    return NULL;
}
