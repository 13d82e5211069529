#define _GNU_SOURCE 1 /* lgamma_r */
#include "trend/chance.h"

#include <math.h>

enum { ROUNDS = 500 };
static const double TINY = 1e-300, CLOSE = 1e-14;

static double away_from_zero(double x) {
    return fabs(x) < TINY ? TINY : x;
}

/* The continued fraction, by Lentz's method. */
static double fraction(double a, double b, double x) {
    double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), value = d;
    for (int m = 1; m < ROUNDS; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / away_from_zero(1 + even * d);
        c = away_from_zero(1 + even / c);
        value *= c * d;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / away_from_zero(1 + odd * d);
        c = away_from_zero(1 + odd / c);
        value *= c * d;
        if (fabs(c * d - 1) < CLOSE) break;
    }
    return value;
}

static double log_gamma(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

/* The regularised incomplete beta function. */
static double beta(double a, double b, double x) {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    double front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2)) return front * fraction(a, b, x) / a;
    return 1 - front * fraction(b, a, 1 - x) / b;
}

double hs_chance_student(double t, double freedom) {
    if (isnan(t)) return 1;
    double tail = isinf(t) ? 0 : beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2;
    return t < 0 ? 1 - tail : tail;
}

double hs_chance_normal(double z) {
    return erfc(z / sqrt(2)) / 2;
}

void hs_chance_correct(double *sorted, size_t count, size_t tested) {
    double least = 1;
    for (size_t i = count; i-- > 0;) {
        double corrected = sorted[i] * (double)tested / (double)(i + 1);
        if (corrected < least) least = corrected;
        sorted[i] = least;
    }
}
