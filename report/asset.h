/* The files that go into every report as they are, embedded by the Makefile from report/report.css and
 * report/report.js. Constant: any thread. */
#ifndef HS_REPORT_ASSET_H
#define HS_REPORT_ASSET_H

#include <stddef.h>

extern const char report_css[], report_js[];
extern const size_t report_css_size, report_js_size;

#endif
