/* Containers of a .heapsnapshot. What has no edge, such as a small integer in a snapshot without numeric
 * values, is not in the file: entries are told only where the file tells all of them. */
#include "group/container_private.h"

#include <string.h>

#include "graph/heapsnapshot_node.h"

enum { KEYS_SAMPLED = 64 };

static uint64_t words_of(const struct hs_heapsnapshot *file, hs_id array) {
    enum { HEADER = 2, WORD = 8 };
    uint64_t words = file->size[array] / WORD;
    return words > HEADER ? words - HEADER : 0;
}

static bool is_owned(const struct hs_analysis *a, hs_id owner, hs_id storage) {
    uint32_t number = a->dominators->number[storage];
    return number && a->dominators->idom[number] == a->dominators->number[owner];
}

/* NULL if the file does not tell every key. */
static const char *keys_of_table(const struct hs_heapsnapshot *file, hs_id owner, hs_id table,
                                 uint64_t entries) {
    struct hs_heapsnapshot_table shape;
    uint64_t all = 0;
    uint32_t slot, seen = 0, strings = 0, objects = 0;
    if (!hs_heapsnapshot_table(file, owner, table, &shape)) return NULL;
    for (uint32_t e = file->first[table]; e < file->first[table + 1]; e++) {
        if (!hs_heapsnapshot_slot(file, file->edge_name[e], &slot) || slot < shape.first ||
            (slot - shape.first) % shape.stride)
            continue;
        uint8_t type = hs_heapsnapshot_type(file, file->to[e]);
        if (type == HS_NODE_HIDDEN) continue; /* a hole */
        all++;
        if (seen == KEYS_SAMPLED) continue;
        seen++;
        strings += type == HS_NODE_STRING || type == HS_NODE_CONS_STRING || type == HS_NODE_SLICED_STRING;
        objects += type == HS_NODE_OBJECT || type == HS_NODE_CLOSURE;
    }
    if (all != entries) return NULL;
    return !seen ? NULL : strings == seen ? "string" : objects == seen ? "object" : "mixed";
}

/* The highest entry that has an edge: as many entries at least. */
static uint64_t entries_of_table(const struct hs_heapsnapshot *file, hs_id table,
                                 const struct hs_heapsnapshot_table *shape) {
    uint32_t slot;
    uint64_t entries = 0, last = UINT64_MAX;
    for (uint32_t e = file->first[table]; e < file->first[table + 1]; e++) {
        if (file->edge_type[e] != HS_HEAPSNAPSHOT_INTERNAL ||
            !hs_heapsnapshot_slot(file, file->edge_name[e], &slot) || slot < shape->first ||
            hs_heapsnapshot_type(file, file->to[e]) == HS_NODE_HIDDEN)
            continue;
        uint64_t entry = (slot - shape->first) / shape->stride;
        if (entry != last) entries++;
        last = entry;
    }
    return entries;
}

bool hs_container_describe_file(const struct hs_analysis *a, hs_id id, struct hs_container *ret) {
    const struct hs_heapsnapshot *file = a->file;
    enum hs_kind kind = hs_heapsnapshot_kind(file, id);
    uint64_t elements = 0, properties = 0;
    hs_id table = HS_ID_NONE, array = HS_ID_NONE, names = HS_ID_NONE;
    *ret = (struct hs_container){.id = id,
                                 .entries = UINT64_MAX,
                                 .capacity = UINT64_MAX,
                                 .bytes = file->size[id],
                                 .retained_bytes = hs_analysis_retained(a, id)};
    if (!hs_kind_is_receiver(kind) || kind == HS_KIND_JS_GLOBAL_OBJECT || kind == HS_KIND_JS_FUNCTION)
        return kind == HS_KIND_STRING && hs_heapsnapshot_type(file, id) == HS_NODE_CONS_STRING;
    for (uint32_t e = file->first[id]; e < file->first[id + 1]; e++) {
        elements += file->edge_type[e] == HS_HEAPSNAPSHOT_ELEMENT;
        properties += file->edge_type[e] == HS_HEAPSNAPSHOT_PROPERTY;
        if (file->edge_type[e] != HS_HEAPSNAPSHOT_INTERNAL) continue;
        enum hs_known name = hs_heapsnapshot_known(file, file->edge_name[e]);
        if (name == HS_KNOWN_TABLE) table = file->to[e];
        else if (name == HS_KNOWN_ELEMENTS) array = file->to[e];
        else if (name == HS_KNOWN_PROPERTIES) names = file->to[e];
        else if (hs_heapsnapshot_type(file, file->to[e]) != HS_NODE_NATIVE) continue;
        if (is_owned(a, id, file->to[e])) ret->bytes += file->size[file->to[e]];
    }
    struct hs_heapsnapshot_table shape;
    bool collection = kind == HS_KIND_JS_MAP || kind == HS_KIND_JS_SET;
    if (collection && table != HS_ID_NONE && hs_heapsnapshot_table(file, id, table, &shape)) {
        ret->entries = entries_of_table(file, table, &shape);
        ret->capacity = shape.capacity;
        ret->keys = keys_of_table(file, id, table, ret->entries);
        return true;
    }
    if (kind == HS_KIND_JS_ARRAY || kind == HS_KIND_JS_ARRAY_BUFFER) {
        if (array != HS_ID_NONE) ret->capacity = words_of(file, array);
        if (elements) ret->entries = elements;
        return true;
    }
    if (names != HS_ID_NONE && hs_heapsnapshot_type(file, names) == HS_NODE_ARRAY) {
        ret->entries = properties;
        ret->keys = "string";
        return true;
    }
    ret->entries = elements >= 16 ? elements : UINT64_MAX;
    ret->keys = elements >= 16 ? "integer" : NULL;
    return elements >= 16;
}
