#include "trend/evidence.h"

#include <math.h>
#include <string.h>

/* Part of the mean step that a step must add to count as growth. */
static const double STEP_SHARE = 0.1;

size_t hs_evidence_steps(const int64_t *series, size_t count, const double *hours) {
    double total = (double)series[count - 1] - (double)series[0];
    double span = hours ? hours[count - 1] - hours[0] : (double)(count - 1);
    size_t grown = 0;
    for (size_t i = 1; i < count; i++) {
        double step = (double)series[i] - (double)series[i - 1];
        double width = hours ? hours[i] - hours[i - 1] : 1;
        grown += step > 0 && step >= STEP_SHARE * total / span * width;
    }
    return grown;
}

static double rate_between(const int64_t *series, size_t from, size_t to, const double *hours) {
    double width = hours ? hours[to] - hours[from] : (double)(to - from);
    return ((double)series[to] - (double)series[from]) / width;
}

bool hs_evidence_is_slowing(const int64_t *series, size_t count, const double *hours) {
    size_t half = (count - 1) / 2;
    if (count < 3) return false;
    /* So few steps that chance could make one of them small: none may be larger than the one before. */
    for (size_t i = 2; i < count && count <= 4; i++)
        if (rate_between(series, i - 1, i, hours) > rate_between(series, i - 2, i - 1, hours)) return false;
    double first = rate_between(series, 0, half, hours);
    double last = rate_between(series, count - 1 - half, count - 1, hours);
    return last <= first / (count > 3 ? 3 : 2);
}

/* Part of the first step that the last one may be. */
static const double EASED = 0.7;

bool hs_evidence_is_easing(const int64_t *series, size_t count, const double *hours) {
    if (count < 3 || count > HS_EVIDENCE_EASING) return false;
    for (size_t i = 2; i < count; i++)
        if (rate_between(series, i - 1, i, hours) >= rate_between(series, i - 2, i - 1, hours) ||
            rate_between(series, i - 1, i, NULL) >= rate_between(series, i - 2, i - 1, NULL))
            return false;
    double first = rate_between(series, 0, 1, hours),
           last = rate_between(series, count - 2, count - 1, hours);
    return last > 0 && last <= EASED * first;
}

bool hs_evidence_may_go_on(const int64_t *series, size_t count, const struct hs_evidence *evidence) {
    if (series[count - 1] <= series[0]) return false;
    return count <= 3 ||
           (series[count - 1] > series[count - 2] && evidence->steps_grown + 1 >= evidence->steps);
}

/* The number of a population that arrives and leaves at random wavers by the square root of it; between two
 * moments by 1.4 times as much, so three roots are two deviations. */
static const double DEVIATIONS = 3;
/* One time in six three captures of such a population ascend; then the last is seldom further from the first
 * than this. */
static const double DEVIATIONS_OF_THREE = 1;
/* But chance takes no even steps: two of eight and more, of which the smaller is this part of the larger, are
 * the work of something regular. */
static const double EVEN = 0.75;
enum { EVEN_LEAST = 8 };

static bool is_even(const int64_t *series) {
    double first = (double)series[1] - (double)series[0], second = (double)series[2] - (double)series[1];
    double least = first < second ? first : second, most = first < second ? second : first;
    return least >= EVEN_LEAST && least >= EVEN * most;
}

enum { SLIGHT_BYTES = 65536, SLIGHT_UNCOUNTED = 16384 };

bool hs_evidence_is_slight(const int64_t *series, size_t count, int64_t bytes) {
    if (count < 2 || count > 3) return false;
    double grown = (double)series[count - 1] - (double)series[0];
    if (grown <= 0) return count == 2 && bytes < SLIGHT_UNCOUNTED;
    if (count == 3 && is_even(series)) return false;
    double deviations = count == 2 ? DEVIATIONS : DEVIATIONS_OF_THREE;
    return bytes < SLIGHT_BYTES && grown <= deviations * sqrt((double)series[count - 1]);
}

/* P(S >= s) over all orders of `count` different values: the number of orders with a given number of
 * discordant pairs grows by one value at a time. */
static double exact_chance(long s, size_t count) {
    enum { PAIRS = HS_EVIDENCE_EXACT * (HS_EVIDENCE_EXACT - 1) / 2 + 1 };
    double ways[PAIRS] = {1}, next[PAIRS];
    size_t pairs = 0;
    for (size_t n = 2; n <= count; n++) {
        double window = 0;
        pairs += n - 1;
        for (size_t k = 0; k <= pairs; k++) {
            window += ways[k];
            if (k >= n) window -= ways[k - n];
            next[k] = window / (double)n;
        }
        memcpy(ways, next, (pairs + 1) * sizeof *ways);
    }
    /* S = pairs - 2 * discordant */
    double sum = 0;
    for (size_t k = 0; k <= pairs; k++)
        if ((long)pairs - 2 * (long)k >= s) sum += ways[k];
    return sum;
}

static double chance_of(const int64_t *series, size_t count) {
    long s = 0;
    for (size_t j = 1; j < count; j++)
        for (size_t i = 0; i < j; i++) s += (series[j] > series[i]) - (series[j] < series[i]);
    if (count <= HS_EVIDENCE_EXACT) return fmin(exact_chance(s, count), 1);
    double n = (double)count, deviation = sqrt(n * (n - 1) * (2 * n + 5) / 18);
    return erfc(((double)s - 1) / deviation / sqrt(2)) / 2;
}

struct hs_error *hs_evidence_weigh(const int64_t *series, size_t count, const double *hours,
                                   struct hs_evidence *ret) {
    struct hs_evidence e = {.steps = count - 1, .left = NAN};
    e.significance = chance_of(series, count);
    if (series[count - 1] > series[0]) {
        size_t timed = hours ? hs_evidence_steps(series, count, hours) : 0;
        e.steps_grown = hs_evidence_steps(series, count, NULL);
        if (timed > e.steps_grown) e.steps_grown = timed;
        e.slowing = hs_evidence_is_slowing(series, count, NULL) &&
                    (!hours || hs_evidence_is_slowing(series, count, hours));
        e.verdict =
            count > 2 && e.steps_grown == e.steps && !e.slowing ? HS_VERDICT_GROWING : HS_VERDICT_GREW;
        e.easing = e.verdict == HS_VERDICT_GROWING && hs_evidence_is_easing(series, count, hours);
    }
    *ret = e;
    return NULL;
}

void hs_evidence_settle(const int64_t series[3], struct hs_evidence *ret) {
    static const double drained = 0.1, mostly_drained = 0.5;
    double grown = (double)series[1] - (double)series[0], left = (double)series[2] - (double)series[0];
    struct hs_evidence e = {.steps = 2, .significance = NAN, .left = NAN};
    if (grown > 0) e.left = left / grown;
    if (grown > 0 && e.left > drained) {
        e.verdict = HS_VERDICT_GREW;
        e.steps_grown = 1 + (series[2] > series[1]);
        e.doubtful = e.left <= mostly_drained;
    }
    *ret = e;
}
