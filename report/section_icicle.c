/* Where the bytes are: each box is a branch of the paths from the roots, as wide as what hangs on it.
 *
 * Boxes are <svg> elements inside one <svg>, placed by per cent, so they follow the width of the page and
 * clip their text. The script reads their shares from there, to stretch one to the full width. */
#include "section.h"

#include <math.h>

#include "base/escape.h"
#include "clip.h"
#include "markup.h"

enum { ROW = 26, STEPS = 7 };

/* Seven steps: shrank by more than half, by more than a tenth, by more than a hundredth, about the same, and
 * grew likewise, of what it was. */
static int step_of(const struct report_node *node) {
    double delta = (double)node->last - (double)node->first;
    double share = delta / fmax(1, fmin((double)node->last, (double)node->first));
    double size = fabs(share);
    int step = size < 0.01 ? 0 : size < 0.1 ? 1 : size < 0.5 ? 2 : 3;
    return share < 0 ? 3 - step : 3 + step;
}

static void put_label(struct hs_strbuf *words, const struct report_node *node) {
    const char *slash = NULL, *text = node->edge;
    /* A module is told by the end of its path. */
    if (node->group)
        for (const char *at = text; *at && at[1]; at++)
            if (*at == '/') slash = at;
    HS_STRBUF_AUTO clipped = HS_STRBUF_INIT;
    hs_escape_terminal_string(&clipped, slash ? slash + 1 : text);
    if (node->constructor && *node->constructor && !node->group) {
        hs_strbuf_puts(&clipped, ": ");
        hs_escape_terminal_string(&clipped, node->constructor);
    }
    hs_strbuf_append(words, clipped.data, clipped.size);
}

static void put_cut(struct hs_strbuf *out, const struct hs_strbuf *words, size_t size_max) {
    size_t size = words->size;
    if (size > size_max) {
        size = size_max;
        while (size && ((unsigned char)words->data[size] & 0xC0) == 0x80) size--;
    }
    hs_html_put(out, words->data, size);
    if (size < words->size) hs_strbuf_puts(out, "…");
}

static void put_numbers(struct hs_strbuf *out, const struct report *report, const struct report_node *node,
                        int64_t whole) {
    markup_size(out, node->last);
    if (whole > 0) hs_strbuf_printf(out, " (%.1f %%)", 100 * (double)node->last / (double)whole);
    if (report->trend->capture_count > 1) {
        hs_strbuf_puts(out, ", ");
        if (node->last == node->first) hs_strbuf_puts(out, "unchanged");
        else markup_growth(out, hs_trend_sum(node->last, -node->first));
    }
    if (node->count > 1) {
        hs_strbuf_puts(out, ", ");
        markup_count(out, node->count);
        hs_strbuf_puts(out, " objects");
    }
}

static void put_node(struct hs_strbuf *out, const struct report *report, size_t index) {
    const struct report_node *node = &report->tree->nodes[index];
    HS_STRBUF_AUTO words = HS_STRBUF_INIT;
    put_label(&words, node);
    hs_strbuf_printf(out, "<svg x=\"%.6f%%\" y=\"%zu\" width=\"%.6f%%\" height=\"%d\" data-p=\"",
                     100 * node->x, node->depth * ROW, 100 * node->width, ROW);
    if (node->parent != SIZE_MAX) hs_strbuf_printf(out, "%zu", node->parent);
    hs_strbuf_puts(out, "\" data-t=\"");
    put_numbers(out, report, node, report->tree->nodes[0].last);
    hs_strbuf_printf(
        out,
        "\" role=\"treeitem\" aria-level=\"%zu\" tabindex=\"-1\"><rect class=\"g%d\" width=\"100%%\" "
        "height=\"100%%\"/><text x=\"7\" y=\"17\">",
        node->depth + 1, report->trend->capture_count > 1 ? step_of(node) : STEPS / 2);
    put_cut(out, &words, CLIP_NAME / 2);
    hs_strbuf_puts(out, "<tspan dx=\"7\">");
    markup_size(out, node->last);
    hs_strbuf_puts(out, "</tspan></text></svg>\n");
}

static void put_scale(struct hs_strbuf *out) {
    hs_strbuf_puts(out,
                   "<span class=\"scale\">shrank by half <svg viewBox=\"0 0 126 12\" role=\"img\" "
                   "aria-label=\"Seven steps: shrank by a half, a tenth, a hundredth; unchanged; grew by a "
                   "hundredth, a tenth, a half\">");
    for (int i = 0; i < STEPS; i++)
        hs_strbuf_printf(out, "<rect class=\"g%d\" x=\"%d\" width=\"18\" height=\"12\"/>", i, 18 * i);
    hs_strbuf_puts(out, "</svg> grew by half</span>");
}

void section_icicle(struct hs_strbuf *out, const struct report *report) {
    size_t deepest = 0;
    if (!report->tree->count) return;
    for (size_t i = 0; i < report->tree->count; i++)
        if (report->tree->nodes[i].width > 0.0008 && report->tree->nodes[i].depth > deepest)
            deepest = report->tree->nodes[i].depth;
    hs_strbuf_puts(
        out, "<section id=\"paths\"><h2>Where it is</h2>\n<p>Bytes by the path that holds them, in the last "
             "capture: every object stands once, below its first path from a root. Click a box, or press "
             "Enter on it, to look closer; arrows move, Escape goes up.</p>\n<div class=\"panel\"><div "
             "class=\"tools\"><button type=\"button\" class=\"js\" id=\"zoom-top\">Whole heap</button>"
             "<button type=\"button\" class=\"js\" id=\"zoom-out\">Up</button>");
    if (report->trend->capture_count > 1) put_scale(out);
    hs_strbuf_printf(
        out,
        "</div>\n<svg class=\"icicle\" id=\"icicle\" width=\"100%%\" height=\"%zu\" role=\"tree\" "
        "aria-label=\"Bytes by path\">\n",
        (deepest + 1) * ROW);
    for (size_t i = 0; i < report->tree->count; i++) put_node(out, report, i);
    hs_strbuf_puts(
        out, "</svg>\n<p class=\"crumb js\" id=\"crumb\" aria-live=\"polite\"></p></div>\n</section>\n");
}
