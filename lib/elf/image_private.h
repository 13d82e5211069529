/* What the files of struct hs_image share with each other, and with nobody else.
 *
 * `facts` are what ELF and program headers say; they are read from a file (image_file.c) or from the pages of
 * it that the core holds (image_core.c), by the same rules, so that the two can be compared. A facts struct
 * owns its headers. */
#ifndef HS_ELF_IMAGE_PRIVATE_H
#define HS_ELF_IMAGE_PRIVATE_H

#include "elf/header.h"
#include "elf/image.h"

struct hs_image_facts {
    struct hs_elf_header header;
    struct hs_program_header *headers;
    size_t header_count;
    uint8_t build_id[32];
    uint8_t build_id_size; /* 0 if none */
    uint64_t low, high;    /* link-time range of all PT_LOAD */
    uint64_t load_bias;    /* p_vaddr - p_offset of the PT_LOAD that maps the start of the file */
};

/* An ELF executable or shared object, mapped or borrowed from memory. */
struct hs_image_file {
    struct hs_image_facts facts;
    const uint8_t *bytes;
    size_t size;
    void *mapping;              /* NULL for borrowed bytes */
    const struct hs_core *core; /* instead of bytes: the core that holds its segments, not owned */
    uint64_t bias;              /* of the segments in that core */
};

struct hs_image_private {
    struct hs_image_file file; /* bytes NULL where there is none */
    char *core_path;
    char *reason;
    bool trusted; /* verified, or named by the user: its bytes may stand for absent memory */
};

void hs_image_facts_deinit(struct hs_image_facts *facts);
/* Fills headers, low, high and load_bias from the program header table at `table`, header.phnum entries long.
 * False if there is no PT_LOAD or no memory. */
bool hs_image_facts_init(struct hs_image_facts *facts, const struct hs_elf_header *header,
                         const uint8_t *table);
/* Takes the GNU build-id from a note segment's bytes, if one is there. */
void hs_image_facts_note(struct hs_image_facts *facts, const uint8_t *notes, size_t size, uint64_t align);
/* Same file? By build-id if `core` has one, else by the program headers. */
bool hs_image_facts_match(const struct hs_image_facts *core, const struct hs_image_facts *file);

/* Only regular files are opened: a name in a core may be that of a device. Errors are sentences about `path`.
 */
struct hs_error *hs_image_file_open(const char *path, struct hs_image_file *ret) HS_MUST_CHECK;
struct hs_error *hs_image_file_borrow(const void *bytes, size_t size, const char *name,
                                      struct hs_image_file *ret) HS_MUST_CHECK;
/* The file as the core holds it from `start` on; false unless all but its code is there. */
bool hs_image_file_dumped(const struct hs_core *core, hs_addr start, struct hs_image_file *ret);
/* The dynamic symbols of such a file. */
void hs_image_dumped_symbols(const struct hs_image_file *file,
                             bool (*visit)(void *context, const struct hs_symbol *symbol), void *context);
/* A table of symbols as it stands in a file or in memory, in the byte order of the program. */
struct hs_image_symbols {
    const uint8_t *symbols;
    uint64_t symbols_size; /* bytes */
    const char *names;
    uint64_t names_size;
};
/* Calls `visit` for each that is defined. Names that do not end within the table, or begin outside it, are
 * left out. False: `visit` has seen enough. */
bool hs_image_symbol_table(const struct hs_arch *arch, const struct hs_image_symbols *table,
                           bool (*visit)(void *context, const struct hs_symbol *symbol), void *context);
/* The present bytes of PT_LOAD `index` of facts.headers, NULL if there are none. */
const uint8_t *hs_image_file_segment(const struct hs_image_file *file, size_t index, uint64_t *size_ret);
/* Leaves an empty struct; takes an empty one. */
void hs_image_file_close(struct hs_image_file *file);

/* An ELF header of the core's machine at `start`, with all its program headers present; false otherwise. */
bool hs_image_core_read(const struct hs_core *core, hs_addr start, struct hs_image_facts *ret);
/* What the core's pages from `start` on say of a file, where they lack its program headers. */
enum hs_image_likeness {
    HS_IMAGE_OTHER, /* another ELF header, or another build-id */
    HS_IMAGE_LIKE,  /* nothing speaks against it */
    HS_IMAGE_SAME   /* the same build-id */
};
enum hs_image_likeness hs_image_core_compare(const struct hs_core *core, hs_addr start,
                                             const struct hs_image_facts *file);

/* One place where the core maps an ELF file, or may. */
struct hs_image_place {
    hs_addr start, end; /* of the mapping of the file's first page; end is widened by the program headers */
    const char *path;   /* in the core, or NULL */
    struct hs_image_facts facts; /* header_count 0: the core does not hold the headers */
    bool headed;                 /* it has the ELF header all the same */
    bool executable;             /* some of its memory is executable for certain */
    bool is_main;
};
struct hs_image_places {
    struct hs_image_place *items;
    size_t count;
};
void hs_image_places_deinit(struct hs_image_places *places);
/* Ascending by start. */
struct hs_error *hs_image_places_find(const struct hs_core *core, struct hs_image_places *ret) HS_MUST_CHECK;

#endif
