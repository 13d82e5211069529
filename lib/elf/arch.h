/* A processor architecture as data.
 *
 * One row a machine in arch.c; word size, byte order, page bits and register notes are read from the row,
 * never from the host and never from #ifdef. To add a machine: add a row, and a core of it to the tests (its
 * stack pointer and program counter must be known by other means). Rows are immutable and shared by all
 * threads. */
#ifndef HS_ELF_ARCH_H
#define HS_ELF_ARCH_H

#include "base/types.h"
#include <string.h>

struct hs_arch {
    const char *name;   /* "x86-64", as snapshots print it in `machine` */
    uint16_t e_machine; /* EM_* */
    uint8_t word_size;  /* bytes of a pointer: 4 or 8 */
    bool big_endian;
    uint8_t v8_page_bits; /* log2 of V8's page size on this machine (globals.h kPageSizeBits) */
    uint8_t code_align;   /* bytes: rounding of code objects (globals.h kCodeAlignment) */
    /* NT_PRSTATUS: size of the note, offset of the pid, offset of the register block */
    uint16_t prstatus_size, prstatus_pid, prstatus_regs;
    const char *registers;   /* names of the words of the register block, in order, with blanks between */
    const char *sp, *pc;     /* by name */
    const char *tp;          /* register that holds the thread pointer, NULL where a note of its own does */
    const char *fp;          /* of the frame chain {caller's frame, return address}, NULL if there is none */
    uint32_t tp_note;        /* NT_* ("LINUX") with the thread pointer, 0: none */
    const char *tp_selector; /* the note is of descriptors {entry, base, …}: the register that selects one */
    bool tls_below;          /* the program's TLS block ends at the thread pointer (TLS variant II) */
    int16_t tls_offset;      /* else it starts so many bytes behind it, before alignment (variant I) */
};

/* NULL if the machine is not in the table. */
const struct hs_arch *hs_arch_find(uint16_t e_machine, uint8_t elf_class, uint8_t elf_data);
/* Index of a register in the block by its name; -1 if there is none, or no name. */
int hs_arch_register(const struct hs_arch *arch, const char *name);
/* Words of the register block. */
unsigned hs_arch_register_count(const struct hs_arch *arch);

/* Bytes to values. The branch on byte order is the same for a whole run, so the processor predicts it. */
static inline uint16_t hs_arch_u16(const struct hs_arch *arch, const void *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return arch->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? v : __builtin_bswap16(v);
}
static inline uint32_t hs_arch_u32(const struct hs_arch *arch, const void *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return arch->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? v : __builtin_bswap32(v);
}
static inline uint64_t hs_arch_u64(const struct hs_arch *arch, const void *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return arch->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? v : __builtin_bswap64(v);
}
/* A pointer-sized word, widened. */
static inline uint64_t hs_arch_word(const struct hs_arch *arch, const void *p) {
    return arch->word_size == 8 ? hs_arch_u64(arch, p) : hs_arch_u32(arch, p);
}

#endif
