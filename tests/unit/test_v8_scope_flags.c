/* Which bits of a ScopeInfo's flags say what: where the scope infos of a core do not tell, its version does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "v8/isolate_private.h"
#include "v8/layout_private.h"

/* Found in cores of these releases by a clear majority of their scope infos (heapscan --explain-layout). */
static void version_decides_where_scopes_do_not(void **state) {
    (void)state;
    static const struct {
        int major, minor, function, inferred;
    } rows[] = {
        {7, 0, 10, 12}, /* Node 11.15.0 */
        {7, 5, 10, 12}, /* 12.5.0 */
        {7, 6, 11, 13}, /* 12.9.1, 12.10.0 */
        {7, 7, 11, 13}, /* 12.11.0, 12.15.0 */
        {7, 8, 11, 13}, /* 12.16.0, 12.22.12, 13.0.0 */
        {7, 9, 12, 14}, /* 13.14.0 */
        {8, 1, 12, 14}, /* 14.0.0 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hs_v8_symbols symbols = {.version = {rows[i].major, rows[i].minor}};
        struct hs_v8 v8 = {.symbols = &symbols};
        v8.layout.scope_info_raw_flags = 1; /* nobody is asked */
        assert_null(hs_scope_flags_resolve(&v8));
        assert_int_equal(v8.layout.scope_info_function_shift, rows[i].function);
        assert_int_equal(v8.layout.scope_info_inferred_bit, rows[i].inferred);
        free(v8.facts);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(version_decides_where_scopes_do_not)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
