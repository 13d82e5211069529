#define _GNU_SOURCE 1 /* memmem */
#include <stdlib.h>
#include <string.h>

#include "graph/heapsnapshot_private.h"
#include "js/node.h"

/* A file may be hostile: what is looked at for many nodes is bounded for each. */
enum { TEXT_LIMIT = 4096, SLOT_DIGITS = 9, GLOBALS_MAX = 256, EDGES_LOOKED_AT = 64 };

/* --- names */

static const struct {
    const char *text;
    uint8_t known;
    bool prefix; /* more may follow */
} NAMES[] = {
    {"__proto__", HS_KNOWN_PROTO, false},
    {"value", HS_KNOWN_VALUE, false},
    {"map", HS_KNOWN_MAP, false},
    {"initial_map", HS_KNOWN_INITIAL_MAP, false},
    {"properties", HS_KNOWN_PROPERTIES, false},
    {"elements", HS_KNOWN_ELEMENTS, false},
    {"table", HS_KNOWN_TABLE, false},
    {"context", HS_KNOWN_CONTEXT, false},
    {"previous", HS_KNOWN_PREVIOUS, false},
    {"scope_info", HS_KNOWN_SCOPE_INFO, false},
    {"shared", HS_KNOWN_SHARED, false},
    {"script", HS_KNOWN_SCRIPT, false},
    {"script_or_debug_info", HS_KNOWN_SCRIPT, false},
    {"parameters_and_registers", HS_KNOWN_REGISTERS, false},
    {"extension", HS_KNOWN_GLOBAL_OBJECT, false}, /* of a NativeContext, until V8 14 */
    {"global_object", HS_KNOWN_GLOBAL_OBJECT, false},
    {"constructor", HS_KNOWN_CONSTRUCTOR, false},
    {"smi number", HS_KNOWN_SMI_NUMBER, false},
    {"heap number", HS_KNOWN_HEAP_NUMBER, false},
    {"(Document DOM trees)", HS_KNOWN_DOCUMENTS, false},
    {"system / Context", HS_KNOWN_SCOPE, true},
    {"system / NativeContext", HS_KNOWN_NATIVE_CONTEXT, true},
    {"system / Map", HS_KNOWN_SYSTEM_MAP, true},
    {"system / SharedFunctionInfo", HS_KNOWN_MACHINERY, false},
    {"system / Script", HS_KNOWN_MACHINERY, false},
    {"system / ScopeInfo", HS_KNOWN_MACHINERY, false},
    {"system / BytecodeArray", HS_KNOWN_MACHINERY, false},
    {"system / FeedbackVector", HS_KNOWN_MACHINERY, false},
    {"system / FeedbackCell", HS_KNOWN_MACHINERY, false},
    {"system / FeedbackMetadata", HS_KNOWN_MACHINERY, false},
    {"system / ClosureFeedbackCellArray", HS_KNOWN_MACHINERY, false},
    {"system / AllocationSite", HS_KNOWN_MACHINERY, false},
    {"system / ArrayBoilerplateDescription", HS_KNOWN_MACHINERY, false},
    {"system / ObjectBoilerplateDescription", HS_KNOWN_MACHINERY, false},
    {"system / FunctionTemplateInfo", HS_KNOWN_MACHINERY, false},
    {"system / DescriptorArray", HS_KNOWN_MACHINERY, false},
    {"system / TransitionArray", HS_KNOWN_MACHINERY, false},
    {"system / PrototypeInfo", HS_KNOWN_MACHINERY, false},
    {"system / EnumCache", HS_KNOWN_MACHINERY, false},
    {"system / WeakFixedArray", HS_KNOWN_MACHINERY, false},
    {"system / WeakArrayList", HS_KNOWN_MACHINERY, false},
    {"Array", HS_KNOWN_ARRAY, false},
    {"ArrayBuffer", HS_KNOWN_ARRAY_BUFFER, false},
    {"SharedArrayBuffer", HS_KNOWN_ARRAY_BUFFER, false},
    {"Set", HS_KNOWN_SET, false},
    {"WeakMap", HS_KNOWN_WEAK_COLLECTION, false},
    {"WeakSet", HS_KNOWN_WEAK_COLLECTION, false},
};

/* Of the rest. */
static uint8_t look_up_system(const char *text, const char *end) {
    static const char system[] = "system / ", *const stores[] = {"JSArrayBufferData\"",
                                                                 "ExternalStringData\""};
    const size_t prefix = sizeof system - 1;
    if ((size_t)(end - text) <= prefix || memcmp(text, system, prefix)) return HS_KNOWN_NONE;
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        size_t length = strlen(stores[i]);
        if ((size_t)(end - text) >= prefix + length && !memcmp(text + prefix, stores[i], length))
            return HS_KNOWN_STORE;
    }
    return HS_KNOWN_SYSTEM;
}

static uint8_t look_up(const char *text, const char *end) {
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        size_t length = strlen(NAMES[i].text);
        if (*NAMES[i].text != *text || (size_t)(end - text) <= length || memcmp(text, NAMES[i].text, length))
            continue;
        if (text[length] == '"' || (NAMES[i].prefix && text[length] == ' ')) return NAMES[i].known;
    }
    return look_up_system(text, end);
}

static bool begins_pair(const char *p, const char *end) {
    static const char key[] = " / part of key (";
    if (p >= end || *p < '0' || *p > '9') return false;
    while (p < end && *p >= '0' && *p <= '9') p++;
    return (size_t)(end - p) >= sizeof key - 1 && memcmp(p, key, sizeof key - 1) == 0;
}

/* The string that holds byte `offset` of the file; the first one if none does. */
static uint32_t string_at(const struct hs_heapsnapshot *s, uint64_t offset) {
    uint32_t low = 0, high = s->string_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (s->priv->strings[middle] <= offset) low = middle;
        else high = middle;
    }
    return low;
}

static struct hs_error *find_pairs(struct hs_heapsnapshot *s) {
    static const char sign[] = " pair in WeakMap (table @";
    struct hs_heapsnapshot_private *p = s->priv;
    if (!s->string_count) return NULL;
    const char *end = p->bytes + p->size, *at = p->bytes + p->strings[0];
    size_t capacity = 0;
    while ((at = memmem(at, (size_t)(end - at), sign, sizeof sign - 1))) {
        const char *start = at;
        uint64_t id = 0;
        for (at += sizeof sign - 1; at < end && *at >= '0' && *at <= '9' && id < UINT64_MAX / 16; at++)
            id = id * 10 + (uint64_t)(*at - '0');
        if (end - at < 2 || at[0] != ')' || at[1] != '"') continue;
        uint32_t string = string_at(s, (uint64_t)(start - p->bytes));
        if (!begins_pair(p->bytes + p->strings[string], start)) continue;
        if (p->pair_count == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            struct hs_pair_name *grown = realloc(p->pairs, capacity * sizeof *grown);
            if (!grown) return HS_ENOMEM;
            p->pairs = grown;
        }
        p->pairs[p->pair_count++] = (struct hs_pair_name){string, id};
        p->known[string] = HS_KNOWN_PAIR;
    }
    return NULL;
}

bool hs_heapsnapshot_is_table_half(const struct hs_heapsnapshot *s, uint32_t node, uint32_t edge) {
    const struct hs_heapsnapshot_private *p = s->priv;
    uint32_t name = s->edge_name[edge];
    if (s->edge_type[edge] != HS_HEAPSNAPSHOT_INTERNAL || hs_heapsnapshot_known(s, name) != HS_KNOWN_PAIR)
        return false;
    size_t low = 0, high = p->pair_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->pairs[middle].string < name) low = middle + 1;
        else high = middle;
    }
    return low < p->pair_count && p->pairs[low].string == name && p->pairs[low].table == s->id[node];
}

static uint8_t type_of(const char *name) {
    for (int t = 0; t < HS_NODE_TYPE_COUNT; t++)
        if (strcmp(name, hs_node_type_name((enum hs_node_type)t)) == 0) return (uint8_t)t;
    return strcmp(name, "synthetic") == 0 ? HS_HEAPSNAPSHOT_SYNTHETIC : HS_NODE_HIDDEN;
}

/* --- what is found out once */

static void set(uint64_t *bits, uint32_t i) {
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static void find_values(struct hs_heapsnapshot *s) {
    for (uint32_t node = 0; node < s->node_count; node++) {
        if (hs_heapsnapshot_type(s, node) != HS_NODE_NUMBER) continue;
        enum hs_known name = hs_heapsnapshot_known(s, s->name[node]);
        if (name == HS_KNOWN_SMI_NUMBER) set(s->priv->values, node);
        if (name == HS_KNOWN_HEAP_NUMBER && s->size[node] == 12) s->priv->word = 4; /* map, double */
        for (uint32_t e = s->first[node]; e < s->first[node + 1]; e++)
            if (s->edge_type[e] == HS_HEAPSNAPSHOT_INTERNAL &&
                hs_heapsnapshot_known(s, s->edge_name[e]) == HS_KNOWN_VALUE && s->size[s->to[e]] == 0 &&
                hs_heapsnapshot_type(s, s->to[e]) == HS_NODE_STRING)
                set(s->priv->values, s->to[e]);
    }
}

/* Of native contexts, if the root has no shortcuts: so it is in files with V8's internals. */
static void find_context_globals(struct hs_heapsnapshot *s) {
    unsigned found = 0;
    for (uint32_t node = 0; node < s->node_count && found < GLOBALS_MAX; node++) {
        if (hs_heapsnapshot_kind(s, node) != HS_KIND_NATIVE_CONTEXT) continue;
        hs_id global = hs_heapsnapshot_follow(s, node, HS_KNOWN_GLOBAL_OBJECT);
        if (global == HS_ID_NONE || hs_heapsnapshot_type(s, global) != HS_NODE_OBJECT) continue;
        set(s->priv->globals, global);
        found++;
    }
}

/* The root's shortcuts lead to the global objects; since V8 14.2 to their native contexts. */
static void find_globals(struct hs_heapsnapshot *s) {
    unsigned found = 0;
    for (uint32_t e = s->first[s->root]; e < s->first[s->root + 1] && found < GLOBALS_MAX; e++) {
        uint32_t node = s->to[e];
        if (s->edge_type[e] != HS_HEAPSNAPSHOT_SHORTCUT) continue;
        found++;
        if (hs_heapsnapshot_known(s, s->name[node]) == HS_KNOWN_NATIVE_CONTEXT)
            node = hs_heapsnapshot_follow(s, node, HS_KNOWN_GLOBAL_OBJECT);
        if (node != HS_ID_NONE) set(s->priv->globals, node);
    }
    if (!found) find_context_globals(s);
}

struct hs_error *hs_heapsnapshot_learn(struct hs_heapsnapshot *s) {
    struct hs_heapsnapshot_private *p = s->priv;
    const char *end = p->bytes + p->size;
    p->known = calloc((size_t)s->string_count + 1, 1);
    p->texts = calloc((size_t)s->string_count + 1, sizeof *p->texts);
    p->values = calloc((size_t)s->node_count / 64 + 1, sizeof *p->values);
    p->globals = calloc((size_t)s->node_count / 64 + 1, sizeof *p->globals);
    if (!p->known || !p->texts || !p->values || !p->globals) return HS_ENOMEM;
    p->word = 8;
    for (unsigned i = 0; i < 256; i++)
        p->types[i] = i < s->type_count ? type_of(s->type_names[i]) : HS_NODE_HIDDEN;
    for (uint32_t i = 0; i < s->string_count; i++) p->known[i] = look_up(p->bytes + p->strings[i], end);
    HS_TRY(find_pairs(s));
    find_values(s);
    find_globals(s);
    return NULL;
}

void hs_heapsnapshot_forget(struct hs_heapsnapshot *s) {
    struct hs_heapsnapshot_private *p = s->priv;
    for (uint32_t i = 0; p->texts && i < s->string_count; i++) free((char *)p->texts[i]);
    free(p->texts);
    free(p->known);
    free(p->pairs);
    free(p->values);
    free(p->globals);
}

/* --- questions */

const char *hs_heapsnapshot_text(const struct hs_heapsnapshot *s, uint32_t index) {
    if (index >= s->string_count) return "";
    const char **text = &s->priv->texts[index];
    if (!*text) {
        HS_STRBUF_AUTO buffer = HS_STRBUF_INIT;
        hs_heapsnapshot_string(s, index, &buffer);
        if (buffer.size > TEXT_LIMIT) {
            size_t size = TEXT_LIMIT;
            while (size && (buffer.data[size] & 0xC0) == 0x80) size--;
            hs_strbuf_truncate(&buffer, size);
        }
        for (char *p = buffer.data, *end = p + buffer.size; (p = memchr(p, 0, (size_t)(end - p)));) *p = ' ';
        *text = hs_strbuf_detach(&buffer, NULL);
        if (!*text) s->priv->failed = true;
    }
    return *text ? *text : "";
}

struct hs_error *hs_heapsnapshot_error(const struct hs_heapsnapshot *s) {
    return s->priv->failed ? HS_ENOMEM : NULL;
}

enum hs_known hs_heapsnapshot_known(const struct hs_heapsnapshot *s, uint32_t string) {
    return string < s->string_count ? (enum hs_known)s->priv->known[string] : HS_KNOWN_NONE;
}

uint8_t hs_heapsnapshot_type(const struct hs_heapsnapshot *s, uint32_t node) {
    return s->priv->types[s->type[node]];
}

bool hs_heapsnapshot_is_value(const struct hs_heapsnapshot *s, uint32_t node) {
    return s->priv->values[node / 64] >> (node % 64) & 1;
}

hs_id hs_heapsnapshot_follow(const struct hs_heapsnapshot *s, uint32_t node, enum hs_known name) {
    for (uint32_t e = s->first[node]; e < s->first[node + 1]; e++)
        if (s->edge_type[e] == HS_HEAPSNAPSHOT_INTERNAL && hs_heapsnapshot_known(s, s->edge_name[e]) == name)
            return s->to[e];
    return HS_ID_NONE;
}

hs_id hs_heapsnapshot_find(const struct hs_heapsnapshot *s, uint64_t id) {
    for (uint32_t node = 0; node < s->node_count; node++)
        if (s->id[node] == id) return node;
    return HS_ID_NONE;
}

uint32_t hs_heapsnapshot_script_name(const struct hs_heapsnapshot *s, uint32_t closure) {
    hs_id shared = hs_heapsnapshot_follow(s, closure, HS_KNOWN_SHARED), script = HS_ID_NONE;
    if (shared != HS_ID_NONE && s->first[shared + 1] - s->first[shared] <= EDGES_LOOKED_AT)
        script = hs_heapsnapshot_follow(s, shared, HS_KNOWN_SCRIPT);
    if (script == HS_ID_NONE || hs_heapsnapshot_type(s, script) != HS_NODE_CODE) return UINT32_MAX;
    uint32_t name = s->name[script];
    return name < s->string_count && s->priv->bytes[s->priv->strings[name]] != '"' ? name : UINT32_MAX;
}

bool hs_heapsnapshot_slot(const struct hs_heapsnapshot *s, uint32_t string, uint32_t *ret) {
    if (string >= s->string_count) return false;
    const char *p = s->priv->bytes + s->priv->strings[string], *end = s->priv->bytes + s->priv->size;
    uint32_t value = 0, digits = 0;
    for (; p < end && *p >= '0' && *p <= '9' && digits < SLOT_DIGITS; p++, digits++)
        value = 10 * value + (uint32_t)(*p - '0');
    if (!digits || p >= end || *p != '"') return false;
    *ret = value;
    return true;
}

bool hs_heapsnapshot_table(const struct hs_heapsnapshot *s, uint32_t owner, uint32_t table,
                           struct hs_heapsnapshot_table *ret) {
    enum { HEADER = 5, MAP_BUCKET = 7, SET_BUCKET = 5 }; /* words: map, length, header; 1 + 2 entries */
    uint64_t words = s->size[table] / s->priv->word;
    if (s->size[table] % s->priv->word || words <= HEADER || words > UINT32_MAX / 2) return false;
    uint32_t room = (uint32_t)words - HEADER;
    bool map = room % MAP_BUCKET == 0, set = room % SET_BUCKET == 0;
    if (map && set) map = hs_heapsnapshot_known(s, s->name[owner]) != HS_KNOWN_SET;
    if (!map && !set) return false;
    uint32_t buckets = room / (map ? MAP_BUCKET : SET_BUCKET);
    *ret = (struct hs_heapsnapshot_table){3 + buckets, map ? 3 : 2, 2 * buckets};
    return true;
}

/* A Map, a Set or one of the weak ones: classes of the program may extend them. */
static enum hs_kind collection_kind(const struct hs_heapsnapshot *s, uint32_t node, uint32_t table) {
    struct hs_heapsnapshot_table shape;
    if (hs_heapsnapshot_known(s, s->name[node]) == HS_KNOWN_WEAK_COLLECTION) return HS_KIND_JS_WEAK_MAP;
    for (uint32_t e = s->first[table]; e < s->first[table + 1] && e - s->first[table] < EDGES_LOOKED_AT; e++)
        if (s->edge_type[e] == HS_HEAPSNAPSHOT_WEAK) return HS_KIND_JS_WEAK_MAP;
    if (!hs_heapsnapshot_table(s, node, table, &shape)) return HS_KIND_JS_OBJECT;
    return shape.stride == 3 ? HS_KIND_JS_MAP : HS_KIND_JS_SET;
}

static enum hs_kind object_kind(const struct hs_heapsnapshot *s, uint32_t node) {
    if (s->priv->globals[node / 64] >> (node % 64) & 1) return HS_KIND_JS_GLOBAL_OBJECT;
    switch (hs_heapsnapshot_known(s, s->name[node])) {
    case HS_KNOWN_SCOPE:
        return HS_KIND_CONTEXT;
    case HS_KNOWN_NATIVE_CONTEXT:
        return HS_KIND_NATIVE_CONTEXT;
    case HS_KNOWN_ARRAY:
        return HS_KIND_JS_ARRAY;
    case HS_KNOWN_ARRAY_BUFFER:
        return HS_KIND_JS_ARRAY_BUFFER;
    default:
        break;
    }
    hs_id table = hs_heapsnapshot_follow(s, node, HS_KNOWN_TABLE);
    return table != HS_ID_NONE && hs_heapsnapshot_type(s, table) == HS_NODE_ARRAY
               ? collection_kind(s, node, table)
               : HS_KIND_JS_OBJECT;
}

enum hs_kind hs_heapsnapshot_kind(const struct hs_heapsnapshot *s, uint32_t node) {
    switch (hs_heapsnapshot_type(s, node)) {
    case HS_NODE_OBJECT:
        return object_kind(s, node);
    case HS_NODE_CLOSURE:
        return HS_KIND_JS_FUNCTION;
    case HS_NODE_REGEXP:
        return HS_KIND_JS_REGEXP;
    case HS_NODE_STRING:
    case HS_NODE_CONS_STRING:
    case HS_NODE_SLICED_STRING:
        return HS_KIND_STRING;
    case HS_NODE_SYMBOL:
        return HS_KIND_SYMBOL;
    case HS_NODE_NUMBER:
        return HS_KIND_HEAP_NUMBER;
    case HS_NODE_BIGINT:
        return HS_KIND_BIGINT;
    case HS_NODE_ARRAY:
        return HS_KIND_FIXED_ARRAY;
    case HS_NODE_CODE:
        return HS_KIND_CODE;
    case HS_NODE_OBJECT_SHAPE:
        return HS_KIND_MAP;
    case HS_HEAPSNAPSHOT_SYNTHETIC:
        return HS_KIND_UNKNOWN;
    default:
        break;
    }
    /* What is hidden, and native, as later releases of V8 have it. */
    switch (hs_heapsnapshot_known(s, s->name[node])) {
    case HS_KNOWN_SCOPE:
        return HS_KIND_CONTEXT;
    case HS_KNOWN_NATIVE_CONTEXT:
        return HS_KIND_NATIVE_CONTEXT;
    case HS_KNOWN_SYSTEM_MAP:
        return HS_KIND_MAP;
    case HS_KNOWN_MACHINERY:
        return HS_KIND_CODE_OTHER;
    case HS_KNOWN_STORE:
        return HS_KIND_UNKNOWN;
    case HS_KNOWN_SYSTEM:
        return HS_KIND_OTHER;
    default:
        return hs_heapsnapshot_type(s, node) == HS_NODE_NATIVE ? HS_KIND_UNKNOWN : HS_KIND_OTHER;
    }
}
