#include "group/analysis_private.h"

#include <stdlib.h>

#include "graph/edge_file.h"
#include "group/answers.h"

/* The objects of read-only space are immortal: each is a root, whoever points to it. */
struct hs_error *hs_analysis_list_roots(struct hs_analysis *a) {
    const struct hs_pages *pages = &a->objects->v8->pages;
    size_t immortal = 0;
    a->weightless = calloc(pages->count, sizeof *a->weightless);
    if (!a->weightless) return HS_ENOMEM;
    for (uint32_t i = 0; i < pages->count; i++) {
        if (!(pages->items[i].flags & HS_PAGE_READ_ONLY)) continue;
        hs_id first = a->objects->pages[i].first,
              end = i + 1 < pages->count ? a->objects->pages[i + 1].first : a->objects->count;
        if (first == end) continue;
        a->weightless[a->weightless_count++] = (struct hs_id_range){first, end};
        immortal += end - first;
    }
    a->root_ids = malloc((a->roots.count + immortal + 1) * sizeof *a->root_ids);
    if (!a->root_ids) return HS_ENOMEM;
    for (size_t i = 0; i < a->roots.count; i++) a->root_ids[a->root_id_count++] = a->roots.items[i].id;
    for (uint32_t i = 0; i < a->weightless_count; i++)
        for (hs_id id = a->weightless[i].first; id < a->weightless[i].end; id++)
            a->root_ids[a->root_id_count++] = id;
    if (!a->objects->v8->layout.snapshot_read_only_weighs_0) a->weightless_count = 0;
    return NULL;
}

/* Strings outside the heap are few, and stand close together: most small objects need no search. */
static bool may_have_payload(const struct hs_analysis *a, hs_id id) {
    return !a->payload_bits ||
           a->payload_bits[id / HS_PAYLOAD_RANGE / 64] >> (id / HS_PAYLOAD_RANGE % 64) & 1;
}

uint64_t hs_analysis_size(const struct hs_analysis *a, hs_id id) {
    if (a->file) return a->file->size[id];
    if (id >= a->graph->object_count) return a->graph->natives[id - a->graph->object_count].bytes;
    for (uint32_t i = 0; i < a->weightless_count; i++)
        if (id >= a->weightless[i].first && id < a->weightless[i].end) return 0;
    uint32_t words = hs_objects_words(a->objects, id);
    uint64_t bytes = (uint64_t)words * a->objects->v8->layout.tagged_size;
    if (a->payload_count && words <= 4 && may_have_payload(a, id)) {
        uint32_t low = 0, high = a->payload_count;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (a->payloads[middle].id < id) low = middle + 1;
            else high = middle;
        }
        if (low < a->payload_count && a->payloads[low].id == id) bytes += a->payloads[low].bytes;
    }
    return bytes;
}

hs_addr hs_analysis_address(const struct hs_analysis *a, hs_id id) {
    if (a->file) return a->file->id[id];
    return id < a->graph->object_count ? hs_objects_address(a->objects, id)
                                       : a->graph->natives[id - a->graph->object_count].address;
}

hs_id hs_analysis_find(const struct hs_analysis *a, hs_addr address) {
    if (a->file) return hs_heapsnapshot_find(a->file, address);
    hs_id id = hs_objects_find(a->objects, address & ~(hs_addr)3);
    if (id == HS_ID_NONE) id = hs_graph_native_find(a->graph, address);
    return id == HS_ID_NONE ? hs_objects_find_inside(a->objects, address) : id;
}

enum hs_kind hs_analysis_kind(const struct hs_analysis *a, hs_id id) {
    if (a->file) return hs_heapsnapshot_kind(a->file, id);
    return id < a->graph->object_count ? hs_js_kind(a->group->js, hs_objects_address(a->objects, id) + 1)
                                       : HS_KIND_UNKNOWN;
}

enum hs_kind hs_analysis_class_kind(const struct hs_analysis *a, uint32_t class_index) {
    const struct hs_answers *answers = a->group->answers;
    if (answers && answers->class_kind) return answers->class_kind(a->group, class_index);
    const struct hs_class *class = &a->group->classes[class_index];
    hs_addr sample = a->standings[class_index].reachable_sample ? a->standings[class_index].reachable_sample
                                                                : class->sample;
    if (class->type == HS_NODE_NATIVE || !sample) return HS_KIND_UNKNOWN;
    return hs_v8_kind_of(a->group->v8, sample + 1);
}

const char *hs_analysis_root_name(const struct hs_analysis *a, const struct hs_root *root) {
    const struct hs_heapsnapshot *file = a->file;
    if (!file) return hs_root_category_name((enum hs_root_category)root->category);
    return root->index < file->node_count ? hs_heapsnapshot_text(file, file->name[root->index]) : "";
}

struct hs_error *hs_analysis_edges(const struct hs_analysis *a, struct hs_edges **ret) {
    return a->file ? hs_edges_create_file(a->file, a->graph, ret)
                   : hs_edges_create(a->group->js, a->objects, a->graph, ret);
}

static uint32_t class_of(void *context, hs_id id) {
    return ((struct hs_analysis *)context)->class_of[id];
}

struct hs_error *hs_analysis_count(struct hs_analysis *a) {
    uint32_t count = a->group->class_count;
    if (!(a->standings = calloc((size_t)count + 1, sizeof *a->standings))) return HS_ENOMEM;
    for (hs_id id = 0; id < a->graph->count; id++) {
        if (a->class_of[id] >= count || !hs_marks_get(&a->marks, id)) continue;
        struct hs_class_standing *standing = &a->standings[a->class_of[id]];
        if (standing->reachable_count++ == 0) standing->reachable_sample = hs_analysis_address(a, id);
        standing->reachable_bytes += hs_analysis_size(a, id);
    }
    return NULL;
}

struct hs_error *hs_analysis_stand(struct hs_analysis *a) {
    uint32_t count = a->group->class_count;
    uint64_t *retained = calloc((size_t)count + 1, sizeof *retained);
    struct hs_error *error =
        retained ? hs_dominators_by_class(a->dominators, class_of, a, count, retained) : HS_ENOMEM;
    for (uint32_t i = 0; !error && i < count; i++) a->standings[i].retained_bytes = retained[i];
    free(retained);
    return error;
}

struct hs_error *hs_analysis_need(struct hs_analysis *a, unsigned needs, unsigned threads) {
    const struct hs_answers *answers = a->group->answers;
    return answers && answers->need ? answers->need(a, needs, threads) : NULL;
}

bool hs_analysis_is_damaged(const struct hs_analysis *a) {
    const struct hs_answers *answers = a ? a->group->answers : NULL;
    return answers && answers->is_damaged && answers->is_damaged(a);
}
