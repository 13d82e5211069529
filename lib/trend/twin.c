#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/twin.h"

#include <stdlib.h>
#include <string.h>

/* Pairs are looked for among so many; more is not one list. */
enum { REGIONS_MAX = 1024 };

static bool is_chain(const struct hs_tree *tree, const struct hs_region *region) {
    return !region->container && !region->spread && !hs_tree_is_member(&tree->nodes[region->first]);
}

static bool are_twins(const struct hs_tree *tree, const struct hs_region *a, const struct hs_region *b) {
    const struct hs_tree_node *tops[] = {&tree->nodes[a->first], &tree->nodes[b->first]};
    const struct hs_tree_node *holders[] = {&tree->nodes[a->holder], &tree->nodes[b->holder]};
    if (!is_chain(tree, a) || !is_chain(tree, b) || !hs_snap_key_equal(tops[0]->key, tops[1]->key))
        return false;
    if (tops[0]->parent != a->holder || tops[1]->parent != b->holder) return false;
    if (!strcmp(tops[0]->edge, tops[1]->edge)) return false; /* two lists */
    if (a->holder == b->holder) return true;
    return holders[0]->parent != HS_TREE_NONE && holders[0]->parent == holders[1]->parent &&
           hs_snap_key_equal(holders[0]->key, holders[1]->key);
}

static void move_nodes(const struct hs_tree *tree, struct hs_regions *regions, int32_t from, int32_t to) {
    for (size_t i = 0; i < tree->count; i++) {
        if (regions->owner[i] == from) regions->owner[i] = to;
        if (regions->branch[i] == from) regions->branch[i] = to;
    }
}

/* Both together must grow no worse than the first alone. */
static struct hs_error *merge(const struct hs_trend *trend, const double *hours, struct hs_regions *regions,
                              size_t a, size_t b, int64_t *sum) {
    size_t n = trend->capture_count;
    struct hs_region *into = &regions->items[a], *from = &regions->items[b];
    struct hs_evidence evidence;
    for (size_t k = 0; k < n; k++) sum[k] = hs_trend_sum(into->counts[k], from->counts[k]);
    if (trend->settling) hs_evidence_settle(sum, &evidence);
    else HS_TRY(hs_evidence_weigh(sum, n, hours, &evidence));
    if (evidence.verdict < into->evidence.verdict) return NULL;
    memcpy(into->counts, sum, n * sizeof *sum);
    memset(from->counts, 0, n * sizeof *sum);
    into->evidence = evidence;
    move_nodes(trend->tree, regions, (int32_t)b, (int32_t)a);
    from->holder = from->first = into->holder;
    from->container = true; /* no twin of a third */
    return NULL;
}

struct hs_error *hs_twins_merge(const struct hs_trend *trend, const double *hours,
                                struct hs_regions *regions) {
    if (regions->count > REGIONS_MAX) return NULL;
    int64_t *sum = reallocarray(NULL, trend->capture_count, sizeof *sum);
    struct hs_error *error = sum ? NULL : HS_ENOMEM;
    for (size_t a = 0; a < regions->count; a++)
        for (size_t b = a + 1; b < regions->count && !error; b++)
            if (are_twins(trend->tree, &regions->items[a], &regions->items[b]))
                error = merge(trend, hours, regions, a, b, sum);
    free(sum);
    return error;
}
