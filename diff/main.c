/* heapdiff: ranks what grew between heap snapshots. Reads them, calls the library, says what is doubtful. */
#include "nightly.h"
#include "options.h"
#include "output.h"

#include "base/escape.h"
#include "trend/series.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_GROWTH = 1, EXIT_TROUBLE = 2 };

static struct hs_error *say_read(void *context, const struct hs_snap *snap) {
    const struct diff_options *options = context;
    if (!options->verbose) return NULL;
    HS_STRBUF_AUTO source = HS_STRBUF_INIT;
    hs_escape_terminal_string(&source, snap->header.source);
    fprintf(stderr, "heapdiff: read %s: %zu classes, %s\n", source.data, snap->class_count,
            snap->trailer.complete ? "complete" : "partial");
    return NULL;
}

static void say(const struct diff_options *options, const char *sentence) {
    if (!options->quiet) fprintf(stderr, "heapdiff: %s\n", sentence);
}

/* What a person should know before believing the table. */
static void say_doubts(const struct diff_options *options, const struct hs_trend *trend) {
    bool moved = false, some_reachable = false, processes_known = true;
    for (size_t i = 0; i < trend->capture_count; i++) {
        moved |= trend->captures[i].given != i;
        some_reachable |= trend->captures[i].knows_reachable;
        processes_known &= trend->captures[i].pid != HS_SNAP_NULL;
    }
    if (moved) say(options, "the captures were put in order of their time, which is not the order given");
    if (!trend->same_build)
        say(options,
            "the captures are of different builds of Node: classes are compared by name and properties only");
    else if (!trend->same_process)
        say(options, processes_known
                         ? "the captures are of different processes: classes are compared by name "
                           "and properties only"
                         : "not all captures say of which process they are, as V8's heap snapshots "
                           "do not: classes are compared by name and properties only");
    if (some_reachable && !trend->reachable)
        say(options,
            "some captures do not say what is reachable (--quick?): all objects found are compared instead");
}

/* What is told and ends with status 2, without ending the program. */
static void tell(struct hs_error *error, int *status) {
    if (!error) return;
    fprintf(stderr, "heapdiff: %s\n", error->message);
    hs_error_destroy(error);
    *status = EXIT_TROUBLE;
}

static void raise_status(enum hs_judge_result result, int *status) {
    if (result == HS_RESULT_GROWTH && *status == EXIT_SUCCESS) *status = EXIT_GROWTH;
}

/* No snapshots come, and none are missed: the nights in the history are what is asked about. An empty pipe is
 * another thing: there a scan has failed. */
static bool is_without_input(const struct diff_options *options) {
    struct stat input;
    if (options->file_count || !(options->nightly.last || options->nightly.keep)) return false;
    return isatty(STDIN_FILENO) || fstat(STDIN_FILENO, &input) || S_ISCHR(input.st_mode);
}

static struct hs_error *read_captures(const struct diff_options *options, struct hs_trend *trend) {
    bool without = is_without_input(options);
    trend->settling = options->settle[0];
    for (size_t i = 0; i < options->file_count; i++)
        HS_TRY(hs_trend_read(trend, options->files[i], say_read, (void *)options));
    if (!options->file_count && !without) HS_TRY(hs_trend_read(trend, "-", say_read, (void *)options));
    if (trend->capture_count < 2 && !options->nightly.store)
        return hs_error_create(HS_ERROR_FORMAT, "one snapshot shows no growth: give two or more, such as "
                                                "`heapscan core.1 core.2 | heapdiff`");
    return hs_trend_align(trend);
}

static struct hs_error *judge_captures(const struct diff_options *options, struct hs_trend *trend,
                                       const struct hs_judge_options *judge, int *status, bool *judged_ret) {
    struct hs_judge_summary summary;
    say_doubts(options, trend);
    HS_TRY(hs_judge(trend, judge, &summary));
    /* What is written down is known from now on. */
    if (!options->write_baseline) raise_status(summary.result, status);
    *judged_ret = true;
    const struct diff_result view = {trend, &summary, judge};
    struct hs_error *error = diff_output_result(options, &view);
    if (!error && options->write_baseline) error = diff_output_baseline(options->write_baseline, &view);
    hs_judge_summary_deinit(&summary);
    return error;
}

/* The ranking is printed before the history is touched, and the history is kept whatever became of the
 * ranking. */
static struct hs_error *run(const struct diff_options *options, struct hs_trend *trend,
                            const struct hs_judge_options *judge, int *status, bool *judged_ret) {
    enum hs_judge_result result = HS_RESULT_STEADY;
    HS_TRY(read_captures(options, trend));
    if (trend->capture_count > 1) {
        struct hs_error *error = judge_captures(options, trend, judge, status, judged_ret);
        if (!*judged_ret || !options->nightly.store) return error;
        tell(error, status);
    }
    if (!options->nightly.store) return NULL;
    *judged_ret = true; /* what fails now is not the result */
    HS_TRY(diff_nightly_run(options, trend, judge, &result));
    raise_status(result, status);
    return NULL;
}

static struct hs_error *compare(const struct diff_options *options, int *status, bool *judged_ret) {
    struct hs_trend *trend = NULL;
    struct hs_ignore ignore = {0};
    struct hs_judge_options judge = {0};
    struct hs_error *error = hs_judge_args_load(&options->judge, &ignore, &judge);
    if (!error) error = hs_trend_create(&trend);
    if (!error) error = run(options, trend, &judge, status, judged_ret);
    hs_trend_destroy(trend);
    hs_judge_args_unload(&judge);
    hs_ignore_deinit(&ignore);
    return error;
}

int main(int argc, char **argv) {
    struct diff_options options;
    diff_options_parse(argc, argv, &options);
    bool list = options.nightly.list;
    if (!list && !options.file_count && isatty(STDIN_FILENO) && !is_without_input(&options)) {
        fputs("heapdiff: no snapshots: pipe heapscan's output in, or name files. Try `heapdiff --help`.\n",
              stderr);
        return 64;
    }
    /* Whoever reads the ranking may go early; the history is kept all the same. */
    if (options.nightly.store) signal(SIGPIPE, SIG_IGN);
    int status = EXIT_SUCCESS;
    bool judged = list;
    struct hs_error *error = list ? diff_nightly_list(&options) : compare(&options, &status, &judged);
    if (error && !judged) diff_output_trouble(&options, error->message);
    tell(error, &status);
    hs_judge_args_deinit(&options.judge);
    return status;
}
