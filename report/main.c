/* heapreport: heap snapshots as one page to look at. Reads them, has them judged, writes the page. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clip.h"
#include "options.h"
#include "out/figure_gnuplot.h"
#include "out/terminal.h"
#include "page.h"
#include "snap/outfile.h"
#include "trend/finding.h"
#include "trend/series.h"
#include "words.h"

enum { EXIT_TROUBLE = 2 };

static struct hs_error *take(void *context, const struct hs_snap *snap) {
    return report_extra_add(context, snap);
}

static int by_bytes(const void *a, const void *b) {
    const struct hs_trend_row *x = *(const struct hs_trend_row *const *)a,
                              *y = *(const struct hs_trend_row *const *)b;
    if (x->bytes[0] != y->bytes[0]) return x->bytes[0] > y->bytes[0] ? -1 : 1;
    return x->key.high != y->key.high ? (x->key.high < y->key.high ? -1 : 1)
                                      : (x->key.low > y->key.low) - (x->key.low < y->key.low);
}

/* A gnuplot that is not there, or fails in the middle, costs no report. Takes the error. */
static void draw_ourselves(const struct report_options *options, struct report *report,
                           struct hs_error *error, struct hs_strbuf *said) {
    hs_strbuf_clear(said);
    hs_strbuf_printf(said, "heapreport's own plain lines, since gnuplot cannot (%s)", error->message);
    if (!options->quiet) fprintf(stderr, "heapreport: %s\n", said->data);
    hs_error_destroy(error);
    report->gnuplot = NULL;
    report->drawn_by = said->data;
}

/* Who draws, in a sentence for the page. */
static struct hs_error *find_gnuplot(const struct report_options *options, struct report *report,
                                     struct hs_strbuf *said) {
    report->gnuplot = NULL;
    if (!strcmp(options->gnuplot, "none")) {
        hs_strbuf_puts(said, "heapreport's own plain lines (--gnuplot=none)");
    } else {
        struct hs_gnuplot gnuplot = {.program = options->gnuplot};
        struct hs_error *error = hs_gnuplot_version(&gnuplot, said);
        if (!error) {
            report->gnuplot = options->gnuplot;
        } else {
            draw_ourselves(options, report, error, said);
        }
    }
    report->drawn_by = said->data;
    return hs_strbuf_error(said);
}

static struct hs_error *print(const struct report_options *options, const struct hs_strbuf *text) {
    if (options->output && strcmp(options->output, "-")) {
        struct hs_outfile *file;
        HS_TRY(hs_outfile_open(options->output, &file));
        struct hs_error *error = hs_outfile_write(file, text->data, text->size);
        if (!error) error = hs_outfile_commit(file);
        hs_outfile_destroy(file);
        return error;
    }
    if (fwrite(text->data, 1, text->size, stdout) != text->size || fflush(stdout))
        return hs_error_create_errno("cannot write the report");
    return NULL;
}

static struct hs_error *put_report(const struct report_options *options, const struct report *report,
                                   struct hs_strbuf *out) {
    if (options->format == REPORT_HTML) return page_put_html(out, report);
    struct hs_terminal terminal = hs_terminal_detect(stdout, HS_COLOR_NEVER);
    return page_put_text(out, report, terminal.width, terminal.utf8);
}

static struct hs_error *write_report(const struct report_options *options, struct report *report) {
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    HS_STRBUF_AUTO said = HS_STRBUF_INIT;
    HS_TRY(find_gnuplot(options, report, &said));
    if (options->png) HS_TRY(page_write_png(report, options->png));
    struct hs_error *error = put_report(options, report, &out);
    if (error && report->gnuplot) {
        draw_ourselves(options, report, error, &said);
        hs_strbuf_clear(&out);
        error = put_report(options, report, &out);
    }
    HS_TRY(error);
    return print(options, &out);
}

static struct hs_error *judge_and_write(const struct report_options *options, struct hs_trend *trend,
                                        struct report_extra *extra, struct hs_ignore *ignore,
                                        const char *command) {
    struct hs_judge_options judge __attribute__((cleanup(hs_judge_args_unload))) = {0};
    struct hs_judge_summary summary = {0};
    struct report_tree tree = {0};
    HS_TRY(hs_judge_args_load(&options->judge, ignore, &judge));
    HS_TRY(hs_trend_align(trend));
    HS_TRY(report_extra_finish(extra, trend));
    struct report report = {
        .trend = trend, .judge = &judge, .extra = extra, .tree = &tree, .command = command};
    struct hs_error *error = NULL;
    if (trend->capture_count > 1) {
        error = hs_judge(trend, &judge, &summary);
        report.summary = &summary;
        while (!error && report.finding_count < trend->finding_count &&
               trend->findings[report.finding_count].rank)
            report.finding_count++;
    } else {
        qsort(trend->rows, trend->row_count, sizeof(struct hs_trend_row *), by_bytes);
    }
    if (!error) error = report_clip_trend(trend);
    if (!error) error = report_tree_build(trend, &tree);
    if (!error) error = write_report(options, &report);
    report_tree_deinit(&tree);
    if (report.summary) hs_judge_summary_deinit(&summary);
    return error;
}

int main(int argc, char **argv) {
    struct report_options options;
    HS_STRBUF_AUTO command = HS_STRBUF_INIT;
    hs_strbuf_puts(&command, "heapreport");
    for (int i = 1; i < argc; i++) { /* the parser changes the order */
        hs_strbuf_putc(&command, ' ');
        words_put_word(&command, argv[i]);
    }
    report_options_parse(argc, argv, &options);
    if (!options.file_count && isatty(STDIN_FILENO)) {
        fputs(
            "heapreport: no snapshots: pipe heapscan's output in, or name files. Try `heapreport --help`.\n",
            stderr);
        return 64;
    }
    if (!options.output && options.format == REPORT_HTML && isatty(STDOUT_FILENO)) {
        fputs("heapreport: a terminal shows no HTML: write to a file with -o report.html, or try "
              "--format=text\n",
              stderr);
        return 64;
    }
    struct hs_trend *trend = NULL;
    struct hs_ignore ignore = {0};
    struct report_extra extra = {0};
    struct hs_error *error = hs_trend_create(&trend);
    for (size_t i = 0; i < options.file_count && !error; i++)
        error = hs_trend_read(trend, options.files[i], take, &extra);
    if (!options.file_count && !error) error = hs_trend_read(trend, "-", take, &extra);
    if (!error) error = judge_and_write(&options, trend, &extra, &ignore, command.data);
    if (error) fprintf(stderr, "heapreport: %s\n", error->message);
    int status = error ? EXIT_TROUBLE : EXIT_SUCCESS;
    hs_error_destroy(error);
    report_extra_deinit(&extra);
    hs_trend_destroy(trend);
    hs_ignore_deinit(&ignore);
    hs_judge_args_deinit(&options.judge);
    return status;
}
