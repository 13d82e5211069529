#include "group/holdings.h"

#include <stdlib.h>
#include <string.h>

struct branch {
    uint64_t below;
    uint32_t index;
};

static int by_below(const void *a, const void *b) {
    const struct branch *x = a, *y = b;
    if (x->below != y->below) return x->below > y->below ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void keep(const struct hs_named_paths *paths, uint32_t path, bool *kept) {
    for (; path != HS_PATH_NONE && !kept[path]; path = paths->items[path].parent) kept[path] = true;
}

/* The largest branches. A parent has at least its child's bytes and a lower index, so it is never left out
 * before it. */
static struct hs_error *keep_largest(const struct hs_named_paths *paths, bool *kept) {
    struct branch *branches = malloc(((size_t)paths->count + 1) * sizeof *branches);
    if (!branches) return HS_ENOMEM;
    for (uint32_t i = 0; i < paths->count; i++) branches[i] = (struct branch){paths->items[i].below, i};
    qsort(branches, paths->count, sizeof *branches, by_below);
    for (uint32_t i = 0; i < paths->count && i < HS_HOLDINGS_PATHS; i++)
        if (branches[i].below) keep(paths, branches[i].index, kept);
    free(branches);
    return NULL;
}

static uint32_t moved(const uint32_t *places, uint32_t path) {
    return path == HS_PATH_NONE ? HS_PATH_NONE : places[path];
}

static void keep_shared(const struct hs_named_paths *paths, bool *kept) {
    for (uint32_t i = 0; i < paths->shared_count; i++) {
        const struct hs_shared *row = &paths->shared[i];
        keep(paths, row->path, kept);
        for (uint32_t k = 0; k < row->holder_count; k++) keep(paths, row->holders[k].path, kept);
    }
}

static void move_shared(struct hs_named_paths *paths, const uint32_t *places) {
    for (uint32_t i = 0; i < paths->shared_count; i++) {
        struct hs_shared *row = &paths->shared[i];
        row->path = moved(places, row->path);
        for (uint32_t k = 0; k < row->holder_count; k++)
            row->holders[k].path = moved(places, row->holders[k].path);
    }
}

/* Moves what is kept together, the order stays. */
static struct hs_error *prune(struct hs_holdings *f) {
    struct hs_named_paths *paths = &f->paths;
    bool *kept = calloc((size_t)paths->count + 1, sizeof *kept);
    uint32_t *places = malloc(((size_t)paths->count + 1) * sizeof *places), count = 0;
    struct hs_error *error = kept && places ? keep_largest(paths, kept) : HS_ENOMEM;
    for (size_t i = 0; i < f->container_count && !error; i++) keep(paths, f->container_paths[i], kept);
    for (size_t i = 0; i < f->suspect_count && !error; i++) keep(paths, f->suspects[i].path, kept);
    if (paths->shared_count > HS_HOLDINGS_SHARED) paths->shared_count = HS_HOLDINGS_SHARED;
    if (!error) keep_shared(paths, kept);
    for (uint32_t i = 0; i < paths->count && !error; i++) {
        if (!kept[i]) continue;
        places[i] = count;
        paths->items[count] = paths->items[i];
        paths->items[count].parent = moved(places, paths->items[i].parent);
        count++;
    }
    for (size_t i = 0; i < f->container_count && !error; i++)
        f->container_paths[i] = moved(places, f->container_paths[i]);
    for (size_t i = 0; i < f->suspect_count && !error; i++)
        f->suspects[i].path = moved(places, f->suspects[i].path);
    if (!error) move_shared(paths, places);
    free(kept);
    free(places);
    if (error) return error;
    paths->count = count;
    struct hs_named_path *items = realloc(paths->items, ((size_t)count + 1) * sizeof *items);
    if (items) paths->items = items;
    if (paths->edge_count > HS_HOLDINGS_EDGES) paths->edge_count = HS_HOLDINGS_EDGES;
    struct hs_class_edge *edges = realloc(paths->edges, ((size_t)paths->edge_count + 1) * sizeof *edges);
    if (edges) paths->edges = edges;
    struct hs_shared *shared = realloc(paths->shared, ((size_t)paths->shared_count + 1) * sizeof *shared);
    if (shared) paths->shared = shared;
    free(paths->path_of);
    paths->path_of = NULL;
    return NULL;
}

struct hs_error *hs_holdings_name(const struct hs_analysis *a, struct hs_holdings *f) {
    struct hs_edges *edges;
    HS_TRY(hs_analysis_edges(a, &edges));
    struct hs_error *error = hs_named_paths_create(a, edges, &f->paths);
    hs_edges_destroy(edges);
    return error;
}

struct hs_error *hs_holdings_total(const struct hs_analysis *a, struct hs_holdings *f) {
    HS_TRY(hs_root_totals_create(a, &f->roots, &f->root_count));
    return hs_idom_classes_create(a, HS_HOLDINGS_IDOMS, &f->idoms, &f->idom_count);
}

static struct hs_error *find(const struct hs_analysis *a, struct hs_edges *edges, struct hs_holdings *f) {
    struct hs_dominated dominated;
    HS_TRY(hs_containers_create(a, edges, &f->containers, &f->container_count));
    if (!(f->container_paths = malloc((f->container_count + 1) * sizeof *f->container_paths)))
        return HS_ENOMEM;
    for (size_t i = 0; i < f->container_count; i++)
        f->container_paths[i] = f->paths.path_of[f->containers[i].id];
    HS_TRY(hs_dominated_create(a->dominators, &dominated));
    struct hs_error *error = hs_suspects_create(a, &dominated, &f->paths, &f->suspects, &f->suspect_count);
    hs_dominated_deinit(&dominated);
    return error ? error : prune(f);
}

struct hs_error *hs_holdings_finish(const struct hs_analysis *a, struct hs_holdings *f) {
    struct hs_edges *edges;
    HS_TRY(hs_analysis_edges(a, &edges));
    struct hs_error *error = find(a, edges, f);
    hs_edges_destroy(edges);
    return error;
}

struct hs_error *hs_holdings_create(const struct hs_analysis *a, struct hs_holdings **ret) {
    struct hs_holdings *f = calloc(1, sizeof *f);
    struct hs_error *error = f ? hs_holdings_total(a, f) : HS_ENOMEM;
    if (!error) error = hs_holdings_name(a, f);
    if (!error) error = hs_holdings_finish(a, f);
    if (error) {
        hs_holdings_destroy(f);
        return error;
    }
    *ret = f;
    return NULL;
}

void hs_holdings_destroy(struct hs_holdings *f) {
    if (!f) return;
    hs_named_paths_deinit(&f->paths);
    free(f->containers);
    free(f->container_paths);
    free(f->suspects);
    free(f->roots);
    free(f->idoms);
    free(f);
}
