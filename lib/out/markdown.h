/* A judged trend as GitHub Flavored Markdown: for a step summary, a pull request's comment, a mail.
 *
 * A heading with the verdict, one sentence, the table of findings with what is not in it, who holds what,
 * what was ignored. Every name stands in a code span, so that no name can be a link, a mention, HTML or a
 * column. The document never exceeds `limit` bytes: findings are left out, and counted, until it fits. Pure:
 * reads, appends. */
#ifndef HS_OUT_MARKDOWN_H
#define HS_OUT_MARKDOWN_H

#include "out/job_report.h"

#define HS_MARKDOWN_COMMENT_MAX 65000 /* a comment on GitHub holds 65,536 characters */
#define HS_MARKDOWN_MIN 32768         /* holds the document without findings, whatever the names */

/* `limit`: bytes, HS_MARKDOWN_MIN or more. */
struct hs_error *hs_markdown_put(struct hs_strbuf *out, const struct hs_job_report *report,
                                 size_t limit) HS_MUST_CHECK;

#endif
