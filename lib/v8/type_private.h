/* How the table of instance types is filled: by layout resolution only. */
#ifndef HS_V8_TYPE_PRIVATE_H
#define HS_V8_TYPE_PRIVATE_H

#include "base/error.h"
#include "v8/symbols.h"
#include "v8/type.h"

/* Adds one name unless the number has one. */
struct hs_error *hs_types_add(struct hs_types *types, int32_t number, const char *name, size_t length,
                              int provenance) HS_MUST_CHECK;
/* All that the v8dbg symbols tell. */
struct hs_error *hs_types_resolve(const struct hs_v8_symbols *symbols, struct hs_types *types) HS_MUST_CHECK;
/* Names what the order of the enum tells (type_order.c); `minor`: major * 100 + minor of this V8. */
struct hs_error *hs_types_fill(struct hs_types *types, int minor) HS_MUST_CHECK;
/* A root named "<something>_map" whose map has instance type `number`. */
struct hs_error *hs_types_add_root(struct hs_types *types, const char *root_name,
                                   uint16_t number) HS_MUST_CHECK;
/* After the last root: unnamed numbers among the receivers become JS objects. */
void hs_types_finish(struct hs_types *types);

#endif
