#include "base/script_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void says_which_file(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"/srv/app/server.js", "server.js"},
        {"server.js", "server.js"},
        {"", ""},
        {"/srv/app/", "/srv/app/"},
        {"file:///srv/app/main.mjs", "main.mjs"},
        {"node:internal/timers", "node:internal/timers"},
        {"/srv/users/index.js", "users/index.js"},
        {"/index.js", "/index.js"},
        {"index.js", "index.js"},
        {"/srv/index/server.js", "server.js"},
        {"/srv/node_modules/lodash/memoize.js", "lodash/memoize.js"},
        {"node_modules/lodash/lodash.js", "lodash/lodash.js"},
        {"/srv/node_modules/express/lib/router/index.js", "express/index.js"},
        {"/srv/node_modules/@grpc/grpc-js/build/src/channel.js", "@grpc/grpc-js/channel.js"},
        {"/srv/node_modules/.pnpm/a@1.0.0/node_modules/a/index.mjs", "a/index.mjs"},
        {"/srv/node_modules/a/node_modules/b/c.js", "b/c.js"},
        {"/srv/node_modules/single.js", "single.js"},
        {"/srv/node_modules/@scope/single.js", "single.js"},
        {"/srv/my_node_modules/x/y.js", "y.js"},
        {"/srv/node_modules/", "/srv/node_modules/"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        HS_STRBUF_AUTO name = HS_STRBUF_INIT;
        hs_script_name_put(&name, rows[i][0]);
        assert_string_equal(name.data ? name.data : "", rows[i][1]);
    }
}

/* What is loaded again under a fresh query is the same script. */
static void stem_is_without_query(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"file:///srv/conf.mjs?v=573", "file:///srv/conf.mjs"},
        {"file:///srv/conf.mjs#a?b", "file:///srv/conf.mjs"},
        {"https://host/x.mjs?t=1", "https://host/x.mjs"},
        {"data:text/javascript,export default 1", "data:text/javascript"},
        {"data:", "data:"},
        {"/srv/what?.js", "/srv/what?.js"},
        {"/srv/a://b?c.js", "/srv/a://b?c.js"},
        {"node:internal/timers", "node:internal/timers"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(hs_script_name_stem(rows[i][0]), strlen(rows[i][1]));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_which_file),
                                       cmocka_unit_test(stem_is_without_query)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
