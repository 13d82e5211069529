#include "trend/hint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

/* Holders as heapdiff names them in cores of programs that leak so; of the words only those that tell. */
static void says_what_is_missing(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"node:internal/timers: variable timerListMap[x]._idleNext: Timeout", "setInterval"},
        {"global.clearInterval variable refedLists[x]._idleNext: Timeout", "setInterval"},
        {"race.js: variable shutdown (reactions_or_result): system / PromiseReaction", "does not settle"},
        {"node:internal/modules/cjs/loader: variable Module._cache: Object", "require()"},
        {"app.js: variable require.cache: Object", "require()"},
        {"node:internal/modules/esm/loader: variable cascadedLoader.loadCache: LoadCache", "import()"},
        {"bus.js: variable hub._events.price: Array", "off()"},
        {"abort.js: variable hub.<symbol kEvents>[key].next: Listener", "addEventListener()"},
        {"node:internal/perf/observe: variable measureEntryBuffer: Array", "clearMeasures()"},
        {"(Strong root list): (hash table)", "Symbol.for()"},
        {"(Stack roots): Array", "under way"},
        {"(Global handles) of Node / TCPWrap: TCP", "C++"},
        {"conf.mjs:", "again and again"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *hint = hs_holder_hint(rows[i][0]);
        assert_non_null(hint);
        assert_non_null(strstr(hint, rows[i][1]));
    }
}

/* What a program calls its own things is no reason to say anything. */
static void keeps_silent_on_others(void **state) {
    (void)state;
    static const char *const rows[] = {
        "app.js: variable sessions: Map", "app.js: variable timers: Map", "global.cache: Object",
        "app.js: variable downloadCache: Map", "app.js: variable cache.loadCached: Map",
        /* a variable of a listener, of a timer's callback: not the list of them */
        "app.js: variable srv._events[key] variable this._nsps: Map",
        "app.js: variable port.<symbol kEvents>[key].next.listener variable results: Map",
        "node:internal/timers: variable timerListMap[x]._idlePrev._onTimeout variable c: Socket",
        "(Stack roots) variable cache: Map", ""};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) assert_null(hs_holder_hint(rows[i]));
    assert_null(hs_holder_hint(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_is_missing),
                                       cmocka_unit_test(keeps_silent_on_others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
