#define _GNU_SOURCE 1 /* reallocarray */
#include "out/judge_args.h"

#include "out/size.h"
#include "trend/baseline.h"
#include <stdlib.h>

enum {
    OPTION_MIN_BYTES = 0x2000,
    OPTION_MIN_COUNT,
    OPTION_IGNORE,
    OPTION_INTERNALS,
    OPTION_MIN_STEPS,
    OPTION_SIGNIFICANCE,
    OPTION_BASELINE
};

static const struct argp_option OPTIONS[] = {
    {"min-bytes", OPTION_MIN_BYTES, "SIZE", 0,
     "Growth of less is noise (default 1k, and 16k for strings, arrays and other content; suffixes k, m, g)",
     2},
    {"min-count", OPTION_MIN_COUNT, "N", 0, "Growth of fewer objects is noise (default 0)", 2},
    {"min-steps", OPTION_MIN_STEPS, "N", 0, "No alarm for growth in fewer steps between captures (default 1)",
     2},
    {"significance", OPTION_SIGNIFICANCE, "P", 0,
     "No alarm where chance makes such a series more often than P (0 to 1, default 1)", 2},
    {"baseline", OPTION_BASELINE, "FILE", 0,
     "No alarm for the findings in FILE (of --write-baseline) unless they grow faster", 2},
    {"ignore", OPTION_IGNORE, "FILE", 0, "Mute known growth: lines of PATTERN  # reason (repeatable)", 2},
    {"internals", OPTION_INTERNALS, NULL, 0, "Rank V8's own kinds too (code, feedback, maps)", 2},
    {0},
};

static int64_t parse_number(struct argp_state *state, const char *name, const char *text) {
    int64_t number = 0;
    if (!hs_size_parse(text, &number)) argp_error(state, "--%s=%s: must be a number from 0 on", name, text);
    return number;
}

static double parse_part(struct argp_state *state, const char *text) {
    char *end;
    double part = strtod(text, &end);
    if (end == text || *end || !(part > 0 && part <= 1))
        argp_error(state, "--significance=%s: must be a part of 1, such as 0.05", text);
    return part;
}

static void add_ignore(struct argp_state *state, struct hs_judge_args *args, const char *path) {
    const char **files = reallocarray(args->ignore_files, args->ignore_count + 1, sizeof *files);
    if (!files) argp_failure(state, 2, 0, "out of memory");
    args->ignore_files = files;
    args->ignore_files[args->ignore_count++] = path;
}

static error_t parse_option(int key, char *argument, struct argp_state *state) {
    struct hs_judge_args *args = state->input;
    switch (key) {
    case OPTION_MIN_BYTES:
        args->min_bytes = args->content_min_bytes = parse_number(state, "min-bytes", argument);
        break;
    case OPTION_MIN_COUNT:
        args->min_count = parse_number(state, "min-count", argument);
        break;
    case OPTION_IGNORE:
        add_ignore(state, args, argument);
        break;
    case OPTION_MIN_STEPS:
        args->min_steps = (size_t)parse_number(state, "min-steps", argument);
        break;
    case OPTION_SIGNIFICANCE:
        args->max_chance = parse_part(state, argument);
        break;
    case OPTION_BASELINE:
        args->baseline = argument;
        break;
    case OPTION_INTERNALS:
        args->internals = true;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

const struct argp hs_judge_argp = {OPTIONS, parse_option, NULL, NULL, NULL, NULL, NULL};

void hs_judge_args_init(struct hs_judge_args *args) {
    *args = (struct hs_judge_args){.min_bytes = HS_JUDGE_MIN_BYTES,
                                   .content_min_bytes = HS_JUDGE_CONTENT_MIN_BYTES,
                                   .min_count = HS_JUDGE_MIN_COUNT};
}

void hs_judge_args_deinit(struct hs_judge_args *args) {
    free(args->ignore_files);
    args->ignore_files = NULL;
    args->ignore_count = 0;
}

struct hs_error *hs_judge_args_load(const struct hs_judge_args *args, struct hs_ignore *ignore,
                                    struct hs_judge_options *ret) {
    for (size_t i = 0; i < args->ignore_count; i++) HS_TRY(hs_ignore_load(ignore, args->ignore_files[i]));
    struct hs_baseline *baseline = NULL;
    if (args->baseline) HS_TRY(hs_baseline_load(args->baseline, &baseline));
    *ret =
        (struct hs_judge_options){args->min_bytes, args->content_min_bytes, args->min_count,  args->internals,
                                  ignore,          args->min_steps,         args->max_chance, baseline};
    return NULL;
}

void hs_judge_args_unload(struct hs_judge_options *options) {
    hs_baseline_destroy(options->baseline);
    options->baseline = NULL;
}
