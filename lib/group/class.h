/* The table of classes while they are being made: from maps and variants to classes, merged by content.
 *
 * A class that only dictionary-mode objects have belongs to is a candidate until all are known: group.h has
 * the rule. hs_classes_finish() folds what is no shape into the constructor's table class and sorts. */
#ifndef HS_GROUP_CLASS_H
#define HS_GROUP_CLASS_H

#include "group/group.h"
#include "js/property.h"

struct hs_class_draft {
    struct hs_class class;
    uint64_t keys;  /* of its dictionary-mode objects: what `elements` gets should it be a table */
    uint32_t table; /* candidates: index of the table class to fold into, + 1; else 0 */
    bool shape;     /* something other than a dictionary's looks says that these names are a shape */
};

struct hs_classes {
    struct hs_class_draft *items;
    uint32_t count, capacity;
    uint32_t *slots; /* open addressing: index + 1 */
    uint32_t slot_count;
    struct hs_js *js;
    bool failed;
};

/* What one map or variant adds to its class. */
struct hs_class_addition {
    uint64_t count, bytes, elements, keys;
    hs_addr sample; /* 0: none */
};

void hs_classes_init(struct hs_js *js, struct hs_classes *ret);
void hs_classes_deinit(struct hs_classes *classes);

/* Index of the class that equals `class` in all that makes its identity, made if need be (its properties are
 * copied); UINT32_MAX without memory. Names must be interned or static. */
uint32_t hs_classes_put(struct hs_classes *classes, const struct hs_class *class);
void hs_classes_add(struct hs_classes *classes, uint32_t index, const struct hs_class_addition *addition);

/* True if every name looks like one that a programmer wrote. */
bool hs_class_names_plausible(const struct hs_js_signature *signature);

/* Folds, drops empty classes and sorts. *map_ret: old index -> new index (UINT32_MAX: dropped), malloc'ed. */
struct hs_error *hs_classes_finish(struct hs_classes *classes, struct hs_class **ret, uint32_t *count_ret,
                                   uint32_t **map_ret) HS_MUST_CHECK;

#endif
