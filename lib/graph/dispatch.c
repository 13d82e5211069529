#include "graph/dispatch.h"

#include <stdlib.h>

enum {
    SAMPLE = 256, /* functions of an isolate */
    FEW = 4,
    MANY = 16,
    LOOK_AT = 1 << 18, /* objects of an isolate */
    OF_TWENTY = 20,    /* one may be off: not compiled, not written yet */

    FIRST_ENTRY = 3, /* words of a function: behind map, properties and elements */
    LAST_ENTRY = 7,

    ISOLATE_LIMIT = 0x20000,
    ENTRY_WORDS = 2,
    SHIFT_MIN = 4,
    SHIFT_MAX = 20,
    OBJECT_SHIFT = 16,
    BASE_ALIGN = 1 << 12 /* reserved by mmap: any page */
};

struct sample {
    uint32_t handles[SAMPLE], count;
    uint32_t bits; /* of all of them */
};

static bool is_code(const struct hs_objects *objects, hs_id id) {
    return id != HS_ID_NONE &&
           hs_v8_kind_of(objects->v8, hs_objects_address(objects, id) + 1) == HS_KIND_CODE;
}

static hs_id objects_of(const struct hs_objects *objects, uint32_t page) {
    return (page + 1 < objects->v8->pages.count ? objects->pages[page + 1].first : objects->count) -
           objects->pages[page].first;
}

static uint32_t handle_of(const struct hs_v8 *v8, const uint8_t *p) {
    return hs_arch_u32(v8->arch, p + v8->layout.object_elements + v8->layout.tagged_size);
}

static hs_id code_at(const struct hs_objects *objects, hs_addr base, uint8_t shift, uint32_t handle) {
    const struct hs_v8 *v8 = objects->v8;
    uint64_t entry, word = v8->arch->word_size;
    hs_addr at = base + ((uint64_t)(handle >> shift) * ENTRY_WORDS + 1) * word;
    if (!hs_core_word(v8->core, at, &entry)) return HS_ID_NONE;
    return hs_objects_find(objects, entry >> OBJECT_SHIFT & ~(hs_addr)3);
}

/* Functions of an isolate, evenly over its heap: where much has grown, functions are few and stand anywhere.
 */
static uint32_t find_functions(const struct hs_objects *objects, uint32_t isolate, hs_id *functions) {
    const struct hs_v8 *v8 = objects->v8;
    uint32_t count = 0, skip = 0;
    hs_id total = 0;
    for (uint32_t p = 0; p < v8->pages.count; p++)
        if (v8->pages.items[p].isolate == isolate) total += objects_of(objects, p);
    const uint32_t step = total / LOOK_AT + 1;
    for (uint32_t p = 0; p < v8->pages.count && count < SAMPLE; p++) {
        if (v8->pages.items[p].isolate != isolate) continue;
        const uint32_t length = objects_of(objects, p);
        uint32_t at = skip;
        for (; at < length && count < SAMPLE; at += step) {
            hs_id id = objects->pages[p].first + at;
            if (hs_v8_kind_of(v8, hs_objects_address(objects, id) + 1) == HS_KIND_JS_FUNCTION)
                functions[count++] = id;
        }
        skip = at > length ? at - length : 0;
    }
    return count;
}

/* The host bytes of the first `words` words of a function. */
static const uint8_t *words_of(const struct hs_objects *objects, hs_id function, uint32_t words) {
    return hs_pages_ptr(&objects->v8->pages, hs_objects_address(objects, function),
                        (uint64_t)words * objects->v8->layout.tagged_size);
}

/* Handles of some of an isolate's functions; none where a function holds a pointer instead. */
static void take_sample(const struct hs_objects *objects, uint32_t isolate, struct sample *ret) {
    const struct hs_v8 *v8 = objects->v8;
    hs_id functions[SAMPLE];
    uint32_t count = find_functions(objects, isolate, functions);
    ret->count = ret->bits = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *p = words_of(objects, functions[i],
                                    (uint32_t)v8->layout.object_elements / v8->layout.tagged_size + 2);
        uint32_t handle = p ? handle_of(v8, p) : 0;
        if (handle & ((1u << SHIFT_MIN) - 1)) {
            ret->count = 0;
            return;
        }
        if (!handle) continue;
        ret->bits |= handle;
        ret->handles[ret->count++] = handle;
    }
}

static bool fits(const struct hs_objects *objects, hs_addr base, uint8_t shift, const struct sample *sample) {
    uint32_t hits = 0;
    for (uint32_t i = 0; i < sample->count; i++) {
        if (is_code(objects, code_at(objects, base, shift, sample->handles[i]))) hits++;
        else if (i - hits > sample->count / OF_TWENTY) return false;
    }
    return hits > 0;
}

/* The shift is told by the bits that no handle has; by few handles it is not, for they may share more. */
static bool find_base(const struct hs_objects *objects, uint32_t i, struct hs_dispatch *dispatch) {
    const struct hs_v8 *v8 = objects->v8;
    const struct hs_isolate *isolate = &v8->isolates[i];
    struct sample sample;
    take_sample(objects, i, &sample);
    if (sample.count < (dispatch->shift ? FEW : MANY)) return false;
    uint8_t shift = dispatch->shift ? dispatch->shift : (uint8_t)__builtin_ctz(sample.bits);
    if (shift > SHIFT_MAX) return false;
    for (hs_addr at = isolate->address; isolate->address && at - isolate->address < ISOLATE_LIMIT;
         at += v8->arch->word_size) {
        hs_addr base;
        if (!hs_core_word(v8->core, at, &base)) return false;
        if (!base || base % BASE_ALIGN || !fits(objects, base, shift, &sample)) continue;
        dispatch->bases[i] = base;
        dispatch->shift = shift;
        return true;
    }
    return false;
}

/* The first isolate with many functions tells the shift, which holds for all. */
static void find_bases(const struct hs_objects *objects, struct hs_dispatch *dispatch) {
    uint32_t told = 0;
    while (told < dispatch->count && !find_base(objects, told, dispatch)) told++;
    for (uint32_t i = 0; dispatch->shift && i < dispatch->count; i++)
        if (i != told) find_base(objects, i, dispatch);
}

static hs_id code_of_entry(const struct hs_objects *objects, const uint8_t *p) {
    const struct hs_v8 *v8 = objects->v8;
    uint64_t entry = hs_arch_word(v8->arch, p), start = (uint64_t)v8->layout.code_start;
    return entry % v8->arch->word_size || entry < start ? HS_ID_NONE
                                                        : hs_objects_find(objects, entry - start);
}

/* The word of a function that is its code's first instruction, by the first isolate that has functions. */
static uint16_t find_entry(const struct hs_objects *objects) {
    const struct hs_v8 *v8 = objects->v8;
    hs_id functions[SAMPLE];
    uint32_t count = 0, read = 0, hits[LAST_ENTRY + 1] = {0};
    if (v8->layout.code_start <= 0) return 0;
    for (uint32_t i = 0; i < v8->isolate_count && count < FEW; i++)
        count = find_functions(objects, i, functions);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *p = words_of(objects, functions[i], LAST_ENTRY + 1);
        if (!p) continue;
        read++;
        for (unsigned k = FIRST_ENTRY; k <= LAST_ENTRY; k++)
            hits[k] += is_code(objects, code_of_entry(objects, p + (size_t)k * v8->layout.tagged_size));
    }
    for (unsigned k = FIRST_ENTRY; k <= LAST_ENTRY; k++)
        if (read >= FEW && hits[k] >= read - read / OF_TWENTY) return (uint16_t)(k * v8->layout.tagged_size);
    return 0;
}

struct hs_error *hs_dispatch_find(const struct hs_objects *objects, struct hs_dispatch *ret) {
    *ret = (struct hs_dispatch){.count = objects->v8->isolate_count};
    ret->bases = calloc((size_t)ret->count + 1, sizeof *ret->bases);
    if (!ret->bases) return HS_ENOMEM;
    ret->entry = find_entry(objects);
    if (!ret->entry) find_bases(objects, ret);
    if (!ret->shift && !ret->entry) hs_dispatch_deinit(ret);
    return NULL;
}

void hs_dispatch_deinit(struct hs_dispatch *dispatch) {
    free(dispatch->bases);
    *dispatch = (struct hs_dispatch){0};
}

hs_id hs_dispatch_code(const struct hs_dispatch *dispatch, const struct hs_objects *objects, uint16_t isolate,
                       const uint8_t *p, uint32_t words) {
    if (dispatch->entry)
        return dispatch->entry / objects->v8->layout.tagged_size < words
                   ? code_of_entry(objects, p + dispatch->entry)
                   : HS_ID_NONE;
    hs_addr base = isolate < dispatch->count ? dispatch->bases[isolate] : 0;
    uint32_t handle = base ? handle_of(objects->v8, p) : 0;
    return handle ? code_at(objects, base, dispatch->shift, handle) : HS_ID_NONE;
}
