#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/ignore.h"

#include "base/escape.h"
#include "base/strbuf.h"
#include "snap/time.h"
#include "trend/trend.h"
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const char SPACE[] = " \t\r\n";
static const char HOLDER[] = "holder:", FINGERPRINT[] = "fingerprint:", UNTIL[] = "until=";
enum { FINGERPRINT_DIGITS = 32, LINE_MAX_BYTES = 65536, DAY_MS = 86400000 };

static void free_pattern(struct hs_ignore_pattern *pattern) {
    free(pattern->pattern);
    free(pattern->reason);
}

void hs_ignore_deinit(struct hs_ignore *ignore) {
    for (size_t i = 0; i < ignore->count; i++) free_pattern(&ignore->patterns[i]);
    free(ignore->patterns);
    *ignore = (struct hs_ignore){0};
}

void hs_ignore_set_time(struct hs_ignore *ignore, int64_t now) {
    for (size_t i = 0; i < ignore->count; i++) ignore->patterns[i].expired = now >= ignore->patterns[i].ends;
}

static bool matches(const struct hs_ignore_pattern *pattern, const struct hs_ignore_subject *subject) {
    const char *text = pattern->by == HS_IGNORE_CLASS    ? subject->constructor
                       : pattern->by == HS_IGNORE_HOLDER ? subject->holder
                                                         : subject->fingerprint;
    if (!text) return false;
    return pattern->by == HS_IGNORE_FINGERPRINT ? !strcmp(pattern->match, text)
                                                : !fnmatch(pattern->match, text, 0);
}

static struct hs_ignore_pattern *find(const struct hs_ignore *ignore, const struct hs_ignore_subject *subject,
                                      bool expired) {
    for (size_t i = 0; i < ignore->count; i++) {
        struct hs_ignore_pattern *pattern = &ignore->patterns[i];
        if (pattern->expired == expired && matches(pattern, subject)) return pattern;
    }
    return NULL;
}

struct hs_ignore_pattern *hs_ignore_match(struct hs_ignore *ignore, const struct hs_ignore_subject *subject,
                                          int64_t bytes_delta) {
    struct hs_ignore_pattern *holds = find(ignore, subject, false);
    struct hs_ignore_pattern *counted = holds ? holds : find(ignore, subject, true);
    if (counted) {
        counted->matched++;
        counted->bytes_delta = hs_trend_sum(counted->bytes_delta, bytes_delta);
    }
    return holds;
}

/* Cuts white space off both ends, in place. */
static char *trim(char *text) {
    text += strspn(text, SPACE);
    size_t size = strlen(text);
    while (size && strchr(SPACE, text[size - 1])) size--;
    text[size] = 0;
    return text;
}

static bool is_fingerprint(const char *text) {
    return strlen(text) == FINGERPRINT_DIGITS && strspn(text, "0123456789abcdef") == FINGERPRINT_DIGITS;
}

/* Takes `until=DATE` off the end of `text`. What is wrong with it, or NULL. */
static const char *read_until(char *text, struct hs_ignore_pattern *pattern) {
    size_t size = strlen(text);
    while (size && !strchr(SPACE, text[size - 1])) size--;
    pattern->ends = INT64_MAX;
    if (strncmp(text + size, UNTIL, sizeof UNTIL - 1)) return NULL;
    const char *date = text + size + sizeof UNTIL - 1;
    char time[32];
    int64_t ms;
    bool shape = strlen(date) == 10 && date[4] == '-' && date[7] == '-';
    if (shape) snprintf(time, sizeof time, "%sT00:00:00Z", date);
    if (!shape || !hs_snap_time_parse(time, &ms)) return "is no date: write `until=2025-06-30`";
    memcpy(pattern->until, date, sizeof pattern->until);
    pattern->ends = ms + DAY_MS;
    text[size] = 0;
    trim(text);
    return NULL;
}

/* What is wrong with the selector, or NULL. */
static const char *read_selector(struct hs_ignore_pattern *pattern) {
    char *text = pattern->pattern;
    pattern->match = text;
    if (!*text) return "a rule that says nothing of what it mutes";
    if (!strncmp(text, HOLDER, sizeof HOLDER - 1)) {
        pattern->by = HS_IGNORE_HOLDER;
        pattern->match = trim(text + sizeof HOLDER - 1);
        return *pattern->match ? NULL : "`holder:` without a holder";
    }
    bool named = !strncmp(text, FINGERPRINT, sizeof FINGERPRINT - 1);
    if (named) pattern->match = trim(text + sizeof FINGERPRINT - 1);
    if (is_fingerprint(pattern->match)) pattern->by = HS_IGNORE_FINGERPRINT;
    else if (named) return "`fingerprint:` without the 32 hexadecimal digits of one";
    return NULL;
}

static struct hs_error *add_pattern(struct hs_ignore *ignore, const char *name, size_t number, char *selector,
                                    const char *reason) {
    struct hs_ignore_pattern added = {0};
    const char *wrong = read_until(selector, &added);
    if (wrong) return hs_error_create(HS_ERROR_FORMAT, "%s: line %zu: the last day %s", name, number, wrong);
    added.pattern = strdup(selector);
    added.reason = strdup(reason);
    struct hs_ignore_pattern *patterns = reallocarray(ignore->patterns, ignore->count + 1, sizeof *patterns);
    if (patterns) ignore->patterns = patterns;
    bool memory = added.pattern && added.reason && patterns;
    wrong = memory ? read_selector(&added) : NULL;
    if (memory && !wrong) {
        patterns[ignore->count++] = added;
        return NULL;
    }
    free_pattern(&added);
    return memory ? hs_error_create(HS_ERROR_FORMAT, "%s: line %zu: %s", name, number, wrong) : HS_ENOMEM;
}

static struct hs_error *read_line(struct hs_ignore *ignore, char *line, const char *name, size_t number) {
    char *text = trim(line);
    if (!*text || *text == '#') return NULL;
    /* The names of private fields begin with '#': only one after white space starts the reason. */
    char *mark = text;
    while ((mark = strchr(mark, '#')) && !strchr(SPACE, mark[-1])) mark++;
    char *reason = mark ? trim(mark + 1) : NULL;
    if (mark) *mark = 0;
    if (!reason || !*reason)
        return hs_error_create(HS_ERROR_FORMAT,
                               "%s: line %zu: a pattern without a reason: write `PATTERN  # why it may grow`",
                               name, number);
    return add_pattern(ignore, name, number, trim(text), reason);
}

/* The next line without its line feed, no more than the limit of it: a device may have no lines at all. False
 * at the end. */
static bool next_line(FILE *stream, struct hs_strbuf *line) {
    int c = EOF;
    hs_strbuf_clear(line);
    while (line->size <= LINE_MAX_BYTES && (c = getc(stream)) != EOF && c != '\n')
        hs_strbuf_putc(line, (char)c);
    return line->size || c != EOF;
}

struct hs_error *hs_ignore_read(struct hs_ignore *ignore, FILE *stream, const char *name) {
    HS_STRBUF_AUTO line = HS_STRBUF_INIT;
    for (size_t number = 1; next_line(stream, &line); number++) {
        HS_TRY(hs_strbuf_error(&line));
        bool binary = strlen(line.data) != line.size;
        if (binary || line.size > LINE_MAX_BYTES)
            return hs_error_create(HS_ERROR_FORMAT, "%s: line %zu: %s: this is no list of rules", name,
                                   number, binary ? "a zero byte" : "longer than 64 KiB");
        HS_TRY(read_line(ignore, line.data, name, number));
    }
    return ferror(stream) ? hs_error_create_errno("cannot read %s", name) : NULL;
}

struct hs_error *hs_ignore_load(struct hs_ignore *ignore, const char *path) {
    FILE *stream = fopen(path, "re");
    int saved = errno;
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    hs_escape_terminal_string(&name, path);
    errno = saved;
    if (!stream) return hs_error_create_errno("cannot open %s", name.data);
    struct hs_error *error = hs_ignore_read(ignore, stream, name.data);
    fclose(stream);
    return error;
}
