/* Text on its way into an HTML document.
 *
 * Three contexts, three functions. All output is valid UTF-8 and holds no character that could end the
 * context or turn the direction of writing: `<`, `>`, `&` and both quotes become entities, so the result may
 * stand between tags and inside a quoted attribute alike. Pure: reads, appends; any thread. */
#ifndef HS_OUT_HTML_H
#define HS_OUT_HTML_H

#include "base/strbuf.h"

/* Appends text of ours, or text that was escaped for a terminal. Control characters become spaces, broken
 * parts U+FFFD. */
void hs_html_put(struct hs_strbuf *out, const char *text, size_t size);
void hs_html_puts(struct hs_strbuf *out, const char *text);
/* Appends a name from a heap: escaped as for a terminal first, so what is invisible can be seen. NULL is
 * "(unknown)". */
void hs_html_put_name(struct hs_strbuf *out, const char *name);
/* Appends JSON, that is valid already, for the inside of <script type="application/json">: no `<`, `>`, `&`,
 * line separator or mark of direction is left in it, and it parses to the same value. */
void hs_html_put_json(struct hs_strbuf *out, const char *json, size_t size);

#endif
