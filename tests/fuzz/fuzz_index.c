/* Fuzzes the reader of index files: any change to a good file, with and without its sums put right, gives an
 * error, or numbers that are within their bounds.
 *
 * Input: byte 0: bit 0: sign the result; then records of six bytes: where (section, two bytes of offset
 * counted from either end), three bytes what to put there. */
#include "../support/index_forge.h"

#include <stdlib.h>
#include <string.h>

#include "index/index_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void change(uint8_t *bytes, size_t size, const uint8_t *record) {
    struct hs_index_header header;
    memcpy(&header, bytes, sizeof header);
    uint64_t start = 0, length = HS_BLOCK_SIZE, into = record[1] | (uint64_t)record[2] << 8;
    unsigned section = record[0] & 0x3f;
    if (section < HS_SECTION_COUNT) {
        start = header.sections[section].offset;
        length = header.sections[section].size;
    } else if (section == 0x3f) {
        start = header.sums;
        length = size;
    }
    uint64_t at = record[0] & 0x40 ? start + length - 1 - into : start + into;
    if (record[0] & 0x80) at = start + into / 4 * 4;
    for (uint64_t i = 0; i < 3; i++)
        if (at + i < size) bytes[at + i] = record[3 + i];
    if (record[0] & 0x80 && at + 3 < size) bytes[at + 3] = 0; /* a small number */
}

static struct toy_index *toy;
static void tidy(void) {
    toy_index_destroy(toy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!toy) {
        toy = toy_index_create();
        atexit(tidy);
    }
    if (size < 1) return 0;
    uint8_t *bytes = malloc(toy->size);
    if (!bytes) abort();
    memcpy(bytes, toy->bytes, toy->size);
    for (size_t at = 1; at + 6 <= size; at += 6) change(bytes, toy->size, data + at);
    if (data[0] & 1) toy_index_sign(bytes, toy->size);
    toy_index_put(toy, bytes,
                  data[0] & 2 && size > 3 ? toy->size - (size_t)(data[1] * 256 + data[2]) % toy->size
                                          : toy->size);
    free(bytes);
    struct hs_group *group;
    struct hs_analysis *analysis;
    struct hs_error *error = hs_index_read(toy->path, &toy->key, &toy->toy->v8, &group, &analysis);
    if (!error) {
        toy_index_use(group, analysis);
        hs_analysis_destroy(analysis);
        hs_group_destroy(group);
    }
    hs_error_destroy(error);
    return 0;
}

#ifdef FUZZ_REPLAY
#include "fuzz_replay.h"
#endif
