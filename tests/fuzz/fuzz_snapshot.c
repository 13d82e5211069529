/* Fuzzes the reader of snapshots and what stands on it: any bytes give snapshots or an error, never a crash
 * or a hang.
 *
 * The digest would stop the fuzzer at the first changed byte, so the input is read twice: as it is, and with
 * each trailer's line count and digest put right, which lets mutated lines reach the trend and the renderers.
 */
#include "out/class_table.h"
#include "out/github.h"
#include "out/junit.h"
#include "out/markdown.h"
#include "out/trend_ndjson.h"
#include "out/trend_table.h"
#include "snap/reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bounded, whatever the names, and one command a line. */
static void render_for_jobs(const struct hs_trend *trend, const struct hs_judge_summary *summary,
                            const struct hs_judge_options *options) {
    struct hs_job_report report = {trend, summary, options, "fuzz", 0, NULL};
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    struct hs_error *error = hs_junit_put(&out, &report);
    if (error) abort();
    hs_strbuf_clear(&out);
    error = hs_markdown_put(&out, &report, HS_MARKDOWN_MIN);
    if (error || out.size > HS_MARKDOWN_MIN) abort();
    hs_strbuf_clear(&out);
    error = hs_github_put(&out, &report, "/srv");
    if (error) abort();
    for (const char *line = out.data; *line; line = strchr(line, '\n') + 1)
        if (strncmp(line, "::error ", 8) && strncmp(line, "::notice ", 9) && strncmp(line, "::warning ", 10))
            abort();
}

static void render(struct hs_trend *trend) {
    struct hs_judge_options options = {.min_bytes = 0};
    struct hs_judge_summary summary;
    if (trend->capture_count < 2) return;
    struct hs_error *error = hs_judge(trend, &options, &summary);
    if (error) abort();
    if (summary.bytes_delta != INT64_MAX && summary.bytes_delta != -INT64_MAX && !summary.reason) abort();
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    struct hs_trend_table table = {trend, &summary, NULL, {.width = 80, .utf8 = true}, 5, false, NULL};
    error = hs_trend_table_put(&out, &table);
    if (error) abort();
    /* Nothing from outside reaches the terminal raw. */
    for (size_t i = 0; i < out.size; i++)
        if ((unsigned char)out.data[i] < 0x20 && out.data[i] != '\n') abort();
    hs_strbuf_clear(&out);
    struct hs_trend_ndjson ndjson = {trend, &summary, &options, "fuzz", 0};
    error = hs_trend_ndjson_put(&out, &ndjson);
    if (error) abort();
    render_for_jobs(trend, &summary, &options);
    hs_judge_summary_deinit(&summary);
}

static void read_all(const void *data, size_t size) {
    FILE *stream = fmemopen((void *)data, size, "r");
    struct hs_snap_reader *reader = NULL;
    struct hs_trend *trend = NULL;
    struct hs_snap *snap = NULL;
    struct hs_error *error = hs_snap_reader_open_stream(stream, "fuzz", &reader);
    if (!error) error = hs_trend_create(&trend);
    while (!error && !(error = hs_snap_reader_next(reader, &snap)) && snap) {
        error = hs_trend_add(trend, snap);
        FILE *nowhere = fopen("/dev/null", "w");
        struct hs_class_table_options options = {.top = 3};
        if (!error) error = hs_class_table_print(nowhere, snap->classes, snap->class_count, &options);
        fclose(nowhere);
        hs_snap_destroy(snap);
    }
    if (!error) error = hs_trend_align(trend);
    if (!error) render(trend);
    hs_error_destroy(error);
    hs_trend_destroy(trend);
    hs_snap_reader_close(reader);
    fclose(stream);
}

/* Copies the input and writes the right trailer in place of each line that begins like one. */
static char *mend(const uint8_t *data, size_t size, size_t *size_ret) {
    static const char trailer[] = "{\"kind\":\"trailer\"";
    char *text = malloc(size * 16 + 256);
    size_t at = 0, out = 0, start = 0, lines = 0;
    while (at < size) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t line = end ? (size_t)(end - data) + 1 - at : size - at;
        if (line >= sizeof trailer && !memcmp(data + at, trailer, sizeof trailer - 1)) {
            XXH128_hash_t hash = XXH3_128bits(text + start, out - start);
            out += (size_t)sprintf(text + out,
                                   "{\"kind\":\"trailer\",\"lines\":%zu,\"digest\":\"%016" PRIx64
                                   "%016" PRIx64 "\",\"complete\":true,\"reasons\":[]}\n",
                                   lines, hash.high64, hash.low64);
            start = out;
            lines = 0;
        } else {
            memcpy(text + out, data + at, line);
            out += line;
            lines++;
        }
        at += line;
    }
    *size_ret = out;
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size || size > 1 << 20) return 0;
    read_all(data, size);
    size_t mended_size;
    char *mended = mend(data, size, &mended_size);
    read_all(mended, mended_size);
    free(mended);
    return 0;
}
