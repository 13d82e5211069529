/* All that a report is made from: the judged trend, and what the snapshots say besides.
 *
 * Filled once by report/main.c and read by all who write a part of the report. With one capture there is no
 * judgement: `summary` is NULL, there are no findings, and rows are ordered by bytes. Names in the trend are
 * clipped (report/clip.h), so what is printed of them is bounded; they are foreign still, and escaped where
 * they are printed. Borrowed pointers; read by one thread. */
#ifndef HS_REPORT_REPORT_H
#define HS_REPORT_REPORT_H

#include "extra.h"
#include "out/figure.h"
#include "tree.h"
#include "trend/judge.h"

#define REPORT_TOOL "heapreport " HEAPSCAN_VERSION

enum {
    REPORT_SUSPECTS = 10, /* findings told in sentences */
    REPORT_CLASSES = 250, /* rows of the ranked table: those that grew, */
    REPORT_LARGEST = 40,  /* and of the others the largest */
    REPORT_OTHERS = 3,    /* further holders that are named */
    REPORT_LAYERS = 6,    /* classes with a colour of their own */
    REPORT_CONTAINERS = 25,
    REPORT_CHURN = 15,
};

struct report {
    const struct hs_trend *trend;
    const struct hs_judge_summary *summary; /* NULL: one capture */
    const struct hs_judge_options *judge;
    const struct report_extra *extra;
    const struct report_tree *tree; /* has no node where snapshots have no paths */
    size_t finding_count;           /* those with a rank, muted ones left out */
    const char *gnuplot;            /* the program, or NULL: our own lines */
    const char *drawn_by;           /* "gnuplot 5.4 patchlevel 4", or why not: a sentence */
    const char *command;            /* as it was called, quoted for a shell */
};

/* One of the captures, in order: bytes of all that is judged. */
static inline int64_t report_whole(const struct report *report, size_t capture) {
    const struct hs_trend_capture *c = &report->trend->captures[capture];
    return report->trend->reachable ? c->reachable_bytes : c->bytes;
}

static inline size_t report_last(const struct report *report) {
    return report->trend->capture_count - 1;
}

#endif
