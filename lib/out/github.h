/* A judged trend as workflow commands of GitHub Actions: annotations of the run.
 *
 * `::error` for each finding that makes the exit status 1, `::warning` for partial captures and for
 * insufficient evidence, `::notice` for the verdict. GitHub shows ten of each level a step and drops the rest
 * without a word, cuts messages at 4096 characters and titles at 255; so at most ten errors are written and
 * the notice counts the others, and texts are cut here, between characters. (docs.github.com, "Workflow
 * commands"; actions/runner, ExecutionContext.cs: _maxIssueMessageLength.) Pure: reads, appends. */
#ifndef HS_OUT_GITHUB_H
#define HS_OUT_GITHUB_H

#include "out/job_report.h"

#define HS_GITHUB_ANNOTATIONS_MAX 10  /* of a level, for a step */
#define HS_GITHUB_MESSAGE_MAX 4096    /* UTF-16 units */
#define HS_GITHUB_TITLE_MAX 255       /* the same */
#define HS_GITHUB_SUMMARY_MAX 1048576 /* bytes of $GITHUB_STEP_SUMMARY for a step */

/* `workspace`: the folder of the repository ($GITHUB_WORKSPACE), or NULL. A class whose constructor stands in
 * a file below it is annotated there. */
struct hs_error *hs_github_put(struct hs_strbuf *out, const struct hs_job_report *report,
                               const char *workspace) HS_MUST_CHECK;

#endif
