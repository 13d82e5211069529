/* A figure: series of numbers over the captures, and how to draw them.
 *
 * The same figure is drawn by gnuplot (out/figure_gnuplot.h) or by ourselves (out/figure_svg.h): scales,
 * ticks and labels are made here, so both look alike. Numbers are bytes; x is a time or a count of captures,
 * in the unit that x_label names. Names are foreign text, of any bytes and length: hs_figure_put_name() makes
 * them fit for a plot. Everything is borrowed by who draws. Plain data: one thread at a time. */
#ifndef HS_OUT_FIGURE_H
#define HS_OUT_FIGURE_H

#include "base/strbuf.h"

enum hs_figure_kind {
    HS_FIGURE_LINES, /* each for itself, with a band where there is one */
    HS_FIGURE_STACK, /* areas on each other, the first at the bottom */
};

enum { HS_FIGURE_TICKS = 12, HS_FIGURE_NAME = 48 };

struct hs_figure_series {
    const char *name;
    unsigned color;           /* of the palette: see hs_figure_color() */
    const double *values;     /* one a point */
    const double *low, *high; /* the band, one a point; or NULL */
};

struct hs_figure {
    enum hs_figure_kind kind;
    const char *title, *x_label; /* ours */
    const double *x;             /* ascending */
    size_t count;                /* points: two or more */
    const struct hs_figure_series *series;
    size_t series_count;
};

/* A scale from `low` to `high`, ticks in between. */
struct hs_figure_scale {
    double low, high;
    double ticks[HS_FIGURE_TICKS];
    size_t tick_count;
};

/* Colours that the colour-blind tell apart (Okabe and Ito 2008) for 0 to 5, greys from 6 on: "#rrggbb". */
enum { HS_FIGURE_COLORS = 10, HS_FIGURE_FIRST_GREY = 6 };
const char *hs_figure_color(unsigned color);

/* Of all values (bands may leave it); 0 is in it. Steps are 1, 2 or 5 (bytes: powers of 1024 times 1, 2, 4,
 * 8, …). */
struct hs_figure_scale hs_figure_scale_y(const struct hs_figure *figure);
struct hs_figure_scale hs_figure_scale_x(const struct hs_figure *figure);
/* "512 KiB", "1.5 MiB": as exact as a tick needs. */
void hs_figure_put_bytes(struct hs_strbuf *out, double bytes);
/* Appends at most HS_FIGURE_NAME columns of the name, escaped as for a terminal, and with no character that
 * gnuplot's data files or its text would read as more than itself. */
void hs_figure_put_name(struct hs_strbuf *out, const char *name);

#endif
