#include "group/table_keys.h"

#include "js/property.h"
#include <string.h>

enum { WORD_LIMIT = 64 };

bool hs_table_key_is_word(const char *key) {
    size_t length = 0;
    if (key[0] == '<') return true; /* a symbol */
    for (const unsigned char *p = (const unsigned char *)key; *p; p++) {
        bool letter =
            (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p >= 0x80 || *p == '_' || *p == '$';
        if (!letter || ++length > WORD_LIMIT) return false;
    }
    return length;
}

static bool is_method(struct hs_js *js, hs_tagged value) {
    if ((value & 3) != 1) return false; /* a number */
    enum hs_kind kind = hs_js_kind(js, value);
    return kind == HS_KIND_JS_FUNCTION || kind == HS_KIND_JS_BOUND_FUNCTION;
}

bool hs_table_is_interface(struct hs_js *js, hs_addr object, const char *name) {
    struct hs_js_dictionary keys;
    struct hs_js_properties properties;
    struct hs_js_property property;
    struct hs_map map;
    if (!hs_js_map(js, object + 1, &map) || !hs_js_dictionary_of(js->v8, object, &keys)) return false;
    if (keys.keys > HS_TABLE_KEYS) return false;
    if (name && !strcmp(name, "_events")) return true;
    hs_js_properties_begin(js, object, &map, &properties);
    while (hs_js_properties_next(&properties, &property)) {
        hs_tagged value;
        if (hs_js_property_value(&properties, &property, &value) && is_method(js, value)) return true;
    }
    return false;
}
