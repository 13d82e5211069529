/* The roots of a V8 that does not name them (to 7.0).
 *
 * The table is found by its first maps, the only three in a row whose objects have no fixed size, one word
 * and two words (free space and the fillers; held in all 25 releases measured, v8-releases.md part B). A root
 * is named by what it holds: an oddball says what it is, a string reads so, a map's map is itself. That is
 * all that the layers above ask for. */
#include "v8/isolate_private.h"
#include "v8/layout_private.h"

#include <stdlib.h>
#include <string.h>

enum {
    SEARCH_BYTES = 0x400, /* the table begins within so many bytes around the Heap */
    ROOTS_LIMIT = 1024,   /* 12 to 20 words more than 3.14 to 7.0 have */
    GAP_WORDS = 8,        /* behind the last root: sizes and counters of the Heap */
    ISOLATE_BACK = 0x400, /* the roots begin near the Isolate's begin */
    VOTE_BYTES = 0x14000, /* the Isolate of 7.0.0 has 0xcac0, two votes; its helpers lie behind it */
    VOTE_LIMIT = 64,
};

static uint64_t word_at(const struct hs_v8 *v8, hs_addr at) {
    uint64_t word;
    return hs_core_word(v8->core, at, &word) ? word : 0;
}

/* Instance size in words of the map at `at`, -1 if there is none. */
static int map_words(const struct hs_v8 *v8, hs_addr at) {
    const uint8_t *map = hs_map_validate(v8, word_at(v8, at));
    return map ? map[v8->layout.map_instance_size] : -1;
}

hs_addr hs_old_roots_find(const struct hs_v8 *v8, hs_addr heap) {
    unsigned word = v8->arch->word_size;
    for (hs_addr at = heap - SEARCH_BYTES; at < heap + SEARCH_BYTES; at += word)
        if (map_words(v8, at) == 0 && map_words(v8, at + word) == 1 && map_words(v8, at + 2 * word) == 2)
            return map_words(v8, at - word) >= 0 ? at - word
                                                 : at; /* byte_array_map came first until V8 5.1 */
    return 0;
}

/* Members of the Isolate point back to it (those of its Heap to that): the address before the roots that most
 * words behind them have. */
hs_addr hs_old_isolate_find(const struct hs_v8 *v8, hs_addr heap, hs_addr roots) {
    struct {
        uint64_t address;
        uint32_t votes;
    } seen[VOTE_LIMIT] = {{0, 0}};
    unsigned count = 0, best = 0;
    for (hs_addr at = roots; at < roots + VOTE_BYTES; at += v8->arch->word_size) {
        uint64_t word = word_at(v8, at);
        if (word % v8->arch->word_size || word == heap || word >= roots || word < roots - ISOLATE_BACK)
            continue;
        unsigned i = 0;
        while (i < count && seen[i].address != word) i++;
        if (i == count && count == VOTE_LIMIT) continue;
        if (i == count) seen[count++].address = word;
        if (++seen[i].votes > seen[best].votes) best = i;
    }
    return seen[best].votes > 2 ? seen[best].address : 0;
}

static bool is_smi_word(const struct hs_v8 *v8, uint64_t word) {
    return hs_is_smi(&v8->layout, word);
}

static size_t count_roots(const struct hs_v8 *v8, hs_addr roots) {
    size_t end = 0;
    for (size_t i = 0; i < ROOTS_LIMIT && i - end <= GAP_WORDS; i++) {
        uint64_t word = word_at(v8, roots + i * v8->arch->word_size);
        if ((word & 3) == 1 && hs_v8_type_of(v8, word) >= 0) end = i + 1;
    }
    return end;
}

/* Does the one-byte string at `string` read `text`? */
static bool reads(const struct hs_v8 *v8, hs_tagged string, const char *text) {
    int32_t type = hs_v8_type_of(v8, string);
    uint32_t length;
    if (type < 0 || type >= v8->types.first_nonstring || hs_string_form((uint16_t)type) != HS_STRING_SEQ ||
        !hs_string_one_byte((uint16_t)type))
        return false;
    if (!hs_v8_u32(v8, hs_untag(string) + (hs_addr)v8->layout.string_length, &length) ||
        length != strlen(text))
        return false;
    const uint8_t *chars =
        hs_pages_ptr(&v8->pages, hs_untag(string) + (hs_addr)v8->layout.string_chars, length);
    return chars && memcmp(chars, text, length) == 0;
}

static const char *name_of(const struct hs_v8 *v8, hs_tagged root) {
    static const struct {
        const char *constant, *name;
    } oddballs[] = {{"OddballUndefined", "undefined_value"},
                    {"OddballTheHole", "the_hole_value"},
                    {"OddballNull", "null_value"},
                    {"OddballTrue", "true_value"},
                    {"OddballFalse", "false_value"}};
    static const struct {
        const char *text, *name;
    } strings[] = {{"", "empty_string"}, {"constructor", "constructor_string"}, {"name", "name_string"}};
    int32_t value;
    hs_tagged word;
    switch (hs_v8_kind_of(v8, root)) {
    case HS_KIND_ODDBALL:
        for (size_t i = 0; i < sizeof oddballs / sizeof *oddballs; i++)
            if (hs_v8_symbols_constant(v8->symbols, oddballs[i].constant, &value) &&
                hs_v8_word(v8, hs_untag(root) + (hs_addr)v8->layout.oddball_kind, &word) &&
                is_smi_word(v8, word) && hs_smi(&v8->layout, word) == value)
                return oddballs[i].name;
        return "";
    case HS_KIND_STRING:
        for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
            if (reads(v8, root, strings[i].text)) return strings[i].name;
        return "";
    case HS_KIND_SYMBOL:
        if (hs_v8_word(v8, hs_untag(root) + (hs_addr)v8->layout.symbol_description, &word) &&
            reads(v8, word, "Symbol.toStringTag"))
            return "to_string_tag_symbol";
        return "";
    case HS_KIND_MAP:
        return hs_v8_word(v8, hs_untag(root), &word) && word == root ? "meta_map" : "";
    default:
        return "";
    }
}

static bool is_named(const struct hs_v8_symbols *symbols, const char *name) {
    for (size_t i = 0; i < symbols->root_count; i++)
        if (strcmp(symbols->root_names[i], name) == 0) return true;
    return false;
}

/* The table of all names: {elements, deleted, capacity}, then names and holes. Its entries are weak, so it
 * must be told from the other hash tables among the roots. */
static bool is_string_table(const struct hs_v8 *v8, hs_tagged root) {
    const struct hs_layout *l = &v8->layout;
    unsigned t = l->tagged_size;
    hs_tagged word[4];
    for (unsigned i = 0; i < 4; i++)
        if (!hs_v8_word(v8, hs_untag(root) + (hs_addr)l->fixed_array_length + i * t, &word[i]) ||
            !is_smi_word(v8, word[i]))
            return false;
    int64_t length = hs_smi(l, word[0]), used = hs_smi(l, word[1]), capacity = hs_smi(l, word[3]);
    if (capacity < 256 || length != capacity + 3 || used <= 0 || used > capacity) return false;
    int64_t strings = 0, others = 0;
    for (int64_t i = 0; i < capacity; i++) {
        if (!hs_v8_word(v8, hs_untag(root) + (hs_addr)l->fixed_array_data + (hs_addr)(3 + i) * t, &word[0]))
            return false;
        enum hs_kind kind = hs_v8_kind_of(v8, word[0]);
        if (kind == HS_KIND_STRING) strings++;
        else if (kind != HS_KIND_ODDBALL) others++;
    }
    return strings > 100 && others == 0;
}

struct hs_error *hs_old_roots_name(struct hs_v8 *v8, struct hs_v8_symbols *symbols) {
    hs_addr roots = v8->isolates[0].roots;
    size_t count = count_roots(v8, roots);
    symbols->roots_discovered = true;
    symbols->root_names = calloc(count + 1, sizeof *symbols->root_names);
    if (!symbols->root_names) return HS_ENOMEM;
    size_t fillers = map_words(v8, roots) == 0 && map_words(v8, roots + v8->arch->word_size) == 1 ? 0 : 1;
    for (size_t i = 0; i < count; i++) {
        static const char *const first[] = {"free_space_map", "one_pointer_filler_map",
                                            "two_pointer_filler_map"};
        hs_tagged root = word_at(v8, roots + i * v8->arch->word_size);
        const char *name = i - fillers < 3 ? first[i - fillers] : (root & 3) == 1 ? name_of(v8, root) : "";
        if (*name && is_named(symbols, name)) name = "";
        for (uint32_t k = 0; k < v8->isolate_count && !*name; k++)
            if (!v8->isolates[k].string_table) {
                root = word_at(v8, v8->isolates[k].roots + i * v8->arch->word_size);
                if ((root & 3) == 1 && is_string_table(v8, root))
                    v8->isolates[k].string_table = hs_untag(root);
            }
        if (!(symbols->root_names[i] = strdup(name))) return HS_ENOMEM;
        symbols->root_count++;
    }
    return hs_v8_fact(v8, "roots", (int64_t)count, HS_FROM_DISCOVERY, "named by what they hold");
}
