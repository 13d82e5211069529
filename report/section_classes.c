/* The ranked table of classes. What is not in it stands under the line, so that it adds up to the whole. */
#include "section.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "markup.h"

enum { PROPERTIES_MAX = 1200, CURVE_WIDTH = 74, CURVE_HEIGHT = 22 };

struct picked {
    const struct hs_trend_row **rows;
    size_t count;
};

/* V8's own kinds grow in a healthy program. */
static bool is_rest(const struct hs_trend_row *row) {
    return !row->rank && (row->verdict == HS_VERDICT_STEADY || row->nature == HS_NATURE_V8);
}

static int by_interest(const void *a, const void *b) {
    const struct hs_trend_row *x = *(const struct hs_trend_row *const *)a,
                              *y = *(const struct hs_trend_row *const *)b;
    bool xs = is_rest(x), ys = is_rest(y);
    if (!x->rank != !y->rank) return x->rank ? -1 : 1;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    if (xs != ys) return xs ? 1 : -1;
    size_t last = x->value_count - 1;
    int64_t xb = xs ? x->bytes[last] : x->bytes_delta, yb = xs ? y->bytes[last] : y->bytes_delta;
    if (xb != yb) return xb > yb ? -1 : 1;
    int order = strcmp(x->constructor, y->constructor);
    if (order) return order;
    if (x->key.high != y->key.high) return x->key.high < y->key.high ? -1 : 1;
    if (x->key.low != y->key.low) return x->key.low < y->key.low ? -1 : 1;
    return x->sample < y->sample ? -1 : x->sample > y->sample;
}

/* What grew, by rank; then the largest of the rest. NULL rows: no memory. */
static struct picked pick(const struct report *report) {
    const struct hs_trend *trend = report->trend;
    struct picked ret = {calloc(trend->row_count + 1, sizeof *ret.rows), 0};
    if (!ret.rows) return ret;
    memcpy(ret.rows, trend->rows, trend->row_count * sizeof *ret.rows);
    qsort(ret.rows, trend->row_count, sizeof *ret.rows, by_interest);
    size_t largest = 0;
    while (ret.count < trend->row_count && ret.count < REPORT_CLASSES && largest < REPORT_LARGEST)
        largest += is_rest(ret.rows[ret.count++]);
    return ret;
}

static int64_t bytes_of(const struct report *report, const struct hs_trend_row *row) {
    return report->summary ? row->bytes_delta : row->bytes[0];
}

static void put_head(struct hs_strbuf *out, const struct report *report) {
    static const struct {
        const char *key, *title, *class;
        bool trend;
    } columns[] = {{"0", "Rank", "num opt", false},     {"name", "Class", "", false},
                   {"1", "Verdict", "opt", true},       {"2", "Objects", "num", false},
                   {"3", "+ objects", "num opt", true}, {"5", "Bytes", "num opt", false},
                   {"4", "+ bytes", "num", true},       {"6", "A step", "num opt", true}};
    hs_strbuf_puts(out, "<thead><tr>");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (columns[i].trend && !report->summary) continue;
        hs_strbuf_printf(
            out, "<th scope=\"col\" class=\"%s\"%s><button type=\"button\" value=\"%s\">%s</button></th>",
            columns[i].class, columns[i].key[0] == '0' ? " aria-sort=\"ascending\"" : "", columns[i].key,
            columns[i].title);
    }
    if (report->trend->capture_count > 1) hs_strbuf_puts(out, "<th scope=\"col\" class=\"opt\">Curve</th>");
    hs_strbuf_puts(out, "</tr></thead>\n");
}

static size_t columns_of(const struct report *report) {
    return report->summary ? 9 : 4;
}

static void put_detail(struct hs_strbuf *out, const struct report *report, const struct hs_trend_row *row) {
    hs_strbuf_printf(out, "<tr class=\"detail\" hidden><td colspan=\"%zu\"><dl class=\"facts\">",
                     columns_of(report));
    if (row->property_count || row->dictionary) {
        hs_strbuf_puts(out, "<dt>Properties</dt><dd class=\"mono\">");
        HS_STRBUF_AUTO words = HS_STRBUF_INIT;
        for (size_t i = 0; i < row->property_count && words.size < PROPERTIES_MAX; i++) {
            if (i) hs_strbuf_puts(&words, ", ");
            hs_escape_terminal_string(&words, row->properties[i]);
        }
        hs_html_puts(out, row->dictionary ? "{table}: its keys are data and not shown" : words.data);
        hs_strbuf_puts(out, "</dd>");
    }
    if (row->location.script) {
        hs_strbuf_puts(out, "<dt>Constructor</dt><dd class=\"mono\">");
        hs_html_put_name(out, row->location.script);
        hs_strbuf_printf(out, ":%" PRId64 ":%" PRId64 "</dd>", row->location.line, row->location.column);
    }
    hs_strbuf_puts(out, "<dt>Kind</dt><dd>");
    hs_html_put_name(out, row->type);
    hs_strbuf_printf(out, ", %s</dd>", hs_trend_nature_name(row->nature));
    if (report->summary) {
        hs_strbuf_puts(out, "<dt>Objects</dt><dd>");
        for (size_t i = 0; i < report->trend->capture_count; i++) {
            hs_strbuf_puts(out, i ? ", " : "");
            markup_count(out, row->counts[i]);
        }
        hs_strbuf_puts(out, "</dd>");
    }
    if (row->sample) {
        hs_strbuf_printf(out, "<dt>One of them</dt><dd><code>0x%" PRIx64 "</code> in ", row->sample);
        hs_html_put_name(out, report->trend->captures[row->sample_capture].source);
        hs_strbuf_puts(out, "</dd>");
    }
    hs_strbuf_puts(out, "</dl></td></tr>\n");
}

static void put_row(struct hs_strbuf *out, const struct report *report, const struct hs_trend_row *row,
                    size_t place) {
    size_t last = report_last(report);
    double step = isfinite(row->bytes_per_step) ? row->bytes_per_step : 0;
    const char *verdict = markup_verdict(row);
    hs_strbuf_printf(out,
                     "<tr class=\"class\" data-verdict=\"%s\" data-values=\"%zu %d %" PRId64 " %" PRId64
                     " %" PRId64 " %" PRId64 " %.0f\"><td class=\"num opt\">",
                     verdict, place, (int)row->verdict, row->counts[last], row->count_delta, row->bytes_delta,
                     row->bytes[last], step);
    if (row->rank || !report->summary) hs_strbuf_printf(out, "%zu", report->summary ? row->rank : place);
    hs_strbuf_puts(
        out, "</td><td class=\"name\"><button type=\"button\" class=\"fold js\" aria-expanded=\"false\" "
             "aria-label=\"Details\">›</button>");
    markup_class(out, row);
    hs_strbuf_puts(out, "</td>");
    if (report->summary) {
        hs_strbuf_puts(out, "<td class=\"opt\">");
        markup_pill(out, strcmp(verdict, "V8") ? verdict : "plain", verdict);
        hs_strbuf_puts(out, "</td>");
    }
    hs_strbuf_puts(out, "<td class=\"num\">");
    markup_count(out, row->counts[last]);
    if (report->summary) {
        hs_strbuf_puts(out, "</td><td class=\"num opt\">");
        if (row->count_delta > 0) hs_strbuf_putc(out, '+');
        markup_count(out, row->count_delta);
    }
    hs_strbuf_puts(out, "</td><td class=\"num opt\">");
    markup_size(out, row->bytes[last]);
    if (report->summary) {
        hs_strbuf_printf(out, "</td><td class=\"num bytes%s\">", row->bytes_delta ? "" : " zero");
        markup_growth(out, row->bytes_delta);
        hs_strbuf_puts(out, "</td><td class=\"num opt\">");
        markup_growth(out, (int64_t)step);
    }
    if (last) {
        hs_strbuf_puts(out, "</td><td class=\"opt\">");
        markup_curve(out, row->bytes, last + 1, CURVE_WIDTH, CURVE_HEIGHT);
    }
    hs_strbuf_puts(out, "</td></tr>\n");
    put_detail(out, report, row);
}

static void put_sum(struct hs_strbuf *out, const struct report *report, const char *class, const char *what,
                    int64_t last, int64_t delta) {
    hs_strbuf_printf(out, "<tr%s><td class=\"opt\"></td><td%s>%s</td>", class, report->summary ? "" : "",
                     what);
    hs_strbuf_puts(out, report->summary
                            ? "<td class=\"opt\"></td><td></td><td class=\"opt\"></td><td class=\"num opt\">"
                            : "<td></td><td class=\"num opt\">");
    markup_size(out, last);
    if (report->summary) {
        hs_strbuf_puts(out, "</td><td class=\"num bytes\">");
        markup_growth(out, delta);
        hs_strbuf_puts(out, "</td><td class=\"opt\"></td><td class=\"opt\">");
    }
    hs_strbuf_puts(out, "</td></tr>\n");
}

static void put_foot(struct hs_strbuf *out, const struct report *report, const struct picked *picked) {
    const struct hs_trend *trend = report->trend;
    size_t last = report_last(report);
    int64_t listed = 0, listed_delta = 0;
    size_t shown = picked->count;
    for (size_t i = 0; i < shown; i++) {
        if (picked->rows[i]->subject == HS_SUBJECT_NATIVE) continue;
        listed = hs_trend_sum(listed, picked->rows[i]->bytes[last]);
        listed_delta = hs_trend_sum(listed_delta, bytes_of(report, picked->rows[i]));
    }
    int64_t whole = report_whole(report, last);
    int64_t delta = report->summary ? report->summary->bytes_delta : whole;
    hs_strbuf_puts(out, "<tfoot>\n");
    if (shown < trend->row_count) {
        HS_STRBUF_AUTO what = HS_STRBUF_INIT;
        words_put_count(&what, (int64_t)(trend->row_count - shown));
        hs_strbuf_puts(&what, " more classes, what shrank among them");
        put_sum(out, report, "", what.data, hs_trend_sum(whole, -listed), hs_trend_sum(delta, -listed_delta));
    }
    put_sum(out, report, " class=\"whole\"",
            trend->reachable ? "the whole heap, reachable" : "the whole heap", whole, delta);
    hs_strbuf_puts(out, "</tfoot>\n");
}

static void put_tools(struct hs_strbuf *out, const struct report *report) {
    hs_strbuf_puts(
        out, "<div class=\"tools js\"><input type=\"search\" id=\"search\" placeholder=\"Search classes, "
             "properties, files ( / )\" aria-label=\"Search the table\">");
    if (report->summary)
        hs_strbuf_puts(
            out, "<span id=\"chips\" role=\"group\" aria-label=\"Verdict\">"
                 "<button type=\"button\" value=\"all\" aria-pressed=\"true\">All</button> "
                 "<button type=\"button\" value=\"growing\" aria-pressed=\"false\">Growing</button> "
                 "<button type=\"button\" value=\"grew\" aria-pressed=\"false\">Grew</button> "
                 "<button type=\"button\" value=\"steady\" aria-pressed=\"false\">Steady</button> "
                 "<button type=\"button\" value=\"V8\" aria-pressed=\"false\">V8's own</button></span>");
    hs_strbuf_puts(out, "<button type=\"button\" id=\"unfold\" aria-pressed=\"false\">Unfold all</button>"
                        "<output id=\"shown\" aria-live=\"polite\"></output></div>\n");
}

void section_classes(struct hs_strbuf *out, const struct report *report) {
    struct picked picked = pick(report);
    if (!picked.rows) {
        out->failed = true;
        return;
    }
    hs_strbuf_puts(out, "<section id=\"ranking\"><h2>Ranking</h2>\n");
    hs_strbuf_puts(out,
                   report->summary
                       ? "<p>Every class by itself, what grew first. Sort by a heading; unfold a row for its "
                         "properties and one of its objects.</p>\n"
                       : "<p>Every class by itself, the largest first.</p>\n");
    put_tools(out, report);
    hs_strbuf_puts(
        out, "<div class=\"wide\"><table id=\"classes\">\n<caption class=\"sr\">Classes by rank</caption>\n");
    put_head(out, report);
    hs_strbuf_puts(out, "<tbody>\n");
    for (size_t i = 0; i < picked.count; i++) put_row(out, report, picked.rows[i], i + 1);
    hs_strbuf_puts(out, "</tbody>\n");
    put_foot(out, report, &picked);
    hs_strbuf_puts(out, "</table></div>\n<p class=\"js\"><button type=\"button\" id=\"all\" "
                        "hidden></button></p>\n</section>\n");
    free(picked.rows);
}
