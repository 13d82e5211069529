#include "graph/mark.h"

#include <stdlib.h>

/* Nodes between being taken from the stack and being read; their rows are fetched meanwhile. */
enum { AHEAD = 16 };

static bool take(struct hs_marks *marks, hs_id id) {
    uint64_t bit = UINT64_C(1) << (id % 64);
    if (marks->bits[id / 64] & bit) return false;
    marks->bits[id / 64] |= bit;
    marks->count++;
    return true;
}

/* Empties the stack. A node is pushed once, when it is marked: the stack holds at most every node. */
static void drain(const struct hs_graph *graph, struct hs_marks *marks, hs_id *stack, size_t top) {
    hs_id ring[AHEAD];
    unsigned taken = 0, read = 0;
    for (;;) {
        for (; top && taken - read < AHEAD; taken++) {
            ring[taken % AHEAD] = stack[--top];
            __builtin_prefetch(&graph->first[stack[top]]);
            if (taken - read >= AHEAD / 2)
                __builtin_prefetch(&graph->to[graph->first[ring[(taken - AHEAD / 2) % AHEAD]]]);
        }
        if (taken == read) return;
        hs_id id = ring[read++ % AHEAD];
        for (uint32_t e = graph->first[id]; e < graph->first[id + 1]; e++)
            if (take(marks, graph->to[e])) stack[top++] = graph->to[e];
    }
}

/* Marks the values of live pairs; false when there was none left. Each round costs the number of ephemerons;
 * a chain of keys through n tables takes n rounds at worst, so values that are keys in turn are followed at
 * once. */
static bool mark_ephemerons(const struct hs_graph *graph, struct hs_marks *marks, hs_id *stack) {
    bool any = false;
    for (uint32_t i = 0; i < graph->ephemeron_count; i++) {
        const struct hs_ephemeron *e = &graph->ephemerons[i];
        if (!hs_marks_get(marks, e->table) || !hs_marks_get(marks, e->key) || !take(marks, e->value))
            continue;
        stack[0] = e->value;
        drain(graph, marks, stack, 1);
        any = true;
    }
    return any;
}

struct hs_error *hs_mark_more(const struct hs_graph *graph, const hs_id *roots, size_t root_count,
                              struct hs_marks *marks) {
    hs_id *stack = malloc(((size_t)graph->count + 1) * sizeof *stack); /* its top alone is touched */
    if (!stack) return HS_ENOMEM;
    size_t top = 0;
    for (size_t i = 0; i < root_count; i++)
        if (roots[i] < graph->count && take(marks, roots[i])) stack[top++] = roots[i];
    drain(graph, marks, stack, top);
    while (mark_ephemerons(graph, marks, stack)) {
    }
    free(stack);
    return NULL;
}

struct hs_error *hs_mark(const struct hs_graph *graph, const hs_id *roots, size_t root_count,
                         struct hs_marks *ret) {
    struct hs_marks marks = {.bits = calloc((size_t)graph->count / 64 + 1, sizeof *marks.bits)};
    struct hs_error *error = marks.bits ? hs_mark_more(graph, roots, root_count, &marks) : HS_ENOMEM;
    if (error) free(marks.bits);
    else *ret = marks;
    return error;
}

void hs_marks_deinit(struct hs_marks *marks) {
    free(marks->bits);
    *marks = (struct hs_marks){0};
}
