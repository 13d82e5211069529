#include "graph/edge_names.h"

#include <string.h>

#include "v8/weak.h"

const char *hs_edge_type_name(enum hs_edge_type type) {
    static const char *const names[] = {"context", "element",  "property", "internal",
                                        "hidden",  "shortcut", "weak"};
    return names[type];
}

enum { V8 = 0, OURS = 1 }; /* whose name it is */

static const struct {
    uint8_t kind, word, type, role;
    const char *name;
    uint8_t ours;
} by_kind[] = {
    {HS_KIND_JS_BOUND_FUNCTION, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "bound_function", V8},
    {HS_KIND_JS_BOUND_FUNCTION, 4, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "bound_this", V8},
    {HS_KIND_JS_BOUND_FUNCTION, 5, HS_EDGE_INTERNAL, HS_ROLE_BINDINGS, "bindings", V8},
    {HS_KIND_JS_PROXY, 2, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "target", OURS},
    {HS_KIND_JS_PROXY, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "handler", OURS},
    {HS_KIND_JS_MAP, 3, HS_EDGE_INTERNAL, HS_ROLE_TABLE, "table", V8},
    {HS_KIND_JS_SET, 3, HS_EDGE_INTERNAL, HS_ROLE_TABLE, "table", V8},
    {HS_KIND_JS_WEAK_MAP, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "table", V8},
    {HS_KIND_JS_WEAK_SET, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "table", V8},
    {HS_KIND_JS_WEAK_REF, 3, HS_EDGE_WEAK, HS_ROLE_VALUE, "target", V8},
    {HS_KIND_JS_PROMISE, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "reactions_or_result", V8},
    {HS_KIND_JS_GENERATOR, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "function", V8},
    {HS_KIND_JS_GENERATOR, 4, HS_EDGE_INTERNAL, HS_ROLE_CONTEXT, "context", V8},
    {HS_KIND_JS_GENERATOR, 5, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "receiver", V8},
    {HS_KIND_JS_REGEXP, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "data", OURS},
    {HS_KIND_JS_REGEXP, 4, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "source", OURS},
    {HS_KIND_JS_PRIMITIVE_WRAPPER, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "value", OURS},
    {HS_KIND_JS_FINALIZATION_REGISTRY, 3, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "native_context", OURS},
    {HS_KIND_JS_FINALIZATION_REGISTRY, 4, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "cleanup", OURS},
    {HS_KIND_JS_FINALIZATION_REGISTRY, 5, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "active_cells", OURS},
    {HS_KIND_JS_FINALIZATION_REGISTRY, 6, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "cleared_cells", OURS},
    {HS_KIND_JS_FINALIZATION_REGISTRY, 7, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "key_map", OURS},
    {HS_KIND_ACCESSOR_PAIR, 1, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "getter", V8},
    {HS_KIND_ACCESSOR_PAIR, 2, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "setter", V8},
    {HS_KIND_FEEDBACK_CELL, 1, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "value", V8},
    {HS_KIND_ALLOCATION_SITE, 1, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "transition_info", V8},
    {HS_KIND_ALLOCATION_SITE, 2, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "nested_site", V8},
};

/* Objects without a kind of their own: V8's class name, then the names of words 1, 2, … Ours, but for
 * "value". */
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
    uint8_t ours;
} by_target[] = {
    {HS_KIND_JS_FUNCTION, HS_KIND_SHARED_FUNCTION_INFO, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "shared", V8},
    {HS_KIND_JS_FUNCTION, HS_KIND_CONTEXT, HS_EDGE_INTERNAL, HS_ROLE_CONTEXT, "context", V8},
    {HS_KIND_JS_FUNCTION, HS_KIND_NATIVE_CONTEXT, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "context", V8},
    {HS_KIND_JS_FUNCTION, HS_KIND_FEEDBACK_CELL, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "feedback_cell", V8},
    {HS_KIND_JS_FUNCTION, HS_KIND_CODE, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "code", V8},
    {HS_KIND_JS_FUNCTION, HS_KIND_MAP, HS_EDGE_INTERNAL, HS_ROLE_INITIAL_MAP, "initial_map", V8},
    {HS_KIND_JS_GENERATOR, HS_KIND_FIXED_ARRAY, HS_EDGE_INTERNAL, HS_ROLE_REGISTERS,
     "parameters_and_registers", V8},
    {HS_KIND_JS_GENERATOR, HS_KIND_JS_PROMISE, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "promise", OURS},
    {HS_KIND_JS_GLOBAL_OBJECT, HS_KIND_NATIVE_CONTEXT, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "native_context", V8},
    {HS_KIND_JS_GLOBAL_OBJECT, HS_KIND_JS_GLOBAL_PROXY, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "global_proxy", V8},
    {HS_KIND_JS_GLOBAL_PROXY, HS_KIND_NATIVE_CONTEXT, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "native_context", V8},
    {HS_KIND_NATIVE_CONTEXT, HS_KIND_JS_GLOBAL_OBJECT, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "global_object",
     OURS},
    {HS_KIND_NATIVE_CONTEXT, HS_KIND_JS_GLOBAL_PROXY, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "global_proxy_object",
     OURS},
    {HS_KIND_NATIVE_CONTEXT, HS_KIND_SCOPE_INFO, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "scope_info", V8},
    {HS_KIND_SCRIPT, HS_KIND_WEAK_FIXED_ARRAY, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "shared_function_infos",
     OURS},
    {HS_KIND_MAP, HS_KIND_PROTOTYPE_INFO, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "prototype_info", V8},
    {HS_KIND_MAP, HS_KIND_TRANSITION_ARRAY, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "transitions", V8},
    {HS_KIND_MAP, HS_KIND_WEAK_ARRAY_LIST, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "dependent_code", V8},
    {HS_KIND_MAP, HS_KIND_MAP, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "transition", V8},
    {HS_KIND_ALLOCATION_SITE, HS_KIND_WEAK_ARRAY_LIST, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "dependent_code", V8},
    {HS_KIND_ARRAY_BOILERPLATE, HS_KIND_FIXED_ARRAY, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "constant_elements",
     V8},
    {HS_KIND_ARRAY_BOILERPLATE, HS_KIND_FIXED_DOUBLE_ARRAY, HS_EDGE_INTERNAL, HS_ROLE_VALUE,
     "constant_elements", V8},
    {HS_KIND_DESCRIPTOR_ARRAY, HS_KIND_ENUM_CACHE, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "enum_cache", V8},
    {HS_KIND_FEEDBACK_VECTOR, HS_KIND_SHARED_FUNCTION_INFO, HS_EDGE_INTERNAL, HS_ROLE_VALUE,
     "shared_function_info", OURS},
    {HS_KIND_PROPERTY_CELL, HS_KIND_WEAK_ARRAY_LIST, HS_EDGE_INTERNAL, HS_ROLE_VALUE, "dependent_code", V8},
};

struct offset_name {
    int32_t offset;
    const char *name;
};

static struct hs_slot_name at_offset(const struct offset_name *rows, size_t count, int32_t offset) {
    for (size_t i = 0; i < count; i++)
        if (rows[i].offset == offset)
            return (struct hs_slot_name){rows[i].name, HS_EDGE_INTERNAL, HS_ROLE_VALUE, false};
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
        if (offset == l->property_cell_name)
            return (struct hs_slot_name){"name", HS_EDGE_INTERNAL, HS_ROLE_VALUE, true};
        ROWS({l->property_cell_value, "value"});
    case HS_KIND_SCRIPT:
        ROWS({l->script_source, "source"}, {l->script_name, "name"}, {l->script_line_ends, "line_ends"},
             {l->script_line_ends - 2 * (int32_t)l->tagged_size, "context_data"});
    case HS_KIND_SHARED_FUNCTION_INFO:
        ROWS({l->shared_name, "name_or_scope_info"},
             {l->shared_script, l->snapshot_script_or_debug_info ? "script_or_debug_info" : "script"},
             {l->shared_data,
              l->shared_untrusted_data == HS_ABSENT ? "function_data" : "trusted_function_data"},
             {l->shared_untrusted_data, "untrusted_function_data"},
             {l->shared_name + (int32_t)l->tagged_size, "raw_outer_scope_info_or_feedback_metadata"});
    case HS_KIND_OTHER:
        if (strcmp(hs_types_name(&v8->types, map->type), "AccessorInfo") != 0) break;
        ROWS({l->accessor_info_name, "name"}, {l->accessor_info_data, "data"},
             {l->accessor_info_setter, "setter"}, {l->accessor_info_getter, "getter"});
    case HS_KIND_WEAK_CELL: {
        int32_t weak = (int32_t)(hs_v8_weak_slots(v8, HS_KIND_WEAK_CELL, 0).first * l->tagged_size);
        ROWS({weak, "target"}, {weak + (int32_t)l->tagged_size, "unregister_token"});
    }
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
    if (word == 0) return (struct hs_slot_name){"map", HS_EDGE_INTERNAL, HS_ROLE_MAP, false};
    if (hs_kind_is_receiver(kind) && kind != HS_KIND_WASM_OBJECT) {
        /* V8 tells these of JSObjects that are no array buffers. */
        bool ours =
            kind == HS_KIND_JS_PROXY || kind == HS_KIND_JS_ARRAY_BUFFER || kind == HS_KIND_JS_GLOBAL_PROXY;
        if (word * l->tagged_size == (uint32_t)l->receiver_properties)
            return (struct hs_slot_name){"properties", HS_EDGE_INTERNAL, HS_ROLE_PROPERTIES, ours};
        if (kind != HS_KIND_JS_PROXY && word * l->tagged_size == (uint32_t)l->object_elements)
            return (struct hs_slot_name){"elements", HS_EDGE_INTERNAL, HS_ROLE_ELEMENTS, ours};
    }
    for (size_t i = 0; i < sizeof by_kind / sizeof *by_kind; i++)
        if (by_kind[i].kind == kind && by_kind[i].word == word)
            return (struct hs_slot_name){by_kind[i].name, by_kind[i].type, by_kind[i].role, by_kind[i].ours};
    if (kind == HS_KIND_OTHER && word <= 5) {
        const char *name = hs_types_name(&v8->types, map->type);
        if (word == 1 && strcmp(name, "SourceTextModule") == 0)
            return (struct hs_slot_name){"exports", HS_EDGE_INTERNAL, HS_ROLE_EXPORTS, true};
        for (size_t i = 0; i < sizeof by_type / sizeof *by_type; i++)
            if (strcmp(by_type[i].type, name) == 0)
                return (struct hs_slot_name){by_type[i].names[word - 1], HS_EDGE_INTERNAL, HS_ROLE_VALUE,
                                             strcmp(name, "Cell") != 0};
    }
    return by_layout(v8, map, word);
}

bool hs_slot_names_by_target(enum hs_kind owner) {
    for (size_t i = 0; i < sizeof by_target / sizeof *by_target; i++)
        if (by_target[i].owner == owner) return true;
    return false;
}

struct hs_slot_name hs_slot_name_by_target(enum hs_kind owner, enum hs_kind target) {
    if (owner == HS_KIND_JS_FUNCTION && hs_kind_is_receiver(target))
        return (struct hs_slot_name){"prototype", HS_EDGE_PROPERTY, HS_ROLE_VALUE, false};
    for (size_t i = 0; i < sizeof by_target / sizeof *by_target; i++)
        if (by_target[i].owner == owner && by_target[i].target == target)
            return (struct hs_slot_name){by_target[i].name, by_target[i].type, by_target[i].role,
                                         by_target[i].ours};
    return (struct hs_slot_name){0};
}

/* V8HeapExplorer::ExtractCodeReferences, ExtractInstructionStreamReferences. Where the instructions stand
 * with the code (V8 to 10.8), relocations come first and positions third. */
struct hs_slot_name hs_slot_name_of_code(const struct hs_v8 *v8, const struct hs_map *owner,
                                         const struct hs_map *target, uint32_t word, bool baseline) {
    bool of_instructions = strcmp(hs_types_name(&v8->types, owner->type), "InstructionStream") == 0;
    const char *name = NULL;
    switch ((enum hs_kind)target->kind) {
    case HS_KIND_CODE:
        if (!v8->layout.snapshot_code_is_handle) name = of_instructions ? "code" : "instruction_stream";
        break;
    case HS_KIND_BYTECODE_ARRAY:
        name = baseline && word <= 2 ? "interpreter_data" : NULL;
        break;
    case HS_KIND_FIXED_ARRAY:
        name = word <= 2 ? "deoptimization_data" : NULL;
        break;
    case HS_KIND_BYTE_ARRAY:
        if (word == 3 || (word == 2 && !of_instructions))
            name = baseline ? "bytecode_offset_table" : "source_position_table";
        else if (word <= 2) name = "relocation_info";
        break;
    default:
        break;
    }
    return (struct hs_slot_name){name, HS_EDGE_INTERNAL, HS_ROLE_VALUE, false};
}
