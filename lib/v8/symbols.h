/* What the node binary says about its V8: the names that postmortem debugging rests on.
 *
 * Read from the image that holds the v8dbg_* symbols (.symtab first, .dynsym second), or from a metadata file
 * that `--save-metadata` wrote; what a V8 was built without is taken from constant_table.c. Holds: the v8dbg
 * constants with their values, RootsTable::root_names_, the vtables of heap spaces, the functions of the
 * collectors, the version numbers, the offset of the thread-local isolate pointer, the build-id. Owned by the
 * caller; immutable after load. */
#ifndef HS_V8_SYMBOLS_H
#define HS_V8_SYMBOLS_H

#include "elf/image.h"

struct hs_v8_constant; /* name -> value, hashed */

struct hs_v8_vtable {
    hs_addr address; /* what the first word of an instance holds */
    char name[32];   /* class without its namespace: "OldSpace" */
};

/* A function of V8's collectors, for the look at the stacks (gc.h). */
struct hs_v8_function {
    hs_addr start;
    uint32_t size;
    uint8_t kind; /* enum hs_gc_function */
};

struct hs_v8_symbols {
    struct hs_v8_constant *constants;
    struct hs_v8_constant **sorted; /* the same by name, once they are all there */
    size_t constant_count;
    char **root_names; /* index -> name, NULL if the binary does not tell */
    size_t root_count;
    bool roots_discovered; /* the names are of what the roots hold: the binary has none (V8 to 7.0;
                              old_roots.c) */
    struct hs_v8_vtable *vtables;
    size_t vtable_count;
    struct hs_v8_function *functions; /* ascending, empty if the binary does not tell */
    size_t function_count;
    int version[4];        /* major, minor, build, patch; all 0 if unknown */
    char version_text[48]; /* "12.4.254.21", "" if unknown */
    char node_version[32]; /* "v22.12.0", "" if unknown */
    char build_id[65];     /* hex, "" if unknown */
    char origin[512];      /* path of the image or metadata file, for messages */
    int64_t
        tls_isolate; /* offset of v8::internal::g_current_isolate_ from the thread pointer, 0 if unknown */
};

/* Looks in every image of the core for v8dbg symbols. The error says which images were looked at, which were
 * missing and what to pass. */
struct hs_error *hs_v8_symbols_load(const struct hs_core *core, const struct hs_images *images,
                                    struct hs_v8_symbols **ret) HS_MUST_CHECK;
/* The same from a file that hs_v8_symbols_save wrote; refused when its build-id is not that of the core's
 * program. */
struct hs_error *hs_v8_symbols_load_metadata(const struct hs_core *core, const struct hs_images *images,
                                             const char *path, struct hs_v8_symbols **ret) HS_MUST_CHECK;
/* Reads node binary `node_path` and writes all of the above as JSON to `path` (temporary file, then rename).
 */
struct hs_error *hs_v8_symbols_save(const char *node_path, const char *path) HS_MUST_CHECK;
/* Takes NULL. */
void hs_v8_symbols_destroy(struct hs_v8_symbols *symbols);

/* Value of v8dbg_<name>; false if there is none. */
bool hs_v8_symbols_constant(const struct hs_v8_symbols *symbols, const char *name, int32_t *ret);
/* Value of the one v8dbg_class_<stem>__<any type>; the type suffix changes with every release, so it is
 * ignored. False if there is none or if two of them disagree. `stem` is "Map__instance_type". The whole name
 * is put in *name_ret (may be NULL). */
bool hs_v8_symbols_field(const struct hs_v8_symbols *symbols, const char *stem, int32_t *ret,
                         const char **name_ret);
/* Is the value of v8dbg_<name> a row's of ours (constant_table.c), not the binary's? */
bool hs_v8_symbols_is_tabled(const struct hs_v8_symbols *symbols, const char *name);
/* Calls `visit` for each constant, sorted by name. */
void hs_v8_symbols_each(const struct hs_v8_symbols *symbols,
                        void (*visit)(void *context, const char *name, int32_t value), void *context);

#endif
