/* A growable byte string.
 *
 * `data` is always NUL-terminated and never NULL, whatever bytes are inside; `size` leaves the NUL out.
 * Memory that runs out is sticky: appends become no-ops and hs_strbuf_error() says so once at the end, so
 * that appending needs no check in between. Zero-initialise with HS_STRBUF_INIT; the owner ends it with
 * hs_strbuf_deinit() or declares it with HS_STRBUF_AUTO. One thread at a time. */
#ifndef HS_BASE_STRBUF_H
#define HS_BASE_STRBUF_H

#include "base/error.h"
#include <stdarg.h>

struct hs_strbuf {
    char *data;
    size_t size;
    size_t capacity; /* bytes allocated, 0 while data is the static empty string */
    bool failed;     /* an append found no memory: the content is not whole */
};

extern char hs_strbuf_empty[1];
#define HS_STRBUF_INIT                                                                                       \
    { .data = hs_strbuf_empty }
#define HS_STRBUF_AUTO __attribute__((cleanup(hs_strbuf_deinit))) struct hs_strbuf

void hs_strbuf_init(struct hs_strbuf *buffer);
/* Leaves an empty, usable buffer. */
void hs_strbuf_deinit(struct hs_strbuf *buffer);
/* Empties, keeps the memory, forgets a failure. */
void hs_strbuf_clear(struct hs_strbuf *buffer);
/* HS_ENOMEM if an append failed since the last clear. */
struct hs_error *hs_strbuf_error(const struct hs_strbuf *buffer) HS_MUST_CHECK;

/* Makes room for `extra` more bytes; false when there is no memory. */
bool hs_strbuf_reserve(struct hs_strbuf *buffer, size_t extra);
void hs_strbuf_append(struct hs_strbuf *buffer, const void *bytes, size_t size);
/* NUL-terminated; NULL appends nothing. */
void hs_strbuf_puts(struct hs_strbuf *buffer, const char *text);
void hs_strbuf_putc(struct hs_strbuf *buffer, char c);
/* The same byte `count` times. */
void hs_strbuf_fill(struct hs_strbuf *buffer, char c, size_t count);
void hs_strbuf_printf(struct hs_strbuf *buffer, const char *format, ...) HS_PRINTF(2, 3);
void hs_strbuf_vprintf(struct hs_strbuf *buffer, const char *format, va_list arguments) HS_PRINTF(2, 0);
/* Decimal, without the cost of printf. */
void hs_strbuf_put_i64(struct hs_strbuf *buffer, int64_t value);
void hs_strbuf_put_u64(struct hs_strbuf *buffer, uint64_t value);
/* Cuts to `size` bytes; does nothing if it is shorter. */
void hs_strbuf_truncate(struct hs_strbuf *buffer, size_t size);
/* Hands over the bytes (free() them) and leaves an empty buffer; NULL if an append failed. */
char *hs_strbuf_detach(struct hs_strbuf *buffer, size_t *size_ret);

#endif
