#include "emit_holders.h"

#include <stdlib.h>

#include "group/holdings.h"

enum { SAME_PLACE = 3 };

struct holding {
    struct hs_snap_writer *writer;
    const struct scan_capture *capture;
    const struct hs_holdings *holdings;
    struct hs_snap_key *keys; /* of every class */
};

static void holding_deinit(struct holding *h) {
    free(h->keys);
}

static struct hs_error *write_roots(const struct holding *h) {
    for (size_t i = 0; i < h->holdings->root_count; i++) {
        const struct hs_root_total *total = &h->holdings->roots[i];
        struct hs_snap_root line = {.isolate = total->isolate,
                                    .category = total->name,
                                    .count = (int64_t)total->count,
                                    .bytes = (int64_t)total->bytes,
                                    .retained_bytes = (int64_t)total->retained_bytes};
        HS_TRY(hs_snap_write_root(h->writer, &line));
    }
    return NULL;
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
static size_t places_before(const struct hs_holdings *f, size_t index) {
    size_t before = 0;
    for (size_t i = 0; i < index; i++) before += f->container_paths[i] == f->container_paths[index];
    return before;
}

static struct hs_error *write_containers(const struct holding *h) {
    const struct hs_analysis *a = h->capture->analysis;
    const struct hs_holdings *f = h->holdings;
    HS_STRBUF_AUTO path = HS_STRBUF_INIT;
    for (size_t i = 0; i < f->container_count; i++) {
        const struct hs_container *c = &f->containers[i];
        uint32_t class = hs_analysis_class(a, c->id);
        if (places_before(f, i) >= SAME_PLACE) continue;
        hs_strbuf_clear(&path);
        if (f->container_paths[i] != HS_PATH_NONE) hs_named_path_put(&f->paths, f->container_paths[i], &path);
        struct hs_snap_container line = {.path = path.data,
                                         .class = key_of(h, class),
                                         .constructor = constructor_of(h, class),
                                         .address = hs_analysis_address(a, c->id),
                                         .entries = or_null(c->entries),
                                         .capacity = or_null(c->capacity),
                                         .bytes = (int64_t)c->bytes,
                                         .retained_bytes = (int64_t)c->retained_bytes,
                                         .keys = c->keys};
        HS_TRY(hs_snap_write_container(h->writer, &line));
    }
    return NULL;
}

static struct hs_error *write_paths(const struct holding *h) {
    const struct hs_named_paths *paths = &h->holdings->paths;
    HS_STRBUF_AUTO edge = HS_STRBUF_INIT;
    for (uint32_t i = 0; i < paths->count; i++) {
        const struct hs_named_path *p = &paths->items[i];
        hs_strbuf_clear(&edge);
        hs_step_put((enum hs_step)p->step, p->name, &edge);
        struct hs_snap_path line = {
            .id = i,
            .parent = p->parent == HS_PATH_NONE ? HS_SNAP_NULL : (int64_t)p->parent,
            .edge = edge.data,
            .class = key_of(h, p->class),
            .constructor = constructor_of(h, p->class),
            .count = (int64_t)p->count,
            .bytes = (int64_t)p->bytes,
            .fanout = (int64_t)p->fanout,
            .sample = p->sample == HS_PATH_NONE ? 0 : hs_analysis_address(h->capture->analysis, p->sample)};
        HS_TRY(hs_snap_write_path(h->writer, &line));
    }
    return NULL;
}

static struct hs_error *write_edges(const struct holding *h) {
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    for (uint32_t i = 0; i < h->holdings->paths.edge_count; i++) {
        const struct hs_class_edge *e = &h->holdings->paths.edges[i];
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

/* A row of holders' places and steps; one string buffer each. */
static struct hs_error *write_shared_row(const struct holding *h, const struct hs_shared *shared) {
    const struct hs_named_paths *paths = &h->holdings->paths;
    struct hs_strbuf texts[2 * HS_SHARED_HOLDERS];
    const char *from[HS_SHARED_HOLDERS], *edges[HS_SHARED_HOLDERS];
    for (uint32_t k = 0; k < 2 * HS_SHARED_HOLDERS; k++) texts[k] = (struct hs_strbuf)HS_STRBUF_INIT;
    for (uint32_t k = 0; k < shared->holder_count; k++) {
        hs_named_path_put(paths, shared->holders[k].path, &texts[2 * k]);
        hs_step_put((enum hs_step)shared->holders[k].step, shared->holders[k].name, &texts[2 * k + 1]);
        from[k] = texts[2 * k].data;
        edges[k] = texts[2 * k + 1].data;
    }
    struct hs_snap_shared line = {.path = shared->path == HS_PATH_NONE ? HS_SNAP_NULL : (int64_t)shared->path,
                                  .from = from,
                                  .edges = edges,
                                  .from_length = shared->holder_count,
                                  .edges_length = shared->holder_count,
                                  .count = (int64_t)shared->count,
                                  .bytes = (int64_t)shared->bytes};
    struct hs_error *error = NULL;
    for (uint32_t k = 0; k < 2 * shared->holder_count && !error; k++) error = hs_strbuf_error(&texts[k]);
    if (!error) error = hs_snap_write_shared(h->writer, &line);
    for (uint32_t k = 0; k < 2 * HS_SHARED_HOLDERS; k++) hs_strbuf_deinit(&texts[k]);
    return error;
}

static struct hs_error *write_shared(const struct holding *h) {
    const struct hs_named_paths *paths = &h->holdings->paths;
    const struct hs_shared sum = {
        .path = HS_PATH_NONE, .count = paths->shared_objects, .bytes = paths->shared_bytes};
    HS_TRY(write_shared_row(h, &sum));
    for (uint32_t i = 0; i < paths->shared_count; i++) HS_TRY(write_shared_row(h, &paths->shared[i]));
    return NULL;
}

static struct hs_error *write_dominators(const struct holding *h) {
    for (size_t i = 0; i < h->holdings->idom_count; i++) {
        const struct hs_idom_class *row = &h->holdings->idoms[i];
        struct hs_snap_dominator line = {.by = key_of(h, row->by),
                                         .class = key_of(h, row->class),
                                         .count = (int64_t)row->count,
                                         .bytes = (int64_t)row->bytes};
        HS_TRY(hs_snap_write_dominator(h->writer, &line));
    }
    return NULL;
}

struct hs_error *scan_emit_holders(struct hs_snap_writer *writer, const struct scan_capture *capture) {
    if (!capture->analysis) return NULL;
    __attribute__((cleanup(holding_deinit))) struct holding h = {.writer = writer, .capture = capture};
    HS_TRY(hs_analysis_holdings(capture->analysis));
    h.holdings = capture->analysis->holdings;
    HS_TRY(make_keys(&h));
    HS_TRY(write_roots(&h));
    HS_TRY(write_containers(&h));
    HS_TRY(write_paths(&h));
    HS_TRY(write_shared(&h));
    HS_TRY(write_dominators(&h));
    return write_edges(&h);
}
