#define _GNU_SOURCE 1 /* vasprintf, and the strerror_r that returns text */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char no_memory_message[] = "out of memory";
static struct hs_error no_memory = {HS_ERROR_NOMEM, 0, no_memory_message};

struct hs_error *const HS_ENOMEM = &no_memory;

/* Takes `message`. Telling the user that memory ran out matters more than what we were about to say. */
static struct hs_error *error_wrap(enum hs_error_code code, hs_addr addr, char *message) {
    struct hs_error *error = message ? malloc(sizeof *error) : NULL;
    if (!error) {
        free(message);
        return HS_ENOMEM;
    }
    *error = (struct hs_error){.code = code, .addr = addr, .message = message};
    return error;
}

/* Bytes at `p` that act on a terminal instead of showing: C0 and C1 controls, DEL, and the marks that turn
 * text round (U+200E/F, U+202A-E, U+2066-9). 0 if there are none. */
static size_t control_at(const unsigned char *p) {
    if (p[0] < 0x20 || p[0] == 0x7f) return 1;
    if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0) return 2;
    if (p[0] != 0xe2) return 0;
    if (p[1] == 0x80 && ((p[2] >= 0xaa && p[2] <= 0xae) || p[2] == 0x8e || p[2] == 0x8f)) return 3;
    return p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9 ? 3 : 0;
}

/* File names come into messages as they are: what acts on a terminal becomes \xNN here, once for all of them.
 * Takes and returns the text; NULL when memory is short. */
static char *disarm(char *text) {
    size_t length = text ? strlen(text) : 0, at = 0;
    char *safe = text ? malloc(4 * length + 1) : NULL;
    for (size_t i = 0; safe && i < length;) {
        size_t control = control_at((const unsigned char *)text + i);
        if (!control) safe[at++] = text[i++];
        for (; control; control--, at += 4) snprintf(safe + at, 5, "\\x%02x", (unsigned char)text[i++]);
    }
    if (safe) safe[at] = '\0';
    free(text);
    return safe;
}

static char *format_text(const char *format, va_list args) {
    char *text;
    return vasprintf(&text, format, args) < 0 ? NULL : disarm(text);
}

struct hs_error *hs_error_create(enum hs_error_code code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *message = format_text(format, args);
    va_end(args);
    return error_wrap(code, 0, message);
}

struct hs_error *hs_error_create_at(enum hs_error_code code, hs_addr addr, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *message = format_text(format, args);
    va_end(args);
    return error_wrap(code, addr, message);
}

struct hs_error *hs_error_create_errno(const char *format, ...) {
    int number = errno;
    char buffer[128];
    /* The GNU strerror_r: the text may or may not be in the buffer. */
    const char *reason = strerror_r(number, buffer, sizeof buffer);
    va_list args;
    va_start(args, format);
    char *what = format_text(format, args);
    va_end(args);
    char *message = NULL;
    if (what && asprintf(&message, "%s: %s", what, reason) < 0) message = NULL;
    free(what);
    return error_wrap(number == ENOMEM ? HS_ERROR_NOMEM : HS_ERROR_IO, 0, message);
}

struct hs_error *hs_error_prefix(struct hs_error *error, const char *format, ...) {
    if (!error || error == HS_ENOMEM) return error;
    va_list args;
    va_start(args, format);
    char *context = format_text(format, args);
    va_end(args);
    char *message = NULL;
    if (context && asprintf(&message, "%s: %s", context, error->message) >= 0) {
        free(error->message);
        error->message = message;
    } /* else: the shorter message still stands */
    free(context);
    return error;
}

void hs_error_destroy(struct hs_error *error) {
    if (!error || error == HS_ENOMEM) return;
    free(error->message);
    free(error);
}
