#include "js/node.h"

#include <string.h>
#include "base/strbuf.h"

const char *hs_node_type_name(enum hs_node_type type) {
    static const char *const names[HS_NODE_TYPE_COUNT] = {
        [HS_NODE_HIDDEN] = "hidden",
        [HS_NODE_ARRAY] = "array",
        [HS_NODE_STRING] = "string",
        [HS_NODE_OBJECT] = "object",
        [HS_NODE_CODE] = "code",
        [HS_NODE_CLOSURE] = "closure",
        [HS_NODE_REGEXP] = "regexp",
        [HS_NODE_NUMBER] = "number",
        [HS_NODE_NATIVE] = "native",
        [HS_NODE_CONS_STRING] = "concatenated string",
        [HS_NODE_SLICED_STRING] = "sliced string",
        [HS_NODE_SYMBOL] = "symbol",
        [HS_NODE_BIGINT] = "bigint",
        [HS_NODE_OBJECT_SHAPE] = "object shape",
    };
    return names[type];
}

static enum hs_node_type string_type(uint16_t type) {
    switch (hs_string_form(type)) {
    case HS_STRING_CONS:
        return HS_NODE_CONS_STRING;
    case HS_STRING_SLICED:
        return HS_NODE_SLICED_STRING;
    default:
        return HS_NODE_STRING;
    }
}

/* FixedArray and its subclasses, by V8's inheritance; what has left it in newer releases has a name of its
 * own. */
static bool is_array(const struct hs_v8 *v8, const struct hs_map *map) {
    switch ((enum hs_kind)map->kind) {
    case HS_KIND_STRING_TABLE:
    case HS_KIND_EPHEMERON_HASH_TABLE:
    case HS_KIND_NAME_DICTIONARY:
    case HS_KIND_GLOBAL_DICTIONARY:
    case HS_KIND_NUMBER_DICTIONARY:
    case HS_KIND_ORDERED_HASH_MAP:
    case HS_KIND_ORDERED_HASH_SET:
    case HS_KIND_FIXED_DOUBLE_ARRAY:
        return true;
    case HS_KIND_BYTE_ARRAY: /* typed elements on the heap are FixedTypedArrayBase, no array to the snapshot
                              */
        if (strncmp(hs_types_name(&v8->types, map->type), "Fixed", 5) == 0) return false;
        break;
    case HS_KIND_FIXED_ARRAY:
        break;
    default:
        return false;
    }
    static const char *const others[] = {"TrustedByteArray",        "ProtectedFixedArray", "ClassBoilerplate",
                                         "SloppyArgumentsElements", "RegExpMatchInfo",     "RegexpMatchInfo"};
    const char *name = hs_types_name(&v8->types, map->type);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i]) == 0) return false;
    /* It left FixedArray together with ClassBoilerplate, which had no type of its own before. */
    uint16_t number;
    return strcmp(name, "ScriptContextTable") != 0 || !hs_types_find(&v8->types, "ClassBoilerplate", &number);
}

bool hs_js_is_fixed_array(const struct hs_v8 *v8, const struct hs_map *map) {
    uint16_t number;
    switch ((enum hs_kind)map->kind) {
    case HS_KIND_OBJECT_BOILERPLATE:
    case HS_KIND_CLOSURE_FEEDBACK_CELL_ARRAY:
    case HS_KIND_ARRAY_LIST: /* they left with ClassBoilerplate too */
        return !hs_types_find(&v8->types, "ClassBoilerplate", &number);
    case HS_KIND_FIXED_ARRAY:
        if (strcmp(hs_types_name(&v8->types, map->type), "TrustedFixedArray") == 0) return false;
        break;
    case HS_KIND_FIXED_DOUBLE_ARRAY:
    case HS_KIND_BYTE_ARRAY:
        return false;
    default:
        break;
    }
    return is_array(v8, map);
}

enum hs_node_type hs_js_node_type(const struct hs_v8 *v8, const struct hs_map *map, bool read_only) {
    const struct hs_layout *l = &v8->layout;
    enum hs_kind kind = (enum hs_kind)map->kind;
    switch (kind) {
    case HS_KIND_STRING:
        return string_type(map->type);
    case HS_KIND_SYMBOL:
        return HS_NODE_SYMBOL;
    case HS_KIND_HEAP_NUMBER: /* the box of a field that holds doubles is no HeapNumber, to V8 7.5 */
        return strcmp(hs_types_name(&v8->types, map->type), "MutableHeapNumber") == 0 ? HS_NODE_HIDDEN
                                                                                      : HS_NODE_NUMBER;
    case HS_KIND_BIGINT:
        return HS_NODE_BIGINT;
    case HS_KIND_JS_PROXY:
        return HS_NODE_HIDDEN;
    case HS_KIND_JS_FUNCTION:
    case HS_KIND_JS_BOUND_FUNCTION:
        return HS_NODE_CLOSURE;
    case HS_KIND_JS_REGEXP:
        return HS_NODE_REGEXP;
    case HS_KIND_CONTEXT:
        return HS_NODE_OBJECT;
    case HS_KIND_CODE:
    case HS_KIND_SHARED_FUNCTION_INFO:
    case HS_KIND_SCRIPT:
        return HS_NODE_CODE;
    case HS_KIND_SCOPE_INFO:
        /* A FixedArray until V8 9.0. */
        if (l->scope_info_data != l->tagged_size) return HS_NODE_ARRAY;
        return l->snapshot_code_types ? HS_NODE_CODE : HS_NODE_HIDDEN;
    case HS_KIND_BYTECODE_ARRAY:
    case HS_KIND_FEEDBACK_VECTOR:
    case HS_KIND_FEEDBACK_METADATA:
    case HS_KIND_FEEDBACK_CELL:
    case HS_KIND_CLOSURE_FEEDBACK_CELL_ARRAY:
    case HS_KIND_ALLOCATION_SITE:
    case HS_KIND_ARRAY_BOILERPLATE:
    case HS_KIND_OBJECT_BOILERPLATE:
    case HS_KIND_UNCOMPILED_DATA:
    case HS_KIND_PREPARSE_DATA:
    case HS_KIND_CODE_OTHER:
        if (l->snapshot_code_types) return HS_NODE_CODE;
        /* Before they were told apart, the two that derive from FixedArray were arrays. */
        return kind == HS_KIND_OBJECT_BOILERPLATE || kind == HS_KIND_CLOSURE_FEEDBACK_CELL_ARRAY
                   ? HS_NODE_ARRAY
                   : HS_NODE_HIDDEN;
    case HS_KIND_MAP:
        return l->snapshot_object_shapes && !read_only ? HS_NODE_OBJECT_SHAPE : HS_NODE_HIDDEN;
    case HS_KIND_DESCRIPTOR_ARRAY:
        if (l->descriptors_are_array) return HS_NODE_ARRAY;
        return l->snapshot_object_shapes ? HS_NODE_OBJECT_SHAPE : HS_NODE_HIDDEN;
    case HS_KIND_TRANSITION_ARRAY:
    case HS_KIND_ENUM_CACHE:
    case HS_KIND_PROTOTYPE_INFO:
        return l->snapshot_object_shapes ? HS_NODE_OBJECT_SHAPE : HS_NODE_HIDDEN;
    default:
        break;
    }
    if (hs_kind_is_receiver(kind)) return HS_NODE_OBJECT;
    if (is_array(v8, map)) return HS_NODE_ARRAY;
    const char *name = hs_types_name(&v8->types, map->type);
    if (strcmp(name, "CodeDataContainer") == 0 && l->snapshot_code_types) return HS_NODE_CODE;
    if ((strcmp(name, "CodeWrapper") == 0 || strcmp(name, "BytecodeWrapper") == 0) &&
        l->snapshot_code_wrappers)
        return HS_NODE_CODE;
    return HS_NODE_HIDDEN;
}

static const char *array_name(const struct hs_v8 *v8, const struct hs_map *map) {
    switch ((enum hs_kind)map->kind) {
    case HS_KIND_EPHEMERON_HASH_TABLE:
        return "(ephemeron hash table)";
    case HS_KIND_NAME_DICTIONARY:
        return "(property dictionary)";
    case HS_KIND_GLOBAL_DICTIONARY:
        return "(global dictionary)";
    case HS_KIND_NUMBER_DICTIONARY:
        return "(number dictionary)";
    case HS_KIND_ORDERED_HASH_MAP:
        return "(hash map table)";
    case HS_KIND_ORDERED_HASH_SET:
        return "(hash set table)";
    case HS_KIND_FIXED_DOUBLE_ARRAY:
        return "(double array)";
    case HS_KIND_BYTE_ARRAY:
        return "(byte array)";
    default:
        break;
    }
    const char *name = hs_types_name(&v8->types, map->type);
    return strstr(name, "Table") || strstr(name, "Dictionary") ? "(hash table)" : "(array)";
}

const char *hs_js_node_name(struct hs_js *js, const struct hs_map *map) {
    const struct hs_v8 *v8 = js->v8;
    switch ((enum hs_kind)map->kind) {
    case HS_KIND_STRING:
        switch (hs_string_form(map->type)) {
        case HS_STRING_CONS:
            return "(concatenated string)";
        case HS_STRING_SLICED:
            return "(sliced string)";
        default:
            return "(string)";
        }
    case HS_KIND_SYMBOL:
        return "symbol";
    case HS_KIND_HEAP_NUMBER:
        if (hs_js_node_type(v8, map, false) != HS_NODE_NUMBER) break;
        return "heap number";
    case HS_KIND_BIGINT:
        return "bigint";
    case HS_KIND_ODDBALL:
        return "system / Oddball";
    case HS_KIND_JS_PROXY:
        return "system / JSProxy";
    case HS_KIND_JS_BOUND_FUNCTION:
        return "native_bind";
    case HS_KIND_JS_REGEXP:
        return "(regexp)";
    case HS_KIND_CONTEXT:
        return "system / Context";
    case HS_KIND_SHARED_FUNCTION_INFO:
        return "(shared function info)";
    case HS_KIND_SCRIPT:
        return NULL;
    default:
        break;
    }
    if (hs_kind_is_receiver((enum hs_kind)map->kind)) return NULL;
    if (is_array(v8, map)) return array_name(v8, map);
    const char *class_name = hs_types_name(&v8->types, map->type);
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    if (*class_name) hs_strbuf_printf(&text, "system / %s", class_name);
    else hs_strbuf_printf(&text, "(unknown type %u)", map->type);
    if (text.failed) js->failed = true;
    return hs_names_intern(&js->names, text.data, text.size);
}
