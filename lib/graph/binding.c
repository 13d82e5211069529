#include "graph/binding.h"

#include <string.h>

enum {
    TABLE_HEADER = 3,      /* words of an ObjectHashTable: elements, deleted, capacity */
    TABLE_LIMIT = 1 << 14, /* words of a table, modules asked for */
    MODULES_LIMIT = 256,
    FIRST_ARRAY = 7 /* word of a SourceTextModule: before it stand what all modules have */
};

/* The tagged words of the FixedArray at `array`; NULL if it is none. */
static const uint8_t *words_of(struct hs_js *js, hs_tagged array, uint32_t limit, uint32_t *count_ret) {
    const struct hs_v8 *v8 = js->v8;
    const struct hs_layout *l = &v8->layout;
    hs_tagged length;
    if (!hs_is_pointer(array) || hs_js_kind(js, array) != HS_KIND_FIXED_ARRAY) return NULL;
    if (!hs_v8_word(v8, hs_untag(array) + (hs_addr)l->fixed_array_length, &length) || !hs_is_smi(l, length) ||
        hs_smi(l, length) <= 0 || hs_smi(l, length) > limit)
        return NULL;
    *count_ret = (uint32_t)hs_smi(l, length);
    return hs_pages_ptr(&v8->pages, hs_untag(array) + (hs_addr)l->fixed_array_data,
                        (uint64_t)*count_ret * l->tagged_size);
}

static bool is_named(struct hs_js *js, hs_tagged object, const char *name) {
    int32_t type = hs_is_pointer(object) ? hs_v8_type_of(js->v8, object) : -1;
    return type >= 0 && strcmp(hs_types_name(&js->v8->types, (uint16_t)type), name) == 0;
}

bool hs_binding_value(struct hs_js *js, hs_tagged cell, hs_tagged *ret) {
    return is_named(js, cell, "Cell") && hs_v8_word(js->v8, hs_untag(cell) + js->v8->layout.tagged_size, ret);
}

bool hs_binding_is_array(struct hs_js *js, hs_tagged array) {
    uint32_t count;
    const uint8_t *p = words_of(js, array, UINT32_MAX >> 4, &count);
    return p && is_named(js, hs_v8_load(js->v8, p), "Cell");
}

static const char *name_in(struct hs_js *js, hs_addr module, hs_tagged cell) {
    unsigned t = js->v8->layout.tagged_size;
    uint32_t count;
    hs_tagged table;
    const uint8_t *p =
        hs_v8_word(js->v8, module + t, &table) ? words_of(js, table, TABLE_LIMIT, &count) : NULL;
    for (uint32_t i = TABLE_HEADER; p && i + 2 <= count; i += 2) {
        if (hs_v8_load(js->v8, p + (size_t)(i + 1) * t) != cell) continue;
        hs_tagged key = hs_v8_load(js->v8, p + (size_t)i * t);
        if (hs_is_pointer(key) && hs_js_kind(js, key) == HS_KIND_STRING) return hs_js_name(js, key);
    }
    return NULL;
}

const char *hs_binding_name(struct hs_js *js, hs_addr module, uint32_t module_words, hs_tagged cell) {
    unsigned t = js->v8->layout.tagged_size;
    const char *name = name_in(js, module, cell);
    for (uint32_t w = FIRST_ARRAY; w < module_words && !name; w++) {
        hs_tagged array;
        uint32_t count;
        const uint8_t *p = hs_v8_word(js->v8, module + (hs_addr)w * t, &array)
                               ? words_of(js, array, MODULES_LIMIT, &count)
                               : NULL;
        for (uint32_t i = 0; p && i < count && !name; i++) {
            hs_tagged other = hs_v8_load(js->v8, p + (size_t)i * t);
            if (is_named(js, other, "SourceTextModule") || is_named(js, other, "SyntheticModule"))
                name = name_in(js, hs_untag(other), cell);
        }
    }
    return name;
}
