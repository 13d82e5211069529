#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "report.h"

enum { OPTION_FORMAT = 256, OPTION_PNG, OPTION_GNUPLOT };

const char *argp_program_version = REPORT_TOOL;

static const char DOC[] =
    "Shows what grew between heap snapshots of heapscan: one HTML file to look at.\v"
    "Without FILE, snapshots are read from standard input; a stream may hold many. Two captures show what "
    "grew, "
    "three and more what is growing; one shows what is in the heap.\n"
    "\n"
    "Examples:\n"
    "  heapscan core.1 core.2 core.3 | heapreport -o report.html\n"
    "  heapreport *.hsnap.zst --png figures -o report.html\n"
    "  heapreport --format=text *.hsnap >>nightly.log\n"
    "\n"
    "Exit status: 0 the report is written, whatever it says; 2 trouble, 64 wrong usage.";

static const struct argp_option OPTIONS[] = {
    {"output", 'o', "FILE", 0, "Write the report here (default: standard output)", 1},
    {"format", OPTION_FORMAT, "FORMAT", 0, "html (default) or text, for a log", 1},
    {"png", OPTION_PNG, "DIR", 0, "Write the figures as DIR/growth.png and DIR/heap.png too", 1},
    {"gnuplot", OPTION_GNUPLOT, "PROGRAM", 0, "What draws the figures (default gnuplot; none: plain lines)",
     1},
    {"quiet", 'q', NULL, 0, "No remarks on stderr", 3},
    {0},
};

static const struct argp_child CHILDREN[] = {{&hs_judge_argp, 0, NULL, 0}, {0}};

static error_t parse_option(int key, char *argument, struct argp_state *state) {
    struct report_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->judge;
        break;
    case 'o':
        options->output = argument;
        break;
    case OPTION_FORMAT:
        if (!strcmp(argument, "html")) options->format = REPORT_HTML;
        else if (!strcmp(argument, "text")) options->format = REPORT_TEXT;
        else argp_error(state, "--format=%s: must be html or text", argument);
        break;
    case OPTION_PNG:
        options->png = argument;
        break;
    case OPTION_GNUPLOT:
        options->gnuplot = argument;
        break;
    case 'q':
        options->quiet = true;
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

void report_options_parse(int argc, char **argv, struct report_options *ret) {
    struct report_options options = {.gnuplot = "gnuplot"};
    hs_judge_args_init(&options.judge);
    static const struct argp argp = {OPTIONS, parse_option, "[FILE…]", DOC, CHILDREN, NULL, NULL};
    argp_err_exit_status = EX_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &options)) {
        fputs("heapreport: out of memory\n", stderr); /* wrong usage never comes back from argp */
        exit(2);
    }
    *ret = options;
}
