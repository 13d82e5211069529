/* Self-check of the fields by what stands in them.
 *
 * A field that moved still holds something: names become wrong, properties vanish, silently. So a sample of
 * the heap's objects is asked whether a function's SharedFunctionInfo is one, a map's descriptors are
 * descriptors, and so on; a field that holds the wrong thing in more than one object of ten (properties: in
 * more than have them) is refused by its name. */
#include "v8/isolate_private.h"
#include "v8/layout_private.h"

enum {
    SAMPLE = 1 << 16,
    ARRAYS = 1 << 10,
    LEAST = 24,
    FEW_MAPS = 400,
    OF_FOUR = 4,
    OF_TEN = 10,
    OF_EIGHT = 8,
    GAPS = 1 << 10,
    HASH_TABLE_CAPACITY = 2,
    PREFIX_LIMIT = 8
};

enum owner { OF_RECEIVER, OF_FUNCTION, OF_SHARED, OF_RECEIVER_MAP, OF_CELL };

struct slot {
    enum owner owner;
    size_t field; /* in struct hs_layout */
    const char *name;
    bool smi, receiver;     /* also a Smi, any receiver */
    enum hs_kind kinds[12]; /* ended by HS_KIND_UNKNOWN */
};
#define FIELD(field) offsetof(struct hs_layout, field)
/* Kinds that V8 to 7.0 may leave unnamed are let pass there. */
static const struct slot slots[] = {
    {OF_FUNCTION,
     FIELD(function_shared),
     "JSFunction.shared_function_info",
     false,
     false,
     {HS_KIND_SHARED_FUNCTION_INFO}},
    {OF_FUNCTION,
     FIELD(function_context),
     "JSFunction.context",
     false,
     false,
     {HS_KIND_CONTEXT, HS_KIND_NATIVE_CONTEXT, HS_KIND_FIXED_ARRAY}},
    {OF_SHARED,
     FIELD(shared_name),
     "SharedFunctionInfo.name_or_scope_info",
     false, /* but 0, which is let pass: no name */
     false,
     {HS_KIND_STRING, HS_KIND_SCOPE_INFO}}, /* the next field holds the hole as well, an oddball to V8 11 */
    {OF_RECEIVER_MAP,
     FIELD(map_descriptors),
     "Map.instance_descriptors",
     false,
     false,
     {HS_KIND_DESCRIPTOR_ARRAY, HS_KIND_FIXED_ARRAY, HS_KIND_WEAK_FIXED_ARRAY}},
    {OF_RECEIVER_MAP, FIELD(map_prototype), "Map.prototype", false, true, {HS_KIND_ODDBALL}},
    {OF_RECEIVER_MAP,
     FIELD(map_constructor),
     "Map.constructor_or_back_pointer",
     false,
     true,
     {HS_KIND_MAP, HS_KIND_ODDBALL, HS_KIND_FUNCTION_TEMPLATE_INFO, HS_KIND_OTHER}},
    {OF_CELL, FIELD(property_cell_name), "PropertyCell.name", false, false, {HS_KIND_STRING, HS_KIND_SYMBOL}},
    {OF_RECEIVER,
     FIELD(receiver_properties),
     "JSReceiver.raw_properties_or_hash",
     true,
     false,
     {HS_KIND_PROPERTY_ARRAY, HS_KIND_NAME_DICTIONARY, HS_KIND_GLOBAL_DICTIONARY, HS_KIND_FIXED_ARRAY,
      HS_KIND_OTHER}},
    {OF_RECEIVER,
     FIELD(object_elements),
     "JSObject.elements",
     false,
     false,
     {HS_KIND_FIXED_ARRAY, HS_KIND_FIXED_DOUBLE_ARRAY, HS_KIND_NUMBER_DICTIONARY, HS_KIND_BYTE_ARRAY,
      HS_KIND_OTHER}},
};
enum { SLOTS = sizeof slots / sizeof *slots };

struct shared {
    hs_addr address;
    bool fits; /* a map owns no more than there are */
};

struct tally {
    int32_t js_object;   /* type number, -1: no such type */
    bool property_array; /* this V8 has such a type */
    uint32_t seen[SLOTS], wrong[SLOTS];
    uint32_t maps;                  /* of receivers in fast mode */
    uint32_t none;                  /* those that have no own descriptors */
    uint32_t empty;                 /* those that claim more of them than there are */
    uint32_t prototypes, functions; /* prototypes of receivers' maps, those that are functions */
    uint32_t plain, shifted;        /* maps of plain objects, those without the header of one */
    struct shared arrays[ARRAYS];   /* descriptor arrays of those maps, the first ones */
    unsigned array_count;
    uint32_t tables[2], odd[2]; /* dictionaries of others and of globals, those whose length does not fit */
    uint32_t stores, others; /* receivers whose properties are, are not such as their map's mode asks for */
};

static bool good(const struct hs_v8 *v8, const struct slot *slot, hs_tagged value) {
    if (hs_is_smi(&v8->layout, value)) return slot->smi;
    enum hs_kind kind = hs_v8_kind_of(v8, value);
    if (slot->receiver && hs_kind_is_receiver(kind)) return true;
    /* V8 to 6.7 has the ScopeInfo in a field of its own, next to the name */
    if (slot->field == FIELD(shared_name) && v8->layout.shared_scope_info != HS_ABSENT &&
        kind == HS_KIND_SCOPE_INFO)
        return false;
    if (kind == HS_KIND_UNKNOWN) return v8->symbols->roots_discovered && hs_v8_type_of(v8, value) >= 0;
    for (unsigned i = 0; slot->kinds[i] != HS_KIND_UNKNOWN; i++)
        if (slot->kinds[i] == kind) return true;
    return false;
}

/* A pointer to where an object was: the sweeper has been there and has not come to the dead object that holds
 * it. It says nothing of the layout. */
static bool is_swept(const struct hs_v8 *v8, hs_tagged value) {
    if ((value & 3) != 1) return false;
    const struct hs_page *page = hs_pages_find(&v8->pages, hs_untag(value));
    if (!page || page->flags & HS_PAGE_READ_ONLY || hs_untag(value) < page->area_start) return false;
    enum hs_kind kind = hs_v8_kind_of(v8, value);
    return hs_v8_type_of(v8, value) < 0 || kind == HS_KIND_FREE_SPACE || kind == HS_KIND_FILLER;
}

static void ask(const struct hs_v8 *v8, struct tally *tally, enum owner owner, const uint8_t *p,
                uint64_t size) {
    for (unsigned i = 0; i < SLOTS; i++) {
        int32_t offset = *(const int32_t *)((const char *)&v8->layout + slots[i].field);
        if (slots[i].owner != owner || offset < 0 || (uint64_t)offset + v8->layout.tagged_size > size)
            continue;
        hs_tagged value = hs_v8_load(v8, p + offset);
        /* Of an object that is being made, or of a dead one. */
        if (!value || is_swept(v8, value)) continue;
        tally->seen[i]++;
        tally->wrong[i] += !good(v8, &slots[i], value);
    }
}

/* A map's own descriptors are some of those in its array. One map that fits is enough for an array: when maps
 * die, the collector trims the array they share with their parent
 * (MarkCompactCollector::TrimDescriptorArray), and until a page is swept the dead ones are there. */
static void ask_count(const struct hs_v8 *v8, struct tally *tally, const struct hs_map *map) {
    const struct hs_layout *l = &v8->layout;
    const uint8_t *p =
        hs_pages_ptr(&v8->pages, hs_untag(map->descriptors), (uint64_t)l->descriptors_count + l->tagged_size);
    if (!p || hs_map_is_dictionary(l, map)) return;
    hs_tagged word = l->descriptors_are_array ? hs_v8_load(v8, p + l->descriptors_count) : 0;
    uint64_t all = !l->descriptors_are_array ? hs_arch_u16(v8->arch, p + l->descriptors_count)
                   : hs_is_smi(l, word)      ? (uint64_t)hs_smi(l, word)
                                             : 0;
    tally->maps++;
    tally->none += hs_map_own_descriptors(l, map) == 0;
    tally->empty += hs_map_own_descriptors(l, map) > all;
    struct shared *shared = tally->arrays, *end = shared + tally->array_count;
    while (shared < end && shared->address != map->descriptors) shared++;
    if (shared == tally->arrays + ARRAYS) return;
    if (shared == end) {
        tally->array_count++;
        *shared = (struct shared){.address = map->descriptors};
    }
    shared->fits |= hs_map_own_descriptors(l, map) <= all;
}

/* A dictionary is as long as its header, a prefix of a few words and the entries for which it says it has
 * room. */
static void ask_table(const struct hs_v8 *v8, struct tally *tally, bool global, hs_tagged table) {
    const struct hs_layout *l = &v8->layout;
    hs_tagged length, capacity;
    if (!hs_v8_word(v8, hs_untag(table) + (hs_addr)l->fixed_array_length, &length) ||
        !hs_v8_word(v8,
                    hs_untag(table) + (hs_addr)l->fixed_array_data +
                        (hs_addr)HASH_TABLE_CAPACITY * l->tagged_size,
                    &capacity) ||
        !hs_is_smi(l, length) || !hs_is_smi(l, capacity))
        return;
    int64_t entry = global ? l->global_dictionary_entry : l->name_dictionary_entry,
            prefix = hs_smi(l, length) - HASH_TABLE_CAPACITY - 1 - hs_smi(l, capacity) * entry;
    tally->tables[global]++;
    tally->odd[global] += prefix < 0 || prefix > PREFIX_LIMIT;
}

/* Elements pass for properties by kind, and most of both are empty. But an object in dictionary mode has a
 * dictionary, never nothing, and one in fast mode has a PropertyArray where V8 has such. */
static void ask_properties(const struct hs_v8 *v8, struct tally *tally, const struct hs_map *map,
                           const uint8_t *p, uint64_t size) {
    const struct hs_layout *l = &v8->layout;
    if (l->receiver_properties < 0 || (uint64_t)l->receiver_properties + l->tagged_size > size) return;
    hs_tagged value = hs_v8_load(v8, p + l->receiver_properties), length;
    bool dictionary = hs_map_is_dictionary(l, map), empty = hs_is_smi(l, value);
    enum hs_kind kind = empty ? HS_KIND_FIXED_ARRAY : hs_v8_kind_of(v8, value);
    if (!value || kind == HS_KIND_UNKNOWN || kind == HS_KIND_FILLER || kind == HS_KIND_FREE_SPACE ||
        kind == HS_KIND_OTHER)
        return; /* being made, freed or of no kind that tells them apart: it says nothing */
    if (kind == HS_KIND_FIXED_ARRAY && !empty) {
        if (!hs_v8_word(v8, hs_untag(value) + (hs_addr)l->fixed_array_length, &length)) return;
        empty = hs_is_smi(l, length) && hs_smi(l, length) == 0;
    }
    /* a V8 without PropertyArray has a FixedArray in both fields */
    if (!dictionary && (empty || (kind == HS_KIND_FIXED_ARRAY && !tally->property_array))) return;
    if (dictionary) ask_table(v8, tally, map->kind == HS_KIND_JS_GLOBAL_OBJECT, value);
    bool store = dictionary ? kind == HS_KIND_NAME_DICTIONARY || kind == HS_KIND_GLOBAL_DICTIONARY ||
                                  (kind == HS_KIND_FIXED_ARRAY && !empty)
                            : kind == HS_KIND_PROPERTY_ARRAY;
    tally->stores += store;
    tally->others += !store;
}

/* Next to a map's prototype stands its constructor, a receiver as well. But few objects have a function for
 * their prototype: functions whose class extends another. And next to the byte that says where the properties
 * of a plain object begin, behind its header, stand other counts. */
static void ask_shape(const struct hs_v8 *v8, struct tally *tally, const struct hs_map *map) {
    if (map->prototype) {
        tally->prototypes++;
        tally->functions += hs_v8_kind_of(v8, map->prototype) == HS_KIND_JS_FUNCTION;
    }
    if (map->kind != HS_KIND_JS_OBJECT || (tally->js_object >= 0 && map->type != tally->js_object)) return;
    tally->plain++;
    tally->shifted += map->inobject_start != v8->layout.object_elements / v8->layout.tagged_size + 1;
}

static void ask_object(const struct hs_v8 *v8, struct hs_maps *maps, struct tally *tally,
                       const struct hs_map *map, const uint8_t *p, hs_addr addr, uint64_t size) {
    enum hs_kind kind = (enum hs_kind)map->kind;
    if (kind == HS_KIND_SHARED_FUNCTION_INFO) ask(v8, tally, OF_SHARED, p, size);
    if (kind == HS_KIND_PROPERTY_CELL) ask(v8, tally, OF_CELL, p, size);
    if (kind == HS_KIND_MAP) {
        int32_t own = hs_maps_find(maps, v8, addr + 1);
        struct hs_map described = {0};
        if (own >= 0) described = maps->items[own];
        if (own < 0 || !hs_kind_is_receiver((enum hs_kind)described.kind)) return;
        ask(v8, tally, OF_RECEIVER_MAP, p, size);
        ask_count(v8, tally, &described);
        ask_shape(v8, tally, &described);
    }
    if (!hs_kind_is_receiver(kind) || kind == HS_KIND_JS_PROXY || kind == HS_KIND_WASM_OBJECT) return;
    ask(v8, tally, OF_RECEIVER, p, size);
    ask_properties(v8, tally, map, p, size);
    if (kind == HS_KIND_JS_FUNCTION) ask(v8, tally, OF_FUNCTION, p, size);
}

/* Of 1,000 to 4,000 maps of a release 7 to 26 % have a function for prototype, 1 to 5 % of plain objects'
 * have another header (measured, Node 0.10 to 26). */
static struct hs_error *check_shapes(const struct hs_v8 *v8, const struct tally *tally) {
    if (tally->prototypes >= LEAST && tally->functions > tally->prototypes / 2)
        return hs_error_create(
            HS_ERROR_LAYOUT,
            "V8 %s: the layout does not fit this core: by Map.prototype, %u of %u maps have a function for "
            "prototype. The symbols are those of %s",
            v8->symbols->version_text, tally->functions, tally->prototypes, v8->symbols->origin);
    if (tally->plain >= LEAST && tally->shifted > tally->plain / OF_EIGHT)
        return hs_error_create(
            HS_ERROR_LAYOUT,
            "V8 %s: the layout does not fit this core: by %s, the properties of %u of %u plain objects do "
            "not begin behind the header. The symbols are those of %s",
            v8->symbols->version_text,
            v8->layout.map_inobject_is_count ? "Map.inobject_properties" : "Map.inobject_properties_start",
            tally->shifted, tally->plain, v8->symbols->origin);
    return NULL;
}

/* How many objects may hold something else. Maps die with their descriptors, by the hundreds where a program
 * makes classes and drops them: while the sweeper has not come to the maps, other objects stand where the
 * descriptors were (192 of 898 to 352 of 510 maps, measured in Node 18). But a field that moved holds them in
 * no map. */
static uint32_t most_wrong(const struct tally *tally, unsigned slot) {
    uint32_t tenth = tally->seen[slot] / OF_TEN;
    return slots[slot].field == FIELD(map_descriptors) ? tally->seen[slot] - tenth : tenth;
}

/* How many maps, or arrays, may not fit each other: one in ten. With a wrong layout one in six or more do not
 * (of 1,700 to 3,800 maps of a core, measured on Node 18 to 26). But where a heap in motion lets few maps be
 * seen, the one to which an array was trimmed is seldom among them: 17 of 46 did not fit in Node 20. */
static uint32_t most_owning_too_much(const struct tally *tally, uint32_t seen) {
    return tally->maps < FEW_MAPS ? seen - seen / OF_FOUR : seen / OF_TEN;
}

struct hs_error *hs_slots_check(struct hs_v8 *v8) {
    struct hs_maps maps = {0};
    uint16_t number;
    struct tally tally = {.js_object = hs_types_find(&v8->types, "JSObject", &number) ? number : -1,
                          .property_array = hs_types_find(&v8->types, "PropertyArray", &number)};
    uint32_t left = SAMPLE;
    for (uint32_t i = 0; i < v8->pages.count && left; i++) {
        const struct hs_page *page = &v8->pages.items[i];
        if (page->flags & (HS_PAGE_NEW | HS_PAGE_LARGE | HS_PAGE_CODE | HS_PAGE_UNUSED)) continue;
        hs_addr at = page->area_start, end = page->area_start + page->present;
        for (uint32_t gaps = GAPS; at < end && left && gaps;) {
            enum hs_kind kind = HS_KIND_UNKNOWN;
            uint64_t size = hs_object_size(v8, &maps, at, end, &kind);
            const uint8_t *p = page->bytes + (at - page->area_start);
            int32_t m = size ? hs_maps_find(&maps, v8, hs_v8_load_raw(v8, p)) : -1;
            struct hs_map map = {0};
            if (m >= 0) map = maps.items[m];
            if (m >= 0) ask_object(v8, &maps, &tally, &map, p, at, size);
            at += size ? size : v8->layout.tagged_size;
            *(size ? &left : &gaps) -= 1; /* a page that cannot be walked takes nothing from the others */
        }
    }
    hs_maps_deinit(&maps);
    if (v8->moving) return NULL; /* slots may lead to where an object was */
    for (unsigned i = 0; i < SLOTS; i++)
        if (tally.seen[i] >= LEAST && tally.wrong[i] > most_wrong(&tally, i))
            return hs_error_create(
                HS_ERROR_LAYOUT,
                "V8 %s: the layout does not fit this core: %s holds something else in %u of %u objects. "
                "The symbols are those of %s; if the core is of another build, pass its binary with --exe",
                v8->symbols->version_text, slots[i].name, tally.wrong[i], tally.seen[i], v8->symbols->origin);
    HS_TRY(check_shapes(v8, &tally));
    if (tally.maps >= LEAST && tally.none > tally.maps - tally.maps / (OF_TEN * OF_TEN))
        return hs_error_create(
            HS_ERROR_LAYOUT,
            "V8 %s: the layout does not fit this core: by Map.bit_field3, %u of %u maps have no properties. "
            "The symbols are those of %s",
            v8->symbols->version_text, tally.none, tally.maps, v8->symbols->origin);
    unsigned misfits = 0;
    for (unsigned i = 0; i < tally.array_count; i++) misfits += !tally.arrays[i].fits;
    if (tally.maps >= LEAST && tally.empty > most_owning_too_much(&tally, tally.maps) &&
        misfits > most_owning_too_much(&tally, tally.array_count))
        return hs_error_create(
            HS_ERROR_LAYOUT,
            "V8 %s: the layout does not fit this core: by Map.bit_field3, %u of %u maps own more descriptors "
            "than they have. The symbols are those of %s",
            v8->symbols->version_text, tally.empty, tally.maps, v8->symbols->origin);
    if (tally.others > OF_TEN && tally.others > tally.stores)
        return hs_error_create(
            HS_ERROR_LAYOUT,
            "V8 %s: the layout does not fit this core: JSReceiver.raw_properties_or_hash holds no properties "
            "in %u of %u objects that have some. The symbols are those of %s",
            v8->symbols->version_text, tally.others, tally.stores + tally.others, v8->symbols->origin);
    for (int global = 0; global < 2; global++)
        if (tally.odd[global] > tally.tables[global] / OF_TEN)
            return hs_error_create(
                HS_ERROR_LAYOUT,
                "V8 %s: the layout does not fit this core: by %s, %u of %u dictionaries are not as long as "
                "their entries. The symbols are those of %s",
                v8->symbols->version_text,
                global ? "GlobalDictionary.entry_size" : "NameDictionary.entry_size", tally.odd[global],
                tally.tables[global], v8->symbols->origin);
    return NULL;
}
