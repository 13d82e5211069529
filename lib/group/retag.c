#include "group/retag.h"

#include <stdlib.h>
#include <string.h>

enum { POOL_DEPTH = 3 }; /* V8HeapExplorer::RecursivelyTagConstantPool */

static const struct {
    const char *name;
    enum hs_node_type type;
} kinds[HS_RETAG_COUNT] = {
    [HS_RETAG_CONSTANT_POOL] = {"(constant pool)", HS_NODE_CODE},
    [HS_RETAG_HANDLER_TABLE] = {"(source position table)", HS_NODE_CODE},
    [HS_RETAG_CODE_DATA] = {"(code data)", HS_NODE_CODE},
    [HS_RETAG_FEEDBACK] = {"(feedback)", HS_NODE_CODE},
    [HS_RETAG_LINE_ENDS] = {"(script line ends)", HS_NODE_CODE},
    [HS_RETAG_SCRIPT_INFOS] = {"(infos)", HS_NODE_CODE},
    [HS_RETAG_HOST_OPTIONS] = {"(host-defined options)", HS_NODE_CODE},
    [HS_RETAG_LOCAL_NAMES] = {"(context local names)", HS_NODE_CODE},
    [HS_RETAG_CONSTANT_ELEMENTS] = {"(constant elements)", HS_NODE_CODE},
    [HS_RETAG_REGEXP_DATA] = {"(RegExpData)", HS_NODE_CODE},
    [HS_RETAG_DEPENDENT_CODE] = {"(dependent code)", HS_NODE_CODE},
    [HS_RETAG_VALIDITY_CELL] = {"(prototype validity cell)", HS_NODE_OBJECT_SHAPE},
    [HS_RETAG_PROTOTYPE_USERS] = {"(prototype users)", HS_NODE_OBJECT_SHAPE},
    [HS_RETAG_ENUM_CACHE] = {"(enum cache)", HS_NODE_OBJECT_SHAPE},
    [HS_RETAG_PROTOTYPE_TRANSITIONS] = {"(prototype transitions)", HS_NODE_OBJECT_SHAPE},
    [HS_RETAG_BOILERPLATE] = {"(literal boilerplate)", HS_NODE_OBJECT},
};

enum hs_node_type hs_retag_type(enum hs_retag_kind kind) {
    return kinds[kind].type;
}
const char *hs_retag_name(enum hs_retag_kind kind) {
    return kinds[kind].name;
}

static void add(struct hs_retags *retags, hs_tagged object, enum hs_retag_kind kind) {
    hs_addr address = hs_untag(object);
    if (address >> 56) return;
    if (retags->count == retags->capacity) {
        size_t capacity = retags->capacity ? retags->capacity * 2 : 1024;
        uint64_t *grown = realloc(retags->items, capacity * sizeof *grown);
        if (!grown) {
            retags->failed = true;
            return;
        }
        retags->items = grown;
        retags->capacity = capacity;
    }
    retags->items[retags->count++] = address | (uint64_t)kind << 56;
}

static bool named(const struct hs_v8 *v8, const struct hs_map *map, const char *name) {
    return strcmp(hs_types_name(&v8->types, map->type), name) == 0;
}

/* FixedArray itself, none of its subclasses. */
static bool is_fixed_array(const struct hs_v8 *v8, const struct hs_map *map) {
    return map->kind == HS_KIND_FIXED_ARRAY &&
           (named(v8, map, "FixedArray") || named(v8, map, "TrustedFixedArray"));
}

/* The tagged words of an array, and how many; 0 if it is cut off. */
static uint32_t array_words(const struct hs_v8 *v8, hs_tagged array, const uint8_t **ret) {
    const struct hs_layout *l = &v8->layout;
    hs_tagged length;
    if (!hs_v8_word(v8, hs_untag(array) + (hs_addr)l->fixed_array_length, &length) || !hs_is_smi(l, length))
        return 0;
    if (hs_smi(l, length) <= 0 || hs_smi(l, length) > 1 << 27) return 0;
    uint32_t count = (uint32_t)hs_smi(l, length);
    *ret = hs_pages_ptr(&v8->pages, hs_untag(array) + (hs_addr)l->fixed_array_data,
                        (uint64_t)count * l->tagged_size);
    return *ret ? count : 0;
}

/* Arrays nested in a constant pool, down to the depth that V8 goes. Depth is fixed, so recursion is not on
 * input. */
static void add_pool(struct hs_js *js, hs_tagged pool, int depth, struct hs_retags *retags) {
    add(retags, pool, HS_RETAG_CONSTANT_POOL);
    const uint8_t *p;
    uint32_t count = depth > 1 ? array_words(js->v8, pool, &p) : 0;
    for (uint32_t i = 0; i < count; i++) {
        hs_tagged word = hs_v8_load(js->v8, p + (size_t)i * js->v8->layout.tagged_size);
        struct hs_map map;
        if ((word & 3) != 1 || !hs_js_map(js, word, &map)) continue;
        if (is_fixed_array(js->v8, &map)) add_pool(js, word, depth - 1, retags);
        else if (map.kind == HS_KIND_NAME_DICTIONARY || map.kind == HS_KIND_NUMBER_DICTIONARY)
            add(retags, word, HS_RETAG_CONSTANT_POOL);
    }
}

/* Deoptimisation data is an array of arrays. Its literals are named apart only where they are no protected
 * array (V8 13 and later). */
static void add_deopt(struct hs_js *js, hs_tagged data, struct hs_retags *retags) {
    add(retags, data, HS_RETAG_CODE_DATA);
    const uint8_t *p;
    uint32_t count = array_words(js->v8, data, &p);
    for (uint32_t i = 0; i < count; i++) {
        hs_tagged word = hs_v8_load(js->v8, p + (size_t)i * js->v8->layout.tagged_size);
        struct hs_map map;
        if ((word & 3) != 1 || !hs_js_map(js, word, &map)) continue;
        if (map.kind == HS_KIND_BYTE_ARRAY || map.kind == HS_KIND_WEAK_FIXED_ARRAY ||
            (map.kind == HS_KIND_FIXED_ARRAY && !named(js->v8, &map, "ProtectedFixedArray")))
            add(retags, word, HS_RETAG_CODE_DATA);
    }
}

/* What the slot at byte `at` of an owner says about the object that it points to. */
static void slot(struct hs_js *js, const struct hs_map *owner, uint32_t at, hs_tagged word, bool *infos_seen,
                 struct hs_retags *retags) {
    const struct hs_v8 *v8 = js->v8;
    const struct hs_layout *l = &v8->layout;
    struct hs_map map;
    if ((word & 3) != 1 || !hs_js_map(js, word, &map)) return;
    enum hs_kind kind = (enum hs_kind)map.kind;
    switch ((enum hs_kind)owner->kind) {
    case HS_KIND_BYTECODE_ARRAY:
        if (is_fixed_array(v8, &map)) add_pool(js, word, POOL_DEPTH, retags);
        else if (kind == HS_KIND_BYTE_ARRAY) add(retags, word, HS_RETAG_HANDLER_TABLE);
        break;
    case HS_KIND_CODE:
        if (kind == HS_KIND_BYTE_ARRAY) add(retags, word, HS_RETAG_CODE_DATA);
        else if (kind == HS_KIND_FIXED_ARRAY) add_deopt(js, word, retags);
        break;
    case HS_KIND_FEEDBACK_VECTOR:
        if (kind == HS_KIND_WEAK_FIXED_ARRAY || is_fixed_array(v8, &map))
            add(retags, word, HS_RETAG_FEEDBACK);
        break;
    case HS_KIND_SCRIPT:
        if (kind == HS_KIND_WEAK_FIXED_ARRAY) {
            *infos_seen = true;
            add(retags, word, HS_RETAG_SCRIPT_INFOS);
        } else if (kind == HS_KIND_FIXED_ARRAY) {
            /* An array before the infos is the line ends or the parameters of a wrapped function; behind them
             * stand the host-defined options. */
            if (at == (uint32_t)l->script_line_ends) add(retags, word, HS_RETAG_LINE_ENDS);
            else if (*infos_seen) add(retags, word, HS_RETAG_HOST_OPTIONS);
        }
        break;
    case HS_KIND_SCOPE_INFO:
        if (kind == HS_KIND_FIXED_ARRAY && named(v8, &map, "NameToIndexHashTable"))
            add(retags, word, HS_RETAG_LOCAL_NAMES);
        break;
    case HS_KIND_ARRAY_BOILERPLATE:
        if (kind == HS_KIND_FIXED_ARRAY || kind == HS_KIND_FIXED_DOUBLE_ARRAY)
            add(retags, word, HS_RETAG_CONSTANT_ELEMENTS);
        break;
    case HS_KIND_CODE_OTHER:
        if (kind == HS_KIND_FIXED_ARRAY && named(v8, owner, "RegExpBoilerplateDescription"))
            add(retags, word, HS_RETAG_REGEXP_DATA);
        break;
    case HS_KIND_ALLOCATION_SITE:
        if (kind == HS_KIND_WEAK_ARRAY_LIST) {
            if (l->snapshot_code_types) add(retags, word, HS_RETAG_DEPENDENT_CODE);
        } else if (hs_kind_is_receiver(kind)) add(retags, word, HS_RETAG_BOILERPLATE);
        break;
    case HS_KIND_MAP:
        if (kind == HS_KIND_OTHER && named(v8, &map, "Cell")) add(retags, word, HS_RETAG_VALIDITY_CELL);
        break;
    case HS_KIND_PROTOTYPE_INFO:
        if (kind == HS_KIND_WEAK_ARRAY_LIST) add(retags, word, HS_RETAG_PROTOTYPE_USERS);
        else if (kind == HS_KIND_FIXED_ARRAY) add(retags, word, HS_RETAG_ENUM_CACHE);
        break;
    case HS_KIND_ENUM_CACHE:
        if (kind == HS_KIND_FIXED_ARRAY) add(retags, word, HS_RETAG_ENUM_CACHE);
        break;
    case HS_KIND_TRANSITION_ARRAY:
        if (kind == HS_KIND_WEAK_FIXED_ARRAY) add(retags, word, HS_RETAG_PROTOTYPE_TRANSITIONS);
        break;
    default:
        break;
    }
}

void hs_retags_collect(struct hs_js *js, const struct hs_map *map, const uint8_t *p, uint32_t words,
                       struct hs_retags *retags) {
    const struct hs_layout *l = &js->v8->layout;
    unsigned t = l->tagged_size;
    bool shapes = map->kind == HS_KIND_MAP || map->kind == HS_KIND_PROTOTYPE_INFO ||
                  map->kind == HS_KIND_ENUM_CACHE || map->kind == HS_KIND_TRANSITION_ARRAY;
    if (shapes && !l->snapshot_object_shapes) return;
    if (!l->snapshot_code_types && map->kind != HS_KIND_ALLOCATION_SITE) return; /* tags gave no types then */
    /* Of code and bytecode only the header holds tagged words. */
    uint32_t limit = words;
    if (map->kind == HS_KIND_BYTECODE_ARRAY || map->kind == HS_KIND_CODE) limit = words < 16 ? words : 16;
    if (map->kind == HS_KIND_TRANSITION_ARRAY) limit = words < 4 ? words : 4;
    bool infos_seen = false;
    for (uint32_t i = 1; i < limit; i++)
        slot(js, map, i * t, hs_v8_load(js->v8, p + (size_t)i * t), &infos_seen, retags);
}

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    uint64_t ax = hs_retag_address(x), ay = hs_retag_address(y);
    if (ax != ay) return ax < ay ? -1 : 1;
    return x < y ? -1 : x > y;
}

void hs_retags_sort(struct hs_retags *retags) {
    if (!retags->count) return;
    qsort(retags->items, retags->count, sizeof *retags->items, by_value);
    size_t count = 0;
    for (size_t i = 0; i < retags->count; i++)
        if (!count || hs_retag_address(retags->items[i]) != hs_retag_address(retags->items[count - 1]))
            retags->items[count++] = retags->items[i];
    retags->count = count;
}

void hs_retags_deinit(struct hs_retags *retags) {
    free(retags->items);
    memset(retags, 0, sizeof *retags);
}
