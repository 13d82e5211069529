#include "emit_holders.h"

#include <stdlib.h>

#include "group/container.h"
#include "group/root_total.h"

enum { PATH_LINES = 20000, EDGE_LINES = 5000, SAME_PLACE = 3 };

struct holding {
    struct hs_snap_writer *writer;
    const struct scan_capture *capture;
    struct hs_edges *edges;
    struct hs_named_paths paths;
    struct hs_snap_key *keys; /* of every class */
};

static void holding_deinit(struct holding *h) {
    hs_named_paths_deinit(&h->paths);
    hs_edges_destroy(h->edges);
    free(h->keys);
}

static struct hs_error *write_roots(const struct holding *h) {
    struct hs_root_total *totals;
    size_t count;
    HS_TRY(hs_root_totals_create(h->capture->analysis, &totals, &count));
    struct hs_error *error = NULL;
    for (size_t i = 0; i < count && !error; i++) {
        struct hs_snap_root line = {.isolate = totals[i].isolate,
                                    .category = totals[i].name,
                                    .count = (int64_t)totals[i].count,
                                    .bytes = (int64_t)totals[i].bytes,
                                    .retained_bytes = (int64_t)totals[i].retained_bytes};
        error = hs_snap_write_root(h->writer, &line);
    }
    free(totals);
    return error;
}

static struct hs_error *make_keys(struct holding *h) {
    const struct hs_group *group = h->capture->group;
    h->keys = calloc(group->class_count + 1, sizeof *h->keys);
    if (!h->keys) return HS_ENOMEM;
    for (uint32_t i = 0; i < group->class_count; i++) {
        const struct hs_class *class = &group->classes[i];
        struct hs_snap_class plain = {.type = hs_node_type_name((enum hs_node_type) class->type),
                                      .constructor = class->constructor,
                                      .dictionary = class->dictionary,
                                      .properties = class->properties,
                                      .properties_length = class->property_count};
        h->keys[i] = hs_snap_class_key(&plain);
    }
    return NULL;
}

static struct hs_snap_key key_of(const struct holding *h, uint32_t class) {
    return class < h->capture->group->class_count ? h->keys[class] : (struct hs_snap_key) { 0, 0 };
}
static const char *constructor_of(const struct holding *h, uint32_t class) {
    return class < h->capture->group->class_count ? h->capture->group->classes[class].constructor : NULL;
}

static int64_t or_null(uint64_t value) {
    return value == UINT64_MAX ? HS_SNAP_NULL : (int64_t)value;
}

/* How many of the containers before this one stand at the same path: a thousand buffers of one list are one
 * finding. */
static size_t places_before(const struct holding *h, const struct hs_container *containers, size_t index) {
    size_t before = 0;
    for (size_t i = 0; i < index; i++)
        before += h->paths.path_of[containers[i].id] == h->paths.path_of[containers[index].id];
    return before;
}

static struct hs_error *write_containers(const struct holding *h) {
    const struct hs_analysis *a = h->capture->analysis;
    struct hs_container *containers;
    size_t count;
    HS_TRY(hs_containers_create(a, h->edges, &containers, &count));
    struct hs_error *error = NULL;
    HS_STRBUF_AUTO path = HS_STRBUF_INIT;
    for (size_t i = 0; i < count && !error; i++) {
        const struct hs_container *c = &containers[i];
        if (places_before(h, containers, i) >= SAME_PLACE) continue;
        hs_strbuf_clear(&path);
        if (h->paths.path_of[c->id] != HS_PATH_NONE)
            hs_named_path_put(&h->paths, h->paths.path_of[c->id], &path);
        struct hs_snap_container line = {.path = path.data,
                                         .class = key_of(h, a->class_of[c->id]),
                                         .constructor = constructor_of(h, a->class_of[c->id]),
                                         .address = hs_analysis_address(a, c->id),
                                         .entries = or_null(c->entries),
                                         .capacity = or_null(c->capacity),
                                         .bytes = (int64_t)c->bytes,
                                         .retained_bytes = (int64_t)c->retained_bytes,
                                         .keys = c->keys};
        error = hs_snap_write_container(h->writer, &line);
    }
    free(containers);
    return error;
}

struct branch {
    uint64_t below;
    uint32_t index;
};

static int by_below(const void *a, const void *b) {
    const struct branch *x = a, *y = b;
    if (x->below != y->below) return x->below > y->below ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* The largest branches. A parent has at least its child's bytes and a lower index, so it is never left out
 * before it. */
static uint32_t *choose(const struct hs_named_paths *paths) {
    struct branch *branches = malloc((paths->count + 1) * sizeof *branches);
    uint32_t *ids = malloc((paths->count + 1) * sizeof *ids), next = 0;
    for (uint32_t i = 0; branches && ids && i < paths->count; i++) {
        branches[i] = (struct branch){paths->items[i].below, i};
        ids[i] = HS_PATH_NONE;
    }
    if (branches && ids) {
        qsort(branches, paths->count, sizeof *branches, by_below);
        for (uint32_t i = 0; i < paths->count && i < PATH_LINES; i++)
            if (paths->items[branches[i].index].below) ids[branches[i].index] = 0;
        for (uint32_t i = 0; i < paths->count; i++)
            if (ids[i] == 0) ids[i] = next++;
    } else {
        free(ids);
        ids = NULL;
    }
    free(branches);
    return ids;
}

static struct hs_error *write_paths(const struct holding *h) {
    uint32_t *ids = choose(&h->paths);
    struct hs_error *error = ids ? NULL : HS_ENOMEM;
    HS_STRBUF_AUTO edge = HS_STRBUF_INIT;
    for (uint32_t i = 0; i < h->paths.count && !error; i++) {
        const struct hs_named_path *p = &h->paths.items[i];
        if (ids[i] == HS_PATH_NONE) continue;
        hs_strbuf_clear(&edge);
        hs_step_put((enum hs_step)p->step, p->name, &edge);
        struct hs_snap_path line = {.id = ids[i],
                                    .parent =
                                        p->parent == HS_PATH_NONE ? HS_SNAP_NULL : (int64_t)ids[p->parent],
                                    .edge = edge.data,
                                    .class = key_of(h, p->class),
                                    .constructor = constructor_of(h, p->class),
                                    .count = (int64_t)p->count,
                                    .bytes = (int64_t)p->bytes,
                                    .fanout = (int64_t)p->fanout};
        error = hs_snap_write_path(h->writer, &line);
    }
    free(ids);
    return error;
}

static struct hs_error *write_edges(const struct holding *h) {
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    for (uint32_t i = 0; i < h->paths.edge_count && i < EDGE_LINES; i++) {
        const struct hs_class_edge *e = &h->paths.edges[i];
        hs_strbuf_clear(&name);
        hs_step_put((enum hs_step)e->step, e->name, &name);
        struct hs_snap_edge line = {.from = key_of(h, e->from),
                                    .name = name.data,
                                    .to = key_of(h, e->to),
                                    .count = (int64_t)e->count};
        HS_TRY(hs_snap_write_edge(h->writer, &line));
    }
    return NULL;
}

struct hs_error *scan_emit_holders(struct hs_snap_writer *writer, const struct scan_capture *capture) {
    if (!capture->analysis) return NULL;
    __attribute__((cleanup(holding_deinit))) struct holding h = {.writer = writer, .capture = capture};
    HS_TRY(make_keys(&h));
    HS_TRY(write_roots(&h));
    HS_TRY(hs_analysis_edges(capture->analysis, &h.edges));
    HS_TRY(hs_named_paths_create(capture->analysis, h.edges, &h.paths));
    HS_TRY(write_containers(&h));
    HS_TRY(write_paths(&h));
    return write_edges(&h);
}
