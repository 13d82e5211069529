#include "nightly_options.h"

#include "out/size.h"
#include "trend/history.h"
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { OPTION_STORE = 0x3000, OPTION_SERIES, OPTION_LAST, OPTION_KEEP, OPTION_LIST, OPTION_FALSE_ALARMS };
enum { NIGHTS_MAX = 100000 };

static const struct argp_option OPTIONS[] = {
    {NULL, 0, NULL, 0, "History:", 4},
    {"store", OPTION_STORE, "FILE", 0, "Add the snapshots to the history in FILE (made if it is not there)",
     4},
    {"series", OPTION_SERIES, "NAME", 0, "Which program it is, where FILE holds several (default: default)",
     4},
    {"last", OPTION_LAST, "N", 0, "Judge tonight against the last N nights, tonight included", 4},
    {"false-alarms", OPTION_FALSE_ALARMS, "P", 0,
     "How large a part of --last's findings may be false (default 0.01)", 4},
    {"keep", OPTION_KEEP, "N", 0, "Drop all nights of the series but the last N", 4},
    {"list-nights", OPTION_LIST, NULL, 0, "List the nights in the history, and end", 4},
    {0},
};

static size_t parse_nights(struct argp_state *state, const char *name, const char *text) {
    int64_t number;
    if (!hs_size_parse(text, &number) || number < 1 || number > NIGHTS_MAX)
        argp_error(state, "--%s=%s: must be a number of nights, from 1 on", name, text);
    return (size_t)number;
}

static double parse_part(struct argp_state *state, const char *text) {
    char *end;
    double part = strtod(text, &end);
    if (end == text || *end || !(part >= 0 && part <= 1))
        argp_error(state, "--false-alarms=%s: must be a part of 1, such as 0.05", text);
    return part;
}

static error_t parse_option(int key, char *argument, struct argp_state *state) {
    struct nightly_options *options = state->input;
    switch (key) {
    case OPTION_STORE:
        options->store = argument;
        break;
    case OPTION_SERIES:
        options->series = argument;
        break;
    case OPTION_LAST:
        options->last = parse_nights(state, "last", argument);
        break;
    case OPTION_KEEP:
        options->keep = parse_nights(state, "keep", argument);
        break;
    case OPTION_FALSE_ALARMS:
        options->significance = parse_part(state, argument);
        break;
    case OPTION_LIST:
        options->list = true;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

const struct argp nightly_argp = {OPTIONS, parse_option, NULL, NULL, NULL, NULL, NULL};

void nightly_options_init(struct nightly_options *options) {
    *options = (struct nightly_options){.series = "default", .significance = HS_HISTORY_SIGNIFICANCE};
}

void nightly_options_check(const struct nightly_options *options, size_t file_count) {
    const char *wrong = NULL;
    if (!options->store && (options->last || options->keep || options->list))
        wrong = "--last, --keep and --list-nights need the history: --store FILE";
    else if (options->list && file_count) wrong = "--list-nights takes no snapshots";
    if (!wrong) return;
    fprintf(stderr, "heapdiff: %s. Try `heapdiff --help`.\n", wrong);
    exit(EX_USAGE);
}
