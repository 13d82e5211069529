/* ScopeInfo: the function's name and where its source begins.
 *
 * Its fields are optional and stand one behind the other, so the flags say where each is (their bits:
 * layout.h; scope type in bits 0-3, saved class variable 10, function variable 12-13, inferred name 14).
 * Where the slots that the flags point to do not hold what they should, the release-free way is taken: the
 * first non-empty String behind the context locals is the function's name. No state: any thread. */
#ifndef HS_JS_SCOPE_H
#define HS_JS_SCOPE_H

#include "v8/v8.h"

struct hs_js_scope {
    hs_tagged name;     /* a String, or 0 if the function has none */
    hs_tagged inferred; /* a String, or 0 */
    int64_t start;      /* UTF-16 units from the start of the script's source, -1 if unknown */
};

/* Reads the ScopeInfo that `scope_info` points to; false if it is none. */
bool hs_js_scope_read(const struct hs_v8 *v8, hs_tagged scope_info, struct hs_js_scope *ret);

#endif
