#include "out/figure_svg.h"

#include <math.h>

enum { LEFT = 70, RIGHT = 16, TOP = 12, BOTTOM = 48, FIRST_SERIES = 16, CURVE_POINTS = 60 };

struct box {
    struct hs_figure_scale x, y;
    double left, right, top, bottom;
};

static double at_x(const struct box *box, double x) {
    return box->left + (x - box->x.low) / (box->x.high - box->x.low) * (box->right - box->left);
}

static double at_y(const struct box *box, double y) {
    if (!isfinite(y)) y = 0;
    y = fmin(fmax(y, box->y.low), box->y.high);
    return box->bottom - (y - box->y.low) / (box->y.high - box->y.low) * (box->bottom - box->top);
}

static void put_frame(struct hs_strbuf *out, const struct hs_figure *figure, const struct box *box) {
    for (size_t i = 0; i < box->y.tick_count; i++) {
        double y = at_y(box, box->y.ticks[i]);
        hs_strbuf_printf(out, "<path class=\"s2\" d=\"M%.2f,%.2f H%.2f\"/>\n", box->left, y, box->right);
        hs_strbuf_printf(out,
                         "<text class=\"f3\" transform=\"translate(%.2f,%.2f)\" text-anchor=\"end\" "
                         "font-size=\"13\">",
                         box->left - 8, y + 4);
        hs_figure_put_bytes(out, box->y.ticks[i]);
        hs_strbuf_puts(out, "</text>\n");
    }
    hs_strbuf_printf(out, "<path class=\"s1\" d=\"M%.2f,%.2f H%.2f\"/>\n", box->left, box->bottom,
                     box->right);
    for (size_t i = 0; i < box->x.tick_count; i++) {
        double x = at_x(box, box->x.ticks[i]);
        hs_strbuf_printf(out, "<path class=\"s1\" d=\"M%.2f,%.2f v4\"/>\n", x, box->bottom);
        hs_strbuf_printf(out,
                         "<text class=\"f3\" transform=\"translate(%.2f,%.2f)\" text-anchor=\"middle\" "
                         "font-size=\"13\">%.6g</text>\n",
                         x, box->bottom + 18, box->x.ticks[i]);
    }
    hs_strbuf_printf(out,
                     "<text class=\"f3\" transform=\"translate(%.2f,%.2f)\" text-anchor=\"middle\" "
                     "font-size=\"13\">%s</text>\n",
                     (box->left + box->right) / 2, box->bottom + 38, figure->x_label);
}

/* The sum of the series under number `series`, at point `k`. */
static double below(const struct hs_figure *figure, size_t series, size_t k) {
    double sum = 0;
    for (size_t i = 0; i < series; i++)
        sum += isfinite(figure->series[i].values[k]) ? figure->series[i].values[k] : 0;
    return sum;
}

static double low_of(const struct hs_figure *figure, size_t i, size_t k) {
    return figure->kind == HS_FIGURE_STACK ? below(figure, i, k) : figure->series[i].low[k];
}

static double high_of(const struct hs_figure *figure, size_t i, size_t k) {
    return figure->kind == HS_FIGURE_STACK ? below(figure, i + 1, k) : figure->series[i].high[k];
}

static void put_area(struct hs_strbuf *out, const struct hs_figure *figure, const struct box *box, size_t i) {
    bool stack = figure->kind == HS_FIGURE_STACK;
    hs_strbuf_printf(out, "<polygon class=\"f%u\" fill-opacity=\"%s\" points=\"",
                     FIRST_SERIES + figure->series[i].color, stack ? "1" : "0.15");
    for (size_t k = 0; k < figure->count; k++)
        hs_strbuf_printf(out, "%.2f,%.2f ", at_x(box, figure->x[k]), at_y(box, low_of(figure, i, k)));
    for (size_t k = figure->count; k-- > 0;)
        hs_strbuf_printf(out, "%.2f,%.2f ", at_x(box, figure->x[k]), at_y(box, high_of(figure, i, k)));
    hs_strbuf_puts(out, "\"/>\n");
}

static void put_line(struct hs_strbuf *out, const struct hs_figure *figure, const struct box *box, size_t i) {
    unsigned color = FIRST_SERIES + figure->series[i].color;
    hs_strbuf_printf(out, "<path class=\"s%u\" stroke-width=\"2\" d=\"", color);
    for (size_t k = 0; k < figure->count; k++)
        hs_strbuf_printf(out, "%c%.2f,%.2f", k ? 'L' : 'M', at_x(box, figure->x[k]),
                         at_y(box, figure->series[i].values[k]));
    hs_strbuf_puts(out, "\"/>\n");
    for (size_t k = 0; k < figure->count; k++)
        hs_strbuf_printf(out, "<circle r=\"2.5\" class=\"f%u\" transform=\"translate(%.2f,%.2f)\"/>\n", color,
                         at_x(box, figure->x[k]), at_y(box, figure->series[i].values[k]));
}

void hs_figure_put_svg(struct hs_strbuf *out, const struct hs_figure *figure, unsigned width,
                       unsigned height) {
    struct box box = {hs_figure_scale_x(figure), hs_figure_scale_y(figure), LEFT, (double)width - RIGHT, TOP,
                      (double)height - BOTTOM};
    put_frame(out, figure, &box);
    for (size_t i = 0; i < figure->series_count; i++)
        if (figure->kind == HS_FIGURE_STACK || figure->series[i].low) put_area(out, figure, &box, i);
    for (size_t i = 0; i < figure->series_count && figure->kind == HS_FIGURE_LINES; i++)
        put_line(out, figure, &box, i);
}

void hs_figure_put_curve(struct hs_strbuf *out, const int64_t *values, size_t count, unsigned width,
                         unsigned height) {
    double low = INFINITY, high = -INFINITY, pad = 3;
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, (double)values[i]);
        high = fmax(high, (double)values[i]);
    }
    if (!(high > low)) high = low + 1;
    size_t shown = count < CURVE_POINTS ? count : CURVE_POINTS;
    double x = pad, y = 0;
    hs_strbuf_puts(out, "<path d=\"");
    for (size_t i = 0; i < shown; i++) {
        size_t k = shown < 2 ? 0 : i * (count - 1) / (shown - 1);
        x = pad + (shown < 2 ? 0 : (width - 2 * pad) * (double)i / (double)(shown - 1));
        y = height - pad - (height - 2 * pad) * (((double)values[k] - low) / (high - low));
        hs_strbuf_printf(out, "%c%.1f,%.1f", i ? 'L' : 'M', x, y);
    }
    hs_strbuf_printf(out, "\"/><circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\"/>", x, y);
}
