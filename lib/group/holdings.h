/* What a whole look at a heap found: the named paths that hold most, the largest containers, the suspects,
 * what each group of roots holds. Made once of an analysis, kept with it and with its index: what a snapshot
 * and `heapscan suspects` write costs nothing the second time.
 *
 * Of the tree of named paths only the largest branches are kept, and those that a container or a suspect
 * stands at. Everything is owned here but names, which live as long as the group. Immutable. */
#ifndef HS_GROUP_HOLDINGS_H
#define HS_GROUP_HOLDINGS_H

#include "group/container.h"
#include "group/idom_class.h"
#include "group/root_total.h"
#include "group/suspect.h"

enum {
    HS_HOLDINGS_PATHS = 20000,
    HS_HOLDINGS_EDGES = 5000,
    HS_HOLDINGS_SHARED = 1000,
    HS_HOLDINGS_IDOMS = 2000
};

struct hs_holdings {
    struct hs_named_paths paths; /* path_of is NULL: nobody keeps it for every object */
    struct hs_container *containers;
    uint32_t *container_paths; /* of each: index of paths, HS_PATH_NONE */
    size_t container_count;
    struct hs_suspect *suspects; /* `path`: index of paths */
    size_t suspect_count;
    struct hs_root_total *roots;
    size_t root_count;
    struct hs_idom_class *idoms;
    size_t idom_count;
};

struct hs_error *hs_holdings_create(const struct hs_analysis *analysis,
                                    struct hs_holdings **ret) HS_MUST_CHECK;
/* The same in three parts, of zeroed holdings. The first two may go on at a time: the named paths, which need
 * no dominators and use the caches of the group; and what roots and classes hold, which needs dominators
 * alone. */
struct hs_error *hs_holdings_name(const struct hs_analysis *analysis,
                                  struct hs_holdings *holdings) HS_MUST_CHECK;
struct hs_error *hs_holdings_total(const struct hs_analysis *analysis,
                                   struct hs_holdings *holdings) HS_MUST_CHECK;
struct hs_error *hs_holdings_finish(const struct hs_analysis *analysis,
                                    struct hs_holdings *holdings) HS_MUST_CHECK;
/* Takes NULL. */
void hs_holdings_destroy(struct hs_holdings *holdings);

#endif
