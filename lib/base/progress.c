#include "base/progress.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { REDRAW_MS = 200 };

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A background job that drew would scribble over the shell's prompt. Asked each time: jobs move. */
static bool is_watched(const struct hs_progress *progress) {
    if (progress->mode == HS_PROGRESS_ALWAYS) return true;
    if (progress->mode == HS_PROGRESS_NEVER) return false;
    int fd = fileno(progress->stream);
    return isatty(fd) && tcgetpgrp(fd) == getpgrp();
}

bool hs_progress_mode_parse(const char *text, enum hs_progress_mode *ret) {
    if (!strcmp(text, "auto")) *ret = HS_PROGRESS_AUTO;
    else if (!strcmp(text, "always")) *ret = HS_PROGRESS_ALWAYS;
    else if (!strcmp(text, "never")) *ret = HS_PROGRESS_NEVER;
    else return false;
    return true;
}

void hs_progress_start(struct hs_progress *progress, enum hs_progress_mode mode, const char *title,
                       enum hs_progress_unit unit, uint64_t total) {
    memset(progress, 0, sizeof *progress);
    progress->stream = stderr;
    progress->title = title;
    progress->total = total;
    progress->unit = unit;
    progress->mode = mode;
    progress->started_ms = now_ms();
    atomic_init(&progress->done, 0);
    atomic_init(&progress->next_ms,
                mode == HS_PROGRESS_NEVER ? INT64_MAX : progress->started_ms + HS_PROGRESS_DELAY_MS);
    atomic_flag_clear(&progress->drawing);
}

static void draw(struct hs_progress *progress, int64_t now) {
    uint64_t done = atomic_load_explicit(&progress->done, memory_order_relaxed);
    double seconds = (double)(now - progress->started_ms) / 1000;
    double rate = seconds > 0 ? (double)done / seconds : 0;
    char line[160];
    int size;
    if (progress->total) {
        uint64_t shown = done < progress->total ? done : progress->total;
        unsigned percent = (unsigned)((double)shown * 100 / (double)progress->total);
        double left = rate > 0 ? (double)(progress->total - shown) / rate : 0;
        size = snprintf(line, sizeof line, "%.80s: %3u%%, %.0f s left", progress->title, percent, left);
    } else {
        size = snprintf(line, sizeof line, "%.80s: %" PRIu64, progress->title, done);
    }
    if (size > 0 && (size_t)size < sizeof line && progress->unit == HS_PROGRESS_BYTES)
        snprintf(line + size, sizeof line - (size_t)size, ", %.0f MiB/s", rate / (1 << 20));
    fprintf(progress->stream, "\r%s\033[K", line);
    fflush(progress->stream);
    progress->shown = true;
}

void hs_progress_add(struct hs_progress *progress, uint64_t delta) {
    if (!progress) return;
    atomic_fetch_add_explicit(&progress->done, delta, memory_order_relaxed);
    if (atomic_load_explicit(&progress->next_ms, memory_order_relaxed) == INT64_MAX) return;
    int64_t now = now_ms();
    if (now < atomic_load_explicit(&progress->next_ms, memory_order_relaxed)) return;
    if (atomic_flag_test_and_set(&progress->drawing)) return; /* another thread is at it */
    atomic_store_explicit(&progress->next_ms, now + REDRAW_MS, memory_order_relaxed);
    if (is_watched(progress)) draw(progress, now);
    atomic_flag_clear(&progress->drawing);
}

void hs_progress_stop(struct hs_progress *progress) {
    if (!progress) return;
    atomic_store_explicit(&progress->next_ms, INT64_MAX, memory_order_relaxed);
    if (progress->shown) {
        fputs("\r\033[K", progress->stream);
        fflush(progress->stream);
        progress->shown = false;
    }
}
