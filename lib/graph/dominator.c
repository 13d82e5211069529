#include "graph/dominator.h"

#include <stdlib.h>
#include <string.h>

struct work {
    const struct hs_graph *graph;
    const struct hs_marks *marks;
    const hs_id *roots;
    size_t root_count;
    struct hs_dominators *d;
    uint32_t *parent; /* number -> number; compressed while semidominators are computed */
    uint32_t *semi, *label;
    uint32_t *first, *from; /* predecessors by number, as numbers */
    uint32_t *stack;
};

/* The value that live ephemeron `at` gives to its key `id`: HS_ID_NONE behind the last one, the node itself
 * for a dead one. */
static hs_id ephemeron_target(const struct work *w, hs_id id, uint32_t at) {
    if (at >= w->graph->ephemeron_count || w->graph->ephemerons[at].key != id) return HS_ID_NONE;
    return hs_marks_get(w->marks, w->graph->ephemerons[at].table) ? w->graph->ephemerons[at].value : id;
}

/* The edge does not count. */
static inline bool is_foreign(const struct hs_graph *graph, hs_id from, hs_id to) {
    const uint64_t *owned = graph->owned;
    return owned && (owned[to / 64] >> (to % 64) & 1) && !(owned[from / 64] >> (from % 64) & 1);
}

/* What a node has past the target of one of its edges; those that are not marked are to be left out (the core
 * lies about its sizes). */
static inline const hs_id *past_of(const struct work *w, hs_id from, uint32_t edge, uint32_t *count_ret) {
    const struct hs_graph *graph = w->graph;
    return graph->direct ? hs_direct_past(graph->direct, graph->first, graph->to, from, edge, count_ret)
                         : NULL;
}

enum { EPHEMERONS_DONE = UINT32_MAX };
struct frame {
    hs_id id;
    uint32_t next;      /* edge of its row */
    uint32_t past;      /* … or what is past that edge's target: the next one, from 1 */
    uint32_t ephemeron; /* next one, or EPHEMERONS_DONE */
};

static struct frame enter(const struct work *w, hs_id id) {
    return (struct frame){id, w->graph->first[id], 0,
                          hs_graph_is_key(w->graph, id) ? hs_graph_ephemeron_find(w->graph, id)
                                                        : EPHEMERONS_DONE};
}

/* The next target of a node that has no number yet, HS_ID_NONE when there are no more. */
static hs_id next_target(const struct work *w, struct frame *frame) {
    const uint32_t *number = w->d->number;
    const hs_id *row = w->graph->to;
    for (uint32_t end = w->graph->first[frame->id + 1]; frame->next < end; frame->next++, frame->past = 0) {
        hs_id to = row[frame->next];
        if (!frame->past) {
            frame->past = 1;
            if (!number[to] && !is_foreign(w->graph, frame->id, to)) return to;
        }
        uint32_t count;
        const hs_id *past = past_of(w, frame->id, frame->next, &count);
        for (; past && frame->past <= count; frame->past++) {
            to = past[frame->past - 1];
            if (number[to] || is_foreign(w->graph, frame->id, to) || !hs_marks_get(w->marks, to)) continue;
            frame->past++;
            return to;
        }
    }
    while (frame->ephemeron != EPHEMERONS_DONE) {
        hs_id to = ephemeron_target(w, frame->id, frame->ephemeron++);
        if (to == HS_ID_NONE) frame->ephemeron = EPHEMERONS_DONE;
        else if (!number[to] && !is_foreign(w->graph, frame->id, to)) return to;
    }
    return HS_ID_NONE;
}

/* Depth-first numbering. A node is on the stack at most once. */
static struct hs_error *number_nodes(struct work *w) {
    struct hs_dominators *d = w->d;
    size_t capacity = 1024, top = 0;
    struct frame *frames = malloc(capacity * sizeof *frames);
    if (!frames) return HS_ENOMEM;
    uint32_t next = 1;
    for (size_t r = 0; r < w->root_count; r++) {
        hs_id root = w->roots[r];
        if (root >= w->graph->count || d->number[root]) continue;
        d->number[root] = next;
        d->vertex[next] = root;
        w->parent[next++] = 0;
        frames[top++] = enter(w, root);
        while (top) {
            struct frame *frame = &frames[top - 1];
            hs_id to = next_target(w, frame);
            if (to == HS_ID_NONE) {
                top--;
                continue;
            }
            uint32_t from = d->number[frame->id];
            d->number[to] = next;
            d->vertex[next] = to;
            w->parent[next++] = from;
            if (top == capacity) {
                struct frame *grown = realloc(frames, 2 * capacity * sizeof *grown);
                if (!grown) {
                    free(frames);
                    return HS_ENOMEM;
                }
                frames = grown;
                capacity *= 2;
            }
            frames[top++] = enter(w, to);
        }
    }
    free(frames);
    d->count = next - 1;
    return NULL;
}

static inline void add_predecessor(struct work *w, int pass, uint32_t from, hs_id to, uint64_t *total) {
    uint32_t *slot = &w->first[w->d->number[to]];
    if (pass) w->from[--*slot] = from;
    else ++*slot, ++*total;
}

/* Predecessors of every number, the virtual root's included. */
static struct hs_error *collect_predecessors(struct work *w) {
    struct hs_dominators *d = w->d;
    uint64_t total = 0;
    w->first = calloc((size_t)d->count + 2, sizeof *w->first);
    if (!w->first) return HS_ENOMEM;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t r = 0; r < w->root_count; r++)
            if (w->roots[r] < w->graph->count) add_predecessor(w, pass, 0, w->roots[r], &total);
        for (uint32_t n = 1; n <= d->count; n++) {
            hs_id id = d->vertex[n], to;
            for (uint32_t e = w->graph->first[id]; e < w->graph->first[id + 1]; e++) {
                if ((to = w->graph->to[e]) != id && !is_foreign(w->graph, id, to))
                    add_predecessor(w, pass, n, to, &total);
                uint32_t count;
                const hs_id *past = past_of(w, id, e, &count);
                for (uint32_t k = 0; past && k < count; k++)
                    if (past[k] != id && d->number[past[k]] && !is_foreign(w->graph, id, past[k]))
                        add_predecessor(w, pass, n, past[k], &total);
            }
            if (!hs_graph_is_key(w->graph, id)) continue;
            for (uint32_t e = hs_graph_ephemeron_find(w->graph, id);
                 (to = ephemeron_target(w, id, e)) != HS_ID_NONE; e++)
                if (to != id && !is_foreign(w->graph, id, to)) add_predecessor(w, pass, n, to, &total);
        }
        if (pass) break;
        if (total >= UINT32_MAX)
            return hs_error_create(HS_ERROR_UNSUPPORTED, "more than 2^32 references: not supported");
        /* Ends; the second pass counts them down to starts. */
        for (uint32_t n = 1; n <= d->count + 1; n++) w->first[n] += w->first[n - 1];
        w->from = malloc((total + 1) * sizeof *w->from);
        if (!w->from) return HS_ENOMEM;
    }
    return NULL;
}

/* The ancestor of `v` among the linked ones (numbers above `last`) whose semidominator is lowest; compresses
 * the path. */
static uint32_t evaluate(struct work *w, uint32_t v, uint32_t last) {
    if (w->parent[v] < last) return w->label[v];
    uint32_t top = 0;
    do {
        w->stack[top++] = v;
        v = w->parent[v];
    } while (w->parent[v] >= last);
    uint32_t above = v, best = w->label[v];
    while (top) {
        v = w->stack[--top];
        w->parent[v] = w->parent[above];
        if (w->semi[best] < w->semi[w->label[v]]) w->label[v] = best;
        else best = w->label[v];
        above = v;
    }
    return w->label[v];
}

static void find_dominators(struct work *w) {
    struct hs_dominators *d = w->d;
    for (uint32_t n = 0; n <= d->count; n++) {
        d->idom[n] = w->parent[n];
        w->semi[n] = w->label[n] = n;
    }
    for (uint32_t n = d->count; n >= 1; n--) {
        uint32_t semi = w->parent[n];
        for (uint32_t e = w->first[n]; e < w->first[n + 1]; e++) {
            uint32_t candidate = w->semi[evaluate(w, w->from[e], n + 1)];
            if (candidate < semi) semi = candidate;
        }
        w->semi[n] = semi;
    }
    for (uint32_t n = 1; n <= d->count; n++) {
        uint32_t candidate = d->idom[n];
        while (candidate > w->semi[n]) candidate = d->idom[candidate];
        d->idom[n] = candidate;
    }
}

struct hs_error *hs_dominators_create(const struct hs_graph *graph, const struct hs_marks *marks,
                                      const hs_id *roots, size_t root_count,
                                      uint64_t (*size)(void *context, hs_id id), void *context,
                                      struct hs_dominators **ret) {
    size_t n = (size_t)marks->count + 2;
    struct hs_dominators *d = calloc(1, sizeof *d);
    struct work w = {.graph = graph, .marks = marks, .roots = roots, .root_count = root_count, .d = d};
    if (d) {
        d->number = calloc((size_t)graph->count + 1, sizeof *d->number);
        d->vertex = calloc(n, sizeof *d->vertex);
        d->idom = calloc(n, sizeof *d->idom);
    }
    w.parent = calloc(n, sizeof *w.parent);
    struct hs_error *error = d && d->number && d->vertex && d->idom && w.parent ? NULL : HS_ENOMEM;
    if (!error) {
        d->vertex[0] = HS_ID_NONE;
        error = number_nodes(&w);
    }
    if (!error) error = collect_predecessors(&w);
    if (!error) {
        w.semi = calloc(n, sizeof *w.semi);
        w.label = calloc(n, sizeof *w.label);
        w.stack = malloc(n * sizeof *w.stack);
        if (!w.semi || !w.label || !w.stack) error = HS_ENOMEM;
    }
    if (!error) find_dominators(&w);
    free(w.parent);
    free(w.semi);
    free(w.label);
    free(w.stack);
    free(w.first);
    free(w.from);
    if (!error && !(d->retained = calloc(n, sizeof *d->retained))) error = HS_ENOMEM;
    if (error) {
        hs_dominators_destroy(d);
        return error;
    }
    for (uint32_t i = 1; i <= d->count; i++) d->retained[i] = size(context, d->vertex[i]);
    for (uint32_t i = d->count; i >= 1; i--) d->retained[d->idom[i]] += d->retained[i];
    *ret = d;
    return NULL;
}

void hs_dominators_destroy(struct hs_dominators *dominators) {
    if (!dominators) return;
    free(dominators->number);
    free(dominators->vertex);
    free(dominators->idom);
    free(dominators->retained);
    free(dominators);
}

struct hs_error *hs_dominators_by_class(const struct hs_dominators *d,
                                        uint32_t (*class_of)(void *context, hs_id id), void *context,
                                        uint32_t class_count, uint64_t *retained_ret) {
    size_t n = (size_t)d->count + 1;
    uint32_t *child = calloc(n, sizeof *child), *sibling = calloc(n, sizeof *sibling),
             *inside = calloc((size_t)class_count + 1, sizeof *inside);
    if (!child || !sibling || !inside) {
        free(child);
        free(sibling);
        free(inside);
        return HS_ENOMEM;
    }
    memset(retained_ret, 0, class_count * sizeof *retained_ret);
    for (uint32_t i = d->count; i >= 1; i--) {
        sibling[i] = child[d->idom[i]];
        child[d->idom[i]] = i;
    }
    /* Preorder of the dominator tree without a stack: down to the child, along the sibling, up by the
     * dominator. */
    for (uint32_t i = child[0]; i;) {
        uint32_t class = class_of(context, d->vertex[i]);
        if (class < class_count && inside[class]++ == 0) retained_ret[class] += d->retained[i];
        if (child[i]) {
            i = child[i];
            continue;
        }
        for (;;) {
            class = class_of(context, d->vertex[i]);
            if (class < class_count) inside[class]--;
            if (sibling[i]) {
                i = sibling[i];
                break;
            }
            i = d->idom[i];
            if (!i) break;
        }
    }
    free(child);
    free(sibling);
    free(inside);
    return NULL;
}
