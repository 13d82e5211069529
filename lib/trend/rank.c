#include "trend/gather.h"
#include "trend/judge_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What one byte of a class counts for, its own, retained or claimed, by nature; and how many shares of the
 * content's growth one new object claims. User, named, builtin in the ratio 4:2:1: a leaked session has one
 * Session, one or two literals and functions, and any number of arrays and promises, which retain it as well
 * as it retains them. */
static const double SHARES[] = {[HS_NATURE_USER] = 1,
                                [HS_NATURE_NAMED] = 0.5,
                                [HS_NATURE_BUILTIN] = 0.25,
                                [HS_NATURE_CONTENT] = 0,
                                [HS_NATURE_V8] = 0};
static const double OWN[] = {[HS_NATURE_USER] = 1,
                             [HS_NATURE_NAMED] = 0.5,
                             [HS_NATURE_BUILTIN] = 0.25,
                             [HS_NATURE_CONTENT] = 0.1,
                             [HS_NATURE_V8] = 0.001};
/* Classes of Node itself (Timeout, Socket, AsyncContextFrame, …) stand behind the program's that come with
 * them. */
static const double NODES_OWN = 0.5;
/* The most that one object may claim of the content's growth, in bytes. */
static const double CLAIM_MAX = 65536;

static double positive(int64_t delta) {
    return delta > 0 ? (double)delta : 0;
}

static bool is_of_node(const struct hs_trend_row *row) {
    return row->nature == HS_NATURE_USER && row->location.script &&
           !strncmp(row->location.script, "node:", 5);
}

double hs_trend_weight(const struct hs_trend_row *row) {
    static const double weights[] = {[HS_NATURE_USER] = 1,
                                     [HS_NATURE_NAMED] = 0.4,
                                     [HS_NATURE_BUILTIN] = 0.1,
                                     [HS_NATURE_CONTENT] = 0.02,
                                     [HS_NATURE_V8] = 0.001};
    if (row->nature == HS_NATURE_NAMED && !strcmp(row->type, "closure")) return 0.2;
    return is_of_node(row) ? 0.1 : weights[row->nature];
}

double hs_finding_score(const struct hs_finding *f) {
    static const double weights[] = {[HS_NATURE_USER] = 1,
                                     [HS_NATURE_NAMED] = 0.75,
                                     [HS_NATURE_BUILTIN] = 0.5,
                                     [HS_NATURE_CONTENT] = 0.5,
                                     [HS_NATURE_V8] = 0.01};
    bool inside = f->holder && !strncmp(f->holder, "node:", 5);
    /* Who is held by nobody known comes with somebody's leak more often than it is one. */
    bool placed = f->holder && f->holder[0] != '(';
    return weights[f->row->nature] * (double)f->held_delta * (inside || !placed ? 0.5 : 1);
}

static double retained_growth(const struct hs_trend *trend, const struct hs_trend_row *row) {
    int64_t first = row->values[0].retained_bytes,
            last = row->values[trend->capture_count - 1].retained_bytes;
    return first == HS_SNAP_NULL || last == HS_SNAP_NULL ? 0 : positive(last - first);
}

static void score_rows(struct hs_trend *trend) {
    double content = 0, shares = 0;
    for (size_t i = 0; i < trend->row_count; i++) {
        const struct hs_trend_row *row = trend->rows[i];
        if (!row->rank || row->subject != HS_SUBJECT_CLASS) continue;
        if (row->nature == HS_NATURE_CONTENT) content += positive(row->bytes_delta);
        shares += positive(row->count_delta) * SHARES[row->nature];
    }
    for (size_t i = 0; i < trend->row_count; i++) {
        struct hs_trend_row *row = trend->rows[i];
        if (!row->rank) continue;
        double objects = positive(row->count_delta);
        double claim = shares > 0 ? content * objects * SHARES[row->nature] / shares : 0;
        if (claim > objects * CLAIM_MAX) claim = objects * CLAIM_MAX;
        double retained = retained_growth(trend, row) * SHARES[row->nature];
        row->score = positive(row->bytes_delta) * OWN[row->nature] + fmax(claim, retained);
        if (is_of_node(row)) row->score *= NODES_OWN;
    }
}

static int compare_text(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "");
}

/* A total order, so that the same input gives the same output. */
static int compare_rows(const void *left, const void *right) {
    const struct hs_trend_row *a = *(struct hs_trend_row *const *)left,
                              *b = *(struct hs_trend_row *const *)right;
    if (!a->rank != !b->rank) return a->rank ? -1 : 1;
    if (a->rank && a->verdict != b->verdict) return a->verdict > b->verdict ? -1 : 1;
    if (a->rank && a->doubtful != b->doubtful) return a->doubtful ? 1 : -1;
    /* Memory outside the heap comes after what can be looked into. */
    if (a->subject != b->subject) return a->subject == HS_SUBJECT_CLASS ? -1 : 1;
    if (a->rank && (a->score > b->score || a->score < b->score)) return a->score > b->score ? -1 : 1;
    if (a->bytes_delta != b->bytes_delta) return a->bytes_delta > b->bytes_delta ? -1 : 1;
    if (a->count_delta != b->count_delta) return a->count_delta > b->count_delta ? -1 : 1;
    int order = compare_text(a->constructor, b->constructor);
    if (order) return order;
    if (a->key.high != b->key.high) return a->key.high < b->key.high ? -1 : 1;
    if (a->key.low != b->key.low) return a->key.low < b->key.low ? -1 : 1;
    order = compare_text(a->location.script, b->location.script);
    if (order) return order;
    if (a->location.line != b->location.line) return a->location.line < b->location.line ? -1 : 1;
    return a->location.column < b->location.column ? -1 : a->location.column > b->location.column;
}

void hs_judge_rank(struct hs_trend *trend) {
    score_rows(trend);
    if (trend->row_count) qsort(trend->rows, trend->row_count, sizeof *trend->rows, compare_rows);
    for (size_t i = 0; i < trend->row_count && trend->rows[i]->rank; i++) trend->rows[i]->rank = i + 1;
}
