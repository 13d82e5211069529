/* Text from a core, made safe for where it goes.
 *
 * Every string that came from a target is hostile: it may hold escape sequences, line feeds, right-to-left
 * overrides or bytes that are no text at all. Nothing of that reaches a terminal or a document unescaped. No
 * state: any thread. */
#ifndef HS_BASE_ESCAPE_H
#define HS_BASE_ESCAPE_H

#include "base/strbuf.h"

/* For a terminal or a message: bytes that are no UTF-8 become \xNN; control, format, bidirectional, invisible
 * and unassigned-plane characters become \u{HEX} (\n, \r, \t by name); a backslash becomes \\, so the result
 * is unambiguous. */
void hs_escape_terminal(struct hs_strbuf *out, const char *text, size_t size);
/* The same for a NUL-terminated string; NULL appends "(unknown)". */
void hs_escape_terminal_string(struct hs_strbuf *out, const char *text);
/* The inside of a JSON string (no quotes around): RFC 8259, output valid UTF-8, broken parts U+FFFD. */
void hs_escape_json(struct hs_strbuf *out, const char *text, size_t size);
/* A whole JSON string with its quotes, or null for NULL. */
void hs_escape_json_string(struct hs_strbuf *out, const char *text);

#endif
