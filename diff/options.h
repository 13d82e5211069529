/* The command line of heapdiff.
 *
 * Parsed once; strings are borrowed from argv. Wrong usage ends the program with status 64 inside the parser,
 * as argp does it. No input or output happens here. */
#ifndef HS_DIFF_OPTIONS_H
#define HS_DIFF_OPTIONS_H

#include "out/judge_args.h"
#include "out/terminal.h"

enum diff_format { DIFF_FORMAT_TABLE, DIFF_FORMAT_NDJSON };

struct diff_options {
    enum diff_format format;
    size_t top;     /* 0: all */
    bool top_given; /* else 20 rows in a table, all in NDJSON */
    struct hs_judge_args judge;
    enum hs_color_mode color;
    bool quiet, verbose;
    char **files; /* none: standard input */
    size_t file_count;
};

#define DIFF_TOOL "heapdiff " HEAPSCAN_VERSION

void diff_options_parse(int argc, char **argv, struct diff_options *ret);

#endif
