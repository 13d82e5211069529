/* Garbage: what was found dead. It is no growth, but it tells what comes and goes. */
#define _GNU_SOURCE 1 /* reallocarray */
#include "section.h"

#include <stdlib.h>

#include "markup.h"

static int64_t dead_bytes(const struct hs_trend_row *row, size_t capture) {
    const struct hs_trend_value *v = &row->values[capture];
    if (row->subject == HS_SUBJECT_NATIVE || v->reachable_bytes == HS_SNAP_NULL) return 0;
    return hs_trend_sum(v->bytes, -v->reachable_bytes);
}

static int64_t dead_count(const struct hs_trend_row *row, size_t capture) {
    const struct hs_trend_value *v = &row->values[capture];
    return v->reachable_count == HS_SNAP_NULL ? 0 : hs_trend_sum(v->count, -v->reachable_count);
}

struct dead {
    const struct hs_trend_row *row;
    int64_t bytes;
    size_t place;
};

static int by_bytes(const void *a, const void *b) {
    const struct dead *x = a, *y = b;
    if (x->bytes != y->bytes) return x->bytes > y->bytes ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static void put_row(struct hs_strbuf *out, const struct dead *dead, size_t last) {
    const struct hs_trend_row *row = dead->row;
    double share = row->values[last].bytes > 0 ? (double)dead->bytes / (double)row->values[last].bytes : 0;
    if (share > 1) share = 1;
    hs_strbuf_puts(out, "<tr><td class=\"name\">");
    markup_class(out, row);
    hs_strbuf_puts(out, "</td><td class=\"num opt\">");
    markup_count(out, row->values[last].count);
    hs_strbuf_puts(out, "</td><td class=\"num\">");
    markup_count(out, dead_count(row, last));
    hs_strbuf_puts(out, "</td><td class=\"num bytes\">");
    markup_size(out, dead->bytes);
    hs_strbuf_printf(
        out,
        "</td><td class=\"opt\"><svg class=\"bar\" viewBox=\"0 0 90 9\" aria-hidden=\"true\"><rect "
        "width=\"90\" height=\"9\" rx=\"3\"/><rect width=\"%.1f\" height=\"9\" rx=\"3\"/></svg> %.0f "
        "%%</td></tr>\n",
        90 * share, 100 * share);
}

void section_churn(struct hs_strbuf *out, const struct report *report) {
    const struct hs_trend *trend = report->trend;
    size_t last = report_last(report), count = 0;
    if (!trend->captures[last].knows_reachable) return;
    struct dead *dead = reallocarray(NULL, trend->row_count + 1, sizeof *dead);
    if (!dead) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < trend->row_count; i++) {
        int64_t bytes = dead_bytes(trend->rows[i], last);
        if (bytes > 0) dead[count++] = (struct dead){trend->rows[i], bytes, i};
    }
    qsort(dead, count, sizeof *dead, by_bytes);
    hs_strbuf_puts(out,
                   "<section id=\"churn\"><h2>Churn</h2>\n<p>Garbage that waited for collection in the last "
                   "capture: ");
    markup_size(out, hs_trend_sum(trend->captures[last].bytes, -trend->captures[last].reachable_bytes));
    hs_strbuf_puts(out, " of ");
    markup_size(out, trend->captures[last].bytes);
    hs_strbuf_puts(out, ". It is counted in no other section.</p>\n");
    if (count) {
        hs_strbuf_puts(
            out, "<div class=\"wide\"><table><caption class=\"sr\">Garbage by class</caption><thead><tr>"
                 "<th scope=\"col\">Class</th><th scope=\"col\" class=\"num opt\">Found</th>"
                 "<th scope=\"col\" class=\"num\">Dead</th><th scope=\"col\" class=\"num\">Bytes</th>"
                 "<th scope=\"col\" class=\"opt\">Share of its bytes</th></tr></thead><tbody>\n");
        for (size_t i = 0; i < count && i < REPORT_CHURN; i++) put_row(out, &dead[i], last);
        hs_strbuf_puts(out, "</tbody></table></div>\n");
    }
    hs_strbuf_puts(out, "</section>\n");
    free(dead);
}
