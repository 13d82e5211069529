/* Holdings in an index: rows of plain numbers and offsets of strings, every one checked when it is read. */
#include "index/index_private.h"

#include <stdlib.h>
#include <string.h>

static bool fits(const struct hs_index *index, uint32_t class, uint32_t path) {
    return (class < index->counts->classes || class == UINT32_MAX) &&
           (path < hs_index_length(index, HS_SECTION_FOUND_PATHS) || path == HS_PATH_NONE);
}

static bool read_name(const struct hs_index *index, uint32_t offset, const char **ret) {
    *ret = offset == UINT32_MAX ? NULL : hs_index_string(index, offset);
    return *ret || offset == UINT32_MAX;
}

/* A step that has a name, or is known to be written without. */
static bool is_step(uint32_t step, const char *name) {
    return step <= HS_STEP_SLOT && (name || (step != HS_STEP_GROUP && step != HS_STEP_MODULE &&
                                             step != HS_STEP_PROPERTY && step != HS_STEP_VARIABLE));
}

static bool read_paths(const struct hs_index *index, struct hs_named_paths *paths) {
    const struct hs_index_path *p = hs_index_at(index, HS_SECTION_FOUND_PATHS);
    const struct hs_index_edge *e = hs_index_at(index, HS_SECTION_FOUND_EDGES);
    for (uint32_t i = 0; i < paths->count; i++) {
        const char *name;
        if (!read_name(index, p[i].name, &name) || !is_step(p[i].step, name) || p[i].chain > 1 ||
            (p[i].sample >= index->counts->nodes && p[i].sample != HS_PATH_NONE) ||
            (p[i].parent >= i && p[i].parent != HS_PATH_NONE) || !fits(index, p[i].class, HS_PATH_NONE))
            return false;
        paths->items[i] =
            (struct hs_named_path){p[i].parent, p[i].class, name,       (uint8_t)p[i].step, p[i].chain,
                                   p[i].sample, p[i].count, p[i].bytes, p[i].fanout,        p[i].below};
    }
    for (uint32_t i = 0; i < paths->edge_count; i++) {
        const char *name;
        if (!read_name(index, e[i].name, &name) || !is_step(e[i].step, name) ||
            e[i].from >= index->counts->classes || e[i].to >= index->counts->classes)
            return false;
        paths->edges[i] = (struct hs_class_edge){e[i].from, e[i].to, name, (uint8_t)e[i].step, e[i].count};
    }
    return true;
}

static bool read_shared(const struct hs_index *index, struct hs_named_paths *paths) {
    const struct hs_index_shared *rows = hs_index_at(index, HS_SECTION_FOUND_SHARED);
    for (uint32_t i = 0; i < paths->shared_count; i++) {
        const struct hs_index_shared *row = &rows[i];
        if (row->path >= paths->count || row->holder_count > HS_SHARED_HOLDERS) return false;
        struct hs_shared *shared = &paths->shared[i];
        *shared = (struct hs_shared){
            .path = row->path, .holder_count = row->holder_count, .count = row->count, .bytes = row->bytes};
        for (uint32_t k = 0; k < row->holder_count; k++) {
            struct hs_shared_holder *holder = &shared->holders[k];
            *holder = (struct hs_shared_holder){row->holders[k].path, (uint8_t)row->holders[k].step, NULL};
            if (holder->path >= paths->count || !read_name(index, row->holders[k].name, &holder->name) ||
                !is_step(row->holders[k].step, holder->name))
                return false;
        }
    }
    const uint64_t *sums = hs_index_at(index, HS_SECTION_FOUND_SUMS);
    if (hs_index_length(index, HS_SECTION_FOUND_SUMS) != 2) return false;
    paths->shared_objects = sums[0];
    paths->shared_bytes = sums[1];
    return true;
}

static bool read_idoms(const struct hs_index *index, struct hs_holdings *f) {
    const struct hs_idom_class *rows = hs_index_at(index, HS_SECTION_FOUND_IDOMS);
    for (size_t i = 0; i < f->idom_count; i++) {
        if (!fits(index, rows[i].by, HS_PATH_NONE) || !fits(index, rows[i].class, HS_PATH_NONE)) return false;
        f->idoms[i] = rows[i];
    }
    return true;
}

static bool read_rows(const struct hs_index *index, struct hs_holdings *f) {
    const struct hs_index_container *c = hs_index_at(index, HS_SECTION_FOUND_CONTAINERS);
    const struct hs_index_suspect *s = hs_index_at(index, HS_SECTION_FOUND_SUSPECTS);
    const struct hs_index_root *r = hs_index_at(index, HS_SECTION_FOUND_ROOTS);
    uint32_t isolates = index->v8->isolate_count ? index->v8->isolate_count : 1;
    for (size_t i = 0; i < f->container_count; i++) {
        const char *keys;
        if (c[i].id >= index->counts->nodes || !fits(index, UINT32_MAX, c[i].path) ||
            !read_name(index, c[i].keys, &keys))
            return false;
        f->container_paths[i] = c[i].path;
        f->containers[i] =
            (struct hs_container){c[i].id, c[i].entries, c[i].capacity, c[i].bytes, c[i].retained, keys};
    }
    for (size_t i = 0; i < f->suspect_count; i++) {
        if (s[i].id >= index->counts->nodes || s[i].class >= index->counts->classes ||
            !fits(index, s[i].held_class, s[i].path) || s[i].is_class > 1)
            return false;
        f->suspects[i] = (struct hs_suspect){.id = s[i].id,
                                             .class = s[i].class,
                                             .is_class = s[i].is_class,
                                             .count = s[i].count,
                                             .retained_bytes = s[i].retained,
                                             .path = s[i].path,
                                             .at_path = s[i].at_path,
                                             .held_class = s[i].held_class,
                                             .held_count = s[i].held_count,
                                             .held_bytes = s[i].held_bytes};
    }
    for (size_t i = 0; i < f->root_count; i++) {
        if (r[i].isolate >= isolates || r[i].category >= HS_ROOT_CATEGORIES) return false;
        f->roots[i] = (struct hs_root_total){(uint16_t)r[i].isolate,
                                             (uint8_t)r[i].category,
                                             hs_root_category_name((enum hs_root_category)r[i].category),
                                             r[i].count,
                                             r[i].bytes,
                                             r[i].retained};
    }
    return true;
}

struct hs_error *hs_index_holdings(const struct hs_index *index, struct hs_holdings **ret) {
    uint64_t paths = hs_index_length(index, HS_SECTION_FOUND_PATHS),
             edges = hs_index_length(index, HS_SECTION_FOUND_EDGES),
             shared = hs_index_length(index, HS_SECTION_FOUND_SHARED);
    if (paths >= UINT32_MAX || edges >= UINT32_MAX || shared >= UINT32_MAX)
        return hs_error_create(HS_ERROR_FORMAT, "the index does not fit: holdings");
    struct hs_holdings *f = calloc(1, sizeof *f);
    if (!f) return HS_ENOMEM;
    f->paths.count = (uint32_t)paths;
    f->paths.edge_count = (uint32_t)edges;
    f->paths.shared_count = (uint32_t)shared;
    f->idom_count = (size_t)hs_index_length(index, HS_SECTION_FOUND_IDOMS);
    f->container_count = (size_t)hs_index_length(index, HS_SECTION_FOUND_CONTAINERS);
    f->suspect_count = (size_t)hs_index_length(index, HS_SECTION_FOUND_SUSPECTS);
    f->root_count = (size_t)hs_index_length(index, HS_SECTION_FOUND_ROOTS);
    f->paths.items = calloc(paths + 1, sizeof *f->paths.items);
    f->paths.edges = calloc(edges + 1, sizeof *f->paths.edges);
    f->paths.shared = calloc(shared + 1, sizeof *f->paths.shared);
    f->idoms = calloc(f->idom_count + 1, sizeof *f->idoms);
    f->containers = calloc(f->container_count + 1, sizeof *f->containers);
    f->container_paths = calloc(f->container_count + 1, sizeof *f->container_paths);
    f->suspects = calloc(f->suspect_count + 1, sizeof *f->suspects);
    f->roots = calloc(f->root_count + 1, sizeof *f->roots);
    struct hs_error *error = NULL;
    if (!f->paths.items || !f->paths.edges || !f->containers || !f->container_paths || !f->suspects ||
        !f->roots || !f->paths.shared || !f->idoms)
        error = HS_ENOMEM;
    else if (!read_paths(index, &f->paths) || !read_rows(index, f) || !read_shared(index, &f->paths) ||
             !read_idoms(index, f))
        error = hs_error_create(HS_ERROR_FORMAT, "the index does not fit: holdings");
    if (error) {
        hs_holdings_destroy(f);
        return error;
    }
    *ret = f;
    return NULL;
}

/* --- writing */

struct hs_error *hs_index_put_holdings(const struct hs_holdings *f, struct hs_index_rows *rows,
                                       uint32_t (*string)(void *context, const char *text), void *context) {
    rows->paths = calloc((size_t)f->paths.count + 1, sizeof *rows->paths);
    rows->edges = calloc((size_t)f->paths.edge_count + 1, sizeof *rows->edges);
    rows->containers = calloc(f->container_count + 1, sizeof *rows->containers);
    rows->suspects = calloc(f->suspect_count + 1, sizeof *rows->suspects);
    rows->roots = calloc(f->root_count + 1, sizeof *rows->roots);
    rows->shared = calloc((size_t)f->paths.shared_count + 1, sizeof *rows->shared);
    if (!rows->paths || !rows->edges || !rows->containers || !rows->suspects || !rows->roots || !rows->shared)
        return HS_ENOMEM;
    for (uint32_t i = 0; i < f->paths.count; i++) {
        const struct hs_named_path *p = &f->paths.items[i];
        rows->paths[i] = (struct hs_index_path){
            p->parent, p->class, string(context, p->name), p->step, p->chain, p->sample, p->count, p->bytes,
            p->fanout, p->below};
    }
    for (uint32_t i = 0; i < f->paths.edge_count; i++) {
        const struct hs_class_edge *e = &f->paths.edges[i];
        rows->edges[i] = (struct hs_index_edge){e->from, e->to, string(context, e->name), e->step, e->count};
    }
    for (uint32_t i = 0; i < f->paths.shared_count; i++) {
        const struct hs_shared *shared = &f->paths.shared[i];
        struct hs_index_shared *row = &rows->shared[i];
        *row = (struct hs_index_shared){.path = shared->path,
                                        .holder_count = shared->holder_count,
                                        .count = shared->count,
                                        .bytes = shared->bytes};
        for (uint32_t k = 0; k < shared->holder_count; k++) {
            row->holders[k].path = shared->holders[k].path;
            row->holders[k].step = shared->holders[k].step;
            row->holders[k].name = string(context, shared->holders[k].name);
        }
    }
    for (size_t i = 0; i < f->container_count; i++) {
        const struct hs_container *c = &f->containers[i];
        rows->containers[i] = (struct hs_index_container){
            c->id,    f->container_paths[i], string(context, c->keys), 0, c->entries, c->capacity,
            c->bytes, c->retained_bytes};
    }
    for (size_t i = 0; i < f->suspect_count; i++) {
        const struct hs_suspect *s = &f->suspects[i];
        rows->suspects[i] =
            (struct hs_index_suspect){s->id,    s->class,          s->path,    s->held_class, s->is_class,  0,
                                      s->count, s->retained_bytes, s->at_path, s->held_count, s->held_bytes};
    }
    for (size_t i = 0; i < f->root_count; i++) {
        const struct hs_root_total *r = &f->roots[i];
        rows->roots[i] =
            (struct hs_index_root){r->isolate, r->category, r->count, r->bytes, r->retained_bytes};
    }
    return NULL;
}
