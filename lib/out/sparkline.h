/* A curve one line high: ▁▂▅█.
 *
 * From 0 or from the smallest value to the largest; a series that does not move is flat at the bottom. Needs
 * UTF-8; the caller leaves it out elsewhere. More than `columns` values are thinned to that many. No state:
 * any thread. */
#ifndef HS_OUT_SPARKLINE_H
#define HS_OUT_SPARKLINE_H

#include "base/strbuf.h"

void hs_sparkline_put(struct hs_strbuf *out, const int64_t *values, size_t count, size_t columns);

#endif
