/* Internalized and external strings: V8's heap snapshot takes its tables of them for strong roots
 * ("TODO(v8:11800)", V8HeapExplorer::IterateAndExtractReferences), so nothing dominates such a string. Their
 * maps are roots. */
#include <stdlib.h>
#include <string.h>

#include "export/exported_pass.h"

enum { MAPS_MAX = 32 };

struct hs_exported_string_maps {
    struct {
        hs_addr map;
        bool of[HS_EXPORTED_STRING_TABLES];
    } items[MAPS_MAX];
    size_t count;
};

/* internalized_one_byte_string_map, external_internalized_one_byte_string_map, … */
static bool is_map_name(const char *name, const char *word) {
    static const char tail[] = "string_map";
    size_t length = strlen(name);
    return strstr(name, word) && length > sizeof tail - 1 &&
           strcmp(name + length - (sizeof tail - 1), tail) == 0;
}

static void find_maps(const struct hs_v8 *v8, struct hs_exported_string_maps *maps) {
    for (uint32_t r = 0; r < v8->symbols->root_count; r++) {
        const char *name = v8->symbols->root_names[r];
        if (!name) continue;
        bool internalized = is_map_name(name, "internalized"), external = is_map_name(name, "external");
        for (uint32_t i = 0; (internalized || external) && i < v8->isolate_count; i++) {
            hs_tagged word = hs_v8_root(v8, i, name);
            if (!hs_is_pointer(word) || maps->count == MAPS_MAX) continue;
            maps->items[maps->count].map = hs_untag(word);
            maps->items[maps->count].of[HS_EXPORTED_INTERNALIZED] = internalized;
            maps->items[maps->count++].of[HS_EXPORTED_EXTERNAL] = external;
        }
    }
}

static struct hs_error *add(struct hs_exported_strings *strings, hs_id id) {
    if (strings->count == strings->capacity) {
        size_t capacity = strings->capacity ? 2 * strings->capacity : 4096;
        hs_id *grown = realloc(strings->items, capacity * sizeof *grown);
        if (!grown) return HS_ENOMEM;
        strings->items = grown;
        strings->capacity = capacity;
    }
    strings->items[strings->count++] = id;
    return NULL;
}

void hs_exported_find_string_maps(struct hs_exported_private *x) {
    x->string_maps = hs_js_alloc(x->js, sizeof *x->string_maps);
    if (x->string_maps) find_maps(x->js->v8, x->string_maps);
}

void hs_exported_note_string(struct hs_exported_private *x, hs_id id, hs_tagged map) {
    const struct hs_exported_string_maps *maps = x->string_maps;
    for (size_t i = 0; maps && i < maps->count; i++) {
        if (maps->items[i].map != hs_untag(map)) continue;
        for (int t = 0; t < HS_EXPORTED_STRING_TABLES; t++) {
            if (!maps->items[i].of[t] || !hs_marks_get(&x->analysis->marks, id)) continue;
            struct hs_error *error = add(&x->batch->strings[t], id);
            if (!x->batch->error) x->batch->error = error;
        }
        return;
    }
}

struct hs_error *hs_exported_take_strings(struct hs_exported_private *x,
                                          const struct hs_exported_batch *batch) {
    for (int t = 0; t < HS_EXPORTED_STRING_TABLES; t++)
        for (size_t i = 0; i < batch->strings[t].count; i++)
            HS_TRY(add(&x->strings[t], batch->strings[t].items[i]));
    return NULL;
}
