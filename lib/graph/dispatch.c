#include "graph/dispatch.h"

enum {
    SAMPLE = 256,
    LOOK_AT = 1 << 18,
    ISOLATE_LIMIT = 0x20000,
    ENTRY_WORDS = 2,
    SHIFT_MIN = 4,
    SHIFT_MAX = 20,
    OBJECT_SHIFT = 16,
    BASE_ALIGN = 1 << 16,
    FIRST_ENTRY = 3, /* words: behind map, properties and elements */
    LAST_ENTRY = 7,
    OF_TWENTY = 20
};

static uint32_t handle_of(const struct hs_v8 *v8, const uint8_t *p) {
    return hs_arch_u32(v8->arch, p + v8->layout.object_elements + v8->layout.tagged_size);
}

static hs_id code_at(const struct hs_dispatch *dispatch, const struct hs_objects *objects, uint32_t handle) {
    const struct hs_v8 *v8 = objects->v8;
    uint64_t entry, word = v8->arch->word_size;
    hs_addr at = dispatch->base + ((uint64_t)(handle >> dispatch->shift) * ENTRY_WORDS + 1) * word;
    if (!hs_core_word(v8->core, at, &entry)) return HS_ID_NONE;
    return hs_objects_find(objects, entry >> OBJECT_SHIFT & ~(hs_addr)3);
}

/* Handles of some functions; 0 where a function holds a pointer instead. */
static uint32_t sample(const struct hs_objects *objects, uint32_t *handles, uint32_t *bits_ret) {
    const struct hs_v8 *v8 = objects->v8;
    uint32_t count = 0, bits = 0;
    for (hs_id id = 0; id < objects->count && id < LOOK_AT && count < SAMPLE; id++) {
        hs_addr address = hs_objects_address(objects, id);
        if (hs_v8_kind_of(v8, address + 1) != HS_KIND_JS_FUNCTION) continue;
        const uint8_t *p = hs_pages_ptr(&v8->pages, address,
                                        (uint64_t)v8->layout.object_elements + 2 * v8->layout.tagged_size);
        if (!p) continue;
        uint32_t handle = handle_of(v8, p);
        if (!handle) continue;
        if (handle & ((1u << SHIFT_MIN) - 1)) return 0;
        bits |= handle;
        handles[count++] = handle;
    }
    *bits_ret = bits;
    return count;
}

static bool fits(const struct hs_dispatch *dispatch, const struct hs_objects *objects,
                 const uint32_t *handles, uint32_t count) {
    uint32_t hits = 0;
    for (uint32_t i = 0; i < count; i++) {
        hs_id id = code_at(dispatch, objects, handles[i]);
        if (id != HS_ID_NONE &&
            hs_v8_kind_of(objects->v8, hs_objects_address(objects, id) + 1) == HS_KIND_CODE)
            hits++;
        else if (i - hits > count / 20) return false;
    }
    return hits > 0;
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

void hs_dispatch_find(const struct hs_objects *objects, struct hs_dispatch *ret) {
    const struct hs_v8 *v8 = objects->v8;
    uint32_t handles[SAMPLE], bits = 0, count = sample(objects, handles, &bits);
    *ret = (struct hs_dispatch){.entry = find_entry(objects)};
    if (count < 4 || ret->entry) return;
    struct hs_dispatch candidate = {.shift = (uint8_t)__builtin_ctz(bits)};
    if (candidate.shift > SHIFT_MAX) return;
    for (uint32_t i = 0; i < v8->isolate_count; i++) {
        const struct hs_isolate *isolate = &v8->isolates[i];
        for (hs_addr at = isolate->address; isolate->address && at - isolate->address < ISOLATE_LIMIT;
             at += v8->arch->word_size) {
            if (!hs_core_word(v8->core, at, &candidate.base)) break;
            if (!candidate.base || candidate.base % BASE_ALIGN || !fits(&candidate, objects, handles, count))
                continue;
            *ret = candidate;
            return;
        }
    }
}

hs_id hs_dispatch_code(const struct hs_dispatch *dispatch, const struct hs_objects *objects, const uint8_t *p,
                       uint32_t words) {
    if (dispatch->entry)
        return dispatch->entry / objects->v8->layout.tagged_size < words
                   ? code_of_entry(objects, p + dispatch->entry)
                   : HS_ID_NONE;
    uint32_t handle = dispatch->base ? handle_of(objects->v8, p) : 0;
    return handle ? code_at(dispatch, objects, handle) : HS_ID_NONE;
}
