#include "graph/dominator.h"

#include <stdlib.h>
#include <string.h>

#include "graph/spanning.h"

enum { AHEAD = 8 }; /* nodes whose sources are fetched ahead */

/* What evaluate() needs of a node that is linked: two numbers that are read together. */
struct link {
    uint32_t above; /* an ancestor; the path to it is compressed */
    uint32_t best;  /* the lowest semidominator on the path, without the ancestor's */
};
_Static_assert(sizeof(struct link) == sizeof(uint64_t), "retained sizes take their place");

/* The lowest semidominator of `v` and its ancestors among the linked ones (numbers from `last` on);
 * compresses the path. */
static uint32_t evaluate(struct link *links, uint32_t *stack, uint32_t v, uint32_t last) {
    if (links[v].above < last) return links[v].best;
    uint32_t top = 0;
    do {
        stack[top++] = v;
        v = links[v].above;
    } while (links[v].above >= last);
    uint32_t above = links[v].above, best = links[v].best;
    while (top) {
        struct link *link = &links[stack[--top]];
        link->above = above;
        if (link->best > best) link->best = best;
        else best = link->best;
    }
    return best;
}

/* The lowest semidominators of what crosses to each popular target, and of its ancestors behind the target.
 */
struct crossing {
    uint32_t lowest[HS_SPANNING_POPULAR];
    uint16_t open; /* targets that are still to come */
};

/* Takes in number `n`, whose semidominator is `semi` but for what popular targets know: returns it. Its
 * parent crosses to whatever it crosses to. */
static inline uint32_t settle_popular(struct hs_spanning *s, struct crossing *c, uint32_t n, uint32_t semi) {
    uint32_t own = hs_spanning_popular(s, n);
    if (own < HS_SPANNING_POPULAR) {
        if (c->lowest[own] < semi) semi = c->lowest[own];
        c->open &= (uint16_t) ~(1u << own);
    }
    unsigned crosses = s->crosses[n] & c->open;
    s->crosses[s->parent[n]] |= (uint16_t)crosses;
    for (; crosses; crosses &= crosses - 1) {
        uint32_t *lowest = &c->lowest[__builtin_ctz(crosses)];
        if (semi < *lowest) *lowest = semi;
    }
    return semi;
}

/* Semi-NCA. Leaves semidominators in s->lowest; s->parent becomes the immediate dominators. */
static void find_dominators(struct hs_spanning *s, struct link *links, uint32_t *stack) {
    struct crossing crossing = {.open = UINT16_MAX};
    memset(crossing.lowest, 0xff, sizeof crossing.lowest);
    for (uint32_t n = s->count; n >= 1; n--) {
        uint32_t semi = s->lowest[n];
        if (n > 2 * AHEAD) __builtin_prefetch(hs_spanning_sources(s, n - 2 * AHEAD));
        if (n > AHEAD) __builtin_prefetch(&links[*hs_spanning_sources(s, n - AHEAD)]);
        for (const uint32_t *from = hs_spanning_sources(s, n); *from; from++) {
            uint32_t candidate = evaluate(links, stack, *from, n + 1);
            if (candidate < semi) semi = candidate;
        }
        if (s->crosses) semi = settle_popular(s, &crossing, n, semi);
        s->lowest[n] = semi;
        links[n] = (struct link){s->parent[n], semi};
    }
    uint32_t *idom = s->parent;
    for (uint32_t n = 1; n <= s->count; n++) {
        uint32_t candidate = idom[n];
        while (candidate > s->lowest[n]) candidate = idom[candidate];
        idom[n] = candidate;
    }
}

/* Adds up what each node dominates. */
static void retain(struct hs_dominators *d, hs_id count, uint64_t (*size)(void *context, hs_id id),
                   void *context) {
    d->retained[0] = 0;
    for (hs_id id = 0; id < count; id++) /* in the order of sizes, which cost more to get than to put */
        if (d->number[id]) d->retained[d->number[id]] = size(context, id);
    for (uint32_t i = d->count; i >= 1; i--) d->retained[d->idom[i]] += d->retained[i];
}

/* Takes what stays out of the spanning tree. */
static struct hs_error *create(const struct hs_graph *graph, const struct hs_marks *marks, const hs_id *roots,
                               size_t root_count, struct hs_spanning *s, struct hs_dominators *d) {
    size_t n = (size_t)marks->count + 2;
    /* Of the stack only as much is touched as the longest path needs. */
    uint32_t *stack = malloc(n * sizeof *stack);
    /* Rows lie where links will: number n's before that of any link that is made until it has been read. */
    uint32_t *rows = calloc(HS_SPANNING_ROWS(marks->count), sizeof *rows);
    struct link *links = (struct link *)rows;
    struct hs_error *error =
        stack && links ? hs_spanning_create(graph, marks, roots, root_count, rows, s) : HS_ENOMEM;
    if (!error) find_dominators(s, links, stack);
    free(stack);
    if (error) {
        free(links);
        return error;
    }
    *d = (struct hs_dominators){.count = s->count,
                                .number = s->number,
                                .vertex = s->vertex,
                                .idom = s->parent,
                                .retained = (uint64_t *)links};
    s->number = s->vertex = s->parent = NULL;
    return NULL;
}

struct hs_error *hs_dominators_create(const struct hs_graph *graph, const struct hs_marks *marks,
                                      const hs_id *roots, size_t root_count,
                                      uint64_t (*size)(void *context, hs_id id), void *context,
                                      struct hs_dominators **ret) {
    struct hs_spanning spanning = {0};
    struct hs_dominators *d = calloc(1, sizeof *d);
    struct hs_error *error = d ? create(graph, marks, roots, root_count, &spanning, d) : HS_ENOMEM;
    hs_spanning_deinit(&spanning);
    if (error) {
        free(d);
        return error;
    }
    retain(d, graph->count, size, context);
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
