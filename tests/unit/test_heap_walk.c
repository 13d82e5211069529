/* The walk over a small heap: every byte accounted, what is no object recognised for what it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../support/mini_heap.h"
#include "heap/walk.h"
#include "v8/gc.h"

static void batch(struct hs_walk_thread *t, const struct hs_page *p, const struct hs_object *o, size_t n) { (void)t;(void)p;(void)o;(void)n; }
static void test_opens(void **state) {
    (void)state;
    struct mini_heap heap; struct mini_v8 mini;
    mini_heap_init(&heap);
    struct hs_error *error = mini_heap_open(&heap, &mini);
    if (error) fail_msg("%s", error->message);
    struct hs_account accounts[8];
    struct hs_walk_thread thread = {0};
    error = hs_walk(mini.v8, &(struct hs_walk_options){.threads = 1, .batch = batch}, &thread, accounts);
    if (error) fail_msg("%s", error->message);
    for (unsigned i = 0; i < mini.v8->pages.space_count; i++) print_message("%s: %lu objects %lu free %lu unused %lu rejected %lu area %lu\n", mini.v8->pages.spaces[i].name, accounts[i].object_count, accounts[i].objects, accounts[i].free, accounts[i].unused, accounts[i].rejected, accounts[i].area);
    hs_v8_explain(mini.v8, stderr);
    hs_maps_deinit(&thread.maps);
    mini_v8_close(&mini);
    mini_heap_deinit(&heap);
}
int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_opens)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
