/* What a group remembers of its scan, so that an object can be told its class again (list.c; an index keeps
 * it as well: index/index_write.c), and the step between. */
#ifndef HS_GROUP_GROUP_PRIVATE_H
#define HS_GROUP_GROUP_PRIVATE_H

#include "group/class.h"
#include "group/tally.h"

struct hs_group_private {
    struct hs_tally tally; /* merged; map indexes refer to group->js->maps */
    uint32_t map_count; /* maps that cell_classes know; more may be loaded later, none of them has objects */
    uint32_t **cell_classes;   /* [slot][map] -> class, UINT32_MAX none */
    uint32_t *variant_classes; /* [variant] -> class */
    uint32_t *folded;          /* [variant] -> variant of the table it belongs to, + 1; 0: it is its own */
    size_t folded_count;
    uint32_t *buffer_classes, *string_classes; /* [isolate] -> native class, UINT32_MAX none */
    struct hs_address_map retagged;            /* address -> class */
};

/* Turns the merged tally into classes and natives: once, after the walk, in one thread (build.c). */
struct hs_error *hs_group_build(struct hs_group *group) HS_MUST_CHECK;

#endif
