#include "figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "out/class_label.h"
#include "out/figure_svg.h"
#include "trend/finding.h"
#include "trend/slope.h"

/* x in a unit in which the series has a handful of ticks: hours since the first capture, or captures. */
static const char *fill_x(const struct report *report, double *x) {
    static const struct {
        double ms;
        const char *label;
    } units[] = {{86400e3, "days since the first capture"},
                 {3600e3, "hours since the first capture"},
                 {60e3, "minutes since the first capture"},
                 {1e3, "seconds since the first capture"}};
    const struct hs_trend *trend = report->trend;
    size_t n = trend->capture_count, unit = 0;
    double span = (double)trend->captures[n - 1].captured_at - (double)trend->captures[0].captured_at;
    if (!trend->timed || span < 1) {
        for (size_t i = 0; i < n; i++) x[i] = (double)(i + 1);
        return "capture";
    }
    while (unit + 1 < sizeof units / sizeof *units && span < 2 * units[unit].ms) unit++;
    for (size_t i = 0; i < n; i++)
        x[i] = (double)(trend->captures[i].captured_at - trend->captures[0].captured_at) / units[unit].ms;
    return units[unit].label;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The band: straight lines of the lower and the upper slope that cross in the middle of the robust line,
 * which need not meet the first point. */
static struct hs_error *fill_band(const int64_t *series, const double *x, size_t n, double *low,
                                  double *high) {
    struct hs_slope_range slope;
    HS_TRY(hs_slope_range_find(x, series, n, &slope));
    /* Theil-Sen's intercept: the median of what is left when the slope is taken away. */
    for (size_t i = 0; i < n; i++) low[i] = (double)series[i] - slope.median * x[i];
    qsort(low, n, sizeof *low, by_value);
    double intercept = n % 2 ? low[n / 2] : (low[n / 2 - 1] + low[n / 2]) / 2;
    double middle = (x[0] + x[n - 1]) / 2;
    double centre = intercept + slope.median * middle - (double)series[0];
    for (size_t i = 0; i < n; i++) {
        double a = centre + slope.low * (x[i] - middle), b = centre + slope.high * (x[i] - middle);
        low[i] = fmin(a, b);
        high[i] = fmax(a, b);
    }
    return NULL;
}

/* All that hangs on the finding's holder, where paths tell; else its class. */
static const int64_t *series_of(const struct hs_finding *finding) {
    if (finding->held_bytes) return finding->held_bytes;
    return finding->row->subject == HS_SUBJECT_NATIVE ? finding->bytes : finding->row->bytes;
}

/* The findings that get a line and a layer. No byte is below two holders; without paths, a class counts once.
 */
static size_t choose(const struct report *report, const struct hs_finding *ret[REPORT_LAYERS]) {
    size_t count = 0;
    for (size_t i = 0; i < report->finding_count && count < REPORT_LAYERS; i++) {
        const struct hs_finding *f = &report->trend->findings[i];
        bool again = false;
        for (size_t k = 0; k < count && !f->held_bytes; k++) again |= ret[k]->row == f->row;
        if (!again && f->subject != HS_SUBJECT_NATIVE) ret[count++] = f;
    }
    return count;
}

/* From below: what moves least first, the suspects on top. What is left of the whole when their layers are
 * taken away is V8's own and the rest, so the layers add up whatever they are. */
static void fill_layers(const struct report *report, const struct hs_finding *const *chosen, size_t count,
                        double *values, struct figures *ret) {
    static const char *const names[] = {"V8's own: code, feedback, maps", "everything else"};
    enum { V8, REST, RESTS };
    const struct hs_trend *trend = report->trend;
    size_t n = trend->capture_count, series = 0;
    for (size_t i = 0; i < trend->row_count; i++) {
        const struct hs_trend_row *row = trend->rows[i];
        if (row->subject == HS_SUBJECT_NATIVE || row->nature != HS_NATURE_V8) continue;
        for (size_t k = 0; k < n; k++) values[V8 * n + k] += (double)row->bytes[k];
    }
    for (size_t k = 0; k < n; k++) {
        double left = (double)report_whole(report, k);
        for (size_t i = 0; i < count; i++) {
            /* Stored in the order of the stack: the first suspect is the last layer. */
            double *layer = values + (RESTS + count - 1 - i) * n;
            layer[k] = fmax(0, fmin(left, (double)series_of(chosen[i])[k]));
            left -= layer[k];
        }
        values[V8 * n + k] = fmin(values[V8 * n + k], left);
        values[REST * n + k] = left - values[V8 * n + k];
    }
    for (size_t i = 0; i < RESTS; i++)
        ret->stack[series++] = (struct hs_figure_series){names[i], HS_FIGURE_FIRST_GREY + 2 - (unsigned)i,
                                                         values + i * n, NULL, NULL};
    for (size_t i = count; i-- > 0;)
        ret->stack[series++] = (struct hs_figure_series){ret->names[i].data, (unsigned)i,
                                                         values + (RESTS + count - 1 - i) * n, NULL, NULL};
    ret->items[FIGURES_STACK].series_count = series;
}

struct hs_error *figures_create(const struct report *report, struct figures *ret) {
    size_t n = report->trend->capture_count;
    *ret = (struct figures){0};
    for (size_t i = 0; i < REPORT_LAYERS; i++) hs_strbuf_init(&ret->names[i]);
    ret->numbers = calloc(n * (1 + 3 * REPORT_LAYERS + REPORT_LAYERS + 2), sizeof *ret->numbers);
    if (!ret->numbers) return HS_ENOMEM;
    double *x = ret->numbers, *at = ret->numbers + n;
    const char *label = fill_x(report, x);
    const struct hs_finding *chosen[REPORT_LAYERS];
    size_t count = choose(report, chosen);
    for (size_t i = 0; i < count; i++) {
        hs_class_label_put_head(&ret->names[i], chosen[i]->row->type, chosen[i]->row->constructor);
        double *values = at, *low = at + n, *high = at + 2 * n;
        const int64_t *series = series_of(chosen[i]);
        for (size_t k = 0; k < n; k++) values[k] = (double)series[k] - (double)series[0];
        bool banded = chosen[i]->evidence.steps > 1;
        if (banded) HS_TRY(fill_band(series, x, n, low, high));
        ret->lines[i] = (struct hs_figure_series){ret->names[i].data, (unsigned)i, values,
                                                  banded ? low : NULL, banded ? high : NULL};
        at += 3 * n;
    }
    ret->items[FIGURES_LINES] =
        (struct hs_figure){HS_FIGURE_LINES, "Growth since the first capture", label, x, n, ret->lines, count};
    ret->items[FIGURES_STACK] = (struct hs_figure){HS_FIGURE_STACK,
                                                   report->trend->reachable ? "The whole heap, reachable"
                                                                            : "The whole heap, all found",
                                                   label,
                                                   x,
                                                   n,
                                                   ret->stack,
                                                   0};
    fill_layers(report, chosen, count, at, ret);
    for (size_t i = 0; i < count; i++) HS_TRY(hs_strbuf_error(&ret->names[i]));
    return NULL;
}

void figures_deinit(struct figures *figures) {
    for (size_t i = 0; i < REPORT_LAYERS; i++) hs_strbuf_deinit(&figures->names[i]);
    free(figures->numbers);
    figures->numbers = NULL;
}

struct hs_error *figures_put_svg(struct hs_strbuf *out, const struct report *report,
                                 const struct hs_figure *figure, unsigned width, unsigned height) {
    if (report->gnuplot) {
        struct hs_gnuplot gnuplot = {report->gnuplot, width, height, true};
        return hs_figure_put_gnuplot(out, figure, HS_FIGURE_SVG, &gnuplot);
    }
    hs_figure_put_svg(out, figure, width, height);
    return hs_strbuf_error(out);
}
