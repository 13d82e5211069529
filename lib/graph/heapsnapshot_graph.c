/* The graph of a .heapsnapshot, by the rules of DevTools (HeapSnapshot.ts, computeIsEssentialEdge). */
#include <stdlib.h>

#include "graph/heapsnapshot_private.h"

static bool get(const uint64_t *bits, uint32_t i) {
    return bits[i / 64] >> (i % 64) & 1;
}
static void set(uint64_t *bits, uint32_t i) {
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static bool is_strong(const struct hs_heapsnapshot *s, uint32_t node, uint32_t e) {
    uint8_t type = s->edge_type[e];
    if (type == HS_HEAPSNAPSHOT_WEAK || s->to[e] == node) return false;
    if (type == HS_HEAPSNAPSHOT_SHORTCUT) return node == s->root;
    return !hs_heapsnapshot_is_table_half(s, node, e);
}

/* The root's shortcuts lead to the global objects; Chrome hangs its documents on the root as well. */
static bool is_user_edge(const struct hs_heapsnapshot *s, uint32_t e) {
    return s->edge_type[e] == HS_HEAPSNAPSHOT_SHORTCUT ||
           (s->edge_type[e] == HS_HEAPSNAPSHOT_ELEMENT &&
            hs_heapsnapshot_type(s, s->to[e]) == HS_HEAPSNAPSHOT_SYNTHETIC &&
            hs_heapsnapshot_known(s, s->name[s->to[e]]) == HS_KNOWN_DOCUMENTS);
}

/* What the program itself can reach: from the global objects, by every edge that is not weak, whether it
 * counts for dominators or not (markPageOwnedNodes). The root is put in as well, since all of its edges
 * count. */
static struct hs_error *find_owned(const struct hs_heapsnapshot *s, struct hs_graph *graph) {
    uint32_t *stack = malloc(((size_t)s->node_count + 1) * sizeof *stack), top = 0;
    graph->owned = calloc((size_t)s->node_count / 64 + 1, sizeof *graph->owned);
    if (!graph->owned || !stack) {
        free(stack);
        return HS_ENOMEM;
    }
    set(graph->owned, s->root);
    for (uint32_t e = s->first[s->root]; e < s->first[s->root + 1]; e++) {
        if (!is_user_edge(s, e) || get(graph->owned, s->to[e])) continue;
        set(graph->owned, s->to[e]);
        stack[top++] = s->to[e];
    }
    while (top) {
        uint32_t node = stack[--top];
        for (uint32_t e = s->first[node]; e < s->first[node + 1]; e++) {
            if (s->edge_type[e] == HS_HEAPSNAPSHOT_WEAK || get(graph->owned, s->to[e])) continue;
            set(graph->owned, s->to[e]);
            stack[top++] = s->to[e];
        }
    }
    free(stack);
    return NULL;
}

static struct hs_error *make(const struct hs_heapsnapshot *s, struct hs_graph *graph) {
    graph->count = graph->object_count = s->node_count;
    graph->first = calloc((size_t)s->node_count + 1, sizeof *graph->first);
    graph->to = malloc(((size_t)s->edge_count + 1) * sizeof *graph->to);
    graph->keys = calloc((size_t)s->node_count / 64 + 1, sizeof *graph->keys);
    if (!graph->first || !graph->to || !graph->keys) return HS_ENOMEM;
    uint32_t edges = 0;
    for (uint32_t i = 0; i < s->node_count; i++) {
        graph->first[i] = edges;
        for (uint32_t e = s->first[i]; e < s->first[i + 1]; e++)
            if (is_strong(s, i, e)) graph->to[edges++] = s->to[e];
    }
    graph->first[s->node_count] = edges;
    return find_owned(s, graph);
}

struct hs_error *hs_heapsnapshot_graph(const struct hs_heapsnapshot *s, struct hs_graph **ret) {
    struct hs_graph *graph = calloc(1, sizeof *graph);
    struct hs_error *error = graph ? make(s, graph) : HS_ENOMEM;
    if (error) {
        hs_graph_destroy(graph);
        return error;
    }
    *ret = graph;
    return NULL;
}
