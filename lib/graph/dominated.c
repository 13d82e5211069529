#include "graph/dominated.h"

#include <stdlib.h>

struct hs_error *hs_dominated_create(const struct hs_dominators *d, struct hs_dominated *ret) {
    struct hs_dominated t = {.first = calloc((size_t)d->count + 3, sizeof *t.first),
                             .child = malloc(((size_t)d->count + 1) * sizeof *t.child)};
    if (!t.first || !t.child) {
        hs_dominated_deinit(&t);
        return HS_ENOMEM;
    }
    /* Ends; filling counts them down to starts, from the highest number to the lowest. */
    for (uint32_t n = 1; n <= d->count; n++) t.first[d->idom[n]]++;
    for (uint32_t n = 1; n <= d->count + 1; n++) t.first[n] += t.first[n - 1];
    for (uint32_t n = d->count; n > 0; n--) t.child[--t.first[d->idom[n]]] = n;
    *ret = t;
    return NULL;
}

void hs_dominated_deinit(struct hs_dominated *dominated) {
    free(dominated->first);
    free(dominated->child);
    *dominated = (struct hs_dominated){0};
}

uint32_t hs_dominated_largest(const struct hs_dominators *d, const struct hs_dominated *t, uint32_t number) {
    uint32_t best = 0;
    for (uint32_t i = t->first[number]; i < t->first[number + 1]; i++)
        if (!best || d->retained[t->child[i]] > d->retained[best]) best = t->child[i];
    return best;
}
