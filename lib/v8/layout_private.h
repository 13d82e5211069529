/* How a layout is resolved: by v8.c only. */
#ifndef HS_V8_LAYOUT_PRIVATE_H
#define HS_V8_LAYOUT_PRIVATE_H

#include "v8/v8.h"

/* hs_v8_open with symbols that are loaded already; takes them, also when it fails. */
struct hs_error *hs_v8_open_symbols(const struct hs_core *core, const struct hs_images *images,
                                    struct hs_v8_symbols *symbols, struct hs_v8 **ret) HS_MUST_CHECK;
/* Records one fact for --explain-layout. */
struct hs_error *hs_v8_fact(struct hs_v8 *v8, const char *name, int64_t value, enum hs_provenance provenance,
                            const char *format, ...) HS_PRINTF(5, 6) HS_MUST_CHECK;
/* Gives a value to a fact that has none yet. */
struct hs_error *hs_layout_fill(struct hs_v8 *v8, int32_t *field, int32_t value,
                                enum hs_provenance provenance, const char *source) HS_MUST_CHECK;
/* All facts that need no look into the heap. HS_ERROR_LAYOUT names the first required one that is missing. */
struct hs_error *hs_layout_resolve(struct hs_v8 *v8) HS_MUST_CHECK;
/* Size rules with their votes. Needs pages, types, isolates, labs. */
struct hs_error *hs_rules_resolve(struct hs_v8 *v8) HS_MUST_CHECK;
void hs_rules_deinit(struct hs_rules *rules);
/* The self-checks of a resolved V8 (check.c). */
struct hs_error *hs_v8_check(struct hs_v8 *v8) HS_MUST_CHECK;
/* major * 100 + minor: for rows of tables in this layer, never above it */
static inline int hs_v8_minor(const struct hs_v8 *v8) {
    return v8->symbols->version[0] * 100 + v8->symbols->version[1];
}

#endif
