#include "options.h"

#include "out/size.h"
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { OPTION_FORMAT = 256, OPTION_TOP, OPTION_COLOR };

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
    "\n"
    "Two captures show what grew; three or more show what is growing, in every step.\n"
    "\n"
    "Exit status: 0 nothing is growing past the thresholds, 1 growth, 2 trouble, 64 wrong usage.";

static const struct argp_option OPTIONS[] = {
    {"format", OPTION_FORMAT, "FORMAT", 0, "table (default) or ndjson", 1},
    {"top", OPTION_TOP, "N", 0, "Show the first N (default 20 in a table, all in ndjson; 0: all)", 1},
    {"color", OPTION_COLOR, "WHEN", 0, "auto (default), always or never; NO_COLOR is respected", 1},
    {"quiet", 'q', NULL, 0, "Only the table and the verdict; no remarks on stderr", 3},
    {"verbose", 'v', NULL, 0, "Say on stderr what is read", 3},
    {0},
};

static const char *const FORMATS[] = {"table", "ndjson", "markdown", "junit", "github"};

static void parse_format(struct argp_state *state, const char *text, struct diff_options *options) {
    size_t i = 0, count = sizeof FORMATS / sizeof *FORMATS;
    while (i < count && strcmp(text, FORMATS[i])) i++;
    if (i == count) argp_error(state, "--format=%s: must be table or ndjson", text);
    if (i > DIFF_FORMAT_NDJSON)
        argp_failure(state, EX_USAGE, 0, "--format=%s is not there yet: use table or ndjson", text);
    options->format = (enum diff_format)i;
}

static int64_t parse_number(struct argp_state *state, const char *name, const char *text) {
    int64_t number = 0;
    if (!hs_size_parse(text, &number)) argp_error(state, "--%s=%s: must be a number from 0 on", name, text);
    return number;
}

static const struct argp_child CHILDREN[] = {{&hs_judge_argp, 0, NULL, 0}, {0}};

static error_t parse_option(int key, char *argument, struct argp_state *state) {
    struct diff_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->judge;
        break;
    case OPTION_FORMAT:
        parse_format(state, argument, options);
        break;
    case OPTION_TOP:
        options->top = (size_t)parse_number(state, "top", argument);
        options->top_given = true;
        break;
    case OPTION_COLOR:
        if (!hs_color_mode_parse(argument, &options->color))
            argp_error(state, "--color=%s: must be auto, always or never", argument);
        break;
    case 'q':
        options->quiet = true;
        break;
    case 'v':
        options->verbose = true;
        break;
    case ARGP_KEY_ARGS:
        options->files = state->argv + state->next;
        options->file_count = (size_t)(state->argc - state->next);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

void diff_options_parse(int argc, char **argv, struct diff_options *ret) {
    struct diff_options options = {0};
    hs_judge_args_init(&options.judge);
    static const struct argp argp = {OPTIONS, parse_option, "[FILE…]", DOC, CHILDREN, NULL, NULL};
    argp_err_exit_status = EX_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &options)) {
        fputs("heapdiff: out of memory\n", stderr); /* wrong usage never comes back from argp */
        exit(2);
    }
    if (!options.top_given) options.top = options.format == DIFF_FORMAT_TABLE ? 20 : 0;
    *ret = options;
}
