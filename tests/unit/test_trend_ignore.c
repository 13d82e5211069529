#include "trend/ignore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Loads `text` as a file; the error or NULL. */
static struct hs_error *load(struct hs_ignore *ignore, const char *text) {
    char name[] = "/tmp/hs-test-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    struct hs_error *error = hs_ignore_load(ignore, name);
    remove(name);
    return error;
}

static void reads_patterns_and_reasons(void **state) {
    (void)state;
    struct hs_ignore ignore = {0};
    assert_null(load(
        &ignore,
        "# known\n\nSession  # filled at start\r\n  Http* #  pool, bounded  \n[AB]?\t# both\nWe#ird # odd"));
    assert_int_equal(ignore.count, 4);
    assert_string_equal(ignore.patterns[0].pattern, "Session");
    assert_string_equal(ignore.patterns[0].reason, "filled at start");
    assert_string_equal(ignore.patterns[1].pattern, "Http*");
    assert_string_equal(ignore.patterns[1].reason, "pool, bounded");
    assert_string_equal(ignore.patterns[3].pattern, "We#ird");
    assert_ptr_equal(hs_ignore_find(&ignore, "HttpAgent"), &ignore.patterns[1]);
    assert_ptr_equal(hs_ignore_find(&ignore, "B1"), &ignore.patterns[2]);
    assert_null(hs_ignore_find(&ignore, "Sessions"));
    assert_null(hs_ignore_find(&ignore, ""));
    hs_ignore_deinit(&ignore);
    assert_int_equal(ignore.count, 0);
}

static void wants_a_reason(void **state) {
    (void)state;
    static const char *const bad[] = {"A # ok\nSession\n", "A # ok\nSession #\n",
                                      "A # ok\nSession#no space\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct hs_ignore ignore = {0};
        struct hs_error *error = load(&ignore, bad[i]);
        assert_non_null(error);
        assert_non_null(strstr(error->message, ": line 2: a pattern without a reason"));
        hs_error_destroy(error);
        hs_ignore_deinit(&ignore);
    }
}

static void names_a_missing_file(void **state) {
    (void)state;
    struct hs_ignore ignore = {0};
    struct hs_error *error = hs_ignore_load(&ignore, "/nowhere/x");
    assert_string_equal(error->message, "cannot open /nowhere/x: No such file or directory");
    hs_error_destroy(error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_patterns_and_reasons),
        cmocka_unit_test(wants_a_reason),
        cmocka_unit_test(names_a_missing_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
