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
    for (uint32_t p = 0; p < parent_count; p++) {
        uint32_t count;
        const uint32_t *row = hs_dominated_row(t, parents[p], &count);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t class = hs_analysis_class(a, hs_dominators_vertex(d, row[i]));
            if (slots[class < classes ? class : classes]++ == 0) used++;
        }
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
    for (uint32_t p = 0; p < parent_count; p++) {
        uint32_t count;
        const uint32_t *row = hs_dominated_row(t, parents[p], &count);
        for (uint32_t i = 0; i < count; i++) {
            hs_id id = hs_dominators_vertex(d, row[i]);
            uint32_t class = hs_analysis_class(a, id);
            struct hs_branch *branch = &b->items[slots[class < classes ? class : classes]];
            branch->members[branch->count++] = row[i];
            branch->bytes += hs_analysis_size(a, id);
            branch->retained_bytes += hs_dominators_retained(d, row[i]);
        }
    }
    qsort(b->items, b->count, sizeof *b->items, by_retained);
    return NULL;
}

struct hs_error *hs_branches_create(const struct hs_analysis *a, const struct hs_dominated *t,
                                    const uint32_t *parents, uint32_t parent_count, struct hs_branches *ret) {
    size_t total = 0;
    for (uint32_t p = 0; p < parent_count; p++) {
        uint32_t count;
        hs_dominated_row(t, parents[p], &count);
        total += count;
        /* Nobody is dominated directly by two. */
        if (total > a->dominators->count)
            return hs_error_create(HS_ERROR_FORMAT, "the index does not fit: dominators");
    }
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
