#include "trend/slope.h"

#include <stdlib.h>

/* Puts the value that would stand at `k` in order there, smaller ones before it (Hoare's find). */
static double select_at(double *values, size_t count, size_t k) {
    size_t low = 0, high = count - 1;
    while (low < high) {
        double pivot = values[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (values[i] < pivot) i++;
            while (values[j] > pivot) j--;
            if (i >= j) break;
            double other = values[i];
            values[i++] = values[j];
            values[j--] = other;
        }
        /* [low, j] <= pivot <= [j + 1, high], or [i, high] where both met at the pivot */
        if (k <= j) high = j;
        else low = j + 1;
    }
    return values[k];
}

static double x_at(const double *x, size_t i) {
    return x ? x[i] : (double)i;
}

struct hs_error *hs_slope_range_find(const double *x, const int64_t *y, size_t count,
                                     struct hs_slope_range *ret) {
    size_t n = count < HS_SLOPE_EXACT ? count : HS_SLOPE_EXACT;
    size_t pairs = n * (n - 1) / 2, at = 0;
    double *slopes = malloc(pairs * sizeof *slopes);
    if (!slopes) return HS_ENOMEM;
    for (size_t j = 1; j < n; j++) {
        size_t b = j * (count - 1) / (n - 1);
        for (size_t i = 0; i < j; i++) {
            size_t a = i * (count - 1) / (n - 1);
            slopes[at++] = ((double)y[b] - (double)y[a]) / (x_at(x, b) - x_at(x, a));
        }
    }
    double upper = select_at(slopes, pairs, pairs / 2);
    ret->median = pairs % 2 ? upper : (select_at(slopes, pairs, pairs / 2 - 1) + upper) / 2;
    ret->low = select_at(slopes, pairs, pairs / 4);
    ret->high = select_at(slopes, pairs, pairs - 1 - pairs / 4);
    free(slopes);
    return NULL;
}

struct hs_error *hs_slope_find(const double *x, const int64_t *y, size_t count, double *ret) {
    struct hs_slope_range range;
    HS_TRY(hs_slope_range_find(x, y, count, &range));
    *ret = range.median;
    return NULL;
}
