/* What the formats for jobs say (JUnit, GitHub, Markdown): the words they share, before any of them escapes
 * it.
 *
 * A report is a judged trend, or the sentence that says why there is none (`trouble`): a job that could not
 * judge must not look like a job that found nothing. All text that comes out of here is printable
 * (hs_escape_terminal) and bounded, however long the names are; it still has to be escaped for the document
 * it goes into (out/escape_markup.h). Pure: reads, appends. Any thread. */
#ifndef HS_OUT_JOB_REPORT_H
#define HS_OUT_JOB_REPORT_H

#include "base/strbuf.h"
#include "trend/finding.h"
#include "trend/judge.h"

struct hs_job_report {
    const struct hs_trend *trend;
    const struct hs_judge_summary *summary;
    const struct hs_judge_options *options;
    const char *tool;    /* "heapdiff 0.1.0" */
    size_t top;          /* findings; 0: all */
    const char *trouble; /* or NULL; then trend, summary and options are not read and may be NULL */
};

/* Findings that are shown: trend->findings[0 … n - 1]. */
size_t hs_job_report_shown(const struct hs_job_report *report);
/* Findings, shown or not. */
size_t hs_job_report_findings(const struct hs_job_report *report);
/* Whether the exit status is 1 for this finding's sake. Those that only grew beside it are told, but fail
 * nothing. */
bool hs_job_report_fails(const struct hs_job_report *report, const struct hs_finding *finding);

/* "Session (session.js:12): id, page, user", at most `columns` wide. */
void hs_job_report_put_name(struct hs_strbuf *out, const struct hs_finding *finding, size_t columns);
/* "Session". */
void hs_job_report_put_head(struct hs_strbuf *out, const struct hs_finding *finding, size_t columns);
/* "growing: 5,000 → 15,000 objects (+10,000), +547 KiB, +1.9 MiB with what is held in 2 steps, +273
 * KiB a step, +273 KiB an hour". Of a container its entries. */
void hs_job_report_put_growth(struct hs_strbuf *out, const struct hs_job_report *report,
                              const struct hs_finding *finding);
/* "held by session.js: variable sessions: Map", or nothing. */
void hs_job_report_put_holder(struct hs_strbuf *out, const struct hs_finding *finding, size_t columns);
/* "heapscan path core.3 0x2a5ce1bb1e03", or nothing. */
void hs_job_report_put_command(struct hs_strbuf *out, const struct hs_job_report *report,
                               const struct hs_finding *finding);
/* "3 captures of pid 4242, Node 22.12.0, over 2 h 0 min: core.1 … core.3". */
void hs_job_report_put_captures(struct hs_strbuf *out, const struct hs_job_report *report);
/* "core.2: 12 pages are absent"; nothing if all captures are complete. Joined by "; ", at most `columns`. */
void hs_job_report_put_partial(struct hs_strbuf *out, const struct hs_job_report *report, size_t columns);
/* "growth: Session grew in every one of 2 steps (…)." */
void hs_job_report_put_verdict(struct hs_strbuf *out, const struct hs_job_report *report);
/* "ignored: HttpAgent (1 class, +547 KiB): the pool" or "ignored nothing: …". */
void hs_job_report_put_ignored(struct hs_strbuf *out, const struct hs_ignore_pattern *pattern);

/* At most `columns`, and four bytes for each, of a printable text; what is cut off ends in "…". */
void hs_job_report_put_cut(struct hs_strbuf *out, const char *text, size_t size, size_t columns);

#endif
