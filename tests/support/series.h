/* Captures made in memory: a small series of classes for the tests of trend and out.
 *
 *     struct series *s = series_create(3);
 *     series_class(s, "object", "Session", "id,user", (int64_t[]){100, 200, 300}, 56);
 *     struct hs_trend *trend = series_trend(s);    // aligned; series_destroy ends it too
 *
 * Classes are plain data after creation: change s->snaps[k] freely before series_trend(). */
#ifndef HS_TESTS_SERIES_H
#define HS_TESTS_SERIES_H

#include "trend/trend.h"

#define SERIES_CLASSES 64

struct series {
    size_t count;
    struct hs_snap snaps[16];
    struct hs_snap_class classes[16][SERIES_CLASSES];
    char sources[16][16];
    const char *properties[SERIES_CLASSES][16];
    char *texts[SERIES_CLASSES];
    size_t class_count;
    struct hs_trend *trend;
};

/* `count` complete captures of pid 42, an hour apart, sources core.1, core.2, … */
struct series *series_create(size_t count);
void series_destroy(struct series *series);
/* One class with a count in each capture (absent where 0) and a fixed size of each object; `properties` "a,b"
 * or "". */
void series_class(struct series *series, const char *type, const char *constructor, const char *properties,
                  const int64_t *counts, int64_t size);
/* The same with the bytes given. */
void series_class_bytes(struct series *series, const char *type, const char *constructor,
                        const char *properties, const int64_t *counts, const int64_t *bytes);
/* The class added last, in capture `at` (from 0). */
struct hs_snap_class *series_last(struct series *series, size_t at);
struct hs_trend *series_trend(struct series *series);

#endif
