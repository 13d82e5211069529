/* The first thing to read: what is the matter, in one sentence, with the figures that it rests on. */
#include "section.h"

#include <string.h>

#include "markup.h"

static void put_tile(struct hs_strbuf *out, const char *name, const struct hs_strbuf *value,
                     const char *more) {
    hs_strbuf_printf(out, "<li><span>%s</span><b>", name);
    hs_html_put(out, value->data, value->size);
    hs_strbuf_printf(out, "</b><span>%s</span></li>\n", more);
}

static void put_heap_tile(struct hs_strbuf *out, const struct report *report) {
    size_t last = report_last(report);
    HS_STRBUF_AUTO value = HS_STRBUF_INIT;
    HS_STRBUF_AUTO more = HS_STRBUF_INIT;
    words_put_size(&value, report_whole(report, last));
    if (last) {
        words_put_growth_size(&more, hs_trend_sum(report_whole(report, last), -report_whole(report, 0)));
        hs_strbuf_puts(&more, " since the first capture");
    }
    put_tile(out, report->trend->reachable ? "Reachable heap" : "Heap, garbage included", &value, more.data);
}

static void put_explained_tile(struct hs_strbuf *out, const struct report *report) {
    const struct hs_judge_summary *s = report->summary;
    if (!s) return;
    HS_STRBUF_AUTO value = HS_STRBUF_INIT;
    HS_STRBUF_AUTO more = HS_STRBUF_INIT;
    words_put_growth_size(&value, s->findings_bytes);
    hs_strbuf_printf(&more, "%zu growing, %zu grew", s->growing, s->grew);
    put_tile(out, "In what grew", &value, more.data);
}

static void put_garbage_tile(struct hs_strbuf *out, const struct report *report) {
    const struct hs_trend_capture *c = &report->trend->captures[report_last(report)];
    if (!c->knows_reachable) return;
    HS_STRBUF_AUTO value = HS_STRBUF_INIT;
    words_put_size(&value, hs_trend_sum(c->bytes, -c->reachable_bytes));
    put_tile(out, "Garbage in the last capture", &value, "not counted as growth");
}

static void put_trust_tile(struct hs_strbuf *out, const struct report *report) {
    size_t n = report->trend->capture_count, partial = 0;
    for (size_t i = 0; i < n; i++) partial += !report->trend->captures[i].complete;
    HS_STRBUF_AUTO value = HS_STRBUF_INIT;
    if (partial) hs_strbuf_printf(&value, "%zu of %zu partial", partial, n);
    else hs_strbuf_puts(&value, n == 1 ? "complete" : "all complete");
    put_tile(out, n == 1 ? "Capture" : "Captures", &value,
             partial ? "counts may be too low: see Trust" : "every heap page was read");
}

static const char *kind_of(const struct report *report) {
    return report->summary ? hs_result_name(report->summary->result) : "plain";
}

void section_verdict(struct hs_strbuf *out, const struct report *report) {
    HS_STRBUF_AUTO words = HS_STRBUF_INIT;
    hs_strbuf_puts(out, "<header class=\"top\">\n<div class=\"over\"><b>heapreport</b><span>");
    words_put_series(&words, report);
    hs_html_put(out, words.data, words.size);
    hs_strbuf_puts(out, "</span><button type=\"button\" class=\"js\" id=\"theme\">Dark</button></div>\n<h1>");
    /* The name stands between two characters that no escaped text has, and these become tags. */
    hs_strbuf_clear(&words);
    words_put_headline(&words, report, "\x01", "\x02");
    for (const char *at = words.data; *at;) {
        size_t plain = strcspn(at, "\x01\x02");
        hs_html_put(out, at, plain);
        at += plain;
        if (*at) hs_strbuf_puts(out, *at++ == '\x01' ? "<code>" : "</code>");
    }
    hs_strbuf_puts(out, "</h1>\n<p class=\"lede\">");
    markup_pill(out, kind_of(report), report->summary ? kind_of(report) : "one capture");
    hs_strbuf_putc(out, ' ');
    hs_strbuf_clear(&words);
    words_put_reason(&words, report);
    hs_html_put(out, words.data, words.size);
    hs_strbuf_puts(out, "</p>\n");
    if (report->summary && *report->summary->advice) {
        hs_strbuf_puts(out, "<p class=\"dim\">");
        hs_html_puts(out, report->summary->advice);
        hs_strbuf_puts(out, "</p>\n");
    }
    hs_strbuf_puts(out, "<ul class=\"tiles\">\n");
    put_heap_tile(out, report);
    put_explained_tile(out, report);
    put_garbage_tile(out, report);
    put_trust_tile(out, report);
    hs_strbuf_puts(out, "</ul>\n</header>\n");
}
