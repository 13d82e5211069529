#include "v8/range.h"

#include <string.h>

#include "v8/layout_private.h"

/* The ranges of v8-releases.md §6 by their V8 minors. Node 0.10 to 17
 * had: 3.14, 3.28, 4.5, 4.6, 5.0, 5.1, 5.4, 5.5, 5.8, 6.0 to 6.2, 6.6 to 6.8, 7.0, 7.4
 * to 7.9, 8.1, 8.3, 8.4, 8.6, 9.0 to 9.6. */
#define ROW(field, first, last, value, source)                                                               \
    { offsetof(struct hs_layout, field), first, last, value, source }
static const struct range_row {
    size_t offset;
    int first, last; /* major * 100 + minor */
    int32_t value;
    const char *source;
} range_rows[] = {
    /* 3.14 and 3.28 (0.10, 0.12): property-details.h, objects.h. A property's type is one of NORMAL, FIELD,
     * CONSTANT, CALLBACKS: kind and location at once. */
    ROW(details_kind_mask, 300, 328, 7, "PropertyDetails::TypeField"),
    ROW(details_kind_accessor, 300, 328, 3, "CALLBACKS"),
    ROW(details_location_mask, 300, 328, 7, "PropertyDetails::TypeField"),
    ROW(details_location_shift, 300, 328, 0, "PropertyDetails::TypeField"),
    ROW(details_location_field, 300, 328, 1, "FIELD"),
    ROW(map_own_descriptors_shift, 314, 314, 11, "Map::NumberOfOwnDescriptorsBits"),
    ROW(map_own_descriptors_mask, 314, 314, 0x7ff << 11, "Map::NumberOfOwnDescriptorsBits"),
    ROW(map_own_descriptors_shift, 328, 328, 10, "Map::NumberOfOwnDescriptorsBits"),
    ROW(map_own_descriptors_mask, 328, 328, 0x3ff << 10, "Map::NumberOfOwnDescriptorsBits"),
    ROW(details_index_mask, 314, 314, 0, "no bits: the descriptor's value is the index"),
    ROW(details_index_shift, 314, 314, 0, "no bits: the descriptor's value is the index"),
    ROW(key_hash, 314, 314, 16, "StringDictionaryShape::IsMatch compares texts"),
    ROW(map_prototype_map_field, 300, 328, 0, "no such flag"),
    ROW(map_new_target_is_base_field, 300, 328, 0, "no such flag"),
    ROW(sliced_parent, 300, 314, 24, "the first field (objects.h)"),
    ROW(function_context, 300, 328, 48, "objects.h JSFunction"),
    ROW(shared_scope_info, 300, 328, 32, "objects.h SharedFunctionInfo"),
    ROW(scope_info_params, 300, 328, 1, "objects.h ScopeInfo"),
    ROW(scope_info_stack_locals, 300, 328, 2, "objects.h ScopeInfo"),
    ROW(scope_info_locals, 300, 328, 3, "objects.h ScopeInfo"),
    ROW(scope_info_first_vars, 300, 328, 4, "objects.h ScopeInfo"),
    ROW(context_previous, 300, 328, 1, "contexts.h"),
    ROW(array_buffer_byte_length, 300, 314, 32, "no such object"),
    ROW(array_buffer_length_is_number, 300, 328, 1, "objects.h JSArrayBuffer"),
    ROW(array_buffer_store, 300, 328, 24, "objects.h JSArrayBuffer"),
    ROW(property_cell_value, 300, 328, 8, "Cell::kValueOffset (objects.h)"),
    ROW(property_cell_details, 300, 328, 0, "in its entry"),
    ROW(property_cell_details, 704, 704, 8, "measured: before the name"),
    ROW(property_cell_name, 704, 704, 16, "measured: behind the details"),
    ROW(scope_info_first_slot, 300, 328, 0, "none yet"),
    ROW(regexp_source, 300, 328, 24, "in its data (objects.h)"),
    /* Map: map.h Bits2 and Bits3; bit_field2 held the flag "is prototype" until 7.6 */
    ROW(map_prototype_map_bit, 500, 602, 2, "map.h: bit_field2 bit 2"),
    ROW(map_prototype_map_bit, 606, 706, 1, "map.h: bit_field2 bit 1"),
    ROW(map_prototype_map_field, 500, 706, 2, "map.h: in bit_field2"),
    ROW(map_new_target_is_base_bit, 500, 706, 27, "map.h: bit_field3 bit 27"),
    ROW(map_new_target_is_base_field, 500, 706, 3, "map.h: in bit_field3"),
    ROW(map_layout_descriptor, 405, 705, 56, "behind the descriptors (map.h, V8_DOUBLE_FIELDS_UNBOXING)"),
    ROW(map_layout_descriptor, 706, 709, 48, "behind the descriptors (map.h, V8_DOUBLE_FIELDS_UNBOXING)"),
    /* An array of words until 7.0: count, enum cache, then the entries (descriptor-array.h). */
    ROW(descriptors_are_array, 300, 700, 1, "a FixedArray, in 7.0 a WeakFixedArray"),
    ROW(descriptors_header, 300, 700, 32, "array header, count, enum cache"),
    ROW(descriptors_count, 300, 700, 16, "the first element"),
    ROW(descriptors_header, 704, 709, 24, "descriptor-array.h kHeaderSize"),
    ROW(details_kind_mask, 405, 505, 1, "property-details.h KindField, LocationField"),
    ROW(details_kind_accessor, 405, 505, 1, "property-details.h ACCESSOR"),
    ROW(details_location_mask, 405, 505, 2, "property-details.h KindField, LocationField"),
    ROW(details_location_shift, 405, 505, 1, "property-details.h KindField, LocationField"),
    ROW(details_location_field, 405, 505, 0, "property-details.h IN_OBJECT, kField"),
    ROW(global_dictionary_entry, 405, 501, 2, "name and cell (objects.h GlobalDictionaryShape)"),
    ROW(map_own_descriptors_shift, 405, 406, 10, "objects.h Map::NumberOfOwnDescriptorsBits"),
    ROW(map_own_descriptors_mask, 405, 406, 0xffc00, "objects.h Map::NumberOfOwnDescriptorsBits"),
    ROW(function_context, 405, 406, 48, "objects.h JSFunction"),
    ROW(shared_scope_info, 405, 406, 32, "objects.h SharedFunctionInfo"),
    ROW(context_previous, 405, 406, 1, "contexts.h PREVIOUS_INDEX"),
    ROW(map_bit_field3, 405, 405, 16, "an int (objects.h Map::kBitField3Offset)"),
    ROW(scope_info_params, 405, 405, 1, "objects.h ScopeInfo::kParameterCount"),
    ROW(scope_info_stack_locals, 405, 405, 2, "objects.h ScopeInfo::kStackLocalCount"),
    ROW(scope_info_locals, 405, 405, 3, "objects.h ScopeInfo::kContextLocalCount"),
    ROW(scope_info_first_vars, 405, 405, 6, "objects.h ScopeInfo::kVariablePartIndex"),
    ROW(regexp_source, 405, 406, 32, "the first in-object property (objects.h JSRegExp kSourceFieldIndex)"),
    ROW(collection_table, 300, 906, 24, "first field (objects.h, js-collection.h)"),
    ROW(symbol_description, 300, 1000, 16, "Symbol: behind Name's header (name.h)"),
    ROW(symbol_flags, 300, 700, 28, "a Smi behind the description (objects.h)"),
    ROW(script_source, 300, 1000, 8, "the first field (script.h)"),
    ROW(script_line_ends, 300, 602, 64, "script.h"),
    ROW(uncompiled_inferred_name, 700, 1000, 8, "the first field (shared-function-info.h)"),
    ROW(view_byte_length, 300, 700, 40, "behind buffer and byte_offset (js-array.h)"),
    ROW(view_buffer, 300, 700, 24, "the first field (js-array.h)"),
    ROW(shared_inferred_name, 600, 602, 80, "objects.h SharedFunctionInfo"),
    ROW(shared_inferred_name, 606, 608, 48, "shared-function-info.h"),
    ROW(scope_info_data, 300, 900, 16, "ScopeInfo is a FixedArray (scope-info.h)"),
    ROW(context_scope_info, 300, 607, 0, "the closure, whose function has it (contexts.h)"),
    ROW(lab_is_pair, 300, 501, 1, "{top, limit} (spaces.h AllocationInfo)"),
    ROW(lab_is_pair, 601, 804, 1, "{top, limit} (heap/spaces.h LinearAllocationArea)"),
    ROW(bytecode_header, 406, 406, 24, "measured (v8-releases.md)"),
    ROW(bytecode_header, 501, 501, 40, "measured (v8-legacy.md)"),
    ROW(bytecode_header, 504, 601, 54, "measured (v8-releases.md)"),
    ROW(bytecode_header, 602, 704, 58, "measured (v8-releases.md)"),
    ROW(bytecode_header, 705, 1001, 54, "measured (v8-releases.md)"),
};
enum { ROWS = sizeof range_rows / sizeof *range_rows };

/* Symbols that say what is not so. */
static const struct {
    int first, last;
    const char *name;
} bogus[] = {
    /* It is an int in 4.0.0 as in 4.9.1, whose symbol says so. */
    {405, 405, "class_Map__bit_field3__SMI"},
    /* The field went with unboxed doubles; the symbol stayed and names the offset of dependent_code. */
    {801, 1000, "class_Map__layout_descriptor__Object"},
    {801, 1000, "class_Map__layout_descriptor__LayoutDescriptor"},
};

struct hs_error *hs_range_fill(struct hs_v8 *v8) {
    int minor = hs_v8_minor(v8);
    for (size_t i = 0; i < ROWS; i++)
        if (range_rows[i].first <= minor && minor <= range_rows[i].last)
            HS_TRY(hs_layout_fill(v8, (int32_t *)((char *)&v8->layout + range_rows[i].offset),
                                  range_rows[i].value, HS_FROM_TABLE, range_rows[i].source));
    return NULL;
}

bool hs_range_is_bogus(const struct hs_v8 *v8, const char *name) {
    int minor = hs_v8_minor(v8);
    for (size_t i = 0; i < sizeof bogus / sizeof *bogus; i++)
        if (bogus[i].first <= minor && minor <= bogus[i].last && strcmp(bogus[i].name, name) == 0)
            return true;
    return false;
}
