/* A figure drawn by ourselves, where there is no gnuplot: plain lines and areas on the same scales.
 *
 * Elements, coordinates and class names (sN, fN) are those of out/svg_import.h, so one style sheet fits both.
 * Names do not stand in it. Pure: reads, appends. */
#ifndef HS_OUT_FIGURE_SVG_H
#define HS_OUT_FIGURE_SVG_H

#include "out/figure.h"

/* Appends the elements for the inside of an <svg viewBox="0 0 width height">. */
void hs_figure_put_svg(struct hs_strbuf *out, const struct hs_figure *figure, unsigned width,
                       unsigned height);
/* A curve without axes, that fills the box: the inside of a small <svg>. Values may be of any size. */
void hs_figure_put_curve(struct hs_strbuf *out, const int64_t *values, size_t count, unsigned width,
                         unsigned height);

#endif
