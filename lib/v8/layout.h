/* The layout of V8's heap in one core, as data: every offset with where it came from.
 *
 * A fact is resolved in this order: the v8dbg symbol (found by its stem, never by its type suffix), a
 * derivation from other facts, discovery in the core, a table row per range of V8 minors, refusal. A layout
 * never changes after it is resolved, and no layer above v8 contains a version number: what varies is a field
 * here.
 *
 * Offsets are in bytes from the start of the object (untagged). A fact that is absent in this V8 is
 * HS_ABSENT.
 *
 * To add a V8 release (checked by adding 13.14.0, whose V8 7.9 no row knew):
 *  1. Take a core (`bin/heapcore PID` or gcore of the node that `scripts/fetch-node V` prints) and run
 * `heapscan --explain-layout CORE`. A fact that is refused names itself.
 *  2. A fact without a symbol: if V8 renamed the symbol, put the new stem first in its row below; if it
 * follows from another fact, derive it in layout.c; else add a row for the range of minors in range.c, with
 * the V8 file it came from. A symbol that is wrong is listed in range.c as well (bogus); a V8 built without
 * v8dbg symbols takes those of a near one (constant_table.c: V8 3.14's only).
 *  3. "found no heap pages": add a header variant in page.c. A space called unknown_space_N: add its class or
 * the order of ids in space.c.
 *  4. `-v` shows rejected bytes: an object's size changed. Add the candidate in rule.c: votes choose. Objects
 * missing without a rejected byte: an allocation area is misread (lab.c; its form is lab_is_pair in range.c;
 * those of V8's own threads collector.c), or a page was taken for freed (link.c).
 *  5. Objects of a new class that the layers above should tell apart: its name in the kinds of type.c. Maps,
 * sets, contexts shown as plain objects or arrays, to V8 7.9: no symbol or root names their types; add the
 * order of the enum in type_order.c.
 *  6. Names or node types that differ from V8's own snapshot: snapshot_terms() in layout.c; names that are
 * wrong or empty: the bits in scope_flags.c.
 *  7. Slots that the collector treats as weak: weak.c (an unknown tail of the native context is taken for the
 * last known one). Functions of the collectors: gc.c.
 *  8. Live objects told garbage: what an isolate holds outside its root table is found by its form, in
 * lib/graph (isolate_root.c, handle_root.c, traced.c, stack_root.c). A new form goes there, without a version
 * test; the scan says if no handle scopes were found. But for that no layer above this one may change.
 *  9. `tests/cores/run V` judges any release from Node 12 on: planted classes, spaces, V8's snapshot, with no
 * rejected byte. Add it to the lists there that fit (RELEASES, ALIVE; before Node 18 OLDER, EARLIER:
 * reachability), and a golden layout (tests/cores/layout.py) if it is a new major or differs from that of its
 * own.
 */
#ifndef HS_V8_LAYOUT_H
#define HS_V8_LAYOUT_H

#include "elf/core.h"
#include "v8/symbols.h"
#include "v8/type.h"

#define HS_ABSENT INT32_MIN

enum hs_provenance {
    HS_FROM_NOTHING,
    HS_FROM_SYMBOL,    /* a v8dbg symbol */
    HS_FROM_BINARY,    /* another word of the binary: root_names_, a vtable */
    HS_FROM_DERIVED,   /* follows from another fact */
    HS_FROM_DISCOVERY, /* measured in this core */
    HS_FROM_TABLE,     /* a table row: V8's source or a measurement */
};
const char *hs_provenance_name(enum hs_provenance provenance);

/* field, name for people, v8dbg stems newest first (a leading '=' is a plain constant, not a class field),
 * required */
#define HS_LAYOUT_FACTS(X)                                                                                   \
    X(map_instance_size, "Map.instance_size_in_words", "Map__instance_size_in_words\0Map__instance_size\0",  \
      1)                                                                                                     \
    X(map_inobject_start, "Map.inobject_properties_start",                                                   \
      "Map__inobject_properties_start_or_constructor_function_index\0Map__inobject_properties_or_"           \
      "constructor_function_index\0Map__inobject_properties\0",                                              \
      1)                                                                                                     \
    X(map_instance_type, "Map.instance_type", "Map__instance_type\0Map__instance_attributes\0", 1)           \
    X(map_type_mask, "Map.instance_type.mask", "", 1)                                                        \
    X(map_inobject_is_count, "Map.inobject_properties_is_count", "", 1)                                      \
    X(map_bit_field, "Map.bit_field", "Map__bit_field\0", 1)                                                 \
    X(map_bit_field2, "Map.bit_field2", "Map__bit_field2\0", 1)                                              \
    X(map_bit_field3, "Map.bit_field3", "Map__bit_field3\0", 1)                                              \
    X(map_prototype, "Map.prototype", "Map__prototype\0", 1)                                                 \
    X(map_constructor, "Map.constructor_or_back_pointer",                                                    \
      "Map__constructor_or_back_pointer\0Map__constructor_or_backpointer\0Map__constructor\0", 1)            \
    X(map_descriptors, "Map.instance_descriptors",                                                           \
      "Map__instance_descriptors\0=class_Map__instance_descriptors_offset\0", 1)                             \
    X(map_own_descriptors_shift, "Map.bit_field3.own_descriptors.shift",                                     \
      "=bit_field3_number_of_own_descriptors_shift\0", 1)                                                    \
    X(map_own_descriptors_mask, "Map.bit_field3.own_descriptors.mask",                                       \
      "=bit_field3_number_of_own_descriptors_mask\0", 1)                                                     \
    X(map_dictionary_shift, "Map.bit_field3.is_dictionary_map.shift",                                        \
      "=bit_field3_is_dictionary_map_shift\0=bit_field3_dictionary_map_shift\0", 1)                          \
    X(map_prototype_map_bit, "Map.bit_field3.is_prototype_map.bit", "", 1)                                   \
    X(map_prototype_map_field, "Map.is_prototype_map.bit_field", "", 1)                                      \
    X(map_new_target_is_base_bit, "Map.bit_field2.new_target_is_base.bit", "", 1)                            \
    X(map_new_target_is_base_field, "Map.new_target_is_base.bit_field", "", 1)                               \
    X(map_layout_descriptor, "Map.layout_descriptor", "Map__layout_descriptor\0", 0)                         \
    X(map_elements_kind_shift, "Map.bit_field2.elements_kind.shift", "=bit_field2_elements_kind_shift\0", 1) \
    X(map_elements_kind_mask, "Map.bit_field2.elements_kind.mask", "=bit_field2_elements_kind_mask\0", 1)    \
    X(elements_dictionary, "Map.elements_kind.dictionary", "=elements_dictionary_elements\0", 0)             \
    X(details_kind_mask, "PropertyDetails.kind.mask", "=prop_kind_mask\0", 1)                                \
    X(details_kind_accessor, "PropertyDetails.kind.accessor", "=prop_kind_Accessor\0", 1)                    \
    X(details_location_mask, "PropertyDetails.location.mask", "=prop_location_mask\0", 1)                    \
    X(details_location_shift, "PropertyDetails.location.shift", "=prop_location_shift\0", 1)                 \
    X(details_location_field, "PropertyDetails.location.field", "=prop_location_Field\0", 1)                 \
    X(details_index_mask, "PropertyDetails.index.mask", "=prop_index_mask\0", 1)                             \
    X(details_index_shift, "PropertyDetails.index.shift", "=prop_index_shift\0", 1)                          \
    X(descriptors_header, "DescriptorArray.header_size", "DescriptorArray__header_size\0", 1)                \
    X(descriptors_count, "DescriptorArray.number_of_all_descriptors", "", 1)                                 \
    X(descriptors_are_array, "DescriptorArray.is_array", "", 1)                                              \
    X(descriptor_size, "DescriptorArray.entry_size", "", 1)                                                  \
    X(descriptor_key, "DescriptorArray.key", "", 1)                                                          \
    X(descriptor_details, "DescriptorArray.details", "", 1)                                                  \
    X(descriptor_value, "DescriptorArray.value", "", 1)                                                      \
    X(receiver_properties, "JSReceiver.raw_properties_or_hash",                                              \
      "JSReceiver__raw_properties_or_hash\0JSReceiver__properties\0JSObject__properties\0", 1)               \
    X(object_elements, "JSObject.elements", "JSObject__elements\0", 1)                                       \
    X(fixed_array_length, "FixedArrayBase.length", "FixedArrayBase__length\0FixedArray__length\0", 1)        \
    X(fixed_array_data, "FixedArray.data", "FixedArray__data\0", 1)                                          \
    X(property_array_data, "PropertyArray.data", "", 1)                                                      \
    X(name_dictionary_prefix, "NameDictionary.prefix_size",                                                  \
      "=namedictionaryshape_prefix_size\0NameDictionaryShape__prefix_size\0StringDictionaryShape__prefix_"   \
      "size\0",                                                                                              \
      1)                                                                                                     \
    X(name_dictionary_entry, "NameDictionary.entry_size",                                                    \
      "=namedictionaryshape_entry_size\0NameDictionaryShape__entry_size\0StringDictionaryShape__entry_"      \
      "size\0",                                                                                              \
      1)                                                                                                     \
    X(global_dictionary_prefix, "GlobalDictionary.prefix_size", "=globaldictionaryshape_prefix_size\0", 0)   \
    X(global_dictionary_entry, "GlobalDictionary.entry_size", "=globaldictionaryshape_entry_size\0", 1)      \
    X(global_dictionary_cell, "GlobalDictionary.cell", "", 1)                                                \
    X(property_cell_name, "PropertyCell.name", "PropertyCell__name\0", 0)                                    \
    X(property_cell_details, "PropertyCell.details", "PropertyCell__property_details_raw\0", 1)              \
    X(property_cell_value, "PropertyCell.value", "PropertyCell__value\0", 1)                                 \
    X(key_hash, "String.hash of keys that are not unique", "", 0)                                            \
    X(string_length, "String.length", "String__length\0", 1)                                                 \
    X(string_chars, "SeqString.chars",                                                                       \
      "SeqOneByteString__chars\0SeqTwoByteString__chars\0SeqAsciiString__chars\0", 1)                        \
    X(cons_first, "ConsString.first", "ConsString__first\0ConsString__first_offset\0", 1)                    \
    X(cons_second, "ConsString.second", "ConsString__second\0ConsString__second_offset\0", 1)                \
    X(sliced_parent, "SlicedString.parent", "SlicedString__parent\0", 1)                                     \
    X(sliced_offset, "SlicedString.offset", "SlicedString__offset\0SlicedString__offset_offset\0", 1)        \
    X(thin_actual, "ThinString.actual", "ThinString__actual\0ThinString__actual_offset\0", 1)                \
    X(external_resource, "ExternalString.resource", "ExternalString__resource\0", 1)                         \
    X(external_data, "ExternalString.resource_data", "", 1)                                                  \
    X(symbol_description, "Symbol.description", "Symbol__name\0Symbol__description\0", 1)                    \
    X(symbol_flags, "Symbol.flags", "Symbol__flags\0", 1)                                                    \
    X(heap_number_value, "HeapNumber.value", "HeapNumber__value\0", 1)                                       \
    X(oddball_kind, "Oddball.kind", "Oddball__kind_offset\0Oddball__kind\0", 1)                              \
    X(function_shared, "JSFunction.shared_function_info",                                                    \
      "JSFunction__shared\0JSFunction__shared_function_info\0", 1)                                           \
    X(function_context, "JSFunction.context", "JSFunction__context\0", 1)                                    \
    X(function_next, "JSFunction.next_function_link", "JSFunction__next_function_link\0", 0)                 \
    X(global_proxy_context, "JSGlobalProxy.native_context", "JSGlobalProxy__native_context\0", 0)            \
    X(shared_name, "SharedFunctionInfo.name_or_scope_info",                                                  \
      "SharedFunctionInfo__name_or_scope_info\0SharedFunctionInfo__raw_name\0SharedFunctionInfo__name\0", 1) \
    X(shared_data, "SharedFunctionInfo.function_data", "SharedFunctionInfo__function_data\0", 1)             \
    X(shared_untrusted_data, "SharedFunctionInfo.untrusted_function_data", "", 0)                            \
    X(shared_script, "SharedFunctionInfo.script",                                                            \
      "SharedFunctionInfo__raw_script\0SharedFunctionInfo__script\0SharedFunctionInfo__script_or_debug_"     \
      "info\0",                                                                                              \
      1)                                                                                                     \
    X(shared_outer_scope, "SharedFunctionInfo.outer_scope_info_or_feedback_metadata",                        \
      "SharedFunctionInfo__feedback_metadata\0", 0)                                                          \
    X(script_source, "Script.source", "Script__source\0", 1)                                                 \
    X(script_name, "Script.name", "Script__name\0", 1)                                                       \
    X(script_line_ends, "Script.line_ends", "Script__line_ends\0", 0)                                        \
    X(uncompiled_inferred_name, "UncompiledData.inferred_name", "UncompiledData__inferred_name\0", 0)        \
    X(uncompiled_start, "UncompiledData.start_position", "UncompiledData__start_position\0", 0)              \
    X(shared_scope_info, "SharedFunctionInfo.scope_info", "SharedFunctionInfo__scope_info\0", 0)             \
    X(shared_inferred_name, "SharedFunctionInfo.inferred_name",                                              \
      "SharedFunctionInfo__inferred_name\0SharedFunctionInfo__function_identifier\0", 0)                     \
    X(shared_start_position, "SharedFunctionInfo.start_position_and_type",                                   \
      "SharedFunctionInfo__start_position_and_type\0", 0)                                                    \
    X(scope_info_params, "ScopeInfo.parameter_count", "=scopeinfo_idx_nparams\0", 0)                         \
    X(scope_info_stack_locals, "ScopeInfo.stack_local_count", "=scopeinfo_idx_nstacklocals\0", 0)            \
    X(scope_info_first_slot, "ScopeInfo.stack_local_first_slot.words", "", 1)                                \
    X(scope_info_first_vars, "ScopeInfo.first_vars", "=scopeinfo_idx_first_vars\0", 1)                       \
    X(scope_info_locals, "ScopeInfo.context_local_count", "=scopeinfo_idx_ncontextlocals\0", 1)              \
    X(scope_info_data, "ScopeInfo.flags", "", 1)                                                             \
    X(scope_info_raw_flags, "ScopeInfo.flags_are_raw", "", 1)                                                \
    X(scope_info_module_count, "ScopeInfo.has_module_variable_count", "", 1)                                 \
    X(scope_info_positions, "ScopeInfo.start_position", "", 0)                                               \
    X(array_length, "JSArray.length", "JSArray__length\0", 1)                                                \
    X(collection_table, "JSCollection.table", "JSCollection__table\0", 1)                                    \
    X(array_buffer_byte_length, "JSArrayBuffer.byte_length", "JSArrayBuffer__byte_length\0", 1)              \
    X(array_buffer_length_is_number, "JSArrayBuffer.byte_length.is_number", "", 1)                           \
    X(array_buffer_store, "JSArrayBuffer.backing_store", "JSArrayBuffer__backing_store\0", 1)                \
    X(array_buffer_bits, "JSArrayBuffer.bit_field", "", 0)                                                   \
    X(view_buffer, "JSArrayBufferView.buffer", "", 1)                                                        \
    X(view_byte_length, "JSArrayBufferView.byte_length", "JSArrayBufferView__byte_length\0", 1)              \
    X(wrapper_value, "JSPrimitiveWrapper.value", "", 1)                                                      \
    X(generator_function, "JSGeneratorObject.function", "", 1)                                               \
    X(regexp_source, "JSRegExp.source", "JSRegExp__source\0", 1)                                             \
    X(template_class_name, "FunctionTemplateInfo.class_name", "FunctionTemplateInfo__class_name\0", 0)       \
    X(context_scope_info, "Context.scope_info.index", "=context_idx_scope_info\0", 1)                        \
    X(context_previous, "Context.previous.index",                                                            \
      "=context_idx_prev\0=class_Context__previous_index__int\0", 1)                                         \
    X(lab_is_pair, "LinearAllocationArea.is_pair", "", 1)                                                    \
    X(code_start, "Code.instruction_start", "Code__instruction_start\0", 0)                                  \
    X(code_size, "Code.instruction_size", "Code__instruction_size\0", 0)                                     \
    X(bytecode_header, "BytecodeArray.header_size", "BytecodeArray__data\0", 0)

struct hs_layout {
#define X(field, name, stems, required) int32_t field;
    HS_LAYOUT_FACTS(X)
#undef X
    /* which bits of a ScopeInfo's flags say what stands behind the locals (scope_flags.c) */
    int32_t scope_info_function_shift, scope_info_inferred_bit, scope_info_saved_class_bit,
        scope_info_receiver_shift;
    int32_t scope_info_inlined_names; /* from so many locals on, their names are in a table */
    int32_t map_end;                  /* bytes of a map that are read */
    int32_t accessor_info_name, accessor_info_data, accessor_info_setter,
        accessor_info_getter; /* of AccessorInfo (accessor-info.tq); HS_ABSENT: not known, or no objects */
    bool tables_untyped; /* hash tables share maps: who owns one says what it is (V8 to 6.2; owner_kind.c) */
    uint8_t tagged_size; /* bytes of a tagged word */
    uint8_t smi_shift;   /* 32 on uncompressed 64-bit targets, 1 on 31-bit Smis */
    bool snapshot_object_shapes; /* V8's snapshot of this release has node type `object shape` */
    bool snapshot_code_types;    /* … gives bytecode, feedback, scope infos type `code` (else `hidden`) */
    bool
        snapshot_read_only_weighs_0; /* … gives read-only objects size 0 and external strings their payload */
    bool snapshot_code_wrappers; /* … gives CodeWrapper and BytecodeWrapper type `code` (else `hidden`) */
    bool snapshot_first_names;   /* … looks a constructor's name up by the first toStringTag, then the first
                                  * `constructor`   of the prototype chain */
    bool snapshot_map_names; /* … names an object by its map's constructor, or that is Object, by its own
                              * property `constructor` */
    bool snapshot_script_or_debug_info; /* … calls a function's script so */
    bool snapshot_oddball_texts;        /* … calls undefined and its like by their texts */
    bool snapshot_hides_holes;          /* … shows no slots that lead to one */
    bool snapshot_names_instructions;   /* … tags instruction streams, and functions wherever they are */
    bool snapshot_code_is_handle;      /* … tags the instructions in place of the code that leads to them */
    const char *snapshot_builtin_word; /* … puts it behind a builtin's name: "builtin code" */
    bool snapshot_own_names; /* … prefers a constructor's own data property `name`, and writes global objects
                              * as "x (global*)", their proxies as "x (global)" */
};

/* One line of --explain-layout. */
struct hs_fact {
    const char *name;
    int64_t value;
    enum hs_provenance provenance;
    char source[96]; /* the symbol, the rule or the row */
};

static inline bool hs_is_pointer(hs_tagged word) {
    return (word & 1) != 0;
}
/* Strong or weak pointer to address. */
static inline hs_addr hs_untag(hs_tagged word) {
    return word & ~(hs_addr)3;
}
static inline int64_t hs_smi(const struct hs_layout *layout, hs_tagged word) {
    return layout->smi_shift == 32 ? (int64_t)word >> 32
                                   : (int64_t)(int32_t)(uint32_t)word >> layout->smi_shift;
}
static inline bool hs_is_smi(const struct hs_layout *layout, hs_tagged word) {
    return layout->smi_shift == 32 ? (uint32_t)word == 0 : (word & 1) == 0;
}

#endif
