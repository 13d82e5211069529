#include "graph/dispatch.h"

#include <stdlib.h>

enum {
    FIRST_ENTRY = 3, /* words: behind map, properties and elements */
    LAST_ENTRY = 7,
    OF_TWENTY = 20,
    SAMPLE = 256,
    LOOK_AT = 1 << 18,
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

/* Handles of some of an isolate's functions; none where a function holds a pointer instead. */
static void take_sample(const struct hs_objects *objects, uint16_t isolate, struct sample *ret) {
    const struct hs_v8 *v8 = objects->v8;
    uint32_t seen = 0;
    ret->count = ret->bits = 0;
    for (uint32_t p = 0; p < v8->pages.count; p++) {
        if (v8->pages.items[p].isolate != isolate) continue;
        hs_id end = p + 1 < v8->pages.count ? objects->pages[p + 1].first : objects->count;
        for (hs_id id = objects->pages[p].first; id < end && ret->count < SAMPLE && seen < LOOK_AT;
             id++, seen++) {
            hs_addr address = hs_objects_address(objects, id);
            if (hs_v8_kind_of(v8, address + 1) != HS_KIND_JS_FUNCTION) continue;
            const uint8_t *bytes = hs_pages_ptr(
                &v8->pages, address, (uint64_t)v8->layout.object_elements + 2 * v8->layout.tagged_size);
            uint32_t handle = bytes ? handle_of(v8, bytes) : 0;
            if (handle & ((1u << SHIFT_MIN) - 1)) {
                ret->count = 0;
                return;
            }
            if (!handle) continue;
            ret->bits |= handle;
            ret->handles[ret->count++] = handle;
        }
    }
}

static bool fits(const struct hs_objects *objects, hs_addr base, uint8_t shift, const struct sample *sample) {
    uint32_t hits = 0;
    for (uint32_t i = 0; i < sample->count; i++) {
        hs_id id = code_at(objects, base, shift, sample->handles[i]);
        if (id != HS_ID_NONE &&
            hs_v8_kind_of(objects->v8, hs_objects_address(objects, id) + 1) == HS_KIND_CODE)
            hits++;
        else if (i - hits > sample->count / 20) return false;
    }
    return hits > 0;
}

/* In the other isolates the same shift holds: their functions may be few, and share their low bits. */
static void find_base(const struct hs_objects *objects, uint32_t i, struct hs_dispatch *dispatch) {
    const struct hs_v8 *v8 = objects->v8;
    const struct hs_isolate *isolate = &v8->isolates[i];
    struct sample sample;
    take_sample(objects, (uint16_t)i, &sample);
    if (sample.count < 4) return;
    uint8_t shift = dispatch->shift ? dispatch->shift : (uint8_t)__builtin_ctz(sample.bits);
    if (shift > SHIFT_MAX) return;
    for (hs_addr at = isolate->address; isolate->address && at - isolate->address < ISOLATE_LIMIT;
         at += v8->arch->word_size) {
        hs_addr base;
        if (!hs_core_word(v8->core, at, &base)) return;
        if (!base || base % BASE_ALIGN || !fits(objects, base, shift, &sample)) continue;
        dispatch->bases[i] = base;
        dispatch->shift = shift;
        return;
    }
}

static hs_id code_of_entry(const struct hs_objects *objects, const uint8_t *p) {
    const struct hs_v8 *v8 = objects->v8;
    uint64_t entry = hs_arch_word(v8->arch, p), start = (uint64_t)v8->layout.code_start;
    return entry % v8->arch->word_size || entry < start ? HS_ID_NONE
                                                        : hs_objects_find(objects, entry - start);
}

static uint16_t find_entry(const struct hs_objects *objects) {
    const struct hs_v8 *v8 = objects->v8;
    unsigned word = v8->layout.tagged_size;
    uint32_t count = 0, hits[LAST_ENTRY + 1] = {0};
    if (v8->layout.code_start <= 0) return 0;
    for (hs_id id = 0; id < objects->count && id < LOOK_AT && count < SAMPLE; id++) {
        hs_addr address = hs_objects_address(objects, id);
        if (hs_v8_kind_of(v8, address + 1) != HS_KIND_JS_FUNCTION) continue;
        const uint8_t *p = hs_pages_ptr(&v8->pages, address, (uint64_t)(LAST_ENTRY + 1) * word);
        if (!p) continue;
        count++;
        for (unsigned k = FIRST_ENTRY; k <= LAST_ENTRY; k++) {
            hs_id code = code_of_entry(objects, p + (size_t)k * word);
            hits[k] += code != HS_ID_NONE &&
                       hs_v8_kind_of(v8, hs_objects_address(objects, code) + 1) == HS_KIND_CODE;
        }
    }
    for (unsigned k = FIRST_ENTRY; k <= LAST_ENTRY; k++)
        if (count >= 4 && hits[k] >= count - count / OF_TWENTY) return (uint16_t)(k * word);
    return 0;
}

struct hs_error *hs_dispatch_find(const struct hs_objects *objects, struct hs_dispatch *ret) {
    *ret = (struct hs_dispatch){.count = objects->v8->isolate_count};
    ret->bases = calloc((size_t)ret->count + 1, sizeof *ret->bases);
    if (!ret->bases) return HS_ENOMEM;
    ret->entry = find_entry(objects);
    for (uint32_t i = 0; i < ret->count && !ret->entry; i++) find_base(objects, i, ret);
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
