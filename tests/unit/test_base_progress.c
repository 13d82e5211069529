#include "base/progress.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void wait_ms(int64_t ms) {
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static void reads_the_mode(void **state) {
    (void)state;
    enum hs_progress_mode mode;
    assert_true(hs_progress_mode_parse("auto", &mode) && mode == HS_PROGRESS_AUTO);
    assert_true(hs_progress_mode_parse("always", &mode) && mode == HS_PROGRESS_ALWAYS);
    assert_true(hs_progress_mode_parse("never", &mode) && mode == HS_PROGRESS_NEVER);
    assert_false(hs_progress_mode_parse("Always", &mode));
}

/* A meter on a stream in memory, 30 of 40 bytes done after `ms`. */
static char *draw(enum hs_progress_mode mode, int64_t ms) {
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    struct hs_progress progress;
    hs_progress_start(&progress, mode, "reading", HS_PROGRESS_ITEMS, 40);
    progress.stream = stream;
    hs_progress_add(&progress, 10);
    wait_ms(ms);
    hs_progress_add(&progress, 20);
    hs_progress_add(&progress, 1);
    hs_progress_stop(&progress);
    hs_progress_add(&progress, 5);
    fclose(stream);
    return text;
}

static void shows_after_the_delay_and_wipes(void **state) {
    (void)state;
    char *text = draw(HS_PROGRESS_ALWAYS, HS_PROGRESS_DELAY_MS + 20);
    assert_non_null(strstr(text, "reading:  75%"));
    assert_string_equal(text + strlen(text) - 4, "\r\033[K");
    /* the second step came within a fifth of a second: one drawing only */
    assert_null(strstr(strstr(text, "reading") + 1, "reading"));
    free(text);
}

static void says_nothing_about_quick_work(void **state) {
    (void)state;
    char *text = draw(HS_PROGRESS_ALWAYS, 0);
    assert_string_equal(text, "");
    free(text);
}

static void never_is_never(void **state) {
    (void)state;
    char *text = draw(HS_PROGRESS_NEVER, HS_PROGRESS_DELAY_MS + 20);
    assert_string_equal(text, "");
    free(text);
}

static void takes_null(void **state) {
    (void)state;
    hs_progress_add(NULL, 1);
    hs_progress_stop(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_mode),
        cmocka_unit_test(shows_after_the_delay_and_wipes),
        cmocka_unit_test(says_nothing_about_quick_work),
        cmocka_unit_test(never_is_never),
        cmocka_unit_test(takes_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
