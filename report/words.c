#include "words.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "out/class_label.h"
#include "out/size.h"
#include "snap/time.h"

enum { HOURLY_MIN_MS = 600000, TAIL_MAX = 24 };

void words_put_duration(struct hs_strbuf *out, int64_t ms) {
    int64_t seconds = ms / 1000;
    if (seconds < 1) hs_strbuf_printf(out, "%" PRId64 " ms", ms);
    else if (seconds < 120) hs_strbuf_printf(out, "%" PRId64 " s", seconds);
    else if (seconds < 7200) hs_strbuf_printf(out, "%" PRId64 " min", seconds / 60);
    else if (seconds < 172800)
        hs_strbuf_printf(out, "%" PRId64 " h %" PRId64 " min", seconds / 3600, seconds / 60 % 60);
    else hs_strbuf_printf(out, "%" PRId64 " days %" PRId64 " h", seconds / 86400, seconds / 3600 % 24);
}

void words_put_time(struct hs_strbuf *out, int64_t ms) {
    char text[32];
    bool known = ms != HS_SNAP_NULL && hs_snap_time_print(ms, text);
    hs_strbuf_puts(out, known ? text : "unknown");
}

void words_put_size(struct hs_strbuf *out, int64_t bytes) {
    if (bytes == HS_SNAP_NULL) hs_strbuf_puts(out, "–");
    else hs_size_put(out, bytes, HS_SIGN_MINUS);
}

void words_put_growth_size(struct hs_strbuf *out, int64_t bytes) {
    if (bytes == HS_SNAP_NULL) hs_strbuf_puts(out, "–");
    else hs_size_put(out, bytes, HS_SIGN_ALWAYS);
}

void words_put_count(struct hs_strbuf *out, int64_t count) {
    if (count == HS_SNAP_NULL) hs_strbuf_puts(out, "–");
    else hs_count_put(out, count, HS_SIGN_MINUS);
}

void words_put_class(struct hs_strbuf *out, const struct hs_trend_row *row, size_t properties_max) {
    hs_class_label_put_head(out, row->type, row->constructor);
    hs_class_label_put_location(out, row->location.script, row->location.line);
    hs_class_label_put_tail(out, row->dictionary, row->properties, row->property_count, properties_max);
}

static const struct hs_finding *first_finding(const struct report *report) {
    return report->finding_count ? &report->trend->findings[0] : NULL;
}

void words_put_headline(struct hs_strbuf *out, const struct report *report, const char *open,
                        const char *close) {
    if (!report->summary) {
        hs_strbuf_puts(out, "One capture: what is in the heap");
        return;
    }
    const struct hs_finding *first = first_finding(report);
    if (report->summary->result == HS_RESULT_STEADY ||
        (!first && report->summary->result != HS_RESULT_GROWTH)) {
        hs_strbuf_puts(out, report->summary->result == HS_RESULT_STEADY ? "Nothing leaks here"
                                                                        : "Not enough evidence");
        return;
    }
    hs_strbuf_puts(out, open);
    hs_finding_put_name(first, out);
    /* An Object is told by what it has. */
    if (!strcmp(first->row->constructor, "Object") && first->row->property_count)
        hs_class_label_put_tail(out, false, first->row->properties, first->row->property_count, TAIL_MAX);
    hs_strbuf_puts(out, close);
    if (report->summary->result == HS_RESULT_INSUFFICIENT)
        hs_strbuf_puts(out, " grew; it is too early to say more");
    else
        hs_strbuf_puts(out, report->trend->capture_count > 2 ? " keeps growing"
                                                             : " grew between the two captures");
}

static const struct hs_trend_row *largest_user_row(const struct report *report) {
    for (size_t i = 0; i < report->trend->row_count; i++)
        if (report->trend->rows[i]->nature == HS_NATURE_USER) return report->trend->rows[i];
    return NULL;
}

static void put_partial(struct hs_strbuf *out, const struct report *report) {
    size_t n = report->trend->capture_count, partial = 0;
    for (size_t i = 0; i < n; i++) partial += !report->trend->captures[i].complete;
    if (partial)
        hs_strbuf_printf(out, " %zu of %zu captures %s partial, so counts may be too low.", partial, n,
                         partial == 1 ? "is" : "are");
}

void words_put_reason(struct hs_strbuf *out, const struct report *report) {
    const struct hs_judge_summary *s = report->summary;
    const struct hs_finding *first = first_finding(report);
    if (s && s->result == HS_RESULT_GROWTH && first) {
        words_put_growth(out, report, first);
        if (first->holder) {
            hs_strbuf_puts(out, " It is held by ");
            hs_escape_terminal_string(out, first->holder);
            hs_strbuf_putc(out, '.');
        }
        put_partial(out, report);
        return;
    }
    if (s) {
        hs_strbuf_printf(out, "%c%s.", toupper((unsigned char)s->reason[0]), s->reason + !!*s->reason);
        return;
    }
    hs_strbuf_puts(out, "It holds ");
    words_put_size(out, report_whole(report, 0));
    hs_strbuf_puts(out, report->trend->reachable ? " of reachable objects" : " of objects");
    const struct hs_trend_row *row = largest_user_row(report);
    if (row) {
        hs_strbuf_puts(out, "; of the program's own classes ");
        hs_class_label_put_head(out, row->type, row->constructor);
        hs_strbuf_puts(out, " takes most: ");
        words_put_count(out, row->counts[0]);
        hs_strbuf_puts(out, " objects, ");
        words_put_size(out, row->bytes[0]);
    }
    hs_strbuf_puts(out, ". Growth needs a second capture, a trend a third.");
}

void words_put_series(struct hs_strbuf *out, const struct report *report) {
    const struct hs_trend *trend = report->trend;
    const struct hs_trend_capture *first = trend->captures, *last = &trend->captures[report_last(report)];
    hs_strbuf_printf(out, "%zu capture%s", trend->capture_count, trend->capture_count == 1 ? "" : "s");
    if (trend->same_process && first->pid != HS_SNAP_NULL)
        hs_strbuf_printf(out, " of pid %" PRId64, first->pid);
    else if (!trend->same_process) hs_strbuf_puts(out, " of different processes");
    if (trend->timed && last > first) {
        hs_strbuf_puts(out, " over ");
        words_put_duration(out, last->captured_at - first->captured_at);
    }
    if (trend->same_build && first->node) {
        hs_strbuf_puts(out, ", Node ");
        hs_escape_terminal_string(out, first->node);
    }
}

static void put_many(struct hs_strbuf *out, const struct hs_finding *finding) {
    hs_strbuf_puts(out, finding->subject == HS_SUBJECT_CONTAINER ? " entries" : " objects");
}

void words_put_growth(struct hs_strbuf *out, const struct report *report, const struct hs_finding *finding) {
    const struct hs_evidence *e = &finding->evidence;
    size_t last = report_last(report);
    if (e->verdict == HS_VERDICT_GROWING && !e->doubtful)
        hs_strbuf_printf(out, "Grew in every one of %zu steps: ", e->steps);
    else if (e->steps == 1) hs_strbuf_puts(out, "Grew between the two captures: ");
    else hs_strbuf_printf(out, "Grew in %zu of %zu steps: ", e->steps_grown, e->steps);
    if (finding->count_delta) {
        words_put_count(out, finding->counts[0]);
        hs_strbuf_puts(out, " → ");
        words_put_count(out, finding->counts[last]);
        put_many(out, finding);
        hs_strbuf_puts(out, " (");
        hs_count_put(out, finding->count_delta, HS_SIGN_ALWAYS);
        hs_strbuf_puts(out, "), ");
    }
    words_put_growth_size(out, finding->bytes_delta);
    if (!finding->count_delta) hs_strbuf_puts(out, " in the same number of objects");
    if (finding->held_bytes && finding->held_delta > finding->bytes_delta) {
        hs_strbuf_puts(out, ", ");
        words_put_growth_size(out, finding->held_delta);
        hs_strbuf_puts(out, " with all that is held");
    }
    hs_strbuf_putc(out, '.');
    if (e->easing)
        hs_strbuf_puts(
            out,
            " Each step is smaller than the one before: a table that fills slowly looks the same at first.");
    if (e->slowing)
        hs_strbuf_puts(out, " The growth is slowing: a cache that fills or a warm-up would look the same.");
    if (e->slight) hs_strbuf_puts(out, " That is so little that it may be chance.");
    else if (e->doubtful)
        hs_strbuf_puts(out, " There is so much garbage of its kind that it may be work in flight.");
}

void words_put_slope(struct hs_strbuf *out, const struct report *report, const struct hs_finding *finding) {
    const struct hs_trend *trend = report->trend;
    hs_size_put_double(out, finding->bytes_per_step, HS_SIGN_ALWAYS);
    hs_strbuf_puts(out, " a step");
    if (finding->evidence.steps > 1) {
        hs_strbuf_puts(out, " (middle half of all pairs: ");
        hs_size_put_double(out, finding->bytes_per_step_low, HS_SIGN_ALWAYS);
        hs_strbuf_puts(out, " to ");
        hs_size_put_double(out, finding->bytes_per_step_high, HS_SIGN_ALWAYS);
        hs_strbuf_puts(out, ")");
    }
    int64_t span = trend->captures[report_last(report)].captured_at - trend->captures[0].captured_at;
    if (!isfinite(finding->bytes_per_hour)) return;
    hs_strbuf_puts(out, "; ");
    /* A rate per hour that a minute was stretched to would promise too much. */
    bool hourly = span >= HOURLY_MIN_MS;
    hs_size_put_double(out, hourly ? finding->bytes_per_hour : finding->bytes_per_hour / 60, HS_SIGN_ALWAYS);
    hs_strbuf_puts(out, hourly ? " an hour" : " a minute");
}

void words_put_chance(struct hs_strbuf *out, double significance) {
    if (!(significance > 0)) hs_strbuf_puts(out, "less than 1 in 1,000,000");
    else if (significance >= 0.5) hs_strbuf_puts(out, "1 in 2");
    else {
        double cases = 1 / significance;
        if (cases > 1e6) hs_strbuf_puts(out, "less than 1 in 1,000,000");
        else {
            hs_strbuf_puts(out, "1 in ");
            hs_count_put(out, (int64_t)(cases + 0.5), HS_SIGN_MINUS);
        }
    }
}

void words_put_word(struct hs_strbuf *out, const char *word) {
    static const char plain[] = "-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./,:+@%=";
    if (*word && !word[strspn(word, plain)]) {
        hs_strbuf_puts(out, word);
        return;
    }
    hs_strbuf_putc(out, '\'');
    for (; *word; word++) {
        if (*word == '\'') hs_strbuf_puts(out, "'\\''");
        else hs_strbuf_putc(out, *word);
    }
    hs_strbuf_putc(out, '\'');
}
