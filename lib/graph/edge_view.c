/* Objects by id, for those who look at all of them. */
#include "graph/edge_private.h"

#include <stdlib.h>

bool hs_edges_find_places(struct hs_edges *edges) {
    const struct hs_objects *objects = edges->objects;
    uint64_t end = (uint64_t)objects->count + 1;
    edges->page_of = malloc(((end >> HS_EDGES_PAGE_SHIFT) + 1) * sizeof *edges->page_of);
    edges->block_of = malloc(((end >> HS_EDGES_BLOCK_SHIFT) + 1) * sizeof *edges->block_of);
    if (!edges->page_of || !edges->block_of) return false;
    uint32_t page = 0, block = 0;
    for (uint64_t id = 0; id < end; id += 1u << HS_EDGES_BLOCK_SHIFT) {
        for (; page + 1 < objects->v8->pages.count && objects->pages[page + 1].first <= id; page++) block = 0;
        const struct hs_object_page *index = &objects->pages[page];
        while (block + 1 < index->blocks && index->before[block + 1] <= id - index->first) block++;
        edges->block_of[id >> HS_EDGES_BLOCK_SHIFT] = block;
        if (!(id & ((1u << HS_EDGES_PAGE_SHIFT) - 1))) edges->page_of[id >> HS_EDGES_PAGE_SHIFT] = page;
    }
    return true;
}

/* hs_objects_address() for millions of objects: from a page that is near, then from a block that is. */
static struct hs_edge_place place_of(const struct hs_edges *edges, hs_id id) {
    struct hs_edge_place place = {.id = id};
    const struct hs_objects *objects = edges->objects;
    const struct hs_v8 *v8 = objects->v8;
    uint32_t p = edges->page_of[id >> HS_EDGES_PAGE_SHIFT];
    while (p + 1 < v8->pages.count && objects->pages[p + 1].first <= id) p++;
    const struct hs_object_page *index = &objects->pages[p];
    uint32_t rank = id - index->first;
    if (!index->blocks) return place;
    /* Of a page that begins between that id and this one, block 0 is near. */
    bool here = rank >= (id & ((1u << HS_EDGES_BLOCK_SHIFT) - 1));
    uint32_t block = here ? edges->block_of[id >> HS_EDGES_BLOCK_SHIFT] : 0;
    if (block >= index->blocks) block = 0;
    while (block + 1 < index->blocks && index->before[block + 1] <= rank) block++;
    uint64_t bits = index->starts[block];
    for (rank -= index->before[block]; rank && bits; rank--) bits &= bits - 1;
    if (!bits) return place;
    const struct hs_page *page = &v8->pages.items[p];
    uint64_t offset = ((uint64_t)block * 64 + (unsigned)__builtin_ctzll(bits)) * v8->layout.tagged_size;
    if (offset >= page->present) return place;
    place.isolate = page->isolate;
    place.bytes = page->bytes + offset;
    place.present = page->present - offset;
    return place;
}

void hs_edges_prefetch(struct hs_edges *edges, hs_id id) {
    if (edges->file || id >= edges->graph->object_count) return;
    struct hs_edge_place *place = &edges->places[id % HS_EDGES_PLACES];
    *place = place_of(edges, id);
    if (place->bytes) __builtin_prefetch(place->bytes);
}

void hs_edges_seek(struct hs_edges *edges, hs_id id, uint32_t page, uint64_t offset) {
    const struct hs_page *of = &edges->js->v8->pages.items[page];
    struct hs_edge_place *place = &edges->places[id % HS_EDGES_PLACES];
    *place = (struct hs_edge_place){.id = id, .isolate = of->isolate};
    if (offset >= of->present) return;
    place->bytes = of->bytes + offset;
    place->present = of->present - offset;
}

bool hs_edges_view(struct hs_edges *edges, hs_id id, struct hs_edge_view *ret) {
    if (id >= edges->graph->object_count) return false;
    const struct hs_v8 *v8 = edges->js->v8;
    ret->words = hs_objects_words(edges->objects, id);
    const struct hs_edge_place *known = &edges->places[id % HS_EDGES_PLACES];
    const struct hs_edge_place place = known->id == id ? *known : place_of(edges, id);
    if (!ret->words || (uint64_t)ret->words * v8->layout.tagged_size > place.present) return false;
    ret->bytes = place.bytes;
    ret->isolate = place.isolate;
    int32_t m = hs_maps_find(&edges->js->maps, v8, hs_v8_load(v8, ret->bytes));
    if (m < 0) return false;
    ret->id = id;
    ret->map = (uint32_t)m;
    ret->kind = (enum hs_kind)edges->js->maps.items[m].kind;
    return true;
}

hs_id hs_edges_target(struct hs_edges *edges, hs_tagged word) {
    if (!hs_is_pointer(word)) return HS_ID_NONE;
    struct hs_edge_target *known = &edges->targets[(word >> 3 ^ word >> 12) % HS_EDGES_TARGETS];
    if (known->word != word)
        *known = (struct hs_edge_target){word, hs_objects_find(edges->objects, hs_untag(word))};
    return known->id;
}

/* What a collector has half moved may look otherwise to the graph, which goes by the map of the walk.
 * Otherwise: edges that the graph has and no slot of the object gives, or slots that give it none. */
static bool has_own_rules(const struct hs_edges *edges, const struct hs_edge_view *view) {
    return edges->js->v8->moving || view->kind == HS_KIND_CODE ||
           (view->kind == HS_KIND_JS_FUNCTION && edges->dispatch->bases) ||
           view->kind == HS_KIND_JS_ARRAY_BUFFER || view->kind == HS_KIND_STRING ||
           edges->js->maps.items[view->map].has_raw || edges->graph->weak_tables;
}

const hs_id *hs_edges_row(const struct hs_edges *edges, const struct hs_edge_view *view) {
    const struct hs_graph *graph = edges->graph;
    if (!graph->first || !graph->missing || has_own_rules(edges, view)) return NULL;
    bool missing = graph->missing[view->id / 64] >> (view->id % 64) & 1;
    return missing ? NULL : graph->to + graph->first[view->id];
}
