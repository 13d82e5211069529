/* Runs another program and takes what it prints.
 *
 * No shell is involved: the arguments go to the program as they are. It gets an empty standard input, a small
 * fixed environment (PATH, HOME, locale C.UTF-8, nothing else that could change what it does), a process
 * group of its own and a time limit, after which the whole group is killed. What it prints beyond the limit
 * of bytes is an error, not a shorter result. One thread at a time. */
#ifndef HS_BASE_CHILD_H
#define HS_BASE_CHILD_H

#include "base/strbuf.h"

struct hs_child {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH where it has no slash */
    const char *directory;   /* to run in; NULL: ours */
    int64_t limit_ms;
    size_t limit_bytes; /* of standard output */
};

/* Appends its standard output to `out`, which is left as it was on error. HS_ERROR_UNSUPPORTED: there is no
 * such program; HS_ERROR_IO: it failed (the message ends with the first line of its standard error, escaped)
 * or took too long. */
struct hs_error *hs_child_run(const struct hs_child *child, struct hs_strbuf *out) HS_MUST_CHECK;

#endif
