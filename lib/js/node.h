/* What V8's heap snapshot says an object is: node type and name.
 *
 * The type depends on the map alone (V8HeapExplorer::AddEntry, GetSystemEntryType in
 * heap-snapshot-generator.cc), but for what an owner says about its arrays afterwards (TagObject; see retag.h
 * of lib/group). Names that would be contents are replaced by fixed ones in parentheses: (string), (regexp).
 * V8's own objects are "system / <class>"; arrays, which the snapshot leaves without a name, are called by
 * what they are: (array), (property dictionary), (byte array), … What differs by release comes from the
 * snapshot_* fields of struct hs_layout. */
#ifndef HS_JS_NODE_H
#define HS_JS_NODE_H

#include "js/js.h"

enum hs_node_type {
    HS_NODE_HIDDEN,
    HS_NODE_ARRAY,
    HS_NODE_STRING,
    HS_NODE_OBJECT,
    HS_NODE_CODE,
    HS_NODE_CLOSURE,
    HS_NODE_REGEXP,
    HS_NODE_NUMBER,
    HS_NODE_NATIVE,
    HS_NODE_CONS_STRING,
    HS_NODE_SLICED_STRING,
    HS_NODE_SYMBOL,
    HS_NODE_BIGINT,
    HS_NODE_OBJECT_SHAPE,
    HS_NODE_TYPE_COUNT
};
/* As snapshots write it: "concatenated string". */
const char *hs_node_type_name(enum hs_node_type type);

/* FixedArray or a subclass of it, as V8 sees its objects; what has left that family in newer releases has a
 * class name of its own. The snapshot numbers their elements and leaves them without a name. */
bool hs_js_is_fixed_array(const struct hs_v8 *v8, const struct hs_map *map);
/* Type of the objects of a map; `read_only`: they lie in read-only space. */
enum hs_node_type hs_js_node_type(const struct hs_v8 *v8, const struct hs_map *map, bool read_only);
/* Name of the objects of a map that are no JavaScript objects, or whose name does not depend on the object:
 * bound functions, regexps, proxies. NULL where the object must be asked (constructor.h, function.h). */
const char *hs_js_node_name(struct hs_js *js, const struct hs_map *map);

#endif
