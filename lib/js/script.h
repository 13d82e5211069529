/* Scripts: their name, and lines and columns of positions in their source.
 *
 * Line ends come from Script.line_ends where V8 has computed them, else from the source itself (LF, CR, CR
 * LF, U+2028 and U+2029 end a line; objects/script.cc, String::CalculateLineEnds). Cached in the hs_js, by
 * address of the Script. */
#ifndef HS_JS_SCRIPT_H
#define HS_JS_SCRIPT_H

#include "js/js.h"

struct hs_js_script {
    const char *name;    /* interned; "<anonymous>", as in stack traces, if the script has none */
    uint32_t *line_ends; /* positions of the line terminators, ascending */
    uint32_t line_count; /* number of them */
    bool lines_known;
};

/* The Script that `script` points to, or NULL. */
const struct hs_js_script *hs_js_script_get(struct hs_js *js, hs_tagged script);
/* Line and column of a position, both from 0 as in V8's snapshot; false if the script's lines are not known.
 */
bool hs_js_script_locate(const struct hs_js_script *script, uint32_t position, int32_t *line_ret,
                         int32_t *column_ret);
/* For hs_js_destroy() only. */
void hs_js_scripts_free(struct hs_js *js);

#endif
