/* A figure drawn by gnuplot: as SVG to be put into a page, as PNG, or in characters for a log.
 *
 * gnuplot runs without a shell, in a folder of its own that is removed afterwards, with a time limit. Its
 * script is made of numbers and of words of ours only; names reach it in a data file, sanitised
 * (hs_figure_put_name), and are drawn with `noenhanced`. SVG comes back through svg_import.h. One thread at a
 * time. */
#ifndef HS_OUT_FIGURE_GNUPLOT_H
#define HS_OUT_FIGURE_GNUPLOT_H

#include "out/figure.h"

enum hs_figure_format { HS_FIGURE_SVG, HS_FIGURE_PNG, HS_FIGURE_TEXT };

struct hs_gnuplot {
    const char *program;    /* "gnuplot" */
    unsigned width, height; /* pixels, or characters */
    bool utf8;              /* in TEXT: characters outside ASCII may be used */
};

/* Errors as hs_child_run(): HS_ERROR_UNSUPPORTED where there is no gnuplot. */
struct hs_error *hs_figure_put_gnuplot(struct hs_strbuf *out, const struct hs_figure *figure,
                                       enum hs_figure_format format,
                                       const struct hs_gnuplot *gnuplot) HS_MUST_CHECK;
/* "gnuplot 5.4 patchlevel 4". */
struct hs_error *hs_gnuplot_version(const struct hs_gnuplot *gnuplot, struct hs_strbuf *out) HS_MUST_CHECK;

#endif
