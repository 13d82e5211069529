/* The two figures, each with a legend that tells the numbers, so nobody depends on colours. */
#include "section.h"

#include "figures.h"
#include "markup.h"

enum { WIDTH = 520, HEIGHT = 320 };

static void put_legend(struct hs_strbuf *out, const struct hs_figure *figure) {
    size_t last = figure->count - 1;
    hs_strbuf_puts(out, "<ul class=\"legend\">\n");
    for (size_t i = figure->series_count; i-- > 0;) {
        /* A stack is read from its top, lines by rank. */
        size_t k = figure->kind == HS_FIGURE_STACK ? i : figure->series_count - 1 - i;
        const struct hs_figure_series *s = &figure->series[k];
        hs_strbuf_printf(
            out,
            "<li><svg viewBox=\"0 0 12 12\" aria-hidden=\"true\"><rect class=\"f%u\" width=\"12\" "
            "height=\"12\" rx=\"3\"/></svg><span class=\"mono\">",
            16 + s->color);
        hs_html_puts(out, s->name);
        hs_strbuf_puts(out, "</span><span class=\"num\">");
        if (figure->kind == HS_FIGURE_LINES) markup_growth(out, (int64_t)s->values[last]);
        else markup_size(out, (int64_t)s->values[last]);
        hs_strbuf_puts(out, "</span></li>\n");
    }
    hs_strbuf_puts(out, "</ul>\n");
}

/* What a reader who does not see the figure is told: the first and the last value of each series. */
static void put_alt(struct hs_strbuf *out, const struct hs_figure *figure) {
    hs_html_puts(out, figure->title);
    hs_strbuf_printf(out, ", %zu captures. ", figure->count);
    for (size_t i = 0; i < figure->series_count; i++) {
        const struct hs_figure_series *s = &figure->series[i];
        if (i) hs_strbuf_puts(out, "; ");
        hs_html_puts(out, s->name);
        hs_strbuf_puts(out, ": ");
        markup_size(out, (int64_t)s->values[0]);
        hs_strbuf_puts(out, " to ");
        markup_size(out, (int64_t)s->values[figure->count - 1]);
    }
}

static struct hs_error *put_figure(struct hs_strbuf *out, const struct report *report,
                                   const struct hs_figure *figure, const char *text) {
    hs_strbuf_printf(out, "<figure><h3>%s</h3><p>%s</p>\n", figure->title, text);
    hs_strbuf_printf(out, "<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH,
                     HEIGHT);
    put_alt(out, figure);
    hs_strbuf_puts(out, "\">\n");
    HS_TRY(figures_put_svg(out, report, figure, WIDTH, HEIGHT));
    hs_strbuf_puts(out, "</svg>\n");
    put_legend(out, figure);
    hs_strbuf_puts(out, "</figure>\n");
    return NULL;
}

struct hs_error *section_figures(struct hs_strbuf *out, const struct report *report) {
    if (report->trend->capture_count < 2) return NULL;
    struct figures figures;
    struct hs_error *error = figures_create(report, &figures);
    hs_strbuf_puts(out, "<section id=\"growth\"><h2>Growth</h2>\n<p>Drawn by ");
    hs_html_puts(out, report->drawn_by);
    hs_strbuf_puts(out, ".</p>\n<div class=\"figures\">\n");
    if (!error && figures.items[FIGURES_LINES].series_count)
        error = put_figure(out, report, &figures.items[FIGURES_LINES],
                           report->tree->count
                               ? "The first suspects, with all that hangs on their holders. The band is the "
                                 "range of the slope."
                               : "The classes of the first suspects. The band is the range of the slope.");
    if (!error)
        error = put_figure(out, report, &figures.items[FIGURES_STACK],
                           "The layers add up to all bytes of each capture; the suspects lie on top.");
    hs_strbuf_puts(out, "</div>\n</section>\n");
    figures_deinit(&figures);
    return error;
}
