/* What a group remembers of its scan, so that an object can be told its class again (list.c). */
#ifndef HS_GROUP_GROUP_PRIVATE_H
#define HS_GROUP_GROUP_PRIVATE_H

#include "group/class.h"
#include "group/tally.h"

struct hs_group_private {
    struct hs_tally tally;          /* merged; map indexes refer to group->js->maps */
    uint32_t map_count;             /* maps that cell_classes know; more may be loaded later, none of them has objects */
    uint32_t **cell_classes;        /* [slot][map] -> class, UINT32_MAX none */
    uint32_t *variant_classes;      /* [variant] -> class */
    uint32_t *buffer_classes, *string_classes; /* [isolate] -> native class, UINT32_MAX none */
    struct hs_address_map retagged; /* address -> class */
};

#endif
