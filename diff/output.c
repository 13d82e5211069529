#include "output.h"

#include "out/github.h"
#include "out/job_report.h"
#include "out/junit.h"
#include "out/markdown.h"
#include "out/trend_ndjson.h"
#include "out/trend_table.h"
#include "snap/outfile.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A table in a file is plain: no colours, no terminal's width. */
static struct hs_terminal terminal_of(const struct diff_options *options, const struct diff_output *output) {
    if (!output->file) return hs_terminal_detect(stdout, options->color);
    return (struct hs_terminal){.utf8 = true, .color = options->color == HS_COLOR_ALWAYS};
}

static struct hs_error *render(const struct diff_options *options, const struct diff_output *output,
                               const struct diff_result *result, const struct hs_job_report *report,
                               struct hs_strbuf *out) {
    switch (output->format) {
    case DIFF_FORMAT_TABLE: {
        struct hs_trend_table view = {
            result->trend, result->summary, result->judge->ignore,  terminal_of(options, output),
            output->top,   options->quiet,  result->judge->baseline};
        return hs_trend_table_put(out, &view);
    }
    case DIFF_FORMAT_NDJSON: {
        struct hs_trend_ndjson view = {result->trend, result->summary, result->judge, DIFF_TOOL, output->top};
        return hs_trend_ndjson_put(out, &view);
    }
    case DIFF_FORMAT_MARKDOWN:
        return hs_markdown_put(out, report, HS_MARKDOWN_COMMENT_MAX);
    case DIFF_FORMAT_JUNIT:
        return hs_junit_put(out, report);
    case DIFF_FORMAT_GITHUB:
        return hs_github_put(out, report, getenv("GITHUB_WORKSPACE"));
    }
    return NULL;
}

static struct hs_error *write_file(const char *path, const struct hs_strbuf *text) {
    struct hs_outfile *file;
    HS_TRY(hs_outfile_open(path, &file));
    struct hs_error *error = hs_outfile_write(file, text->data, text->size);
    if (!error) error = hs_outfile_commit(file);
    hs_outfile_destroy(file);
    return error;
}

static struct hs_error *write_stdout(const struct hs_strbuf *text) {
    if (fwrite(text->data, 1, text->size, stdout) != text->size || fflush(stdout))
        return hs_error_create_errno("cannot write the result");
    return NULL;
}

static struct hs_error *append_file(const char *path, const struct hs_strbuf *text) {
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return hs_error_create_errno("cannot open $GITHUB_STEP_SUMMARY");
    size_t done = 0;
    while (done < text->size) {
        ssize_t n = write(fd, text->data + done, text->size - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        done += (size_t)n;
    }
    struct hs_error *error =
        done < text->size ? hs_error_create_errno("cannot write to $GITHUB_STEP_SUMMARY") : NULL;
    if (close(fd) && !error) error = hs_error_create_errno("cannot write to $GITHUB_STEP_SUMMARY");
    return error;
}

/* GitHub refuses a whole summary that is a byte too long, with what other commands of the step put there. */
static struct hs_error *add_summary(const struct hs_job_report *report) {
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    if (!path || !*path) return NULL;
    struct stat status;
    size_t there = stat(path, &status) ? 0 : (size_t)status.st_size;
    if (there + HS_MARKDOWN_MIN > HS_GITHUB_SUMMARY_MAX) {
        fputs("heapdiff: no room is left in $GITHUB_STEP_SUMMARY: no summary is added\n", stderr);
        return NULL;
    }
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    struct hs_job_report summary = *report;
    if (there) hs_strbuf_putc(&text, '\n');
    HS_TRY(hs_markdown_put(&text, &summary, HS_GITHUB_SUMMARY_MAX - there - 1));
    return append_file(path, &text);
}

static struct hs_error *put_output(const struct diff_options *options, const struct diff_output *output,
                                   const struct diff_result *result, const struct hs_job_report *report) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    HS_TRY(render(options, output, result, report, &text));
    HS_TRY(output->file ? write_file(output->file, &text) : write_stdout(&text));
    return output->format == DIFF_FORMAT_GITHUB ? add_summary(report) : NULL;
}

struct hs_error *diff_output_result(const struct diff_options *options, const struct diff_result *result) {
    struct hs_error *first = NULL;
    bool on_stdout = false;
    for (size_t i = 0; i < options->output_count; i++) {
        const struct diff_output *output = &options->outputs[i];
        struct hs_job_report report = {result->trend, result->summary, result->judge,
                                       DIFF_TOOL,     output->top,     NULL};
        struct hs_error *error = put_output(options, output, result, &report);
        on_stdout |= !output->file;
        if (!first) first = error;
        else hs_error_destroy(error);
    }
    if (!on_stdout && !options->quiet && !first)
        fprintf(stderr, "heapdiff: %s: %s\n", hs_result_name(result->summary->result),
                result->summary->reason);
    return first;
}

struct hs_error *diff_output_baseline(const char *path, const struct diff_result *result) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    struct hs_trend_ndjson view = {result->trend, result->summary, result->judge, DIFF_TOOL, 0};
    HS_TRY(hs_trend_ndjson_put(&text, &view));
    return write_file(path, &text);
}

void diff_output_trouble(const struct diff_options *options, const char *sentence) {
    for (size_t i = 0; i < options->output_count; i++) {
        const struct diff_output *output = &options->outputs[i];
        if (output->format == DIFF_FORMAT_TABLE || output->format == DIFF_FORMAT_NDJSON) continue;
        struct hs_job_report report = {.tool = DIFF_TOOL, .trouble = sentence};
        struct hs_error *error = put_output(options, output, NULL, &report);
        if (error) fprintf(stderr, "heapdiff: %s\n", error->message);
        hs_error_destroy(error);
    }
}
