/* Which keys of a table may stand in a path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "group/table_keys.h"

static void words_are_steps_of_a_path(void **state) {
    (void)state;
    static const char *const words[] = {"drain", "_stdout", "$on", "uncaughtException", "<symbol kState>"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) assert_true(hs_table_key_is_word(words[i]));
}

/* What may be data is not written: numbers, addresses, sentences, what could break a line. */
static void data_is_not_named(void **state) {
    (void)state;
    static const char *const data[] = {"",          "user42",  "a@b.org", "job:done", "/etc/passwd",
                                       "two words", "\x1b[2J", "x\n",     "12",       "9f-ab"};
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) assert_false(hs_table_key_is_word(data[i]));
    char longest[66] = {0};
    for (size_t i = 0; i < 64; i++) longest[i] = 'a';
    assert_true(hs_table_key_is_word(longest));
    longest[64] = 'a';
    assert_false(hs_table_key_is_word(longest));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_steps_of_a_path),
        cmocka_unit_test(data_is_not_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
