/* Edges that wait in a file come back as they were, with the names' numbers in the order of the edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "export/exported_stream.h"

static const char first[] = "first", second[] = "second";
static const struct hs_stream_edge edges[] = {
    {.type = 1, .form = HS_STREAM_INDEX, .index = UINT32_MAX, .to = 5},
    {.type = 2, .form = HS_STREAM_NAME, .name = second, .to = UINT32_MAX},
    {.type = 3, .form = HS_STREAM_NUMBER, .index = 7, .to = 6},
    {.type = 6, .form = HS_STREAM_TEXT, .name = "a text of its own", .to = 0},
    {.type = 2, .form = HS_STREAM_NAME, .name = first, .integer = true, .to = INT64_MIN},
    {.type = 3, .form = HS_STREAM_NUMBER, .index = HS_STREAM_NUMBERS, .to = 1},
    {.type = 2, .form = HS_STREAM_NAME, .name = second, .integer = true, .to = INT64_MAX},
    {.type = 3, .form = HS_STREAM_NUMBER, .index = 7, .to = 9},
    {.type = 3, .form = HS_STREAM_NUMBER, .index = HS_STREAM_NUMBERS, .to = 2},
    {.type = 2, .form = HS_STREAM_NAME, .name = first, .integer = true, .to = -1},
};
enum { EDGES = sizeof edges / sizeof *edges };
/* What each is called, by the order in which that is met. */
static const uint32_t called[EDGES] = {UINT32_MAX, 100, 101, 102, 103, 104, 100, 101, 105, 103};

static void test_round(void **state) {
    (void)state;
    struct hs_encoder *encoder = hs_encoder_create();
    assert_non_null(encoder);
    for (int i = 0; i < EDGES; i++) hs_encoder_put(encoder, &edges[i]);
    assert_false(encoder->failed);
    assert_int_equal(encoder->edge_count, EDGES);
    assert_int_equal(encoder->name_count, 2);
    assert_int_equal(encoder->occurrences, 3);

    uint32_t next = 100, *numbers = calloc(HS_STREAM_NUMBERS, sizeof *numbers), names[2], occurrences[3],
             o = 0;
    assert_non_null(numbers);
    const uint8_t *bytes = (const uint8_t *)encoder->fresh.data;
    struct hs_decoder decoder = {bytes, bytes + encoder->fresh.size};
    struct hs_stream_fresh fresh;
    while (hs_decoder_fresh(&decoder, &fresh)) {
        if (fresh.occurrence) occurrences[o++] = next++;
        else if (fresh.form == HS_STREAM_NAME) names[fresh.index] = next++;
        else numbers[fresh.index] = next++;
        if (fresh.form == HS_STREAM_TEXT) assert_string_equal(fresh.text, "a text of its own");
    }
    assert_ptr_equal(decoder.at, decoder.end);
    assert_int_equal(next, 106);
    assert_ptr_equal(encoder->names[0], second);

    bytes = (const uint8_t *)encoder->edges.data;
    decoder = (struct hs_decoder){bytes, bytes + encoder->edges.size};
    struct hs_stream_numbers known = {names, numbers, occurrences};
    struct hs_stream_decoded decoded;
    for (int i = 0; i < EDGES; i++) {
        assert_true(hs_decoder_edge(&decoder, &known, &decoded));
        assert_int_equal(decoded.type, edges[i].type);
        assert_int_equal(decoded.integer, edges[i].integer);
        assert_int_equal(decoded.name, called[i]);
        assert_true(decoded.to == edges[i].to);
    }
    assert_false(hs_decoder_edge(&decoder, &known, &decoded));
    assert_ptr_equal(decoder.at, decoder.end);
    free(numbers);
    hs_encoder_destroy(encoder);
}

/* Bytes that end too soon are no edge. */
static void test_cut(void **state) {
    (void)state;
    struct hs_encoder *encoder = hs_encoder_create();
    assert_non_null(encoder);
    hs_encoder_put(encoder, &edges[0]);
    const uint8_t *bytes = (const uint8_t *)encoder->edges.data;
    struct hs_stream_numbers none = {0};
    struct hs_stream_decoded decoded;
    for (size_t size = 0; size < encoder->edges.size; size++) {
        struct hs_decoder decoder = {bytes, bytes + size};
        assert_false(hs_decoder_edge(&decoder, &none, &decoded));
    }
    hs_encoder_destroy(encoder);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round), cmocka_unit_test(test_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
