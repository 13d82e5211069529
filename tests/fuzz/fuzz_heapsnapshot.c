/* Fuzzes the reader of .heapsnapshot files and the graph made of them: any bytes give a graph whose edges
 * lead to its nodes, or an error, never a crash or a hang. */
#include "graph/dominator.h"
#include "graph/heapsnapshot.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t size_of(void *context, hs_id id) {
    return ((struct hs_heapsnapshot *)context)->size[id];
}

static void use(struct hs_heapsnapshot *s) {
    struct hs_graph *graph = NULL;
    struct hs_marks marks = {0};
    struct hs_dominators *dominators = NULL;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    for (uint32_t i = 0; i < s->string_count; i++) hs_heapsnapshot_string(s, i, &text);
    if (s->root >= s->node_count || s->first[s->node_count] != s->edge_count) abort();
    for (uint32_t i = 0; i < s->node_count; i++)
        if (s->type[i] > s->type_count || s->first[i] > s->first[i + 1]) abort();
    for (uint32_t i = 0; i < s->location_count; i++)
        if (s->locations[i].node >= s->node_count) abort();
    struct hs_error *error = hs_heapsnapshot_graph(s, &graph);
    if (!error)
        for (uint32_t i = 0; i < graph->first[graph->count]; i++)
            if (graph->to[i] >= graph->count) abort();
    if (!error) error = hs_mark(graph, &s->root, 1, &marks);
    if (!error) error = hs_dominators_create(graph, &marks, &s->root, 1, size_of, s, &dominators);
    if (error) abort(); /* what was accepted can be used */
    hs_dominators_destroy(dominators);
    hs_marks_deinit(&marks);
    hs_graph_destroy(graph);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct hs_heapsnapshot *s;
    struct hs_error *error = hs_heapsnapshot_open_memory(data, size, "fuzz", &s);
    if (!error) {
        use(s);
        hs_heapsnapshot_close(s);
    }
    hs_error_destroy(error);
    return 0;
}

#ifdef FUZZ_REPLAY
#include "fuzz_replay.h"
#endif
