#include "group/plan.h"

#include <string.h>
#include "group/group.h"
#include "js/constructor.h"
#include "js/function.h"
#include "js/property.h"

enum {
    SHAPE_CAPACITY = 8 * HS_GROUP_SHAPE_KEYS
}; /* slots of a dictionary that we are willing to look through */

/* Does the object's own Symbol.toStringTag name it, and differ from object to object? */
static bool is_tagged(struct hs_js *js, const struct hs_map *map) {
    if (hs_map_is_dictionary(&js->v8->layout, map)) return false;
    struct hs_js_properties it;
    struct hs_js_property property;
    hs_js_properties_begin(js, 0, map, &it);
    while (hs_js_properties_next(&it, &property))
        if (hs_js_is_to_string_tag(js, property.key))
            return !hs_js_property_is_accessor(js, &property) &&
                   !hs_js_property_is_constant(&it, &property) && !hs_js_constructor_is_of_map(js, map);
    return false;
}

static void plan_receiver(struct hs_js *js, const struct hs_map *map, struct hs_plan *plan) {
    const struct hs_layout *l = &js->v8->layout;
    switch ((enum hs_kind)map->kind) {
    case HS_KIND_JS_FUNCTION:
        plan->by = HS_BY_FUNCTION;
        return;
    case HS_KIND_JS_BOUND_FUNCTION:
    case HS_KIND_JS_REGEXP:
    case HS_KIND_JS_PROXY:
    case HS_KIND_WASM_OBJECT:
        return;
    case HS_KIND_JS_ARRAY:
        *plan = (struct hs_plan){.how = HS_LENGTH_NUMBER, .at = (int16_t)l->array_length};
        break;
    case HS_KIND_JS_ARRAY_BUFFER:
        *plan = (struct hs_plan){.also = HS_ALSO_STORE};
        break;
    case HS_KIND_JS_TYPED_ARRAY:
        *plan = (struct hs_plan){.how = l->array_buffer_length_is_number ? HS_LENGTH_NUMBER : HS_LENGTH_WORD,
                                 .at = (int16_t)l->view_byte_length};
        break;
    case HS_KIND_JS_MAP:
    case HS_KIND_JS_SET:
    case HS_KIND_JS_WEAK_MAP:
    case HS_KIND_JS_WEAK_SET:
        *plan = (struct hs_plan){.how = HS_LENGTH_TABLE, .at = (int16_t)l->collection_table};
        break;
    default:
        break;
    }
    if (map->kind == HS_KIND_JS_PRIMITIVE_WRAPPER) plan->by = HS_BY_VALUE_KIND;
    if (map->kind == HS_KIND_JS_GENERATOR) plan->by = HS_BY_GENERATOR;
    if (hs_map_is_dictionary(l, map)) plan->by = HS_BY_DICTIONARY;
    else if (is_tagged(js, map)) plan->by = HS_BY_TAG;
}

void hs_plan_make(struct hs_js *js, const struct hs_map *map, struct hs_plan *plan) {
    const struct hs_layout *l = &js->v8->layout;
    *plan = (struct hs_plan){0};
    if (hs_kind_is_receiver((enum hs_kind)map->kind)) {
        plan_receiver(js, map, plan);
        return;
    }
    switch ((enum hs_kind)map->kind) {
    case HS_KIND_STRING:
        *plan = (struct hs_plan){.how = HS_LENGTH_U32, .at = (int16_t)l->string_length};
        if (hs_string_form(map->type) == HS_STRING_EXTERNAL) {
            plan->also = HS_ALSO_PAYLOAD;
            plan->by = HS_BY_NOTHING;
        }
        break;
    case HS_KIND_SYMBOL:
        plan->by = HS_BY_PRIVACY;
        break;
    case HS_KIND_SCRIPT:
        plan->by = HS_BY_SCRIPT;
        plan->also = HS_ALSO_OWNED;
        break;
    case HS_KIND_FIXED_ARRAY: {
        const char *name = hs_types_name(&js->v8->types, map->type);
        *plan = (struct hs_plan){.how = HS_LENGTH_WORDS, .at = (int16_t)l->fixed_array_data};
        if (strstr(name, "Table") || strstr(name, "Dictionary"))
            *plan = (struct hs_plan){.how = HS_LENGTH_SMI, .at = (int16_t)l->fixed_array_data};
        break;
    }
    case HS_KIND_EPHEMERON_HASH_TABLE:
    case HS_KIND_NAME_DICTIONARY:
    case HS_KIND_GLOBAL_DICTIONARY:
    case HS_KIND_NUMBER_DICTIONARY:
    case HS_KIND_ORDERED_HASH_MAP:
    case HS_KIND_ORDERED_HASH_SET:
        *plan = (struct hs_plan){.how = HS_LENGTH_SMI, .at = (int16_t)l->fixed_array_data};
        break;
    case HS_KIND_PROPERTY_ARRAY:
    case HS_KIND_WEAK_FIXED_ARRAY:
    case HS_KIND_FIXED_DOUBLE_ARRAY:
        *plan = (struct hs_plan){.how = HS_LENGTH_WORDS, .at = (int16_t)l->fixed_array_data};
        break;
    case HS_KIND_BYTE_ARRAY:
        *plan = (struct hs_plan){.how = HS_LENGTH_SMI, .at = (int16_t)l->fixed_array_length};
        break;
    case HS_KIND_MAP:
    case HS_KIND_BYTECODE_ARRAY:
    case HS_KIND_CODE:
    case HS_KIND_SCOPE_INFO:
    case HS_KIND_FEEDBACK_VECTOR:
    case HS_KIND_ALLOCATION_SITE:
    case HS_KIND_ARRAY_BOILERPLATE:
    case HS_KIND_CODE_OTHER:
    case HS_KIND_ENUM_CACHE:
    case HS_KIND_PROTOTYPE_INFO:
    case HS_KIND_TRANSITION_ARRAY:
        plan->also = HS_ALSO_OWNED;
        break;
    default:
        break;
    }
}

static uint64_t number(const struct hs_v8 *v8, hs_tagged word) {
    double value;
    /* an array's length is below 2^32 */
    return hs_v8_number(v8, word, &value) && value >= 0 && value < 4294967296.0 ? (uint64_t)value : 0;
}

static uint64_t count_of(const struct hs_v8 *v8, hs_tagged word) {
    return hs_is_smi(&v8->layout, word) && hs_smi(&v8->layout, word) > 0 ? (uint64_t)hs_smi(&v8->layout, word)
                                                                         : 0;
}

uint64_t hs_plan_length(const struct hs_v8 *v8, const struct hs_plan *plan, const uint8_t *p,
                        uint32_t words) {
    const struct hs_layout *l = &v8->layout;
    hs_tagged word;
    if (plan->how == HS_LENGTH_WORDS) return hs_plan_lengths(v8, plan, 1, words);
    if ((uint64_t)plan->at + l->tagged_size > (uint64_t)words * l->tagged_size) return 0;
    p += plan->at;
    switch ((enum hs_plan_how)plan->how) {
    case HS_LENGTH_U32:
        return hs_arch_u32(v8->arch, p);
    case HS_LENGTH_SMI:
        return count_of(v8, hs_v8_load(v8, p));
    case HS_LENGTH_WORD:
        return hs_arch_word(v8->arch, p);
    case HS_LENGTH_NUMBER:
        return number(v8, hs_v8_load(v8, p));
    case HS_LENGTH_TABLE:
        word = hs_v8_load(v8, p);
        p = hs_is_pointer(word)
                ? hs_pages_ptr(&v8->pages, hs_untag(word) + (hs_addr)l->fixed_array_data, l->tagged_size)
                : NULL;
        return p ? count_of(v8, hs_v8_load(v8, p)) : 0;
    default:
        return 0;
    }
}

static uint64_t keyset(uint64_t sum, bool tagged) {
    sum = (sum & ~UINT64_C(1)) | tagged;
    return sum > HS_VARIANT_TABLE ? sum : sum + 2;
}

/* Keys are unique names, so their addresses stand for them; where they are any strings (V8 3.14), the hash
 * that V8 keeps in each does. */
static uint64_t mix_key(const struct hs_v8 *v8, hs_tagged key) {
    uint32_t hash;
    if (v8->layout.key_hash == HS_ABSENT ||
        !hs_v8_u32(v8, hs_untag(key) + (hs_addr)v8->layout.key_hash, &hash))
        return hs_address_mix(key);
    return hs_address_mix((uint64_t)hash << 8 | 1);
}

/* The sum does not depend on the order of the keys. */
static uint64_t dictionary_variant(struct hs_js *js, uint32_t isolate, hs_addr address, uint32_t *keys_ret) {
    struct hs_js_dictionary dictionary;
    if (!hs_js_dictionary_of(js->v8, address, &dictionary)) return HS_VARIANT_TABLE;
    *keys_ret = dictionary.keys;
    if (dictionary.keys > HS_GROUP_SHAPE_KEYS || dictionary.capacity > SHAPE_CAPACITY || dictionary.cells)
        return HS_VARIANT_TABLE;
    const struct hs_js_roots *roots = &js->roots[isolate < js->v8->isolate_count ? isolate : 0];
    uint64_t sum = dictionary.keys;
    bool tagged = false;
    for (uint32_t i = 0; i < dictionary.capacity; i++) {
        hs_tagged key = hs_v8_load(js->v8, dictionary.entries + (size_t)i * dictionary.stride);
        if (hs_is_pointer(key) && key != roots->undefined && key != roots->the_hole) {
            sum += mix_key(js->v8, key);
            tagged |= key == roots->to_string_tag;
        }
    }
    return keyset(sum, tagged);
}

uint64_t hs_plan_keyset(struct hs_js *js, const struct hs_map *map) {
    struct hs_js_properties it;
    struct hs_js_property property;
    uint64_t sum = 0;
    bool tagged = false;
    hs_js_properties_begin(js, 0, map, &it);
    while (hs_js_properties_next(&it, &property)) {
        sum += 1 + mix_key(js->v8, property.key);
        tagged |= hs_js_is_to_string_tag(js, property.key);
    }
    return keyset(sum, tagged);
}

static hs_tagged own_tag(struct hs_js *js, hs_addr address, const struct hs_map *map) {
    struct hs_js_properties it;
    struct hs_js_property property;
    hs_tagged value;
    hs_js_properties_begin(js, address, map, &it);
    while (hs_js_properties_next(&it, &property))
        if (hs_js_is_to_string_tag(js, property.key))
            return hs_js_property_value(&it, &property, &value) ? value : 0;
    return 0;
}

uint64_t hs_plan_variant(struct hs_js *js, const struct hs_plan *plan, uint32_t isolate, hs_addr address,
                         const struct hs_map *map, uint32_t *keys_ret) {
    const struct hs_v8 *v8 = js->v8;
    hs_tagged word = 0;
    *keys_ret = 0;
    switch ((enum hs_plan_by)plan->by) {
    case HS_BY_FUNCTION:
        hs_v8_word(v8, address + (hs_addr)v8->layout.function_shared, &word);
        return word;
    case HS_BY_GENERATOR:
        if (!hs_v8_word(v8, address + (hs_addr)v8->layout.generator_function, &word)) return 0;
        return hs_js_function_shared(js, word);
    case HS_BY_DICTIONARY:
        return dictionary_variant(js, isolate, address, keys_ret);
    case HS_BY_TAG:
        return own_tag(js, address, map);
    case HS_BY_PRIVACY:
        return hs_js_symbol_is_private(js, address + 1);
    case HS_BY_VALUE_KIND:
        if (!hs_v8_word(v8, address + (hs_addr)v8->layout.wrapper_value, &word)) return 0;
        return hs_is_pointer(word) ? 1 + (uint64_t)hs_js_kind(js, word) : 1 + (uint64_t)HS_KIND_HEAP_NUMBER;
    case HS_BY_SCRIPT:
        hs_v8_word(v8, address + (hs_addr)v8->layout.script_name, &word);
        return word;
    case HS_BY_MAP:
    case HS_BY_NOTHING:
        break;
    }
    return 0;
}
