#include "out/github.h"

#include "out/escape_markup.h"
#include <inttypes.h>
#include <string.h>

/* Columns are never fewer than half the UTF-16 units: wide characters of one unit take two columns, those of
 * two units one or two. */
enum { TITLE_COLUMNS = 100, MESSAGE_COLUMNS = HS_GITHUB_MESSAGE_MAX / 2 - 100, NAME_COLUMNS = 400 };

static void put_title(struct hs_strbuf *out, const char *level, struct hs_strbuf *title) {
    HS_STRBUF_AUTO cut = HS_STRBUF_INIT;
    hs_job_report_put_cut(&cut, title->data, title->size, TITLE_COLUMNS);
    hs_strbuf_printf(out, "::%s title=", level);
    hs_escape_command_property(out, cut.data, cut.size);
    out->failed |= title->failed | cut.failed;
}

static void put_message(struct hs_strbuf *out, const struct hs_strbuf *message) {
    HS_STRBUF_AUTO cut = HS_STRBUF_INIT;
    hs_job_report_put_cut(&cut, message->data, message->size, MESSAGE_COLUMNS);
    hs_strbuf_puts(out, "::");
    hs_escape_command_data(out, cut.data, cut.size);
    hs_strbuf_putc(out, '\n');
    out->failed |= message->failed | cut.failed;
}

static void put_command(struct hs_strbuf *out, const char *level, const char *title,
                        const struct hs_strbuf *message) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_strbuf_puts(&text, title);
    put_title(out, level, &text);
    put_message(out, message);
}

/* file=, line= and col= where the constructor's script is one of the repository. */
static void put_place(struct hs_strbuf *out, const struct hs_snap_location *location, const char *workspace) {
    const char *script = location->script;
    if (!script || !workspace || !*workspace) return;
    if (!strncmp(script, "file://", 7)) script += 7;
    size_t length = strlen(workspace);
    while (length && workspace[length - 1] == '/') length--;
    if (!length || strncmp(script, workspace, length) || script[length] != '/' || !script[length + 1]) return;
    script += length + 1;
    size_t size = strlen(script);
    if (size > HS_GITHUB_MESSAGE_MAX || strstr(script, "../")) return;
    hs_strbuf_puts(out, ",file=");
    hs_escape_command_property(out, script, size);
    if (location->line > 0) hs_strbuf_printf(out, ",line=%" PRId64, location->line);
    if (location->line > 0 && location->column > 0) hs_strbuf_printf(out, ",col=%" PRId64, location->column);
}

static void put_finding(struct hs_strbuf *out, const struct hs_job_report *report,
                        const struct hs_finding *finding, const char *workspace) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_strbuf_puts(&text, finding->evidence.verdict == HS_VERDICT_GROWING ? "Heap growing: " : "Heap grew: ");
    hs_job_report_put_head(&text, finding, TITLE_COLUMNS - 20);
    put_title(out, "error", &text);
    put_place(out, &finding->row->location, workspace);
    hs_strbuf_clear(&text);
    hs_job_report_put_name(&text, finding, NAME_COLUMNS);
    hs_strbuf_putc(&text, '\n');
    hs_job_report_put_growth(&text, report, finding);
    hs_strbuf_putc(&text, '\n');
    size_t before = text.size;
    hs_job_report_put_holder(&text, finding, NAME_COLUMNS);
    if (text.size > before) hs_strbuf_putc(&text, '\n');
    hs_job_report_put_command(&text, report, finding);
    while (text.size && text.data[text.size - 1] == '\n') hs_strbuf_truncate(&text, text.size - 1);
    put_message(out, &text);
}

struct hs_error *hs_github_put(struct hs_strbuf *out, const struct hs_job_report *report,
                               const char *workspace) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    if (report->trouble) {
        hs_strbuf_puts(&text, report->trouble);
        put_command(out, "error", "heapdiff could not judge the heap", &text);
        return hs_strbuf_error(out);
    }
    size_t shown = hs_job_report_shown(report), annotated = 0, failing = 0;
    for (size_t i = 0; i < hs_job_report_findings(report); i++) {
        const struct hs_finding *finding = &report->trend->findings[i];
        if (!hs_job_report_fails(report, finding)) continue;
        failing++;
        if (i >= shown || annotated == HS_GITHUB_ANNOTATIONS_MAX) continue;
        put_finding(out, report, finding, workspace);
        annotated++;
    }
    hs_job_report_put_partial(&text, report, MESSAGE_COLUMNS);
    if (text.size) put_command(out, "warning", "Heap captures are partial", &text);
    hs_strbuf_clear(&text);
    bool insufficient = report->summary->result == HS_RESULT_INSUFFICIENT;
    hs_job_report_put_verdict(&text, report);
    if (*report->summary->advice) hs_strbuf_printf(&text, "\n%s", report->summary->advice);
    if (annotated < failing)
        hs_strbuf_printf(&text, "\n%zu more findings are not annotated: see the other formats of heapdiff.",
                         failing - annotated);
    put_command(out, insufficient ? "warning" : "notice", "heapdiff", &text);
    return hs_strbuf_error(out);
}
