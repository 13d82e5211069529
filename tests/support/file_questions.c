#include "file_questions.h"

#include <stdlib.h>

#include "group/branch.h"
#include "group/container.h"
#include "group/root_total.h"
#include "group/suspect.h"

static void must(bool good) {
    if (!good) abort();
}

static void count_edge(void *context, const struct hs_edge *edge) {
    const struct hs_analysis *a = context;
    must(edge->to < a->graph->count && edge->type <= HS_EDGE_WEAK);
}

static void ask_nodes(struct hs_analysis *a, struct hs_edges *edges) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    struct hs_container container;
    for (hs_id id = 0; id < a->graph->count; id++) {
        must(a->class_of[id] == UINT32_MAX || a->class_of[id] < a->group->class_count);
        must(hs_analysis_find(a, hs_analysis_address(a, id)) != HS_ID_NONE);
        hs_edges_slots(edges, id, count_edge, a);
        for (uint32_t e = a->graph->first[id]; e < a->graph->first[id + 1]; e++) {
            struct hs_edge edge;
            must(a->graph->to[e] < a->graph->count);
            if (!hs_edges_find(edges, id, a->graph->to[e], &edge)) continue;
            hs_edges_put(edges, &edge, false, true, &text);
            hs_edges_contents(edges, id, (enum hs_edge_role)edge.role, edge.to, count_edge, a);
            hs_strbuf_clear(&text);
        }
        hs_container_describe(a, edges, id, &container);
        must(!hs_marks_get(&a->marks, id) || hs_dominators_number(a->dominators, id));
    }
}

static struct hs_error *ask(struct hs_analysis *a, struct hs_edges *edges) {
    struct hs_dominated dominated = {0};
    struct hs_named_paths paths = {0};
    struct hs_suspect *suspects = NULL;
    struct hs_container *containers = NULL;
    struct hs_root_total *totals = NULL;
    struct hs_branches branches = {0};
    size_t count;
    const uint32_t top = 0;
    ask_nodes(a, edges);
    struct hs_error *error = hs_analysis_paths(a);
    if (!error) error = hs_analysis_reverse(a);
    if (!error) error = hs_named_paths_create(a, edges, &paths);
    if (!error) error = hs_dominated_create(a->dominators, &dominated);
    if (!error) error = hs_suspects_create(a, &dominated, &paths, &suspects, &count);
    if (!error) error = hs_containers_create(a, edges, &containers, &count);
    if (!error) error = hs_root_totals_create(a, &totals, &count);
    if (!error) error = hs_branches_create(a, &dominated, &top, 1, &branches);
    for (hs_id id = 0; !error && id < a->graph->count; id++)
        must(hs_paths_depth(&a->paths, id) <= a->graph->count);
    free(suspects);
    free(containers);
    free(totals);
    hs_branches_deinit(&branches);
    hs_dominated_deinit(&dominated);
    hs_named_paths_deinit(&paths);
    return error;
}

struct hs_error *file_ask_everything(struct hs_heapsnapshot *file) {
    struct hs_group *group;
    struct hs_analysis *a = NULL;
    struct hs_edges *edges = NULL;
    HS_TRY(hs_imported_group(file, &group));
    struct hs_error *error = hs_imported_analyse(group, &a);
    if (!error) error = hs_analysis_edges(a, &edges);
    if (!error) error = ask(a, edges);
    hs_edges_destroy(edges);
    hs_analysis_destroy(a);
    hs_group_destroy(group);
    return error;
}
