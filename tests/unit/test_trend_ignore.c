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

static struct hs_ignore_pattern *find(struct hs_ignore *ignore, const char *constructor) {
    const struct hs_ignore_subject subject = {.constructor = constructor};
    return hs_ignore_match(ignore, &subject, 100);
}

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
    assert_ptr_equal(find(&ignore, "HttpAgent"), &ignore.patterns[1]);
    assert_ptr_equal(find(&ignore, "B1"), &ignore.patterns[2]);
    assert_null(find(&ignore, "Sessions"));
    assert_null(find(&ignore, ""));
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

#define PRINT "0123456789abcdef0123456789abcdef"

static void selects_by_holder_and_fingerprint(void **state) {
    (void)state;
    struct hs_ignore ignore = {0};
    assert_null(load(&ignore, "holder: app.js: variable cach[ae]*  # bounded\n" PRINT " # bare\n"
                              "fingerprint:" PRINT " # named\n0123abc # a class\nholder # a class too\n"));
    assert_int_equal(ignore.count, 5);
    assert_string_equal(ignore.patterns[0].pattern, "holder: app.js: variable cach[ae]*");
    struct hs_ignore_subject subject = {.constructor = "Session", .holder = "app.js: variable cache: Map"};
    assert_ptr_equal(hs_ignore_match(&ignore, &subject, 5), &ignore.patterns[0]);
    subject.holder = "lib.js: variable cache: Map";
    assert_null(hs_ignore_match(&ignore, &subject, 5));
    subject.fingerprint = PRINT;
    assert_ptr_equal(hs_ignore_match(&ignore, &subject, 7), &ignore.patterns[1]);
    assert_int_equal(ignore.patterns[2].by, HS_IGNORE_FINGERPRINT);
    assert_null(find(&ignore, PRINT)); /* a class of that name is not meant */
    assert_ptr_equal(find(&ignore, "0123abc"), &ignore.patterns[3]);
    assert_ptr_equal(find(&ignore, "holder"), &ignore.patterns[4]);
    assert_true(ignore.patterns[0].matched == 1 && ignore.patterns[0].bytes_delta == 5);
    assert_true(ignore.patterns[1].matched == 1 && ignore.patterns[1].bytes_delta == 7);
    hs_ignore_deinit(&ignore);
}

/* 2025-06-30T23:59:59.999Z is the last moment of the day. */
static void rules_lapse_after_their_last_day(void **state) {
    (void)state;
    struct hs_ignore ignore = {0};
    assert_null(load(&ignore,
                     "Session until=2025-06-30 # fixed in 2.5\nSess*\tuntil=2024-02-29 # old\nA #until=x\n"));
    assert_string_equal(ignore.patterns[0].pattern, "Session");
    assert_string_equal(ignore.patterns[0].until, "2025-06-30");
    assert_string_equal(ignore.patterns[2].until, "");
    assert_int_equal(ignore.patterns[0].ends, 1751328000000);
    assert_ptr_equal(find(&ignore, "Session"), &ignore.patterns[0]); /* no time is known: all hold */
    hs_ignore_set_time(&ignore, 1751328000000 - 1);
    assert_false(ignore.patterns[0].expired);
    assert_true(ignore.patterns[1].expired);
    assert_ptr_equal(find(&ignore, "Session"), &ignore.patterns[0]);
    hs_ignore_set_time(&ignore, 1751328000000);
    assert_null(find(&ignore, "Session"));
    assert_int_equal(ignore.patterns[0].matched, 3); /* the third: what it would have muted */
    assert_int_equal(ignore.patterns[1].matched, 0);
    assert_ptr_equal(find(&ignore, "A"), &ignore.patterns[2]);
    hs_ignore_deinit(&ignore);
}

static void malformed_lines_are_errors(void **state) {
    (void)state;
    static const char *const bad[][2] = {
        {"A until=2025-02-29 # no such day", "line 2: the last day is no date"},
        {"A until=2025-2-9 # short", "line 2: the last day is no date"},
        {"A until=tomorrow # when?", "line 2: the last day is no date"},
        {"A until= # when?", "line 2: the last day is no date"},
        {"until=2025-06-30 # what?", "line 2: a rule that says nothing"},
        {"fingerprint:123 # short", "line 2: `fingerprint:` without the 32 hexadecimal digits"},
        {"holder: # who?", "line 2: `holder:` without a holder"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[200];
        struct hs_ignore ignore = {0};
        snprintf(text, sizeof text, "Fine # yes\n%s\n", bad[i][0]);
        struct hs_error *error = load(&ignore, text);
        assert_non_null(error);
        assert_non_null(strstr(error->message, bad[i][1]));
        assert_int_equal(error->code, HS_ERROR_FORMAT);
        hs_error_destroy(error);
        assert_int_equal(ignore.count, 1);
        hs_ignore_deinit(&ignore);
    }
}

static struct hs_error *read_bytes(const char *bytes, size_t size) {
    struct hs_ignore ignore = {0};
    FILE *stream = fmemopen((void *)bytes, size, "r");
    struct hs_error *error = hs_ignore_read(&ignore, stream, "rules");
    fclose(stream);
    hs_ignore_deinit(&ignore);
    return error;
}

static void what_is_no_text_is_refused(void **state) {
    (void)state;
    static char endless[70000];
    struct hs_error *error = read_bytes("A # b\nB\0C # d\n", 15);
    assert_string_equal(error->message, "rules: line 2: a zero byte: this is no list of rules");
    hs_error_destroy(error);
    memset(endless, 'x', sizeof endless);
    error = read_bytes(endless, sizeof endless);
    assert_string_equal(error->message, "rules: line 1: longer than 64 KiB: this is no list of rules");
    hs_error_destroy(error);
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
        cmocka_unit_test(selects_by_holder_and_fingerprint),
        cmocka_unit_test(rules_lapse_after_their_last_day),
        cmocka_unit_test(malformed_lines_are_errors),
        cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(names_a_missing_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
