#include "group/root_total.h"

#include <stdlib.h>

struct hs_error *hs_root_totals_create(const struct hs_analysis *a, struct hs_root_total **ret,
                                       size_t *count_ret) {
    uint32_t isolates = a->group->v8->isolate_count ? a->group->v8->isolate_count : 1;
    struct hs_root_total *totals = calloc((size_t)isolates * HS_ROOT_CATEGORIES, sizeof *totals);
    uint32_t *seen =
        calloc((size_t)a->graph->count + 1, sizeof *seen); /* bits: categories that have counted it */
    size_t kept = 0;
    if (!totals || !seen) {
        free(totals);
        free(seen);
        return HS_ENOMEM;
    }
    for (size_t i = 0; i < a->roots.count; i++) {
        const struct hs_root *root = &a->roots.items[i];
        if (root->id >= a->graph->count || root->isolate >= isolates || root->category >= HS_ROOT_CATEGORIES)
            continue;
        struct hs_root_total *total = &totals[(size_t)root->isolate * HS_ROOT_CATEGORIES + root->category];
        uint32_t number = a->dominators->number[root->id];
        if (seen[root->id] >> root->category & 1) continue;
        total->count++;
        total->bytes += hs_analysis_size(a, root->id);
        if (!seen[root->id] && number && a->dominators->idom[number] == 0)
            total->retained_bytes += a->dominators->retained[number];
        seen[root->id] |= 1u << root->category;
    }
    for (size_t i = 0; i < (size_t)isolates * HS_ROOT_CATEGORIES; i++) {
        if (!totals[i].count) continue;
        totals[kept] = totals[i];
        totals[kept].isolate = (uint16_t)(i / HS_ROOT_CATEGORIES);
        totals[kept++].category = (uint8_t)(i % HS_ROOT_CATEGORIES);
    }
    free(seen);
    *ret = totals;
    *count_ret = kept;
    return NULL;
}
