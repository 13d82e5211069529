/* A series of captures, with the classes of all of them side by side.
 *
 * hs_trend_add() takes the snapshots in the order given and copies what it needs, so a series of any length
 * costs the memory of its classes, not of its snapshots. hs_trend_align() then puts the captures in order of
 * time, where that is known, joins isolates and locations, and fills the series that are judged
 * (trend/judge.h). A class is followed by its key. Several locations under one key stay apart while they are
 * the same process's, where script and line mean the same in every capture; across builds lines shift, so
 * there they are added together. A class that a capture does not have counts 0 there. Judged is what is
 * reachable, if every snapshot says it, else all that was found. Everything hangs on the trend and dies with
 * it. One thread at a time. */
#ifndef HS_TREND_TREND_H
#define HS_TREND_TREND_H

#include "snap/reader.h"
#include "trend/evidence.h"
#include "trend/nature.h"

/* Rows are classes or native memory; containers and paths are subjects of findings (trend/finding.h). */
enum hs_trend_subject { HS_SUBJECT_CLASS, HS_SUBJECT_CONTAINER, HS_SUBJECT_PATH, HS_SUBJECT_NATIVE };

/* One snapshot of the series. */
struct hs_trend_capture {
    const char *source, *node, *v8, *build_id, *format; /* NULL if unknown */
    int64_t pid, captured_at;                           /* HS_SNAP_NULL if unknown */
    struct hs_snap_key digest;                          /* of the snapshot's lines: its identity */
    bool complete;
    const char **reasons; /* why not */
    size_t reason_count;
    size_t given;            /* place in the order given */
    bool knows_reachable;    /* every class has its reachable numbers */
    int64_t count, bytes;    /* of all classes, found */
    int64_t reachable_bytes; /* HS_SNAP_NULL unless knows_reachable */
};

struct hs_trend_value {
    int64_t count, bytes, reachable_count, reachable_bytes,
        retained_bytes; /* the last three may be HS_SNAP_NULL */
};

/* One class, or one kind of native memory, over all captures. */
struct hs_trend_row {
    enum hs_trend_subject subject;
    struct hs_snap_key key; /* 0 for native */
    const char *type, *constructor;
    struct hs_snap_location location;
    const char **properties;
    size_t property_count;
    bool dictionary;
    hs_addr sample;                /* in the last capture that has one */
    size_t sample_capture;         /* which (place in the order given until aligned, then index) */
    struct hs_trend_value *values; /* one a capture */
    size_t value_count, value_capacity;
    int64_t *counts, *bytes; /* the judged series, one value a capture */

    /* What judging found (trend/judge.h). */
    enum hs_trend_nature nature;
    enum hs_trend_verdict verdict;
    int64_t count_delta, bytes_delta; /* last minus first */
    size_t steps_grown;               /* of captures - 1 */
    int64_t churn;                    /* dead objects of its kind (trend/churn.h) */
    bool slowing;                     /* its growth dies away (trend/evidence.h) */
    bool doubtful;                    /* it grew, but work in flight would look the same */
    bool slight;                      /* so little, over two or three captures (trend/evidence.h) */
    double bytes_per_step;            /* robust slope, */
    double bytes_per_step_low, bytes_per_step_high; /* and its range (trend/slope.h) */
    double bytes_per_hour;                          /* NAN without times */
    double score;                                   /* the order within a verdict (trend/judge.h) */
    size_t rank; /* among the classes alone; 0: it did not grow, or is muted */
};

struct hs_trend {
    struct hs_trend_capture *captures;
    size_t capture_count;
    struct hs_trend_row **rows; /* by key until judged, then by rank, findings first */
    size_t row_count;
    bool same_process;    /* all captures have the pid and the build-id of the first */
    bool same_build;      /* all have the same V8, as far as known */
    bool by_time;         /* the captures were put in order of captured_at */
    bool settling;        /* three captures: before a load, under it, after it; set before aligning */
    bool timed;           /* captured_at is known and ascends: rates per hour exist */
    bool reachable;       /* what is judged: reachable objects; false: all found */
    struct hs_tree *tree; /* trend/tree.h; NULL unless every snapshot has paths */
    struct hs_container_table *containers; /* trend/container.h; NULL: none */
    struct hs_share_table *shares;         /* trend/share.h; NULL unless every snapshot tells */
    struct hs_links *edges, *dominators;   /* trend/link.h; NULL unless every snapshot tells */
    struct hs_finding *findings; /* trend/finding.h: by rank, the muted ones last; filled by hs_judge() */
    size_t finding_count, finding_capacity;
    struct hs_snap_arena *arena;
};

struct hs_error *hs_trend_create(struct hs_trend **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_trend_destroy(struct hs_trend *trend);
/* Copies what it needs; the snapshot may go. */
struct hs_error *hs_trend_add(struct hs_trend *trend, const struct hs_snap *snap) HS_MUST_CHECK;
/* Once, after the last snapshot. */
struct hs_error *hs_trend_align(struct hs_trend *trend) HS_MUST_CHECK;

/* A total order: by script, line, column; those without one first. */
int hs_trend_location_compare(const struct hs_snap_location *a, const struct hs_snap_location *b);
/* Sums of numbers from outside saturate; null plus a number is the number. */
int64_t hs_trend_sum(int64_t a, int64_t b);
void hs_trend_value_add(struct hs_trend_value *sum, const struct hs_trend_value *value);

#endif
