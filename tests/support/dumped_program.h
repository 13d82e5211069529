/* A program of which only the core is left, for unit tests and fuzzing: what the process had mapped of it,
 * and a core that holds that. Every word of the memory may be changed before the core is made; the core
 * borrows nothing of it. Memory that runs out aborts the test. */
#ifndef HS_TESTS_DUMPED_PROGRAM_H
#define HS_TESTS_DUMPED_PROGRAM_H

#include "elf/image.h"

#define DUMPED_BASE ((uint64_t)0x7f0000000000)
/* Where things stand in the memory; the page of code between the two that it has is left out. */
enum {
    DUMPED_SYMBOLS = 0x400,
    DUMPED_STRINGS = 0x600,
    DUMPED_HASH = 0x700,
    DUMPED_TEXT = 0x800,
    DUMPED_DYNAMIC = 0x1000,
    DUMPED_SIZE = 0x2000
};

struct dumped_program {
    uint8_t *bytes;
    struct hs_core *core;
    struct hs_images *images; /* NULL: the core was refused */
};

/* A page that is read-only, a page of data with PT_DYNAMIC, whose addresses the dynamic linker has made
 * run-time ones (`relocated`) or not: DUMPED_SIZE bytes. */
void dumped_program_make(uint8_t *memory, bool relocated);
/* A core of it with the first `read_only` bytes of its first page. */
struct dumped_program dumped_program_open(const uint8_t *memory, uint64_t read_only);
void dumped_program_close(struct dumped_program *program);

#endif
