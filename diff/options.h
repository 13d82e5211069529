/* The command line of heapdiff.
 *
 * Parsed once; strings are borrowed from argv. Wrong usage ends the program with status 64 inside the parser,
 * as argp does it. No input or output happens here. */
#ifndef HS_DIFF_OPTIONS_H
#define HS_DIFF_OPTIONS_H

#include "nightly_options.h"
#include "out/judge_args.h"
#include "out/terminal.h"

enum diff_format {
    DIFF_FORMAT_TABLE,
    DIFF_FORMAT_NDJSON,
    DIFF_FORMAT_MARKDOWN,
    DIFF_FORMAT_JUNIT,
    DIFF_FORMAT_GITHUB
};

/* One rendering of the result, and where it goes. */
struct diff_output {
    enum diff_format format;
    const char *file; /* NULL: standard output */
    size_t top;       /* findings; 0: all */
};

#define DIFF_OUTPUTS_MAX 8

struct diff_options {
    struct diff_output outputs[DIFF_OUTPUTS_MAX]; /* at least one */
    size_t output_count;
    struct hs_judge_args judge;
    struct nightly_options nightly;
    enum hs_color_mode color;
    bool quiet, verbose;
    const char *write_baseline; /* or NULL */
    char *settle[3];            /* --base, --busy, --settled: all or none; they are the files then */
    char **files;               /* none: standard input */
    size_t file_count;
};

#define DIFF_TOOL "heapdiff " HEAPSCAN_VERSION

void diff_options_parse(int argc, char **argv, struct diff_options *ret);

#endif
