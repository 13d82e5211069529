/* The mappings of a running process, and what of each belongs into a core.
 *
 * Read from /proc/PID/smaps. The choice is the kernel's own (fs/coredump.c, vma_dump_size, with the default
 * filter): memory that the process wrote, anonymous memory that has pages, shared memory without a name; of
 * files only the ELF header, since the file is there to be read. Memory that is only reserved has no pages
 * and is absent, as in a kernel's core. Plain data; one thread. */
#ifndef HS_DUMP_MAPPING_H
#define HS_DUMP_MAPPING_H

#include "base/error.h"
#include <stdio.h>

enum dump_choice {
    DUMP_ABSENT,  /* nothing in the file: p_filesz is 0 */
    DUMP_HEADER,  /* the first page of an ELF file */
    DUMP_PRESENT, /* pages that are there; the others read as zero and are holes */
    DUMP_ALL      /* every page, through the page cache where need be */
};

struct dump_mapping {
    uint64_t start, end, offset; /* offset: of the file */
    uint32_t flags;              /* PF_R, PF_W, PF_X */
    bool shared, special;        /* special: VmFlags io, pf or dd */
    uint64_t inode;
    uint64_t resident, anonymous, swapped; /* bytes */
    char *path;                            /* "" if none */
    enum dump_choice choice;
};

struct dump_mappings {
    struct dump_mapping *items;
    size_t count;
};

struct hs_error *dump_mappings_read(int pid, struct dump_mappings *ret) HS_MUST_CHECK;
void dump_mappings_deinit(struct dump_mappings *mappings);
/* The text of a smaps file. Lines that it does not know are ignored, a
 * mapping that does not parse is an error. */
struct hs_error *dump_mappings_parse(FILE *stream, struct dump_mappings *ret) HS_MUST_CHECK;
/* At most so many bytes of disk does a core of these need. */
uint64_t dump_mappings_resident(const struct dump_mappings *mappings);

#endif
