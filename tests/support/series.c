#include "series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct series *series_create(size_t count) {
    struct series *series = calloc(1, sizeof *series);
    if (!series) abort();
    series->count = count;
    for (size_t k = 0; k < count; k++) {
        struct hs_snap *snap = &series->snaps[k];
        snprintf(series->sources[k], sizeof series->sources[k], "core.%u", (unsigned)(k + 1) % 100);
        snap->header = (struct hs_snap_header){.source = series->sources[k],
                                               .node = "22.12.0",
                                               .v8 = "12.4",
                                               .build_id = "ab",
                                               .pid = 42,
                                               .captured_at = 1732239727000 + (int64_t)k * 3600000};
        snap->trailer.complete = true;
        snap->classes = series->classes[k];
    }
    return series;
}

void series_destroy(struct series *series) {
    hs_trend_destroy(series->trend);
    for (size_t i = 0; i < series->class_count; i++) free(series->texts[i]);
    free(series);
}

void series_class_bytes(struct series *series, const char *type, const char *constructor,
                        const char *properties, const int64_t *counts, const int64_t *bytes) {
    size_t n = series->class_count++, length = 0;
    if (n >= SERIES_CLASSES) abort();
    char *text = series->texts[n] = strdup(properties);
    for (char *name = strtok(text, ","); name && length < 16; name = strtok(NULL, ","))
        series->properties[n][length++] = name;
    length = hs_snap_properties_sort(series->properties[n], length);
    struct hs_snap_class class = {.type = type,
                                  .constructor = constructor,
                                  .properties = series->properties[n],
                                  .properties_length = length,
                                  .property_count = (int64_t)length,
                                  .reachable_count = HS_SNAP_NULL,
                                  .reachable_bytes = HS_SNAP_NULL,
                                  .retained_bytes = HS_SNAP_NULL,
                                  .elements = HS_SNAP_NULL};
    class.key = hs_snap_class_key(&class);
    for (size_t k = 0; k < series->count; k++) {
        if (!counts[k]) continue;
        class.count = counts[k];
        class.bytes = bytes[k];
        series->snaps[k].classes[series->snaps[k].class_count++] = class;
    }
}

void series_class(struct series *series, const char *type, const char *constructor, const char *properties,
                  const int64_t *counts, int64_t size) {
    int64_t bytes[16];
    for (size_t k = 0; k < series->count; k++) bytes[k] = counts[k] * size;
    series_class_bytes(series, type, constructor, properties, counts, bytes);
}

struct hs_snap_class *series_last(struct series *series, size_t at) {
    struct hs_snap *snap = &series->snaps[at];
    return &snap->classes[snap->class_count - 1];
}

struct hs_trend *series_trend(struct series *series) {
    struct hs_error *error = hs_trend_create(&series->trend);
    for (size_t k = 0; !error && k < series->count; k++)
        error = hs_trend_add(series->trend, &series->snaps[k]);
    if (!error) error = hs_trend_align(series->trend);
    if (error) {
        fprintf(stderr, "series: %s\n", error->message);
        abort();
    }
    return series->trend;
}
