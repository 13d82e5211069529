#include "group/branch.h"

#include <stdlib.h>

static int by_retained(const void *a, const void *b) {
    const struct hs_branch *x = a, *y = b;
    if (x->retained_bytes != y->retained_bytes) return x->retained_bytes > y->retained_bytes ? -1 : 1;
    return x->class < y->class ? -1 : x->class > y->class;
}

/* Members sorted by class: a count per class, then their places. `slots` has one element a class and one for
 * "none". */
static struct hs_error *fill(const struct hs_analysis *a, const struct hs_dominated *t,
                             const uint32_t *parents, uint32_t parent_count, uint32_t *slots,
                             struct hs_branches *b) {
    const struct hs_dominators *d = a->dominators;
    uint32_t classes = a->group->class_count, used = 0;
    for (uint32_t p = 0; p < parent_count; p++)
        for (uint32_t i = t->first[parents[p]]; i < t->first[parents[p] + 1]; i++) {
            uint32_t class = a->class_of[d->vertex[t->child[i]]];
            if (slots[class < classes ? class : classes]++ == 0) used++;
        }
    b->items = calloc(used + 1, sizeof *b->items);
    if (!b->items) return HS_ENOMEM;
    uint32_t at = 0;
    for (uint32_t c = 0; c <= classes; c++) {
        if (!slots[c]) continue;
        b->items[b->count] =
            (struct hs_branch){.class = c < classes ? c : UINT32_MAX, .members = b->members + at};
        at += slots[c];
        slots[c] = b->count++;
    }
    for (uint32_t p = 0; p < parent_count; p++)
        for (uint32_t i = t->first[parents[p]]; i < t->first[parents[p] + 1]; i++) {
            uint32_t number = t->child[i], class = a->class_of[d->vertex[number]];
            struct hs_branch *branch = &b->items[slots[class < classes ? class : classes]];
            branch->members[branch->count++] = number;
            branch->bytes += hs_analysis_size(a, d->vertex[number]);
            branch->retained_bytes += d->retained[number];
        }
    qsort(b->items, b->count, sizeof *b->items, by_retained);
    return NULL;
}

struct hs_error *hs_branches_create(const struct hs_analysis *a, const struct hs_dominated *t,
                                    const uint32_t *parents, uint32_t parent_count, struct hs_branches *ret) {
    size_t total = 0;
    for (uint32_t p = 0; p < parent_count; p++) total += t->first[parents[p] + 1] - t->first[parents[p]];
    struct hs_branches b = {.members = malloc((total + 1) * sizeof *b.members)};
    uint32_t *slots = calloc((size_t)a->group->class_count + 1, sizeof *slots);
    struct hs_error *error = b.members && slots ? fill(a, t, parents, parent_count, slots, &b) : HS_ENOMEM;
    free(slots);
    if (error) {
        hs_branches_deinit(&b);
        return error;
    }
    *ret = b;
    return NULL;
}

void hs_branches_deinit(struct hs_branches *branches) {
    free(branches->items);
    free(branches->members);
    *branches = (struct hs_branches){0};
}
