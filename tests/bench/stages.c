/* stages CORE [THREADS [EXE]]: what each stage of the analysis of a core takes, "SECONDS CPU NAME" a line,
 * then "objects N". One stage after another: heapscan names paths in a second thread while dominators are
 * computed, which would leave neither a figure of its own. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "elf/image.h"
#include "group/analysis.h"

struct clock {
    double wall, cpu;
    char name[64];
};

static double now(clockid_t which) {
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void next(void *context, const char *name) {
    struct clock *c = context;
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    if (*c->name) printf("%.3f %.3f %s\n", wall - c->wall, cpu - c->cpu, c->name);
    c->wall = wall;
    c->cpu = cpu;
    snprintf(c->name, sizeof c->name, "%s", name);
}

static struct hs_error *run(const char *path, unsigned threads, const char *exe, struct clock *clock) {
    struct hs_core *core;
    struct hs_images *images;
    struct hs_v8 *v8;
    struct hs_group *group;
    struct hs_analysis *analysis;
    struct hs_group_options scan = {.threads = threads, .objects = true};
    struct hs_analysis_options options = {.threads = threads, .stage = next, .context = clock};
    next(clock, "opening");
    HS_TRY(hs_core_open(path, &core));
    HS_TRY(hs_images_load(core, &(struct hs_image_options){.exe = exe}, &images));
    HS_TRY(hs_v8_open(core, images, &(struct hs_v8_options){0}, &v8));
    next(clock, "classes and objects");
    HS_TRY(hs_group_scan(v8, &scan, &group));
    HS_TRY(hs_analysis_create(group, &options, &analysis));
    next(clock, "shortest paths");
    HS_TRY(hs_analysis_paths(analysis));
    next(clock, "named paths, containers, suspects");
    HS_TRY(hs_analysis_holdings(analysis));
    next(clock, "");
    printf("objects %u\n", analysis->graph->count);
    hs_analysis_destroy(analysis);
    hs_group_destroy(group);
    hs_v8_close(v8);
    hs_images_destroy(images);
    hs_core_close(core);
    return NULL;
}

int main(int argc, char **argv) {
    struct clock clock = {0};
    if (argc < 2) return 64;
    unsigned threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    struct hs_error *error = run(argv[1], threads, argc > 3 && *argv[3] ? argv[3] : NULL, &clock);
    if (error) fprintf(stderr, "stages: %s\n", error->message);
    return error ? 2 : 0;
}
