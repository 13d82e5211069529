#define _GNU_SOURCE 1 /* strcasestr */
#include "out/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool hs_color_mode_parse(const char *text, enum hs_color_mode *ret) {
    if (!strcmp(text, "auto")) *ret = HS_COLOR_AUTO;
    else if (!strcmp(text, "always")) *ret = HS_COLOR_ALWAYS;
    else if (!strcmp(text, "never")) *ret = HS_COLOR_NEVER;
    else return false;
    return true;
}

static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* Asked of the environment, not of setlocale(): a locale that is named but not installed still tells the
 * terminal. */
static bool locale_is_utf8(void) {
    const char *locale = environment("LC_ALL");
    if (!locale) locale = environment("LC_CTYPE");
    if (!locale) locale = environment("LANG");
    return locale && (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
}

struct hs_terminal hs_terminal_detect(FILE *stream, enum hs_color_mode mode) {
    struct hs_terminal terminal = {.utf8 = locale_is_utf8()};
    int fd = fileno(stream);
    bool is_terminal = isatty(fd);
    const char *term = environment("TERM");
    terminal.color =
        mode == HS_COLOR_ALWAYS || (mode == HS_COLOR_AUTO && is_terminal && !environment("NO_COLOR") &&
                                    !(term && !strcmp(term, "dumb")));
    const char *columns = environment("COLUMNS");
    long width = columns ? strtol(columns, NULL, 10) : 0;
    struct winsize size;
    if (width <= 0 && is_terminal && !ioctl(fd, TIOCGWINSZ, &size)) width = size.ws_col;
    if (width > 0 && width < 10000) terminal.width = (unsigned)width;
    return terminal;
}
