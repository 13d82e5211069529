/* Known growth, muted with a reason.
 *
 * A text file, one rule a line:
 *
 *     Session*                          # filled at start, bounded by LIMIT
 *     holder:app.js: variable cache*    until=2025-06-30  # OPS-1234, fixed in 2.5
 *     9f86d081884c7d659a2feaa0c55ad015  # the pool
 *
 * First what is muted: a constructor's name, or `holder:` and who holds it, as heapdiff prints it, or a
 * finding's fingerprint (32 hex digits); names may be shell patterns (fnmatch: * ? [abc]). Then, if need be,
 * `until=` the last day, in UTC, on which the rule holds. Then white space, a `#` and the reason. The reason
 * is not optional: a list of muted leaks that nobody can explain is worth nothing. Blank lines and lines that
 * begin with `#` are comments; anything else is an error with its line. What a rule muted is reported, and so
 * is a rule that muted nothing or that has lapsed, so that the list does not rot. The day is that of the last
 * capture, so what was judged once is judged the same ever after. One thread at a time. */
#ifndef HS_TREND_IGNORE_H
#define HS_TREND_IGNORE_H

#include "base/error.h"
#include <stdio.h>

enum hs_ignore_by { HS_IGNORE_CLASS, HS_IGNORE_HOLDER, HS_IGNORE_FINGERPRINT };

struct hs_ignore_pattern {
    char *pattern, *reason; /* the pattern as it stands in the file, with its `holder:` */
    enum hs_ignore_by by;
    const char *match;   /* what is compared: inside `pattern` */
    char until[11];      /* "2025-06-30", or empty */
    int64_t ends;        /* the first ms on which it no longer holds; INT64_MAX without a date */
    bool expired;        /* hs_ignore_set_time() */
    size_t matched;      /* findings muted; of an expired rule, those that it would have muted */
    int64_t bytes_delta; /* their growth */
};

struct hs_ignore {
    struct hs_ignore_pattern *patterns;
    size_t count;
};

/* What a finding is known by; NULL or empty where it has none. */
struct hs_ignore_subject {
    const char *constructor, *holder, *fingerprint;
};

/* Appends the rules of a file, or of a stream that is borrowed (`name`, escaped, stands in errors). Errors
 * name the file and the line; the rules before it are in. */
struct hs_error *hs_ignore_load(struct hs_ignore *ignore, const char *path) HS_MUST_CHECK;
struct hs_error *hs_ignore_read(struct hs_ignore *ignore, FILE *stream, const char *name) HS_MUST_CHECK;
/* Zero-initialised or loaded; leaves it empty. */
void hs_ignore_deinit(struct hs_ignore *ignore);
/* The time (ms since 1970 UTC) that is asked about; without it no rule has expired. */
void hs_ignore_set_time(struct hs_ignore *ignore, int64_t now);
/* The first rule that holds and matches, or NULL. Counts a match, with its growth, for the rule; and for
 * expired rules that match, where none that holds does. */
struct hs_ignore_pattern *hs_ignore_match(struct hs_ignore *ignore, const struct hs_ignore_subject *subject,
                                          int64_t bytes_delta);

#endif
