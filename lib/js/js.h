/* JavaScript's view of one V8 heap, for one thread.
 *
 * Holds what the questions "what is it called, where does it stand" need and what their answers cost: a map
 * table, the interned names, and caches keyed by address (names, functions, scripts, prototypes). All strings
 * handed out by this layer are interned here and live as long as the hs_js. Memory that runs out is sticky:
 * functions then answer "" or nothing, and hs_js_error() says so once at the end. A read of the heap that
 * fails (absent memory, a word that is no object) is no error: the thing is unnamed or absent. Nothing here
 * recurses on the heap's content; chains are bounded by HS_JS_CHAIN and HS_JS_PROTOTYPES. */
#ifndef HS_JS_JS_H
#define HS_JS_JS_H

#include "js/address_map.h"
#include "js/names.h"
#include "v8/v8.h"

enum {
    HS_JS_CHAIN = 2048,      /* back pointers of maps: a transition adds a property, and V8 allows 1020 */
    HS_JS_PROTOTYPES = 512,  /* prototypes of an object: longer chains are cut */
    HS_JS_NAME_LIMIT = 1024, /* UTF-16 units of a name: V8's --heap-snapshot-string-limit */
};

/* Roots of one isolate that we compare with, as tagged words; 0 if unknown. */
struct hs_js_roots {
    hs_tagged undefined, the_hole, to_string_tag, constructor_string, name_string;
};

struct hs_js {
    const struct hs_v8 *v8;
    struct hs_maps maps;
    struct hs_names names;
    struct hs_js_roots *roots;        /* one per isolate */
    struct hs_address_map name_cache; /* tagged word -> const char *, of hs_js_name() */
    struct hs_address_map functions;  /* address of a SharedFunctionInfo -> struct hs_js_function * */
    struct hs_address_map scripts;    /* address of a Script -> struct hs_js_script * */
    struct hs_address_map holders;    /* address of a prototype -> struct hs_js_holder * */
    struct hs_js_block *blocks;       /* memory of the cached structs */
    uint64_t source_left; /* UTF-16 units of sources that may still be searched for lines (script.c) */
    uint64_t lines_left;  /* line ends that may still be kept */
    bool symbol_kinds;    /* Symbol.flags holds a two-bit kind, not one bit a property */
    bool failed;
};

/* Of no heap: its names and memory alone may be used. */
struct hs_error *hs_js_create_empty(struct hs_js **ret) HS_MUST_CHECK;
struct hs_error *hs_js_create(const struct hs_v8 *v8, struct hs_js **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_js_destroy(struct hs_js *js);
/* HS_ENOMEM if memory has run out since creation. */
struct hs_error *hs_js_error(const struct hs_js *js) HS_MUST_CHECK;

/* The map of the object that `object` points to; false if it is no object. */
bool hs_js_map(struct hs_js *js, hs_tagged object, struct hs_map *ret);
/* Kind of the object, HS_KIND_UNKNOWN if it is none; as hs_v8_kind_of, through the map table. */
enum hs_kind hs_js_kind(struct hs_js *js, hs_tagged object);
/* Zeroed memory that lives as long as `js`; NULL when there is none (sets failed). */
void *hs_js_alloc(struct hs_js *js, size_t size);

bool hs_js_is_to_string_tag(const struct hs_js *js, hs_tagged key);
bool hs_js_is_constructor_string(const struct hs_js *js, hs_tagged key);
bool hs_js_is_name_string(const struct hs_js *js, hs_tagged key);

/* Text of a string, at most HS_JS_NAME_LIMIT units; "" if it is no string. Interned. */
const char *hs_js_text(struct hs_js *js, hs_tagged string);
/* A property key as V8's heap snapshot writes it (StringsStorage::GetName, GetSymbol): a string's text, "#x"
 * for private names, "<symbol description>", "<symbol>". NULL if `key` is no name. Interned and cached. */
const char *hs_js_name(struct hs_js *js, hs_tagged key);
/* True if `symbol` (a Symbol) is private in V8's sense: private symbols, #names and brands. */
bool hs_js_symbol_is_private(const struct hs_js *js, hs_tagged symbol);

#endif
