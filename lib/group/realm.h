/* Realms that a program holds: native contexts as node:vm makes them, each with its own global object and
 * builtins.
 *
 * The realm in which a program was started is held by the isolate. Another one is held by an object, such as
 * the sandbox, and goes when that goes: the object dominates its NativeContext. Then its global object is no
 * beginning of a path, and what the realm alone holds, V8's machinery included, hangs on that object. Nothing
 * is known of realms that something else keeps (a handle of an addon). Immutable; four bytes a reachable
 * object where there is a held realm, else nothing. */
#ifndef HS_GROUP_REALM_H
#define HS_GROUP_REALM_H

#include "group/analysis.h"

struct hs_realm {
    hs_id context; /* the NativeContext */
    hs_id holder;  /* the nearest object that dominates it and is no machinery */
};

struct hs_realms {
    struct hs_realm *items; /* by context */
    uint32_t count;
    uint32_t *realm_of; /* by number of the dominator tree: index + 1; 0: none. NULL where count is 0 */
};

/* Whether there may be realms to find: native contexts that no root holds itself. Needs no dominators; where
 * it says no, hs_realms_find() finds none and needs none either. */
struct hs_error *hs_realms_expect(const struct hs_analysis *analysis, bool *ret) HS_MUST_CHECK;
/* `late`: of hs_classes_late(). */
struct hs_error *hs_realms_find(const struct hs_analysis *analysis, const bool *late,
                                struct hs_realms *ret) HS_MUST_CHECK;
void hs_realms_deinit(struct hs_realms *realms);
/* The realm that alone holds a node, or NULL. Inner realms count. */
const struct hs_realm *hs_realm_get(const struct hs_realms *realms, const struct hs_analysis *analysis,
                                    hs_id id);

#endif
