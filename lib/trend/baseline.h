/* What was known to grow: the findings of an earlier run, so that only what is new since makes an alarm.
 *
 * A baseline is heapdiff's own NDJSON (schema heapdiff.result/1), plain or zstd; its header and `growth`
 * lines are read, everything else is passed over. A finding is known by its fingerprint. It is not let pass
 * if it grows faster than it did: more than twice the bytes, with what it holds, by the hour if both know
 * their times, else by the step; and by HS_JUDGE_CONTENT_MIN_BYTES or more beyond what the old speed would
 * have given. Entries that match no finding are counted, so that the file does not rot.
 *
 * Nights (trend/history.h) know of classes only. Of each class the file tells the most bytes by which it has
 * grown: as or as a part of a `growth` line, within its captures, or over the nights of a `change` line. A
 * change is known unless it is more than twice that, and by HS_JUDGE_CONTENT_MIN_BYTES or more.
 *
 * Errors name the file and the line. One thread at a time. */
#ifndef HS_TREND_BASELINE_H
#define HS_TREND_BASELINE_H

#include "trend/finding.h"

#define HS_BASELINE_FASTER 2

struct hs_baseline_entry {
    struct hs_snap_key fingerprint;
    const char *constructor;
    double per_step, per_hour; /* bytes; NAN where the times are not known */
    size_t matched;
};

struct hs_baseline_class {
    struct hs_snap_key key; /* of hs_history_native_key() for native memory */
    bool native;
    double bytes;
};

struct hs_baseline {
    struct hs_baseline_entry *entries; /* by fingerprint, each once: the fastest of its kind */
    size_t count;
    struct hs_baseline_class *classes; /* by key, each once */
    size_t class_count;
    struct hs_snap_arena *arena;
};

/* `path` "-" is standard input. */
struct hs_error *hs_baseline_load(const char *path, struct hs_baseline **ret) HS_MUST_CHECK;
/* The same from a stream that is borrowed; `name` stands in messages. */
struct hs_error *hs_baseline_read(FILE *stream, const char *name, struct hs_baseline **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_baseline_destroy(struct hs_baseline *baseline);
/* The entry of a finding, or NULL; counts the match. */
struct hs_baseline_entry *hs_baseline_match(struct hs_baseline *baseline, const struct hs_finding *finding);
/* Whether the finding grows faster than the entry allows. */
bool hs_baseline_is_faster(const struct hs_baseline_entry *entry, const struct hs_trend *trend,
                           const struct hs_finding *finding);
/* What the file tells of a class, or NULL. */
const struct hs_baseline_class *hs_baseline_find_class(const struct hs_baseline *baseline, bool native,
                                                       struct hs_snap_key key);
/* Whether a class that rose by `bytes` from night to night did so by more than the file allows. */
bool hs_baseline_is_higher(const struct hs_baseline_class *known, int64_t bytes);
/* Entries that no finding matched. */
size_t hs_baseline_count_gone(const struct hs_baseline *baseline);

#endif
