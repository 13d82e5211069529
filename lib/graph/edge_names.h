/* Names of the slots of V8's own objects and of the built-in classes: tables of facts.
 *
 * Word indexes are those of the Torque definitions (src/objects/, .tq files) that have not moved between V8
 * 10 and 14; where a slot did move, it is recognised by the kind of what it holds instead. Pure functions. */
#ifndef HS_GRAPH_EDGE_NAMES_H
#define HS_GRAPH_EDGE_NAMES_H

#include "graph/edge.h"

struct hs_slot_name {
    const char *name; /* NULL: unknown */
    uint8_t type, role;
    bool ours; /* V8's snapshot numbers such slots */
};

/* Of tagged word `word` of objects of a map. */
struct hs_slot_name hs_slot_name_planned(const struct hs_v8 *v8, const struct hs_map *map, uint32_t word);
/* Of word `word` of machine code (Code, or its InstructionStream). `baseline`: it was made from bytecode
 * alone. */
struct hs_slot_name hs_slot_name_of_code(const struct hs_v8 *v8, const struct hs_map *owner,
                                         const struct hs_map *target, uint32_t word, bool baseline);
/* Of a slot without a planned name, by what it holds; whether anything of such an owner is named so. */
bool hs_slot_names_by_target(enum hs_kind owner);
struct hs_slot_name hs_slot_name_by_target(enum hs_kind owner, enum hs_kind target);

#endif
