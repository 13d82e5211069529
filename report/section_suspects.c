/* The findings in sentences: what grew and how surely, who holds it, one object to look at, the next command.
 */
#include "section.h"

#include <inttypes.h>

#include "markup.h"
#include "trend/hint.h"

enum { PARTS_SHOWN = 5, CURVE_WIDTH = 168, CURVE_HEIGHT = 54 };

static void put_fact(struct hs_strbuf *out, const char *name) {
    hs_strbuf_printf(out, "<dt>%s</dt><dd>", name);
}

static void put_words(struct hs_strbuf *out, struct hs_strbuf *words) {
    hs_html_put(out, words->data, words->size);
    hs_strbuf_clear(words);
}

static void put_path(struct hs_strbuf *out, const struct hs_finding *finding) {
    if (!finding->path) return;
    hs_strbuf_puts(out, "<ol class=\"steps\" aria-label=\"Path from a root\">");
    for (size_t i = 0; i < finding->path_count; i++) {
        hs_strbuf_puts(out, "<li>");
        hs_html_put_name(out, finding->path[i]);
        hs_strbuf_puts(out, "</li>");
    }
    hs_strbuf_puts(out, "</ol>\n");
}

static void put_parts(struct hs_strbuf *out, const struct hs_finding *finding) {
    if (finding->part_count < 2) return;
    put_fact(out, "Grew with it");
    for (size_t i = 0, shown = 0; i < finding->part_count && shown < PARTS_SHOWN; i++) {
        const struct hs_finding_part *part = &finding->parts[i];
        if (part->row == finding->row) continue;
        hs_strbuf_puts(out, shown++ ? ", " : "");
        HS_STRBUF_AUTO words = HS_STRBUF_INIT;
        words_put_class(&words, part->row, 0);
        hs_strbuf_puts(out, "<code>");
        hs_html_put_name(out, *part->row->constructor ? part->row->constructor : "(anonymous)");
        hs_strbuf_puts(out, "</code> ");
        markup_growth(out, part->bytes_delta);
    }
    if (finding->part_count > PARTS_SHOWN + 1)
        hs_strbuf_printf(out, ", and %zu more", finding->part_count - PARTS_SHOWN - 1);
    hs_strbuf_puts(out, "</dd>\n");
}

static void put_retained(struct hs_strbuf *out, const struct hs_finding *finding) {
    if (finding->also_count && finding->leak_share != HS_SNAP_NULL) {
        put_fact(out, "Share");
        markup_growth(out, finding->leak_share);
        hs_strbuf_puts(out, " is this holder's, where what several hold is split evenly</dd>\n");
    }
    if (finding->exclusive_bytes == HS_SNAP_NULL) return;
    put_fact(out, "Retained");
    markup_growth(out, finding->exclusive_bytes);
    hs_strbuf_puts(out, " goes with it for certain</dd>\n");
}

static void put_facts(struct hs_strbuf *out, const struct report *report, const struct hs_finding *finding) {
    HS_STRBUF_AUTO words = HS_STRBUF_INIT;
    hs_strbuf_puts(out, "<dl class=\"facts\">\n");
    put_fact(out, "Slope");
    words_put_slope(&words, report, finding);
    put_words(out, &words);
    hs_strbuf_puts(out, "</dd>\n");
    if (finding->evidence.steps > 1) {
        put_fact(out, "By accident");
        hs_strbuf_puts(out, "a series that does not change looks so in ");
        words_put_chance(out, finding->evidence.significance);
        hs_strbuf_puts(out, " cases</dd>\n");
    }
    put_retained(out, finding);
    put_parts(out, finding);
    if (finding->sample) {
        put_fact(out, "One of them");
        hs_strbuf_printf(out, "<code>0x%" PRIx64 "</code> in ", finding->sample);
        hs_html_put_name(out, report->trend->captures[finding->sample_capture].source);
        hs_strbuf_puts(out, "</dd>\n");
    }
    put_fact(out, "Fingerprint");
    hs_strbuf_printf(out, "<code>%s</code></dd>\n</dl>\n", finding->fingerprint);
}

static void put_suspect(struct hs_strbuf *out, const struct report *report,
                        const struct hs_finding *finding) {
    size_t n = report->trend->capture_count;
    HS_STRBUF_AUTO words = HS_STRBUF_INIT;
    const char *verdict = hs_verdict_name(finding->evidence.verdict);
    hs_strbuf_printf(
        out, "<li class=\"suspect%s\"><div class=\"rank\" aria-hidden=\"true\">%zu</div>\n<div>\n<h3>",
        finding->rank == 1 ? " first" : "", finding->rank);
    markup_class(out, finding->row);
    hs_strbuf_putc(out, ' ');
    markup_pill(out, verdict, verdict);
    if (finding->subject != HS_SUBJECT_CLASS) markup_pill(out, "plain", hs_subject_name(finding->subject));
    hs_strbuf_puts(out, "</h3>\n<p>");
    words_put_growth(&words, report, finding);
    put_words(out, &words);
    if (finding->holder) {
        hs_strbuf_puts(out, " Held by <code>");
        hs_html_put_name(out, finding->holder);
        hs_strbuf_puts(out, "</code>");
        const char *hint = hs_holder_hint(finding->most ? finding->most : finding->holder);
        if (hint) {
            hs_strbuf_puts(out, " (");
            hs_html_puts(out, hint);
            hs_strbuf_putc(out, ')');
        }
        for (size_t i = 0; i < finding->also_count && i < REPORT_OTHERS; i++) {
            hs_strbuf_puts(out, i ? ", <code>" : "; also by <code>");
            hs_html_put_name(out, finding->also[i].holder);
            hs_strbuf_puts(out, "</code>");
        }
        if (finding->also_count > REPORT_OTHERS)
            hs_strbuf_printf(out, " and %zu more", finding->also_count - REPORT_OTHERS);
        hs_strbuf_putc(out, '.');
    }
    hs_strbuf_puts(out, "</p>\n");
    put_path(out, finding);
    put_facts(out, report, finding);
    if (finding->sample) {
        hs_finding_put_command(report->trend, finding, &words);
        markup_command(out, words.data);
    }
    hs_strbuf_puts(out, "</div>\n<figure>");
    const int64_t *series = finding->count_delta ? finding->counts : finding->bytes;
    markup_curve(out, series, n, CURVE_WIDTH, CURVE_HEIGHT);
    hs_strbuf_puts(out, "<figcaption>");
    if (finding->count_delta) markup_count(out, series[0]);
    else markup_size(out, series[0]);
    hs_strbuf_puts(out, " → ");
    if (finding->count_delta) markup_count(out, series[n - 1]);
    else markup_size(out, series[n - 1]);
    hs_strbuf_puts(out, "</figcaption></figure></li>\n");
}

/* One capture: single objects that retain much of the heap (after Eclipse MAT's leak suspects). */
static void put_holders_of_one(struct hs_strbuf *out, const struct report *report) {
    enum { SHARE = 20, SHOWN = 5 };
    int64_t whole = report_whole(report, 0);
    size_t shown = 0;
    for (size_t i = 0; i < report->extra->container_count && shown < SHOWN; i++) {
        const struct report_container *c = &report->extra->containers[i];
        if (c->last_retained == HS_SNAP_NULL || c->last_retained < whole / 100 * SHARE / 10) break;
        if (!shown++) hs_strbuf_puts(out, "<ol class=\"suspects\">\n");
        hs_strbuf_printf(
            out, "<li class=\"suspect\"><div class=\"rank\" aria-hidden=\"true\">%zu</div><div><h3><code>",
            shown);
        hs_html_put_name(out, c->path);
        hs_strbuf_puts(out, "</code></h3><p>This <code>");
        hs_html_put_name(out, c->constructor);
        hs_strbuf_puts(out, "</code> retains ");
        markup_size(out, c->last_retained);
        if (whole > 0)
            hs_strbuf_printf(out, ", %.0f %% of the heap", 100 * (double)c->last_retained / (double)whole);
        if (c->last_entries != HS_SNAP_NULL) {
            hs_strbuf_puts(out, "; it has ");
            markup_count(out, c->last_entries);
            hs_strbuf_puts(out, " entries");
        }
        hs_strbuf_puts(out, ".</p></div></li>\n");
    }
    hs_strbuf_puts(out, shown ? "</ol>\n"
                              : "<p>No single container retains more than a fiftieth of the heap.</p>\n");
}

void section_suspects(struct hs_strbuf *out, const struct report *report) {
    hs_strbuf_puts(out, "<section id=\"suspects\"><h2>Suspects</h2>\n");
    if (!report->summary) {
        hs_strbuf_puts(out, "<p>One capture has no trend. These single containers retain most.</p>\n");
        put_holders_of_one(out, report);
    } else if (!report->finding_count) {
        hs_strbuf_puts(out, "<p>Nothing grew past the thresholds.</p>\n");
    } else {
        hs_strbuf_puts(out,
                       "<p>The first is the one to look at. One finding is one cause: what grew with it is "
                       "named in it.</p>\n<ol class=\"suspects\">\n");
        size_t shown = report->finding_count < REPORT_SUSPECTS ? report->finding_count : REPORT_SUSPECTS;
        for (size_t i = 0; i < shown; i++) put_suspect(out, report, &report->trend->findings[i]);
        hs_strbuf_puts(out, "</ol>\n");
        if (shown < report->finding_count)
            hs_strbuf_printf(out, "<p class=\"dim\">%zu more stand in the ranking below.</p>\n",
                             report->finding_count - shown);
    }
    hs_strbuf_puts(out, "</section>\n");
}
