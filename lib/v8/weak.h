/* Which slots V8's collector treats as weak although the word in them is a strong pointer.
 *
 * Weak pointers proper carry their own tag (low bits 11); these are the custom weak bodies
 * (objects-body-descriptors-inl.h): WeakCell, JSWeakRef, AllocationSite's list, JSFinalizationRegistry's
 * list, the links at the end of a NativeContext. */
#ifndef HS_V8_WEAK_H
#define HS_V8_WEAK_H

#include "v8/v8.h"

/* Tagged words of an object that are weak: [first, end) in words from its start; first == end: none. `words`
 * is its size. */
struct hs_weak_slots {
    uint32_t first, end;
};
struct hs_weak_slots hs_v8_weak_slots(const struct hs_v8 *v8, enum hs_kind kind, uint32_t words);

#endif
