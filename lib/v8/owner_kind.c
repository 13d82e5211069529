/* What an array is, by who owns it, where its type does not say.
 *
 * Until V8 7.0 hash tables, dictionaries, contexts and scope infos share a few instance types, but most have
 * a map of their own. Who points to an object says what it is: a function to its context, an object in
 * dictionary mode to its names, a Map to its table. One pass over the heap collects the maps of what stands
 * in such slots; a map that was met in one role only is of that kind (hs_v8.map_kinds). Where several share a
 * map (V8 to 6.2: hash_table_map) layout.tables_untyped is set, and the layers above, who know the owner, ask
 * by role. */
#include "v8/isolate_private.h"
#include "v8/layout_private.h"

#include <stdlib.h>
#include <string.h>

enum { SEEN_LIMIT = 128 };

struct seen {
    hs_addr map;
    uint8_t kind;
    uint32_t count;
    bool several;
};

struct search {
    struct hs_v8 *v8;
    struct hs_maps maps;
    struct seen seen[SEEN_LIMIT];
    unsigned count;
};

/* The slot at `offset` of the object at `p`, which has `words` words. */
static void meet(struct search *s, const uint8_t *p, uint32_t words, int32_t offset, enum hs_kind kind) {
    const struct hs_v8 *v8 = s->v8;
    hs_tagged object, map;
    if (offset == HS_ABSENT ||
        (uint64_t)offset + v8->layout.tagged_size > (uint64_t)words * v8->layout.tagged_size)
        return;
    object = hs_v8_load_raw(v8, p + offset);
    if ((object & 3) != 1 || !hs_v8_word(v8, object - 1, &map)) return;
    int32_t m = hs_maps_find(&s->maps, v8, map);
    /* Only arrays of one word a slot are in doubt. */
    if (m < 0 || s->maps.items[m].instance_words) return;
    unsigned i = 0;
    while (i < s->count && s->seen[i].map != map - 1) i++;
    if (i == SEEN_LIMIT) return;
    if (i == s->count) s->seen[s->count++] = (struct seen){.map = map - 1, .kind = (uint8_t)kind};
    /* A function of the global scope has the native context for its context; native contexts share a map with
     * no other. */
    bool native = kind == HS_KIND_NATIVE_CONTEXT || s->seen[i].kind == HS_KIND_NATIVE_CONTEXT;
    if (native && (kind == HS_KIND_CONTEXT || s->seen[i].kind == HS_KIND_CONTEXT))
        s->seen[i].kind = HS_KIND_NATIVE_CONTEXT;
    else if (s->seen[i].kind != kind) s->seen[i].several = true;
    s->seen[i].count++;
}

static void look(struct search *s, const uint8_t *p, const struct hs_map *map) {
    const struct hs_layout *l = &s->v8->layout;
    enum hs_kind kind = (enum hs_kind)map->kind;
    if (kind == HS_KIND_SHARED_FUNCTION_INFO) {
        meet(s, p, map->instance_words, l->shared_scope_info, HS_KIND_SCOPE_INFO);
        return;
    }
    if (kind == HS_KIND_MAP) {
        if (l->descriptors_are_array)
            meet(s, p, map->instance_words, l->map_descriptors, HS_KIND_DESCRIPTOR_ARRAY);
        return;
    }
    if (!hs_kind_is_receiver(kind) || kind == HS_KIND_JS_PROXY || kind == HS_KIND_WASM_OBJECT) return;
    if (hs_map_is_dictionary(l, map))
        meet(s, p, map->instance_words, l->receiver_properties,
             kind == HS_KIND_JS_GLOBAL_OBJECT ? HS_KIND_GLOBAL_DICTIONARY : HS_KIND_NAME_DICTIONARY);
    bool numbers = (int32_t)hs_map_elements_kind(l, map) == l->elements_dictionary;
    if (kind == HS_KIND_JS_ARRAY || numbers)
        meet(s, p, map->instance_words, l->object_elements,
             numbers ? HS_KIND_NUMBER_DICTIONARY : HS_KIND_FIXED_ARRAY);
    switch (kind) {
    case HS_KIND_JS_FUNCTION:
        meet(s, p, map->instance_words, l->function_context, HS_KIND_CONTEXT);
        break;
    case HS_KIND_JS_GLOBAL_PROXY:
        meet(s, p, map->instance_words, l->global_proxy_context, HS_KIND_NATIVE_CONTEXT);
        break;
    case HS_KIND_JS_MAP:
        meet(s, p, map->instance_words, l->collection_table, HS_KIND_ORDERED_HASH_MAP);
        break;
    case HS_KIND_JS_SET:
        meet(s, p, map->instance_words, l->collection_table, HS_KIND_ORDERED_HASH_SET);
        break;
    case HS_KIND_JS_WEAK_MAP:
    case HS_KIND_JS_WEAK_SET:
        meet(s, p, map->instance_words, l->collection_table, HS_KIND_EPHEMERON_HASH_TABLE);
        break;
    default:
        break;
    }
}

static void walk(struct search *s) {
    const struct hs_v8 *v8 = s->v8;
    unsigned word = v8->layout.tagged_size;
    uint32_t lab = 0;
    for (uint32_t i = 0; i < v8->pages.count; i++) {
        const struct hs_page *page = &v8->pages.items[i];
        if (page->flags & (HS_PAGE_UNUSED | HS_PAGE_FROM | HS_PAGE_LARGE | HS_PAGE_CODE)) continue;
        hs_addr at = page->area_start, end = page->area_start + page->present;
        while (end - at >= word) {
            for (lab = 0; lab < v8->lab_count && v8->labs[lab].top != at; lab++) {
            }
            if (lab < v8->lab_count) {
                if (v8->labs[lab].limit <= at || v8->labs[lab].limit >= end) break;
                at = v8->labs[lab].limit;
                continue;
            }
            const uint8_t *p = page->bytes + (at - page->area_start);
            int32_t m = hs_maps_find(&s->maps, v8, hs_v8_load_raw(v8, p));
            struct hs_map map = {0};
            if (m >= 0) map = s->maps.items[m];
            uint64_t size = m < 0 ? 0 : hs_rule_size(v8, &map, at, p, end - at, &s->maps);
            if (size && map.instance_words) look(s, p, &map);
            at += size ? size : word;
        }
    }
}

struct hs_error *hs_owner_kinds_resolve(struct hs_v8 *v8) {
    uint16_t number;
    if (!v8->symbols->roots_discovered || hs_types_find(&v8->types, "NameDictionary", &number)) return NULL;
    struct search *s = calloc(1, sizeof *s);
    if (!s) return HS_ENOMEM;
    s->v8 = v8;
    walk(s);
    unsigned told = 0, shared = 0;
    v8->map_kinds = calloc(s->count + 1, sizeof *v8->map_kinds);
    struct hs_error *error = v8->map_kinds ? NULL : HS_ENOMEM;
    for (unsigned i = 0; i < s->count && !error; i++) {
        if (s->seen[i].several) shared++;
        else if (s->seen[i].kind != HS_KIND_FIXED_ARRAY)
            v8->map_kinds[told++] = (struct hs_map_kind){s->seen[i].map, s->seen[i].kind};
    }
    v8->map_kind_count = told;
    v8->layout.tables_untyped = shared > 0;
    hs_maps_deinit(&s->maps);
    free(s);
    if (error) return error;
    return hs_v8_fact(v8, "kinds.by_owner", told, HS_FROM_DISCOVERY, "maps met in one role; %u in several",
                      shared);
}
