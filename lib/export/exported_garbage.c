/* What the garbage hangs on: dead objects that no dead object points to, and one of each ring of them. */
#include <stdlib.h>

#include "export/exported_private.h"

struct search {
    const struct hs_exported_private *x;
    uint64_t *seen;
    hs_id *stack;
};

static bool is_garbage(const struct hs_exported_private *x, hs_id id) {
    return hs_exported_get(x->chosen, id) && !hs_marks_get(&x->analysis->marks, id);
}

static void follow(struct search *s, hs_id head) {
    const struct hs_graph *graph = s->x->analysis->graph;
    size_t top = 0;
    s->stack[top++] = head;
    hs_exported_set(s->seen, head);
    while (top) {
        hs_id id = s->stack[--top];
        for (uint32_t e = graph->first[id]; e < graph->first[id + 1]; e++) {
            hs_id to = graph->to[e];
            if (!is_garbage(s->x, to) || hs_exported_get(s->seen, to)) continue;
            hs_exported_set(s->seen, to);
            s->stack[top++] = to;
        }
    }
}

static struct hs_error *find(struct hs_exported_private *x, struct search *s, const uint64_t *held) {
    size_t capacity = 0;
    /* First what nothing points to, so that a ring hangs on what points into it. */
    for (int rings = 0; rings < 2; rings++)
        for (hs_id id = 0; id < x->analysis->graph->count; id++) {
            if (!is_garbage(x, id) || hs_exported_get(s->seen, id) || (!rings && hs_exported_get(held, id)))
                continue;
            if (x->head_count == capacity) {
                capacity = capacity ? 2 * capacity : 1024;
                hs_id *grown = realloc(x->heads, capacity * sizeof *grown);
                if (!grown) return HS_ENOMEM;
                x->heads = grown;
            }
            x->heads[x->head_count++] = id;
            follow(s, id);
        }
    return NULL;
}

struct hs_error *hs_exported_find_heads(struct hs_exported_private *x) {
    const struct hs_graph *graph = x->analysis->graph;
    size_t words = (size_t)graph->count / 64 + 1;
    uint64_t *held = calloc(words, sizeof *held);
    struct search s = {.x = x,
                       .seen = calloc(words, sizeof *s.seen),
                       .stack = malloc(((size_t)graph->count + 1) * sizeof *s.stack)};
    struct hs_error *error = held && s.seen && s.stack ? NULL : HS_ENOMEM;
    for (hs_id id = 0; !error && id < graph->count; id++) {
        if (!is_garbage(x, id)) continue;
        for (uint32_t e = graph->first[id]; e < graph->first[id + 1]; e++)
            if (graph->to[e] != id) hs_exported_set(held, graph->to[e]);
    }
    if (!error) error = find(x, &s, held);
    free(held);
    free(s.seen);
    free(s.stack);
    return error;
}
