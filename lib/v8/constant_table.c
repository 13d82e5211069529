/* What the v8dbg symbols would say where a V8 was built without them.
 *
 * Node 0.10.0 to 0.10.22 have none and 0.10.23 to 0.10.47 lack some; V8 3.14 is the same in all of them, and
 * no value that 0.10.26 tells differs from 0.10.48's (v8-releases.md part B). So the rows are what the binary
 * of 0.10.48 says, only as much of it as is read here; the order of the enum gives the other types
 * (type_order.c). A symbol that is there comes first, and the self-checks hold for both. */
#include "v8/symbols_private.h"

static const struct {
    const char *name;
    int32_t value;
} rows[] = {
    {"AsciiStringTag", 4},
    {"FirstNonstringType", 128},
    {"HeapObjectTag", 1},
    {"OddballFalse", 0},
    {"OddballNull", 3},
    {"OddballTheHole", 2},
    {"OddballTrue", 1},
    {"OddballUndefined", 5},
    {"SmiShiftSize", 31},
    {"StringRepresentationMask", 3},
    {"bit_field2_elements_kind_mask", 248},
    {"bit_field2_elements_kind_shift", 3},
    {"bit_field3_dictionary_map_shift", 24},
    {"class_Code__instruction_size__int", 8},
    {"class_Code__instruction_start__uintptr_t", 96},
    {"class_ConsString__first__String", 24},
    {"class_ConsString__second__String", 32},
    {"class_ExternalString__resource__Object", 24},
    {"class_FixedArrayBase__length__SMI", 8},
    {"class_FixedArray__data__uintptr_t", 16},
    {"class_FunctionTemplateInfo__class_name__Object", 88},
    {"class_HeapNumber__value__double", 8},
    {"class_JSArray__length__Object", 24},
    {"class_JSFunction__next_function_link__Object", 64},
    {"class_JSFunction__shared__SharedFunctionInfo", 40},
    {"class_JSGlobalProxy__native_context__Object", 24},
    {"class_JSObject__elements__Object", 16},
    {"class_JSObject__properties__FixedArray", 8},
    {"class_Map__bit_field2__char", 15},
    {"class_Map__bit_field3__SMI", 56},
    {"class_Map__bit_field__char", 14},
    {"class_Map__constructor__Object", 24},
    {"class_Map__inobject_properties__int", 9},
    {"class_Map__instance_attributes__int", 12},
    {"class_Map__instance_descriptors__DescriptorArray", 40},
    {"class_Map__instance_size__int", 8},
    {"class_Map__prototype__Object", 16},
    {"class_Oddball__kind_offset__int", 24},
    {"class_Script__line_ends__Object", 88},
    {"class_Script__name__Object", 16},
    {"class_Script__source__Object", 8},
    {"class_SeqAsciiString__chars__char", 24},
    {"class_SharedFunctionInfo__function_data__Object", 56},
    {"class_SharedFunctionInfo__inferred_name__String", 80},
    {"class_SharedFunctionInfo__name__Object", 8},
    {"class_SharedFunctionInfo__script__Object", 64},
    {"class_SharedFunctionInfo__start_position_and_type__SMI", 132},
    {"class_SlicedString__offset__SMI", 32},
    {"class_StringDictionaryShape__entry_size__int", 3},
    {"class_StringDictionaryShape__prefix_size__int", 2},
    {"class_String__length__SMI", 8},
    {"elements_dictionary_elements", 6},
    {"prop_desc_details", 1},
    {"prop_desc_key", 0},
    {"prop_desc_size", 3},
    {"prop_desc_value", 2},
    {"type_JSFunction__JS_FUNCTION_TYPE", 181},
    {"type_JSMap__JS_MAP_TYPE", 178},
    {"type_JSWeakMap__JS_WEAK_MAP_TYPE", 179},
    {"type_Map__MAP_TYPE", 128},
};
enum { MAJOR = 3, MINOR = 14 };

struct hs_error *hs_v8_symbols_supplement(struct hs_v8_symbols *symbols) {
    if (symbols->version[0] != MAJOR || symbols->version[1] != MINOR) return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t count = symbols->constant_count;
        HS_TRY(hs_v8_symbols_add(symbols, rows[i].name, rows[i].value));
        struct hs_v8_constant *entry;
        if (symbols->constant_count == count) continue;
        HASH_FIND_STR(symbols->constants, rows[i].name, entry);
        if (entry) entry->tabled = true;
    }
    return NULL;
}
