/* The candidates for each size rule, and the vote that chooses among them. */
#include "v8/layout_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Headers and scales in tagged words (`words`) plus bytes; scale 0 tagged words and 0 bytes: no count.
 * `since`: V8 minor (major * 100 + minor) from which V8's source has it, the hint where no object votes: the
 * last candidate whose `since` is not above the core's version (9900: by votes only). From v8-modern.md §3.2
 * and v8-releases.md, measured on 23 releases. */
enum { ONE_WORD = 255 }; /* a second_scale: a tagged word */
struct candidate {
    const char *type;
    uint8_t form, unit;
    uint8_t at_words, at_bytes, second_words, second_bytes; /* offsets of the counts */
    uint8_t header_words;
    uint32_t header_bytes;
    uint8_t scale_words, scale_bytes, second_scale;
    uint8_t shift;
    uint32_t mask;
    uint8_t code_align; /* 0: to words; ARCH: as the machine has it */
    int since;
    const char *name;
};
#define UNNAMED "(unnamed)"
enum { ARCH = 1, CODE_SIZE = 251, CODE_SIZE_2, CODE_START };
#define ARRAY(type)                                                                                          \
    { type, HS_RULE_LINEAR, HS_COUNT_SMI, 1, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, "2w+n*w" }
/* In V8 7.9 the length word has flags above the length (contexts.h). */
#define CONTEXT(type)                                                                                        \
    { type, HS_RULE_LINEAR, HS_COUNT_SMI, 1, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0x3fffffff, 0, 0, "2w+n*w" }
#define ARRAY_H(type, h, since)                                                                              \
    { type, HS_RULE_LINEAR, HS_COUNT_SMI, 1, 0, 0, 0, h, 0, 1, 0, 0, 0, 0, 0, since, #h "w+n*w" }
#define BYTES(type)                                                                                          \
    { type, HS_RULE_LINEAR, HS_COUNT_SMI, 1, 0, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, "2w+n" }
/* {map, length, base pointer, external pointer, data …}: without a base pointer the data is elsewhere (V8 4.5
 * to 7.4). */
#define TYPED(type, bytes)                                                                                   \
    { type, HS_RULE_TYPED, HS_COUNT_SMI, 1, 0, 2, 0, 4, 0, 0, bytes, 0, 0, 0, 0, 0, "4w+n*" #bytes }
#define EXTERNAL(type)                                                                                       \
    { type, HS_RULE_LINEAR, HS_COUNT_SMI, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, "3w" }
#define SCAN(type)                                                                                           \
    { type, HS_RULE_SCAN, HS_COUNT_SMI, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, "to the next map" }
#define VIA(h, a, b)                                                                                         \
    {                                                                                                        \
        "InstructionStream", HS_RULE_VIA_CODE, HS_COUNT_U32, 0, a, 0, b, 0, h, 0, 0, 0, 0, 0, ARCH, 9900,    \
            #h "+code." #a "+" #b                                                                            \
    }
static const struct candidate candidates[] = {
    ARRAY("FixedArray"),
    ARRAY("HashTable"),
    ARRAY("EphemeronHashTable"),
    ARRAY("GlobalDictionary"),
    ARRAY("NameDictionary"),
    ARRAY("SimpleNameDictionary"),
    ARRAY("NameToIndexHashTable"),
    ARRAY("NumberDictionary"),
    ARRAY("OrderedHashMap"),
    ARRAY("OrderedHashSet"),
    ARRAY("OrderedNameDictionary"),
    ARRAY("RegisteredSymbolTable"),
    ARRAY("StringTable"),
    ARRAY("SimpleNumberDictionary"),
    ARRAY("ClosureFeedbackCellArray"),
    ARRAY("EmbedderDataArray"),
    ARRAY("WeakFixedArray"),
    ARRAY("TransitionArray"),
    ARRAY("ClassBoilerplate"),
    ARRAY("TrustedFixedArray"),
    ARRAY("TrustedWeakFixedArray"),
    ARRAY("ProtectedFixedArray"),
    ARRAY("ProtectedWeakFixedArray"),
    CONTEXT("AwaitContext"),
    CONTEXT("BlockContext"),
    CONTEXT("CatchContext"),
    CONTEXT("DebugEvaluateContext"),
    CONTEXT("EvalContext"),
    CONTEXT("FunctionContext"),
    CONTEXT("ModuleContext"),
    CONTEXT("ScriptContext"),
    CONTEXT("WithContext"),
    CONTEXT("Context"),
    ARRAY("ExternalPointerArray"),
    {"FixedDoubleArray", HS_RULE_LINEAR, HS_COUNT_SMI, 1, 0, 0, 0, 2, 0, 0, 8, 0, 0, 0, 0, 0, "2w+8n"},
    ARRAY_H("ObjectBoilerplateDescription", 2, 0),
    ARRAY_H("ObjectBoilerplateDescription", 3, 9900),
    ARRAY_H("ObjectBoilerplateDescription", 4, 1200),
    ARRAY_H("ScriptContextTable", 2, 0),
    ARRAY_H("ScriptContextTable", 3, 9900),
    ARRAY_H("ScriptContextTable", 4, 1200),
    ARRAY_H("RegExpMatchInfo", 5, 0),
    ARRAY_H("RegExpMatchInfo", 2, 9900),
    ARRAY_H("RegExpMatchInfo", 3, 9900),
    ARRAY_H("SloppyArgumentsElements", 4, 0),
    ARRAY_H("SloppyArgumentsElements", 2, 9900),
    ARRAY_H("ArrayList", 3, 0),
    ARRAY_H("ArrayList", 2, 9900),
    ARRAY_H("WeakArrayList", 3, 0),
    {"PropertyArray", HS_RULE_LINEAR, HS_COUNT_SMI, 1, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0x3ff, 0, 0,
     "2w+(n&1023)*w"},
    BYTES("ByteArray"),
    BYTES("TrustedByteArray"),
    TYPED("FixedInt8Array", 1),
    TYPED("FixedUint8Array", 1),
    TYPED("FixedUint8ClampedArray", 1),
    TYPED("FixedInt16Array", 2),
    TYPED("FixedUint16Array", 2),
    TYPED("FixedInt32Array", 4),
    TYPED("FixedUint32Array", 4),
    TYPED("FixedFloat32Array", 4),
    TYPED("FixedFloat64Array", 8),
    TYPED("FixedBigint64Array", 8),
    TYPED("FixedBiguint64Array", 8),
    EXTERNAL("ExternalInt8Array"),
    EXTERNAL("ExternalUint8Array"),
    EXTERNAL("ExternalUint8ClampedArray"),
    EXTERNAL("ExternalInt16Array"),
    EXTERNAL("ExternalUint16Array"),
    EXTERNAL("ExternalInt32Array"),
    EXTERNAL("ExternalUint32Array"),
    EXTERNAL("ExternalFloat32Array"),
    EXTERNAL("ExternalFloat64Array"),
    EXTERNAL("ExternalByteArray"),
    EXTERNAL("ExternalUnsignedByteArray"),
    EXTERNAL("ExternalShortArray"),
    EXTERNAL("ExternalUnsignedShortArray"),
    EXTERNAL("ExternalIntArray"),
    EXTERNAL("ExternalUnsignedIntArray"),
    EXTERNAL("ExternalFloatArray"),
    EXTERNAL("ExternalDoubleArray"),
    EXTERNAL("ExternalPixelArray"),
    ARRAY("BoilerplateDescription"),
    ARRAY("DescriptorArray"),
    {"FreeSpace", HS_RULE_LINEAR, HS_COUNT_SMI, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, "n bytes"},
    {"FreeSpace", HS_RULE_LINEAR, HS_COUNT_SMI, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1400, "n words"},
    {"FeedbackVector", HS_RULE_LINEAR, HS_COUNT_U32, 3, 0, 0, 0, 5, 0, 1, 0, 0, 0, 0, 0, 602,
     "5w+n*w, n at 3w"},
    {"FeedbackVector", HS_RULE_LINEAR, HS_COUNT_U32, 4, 0, 0, 0, 6, 0, 1, 0, 0, 0, 0, 0, 705,
     "6w+n*w, n at 4w"},
    {"FeedbackVector", HS_RULE_LINEAR, HS_COUNT_U32, 1, 0, 0, 0, 6, 0, 1, 0, 0, 0, 0, 0, 900, "6w+n*w"},
    {"FeedbackVector", HS_RULE_LINEAR, HS_COUNT_U32, 1, 0, 0, 0, 7, 0, 1, 0, 0, 0, 0, 0, 1100, "7w+n*w"},
    {"FeedbackVector", HS_RULE_LINEAR, HS_COUNT_U32, 1, 0, 0, 0, 6, 0, 1, 0, 0, 0, 0, 0, 1300, "6w+n*w"},
    {"FeedbackVector", HS_RULE_LINEAR, HS_COUNT_U32, 1, 0, 0, 0, 5, 0, 1, 0, 0, 0, 0, 0, 9900, "5w+n*w"},
    {"FeedbackVector", HS_RULE_LINEAR, HS_COUNT_U32, 1, 0, 0, 0, 8, 0, 1, 0, 0, 0, 0, 0, 9900, "8w+n*w"},
    {"FeedbackVector", HS_RULE_LINEAR, HS_COUNT_U32, 1, 0, 0, 0, 9, 0, 1, 0, 0, 0, 0, 0, 9900, "9w+n*w"},
    {"FeedbackMetadata", HS_RULE_METADATA, HS_COUNT_U32, 1, 0, 1, 4, 1, 4, 0, 0, 0, 0, 0, 0, 0,
     "w+4+4*ceil(n/6)"},
    {"FeedbackMetadata", HS_RULE_METADATA, HS_COUNT_U32, 1, 0, 1, 4, 1, 8, 0, 0, 0, 0, 0, 0, 705,
     "w+8+4*ceil(n/6)"},
    {"FeedbackMetadata", HS_RULE_METADATA, HS_COUNT_U32, 1, 0, 1, 4, 1, 8, 0, 0, 2, 0, 0, 0, 1250,
     "w+8+4*ceil(n/6)+2*m"},
    {"BigInt", HS_RULE_LINEAR, HS_COUNT_U32, 1, 0, 0, 0, 2, 0, 1, 0, 0, 1, 0x3fffffff, 0, 0, "2w+digits"},
    /* its count is an int32 behind one field */
    {"PreParsedScopeData", HS_RULE_LINEAR, HS_COUNT_U32, 2, 0, 0, 0, 3, 0, 1, 0, 0, 0, 0, 0, 0, "3w+n*w"},
    {"PreparseData", HS_RULE_TWO_PARTS, HS_COUNT_U32, 1, 0, 1, 4, 1, 8, 0, 0, ONE_WORD, 0, 0, 0, 0,
     "w+8+n, +m*w"},
    {"NativeContext", HS_RULE_SCAN, HS_COUNT_SMI, 1, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0x3fffffff, 0, 0,
     "2w+n*w, to the next map"},
    ARRAY("ScopeInfo"),
    {"ScopeInfo", HS_RULE_SCAN, HS_COUNT_SMI, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 901, "to the next map"},
    SCAN("WasmTypeInfo"),
    SCAN("SwissNameDictionary"),
    SCAN("DoubleStringCache"),
    /* A map and nothing else in V8 11.3; padding that is not mapped behind it later. */
    {"WasmNull", HS_RULE_SCAN, HS_COUNT_SMI, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, "to the next map"},
    SCAN("CoverageInfo"),
    SCAN("SmallOrderedHashMap"),
    SCAN("SmallOrderedHashSet"),
    SCAN("SmallOrderedNameDictionary"),
    {"Hole", HS_RULE_LINEAR, HS_COUNT_SMI, 0, 0, 0, 0, 1, 65536, 0, 0, 0, 0, 0, 0, 0, "w+64K"},
    /* Types that nobody names, in V8 to 7.0: what fits most of their objects. */
    {UNNAMED, HS_RULE_LINEAR, HS_COUNT_SMI, 1, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, "2w+n*w"},
    {UNNAMED, HS_RULE_LINEAR, HS_COUNT_U32, 3, 0, 0, 0, 5, 0, 1, 0, 0, 0, 0, 0, 9900, "5w+n*w, n at 3w"},
    {UNNAMED, HS_RULE_METADATA, HS_COUNT_U32, 1, 0, 1, 4, 1, 4, 0, 0, 0, 0, 0, 0, 9900, "w+4+4*ceil(n/6)"},
    {UNNAMED, HS_RULE_LINEAR, HS_COUNT_SMI, 1, 0, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 9900, "2w+n"},
    {"InstructionStream", HS_RULE_LINEAR, HS_COUNT_U32, 3, 0, 0, 0, 4, 0, 0, 1, 0, 0, 0, ARCH, 0,
     "4w+u32 at 3w"},
    VIA(8, 32, 36), /* words of 4 bytes */
    VIA(16, 56, 60),
    VIA(16, 48, 52),
    VIA(16, 64, 68),
    VIA(32, 56, 60),
    VIA(32, 48, 52),
    VIA(32, 52, 56),
    /* Code to V8 10.8: header and instructions, from V8 9.0 on metadata behind them; CODE_* stand for the
     * offsets that the symbols give. Rounded to 32 bytes until V8 9.4. */
    {"Code", HS_RULE_TWO_PARTS, HS_COUNT_U32, 0, CODE_SIZE, 0, CODE_SIZE_2, 0, CODE_START, 0, 0, 0, 0, 0, 32,
     0, "start+size, to 32"},
    {"Code", HS_RULE_TWO_PARTS, HS_COUNT_U32, 0, CODE_SIZE, 0, CODE_SIZE_2, 0, CODE_START, 0, 0, 1, 0, 0, 32,
     900, "start+size+metadata, to 32"},
    {"Code", HS_RULE_TWO_PARTS, HS_COUNT_U32, 0, CODE_SIZE, 0, CODE_SIZE_2, 0, CODE_START, 0, 0, 1, 0, 0, 64,
     905, "start+size+metadata, to 64"},
    {"Code", HS_RULE_TWO_PARTS, HS_COUNT_U32, 5, 0, 5, 4, 0, 128, 0, 0, 1, 0, 0, ARCH, 1001, "128+u32+u32"},
    {"Code", HS_RULE_TWO_PARTS, HS_COUNT_U32, 5, 0, 5, 4, 0, 96, 0, 0, 1, 0, 0, ARCH, 9900, "96+u32+u32"},
    {"Code", HS_RULE_TWO_PARTS, HS_COUNT_U32, 5, 0, 5, 4, 0, 64, 0, 0, 1, 0, 0, ARCH, 9900, "64+u32+u32"},
};
enum {
    CANDIDATES = sizeof candidates / sizeof *candidates,
    RULES_LIMIT = 250,
    PAGES_PER_SPACE = 48,
    UNNAMED_LIMIT = 16,
    UNNAMED_LEAST = 2
};

struct election {
    uint32_t votes[RULES_LIMIT];
};

static struct hs_error *add_rule(struct hs_rules *rules, struct hs_rule rule, uint8_t *ret) {
    if (rules->count >= RULES_LIMIT) return hs_error_create(HS_ERROR_LAYOUT, "too many size rules");
    rules->items[rules->count] = rule;
    *ret = (uint8_t)rules->count++;
    return NULL;
}

static struct hs_rule make_rule(const struct hs_v8 *v8, const struct candidate *c) {
    unsigned word = v8->layout.tagged_size;
    struct hs_rule rule = {.form = c->form,
                           .unit = c->unit,
                           .shift = c->shift,
                           .align = c->code_align == ARCH ? v8->arch->code_align
                                    : c->code_align       ? c->code_align
                                                          : (uint8_t)word,
                           .at = (int16_t)(c->at_words * word + c->at_bytes),
                           .second = (int16_t)(c->second_words * word + c->second_bytes),
                           .header = c->header_words * word + c->header_bytes,
                           .scale = (uint8_t)(c->scale_words * word + c->scale_bytes),
                           .second_scale = c->second_scale == ONE_WORD ? (uint8_t)word : c->second_scale,
                           .mask = c->mask ? c->mask : UINT32_MAX};
    if (c->header_bytes == CODE_START) {
        /* Of V8 to 10.8 only: 0 sizes no object. */
        bool known =
            v8->layout.code_start > 0 && v8->layout.code_size > 0 && v8->layout.code_size < INT16_MAX - 8;
        rule.header = known ? (uint32_t)v8->layout.code_start : UINT32_MAX;
        rule.at = known ? (int16_t)v8->layout.code_size : (int16_t)word;
        rule.second = (int16_t)(rule.at + 4);
    }
    snprintf(rule.name, sizeof rule.name, "%s", c->name);
    return rule;
}

/* Rules that a symbol gives need no vote. */
static struct hs_error *add_symbol_rules(struct hs_v8 *v8, bool *settled) {
    struct hs_rules *rules = &v8->rules;
    const struct hs_layout *l = &v8->layout;
    unsigned word = l->tagged_size;
    uint8_t rule = 0;
    for (uint16_t type = 0; type < v8->types.first_nonstring; type++) {
        if (hs_string_form(type) != HS_STRING_SEQ) continue;
        bool one = hs_string_one_byte(type);
        struct hs_rule seq = {.form = HS_RULE_LINEAR,
                              .unit = HS_COUNT_U32,
                              .align = (uint8_t)word,
                              .at = (int16_t)l->string_length,
                              .header = (uint32_t)l->string_chars,
                              .scale = one ? 1 : 2,
                              .mask = UINT32_MAX};
        snprintf(seq.name, sizeof seq.name, "%d+%sn", l->string_chars, one ? "" : "2");
        if (type == 0 || type == 8) HS_TRY(add_rule(rules, seq, &rule));
        rules->by_type[type] = one ? rules->by_type[8] : rules->by_type[0];
        if (type == 0 || type == 8) rules->by_type[type] = rule;
        settled[type] = true;
    }
    uint16_t type;
    static const char *const arrays[] = {"DescriptorArray", "StrongDescriptorArray"};
    for (int i = 0; i < 2 && !l->descriptors_are_array; i++)
        if (hs_types_find(&v8->types, arrays[i], &type)) {
            struct hs_rule r = {.form = HS_RULE_LINEAR,
                                .unit = HS_COUNT_U16,
                                .align = (uint8_t)word,
                                .at = (int16_t)l->descriptors_count,
                                .header = (uint32_t)l->descriptors_header,
                                .scale = (uint8_t)l->descriptor_size,
                                .mask = UINT32_MAX};
            snprintf(r.name, sizeof r.name, "%d+%dn", l->descriptors_header, l->descriptor_size);
            HS_TRY(add_rule(rules, r, &rules->by_type[type]));
            settled[type] = true;
        }
    if (l->bytecode_header != HS_ABSENT && hs_types_find(&v8->types, "BytecodeArray", &type)) {
        struct hs_rule r = {.form = HS_RULE_LINEAR,
                            .unit = HS_COUNT_SMI,
                            .align = (uint8_t)word,
                            .at = (int16_t)l->fixed_array_length,
                            .header = (uint32_t)l->bytecode_header,
                            .scale = 1,
                            .mask = UINT32_MAX};
        snprintf(r.name, sizeof r.name, "%d+n", l->bytecode_header);
        HS_TRY(add_rule(rules, r, &rules->by_type[type]));
        settled[type] = true;
    }
    return NULL;
}

struct contest {
    uint8_t first, count; /* rules [first, first + count) compete */
    uint16_t type;
};

static bool ends_well(const struct hs_v8 *v8, struct hs_maps *maps, const uint8_t *p, uint64_t size,
                      uint64_t room) {
    if (size == room) return true;
    if (size + v8->layout.tagged_size > room) return false;
    return hs_maps_find(maps, v8, hs_v8_load_raw(v8, p + size)) >= 0;
}

/* Walks one page, letting every candidate of each object's type vote; goes on with the leader. */
static void poll_page(struct hs_v8 *v8, const struct hs_page *page, struct hs_maps *maps,
                      const struct contest *contests, const uint8_t *contest_of, struct election *election) {
    unsigned word = v8->layout.tagged_size;
    uint32_t lab = 0;
    uint64_t at = 0;
    while (lab < v8->lab_count && v8->labs[lab].top < page->area_start) lab++;
    while (at + word <= page->present) {
        hs_addr addr = page->area_start + at;
        while (lab < v8->lab_count && v8->labs[lab].top < addr) lab++;
        uint64_t end = page->present;
        if (lab < v8->lab_count && v8->labs[lab].top - page->area_start < end) {
            if (v8->labs[lab].top == addr) {
                at = v8->labs[lab].limit - page->area_start;
                continue;
            }
            end = v8->labs[lab].top - page->area_start;
        }
        const uint8_t *p = page->bytes + at;
        int32_t m = hs_maps_find(maps, v8, hs_v8_load_raw(v8, p));
        if (m < 0) {
            at += word;
            continue;
        }
        struct hs_map map = maps->items[m];
        uint64_t size = 0, room = end - at;
        uint8_t k = map.instance_words || map.type >= v8->types.count ? 0 : contest_of[map.type];
        if (k) {
            const struct contest *contest = &contests[k - 1];
            uint32_t best = 0;
            for (uint8_t r = contest->first; r < contest->first + contest->count; r++) {
                map.rule = r;
                uint64_t s = hs_rule_size(v8, &map, addr, p, room, maps);
                if (!s || !ends_well(v8, maps, p, s, room)) continue;
                uint32_t votes = ++election->votes[r];
                if (votes > best) best = votes, size = s;
            }
        } else {
            map.rule = map.type < v8->types.count ? v8->rules.by_type[map.type] : 0;
            size = hs_rule_size(v8, &map, addr, p, room, maps);
        }
        at += size ? size : word;
        if (page->flags & HS_PAGE_LARGE) break;
    }
}

static void poll(struct hs_v8 *v8, const struct contest *contests, const uint8_t *contest_of,
                 struct election *election) {
    struct hs_maps maps = {0};
    uint32_t *in_space = calloc(v8->pages.space_count + 1, sizeof *in_space),
             *seen = calloc(v8->pages.space_count + 1, sizeof *seen);
    if (in_space && seen) {
        for (uint32_t i = 0; i < v8->pages.count; i++) in_space[v8->pages.items[i].space]++;
        for (uint32_t i = 0; i < v8->pages.count; i++) {
            const struct hs_page *page = &v8->pages.items[i];
            uint32_t stride = in_space[page->space] / PAGES_PER_SPACE + 1;
            if (seen[page->space]++ % stride != 0 || page->flags & (HS_PAGE_FROM | HS_PAGE_UNUSED)) continue;
            poll_page(v8, page, &maps, contests, contest_of, election);
        }
    }
    free(in_space);
    free(seen);
    hs_maps_deinit(&maps);
}

static struct hs_error *elect(struct hs_v8 *v8, const struct contest *contest,
                              const struct election *election) {
    struct hs_rules *rules = &v8->rules;
    uint8_t winner = contest->first;
    uint32_t most = 0, all = 0;
    int minor = hs_v8_minor(v8);
    const char *type = hs_types_name(&v8->types, contest->type);
    const struct candidate *c = candidates;
    if (!*type) type = UNNAMED;
    while (strcmp(c->type, type) != 0) c++; /* it is there: the contest was made from it */
    for (uint8_t i = 0; i < contest->count; i++) {
        uint32_t votes = election->votes[contest->first + i];
        all += votes;
        /* Where the objects do not tell two candidates apart, the later one that V8's source of this minor
         * has. */
        if (votes > most || (votes == most && c[i].since <= minor))
            most = votes, winner = (uint8_t)(contest->first + i);
    }
    if (strcmp(type, UNNAMED) == 0 && most < UNNAMED_LEAST) return NULL; /* stays unknown */
    rules->by_type[contest->type] = winner;
    return hs_v8_fact(v8, strcmp(type, UNNAMED) == 0 ? "(unnamed type)" : type, winner,
                      most ? HS_FROM_DISCOVERY : HS_FROM_TABLE, "size %s (%u of %u votes)",
                      rules->items[winner].name, most, all);
}

/* Contests of their own for the unnamed types among V8's own, where no roots name types. */
static struct hs_error *add_unnamed(struct hs_v8 *v8, const struct candidate *c, uint8_t count,
                                    struct contest *contests, uint8_t *contest_count, uint8_t *contest_of) {
    const struct hs_types *types = &v8->types;
    unsigned added = 0;
    uint32_t end = types->first_receiver < types->count ? types->first_receiver : types->count;
    while (end && !types->items[end - 1].name[0]) end--; /* V8's own end before the receivers */
    if (!v8->symbols->roots_discovered) return NULL;
    for (uint32_t type = types->first_nonstring; type < end; type++) {
        if (types->items[type].name[0] || added++ == UNNAMED_LIMIT) continue;
        uint8_t first = 0, rule = 0;
        for (uint8_t k = 0; k < count; k++) {
            HS_TRY(add_rule(&v8->rules, make_rule(v8, &c[k]), &rule));
            if (k == 0) first = rule;
        }
        contests[*contest_count] = (struct contest){first, count, (uint16_t)type};
        contest_of[type] = ++*contest_count;
    }
    return NULL;
}

struct hs_error *hs_rules_resolve(struct hs_v8 *v8) {
    struct hs_rules *rules = &v8->rules;
    rules->items = calloc(RULES_LIMIT, sizeof *rules->items);
    rules->by_type = calloc((size_t)v8->types.count + v8->types.first_nonstring, 1);
    bool *settled = calloc((size_t)v8->types.count + v8->types.first_nonstring, sizeof *settled);
    uint8_t *contest_of = calloc(v8->types.count + 1u, 1);
    struct contest *contests = calloc(CANDIDATES + UNNAMED_LIMIT, sizeof *contests);
    struct election *election = calloc(1, sizeof *election);
    struct hs_error *error =
        rules->items && rules->by_type && settled && contest_of && contests && election ? NULL : HS_ENOMEM;
    uint8_t contest_count = 0;
    if (!error) {
        rules->count = 1; /* 0: unknown */
        snprintf(rules->items[0].name, sizeof rules->items[0].name, "unknown: to the next map");
        rules->items[0].align = v8->layout.tagged_size;
        error = add_symbol_rules(v8, settled);
    }
    for (int i = 0; i < CANDIDATES && !error;) {
        int n = 1;
        while (i + n < CANDIDATES && strcmp(candidates[i + n].type, candidates[i].type) == 0) n++;
        uint16_t type;
        /* Code has a variable size only before InstructionStream took the instructions out of it (V8 10.9).
         */
        if (hs_types_find(&v8->types, candidates[i].type, &type) && !settled[type]) {
            uint8_t first = 0, rule = 0;
            for (int k = 0; k < n && !error; k++) {
                error = add_rule(rules, make_rule(v8, &candidates[i + k]), &rule);
                if (k == 0) first = rule;
            }
            rules->by_type[type] = first;
            if (n > 1) {
                contests[contest_count] = (struct contest){first, (uint8_t)n, type};
                contest_of[type] = ++contest_count;
            }
        }
        if (!error && strcmp(candidates[i].type, UNNAMED) == 0)
            error = add_unnamed(v8, &candidates[i], (uint8_t)n, contests, &contest_count, contest_of);
        i += n;
    }
    if (!error && contest_count) poll(v8, contests, contest_of, election);
    for (uint8_t i = 0; i < contest_count && !error; i++) error = elect(v8, &contests[i], election);
    free(settled);
    free(contest_of);
    free(contests);
    free(election);
    return error;
}

void hs_rules_deinit(struct hs_rules *rules) {
    free(rules->items);
    free(rules->by_type);
    *rules = (struct hs_rules){0};
}
