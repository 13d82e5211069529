#include "out/trend_table.h"

#include "base/escape.h"
#include "base/utf8.h"
#include "out/class_label.h"
#include "out/size.h"
#include "out/sparkline.h"
#include "out/table.h"
#include "trend/baseline.h"
#include "trend/finding.h"
#include "trend/hint.h"
#include "trend/slope.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    HOURLY_MIN_MS = 600000,
    PROPERTIES_MAX = 400,
    HOLDERS_SHOWN = 5,
    OTHERS_SHOWN = 3,
    SPARKLINE_COLUMNS = 12,
    NAMES_MAX = 5,
    WIDE = 130
};

/* The columns, in order; which of them are there depends on the series and the terminal. */
struct layout {
    bool curve, hourly;
};

static void put_heading(struct hs_strbuf *out, const struct hs_trend_table *view) {
    const struct hs_trend *trend = view->trend;
    const struct hs_trend_capture *first = trend->captures,
                                  *last = &trend->captures[trend->capture_count - 1];
    hs_strbuf_printf(out, "%zu captures", trend->capture_count);
    if (trend->same_process) hs_strbuf_printf(out, " of pid %" PRId64, first->pid);
    if (trend->same_build && first->node) {
        hs_strbuf_puts(out, ", Node ");
        hs_escape_terminal_string(out, first->node);
    }
    if (trend->timed) {
        hs_strbuf_puts(out, ", over ");
        hs_duration_put(out, last->captured_at - first->captured_at);
    }
    hs_strbuf_puts(out, ": ");
    hs_escape_terminal_string(out, first->source);
    hs_strbuf_puts(out, trend->capture_count > 2 ? " … " : ", ");
    hs_escape_terminal_string(out, last->source);
    hs_strbuf_putc(out, '\n');
    for (size_t i = 0; i < trend->capture_count; i++) {
        const struct hs_trend_capture *c = &trend->captures[i];
        if (c->complete) continue;
        hs_style_put(out, view->terminal, HS_STYLE_YELLOW, "partial: ", 9);
        hs_escape_terminal_string(out, c->source);
        for (size_t k = 0; k < c->reason_count; k++) {
            hs_strbuf_puts(out, k ? "; " : ": ");
            hs_escape_terminal_string(out, c->reasons[k]);
        }
        hs_strbuf_putc(out, '\n');
    }
    hs_strbuf_putc(out, '\n');
}

static void put_size_cell(struct hs_table *table, enum hs_style style, double bytes) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    if (isfinite(bytes)) hs_size_put_double(&text, bytes, HS_SIGN_ALWAYS);
    hs_table_cell(table, style, text.data, text.size);
}

static enum hs_style verdict_style(const struct hs_finding *finding) {
    if (finding->known && !finding->faster) return HS_STYLE_DIM;
    return finding->evidence.verdict == HS_VERDICT_GROWING ? HS_STYLE_RED : HS_STYLE_YELLOW;
}

/* What is shown as growth is all below the holder; so are its rates (that of an hour is the mean). Left as
 * they are where there is no memory. */
static void rates_of_held(const struct hs_trend *trend, const struct hs_finding *finding, double *step_ret,
                          double *hour_ret) {
    size_t n = trend->capture_count;
    double step;
    if (!finding->held_bytes) return;
    struct hs_error *error = hs_slope_find(NULL, finding->held_bytes, n, &step);
    if (!error) {
        int64_t span = trend->captures[n - 1].captured_at - trend->captures[0].captured_at;
        *step_ret = step;
        if (isfinite(*hour_ret) && span > 0) *hour_ret = (double)finding->held_delta * 3600000 / (double)span;
    }
    hs_error_destroy(error);
}

static void put_row(struct hs_table *table, const struct hs_trend_table *view, const struct layout *layout,
                    const struct hs_finding *finding) {
    size_t n = view->trend->capture_count;
    const struct hs_trend_row *row = finding->row;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_strbuf_printf(&text, "%zu", finding->rank);
    hs_table_cell(table, HS_STYLE_PLAIN, text.data, text.size);
    hs_table_cell_string(table, verdict_style(finding),
                         finding->faster  ? "faster"
                         : finding->known ? "known"
                                          : hs_verdict_name(finding->evidence.verdict));
    hs_strbuf_clear(&text);
    hs_count_put(&text, finding->counts[0], HS_SIGN_MINUS);
    hs_strbuf_puts(&text, view->terminal.utf8 ? " → " : " -> ");
    hs_count_put(&text, finding->counts[n - 1], HS_SIGN_MINUS);
    hs_table_cell(table, HS_STYLE_DIM, text.data, text.size);
    hs_strbuf_clear(&text);
    hs_count_put(&text, finding->count_delta, HS_SIGN_ALWAYS);
    hs_table_cell(table, HS_STYLE_PLAIN, text.data, text.size);
    put_size_cell(table, HS_STYLE_BOLD, (double)finding->held_delta);
    double per_step = finding->bytes_per_step, per_hour = finding->bytes_per_hour;
    rates_of_held(view->trend, finding, &per_step, &per_hour);
    put_size_cell(table, HS_STYLE_PLAIN, per_step);
    if (layout->hourly) put_size_cell(table, HS_STYLE_DIM, per_hour);
    if (layout->curve) {
        hs_strbuf_clear(&text);
        hs_sparkline_put(&text, finding->held_bytes ? finding->held_bytes : finding->bytes, n,
                         SPARKLINE_COLUMNS);
        hs_table_cell(table, HS_STYLE_CYAN, text.data, text.size);
    }
    hs_strbuf_clear(&text);
    hs_class_label_put_head(&text, row->type, row->constructor);
    size_t head = text.size;
    hs_class_label_put_location(&text, row->location.script, row->location.line);
    hs_class_label_put_tail(&text, row->dictionary, row->properties, row->property_count, PROPERTIES_MAX);
    hs_table_cell_headed(table, HS_STYLE_PLAIN, text.data, text.size, head);
}

/* A row under the line: a number of bytes and what they are. */
static void put_rest(struct hs_table *table, const struct layout *layout, enum hs_style style, int64_t bytes,
                     const char *what) {
    for (int i = 0; i < 4; i++) hs_table_cell_string(table, HS_STYLE_PLAIN, "");
    put_size_cell(table, style, (double)bytes);
    for (int i = 0; i < 1 + layout->hourly + layout->curve; i++)
        hs_table_cell_string(table, HS_STYLE_PLAIN, "");
    hs_table_cell_string(table, style, what);
}

static void put_total(struct hs_table *table, const struct hs_trend_table *view,
                      const struct layout *layout) {
    const struct hs_trend *trend = view->trend;
    const struct hs_trend_capture *first = trend->captures,
                                  *last = &trend->captures[trend->capture_count - 1];
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_strbuf_puts(&text, trend->reachable ? "the whole heap, reachable: " : "the whole heap: ");
    hs_size_put(&text, trend->reachable ? first->reachable_bytes : first->bytes, HS_SIGN_MINUS);
    hs_strbuf_puts(&text, view->terminal.utf8 ? " → " : " -> ");
    hs_size_put(&text, trend->reachable ? last->reachable_bytes : last->bytes, HS_SIGN_MINUS);
    put_rest(table, layout, HS_STYLE_BOLD, view->summary->bytes_delta, text.data);
}

static void put_rests(struct hs_table *table, const struct hs_trend_table *view, const struct layout *layout,
                      size_t shown, size_t findings) {
    const struct hs_judge_summary *s = view->summary;
    int64_t hidden = 0;
    for (size_t i = shown; i < findings; i++)
        if (view->trend->findings[i].subject != HS_SUBJECT_NATIVE)
            hidden = hs_trend_sum(hidden, view->trend->findings[i].held_delta);
    hs_table_rule(table);
    if (shown < findings) {
        HS_STRBUF_AUTO text = HS_STRBUF_INIT;
        hs_strbuf_printf(&text, "%zu more not shown (use --top 0)", findings - shown);
        put_rest(table, layout, HS_STYLE_DIM, hidden, text.data);
    }
    if (s->ignored_bytes) put_rest(table, layout, HS_STYLE_DIM, s->ignored_bytes, "ignored by --ignore");
    if (s->noise_bytes) put_rest(table, layout, HS_STYLE_DIM, s->noise_bytes, "growth below the thresholds");
    if (s->v8_bytes) put_rest(table, layout, HS_STYLE_DIM, s->v8_bytes, "V8's own: code, feedback, maps");
    if (s->shrunk_bytes) put_rest(table, layout, HS_STYLE_DIM, s->shrunk_bytes, "classes that shrank");
    put_total(table, view, layout);
}

static void table_free(struct hs_table **table) {
    hs_table_destroy(*table);
}

/* A rate per hour that a minute was stretched to says nothing. */
static bool is_hourly(const struct hs_trend *trend) {
    int64_t span = trend->captures[trend->capture_count - 1].captured_at - trend->captures[0].captured_at;
    return trend->timed && span >= HOURLY_MIN_MS;
}

static struct hs_error *put_table(struct hs_strbuf *out, const struct hs_trend_table *view) {
    const struct hs_trend *trend = view->trend;
    bool wide = !view->terminal.width || view->terminal.width >= WIDE;
    struct layout layout = {.curve = view->terminal.utf8 && trend->capture_count > 2,
                            .hourly = wide && is_hourly(trend)};
    struct hs_table_column columns[9];
    size_t n = 0;
    columns[n++] = (struct hs_table_column){"RANK", HS_ALIGN_RIGHT, false};
    columns[n++] = (struct hs_table_column){"VERDICT", HS_ALIGN_LEFT, false};
    columns[n++] = (struct hs_table_column){"COUNT", HS_ALIGN_RIGHT, false};
    columns[n++] = (struct hs_table_column){"+COUNT", HS_ALIGN_RIGHT, false};
    columns[n++] = (struct hs_table_column){"+BYTES", HS_ALIGN_RIGHT, false};
    columns[n++] = (struct hs_table_column){"BYTES/STEP", HS_ALIGN_RIGHT, false};
    if (layout.hourly) columns[n++] = (struct hs_table_column){"BYTES/HOUR", HS_ALIGN_RIGHT, false};
    if (layout.curve) columns[n++] = (struct hs_table_column){"", HS_ALIGN_LEFT, false};
    columns[n++] = (struct hs_table_column){"CLASS: PROPERTIES", HS_ALIGN_LEFT, true};
    struct hs_table *table __attribute__((cleanup(table_free))) = NULL;
    HS_TRY(hs_table_create(columns, n, view->terminal, &table));
    size_t findings = view->summary->growing + view->summary->grew;
    size_t shown = view->top && view->top < findings ? view->top : findings;
    for (size_t i = 0; i < shown; i++) put_row(table, view, &layout, &trend->findings[i]);
    put_rests(table, view, &layout, shown, findings);
    return hs_table_render(table, out);
}

/* "new: 3 classes (A, B, C)": of those that have a name those with the most bytes first, since the rows after
 * the findings are in that order. */
static void put_turnover(struct hs_strbuf *out, const struct hs_trend *trend, const char *what, size_t total,
                         bool appeared) {
    if (!total) return;
    size_t last = trend->capture_count - 1, named = 0;
    hs_strbuf_printf(out, "%s: %zu class%s", what, total, total == 1 ? "" : "es");
    for (size_t i = 0; i < trend->row_count && named < NAMES_MAX; i++) {
        /* What shrank most stands last. */
        const struct hs_trend_row *row = trend->rows[appeared ? i : trend->row_count - 1 - i];
        if (row->subject != HS_SUBJECT_CLASS || row->nature > HS_NATURE_NAMED) continue;
        int64_t from = row->counts[appeared ? 0 : last], to = row->counts[appeared ? last : 0];
        if (from || !to) continue;
        hs_strbuf_puts(out, named++ ? ", " : " (");
        hs_row_put_name(row, out);
    }
    hs_strbuf_puts(out, !named ? "\n" : total > named ? ", …)\n" : ")\n");
}

/* The other holders of the same objects. */
static void put_others(struct hs_strbuf *out, const struct hs_finding *finding) {
    for (size_t i = 0; i < finding->also_count && i < OTHERS_SHOWN; i++) {
        hs_strbuf_puts(out, "        and by ");
        hs_escape_terminal_string(out, finding->also[i].holder);
        hs_strbuf_putc(out, '\n');
    }
    if (finding->also_count > OTHERS_SHOWN)
        hs_strbuf_printf(out, "        and by %zu more\n", finding->also_count - OTHERS_SHOWN);
}

/* By path; by class where no path tells, or it begins at a root. */
static void put_holder(struct hs_strbuf *out, const struct hs_finding *finding) {
    hs_strbuf_puts(out, " by ");
    if (finding->holder) hs_escape_terminal_string(out, finding->holder);
    if (finding->slice && (!finding->holder || finding->holder[0] == '(')) {
        hs_strbuf_puts(out, finding->holder ? "; by class " : "class ");
        for (size_t k = 0; k < finding->slice_count; k++) {
            if (k) hs_strbuf_puts(out, " > ");
            hs_escape_terminal_string(out, finding->slice[k]);
        }
    }
    hs_strbuf_putc(out, '\n');
}

/* Who holds the first findings, with the command that shows more. */
static void put_holders(struct hs_strbuf *out, const struct hs_trend *trend) {
    size_t shown = 0;
    for (size_t i = 0; i < trend->finding_count && trend->findings[i].rank && shown < HOLDERS_SHOWN; i++) {
        const struct hs_finding *finding = &trend->findings[i];
        if (!finding->holder && !finding->slice) continue;
        hs_strbuf_printf(out, "%s%4zu  ", shown++ ? "" : "\nheld by:\n", finding->rank);
        hs_finding_put_name(finding, out);
        put_holder(out, finding);
        if (finding->most) {
            hs_strbuf_puts(out, "        most of it at ");
            hs_escape_terminal_string(out, finding->most);
            hs_strbuf_putc(out, '\n');
        }
        const char *hint = hs_holder_hint(finding->most ? finding->most : finding->holder);
        if (hint) hs_strbuf_printf(out, "        that is: %s\n", hint);
        put_others(out, finding);
        if (!finding->sample) continue;
        HS_STRBUF_AUTO command = HS_STRBUF_INIT;
        hs_finding_put_command(trend, finding, &command);
        hs_strbuf_puts(out, "        ");
        hs_escape_terminal_string(out, command.data);
        hs_strbuf_putc(out, '\n');
    }
    if (shown) hs_strbuf_putc(out, '\n');
}

static void put_ignored(struct hs_strbuf *out, const struct hs_ignore *ignore) {
    for (size_t i = 0; ignore && i < ignore->count; i++) {
        const struct hs_ignore_pattern *p = &ignore->patterns[i];
        if (p->expired) hs_strbuf_printf(out, "no longer ignored (until %s): ", p->until);
        else hs_strbuf_puts(out, p->matched ? "ignored: " : "ignored nothing: ");
        hs_escape_terminal_string(out, p->pattern);
        if (p->matched) {
            hs_strbuf_printf(out, " (%zu class%s, ", p->matched, p->matched == 1 ? "" : "es");
            hs_size_put(out, p->bytes_delta, HS_SIGN_ALWAYS);
            hs_strbuf_putc(out, ')');
        }
        hs_strbuf_puts(out, ": ");
        hs_escape_terminal_string(out, p->reason);
        hs_strbuf_putc(out, '\n');
    }
}

static void put_baseline(struct hs_strbuf *out, const struct hs_baseline *baseline) {
    if (!baseline) return;
    size_t gone = hs_baseline_count_gone(baseline), named = 0;
    hs_strbuf_printf(out, "baseline: %zu of %zu findings are still there", baseline->count - gone,
                     baseline->count);
    for (size_t i = 0; i < baseline->count && named < NAMES_MAX; i++) {
        if (baseline->entries[i].matched) continue;
        hs_strbuf_puts(out, named++ ? ", " : "; gone: ");
        hs_escape_terminal_string(out, baseline->entries[i].constructor);
    }
    hs_strbuf_puts(out, named < gone ? ", …\n" : "\n");
}

static void put_verdict(struct hs_strbuf *out, const struct hs_trend_table *view) {
    const struct hs_judge_summary *s = view->summary;
    enum hs_style style = s->result == HS_RESULT_GROWTH   ? HS_STYLE_RED
                          : s->result == HS_RESULT_STEADY ? HS_STYLE_GREEN
                                                          : HS_STYLE_YELLOW;
    const char *name = hs_result_name(s->result);
    hs_strbuf_putc(out, '\n');
    hs_style_put(out, view->terminal, style, name, strlen(name));
    hs_strbuf_printf(out, ": %s.\n", s->reason);
    if (*s->advice) hs_strbuf_printf(out, "%s\n", s->advice);
}

/* On a terminal without UTF-8 everything that the table has not escaped itself is escaped here. */
static void append_lines(struct hs_strbuf *out, const struct hs_strbuf *lines, bool utf8) {
    for (size_t at = 0; at < lines->size;) {
        uint32_t c;
        size_t used = hs_utf8_decode(lines->data + at, lines->size - at, &c);
        if (utf8 || c < 0x80) hs_strbuf_append(out, lines->data + at, used);
        else if (c == 0x2026) hs_strbuf_puts(out, "...");
        else hs_strbuf_printf(out, "\\u{%x}", c);
        at += used;
    }
}

struct hs_error *hs_trend_table_put(struct hs_strbuf *out, const struct hs_trend_table *view) {
    HS_STRBUF_AUTO lines = HS_STRBUF_INIT;
    if (!view->quiet) put_heading(&lines, view);
    append_lines(out, &lines, view->terminal.utf8);
    HS_TRY(put_table(out, view));
    HS_TRY(hs_strbuf_error(&lines));
    hs_strbuf_clear(&lines);
    if (!view->quiet) {
        put_holders(&lines, view->trend);
        put_turnover(&lines, view->trend, "new", view->summary->appeared, true);
        put_turnover(&lines, view->trend, "gone", view->summary->vanished, false);
        put_ignored(&lines, view->ignore);
        put_baseline(&lines, view->baseline);
        if (!view->trend->reachable)
            hs_strbuf_puts(&lines,
                           "Counted is all that was found, garbage that waits for collection included.\n");
    }
    put_verdict(&lines, view);
    append_lines(out, &lines, view->terminal.utf8);
    HS_TRY(hs_strbuf_error(&lines));
    return hs_strbuf_error(out);
}
