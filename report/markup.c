#include "markup.h"

#include "out/class_label.h"
#include "out/figure_svg.h"

static void put_words(struct hs_strbuf *out, const struct hs_strbuf *words) {
    if (words->failed) out->failed = true;
    hs_html_put(out, words->data, words->size);
}

void markup_size(struct hs_strbuf *out, int64_t bytes) {
    words_put_size(out, bytes); /* digits and a unit */
}

void markup_growth(struct hs_strbuf *out, int64_t bytes) {
    words_put_growth_size(out, bytes);
}

void markup_count(struct hs_strbuf *out, int64_t count) {
    words_put_count(out, count);
}

void markup_class(struct hs_strbuf *out, const struct hs_trend_row *row) {
    HS_STRBUF_AUTO words = HS_STRBUF_INIT;
    hs_class_label_put_head(&words, row->type, row->constructor);
    hs_strbuf_puts(out, "<code>");
    put_words(out, &words);
    hs_strbuf_puts(out, "</code>");
    hs_strbuf_clear(&words);
    hs_class_label_put_location(&words, row->location.script, row->location.line);
    if (!words.size) return;
    hs_strbuf_puts(out, "<span class=\"where mono dim\">");
    put_words(out, &words);
    hs_strbuf_puts(out, "</span>");
}

void markup_command(struct hs_strbuf *out, const char *command) {
    hs_strbuf_puts(out, "<div class=\"command\"><code>");
    hs_html_put_name(out, command);
    hs_strbuf_puts(out, "</code><button type=\"button\" class=\"js\">Copy</button></div>\n");
}

void markup_curve(struct hs_strbuf *out, const int64_t *values, size_t count, unsigned width,
                  unsigned height) {
    hs_strbuf_printf(out, "<svg class=\"curve\" viewBox=\"0 0 %u %u\" aria-hidden=\"true\">", width, height);
    hs_figure_put_curve(out, values, count, width, height);
    hs_strbuf_puts(out, "</svg>");
}

void markup_pill(struct hs_strbuf *out, const char *kind, const char *word) {
    hs_strbuf_printf(out, "<span class=\"pill %s\">%s</span>", kind, word);
}

const char *markup_verdict(const struct hs_trend_row *row) {
    if (row->nature == HS_NATURE_V8 && !row->rank) return "V8";
    return hs_verdict_name(row->verdict);
}
