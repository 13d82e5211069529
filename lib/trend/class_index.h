/* Rows by key: from a node of the trees to the class it leads to.
 *
 * Several rows have one key where constructors of one name stand in different scripts; paths tell only the
 * key, so here they are one, and the row that grew most stands for them. Borrows the rows. One thread at a
 * time. */
#ifndef HS_TREND_CLASS_INDEX_H
#define HS_TREND_CLASS_INDEX_H

#include "trend/trend.h"

struct hs_class_entry {
    struct hs_snap_key key;
    const struct hs_trend_row *row; /* the one that grew most in objects, then bytes */
    int64_t count_delta;            /* of all rows of the key */
};

struct hs_class_index {
    struct hs_class_entry *items; /* by key */
    size_t count;
};

/* The rows are judged. */
struct hs_error *hs_class_index_create(const struct hs_trend *trend,
                                       struct hs_class_index *ret) HS_MUST_CHECK;
void hs_class_index_deinit(struct hs_class_index *index);
/* NULL if no class has it. */
const struct hs_class_entry *hs_class_index_find(const struct hs_class_index *index, struct hs_snap_key key);

#endif
