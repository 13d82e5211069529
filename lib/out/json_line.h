/* One JSON object on one line, built field by field.
 *
 * Names are literals and go out as they are; values are escaped. Memory that runs out is remembered by the
 * buffer. No state but the buffer: one thread at a time. */
#ifndef HS_OUT_JSON_LINE_H
#define HS_OUT_JSON_LINE_H

#include "base/strbuf.h"

/* {"kind":"…" */
void hs_json_line_begin(struct hs_strbuf *out, const char *kind);
/* }\n */
void hs_json_line_end(struct hs_strbuf *out);

/* ,"name": — the value is appended by the caller. */
void hs_json_put_name(struct hs_strbuf *out, const char *name);
/* NULL is null. */
void hs_json_put_string(struct hs_strbuf *out, const char *name, const char *value);
void hs_json_put_null(struct hs_strbuf *out, const char *name);
void hs_json_put_bool(struct hs_strbuf *out, const char *name, bool value);
/* `null` stands for null. */
void hs_json_put_number(struct hs_strbuf *out, const char *name, int64_t value, int64_t null);
void hs_json_put_numbers(struct hs_strbuf *out, const char *name, const int64_t *values, size_t count,
                         int64_t null);
/* Rounded to an integer; NAN is null. */
void hs_json_put_rounded(struct hs_strbuf *out, const char *name, double value);
/* A chance from 0 to 1 with three digits; NAN is null. */
void hs_json_put_chance(struct hs_strbuf *out, const char *name, double value);
void hs_json_put_strings(struct hs_strbuf *out, const char *name, const char *const *values, size_t count);
/* "0x…", null for 0. */
void hs_json_put_address(struct hs_strbuf *out, const char *name, hs_addr address);
/* "location":{"script":…,"line":…,"column":…}; null without a script. Lines and columns count from 1. */
void hs_json_put_location(struct hs_strbuf *out, const char *script, int64_t line, int64_t column,
                          int64_t null);

#endif
