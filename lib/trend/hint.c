#include "trend/hint.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum where { BEGIN, INSIDE, LAST_STEP };

/* The first that fits. A name that may stand in a program as well is looked for where only Node has it. */
static const struct {
    enum where where;
    const char *text, *hint;
} HINTS[] = {
    {INSIDE, "(reactions_or_result)", "then() or await on a promise that does not settle"},
    {BEGIN, "node:internal/timers: variable timer",
     "timers that are set: setTimeout or setInterval that is not cleared"},
    {INSIDE, " variable refedLists[", "timers that are set: setTimeout or setInterval that is not cleared"},
    {LAST_STEP, "require.cache", "modules that require() loads under ever new names; it keeps them all"},
    {LAST_STEP, "Module._cache", "modules that require() loads under ever new names; it keeps them all"},
    {LAST_STEP, "loadCache", "modules that import() loads under ever new names; it keeps them all"},
    {INSIDE, "._events", "listeners that are added and not removed: on() without off()"},
    {INSIDE, "<symbol kEvents>",
     "listeners that are added and not removed: addEventListener() without its counterpart"},
    {BEGIN, "node:internal/perf/observe: variable markEntryBuffer",
     "performance.mark() without clearMarks()"},
    {BEGIN, "node:internal/perf/observe: variable measureEntryBuffer",
     "performance.measure() without clearMeasures()"},
    {BEGIN, "(V8's own)", "Atomics.waitAsync() that nobody notifies; V8 keeps its promises"},
    {BEGIN, "(Strong root list)", "Symbol.for() with ever new names; V8 keeps them all"},
    {BEGIN, "(Stack roots)", "on the stack when the core was taken: work under way"},
    {BEGIN, "(Handle scope)", "in the hands of a C++ function when the core was taken: work under way"},
    {BEGIN, "(Micro tasks)", "promise callbacks that waited for their turn when the core was taken"},
    {BEGIN, "(Global handles)", "held by C++, of Node or of an addon: what was opened and not closed"},
};

/* Whether the last step of the place, before ": Class", is `text`. */
static bool is_last_step(const char *holder, const char *text) {
    const char *end = holder + strlen(holder);
    for (const char *at = holder; (at = strstr(at, ": ")); at++) end = at;
    size_t length = strlen(text);
    size_t before = (size_t)(end - holder);
    if (before < length || memcmp(end - length, text, length)) return false;
    return before == length || end[-(ptrdiff_t)length - 1] == '.' || end[-(ptrdiff_t)length - 1] == ' ';
}

/* Whether the place goes on from there to a variable or a callback: then that is what holds. */
static bool goes_on(const char *place) {
    return strstr(place, " variable ") || strstr(place, "._onTimeout");
}

/* Where `text` stands in the holder, as it must; NULL. */
static const char *find(enum where where, const char *holder, const char *text) {
    if (where == BEGIN) return strncmp(holder, text, strlen(text)) ? NULL : holder + strlen(text);
    if (where == LAST_STEP) return is_last_step(holder, text) ? "" : NULL;
    const char *found = strstr(holder, text);
    return found ? found + strlen(text) : NULL;
}

const char *hs_holder_hint(const char *holder) {
    for (size_t i = 0; holder && i < sizeof HINTS / sizeof *HINTS; i++) {
        const char *behind = find(HINTS[i].where, holder, HINTS[i].text);
        if (behind && !goes_on(behind)) return HINTS[i].hint;
    }
    size_t length = holder ? strlen(holder) : 0;
    if (length && holder[length - 1] == ':') return "a script that is loaded again and again";
    return NULL;
}
