/* Judged nights as NDJSON, more lines of schema `heapdiff.result/1`; heapdiff(1) is the normative text.
 *
 * Lines: history, change by rank, history_verdict; before them a header where no comparison of captures came
 * first. Pure: reads, appends. */
#ifndef HS_OUT_HISTORY_NDJSON_H
#define HS_OUT_HISTORY_NDJSON_H

#include "base/strbuf.h"
#include "trend/history.h"

struct hs_history_ndjson {
    const struct hs_history *history;
    const char *tool;    /* "heapdiff 0.1.0" */
    double significance; /* that was asked for */
    size_t top;          /* change lines; 0: all */
    bool alone;          /* no header has been printed */
};

struct hs_error *hs_history_ndjson_put(struct hs_strbuf *out,
                                       const struct hs_history_ndjson *view) HS_MUST_CHECK;
/* One line of the list of nights. */
void hs_history_night_put_json(struct hs_strbuf *out, const char *series,
                               const struct hs_history_night *night);

#endif
