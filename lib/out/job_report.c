#include "out/job_report.h"

#include "base/escape.h"
#include "base/utf8.h"
#include "out/class_label.h"
#include "out/size.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    SOURCE_COLUMNS = 120,
    SENTENCE_COLUMNS = 1000,
    COMMAND_COLUMNS = 500,
    LABEL_SOURCE_MAX = 4096, /* bytes of a foreign string that are escaped at all before it is cut */
    HOURLY_MIN_MS = 600000
};

void hs_job_report_put_cut(struct hs_strbuf *out, const char *text, size_t size, size_t columns) {
    /* Combining marks take no column: bytes are bounded as well. */
    size_t width, bounded = size;
    if (bounded > columns * 4) {
        bounded = columns * 4;
        while (bounded && ((unsigned char)text[bounded] & 0xC0) == 0x80) bounded--;
    }
    size_t fits = hs_utf8_fit(text, bounded, columns, &width);
    if (fits < size) fits = hs_utf8_fit(text, fits, columns - 1, &width);
    hs_strbuf_append(out, text, fits);
    if (fits < size) hs_strbuf_puts(out, "…");
}

/* Escapes what came from a core; of a megabyte only the beginning is looked at. */
static void put_foreign(struct hs_strbuf *out, const char *text, size_t columns) {
    HS_STRBUF_AUTO visible = HS_STRBUF_INIT;
    size_t size = text ? strnlen(text, LABEL_SOURCE_MAX) : 0;
    if (text) hs_escape_terminal(&visible, text, size);
    else hs_strbuf_puts(&visible, "(unknown)");
    out->failed |= visible.failed;
    hs_job_report_put_cut(out, visible.data, visible.size, columns);
}

size_t hs_job_report_findings(const struct hs_job_report *report) {
    return report->trouble ? 0 : report->summary->growing + report->summary->grew;
}

size_t hs_job_report_shown(const struct hs_job_report *report) {
    size_t findings = hs_job_report_findings(report);
    return report->top && report->top < findings ? report->top : findings;
}

bool hs_job_report_fails(const struct hs_job_report *report, const struct hs_finding *finding) {
    return report->summary->result == HS_RESULT_GROWTH && finding->gate == HS_GATE_ALARM;
}

void hs_job_report_put_head(struct hs_strbuf *out, const struct hs_finding *finding, size_t columns) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_class_label_put_head(&text, finding->row->type, finding->row->constructor);
    out->failed |= text.failed;
    hs_job_report_put_cut(out, text.data, text.size, columns);
}

void hs_job_report_put_name(struct hs_strbuf *out, const struct hs_finding *finding, size_t columns) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_class_label_put_head(&text, finding->row->type, finding->row->constructor);
    hs_class_label_put_location(&text, finding->row->location.script, finding->row->location.line);
    hs_class_label_put_tail(&text, finding->row->dictionary, finding->row->properties,
                            finding->row->property_count, columns);
    out->failed |= text.failed;
    hs_job_report_put_cut(out, text.data, text.size, columns);
}

/* "5,000 → 15,000 objects (+10,000), +547 KiB, +1.9 MiB with what it holds". */
static void put_amount(struct hs_strbuf *out, const struct hs_finding *finding, size_t last) {
    const char *things = finding->subject == HS_SUBJECT_CONTAINER ? "entries" : "objects";
    if (finding->count_delta) {
        hs_count_put(out, finding->counts[0], HS_SIGN_MINUS);
        hs_strbuf_puts(out, " → ");
    }
    hs_count_put(out, finding->counts[last], HS_SIGN_MINUS);
    hs_strbuf_printf(out, " %s", things);
    if (finding->count_delta) {
        hs_strbuf_puts(out, " (");
        hs_count_put(out, finding->count_delta, HS_SIGN_ALWAYS);
        hs_strbuf_putc(out, ')');
    }
    hs_strbuf_puts(out, ", ");
    hs_size_put(out, finding->bytes_delta, HS_SIGN_ALWAYS);
    if (finding->held_delta == finding->bytes_delta) return;
    hs_strbuf_puts(out, ", ");
    hs_size_put(out, finding->held_delta, HS_SIGN_ALWAYS);
    hs_strbuf_puts(out, " with what is held");
}

void hs_job_report_put_growth(struct hs_strbuf *out, const struct hs_job_report *report,
                              const struct hs_finding *finding) {
    const struct hs_trend *trend = report->trend;
    size_t steps = trend->capture_count - 1;
    if (finding->known) hs_strbuf_puts(out, finding->faster ? "known, but faster, " : "known, ");
    hs_strbuf_printf(out, "%s: ", hs_verdict_name(finding->evidence.verdict));
    put_amount(out, finding, steps);
    if (steps > 1) {
        hs_strbuf_printf(out, " in %zu steps, ", steps);
        hs_size_put_double(out, finding->bytes_per_step, HS_SIGN_ALWAYS);
        hs_strbuf_puts(out, " a step");
    }
    bool hourly =
        trend->timed && trend->captures[steps].captured_at - trend->captures[0].captured_at >= HOURLY_MIN_MS;
    if (!hourly || !isfinite(finding->bytes_per_hour)) return;
    hs_strbuf_puts(out, ", ");
    hs_size_put_double(out, finding->bytes_per_hour, HS_SIGN_ALWAYS);
    hs_strbuf_puts(out, " an hour");
}

void hs_job_report_put_holder(struct hs_strbuf *out, const struct hs_finding *finding, size_t columns) {
    if (!finding->holder) return;
    hs_strbuf_puts(out, "held by ");
    put_foreign(out, finding->holder, columns);
    if (finding->also_count) hs_strbuf_printf(out, " and %zu more", finding->also_count);
}

void hs_job_report_put_command(struct hs_strbuf *out, const struct hs_job_report *report,
                               const struct hs_finding *finding) {
    HS_STRBUF_AUTO command = HS_STRBUF_INIT;
    hs_finding_put_command(report->trend, finding, &command);
    out->failed |= command.failed;
    if (command.size) put_foreign(out, command.data, COMMAND_COLUMNS);
}

void hs_job_report_put_captures(struct hs_strbuf *out, const struct hs_job_report *report) {
    const struct hs_trend *trend = report->trend;
    const struct hs_trend_capture *first = trend->captures,
                                  *last = &trend->captures[trend->capture_count - 1];
    hs_strbuf_printf(out, "%zu captures", trend->capture_count);
    if (trend->same_process) hs_strbuf_printf(out, " of pid %" PRId64, first->pid);
    if (trend->same_build && first->node) {
        hs_strbuf_puts(out, ", Node ");
        put_foreign(out, first->node, SOURCE_COLUMNS);
    }
    if (trend->timed) {
        hs_strbuf_puts(out, ", over ");
        hs_duration_put(out, last->captured_at - first->captured_at);
    }
    hs_strbuf_puts(out, ": ");
    put_foreign(out, first->source, SOURCE_COLUMNS);
    hs_strbuf_puts(out, trend->capture_count > 2 ? " … " : ", ");
    put_foreign(out, last->source, SOURCE_COLUMNS);
}

void hs_job_report_put_partial(struct hs_strbuf *out, const struct hs_job_report *report, size_t columns) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    const struct hs_trend *trend = report->trend;
    for (size_t i = 0; i < trend->capture_count && text.size < columns * 4; i++) {
        const struct hs_trend_capture *c = &trend->captures[i];
        if (c->complete) continue;
        if (text.size) hs_strbuf_puts(&text, "; ");
        put_foreign(&text, c->source, SOURCE_COLUMNS);
        hs_strbuf_puts(&text, c->reason_count ? ": " : ": partial");
        for (size_t k = 0; k < c->reason_count && text.size < columns * 4; k++) {
            if (k) hs_strbuf_puts(&text, ", ");
            put_foreign(&text, c->reasons[k], columns);
        }
    }
    out->failed |= text.failed;
    if (text.size) hs_job_report_put_cut(out, text.data, text.size, columns);
}

void hs_job_report_put_verdict(struct hs_strbuf *out, const struct hs_job_report *report) {
    const char *reason = report->summary->reason;
    hs_strbuf_printf(out, "%s: ", hs_result_name(report->summary->result));
    hs_job_report_put_cut(out, reason, strlen(reason), SENTENCE_COLUMNS);
    hs_strbuf_putc(out, '.');
}

void hs_job_report_put_ignored(struct hs_strbuf *out, const struct hs_ignore_pattern *pattern) {
    if (pattern->expired) hs_strbuf_printf(out, "no longer ignored (until %s): ", pattern->until);
    else hs_strbuf_puts(out, pattern->matched ? "ignored: " : "ignored nothing: ");
    put_foreign(out, pattern->pattern, SOURCE_COLUMNS);
    if (pattern->matched) {
        hs_strbuf_printf(out, " (%zu class%s, ", pattern->matched, pattern->matched == 1 ? "" : "es");
        hs_size_put(out, pattern->bytes_delta, HS_SIGN_ALWAYS);
        hs_strbuf_putc(out, ')');
    }
    hs_strbuf_puts(out, ": ");
    put_foreign(out, pattern->reason, SENTENCE_COLUMNS);
}
