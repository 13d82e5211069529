/* What a person is told: one finding a cause.
 *
 * A program that leaks sessions has more Session objects, more strings, more arrays and a larger Map. All of
 * that is one finding: what is held (the class to look at), who holds it (the path of the holder), how fast
 * it grows (the evidence, trend/evidence.h) and what would be gained by a fix. The other classes that grow
 * with it are its parts. Findings come out of the trees of named paths (trend/tree.h); where snapshots have
 * none (--quick), every class that grew is a finding of its own.
 *
 * `bytes` and `counts` are those of `row`'s class (of a container: its entries and its own storage), so they
 * can be checked against the class lines of the snapshots. `held_bytes` is all that stands below the holder;
 * no byte is in two findings, so the held growth of all findings and the rest (struct hs_judge_summary) add
 * up to the growth of the heap.
 *
 * Who else reaches the same objects is `also` (trend/cause.h): as long as one of these holds them, a fix of
 * `holder` alone frees nothing of what they share. `leak_share` is the part of the growth that is the
 * holder's (LeakShare: every object's bytes split evenly among the holders that reach it); it and those of
 * `also` add up to no more than `held_delta`, save for what these hold of other findings. `exclusive_bytes`
 * goes for certain. Findings belong to the trend and die with it; strings are unescaped. */
#ifndef HS_TREND_FINDING_H
#define HS_TREND_FINDING_H

#include "base/strbuf.h"
#include "trend/evidence.h"
#include "trend/trend.h"

/* 32 hex digits and a NUL. */
enum { HS_FINGERPRINT_SIZE = 33 };

/* Whether a finding makes an alarm (trend/gate.h): it does not by its verdict; it does; it grew in too few
 * steps; chance may have made it; the baseline knows it. */
enum hs_gate { HS_GATE_NONE, HS_GATE_ALARM, HS_GATE_STEPS, HS_GATE_CHANCE, HS_GATE_KNOWN };

/* One class that grew as a part of a finding: how much of it, below this holder. */
struct hs_finding_part {
    const struct hs_trend_row *row;
    int64_t count_delta, bytes_delta;
};

/* Another holder of the same objects. */
struct hs_finding_also {
    const char *holder;
    int64_t leak_share; /* as of the finding */
};

struct hs_finding {
    size_t rank; /* 1 = the first to look at; 0: muted, and behind all others */
    enum hs_trend_subject subject;
    const struct hs_trend_row *row; /* of what is held; of a container: its own class. Never NULL */
    const char *muted;              /* the reason for which it is no finding (--ignore), or NULL */
    enum hs_gate gate;
    bool known, faster; /* by the baseline; and grows faster than it did there */

    int64_t *counts, *bytes; /* one value a capture; a container's counts are its entries */
    int64_t count_delta, bytes_delta;
    double bytes_per_step, bytes_per_step_low,
        bytes_per_step_high;     /* robust slope of `bytes`, and its range */
    double bytes_per_hour;       /* NAN without times */
    struct hs_evidence evidence; /* verdict, steps, significance: of counts where they grew, else of bytes */

    int64_t *held_bytes;     /* one value a capture: all below the holder; NULL without paths */
    int64_t held_delta;      /* last minus first; bytes_delta without paths */
    int64_t exclusive_bytes; /* growth of what goes with the class, or the container, for certain (retained);
                                HS_SNAP_NULL */
    int64_t leak_share;      /* HS_SNAP_NULL: not known */
    struct hs_finding_also *also; /* most bytes first; NULL: not known */
    size_t also_count;

    const char *holder; /* "app.js: variable sessions: Map", or NULL */
    const char *most;   /* where below the holder most of it grew, if at many places; else NULL */
    const char **path;  /* steps from a root to what is held; NULL if unknown */
    size_t path_count;
    const char **slice; /* by class, from the holder's (trend/slice.h); NULL if unknown */
    size_t slice_count;
    const char **dominated; /* the same by dominators */
    size_t dominated_count;
    const char *keys;              /* of a container: "integer-sequence", "timestamp", …; NULL */
    struct hs_finding_part *parts; /* most bytes first */
    size_t part_count;

    char fingerprint[HS_FINGERPRINT_SIZE]; /* hs_finding_sign() */
    hs_addr sample;                        /* or 0 */
    size_t sample_capture;                 /* index */
    double score;                          /* the order within a verdict */
};

/* The fingerprint: XXH3-128 of the netstrings "heapdiff.finding/1", name of the subject, key of the class (32
 * hex digits; of native memory its name), holder with runs of three and more digits written as `#`. Neither
 * addresses, lines nor numbers enter, so it is the same for every process, host and build that has the same
 * leak. */
struct hs_error *hs_finding_sign(struct hs_finding *finding) HS_MUST_CHECK;

/* "Session", "onChange()", "Object {id, name, …}", "(anonymous)", escaped for a terminal. */
void hs_row_put_name(const struct hs_trend_row *row, struct hs_strbuf *out);
void hs_finding_put_name(const struct hs_finding *finding, struct hs_strbuf *out);

/* The command that shows more: "heapscan path core.3 0x2a5ce1bb1e03". Quoted for a shell where it must be;
 * nothing without a sample. The name of the core is foreign: escape it for where it goes. */
void hs_finding_put_command(const struct hs_trend *trend, const struct hs_finding *finding,
                            struct hs_strbuf *out);

/* "class", "container", "path", "native". */
const char *hs_subject_name(enum hs_trend_subject subject);

#endif
