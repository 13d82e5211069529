#include "v8/weak.h"

#include "v8/layout_private.h"

/* Words of a native context from FIRST_WEAK_SLOT on: those behind the last that native_context_names has, as
 * counted in 10.1, 10.2, 10.8, 11.3, 11.8, 12.4, 12.9, 13.6, 14.1 and 14.6. (contexts.h) */
static uint32_t native_context_tail(const struct hs_v8 *v8) {
    /* [optimized functions,] optimized code, deoptimized code, next context */
    if (v8->symbols->roots_discovered) return hs_v8_minor(v8) < 606 ? 4 : 3;
    /* {optimized code, deoptimized code, next context, microtask queue}, then without lists of code */
    return hs_v8_minor(v8) < 1103 ? 4 : 2;
}

struct hs_weak_slots hs_v8_weak_slots(const struct hs_v8 *v8, enum hs_kind kind, uint32_t words) {
    struct hs_weak_slots none = {0, 0};
    switch (kind) {
    case HS_KIND_WEAK_CELL:
        /* Until V8 6.8 it was how any object was held weakly: {value, next} (objects.h) */
        if (v8->symbols->roots_discovered) return (struct hs_weak_slots){1, 3};
        /* target, unregister_token; V8 14.6 sorted holdings before them (weak-cell.tq; v8-modern.md 1.2) */
        return hs_v8_minor(v8) >= 1406 ? (struct hs_weak_slots){3, 5} : (struct hs_weak_slots){2, 4};
    case HS_KIND_JS_FUNCTION: {
        /* the list of optimized functions, until V8 6.2 */
        int32_t next = v8->layout.function_next;
        uint32_t word = next > 0 ? (uint32_t)next / v8->layout.tagged_size : 0;
        return word && word < words ? (struct hs_weak_slots){word, word + 1} : none;
    }
    case HS_KIND_JS_WEAK_REF:
        return (struct hs_weak_slots){3, 4}; /* target */
    case HS_KIND_ALLOCATION_SITE:
        return words > 5 ? (struct hs_weak_slots){words - 1, words} : none; /* weak_next */
    case HS_KIND_JS_FINALIZATION_REGISTRY:
        return (struct hs_weak_slots){8, 9}; /* next_dirty */
    case HS_KIND_NATIVE_CONTEXT:
        return words > 8 ? (struct hs_weak_slots){words - native_context_tail(v8), words} : none;
    default:
        return none;
    }
}
