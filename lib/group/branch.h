/* Siblings of the dominator tree, folded by class: "3,000 Session retain 12 MiB".
 *
 * A branch is a set of nodes of one class whose dominators are one node or the members of one branch; its
 * children are the branches of what its members dominate. Storages (arrays and tables that a single object
 * dominates) are classes like others here. */
#ifndef HS_GROUP_BRANCH_H
#define HS_GROUP_BRANCH_H

#include "graph/dominated.h"
#include "group/analysis.h"

struct hs_branch {
    uint32_t class;    /* UINT32_MAX: none */
    uint32_t *members; /* numbers of the dominator tree, ascending */
    uint32_t count;
    uint64_t bytes, retained_bytes; /* shallow, and with all that they dominate */
};

struct hs_branches {
    struct hs_branch *items; /* the one that retains most first */
    uint32_t count;
    uint32_t *members; /* of all */
};

/* Branches of what `parents` (numbers; 0: the virtual root) dominate. */
struct hs_error *hs_branches_create(const struct hs_analysis *analysis, const struct hs_dominated *dominated,
                                    const uint32_t *parents, uint32_t parent_count,
                                    struct hs_branches *ret) HS_MUST_CHECK;
void hs_branches_deinit(struct hs_branches *branches);

#endif
