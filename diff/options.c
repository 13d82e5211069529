#include "options.h"

#include "out/size.h"
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
    OPTION_FORMAT = 256,
    OPTION_TOP,
    OPTION_COLOR,
    OPTION_WRITE_BASELINE,
    OPTION_BASE,
    OPTION_BUSY,
    OPTION_SETTLED
};
enum { DEFAULT_TOP = 20 };

/* What is put together while the arguments are read. */
struct diff_arguments {
    struct diff_options *options;
    const char *file; /* -o */
    size_t top;
    bool top_given;
};

const char *argp_program_version = DIFF_TOOL;

static const char DOC[] =
    "Ranks what grew between two or more heap snapshots of heapscan.\v"
    "Without FILE, snapshots are read from standard input; a stream may hold many. Captures of one process "
    "are put in order "
    "of their time, others are taken as given. Files ending in .zst are read as they are.\n"
    "\n"
    "Examples:\n"
    "  heapscan core.1 core.2 core.3 | heapdiff\n"
    "  heapscan core.1 -o monday.hsnap.zst\n"
    "  heapdiff monday.hsnap.zst tuesday.hsnap.zst wednesday.hsnap.zst\n"
    "  heapdiff --format=ndjson *.hsnap | jq 'select(.kind==\"growth\" and .verdict==\"growing\")'\n"
    "  heapdiff --format=table --format=junit:heap.xml night/*.hsnap.zst\n"
    "\n"
    "Two captures show what grew; three or more show what is growing, in every step.\n"
    "\n"
    "Exit status: 0 nothing is growing past the thresholds, 1 growth, 2 trouble, 64 wrong usage.";

static const struct argp_option OPTIONS[] = {
    {"format", OPTION_FORMAT, "FORMAT[:FILE]", 0,
     "table (default), ndjson, markdown, junit or github; repeatable, each to its FILE or to standard output",
     1},
    {"output", 'o', "FILE", 0, "The FILE of the format that has none", 1},
    {"top", OPTION_TOP, "N", 0, "Show the first N (default 20 in a table and markdown, else all; 0: all)", 1},
    {"color", OPTION_COLOR, "WHEN", 0, "auto (default), always or never; NO_COLOR is respected", 1},
    {"write-baseline", OPTION_WRITE_BASELINE, "FILE", 0,
     "Write the findings to FILE, for --baseline; the exit status is then 0 or 2", 2},
    {"base", OPTION_BASE, "FILE", 0,
     "A capture before a load; with --busy and --settled: what is held after it?", 1},
    {"busy", OPTION_BUSY, "FILE", 0, "A capture under the load", 1},
    {"settled", OPTION_SETTLED, "FILE", 0, "A capture after the load, when all is quiet again", 1},
    {"quiet", 'q', NULL, 0, "Only the table and the verdict; no remarks on stderr", 3},
    {"verbose", 'v', NULL, 0, "Say on stderr what is read", 3},
    {0},
};

static const char *const FORMATS[] = {"table", "ndjson", "markdown", "junit", "github"};

/* FORMAT or FORMAT:FILE. */
static void add_output(struct argp_state *state, const char *text, struct diff_arguments *arguments) {
    struct diff_options *options = arguments->options;
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    size_t i = 0, count = sizeof FORMATS / sizeof *FORMATS;
    while (i < count && (strlen(FORMATS[i]) != length || memcmp(text, FORMATS[i], length))) i++;
    if (i == count) argp_error(state, "--format=%s: must be table, ndjson, markdown, junit or github", text);
    if (colon && !colon[1]) argp_error(state, "--format=%s: there is no file name after the colon", text);
    if (options->output_count == DIFF_OUTPUTS_MAX)
        argp_error(state, "--format: more than %d in one run", DIFF_OUTPUTS_MAX);
    options->outputs[options->output_count++] =
        (struct diff_output){(enum diff_format)i, colon ? colon + 1 : NULL, 0};
}

/* -o names the file of the one format that has none; how many findings are shown depends on the format. */
static void settle_outputs(struct argp_state *state, const struct diff_arguments *arguments) {
    struct diff_options *options = arguments->options;
    struct diff_output *bare = NULL;
    size_t bare_count = 0;
    if (!options->output_count) options->outputs[options->output_count++] = (struct diff_output){0};
    for (size_t i = 0; i < options->output_count; i++) {
        struct diff_output *output = &options->outputs[i];
        bool short_one = output->format == DIFF_FORMAT_TABLE || output->format == DIFF_FORMAT_MARKDOWN;
        output->top = arguments->top_given ? arguments->top : short_one ? DEFAULT_TOP : 0;
        if (output->file) continue;
        bare = output;
        bare_count++;
    }
    if (arguments->file && bare_count != 1)
        argp_error(state, "-o %s: it names the file of the one --format that has none, but here %s",
                   arguments->file, bare_count ? "several have none" : "each has one");
    if (arguments->file) bare->file = arguments->file;
    for (size_t i = 0; i < options->output_count; i++)
        if (options->outputs[i].file && !strcmp(options->outputs[i].file, "-"))
            options->outputs[i].file = NULL;
}

static int64_t parse_number(struct argp_state *state, const char *name, const char *text) {
    int64_t number = 0;
    if (!hs_size_parse(text, &number)) argp_error(state, "--%s=%s: must be a number from 0 on", name, text);
    return number;
}

static void check_settle(struct argp_state *state, const struct diff_options *options) {
    size_t given = !!options->settle[0] + !!options->settle[1] + !!options->settle[2];
    if (given && given < 3) argp_error(state, "--base, --busy and --settled go together");
    if (given && options->file_count)
        argp_error(state, "--base, --busy and --settled are all the files there are");
}

static const struct argp_child CHILDREN[] = {{&hs_judge_argp, 0, NULL, 0}, {&nightly_argp, 0, NULL, 0}, {0}};

static error_t parse_option(int key, char *argument, struct argp_state *state) {
    struct diff_arguments *arguments = state->input;
    struct diff_options *options = arguments->options;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->judge;
        state->child_inputs[1] = &options->nightly;
        break;
    case OPTION_FORMAT:
        add_output(state, argument, arguments);
        break;
    case 'o':
        arguments->file = argument;
        break;
    case OPTION_TOP:
        arguments->top = (size_t)parse_number(state, "top", argument);
        arguments->top_given = true;
        break;
    case OPTION_COLOR:
        if (!hs_color_mode_parse(argument, &options->color))
            argp_error(state, "--color=%s: must be auto, always or never", argument);
        break;
    case OPTION_WRITE_BASELINE:
        options->write_baseline = argument;
        break;
    case 'q':
        options->quiet = true;
        break;
    case 'v':
        options->verbose = true;
        break;
    case OPTION_BASE:
    case OPTION_BUSY:
    case OPTION_SETTLED:
        options->settle[key - OPTION_BASE] = argument;
        break;
    case ARGP_KEY_ARGS:
        options->files = state->argv + state->next;
        options->file_count = (size_t)(state->argc - state->next);
        break;
    case ARGP_KEY_END:
        settle_outputs(state, arguments);
        check_settle(state, options);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

void diff_options_parse(int argc, char **argv, struct diff_options *ret) {
    struct diff_options options = {0};
    struct diff_arguments arguments = {.options = &options};
    hs_judge_args_init(&options.judge);
    nightly_options_init(&options.nightly);
    static const struct argp argp = {OPTIONS, parse_option, "[FILE…]", DOC, CHILDREN, NULL, NULL};
    argp_err_exit_status = EX_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &arguments)) {
        fputs("heapdiff: out of memory\n", stderr); /* wrong usage never comes back from argp */
        exit(2);
    }
    nightly_options_check(&options.nightly, options.file_count);
    *ret = options;
    if (!options.settle[0]) return;
    ret->files = ret->settle;
    ret->file_count = 3;
}
