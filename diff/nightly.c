#include "nightly.h"

#include "base/escape.h"
#include "out/history_ndjson.h"
#include "out/history_table.h"
#include "store/store.h"
#include <string.h>
#include <time.h>

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static struct hs_error *print(const struct hs_strbuf *out) {
    HS_TRY(hs_strbuf_error(out));
    if (fwrite(out->data, 1, out->size, stdout) != out->size || fflush(stdout))
        return hs_error_create_errno("cannot write the result");
    return NULL;
}

static struct hs_error *add(const struct diff_options *options, struct hs_store *store,
                            const struct hs_trend *trend) {
    struct hs_store_added added;
    HS_TRY(hs_store_add(store, options->nightly.series, trend, now(), &added));
    if (options->quiet) return NULL;
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    hs_escape_terminal_string(&name, options->nightly.store);
    fprintf(stderr, "heapdiff: %s: %zu snapshot%s added", name.data, added.snapshots,
            added.snapshots == 1 ? "" : "s");
    if (added.known) fprintf(stderr, ", %zu had been there", added.known);
    fputc('\n', stderr);
    return NULL;
}

static struct hs_error *prune(const struct diff_options *options, struct hs_store *store) {
    size_t dropped;
    HS_TRY(hs_store_prune(store, options->nightly.series, options->nightly.keep, &dropped));
    if (dropped && !options->quiet)
        fprintf(stderr, "heapdiff: %zu night%s dropped, %zu kept\n", dropped, dropped == 1 ? "" : "s",
                options->nightly.keep);
    return NULL;
}

/* Appends to an output that has the ranking already. */
static struct hs_error *append(const struct diff_output *output, const struct hs_strbuf *out) {
    if (!output->file) return print(out);
    FILE *file = fopen(output->file, "ae");
    bool good = file && fwrite(out->data, 1, out->size, file) == out->size;
    if (file && fclose(file)) good = false;
    return good ? NULL : hs_error_create_errno("cannot add the nights to %s", output->file);
}

static bool is_compressed(const char *file) {
    size_t size = file ? strlen(file) : 0;
    return size > 4 && !strcmp(file + size - 4, ".zst");
}

static struct hs_error *put_history(const struct diff_options *options, const struct diff_output *output,
                                    const struct hs_history *history, bool alone) {
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    if (output->format == DIFF_FORMAT_NDJSON) {
        struct hs_history_ndjson view = {history, DIFF_TOOL, options->nightly.significance, output->top,
                                         alone};
        HS_TRY(hs_history_ndjson_put(&out, &view));
    } else {
        struct hs_terminal terminal = hs_terminal_detect(stdout, options->color);
        if (output->file) terminal = (struct hs_terminal){.utf8 = true};
        struct hs_history_table view = {history, terminal, output->top};
        HS_TRY(hs_history_table_put(&out, &view));
    }
    return append(output, &out);
}

/* Tables and NDJSON tell the nights; where there is neither on standard output, a sentence does. */
static struct hs_error *put_histories(const struct diff_options *options, const struct hs_history *history,
                                      bool alone) {
    struct hs_error *first = NULL;
    bool shown = false;
    for (size_t i = 0; i < options->output_count; i++) {
        const struct diff_output *output = &options->outputs[i];
        if (output->format > DIFF_FORMAT_NDJSON || is_compressed(output->file)) continue;
        struct hs_error *error = put_history(options, output, history, alone);
        shown |= !output->file;
        if (!first) first = error;
        else hs_error_destroy(error);
    }
    if (!shown && !options->quiet)
        fprintf(stderr, "heapdiff: %s over the nights: %s\n", hs_result_name(history->result),
                history->reason);
    return first;
}

static struct hs_error *judge_nights(const struct diff_options *options, struct hs_store *store,
                                     const struct hs_judge_options *judge, bool alone,
                                     enum hs_judge_result *ret) {
    struct hs_history *history = NULL;
    HS_TRY(hs_store_read(store, options->nightly.series, options->nightly.last, &history));
    if (judge->ignore && history->night_count)
        hs_ignore_set_time(judge->ignore, history->nights[history->night_count - 1].at);
    struct hs_error *error = hs_history_judge(history, judge, options->nightly.significance);
    if (!error) *ret = history->result;
    if (!error) error = put_histories(options, history, alone);
    hs_history_destroy(history);
    return error;
}

static struct hs_error *run(const struct diff_options *options, struct hs_store *store,
                            const struct hs_trend *trend, const struct hs_judge_options *judge,
                            enum hs_judge_result *ret) {
    if (trend->capture_count) HS_TRY(add(options, store, trend));
    if (options->nightly.last) HS_TRY(judge_nights(options, store, judge, trend->capture_count < 2, ret));
    return options->nightly.keep ? prune(options, store) : NULL;
}

struct hs_error *diff_nightly_run(const struct diff_options *options, const struct hs_trend *trend,
                                  const struct hs_judge_options *judge, enum hs_judge_result *ret) {
    struct hs_store *store = NULL;
    bool writes = trend->capture_count || options->nightly.keep;
    HS_TRY(hs_store_open(options->nightly.store, writes ? HS_STORE_WRITE : HS_STORE_READ, &store));
    struct hs_error *error = run(options, store, trend, judge, ret);
    hs_store_close(store);
    return error;
}

struct list {
    bool ndjson;
    struct hs_strbuf out;
};

static struct hs_error *put_night(void *context, const char *series, const struct hs_history_night *night) {
    struct list *list = context;
    if (list->ndjson) hs_history_night_put_json(&list->out, series, night);
    else hs_history_night_put(&list->out, series, night);
    return NULL;
}

struct hs_error *diff_nightly_list(const struct diff_options *options) {
    struct hs_store *store = NULL;
    struct list list = {options->outputs[0].format == DIFF_FORMAT_NDJSON, HS_STRBUF_INIT};
    HS_TRY(hs_store_open(options->nightly.store, HS_STORE_READ, &store));
    if (!list.ndjson) hs_history_night_put_head(&list.out);
    struct hs_error *error = hs_store_list(store, put_night, &list);
    if (!error) error = hs_strbuf_error(&list.out);
    if (!error) error = append(&options->outputs[0], &list.out);
    hs_strbuf_deinit(&list.out);
    hs_store_close(store);
    return error;
}
