/* Which verbs there are, their command lines, and the session that they share. */
#include "verbs.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "graph/heapsnapshot_node.h"
#include "index.h"

enum {
    OPTION_FORMAT = 256,
    OPTION_COLOR,
    OPTION_SYSROOT,
    OPTION_METADATA,
    OPTION_PROGRESS,
    OPTION_MAX,
    OPTION_DEPTH,
    OPTION_WIDTH,
    OPTION_TOP,
    OPTION_VALUES,
    OPTION_FOLDED,
    OPTION_INDEX,
    OPTION_INDEX_BESIDE,
    OPTION_GARBAGE,
    OPTION_REDACT,
    OPTION_NO_NUMBERS
};
enum { ADDRESSES_NONE, ADDRESSES_ONE_AT_MOST, ADDRESSES_SOME };

static const struct verb {
    const char *name, *arguments;
    const char *brief; /* of heapscan --help: at most 50 characters */
    const char *doc;
    uint8_t addresses;
    const char *options; /* names of its own options, one behind the other */
    unsigned needs;      /* HS_NEED_*: what it reads as a whole, should the core have an index */
    struct hs_error *(*run)(struct scan_session *session);
} VERBS[] = {
    {"path", "CORE ADDR...", "who holds these objects, by which path",
     "Who holds the objects at these addresses: shortest path from a root, then others that end in another "
     "holder.\v"
     "Addresses as heapscan prints them (heapscan --list, the sample of a class); a tagged one will do. In a "
     ".heapsnapshot objects are called by V8's ids, @123. The "
     "path goes over strong references "
     "only, and round V8's own machinery where it can. Arrays and tables that belong to an object are not "
     "shown: .name, [12], and [key] for "
     "the entry of a Map.",
     ADDRESSES_SOME, "max\0values\0", 0, scan_verb_path},
    {"retainers", "CORE ADDR...", "everything that points there, as a tree",
     "Who points to the objects at these addresses, and who points to those: a tree.\v"
     "An object that already stands above itself in the tree is marked \"(cycle)\", one shown before "
     "\"(above)\".",
     ADDRESSES_SOME, "depth\0width\0values\0", 0, scan_verb_retainers},
    {"dominators", "CORE [ADDR]", "what would be freed with what",
     "What would be freed with what: the top of the dominator tree, siblings of one class folded.\v"
     "--folded prints one line a branch, as tools for flame graphs read it: names from the root, separated "
     "by semicolons, and bytes.",
     ADDRESSES_ONE_AT_MOST, "depth\0width\0folded\0", 0, scan_verb_dominators},
    {"suspects", "CORE", "what looks like a leak in one core",
     "What looks like a leak in one core: objects and classes that hold much of the heap, in sentences.\v"
     "One core tells what is big, not what grows: take several and compare them with heapdiff.",
     ADDRESSES_NONE, "top\0", HS_NEED_HOLDINGS, scan_verb_suspects},
    {"export", "CORE -o FILE.heapsnapshot", "a file for Chrome DevTools and memlab",
     "Writes the heap as a .heapsnapshot, which Chrome DevTools and memlab open.\v"
     "Types, names and references are as V8's own heap snapshot has them. Only what is reachable is written; "
     "--garbage adds the rest below "
     "\"(Unreachable)\". An object that does not move keeps its id from core to core of one process, so "
     "DevTools can compare two exports.\n"
     "The file holds the contents of strings: it is as secret as the core. --redact writes their lengths "
     "instead.",
     ADDRESSES_NONE, "garbage\0redact\0no-numbers\0",
     HS_NEED_CLASSES | HS_NEED_WORDS | HS_NEED_GRAPH | HS_NEED_NO_DOMINATORS, scan_verb_export},
};

static const struct argp_option COMMON[] = {
    {"format", OPTION_FORMAT, "FORMAT", 0, "table (default) or ndjson", 1},
    {"output", 'o', "FILE", 0, "Write to FILE", 1},
    {"color", OPTION_COLOR, "WHEN", 0, "auto (default), always or never; NO_COLOR is respected", 1},
    {"exe", 'e', "FILE", 0, "The node binary that the core came from", 3},
    {"sysroot", OPTION_SYSROOT, "DIR", 0, "Look for the core's files below DIR", 3},
    {"metadata", OPTION_METADATA, "FILE", 0, "Take V8's symbols from FILE instead of a binary", 3},
    {"threads", 'j', "N", 0, "Threads (default: the processors, at most 8)", 4},
    {"index", OPTION_INDEX, "WHEN", 0,
     "Keep an index, so that the next question is quick: auto (default), always, refresh or never", 4},
    {"index-beside", OPTION_INDEX_BESIDE, NULL, 0, "Write it to CORE.hsindex instead of the cache directory",
     4},
    {"verbose", 'v', NULL, 0, "Say on stderr whether an index was used, and why not", 4},
    {"progress", OPTION_PROGRESS, "WHEN", 0, "auto (default), always or never", 4},
    {"quiet", 'q', NULL, 0, "No remarks on stderr", 4},
    {0},
};
static const struct argp_option OWN[] = {
    {"max", OPTION_MAX, "N", 0, "At most N paths an object (default 3; 0: all)", 2},
    {"depth", OPTION_DEPTH, "N", 0, "Levels of the tree", 2},
    {"width", OPTION_WIDTH, "N", 0, "Branches of a level", 2},
    {"top", OPTION_TOP, "N", 0, "At most N suspects (default 10; 0: all)", 2},
    {"values", OPTION_VALUES, NULL, 0, "Print the keys of tables: they are data of the program", 2},
    {"folded", OPTION_FOLDED, NULL, 0, "One line a branch, for flame graphs", 2},
    {"garbage", OPTION_GARBAGE, NULL, 0, "Unreachable objects too", 2},
    {"redact", OPTION_REDACT, NULL, 0, "No contents of strings and regular expressions, only their lengths",
     2},
    {"no-numbers", OPTION_NO_NUMBERS, NULL, 0,
     "No properties that are numbers, as V8 without exposeNumericValues", 2},
    {0},
};
enum { THREADS_MAX = 256, THREADS_AUTO = 8 };

struct parsing {
    const struct verb *verb;
    struct scan_verb_options *options;
};

static uint64_t parse_number(struct argp_state *state, const char *option, const char *text, int base) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, base);
    if (errno || *end || end == text || *text == '-')
        argp_error(state, "%s: \"%s\" is no number", option, text);
    return value;
}

static void take_argument(struct argp_state *state, struct parsing *parsing, char *text) {
    struct scan_verb_options *options = parsing->options;
    if (!options->core) {
        options->core = text;
        return;
    }
    if (parsing->verb->addresses == ADDRESSES_NONE ||
        (parsing->verb->addresses == ADDRESSES_ONE_AT_MOST && options->address_count))
        argp_error(state, "one argument too many: %s", text);
    hs_addr *grown = reallocarray(options->addresses, options->address_count + 1, sizeof *grown);
    if (!grown) argp_failure(state, SCAN_EXIT_FAILED, errno, "addresses");
    options->addresses = grown;
    if (!scan_address_parse(text, &grown[options->address_count++]))
        argp_error(state, "\"%s\" is no address", text);
}

/* Verbs whose result is a file: they write it themselves, whole or not at all. */
static bool writes_a_file(const struct verb *verb) {
    return verb->run == scan_verb_export;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct parsing *parsing = state->input;
    struct scan_verb_options *options = parsing->options;
    switch (key) {
    case OPTION_FORMAT:
        if (strcmp(text, "table") && strcmp(text, "ndjson"))
            argp_error(state, "--format=%s: not one of its values", text);
        options->scan.format = *text == 't' ? SCAN_FORMAT_TABLE : SCAN_FORMAT_NDJSON;
        break;
    case OPTION_COLOR:
        if (!hs_color_mode_parse(text, &options->scan.color))
            argp_error(state, "--color=%s: not one of its values", text);
        break;
    case OPTION_PROGRESS:
        if (!hs_progress_mode_parse(text, &options->scan.progress))
            argp_error(state, "--progress=%s: not one of its values", text);
        break;
    case 'o':
        options->scan.output = text;
        break;
    case 'e':
        options->scan.exe = text;
        break;
    case 'q':
        options->scan.quiet = true;
        break;
    case 'v':
        options->scan.verbose = true;
        break;
    case OPTION_INDEX:
        if (!scan_index_mode_parse(text, &options->scan.index))
            argp_error(state, "--index=%s: not one of its values", text);
        break;
    case OPTION_INDEX_BESIDE:
        options->scan.index_beside = true;
        break;
    case OPTION_SYSROOT:
        options->scan.sysroot = text;
        break;
    case OPTION_METADATA:
        options->scan.metadata = text;
        break;
    case 'j':
        options->scan.threads = (unsigned)parse_number(state, "--threads", text, 10);
        if (options->scan.threads < 1 || options->scan.threads > THREADS_MAX)
            argp_error(state, "--threads: 1 to %d", THREADS_MAX);
        break;
    case OPTION_MAX:
        options->max = parse_number(state, "--max", text, 10);
        break;
    case OPTION_DEPTH:
        options->depth = parse_number(state, "--depth", text, 10);
        break;
    case OPTION_WIDTH:
        options->width = parse_number(state, "--width", text, 10);
        break;
    case OPTION_TOP:
        options->top = parse_number(state, "--top", text, 10);
        break;
    case OPTION_VALUES:
        options->values = true;
        break;
    case OPTION_FOLDED:
        options->folded = true;
        break;
    case OPTION_GARBAGE:
        options->garbage = true;
        break;
    case OPTION_REDACT:
        options->redact = true;
        break;
    case OPTION_NO_NUMBERS:
        options->no_numbers = true;
        break;
    case ARGP_KEY_ARG:
        take_argument(state, parsing, text);
        break;
    case ARGP_KEY_END:
        if (!options->core) argp_error(state, "no core given");
        if (writes_a_file(parsing->verb) && !options->scan.output)
            argp_error(state, "no file given: -o FILE.heapsnapshot");
        if (parsing->verb->addresses == ADDRESSES_SOME && !options->address_count)
            argp_error(state, "no address given: heapscan --list prints those of a class");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static bool has_option(const struct verb *verb, const char *name) {
    for (const char *p = verb->options; *p; p += strlen(p) + 1)
        if (strcmp(p, name) == 0) return true;
    return false;
}

static void parse(const struct verb *verb, int argc, char **argv, struct scan_verb_options *ret) {
    struct argp_option options[sizeof COMMON / sizeof *COMMON + sizeof OWN / sizeof *OWN];
    size_t count = 0;
    for (size_t i = 0; COMMON[i].name; i++) options[count++] = COMMON[i];
    for (size_t i = 0; OWN[i].name; i++)
        if (has_option(verb, OWN[i].name)) options[count++] = OWN[i];
    options[count] = (struct argp_option){0};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *ret = (struct scan_verb_options){.max = 3, .top = 10};
    ret->scan.index = scan_index_mode_default();
    ret->scan.needs = verb->needs;
    ret->scan.threads = processors < 1 ? 1 : processors > THREADS_AUTO ? THREADS_AUTO : (unsigned)processors;
    struct argp parser = {options, parse_option, verb->arguments, verb->doc, NULL, NULL, NULL};
    struct parsing parsing = {verb, ret};
    char name[64];
    snprintf(name, sizeof name, "heapscan %s", verb->name);
    argv[0] = name;
    argp_err_exit_status = SCAN_EXIT_USAGE;
    if (argp_parse(&parser, argc, argv, 0, NULL, &parsing)) exit(SCAN_EXIT_FAILED);
}

/* --- the session */

struct hs_error *scan_session_paths(struct scan_session *session) {
    HS_TRY(hs_analysis_paths(session->capture.analysis));
    session->paths = session->analysis->paths;
    return NULL;
}

struct hs_error *scan_session_reverse(struct scan_session *session) {
    HS_TRY(hs_analysis_reverse(session->capture.analysis));
    session->reverse = session->analysis->reverse;
    return NULL;
}

struct hs_error *scan_session_find(struct scan_session *session, hs_addr address, hs_id *ret) {
    hs_id id = hs_analysis_find(session->analysis, address);
    if (id == HS_ID_NONE) return scan_address_missing(&session->capture, address);
    *ret = id;
    return NULL;
}

static struct hs_error *open_session(struct scan_session *session) {
    const struct scan_verb_options *options = session->options;
    HS_TRY(scan_capture_open(options->core, &options->scan, &session->capture));
    HS_TRY(scan_capture_scan(&options->scan, &session->capture));
    session->analysis = session->capture.analysis;
    HS_TRY(hs_analysis_edges(session->analysis, &session->edges));
    if (options->scan.output && !session->writes_a_file && !(session->out = fopen(options->scan.output, "w")))
        return hs_error_create_errno("%s: cannot write", options->scan.output);
    session->terminal = hs_terminal_detect(session->out, options->scan.color);
    if (!session->capture.loaded || session->writes_a_file) return NULL;
    session->real = session->out;
    session->out = open_memstream(&session->text, &session->text_size);
    return session->out ? NULL : HS_ENOMEM;
}

/* Gives out what was held back. False: the index turned out to be damaged, and the answer with it. */
static bool release(struct scan_session *session, struct hs_error **error) {
    bool whole = !hs_analysis_is_damaged(session->capture.loaded);
    if (!session->real) return whole;
    if (session->out && fclose(session->out) && !*error) *error = HS_ENOMEM;
    session->out = session->real;
    if (whole && !*error) fwrite(session->text, 1, session->text_size, session->out);
    return whole;
}

static void close_session(struct scan_session *session) {
    hs_edges_destroy(session->edges);
    hs_cpp_holders_deinit(&session->holders);
    free(session->text);
    scan_capture_close(&session->capture);
}

static void say(const struct scan_session *session, const char *sentence) {
    if (session->options->scan.quiet) return;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_escape_terminal_string(&text, sentence);
    fprintf(stderr, "heapscan: %s\n", text.data);
}

static int run(const struct verb *verb, const struct scan_verb_options *options) {
    struct scan_session session = {.options = options,
                                   .out = stdout,
                                   .ndjson = options->scan.format == SCAN_FORMAT_NDJSON,
                                   .writes_a_file = writes_a_file(verb)};
    struct hs_error *error = open_session(&session);
    if (!error) error = verb->run(&session);
    if (!error) error = hs_js_error(session.capture.group->js);
    if (!error && session.analysis->file) error = hs_heapsnapshot_error(session.analysis->file);
    if (!release(&session, &error)) {
        scan_index_condemn(&options->scan, &session.capture);
        if (session.out && session.out != stdout) fclose(session.out);
        hs_error_destroy(error);
        close_session(&session);
        struct scan_verb_options again = *options;
        again.scan.index = SCAN_INDEX_REFRESH;
        return run(verb, &again);
    }
    bool to_file = session.out && session.out != stdout;
    if (((to_file ? fclose(session.out) : fflush(stdout)) || ferror(stdout)) && !error)
        error = hs_error_create_errno("%s: cannot write", to_file ? options->scan.output : "standard output");
    for (size_t i = 0; !error && i < session.capture.reason_count; i++)
        say(&session, session.capture.reasons[i]);
    if (!error) scan_index_save(&options->scan, &session.capture);
    int status = error ? SCAN_EXIT_FAILED : session.capture.complete ? SCAN_EXIT_COMPLETE : SCAN_EXIT_PARTIAL;
    if (error) fprintf(stderr, "heapscan: %s\n", error->message);
    hs_error_destroy(error);
    close_session(&session);
    return status;
}

const char *scan_verb_name(size_t i) {
    return i < sizeof VERBS / sizeof *VERBS ? VERBS[i].name : NULL;
}

void scan_verb_list(struct hs_strbuf *out) {
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++) {
        char call[32];
        snprintf(call, sizeof call, "%s %.*s", VERBS[i].name, (int)strcspn(VERBS[i].arguments, "-"),
                 VERBS[i].arguments);
        hs_strbuf_printf(out, "  heapscan %-23s %s\n", call, VERBS[i].brief);
    }
}

bool scan_verb_run(int argc, char **argv, int *status_ret) {
    for (size_t i = 0; argc > 1 && i < sizeof VERBS / sizeof *VERBS; i++) {
        if (strcmp(argv[1], VERBS[i].name) != 0) continue;
        struct scan_verb_options options;
        parse(&VERBS[i], argc - 1, argv + 1, &options);
        *status_ret = run(&VERBS[i], &options);
        free(options.addresses);
        return true;
    }
    return false;
}
