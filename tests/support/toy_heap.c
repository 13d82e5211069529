#include "toy_heap.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf_writer.h"

enum { HEADER = 2, ROOTS = 5, DESCRIPTORS_HEADER = 3 }; /* words */

struct toy_private {
    uint8_t *core_bytes;
    struct hs_core *core;
    struct hs_images images;
    struct hs_v8_symbols symbols;
    char *root_names[ROOTS];
    struct hs_isolate isolate;
    struct hs_page pages[2];
    struct hs_space spaces[2];
    struct hs_page_slot slots[1 << 4];
    struct hs_type types[TOY_TYPE_COUNT];
    struct hs_rule rules[16];
    uint8_t rule_of[TOY_TYPE_COUNT];
    unsigned rule_count;
};

static const struct {
    const char *name;
    enum hs_kind kind;
    unsigned instance_words; /* 0: by rule */
    unsigned header, scale;  /* bytes; the count is a Smi at 8, of strings 32 bits at 12 */
} type_facts[TOY_TYPE_COUNT] = {
    [TOY_STRING] = {"", HS_KIND_STRING, 0, 16, 1},
    [TOY_TWO_BYTE] = {"", HS_KIND_STRING, 0, 16, 2},
    [TOY_CONS] = {"", HS_KIND_STRING, 4, 0, 0},
    [TOY_EXTERNAL] = {"", HS_KIND_STRING, 4, 0, 0},
    [TOY_SLICED] = {"", HS_KIND_STRING, 4, 0, 0},
    [TOY_THIN] = {"", HS_KIND_STRING, 3, 0, 0},
    [TOY_SYMBOL] = {"Symbol", HS_KIND_SYMBOL, 3, 0, 0},
    [TOY_HEAP_NUMBER] = {"HeapNumber", HS_KIND_HEAP_NUMBER, 2, 0, 0},
    [TOY_ODDBALL] = {"Oddball", HS_KIND_ODDBALL, 6, 0, 0},
    [TOY_MAP] = {"Map", HS_KIND_MAP, 10, 0, 0},
    [TOY_FILLER] = {"Filler", HS_KIND_FILLER, 1, 0, 0},
    [TOY_FIXED_ARRAY] = {"FixedArray", HS_KIND_FIXED_ARRAY, 0, 16, 8},
    [TOY_BYTE_ARRAY] = {"ByteArray", HS_KIND_BYTE_ARRAY, 0, 16, 1},
    [TOY_PROPERTY_ARRAY] = {"PropertyArray", HS_KIND_PROPERTY_ARRAY, 0, 16, 8},
    [TOY_NAME_DICTIONARY] = {"NameDictionary", HS_KIND_NAME_DICTIONARY, 0, 16, 8},
    [TOY_DESCRIPTORS] = {"DescriptorArray", HS_KIND_DESCRIPTOR_ARRAY, 0, 24, 24},
    [TOY_SHARED] = {"SharedFunctionInfo", HS_KIND_SHARED_FUNCTION_INFO, 7, 0, 0},
    [TOY_SCOPE_INFO] = {"ScopeInfo", HS_KIND_SCOPE_INFO, 12, 0, 0},
    [TOY_SCRIPT] = {"Script", HS_KIND_SCRIPT, 8, 0, 0},
    [TOY_ACCESSOR_PAIR] = {"AccessorPair", HS_KIND_ACCESSOR_PAIR, 3, 0, 0},
    [TOY_ACCESSOR_INFO] = {"AccessorInfo", HS_KIND_OTHER, 3, 0, 0},
    [TOY_ALLOCATION_SITE] = {"AllocationSite", HS_KIND_ALLOCATION_SITE, 6, 0, 0},
    [TOY_BYTECODE] = {"BytecodeArray", HS_KIND_BYTECODE_ARRAY, 6, 0, 0},
    [TOY_OTHER] = {"PromiseReaction", HS_KIND_OTHER, 4, 0, 0},
    [TOY_CONTEXT] = {"FunctionContext", HS_KIND_CONTEXT, 0, 16, 8},
    [TOY_ORDERED_MAP] = {"OrderedHashMap", HS_KIND_ORDERED_HASH_MAP, 0, 16, 8},
    [TOY_OBJECT] = {"JSObject", HS_KIND_JS_OBJECT, 3, 0, 0},
    [TOY_ARRAY] = {"JSArray", HS_KIND_JS_ARRAY, 4, 0, 0},
    [TOY_FUNCTION] = {"JSFunction", HS_KIND_JS_FUNCTION, 8, 0, 0},
    [TOY_ARRAY_BUFFER] = {"JSArrayBuffer", HS_KIND_JS_ARRAY_BUFFER, 8, 0, 0},
    [TOY_PROXY] = {"JSProxy", HS_KIND_JS_PROXY, 4, 0, 0},
    [TOY_WRAPPER] = {"JSPrimitiveWrapper", HS_KIND_JS_PRIMITIVE_WRAPPER, 4, 0, 0},
    [TOY_COLLECTION] = {"JSMap", HS_KIND_JS_MAP, 4, 0, 0},
};

static void die(const char *what) {
    fprintf(stderr, "toy heap: %s\n", what);
    abort();
}

uint64_t *toy_word(struct toy_heap *toy, hs_tagged object, unsigned index) {
    hs_addr address = hs_untag(object) + 8 * (hs_addr)index;
    if (address - TOY_READ_ONLY < TOY_PAGE) return &toy->read_only[(address - TOY_READ_ONLY) / 8];
    if (address - TOY_WRITABLE < TOY_PAGE) return &toy->writable[(address - TOY_WRITABLE) / 8];
    die("no such address");
    return NULL;
}

hs_tagged toy_put(struct toy_heap *toy, hs_tagged map, unsigned words) {
    unsigned page = toy->to_read_only ? 0 : 1;
    if (toy->used[page] + words > TOY_PAGE / 8) die("page full");
    hs_tagged object = (page ? TOY_WRITABLE : TOY_READ_ONLY) + 8 * (uint64_t)toy->used[page] + 1;
    toy->used[page] += words;
    *toy_word(toy, object, 0) = map ? map : object; /* the meta map is its own map */
    return object;
}

/* Map: word 1 instance words, in-object start, type, bit fields; 2 bit field 3; 3 prototype; 4 constructor; 5
 * descriptors */
hs_tagged toy_map(struct toy_heap *toy, enum toy_type type, unsigned instance_words) {
    hs_tagged map = toy_put(toy, toy->meta_map, type_facts[TOY_MAP].instance_words);
    *toy_word(toy, map, 1) = instance_words | 3u << 8 | (uint64_t)type << 32;
    *toy_word(toy, map, 3) = *toy_word(toy, map, 4) = *toy_word(toy, map, 5) = toy->undefined;
    return map;
}

hs_tagged toy_map_of(struct toy_heap *toy, enum toy_type type) {
    if (!toy->maps[type]) {
        bool where = toy->to_read_only;
        toy->to_read_only = true;
        toy->maps[type] = toy_map(toy, type, type_facts[type].instance_words);
        toy->to_read_only = where;
    }
    return toy->maps[type];
}

hs_tagged toy_string(struct toy_heap *toy, const char *latin1) {
    unsigned length = (unsigned)strlen(latin1);
    hs_tagged string = toy_put(toy, toy_map_of(toy, TOY_STRING), HEADER + (length + 7) / 8);
    *toy_word(toy, string, 1) = (uint64_t)length << 32;
    if (length) memcpy(toy_word(toy, string, 2), latin1, length);
    return string;
}

hs_tagged toy_string_units(struct toy_heap *toy, const uint16_t *units, unsigned count) {
    hs_tagged string = toy_put(toy, toy_map_of(toy, TOY_TWO_BYTE), HEADER + (2 * count + 7) / 8);
    *toy_word(toy, string, 1) = (uint64_t)count << 32;
    if (count) memcpy(toy_word(toy, string, 2), units, 2 * count);
    return string;
}

hs_tagged toy_cons(struct toy_heap *toy, hs_tagged first, hs_tagged second) {
    hs_tagged cons = toy_put(toy, toy_map_of(toy, TOY_CONS), 4);
    *toy_word(toy, cons, 1) = *toy_word(toy, first, 1) + *toy_word(toy, second, 1);
    *toy_word(toy, cons, 2) = first;
    *toy_word(toy, cons, 3) = second;
    return cons;
}

hs_tagged toy_symbol(struct toy_heap *toy, const char *description, unsigned flags) {
    hs_tagged text = description ? toy_string(toy, description) : toy->undefined;
    hs_tagged symbol = toy_put(toy, toy_map_of(toy, TOY_SYMBOL), 3);
    *toy_word(toy, symbol, 1) = (uint64_t)flags << 32;
    *toy_word(toy, symbol, 2) = text;
    return symbol;
}

hs_tagged toy_array(struct toy_heap *toy, enum toy_type type, unsigned count, const hs_tagged *items) {
    unsigned words = type == TOY_BYTE_ARRAY ? (count + 7) / 8 : count;
    hs_tagged array = toy_put(toy, toy_map_of(toy, type), HEADER + words);
    *toy_word(toy, array, 1) = toy_smi(count);
    for (unsigned i = 0; items && i < words; i++) *toy_word(toy, array, HEADER + i) = items[i];
    return array;
}

hs_tagged toy_shared(struct toy_heap *toy, hs_tagged name_or_scope, hs_tagged script) {
    hs_tagged shared = toy_put(toy, toy_map_of(toy, TOY_SHARED), 7);
    *toy_word(toy, shared, 2) = name_or_scope;
    *toy_word(toy, shared, 4) = script ? script : toy->undefined;
    return shared;
}

hs_tagged toy_function(struct toy_heap *toy, hs_tagged shared) {
    hs_tagged function = toy_put(toy, toy_map_of(toy, TOY_FUNCTION), 8);
    *toy_word(toy, function, 3) = shared;
    return function;
}

hs_tagged toy_script(struct toy_heap *toy, const char *name, const char *source) {
    hs_tagged text = toy_string(toy, source), title = name ? toy_string(toy, name) : toy->undefined;
    hs_tagged script = toy_put(toy, toy_map_of(toy, TOY_SCRIPT), 8);
    *toy_word(toy, script, 1) = text;
    *toy_word(toy, script, 2) = title;
    *toy_word(toy, script, 3) = toy->undefined;
    return script;
}

hs_tagged toy_scope(struct toy_heap *toy, hs_tagged name, unsigned start) {
    hs_tagged local = toy_string(toy, "local");
    hs_tagged scope = toy_put(toy, toy_map_of(toy, TOY_SCOPE_INFO), 12);
    *toy_word(toy, scope, 1) =
        toy_smi(2 | (name ? 1 << 12 : 0)); /* a function's scope, with a function variable */
    *toy_word(toy, scope, 3) = toy_smi(1);
    *toy_word(toy, scope, 4) = local;
    unsigned at = 6; /* behind name and info of the local */
    if (name) {
        *toy_word(toy, scope, at) = name;
        at += 2;
    }
    *toy_word(toy, scope, at) = toy_smi(start);
    *toy_word(toy, scope, at + 1) = toy_smi(start + 10);
    return scope;
}

static void made_by(struct toy_heap *toy, hs_tagged map, hs_tagged constructor, hs_tagged prototype) {
    if (constructor) {
        *toy_word(toy, map, 1) |= UINT64_C(1) << 56; /* new_target_is_base */
        *toy_word(toy, map, 4) = constructor;
    }
    if (prototype) *toy_word(toy, map, 3) = prototype;
}

hs_tagged toy_shape(struct toy_heap *toy, enum toy_type type, hs_tagged constructor, hs_tagged prototype,
                    const struct toy_property *properties, unsigned count) {
    unsigned fields = 0;
    hs_tagged descriptors = toy_put(toy, toy_map_of(toy, TOY_DESCRIPTORS), DESCRIPTORS_HEADER + 3 * count);
    *toy_word(toy, descriptors, 1) =
        toy_smi(count); /* the toy's rule reads a Smi, V8's field is its upper part */
    for (unsigned i = 0; i < count; i++) {
        bool field = !properties[i].constant;
        *toy_word(toy, descriptors, DESCRIPTORS_HEADER + 3 * i) = properties[i].key;
        *toy_word(toy, descriptors, DESCRIPTORS_HEADER + 3 * i + 1) =
            toy_smi((properties[i].accessor ? 1 : 0) | (field ? 0 : 1 << 5) | (field ? fields << 19 : 0));
        *toy_word(toy, descriptors, DESCRIPTORS_HEADER + 3 * i + 2) = properties[i].constant;
        fields += field;
    }
    unsigned base = type_facts[type].instance_words;
    hs_tagged map = toy_map(toy, type, base + fields);
    *toy_word(toy, map, 1) = (*toy_word(toy, map, 1) & ~UINT64_C(0xff00)) | (uint64_t)base << 8;
    *toy_word(toy, map, 2) = count << 10;
    *toy_word(toy, map, 5) = descriptors;
    made_by(toy, map, constructor, prototype);
    return map;
}

hs_tagged toy_slow_shape(struct toy_heap *toy, hs_tagged constructor, hs_tagged prototype) {
    hs_tagged map = toy_map(toy, TOY_OBJECT, 3);
    *toy_word(toy, map, 2) = 1 << 21;
    made_by(toy, map, constructor, prototype);
    return map;
}

/* NameDictionary: count, deleted, capacity, two words of prefix, then {key, value, details}. */
hs_tagged toy_slow_object(struct toy_heap *toy, hs_tagged map, const hs_tagged *keys, unsigned count) {
    unsigned capacity = count + 2;
    hs_tagged dictionary = toy_array(toy, TOY_NAME_DICTIONARY, 5 + 3 * capacity, NULL);
    *toy_word(toy, dictionary, HEADER) = toy_smi(count);
    *toy_word(toy, dictionary, HEADER + 2) = toy_smi(capacity);
    for (unsigned i = 0; i < capacity; i++)
        *toy_word(toy, dictionary, HEADER + 5 + 3 * i) = i == 0       ? toy->the_hole
                                                         : i <= count ? keys[i - 1]
                                                                      : toy->undefined;
    hs_tagged object = toy_put(toy, map, 3);
    *toy_word(toy, object, 1) = dictionary;
    return object;
}

static void set_layout(struct hs_layout *l) {
#define X(field, name, stems, required) l->field = HS_ABSENT;
    HS_LAYOUT_FACTS(X)
#undef X
    l->tagged_size = 8;
    l->smi_shift = 32;
    l->map_instance_size = 8, l->map_inobject_start = 9, l->map_instance_type = 12, l->map_bit_field = 14;
    l->map_bit_field2 = 15, l->map_bit_field3 = 16, l->map_prototype = 24, l->map_constructor = 32,
    l->map_descriptors = 40;
    l->map_own_descriptors_shift = 10, l->map_own_descriptors_mask = 0xffc00, l->map_dictionary_shift = 21;
    l->map_prototype_map_bit = 20, l->map_new_target_is_base_bit = 0;
    l->map_type_mask = 0xffff, l->map_inobject_is_count = 0, l->descriptors_are_array = 0, l->lab_is_pair = 0;
    l->map_prototype_map_field = 3, l->map_new_target_is_base_field = 2, l->array_buffer_length_is_number = 0;
    l->map_elements_kind_shift = 2, l->map_elements_kind_mask = 0xfc;
    l->details_kind_mask = 1, l->details_kind_accessor = 1, l->details_location_mask = 1 << 5,
    l->details_location_shift = 5;
    l->details_location_field = 0, l->details_index_mask = 0x1ff80000, l->details_index_shift = 19;
    l->descriptors_header = 24, l->descriptors_count = 12, l->descriptor_size = 24;
    l->descriptor_key = 0, l->descriptor_details = 8, l->descriptor_value = 16;
    l->receiver_properties = 8, l->object_elements = 16, l->fixed_array_length = 8, l->fixed_array_data = 16;
    l->property_array_data = 16, l->name_dictionary_prefix = 2, l->name_dictionary_entry = 3;
    l->global_dictionary_prefix = 2, l->global_dictionary_entry = 1;
    l->string_length = 12, l->string_chars = 16, l->cons_first = 16, l->cons_second = 24;
    l->sliced_parent = 16, l->sliced_offset = 24, l->thin_actual = 16, l->external_resource = 16,
    l->external_data = 24;
    l->symbol_description = 16, l->symbol_flags = 12, l->heap_number_value = 8;
    l->function_shared = 24, l->function_context = 32, l->shared_name = 16, l->shared_data = 8,
    l->shared_script = 32;
    l->script_source = 8, l->script_name = 16, l->script_line_ends = 24;
    l->scope_info_first_vars = 3, l->scope_info_locals = 2, l->scope_info_raw_flags = 0,
    l->scope_info_module_count = 1;
    l->scope_info_data = 8, l->scope_info_function_shift = 12, l->scope_info_inferred_bit = 14,
    l->scope_info_saved_class_bit = 10, l->scope_info_receiver_shift = HS_ABSENT,
    l->scope_info_inlined_names = 75;
    l->array_length = 24, l->collection_table = 24, l->array_buffer_byte_length = 24,
    l->array_buffer_store = 32;
    l->view_byte_length = 40, l->wrapper_value = 24, l->generator_function = 24;
    l->snapshot_object_shapes = l->snapshot_code_types = true;
}

static void set_types(struct toy_heap *toy, struct toy_private *p) {
    p->rules[p->rule_count++] = (struct hs_rule){.form = HS_RULE_UNKNOWN};
    for (unsigned i = 0; i < TOY_TYPE_COUNT; i++) {
        p->types[i] = (struct hs_type){.number = (uint16_t)i, .kind = (uint8_t)type_facts[i].kind};
        if (!type_facts[i].name) continue;
        snprintf(p->types[i].name, sizeof p->types[i].name, "%s", type_facts[i].name);
        if (!type_facts[i].scale) continue;
        p->rule_of[i] = (uint8_t)p->rule_count;
        p->rules[p->rule_count++] = (struct hs_rule){.form = HS_RULE_LINEAR,
                                                     .unit = i < TOY_SYMBOL ? HS_COUNT_U32 : HS_COUNT_SMI,
                                                     .at = i < TOY_SYMBOL ? 12 : 8,
                                                     .align = 8,
                                                     .header = (uint16_t)type_facts[i].header,
                                                     .scale = (uint8_t)type_facts[i].scale,
                                                     .mask = UINT32_MAX};
    }
    toy->v8.types = (struct hs_types){.items = p->types,
                                      .count = TOY_TYPE_COUNT,
                                      .first_nonstring = TOY_SYMBOL,
                                      .first_receiver = TOY_FIRST_RECEIVER,
                                      .map = TOY_MAP};
    toy->v8.rules = (struct hs_rules){p->rules, p->rule_count, p->rule_of};
}

static hs_tagged oddball(struct toy_heap *toy) {
    return toy_put(toy, toy_map_of(toy, TOY_ODDBALL), 6);
}

struct toy_heap *toy_heap_create(void) {
    struct toy_heap *toy = calloc(1, sizeof *toy);
    struct toy_private *p = calloc(1, sizeof *p);
    if (!toy || !p) die("no memory");
    toy->priv = p;
    toy->used[0] = toy->used[1] = HEADER;
    toy->to_read_only = true;
    toy->meta_map = toy_put(toy, 0, type_facts[TOY_MAP].instance_words);
    *toy_word(toy, toy->meta_map, 1) = type_facts[TOY_MAP].instance_words | (uint64_t)TOY_MAP << 32;
    toy->maps[TOY_MAP] = toy->meta_map;
    toy->undefined = oddball(toy);
    toy->the_hole = oddball(toy);
    toy->to_string_tag = toy_symbol(toy, "Symbol.toStringTag", 0xa);
    toy->constructor_string = toy_string(toy, "constructor");
    toy->name_string = toy_string(toy, "name");
    toy->to_read_only = false;
    return toy;
}

void toy_heap_open(struct toy_heap *toy) {
    static const char *const names[ROOTS] = {"undefined_value", "the_hole_value", "to_string_tag_symbol",
                                             "constructor_string", "name_string"};
    struct toy_private *p = toy->priv;
    struct hs_v8 *v8 = &toy->v8;
    for (int i = 0; i < ROOTS; i++) p->root_names[i] = (char *)names[i];
    p->symbols.root_names = p->root_names;
    p->symbols.root_count = ROOTS;
    const hs_tagged roots[ROOTS] = {toy->undefined, toy->the_hole, toy->to_string_tag,
                                    toy->constructor_string, toy->name_string};
    memcpy(toy->outside, roots, sizeof roots);

    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_thread(&writer, 1, TOY_OUTSIDE, 0, 0);
    elf_writer_load(&writer, TOY_READ_ONLY, TOY_PAGE, toy->read_only, TOY_PAGE, PF_R | PF_W);
    elf_writer_load(&writer, TOY_WRITABLE, TOY_PAGE, toy->writable, TOY_PAGE, PF_R | PF_W);
    elf_writer_load(&writer, TOY_OUTSIDE, sizeof toy->outside, toy->outside, sizeof toy->outside,
                    PF_R | PF_W);
    size_t size;
    p->core_bytes = elf_writer_finish(&writer, &size);
    elf_writer_deinit(&writer);
    struct hs_error *error = hs_core_open_memory(p->core_bytes, size, "toy", &p->core);
    if (error) die(error->message);

    v8->core = p->core;
    v8->images = &p->images;
    v8->arch = p->core->arch;
    v8->symbols = &p->symbols;
    set_layout(&v8->layout);
    set_types(toy, p);
    p->isolate =
        (struct hs_isolate){.address = TOY_OUTSIDE, .heap = TOY_OUTSIDE, .roots = TOY_OUTSIDE, .main = true};
    v8->isolates = &p->isolate;
    v8->isolate_count = 1;
    for (int i = 0; i < 2; i++) {
        hs_addr base = i ? TOY_WRITABLE : TOY_READ_ONLY, used = 8 * (hs_addr)toy->used[i];
        p->pages[i] = (struct hs_page){.base = base,
                                       .area_start = base + 8 * HEADER,
                                       .area_end = base + used,
                                       .size = TOY_PAGE,
                                       .present = used - 8 * HEADER,
                                       .space = (uint16_t)i,
                                       .flags = i ? 0 : HS_PAGE_READ_ONLY};
        p->pages[i].bytes = hs_core_ptr(p->core, p->pages[i].area_start, p->pages[i].present);
        snprintf(p->spaces[i].name, sizeof p->spaces[i].name, "%s", i ? "old_space" : "read_only_space");
    }
    v8->pages = (struct hs_pages){.items = p->pages,
                                  .count = 2,
                                  .spaces = p->spaces,
                                  .space_count = 2,
                                  .slots = p->slots,
                                  .slot_shift = 64 - 4,
                                  .page_bits = 18,
                                  .variant = "toy"};
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t chunk = p->pages[i].base >> 18, at = hs_pages_slot(&v8->pages, chunk);
        while (p->slots[at].number) at = (at + 1) % (1 << 4);
        p->slots[at] = (struct hs_page_slot){chunk, i + 1};
    }
}

void toy_heap_destroy(struct toy_heap *toy) {
    struct toy_private *p = toy->priv;
    hs_core_close(p->core);
    free(p->core_bytes);
    free(p);
    free(toy);
}
