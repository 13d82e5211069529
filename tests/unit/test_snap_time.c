#include "snap/time.h"

#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Wanted values: `date -u -d TEXT +%s` of GNU coreutils. */
static const struct {
    const char *text;
    int64_t ms;
} ROWS[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"2024-11-22T01:42:07Z", 1732239727000},
    {"2024-11-22T01:42:07.123Z", 1732239727123},
    {"2000-02-29T23:59:59Z", 951868799000},
    {"1969-12-31T23:59:59.999Z", -1},
    {"0001-01-01T00:00:00Z", -62135596800000},
    {"9999-12-31T23:59:59Z", 253402300799000},
    {"2100-03-01T00:00:00Z", 4107542400000},
};

static void prints_and_parses(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        char text[32];
        int64_t ms;
        assert_true(hs_snap_time_print(ROWS[i].ms, text));
        assert_string_equal(text, ROWS[i].text);
        assert_true(hs_snap_time_parse(ROWS[i].text, &ms));
        assert_int_equal(ms, ROWS[i].ms);
    }
}

static void parses_offsets_and_fractions(void **state) {
    (void)state;
    int64_t ms;
    assert_true(hs_snap_time_parse("2024-11-22T02:42:07+01:00", &ms));
    assert_int_equal(ms, 1732239727000);
    assert_true(hs_snap_time_parse("2024-11-21T20:12:07.5-05:30", &ms));
    assert_int_equal(ms, 1732239727500);
    assert_true(hs_snap_time_parse("2024-11-22T01:42:07.123456789Z", &ms));
    assert_int_equal(ms, 1732239727123);
}

static void refuses_everything_else(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "2024-11-22",
                                      "2024-11-22T01:42:07",
                                      "2024-11-22 01:42:07Z",
                                      "2024-11-22T01:42:07z",
                                      "2024-13-22T01:42:07Z",
                                      "2024-00-22T01:42:07Z",
                                      "2023-02-29T01:42:07Z",
                                      "1900-02-29T00:00:00Z",
                                      "2024-04-31T00:00:00Z",
                                      "2024-11-22T24:00:00Z",
                                      "2024-11-22T01:60:07Z",
                                      "2024-11-22T01:42:07.Z",
                                      "2024-11-22T01:42:07Zx",
                                      "2024-11-22T01:42:07+0100",
                                      "+024-11-22T01:42:07Z",
                                      "0000-01-01T00:00:00Z"};
    int64_t ms;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(hs_snap_time_parse(bad[i], &ms));
    char text[32];
    assert_false(hs_snap_time_print(253402300800000, text));
    assert_false(hs_snap_time_print(INT64_MAX, text));
    assert_false(hs_snap_time_print(INT64_MIN, text));
    assert_string_equal(text, "");
}

/* Every day of 800 years comes back. */
static void every_day_round_trips(void **state) {
    (void)state;
    for (int64_t day = -146097; day <= 146097; day++) {
        char text[32];
        int64_t ms;
        assert_true(hs_snap_time_print(day * 86400000, text));
        assert_true(hs_snap_time_parse(text, &ms));
        assert_int_equal(ms, day * 86400000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_and_parses),
        cmocka_unit_test(parses_offsets_and_fractions),
        cmocka_unit_test(refuses_everything_else),
        cmocka_unit_test(every_day_round_trips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
