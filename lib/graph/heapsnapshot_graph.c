/* The graph of a .heapsnapshot, by the rules of DevTools (HeapSnapshot.ts, computeIsEssentialEdge). */
#define _GNU_SOURCE 1 /* memmem */
#include <stdlib.h>
#include <string.h>

#include "graph/heapsnapshot_private.h"

/* Names of the two edges to the value of a WeakMap's entry: "<k> / part of key (… @id) -> value (… @id) pair
 * in WeakMap (table @id)". V8 writes one from the key and one from the table; the table's is dropped. Found
 * once, by one search over all strings: a name may be long and may be used by many edges. */
struct pair_name {
    uint32_t string;
    uint64_t table; /* id of the table */
};

struct making {
    const struct hs_heapsnapshot *s;
    struct pair_name *pairs; /* ascending by string */
    size_t pair_count;
    uint64_t *owned; /* one bit a node: reachable from the root's shortcuts */
};

static bool get(const uint64_t *bits, uint32_t i) {
    return bits[i / 64] >> (i % 64) & 1;
}
static void set(uint64_t *bits, uint32_t i) {
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* The string that holds byte `offset` of the file; the first one if none does. */
static uint32_t string_at(const struct hs_heapsnapshot *s, uint64_t offset) {
    uint32_t low = 0, high = s->string_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (s->priv->strings[middle] <= offset) low = middle;
        else high = middle;
    }
    return low;
}

static bool begins_pair(const char *p, const char *end) {
    static const char key[] = " / part of key (";
    if (p >= end || *p < '0' || *p > '9') return false;
    while (p < end && *p >= '0' && *p <= '9') p++;
    return (size_t)(end - p) >= sizeof key - 1 && memcmp(p, key, sizeof key - 1) == 0;
}

static struct hs_error *find_pairs(struct making *m) {
    static const char sign[] = " pair in WeakMap (table @";
    const struct hs_heapsnapshot *s = m->s;
    if (!s->string_count) return NULL;
    const char *end = s->priv->bytes + s->priv->size, *at = s->priv->bytes + s->priv->strings[0];
    size_t capacity = 0;
    while ((at = memmem(at, (size_t)(end - at), sign, sizeof sign - 1))) {
        const char *start = at;
        uint64_t id = 0;
        for (at += sizeof sign - 1; at < end && *at >= '0' && *at <= '9' && id < UINT64_MAX / 16; at++)
            id = id * 10 + (uint64_t)(*at - '0');
        if (end - at < 2 || at[0] != ')' || at[1] != '"') continue;
        uint32_t string = string_at(s, (uint64_t)(start - s->priv->bytes));
        if (!begins_pair(s->priv->bytes + s->priv->strings[string], start)) continue;
        if (m->pair_count == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            struct pair_name *grown = realloc(m->pairs, capacity * sizeof *grown);
            if (!grown) return HS_ENOMEM;
            m->pairs = grown;
        }
        m->pairs[m->pair_count++] = (struct pair_name){string, id};
    }
    return NULL;
}

static bool is_table_half(const struct making *m, uint32_t node, uint32_t name) {
    size_t low = 0, high = m->pair_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->pairs[middle].string < name) low = middle + 1;
        else high = middle;
    }
    return low < m->pair_count && m->pairs[low].string == name && m->pairs[low].table == m->s->id[node];
}

/* What the program itself can reach: from the global objects, which the root's shortcuts point to. */
static struct hs_error *find_owned(struct making *m) {
    const struct hs_heapsnapshot *s = m->s;
    m->owned = calloc((size_t)s->node_count / 64 + 1, sizeof *m->owned);
    uint32_t *stack = malloc(((size_t)s->node_count + 1) * sizeof *stack), top = 0;
    if (!m->owned || !stack) {
        free(stack);
        return HS_ENOMEM;
    }
    for (uint32_t e = s->first[s->root]; e < s->first[s->root + 1]; e++) {
        if (s->edge_type[e] != HS_HEAPSNAPSHOT_SHORTCUT || get(m->owned, s->to[e])) continue;
        set(m->owned, s->to[e]);
        stack[top++] = s->to[e];
    }
    while (top) {
        uint32_t node = stack[--top];
        for (uint32_t e = s->first[node]; e < s->first[node + 1]; e++) {
            if (s->edge_type[e] == HS_HEAPSNAPSHOT_WEAK || get(m->owned, s->to[e])) continue;
            set(m->owned, s->to[e]);
            stack[top++] = s->to[e];
        }
    }
    free(stack);
    return NULL;
}

static bool is_essential(const struct making *m, uint32_t node, uint32_t e) {
    const struct hs_heapsnapshot *s = m->s;
    uint8_t type = s->edge_type[e];
    if (type == HS_HEAPSNAPSHOT_WEAK || s->to[e] == node) return false;
    if (type == HS_HEAPSNAPSHOT_INTERNAL && m->pair_count && is_table_half(m, node, s->edge_name[e]))
        return false;
    if (node == s->root) return true;
    return type != HS_HEAPSNAPSHOT_SHORTCUT && (get(m->owned, node) || !get(m->owned, s->to[e]));
}

static struct hs_error *make(struct making *m, struct hs_graph *graph) {
    const struct hs_heapsnapshot *s = m->s;
    HS_TRY(find_pairs(m));
    HS_TRY(find_owned(m));
    graph->count = graph->object_count = s->node_count;
    graph->first = calloc((size_t)s->node_count + 1, sizeof *graph->first);
    graph->to = malloc(((size_t)s->edge_count + 1) * sizeof *graph->to);
    graph->keys = calloc((size_t)s->node_count / 64 + 1, sizeof *graph->keys);
    if (!graph->first || !graph->to || !graph->keys) return HS_ENOMEM;
    uint32_t edges = 0;
    for (uint32_t i = 0; i < s->node_count; i++) {
        graph->first[i] = edges;
        for (uint32_t e = s->first[i]; e < s->first[i + 1]; e++)
            if (is_essential(m, i, e)) graph->to[edges++] = s->to[e];
    }
    graph->first[s->node_count] = edges;
    return NULL;
}

struct hs_error *hs_heapsnapshot_graph(const struct hs_heapsnapshot *s, struct hs_graph **ret) {
    struct making m = {.s = s};
    struct hs_graph *graph = calloc(1, sizeof *graph);
    struct hs_error *error = graph ? make(&m, graph) : HS_ENOMEM;
    free(m.pairs);
    free(m.owned);
    if (error) {
        hs_graph_destroy(graph);
        return error;
    }
    *ret = graph;
    return NULL;
}
