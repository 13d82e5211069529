#include "mini_heap.h"
#include "elf_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "v8/layout_private.h"

/* v8dbg_* of Node 22.12.0, as far as a layout needs them. Instance types of JavaScript objects are lower than
 * in truth, so that the tables stay small. */
static const struct {
    const char *name;
    int32_t value;
} constants[] = {
    {"FirstNonstringType", 128},
    {"HeapObjectTag", 1},
    {"OddballFalse", 0},
    {"OddballNull", 3},
    {"OddballTrue", 1},
    {"OddballUndefined", 4},
    {"SmiShiftSize", 31},
    {"TaggedSize", 8},
    {"bit_field2_elements_kind_mask", 252},
    {"bit_field2_elements_kind_shift", 2},
    {"bit_field3_is_dictionary_map_shift", 21},
    {"bit_field3_number_of_own_descriptors_mask", 1047552},
    {"bit_field3_number_of_own_descriptors_shift", 10},
    {"class_BytecodeArray__data__uintptr_t", 64},
    {"class_ConsString__first__String", 16},
    {"class_ConsString__second__String", 24},
    {"class_DescriptorArray__header_size__uintptr_t", 24},
    {"class_ExternalString__resource__Object", 16},
    {"class_FixedArrayBase__length__SMI", 8},
    {"class_FixedArray__data__uintptr_t", 16},
    {"class_HeapNumber__value__double", 8},
    {"class_JSArrayBufferView__byte_length__size_t", 40},
    {"class_JSArrayBufferView__byte_offset__size_t", 32},
    {"class_JSArrayBuffer__backing_store__uintptr_t", 48},
    {"class_JSArrayBuffer__byte_length__size_t", 32},
    {"class_JSFunction__context__Tagged_Context_", 40},
    {"class_JSFunction__shared__SharedFunctionInfo", 32},
    {"class_JSObject__elements__Object", 16},
    {"class_JSReceiver__raw_properties_or_hash__Tagged_Object_", 8},
    {"class_JSRegExp__source__Object", 32},
    {"class_Map__bit_field2__char", 15},
    {"class_Map__bit_field3__int", 16},
    {"class_Map__bit_field__char", 14},
    {"class_Map__constructor_or_back_pointer__Tagged_Object_", 32},
    {"class_Map__inobject_properties_start_or_constructor_function_index__char", 9},
    {"class_Map__instance_descriptors__Tagged_DescriptorArray_", 40},
    {"class_Map__instance_size_in_words__char", 8},
    {"class_Map__instance_type__uint16_t", 12},
    {"class_Map__prototype__Tagged_HeapObject_", 24},
    {"class_Oddball__kind__int", 40},
    {"class_Script__line_ends__Object", 56},
    {"class_Script__name__Object", 16},
    {"class_Script__source__Object", 8},
    {"class_SeqOneByteString__chars__char", 16},
    {"class_SharedFunctionInfo__feedback_metadata__Tagged_FeedbackMetadata_", 24},
    {"class_SharedFunctionInfo__name_or_scope_info__Tagged_Object_", 16},
    {"class_SharedFunctionInfo__raw_script__Tagged_Object_", 32},
    {"class_SlicedString__offset__SMI", 24},
    {"class_SlicedString__parent__String", 16},
    {"class_String__length__int32_t", 12},
    {"class_Symbol__name__Object", 16},
    {"class_ThinString__actual__String", 16},
    {"class_UncompiledData__inferred_name__String", 8},
    {"class_UncompiledData__start_position__int32_t", 16},
    {"context_idx_prev", 1},
    {"context_idx_scope_info", 0},
    {"globaldictionaryshape_entry_size", 1},
    {"namedictionaryshape_entry_size", 3},
    {"namedictionaryshape_prefix_size", 3},
    {"prop_desc_details", 1},
    {"prop_desc_key", 0},
    {"prop_desc_size", 3},
    {"prop_desc_value", 2},
    {"prop_index_mask", 536346624},
    {"prop_index_shift", 19},
    {"prop_kind_Accessor", 1},
    {"prop_kind_mask", 1},
    {"prop_location_Field", 0},
    {"prop_location_mask", 32},
    {"prop_location_shift", 5},
    {"scopeinfo_idx_first_vars", 3},
    {"scopeinfo_idx_ncontextlocals", 2},
    {"type_ByteArray__BYTE_ARRAY_TYPE", 186},
    {"type_FixedArray__FIXED_ARRAY_TYPE", 174},
    {"type_FreeSpace__FREE_SPACE_TYPE", 260},
    {"type_HeapNumber__HEAP_NUMBER_TYPE", 130},
    {"type_JSObject__JS_OBJECT_TYPE", 300},
    {"type_JSProxy__JS_PROXY_TYPE", 291},
    {"type_Map__MAP_TYPE", 264},
    {"type_Oddball__ODDBALL_TYPE", 131},
    {"type_PropertyArray__PROPERTY_ARRAY_TYPE", 269},
    {"type_ScopeInfo__SCOPE_INFO_TYPE", 272},
    {"type_SharedFunctionInfo__SHARED_FUNCTION_INFO_TYPE", 274},
    {"type_Symbol__SYMBOL_TYPE", 128},
};

static const struct {
    const char *root; /* name in the roots table, or NULL */
    uint16_t type;
    uint8_t words; /* instance size, 0: variable */
} maps[MINI_MAPS] = {
    [MINI_META_MAP] = {"meta_map", 264, 10},
    [MINI_FREE_SPACE] = {"free_space_map", 260, 0},
    [MINI_FILLER_1] = {"one_pointer_filler_map", 259, 1},
    [MINI_FILLER_2] = {"two_pointer_filler_map", 259, 2},
    [MINI_FIXED_ARRAY] = {"fixed_array_map", 174, 0},
    [MINI_PROPERTY_ARRAY] = {"property_array_map", 269, 0},
    [MINI_SYMBOL] = {"symbol_map", 128, 3},
    [MINI_HEAP_NUMBER] = {"heap_number_map", 130, 2},
    [MINI_SCOPE_INFO] = {"scope_info_map", 272, 0},
    [MINI_SHARED_FUNCTION_INFO] = {"shared_function_info_map", 274, 8},
    [MINI_ODDBALL] = {"undefined_map", 131, 6},
    [MINI_BYTE_ARRAY] = {"byte_array_map", 186, 0},
    [MINI_STRING] = {"internalized_one_byte_string_map", 8, 0},
    [MINI_CONS_STRING] = {"cons_one_byte_string_map", 41, 4},
    [MINI_OBJECT] = {NULL, 300, 4},
};
static const char *const value_names[MINI_VALUES] = {
    "undefined_value", "the_hole_value", "null_value",           "true_value",
    "false_value",     "empty_string",   "to_string_tag_symbol", "empty_fixed_array"};

/* AllocationSpace of V8 12.4 (globals.h) and the semispace bits. */
static const struct {
    uint32_t id, flags;
} spaces[] = {[MINI_READ_ONLY] = {0, 0},
              [MINI_OLD] = {2, 0},
              [MINI_TO] = {1, 1 << 4},
              [MINI_FROM] = {1, 1 << 3},
              [MINI_LARGE] = {7, 1 << 7}};

enum {
    ISOLATE_REGION = 0x5000,
    STACK_SIZE = 0x1000,
    TEXT_SIZE = 0x1000,
    SPACE_OFFSET = 0x3000,
    ROOTS = 0x250,
    MAP_BYTES = 80,
    NEXT = 264,
    TID = 4242,
    GAP = 64 /* what the writer leaves before a segment that stands apart */
};
static const struct {
    hs_addr addr;
    size_t size;
    uint32_t flags;
} regions[] = {{MINI_TEXT, TEXT_SIZE, PF_R | PF_X},
               {MINI_ISOLATE - 0x100, ISOLATE_REGION, PF_R | PF_W},
               {MINI_HELPER, STACK_SIZE, PF_R | PF_W},
               {MINI_STACK, STACK_SIZE, PF_R | PF_W}};
enum { REGIONS = sizeof regions / sizeof *regions };

hs_addr mini_heap_page(enum mini_page page) {
    return UINT64_C(0x200000000) + (hs_addr)page * 0x40000;
}

/* The first of the pages of one space. */
static enum mini_page first_of(enum mini_page page) {
    static const enum mini_page firsts[] = {MINI_LARGE, MINI_FROM, MINI_TO, MINI_OLD};
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++)
        if (page >= firsts[i]) return firsts[i];
    return MINI_READ_ONLY;
}

static hs_addr space_of(enum mini_page page) {
    return MINI_ISOLATE + SPACE_OFFSET + (hs_addr)first_of(page) * 0x80;
}

uint8_t *mini_heap_at(struct mini_heap *heap, hs_addr addr) {
    size_t offset = 0;
    for (int i = 0; i < REGIONS; offset += regions[i++].size)
        if (addr - regions[i].addr < regions[i].size) return heap->memory + offset + (addr - regions[i].addr);
    for (int i = 0; i < MINI_PAGES; offset += MINI_PAGE_SIZE, i++)
        if (addr - mini_heap_page((enum mini_page)i) < MINI_PAGE_SIZE)
            return heap->memory + offset + (addr - mini_heap_page((enum mini_page)i));
    abort();
}

void mini_heap_put(struct mini_heap *heap, hs_addr addr, uint64_t word) {
    memcpy(mini_heap_at(heap, addr), &word, sizeof word);
}

uint64_t mini_heap_get(struct mini_heap *heap, hs_addr addr) {
    uint64_t word;
    memcpy(&word, mini_heap_at(heap, addr), sizeof word);
    return word;
}

void mini_heap_constant(struct mini_heap *heap, const char *name, int32_t value, bool remove) {
    struct hs_v8_constant *entry;
    HASH_FIND_STR(heap->symbols->constants, name, entry);
    if (!entry) {
        if (remove || hs_v8_symbols_add(heap->symbols, name, value)) abort();
    } else if (remove) {
        HASH_DEL(heap->symbols->constants, entry);
        heap->symbols->constant_count--;
        free(entry);
    } else {
        entry->value = value;
    }
}

/* --- objects */

static hs_addr allocate(struct mini_heap *heap, enum mini_page page, enum mini_map map, uint64_t bytes) {
    hs_addr addr = heap->cursor[page];
    if (!addr || bytes > mini_heap_page(page) + MINI_PAGE_SIZE - addr) abort();
    heap->cursor[page] += (bytes + 7) & ~UINT64_C(7);
    memset(mini_heap_at(heap, addr), 0, (bytes + 7) & ~UINT64_C(7));
    mini_heap_put(heap, addr, heap->maps[map] + 1);
    return addr;
}

hs_addr mini_heap_object(struct mini_heap *heap, enum mini_page page) {
    return allocate(heap, page, MINI_OBJECT, 32);
}

hs_addr mini_heap_array(struct mini_heap *heap, enum mini_page page, uint32_t length) {
    hs_addr addr = allocate(heap, page, MINI_FIXED_ARRAY, 16 + 8 * (uint64_t)length);
    mini_heap_put(heap, addr + 8, (uint64_t)length << 32);
    return addr;
}

hs_addr mini_heap_string(struct mini_heap *heap, enum mini_page page, const char *text) {
    uint32_t length = (uint32_t)strlen(text);
    hs_addr addr = allocate(heap, page, MINI_STRING, 16 + (uint64_t)length);
    mini_heap_put(heap, addr + 8, (uint64_t)length << 32 | 3);
    memcpy(mini_heap_at(heap, addr) + 16, text, length);
    return addr;
}

hs_addr mini_heap_cons(struct mini_heap *heap, enum mini_page page, hs_addr first, hs_addr second) {
    hs_addr addr = allocate(heap, page, MINI_CONS_STRING, 32);
    mini_heap_put(heap, addr + 16, first + 1);
    mini_heap_put(heap, addr + 24, second + 1);
    return addr;
}

hs_addr mini_heap_filler(struct mini_heap *heap, enum mini_page page, unsigned words) {
    return allocate(heap, page, words == 1 ? MINI_FILLER_1 : MINI_FILLER_2, 8 * words);
}

hs_addr mini_heap_free(struct mini_heap *heap, enum mini_page page, uint64_t bytes) {
    hs_addr addr = allocate(heap, page, MINI_FREE_SPACE, bytes);
    mini_heap_put(heap, addr + 8, bytes << 32);
    return addr;
}

hs_addr mini_heap_junk(struct mini_heap *heap, enum mini_page page, unsigned words, uint64_t value) {
    hs_addr addr = allocate(heap, page, MINI_OBJECT, 8 * words);
    for (unsigned i = 0; i < words; i++) mini_heap_put(heap, addr + 8 * i, value);
    return addr;
}

void mini_heap_end_page(struct mini_heap *heap, enum mini_page page, bool free_rest) {
    if (!heap->cursor[page]) return;
    uint64_t rest = mini_heap_page(page) + MINI_PAGE_SIZE - heap->cursor[page];
    if (free_rest && rest == 8) mini_heap_filler(heap, page, 1);
    else if (free_rest && rest) mini_heap_free(heap, page, rest);
    heap->cursor[page] = 0;
}

/* --- the heap */

static void init_symbols(struct mini_heap *heap) {
    struct hs_v8_symbols *symbols = calloc(1, sizeof *symbols);
    if (!symbols || !(symbols->root_names = calloc(MINI_MAPS + MINI_VALUES, sizeof *symbols->root_names)))
        abort();
    heap->symbols = symbols;
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        mini_heap_constant(heap, constants[i].name, constants[i].value, false);
    for (int i = 0; i < MINI_MAPS + MINI_VALUES; i++) {
        const char *name = i < MINI_MAPS ? maps[i].root : value_names[i - MINI_MAPS];
        if (!(symbols->root_names[symbols->root_count++] = strdup(name ? name : ""))) abort();
    }
    const int version[] = {12, 4, 254, 21};
    memcpy(symbols->version, version, sizeof version);
    snprintf(symbols->origin, sizeof symbols->origin, "mini");
}

static void init_pages(struct mini_heap *heap) {
    for (int i = 0; i < MINI_PAGES; i++) {
        enum mini_page page = (enum mini_page)i, first = first_of(page);
        hs_addr base = mini_heap_page(page), space = page == MINI_READ_ONLY ? 0 : space_of(page);
        bool last = i + 1 == MINI_PAGES || first_of((enum mini_page)(i + 1)) != first;
        const uint64_t header[] = {spaces[first].flags,
                                   base,
                                   MINI_PAGE_SIZE,
                                   space ? MINI_HEAP_ADDRESS : 0,
                                   base + MINI_HEADER,
                                   base + MINI_PAGE_SIZE,
                                   0,
                                   0,
                                   0,
                                   space};
        memcpy(mini_heap_at(heap, base), header, sizeof header);
        mini_heap_put(heap, base + NEXT, last ? 0 : mini_heap_page((enum mini_page)(i + 1)));
        mini_heap_put(heap, base + NEXT + 8, page == first ? 0 : mini_heap_page((enum mini_page)(i - 1)));
        heap->cursor[i] = base + MINI_HEADER;
        heap->present[i] = MINI_PAGE_SIZE;
        if (!space || page != first) continue;
        mini_heap_put(heap, space, MINI_TEXT + 0x800); /* vtable: no symbol names it */
        mini_heap_put(heap, space + 8, MINI_HEAP_ADDRESS);
        mini_heap_put(heap, space + 16, spaces[first].id);
        mini_heap_put(heap, space + 40, base);
    }
}

static void init_read_only(struct mini_heap *heap) {
    heap->maps[0] = heap->cursor[MINI_READ_ONLY];
    for (int i = 0; i < MINI_MAPS; i++) {
        hs_addr map = allocate(heap, MINI_READ_ONLY, MINI_META_MAP, MAP_BYTES);
        heap->maps[i] = map;
        uint8_t *p = mini_heap_at(heap, map);
        p[8] = maps[i].words;
        p[9] = 3;
        memcpy(p + 12, &maps[i].type, sizeof maps[i].type);
    }
    static const int kinds[] = {4, 2, 3, 1, 0};
    for (int i = MINI_UNDEFINED; i <= MINI_FALSE; i++) {
        heap->values[i] = allocate(heap, MINI_READ_ONLY, MINI_ODDBALL, 48);
        mini_heap_put(heap, heap->values[i] + 40, (uint64_t)kinds[i] << 32);
    }
    heap->values[MINI_EMPTY_STRING] = mini_heap_string(heap, MINI_READ_ONLY, "");
    heap->values[MINI_EMPTY_ARRAY] = mini_heap_array(heap, MINI_READ_ONLY, 0);
    heap->values[MINI_TO_STRING_TAG] = allocate(heap, MINI_READ_ONLY, MINI_SYMBOL, 24);
    mini_heap_put(heap, heap->values[MINI_TO_STRING_TAG] + 16,
                  mini_heap_string(heap, MINI_READ_ONLY, "Symbol.toStringTag") + 1);
    hs_addr roots = MINI_ISOLATE + ROOTS;
    for (int i = 0; i < MINI_MAPS; i++) mini_heap_put(heap, roots + 8 * (hs_addr)i, heap->maps[i] + 1);
    for (int i = 0; i < MINI_VALUES; i++)
        mini_heap_put(heap, roots + 8 * (hs_addr)(MINI_MAPS + i), heap->values[i] + 1);
}

void mini_heap_init(struct mini_heap *heap) {
    *heap = (struct mini_heap){.size = MINI_PAGES * MINI_PAGE_SIZE};
    for (int i = 0; i < REGIONS; i++) heap->size += regions[i].size;
    if (!(heap->memory = calloc(1, heap->size))) abort();
    mini_heap_put(heap, MINI_ISOLATE + 8, MINI_ISOLATE);
    init_symbols(heap);
    init_pages(heap);
    init_read_only(heap);
}

void mini_heap_deinit(struct mini_heap *heap) {
    hs_v8_symbols_destroy(heap->symbols);
    free(heap->memory);
}

/* Under AddressSanitizer nobody may read between the segments of the core. */
#if defined(__SANITIZE_ADDRESS__)
#define MINI_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MINI_ASAN 1
#endif
#endif
#ifdef MINI_ASAN
#include <sanitizer/asan_interface.h>
static void guard(const struct mini_v8 *mini, bool on) {
    for (size_t i = 1; i <= REGIONS + MINI_PAGES; i++) {
        const Elf64_Phdr *header = elf_writer_header(mini->bytes, i);
        const uint8_t *gap = mini->bytes + header->p_offset - GAP;
        if (on) __asan_poison_memory_region(gap, GAP);
        else __asan_unpoison_memory_region(gap, GAP);
    }
}
#else
static void guard(const struct mini_v8 *mini, bool on) {
    (void)mini, (void)on;
}
#endif

struct hs_error *mini_heap_open(struct mini_heap *heap, struct mini_v8 *ret) {
    struct elf_writer writer;
    elf_writer_init(&writer);
    elf_writer_process(&writer, TID, "node");
    elf_writer_thread(&writer, TID, MINI_STACK + 0x800, MINI_TEXT + 0x900,
                      heap->without_tp ? 0 : MINI_STACK + 0x100);
    if (heap->with_helper)
        elf_writer_thread(&writer, TID - 1, MINI_HELPER + 0x800, MINI_TEXT + 0x900, MINI_HELPER + 0x100);
    for (int i = 0; i < REGIONS; i++)
        elf_writer_load(&writer, regions[i].addr, regions[i].size, mini_heap_at(heap, regions[i].addr),
                        regions[i].size, regions[i].flags)
            ->apart = true;
    for (int i = 0; i < MINI_PAGES; i++) {
        mini_heap_end_page(heap, (enum mini_page)i, true);
        hs_addr base = mini_heap_page((enum mini_page)i);
        elf_writer_load(&writer, base, MINI_PAGE_SIZE, mini_heap_at(heap, base), heap->present[i],
                        PF_R | PF_W)
            ->apart = true;
    }
    *ret = (struct mini_v8){0};
    ret->bytes = elf_writer_finish(&writer, &ret->size);
    elf_writer_deinit(&writer);
    guard(ret, true);
    struct hs_v8_symbols *symbols = heap->symbols;
    heap->symbols = NULL;
    if (hs_v8_symbols_finish(symbols)) abort();
    struct hs_error *error = hs_core_open_memory(ret->bytes, ret->size, "mini", &ret->core);
    if (error) {
        hs_v8_symbols_destroy(symbols);
        return error;
    }
    return hs_v8_open_symbols(ret->core, &ret->images, symbols, &ret->v8);
}

void mini_v8_close(struct mini_v8 *v8) {
    hs_v8_close(v8->v8);
    hs_core_close(v8->core);
    if (v8->bytes) guard(v8, false);
    free(v8->bytes);
}
