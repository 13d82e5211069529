/* What the parts of an imported heap share: imported.c (classes), imported_analysis.c (what is alive). */
#ifndef HS_GROUP_IMPORTED_PRIVATE_H
#define HS_GROUP_IMPORTED_PRIVATE_H

#include "group/imported.h"

struct hs_imported {
    uint32_t *class_of; /* node -> class; UINT32_MAX: no object */
    uint8_t *kinds;     /* class -> enum hs_kind */
};

/* For hs_group_destroy(). */
void hs_imported_destroy(struct hs_group *group);

#endif
