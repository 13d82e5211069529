#include "out/sparkline.h"

void hs_sparkline_put(struct hs_strbuf *out, const int64_t *values, size_t count, size_t columns) {
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    if (!count || !columns) return;
    size_t shown = count < columns ? count : columns;
    int64_t low = values[0], high = values[0];
    for (size_t i = 1; i < count; i++) {
        if (values[i] < low) low = values[i];
        if (values[i] > high) high = values[i];
    }
    double range = (double)high - (double)low;
    for (size_t i = 0; i < shown; i++) {
        size_t at = shown == count ? i : i * (count - 1) / (shown > 1 ? shown - 1 : 1);
        double part = range > 0 ? ((double)values[at] - (double)low) / range : 0;
        hs_strbuf_puts(out, bars[(size_t)(part * 7 + 0.5)]);
    }
}
