/* The inside of struct hs_v8_symbols, shared by symbols.c and metadata.c. */
#ifndef HS_V8_SYMBOLS_PRIVATE_H
#define HS_V8_SYMBOLS_PRIVATE_H

#include <uthash.h>
#include "v8/symbols.h"

struct hs_v8_constant {
    UT_hash_handle hh;
    int32_t value;
    bool tabled; /* of a row of constant_table.c: the binary has no such symbol */
    char name[];
};

struct hs_error *hs_v8_symbols_add(struct hs_v8_symbols *symbols, const char *name,
                                   int32_t value) HS_MUST_CHECK;
/* Adds what a binary without these symbols does not say, if its version has rows. */
struct hs_error *hs_v8_symbols_supplement(struct hs_v8_symbols *symbols) HS_MUST_CHECK;
struct hs_error *hs_v8_symbols_add_vtable(struct hs_v8_symbols *symbols, const char *name,
                                          hs_addr address) HS_MUST_CHECK;
/* `kind`: enum hs_gc_function. */
struct hs_error *hs_v8_symbols_add_function(struct hs_v8_symbols *symbols, hs_addr start, uint64_t size,
                                            unsigned kind) HS_MUST_CHECK;
/* Reads one image; `core` may be NULL (the file alone). Leaves constant_count 0 if it holds no V8. */
struct hs_error *hs_v8_symbols_read(const struct hs_core *core, const struct hs_image *image,
                                    struct hs_v8_symbols *symbols) HS_MUST_CHECK;
/* Reads "<digits and dots><end>" as the release of Node; false if that is no version. */
bool hs_v8_symbols_take_version(struct hs_v8_symbols *symbols, const uint8_t *p, size_t room, char end);
void hs_v8_symbols_build_id(const struct hs_image *image, char *ret, size_t size);
/* After the last constant: sorts them and spells the version. */
struct hs_error *hs_v8_symbols_finish(struct hs_v8_symbols *symbols) HS_MUST_CHECK;

#endif
