/* Own named properties of an object, in the three ways in which V8 keeps them.
 *
 * Fast objects: the map's *own* descriptors (an array is shared with maps further down the transition tree,
 * so only the first number_of_own_descriptors count), values in the object, in its PropertyArray or in the
 * descriptor. Slow ones: a NameDictionary. Global objects: a GlobalDictionary of PropertyCells. Elements are
 * no properties. An iterator borrows the heap's memory and is used by one thread; it never yields more than
 * the arrays hold. (objects/descriptor-array.tq, property-details.h, dictionary.h,
 * V8HeapExplorer::ExtractPropertyReferences) */
#ifndef HS_JS_PROPERTY_H
#define HS_JS_PROPERTY_H

#include "js/js.h"

enum hs_js_property_mode { HS_JS_NO_PROPERTIES, HS_JS_FAST, HS_JS_NAME_DICTIONARY, HS_JS_GLOBAL_DICTIONARY };

struct hs_js_properties {
    struct hs_js *js;
    hs_addr object;
    const struct hs_map *map; /* the caller's copy */
    enum hs_js_property_mode mode;
    const uint8_t *entries; /* host bytes of entry 0 */
    uint32_t count, stride; /* entries, bytes of one */
    uint32_t at;
};

struct hs_js_property {
    hs_tagged key;
    uint32_t details; /* PropertyDetails */
    uint32_t index;   /* entry it was read from */
    hs_addr cell;     /* its PropertyCell, or 0 */
};

/* A NameDictionary or GlobalDictionary: keys it holds and its entries; false if `object` is none or lies
 * about its size. */
struct hs_js_dictionary {
    const uint8_t *entries;
    uint32_t capacity, keys; /* slots, live keys */
    uint32_t stride;         /* bytes of an entry */
    bool cells;              /* entries have PropertyCells */
};
/* A PropertyCell and what it is to its dictionary. */
struct hs_js_cell {
    hs_tagged word, name, value, details;
};
/* The cell of the entry at `entry` of a dictionary of cells; false if it has none. */
bool hs_js_cell_load(const struct hs_v8 *v8, const uint8_t *entry, struct hs_js_cell *ret);
bool hs_js_dictionary_read(const struct hs_v8 *v8, hs_tagged object, struct hs_js_dictionary *ret);
/* The same for a table that is known to be one by its owner, whatever its type says; `cells`: of a global
 * object. */
bool hs_js_dictionary_load(const struct hs_v8 *v8, hs_tagged object, bool cells,
                           struct hs_js_dictionary *ret);
/* The dictionary in the properties slot of a dictionary-mode object; false if there is none. */
bool hs_js_dictionary_of(const struct hs_v8 *v8, hs_addr object, struct hs_js_dictionary *ret);

/* `map` is the object's map and must live as long as the iterator. */
void hs_js_properties_begin(struct hs_js *js, hs_addr object, const struct hs_map *map,
                            struct hs_js_properties *ret);
/* The next property; false at the end. Keys are names (strings or symbols), never holes. */
bool hs_js_properties_next(struct hs_js_properties *properties, struct hs_js_property *ret);
/* The raw value of a property; false if it cannot be read. */
bool hs_js_property_value(const struct hs_js_properties *properties, const struct hs_js_property *property,
                          hs_tagged *ret);
/* Which field of the object a fast property that is no constant stands in: those inside the object first. */
uint32_t hs_js_property_field(const struct hs_js_properties *properties,
                              const struct hs_js_property *property);
bool hs_js_property_is_accessor(const struct hs_js *js, const struct hs_js_property *property);
/* True if the property's value is the same for all objects of the map (it stands in the descriptor). */
bool hs_js_property_is_constant(const struct hs_js_properties *properties,
                                const struct hs_js_property *property);

/* The canonical signature: names as V8's heap snapshot has them (no native accessors such as an array's
 * length, no empty name), sorted by their bytes, each once. */
struct hs_js_signature {
    const char **names; /* interned */
    uint32_t count;
};
/* *ret is malloc'ed; empty on failure of memory (sets js->failed). */
void hs_js_signature_load(struct hs_js *js, hs_addr object, const struct hs_map *map,
                          struct hs_js_signature *ret);
void hs_js_signature_deinit(struct hs_js_signature *signature);

#endif
