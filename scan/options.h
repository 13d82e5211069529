/* The command line of heapscan.
 *
 * Parsed once; strings are borrowed from argv. Wrong usage ends the program with status 64 inside the parser, as argp does
 * it. No input or output happens here. */
#ifndef HS_SCAN_OPTIONS_H
#define HS_SCAN_OPTIONS_H

#include "base/progress.h"
#include "out/class_table.h"

enum scan_format { SCAN_FORMAT_AUTO, SCAN_FORMAT_TABLE, SCAN_FORMAT_NDJSON };

/* One -c or -p: `text` without the leading '!'. */
struct scan_filter {
    const char *text;
    bool property; /* -p, else -c */
    bool exclude;
};

struct scan_options {
    const char *output; /* -o, NULL: standard output */
    enum scan_format format;
    enum hs_class_sort sort;
    size_t top;
    bool quick, list, reachable, unreachable, verbose, quiet, explain;
    bool like_given;
    hs_addr like;
    uint64_t limit; /* of --list; 0: all */
    const char *exe, *sysroot, *metadata, *save_metadata;
    unsigned threads;
    enum hs_progress_mode progress;
    enum hs_color_mode color;
    struct scan_filter *filters;
    size_t filter_count;
    const char **recorded; /* the options that shape the result, for the snapshot's header */
    size_t recorded_count;
    char **sources;
    size_t source_count;
};

#define SCAN_TOOL "heapscan " HEAPSCAN_VERSION
enum { SCAN_EXIT_COMPLETE = 0, SCAN_EXIT_PARTIAL = 1, SCAN_EXIT_FAILED = 2, SCAN_EXIT_USAGE = 64 };

void scan_options_parse(int argc, char **argv, struct scan_options *ret);

#endif
