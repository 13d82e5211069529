/* What kind of thing a class is, as far as growth is concerned.
 *
 * When a program leaks sessions, strings and backing arrays grow with them, and often by more bytes; but it
 * is the session that a person must look at. And V8 itself grows while a program warms up. The nature of a
 * class says which of these it is, from its type and names, so it agrees between processes and Node versions;
 * a class of the program's that has the name of one of the language's is told by its script. No state: any
 * thread. */
#ifndef HS_TREND_NATURE_H
#define HS_TREND_NATURE_H

#include "base/types.h"

enum hs_trend_nature {
    HS_NATURE_USER,    /* instances of a named class or constructor, the program's or a package's */
    HS_NATURE_NAMED,   /* functions with a name, object literals with properties */
    HS_NATURE_BUILTIN, /* Array, Map, Promise, Buffer, …, anonymous functions, empty objects */
    HS_NATURE_CONTENT, /* what others hold: strings, numbers, backing arrays, contexts, external bytes */
    HS_NATURE_V8,      /* V8's own: code, feedback, maps and other hidden things */
};

/* `script`: where its constructor stands; NULL or empty: not known. */
enum hs_trend_nature hs_trend_nature_of(const char *type, const char *constructor, const char *script,
                                        bool has_properties);
/* "user", "named", "builtin", "content", "v8". */
const char *hs_trend_nature_name(enum hs_trend_nature nature);

#endif
