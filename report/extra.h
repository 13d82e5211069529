/* What a report shows of the snapshots beyond the trend: where they came from, what was rejected, the
 * containers.
 *
 * Snapshots pass by one at a time (report_extra_add); what is needed is copied, bounded and clipped: of each
 * snapshot the REPORT_CONTAINERS_READ containers that retain most. After the last one report_extra_finish()
 * lays the containers of all captures side by side, by path and class. One thread at a time. */
#ifndef HS_REPORT_EXTRA_H
#define HS_REPORT_EXTRA_H

#include "trend/trend.h"

enum { REPORT_CONTAINERS_READ = 400 };

/* One snapshot, in the order given. */
struct report_source {
    const char *tool, *machine, *options; /* options as one text, "" if there were none */
    int64_t bits, isolates, lines;
    char digest[33];
    int64_t committed, used, rejected_bytes, rejected_words;
    const char *rejects; /* "reason: count" with commas, "" if nothing was rejected */
};

/* One container over the captures. Numbers are HS_SNAP_NULL where it was not listed. */
struct report_container {
    const char *path, *constructor, *keys;
    hs_addr address;        /* in the last capture that lists it */
    size_t address_capture; /* index */
    int64_t first_entries, last_entries, capacity, first_retained, last_retained, bytes;
};

struct report_entry;

struct report_extra {
    struct report_source *sources;
    size_t source_count;
    struct report_container *containers; /* most growth of retained bytes first, then most bytes */
    size_t container_count;
    struct report_entry *entries;
    size_t entry_count;
    struct hs_snap_arena *arena;
};

struct hs_error *report_extra_add(struct report_extra *extra, const struct hs_snap *snap) HS_MUST_CHECK;
/* `trend` is aligned. */
struct hs_error *report_extra_finish(struct report_extra *extra, const struct hs_trend *trend) HS_MUST_CHECK;
void report_extra_deinit(struct report_extra *extra);

#endif
