/* One error type for every function that can fail.
 *
 * A function that can fail returns `struct hs_error *`; NULL is success. The caller owns the error and ends
 * it with hs_error_destroy(), or hands it on with HS_TRY. Messages are whole sentences for the user: they
 * name the file, the address and the remedy. Text from a core must be escaped (base/escape.h) before it goes
 * into a message. An error is for "cannot go on"; a word that is not an object is a reject (counted), a thing
 * not known is printed as unknown: neither is an hs_error. Out of memory is an error too; HS_ENOMEM is a
 * static object that destroy ignores. */
#ifndef HS_BASE_ERROR_H
#define HS_BASE_ERROR_H

#include "base/types.h"

enum hs_error_code {
    HS_ERROR_IO,          /* the system refused: open, read, mmap, write */
    HS_ERROR_NOMEM,       /* no memory of our own */
    HS_ERROR_FORMAT,      /* the file is not what it should be */
    HS_ERROR_UNSUPPORTED, /* understood, but not supported yet */
    HS_ERROR_MISMATCH,    /* two files do not belong together */
    HS_ERROR_LAYOUT,      /* a fact of V8's layout is unknown or failed its check */
    HS_ERROR_USAGE,       /* the command line is wrong */
};

struct hs_error {
    enum hs_error_code code;
    hs_addr addr; /* 0 where no address is concerned */
    char *message;
};

#define HS_MUST_CHECK __attribute__((warn_unused_result))
#define HS_PRINTF(f, a) __attribute__((format(printf, f, a)))

extern struct hs_error *const HS_ENOMEM;

struct hs_error *hs_error_create(enum hs_error_code code, const char *format, ...)
    HS_PRINTF(2, 3) HS_MUST_CHECK;
struct hs_error *hs_error_create_at(enum hs_error_code code, hs_addr addr, const char *format, ...)
    HS_PRINTF(3, 4) HS_MUST_CHECK;
/* HS_ERROR_IO with ": " and the text of errno appended. */
struct hs_error *hs_error_create_errno(const char *format, ...) HS_PRINTF(1, 2) HS_MUST_CHECK;
/* Puts "context: " before the message; takes and returns the same error. */
struct hs_error *hs_error_prefix(struct hs_error *error, const char *format, ...)
    HS_PRINTF(2, 3) HS_MUST_CHECK;
/* Takes NULL. */
void hs_error_destroy(struct hs_error *error);

#define HS_TRY(expression)                                                                                   \
    do {                                                                                                     \
        struct hs_error *hs_try_error_ = (expression);                                                       \
        if (hs_try_error_) return hs_try_error_;                                                             \
    } while (0)

#endif
