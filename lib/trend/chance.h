/* How likely a number is by accident, and what is left of that when thousands were looked at.
 *
 * No state: any thread. */
#ifndef HS_TREND_CHANCE_H
#define HS_TREND_CHANCE_H

#include <stddef.h>

/* The chance that Student's t with `freedom` > 0 degrees is `t` or more: the incomplete beta function by its
 * continued fraction (Abramowitz and Stegun 26.5.8, 26.7.1). */
double hs_chance_student(double t, double freedom);
/* The chance that a normal deviate is `z` or more. */
double hs_chance_normal(double z);
/* Benjamini and Hochberg (1995): turns chances, sorted ascending, of `tested` >= `count` tests into the
 * smallest part of false findings at which each would still be one. What was tested and is not in the array
 * counts as 1. */
void hs_chance_correct(double *sorted, size_t count, size_t tested);

#endif
