/* What the place that we print to can show.
 *
 * Found once by the program and handed to everything that renders, so that rendering itself is pure and can
 * be tested. A plain struct; any thread. */
#ifndef HS_OUT_TERMINAL_H
#define HS_OUT_TERMINAL_H

#include "base/types.h"
#include <stdio.h>

enum hs_color_mode { HS_COLOR_AUTO, HS_COLOR_ALWAYS, HS_COLOR_NEVER };

struct hs_terminal {
    unsigned width; /* columns; 0: lines may be of any length */
    bool color;
    bool utf8; /* false: everything outside ASCII is escaped, no sparklines, "..." for an ellipsis */
};

/* Reads the argument of --color=; false if it is none of auto, always, never. */
bool hs_color_mode_parse(const char *text, enum hs_color_mode *ret);
/* Colour in auto mode: a terminal, TERM not dumb, NO_COLOR unset or empty. Width: COLUMNS, else the
 * terminal's, else 0. */
struct hs_terminal hs_terminal_detect(FILE *stream, enum hs_color_mode mode);

#endif
