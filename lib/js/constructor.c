#include "js/constructor.h"

#include <string.h>
#include "base/strbuf.h"
#include "js/function.h"
#include "js/property.h"

/* What an object on a prototype chain says about those that inherit from it. */
struct hs_js_holder {
    const char *tag;               /* own Symbol.toStringTag, NULL if none */
    bool has_tag, has_constructor; /* own properties, whatever they hold */
    const char *name;              /* name of own `constructor`, NULL if none that counts */
    hs_tagged shared;              /* SharedFunctionInfo of that constructor */
    hs_tagged next;                /* its prototype */
};

static bool counts(const char *name) {
    return *name && strcmp(name, "Object") != 0;
}

hs_tagged hs_js_map_constructor(struct hs_js *js, const struct hs_map *map) {
    struct hs_map at = *map;
    /* The slot holds another map (the back pointer) or the constructor. */
    for (int i = 0;; i++) {
        int32_t index = hs_maps_find(&js->maps, js->v8, at.constructor);
        if (index < 0) break;
        if (i == HS_JS_CHAIN) return 0;
        at = js->maps.items[index];
    }
    hs_tagged constructor = at.constructor;
    /* {constructor, non-instance prototype} (Map::GetConstructor) */
    int32_t type = hs_v8_type_of(js->v8, constructor);
    if (type >= 0 && strcmp(hs_types_name(&js->v8->types, (uint16_t)type), "Tuple2") == 0 &&
        !hs_v8_word(js->v8, hs_untag(constructor) + js->v8->layout.tagged_size, &constructor))
        return 0;
    return constructor;
}

/* Until V8 4.6 an object whose constructor has no name is called as its prototype is
 * (JSReceiver::constructor_name). */
static bool from_prototypes(struct hs_js *js, const struct hs_map *map, struct hs_js_constructor *ret) {
    struct hs_map at = *map;
    for (int i = 0; i < HS_JS_PROTOTYPES && hs_js_map(js, at.prototype, &at); i++) {
        hs_tagged shared = hs_js_function_shared(js, hs_js_map_constructor(js, &at));
        const struct hs_js_function *function = shared ? hs_js_function_get(js, shared) : NULL;
        if (!function) return false;
        if (!*function->debug_name) continue;
        *ret = (struct hs_js_constructor){function->debug_name, shared};
        return counts(function->debug_name);
    }
    return false;
}

/* The constructor on the map, where it tells: the object was made by `new` of it. */
static bool from_map(struct hs_js *js, const struct hs_map *map, struct hs_js_constructor *ret) {
    const struct hs_layout *l = &js->v8->layout;
    if (map->kind == HS_KIND_JS_PROXY || !hs_map_new_target_is_base(l, map) || hs_map_is_prototype(l, map))
        return false;
    hs_tagged constructor = hs_js_map_constructor(js, map);
    hs_tagged shared = hs_js_function_shared(js, constructor);
    if (shared) {
        const struct hs_js_function *function = hs_js_function_get(js, shared);
        const char *name = function ? hs_js_function_constructor_name(js, constructor, function) : "";
        if (!*name && l->snapshot_map_names) return from_prototypes(js, map, ret);
        if (!counts(name)) return false;
        *ret = (struct hs_js_constructor){name, shared};
        return true;
    }
    const char *name = hs_js_template_class_name(js, constructor);
    if (!name) return false;
    *ret = (struct hs_js_constructor){name, 0};
    return true;
}

bool hs_js_constructor_is_of_map(struct hs_js *js, const struct hs_map *map) {
    struct hs_js_constructor constructor;
    return from_map(js, map, &constructor);
}

static void read_holder(struct hs_js *js, hs_addr object, const struct hs_map *map,
                        struct hs_js_holder *ret) {
    *ret = (struct hs_js_holder){.next = map->prototype};
    struct hs_js_properties it;
    struct hs_js_property property;
    hs_tagged value;
    hs_js_properties_begin(js, object, map, &it);
    while (hs_js_properties_next(&it, &property)) {
        bool tag = hs_js_is_to_string_tag(js, property.key);
        if (!tag && !hs_js_is_constructor_string(js, property.key)) continue;
        if (tag) ret->has_tag = true;
        else ret->has_constructor = true;
        if (hs_js_property_is_accessor(js, &property) || !hs_js_property_value(&it, &property, &value))
            continue;
        if (tag) {
            if (hs_js_kind(js, value) == HS_KIND_STRING) ret->tag = hs_js_text(js, value);
            continue;
        }
        hs_tagged shared = hs_js_function_shared(js, value);
        const struct hs_js_function *function = shared ? hs_js_function_get(js, shared) : NULL;
        const char *name = function ? hs_js_function_constructor_name(js, value, function) : "";
        if (counts(name)) {
            ret->name = name;
            ret->shared = shared;
        }
    }
}

static const struct hs_js_holder *holder_of(struct hs_js *js, hs_tagged object) {
    struct hs_map map;
    if (!hs_js_map(js, object, &map) || !hs_kind_is_receiver((enum hs_kind)map.kind)) return NULL;
    hs_addr address = hs_untag(object);
    const uint64_t *known = hs_address_map_find(&js->holders, address);
    if (known) return (const struct hs_js_holder *)(uintptr_t)*known;
    struct hs_js_holder *holder = hs_js_alloc(js, sizeof *holder);
    if (!holder || !hs_address_map_put(&js->holders, address, (uint64_t)(uintptr_t)holder, NULL)) {
        js->failed = true;
        return NULL;
    }
    read_holder(js, address, &map, holder);
    return holder;
}

/* Until V8 9.6 (JSReceiver::GetConstructorName) two look-ups, each of which ends at the first property that
 * it finds: Symbol.toStringTag along the whole chain, then `constructor` of the prototypes. */
static bool from_lookups(struct hs_js *js, const struct hs_js_holder *own, struct hs_js_constructor *ret) {
    for (int by_constructor = 0; by_constructor < 2; by_constructor++) {
        const struct hs_js_holder *holder = by_constructor ? holder_of(js, own->next) : own;
        for (int i = 0; holder && i < HS_JS_PROTOTYPES; i++, holder = holder_of(js, holder->next)) {
            if (!(by_constructor ? holder->has_constructor : holder->has_tag)) continue;
            const char *name = by_constructor ? holder->name : holder->tag;
            if (!name) break;
            *ret = (struct hs_js_constructor){name, by_constructor ? holder->shared : 0};
            return true;
        }
    }
    return false;
}

static bool from_chain(struct hs_js *js, hs_addr object, const struct hs_map *map,
                       struct hs_js_constructor *ret) {
    struct hs_js_holder own;
    read_holder(js, object, map, &own);
    if (js->v8->layout.snapshot_map_names) {
        if (own.name) *ret = (struct hs_js_constructor){own.name, own.shared};
        return own.name != NULL;
    }
    if (js->v8->layout.snapshot_first_names) return from_lookups(js, &own, ret);
    if (own.tag) {
        *ret = (struct hs_js_constructor){own.tag, 0};
        return true;
    }
    const struct hs_js_holder *holder = &own;
    for (int i = 0; i < HS_JS_PROTOTYPES; i++) {
        holder = holder_of(js, holder->next);
        if (!holder) break;
        if (holder->tag) {
            *ret = (struct hs_js_constructor){holder->tag, 0};
            return true;
        }
        if (holder->name) {
            *ret = (struct hs_js_constructor){holder->name, holder->shared};
            return true;
        }
    }
    return false;
}

unsigned hs_js_element_size(struct hs_js *js, const struct hs_map *map) {
    static const struct {
        const char *name;
        unsigned size;
    } arrays[] = {{"Uint8Array", 1},   {"Int8Array", 1},    {"Uint8ClampedArray", 1}, {"Int16Array", 2},
                  {"Uint16Array", 2},  {"Float16Array", 2}, {"Int32Array", 4},        {"Uint32Array", 4},
                  {"Float32Array", 4}, {"Float64Array", 8}, {"BigInt64Array", 8},     {"BigUint64Array", 8}};
    hs_tagged prototype = map->prototype;
    for (int i = 0; i < HS_JS_PROTOTYPES; i++) {
        const struct hs_js_holder *holder = holder_of(js, prototype);
        if (!holder) break;
        for (size_t k = 0; holder->name && k < sizeof arrays / sizeof *arrays; k++)
            if (strcmp(holder->name, arrays[k].name) == 0) return arrays[k].size;
        prototype = holder->next;
    }
    return 1;
}

static const char *wrapper_class(struct hs_js *js, hs_addr object) {
    hs_tagged value;
    if (!hs_v8_word(js->v8, object + (hs_addr)js->v8->layout.wrapper_value, &value)) return "Object";
    if (hs_is_smi(&js->v8->layout, value)) return "Number";
    switch (hs_js_kind(js, value)) {
    case HS_KIND_STRING:
        return "String";
    case HS_KIND_HEAP_NUMBER:
        return "Number";
    case HS_KIND_BIGINT:
        return "BigInt";
    case HS_KIND_SYMBOL:
        return "Symbol";
    case HS_KIND_ODDBALL:
        return "Boolean";
    case HS_KIND_SCRIPT:
        return "Script";
    default:
        return "Object";
    }
}

/* JSReceiver::class_name() */
static const char *class_name(struct hs_js *js, hs_addr object, const struct hs_map *map) {
    switch ((enum hs_kind)map->kind) {
    case HS_KIND_JS_FUNCTION:
    case HS_KIND_JS_BOUND_FUNCTION:
    case HS_KIND_JS_WRAPPED_FUNCTION:
        return "Function";
    case HS_KIND_JS_ARGUMENTS:
        return "Arguments";
    case HS_KIND_JS_ARRAY:
        return "Array";
    case HS_KIND_JS_ARRAY_BUFFER:
        return "ArrayBuffer";
    case HS_KIND_JS_DATE:
        return "Date";
    case HS_KIND_JS_ERROR:
        return "Error";
    case HS_KIND_JS_GENERATOR:
        return "Generator";
    case HS_KIND_JS_MAP:
        return "Map";
    case HS_KIND_JS_SET:
        return "Set";
    case HS_KIND_JS_REGEXP:
        return "RegExp";
    case HS_KIND_JS_PRIMITIVE_WRAPPER:
        return wrapper_class(js, object);
    case HS_KIND_JS_WEAK_MAP:
        return "WeakMap";
    case HS_KIND_JS_WEAK_SET:
        return "WeakSet";
    case HS_KIND_JS_GLOBAL_PROXY:
        if (!js->v8->layout.snapshot_own_names) return "global";
        break;
    default:
        break;
    }
    hs_tagged constructor = hs_js_map_constructor(js, map), shared = hs_js_function_shared(js, constructor);
    const struct hs_js_function *function = shared ? hs_js_function_get(js, shared) : NULL;
    const char *name = function ? function->class_name : hs_js_template_class_name(js, constructor);
    return name ? name : "Object";
}

void hs_js_constructor_get(struct hs_js *js, hs_addr object, const struct hs_map *map,
                           struct hs_js_constructor *ret) {
    *ret = (struct hs_js_constructor){"", 0};
    if (!hs_kind_is_receiver((enum hs_kind)map->kind)) return;
    if (!from_map(js, map, ret) && !from_chain(js, object, map, ret))
        *ret = (struct hs_js_constructor){hs_names_put(&js->names, class_name(js, object, map)), 0};
    bool proxy = map->kind == HS_KIND_JS_GLOBAL_PROXY;
    if (!js->v8->layout.snapshot_own_names || (!proxy && map->kind != HS_KIND_JS_GLOBAL_OBJECT)) return;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_strbuf_printf(&text, proxy ? "%s (global)" : "%s (global*)", ret->name);
    if (text.failed) js->failed = true;
    ret->name = hs_names_intern(&js->names, text.data, text.size);
}
