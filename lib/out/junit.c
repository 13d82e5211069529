#include "out/junit.h"

#include "base/escape.h"
#include "out/escape_markup.h"
#include "snap/time.h"
#include <inttypes.h>
#include <string.h>

enum { NAME_COLUMNS = 200, TEXT_COLUMNS = 4000, SHOWN_PATH_STEPS = 100 };

/* Both end with an empty `text`, ready for the next. */
static void put_content(struct hs_strbuf *out, struct hs_strbuf *text) {
    hs_escape_xml(out, text->data, text->size);
    out->failed |= text->failed;
    hs_strbuf_clear(text);
}

static void put_value(struct hs_strbuf *out, struct hs_strbuf *text) {
    hs_escape_xml_attribute(out, text->data, text->size);
    out->failed |= text->failed;
    hs_strbuf_clear(text);
}

static void put_property(struct hs_strbuf *out, const char *name, struct hs_strbuf *value) {
    hs_strbuf_printf(out, "      <property name=\"%s\" value=\"", name);
    put_value(out, value);
    hs_strbuf_puts(out, "\"/>\n");
}

static void put_properties(struct hs_strbuf *out, const struct hs_job_report *report) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_strbuf_puts(out, "    <properties>\n");
    hs_strbuf_puts(&text, report->tool);
    put_property(out, "tool", &text);
    if (!report->trouble) {
        hs_job_report_put_captures(&text, report);
        put_property(out, "captures", &text);
        hs_strbuf_puts(&text, hs_result_name(report->summary->result));
        put_property(out, "verdict", &text);
        hs_strbuf_put_i64(&text, report->summary->bytes_delta);
        put_property(out, "bytes_delta", &text);
        hs_strbuf_put_i64(&text, report->options->min_bytes);
        put_property(out, "min_bytes", &text);
        hs_strbuf_put_i64(&text, report->options->min_count);
        put_property(out, "min_count", &text);
    }
    hs_strbuf_puts(out, "    </properties>\n");
}

static void begin_case(struct hs_strbuf *out, const char *class, struct hs_strbuf *name) {
    hs_strbuf_printf(out, "    <testcase classname=\"%s\" name=\"", class);
    put_value(out, name);
    hs_strbuf_puts(out, "\" time=\"0\"");
}

/* A test case that passes, or is skipped where `reason` has something to say. */
static void put_case(struct hs_strbuf *out, const char *title, struct hs_strbuf *reason) {
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    hs_strbuf_puts(&name, title);
    begin_case(out, "heapdiff", &name);
    if (!reason->size) {
        hs_strbuf_puts(out, "/>\n");
        return;
    }
    hs_strbuf_puts(out, ">\n      <skipped message=\"");
    put_value(out, reason);
    hs_strbuf_puts(out, "\"/>\n    </testcase>\n");
}

static void put_trouble(struct hs_strbuf *out, const struct hs_job_report *report) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_strbuf_puts(&text, "nothing grows");
    begin_case(out, "heapdiff", &text);
    hs_strbuf_puts(out, ">\n      <error type=\"trouble\" message=\"");
    hs_job_report_put_cut(&text, report->trouble, strlen(report->trouble), TEXT_COLUMNS);
    put_value(out, &text);
    hs_strbuf_puts(out, "\"/>\n    </testcase>\n");
}

static void put_path(struct hs_strbuf *text, const struct hs_finding *finding) {
    for (size_t i = 0; i < finding->path_count && i < SHOWN_PATH_STEPS; i++) {
        hs_strbuf_puts(text, i ? "\n  " : "path:\n  ");
        HS_STRBUF_AUTO step = HS_STRBUF_INIT;
        hs_escape_terminal(&step, finding->path[i], strnlen(finding->path[i], TEXT_COLUMNS));
        hs_job_report_put_cut(text, step.data, step.size, NAME_COLUMNS);
    }
    if (finding->path_count > SHOWN_PATH_STEPS)
        hs_strbuf_printf(text, "\n  … %zu more", finding->path_count - SHOWN_PATH_STEPS);
    if (finding->path_count) hs_strbuf_putc(text, '\n');
}

static void put_finding(struct hs_strbuf *out, const struct hs_job_report *report,
                        const struct hs_finding *finding) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_job_report_put_name(&text, finding, NAME_COLUMNS);
    if (finding->holder) hs_strbuf_puts(&text, " ");
    hs_job_report_put_holder(&text, finding, NAME_COLUMNS);
    begin_case(out, "heapdiff.growth", &text);
    hs_strbuf_printf(out, ">\n      <failure type=\"%s\" message=\"",
                     hs_verdict_name(finding->evidence.verdict));
    hs_job_report_put_growth(&text, report, finding);
    put_value(out, &text);
    hs_strbuf_puts(out, "\">");
    hs_strbuf_printf(&text, "rank %zu: ", finding->rank);
    hs_job_report_put_name(&text, finding, TEXT_COLUMNS);
    hs_strbuf_puts(&text, "\ncounts:");
    for (size_t i = 0; i < report->trend->capture_count; i++)
        hs_strbuf_printf(&text, " %" PRId64, finding->counts[i]);
    hs_strbuf_puts(&text, "\nbytes:");
    for (size_t i = 0; i < report->trend->capture_count; i++)
        hs_strbuf_printf(&text, " %" PRId64, finding->bytes[i]);
    hs_strbuf_putc(&text, '\n');
    put_path(&text, finding);
    if (*finding->fingerprint) hs_strbuf_printf(&text, "fingerprint: %s\n", finding->fingerprint);
    hs_job_report_put_command(&text, report, finding);
    put_content(out, &text);
    hs_strbuf_puts(out, "</failure>\n    </testcase>\n");
}

/* What a person reads below the cases: the verdict, what only grew, what was ignored. */
static void put_words(struct hs_strbuf *out, const struct hs_job_report *report) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    size_t findings = hs_job_report_findings(report), shown = hs_job_report_shown(report);
    hs_job_report_put_verdict(&text, report);
    if (*report->summary->advice) hs_strbuf_printf(&text, "\n%s", report->summary->advice);
    hs_strbuf_putc(&text, '\n');
    for (size_t i = 0; i < shown; i++) {
        const struct hs_finding *finding = &report->trend->findings[i];
        if (hs_job_report_fails(report, finding)) continue;
        hs_job_report_put_name(&text, finding, NAME_COLUMNS);
        hs_strbuf_puts(&text, ": ");
        hs_job_report_put_growth(&text, report, finding);
        hs_strbuf_putc(&text, '\n');
    }
    if (shown < findings) hs_strbuf_printf(&text, "%zu more not shown (--top)\n", findings - shown);
    const struct hs_ignore *ignore = report->options->ignore;
    for (size_t i = 0; ignore && i < ignore->count; i++) {
        hs_job_report_put_ignored(&text, &ignore->patterns[i]);
        hs_strbuf_putc(&text, '\n');
    }
    put_content(out, &text);
}

static size_t count_failures(const struct hs_job_report *report) {
    size_t failures = 0;
    for (size_t i = 0; i < hs_job_report_shown(report); i++)
        failures += hs_job_report_fails(report, &report->trend->findings[i]);
    return failures;
}

static void put_cases(struct hs_strbuf *out, const struct hs_job_report *report, struct hs_strbuf *partial,
                      size_t failures) {
    HS_STRBUF_AUTO reason = HS_STRBUF_INIT;
    put_case(out, "captures are complete", partial);
    if (report->summary->result == HS_RESULT_INSUFFICIENT) hs_job_report_put_verdict(&reason, report);
    if (!failures) put_case(out, "nothing grows", &reason);
    for (size_t i = 0; i < hs_job_report_shown(report); i++)
        if (hs_job_report_fails(report, &report->trend->findings[i]))
            put_finding(out, report, &report->trend->findings[i]);
}

/* The schema wants a time, without a zone: that of the last capture; 1970 where it is not known. */
static void put_timestamp(struct hs_strbuf *out, const struct hs_job_report *report) {
    char text[32] = "";
    int64_t ms = report->trouble ? HS_SNAP_NULL
                                 : report->trend->captures[report->trend->capture_count - 1].captured_at;
    if (ms == HS_SNAP_NULL || !hs_snap_time_print(ms, text)) strcpy(text, "1970-01-01T00:00:00");
    hs_strbuf_append(out, text, strcspn(text, ".Z"));
}

struct hs_error *hs_junit_put(struct hs_strbuf *out, const struct hs_job_report *report) {
    HS_STRBUF_AUTO partial = HS_STRBUF_INIT;
    if (!report->trouble) hs_job_report_put_partial(&partial, report, TEXT_COLUMNS);
    size_t failures = report->trouble ? 0 : count_failures(report);
    size_t tests = report->trouble ? 1 : failures ? failures + 1 : 2;
    bool insufficient = !report->trouble && !failures && report->summary->result == HS_RESULT_INSUFFICIENT;
    hs_strbuf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
                        "  <testsuite name=\"heapdiff\" package=\"heapdiff\" id=\"0\" timestamp=\"");
    put_timestamp(out, report);
    hs_strbuf_printf(out,
                     "\" hostname=\"localhost\" tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"%d\" "
                     "time=\"0\">\n",
                     tests, failures, report->trouble != NULL, (partial.size > 0) + insufficient);
    put_properties(out, report);
    if (report->trouble) put_trouble(out, report);
    else put_cases(out, report, &partial, failures);
    hs_strbuf_puts(out, "    <system-out>");
    if (!report->trouble) put_words(out, report);
    hs_strbuf_puts(out, "</system-out>\n    <system-err></system-err>\n  </testsuite>\n</testsuites>\n");
    HS_TRY(hs_strbuf_error(&partial));
    return hs_strbuf_error(out);
}
