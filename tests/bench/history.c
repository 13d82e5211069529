/* history FILE NIGHTS CLASSES LAST: how long it takes to add nights to a history and to judge the last of
 * them, and how large the file gets. Prints one line. Counts of classes are spread over five orders of
 * magnitude; a fifth of the classes moves from night to night by 5 %, the rest stands still, as in a real
 * heap. */
#include "../support/nights.h"

#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(struct hs_error *error) {
    if (!error) return;
    fprintf(stderr, "history: %s\n", error->message);
    exit(2);
}

int main(int argc, char **argv) {
    if (argc != 5) return 64;
    size_t nights = strtoul(argv[2], NULL, 10), classes = strtoul(argv[3], NULL, 10),
           last = strtoul(argv[4], NULL, 10);
    char(*names)[32] = calloc(classes, sizeof *names);
    int64_t *levels = calloc(classes, sizeof *levels);
    uint64_t state = 88172645463325252u;
    struct hs_store *store;
    struct stat status;
    for (size_t i = 0; i < classes; i++) {
        snprintf(names[i], sizeof names[i], "Class%06zu", i);
        levels[i] = (int64_t)pow(10, 1 + 5 * night_random(&state));
    }
    check(hs_store_open(argv[1], HS_STORE_WRITE, &store));
    double began = seconds(), worst = 0;
    for (size_t n = 0; n < nights; n++) {
        struct night night = night_begin(1732239727000 + (int64_t)n * 86400000);
        for (size_t i = 0; i < classes; i++) {
            double noise = i % 5 ? 0 : 0.05 * night_gauss(&state);
            night_class(&night, names[i], (int64_t)((double)levels[i] * fmax(0, 1 + noise)) + 1);
        }
        double before = seconds();
        night_add(store, "bench", &night);
        if (seconds() - before > worst) worst = seconds() - before;
    }
    double added = seconds() - began;
    hs_store_close(store);
    stat(argv[1], &status);
    struct hs_history *history;
    struct hs_judge_options options = {.min_bytes = HS_JUDGE_MIN_BYTES,
                                       .content_min_bytes = HS_JUDGE_CONTENT_MIN_BYTES};
    began = seconds();
    check(hs_store_open(argv[1], HS_STORE_READ, &store));
    check(hs_store_read(store, "bench", last, &history));
    double read = seconds() - began;
    check(hs_history_judge(history, &options, HS_HISTORY_SIGNIFICANCE));
    double judged = seconds() - began - read;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%zu nights of %zu classes: %.1f MB, added in %.1f s (the slowest %.2f s); the last %zu read in "
           "%.3f s, "
           "judged in %.3f s (%zu found); %ld MB\n",
           nights, classes, (double)status.st_size / 1e6, added, worst, last, read, judged, history->found,
           usage.ru_maxrss / 1024);
    hs_history_destroy(history);
    hs_store_close(store);
    free(names);
    free(levels);
}
