#include "base/child.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct hs_error *run(struct hs_strbuf *out, int64_t limit_ms, const char *const *argv) {
    struct hs_child child = {argv, "/", limit_ms, 1 << 20};
    return hs_child_run(&child, out);
}

#define RUN(out, limit_ms, ...) run(out, limit_ms, (const char *const[]){__VA_ARGS__, NULL})

static void gives_what_the_program_prints(void **state) {
    (void)state;
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    assert_null(RUN(&out, 5000, "printf", "%s|", "a b", "$(id)", "`id`", "*"));
    assert_string_equal(out.data, "a b|$(id)|`id`|*|"); /* no shell has seen it */
    hs_strbuf_clear(&out);
    assert_null(RUN(&out, 5000, "pwd"));
    assert_string_equal(out.data, "/\n");
    hs_strbuf_clear(&out);
    assert_null(RUN(&out, 5000, "cat")); /* an empty standard input */
    assert_string_equal(out.data, "");
}

static void hides_our_environment(void **state) {
    (void)state;
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    setenv("GNUPLOT_LIB", "/nowhere", 1);
    assert_null(RUN(&out, 5000, "env"));
    assert_null(strstr(out.data, "GNUPLOT_LIB"));
    assert_non_null(strstr(out.data, "LC_ALL=C.UTF-8"));
}

static void tells_what_went_wrong(void **state) {
    (void)state;
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    struct hs_error *error =
        RUN(&out, 5000, "sh", "-c", "printf 'no \\033 good\\nmore' >&2; echo half; exit 3");
    assert_non_null(error);
    assert_string_equal(error->message, "sh: it failed with status 3: no \\u{1b} good");
    assert_int_equal(out.size, 0);
    hs_error_destroy(error);
    error = RUN(&out, 5000, "no-such-program-here");
    assert_non_null(error);
    assert_int_equal(error->code, HS_ERROR_UNSUPPORTED);
    hs_error_destroy(error);
    error = RUN(&out, 5000, "sh", "-c", "kill -9 $$");
    assert_non_null(error);
    assert_string_equal(error->message, "sh: signal 9 ended it");
    hs_error_destroy(error);
    error = RUN(&out, 5000, "head", "-c", "2000000", "/dev/zero");
    assert_non_null(error);
    assert_non_null(strstr(error->message, "more than 1048576 bytes"));
    hs_error_destroy(error);
}

static void ends_what_takes_too_long(void **state) {
    (void)state;
    static const char *const scripts[] = {"sleep 60", "exec >&- 2>&-; sleep 60", "sleep 60 & sleep 60"};
    for (size_t i = 0; i < 3; i++) {
        HS_STRBUF_AUTO out = HS_STRBUF_INIT;
        time_t began = time(NULL);
        struct hs_error *error = RUN(&out, 300, "sh", "-c", scripts[i]);
        assert_non_null(error);
        assert_non_null(strstr(error->message, "longer than 0.3 s"));
        assert_true(time(NULL) - began < 20);
        hs_error_destroy(error);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_the_program_prints),
        cmocka_unit_test(hides_our_environment),
        cmocka_unit_test(tells_what_went_wrong),
        cmocka_unit_test(ends_what_takes_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
