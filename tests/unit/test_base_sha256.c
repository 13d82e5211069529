#include "base/sha256.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_hash(const void *bytes, size_t size, const char *want) {
    uint8_t hash[32];
    char hex[65];
    hs_sha256(bytes, size, hash);
    for (size_t i = 0; i < 32; i++) sprintf(hex + 2 * i, "%02x", hash[i]);
    assert_string_equal(hex, want);
}

/* The examples of NIST's FIPS 180-4 and its million a's; the others from coreutils' sha256sum. */
static void hashes_as_the_standard_says(void **state) {
    (void)state;
    assert_hash("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_hash("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const char *two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    assert_hash(two, strlen(two), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    char *many = malloc(1000000);
    memset(many, 'a', 1000000);
    assert_hash(many, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    /* Around the end of a block, where the length needs one more. */
    assert_hash(many, 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    assert_hash(many, 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
    assert_hash(many, 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
    free(many);
}

static void writes_base64(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < 5; i++) {
        HS_STRBUF_AUTO b = HS_STRBUF_INIT;
        hs_base64_put(&b, (const uint8_t *)rows[i][0], strlen(rows[i][0]));
        assert_string_equal(b.data, rows[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_as_the_standard_says),
        cmocka_unit_test(writes_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
