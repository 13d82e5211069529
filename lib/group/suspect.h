/* What looks like a leak in one heap (the leak suspects of Eclipse MAT, on the dominator tree).
 *
 * Objects: accumulation points. From the top of the dominator tree downwards, as long as one child retains at
 * least 70 % of its parent; where that ends, and the object retains more than a fifth of the heap, things
 * have piled up. Classes: whose objects together retain more than a fifth (without double counting), unless
 * an object suspected holds nearly all of them. V8's own kinds, plain strings and arrays are no suspects:
 * their owners are. Pure function of an analysis. */
#ifndef HS_GROUP_SUSPECT_H
#define HS_GROUP_SUSPECT_H

#include "graph/dominated.h"
#include "group/named_path.h"

enum { HS_SUSPECT_SHARE = 20, HS_ACCUMULATION_SHARE = 70 /* per cent */ };

struct hs_suspect {
    hs_id id;       /* an object; of a class its reachable object that retains most */
    uint32_t class; /* of the object, or the class suspected */
    bool is_class;
    uint64_t count; /* objects of the class; 1 */
    uint64_t retained_bytes;
    uint32_t path;       /* where it stands in the named paths; of a class where most of its objects do */
    uint64_t at_path;    /* objects of the class at that path */
    uint32_t held_class; /* of an object: the class that it holds most of by bytes, UINT32_MAX: none */
    uint64_t held_count, held_bytes;
};

/* By retained bytes, most first; an object before a class. *ret is malloc'ed. */
struct hs_error *hs_suspects_create(const struct hs_analysis *analysis, const struct hs_dominated *dominated,
                                    const struct hs_named_paths *paths, struct hs_suspect **ret,
                                    size_t *count_ret) HS_MUST_CHECK;

#endif
