/* Internalized strings: V8's heap snapshot takes its string table for a strong root ("TODO(v8:11800)",
 * V8HeapExplorer::IterateAndExtractReferences), so nothing dominates such a string. Their maps are roots. */
#include <stdlib.h>
#include <string.h>

#include "group/exported_private.h"

enum { MAPS_MAX = 32 };

struct interned_maps {
    hs_addr items[MAPS_MAX];
    size_t count;
};

/* internalized_one_byte_string_map, external_internalized_one_byte_string_map, … */
static bool is_map_name(const char *name) {
    static const char tail[] = "string_map";
    size_t length = strlen(name);
    return strstr(name, "internalized") && length > sizeof tail - 1 &&
           strcmp(name + length - (sizeof tail - 1), tail) == 0;
}

static void find_maps(const struct hs_v8 *v8, struct interned_maps *maps) {
    for (uint32_t r = 0; r < v8->symbols->root_count; r++) {
        const char *name = v8->symbols->root_names[r];
        if (!name || !is_map_name(name)) continue;
        for (uint32_t i = 0; i < v8->isolate_count && maps->count < MAPS_MAX; i++) {
            hs_tagged word = hs_v8_root(v8, i, name);
            if (hs_is_pointer(word)) maps->items[maps->count++] = hs_untag(word);
        }
    }
}

static bool is_interned(const struct hs_exported_private *x, const struct interned_maps *maps, hs_id id) {
    hs_tagged map;
    if (!hs_v8_word(x->js->v8, hs_objects_address(x->analysis->objects, id), &map)) return false;
    for (size_t i = 0; i < maps->count; i++)
        if (maps->items[i] == hs_untag(map)) return true;
    return false;
}

struct hs_error *hs_exported_find_strings(struct hs_exported_private *x) {
    const struct hs_analysis *a = x->analysis;
    struct interned_maps maps = {.count = 0};
    size_t capacity = 0;
    find_maps(x->js->v8, &maps);
    for (hs_id id = 0; maps.count && id < a->graph->object_count; id++) {
        uint32_t class = a->class_of[id];
        if (class >= a->group->class_count || a->group->classes[class].type != HS_NODE_STRING ||
            !hs_marks_get(&a->marks, id) || !is_interned(x, &maps, id))
            continue;
        if (x->string_count == capacity) {
            capacity = capacity ? 2 * capacity : 4096;
            hs_id *grown = realloc(x->strings, capacity * sizeof *grown);
            if (!grown) return HS_ENOMEM;
            x->strings = grown;
        }
        x->strings[x->string_count++] = id;
    }
    return NULL;
}
