#include "graph/embedded.h"

static bool is_weak(enum hs_kind kind) {
    return kind == HS_KIND_MAP || kind == HS_KIND_CONTEXT || kind == HS_KIND_NATIVE_CONTEXT ||
           kind == HS_KIND_PROPERTY_CELL || hs_kind_is_receiver(kind);
}

hs_id hs_embedded_next(const struct hs_objects *objects, const uint8_t *p, uint64_t size, uint64_t *offset,
                       bool *weak_ret) {
    const struct hs_v8 *v8 = objects->v8;
    if (v8->layout.tagged_size != 8) return HS_ID_NONE;

    for (uint64_t at = *offset; at < size && size - at >= 8; at++) {
        uint64_t word = hs_arch_u64(v8->arch, p + at);
        if ((word & 7) != 1 || word >> 48 || !(word >> 16)) continue;
        hs_id id = hs_objects_find(objects, word - 1);
        if (id == HS_ID_NONE) continue;
        *offset = at + 8;
        *weak_ret = is_weak(hs_v8_kind_of(v8, word));
        return id;
    }
    *offset = size;
    return HS_ID_NONE;
}
