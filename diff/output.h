/* The result, in every format that was asked for, each to its file or to standard output.
 *
 * A file appears whole or not at all (snap/outfile.h). One output that fails does not keep the others from
 * being written; the first error is returned. With --format=github the Markdown summary is added to the file
 * that $GITHUB_STEP_SUMMARY names, as far as GitHub's limit leaves room. */
#ifndef HS_DIFF_OUTPUT_H
#define HS_DIFF_OUTPUT_H

#include "options.h"
#include "trend/judge.h"

struct diff_result {
    const struct hs_trend *trend;
    const struct hs_judge_summary *summary;
    const struct hs_judge_options *judge;
};

struct hs_error *diff_output_result(const struct diff_options *options,
                                    const struct diff_result *result) HS_MUST_CHECK;
/* All findings, as NDJSON, to a file that appears whole or not at all. */
struct hs_error *diff_output_baseline(const char *path, const struct diff_result *result) HS_MUST_CHECK;
/* There is no result, and a job must not take that for a good one: junit, github and markdown say the
 * sentence; of a table and NDJSON there is nothing. Errors of its own are said on standard error. Outputs
 * that were written already keep what they have. */
void diff_output_trouble(const struct diff_options *options, const char *sentence);

#endif
