/* Points in time as the stream writes them: ISO 8601, UTC, "2024-11-22T01:42:07Z" or with ".123" before the
 * Z.
 *
 * In memory: milliseconds since 1970 UTC, years 1 to 9999; HS_SNAP_NULL is unknown. Calendar arithmetic of
 * our own, so neither locale nor TZ nor the C library's limits matter. No state: any thread. */
#ifndef HS_SNAP_TIME_H
#define HS_SNAP_TIME_H

#include "base/types.h"

/* Milliseconds are written where they are not 0. False (and an empty string) if the year has no four digits.
 */
bool hs_snap_time_print(int64_t ms, char ret[32]);
/* Reads what print writes, any number of fractional digits, and a numeric offset (+01:00) in place of the Z.
 */
bool hs_snap_time_parse(const char *text, int64_t *ret);

#endif
