/* The name of an object's constructor, as V8's heap snapshot gives it.
 *
 * JSReceiver::GetConstructorName (js-objects.cc): the map's constructor if the object was made by `new` of
 * it; else along the object and its prototypes the first own data property Symbol.toStringTag that is a
 * string, and on the prototypes `constructor` that is a function with a name other than "Object"; else the
 * class name of the kind. Answers about prototypes are cached in the hs_js. */
#ifndef HS_JS_CONSTRUCTOR_H
#define HS_JS_CONSTRUCTOR_H

#include "js/js.h"

struct hs_js_constructor {
    const char *name; /* interned or static, never NULL */
    hs_tagged shared; /* SharedFunctionInfo of the function that gave the name, or 0 */
};

/* `map` is the object's map; kinds that are no receivers give "". */
void hs_js_constructor_get(struct hs_js *js, hs_addr object, const struct hs_map *map,
                           struct hs_js_constructor *ret);
/* True if every object of the map has the same constructor name: it was found without looking into the
 * object. */
bool hs_js_constructor_is_of_map(struct hs_js *js, const struct hs_map *map);
/* Bytes of an element of a typed array's map: by the builtin constructor that its prototype chain leads to
 * (the numbers of elements kinds move between releases, the names do not); 1 if there is none. */
unsigned hs_js_element_size(struct hs_js *js, const struct hs_map *map);
/* What Map::GetConstructor gives: the constructor slot behind the chain of back pointers; 0 if broken. */
hs_tagged hs_js_map_constructor(struct hs_js *js, const struct hs_map *map);

#endif
