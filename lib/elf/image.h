/* The ELF files that a core maps: the node binary and its shared objects.
 *
 * Found by NT_FILE, under --sysroot if given, or named by --exe (which stands for the image that has its
 * build-id, so it may also name a libnode.so, else for the program); symbols are read with libelf; matched by
 * build-id (the core holds the first page of each mapped ELF, with its PT_NOTE, in gcore's and the kernel's
 * cores alike). A file whose build-id differs from the core's is refused with a sentence that says what to
 * do; where the core holds no build-id the match is unverified and says so. `bias` = address in the target
 * minus p_vaddr; 0 for non-PIE. Owned by struct hs_images; immutable after load. */
#ifndef HS_ELF_IMAGE_H
#define HS_ELF_IMAGE_H

#include "elf/core.h"

struct hs_image {
    char *path;            /* path on this machine; NULL if the file was not found */
    const char *core_path; /* path as the core says, or NULL */
    hs_addr start, end;    /* range of its mappings in the target */
    uint64_t bias;
    uint8_t build_id[32];
    uint8_t build_id_size; /* 0 if none */
    bool verified;         /* the core's own build-id note equals the file's */
    bool is_main; /* the program itself (by AT_PHDR, AT_ENTRY or --exe), not one of its shared objects */
    uint64_t tls_size, tls_align; /* PT_TLS p_memsz and p_align, 0 if none */
    struct hs_image_private *priv;
};

struct hs_symbol {
    const char *name;
    uint64_t
        value; /* st_value: link-time address, add the image's bias; for STT_TLS the offset in the block */
    uint64_t size;
    uint8_t type; /* STT_* */
};

struct hs_image_options {
    const char *exe;     /* --exe: stands for the main executable; NULL */
    const char *sysroot; /* --sysroot: put before each path of NT_FILE; NULL */
};

struct hs_images {
    struct hs_image *items; /* ascending by start */
    size_t count;
};

/* Finds and opens the images of `core`. A file that is missing is no error here: its item has path NULL (the
 * layer above decides whether it is needed). A build-id mismatch of --exe is an error; of a file found by
 * NT_FILE the item has path NULL and `mismatch` text is kept in hs_image_missing_reason(). */
struct hs_error *hs_images_load(const struct hs_core *core, const struct hs_image_options *options,
                                struct hs_images **ret) HS_MUST_CHECK;
/* One ELF file alone, without a core (for --save-metadata, tests and fuzzing). */
struct hs_error *hs_image_open_file(const char *path, struct hs_images **ret) HS_MUST_CHECK;
/* The same for bytes in memory (tests, fuzzing); the bytes must outlive the images. */
struct hs_error *hs_image_open_memory(const void *bytes, size_t size, const char *name,
                                      struct hs_images **ret) HS_MUST_CHECK;
void hs_images_destroy(struct hs_images *images);

/* A sentence saying why the item has no file, with the remedy (--exe, --sysroot, --metadata); "" if it has
 * one. */
const char *hs_image_missing_reason(const struct hs_image *image);

/* Calls `visit` for every defined symbol of .symtab, then of .dynsym (names may repeat); stops when it
 * returns false. */
struct hs_error *hs_image_symbols(const struct hs_image *image,
                                  bool (*visit)(void *context, const struct hs_symbol *symbol),
                                  void *context) HS_MUST_CHECK;
/* Bytes of the file at link-time address `vaddr` (no bias), NULL unless all are in one PT_LOAD's file part.
 */
const void *hs_image_ptr(const struct hs_image *image, uint64_t vaddr, uint64_t size);
/* NUL-terminated string at link-time address, at most `limit` bytes, or NULL. */
const char *hs_image_cstring(const struct hs_image *image, uint64_t vaddr, size_t limit);

/* One PT_LOAD's bytes in the file. */
struct hs_image_segment {
    uint64_t vaddr; /* link-time */
    const uint8_t *bytes;
    uint64_t size;
    uint32_t flags; /* HS_SEGMENT_* */
};
/* Segment `index` (0, 1, …) of the file in the order of its program headers, those without bytes left out;
 * false if there are no more. For what no symbol names: strings, tables of pointers. */
bool hs_image_segment(const struct hs_image *image, size_t index, struct hs_image_segment *ret);

/* The machine of the file; NULL if it is none that we know. */
const struct hs_arch *hs_image_arch(const struct hs_image *image);

/* Target memory, from the core or, where the core has it absent and an image is mapped *read-only* there,
 * from the file (only a verified or user-named one). NULL unless all bytes are there. */
const void *hs_images_ptr(const struct hs_images *images, const struct hs_core *core, hs_addr addr,
                          uint64_t size);

#endif
