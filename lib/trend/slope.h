/* The robust slope of a series (Theil 1950, Sen 1968): the median of the slopes of all pairs of points.
 *
 * One capture taken in the middle of a burst does not move it (it stands up to 29 % of outliers), where least
 * squares would follow. Exact for up to HS_SLOPE_EXACT points; longer series are thinned evenly to that many,
 * first and last kept, since the pairs grow with the square. No state: any thread. */
#ifndef HS_TREND_SLOPE_H
#define HS_TREND_SLOPE_H

#include "base/error.h"

#define HS_SLOPE_EXACT 256

/* `x` strictly ascending, or NULL for 0, 1, 2, …; `count` >= 2. Units of y per unit of x. */
struct hs_error *hs_slope_find(const double *x, const int64_t *y, size_t count, double *ret) HS_MUST_CHECK;

struct hs_slope_range {
    double median, low, high; /* low and high: the middle half of all pairs' slopes lies between them */
};

/* As hs_slope_find(), with the range. */
struct hs_error *hs_slope_range_find(const double *x, const int64_t *y, size_t count,
                                     struct hs_slope_range *ret) HS_MUST_CHECK;

#endif
