#include "trend/slope.h"

#include <stdlib.h>

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
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
    qsort(slopes, pairs, sizeof *slopes, compare_doubles);
    ret->median = pairs % 2 ? slopes[pairs / 2] : (slopes[pairs / 2 - 1] + slopes[pairs / 2]) / 2;
    ret->low = slopes[pairs / 4];
    ret->high = slopes[pairs - 1 - pairs / 4];
    free(slopes);
    return NULL;
}

struct hs_error *hs_slope_find(const double *x, const int64_t *y, size_t count, double *ret) {
    struct hs_slope_range range;
    HS_TRY(hs_slope_range_find(x, y, count, &range));
    *ret = range.median;
    return NULL;
}
