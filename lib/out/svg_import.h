/* Takes over a drawing from gnuplot's SVG, and nothing else.
 *
 * What comes out is a flat list of <path>, <polygon>, <circle> and <text> elements that we write ourselves:
 * coordinates, widths and dashes are copied where they consist of the characters that such values may have,
 * everything unknown is left out. No script, style, link, id or title gets through. Colours come as
 * rgb(0,0,N), which is how out/figure_gnuplot.h asks for them, and become class names: sN for strokes, fN for
 * fills; a page's style sheet says what colour N is, in light and in dark. Bounded, no recursion. Pure. */
#ifndef HS_OUT_SVG_IMPORT_H
#define HS_OUT_SVG_IMPORT_H

#include "base/strbuf.h"

/* Appends the elements for the inside of an <svg>. HS_ERROR_FORMAT if it is not what gnuplot writes. */
struct hs_error *hs_svg_import(struct hs_strbuf *out, const char *svg, size_t size) HS_MUST_CHECK;

#endif
