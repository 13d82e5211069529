#include "group/root_total.h"

#include <stdlib.h>

#include "graph/heapsnapshot_node.h"

enum { GROUPS_MAX = 256 };

/* The total of a file's group of roots, by its name; the last one takes what is too much. */
static struct hs_root_total *total_of(struct hs_root_total *totals, size_t *count, const char *name) {
    for (size_t i = *count; i-- > 0;)
        if (totals[i].name == name) return &totals[i];
    if (*count == GROUPS_MAX) return &totals[GROUPS_MAX - 1];
    totals[*count].name = name;
    return &totals[(*count)++];
}

static bool only_roots_hold(const struct hs_analysis *a, hs_id id) {
    uint32_t number = a->dominators->number[id], dominator = number ? a->dominators->idom[number] : 0;
    return number && (!dominator || hs_heapsnapshot_type(a->file, a->dominators->vertex[dominator]) ==
                                        HS_HEAPSNAPSHOT_SYNTHETIC);
}

/* A .heapsnapshot has groups of its own; the members of each follow each other. */
static struct hs_error *totals_of_file(const struct hs_analysis *a, struct hs_root_total **ret,
                                       size_t *count_ret) {
    struct hs_root_total *totals = calloc(GROUPS_MAX, sizeof *totals);
    const void **seen =
        calloc((size_t)a->graph->count + 1, sizeof *seen); /* the total that counted it last */
    size_t count = 0;
    if (!totals || !seen) {
        free(totals);
        free(seen);
        return HS_ENOMEM;
    }
    for (size_t i = 0; i < a->roots.count; i++) {
        const struct hs_root *root = &a->roots.items[i];
        struct hs_root_total *total = total_of(totals, &count, hs_analysis_root_name(a, root));
        if (seen[root->id] == total) continue;
        total->category = root->category;
        total->count++;
        total->bytes += hs_analysis_size(a, root->id);
        if (!seen[root->id] && only_roots_hold(a, root->id))
            total->retained_bytes += hs_analysis_retained(a, root->id);
        seen[root->id] = total;
    }
    free(seen);
    *ret = totals;
    *count_ret = count;
    return NULL;
}

struct hs_error *hs_root_totals_create(const struct hs_analysis *a, struct hs_root_total **ret,
                                       size_t *count_ret) {
    if (a->file) return totals_of_file(a, ret, count_ret);
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
        totals[kept].category = (uint8_t)(i % HS_ROOT_CATEGORIES);
        totals[kept].name = hs_root_category_name((enum hs_root_category)totals[kept].category);
        kept++;
    }
    free(seen);
    *ret = totals;
    *count_ret = kept;
    return NULL;
}
