#include "js/scope.h"

#include "js/string.h"

enum {
    LOCALS_LIMIT = 1 << 20,
    SCOPE_MODULE = 3,
    VARIABLE_STACK = 1, /* VariableAllocationInfo */
    VARIABLE_CONTEXT = 2,
    SLOTS_BEHIND_LOCALS = 6, /* saved class variable, function variable and its index, inferred name */
};

static bool is_string(const struct hs_v8 *v8, hs_tagged word) {
    return hs_v8_kind_of(v8, word) == HS_KIND_STRING;
}

/* A name slot: a String, or a Smi 0 / undefined for "none". */
static bool read_name(const struct hs_v8 *v8, hs_addr at, hs_tagged *ret) {
    hs_tagged word;
    if (!hs_v8_word(v8, at, &word)) return false;
    if (is_string(v8, word)) *ret = word;
    else if (hs_is_smi(&v8->layout, word) || hs_v8_kind_of(v8, word) == HS_KIND_ODDBALL) *ret = 0;
    else return false;
    return true;
}

static bool read_smi(const struct hs_v8 *v8, hs_addr at, int64_t *ret) {
    hs_tagged word;
    if (!hs_v8_word(v8, at, &word) || !hs_is_smi(&v8->layout, word)) return false;
    *ret = hs_smi(&v8->layout, word);
    return true;
}

static void first_string(const struct hs_v8 *v8, hs_addr at, struct hs_js_scope *ret) {
    unsigned t = v8->layout.tagged_size;
    for (unsigned i = 0; i < SLOTS_BEHIND_LOCALS; i++) {
        hs_tagged word;
        uint32_t length;
        if (!hs_v8_word(v8, at + i * t, &word)) return;
        if (is_string(v8, word) && hs_js_string_length(v8, word, &length) && length) {
            ret->name = word;
            return;
        }
    }
}

static void read_positions(const struct hs_v8 *v8, hs_addr at, struct hs_js_scope *ret) {
    int64_t start, end;
    if (read_smi(v8, at, &start) && read_smi(v8, at + v8->layout.tagged_size, &end) && start >= 0 &&
        end >= start)
        ret->start = start;
}

bool hs_js_scope_read(const struct hs_v8 *v8, hs_tagged scope_info, struct hs_js_scope *ret) {
    const struct hs_layout *l = &v8->layout;
    if (hs_v8_kind_of(v8, scope_info) != HS_KIND_SCOPE_INFO) return false;
    *ret = (struct hs_js_scope){.start = -1};
    hs_addr address = hs_untag(scope_info);
    unsigned t = l->tagged_size;
    int64_t flags, locals;
    uint32_t raw;
    hs_addr fields = address + (hs_addr)l->scope_info_data;
    if (l->scope_info_raw_flags == 1) {
        if (!hs_v8_u32(v8, fields, &raw)) return true;
        flags = raw;
    } else if (!read_smi(v8, fields, &flags)) return true;
    if (!read_smi(v8, fields + t * (hs_addr)l->scope_info_locals, &locals)) return true;
    if (locals < 0 || locals > LOCALS_LIMIT) return true;

    hs_addr at = fields + t * (hs_addr)l->scope_info_first_vars;
    uint32_t skip;
    if (!hs_v8_scope_skip(v8, address, &skip)) return true;
    at += t * (hs_addr)skip;
    /* Newer V8 puts a module's variable count (a Smi) before the names; the number of the scope type moves.
     */
    hs_tagged first;
    if (locals ? hs_v8_word(v8, at, &first) && hs_is_smi(l, first)
               : l->scope_info_module_count == 1 && (flags & 15) == SCOPE_MODULE)
        at += t;
    at += t * (hs_addr)(locals < l->scope_info_inlined_names ? locals : 1); /* names */
    at += t * (hs_addr)locals;                                              /* infos */
    hs_addr behind_locals = at;
    if (l->scope_info_saved_class_bit != HS_ABSENT && flags >> l->scope_info_saved_class_bit & 1) at += t;
    int64_t receiver =
        l->scope_info_receiver_shift != HS_ABSENT ? flags >> l->scope_info_receiver_shift & 3 : 0;
    if (receiver == VARIABLE_STACK || receiver == VARIABLE_CONTEXT) at += t;
    bool good = true;
    if (flags >> l->scope_info_function_shift & 3) {
        good = read_name(v8, at, &ret->name);
        at += 2 * t;
    }
    if (l->scope_info_inferred_bit != HS_ABSENT && flags >> l->scope_info_inferred_bit & 1) {
        good = good && read_name(v8, at, &ret->inferred);
        at += t;
    }
    if (!good) {
        ret->name = ret->inferred = 0;
        first_string(v8, behind_locals, ret);
    } else if (l->scope_info_positions == HS_ABSENT) read_positions(v8, at, ret);
    if (l->scope_info_positions != HS_ABSENT)
        read_positions(v8, address + (hs_addr)l->scope_info_positions, ret);
    return true;
}
