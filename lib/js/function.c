#include "js/function.h"

#include "js/property.h"
#include "js/scope.h"
#include "js/script.h"

/* Below it stand two flags, and in the lower half of a word the mark of a Smi (V8 to 6.8; objects.h
 * PSEUDO_SMI). */
enum { START_POSITION_SHIFT = 2 };

static bool field(const struct hs_js *js, hs_tagged object, int32_t offset, hs_tagged *ret) {
    return offset != HS_ABSENT && hs_v8_word(js->v8, hs_untag(object) + (hs_addr)offset, ret);
}

/* UncompiledData, in either of the two data fields; 0 if the function is compiled. */
static hs_tagged uncompiled_data(struct hs_js *js, hs_tagged shared) {
    const int32_t offsets[] = {js->v8->layout.shared_data, js->v8->layout.shared_untrusted_data};
    for (int i = 0; i < 2; i++) {
        hs_tagged data;
        if (field(js, shared, offsets[i], &data) && hs_js_kind(js, data) == HS_KIND_UNCOMPILED_DATA)
            return data;
    }
    return 0;
}

const char *hs_js_template_class_name(struct hs_js *js, hs_tagged info) {
    hs_tagged name;
    if (hs_js_kind(js, info) != HS_KIND_FUNCTION_TEMPLATE_INFO) return NULL;
    if (!field(js, info, js->v8->layout.template_class_name, &name)) return NULL;
    return hs_js_kind(js, name) == HS_KIND_STRING ? hs_js_text(js, name) : NULL;
}

static const char *api_class_name(struct hs_js *js, hs_tagged shared) {
    const int32_t offsets[] = {js->v8->layout.shared_data, js->v8->layout.shared_untrusted_data};
    for (int i = 0; i < 2; i++) {
        hs_tagged data;
        const char *name = field(js, shared, offsets[i], &data) ? hs_js_template_class_name(js, data) : NULL;
        if (name) return name;
    }
    return NULL;
}

static void load(struct hs_js *js, hs_tagged shared, struct hs_js_function *function) {
    const struct hs_layout *l = &js->v8->layout;
    struct hs_js_scope scope = {.start = -1};
    hs_tagged word, inferred = 0;
    function->name = "";
    if (field(js, shared, l->shared_name, &word)) {
        if (hs_js_kind(js, word) == HS_KIND_STRING) function->name = hs_js_text(js, word);
        else if (hs_js_scope_read(js->v8, word, &scope)) {
            if (scope.name) function->name = hs_js_text(js, scope.name);
            inferred = scope.inferred;
        }
    }
    hs_tagged data = uncompiled_data(js, shared);
    if (!inferred && data && field(js, data, l->uncompiled_inferred_name, &word)) inferred = word;
    if (!inferred && field(js, shared, l->shared_inferred_name, &word)) inferred = word;
    uint32_t start;
    if (scope.start < 0 && l->shared_start_position != HS_ABSENT &&
        hs_v8_u32(js->v8, hs_untag(shared) + (hs_addr)l->shared_start_position, &start))
        scope.start = start >> START_POSITION_SHIFT;
    if (scope.start < 0 && data && l->uncompiled_start != HS_ABSENT &&
        hs_v8_u32(js->v8, hs_untag(data) + (hs_addr)l->uncompiled_start, &start) && start < 1u << 30)
        scope.start = start;

    function->debug_name = function->name;
    if (!*function->name && inferred && hs_js_kind(js, inferred) == HS_KIND_STRING)
        function->debug_name = hs_js_text(js, inferred);
    function->line = function->column = -1;
    function->class_name = api_class_name(js, shared);
    if (!field(js, shared, l->shared_script, &word)) return;
    const struct hs_js_script *script = hs_js_script_get(js, word);
    if (!script) return;
    function->script = script->name;
    if (scope.start >= 0)
        hs_js_script_locate(script, (uint32_t)scope.start, &function->line, &function->column);
}

const struct hs_js_function *hs_js_function_get(struct hs_js *js, hs_tagged shared) {
    if (hs_js_kind(js, shared) != HS_KIND_SHARED_FUNCTION_INFO) return NULL;
    hs_addr address = hs_untag(shared);
    const uint64_t *known = hs_address_map_find(&js->functions, address);
    if (known) return (const struct hs_js_function *)(uintptr_t)*known;
    struct hs_js_function *function = hs_js_alloc(js, sizeof *function);
    if (!function || !hs_address_map_put(&js->functions, address, (uint64_t)(uintptr_t)function, NULL)) {
        js->failed = true;
        return NULL;
    }
    load(js, shared, function);
    return function;
}

hs_tagged hs_js_function_shared(struct hs_js *js, hs_tagged function) {
    hs_tagged shared;
    if (hs_js_kind(js, function) != HS_KIND_JS_FUNCTION) return 0;
    if (!field(js, function, js->v8->layout.function_shared, &shared)) return 0;
    return hs_js_kind(js, shared) == HS_KIND_SHARED_FUNCTION_INFO ? shared : 0;
}

const char *hs_js_function_constructor_name(struct hs_js *js, hs_tagged function,
                                            const struct hs_js_function *info) {
    struct hs_map map;
    if (!js->v8->layout.snapshot_own_names || !hs_js_map(js, function, &map)) return info->debug_name;
    struct hs_js_properties it;
    struct hs_js_property property;
    hs_tagged value;
    hs_js_properties_begin(js, hs_untag(function), &map, &it);
    while (hs_js_properties_next(&it, &property))
        if (hs_js_is_name_string(js, property.key)) {
            /* A native accessor is the initial state: the name of the SharedFunctionInfo. */
            bool own = !hs_js_property_is_accessor(js, &property) &&
                       hs_js_property_value(&it, &property, &value) &&
                       hs_js_kind(js, value) == HS_KIND_STRING;
            return own ? hs_js_text(js, value) : info->debug_name;
        }
    return info->debug_name;
}
