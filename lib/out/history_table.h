/* Judged nights for people: what is new, what stepped up earlier, the verdict; and the list of nights.
 *
 * Pure: reads, appends. */
#ifndef HS_OUT_HISTORY_TABLE_H
#define HS_OUT_HISTORY_TABLE_H

#include "base/strbuf.h"
#include "out/terminal.h"
#include "trend/history.h"

struct hs_history_table {
    const struct hs_history *history;
    struct hs_terminal terminal;
    size_t top; /* rows; 0: all */
};

struct hs_error *hs_history_table_put(struct hs_strbuf *out,
                                      const struct hs_history_table *view) HS_MUST_CHECK;

/* One night a line: series, number, time, captures, Node, source; `head`: the line of titles first. */
void hs_history_night_put(struct hs_strbuf *out, const char *series, const struct hs_history_night *night);
void hs_history_night_put_head(struct hs_strbuf *out);

#endif
