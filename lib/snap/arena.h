/* Memory that is freed all at once.
 *
 * A loaded snapshot is some 10^5 small strings that live and die together. Blocks are never moved, so
 * pointers stay good until the arena is destroyed. One thread at a time. */
#ifndef HS_SNAP_ARENA_H
#define HS_SNAP_ARENA_H

#include "base/error.h"

struct hs_snap_arena;

/* NULL when there is no memory. */
struct hs_snap_arena *hs_snap_arena_create(void);
/* Takes NULL. */
void hs_snap_arena_destroy(struct hs_snap_arena *arena);
/* `size` zeroed bytes, aligned for any type; NULL when there is no memory. */
void *hs_snap_arena_alloc(struct hs_snap_arena *arena, size_t size);
/* A NUL-terminated copy in which each NUL has become a space; NULL when there is no memory. */
char *hs_snap_arena_string(struct hs_snap_arena *arena, const char *text, size_t size);

#endif
