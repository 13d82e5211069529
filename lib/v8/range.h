/* What object layouts had in common over ranges of V8 minors, where no symbol says it.
 *
 * Rows of (fact, first minor, last minor, value), each with the V8 file or the measurement it came from. A
 * row is the last resort of the layout: it fills a fact that no symbol gave, and every fact is confirmed by
 * the self-checks and the walk like any other. Only object layout stands here, which never differed between
 * two releases of one V8 minor; no isolate or heap offset and no instance type does (v8-releases.md, 49
 * releases). A few symbols are wrong in some releases: those are listed here as well. Constant data, any
 * thread. */
#ifndef HS_V8_RANGE_H
#define HS_V8_RANGE_H

#include "v8/v8.h"

/* Fills the facts of v8->layout that are still HS_ABSENT and that a row of this V8's minor gives. Does
 * nothing where the binary does not tell its version. */
struct hs_error *hs_range_fill(struct hs_v8 *v8) HS_MUST_CHECK;
/* True if v8dbg_<name> is known to be wrong in this V8. */
bool hs_range_is_bogus(const struct hs_v8 *v8, const char *name);

#endif
