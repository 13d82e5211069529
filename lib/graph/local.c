#include "graph/local.h"

enum {
    LOCALS_LIMIT = 1 << 16,
    HASH_TABLE_HEADER = 3, /* words: elements, deleted, capacity (hash-table.h) */
    VARIABLE_CONTEXT = 2,  /* VariableAllocationInfo::CONTEXT */
};

static bool small(const struct hs_v8 *v8, hs_addr at, int64_t limit, int64_t *ret) {
    hs_tagged word;
    if (!hs_v8_word(v8, at, &word) || !hs_is_smi(&v8->layout, word)) return false;
    *ret = hs_smi(&v8->layout, word);
    return *ret >= 0 && *ret <= limit;
}

/* NameToIndexHashTable: {elements, deleted, capacity}, then {name, index} pairs. */
static void load_table(struct hs_js *js, hs_addr table, struct hs_locals *ret) {
    const struct hs_v8 *v8 = js->v8;
    unsigned t = v8->layout.tagged_size;
    hs_addr data = table + (hs_addr)v8->layout.fixed_array_data;
    int64_t capacity, index;
    hs_tagged key;
    if (!small(v8, data + 2 * t, 8 * LOCALS_LIMIT, &capacity)) return;
    data += HASH_TABLE_HEADER * t;
    for (int64_t i = 0; i < capacity; i++, data += 2 * t) {
        if (!hs_v8_word(v8, data, &key)) return;
        if (hs_js_kind(js, key) == HS_KIND_STRING && small(v8, data + t, (int64_t)ret->count - 1, &index))
            ret->names[index] = hs_js_text(js, key);
    }
}

void hs_locals_load(struct hs_js *js, hs_tagged scope_info, struct hs_locals *ret) {
    const struct hs_v8 *v8 = js->v8;
    const struct hs_layout *l = &v8->layout;
    unsigned t = l->tagged_size;
    *ret = (struct hs_locals){0};
    if (hs_js_kind(js, scope_info) != HS_KIND_SCOPE_INFO) return;
    hs_addr address = hs_untag(scope_info);
    int64_t flags, count;
    uint32_t raw;
    hs_addr fields = address + (hs_addr)l->scope_info_data;
    if (l->scope_info_raw_flags == 1) {
        if (!hs_v8_u32(v8, fields, &raw)) return;
        flags = raw;
    } else if (!small(v8, fields, INT64_MAX, &flags)) return;
    if (!small(v8, fields + t * (hs_addr)l->scope_info_locals, LOCALS_LIMIT, &count)) return;
    ret->function_variable = (flags >> l->scope_info_function_shift & 3) == VARIABLE_CONTEXT;
    if (!count || !(ret->names = hs_js_alloc(js, (size_t)count * sizeof *ret->names))) return;
    ret->count = (uint32_t)count;
    hs_addr at = fields + t * (hs_addr)l->scope_info_first_vars;
    uint32_t skip;
    if (!hs_v8_scope_skip(v8, address, &skip)) return;
    at += t * (hs_addr)skip;
    hs_tagged word;
    /* Newer V8 puts a module's variable count (a Smi) before the names; the number of the scope type moves.
     */
    if (hs_v8_word(v8, at, &word) && hs_is_smi(l, word)) at += t;
    if (count >= l->scope_info_inlined_names) {
        if (hs_v8_word(v8, at, &word) && hs_is_pointer(word)) load_table(js, hs_untag(word), ret);
        return;
    }
    for (uint32_t i = 0; i < ret->count; i++, at += t)
        if (hs_v8_word(v8, at, &word) && hs_js_kind(js, word) == HS_KIND_STRING)
            ret->names[i] = hs_js_text(js, word);
}
