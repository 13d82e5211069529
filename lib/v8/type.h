/* Instance types of the V8 in the core: number -> name and kind.
 *
 * Numbers come from v8dbg `type_*` symbols and from the `*_map` roots (name of the root, instance type of the
 * map that stands there); never from a table. Names are V8's class names ("FixedArray", "JSArray"); a *kind*
 * is what the layers above switch on. A number that nobody named has kind HS_KIND_UNKNOWN (or
 * HS_KIND_JS_OBJECT when it lies in the range of JavaScript objects) and an empty name. Immutable after the
 * layout is resolved. */
#ifndef HS_V8_TYPE_H
#define HS_V8_TYPE_H

#include "base/types.h"

enum hs_kind {
    HS_KIND_UNKNOWN,
    /* values */
    HS_KIND_STRING, /* all of them; the representation is in the low bits of the number */
    HS_KIND_SYMBOL,
    HS_KIND_HEAP_NUMBER,
    HS_KIND_BIGINT,
    HS_KIND_ODDBALL,
    HS_KIND_HOLE,
    /* JavaScript objects: HS_KIND_JS_FIRST and up are receivers */
    HS_KIND_JS_OBJECT,     /* any JSObject that has no kind of its own */
    HS_KIND_JS_API_OBJECT, /* JS_API_OBJECT range and JS_SPECIAL_API_OBJECT: class name from the template */
    HS_KIND_JS_PROXY,      /* a receiver, but not a JSObject */
    HS_KIND_JS_GLOBAL_OBJECT,
    HS_KIND_JS_GLOBAL_PROXY,
    HS_KIND_JS_FUNCTION,
    HS_KIND_JS_BOUND_FUNCTION,
    HS_KIND_JS_WRAPPED_FUNCTION,
    HS_KIND_JS_ARRAY,
    HS_KIND_JS_ARRAY_BUFFER,
    HS_KIND_JS_TYPED_ARRAY,
    HS_KIND_JS_DATA_VIEW,
    HS_KIND_JS_MAP,
    HS_KIND_JS_SET,
    HS_KIND_JS_WEAK_MAP,
    HS_KIND_JS_WEAK_SET,
    HS_KIND_JS_WEAK_REF,
    HS_KIND_JS_FINALIZATION_REGISTRY,
    HS_KIND_JS_PROMISE,
    HS_KIND_JS_GENERATOR, /* generators, async functions, async generators */
    HS_KIND_JS_REGEXP,
    HS_KIND_JS_DATE,
    HS_KIND_JS_ERROR,
    HS_KIND_JS_ARGUMENTS,
    HS_KIND_JS_PRIMITIVE_WRAPPER,
    HS_KIND_WASM_OBJECT, /* WasmStruct, WasmArray: receivers without JSObject header */
    /* V8's own */
    HS_KIND_MAP,
    HS_KIND_FILLER,
    HS_KIND_FREE_SPACE,
    HS_KIND_FIXED_ARRAY,  /* tagged elements: FixedArray and everything laid out like it (hash tables,
                             dictionaries) */
    HS_KIND_STRING_TABLE, /* V8's own table of names, whose entries are weak (on the heap until V8 8.4) */
    HS_KIND_EPHEMERON_HASH_TABLE,
    HS_KIND_NAME_DICTIONARY,
    HS_KIND_GLOBAL_DICTIONARY,
    HS_KIND_NUMBER_DICTIONARY,
    HS_KIND_ORDERED_HASH_MAP,
    HS_KIND_ORDERED_HASH_SET,
    HS_KIND_FIXED_DOUBLE_ARRAY,
    HS_KIND_BYTE_ARRAY,
    HS_KIND_PROPERTY_ARRAY,
    HS_KIND_WEAK_FIXED_ARRAY,
    HS_KIND_WEAK_ARRAY_LIST,
    HS_KIND_ARRAY_LIST,
    HS_KIND_TRANSITION_ARRAY,
    HS_KIND_DESCRIPTOR_ARRAY,
    HS_KIND_ENUM_CACHE,
    HS_KIND_PROTOTYPE_INFO,
    HS_KIND_CONTEXT,
    HS_KIND_NATIVE_CONTEXT,
    HS_KIND_SHARED_FUNCTION_INFO,
    HS_KIND_SCRIPT,
    HS_KIND_SCOPE_INFO,
    HS_KIND_CODE, /* Code, InstructionStream */
    HS_KIND_BYTECODE_ARRAY,
    HS_KIND_FEEDBACK_VECTOR,
    HS_KIND_FEEDBACK_METADATA,
    HS_KIND_FEEDBACK_CELL,
    HS_KIND_CLOSURE_FEEDBACK_CELL_ARRAY,
    HS_KIND_ALLOCATION_SITE,
    HS_KIND_ARRAY_BOILERPLATE,
    HS_KIND_OBJECT_BOILERPLATE,
    HS_KIND_UNCOMPILED_DATA,
    HS_KIND_PREPARSE_DATA,
    HS_KIND_FUNCTION_TEMPLATE_INFO,
    HS_KIND_PROPERTY_CELL,
    HS_KIND_ACCESSOR_PAIR,
    HS_KIND_WEAK_CELL,
    HS_KIND_CODE_OTHER, /* LoadHandler, StoreHandler, InterpreterData, RegExp boilerplate … : `code` to the
                           snapshot */
    HS_KIND_OTHER,      /* named, without a kind of its own */
    HS_KIND_COUNT
};
#define HS_KIND_JS_FIRST HS_KIND_JS_OBJECT
#define HS_KIND_JS_LAST HS_KIND_WASM_OBJECT

static inline bool hs_kind_is_receiver(enum hs_kind kind) {
    return kind >= HS_KIND_JS_FIRST && kind <= HS_KIND_JS_LAST;
}

struct hs_type {
    char name[56]; /* V8's class name, "" if unknown */
    uint16_t number;
    uint8_t kind;       /* enum hs_kind */
    uint8_t provenance; /* enum hs_provenance of layout.h */
};

struct hs_v8_symbols;
struct hs_types {
    struct hs_type *items; /* indexed by number */
    uint32_t count;        /* numbers at or above are unknown */
    uint16_t first_nonstring;
    uint16_t first_receiver; /* lowest number of a JavaScript receiver */
    uint16_t map;            /* MAP_TYPE */
    bool narrow_strings;     /* string types have two bits of representation and 4 for one byte (V8 to 5.5) */
    bool typed_array_header; /* typed arrays on the heap have a header of their own (V8 to 7.4) */
};

/* String representation: low 3 bits of an instance type below first_nonstring (instance-type.h; v8dbg
 * *StringTag). */
enum hs_string_form {
    HS_STRING_SEQ = 0,
    HS_STRING_CONS = 1,
    HS_STRING_EXTERNAL = 2,
    HS_STRING_SLICED = 3,
    HS_STRING_THIN = 5
};
static inline enum hs_string_form hs_string_form(uint16_t type) {
    return (enum hs_string_form)(type & 7);
}
static inline bool hs_string_one_byte(uint16_t type) {
    return type & 8;
}

/* The number by which the layers above know a type: string types in today's coding, all others as they are.
 */
static inline uint16_t hs_types_normal(const struct hs_types *types, uint16_t number) {
    if (!types->narrow_strings || number >= types->first_nonstring) return number;
    return (uint16_t)((number & 3) | (number & 4 ? 8 : 0));
}

/* The type's name, "" if unknown; never NULL. */
const char *hs_types_name(const struct hs_types *types, uint16_t number);
/* Number of the type with V8 class name `name`; false if there is none. */
bool hs_types_find(const struct hs_types *types, const char *name, uint16_t *ret);
static inline enum hs_kind hs_types_kind(const struct hs_types *types, uint16_t number) {
    if (number < types->first_nonstring) return HS_KIND_STRING;
    return number < types->count ? (enum hs_kind)types->items[number].kind : HS_KIND_UNKNOWN;
}

#endif
