#define _GNU_SOURCE 1 /* reallocarray */
#include "verbs.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OPTION_FORMAT = 256,
    OPTION_QUICK,
    OPTION_LIKE,
    OPTION_LIMIT,
    OPTION_SORT,
    OPTION_TOP,
    OPTION_SYSROOT,
    OPTION_METADATA,
    OPTION_SAVE_METADATA,
    OPTION_PROGRESS,
    OPTION_COLOR,
    OPTION_EXPLAIN,
    OPTION_REACHABLE,
    OPTION_UNREACHABLE,
    OPTION_INDEX,
    OPTION_INDEX_BESIDE
};
enum { DEFAULT_TOP = 40, THREADS_MAX = 64, THREADS_AUTO = 8 };

const char *argp_program_version = SCAN_TOOL;

static const char DOC[] =
    "Says what is in the heap of a Node.js process, from a core dump of it (Node 0.10 to 26).\v"
    "At a terminal a table of classes is printed; into a pipe or a file goes one snapshot a CORE, for "
    "heapdiff. A core is made "
    "with `gcore PID`: the process stops for a second or two and lives on. Compressed cores (.zst) are read "
    "as they are.\n"
    "\n"
    "Examples:\n"
    "  heapscan core.1234                        what is in this heap?\n"
    "  heapscan core.a core.b core.c | heapdiff  what grew?\n"
    "  heapscan -c Session core.a                only objects made by Session\n"
    "  heapscan -p socket -c '!Socket' core.a    has .socket, is no Socket\n"
    "  heapscan -l -c Session --limit 3 core.a   the addresses of three of them\n"
    "  heapscan core.a -o monday.hsnap.zst       keep this, throw the core away\n"
    "  heapscan --sysroot /proc/1234/root core   the process ran in a container\n"
    "\n"
    "The binary that ran is looked for at the path in the core and checked by its build-id; give another "
    "with --exe.\n"
    "Property names are shown, values, string contents and the keys of tables never: a core holds secrets.\n"
    "\n"
    "Exit status: 0 complete, 1 partial (a part of the heap is missing or was lost), 2 failed, 64 wrong "
    "usage.";

static const struct argp_option OPTIONS[] = {
    {"output", 'o', "FILE", 0, "Write to FILE (.zst: compressed) instead of standard output", 1},
    {"format", OPTION_FORMAT, "FORMAT", 0, "table or ndjson (default: table at a terminal, else ndjson)", 1},
    {"sort", OPTION_SORT, "KEY", 0, "Order of the table: bytes (default), count, retained or name", 1},
    {"top", OPTION_TOP, "N", 0, "Rows of the table (default 40; 0: all)", 1},
    {"color", OPTION_COLOR, "WHEN", 0, "auto (default), always or never; NO_COLOR is respected", 1},
    {"quick", OPTION_QUICK, NULL, 0, "Classes only: no roots, no graph", 2},
    {"constructor", 'c', "NAME", 0, "Only classes of this constructor; !NAME: all but these (repeatable)", 2},
    {"property", 'p', "NAME", 0, "Only classes with this property; !NAME: without it (repeatable)", 2},
    {"like", OPTION_LIKE, "ADDR", 0, "Only the class of the object at ADDR", 2},
    {"list", 'l', NULL, 0, "Print the addresses of the objects, one a line", 2},
    {"limit", OPTION_LIMIT, "N", 0, "At most N addresses (with --list)", 2},
    {"reachable", OPTION_REACHABLE, NULL, 0, "Only objects that something holds (with --list)", 2},
    {"unreachable", OPTION_UNREACHABLE, NULL, 0, "Only garbage (with --list)", 2},
    {"exe", 'e', "FILE", 0, "The node binary that the core came from", 3},
    {"sysroot", OPTION_SYSROOT, "DIR", 0, "Look for the core's files below DIR", 3},
    {"metadata", OPTION_METADATA, "FILE", 0, "Take V8's symbols from FILE instead of a binary", 3},
    {"save-metadata", OPTION_SAVE_METADATA, "FILE", 0,
     "Write V8's symbols of the node binary given as argument to FILE", 3},
    {"threads", 'j', "N", 0, "Threads (default: the processors, at most 8)", 4},
    {"index", OPTION_INDEX, "WHEN", 0,
     "Keep an index, so that the next question is quick: auto (default; not for snapshots), always, refresh "
     "or never",
     4},
    {"index-beside", OPTION_INDEX_BESIDE, NULL, 0, "Write it to CORE.hsindex instead of the cache directory",
     4},
    {"progress", OPTION_PROGRESS, "WHEN", 0, "auto (default), always or never", 4},
    {"explain-layout", OPTION_EXPLAIN, NULL, 0, "Print every fact of V8's layout and where it comes from", 4},
    {"verbose", 'v', NULL, 0, "Say on stderr how every byte of the heap is accounted for", 4},
    {"quiet", 'q', NULL, 0, "No remarks on stderr", 4},
    {0},
};

bool scan_index_mode_parse(const char *text, enum scan_index_mode *ret) {
    static const char *const names[] = {"auto", "always", "refresh", "never"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) != 0) continue;
        *ret = (enum scan_index_mode)i;
        return true;
    }
    return false;
}

enum scan_index_mode scan_index_mode_default(void) {
    enum scan_index_mode mode = SCAN_INDEX_AUTO;
    const char *text = getenv("HEAPSCAN_INDEX");
    if (text && *text && !scan_index_mode_parse(text, &mode))
        fprintf(stderr, "heapscan: HEAPSCAN_INDEX is none of auto, always, refresh, never\n");
    return mode;
}

static uint64_t parse_number(struct argp_state *state, const char *option, const char *text, int base) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, base);
    if (errno || *end || end == text || *text == '-')
        argp_error(state, "%s: \"%s\" is no number", option, text);
    return value;
}

static void record(struct argp_state *state, struct scan_options *options, const char *flag,
                   const char *value) {
    const char **grown = reallocarray(options->recorded, options->recorded_count + 2, sizeof *grown);
    if (!grown) argp_failure(state, SCAN_EXIT_FAILED, errno, "options");
    options->recorded = grown;
    grown[options->recorded_count++] = flag;
    if (value) grown[options->recorded_count++] = value;
}

static void add_filter(struct argp_state *state, struct scan_options *options, const char *text,
                       bool property) {
    struct scan_filter *grown = reallocarray(options->filters, options->filter_count + 1, sizeof *grown);
    if (!grown) argp_failure(state, SCAN_EXIT_FAILED, errno, "options");
    options->filters = grown;
    bool exclude = *text == '!';
    grown[options->filter_count++] =
        (struct scan_filter){.text = text + exclude, .property = property, .exclude = exclude};
    record(state, options, property ? "--property" : "--constructor", text);
}

static void parse_enum(struct argp_state *state, int key, const char *text, struct scan_options *options) {
    bool good = true;
    const char *name = "";
    switch (key) {
    case OPTION_FORMAT:
        name = "--format";
        good = strcmp(text, "table") == 0 || strcmp(text, "ndjson") == 0;
        options->format = *text == 't' ? SCAN_FORMAT_TABLE : SCAN_FORMAT_NDJSON;
        break;
    case OPTION_SORT:
        name = "--sort";
        good = hs_class_sort_parse(text, &options->sort);
        break;
    case OPTION_PROGRESS:
        name = "--progress";
        good = hs_progress_mode_parse(text, &options->progress);
        break;
    case OPTION_INDEX:
        name = "--index";
        good = scan_index_mode_parse(text, &options->index);
        break;
    case OPTION_COLOR:
        name = "--color";
        good = hs_color_mode_parse(text, &options->color);
        break;
    }
    if (!good) argp_error(state, "%s=%s: not one of its values", name, text);
}

static void finish(struct argp_state *state, struct scan_options *options) {
    /* A verb behind options is taken for a file: say so instead of looking for one. */
    const char *verb;
    for (size_t i = 0; options->source_count > 0 && (verb = scan_verb_name(i)); i++)
        if (strcmp(options->sources[0], verb) == 0 && access(verb, F_OK) != 0)
            argp_error(state, "the verb comes first: heapscan %s [OPTION...] CORE ...", verb);
    if (options->save_metadata && options->source_count != 1)
        argp_error(state, "--save-metadata FILE needs one NODE binary as argument");
    if (options->source_count == 0) argp_error(state, "no core given");
    if (options->explain && options->source_count > 1) argp_error(state, "--explain-layout takes one core");
    if ((options->reachable || options->unreachable) && !options->list)
        argp_error(state, "--reachable and --unreachable go with --list");
    if (options->reachable && options->unreachable)
        argp_error(state, "--reachable or --unreachable, not both");
    if (options->quick && (options->reachable || options->unreachable))
        argp_error(state, "--quick does not find out what is reachable");
    if (options->limit && !options->list) argp_error(state, "--limit goes with --list");
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct scan_options *options = state->input;
    switch (key) {
    case 'o':
        options->output = text;
        break;
    case 'c':
        add_filter(state, options, text, false);
        break;
    case 'p':
        add_filter(state, options, text, true);
        break;
    case 'l':
        options->list = true;
        break;
    case 'e':
        options->exe = text;
        break;
    case 'v':
        options->verbose = true;
        break;
    case 'q':
        options->quiet = true;
        break;
    case 'j':
        options->threads = (unsigned)parse_number(state, "--threads", text, 10);
        if (options->threads < 1 || options->threads > THREADS_MAX)
            argp_error(state, "--threads: 1 to %d", THREADS_MAX);
        break;
    case OPTION_QUICK:
        options->quick = true;
        record(state, options, "--quick", NULL);
        break;
    case OPTION_LIKE:
        if (!scan_address_parse(text, &options->like))
            argp_error(state, "--like: \"%s\" is no address", text);
        options->like_given = true;
        record(state, options, "--like", text);
        break;
    case OPTION_LIMIT:
        options->limit = parse_number(state, "--limit", text, 10);
        break;
    case OPTION_TOP:
        options->top = parse_number(state, "--top", text, 10);
        break;
    case OPTION_SYSROOT:
        options->sysroot = text;
        break;
    case OPTION_METADATA:
        options->metadata = text;
        break;
    case OPTION_SAVE_METADATA:
        options->save_metadata = text;
        break;
    case OPTION_EXPLAIN:
        options->explain = true;
        break;
    case OPTION_FORMAT:
    case OPTION_SORT:
    case OPTION_PROGRESS:
    case OPTION_INDEX:
    case OPTION_COLOR:
        parse_enum(state, key, text, options);
        break;
    case OPTION_INDEX_BESIDE:
        options->index_beside = true;
        break;
    case OPTION_REACHABLE:
        options->reachable = true;
        break;
    case OPTION_UNREACHABLE:
        options->unreachable = true;
        break;
    case ARGP_KEY_ARG:
        break;
    case ARGP_KEY_ARGS:
        return ARGP_ERR_UNKNOWN;
    case ARGP_KEY_END:
        finish(state, options);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (key == ARGP_KEY_ARG) {
        char **grown = reallocarray(options->sources, options->source_count + 1, sizeof *grown);
        if (!grown) argp_failure(state, SCAN_EXIT_FAILED, errno, "options");
        options->sources = grown;
        grown[options->source_count++] = text;
    }
    return 0;
}

/* argp frees what it is given. */
static char *help_filter(int key, const char *text, void *input) {
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC) return (char *)text;
    HS_STRBUF_AUTO help = HS_STRBUF_INIT;
    hs_strbuf_puts(&help, "Verbs, each with --help of its own:\n");
    scan_verb_list(&help);
    hs_strbuf_printf(&help, "\n%s", text);
    char *whole = hs_strbuf_detach(&help, NULL);
    return whole ? whole : (char *)text;
}

void scan_options_parse(int argc, char **argv, struct scan_options *ret) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *ret = (struct scan_options){.top = DEFAULT_TOP,
                                 .index = scan_index_mode_default(),
                                 .threads = processors < 1              ? 1
                                            : processors > THREADS_AUTO ? THREADS_AUTO
                                                                        : (unsigned)processors};
    static const struct argp parser = {
        OPTIONS, parse_option, "CORE...\n--save-metadata FILE NODE", DOC, NULL, help_filter, NULL};
    argp_err_exit_status = SCAN_EXIT_USAGE;
    error_t error = argp_parse(&parser, argc, argv, 0, NULL, ret);
    if (error) exit(SCAN_EXIT_FAILED);
}
