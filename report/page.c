#include "page.h"

#include "asset.h"
#include "base/sha256.h"
#include "markup.h"
#include "out/trend_ndjson.h"
#include "section.h"

static void put_hash(struct hs_strbuf *out, const char *text, size_t size) {
    uint8_t hash[32];
    hs_sha256(text, size, hash);
    hs_strbuf_puts(out, "'sha256-");
    hs_base64_put(out, hash, sizeof hash);
    hs_strbuf_puts(out, "'");
}

static void put_head(struct hs_strbuf *out, const struct report *report) {
    hs_strbuf_puts(out,
                   "<!doctype html>\n<html lang=\"en\" class=\"nojs\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ");
    put_hash(out, report_css, report_css_size);
    hs_strbuf_puts(out, "; script-src ");
    put_hash(out, report_js, report_js_size);
    hs_strbuf_puts(
        out,
        "; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"" REPORT_TOOL
        "\">\n<title>");
    HS_STRBUF_AUTO words = HS_STRBUF_INIT;
    words_put_headline(&words, report, "", "");
    hs_html_put(out, words.data, words.size);
    hs_strbuf_puts(out, " – heapreport</title>\n<style>");
    hs_strbuf_append(out, report_css, report_css_size);
    hs_strbuf_puts(out, "</style>\n</head>\n<body>\n");
}

static void put_nav(struct hs_strbuf *out, const struct report *report) {
    hs_strbuf_puts(out, "<nav aria-label=\"Sections\"><ul>\n<li><a href=\"#suspects\">Suspects</a></li>"
                        "<li><a href=\"#ranking\">Ranking</a></li>");
    if (report->trend->capture_count > 1) hs_strbuf_puts(out, "<li><a href=\"#growth\">Growth</a></li>");
    if (report->tree->count) hs_strbuf_puts(out, "<li><a href=\"#paths\">Where it is</a></li>");
    if (report->extra->container_count)
        hs_strbuf_puts(out, "<li><a href=\"#containers\">Containers</a></li>");
    if (report->trend->captures[report_last(report)].knows_reachable)
        hs_strbuf_puts(out, "<li><a href=\"#churn\">Churn</a></li>");
    hs_strbuf_puts(out, "<li><a href=\"#trust\">Trust</a></li>\n</ul></nav>\n");
}

/* The lines of heapdiff(1)'s NDJSON as one array, for programs that read the page. */
static struct hs_error *put_data(struct hs_strbuf *out, const struct report *report) {
    HS_STRBUF_AUTO lines = HS_STRBUF_INIT;
    hs_strbuf_puts(out, "<script type=\"application/json\" id=\"data\">[");
    if (report->summary) {
        struct hs_trend_ndjson view = {report->trend, report->summary, report->judge, REPORT_TOOL,
                                       REPORT_CLASSES};
        HS_TRY(hs_trend_ndjson_put(&lines, &view));
    }
    for (size_t i = 0; i + 1 < lines.size; i++) /* the last line feed ends the last object */
        if (lines.data[i] == '\n') lines.data[i] = ',';
    hs_html_put_json(out, lines.data, lines.size);
    hs_strbuf_puts(out, "]</script>\n");
    return NULL;
}

struct hs_error *page_put_html(struct hs_strbuf *out, const struct report *report) {
    put_head(out, report);
    section_verdict(out, report);
    put_nav(out, report);
    hs_strbuf_puts(out, "<main>\n");
    section_suspects(out, report);
    section_classes(out, report);
    HS_TRY(section_figures(out, report));
    section_icicle(out, report);
    section_containers(out, report);
    section_churn(out, report);
    section_trust(out, report);
    hs_strbuf_puts(out, "</main>\n<footer>Written by " REPORT_TOOL
                        ". This file needs no network and sends nothing."
                        "</footer>\n");
    HS_TRY(put_data(out, report));
    hs_strbuf_puts(out, "<script>");
    hs_strbuf_append(out, report_js, report_js_size);
    hs_strbuf_puts(out, "</script>\n</body>\n</html>\n");
    return hs_strbuf_error(out);
}
