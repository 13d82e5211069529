#include "trend/step.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trend/chance.h"

/* From the deviation of a normal variable to its standard deviation. */
static const double FROM_MEDIAN = 1.4826, FROM_MEAN = 1.2533;
/* A median of three or more has this much more variance than a mean. */
static const double MEDIAN_VARIANCE = M_PI / 2;
/* One night in so many may be wild. */
enum { WILD = 10 };
static const double SUPERIORITY = 0.95, AGREEMENT = 0.01, LEVEL_SHARE = 0.01, STILL_RISING = 0.5;

struct series {
    size_t count;
    const double *values, *ranks; /* ranks from 1, ties in the middle */
    double *scratch, *sorted;
};

static int by_value(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double middle(const double *sorted, size_t count) {
    return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

static double median(const struct series *s, size_t first, size_t count) {
    memcpy(s->sorted, s->values + first, count * sizeof *s->sorted);
    qsort(s->sorted, count, sizeof *s->sorted, by_value);
    return middle(s->sorted, count);
}

static void find_ranks(const struct series *s, double *ranks) {
    memcpy(s->sorted, s->values, s->count * sizeof *s->sorted);
    qsort(s->sorted, s->count, sizeof *s->sorted, by_value);
    for (size_t i = 0; i < s->count; i++) {
        size_t low = 0, high = s->count, below, upto;
        while (low < high) {
            size_t mid = low + (high - low) / 2;
            if (s->sorted[mid] < s->values[i]) low = mid + 1;
            else high = mid;
        }
        below = low;
        for (high = s->count; low < high;) {
            size_t mid = low + (high - low) / 2;
            if (s->sorted[mid] <= s->values[i]) low = mid + 1;
            else high = mid;
        }
        upto = low;
        ranks[i] = (double)(below + upto + 1) / 2;
    }
}

/* Sorts the deviations of some nights from their level into `ret` and leaves out the one that is 0 because
 * the level is that night. Returns how many. */
static size_t add_deviations(const struct series *s, size_t first, size_t count, double level, double *ret) {
    for (size_t i = 0; i < count; i++) ret[i] = fabs(s->values[first + i] - level);
    if (count % 2 == 0) return count;
    qsort(ret, count, sizeof *ret, by_value);
    memmove(ret, ret + 1, (count - 1) * sizeof *ret);
    return count - 1;
}

/* Standard deviation from deviations (which are sorted), with its least values. */
static double scatter_of(double *deviations, size_t count, double level) {
    double sum = 0, scatter = 0;
    qsort(deviations, count, sizeof *deviations, by_value);
    size_t counted = count - count / WILD; /* without the wildest nights */
    for (size_t i = 0; i < counted; i++) sum += deviations[i];
    if (count) scatter = fmax(middle(deviations, count) * FROM_MEDIAN, sum / (double)counted * FROM_MEAN);
    return fmax(scatter, fmax(sqrt(fmax(level, 1)), LEVEL_SHARE * level));
}

static double variance_of_level(size_t count) {
    return (count < 3 ? 1 : MEDIAN_VARIANCE) / (double)count;
}

/* Whether nearly every night after is above nearly every night before. */
static bool is_superior(const struct series *s, size_t since) {
    double after = (double)(s->count - since), sum = 0;
    for (size_t i = since; i < s->count; i++) sum += s->ranks[i];
    return (sum - after * (after + 1) / 2) / (after * (double)since) >= SUPERIORITY;
}

/* *misfit_ret: sum of the deviations from the two levels. */
static struct hs_step try_step(const struct series *s, size_t since, double *misfit_ret) {
    size_t n = s->count, after = n - since;
    struct hs_step step = {.chance = 1, .since = since};
    step.before = median(s, 0, since);
    step.after = median(s, since, after);
    size_t deviations = add_deviations(s, 0, since, step.before, s->scratch);
    deviations += add_deviations(s, since, after, step.after, s->scratch + deviations);
    *misfit_ret = 0;
    for (size_t i = 0; i < deviations; i++) *misfit_ret += s->scratch[i];
    if (step.after <= step.before || !is_superior(s, since)) return step;
    double scatter = scatter_of(s->scratch, deviations, step.before);
    double t =
        (step.after - step.before) / (scatter * sqrt(variance_of_level(since) + variance_of_level(after)));
    step.chance = fmin(1, hs_chance_student(t, (double)(n - 2)) * (double)(n - HS_STEP_MIN_BEFORE));
    return step;
}

/* Where the ranks before and after differ most, in the direction of growth. */
static size_t find_place(const struct series *s) {
    double sum = 0, most = -INFINITY;
    size_t place = s->count - 1;
    for (size_t k = 1; k < s->count; k++) {
        sum += s->ranks[k - 1] - (double)(s->count + 1) / 2;
        double shift = -sum / sqrt((double)k * (double)(s->count - k));
        if (k < HS_STEP_MIN_BEFORE || shift <= most) continue;
        most = shift;
        place = k;
    }
    return place;
}

/* Mann-Kendall: the chance that a series without a trend rises so often. */
static double kendall_chance(const struct series *s) {
    double rises = 0, n = (double)s->count;
    for (size_t j = 1; j < s->count; j++)
        for (size_t i = 0; i < j; i++) rises += (s->values[j] > s->values[i]) - (s->values[j] < s->values[i]);
    return hs_chance_normal((rises - 1) / sqrt(n * (n - 1) * (2 * n + 5) / 18));
}

static double slope_of(const struct series *s, size_t first, size_t count) {
    size_t third = count / 3 ? count / 3 : 1;
    double rise = median(s, first + count - third, third) - median(s, first, third);
    return rise / (double)(count - third);
}

static struct hs_step try_drift(const struct series *s, double step_misfit) {
    size_t n = s->count;
    struct hs_step drift = {.chance = 1, .drifts = true};
    double slope = slope_of(s, 0, n), misfit = 0;
    if (slope <= 0 || slope_of(s, n / 2, n - n / 2) < STILL_RISING * slope) return drift;
    for (size_t i = 0; i < n; i++) s->sorted[i] = s->values[i] - slope * (double)i;
    qsort(s->sorted, n, sizeof *s->sorted, by_value);
    drift.before = middle(s->sorted, n);
    drift.after = drift.before + slope * (double)(n - 1);
    for (size_t i = 0; i < n; i++) {
        s->scratch[i] = fabs(s->values[i] - drift.before - slope * (double)i);
        misfit += s->scratch[i];
    }
    if (misfit >= step_misfit || kendall_chance(s) > AGREEMENT) return drift;
    double scatter = scatter_of(s->scratch, n, fmax(drift.before, 0));
    double spread = MEDIAN_VARIANCE * 12 / ((double)n * ((double)n * (double)n - 1));
    drift.chance = hs_chance_student(slope / (scatter * sqrt(spread)), (double)(n - 2));
    return drift;
}

struct hs_step hs_step_find(const int64_t *series, size_t count, double *work) {
    double *values = work, *ranks = work + count;
    struct series s = {count, values, ranks, work + 2 * count, work + 3 * count};
    for (size_t i = 0; i < count; i++) values[i] = (double)series[i];
    struct hs_step best = {.chance = 1};
    bool moves = false; /* most classes have the same number every night */
    for (size_t i = 1; i < count; i++) moves |= series[i] != series[0];
    if (!moves) return best;
    find_ranks(&s, ranks);
    double misfit, least = INFINITY;
    size_t places[HS_STEP_RECENT + 1], place_count = 0;
    places[place_count++] = find_place(&s);
    for (size_t i = 1; i <= HS_STEP_RECENT && count - i >= HS_STEP_MIN_BEFORE; i++)
        if (count - i != places[0]) places[place_count++] = count - i;
    for (size_t i = 0; i < place_count; i++) {
        struct hs_step step = try_step(&s, places[i], &misfit);
        if (misfit < least) least = misfit;
        if (step.chance < best.chance) best = step;
    }
    struct hs_step drift = try_drift(&s, least);
    if (drift.chance >= 1) return best; /* a line does not fit better */
    drift.chance = fmin(drift.chance, best.chance);
    return drift;
}
