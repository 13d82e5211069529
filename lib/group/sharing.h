/* Objects that more than one holder reaches, by their paths.
 *
 * The tree of named paths (group/named_path.h) knows each object by its first path alone. Here is what else
 * was seen on the way: which objects of a path other places refer to as well, and the set of these places. So
 * two Maps over the same sessions are one table of sessions with two holders, and whoever reads the snapshot
 * can say what a fix of one of them frees. A place is a path and the step from there: `byUser[key]`. Not
 * counted are references from below the object's own path (a child that knows its parent does not hold it),
 * those of V8's machinery and of stacks, and references to texts and numbers.
 *
 * A set has at most HS_SHARED_HOLDERS places, those met first; more are not told. Equal sets are one. Two
 * bytes an object while the tree grows, four where there are more than 2^16 sets. Everything is owned by
 * struct hs_sharing until hs_sharing_finish() hands the rows over. One thread. */
#ifndef HS_GROUP_SHARING_H
#define HS_GROUP_SHARING_H

#include "base/error.h"

enum {
    HS_SHARED_HOLDERS = 4,
    HS_SHARED_MIN = 4 /* objects: fewer are no row; most of them are functions of Node's own */
};

struct hs_analysis;
struct hs_named_paths;

/* A step from the objects of a path. */
struct hs_shared_holder {
    uint32_t path;
    uint8_t step;     /* enum hs_step */
    const char *name; /* as in struct hs_named_path */
};

struct hs_shared {
    uint32_t path; /* of the objects */
    uint32_t holder_count;
    struct hs_shared_holder holders[HS_SHARED_HOLDERS]; /* by path, step, name */
    uint64_t count, bytes;                              /* shallow */
};

struct hs_sharing;

struct hs_error *hs_sharing_create(const struct hs_analysis *analysis, const bool *late,
                                   struct hs_sharing **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_sharing_destroy(struct hs_sharing *sharing);
/* A reference to a node that has a path, from the objects of path `holder.path`. */
void hs_sharing_meet(struct hs_sharing *sharing, const struct hs_named_paths *paths, uint32_t id,
                     struct hs_shared_holder holder);
/* Fills `shared` of the paths: the rows with most objects first, and the sums of all. `machinery`: the branch
 * of V8's own. */
struct hs_error *hs_sharing_finish(struct hs_sharing *sharing, uint32_t machinery,
                                   struct hs_named_paths *paths) HS_MUST_CHECK;

#endif
