/* The command line of heapscan.
 *
 * Parsed once; strings are borrowed from argv. Wrong usage ends the program with status 64 inside the parser,
 * as argp does it. No input or output happens here. */
#ifndef HS_SCAN_OPTIONS_H
#define HS_SCAN_OPTIONS_H

#include "base/progress.h"
#include "out/class_table.h"

enum scan_format { SCAN_FORMAT_AUTO, SCAN_FORMAT_TABLE, SCAN_FORMAT_NDJSON };
/* AUTO reads an index that is there, and writes one unless the result is a snapshot: those are made once. */
enum scan_index_mode { SCAN_INDEX_AUTO, SCAN_INDEX_ALWAYS, SCAN_INDEX_REFRESH, SCAN_INDEX_NEVER };

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
    enum scan_index_mode index;
    bool index_beside; /* written beside the core, not in the cache directory */
    unsigned needs;    /* HS_NEED_*: what of an index will be read as a whole (group/analysis.h) */
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

/* False if `text` is none of auto, always, refresh, never. */
bool scan_index_mode_parse(const char *text, enum scan_index_mode *ret);
/* What $HEAPSCAN_INDEX says, else AUTO. */
enum scan_index_mode scan_index_mode_default(void);
void scan_options_parse(int argc, char **argv, struct scan_options *ret);

#endif
