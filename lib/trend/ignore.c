#define _GNU_SOURCE 1 /* reallocarray, getline */
#include "trend/ignore.h"

#include "base/escape.h"
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char SPACE[] = " \t\r\n";

void hs_ignore_deinit(struct hs_ignore *ignore) {
    for (size_t i = 0; i < ignore->count; i++) {
        free(ignore->patterns[i].pattern);
        free(ignore->patterns[i].reason);
    }
    free(ignore->patterns);
    *ignore = (struct hs_ignore){0};
}

struct hs_ignore_pattern *hs_ignore_find(const struct hs_ignore *ignore, const char *constructor) {
    for (size_t i = 0; i < ignore->count; i++)
        if (!fnmatch(ignore->patterns[i].pattern, constructor, 0)) return &ignore->patterns[i];
    return NULL;
}

/* Cuts white space off both ends, in place. */
static char *trim(char *text) {
    text += strspn(text, SPACE);
    size_t size = strlen(text);
    while (size && strchr(SPACE, text[size - 1])) size--;
    text[size] = 0;
    return text;
}

static struct hs_error *add_pattern(struct hs_ignore *ignore, const char *pattern, const char *reason) {
    struct hs_ignore_pattern *patterns = reallocarray(ignore->patterns, ignore->count + 1, sizeof *patterns);
    if (!patterns) return HS_ENOMEM;
    ignore->patterns = patterns;
    struct hs_ignore_pattern *added = &patterns[ignore->count];
    *added = (struct hs_ignore_pattern){.pattern = strdup(pattern), .reason = strdup(reason)};
    if (!added->pattern || !added->reason) {
        free(added->pattern);
        free(added->reason);
        return HS_ENOMEM;
    }
    ignore->count++;
    return NULL;
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
    return add_pattern(ignore, trim(text), reason);
}

struct hs_error *hs_ignore_load(struct hs_ignore *ignore, const char *path) {
    FILE *stream = fopen(path, "re");
    int saved = errno;
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    hs_escape_terminal_string(&name, path);
    errno = saved;
    if (!stream) return hs_error_create_errno("cannot open %s", name.data);
    struct hs_error *error = NULL;
    char *line = NULL;
    size_t capacity = 0;
    for (size_t number = 1; !error && getline(&line, &capacity, stream) >= 0; number++)
        error = read_line(ignore, line, name.data, number);
    if (!error && ferror(stream)) error = hs_error_create_errno("cannot read %s", name.data);
    free(line);
    fclose(stream);
    return error;
}
