/* The options of heapdiff that concern the history.
 *
 * An argp child, like out/judge_args.h; texts are borrowed from argv. What can't go together is refused by
 * nightly_options_check() after parsing. */
#ifndef HS_DIFF_NIGHTLY_OPTIONS_H
#define HS_DIFF_NIGHTLY_OPTIONS_H

#include "base/types.h"
#include <argp.h>

struct nightly_options {
    const char *store;   /* NULL: no history */
    const char *series;  /* which of its series */
    size_t last;         /* judge so many nights; 0: none */
    size_t keep;         /* drop all nights but so many; 0: none */
    double significance; /* of the nights */
    bool list;
};

extern const struct argp nightly_argp;

void nightly_options_init(struct nightly_options *options);
/* Ends the program with status 64 if options contradict one another. */
void nightly_options_check(const struct nightly_options *options, size_t file_count);

#endif
