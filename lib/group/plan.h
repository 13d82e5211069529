/* What counting an object of a given map takes, decided once per map.
 *
 * `how` says where its length is; `by` says what besides the map decides its class (then the object goes
 * through the table of variants); `also` says what it brings along. */
#ifndef HS_GROUP_PLAN_H
#define HS_GROUP_PLAN_H

#include "js/js.h"

enum hs_plan_how {
    HS_LENGTH_NONE,
    HS_LENGTH_WORDS,  /* size minus the header of `at` bytes, in tagged words */
    HS_LENGTH_SMI,    /* a Smi at `at` */
    HS_LENGTH_U32,    /* 32 bits at `at` */
    HS_LENGTH_WORD,   /* a machine word at `at` */
    HS_LENGTH_NUMBER, /* a Smi or a HeapNumber at `at`: JSArray.length */
    HS_LENGTH_TABLE,  /* the table at `at` holds it as a Smi in its first word */
};
enum hs_plan_by {
    HS_BY_MAP,
    HS_BY_FUNCTION,   /* closures: the SharedFunctionInfo */
    HS_BY_GENERATOR,  /* generators, suspended async functions: the SharedFunctionInfo of their function */
    HS_BY_DICTIONARY, /* dictionary-mode objects: the set of keys */
    HS_BY_TAG,        /* objects that are named by an own Symbol.toStringTag */
    HS_BY_PRIVACY,    /* symbols: private or not */
    HS_BY_VALUE_KIND, /* primitive wrappers: what they wrap */
    HS_BY_SCRIPT,     /* scripts: their name */
    HS_BY_NOTHING,    /* external strings: all are one, but they weigh more than their words */
};
enum hs_plan_also {
    HS_ALSO_NOTHING,
    HS_ALSO_STORE,   /* ArrayBuffers: a backing store */
    HS_ALSO_PAYLOAD, /* external strings: characters outside the heap */
    HS_ALSO_OWNED,   /* V8's objects that say what their arrays are: retag.h */
};

struct hs_plan {
    uint8_t how, by, also; /* the enums above */
    int16_t at;
};

/* Variants of HS_BY_DICTIONARY: a table whose keys were not looked at, or a hash of its keys, odd where
 * Symbol.toStringTag is one of them (such an object has a name of its own). */
enum { HS_VARIANT_TABLE = 1 };
static inline bool hs_variant_is_tagged(uint64_t variant) {
    return variant != HS_VARIANT_TABLE && (variant & 1);
}

void hs_plan_make(struct hs_js *js, const struct hs_map *map, struct hs_plan *ret);

/* Length of an object of `words` tagged words whose host bytes are `p`. For HS_LENGTH_WORDS the lengths of
 * many objects follow from their number and the sum of their words: hs_plan_lengths. */
uint64_t hs_plan_length(const struct hs_v8 *v8, const struct hs_plan *plan, const uint8_t *p, uint32_t words);
static inline uint64_t hs_plan_lengths(const struct hs_v8 *v8, const struct hs_plan *plan, uint64_t count,
                                       uint64_t words) {
    uint64_t header = count * ((uint64_t)plan->at / v8->layout.tagged_size);
    return plan->how == HS_LENGTH_WORDS && words > header ? words - header : 0;
}
/* What tells the object's class from others of its map: equal values, equal class. Not for HS_BY_MAP.
 * *keys_ret: named properties of a dictionary-mode object, else 0. */
uint64_t hs_plan_variant(struct hs_js *js, const struct hs_plan *plan, uint32_t isolate, hs_addr address,
                         const struct hs_map *map, uint32_t *keys_ret);

/* The same for the names of a map that is not in dictionary mode: equal to the variant of a dictionary with
 * those keys. */
uint64_t hs_plan_keyset(struct hs_js *js, const struct hs_map *map);

#endif
