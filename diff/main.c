/* heapdiff: ranks what grew between heap snapshots. Reads them, calls the library, says what is doubtful. */
#include "options.h"
#include "output.h"

#include "base/escape.h"
#include "trend/series.h"
#include <stdlib.h>
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
    bool moved = false, some_reachable = false;
    for (size_t i = 0; i < trend->capture_count; i++) {
        moved |= trend->captures[i].given != i;
        some_reachable |= trend->captures[i].knows_reachable;
    }
    if (moved) say(options, "the captures were put in order of their time, which is not the order given");
    if (!trend->same_build)
        say(options,
            "the captures are of different builds of Node: classes are compared by name and properties only");
    else if (!trend->same_process)
        say(options,
            "the captures are of different processes: classes are compared by name and properties only");
    if (some_reachable && !trend->reachable)
        say(options,
            "some captures do not say what is reachable (--quick?): all objects found are compared instead");
}

static struct hs_error *run(const struct diff_options *options, struct hs_trend *trend,
                            struct hs_ignore *ignore, enum hs_judge_result *ret, bool *judged_ret) {
    struct hs_judge_options judge;
    HS_TRY(hs_judge_args_load(&options->judge, ignore, &judge));
    for (size_t i = 0; i < options->file_count; i++)
        HS_TRY(hs_trend_read(trend, options->files[i], say_read, (void *)options));
    if (!options->file_count) HS_TRY(hs_trend_read(trend, "-", say_read, (void *)options));
    if (trend->capture_count < 2)
        return hs_error_create(HS_ERROR_FORMAT, "one snapshot shows no growth: give two or more, such as "
                                                "`heapscan core.1 core.2 | heapdiff`");
    HS_TRY(hs_trend_align(trend));
    say_doubts(options, trend);
    struct hs_judge_summary summary;
    HS_TRY(hs_judge(trend, &judge, &summary));
    *judged_ret = true;
    struct diff_result view = {trend, &summary, &judge};
    struct hs_error *error = diff_output_result(options, &view);
    *ret = summary.result;
    hs_judge_summary_deinit(&summary);
    return error;
}

int main(int argc, char **argv) {
    struct diff_options options;
    diff_options_parse(argc, argv, &options);
    if (!options.file_count && isatty(STDIN_FILENO)) {
        fputs("heapdiff: no snapshots: pipe heapscan's output in, or name files. Try `heapdiff --help`.\n",
              stderr);
        return 64;
    }
    struct hs_trend *trend = NULL;
    struct hs_ignore ignore = {0};
    enum hs_judge_result result = HS_RESULT_STEADY;
    bool judged = false;
    struct hs_error *error = hs_trend_create(&trend);
    if (!error) error = run(&options, trend, &ignore, &result, &judged);
    int status = error ? EXIT_TROUBLE : result == HS_RESULT_GROWTH ? EXIT_GROWTH : EXIT_SUCCESS;
    if (error) fprintf(stderr, "heapdiff: %s\n", error->message);
    if (error && !judged) diff_output_trouble(&options, error->message);
    hs_error_destroy(error);
    hs_trend_destroy(trend);
    hs_ignore_deinit(&ignore);
    hs_judge_args_deinit(&options.judge);
    return status;
}
