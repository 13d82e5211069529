/* What the collectors of roots share. */
#ifndef HS_GRAPH_ROOT_PRIVATE_H
#define HS_GRAPH_ROOT_PRIVATE_H

#include "graph/root.h"

struct hs_root_collector {
    const struct hs_objects *objects;
    struct hs_roots *roots;
    size_t capacity;
    uint16_t isolate; /* of the roots being added */
    bool failed;
};

/* Adds the object that `word` points to, if it is one. */
void hs_root_add(struct hs_root_collector *c, hs_tagged word, enum hs_root_category category, uint32_t index,
                 hs_addr slot);
void hs_root_add_id(struct hs_root_collector *c, hs_id id, enum hs_root_category category, uint32_t index,
                    hs_addr slot);
void hs_root_note(struct hs_root_collector *c, const char *sentence);

/* Everything that hangs on one isolate (isolate_root.c). */
void hs_root_add_isolate(struct hs_root_collector *c, const struct hs_isolate *isolate);
/* Strong global handles of all isolates (handle_root.c). */
void hs_root_add_global_handles(struct hs_root_collector *c);
/* Registers and stacks of all threads (stack_root.c). */
void hs_root_add_threads(struct hs_root_collector *c);

#endif
