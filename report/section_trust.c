/* Why this may be believed, and where it may not: sources, completeness, rejects, versions, commands. */
#include "section.h"

#include <inttypes.h>
#include <string.h>

#include "markup.h"

static void put_cell(struct hs_strbuf *out, const char *class, const char *text) {
    hs_strbuf_printf(out, "<td class=\"%s\">", class);
    if (text) hs_html_put_name(out, text);
    else hs_strbuf_puts(out, "–");
    hs_strbuf_puts(out, "</td>");
}

static void put_capture(struct hs_strbuf *out, const struct report *report, size_t i) {
    const struct hs_trend_capture *c = &report->trend->captures[i];
    const struct report_source *s = &report->extra->sources[c->given];
    hs_strbuf_printf(out, "<tr><td class=\"num opt\">%zu</td>", i + 1);
    put_cell(out, "name", c->source);
    hs_strbuf_puts(out, "<td class=\"mono opt\">");
    words_put_time(out, c->captured_at);
    hs_strbuf_puts(out, "</td><td>");
    markup_pill(out, c->complete ? "complete" : "insufficient", c->complete ? "complete" : "partial");
    for (size_t k = 0; k < c->reason_count; k++) {
        hs_strbuf_puts(out, "<br><span class=\"warn\">");
        hs_html_put_name(out, c->reasons[k]);
        hs_strbuf_puts(out, "</span>");
    }
    hs_strbuf_puts(out, "</td><td class=\"num\">");
    markup_size(out, c->bytes);
    hs_strbuf_puts(out, "</td><td class=\"num opt\">");
    markup_size(out, c->reachable_bytes);
    hs_strbuf_puts(out, "</td><td class=\"num opt\">");
    markup_count(out, s->rejected_words);
    hs_strbuf_puts(out, "</td></tr>\n");
}

static void put_captures(struct hs_strbuf *out, const struct report *report) {
    hs_strbuf_puts(
        out, "<div class=\"wide\"><table><caption class=\"sr\">Captures</caption><thead><tr>"
             "<th scope=\"col\" class=\"num opt\">No.</th><th scope=\"col\">Source</th>"
             "<th scope=\"col\" class=\"opt\">Taken at</th><th scope=\"col\">Completeness</th>"
             "<th scope=\"col\" class=\"num\">Found</th><th scope=\"col\" class=\"num opt\">Reachable</th>"
             "<th scope=\"col\" class=\"num opt\">Rejects</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < report->trend->capture_count; i++) put_capture(out, report, i);
    hs_strbuf_puts(out, "</tbody></table></div>\n");
}

static void put_fact(struct hs_strbuf *out, const char *name, const char *text) {
    if (!text || !*text) return;
    hs_strbuf_printf(out, "<dt>%s</dt><dd class=\"mono\">", name);
    hs_html_put_name(out, text);
    hs_strbuf_puts(out, "</dd>\n");
}

static bool equal(const char *a, const char *b) {
    return a == b || (a && b && !strcmp(a, b));
}

/* What every capture has in common is said once; what differs, for each. */
static void put_origin(struct hs_strbuf *out, const struct report *report) {
    const struct hs_trend_capture *before = NULL;
    hs_strbuf_puts(out, "<div class=\"panel\"><h3>Where the captures come from</h3><dl class=\"facts\">\n");
    for (size_t i = 0; i < report->trend->capture_count && i < 50; i++) {
        const struct hs_trend_capture *c = &report->trend->captures[i];
        const struct report_source *s = &report->extra->sources[c->given];
        if (before && equal(before->build_id, c->build_id) && equal(before->node, c->node) &&
            before->pid == c->pid && equal(report->extra->sources[before->given].tool, s->tool))
            continue;
        HS_STRBUF_AUTO text = HS_STRBUF_INIT;
        if (before) hs_strbuf_printf(out, "<dt>From capture</dt><dd>%zu on</dd>", i + 1);
        put_fact(out, "Node", c->node);
        put_fact(out, "V8", c->v8);
        put_fact(out, "Build-id", c->build_id);
        put_fact(out, "Machine", s->machine);
        put_fact(out, "Format", c->format);
        if (c->pid != HS_SNAP_NULL) hs_strbuf_printf(&text, "%" PRId64, c->pid);
        put_fact(out, "Process", text.data);
        put_fact(out, "Scanned by", s->tool);
        before = c;
    }
    hs_strbuf_puts(out, "</dl></div>\n");
}

static void put_rejects(struct hs_strbuf *out, const struct report *report) {
    hs_strbuf_puts(out, "<div class=\"panel\"><h3>Rejected words</h3>\n");
    size_t told = 0;
    for (size_t i = 0; i < report->trend->capture_count && told < 20; i++) {
        const struct report_source *s = &report->extra->sources[report->trend->captures[i].given];
        if (!*s->rejects) continue;
        hs_strbuf_puts(out, told++ ? "<li>" : "<ul class=\"plain-list\"><li>");
        hs_strbuf_printf(out, "capture %zu: ", i + 1);
        hs_html_put_name(out, s->rejects);
        hs_strbuf_puts(out, "</li>");
    }
    hs_strbuf_puts(
        out,
        told ? "</ul>"
             : "<p class=\"dim\">None: every word of every heap page was an object, a filler or free.</p>");
    hs_strbuf_puts(out, "</div>\n");
}

static void put_ignored(struct hs_strbuf *out, const struct report *report) {
    const struct hs_ignore *ignore = report->judge->ignore;
    if (!ignore || !ignore->count) return;
    hs_strbuf_puts(out, "<div class=\"panel\"><h3>Ignored growth</h3><ul class=\"plain-list\">\n");
    for (size_t i = 0; i < ignore->count; i++) {
        const struct hs_ignore_pattern *p = &ignore->patterns[i];
        hs_strbuf_puts(out, "<li><code>");
        hs_html_put_name(out, p->pattern);
        hs_strbuf_printf(out, "</code>: %zu class%s, ", p->matched, p->matched == 1 ? "" : "es");
        markup_growth(out, p->bytes_delta);
        hs_strbuf_puts(out, ". ");
        hs_html_put_name(out, p->reason);
        hs_strbuf_puts(out, "</li>\n");
    }
    hs_strbuf_puts(out, "</ul></div>\n");
}

static void put_commands(struct hs_strbuf *out, const struct report *report) {
    enum { SOURCES_MAX = 12 };
    const struct hs_trend *trend = report->trend;
    HS_STRBUF_AUTO command = HS_STRBUF_INIT;
    hs_strbuf_puts(out, "<div class=\"panel\"><h3>How to make it again</h3>\n");
    hs_strbuf_puts(&command, "heapscan");
    if (*report->extra->sources[trend->captures[0].given].options)
        hs_strbuf_printf(&command, " %s", report->extra->sources[trend->captures[0].given].options);
    for (size_t i = 0; i < trend->capture_count && i < SOURCES_MAX; i++) {
        hs_strbuf_putc(&command, ' ');
        words_put_word(&command, trend->captures[i].source ? trend->captures[i].source : "CORE");
    }
    if (trend->capture_count > SOURCES_MAX) hs_strbuf_puts(&command, " …");
    markup_command(out, command.data);
    markup_command(out, report->command);
    hs_strbuf_puts(out, "<dl class=\"facts\">\n");
    put_fact(out, "Report by", REPORT_TOOL);
    put_fact(out, "Figures by", report->drawn_by);
    hs_strbuf_printf(out,
                     "<dt>Thresholds</dt><dd>growth of less than %" PRId64 " bytes (content: %" PRId64
                     ") or %" PRId64 " objects is noise</dd>\n",
                     report->judge->min_bytes, report->judge->content_min_bytes, report->judge->min_count);
    hs_strbuf_printf(out, "<dt>Judged</dt><dd>%s, in the order %s</dd>\n",
                     trend->reachable ? "what is reachable" : "all that was found, garbage included",
                     trend->by_time ? "of capture" : "given");
    hs_strbuf_puts(out, "<dt>Digests</dt><dd class=\"mono\">");
    for (size_t i = 0; i < trend->capture_count && i < SOURCES_MAX; i++)
        hs_strbuf_printf(out, "%s%s", i ? "<br>" : "",
                         report->extra->sources[trend->captures[i].given].digest);
    hs_strbuf_puts(out, "</dd>\n</dl></div>\n");
}

void section_trust(struct hs_strbuf *out, const struct report *report) {
    const struct hs_trend *trend = report->trend;
    hs_strbuf_puts(out, "<section id=\"trust\"><h2>Trust</h2>\n<p>What this report rests on.");
    if (!trend->same_build)
        hs_strbuf_puts(out, " The captures are of different builds of Node: classes are compared by name and "
                            "properties only.");
    else if (!trend->same_process)
        hs_strbuf_puts(
            out, " The captures are of different processes: classes are compared by name and properties "
                 "only.");
    hs_strbuf_puts(out, "</p>\n<div class=\"trust\">\n");
    put_captures(out, report);
    put_rejects(out, report);
    put_ignored(out, report);
    put_origin(out, report);
    put_commands(out, report);
    hs_strbuf_puts(out, "</div>\n</section>\n");
}
