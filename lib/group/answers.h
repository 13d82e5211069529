/* Who answers for a group, and for the analysis of it, where a file stands in for the heap: an index of the
 * core (index/index.h), or a .heapsnapshot (imported.h). Whoever makes such a group sets hs_group.answers, as
 * the first member of what the answers need; the functions of group.h and analysis.h pass the question on. */
#ifndef HS_GROUP_ANSWERS_H
#define HS_GROUP_ANSWERS_H

#include "group/group.h"

struct hs_analysis;

struct hs_answers {
    /* As hs_group_find, hs_group_list, hs_group_destroy, which ask here. */
    int32_t (*find)(const struct hs_group *group, hs_addr address);
    struct hs_error *(*list)(struct hs_group *group, const bool *selected,
                             bool (*visit)(void *context, hs_addr address, uint32_t class_index),
                             void *context);
    void (*destroy)(struct hs_group *group);
    /* Kind of the objects of a class; NULL: by one of them, in the heap. */
    enum hs_kind (*class_kind)(const struct hs_group *group, uint32_t class_index);
    /* As hs_analysis_need, hs_analysis_is_damaged, hs_analysis_destroy; NULL: an analysis like any other. */
    struct hs_error *(*need)(struct hs_analysis *analysis, unsigned needs, unsigned threads);
    bool (*is_damaged)(const struct hs_analysis *analysis);
    void (*destroy_analysis)(struct hs_analysis *analysis);
};

#endif
