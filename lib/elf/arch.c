#include "elf/arch.h"

#include <elf.h>

/* prstatus numbers and the order of registers: struct elf_prstatus and elf_gregset_t of each machine's
 * <sys/procfs.h> and <sys/user.h> (arch/ * /include/asm/ptrace.h of Linux). s390x has the note size of
 * x86-64, so a row is chosen by machine, never by size. V8's page size and code alignment:
 * src/common/globals.h (kPageSizeBits, kCodeAlignment). Thread pointers and TLS: the ELF TLS ABI of each
 * machine (sysdeps/ * /nptl/tls.h of glibc). Tests: tests/unit/test_elf_notes.c has x86-64's order from the
 * system's own headers; tests/cores/machines.py reads cores of all. */
static const struct hs_arch arches[] = {
    {.name = "x86-64",
     .e_machine = EM_X86_64,
     .word_size = 8,
     .v8_page_bits = 18,
     .code_align = 64,
     .prstatus_size = 336,
     .prstatus_pid = 32,
     .prstatus_regs = 112,
     .registers = "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss "
                  "fs_base gs_base ds es fs gs",
     .sp = "rsp",
     .pc = "rip",
     .tp = "fs_base",
     .fp = "rbp",
     .tls_below = true},
    {.name = "aarch64",
     .e_machine = EM_AARCH64,
     .word_size = 8,
     .v8_page_bits = 18,
     .code_align = 32,
     .prstatus_size = 392,
     .prstatus_pid = 32,
     .prstatus_regs = 112,
     .registers = "x0 x1 x2 x3 x4 x5 x6 x7 x8 x9 x10 x11 x12 x13 x14 x15 x16 x17 x18 x19 x20 x21 x22 x23 x24 "
                  "x25 x26 x27 x28 x29 x30 sp pc pstate",
     .sp = "sp",
     .pc = "pc",
     .fp = "x29",
     .tp_note = NT_ARM_TLS,
     .tls_offset = 16},
    {.name = "i386",
     .e_machine = EM_386,
     .word_size = 4,
     .v8_page_bits = 18,
     .code_align = 32,
     .prstatus_size = 144,
     .prstatus_pid = 24,
     .prstatus_regs = 72,
     .registers = "ebx ecx edx esi edi ebp eax ds es fs gs orig_eax eip cs eflags esp ss",
     .sp = "esp",
     .pc = "eip",
     .fp = "ebp",
     .tp_note = NT_386_TLS,
     .tp_selector = "gs",
     .tls_below = true},
    {.name = "arm",
     .e_machine = EM_ARM,
     .word_size = 4,
     .v8_page_bits = 18,
     .code_align = 32,
     .prstatus_size = 148,
     .prstatus_pid = 24,
     .prstatus_regs = 72,
     .registers = "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 fp ip sp lr pc cpsr orig_r0",
     .sp = "sp",
     .pc = "pc",
     .tp_note = NT_ARM_TLS,
     .tls_offset = 8},
    {.name = "ppc64le",
     .e_machine = EM_PPC64,
     .word_size = 8,
     .v8_page_bits = 19,
     .code_align = 64,
     .prstatus_size = 504,
     .prstatus_pid = 32,
     .prstatus_regs = 112,
     .registers =
         "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 r13 r14 r15 r16 r17 r18 r19 r20 r21 r22 r23 r24 "
         "r25 r26 r27 r28 r29 r30 r31 nip msr orig_r3 ctr lr xer cr softe trap dar dsisr result pad0 "
         "pad1 pad2 pad3",
     .sp = "r1",
     .pc = "nip",
     .tp = "r13",
     .tls_offset = -0x7000},
    {.name = "s390x",
     .e_machine = EM_S390,
     .word_size = 8,
     .big_endian = true,
     .v8_page_bits = 18,
     .code_align = 32,
     .prstatus_size = 336,
     .prstatus_pid = 32,
     .prstatus_regs = 112,
     .registers = "psw_mask psw_addr r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 r13 r14 r15 acr0_1 acr2_3 "
                  "acr4_5 acr6_7 acr8_9 acr10_11 acr12_13 acr14_15 orig_r2",
     .sp = "r15",
     .pc = "psw_addr",
     .tp = "acr0_1",
     .tls_below = true},
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

/* The word that starts at `name` ends here. */
static size_t word_length(const char *name) {
    return strcspn(name, " ");
}

int hs_arch_register(const struct hs_arch *arch, const char *name) {
    if (!name) return -1;
    size_t length = strlen(name);
    int index = 0;
    for (const char *at = arch->registers; *at; index++) {
        size_t word = word_length(at);
        if (word == length && memcmp(at, name, length) == 0) return index;
        at += word + (at[word] != '\0');
    }
    return -1;
}

unsigned hs_arch_register_count(const struct hs_arch *arch) {
    unsigned count = 0;
    for (const char *at = arch->registers; *at; count++) {
        size_t word = word_length(at);
        at += word + (at[word] != '\0');
    }
    return count;
}
