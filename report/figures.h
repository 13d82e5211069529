/* The two figures of a report: how the first classes grew, and what the whole heap consists of.
 *
 * lines   growth since the first capture of the first suspects, with the band of their slopes: all that hangs
 *         on their holders, where snapshots have paths, else their classes
 * stack   the same, V8's own and all the rest on each other: it adds up to the whole of every capture
 *
 * Both need two captures. Owned by struct figures; one thread at a time. */
#ifndef HS_REPORT_FIGURES_H
#define HS_REPORT_FIGURES_H

#include "out/figure_gnuplot.h"
#include "report.h"

enum { FIGURES_LINES, FIGURES_STACK, FIGURES_COUNT };

struct figures {
    struct hs_figure items[FIGURES_COUNT];
    struct hs_figure_series lines[REPORT_LAYERS], stack[REPORT_LAYERS + 2];
    struct hs_strbuf names[REPORT_LAYERS]; /* of lines */
    double *numbers;                       /* x, and the values of all series */
};

struct hs_error *figures_create(const struct report *report, struct figures *ret) HS_MUST_CHECK;
void figures_deinit(struct figures *figures);
/* One of them as the inside of an <svg viewBox="0 0 width height">: by gnuplot, if the report has one; a
 * gnuplot that fails is an error, after which the report is written without one. */
struct hs_error *figures_put_svg(struct hs_strbuf *out, const struct report *report,
                                 const struct hs_figure *figure, unsigned width,
                                 unsigned height) HS_MUST_CHECK;

#endif
