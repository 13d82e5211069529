/* The reader against damage: a table of changes to a good stream, and what it must say about each. The stream
 * is tests/cli/snapshots/leak.hsnap: three snapshots, digests by xxh128sum. */
#include "snap/reader.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char *good;
static size_t good_size;

static int load(void **state) {
    (void)state;
    FILE *stream = fopen("tests/cli/snapshots/leak.hsnap", "r");
    if (!stream) return -1;
    good = malloc(1 << 20);
    good_size = fread(good, 1, 1 << 20, stream);
    fclose(stream);
    return good_size == 0;
}

static int unload(void **state) {
    (void)state;
    free(good);
    return 0;
}

/* Reads all; the number of snapshots in *count_ret, the error or NULL. */
static struct hs_error *read_all(const char *text, size_t size, size_t *count_ret) {
    FILE *stream = size ? fmemopen((void *)text, size, "r") : fopen("/dev/null", "r");
    struct hs_snap_reader *reader;
    assert_null(hs_snap_reader_open_stream(stream, "x", &reader));
    struct hs_error *error = NULL;
    struct hs_snap *snap = NULL;
    *count_ret = 0;
    while (!(error = hs_snap_reader_next(reader, &snap)) && snap) {
        ++*count_ret;
        hs_snap_destroy(snap);
    }
    hs_snap_reader_close(reader);
    fclose(stream);
    return error;
}

static void assert_says(const char *text, size_t size, size_t snapshots, const char *part) {
    size_t count;
    struct hs_error *error = read_all(text, size, &count);
    assert_int_equal(count, snapshots);
    assert_non_null(error);
    if (!strstr(error->message, part)) print_error("wanted: %s\nsaid: %s\n", part, error->message);
    assert_non_null(strstr(error->message, part));
    hs_error_destroy(error);
}

static void reads_the_good_stream(void **state) {
    (void)state;
    size_t count;
    assert_null(read_all(good, good_size, &count));
    assert_int_equal(count, 3);
    assert_null(read_all(good, 0, &count));
    assert_int_equal(count, 0);
    /* The last line may lack its line feed. */
    assert_null(read_all(good, good_size - 1, &count));
    assert_int_equal(count, 3);
}

static const char *line_start(size_t number) {
    const char *at = good;
    while (--number) at = strchr(at, '\n') + 1;
    return at;
}

/* Each row: in line `line` of the stream, replace `from` by `to`. Line 19 is the trailer of the first
 * snapshot. */
static const struct {
    size_t line;
    const char *from, *to;
    size_t snapshots; /* read before the error */
    const char *message;
} CHANGES[] = {
    {1, "{\"kind\"", "{\"kin\"", 0, "x: line 1: a line without a `kind`"},
    {1, "{\"kind\"", "\x01\x02\x03", 0, "x: line 1: not JSON"},
    {1, "{\"kind\"", "[\"kind\"", 0, "x: line 1: not JSON"},
    {1, "\"header\"", "\"class\"", 0,
     "x: line 1: a line of kind `class` where the header of a snapshot should be"},
    {1, "\"header\"", "\"\\u001b[2J\"", 0, "x: line 1: a line of kind `\\u{1b}[2J` where"},
    {1, "heapscan.snapshot/1", "heapscan.snapshot/2", 0,
     "x: line 1: the schema is heapscan.snapshot/2, but this program reads heapscan.snapshot/1"},
    {1, "heapscan.snapshot/1", "heapscan.snapshot/11", 0, "x: line 1: the schema is heapscan.snapshot/11"},
    {1, "heapscan.snapshot/1", "heapdiff.result/1", 0,
     "x: line 1: the header's schema is not heapscan.snapshot/1"},
    {1, "\"bits\":64", "\"bits\":\"64\"", 0,
     "x: line 1: the field `bits` of the header line must be an integer from 0 on"},
    {1, "2024-11-22T01", "2024-11-32T01", 0,
     "x: line 1: the field `captured_at` of the header line must be a time"},
    {2, "0x55d2", "55d2", 0, "x: line 2: the field `address` of the isolate line must be an address"},
    {2, "0x55d2", "0x55D2", 0, "x: line 2: the field `address` of the isolate line must be an address"},
    {3, "\"pages\":10", "\"pages\":-1", 0,
     "x: line 3: the field `pages` of the space line must be an integer from 0 on"},
    {3, "\"pages\":10", "\"pages\":1.5", 0,
     "x: line 3: the field `pages` of the space line must be an integer from 0 on"},
    {3, "\"pages\":10", "\"pages\":9223372036854775808", 0, "x: line 3: not JSON (too big integer"},
    {4, "\"count\":5000", "\"count\":null", 0,
     "x: line 4: the field `count` of the class line must not be null"},
    {4, "\"count\":5000", "\"cnt\":5000", 0, "x: line 4: the field `count` of the class line is missing"},
    {4, "\"key\":\"", "\"key\":\"0", 0,
     "x: line 4: the field `key` of the class line must be 32 lower-case hexadecimal digits"},
    {4, "\"properties\":[\"id\"", "\"properties\":[1", 0,
     "x: line 4: the field `properties` of the class line must be an array of strings"},
    {4, "\"properties\":[\"id\",\"page\",\"user\"]", "\"properties\":{}", 0,
     "x: line 4: the field `properties` of the class line must be an array of strings"},
    {4, "\"dictionary\":false", "\"dictionary\":0", 0,
     "x: line 4: the field `dictionary` of the class line must be true or false"},
    {4, "\"line\":12", "\"line\":\"12\"", 0,
     "x: line 4: the field `location` of the class line must hold script"},
    {4, "\"script\":\"/srv/app/session.js\"", "\"script\":null", 0,
     "x: line 4: the field `location` of the class line must hold script"},
    {4, "\"count\":5000", "\"count\":5001", 0, "x: line 19: the digest does not match the lines before it"},
    {4, "\"kind\":\"class\"", "\"kind\":\"later\"", 0, "x: line 19: the digest does not match"},
    {18, "\"text\":\"is ignored\"", "\"text\":\"is  ignored\"", 0, "x: line 19: the digest does not match"},
    {19, "\"lines\":18", "\"lines\":17", 0,
     "x: line 19: the trailer counts 17 lines before it, but there are 18"},
    {19, "\"lines\":18,", "", 0, "x: line 19: the field `lines` of the trailer line is missing"},
    {19, "\"complete\":true", "\"complete\":1", 0,
     "x: line 19: the field `complete` of the trailer line must be true or false"},
    {19, "\"kind\":\"trailer\"", "\"kind\":\"trailing\"", 0,
     "x: line 20: a new snapshot begins, but the one before it has no trailer"},
    {20, "\"kind\":\"header\"", "\"kind\":\"heading\"", 1,
     "x: line 20: a line of kind `heading` where the header of a snapshot should be"},
    {57, "\"kind\":\"trailer\"", "\"kind\":\"trailing\"", 2,
     "x: line 57: the stream ends without the trailer of its last snapshot"},
};

static void says_what_is_wrong(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof CHANGES / sizeof *CHANGES; i++) {
        const char *line = line_start(CHANGES[i].line), *at = strstr(line, CHANGES[i].from);
        assert_non_null(at);
        assert_true(at < line + strcspn(line, "\n")); /* the table fits the file */
        size_t before = (size_t)(at - good), from = strlen(CHANGES[i].from), to = strlen(CHANGES[i].to);
        char *text = malloc(good_size + to);
        memcpy(text, good, before);
        memcpy(text + before, CHANGES[i].to, to);
        memcpy(text + before + to, at + from, good_size - before - from);
        assert_says(text, good_size - from + to, CHANGES[i].snapshots, CHANGES[i].message);
        free(text);
    }
}

/* Lines taken out, doubled and swapped. */
static void misses_no_line(void **state) {
    (void)state;
    const char *five = line_start(5), *six = line_start(6), *seven = line_start(7);
    char *text = malloc(2 * good_size);
    size_t start = (size_t)(five - good), line = (size_t)(six - five);
    memcpy(text, good, start);
    memcpy(text + start, six, good_size - start - line);
    assert_says(text, good_size - line, 0,
                "x: line 18: the trailer counts 18 lines before it, but there are 17");
    memcpy(text + start, five, line);
    memcpy(text + start + line, five, good_size - start);
    assert_says(text, good_size + line, 0,
                "x: line 20: the trailer counts 18 lines before it, but there are 19");
    size_t next = (size_t)(seven - six);
    memcpy(text + start, six, next);
    memcpy(text + start + next, five, line);
    memcpy(text + start + next + line, seven, good_size - start - next - line);
    assert_says(text, good_size, 0, "x: line 19: the digest does not match");
    /* a blank line is no line of ours */
    memcpy(text, good, start);
    text[start] = '\n';
    memcpy(text + start + 1, five, good_size - start);
    assert_says(text, good_size + 1, 0, "x: line 5: not JSON");
    free(text);
}

/* No prefix of a stream is ever a snapshot too few without an error, unless it ends with a trailer. */
static void no_cut_goes_unseen(void **state) {
    (void)state;
    const char *ends[4] = {good, line_start(20), line_start(39), good + good_size};
    for (size_t size = 1; size < good_size; size += size % 7 + 1) {
        size_t count;
        struct hs_error *error = read_all(good, size, &count);
        bool whole = false;
        /* the last line feed is not needed */
        for (int i = 1; i < 4; i++) whole |= good + size == ends[i] || good + size + 1 == ends[i];
        assert_int_equal(error == NULL, whole);
        hs_error_destroy(error);
    }
}

/* The same of a stream of every kind of line, at every byte, and with garbage for each line. */
static void no_kind_is_cut_unseen(void **state) {
    (void)state;
    FILE *stream = fopen("tests/cli/snapshots/shared.hsnap", "r");
    char text[1 << 14], broken[1 << 14];
    assert_non_null(stream);
    size_t size = fread(text, 1, sizeof text, stream), begin = 0, ends = 0;
    assert_true(size > 0 && size < sizeof text);
    fclose(stream);
    for (size_t at = 1; at <= size; at++) {
        size_t count;
        struct hs_error *error = read_all(text, at, &count);
        bool trailer = !strncmp(text + begin, "{\"kind\":\"trailer\"", 17);
        bool whole = trailer && (text[at - 1] == '\n' || text[at] == '\n');
        assert_int_equal(error == NULL, whole);
        hs_error_destroy(error);
        if (text[at - 1] != '\n') continue;
        memcpy(broken, text, size);
        memset(broken + begin, 'x', at - 1 - begin);
        error = read_all(broken, size, &count);
        assert_true(error && count == ends);
        hs_error_destroy(error);
        ends += trailer;
        begin = at;
    }
    assert_int_equal(ends, 3);
}

/* Any single bit: an error, never other numbers. */
static void no_bit_goes_unseen(void **state) {
    (void)state;
    char *text = malloc(good_size);
    size_t first = (size_t)(line_start(20) - good);
    for (size_t at = 0; at < first; at += 3) {
        memcpy(text, good, good_size);
        text[at] = (char)(text[at] ^ 1 << at % 8);
        size_t count;
        struct hs_error *error = read_all(text, first, &count);
        /* The trailer itself is not covered by the digest: only its fields that matter are. */
        if (at < (size_t)(line_start(19) - good)) assert_non_null(error);
        if (error) assert_int_equal(count, 0);
        hs_error_destroy(error);
    }
    free(text);
}

static void knows_other_files(void **state) {
    (void)state;
    assert_says("\x7f"
                "ELF\2\1\1",
                7, 0, "is an ELF file, not a snapshot: make one with `heapscan CORE");
    assert_says("\x1f\x8b\x08", 3, 0, "is compressed with gzip");
    assert_says("{\"snapshot\":{\"meta\"", 19, 0, "is a heap snapshot of V8");
    assert_says("hello\n", 6, 0, "x: line 1: not JSON");
    assert_says("[]\n", 3, 0, "x: line 1: not a JSON object");
    assert_says("\n", 1, 0, "x: line 1: not JSON");
}

static void bounds_a_line(void **state) {
    (void)state;
    size_t size = HS_SNAP_LINE_MAX + 1;
    char *text = malloc(size);
    memset(text, ' ', size);
    assert_says(text, size, 0, "x: line 1: longer than 67108864 bytes");
    free(text);
}

static void bounds_nesting(void **state) {
    (void)state;
    size_t size = 1 << 20;
    char *text = malloc(size);
    memset(text, '[', size);
    assert_says(text, size, 0, "x: line 1: not JSON");
    free(text);
}

static void reads_frames_one_after_another(void **state) {
    (void)state;
    size_t bound = ZSTD_compressBound(good_size), half = (size_t)(line_start(30) - good) + 5, count;
    char *packed = malloc(2 * bound);
    size_t one = ZSTD_compress(packed, bound, good, half, 1);
    size_t two = ZSTD_compress(packed + one, bound, good + half, good_size - half, 19);
    assert_null(read_all(packed, one + two, &count));
    assert_int_equal(count, 3);
    assert_says(packed, one + two - 1, 1, "the compressed data ends in the middle");
    assert_says(packed, one, 1, "x: line 30: the stream ends in the middle of a line");
    packed[one / 2] = (char)(packed[one / 2] ^ 0x55);
    struct hs_error *error = read_all(packed, one + two, &count);
    assert_non_null(error);
    hs_error_destroy(error);
    free(packed);
}

static void names_what_cannot_be_opened(void **state) {
    (void)state;
    struct hs_snap_reader *reader = NULL;
    struct hs_error *error = hs_snap_reader_open("/nowhere/\033x", &reader);
    assert_string_equal(error->message, "cannot open /nowhere/\\u{1b}x: No such file or directory");
    hs_error_destroy(error);
    assert_null(hs_snap_reader_open("/tmp", &reader));
    struct hs_snap *snap;
    error = hs_snap_reader_next(reader, &snap);
    assert_string_equal(error->message, "cannot read /tmp: Is a directory");
    hs_error_destroy(error);
    hs_snap_reader_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_good_stream),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(misses_no_line),
        cmocka_unit_test(no_cut_goes_unseen),
        cmocka_unit_test(no_kind_is_cut_unseen),
        cmocka_unit_test(no_bit_goes_unseen),
        cmocka_unit_test(knows_other_files),
        cmocka_unit_test(bounds_a_line),
        cmocka_unit_test(bounds_nesting),
        cmocka_unit_test(reads_frames_one_after_another),
        cmocka_unit_test(names_what_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
