/* Findings out of a judged trend.
 *
 * With trees of paths: every region that grows (trend/region.h) is a finding. Its class is the one that a
 * person would look at: of the classes that grow below the holder the one whose branch grew most, where
 * instances of named classes of the program count whole, literals and functions half or less, builtins a
 * quarter, content a twentieth (rank.c). If it is content that gathers in a table or an array, that container
 * is the subject. A class of the program that grew, but whose growth no region explains by half, is a finding
 * without a holder. Without trees every class that grew is a finding. Native memory comes last. One thread at
 * a time. */
#ifndef HS_TREND_GATHER_H
#define HS_TREND_GATHER_H

#include "trend/finding.h"
#include "trend/judge.h"

/* Fills the findings of the trend, ranked, and the sums of the summary. `hours` since the first capture, or
 * NULL. */
struct hs_error *hs_findings_gather(struct hs_trend *trend, const struct hs_judge_options *options,
                                    const double *hours, struct hs_judge_summary *summary) HS_MUST_CHECK;
void hs_findings_destroy(struct hs_trend *trend);

/* Adds a finding: it is copied, signed, and muted if a rule says so. */
struct hs_error *hs_findings_add(struct hs_trend *trend, const struct hs_judge_options *options,
                                 const struct hs_finding *finding) HS_MUST_CHECK;
/* The findings of the trees; adds to the sums. gather_tree.c */
struct hs_error *hs_findings_gather_tree(struct hs_trend *trend, const struct hs_judge_options *options,
                                         const double *hours, struct hs_judge_summary *summary) HS_MUST_CHECK;
/* A class as a finding of its own; `held` (one a capture) or NULL. */
struct hs_error *hs_findings_add_row(struct hs_trend *trend, const struct hs_judge_options *options,
                                     const struct hs_trend_row *row, const double *hours,
                                     const int64_t *held) HS_MUST_CHECK;
/* The order within a verdict: what a fix frees, by how sure it is that a program holds it. */
double hs_finding_score(const struct hs_finding *finding);
/* What a class counts for beside others that grow with it. rank.c */
double hs_trend_weight(const struct hs_trend_row *row);

#endif
