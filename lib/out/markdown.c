#include "out/markdown.h"

#include "out/escape_markup.h"
#include "out/size.h"
#include "trend/hint.h"
#include <math.h>
#include <string.h>

enum {
    NAME_COLUMNS = 160,
    HOLDER_COLUMNS = 160,
    PARTIAL_COLUMNS = 500,
    IGNORED_SHOWN = 30,
    IGNORED_COLUMNS = 300,
    HELD_SHOWN = 10
};

/* Running text, made empty for the next. */
static void put_text(struct hs_strbuf *out, struct hs_strbuf *text) {
    hs_escape_markdown_text(out, text->data, text->size);
    out->failed |= text->failed;
    hs_strbuf_clear(text);
}

static void put_code(struct hs_strbuf *out, struct hs_strbuf *text) {
    hs_escape_markdown_code(out, text->data, text->size);
    out->failed |= text->failed;
    hs_strbuf_clear(text);
}

static void put_size_cell(struct hs_strbuf *out, double bytes) {
    if (isfinite(bytes)) hs_size_put_double(out, bytes, HS_SIGN_ALWAYS);
    hs_strbuf_puts(out, " | ");
}

static void put_row(struct hs_strbuf *out, const struct hs_job_report *report,
                    const struct hs_finding *finding) {
    size_t last = report->trend->capture_count - 1;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_strbuf_printf(
        out, "| %zu | %s%s%s | ", finding->rank, hs_job_report_fails(report, finding) ? "**" : "",
        hs_verdict_name(finding->evidence.verdict), hs_job_report_fails(report, finding) ? "**" : "");
    hs_count_put(out, finding->counts[0], HS_SIGN_MINUS);
    hs_strbuf_puts(out, " → ");
    hs_count_put(out, finding->counts[last], HS_SIGN_MINUS);
    hs_strbuf_puts(out, " | ");
    hs_count_put(out, finding->count_delta, HS_SIGN_ALWAYS);
    hs_strbuf_puts(out, " | ");
    put_size_cell(out, (double)finding->held_delta);
    put_size_cell(out, finding->bytes_per_step);
    hs_job_report_put_name(&text, finding, NAME_COLUMNS);
    put_code(out, &text);
    hs_strbuf_puts(out, " |\n");
}

static void put_rest(struct hs_strbuf *out, int64_t bytes, const char *what, bool always) {
    if (!bytes && !always) return;
    hs_strbuf_puts(out, "| | | | | ");
    put_size_cell(out, (double)bytes);
    hs_strbuf_printf(out, "| %s |\n", what);
}

static void put_table(struct hs_strbuf *out, const struct hs_job_report *report, size_t shown) {
    const struct hs_judge_summary *s = report->summary;
    const struct hs_trend *trend = report->trend;
    size_t findings = hs_job_report_findings(report);
    hs_strbuf_puts(out, "\n| # | verdict | count | + count | + bytes | bytes/step | class: properties |\n"
                        "| --: | :-- | --: | --: | --: | --: | :-- |\n");
    for (size_t i = 0; i < shown; i++) put_row(out, report, &trend->findings[i]);
    if (shown < findings) {
        int64_t hidden = 0;
        for (size_t i = shown; i < findings; i++)
            if (trend->findings[i].subject != HS_SUBJECT_NATIVE)
                hidden = hs_trend_sum(hidden, trend->findings[i].held_delta);
        HS_STRBUF_AUTO what = HS_STRBUF_INIT;
        hs_strbuf_printf(&what, "*%zu more not shown*", findings - shown);
        put_rest(out, hidden, what.data, true);
    }
    put_rest(out, s->ignored_bytes, "*ignored*", false);
    put_rest(out, s->noise_bytes, "*growth below the thresholds*", false);
    put_rest(out, s->v8_bytes, "*V8's own: code, feedback, maps*", false);
    put_rest(out, s->shrunk_bytes, "*classes that shrank*", false);
    put_rest(out, s->bytes_delta,
             trend->reachable ? "**the whole heap, reachable**" : "**the whole heap, garbage included**",
             true);
}

static void put_held(struct hs_strbuf *out, const struct hs_job_report *report, size_t shown) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    bool begun = false;
    for (size_t i = 0; i < shown && i < HELD_SHOWN; i++) {
        const struct hs_finding *finding = &report->trend->findings[i];
        if (!finding->holder && !finding->sample) continue;
        if (!begun)
            hs_strbuf_puts(out, "\n<details><summary>Who holds it, and how to see more</summary>\n\n");
        begun = true;
        hs_strbuf_printf(out, "%zu. ", finding->rank);
        hs_job_report_put_head(&text, finding, NAME_COLUMNS);
        put_code(out, &text);
        if (finding->holder) {
            hs_strbuf_puts(out, " is held by ");
            hs_job_report_put_holder(&text, finding, HOLDER_COLUMNS);
            size_t words = strlen("held by ");
            hs_escape_markdown_code(out, text.data + words, text.size - words);
            hs_strbuf_clear(&text);
            const char *hint = hs_holder_hint(finding->most ? finding->most : finding->holder);
            if (hint) hs_strbuf_printf(out, " (%s)", hint);
        }
        if (finding->sample) {
            hs_strbuf_puts(out, "\n   ");
            hs_job_report_put_command(&text, report, finding);
            put_code(out, &text);
        }
        hs_strbuf_putc(out, '\n');
    }
    if (begun) hs_strbuf_puts(out, "\n</details>\n");
}

static void put_ignored(struct hs_strbuf *out, const struct hs_ignore *ignore) {
    if (!ignore || !ignore->count) return;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    HS_STRBUF_AUTO cut = HS_STRBUF_INIT;
    hs_strbuf_putc(out, '\n');
    for (size_t i = 0; i < ignore->count && i < IGNORED_SHOWN; i++) {
        hs_job_report_put_ignored(&text, &ignore->patterns[i]);
        hs_job_report_put_cut(&cut, text.data, text.size, IGNORED_COLUMNS);
        hs_strbuf_clear(&text);
        hs_strbuf_puts(out, "* ");
        put_text(out, &cut);
        hs_strbuf_putc(out, '\n');
    }
    if (ignore->count > IGNORED_SHOWN)
        hs_strbuf_printf(out, "* %zu more rules\n", ignore->count - IGNORED_SHOWN);
}

static void put_document(struct hs_strbuf *out, const struct hs_job_report *report, size_t shown) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_strbuf_printf(out, "## heapdiff: %s\n\n", hs_result_name(report->summary->result));
    hs_job_report_put_verdict(&text, report);
    put_text(out, &text);
    hs_strbuf_puts(out, "\n\n");
    hs_job_report_put_captures(&text, report);
    put_text(out, &text);
    hs_strbuf_putc(out, '\n');
    hs_job_report_put_partial(&text, report, PARTIAL_COLUMNS);
    if (text.size) {
        hs_strbuf_puts(out, "\n**partial:** ");
        put_text(out, &text);
        hs_strbuf_putc(out, '\n');
    }
    put_table(out, report, shown);
    put_held(out, report, shown);
    put_ignored(out, report->options->ignore);
    if (*report->summary->advice) {
        hs_strbuf_puts(out, "\n");
        hs_job_report_put_cut(&text, report->summary->advice, strlen(report->summary->advice), 500);
        put_text(out, &text);
        hs_strbuf_putc(out, '\n');
    }
}

struct hs_error *hs_markdown_put(struct hs_strbuf *out, const struct hs_job_report *report, size_t limit) {
    if (report->trouble) {
        HS_STRBUF_AUTO text = HS_STRBUF_INIT;
        hs_strbuf_puts(out, "## heapdiff: trouble\n\n");
        hs_job_report_put_cut(&text, report->trouble, strlen(report->trouble), 1000);
        put_text(out, &text);
        hs_strbuf_putc(out, '\n');
        return hs_strbuf_error(out);
    }
    size_t start = out->size, shown = hs_job_report_shown(report);
    for (;;) {
        put_document(out, report, shown);
        HS_TRY(hs_strbuf_error(out));
        if (out->size - start <= limit || !shown) return NULL;
        hs_strbuf_truncate(out, start);
        shown /= 2;
    }
}
