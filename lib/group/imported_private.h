/* What the parts of an imported heap share: imported.c (classes), imported_analysis.c (what is alive). */
#ifndef HS_GROUP_IMPORTED_PRIVATE_H
#define HS_GROUP_IMPORTED_PRIVATE_H

#include "group/answers.h"
#include "group/imported.h"

struct hs_imported {
    struct hs_answers answers; /* first: hs_group.answers */
    uint32_t *class_of;        /* node -> class; UINT32_MAX: no object */
    uint8_t *kinds;            /* class -> enum hs_kind */
};

static inline struct hs_imported *hs_imported_of(const struct hs_group *group) {
    return (struct hs_imported *)group->answers;
}

#endif
