#include "js/string.h"

#include <stdlib.h>
#include "base/utf8.h"

struct piece {
    hs_tagged string;
    uint32_t from, count;
};

struct pieces {
    struct piece *items;
    size_t count, capacity;
};

static bool push(struct pieces *stack, struct piece piece) {
    if (stack->count == stack->capacity) {
        size_t capacity = stack->capacity ? stack->capacity * 2 : 32;
        struct piece *grown = realloc(stack->items, capacity * sizeof *grown);
        if (!grown) return false;
        stack->items = grown;
        stack->capacity = capacity;
    }
    stack->items[stack->count++] = piece;
    return true;
}

static void pieces_deinit(struct pieces *stack) {
    free(stack->items);
}

static int32_t string_type(const struct hs_v8 *v8, hs_tagged string) {
    int32_t type = hs_v8_type_of(v8, string);
    return type >= 0 && type < v8->types.first_nonstring ? type : -1;
}

bool hs_js_string_length(const struct hs_v8 *v8, hs_tagged string, uint32_t *ret) {
    return string_type(v8, string) >= 0 &&
           hs_v8_u32(v8, hs_untag(string) + (hs_addr)v8->layout.string_length, ret);
}

/* Where an external string's characters are, 0 if it does not say: uncached ones lack the field. */
static hs_addr external_data(const struct hs_v8 *v8, hs_addr address) {
    hs_tagged map, data;
    if (!hs_v8_word(v8, address, &map)) return 0;
    const uint8_t *words = hs_pages_ptr(&v8->pages, hs_untag(map) + (hs_addr)v8->layout.map_instance_size, 1);
    if (!words || *words * v8->layout.tagged_size < v8->layout.external_data + v8->arch->word_size) return 0;
    const uint8_t *p =
        hs_pages_ptr(&v8->pages, address + (hs_addr)v8->layout.external_data, v8->arch->word_size);
    if (!p) return 0;
    data = hs_arch_word(v8->arch, p);
    return data;
}

/* The units of a flat piece, NULL if absent. */
static const uint8_t *flat(const struct hs_v8 *v8, int32_t type, const struct piece *piece) {
    unsigned width = hs_string_one_byte((uint16_t)type) ? 1 : 2;
    hs_addr address = hs_untag(piece->string);
    uint64_t skip = (uint64_t)piece->from * width, size = (uint64_t)piece->count * width;
    if (hs_string_form((uint16_t)type) == HS_STRING_SEQ)
        return hs_pages_ptr(&v8->pages, address + (hs_addr)v8->layout.string_chars + skip, size);
    hs_addr data = external_data(v8, address);
    return data ? hs_images_ptr(v8->images, v8->core, data + skip, size) : NULL;
}

/* One step of flattening: 1 the piece is flat, 0 it was replaced by what it refers to, -1 broken. */
static int unwrap(const struct hs_v8 *v8, int32_t type, uint32_t length, struct piece *piece,
                  struct pieces *stack) {
    const struct hs_layout *l = &v8->layout;
    hs_addr address = hs_untag(piece->string);
    hs_tagged first, second;
    uint32_t first_length, second_length;
    switch (hs_string_form((uint16_t)type)) {
    case HS_STRING_SEQ:
    case HS_STRING_EXTERNAL:
        return 1;
    case HS_STRING_THIN:
        if (!hs_v8_word(v8, address + (hs_addr)l->thin_actual, &piece->string)) return -1;
        return 0;
    case HS_STRING_SLICED:
        if (!hs_v8_word(v8, address + (hs_addr)l->sliced_parent, &first)) return -1;
        if (!hs_v8_word(v8, address + (hs_addr)l->sliced_offset, &second) || !hs_is_smi(l, second)) return -1;
        if (hs_smi(l, second) < 0 || hs_smi(l, second) > UINT32_MAX - (int64_t)piece->from) return -1;
        piece->from += (uint32_t)hs_smi(l, second);
        piece->string = first;
        return 0;
    case HS_STRING_CONS:
        if (!hs_v8_word(v8, address + (hs_addr)l->cons_first, &first)) return -1;
        if (!hs_v8_word(v8, address + (hs_addr)l->cons_second, &second)) return -1;
        if (!hs_js_string_length(v8, first, &first_length) || first_length > length) return -1;
        if (!hs_js_string_length(v8, second, &second_length) || second_length != length - first_length)
            return -1;
        if (piece->from >= first_length) {
            *piece = (struct piece){second, piece->from - first_length, piece->count};
            return 0;
        }
        uint32_t head = first_length - piece->from;
        if (head < piece->count) {
            if (!push(stack, (struct piece){second, 0, piece->count - head})) return -1;
            piece->count = head;
        }
        piece->string = first;
        return 0;
    }
    return -1;
}

bool hs_js_string_visit(const struct hs_v8 *v8, hs_tagged string, uint32_t limit,
                        void (*visit)(void *context, const uint8_t *units, uint32_t count, bool one_byte),
                        void *context) {
    uint32_t length;
    if (!hs_js_string_length(v8, string, &length)) return false;
    __attribute__((cleanup(pieces_deinit))) struct pieces stack = {0};
    struct piece piece = {string, 0, length < limit ? length : limit};
    /* A tree of n units has at most n leaves and n inner nodes that split; the rest are windows and thin
     * ones. */
    uint64_t steps = 4096 + (piece.count < 1u << 20 ? 4ull * piece.count : 4ull << 20);
    while (piece.count) {
        int32_t type = string_type(v8, piece.string);
        if (type < 0 || !steps--) return false;
        if (!hs_js_string_length(v8, piece.string, &length)) return false;
        if (piece.from > length || piece.count > length - piece.from) return false;
        int step = unwrap(v8, type, length, &piece, &stack);
        if (step < 0) return false;
        if (step == 0) continue;
        const uint8_t *units = flat(v8, type, &piece);
        if (!units) return false;
        visit(context, units, piece.count, hs_string_one_byte((uint16_t)type));
        if (!stack.count) break;
        piece = stack.items[--stack.count];
    }
    return true;
}

struct appending {
    const struct hs_arch *arch;
    struct hs_strbuf *units; /* of two bytes each, host order: pairs may be split between chunks */
};

static void append_units(void *context, const uint8_t *units, uint32_t count, bool one_byte) {
    struct appending *a = context;
    if (!hs_strbuf_reserve(a->units, (size_t)count * 2)) return;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t unit = one_byte ? units[i] : hs_arch_u16(a->arch, units + 2 * (size_t)i);
        hs_strbuf_append(a->units, &unit, sizeof unit);
    }
}

bool hs_js_string_append(const struct hs_v8 *v8, hs_tagged string, uint32_t limit, struct hs_strbuf *out) {
    int32_t type = string_type(v8, string);
    uint32_t length;
    if (type < 0 || !hs_js_string_length(v8, string, &length)) return false;
    if (length > limit) length = limit;
    if (hs_string_form((uint16_t)type) == HS_STRING_SEQ && hs_string_one_byte((uint16_t)type)) {
        /* what nearly every name is */
        const uint8_t *units = flat(v8, type, &(struct piece){string, 0, length});
        if (units) hs_utf8_put_latin1(out, units, length);
        return units != NULL;
    }
    HS_STRBUF_AUTO units = HS_STRBUF_INIT;
    struct appending appending = {v8->arch, &units};
    bool whole = hs_js_string_visit(v8, string, limit, append_units, &appending);
    hs_utf8_put_utf16(out, units.data, units.size / 2, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    if (units.failed) out->failed = true;
    return whole;
}

uint64_t hs_js_string_payload(const struct hs_v8 *v8, hs_addr address, const struct hs_map *map,
                              hs_addr *data_ret) {
    *data_ret = 0;
    uint32_t length;
    if (map->type >= v8->types.first_nonstring || hs_string_form(map->type) != HS_STRING_EXTERNAL) return 0;
    if (!hs_v8_u32(v8, address + (hs_addr)v8->layout.string_length, &length)) return 0;
    *data_ret = external_data(v8, address);
    return (uint64_t)length * (hs_string_one_byte(map->type) ? 1 : 2);
}
