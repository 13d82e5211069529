/* Reading an index: structs over mapped arrays, each small section checked as it is taken. */
#include "group/analysis_private.h"
#include "index/index_private.h"

#include <stdlib.h>
#include <string.h>

static struct hs_error *unfit(const char *what) {
    return hs_error_create(HS_ERROR_FORMAT, "the index does not fit: %s", what);
}

#define FIT(condition, what)                                                                                 \
    do {                                                                                                     \
        if (!(condition)) return unfit(what);                                                                \
    } while (0)

static void index_destroy(struct hs_index *index) {
    if (!index) return;
    free(index->properties);
    free(index->before);
    free(index->first);
    free(index->missing);
    free(index->to);
    hs_blocks_close(index->blocks);
    free(index);
}

/* --- sizes */

static struct hs_error *check_lengths(const struct hs_index *index) {
    const struct hs_v8 *v8 = index->v8;
    FIT(hs_index_length(index, HS_SECTION_COUNTS) == 1, "counts");
    const struct hs_index_counts *n = index->counts;
    uint64_t natives = hs_index_length(index, HS_SECTION_NATIVES), numbers = (uint64_t)n->reachable + 1;
    FIT(n->pages == v8->pages.count && n->spaces == v8->pages.space_count, "pages");
    FIT(n->objects < HS_ID_NONE / 2 && n->nodes < HS_ID_NONE - 1 && n->nodes >= n->objects &&
            n->nodes - n->objects == natives && n->nodes,
        "nodes");
    FIT(n->reachable <= n->nodes && n->classes < UINT32_MAX / 2, "numbers");
    const struct {
        enum hs_index_section section;
        uint64_t length;
    } expected[] = {
        {HS_SECTION_CLASSES, n->classes},    {HS_SECTION_STANDINGS, n->classes},
        {HS_SECTION_ACCOUNTS, n->spaces},    {HS_SECTION_STORE_CLASSES, 2 * (uint64_t)n->isolates},
        {HS_SECTION_PAGES, n->pages},        {HS_SECTION_MARKS, ((uint64_t)n->nodes + 63) / 64},
        {HS_SECTION_WORDS, n->objects},      {HS_SECTION_CLASS_OF, n->nodes},
        {HS_SECTION_NUMBER, n->nodes},       {HS_SECTION_VERTEX, numbers},
        {HS_SECTION_IDOM, numbers},          {HS_SECTION_RETAINED, numbers},
        {HS_SECTION_PARENT, n->nodes},       {HS_SECTION_CHILD_FIRST, numbers + 1},
        {HS_SECTION_CHILDREN, n->reachable}, {HS_SECTION_SOURCE_FIRST, (uint64_t)n->nodes + 1},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        FIT(hs_index_length(index, expected[i].section) == expected[i].length, "lengths");
    FIT(hs_index_length(index, HS_SECTION_SOURCES) < UINT32_MAX, "references");
    return NULL;
}

/* --- the group */

static struct hs_error *read_classes(struct hs_index *index, struct hs_group *group) {
    const struct hs_index_class *from = hs_index_at(index, HS_SECTION_CLASSES);
    const uint32_t *names = hs_index_at(index, HS_SECTION_PROPERTIES);
    uint64_t total = hs_index_length(index, HS_SECTION_PROPERTIES), done = 0;
    uint32_t count = index->counts->classes,
             isolates = index->v8->isolate_count ? index->v8->isolate_count : 1;
    group->classes = calloc((size_t)count + 1, sizeof *group->classes);
    index->properties = calloc((size_t)total + 1, sizeof *index->properties);
    if (!group->classes || !index->properties) return HS_ENOMEM;
    for (uint64_t i = 0; i < total; i++)
        FIT((index->properties[i] = hs_index_string(index, names[i])), "names of properties");
    for (uint32_t i = 0; i < count; i++) {
        FIT(from[i].isolate < isolates && from[i].type < HS_NODE_TYPE_COUNT && from[i].dictionary <= 1 &&
                from[i].line >= -1 && from[i].column >= -1 && from[i].line < INT32_MAX &&
                from[i].column < INT32_MAX && from[i].property_count <= total - done,
            "classes");
        group->classes[i] = (struct hs_class){
            .isolate = from[i].isolate,
            .type = from[i].type,
            .dictionary = from[i].dictionary,
            .constructor = hs_index_string(index, from[i].constructor),
            .script = from[i].script == UINT32_MAX ? NULL : hs_index_string(index, from[i].script),
            .line = from[i].line,
            .column = from[i].column,
            .properties = index->properties + done,
            .property_count = from[i].property_count,
            .count = from[i].count,
            .bytes = from[i].bytes,
            .elements = from[i].elements,
            .sample = from[i].sample,
        };
        FIT(group->classes[i].constructor && (from[i].script == UINT32_MAX || group->classes[i].script),
            "names of classes");
        done += from[i].property_count;
    }
    group->class_count = count;
    return NULL;
}

static struct hs_error *check_stores(const struct hs_index *index, enum hs_index_section section) {
    const struct hs_store *stores = hs_index_at(index, section);
    for (uint64_t i = 0; i < hs_index_length(index, section); i++)
        FIT(stores[i].isolate < index->counts->isolates, "stores");
    return NULL;
}

static struct hs_error *read_group(struct hs_index *index, struct hs_group *group) {
    const char *strings = hs_index_at(index, HS_SECTION_STRINGS);
    uint64_t length = hs_index_length(index, HS_SECTION_STRINGS);
    const struct hs_index_total *totals = hs_index_at(index, HS_SECTION_TOTALS);
    FIT(length && !strings[length - 1], "strings");
    HS_TRY(read_classes(index, group));
    HS_TRY(check_stores(index, HS_SECTION_BUFFERS));
    HS_TRY(check_stores(index, HS_SECTION_TEXTS));
    group->native_count = (uint32_t)hs_index_length(index, HS_SECTION_TOTALS);
    FIT(hs_index_length(index, HS_SECTION_TOTALS) <= sizeof group->natives / sizeof *group->natives,
        "native memory");
    for (uint32_t i = 0; i < group->native_count; i++) {
        group->natives[i] =
            (struct hs_native){hs_index_string(index, totals[i].name), totals[i].bytes, totals[i].count};
        FIT(group->natives[i].name, "native memory");
    }
    group->accounts = (struct hs_account *)hs_index_at(index, HS_SECTION_ACCOUNTS);
    return hs_js_create(index->v8, &group->js);
}

static void group_destroy(struct hs_group *group) {
    free(group->classes);
    hs_js_destroy(group->js);
    index_destroy(hs_index_of(group));
    free(group);
}

/* --- the analysis */

static struct hs_error *read_objects(struct hs_index *index, struct hs_objects *objects) {
    const struct hs_pages *pages = &index->v8->pages;
    const uint32_t *counts = hs_index_at(index, HS_SECTION_PAGES);
    uint64_t *starts = (uint64_t *)hs_index_at(index, HS_SECTION_STARTS);
    uint64_t left = hs_index_length(index, HS_SECTION_STARTS), total = 0;
    objects->v8 = index->v8;
    objects->blocks = index->blocks;
    objects->words = (uint8_t *)hs_index_at(index, HS_SECTION_WORDS);
    objects->large = (struct hs_large_object *)hs_index_at(index, HS_SECTION_LARGE);
    objects->large_count = (uint32_t)hs_index_length(index, HS_SECTION_LARGE);
    FIT(hs_index_length(index, HS_SECTION_LARGE) <= index->counts->objects, "sizes");
    objects->count = index->counts->objects;
    objects->pages = calloc((size_t)pages->count + 1, sizeof *objects->pages);
    uint32_t *before = index->before = malloc((size_t)(left + 1) * sizeof *before);
    if (!objects->pages || !before) return HS_ENOMEM;
    for (uint32_t i = 0; i < pages->count; i++) {
        struct hs_object_page *page = &objects->pages[i];
        page->start = pages->items[i].area_start;
        page->first = (hs_id)total;
        if (!counts[i]) continue;
        page->blocks = hs_objects_blocks(index->v8, &pages->items[i]);
        FIT(page->blocks && page->blocks <= left, "start bits");
        page->starts = starts;
        page->before = before;
        uint32_t inside = 0;
        for (uint32_t k = 0; k < page->blocks; k++) {
            before[k] = inside;
            inside += hs_bit_count(starts[k]);
        }
        FIT(inside == counts[i], "start bits");
        starts += page->blocks;
        before += page->blocks;
        left -= page->blocks;
        total += inside;
        FIT(total <= objects->count, "objects");
    }
    FIT(!left && total == objects->count, "objects");
    return NULL;
}

static struct hs_error *read_graph(struct hs_index *index, struct hs_graph *graph) {
    const struct hs_index_counts *n = index->counts;
    graph->count = n->nodes;
    graph->object_count = n->objects;
    graph->natives = (struct hs_graph_native *)hs_index_at(index, HS_SECTION_NATIVES);
    graph->native_count = n->nodes - n->objects;
    graph->ephemerons = (struct hs_ephemeron *)hs_index_at(index, HS_SECTION_EPHEMERONS);
    graph->owners = hs_index_at(index, HS_SECTION_OWNERS);
    uint64_t ephemerons = hs_index_length(index, HS_SECTION_EPHEMERONS),
             owners = hs_index_length(index, HS_SECTION_OWNERS);
    FIT(ephemerons < UINT32_MAX && owners <= n->objects, "references");
    graph->ephemeron_count = (uint32_t)ephemerons;
    graph->owner_count = (uint32_t)owners;
    for (uint32_t i = 0; i < graph->owner_count; i++)
        FIT(graph->owners[i].object < n->objects && graph->owners[i].native >= n->objects &&
                graph->owners[i].native < n->nodes,
            "stores");
    if (!(graph->keys = calloc((size_t)n->nodes / 64 + 1, sizeof *graph->keys))) return HS_ENOMEM;
    for (uint32_t i = 0; i < graph->ephemeron_count; i++) {
        const struct hs_ephemeron *e = &graph->ephemerons[i];
        FIT(e->key < n->nodes && e->value < n->nodes && e->table < n->nodes && (!i || e[-1].key <= e->key),
            "ephemerons");
        graph->keys[e->key / 64] |= UINT64_C(1) << (e->key % 64);
    }
    return NULL;
}

static struct hs_error *read_roots(struct hs_index *index, struct hs_analysis *a) {
    const uint32_t *notes = hs_index_at(index, HS_SECTION_NOTES);
    struct hs_roots *roots = &a->roots;
    uint32_t isolates = index->v8->isolate_count ? index->v8->isolate_count : 1;
    roots->items = (struct hs_root *)hs_index_at(index, HS_SECTION_ROOTS);
    roots->count = (size_t)hs_index_length(index, HS_SECTION_ROOTS);
    roots->weak_handles = index->counts->weak_handles;
    for (size_t i = 0; i < roots->count; i++)
        FIT(roots->items[i].id < index->counts->nodes && roots->items[i].category < HS_ROOT_CATEGORIES &&
                roots->items[i].isolate < isolates,
            "roots");
    roots->note_count = (size_t)hs_index_length(index, HS_SECTION_NOTES);
    if (!(roots->notes = calloc(roots->note_count + 1, sizeof *roots->notes))) return HS_ENOMEM;
    for (size_t i = 0; i < roots->note_count; i++)
        FIT((roots->notes[i] = (char *)hs_index_string(index, notes[i])), "notes");
    return hs_analysis_list_roots(a);
}

static struct hs_error *read_marks(struct hs_index *index, struct hs_analysis *a) {
    uint32_t nodes = index->counts->nodes, marked = 0;
    a->marks.bits = (uint64_t *)hs_index_at(index, HS_SECTION_MARKS);
    for (uint32_t i = 0; i < (nodes + 63) / 64; i++) marked += hs_bit_count(a->marks.bits[i]);
    FIT(marked == index->counts->reachable && (!(nodes % 64) || !(a->marks.bits[nodes / 64] >> (nodes % 64))),
        "marks");
    a->marks.count = marked;
    return NULL;
}

static struct hs_error *read_payloads(struct hs_index *index, struct hs_analysis *a) {
    a->payloads = (struct hs_payload *)hs_index_at(index, HS_SECTION_PAYLOADS);
    FIT(hs_index_length(index, HS_SECTION_PAYLOADS) <= index->counts->objects, "payloads");
    a->payload_count = (uint32_t)hs_index_length(index, HS_SECTION_PAYLOADS);
    for (uint32_t i = 1; i < a->payload_count; i++)
        FIT(a->payloads[i - 1].id < a->payloads[i].id, "payloads");
    return NULL;
}

static struct hs_error *read_analysis(struct hs_index *index, struct hs_analysis *a) {
    a->objects = calloc(1, sizeof *a->objects);
    a->graph = calloc(1, sizeof *a->graph);
    a->dominators = calloc(1, sizeof *a->dominators);
    if (!a->objects || !a->graph || !a->dominators) return HS_ENOMEM;
    HS_TRY(read_objects(index, a->objects));
    HS_TRY(read_graph(index, a->graph));
    HS_TRY(read_roots(index, a));
    HS_TRY(read_marks(index, a));
    HS_TRY(read_payloads(index, a));
    HS_TRY(hs_index_holdings(index, &a->holdings));
    HS_TRY(hs_index_branches(index, &a->branches));
    a->standings = (struct hs_class_standing *)hs_index_at(index, HS_SECTION_STANDINGS);
    a->class_of = (uint32_t *)hs_index_at(index, HS_SECTION_CLASS_OF);
    *a->dominators = (struct hs_dominators){
        .count = index->counts->reachable,
        .number = (uint32_t *)hs_index_at(index, HS_SECTION_NUMBER),
        .vertex = (hs_id *)hs_index_at(index, HS_SECTION_VERTEX),
        .idom = (uint32_t *)hs_index_at(index, HS_SECTION_IDOM),
        .retained = (uint64_t *)hs_index_at(index, HS_SECTION_RETAINED),
        .blocks = index->blocks,
    };
    index->dominated = (struct hs_dominated){.first = (uint32_t *)hs_index_at(index, HS_SECTION_CHILD_FIRST),
                                             .child = (uint32_t *)hs_index_at(index, HS_SECTION_CHILDREN),
                                             .blocks = index->blocks};
    a->dominated = &index->dominated;
    a->paths = (struct hs_paths){.parent = (hs_id *)hs_index_at(index, HS_SECTION_PARENT),
                                 .count = index->counts->nodes,
                                 .blocks = index->blocks};
    a->reverse = (struct hs_reverse){.first = (uint32_t *)hs_index_at(index, HS_SECTION_SOURCE_FIRST),
                                     .from = (hs_id *)hs_index_at(index, HS_SECTION_SOURCES),
                                     .count = index->counts->nodes,
                                     .blocks = index->blocks};
    return NULL;
}

static void analysis_destroy(struct hs_analysis *a) {
    hs_index_of(a->group)->analysis = NULL;
    hs_holdings_destroy(a->holdings);
    free(a->branches);
    if (a->objects) free(a->objects->pages);
    if (a->graph) free(a->graph->keys);
    free(a->objects);
    free(a->graph);
    free(a->dominators);
    free(a->roots.notes);
    free(a->root_ids);
    free(a->weightless);
    free(a);
}

/* --- both */

static struct hs_error *read_all(struct hs_index *index, const struct hs_index_key *key) {
    if (memcmp(&index->header->key, key, sizeof *key) != 0)
        return hs_error_create(HS_ERROR_MISMATCH,
                               "the index is of another core, or of another build of heapscan");
    FIT(hs_index_length(index, HS_SECTION_COUNTS) == 1 &&
            hs_blocks_verify(index->blocks, index->header->sections[0].offset,
                             index->blocks->lazy - index->header->sections[0].offset),
        "damaged");
    HS_TRY(check_lengths(index));
    HS_TRY(read_group(index, index->group));
    return read_analysis(index, index->analysis);
}

struct hs_error *hs_index_read(const char *path, const struct hs_index_key *key, const struct hs_v8 *v8,
                               struct hs_group **group_ret, struct hs_analysis **analysis_ret) {
    struct hs_index *index = calloc(1, sizeof *index);
    struct hs_group *group = calloc(1, sizeof *group);
    struct hs_analysis *analysis = calloc(1, sizeof *analysis);
    struct hs_error *error = index && group && analysis ? hs_index_open(path, &index->blocks) : HS_ENOMEM;
    if (error) {
        free(index);
        free(group);
        free(analysis);
        return error;
    }
    index->v8 = group->v8 = v8;
    index->header = (const void *)index->blocks->data;
    index->counts = hs_index_at(index, HS_SECTION_COUNTS);
    index->blocks->check = hs_index_block_check;
    index->blocks->context = index;
    index->group = group;
    index->analysis = analysis;
    index->answers = HS_INDEX_ANSWERS;
    index->answers.destroy = group_destroy;
    index->answers.destroy_analysis = analysis_destroy;
    group->answers = &index->answers;
    analysis->group = group;
    if ((error = read_all(index, key))) {
        analysis_destroy(analysis);
        group_destroy(group);
        return error;
    }
    *group_ret = group;
    *analysis_ret = analysis;
    return NULL;
}

struct hs_error *hs_index_core_path(const char *path, char **ret) {
    struct hs_blocks *blocks;
    HS_TRY(hs_index_open(path, &blocks));
    char *copy = strdup(((const struct hs_index_header *)blocks->data)->core_path);
    hs_blocks_close(blocks);
    if (!copy) return HS_ENOMEM;
    *ret = copy;
    return NULL;
}
