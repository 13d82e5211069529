/* Self-checks: a wrong layout must look like an error, never like data. */
#include "v8/isolate_private.h"
#include "v8/layout_private.h"
#include "v8/type_private.h"

#include <string.h>

static struct hs_error *wrong(const struct hs_v8 *v8, const char *what, const char *detail) {
    return hs_error_create(
        HS_ERROR_LAYOUT,
        "V8 %s: the layout does not fit this core: %s%s. The symbols are those of %s; if the core is of "
        "another build, pass its binary with --exe",
        v8->symbols->version_text, what, detail, v8->symbols->origin);
}

/* Roots that are oddballs must say so themselves (Oddball::kind, v8dbg_Oddball*). */
static struct hs_error *check_oddballs(const struct hs_v8 *v8, uint32_t isolate) {
    static const struct {
        const char *root, *constant;
    } oddballs[] = {{"undefined_value", "OddballUndefined"},
                    {"null_value", "OddballNull"},
                    {"true_value", "OddballTrue"},
                    {"false_value", "OddballFalse"}};
    for (size_t i = 0; i < sizeof oddballs / sizeof *oddballs; i++) {
        hs_tagged root = hs_v8_root(v8, isolate, oddballs[i].root), kind;
        int32_t expected;
        if (hs_v8_kind_of(v8, root) != HS_KIND_ODDBALL) return wrong(v8, oddballs[i].root, " is no Oddball");
        if (hs_v8_symbols_constant(v8->symbols, oddballs[i].constant, &expected) &&
            (!hs_v8_word(v8, hs_untag(root) + (hs_addr)v8->layout.oddball_kind, &kind) ||
             hs_smi(&v8->layout, kind) != expected))
            return wrong(v8, oddballs[i].root, " has another kind than its name says");
    }
    return NULL;
}

/* A root table that is off by one decodes well everywhere but here: 69 wrong class names in 18.12.1
 * with 18.20's table. */
static struct hs_error *check_symbol(const struct hs_v8 *v8, uint32_t isolate) {
    static const char expected[] = "Symbol.toStringTag";
    if (v8->symbols
            ->roots_discovered) { /* Found by that, or not there (V8 to 4.9): a string tells as well. */
        if (hs_v8_root(v8, isolate, "constructor_string")) return NULL;
        return wrong(v8, "String.length or SeqString.chars: ", "no root reads \"constructor\"");
    }
    hs_tagged symbol = hs_v8_root(v8, isolate, "to_string_tag_symbol"), description;
    uint32_t length;
    if (hs_v8_kind_of(v8, symbol) != HS_KIND_SYMBOL)
        return wrong(v8, "root to_string_tag_symbol", " is no Symbol");
    const uint8_t *chars;
    int32_t type;
    if (!hs_v8_word(v8, hs_untag(symbol) + (hs_addr)v8->layout.symbol_description, &description) ||
        (type = hs_v8_type_of(v8, description)) < 0 || type >= v8->types.first_nonstring ||
        !hs_v8_u32(v8, hs_untag(description) + (hs_addr)v8->layout.string_length, &length) ||
        length != sizeof expected - 1 ||
        !(chars = hs_pages_ptr(&v8->pages, hs_untag(description) + (hs_addr)v8->layout.string_chars,
                               sizeof expected - 1)) ||
        memcmp(chars, expected, sizeof expected - 1) != 0)
        return wrong(v8, "root to_string_tag_symbol", " is another symbol");
    return NULL;
}

static struct hs_error *check_empty_string(const struct hs_v8 *v8, uint32_t isolate) {
    hs_tagged string = hs_v8_root(v8, isolate, "empty_string");
    uint32_t length;
    int32_t type = hs_v8_type_of(v8, string);
    if (type < 0 || type >= v8->types.first_nonstring ||
        !hs_v8_u32(v8, hs_untag(string) + (hs_addr)v8->layout.string_length, &length) || length != 0)
        return wrong(v8, "root empty_string", " is no empty string");
    return NULL;
}

struct hs_error *hs_v8_check(struct hs_v8 *v8) {
    for (uint32_t i = 0; i < v8->isolate_count; i++) {
        HS_TRY(check_oddballs(v8, i));
        HS_TRY(check_empty_string(v8, i));
        HS_TRY(check_symbol(v8, i));
    }
    return hs_slots_check(v8);
}
