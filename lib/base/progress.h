/* A progress meter on standard error.
 *
 * Shown only where a person watches (auto: stderr is a terminal and we are its foreground process group),
 * only after the work has lasted HS_PROGRESS_DELAY_MS, at most five times a second, and wiped when it ends:
 * data on stdout is never touched. hs_progress_add() may be called from any thread and costs an atomic add;
 * start and stop from one. */
#ifndef HS_BASE_PROGRESS_H
#define HS_BASE_PROGRESS_H

#include "base/types.h"
#include <stdatomic.h>
#include <stdio.h>

#define HS_PROGRESS_DELAY_MS 800

enum hs_progress_mode { HS_PROGRESS_AUTO, HS_PROGRESS_ALWAYS, HS_PROGRESS_NEVER };
enum hs_progress_unit { HS_PROGRESS_ITEMS, HS_PROGRESS_BYTES };

struct hs_progress {
    FILE *stream;
    const char *title; /* borrowed, printable: escape what comes from outside */
    uint64_t total;    /* 0 if unknown: a count is shown instead of a percentage */
    enum hs_progress_mode mode;
    enum hs_progress_unit unit;
    int64_t started_ms;
    _Atomic uint64_t done;
    _Atomic int64_t next_ms; /* no drawing before this time */
    atomic_flag drawing;
    bool shown;
};

/* Reads the argument of --progress=; false if it is none of auto, always, never. */
bool hs_progress_mode_parse(const char *text, enum hs_progress_mode *ret);
/* Starts a meter on stderr. */
void hs_progress_start(struct hs_progress *progress, enum hs_progress_mode mode, const char *title,
                       enum hs_progress_unit unit, uint64_t total);
/* NULL is allowed and does nothing. */
void hs_progress_add(struct hs_progress *progress, uint64_t delta);
/* Wipes the line if there is one. NULL is allowed. */
void hs_progress_stop(struct hs_progress *progress);

#endif
