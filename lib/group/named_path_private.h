/* The tree of named paths while it grows (named_path.c), and the seeds of its first level (path_seed.c). */
#ifndef HS_GROUP_NAMED_PATH_PRIVATE_H
#define HS_GROUP_NAMED_PATH_PRIVATE_H

#include "group/named_path.h"

/* A module's variables: the outermost context of a script's functions, or its SourceTextModule. */
struct hs_module_seed {
    hs_id id;
    const char *script;
};

struct hs_error *hs_module_seeds_find_file(const struct hs_analysis *analysis, struct hs_module_seed **ret,
                                           size_t *count_ret) HS_MUST_CHECK;
/* Those that are reachable, ascending by script and id. *ret is malloc'ed. */
struct hs_error *hs_module_seeds_find(const struct hs_analysis *analysis, struct hs_module_seed **ret,
                                      size_t *count_ret) HS_MUST_CHECK;

#endif
