/* How objects are called on the command line: in a core by address, `0x1ac4f0c1148`; in a .heapsnapshot by
 * V8's id, `@123` as DevTools and memlab show it (0x7b will do: machine formats have that). */
#ifndef HS_SCAN_ADDRESS_H
#define HS_SCAN_ADDRESS_H

#include "capture.h"

/* False if `text` is neither hexadecimal nor `@` and a decimal number. */
bool scan_address_parse(const char *text, hs_addr *ret);
void scan_address_put(const struct scan_capture *capture, hs_addr address, struct hs_strbuf *out);
/* The error that says that there is no such object. */
struct hs_error *scan_address_missing(const struct scan_capture *capture, hs_addr address) HS_MUST_CHECK;

#endif
