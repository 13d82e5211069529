/* The name of a script as people are shown it.
 *
 * A whole path is too long for a line and says where a program is installed; its last part alone does not say
 * which of a hundred index.js it is. So: of a package, the package and the file ("lodash/memoize.js",
 * "@grpc/grpc-js/channel.js"); of an index file, its folder ("users/index.js"); else the file. Names of
 * Node's own ("node:internal/timers") stay whole. Two files may still have one name: identity is the whole
 * path, which JSON has. */
#ifndef HS_BASE_SCRIPT_NAME_H
#define HS_BASE_SCRIPT_NAME_H

#include "base/strbuf.h"

/* Appends the name, unescaped. `script`: a path or a file: URL as V8 has it, with `/`. */
void hs_script_name_put(struct hs_strbuf *out, const char *script);

/* Length of the name without what makes a loader read the script afresh: the query and the fragment of a URL,
 * the content of a data: URL. Scripts that differ by that alone are one script, loaded again. */
size_t hs_script_name_stem(const char *script);

#endif
