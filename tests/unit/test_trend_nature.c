#include "trend/nature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void knows_whose_a_class_is(void **state) {
    (void)state;
    static const struct {
        const char *type, *constructor;
        bool properties;
        enum hs_trend_nature nature;
    } rows[] = {
        {"object", "Session", true, HS_NATURE_USER},
        {"object", "Session", false, HS_NATURE_USER},
        {"object", "Socket", true, HS_NATURE_USER},
        {"object", "Object", true, HS_NATURE_NAMED},
        {"object", "Object", false, HS_NATURE_BUILTIN},
        {"object", "", true, HS_NATURE_BUILTIN},
        {"object", "AggregateError", false, HS_NATURE_BUILTIN},
        {"object", "Array", false, HS_NATURE_BUILTIN},
        {"object", "Map", false, HS_NATURE_BUILTIN},
        {"object", "Promise", false, HS_NATURE_BUILTIN},
        {"object", "Uint8Array", false, HS_NATURE_BUILTIN},
        {"object", "WeakSet", false, HS_NATURE_BUILTIN},
        {"object", "Iterator", false, HS_NATURE_BUILTIN},
        {"closure", "onChange", false, HS_NATURE_NAMED},
        {"closure", "", false, HS_NATURE_BUILTIN},
        {"closure", "(anonymous)", false, HS_NATURE_BUILTIN},
        {"regexp", "(regexp)", false, HS_NATURE_BUILTIN},
        {"object", "system / Context", false, HS_NATURE_CONTENT},
        {"object", "system / Context / scope @12", false, HS_NATURE_CONTENT},
        {"hidden", "system / JSProxy", false, HS_NATURE_BUILTIN},
        {"string", "(string)", false, HS_NATURE_CONTENT},
        {"concatenated string", "(concatenated string)", false, HS_NATURE_CONTENT},
        {"array", "(object elements)", false, HS_NATURE_CONTENT},
        {"number", "(number)", false, HS_NATURE_CONTENT},
        {"native", "system / JSArrayBufferData", false, HS_NATURE_CONTENT},
        {"code", "(bytecode)", false, HS_NATURE_V8},
        {"hidden", "system / FeedbackCell", false, HS_NATURE_V8},
        {"object shape", "system / Map", false, HS_NATURE_V8},
        {"array", "system / FeedbackVector", false, HS_NATURE_V8},
        {"something new", "Thing", true, HS_NATURE_CONTENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum hs_trend_nature nature =
            hs_trend_nature_of(rows[i].type, rows[i].constructor, NULL, rows[i].properties);
        if (nature != rows[i].nature) print_error("%s %s\n", rows[i].type, rows[i].constructor);
        assert_int_equal(nature, rows[i].nature);
    }
}

/* A program may call its class as one of the language's is called. */
static void script_tells_whose_a_name_is(void **state) {
    (void)state;
    static const struct {
        const char *constructor, *script;
        enum hs_trend_nature nature;
    } rows[] = {
        {"Iterator", "/srv/node_modules/classic-level/iterator.js", HS_NATURE_USER},
        {"Iterator", "file:///srv/iterator.mjs", HS_NATURE_USER},
        {"Iterator", "", HS_NATURE_BUILTIN},
        {"Buffer", "node:buffer", HS_NATURE_BUILTIN},
        {"Buffer", "buffer.js", HS_NATURE_BUILTIN},
        {"Generator", "/srv/app.js", HS_NATURE_BUILTIN}, /* its function's */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(hs_trend_nature_of("object", rows[i].constructor, rows[i].script, true),
                         rows[i].nature);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_whose_a_class_is),
        cmocka_unit_test(script_tells_whose_a_name_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
