/* heapcore: writes a core of a running process, sparse, within limits, and lets the process go on whatever
 * happens. */
#include "out/size.h"
#include "writer.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define TOOL "heapcore " HEAPSCAN_VERSION
const char *argp_program_version = TOOL;

enum { EXIT_FAILED = 2, OPTION_MAX_SIZE = 256, OPTION_MIN_FREE, OPTION_MAX_PAUSE };

static const char DOC[] =
    "Writes a core of the running process PID for heapscan.\v"
    "The process stands still for about a second per gigabyte that it has in memory, and goes on in every "
    "case. "
    "Unlike gcore, memory that is only reserved is not written: the file takes no more disk than the process "
    "takes memory. It is readable for its owner only, and has no name until it is whole.\n"
    "\n"
    "Exit status: 0 written, 2 failed, 64 wrong usage, 130 interrupted.";

static const struct argp_option OPTIONS[] = {
    {"output", 'o', "FILE", 0, "The core (default core.PID); it must not be there yet", 1},
    {"max-size", OPTION_MAX_SIZE, "SIZE", 0, "Refuse to write more than SIZE to the disk (suffixes k, m, g)",
     2},
    {"min-free", OPTION_MIN_FREE, "SIZE", 0,
     "Leave at least SIZE free on the disk (default 256m; 0: fill it)", 2},
    {"max-pause", OPTION_MAX_PAUSE, "SECONDS", 0, "Give up rather than hold the process longer", 2},
    {"quiet", 'q', NULL, 0, "Say nothing but errors", 3},
    {0},
};

struct arguments {
    pid_t pid;
    const char *file;
    struct dump_limits limits;
    bool quiet;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal) {
    interrupted = signal;
}

static int64_t parse_size(struct argp_state *state, const char *name, const char *text) {
    int64_t size = 0;
    if (!hs_size_parse(text, &size))
        argp_error(state, "--%s=%s: must be a size such as 500m or 4g", name, text);
    return size;
}

static error_t parse_option(int key, char *argument, struct argp_state *state) {
    struct arguments *arguments = state->input;
    char *end;
    switch (key) {
    case 'o':
        arguments->file = argument;
        break;
    case 'q':
        arguments->quiet = true;
        break;
    case OPTION_MAX_SIZE:
        arguments->limits.max_size = parse_size(state, "max-size", argument);
        break;
    case OPTION_MIN_FREE:
        arguments->limits.min_free = parse_size(state, "min-free", argument);
        break;
    case OPTION_MAX_PAUSE:
        arguments->limits.max_pause = strtod(argument, &end);
        if (end == argument || *end || !(arguments->limits.max_pause > 0) ||
            !isfinite(arguments->limits.max_pause))
            argp_error(state, "--max-pause=%s: must be a number of seconds", argument);
        break;
    case ARGP_KEY_ARG: {
        errno = 0;
        long pid = strtol(argument, &end, 10);
        if (state->arg_num || errno || *end || pid <= 0 || pid > INT32_MAX)
            argp_error(state, "%s: %s", argument,
                       state->arg_num ? "one process at a time" : "must be a process id");
        arguments->pid = (pid_t)pid;
        break;
    }
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no process: give its id");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static void say(const struct arguments *arguments, const struct dump_result *result) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_size_put(&text, (int64_t)result->on_disk, HS_SIGN_MINUS);
    hs_strbuf_puts(&text, " on disk (");
    hs_size_put(&text, (int64_t)result->apparent, HS_SIGN_MINUS);
    hs_strbuf_printf(&text, " with its holes), %zu threads held for %.2f s", result->threads, result->pause);
    if (result->unreadable)
        hs_strbuf_printf(&text, ", %llu pages could not be read", (unsigned long long)result->unreadable);
    fprintf(stderr, "%s: %s\n", arguments->file, text.data);
}

int main(int argc, char **argv) {
    struct arguments arguments = {.limits = {.min_free = 256 << 20, .stopped = &interrupted}};
    static const struct argp argp = {OPTIONS, parse_option, "PID", DOC, NULL, NULL, NULL};
    argp_err_exit_status = EX_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &arguments)) return EXIT_FAILED;
    char name[32];
    snprintf(name, sizeof name, "core.%d", arguments.pid);
    if (!arguments.file) arguments.file = name;
    struct sigaction action = {.sa_handler = interrupt};
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    struct dump_result result;
    struct hs_error *error = dump_core(arguments.pid, arguments.file, &arguments.limits, &result);
    if (error) {
        fprintf(stderr, "heapcore: %s", error->message);
        if (result.pause > 0 && !kill(arguments.pid, 0))
            fprintf(stderr, "; the process goes on, it was held for %.2f s", result.pause);
        fputc('\n', stderr);
    } else if (!arguments.quiet) {
        say(&arguments, &result);
    }
    int status = !error ? EXIT_SUCCESS : interrupted ? 128 + interrupted : EXIT_FAILED;
    hs_error_destroy(error);
    return status;
}
