/* Arrays that their owner names: what V8's heap snapshot calls tagging an object.
 *
 * A FixedArray is an `array` to the snapshot until the object that uses it says that it is, for instance, the
 * constant pool of a bytecode array and thereby `code` (V8HeapExplorer::TagObject and the Extract…References
 * functions of heap-snapshot-generator.cc). Owners are found by kind, what they own by kind too, in whatever
 * slot it stands: no offset is needed. Collected during the walk, applied after it.
 *
 * Boilerplates: for a literal in the source V8 keeps one object (held by its AllocationSite) that it copies
 * at each evaluation. The program never sees it, so it is not one of the objects that the program made: 1400
 * evaluations are 1400 objects of their class, not 1401. It keeps the constructor that V8's snapshot gives it
 * and stands in a class whose one property is "(literal boilerplate)". */
#ifndef HS_GROUP_RETAG_H
#define HS_GROUP_RETAG_H

#include "js/node.h"

enum hs_retag_kind {
    HS_RETAG_CONSTANT_POOL, /* with arrays nested in it */
    HS_RETAG_HANDLER_TABLE, /* of a bytecode array; its source positions look the same */
    HS_RETAG_CODE_DATA,     /* relocation, deoptimisation data, positions of machine code */
    HS_RETAG_FEEDBACK,
    HS_RETAG_LINE_ENDS,
    HS_RETAG_SCRIPT_INFOS,
    HS_RETAG_HOST_OPTIONS,
    HS_RETAG_LOCAL_NAMES,
    HS_RETAG_CONSTANT_ELEMENTS,
    HS_RETAG_REGEXP_DATA,
    HS_RETAG_DEPENDENT_CODE,
    HS_RETAG_VALIDITY_CELL,
    HS_RETAG_PROTOTYPE_USERS,
    HS_RETAG_ENUM_CACHE,
    HS_RETAG_PROTOTYPE_TRANSITIONS,
    HS_RETAG_BOILERPLATE, /* the object that V8 copies for a literal; not by TagObject, see retag.c */
    HS_RETAG_COUNT
};

/* Address in the low 56 bits, kind above: one word, because there may be many. */
struct hs_retags {
    uint64_t *items;
    size_t count, capacity;
    bool failed;
};

/* Notes what the object owns. `p` and `words`: the object's host bytes and its size. */
void hs_retags_collect(struct hs_js *js, const struct hs_map *map, const uint8_t *p, uint32_t words,
                       struct hs_retags *retags);
/* Sorts by address and keeps the lowest kind of each. */
void hs_retags_sort(struct hs_retags *retags);
void hs_retags_deinit(struct hs_retags *retags);

static inline hs_addr hs_retag_address(uint64_t retag) {
    return retag & ((UINT64_C(1) << 56) - 1);
}
static inline enum hs_retag_kind hs_retag_kind(uint64_t retag) {
    return (enum hs_retag_kind)(retag >> 56);
}
/* Type that the kind gives; the name for what has none of its own. */
enum hs_node_type hs_retag_type(enum hs_retag_kind kind);
const char *hs_retag_name(enum hs_retag_kind kind);

#endif
