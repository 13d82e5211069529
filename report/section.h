/* The sections of the page, in its order. Each appends a whole <section>, or nothing where the snapshots say
 * nothing about it. Pure but for section_figures(), which may run gnuplot. */
#ifndef HS_REPORT_SECTION_H
#define HS_REPORT_SECTION_H

#include "report.h"

void section_verdict(struct hs_strbuf *out, const struct report *report); /* the <header> */
void section_suspects(struct hs_strbuf *out, const struct report *report);
void section_classes(struct hs_strbuf *out, const struct report *report);
struct hs_error *section_figures(struct hs_strbuf *out, const struct report *report) HS_MUST_CHECK;
void section_icicle(struct hs_strbuf *out, const struct report *report);
void section_containers(struct hs_strbuf *out, const struct report *report);
void section_churn(struct hs_strbuf *out, const struct report *report);
void section_trust(struct hs_strbuf *out, const struct report *report);

#endif
