/* The words of words.h and numbers, put into HTML. Pure: reads, appends; what is foreign is escaped here. */
#ifndef HS_REPORT_MARKUP_H
#define HS_REPORT_MARKUP_H

#include "out/html.h"
#include "words.h"

void markup_size(struct hs_strbuf *out, int64_t bytes);
void markup_growth(struct hs_strbuf *out, int64_t bytes);
void markup_count(struct hs_strbuf *out, int64_t count);
/* Name in <code>, the place of its constructor beside it. */
void markup_class(struct hs_strbuf *out, const struct hs_trend_row *row);
/* A command in a box with a button to copy it. */
void markup_command(struct hs_strbuf *out, const char *command);
/* A curve of a series, hidden from readers: the numbers stand beside it. */
void markup_curve(struct hs_strbuf *out, const int64_t *values, size_t count, unsigned width,
                  unsigned height);
/* A coloured word. `kind` is a class of the style sheet. */
void markup_pill(struct hs_strbuf *out, const char *kind, const char *word);
/* "growing", "grew", "steady"; "V8" for V8's own kinds, which are no findings. */
const char *markup_verdict(const struct hs_trend_row *row);

#endif
