#include "v8/layout_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "v8/range.h"

static const struct row {
    const char *name, *stems;
    size_t offset; /* in struct hs_layout */
    bool required;
} rows[] = {
#define X(field, name, stems, required) {name, stems, offsetof(struct hs_layout, field), required},
    HS_LAYOUT_FACTS(X)
#undef X
};
enum { ROWS = sizeof rows / sizeof *rows, OFFSET_LIMIT = 1 << 12, ENTRY_WORDS = 8, MAP_WORDS = 12 };

const char *hs_provenance_name(enum hs_provenance provenance) {
    static const char *const names[] = {"-", "symbol", "binary", "derived", "discovery", "table"};
    return names[provenance];
}

struct hs_error *hs_v8_fact(struct hs_v8 *v8, const char *name, int64_t value, enum hs_provenance provenance,
                            const char *format, ...) {
    struct hs_fact *grown = realloc(v8->facts, (v8->fact_count + 1) * sizeof *grown);
    if (!grown) return HS_ENOMEM;
    v8->facts = grown;
    struct hs_fact *fact = &grown[v8->fact_count++];
    *fact = (struct hs_fact){.name = name, .value = value, .provenance = provenance};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fact->source, sizeof fact->source, format, arguments);
    va_end(arguments);
    return NULL;
}

static int32_t *slot(struct hs_v8 *v8, const struct row *row) {
    return (int32_t *)((char *)&v8->layout + row->offset);
}

/* Fields of 32 bits that older V8 kept as Smis, which the suffix of the symbol tells: their value is in one
 * half of the word. */
static int32_t payload(const struct hs_v8 *v8, const struct row *row, const char *name) {
    static const size_t fields[] = {offsetof(struct hs_layout, string_length),
                                    offsetof(struct hs_layout, symbol_flags),
                                    offsetof(struct hs_layout, map_bit_field3)};
    size_t length = strlen(name);
    if (v8->layout.smi_shift != 32 || v8->arch->big_endian || length < 5 ||
        (strcmp(name + length - 5, "__SMI") != 0 && strcmp(name + length - 5, "__Smi") != 0))
        return 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (row->offset == fields[i]) return 4;
    return 0;
}

static struct hs_error *from_symbols(struct hs_v8 *v8, const struct row *row) {
    *slot(v8, row) = HS_ABSENT;
    for (const char *stem = row->stems; *stem; stem += strlen(stem) + 1) {
        int32_t value;
        const char *name = stem + 1;
        if (*stem == '=' ? !hs_v8_symbols_constant(v8->symbols, stem + 1, &value)
                         : !hs_v8_symbols_field(v8->symbols, stem, &value, &name))
            continue;
        /* Masks may have any bit; an offset in an object header may not. */
        if (*stem != '=' && (value < 0 || value >= OFFSET_LIMIT)) continue;
        if (hs_range_is_bogus(v8, name)) continue;
        value += payload(v8, row, name);
        *slot(v8, row) = value;
        bool tabled = hs_v8_symbols_is_tabled(v8->symbols, name);
        return hs_v8_fact(v8, row->name, value, tabled ? HS_FROM_TABLE : HS_FROM_SYMBOL, "v8dbg_%s%s", name,
                          tabled ? " of Node 0.10.48" : "");
    }
    return NULL;
}

static const struct row *row_of(const struct hs_v8 *v8, const int32_t *field) {
    size_t offset = (size_t)((const char *)field - (const char *)&v8->layout);
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].offset == offset) return &rows[i];
    return NULL;
}

struct hs_error *hs_layout_fill(struct hs_v8 *v8, int32_t *field, int32_t value,
                                enum hs_provenance provenance, const char *source) {
    if (*field != HS_ABSENT) return NULL;
    *field = value;
    return hs_v8_fact(v8, row_of(v8, field)->name, value, provenance, "%s", source);
}

static struct hs_error *derive_map(struct hs_v8 *v8) {
    struct hs_layout *l = &v8->layout;
    int32_t value;
    if (l->map_dictionary_shift != HS_ABSENT)
        HS_TRY(hs_layout_fill(v8, &l->map_prototype_map_bit, l->map_dictionary_shift - 1, HS_FROM_DERIVED,
                              "the bit before is_dictionary_map (map.h Bits3)"));
    HS_TRY(hs_layout_fill(v8, &l->map_prototype_map_field, 3, HS_FROM_TABLE, "V8 7.7-14.6: map.h Bits3"));
    HS_TRY(hs_layout_fill(v8, &l->map_new_target_is_base_bit, 0, HS_FROM_TABLE,
                          "V8 7.7-14.6: map.h Bits2 bit 0"));
    HS_TRY(
        hs_layout_fill(v8, &l->map_new_target_is_base_field, 2, HS_FROM_TABLE, "V8 7.7-14.6: map.h Bits2"));
    if (l->map_instance_type != HS_ABSENT && l->map_bit_field != HS_ABSENT) {
        /* instance_attributes: four bytes of which the first is the type (V8 to 6.2). */
        bool byte = l->map_bit_field == l->map_instance_type + 1 ||
                    hs_v8_symbols_field(v8->symbols, "Map__instance_attributes", &value, NULL);
        HS_TRY(hs_layout_fill(v8, &l->map_type_mask, byte ? 0xff : 0xffff, HS_FROM_DERIVED,
                              "the bytes up to Map.bit_field, or the symbol says attributes"));
    }
    bool start = hs_v8_symbols_field(
        v8->symbols, "Map__inobject_properties_start_or_constructor_function_index", &value, NULL);
    return hs_layout_fill(v8, &l->map_inobject_is_count, !start, HS_FROM_DERIVED,
                          start ? "the symbol says start" : "the symbol says no start");
}

static struct hs_error *derive(struct hs_v8 *v8) {
    struct hs_layout *l = &v8->layout;
    int32_t t = l->tagged_size, value;
    HS_TRY(derive_map(v8));
    HS_TRY(hs_layout_fill(v8, &l->descriptors_are_array, 0, HS_FROM_TABLE,
                          "V8 7.4-14.6: DescriptorArray is its own class"));
    HS_TRY(hs_layout_fill(v8, &l->descriptors_count, t, HS_FROM_TABLE,
                          "V8 8.x-14.6: first field behind the map (descriptor-array.tq)"));
    int32_t entry[4] = {0, 1, 2, 3}; /* key, details, value, size; words */
    static const char *const entry_names[] = {"prop_desc_key", "prop_desc_details", "prop_desc_value",
                                              "prop_desc_size"};
    for (int i = 0; i < 4; i++)
        if (hs_v8_symbols_constant(v8->symbols, entry_names[i], &value) && value >= 0 && value < ENTRY_WORDS)
            entry[i] = value;
    HS_TRY(
        hs_layout_fill(v8, &l->descriptor_size, entry[3] * t, HS_FROM_DERIVED, "v8dbg_prop_desc_size words"));
    HS_TRY(
        hs_layout_fill(v8, &l->descriptor_key, entry[0] * t, HS_FROM_DERIVED, "v8dbg_prop_desc_key words"));
    HS_TRY(hs_layout_fill(v8, &l->descriptor_details, entry[1] * t, HS_FROM_DERIVED,
                          "v8dbg_prop_desc_details words"));
    HS_TRY(hs_layout_fill(v8, &l->descriptor_value, entry[2] * t, HS_FROM_DERIVED,
                          "v8dbg_prop_desc_value words"));
    if (l->fixed_array_data != HS_ABSENT)
        HS_TRY(hs_layout_fill(v8, &l->property_array_data, l->fixed_array_data, HS_FROM_DERIVED,
                              "as FixedArray.data"));
    if (l->name_dictionary_prefix != HS_ABSENT)
        HS_TRY(hs_layout_fill(v8, &l->global_dictionary_prefix, l->name_dictionary_prefix, HS_FROM_DERIVED,
                              "as NameDictionary"));
    if (l->name_dictionary_entry != HS_ABSENT)
        HS_TRY(hs_layout_fill(v8, &l->global_dictionary_entry, l->name_dictionary_entry, HS_FROM_DERIVED,
                              "as NameDictionary"));
    /* Until V8 5.8 a global object's entry has its name and its cell; later the cell has the name. */
    if (l->global_dictionary_entry != HS_ABSENT)
        HS_TRY(hs_layout_fill(v8, &l->global_dictionary_cell, l->global_dictionary_entry > 1, HS_FROM_DERIVED,
                              "behind the name, where an entry has more than one word"));
    if (l->global_dictionary_cell == 0)
        HS_TRY(hs_layout_fill(v8, &l->property_cell_name, t, HS_FROM_TABLE, "V8 10-14: property-cell.tq"));
    if (l->sliced_parent != HS_ABSENT &&
        hs_v8_symbols_constant(v8->symbols, "StringRepresentationMask", &value) && value == 3)
        HS_TRY(hs_layout_fill(v8, &l->thin_actual, l->sliced_parent, HS_FROM_DERIVED,
                              "StringRepresentationMask 3: no string is thin"));
    HS_TRY(hs_layout_fill(v8, &l->property_cell_details, 2 * t, HS_FROM_TABLE, "V8 10-14: property-cell.tq"));
    HS_TRY(hs_layout_fill(v8, &l->property_cell_value, 3 * t, HS_FROM_TABLE, "V8 10-14: property-cell.tq"));
    if (l->external_resource != HS_ABSENT)
        HS_TRY(hs_layout_fill(v8, &l->external_data, l->external_resource + v8->arch->word_size,
                              HS_FROM_DERIVED, "the word behind ExternalString.resource (string.h)"));
    if (l->string_length != HS_ABSENT)
        HS_TRY(hs_layout_fill(v8, &l->symbol_flags, l->string_length, HS_FROM_DERIVED,
                              "behind Name.raw_hash_field, as String.length"));
    if (l->shared_name != HS_ABSENT) {
        /* V8 12.5 split function_data into a trusted and an untrusted half (shared-function-info.tq). */
        bool split = l->shared_name == 3 * t;
        HS_TRY(hs_layout_fill(v8, &l->shared_data, t, HS_FROM_DERIVED, "first field behind the map"));
        if (split)
            HS_TRY(hs_layout_fill(v8, &l->shared_untrusted_data, 2 * t, HS_FROM_DERIVED,
                                  "between function_data and name_or_scope_info"));
    }
    HS_TRY(hs_layout_fill(v8, &l->scope_info_first_slot, 1, HS_FROM_TABLE,
                          "V8 4.5-6.8: behind the names of parameters (scopeinfo.h)"));
    if (l->scope_info_first_vars != HS_ABSENT) {
        /* With 5 header slots the flags are a raw word and the positions stand in the header (scope-info.tq).
         * Until V8 5.5 such slots counted stack locals and globals. */
        bool raw = l->scope_info_first_vars >= 5 && l->scope_info_stack_locals == HS_ABSENT;
        HS_TRY(hs_layout_fill(v8, &l->scope_info_raw_flags, raw, HS_FROM_DERIVED,
                              "scopeinfo_idx_first_vars is 5 or more"));
        if (raw)
            HS_TRY(hs_layout_fill(v8, &l->scope_info_positions, 4 * t, HS_FROM_DERIVED,
                                  "scopeinfo_idx_first_vars is 5 or more"));
        HS_TRY(hs_layout_fill(v8, &l->scope_info_data, t, HS_FROM_TABLE,
                              "V8 9.1-14.6: scope-info.tq, the first field"));
        HS_TRY(hs_layout_fill(v8, &l->scope_info_module_count,
                              !v8->symbols->version[0] || hs_v8_minor(v8) >= 1001, HS_FROM_TABLE,
                              "V8 10.1-14.6: scope-info.tq"));
    }
    bool sorted = hs_v8_minor(v8) >= 1406;      /* Torque put the fields of its classes in order */
    l->accessor_info_name = sorted ? 2 * t : t; /* V8 10-14.5 and 14.6 */
    l->accessor_info_data = hs_v8_minor(v8) < 1204 ? HS_ABSENT : sorted ? t : 2 * t;
    /* Foreigns, seen in 10.1 and 10.2; then addresses of functions */
    bool foreigns = hs_v8_minor(v8) >= 1001 && hs_v8_minor(v8) < 1003;
    l->accessor_info_setter = foreigns ? 4 * t : HS_ABSENT;
    l->accessor_info_getter = foreigns ? 5 * t : HS_ABSENT;
    HS_TRY(hs_layout_fill(v8, &l->array_length, 3 * t, HS_FROM_TABLE, "V8 3-14: js-array.tq"));
    HS_TRY(hs_layout_fill(v8, &l->collection_table, 3 * t, HS_FROM_TABLE, "V8 3-14: js-collection.tq"));
    if (hs_v8_minor(v8) < 500 && l->array_buffer_byte_length != HS_ABSENT)
        HS_TRY(hs_layout_fill(v8, &l->array_buffer_store, 7 * t - l->array_buffer_byte_length,
                              HS_FROM_DERIVED,
                              "V8 4.5: the other of the first two fields (objects.h JSArrayBuffer)"));
    const char *name = "";
    if (hs_v8_symbols_field(v8->symbols, "JSArrayBuffer__byte_length", &value, &name))
        HS_TRY(hs_layout_fill(v8, &l->array_buffer_length_is_number, strstr(name, "__Object") != NULL,
                              HS_FROM_DERIVED, name));
    if (l->array_buffer_store != HS_ABSENT)
        HS_TRY(hs_layout_fill(v8, &l->array_buffer_bits, l->array_buffer_store + 2 * v8->arch->word_size,
                              HS_FROM_DERIVED, "behind backing_store and extension (js-array-buffer.tq)"));
    if (hs_v8_symbols_field(v8->symbols, "JSArrayBufferView__byte_offset", &value, NULL))
        /* V8 12.5 put a second word (bit_field) between buffer and byte_offset. */
        HS_TRY(hs_layout_fill(v8, &l->view_buffer, value == 6 * t ? 4 * t : 3 * t, HS_FROM_DERIVED,
                              "before JSArrayBufferView.byte_offset"));
    HS_TRY(hs_layout_fill(v8, &l->lab_is_pair, 0, HS_FROM_TABLE, "V8 8.6-14.6: {start, top, limit}"));
    HS_TRY(hs_layout_fill(v8, &l->wrapper_value, 3 * t, HS_FROM_TABLE,
                          "V8 3-14: js-primitive-wrapper: first field"));
    HS_TRY(hs_layout_fill(v8, &l->generator_function, 3 * t, HS_FROM_TABLE,
                          "V8 3-14: js-generator.tq: first field"));
    return NULL;
}

static struct hs_error *snapshot_terms(struct hs_v8 *v8) {
    struct hs_layout *l = &v8->layout;
    int minor = hs_v8_minor(v8);
    /* heap-snapshot-generator.cc of each branch; meta and node sizes measured on snapshots of every major. */
    l->snapshot_code_types = minor >= 1002;
    l->snapshot_object_shapes = minor >= 1003; /* 10.2 has not, 10.7 has */
    l->snapshot_read_only_weighs_0 = minor >= 1300;
    l->snapshot_code_wrappers = minor >= 1300;       /* 12.9 has not, 13.6 has */
    l->snapshot_own_names = minor >= 1402;           /* 14.1 has not, 14.6 has */
    l->snapshot_first_names = minor && minor < 1000; /* 9.6 has, 10.1 has not */
    l->snapshot_map_names = minor && minor < 500;    /* 4.5 has, 5.0 has not */
    HS_TRY(hs_v8_fact(v8, "snapshot.map_names", l->snapshot_map_names, HS_FROM_TABLE, "V8 4.6 and earlier"));
    l->snapshot_oddball_texts = minor >= 1300;      /* 12.9 has not, 13.6 has */
    l->snapshot_hides_holes = minor >= 1400;        /* 13.6 has not, 14.1 has */
    l->snapshot_names_instructions = minor >= 1108; /* 11.3 has not, 11.8 has */
    l->snapshot_code_is_handle = minor >= 1100 && !l->snapshot_names_instructions;
    l->snapshot_builtin_word = minor >= 1108   ? "builtin code"
                               : minor >= 1100 ? "builtin handle" /* 10.8 has not, 11.3 has */
                                               : "builtin";
    int32_t script;
    l->snapshot_script_or_debug_info =
        hs_v8_symbols_field(v8->symbols, "SharedFunctionInfo__script_or_debug_info", &script, NULL);
    HS_TRY(
        hs_v8_fact(v8, "snapshot.first_names", l->snapshot_first_names, HS_FROM_TABLE, "V8 9.6 and earlier"));
    HS_TRY(hs_v8_fact(v8, "snapshot.code_types", l->snapshot_code_types, HS_FROM_TABLE, "V8 10.2 and later"));
    HS_TRY(hs_v8_fact(v8, "snapshot.object_shapes", l->snapshot_object_shapes, HS_FROM_TABLE,
                      "V8 10.3 and later"));
    HS_TRY(hs_v8_fact(v8, "snapshot.code_wrappers", l->snapshot_code_wrappers, HS_FROM_TABLE,
                      "V8 13.0 and later"));
    HS_TRY(hs_v8_fact(v8, "snapshot.own_names", l->snapshot_own_names, HS_FROM_TABLE, "V8 14.2 and later"));
    return hs_v8_fact(v8, "snapshot.read_only_weighs_0", l->snapshot_read_only_weighs_0, HS_FROM_TABLE,
                      "V8 13.0 and later");
}

static struct hs_error *tagging(struct hs_v8 *v8) {
    struct hs_layout *l = &v8->layout;
    const struct hs_v8_symbols *symbols = v8->symbols;
    int32_t tag = 0, tagged = v8->arch->word_size, shift = 0;
    if (!hs_v8_symbols_constant(symbols, "HeapObjectTag", &tag) || tag != 1)
        return hs_error_create(HS_ERROR_LAYOUT,
                               "V8 %s: HeapObjectTag is %d, not 1: the symbols of %s do not fit",
                               symbols->version_text, tag, symbols->origin);
    hs_v8_symbols_constant(symbols, "TaggedSize", &tagged);
    if (tagged != v8->arch->word_size)
        return hs_error_create(
            HS_ERROR_UNSUPPORTED,
            "V8 %s: this is a build with pointer compression (tagged words of %d bytes on a machine of %d): "
            "not supported yet",
            symbols->version_text, tagged, v8->arch->word_size);
    if (!hs_v8_symbols_constant(symbols, "SmiShiftSize", &shift) || (shift != 31 && shift != 0))
        return hs_error_create(HS_ERROR_LAYOUT, "V8 %s: SmiShiftSize is not known", symbols->version_text);
    l->tagged_size = (uint8_t)tagged;
    l->smi_shift = (uint8_t)(shift + 1);
    HS_TRY(hs_v8_fact(v8, "tagged_size", tagged, HS_FROM_SYMBOL, "v8dbg_TaggedSize"));
    return hs_v8_fact(v8, "smi_shift", shift + 1, HS_FROM_SYMBOL, "v8dbg_SmiShiftSize + 1");
}

/* A shift, mask or bit must be one for its field: hostile or mismatched symbols must not reach a C shift
 * operator. */
static struct hs_error *bound(struct hs_v8 *v8) {
    struct hs_layout *l = &v8->layout;
    const int32_t shifts[] = {l->map_own_descriptors_shift, l->map_dictionary_shift,
                              l->map_prototype_map_bit,     l->details_location_shift,
                              l->details_index_shift,       l->map_elements_kind_shift};
    for (size_t i = 0; i < sizeof shifts / sizeof *shifts; i++)
        if (shifts[i] < 0 || shifts[i] > 31)
            return hs_error_create(
                HS_ERROR_LAYOUT, "V8 %s: a bit-field shift of %d is impossible: the symbols of %s do not fit",
                v8->symbols->version_text, shifts[i], v8->symbols->origin);
    /* hs_map_validate() makes sure of the bytes up to the last field that is read. */
    const int32_t ends[] = {l->map_instance_size + 1,
                            l->map_inobject_start + 1,
                            l->map_instance_type + 2,
                            l->map_bit_field + 1,
                            l->map_bit_field2 + 1,
                            l->map_bit_field3 + 4,
                            l->map_prototype + l->tagged_size,
                            l->map_constructor + l->tagged_size,
                            l->map_descriptors + l->tagged_size,
                            l->map_layout_descriptor < 0 ? 1 : l->map_layout_descriptor + l->tagged_size};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (ends[i] <= 0 || ends[i] > MAP_WORDS * l->tagged_size)
            return hs_error_create(HS_ERROR_LAYOUT,
                                   "V8 %s: a field of Map ends at %d, behind the map: not known",
                                   v8->symbols->version_text, ends[i]);
        if (ends[i] > l->map_end) l->map_end = ends[i];
    }
    const int32_t words[] = {
        l->name_dictionary_prefix,  l->name_dictionary_entry, l->global_dictionary_prefix,
        l->global_dictionary_entry, l->scope_info_first_vars, l->scope_info_locals,
        l->scope_info_first_slot,   l->descriptor_size,       l->descriptor_key,
        l->descriptor_details,      l->descriptor_value};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i] < 0 || words[i] > 64)
            return hs_error_create(
                HS_ERROR_LAYOUT,
                "V8 %s: a header size of %d words is impossible: the symbols of %s do not fit",
                v8->symbols->version_text, words[i], v8->symbols->origin);
    return NULL;
}

struct hs_error *hs_layout_resolve(struct hs_v8 *v8) {
    HS_TRY(tagging(v8));
    for (size_t i = 0; i < ROWS; i++) HS_TRY(from_symbols(v8, &rows[i]));
    HS_TRY(hs_range_fill(v8));
    HS_TRY(derive(v8));
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].required && *slot(v8, &rows[i]) == HS_ABSENT)
            return hs_error_create(
                HS_ERROR_LAYOUT,
                "V8 %s: %s is not known: no symbol, rule or table row gives it, so this release cannot be "
                "read (layout.h says how to add it)",
                v8->symbols->version_text, rows[i].name);
    HS_TRY(bound(v8));
    return snapshot_terms(v8);
}
