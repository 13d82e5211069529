/* Known growth, muted with a reason.
 *
 * A text file, one pattern a line: a constructor name, or a shell pattern for one (fnmatch: * ? [abc]), then
 * white space, a `#` and the reason. The reason is not optional: a list of muted leaks that nobody can
 * explain is worth nothing. Blank lines and lines that begin with `#` are comments. What a pattern muted is
 * reported, and so is a pattern that muted nothing, so that the list does not rot. One thread at a time. */
#ifndef HS_TREND_IGNORE_H
#define HS_TREND_IGNORE_H

#include "base/error.h"

struct hs_ignore_pattern {
    char *pattern, *reason;
    size_t matched;      /* classes muted */
    int64_t bytes_delta; /* their growth */
};

struct hs_ignore {
    struct hs_ignore_pattern *patterns;
    size_t count;
};

/* Appends the patterns of a file. Errors name the file and the line. */
struct hs_error *hs_ignore_load(struct hs_ignore *ignore, const char *path) HS_MUST_CHECK;
/* Zero-initialised or loaded; leaves it empty. */
void hs_ignore_deinit(struct hs_ignore *ignore);
/* The first pattern that matches, or NULL. */
struct hs_ignore_pattern *hs_ignore_find(const struct hs_ignore *ignore, const char *constructor);

#endif
