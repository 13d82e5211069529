/* The options of the command line by which growth is judged: the same ones in every program that judges.
 *
 * An argp child: a program names hs_judge_argp among its children and hands the struct down in
 * ARGP_KEY_INIT (state->child_inputs). Texts are borrowed from argv. Wrong usage ends the program inside
 * argp. No state but the struct: one thread at a time. */
#ifndef HS_OUT_JUDGE_ARGS_H
#define HS_OUT_JUDGE_ARGS_H

#include "trend/judge.h"
#include <argp.h>

struct hs_judge_args {
    int64_t min_bytes, content_min_bytes, min_count;
    const char **ignore_files; /* free() with hs_judge_args_deinit() */
    size_t ignore_count;
    bool internals;
    size_t min_steps;
    double max_chance;
    const char *baseline; /* or NULL */
};

extern const struct argp hs_judge_argp;

/* What holds when no option is given. */
void hs_judge_args_init(struct hs_judge_args *args);
void hs_judge_args_deinit(struct hs_judge_args *args);
/* Reads the files of --ignore into `ignore`, and that of --baseline, and fills `ret`, which then points to
 * them; hs_judge_args_unload() ends the baseline. */
struct hs_error *hs_judge_args_load(const struct hs_judge_args *args, struct hs_ignore *ignore,
                                    struct hs_judge_options *ret) HS_MUST_CHECK;
/* Zero-initialised or loaded. */
void hs_judge_args_unload(struct hs_judge_options *options);

#endif
