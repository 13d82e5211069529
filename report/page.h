/* The whole report as one HTML file, and the same in characters for a log.
 *
 * The file needs no network and allows none: its content security policy names the hashes of the one style
 * and the one script that are in it, and nothing else. Same input, same bytes. */
#ifndef HS_REPORT_PAGE_H
#define HS_REPORT_PAGE_H

#include "report.h"

struct hs_error *page_put_html(struct hs_strbuf *out, const struct report *report) HS_MUST_CHECK;
/* Verdict, suspects, heapdiff's table and the figures in characters. `width` columns; 0: as heapdiff. */
struct hs_error *page_put_text(struct hs_strbuf *out, const struct report *report, unsigned width,
                               bool utf8) HS_MUST_CHECK;
/* DIR/growth.png and DIR/heap.png, by gnuplot; the folder is made where it is missing. */
struct hs_error *page_write_png(const struct report *report, const char *folder) HS_MUST_CHECK;

#endif
