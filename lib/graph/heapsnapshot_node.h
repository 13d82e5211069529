/* What a node of a .heapsnapshot is: the kind that the layers above switch on, and its texts.
 *
 * V8 writes neither instance types nor layouts, but its names of nodes and edges are fixed
 * (heap-snapshot-generator.cc): they are looked up once, by their bytes, so that a question costs no
 * comparison of strings. What no name tells is HS_KIND_OTHER or, of the program's objects, HS_KIND_JS_OBJECT.
 * Texts are decoded when somebody asks, kept, and equal as pointers exactly when they are one string of the
 * file (V8 writes each once). One thread at a time. */
#ifndef HS_GRAPH_HEAPSNAPSHOT_NODE_H
#define HS_GRAPH_HEAPSNAPSHOT_NODE_H

#include "graph/heapsnapshot.h"
#include "v8/type.h"

enum hs_known { /* strings that mean something; 0: any other */
                HS_KNOWN_NONE,
                /* names of edges */
                HS_KNOWN_PROTO,
                HS_KNOWN_VALUE,
                HS_KNOWN_MAP,
                HS_KNOWN_INITIAL_MAP,
                HS_KNOWN_PROPERTIES,
                HS_KNOWN_ELEMENTS,
                HS_KNOWN_TABLE,
                HS_KNOWN_CONTEXT,
                HS_KNOWN_PREVIOUS,
                HS_KNOWN_SCOPE_INFO,
                HS_KNOWN_SHARED,
                HS_KNOWN_SCRIPT,
                HS_KNOWN_REGISTERS,
                HS_KNOWN_GLOBAL_OBJECT,
                HS_KNOWN_CONSTRUCTOR,
                HS_KNOWN_PAIR, /* the edges to a value of a WeakMap, of the key's and of the table's side */
                /* names of nodes */
                HS_KNOWN_SYSTEM,    /* another object of V8's own, "system / …" */
                HS_KNOWN_STORE,     /* … but memory outside its heap */
                HS_KNOWN_DOCUMENTS, /* Chrome's root of DOM trees */
                HS_KNOWN_SMI_NUMBER,
                HS_KNOWN_HEAP_NUMBER,
                HS_KNOWN_SCOPE, /* "system / Context" */
                HS_KNOWN_NATIVE_CONTEXT,
                HS_KNOWN_SYSTEM_MAP,
                HS_KNOWN_MACHINERY, /* of V8: holds everything and explains nothing */
                HS_KNOWN_ARRAY,
                HS_KNOWN_ARRAY_BUFFER,
                HS_KNOWN_SET,
                HS_KNOWN_WEAK_COLLECTION
};

/* The text of string `index`, at most 4 kB; "" if there is none. Lives as long as the file. */
const char *hs_heapsnapshot_text(const struct hs_heapsnapshot *snapshot, uint32_t index);
/* HS_ENOMEM if memory has run out since it was opened. */
struct hs_error *hs_heapsnapshot_error(const struct hs_heapsnapshot *snapshot) HS_MUST_CHECK;
enum hs_known hs_heapsnapshot_known(const struct hs_heapsnapshot *snapshot, uint32_t string);

/* Type of a node as lib/js/node.h has it (enum hs_node_type); HS_HEAPSNAPSHOT_SYNTHETIC: no object. */
enum { HS_HEAPSNAPSHOT_SYNTHETIC = 255 };
uint8_t hs_heapsnapshot_type(const struct hs_heapsnapshot *snapshot, uint32_t node);
enum hs_kind hs_heapsnapshot_kind(const struct hs_heapsnapshot *snapshot, uint32_t node);
/* Nodes that only spell a number: what `exposeNumericValues` adds. They are no objects of the heap. */
bool hs_heapsnapshot_is_value(const struct hs_heapsnapshot *snapshot, uint32_t node);
/* Target of the node's internal edge of that name, HS_ID_NONE if it has none. */
hs_id hs_heapsnapshot_follow(const struct hs_heapsnapshot *snapshot, uint32_t node, enum hs_known name);
/* Node with that id, HS_ID_NONE if there is none. Takes time linear in the nodes. */
hs_id hs_heapsnapshot_find(const struct hs_heapsnapshot *snapshot, uint64_t id);
/* The string that names a Script: as the closure's or shared function's edges lead to it. UINT32_MAX: none.
 */
uint32_t hs_heapsnapshot_script_name(const struct hs_heapsnapshot *snapshot, uint32_t closure);

/* The table of a Map or Set: OrderedHashTable {elements, deleted, buckets}, bucket heads, then entries
 * (ordered-hash-table.h; two entries a bucket). False if its size fits no such table. */
struct hs_heapsnapshot_table {
    uint32_t first,
        stride;        /* slot of the first entry; slots an entry: 3 a map {key, value, chain}, 2 a set */
    uint32_t capacity; /* entries */
};
bool hs_heapsnapshot_table(const struct hs_heapsnapshot *snapshot, uint32_t owner, uint32_t table,
                           struct hs_heapsnapshot_table *ret);
/* The number that a string spells, false if it spells none: how V8 names the slots of arrays. */
bool hs_heapsnapshot_slot(const struct hs_heapsnapshot *snapshot, uint32_t string, uint32_t *ret);

#endif
