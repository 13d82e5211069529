/* heapscan: options, progress, the few lines that call the library. */
#include "emit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/escape.h"
#include "index.h"
#include "verbs.h"

static void say(const struct scan_options *options, const char *source, const char *sentence) {
    if (options->quiet) return;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_escape_terminal_string(&text, source);
    hs_strbuf_puts(&text, ": ");
    hs_escape_terminal_string(&text, sentence);
    fprintf(stderr, "heapscan: %s\n", text.data);
}

/* Scans one source into the output. *partial is set, never cleared. */
static struct hs_error *run_source(const char *source, const struct scan_options *options,
                                   enum scan_format format, struct hs_snap_writer *writer, FILE *out,
                                   bool *partial) {
    struct scan_capture capture = {0};
    struct hs_error *error = scan_capture_open(source, options, &capture);
    if (!error && options->explain && !capture.v8)
        error = hs_error_create(HS_ERROR_UNSUPPORTED, "%s: --explain-layout needs a core", source);
    if (!error && options->explain) {
        hs_v8_explain(capture.v8, out);
        scan_capture_close(&capture);
        return NULL;
    }
    if (!error) error = scan_capture_scan(options, &capture);
    if (!error) {
        if (options->verbose) scan_emit_accounts(stderr, &capture);
        if (options->list) error = scan_emit_list(out, options, &capture, format == SCAN_FORMAT_NDJSON);
        else if (writer) error = scan_emit_snapshot(writer, options, &capture);
        else error = scan_emit_table(out, options, &capture);
        for (size_t i = 0; i < capture.reason_count; i++) say(options, source, capture.reasons[i]);
        if (!capture.complete) *partial = true;
        if (!error && !fflush(out) && (!writer || options->index != SCAN_INDEX_AUTO))
            scan_index_save(options, &capture);
    }
    scan_capture_close(&capture);
    return error;
}

static struct hs_error *run(struct scan_options *options, bool *partial) {
    if (options->save_metadata) return hs_v8_symbols_save(options->sources[0], options->save_metadata);
    enum scan_format format = options->format;
    if (format == SCAN_FORMAT_AUTO)
        format = options->list || (!options->output && isatty(STDOUT_FILENO)) ? SCAN_FORMAT_TABLE
                                                                              : SCAN_FORMAT_NDJSON;
    bool snapshot = format == SCAN_FORMAT_NDJSON && !options->list && !options->explain;
    options->needs = (options->list ? HS_NEED_CLASSES : 0) | (snapshot ? HS_NEED_HOLDINGS : 0);
    struct hs_snap_writer *writer = NULL;
    FILE *out = stdout;
    struct hs_error *error = NULL;
    if (snapshot) {
        error = options->output ? hs_snap_writer_open(options->output, &writer)
                                : hs_snap_writer_create(stdout, "standard output", &writer);
    } else if (options->output && !(out = fopen(options->output, "w"))) {
        error = hs_error_create_errno("%s: cannot write", options->output);
        out = stdout;
    }
    for (size_t i = 0; i < options->source_count && !error; i++) {
        if (i && !snapshot && !options->list) fputc('\n', out);
        error = run_source(options->sources[i], options, format, writer, out, partial);
    }
    if (!error && writer) error = hs_snap_writer_finish(writer);
    hs_snap_writer_destroy(writer);
    bool to_file = out != stdout;
    if ((to_file ? fclose(out) : fflush(stdout)) && !error)
        error = hs_error_create_errno("%s: cannot write", to_file ? options->output : "standard output");
    return error;
}

int main(int argc, char **argv) {
    int verb_status;
    if (scan_verb_run(argc, argv, &verb_status)) return verb_status;
    struct scan_options options;
    scan_options_parse(argc, argv, &options);
    bool partial = false;
    struct hs_error *error = run(&options, &partial);
    if (error) fprintf(stderr, "heapscan: %s\n", error->message);
    int status = error ? SCAN_EXIT_FAILED : partial ? SCAN_EXIT_PARTIAL : SCAN_EXIT_COMPLETE;
    hs_error_destroy(error);
    free(options.filters);
    free(options.recorded);
    free(options.sources);
    return status;
}
