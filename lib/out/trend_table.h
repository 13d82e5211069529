/* A judged trend for people: a heading, the table of findings, what is not in it, the verdict, what to do
 * next.
 *
 * The rows under the line add up with those above it to the growth of the whole heap, so nothing is hidden.
 * Pure: reads, appends. */
#ifndef HS_OUT_TREND_TABLE_H
#define HS_OUT_TREND_TABLE_H

#include "base/strbuf.h"
#include "out/terminal.h"
#include "trend/judge.h"

struct hs_trend_table {
    const struct hs_trend *trend;
    const struct hs_judge_summary *summary;
    const struct hs_ignore *ignore; /* or NULL */
    struct hs_terminal terminal;
    size_t top;                         /* rows; 0: all */
    bool quiet;                         /* the table and the verdict only */
    const struct hs_baseline *baseline; /* or NULL */
};

struct hs_error *hs_trend_table_put(struct hs_strbuf *out, const struct hs_trend_table *view) HS_MUST_CHECK;

#endif
