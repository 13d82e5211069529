#include "v8/type_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "v8/layout.h"

enum { TYPE_LIMIT = 1 << 13 }; /* instance types are 16 bits; V8 uses the first 2200 */

/* What the layers above switch on, by V8's class name (src/objects/instance-type.h and
 * objects-definitions.h). */
static const struct {
    const char *name;
    enum hs_kind kind;
} kinds[] = {
    {"Symbol", HS_KIND_SYMBOL},
    {"HeapNumber", HS_KIND_HEAP_NUMBER},
    {"MutableHeapNumber", HS_KIND_HEAP_NUMBER},
    {"BigInt", HS_KIND_BIGINT},
    {"BigIntBase", HS_KIND_BIGINT},
    {"Bigint", HS_KIND_BIGINT},
    {"Oddball", HS_KIND_ODDBALL},
    {"Hole", HS_KIND_HOLE},
    {"JSProxy", HS_KIND_JS_PROXY},
    {"JSGlobalObject", HS_KIND_JS_GLOBAL_OBJECT},
    {"JSGlobalProxy", HS_KIND_JS_GLOBAL_PROXY},
    {"JSFunction", HS_KIND_JS_FUNCTION},
    {"JSBoundFunction", HS_KIND_JS_BOUND_FUNCTION},
    {"JSWrappedFunction", HS_KIND_JS_WRAPPED_FUNCTION},
    {"JSArray", HS_KIND_JS_ARRAY},
    {"JSArrayBuffer", HS_KIND_JS_ARRAY_BUFFER},
    {"JSTypedArray", HS_KIND_JS_TYPED_ARRAY},
    {"JSDetachedTypedArray", HS_KIND_JS_TYPED_ARRAY},
    {"JSDataView", HS_KIND_JS_DATA_VIEW},
    {"JSRabGsabDataView", HS_KIND_JS_DATA_VIEW},
    {"JSMap", HS_KIND_JS_MAP},
    {"JSSet", HS_KIND_JS_SET},
    {"JSWeakMap", HS_KIND_JS_WEAK_MAP},
    {"JSWeakSet", HS_KIND_JS_WEAK_SET},
    {"JSWeakRef", HS_KIND_JS_WEAK_REF},
    {"JSFinalizationRegistry", HS_KIND_JS_FINALIZATION_REGISTRY},
    {"JSPromise", HS_KIND_JS_PROMISE},
    {"JSGeneratorObject", HS_KIND_JS_GENERATOR},
    {"JSAsyncFunctionObject", HS_KIND_JS_GENERATOR},
    {"JSAsyncGeneratorObject", HS_KIND_JS_GENERATOR},
    {"JSRegExp", HS_KIND_JS_REGEXP},
    {"JSDate", HS_KIND_JS_DATE},
    {"JSError", HS_KIND_JS_ERROR},
    {"JSArgumentsObject", HS_KIND_JS_ARGUMENTS},
    {"JSPrimitiveWrapper", HS_KIND_JS_PRIMITIVE_WRAPPER},
    {"JSValue", HS_KIND_JS_PRIMITIVE_WRAPPER},
    {"WasmStruct", HS_KIND_WASM_OBJECT},
    {"WasmArray", HS_KIND_WASM_OBJECT},
    {"Map", HS_KIND_MAP},
    {"Filler", HS_KIND_FILLER},
    {"FreeSpace", HS_KIND_FREE_SPACE},
    {"FixedArray", HS_KIND_FIXED_ARRAY},
    {"HashTable", HS_KIND_FIXED_ARRAY},
    {"StringTable", HS_KIND_STRING_TABLE},
    {"SimpleNameDictionary", HS_KIND_FIXED_ARRAY},
    {"NameToIndexHashTable", HS_KIND_FIXED_ARRAY},
    {"RegisteredSymbolTable", HS_KIND_FIXED_ARRAY},
    {"OrderedNameDictionary", HS_KIND_FIXED_ARRAY},
    {"ScriptContextTable", HS_KIND_FIXED_ARRAY},
    {"ClassBoilerplate", HS_KIND_FIXED_ARRAY},
    {"EmbedderDataArray", HS_KIND_OTHER},
    {"TrustedFixedArray", HS_KIND_FIXED_ARRAY},
    {"ProtectedFixedArray", HS_KIND_FIXED_ARRAY},
    {"SloppyArgumentsElements", HS_KIND_FIXED_ARRAY},
    {"RegexpMatchInfo", HS_KIND_FIXED_ARRAY},
    {"RegExpMatchInfo", HS_KIND_FIXED_ARRAY},
    {"EphemeronHashTable", HS_KIND_EPHEMERON_HASH_TABLE},
    {"NameDictionary", HS_KIND_NAME_DICTIONARY},
    {"GlobalDictionary", HS_KIND_GLOBAL_DICTIONARY},
    {"NumberDictionary", HS_KIND_NUMBER_DICTIONARY},
    {"SimpleNumberDictionary", HS_KIND_NUMBER_DICTIONARY},
    {"OrderedHashMap", HS_KIND_ORDERED_HASH_MAP},
    {"OrderedHashSet", HS_KIND_ORDERED_HASH_SET},
    {"FixedDoubleArray", HS_KIND_FIXED_DOUBLE_ARRAY},
    {"ByteArray", HS_KIND_BYTE_ARRAY},
    {"BlockContext", HS_KIND_CONTEXT},
    {"CatchContext", HS_KIND_CONTEXT},
    {"DebugEvaluateContext", HS_KIND_CONTEXT},
    {"EvalContext", HS_KIND_CONTEXT},
    {"FunctionContext", HS_KIND_CONTEXT},
    {"ModuleContext", HS_KIND_CONTEXT},
    {"ScriptContext", HS_KIND_CONTEXT},
    {"WithContext", HS_KIND_CONTEXT},
    {"BoilerplateDescription", HS_KIND_FIXED_ARRAY},
    {"JSApiObject", HS_KIND_JS_API_OBJECT},
    {"JSSpecialApiObject", HS_KIND_JS_API_OBJECT},
    {"JSGlobalPropertyCell", HS_KIND_PROPERTY_CELL},
    {"TrustedByteArray", HS_KIND_BYTE_ARRAY},
    {"PropertyArray", HS_KIND_PROPERTY_ARRAY},
    {"WeakFixedArray", HS_KIND_WEAK_FIXED_ARRAY},
    {"TrustedWeakFixedArray", HS_KIND_WEAK_FIXED_ARRAY},
    {"ProtectedWeakFixedArray", HS_KIND_WEAK_FIXED_ARRAY},
    {"WeakArrayList", HS_KIND_WEAK_ARRAY_LIST},
    {"ArrayList", HS_KIND_ARRAY_LIST},
    {"TransitionArray", HS_KIND_TRANSITION_ARRAY},
    {"DescriptorArray", HS_KIND_DESCRIPTOR_ARRAY},
    {"StrongDescriptorArray", HS_KIND_DESCRIPTOR_ARRAY},
    {"EnumCache", HS_KIND_ENUM_CACHE},
    {"PrototypeInfo", HS_KIND_PROTOTYPE_INFO},
    {"NativeContext", HS_KIND_NATIVE_CONTEXT},
    {"SharedFunctionInfo", HS_KIND_SHARED_FUNCTION_INFO},
    {"Script", HS_KIND_SCRIPT},
    {"ScopeInfo", HS_KIND_SCOPE_INFO},
    {"Code", HS_KIND_CODE},
    {"CodeDataContainer", HS_KIND_OTHER},
    {"InstructionStream", HS_KIND_CODE},
    {"BytecodeArray", HS_KIND_BYTECODE_ARRAY},
    {"FeedbackVector", HS_KIND_FEEDBACK_VECTOR},
    {"FeedbackMetadata", HS_KIND_FEEDBACK_METADATA},
    {"FeedbackCell", HS_KIND_FEEDBACK_CELL},
    {"ClosureFeedbackCellArray", HS_KIND_CLOSURE_FEEDBACK_CELL_ARRAY},
    {"AllocationSite", HS_KIND_ALLOCATION_SITE},
    {"ArrayBoilerplateDescription", HS_KIND_ARRAY_BOILERPLATE},
    {"ObjectBoilerplateDescription", HS_KIND_OBJECT_BOILERPLATE},
    {"UncompiledDataWithPreparseDataAndJob", HS_KIND_UNCOMPILED_DATA},
    {"UncompiledDataWithPreparseData", HS_KIND_UNCOMPILED_DATA},
    {"UncompiledDataWithoutPreparseDataWithJob", HS_KIND_UNCOMPILED_DATA},
    {"UncompiledDataWithoutPreparseData", HS_KIND_UNCOMPILED_DATA},
    {"PreparseData", HS_KIND_PREPARSE_DATA},
    {"FunctionTemplateInfo", HS_KIND_FUNCTION_TEMPLATE_INFO},
    {"PropertyCell", HS_KIND_PROPERTY_CELL},
    {"GlobalPropertyCell", HS_KIND_PROPERTY_CELL},
    {"AccessorPair", HS_KIND_ACCESSOR_PAIR},
    {"WeakCell", HS_KIND_WEAK_CELL},
    {"InterpreterData", HS_KIND_CODE_OTHER},
    {"LoadHandler", HS_KIND_CODE_OTHER},
    {"StoreHandler", HS_KIND_CODE_OTHER},
    {"RegExpBoilerplateDescription", HS_KIND_CODE_OTHER},
    {"TemplateObjectDescription", HS_KIND_CODE_OTHER},
};

static enum hs_kind kind_of_name(const char *name) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0) return kinds[i].kind;
    size_t length = strlen(name);
    if (length > 10 && strcmp(name + length - 5, "Array") == 0 &&
        (strncmp(name, "External", 8) == 0 || strncmp(name, "FixedInt", 8) == 0 ||
         strncmp(name, "FixedUint", 9) == 0 || strncmp(name, "FixedFloat", 10) == 0 ||
         strncmp(name, "FixedBig", 8) == 0))
        return HS_KIND_BYTE_ARRAY; /* typed elements on the heap, V8 to 7.4 */
    if (strncmp(name, "Turbofan", 8) == 0 || strncmp(name, "Turboshaft", 10) == 0) return HS_KIND_CODE_OTHER;
    return HS_KIND_OTHER;
}

static struct hs_error *reserve(struct hs_types *types, uint32_t count) {
    if (count <= types->count) return NULL;
    struct hs_type *grown = realloc(types->items, count * sizeof *grown);
    if (!grown) return HS_ENOMEM;
    types->items = grown;
    for (uint32_t i = types->count; i < count; i++)
        grown[i] = (struct hs_type){.number = (uint16_t)i, .kind = HS_KIND_UNKNOWN};
    types->count = count;
    return NULL;
}

struct hs_error *hs_types_add(struct hs_types *types, int32_t number, const char *name, size_t length,
                              int provenance) {
    if (number < 0 || number >= TYPE_LIMIT || length >= sizeof types->items->name) return NULL;
    HS_TRY(reserve(types, (uint32_t)number + 1));
    struct hs_type *type = &types->items[number];
    if (type->name[0]) return NULL; /* first source wins: symbols before roots */
    memcpy(type->name, name, length);
    type->name[length] = '\0';
    type->kind = (uint8_t)kind_of_name(type->name);
    type->provenance = (uint8_t)provenance;
    return NULL;
}

struct adding {
    struct hs_types *types;
    struct hs_error *error;
};

/* v8dbg_type_<Class>__<NAME>_TYPE */
static void add_symbol(void *context, const char *name, int32_t value) {
    struct adding *adding = context;
    if (adding->error || strncmp(name, "type_", 5) != 0) return;
    const char *end = strstr(name + 5, "__");
    if (!end) return;
    /* DependentCode is an alias for the number of WeakArrayList (V8 13). */
    if (strncmp(name + 5, "DependentCode__", 15) == 0) return;
    if (value < adding->types->first_nonstring) return;
    /* The class part is that of the symbol before in V8 to 6.6. */
    if (strcmp(end, "__SYMBOL_TYPE") == 0) {
        adding->error = hs_types_add(adding->types, value, "Symbol", 6, HS_FROM_SYMBOL);
        return;
    }
    adding->error = hs_types_add(adding->types, value, name + 5, (size_t)(end - name - 5), HS_FROM_SYMBOL);
}

static void set_range(struct hs_types *types, int32_t first, int32_t last, const char *name,
                      enum hs_kind kind) {
    if (first < 0 || last < first || last >= TYPE_LIMIT) return;
    struct hs_error *error = reserve(types, (uint32_t)last + 1);
    if (error) {
        hs_error_destroy(error);
        return;
    }
    for (int32_t i = first; i <= last; i++) {
        struct hs_type *type = &types->items[i];
        if (!type->name[0]) {
            snprintf(type->name, sizeof type->name, "%s", name);
            type->provenance = HS_FROM_SYMBOL;
        }
        if (type->kind == HS_KIND_UNKNOWN || type->kind == HS_KIND_OTHER) type->kind = (uint8_t)kind;
    }
}

/* The ten contexts have no type_ symbols, only First/LastContextType; instance-type.h sorts them by name. */
static void set_contexts(struct hs_types *types, int32_t first, int32_t last) {
    static const char *const names[] = {
        "AwaitContext",    "BlockContext",  "CatchContext",  "DebugEvaluateContext", "EvalContext",
        "FunctionContext", "ModuleContext", "NativeContext", "ScriptContext",        "WithContext"};
    enum { COUNT = sizeof names / sizeof *names };
    int skip = COUNT - 1 - (last - first); /* AwaitContext came with V8 7.1 */
    for (int i = skip; (skip == 0 || skip == 1) && i < COUNT; i++)
        set_range(types, first + i - skip, first + i - skip, names[i],
                  i == 7 ? HS_KIND_NATIVE_CONTEXT : HS_KIND_CONTEXT);
    set_range(types, first, last, "Context", HS_KIND_CONTEXT);
}

/* Receivers are the top of the enum: from the lowest of the special ones on. Those of WebAssembly are
 * receivers from V8 9.3 on, and then stand right before JSProxy; before they were plain objects with other
 * plain objects behind them (instance-type.h). */
static void find_first_receiver(struct hs_types *types) {
    static const char *const lowest[] = {"JSFunctionProxy", "JSProxy", "JSGlobalObject", "JSMessageObject"};
    uint16_t number, array, structure;
    types->first_receiver = UINT16_MAX;
    for (size_t i = 0; i < sizeof lowest / sizeof *lowest; i++)
        if (hs_types_find(types, lowest[i], &number) && number < types->first_receiver)
            types->first_receiver = number;
    if (hs_types_find(types, "WasmArray", &array) && hs_types_find(types, "WasmStruct", &structure) &&
        structure == array + 1 && structure + 1 == types->first_receiver)
        types->first_receiver = array;
}

struct hs_error *hs_types_resolve(const struct hs_v8_symbols *symbols, struct hs_types *types) {
    int32_t value, last;
    if (!hs_v8_symbols_constant(symbols, "FirstNonstringType", &value) || value < 8 || value > 0x4000)
        return hs_error_create(HS_ERROR_LAYOUT, "V8 %s: FirstNonstringType is not known",
                               symbols->version_text);
    types->first_nonstring = (uint16_t)value;
    types->narrow_strings = (hs_v8_symbols_constant(symbols, "OneByteStringTag", &value) ||
                             hs_v8_symbols_constant(symbols, "AsciiStringTag", &value)) &&
                            value == 4;
    struct adding adding = {.types = types};
    hs_v8_symbols_each(symbols, add_symbol, &adding);
    if (adding.error) return adding.error;
    uint16_t number;
    if (!hs_types_find(types, "Map", &number))
        return hs_error_create(HS_ERROR_LAYOUT, "V8 %s: MAP_TYPE is not known (v8dbg_type_Map__MAP_TYPE)",
                               symbols->version_text);
    types->map = number;

    HS_TRY(hs_types_fill(types, symbols->version[0] * 100 + symbols->version[1]));
    if (hs_v8_symbols_constant(symbols, "FirstContextType", &value) &&
        hs_v8_symbols_constant(symbols, "LastContextType", &last))
        set_contexts(types, value, last);
    /* JSGeneratorObject stands right before its subclasses (instance-type.h keeps a class tree contiguous).
     */
    if (hs_types_find(types, "JSAsyncFunctionObject", &number) && number > 0 &&
        !types->items[number - 1].name[0])
        HS_TRY(hs_types_add(types, number - 1, "JSGeneratorObject", 17, HS_FROM_DERIVED));
    if (hs_v8_symbols_constant(symbols, "APIObjectType", &value)) {
        /* JS_API_OBJECT_TYPE .. JS_LAST_DUMMY_API_OBJECT_TYPE: 1001 numbers (instance-type.h: kEmbedder
         * ranges); one until V8 9.4, where other types follow. */
        int32_t end = value;
        while (end < value + 1000 && ((uint32_t)end + 1 >= types->count || !types->items[end + 1].name[0]))
            end++;
        set_range(types, value, end, "JSApiObject", HS_KIND_JS_API_OBJECT);
    }
    if (hs_v8_symbols_constant(symbols, "SpecialAPIObjectType", &value))
        set_range(types, value, value, "JSSpecialApiObject", HS_KIND_JS_API_OBJECT);
    if (hs_v8_symbols_constant(symbols, "FirstJSFunctionType", &value) &&
        hs_v8_symbols_constant(symbols, "LastJSFunctionType", &last))
        set_range(types, value, last, "JSFunction", HS_KIND_JS_FUNCTION);
    else if (hs_types_find(types, "JSFunction", &number)) {
        /* Before V8 12 the range has no symbols: JSFunction and the unnamed numbers after it, which are the
         * constructors of builtins (TypedArray…, Array, Promise, RegExp, class constructors;
         * instance-type.h). */
        uint32_t end = number;
        while (end + 1 < types->count && end + 1 <= number + 15u && !types->items[end + 1].name[0]) end++;
        set_range(types, number, (int32_t)end, "JSFunction", HS_KIND_JS_FUNCTION);
    }

    find_first_receiver(types);
    if (types->first_receiver == UINT16_MAX)
        return hs_error_create(HS_ERROR_LAYOUT, "V8 %s: the first JavaScript object type is not known",
                               symbols->version_text);
    return NULL;
}

/* "ephemeron_hash_table" -> "EphemeronHashTable" */
static size_t camel(const char *root, size_t length, char *ret, size_t size) {
    size_t n = 0;
    bool up = true;
    for (size_t i = 0; i < length && n + 1 < size; i++) {
        if (root[i] == '_') {
            up = true;
            continue;
        }
        char c = root[i];
        ret[n++] = up && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        up = false;
    }
    ret[n] = '\0';
    return n;
}

struct hs_error *hs_types_add_root(struct hs_types *types, const char *root_name, uint16_t number) {
    size_t length = strlen(root_name);
    if (number < types->first_nonstring || length < 5) return NULL;
    length -= 4; /* "_map" */
    if (strncmp(root_name, "one_pointer_filler", length) == 0)
        return hs_types_add(types, number, "Filler", 6, HS_FROM_BINARY);
    /* load_handler1_map, store_handler0_map */
    while (length > 1 && root_name[length - 1] >= '0' && root_name[length - 1] <= '9') length--;
    char name[sizeof types->items->name];
    length = camel(root_name, length, name, sizeof name);
    return hs_types_add(types, number, name, length, HS_FROM_BINARY);
}

void hs_types_finish(struct hs_types *types) {
    uint16_t number;
    types->typed_array_header = hs_types_find(types, "FixedUint32Array", &number);
    for (uint32_t i = types->first_receiver; i < types->count; i++) {
        struct hs_type *type = &types->items[i];
        if (!hs_kind_is_receiver((enum hs_kind)type->kind)) type->kind = HS_KIND_JS_OBJECT;
    }
}

const char *hs_types_name(const struct hs_types *types, uint16_t number) {
    return number < types->count ? types->items[number].name : "";
}

bool hs_types_find(const struct hs_types *types, const char *name, uint16_t *ret) {
    for (uint32_t i = 0; i < types->count; i++)
        if (strcmp(types->items[i].name, name) == 0) {
            *ret = (uint16_t)i;
            return true;
        }
    return false;
}
