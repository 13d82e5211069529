#include "out/figure.h"

#include "base/escape.h"
#include "base/utf8.h"
#include <math.h>
#include <string.h>

const char *hs_figure_color(unsigned color) {
    static const char *const colors[HS_FIGURE_COLORS] = {"#d55e00", "#0072b2", "#009e73", "#cc79a7",
                                                         "#e69f00", "#56b4e9", "#7a828c", "#a4abb3",
                                                         "#c6cbd1", "#e3e6e9"};
    return colors[color < HS_FIGURE_COLORS ? color : HS_FIGURE_COLORS - 1];
}

static double finite_or_zero(double value) {
    return isfinite(value) ? value : 0;
}

/* Lowest and highest value, and 0. Bands are cut off. */
static void find_range(const struct hs_figure *figure, double *low_ret, double *high_ret) {
    double low = 0, high = 0;
    for (size_t i = 0; i < figure->count; i++) {
        double sum = 0;
        for (size_t k = 0; k < figure->series_count; k++) {
            const struct hs_figure_series *s = &figure->series[k];
            sum += finite_or_zero(s->values[i]);
            double value = figure->kind == HS_FIGURE_STACK ? sum : finite_or_zero(s->values[i]);
            low = fmin(low, value);
            high = fmax(high, value);
        }
    }
    *low_ret = low;
    *high_ret = high;
}

static void fill_ticks(struct hs_figure_scale *scale, double step) {
    scale->low = floor(scale->low / step) * step;
    for (double tick = scale->low; scale->tick_count < HS_FIGURE_TICKS; tick += step) {
        scale->ticks[scale->tick_count++] = fabs(tick) < step / 1e6 ? 0 : tick;
        if (tick >= scale->high) break;
    }
    scale->high = fmax(scale->high, scale->ticks[scale->tick_count - 1]);
}

struct hs_figure_scale hs_figure_scale_y(const struct hs_figure *figure) {
    struct hs_figure_scale scale = {0};
    find_range(figure, &scale.low, &scale.high);
    if (scale.high - scale.low < 4) scale.high = scale.low + 4;
    double step = exp2(ceil(log2((scale.high - scale.low) / 6)));
    fill_ticks(&scale, step);
    return scale;
}

struct hs_figure_scale hs_figure_scale_x(const struct hs_figure *figure) {
    struct hs_figure_scale scale = {.low = figure->x[0], .high = figure->x[figure->count - 1]};
    double range = scale.high - scale.low;
    if (!(range > 0) || !isfinite(range)) {
        scale.high = scale.low + 1;
        range = 1;
    }
    double decade = pow(10, floor(log10(range / 5))), step = decade;
    static const double nice[] = {1, 2, 5, 10};
    for (size_t i = 0; i < 4 && range / step > 7; i++) step = nice[i] * decade;
    for (double tick = ceil(scale.low / step - 1e-9) * step;
         tick <= scale.high + step * 1e-9 && scale.tick_count < HS_FIGURE_TICKS; tick += step)
        scale.ticks[scale.tick_count++] = fabs(tick) < step / 1e6 ? 0 : tick;
    return scale;
}

void hs_figure_put_bytes(struct hs_strbuf *out, double bytes) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t unit = 0;
    while (fabs(bytes) >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1024;
        unit++;
    }
    if (bytes == 0) hs_strbuf_puts(out, "0");
    else hs_strbuf_printf(out, "%.4g %s", bytes, units[unit]);
}

void hs_figure_put_name(struct hs_strbuf *out, const char *name) {
    /* Four bytes a column are enough; what is zero columns wide cannot make it long. */
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    size_t size = strnlen(name, 4 * HS_FIGURE_NAME + 4);
    hs_escape_terminal(&text, name, size);
    size_t width, fit = hs_utf8_fit(text.data, text.size, HS_FIGURE_NAME, &width);
    bool cut = fit < text.size || name[size];
    if (cut) fit = hs_utf8_fit(text.data, text.size, HS_FIGURE_NAME - 1, &width);
    for (size_t i = 0; i < fit; i++) {
        char c = text.data[i];
        /* In a data file a quote ends the text and a backslash escapes; the rest are read by gnuplot's
         * enhanced text or its shell where somebody switches those on. */
        static const char from[] = "\"\\`", to[] = "'/'";
        const char *bad = memchr(from, c, 3);
        hs_strbuf_putc(out, bad ? to[bad - from] : c);
    }
    if (cut) hs_strbuf_puts(out, "…");
    if (text.failed) out->failed = true;
}
