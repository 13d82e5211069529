#include "graph/edge_names.h"

#include <string.h>

const char *hs_edge_type_name(enum hs_edge_type type) {
    static const char *const names[] = {"context", "element",  "property", "internal",
                                        "hidden",  "shortcut", "weak"};
    return names[type];
}

static const struct {
    uint8_t kind, word, type, role;
    const char *name;
} by_kind[] = {
    {HS_KIND_JS_BOUND_FUNCTION, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "bound_function"},
    {HS_KIND_JS_BOUND_FUNCTION, 4, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "bound_this"},
    {HS_KIND_JS_BOUND_FUNCTION, 5, HS_EDGE_INTERNAL, HS_ROLE_BINDINGS, "bindings"},
    {HS_KIND_JS_PROXY, 2, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "target"},
    {HS_KIND_JS_PROXY, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "handler"},
    {HS_KIND_JS_MAP, 3, HS_EDGE_INTERNAL, HS_ROLE_TABLE, "table"},
    {HS_KIND_JS_SET, 3, HS_EDGE_INTERNAL, HS_ROLE_TABLE, "table"},
    {HS_KIND_JS_WEAK_MAP, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "table"},
    {HS_KIND_JS_WEAK_SET, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "table"},
    {HS_KIND_JS_WEAK_REF, 3, HS_EDGE_WEAK, HS_ROLE_VALUE, "target"},
    {HS_KIND_JS_PROMISE, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "reactions_or_result"},
    {HS_KIND_JS_GENERATOR, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "function"},
    {HS_KIND_JS_GENERATOR, 4, HS_EDGE_INTERNAL, HS_ROLE_CONTEXT, "context"},
    {HS_KIND_JS_GENERATOR, 5, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "receiver"},
    {HS_KIND_JS_REGEXP, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "data"},
    {HS_KIND_JS_REGEXP, 4, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "source"},
    {HS_KIND_JS_PRIMITIVE_WRAPPER, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "value"},
    {HS_KIND_JS_FINALIZATION_REGISTRY, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "native_context"},
    {HS_KIND_JS_FINALIZATION_REGISTRY, 4, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "cleanup"},
    {HS_KIND_JS_FINALIZATION_REGISTRY, 5, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "active_cells"},
    {HS_KIND_JS_FINALIZATION_REGISTRY, 6, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "cleared_cells"},
    {HS_KIND_JS_FINALIZATION_REGISTRY, 7, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "key_map"},
    {HS_KIND_ACCESSOR_PAIR, 1, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "getter"},
    {HS_KIND_ACCESSOR_PAIR, 2, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "setter"},
    {HS_KIND_FEEDBACK_CELL, 1, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "value"},
    {HS_KIND_ALLOCATION_SITE, 1, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "transition_info"},
    {HS_KIND_ALLOCATION_SITE, 2, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "nested_site"},
};

/* Objects without a kind of their own: V8's class name, then the names of words 1, 2, … */
static const struct {
    const char *type, *names[5];
} by_type[] = {
    {"PromiseReaction",
     {"next", "reject_handler", "fulfill_handler", "promise_or_capability", "continuation_data"}},
    {"PromiseCapability", {"promise", "resolve", "reject"}},
    {"PromiseFulfillReactionJobTask", {"argument", "context", "handler", "promise_or_capability"}},
    {"PromiseRejectReactionJobTask", {"argument", "context", "handler", "promise_or_capability"}},
    {"PromiseResolveThenableJobTask", {"context", "promise_to_resolve", "thenable", "then"}},
    {"CallableTask", {"callable", "context"}},
    {"CallbackTask", {"callback", "data"}},
    {"Cell", {"value"}},
    {"AsyncGeneratorRequest", {"next", NULL, "value", "promise"}},
    {"ErrorStackData", {"call_site_infos_or_formatted_stack", "limit_or_stack_frame_infos"}},
    {"CallSiteInfo", {"receiver_or_instance", "function", "code_object"}},
    {"StackFrameInfo", {"shared_or_script", "function_name"}},
    {"StackTraceInfo", {NULL, "frames"}},
};

static const struct {
    uint8_t owner, target, type, role;
    const char *name;
} by_target[] = {
    {HS_KIND_JS_FUNCTION, HS_KIND_SHARED_FUNCTION_INFO, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "shared"},
    {HS_KIND_JS_FUNCTION, HS_KIND_CONTEXT, HS_EDGE_INTERNAL, HS_ROLE_CONTEXT, "context"},
    {HS_KIND_JS_FUNCTION, HS_KIND_NATIVE_CONTEXT, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "context"},
    {HS_KIND_JS_FUNCTION, HS_KIND_FEEDBACK_CELL, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "feedback_cell"},
    {HS_KIND_JS_FUNCTION, HS_KIND_CODE, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "code"},
    {HS_KIND_JS_FUNCTION, HS_KIND_MAP, HS_EDGE_INTERNAL, HS_ROLE_INITIAL_MAP, "initial_map"},
    {HS_KIND_JS_FUNCTION, HS_KIND_JS_OBJECT, HS_EDGE_PROPERTY, HS_ROLE_VALUE, "prototype"},
    {HS_KIND_JS_GENERATOR, HS_KIND_FIXED_ARRAY, HS_EDGE_INTERNAL, HS_ROLE_REGISTERS,
     "parameters_and_registers"},
    {HS_KIND_JS_GENERATOR, HS_KIND_JS_PROMISE, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "promise"},
    {HS_KIND_JS_GLOBAL_OBJECT, HS_KIND_NATIVE_CONTEXT, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "native_context"},
    {HS_KIND_JS_GLOBAL_OBJECT, HS_KIND_JS_GLOBAL_PROXY, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "global_proxy"},
    {HS_KIND_JS_GLOBAL_PROXY, HS_KIND_NATIVE_CONTEXT, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "native_context"},
    {HS_KIND_NATIVE_CONTEXT, HS_KIND_JS_GLOBAL_OBJECT, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "global_object"},
    {HS_KIND_NATIVE_CONTEXT, HS_KIND_JS_GLOBAL_PROXY, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "global_proxy_object"},
    {HS_KIND_NATIVE_CONTEXT, HS_KIND_SCOPE_INFO, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "scope_info"},
    {HS_KIND_SHARED_FUNCTION_INFO, HS_KIND_SCRIPT, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "script"},
    {HS_KIND_SHARED_FUNCTION_INFO, HS_KIND_SCOPE_INFO, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "name_or_scope_info"},
    {HS_KIND_SHARED_FUNCTION_INFO, HS_KIND_STRING, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "name_or_scope_info"},
    {HS_KIND_SHARED_FUNCTION_INFO, HS_KIND_BYTECODE_ARRAY, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "function_data"},
    {HS_KIND_SHARED_FUNCTION_INFO, HS_KIND_UNCOMPILED_DATA, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "function_data"},
    {HS_KIND_SHARED_FUNCTION_INFO, HS_KIND_FUNCTION_TEMPLATE_INFO, HS_EDGE_INTERNAL, HS_ROLE_VALUE,
     "function_data"},
    {HS_KIND_SHARED_FUNCTION_INFO, HS_KIND_FEEDBACK_METADATA, HS_EDGE_INTERNAL, HS_ROLE_VALUE,
     "feedback_metadata"},
    {HS_KIND_SCRIPT, HS_KIND_WEAK_FIXED_ARRAY, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "shared_function_infos"},
    {HS_KIND_MAP, HS_KIND_PROTOTYPE_INFO, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "prototype_info"},
    {HS_KIND_MAP, HS_KIND_TRANSITION_ARRAY, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "transitions"},
    {HS_KIND_MAP, HS_KIND_WEAK_ARRAY_LIST, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "dependent_code"},
    {HS_KIND_MAP, HS_KIND_MAP, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "transition"},
    {HS_KIND_DESCRIPTOR_ARRAY, HS_KIND_ENUM_CACHE, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "enum_cache"},
    {HS_KIND_FEEDBACK_VECTOR, HS_KIND_SHARED_FUNCTION_INFO, HS_EDGE_INTERNAL, HS_ROLE_VALUE,
     "shared_function_info"},
    {HS_KIND_PROPERTY_CELL, HS_KIND_WEAK_ARRAY_LIST, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "dependent_code"},
};

struct offset_name {
    int32_t offset;
    const char *name;
};

static struct hs_slot_name at_offset(const struct offset_name *rows, size_t count, int32_t offset) {
    for (size_t i = 0; i < count; i++)
        if (rows[i].offset == offset)
            return (struct hs_slot_name){rows[i].name, HS_EDGE_INTERNAL, HS_ROLE_VALUE};
    return (struct hs_slot_name){0};
}

/* Slots whose offset the layout knows. */
static struct hs_slot_name by_layout(const struct hs_v8 *v8, const struct hs_map *map, uint32_t word) {
    const struct hs_layout *l = &v8->layout;
    int32_t offset = (int32_t)(word * l->tagged_size);
#define ROWS(...)                                                                                            \
    do {                                                                                                     \
        const struct offset_name rows[] = {__VA_ARGS__};                                                     \
        return at_offset(rows, sizeof rows / sizeof *rows, offset);                                          \
    } while (0)
    switch ((enum hs_kind)map->kind) {
    case HS_KIND_STRING:
        switch (hs_string_form(map->type)) {
        case HS_STRING_CONS:
            ROWS({l->cons_first, "first"}, {l->cons_second, "second"});
        case HS_STRING_SLICED:
            ROWS({l->sliced_parent, "parent"});
        case HS_STRING_THIN:
            ROWS({l->thin_actual, "actual"});
        default:
            break;
        }
        break;
    case HS_KIND_SYMBOL:
        ROWS({l->symbol_description, "name"});
    case HS_KIND_MAP:
        ROWS({l->map_prototype, "prototype"}, {l->map_constructor, "constructor_or_back_pointer"},
             {l->map_descriptors, "descriptors"});
    case HS_KIND_PROPERTY_CELL:
        ROWS({l->property_cell_name, "name"}, {l->property_cell_value, "value"});
    case HS_KIND_SCRIPT:
        ROWS({l->script_source, "source"}, {l->script_name, "name"}, {l->script_line_ends, "line_ends"});
    case HS_KIND_SHARED_FUNCTION_INFO:
        ROWS({l->shared_name, "name_or_scope_info"}, {l->shared_script, "script"});
    case HS_KIND_JS_TYPED_ARRAY:
    case HS_KIND_JS_DATA_VIEW:
        ROWS({l->view_buffer, "buffer"});
    default:
        break;
    }
#undef ROWS
    return (struct hs_slot_name){0};
}

struct hs_slot_name hs_slot_name_planned(const struct hs_v8 *v8, const struct hs_map *map, uint32_t word) {
    enum hs_kind kind = (enum hs_kind)map->kind;
    const struct hs_layout *l = &v8->layout;
    if (word == 0) return (struct hs_slot_name){"map", HS_EDGE_INTERNAL, HS_ROLE_MAP};
    if (hs_kind_is_receiver(kind) && kind != HS_KIND_WASM_OBJECT) {
        if (word * l->tagged_size == (uint32_t)l->receiver_properties)
            return (struct hs_slot_name){"properties", HS_EDGE_INTERNAL, HS_ROLE_PROPERTIES};
        if (kind != HS_KIND_JS_PROXY && word * l->tagged_size == (uint32_t)l->object_elements)
            return (struct hs_slot_name){"elements", HS_EDGE_INTERNAL, HS_ROLE_ELEMENTS};
    }
    for (size_t i = 0; i < sizeof by_kind / sizeof *by_kind; i++)
        if (by_kind[i].kind == kind && by_kind[i].word == word)
            return (struct hs_slot_name){by_kind[i].name, by_kind[i].type, by_kind[i].role};
    if (kind == HS_KIND_OTHER && word <= 5) {
        const char *name = hs_types_name(&v8->types, map->type);
        if (word == 1 && strcmp(name, "SourceTextModule") == 0)
            return (struct hs_slot_name){"exports", HS_EDGE_INTERNAL, HS_ROLE_EXPORTS};
        for (size_t i = 0; i < sizeof by_type / sizeof *by_type; i++)
            if (strcmp(by_type[i].type, name) == 0)
                return (struct hs_slot_name){by_type[i].names[word - 1], HS_EDGE_INTERNAL, HS_ROLE_VALUE};
    }
    return by_layout(v8, map, word);
}

bool hs_slot_names_by_target(enum hs_kind owner) {
    for (size_t i = 0; i < sizeof by_target / sizeof *by_target; i++)
        if (by_target[i].owner == owner) return true;
    return false;
}

struct hs_slot_name hs_slot_name_by_target(enum hs_kind owner, enum hs_kind target) {
    for (size_t i = 0; i < sizeof by_target / sizeof *by_target; i++)
        if (by_target[i].owner == owner && by_target[i].target == target)
            return (struct hs_slot_name){by_target[i].name, by_target[i].type, by_target[i].role};
    return (struct hs_slot_name){0};
}
