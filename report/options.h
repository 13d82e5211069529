/* The command line of heapreport. Strings are borrowed from argv; wrong usage ends the program with status 64
 * inside the parser, as argp does it. No input or output happens here. */
#ifndef HS_REPORT_OPTIONS_H
#define HS_REPORT_OPTIONS_H

#include "out/judge_args.h"

enum report_format { REPORT_HTML, REPORT_TEXT };

struct report_options {
    enum report_format format;
    const char *output;  /* NULL: standard output */
    const char *png;     /* folder, or NULL */
    const char *gnuplot; /* program; "none": our own lines */
    struct hs_judge_args judge;
    bool quiet;
    char **files; /* none: standard input */
    size_t file_count;
};

void report_options_parse(int argc, char **argv, struct report_options *ret);

#endif
