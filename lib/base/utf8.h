/* UTF-8: decoding what may be broken, converting what V8 stores, measuring columns.
 *
 * V8 keeps strings as Latin-1 or as UTF-16 in which surrogates need not pair. Everything that leaves us is
 * valid UTF-8: whatever does not decode becomes U+FFFD, one for each maximal broken part (Unicode 15,
 * ch. 3.9, "best practice"). No state: any thread. */
#ifndef HS_BASE_UTF8_H
#define HS_BASE_UTF8_H

#include "base/strbuf.h"

#define HS_UTF8_REPLACEMENT 0xFFFDu
#define HS_UTF8_INVALID UINT32_MAX

/* Decodes one code point of the `size` > 0 bytes at `text`; returns the bytes consumed (at least 1). *ret is
 * the code point, or HS_UTF8_INVALID where the bytes are no shortest-form UTF-8 of a scalar value. */
size_t hs_utf8_decode(const char *text, size_t size, uint32_t *ret);
bool hs_utf8_valid(const char *text, size_t size);
/* Appends one code point; surrogates and values above 0x10FFFF become U+FFFD. */
void hs_utf8_put(struct hs_strbuf *out, uint32_t code_point);
/* Appends `text` with broken parts replaced. */
void hs_utf8_put_sanitized(struct hs_strbuf *out, const char *text, size_t size);
void hs_utf8_put_latin1(struct hs_strbuf *out, const void *bytes, size_t size);
/* `units` 16-bit units in the given byte order, at any alignment; lone surrogates become U+FFFD. */
void hs_utf8_put_utf16(struct hs_strbuf *out, const void *bytes, size_t units, bool big_endian);

/* Terminal columns of one code point: 0 (combining, control), 1 or 2 (East Asian wide, emoji).
 * Locale-independent. */
unsigned hs_utf8_code_point_width(uint32_t code_point);
/* Terminal columns of a text; broken parts count as one. */
size_t hs_utf8_width(const char *text, size_t size);
/* Bytes of the longest prefix that takes at most `columns`; its width in *width_ret. */
size_t hs_utf8_fit(const char *text, size_t size, size_t columns, size_t *width_ret);

#endif
