/* Numbers for people: 1.2 MiB, 1,234,567 and 2 h 5 min.
 *
 * Sizes are IEC (1 KiB = 1024 B) with one decimal below 100 and none above, so that three figures are always
 * right and a column of them can be compared by eye. Machine formats print plain bytes instead. No state: any
 * thread. */
#ifndef HS_OUT_SIZE_H
#define HS_OUT_SIZE_H

#include "base/strbuf.h"

enum hs_sign { HS_SIGN_MINUS, HS_SIGN_ALWAYS }; /* ALWAYS: +1.2 MiB, for deltas; 0 has no sign */

void hs_size_put(struct hs_strbuf *out, int64_t bytes, enum hs_sign sign);
/* A fraction of a byte is dropped. */
void hs_size_put_double(struct hs_strbuf *out, double bytes, enum hs_sign sign);
/* Groups of three digits: 1,234,567. */
void hs_count_put(struct hs_strbuf *out, int64_t count, enum hs_sign sign);
/* Milliseconds as "12 s", "2 h 5 min", "3 days 4 h". */
void hs_duration_put(struct hs_strbuf *out, int64_t ms);
/* Reads "4096", "64k", "1.5M", "2GiB" (factors of 1024; an i and a B may follow); false if it is none or does
 * not fit. */
bool hs_size_parse(const char *text, int64_t *ret);

#endif
