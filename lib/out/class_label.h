/* A class in words: `Session (session.js:12): created, id, user`.
 *
 * The head says what it is (constructor, `name()` for functions), the tail what it has (properties, or
 * `{table}` for objects that are used as tables). Escaped for a terminal. No state: any thread. */
#ifndef HS_OUT_CLASS_LABEL_H
#define HS_OUT_CLASS_LABEL_H

#include "base/strbuf.h"

/* Appends the head. Empty names become "(anonymous)". */
void hs_class_label_put_head(struct hs_strbuf *out, const char *type, const char *constructor);
/* Appends " {table}", or ": a, b, c", or nothing. At most `limit` bytes of properties, then ", and N more".
 */
void hs_class_label_put_tail(struct hs_strbuf *out, bool dictionary, const char *const *properties,
                             size_t length, size_t limit);
/* Appends " (server.js:12)" where the script is known: its file name only. */
void hs_class_label_put_location(struct hs_strbuf *out, const char *script, int64_t line);

#endif
