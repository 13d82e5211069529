/* What a report says, in words: plain text, escaped for a terminal, that the page and the log share.
 *
 * The page escapes it once more for HTML. Names are clipped before (report/clip.h). Pure: reads, appends. */
#ifndef HS_REPORT_WORDS_H
#define HS_REPORT_WORDS_H

#include "report.h"
#include "trend/finding.h"

/* "LogEntry keeps growing"; of a finding's name what stands between `open` and `close`. */
void words_put_headline(struct hs_strbuf *out, const struct report *report, const char *open,
                        const char *close);
/* The reason of the judgement, or what one capture shows. */
void words_put_reason(struct hs_strbuf *out, const struct report *report);
/* "4 captures of pid 1340 over 33 s, Node 24.21.0". */
void words_put_series(struct hs_strbuf *out, const struct report *report);

/* "Grew in every one of 3 steps: 3,720 → 17,053 objects (+13,333), +625 KiB." */
void words_put_growth(struct hs_strbuf *out, const struct report *report, const struct hs_finding *finding);
/* "+210 KiB a step (middle half of all pairs: +208 KiB to +212 KiB), +37 MiB an hour". */
void words_put_slope(struct hs_strbuf *out, const struct report *report, const struct hs_finding *finding);
/* "1 in 24", of a significance of 1/24. */
void words_put_chance(struct hs_strbuf *out, double significance);
/* Name, location and properties of a class. */
void words_put_class(struct hs_strbuf *out, const struct hs_trend_row *row, size_t properties_max);

/* A word of a command line, quoted where a shell needs it; not escaped. */
void words_put_word(struct hs_strbuf *out, const char *word);
/* "33 s", "5 h 12 min". */
void words_put_duration(struct hs_strbuf *out, int64_t ms);
/* "2026-11-22T03:38:52Z", "unknown". */
void words_put_time(struct hs_strbuf *out, int64_t ms);
void words_put_size(struct hs_strbuf *out, int64_t bytes);        /* 1.2 MiB; "–" for HS_SNAP_NULL */
void words_put_growth_size(struct hs_strbuf *out, int64_t bytes); /* +1.2 MiB */
void words_put_count(struct hs_strbuf *out, int64_t count);

#endif
