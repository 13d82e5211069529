/* The parts of judging that have files of their own; for lib/trend only. */
#ifndef HS_TREND_JUDGE_PRIVATE_H
#define HS_TREND_JUDGE_PRIVATE_H

#include "trend/judge.h"

/* rank.c: scores the rows whose rank is 1 (a finding), sorts all rows, numbers the findings from 1. */
void hs_judge_rank(struct hs_trend *trend);
/* conclude.c: result, reason and advice from the sums and the ranked rows. */
struct hs_error *hs_judge_conclude(const struct hs_trend *trend, const struct hs_judge_options *options,
                                   struct hs_judge_summary *summary) HS_MUST_CHECK;

#endif
