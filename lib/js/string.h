/* V8's strings, whatever their representation.
 *
 * Sequential, external (payload outside the heap, often in .rodata of the binary), cons (a tree), sliced (a
 * window on a parent) and thin (a pointer to the internalized one); one-byte (Latin-1) or two-byte (UTF-16
 * with surrogates that need not pair). Flattening is iterative: pending parts hold at least one unit each, so
 * the stack is bounded by `limit`, and steps without progress are bounded too: a cyclic or lying tree ends as
 * "not whole". (objects/string.h, string.tq) No state: any thread. */
#ifndef HS_JS_STRING_H
#define HS_JS_STRING_H

#include "base/strbuf.h"
#include "v8/v8.h"

/* Length in UTF-16 units; false if `string` is no string. */
bool hs_js_string_length(const struct hs_v8 *v8, hs_tagged string, uint32_t *ret);

/* Calls `visit` with the units of the first `limit` units in order, in chunks as they lie in the target's
 * memory (two-byte units in its byte order). False if a part is absent or is no string: what came before was
 * visited. */
bool hs_js_string_visit(const struct hs_v8 *v8, hs_tagged string, uint32_t limit,
                        void (*visit)(void *context, const uint8_t *units, uint32_t count, bool one_byte),
                        void *context);

/* Appends the first `limit` units as UTF-8; lone surrogates become U+FFFD. False as above. */
bool hs_js_string_append(const struct hs_v8 *v8, hs_tagged string, uint32_t limit, struct hs_strbuf *out);

/* Bytes that an external string holds outside the heap; 0 for any other object. *data_ret is where (0 where
 * the string caches no pointer: its bytes are counted, but their address is not known). */
uint64_t hs_js_string_payload(const struct hs_v8 *v8, hs_addr address, const struct hs_map *map,
                              hs_addr *data_ret);

#endif
