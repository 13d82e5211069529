#define _GNU_SOURCE 1 /* reallocarray */
#include "nights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct night night_begin(int64_t at) {
    struct night night = {0};
    night.snap.header = (struct hs_snap_header){
        .source = "core", .node = "22.12.0", .v8 = "12.4", .build_id = "ab", .pid = 42, .captured_at = at};
    night.snap.trailer.complete = true;
    return night;
}

void night_class(struct night *night, const char *constructor, int64_t count) {
    struct hs_snap *snap = &night->snap;
    if (snap->class_count == night->capacity) {
        night->capacity = night->capacity ? 2 * night->capacity : 64;
        snap->classes = reallocarray(snap->classes, night->capacity, sizeof *snap->classes);
        if (!snap->classes) abort();
    }
    struct hs_snap_class class = {.type = "object",
                                  .constructor = constructor,
                                  .count = count,
                                  .bytes = 40 * count,
                                  .reachable_count = count,
                                  .reachable_bytes = 40 * count,
                                  .retained_bytes = HS_SNAP_NULL,
                                  .elements = HS_SNAP_NULL};
    class.key = hs_snap_class_key(&class);
    snap->classes[snap->class_count++] = class;
}

struct hs_trend *night_end(struct night *night) {
    struct hs_trend *trend = NULL;
    struct hs_snap *snap = &night->snap;
    uint64_t seed = (uint64_t)snap->header.captured_at;
    for (size_t i = 0; i < snap->class_count; i++)
        seed =
            XXH3_64bits_withSeed(&snap->classes[i].count, sizeof(int64_t), seed + snap->classes[i].key.low);
    snap->trailer.digest = (struct hs_snap_key){seed, (uint64_t)snap->header.captured_at};
    struct hs_error *error = hs_trend_create(&trend);
    if (!error) error = hs_trend_add(trend, snap);
    if (!error) error = hs_trend_align(trend);
    if (error) abort();
    free(snap->classes);
    snap->classes = NULL;
    return trend;
}

struct hs_store_added night_add(struct hs_store *store, const char *series, struct night *night) {
    struct hs_store_added added;
    struct hs_trend *trend = night_end(night);
    struct hs_error *error = hs_store_add(store, series, trend, 1732239727000, &added);
    if (error) {
        fprintf(stderr, "night_add: %s\n", error->message);
        abort();
    }
    hs_trend_destroy(trend);
    return added;
}

double night_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (double)(*state >> 11) / 9007199254740992.0;
}

double night_gauss(uint64_t *state) {
    double u = night_random(state), v = night_random(state);
    return sqrt(-2 * log(u + 1e-300)) * cos(2 * M_PI * v);
}
