/* Questions that a group or an analysis passes on to the index it came from. */
#include "index/index_private.h"

#include <stdlib.h>

static bool is_damaged(const struct hs_analysis *a) {
    return atomic_load(&hs_index_of(a->group)->blocks->damaged);
}

static int32_t find(const struct hs_group *group, hs_addr address) {
    const struct hs_analysis *a = hs_index_of(group)->analysis;
    hs_id id = hs_objects_find(a->objects, address);
    uint32_t class = id == HS_ID_NONE ? UINT32_MAX : hs_analysis_class(a, id);
    return class == UINT32_MAX ? -1 : (int32_t) class;
}

struct listing {
    struct hs_index *index;
    const bool *selected;
    bool (*visit)(void *context, hs_addr address, uint32_t class_index);
    void *context;
};

/* Objects of 64 words; false: the visitor has seen enough. */
static bool list_block(const struct listing *l, const struct hs_page *page, uint32_t block, uint64_t starts,
                       hs_id id) {
    const uint32_t *class_of = l->index->analysis->class_of;
    uint32_t classes = l->index->counts->classes;
    for (; starts; starts &= starts - 1, id++) {
        if (class_of[id] >= classes || !l->selected[class_of[id]]) continue;
        uint64_t word = (uint64_t)block * 64 + (unsigned)__builtin_ctzll(starts);
        if (!l->visit(l->context, page->area_start + word * l->index->v8->layout.tagged_size, class_of[id]))
            return false;
    }
    return true;
}

static bool list_objects(const struct listing *l) {
    const struct hs_objects *objects = l->index->analysis->objects;
    const struct hs_pages *pages = &l->index->v8->pages;
    for (uint32_t i = 0; i < pages->count; i++) {
        const struct hs_object_page *page = &objects->pages[i];
        hs_id end = i + 1 < pages->count ? objects->pages[i + 1].first : objects->count;
        hs_blocks_touch(l->index->blocks, &l->index->analysis->class_of[page->first],
                        (end - page->first) * sizeof(uint32_t));
        for (uint32_t k = 0; k < page->blocks; k++)
            if (page->starts[k] &&
                !list_block(l, &pages->items[i], k, page->starts[k], page->first + page->before[k]))
                return false;
    }
    return true;
}

static bool list_stores(const struct listing *l, enum hs_index_section section, const uint32_t *classes) {
    const struct hs_store *stores = hs_index_at(l->index, section);
    for (uint64_t i = 0; i < hs_index_length(l->index, section); i++) {
        uint32_t class = classes[stores[i].isolate];
        if (class < l->index->counts->classes && l->selected[class] &&
            !l->visit(l->context, stores[i].address, class))
            return false;
    }
    return true;
}

static struct hs_error *list(struct hs_group *group, const bool *selected,
                             bool (*visit)(void *context, hs_addr address, uint32_t class_index),
                             void *context) {
    struct hs_index *index = hs_index_of(group);
    const struct listing l = {index, selected, visit, context};
    const uint32_t *classes = hs_index_at(index, HS_SECTION_STORE_CLASSES);
    if (list_objects(&l) && list_stores(&l, HS_SECTION_BUFFERS, classes))
        list_stores(&l, HS_SECTION_TEXTS, classes + index->counts->isolates);
    return hs_js_error(index->group->js);
}

/* --- what is read as a whole */

static void touch(struct hs_index *index, enum hs_index_section section, unsigned threads) {
    hs_blocks_touch_range(index->blocks, hs_index_at(index, section), index->header->sections[section].size,
                          threads);
}

static struct hs_error *read_edges(struct hs_index *index, struct hs_analysis *a, unsigned threads) {
    struct hs_graph *graph;
    if (a->graph->first) return NULL;
    touch(index, HS_SECTION_WORDS, threads);
    HS_TRY(hs_graph_create(a->objects, threads, NULL, &graph));
    if (graph->count == a->graph->count && graph->object_count == a->graph->object_count) {
        a->graph->first = index->first = graph->first;
        a->graph->to = index->to = graph->to;
        a->graph->missing = index->missing = graph->missing;
        graph->first = NULL;
        graph->to = NULL;
        graph->missing = NULL;
    }
    hs_graph_destroy(graph);
    return a->graph->first ? NULL : hs_error_create(HS_ERROR_MISMATCH, "the index does not fit the core");
}

static struct hs_error *need(struct hs_analysis *a, unsigned needs, unsigned threads) {
    struct hs_index *index = hs_index_of(a->group);
    static const struct {
        unsigned need;
        enum hs_index_section section;
    } sections[] = {
        {HS_NEED_CLASSES, HS_SECTION_CLASS_OF},  {HS_NEED_WORDS, HS_SECTION_WORDS},
        {HS_NEED_DOMINATORS, HS_SECTION_NUMBER}, {HS_NEED_DOMINATORS, HS_SECTION_VERTEX},
        {HS_NEED_DOMINATORS, HS_SECTION_IDOM},   {HS_NEED_DOMINATORS, HS_SECTION_RETAINED},
        {HS_NEED_PATHS, HS_SECTION_PARENT},      {HS_NEED_REVERSE, HS_SECTION_SOURCE_FIRST},
        {HS_NEED_REVERSE, HS_SECTION_SOURCES},
    };
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (needs & sections[i].need) touch(index, sections[i].section, threads);
    return needs & HS_NEED_GRAPH ? read_edges(index, a, threads) : NULL;
}

const struct hs_answers HS_INDEX_ANSWERS = {
    .find = find, .list = list, .need = need, .is_damaged = is_damaged};
