/* Where the flags of a ScopeInfo say that a field is there.
 *
 * The fields behind the locals are optional; which bit says so moved with V8 6.8, 7.0, 7.6, 7.9 and 10.0
 * (scope-info.h, scope-info.tq). Wrong bits read another field as the name and stay silent, so the scope
 * infos of the core choose: under the right bits names are strings, and behind them stand positions that do
 * not decrease. */
#include "v8/layout_private.h"
#include "v8/isolate_private.h"

/* A few hundred decide; a heap of gigabytes must not be walked for them. */
enum {
    SAMPLES = 512,
    BYTES_WALKED = 16 << 20,
    NO = HS_ABSENT,
    RECEIVER_STACK = 1,
    RECEIVER_CONTEXT = 2,
    NAMES_IN_TABLE = 75,
    STACK_LIMIT = 1 << 16
};

/* Newest first: where votes are equal, the first that this minor has. */
static const struct candidate {
    const char *name;
    int since; /* major * 100 + minor */
    int32_t function, inferred, saved, receiver;
    bool positions;
} candidates[] = {
    {"function 12, inferred 14, saved class 10 (V8 10.0 and later)", 1000, 12, 14, 10, NO, true},
    {"function 12, inferred 14, saved class 10, receiver 7 (V8 7.9-9.6)", 709, 12, 14, 10, 7, true},
    {"function 11, inferred 13, receiver 7 (V8 7.6-7.8)", 706, 11, 13, NO, 7, true},
    {"function 10, inferred 12, receiver 7 (V8 7.0-7.5)", 700, 10, 12, NO, 7, true},
    {"function 10, receiver 7 (V8 6.6-6.8)", 500, 10, NO, NO, 7, false},
    {"function 5 (V8 3.28)", 328, 5, NO, NO, NO, false},
    {"function 6 (V8 3.14)", 0, 6, NO, NO, NO, false},
};
enum { CANDIDATES = sizeof candidates / sizeof *candidates };

static bool is_smi_at(const struct hs_v8 *v8, hs_addr at, int64_t *ret) {
    hs_tagged word;
    if (!hs_v8_word(v8, at, &word) || !hs_is_smi(&v8->layout, word)) return false;
    *ret = hs_smi(&v8->layout, word);
    return true;
}

static bool is_name_at(const struct hs_v8 *v8, hs_addr at) {
    hs_tagged word;
    if (!hs_v8_word(v8, at, &word)) return false;
    enum hs_kind kind = hs_v8_kind_of(v8, word);
    return kind == HS_KIND_STRING || kind == HS_KIND_ODDBALL || word == 0;
}

/* Does what stands from `at` (behind the locals) to `end` fit? */
static bool fits(const struct hs_v8 *v8, const struct candidate *c, hs_addr at, hs_addr end, int64_t flags) {
    unsigned t = v8->layout.tagged_size;
    int64_t first, second;
    if (c->saved != NO && flags >> c->saved & 1) {
        if (!is_smi_at(v8, at, &first)) return false;
        at += t;
    }
    if (c->receiver != NO) {
        int64_t receiver = flags >> c->receiver & 3;
        if (receiver == RECEIVER_STACK || receiver == RECEIVER_CONTEXT) {
            if (!is_smi_at(v8, at, &first)) return false;
            at += t;
        }
    }
    if (flags >> c->function & 3) {
        if (!is_name_at(v8, at) || !is_smi_at(v8, at + t, &first)) return false;
        at += 2 * t;
    }
    if (c->inferred != NO && flags >> c->inferred & 1) {
        if (!is_name_at(v8, at)) return false;
        at += t;
    }
    if (at > end) return false;
    /* Not all have positions: then the outer scope follows, or nothing. */
    if (c->positions && at + 2 * t <= end && is_smi_at(v8, at, &first))
        return is_smi_at(v8, at + t, &second) && first >= 0 && second >= first;
    hs_tagged outer;
    return at == end ||
           (hs_v8_word(v8, at, &outer) && (hs_v8_kind_of(v8, outer) == HS_KIND_SCOPE_INFO || outer == 0 ||
                                           hs_v8_kind_of(v8, outer) == HS_KIND_ODDBALL));
}

bool hs_v8_scope_skip(const struct hs_v8 *v8, hs_addr scope_info, uint32_t *ret) {
    const struct hs_layout *l = &v8->layout;
    hs_addr fields = scope_info + (hs_addr)l->scope_info_data;
    int64_t parameters, stack;
    *ret = 0;
    if (l->scope_info_stack_locals == HS_ABSENT || l->scope_info_params == HS_ABSENT) return true;
    if (!is_smi_at(v8, fields + (hs_addr)l->scope_info_params * l->tagged_size, &parameters) ||
        !is_smi_at(v8, fields + (hs_addr)l->scope_info_stack_locals * l->tagged_size, &stack))
        return false;
    if (parameters < 0 || parameters > STACK_LIMIT || stack < 0 || stack > STACK_LIMIT) return false;
    *ret = (uint32_t)(parameters + l->scope_info_first_slot + stack);
    return true;
}

/* Counts a ScopeInfo for the candidates under which it makes sense; false if it says nothing about them. */
static bool vote(const struct hs_v8 *v8, hs_addr address, uint64_t size, uint32_t *votes) {
    const struct hs_layout *l = &v8->layout;
    unsigned t = l->tagged_size;
    hs_addr fields = address + (hs_addr)l->scope_info_data;
    int64_t flags, locals;
    if (!is_smi_at(v8, fields, &flags) || !is_smi_at(v8, fields + (hs_addr)l->scope_info_locals * t, &locals))
        return false;
    if (locals < 0 || locals >= NAMES_IN_TABLE || flags <= 0) return false;
    uint32_t skip;
    if (!hs_v8_scope_skip(v8, address, &skip)) return false;
    hs_addr at = fields + ((hs_addr)l->scope_info_first_vars + skip + 2 * (hs_addr)locals) * t;
    bool any = false;
    for (int i = 0; i < CANDIDATES; i++)
        if (fits(v8, &candidates[i], at, address + size, flags)) votes[i]++, any = true;
    return any;
}

struct polling {
    const struct hs_v8 *v8;
    struct hs_maps maps;
    uint32_t *votes, left; /* left: samples */
    uint64_t bytes;        /* that may still be walked */
};

static void poll_page(struct polling *p, const struct hs_page *page) {
    hs_addr at = page->area_start, end = page->area_start + page->present;
    while (at < end && p->left && p->bytes) {
        enum hs_kind kind = HS_KIND_UNKNOWN;
        uint64_t size = hs_object_size(p->v8, &p->maps, at, end, &kind);
        if (size && kind == HS_KIND_SCOPE_INFO) p->left -= vote(p->v8, at, size, p->votes);
        if (!size) size = p->v8->layout.tagged_size;
        p->bytes -= size < p->bytes ? size : p->bytes;
        at += size;
    }
}

/* Read-only space first: it is small and full of V8's own functions. */
static void poll(const struct hs_v8 *v8, uint32_t *votes) {
    struct polling p = {.v8 = v8, .votes = votes, .left = SAMPLES, .bytes = BYTES_WALKED};
    for (int read_only = 1; read_only >= 0; read_only--)
        for (uint32_t i = 0; i < v8->pages.count; i++) {
            const struct hs_page *page = &v8->pages.items[i];
            if (page->flags & (HS_PAGE_NEW | HS_PAGE_LARGE | HS_PAGE_CODE | HS_PAGE_UNUSED)) continue;
            if (!!(page->flags & HS_PAGE_READ_ONLY) == read_only) poll_page(&p, page);
        }
    hs_maps_deinit(&p.maps);
}

struct hs_error *hs_scope_flags_resolve(struct hs_v8 *v8) {
    struct hs_layout *l = &v8->layout;
    uint32_t votes[CANDIDATES] = {0}, most = 0;
    int winner = -1, minor = hs_v8_minor(v8);
    uint16_t number;
    l->scope_info_inlined_names =
        hs_types_find(&v8->types, "NameToIndexHashTable", &number) ? NAMES_IN_TABLE : INT32_MAX;
    if (l->scope_info_raw_flags != 1) poll(v8, votes);
    for (int i = 0; i < CANDIDATES; i++)
        if (votes[i] > most || (votes[i] == most && most && candidates[winner].since > minor && minor))
            most = votes[i], winner = i;
    for (int i = 0; i < CANDIDATES && winner < 0; i++)
        if (!minor || candidates[i].since <= minor) winner = i;
    const struct candidate *c = &candidates[winner];
    l->scope_info_function_shift = c->function;
    l->scope_info_inferred_bit = c->inferred;
    l->scope_info_saved_class_bit = c->saved;
    l->scope_info_receiver_shift = c->receiver;
    return hs_v8_fact(v8, "ScopeInfo.flags.bits", winner, most ? HS_FROM_DISCOVERY : HS_FROM_TABLE, "%s",
                      c->name);
}
