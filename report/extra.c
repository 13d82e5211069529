#define _GNU_SOURCE 1 /* reallocarray */
#include "extra.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "clip.h"
#include "snap/arena.h"

enum { PATH_MAX_SIZE = 600, LIST_MAX = 2000 };

/* A container line on its way: of capture `given`. */
struct report_entry {
    const char *path, *constructor, *keys;
    struct hs_snap_key class;
    hs_addr address;
    size_t given;
    int64_t entries, capacity, bytes, retained;
};

static const char *copy(struct report_extra *extra, const char *text, size_t size_max) {
    if (!text) return NULL;
    char *copied = hs_snap_arena_string(extra->arena, text, strnlen(text, size_max + 1));
    const char *ret = copied;
    return copied && report_clip(extra->arena, &ret, size_max) ? ret : NULL;
}

static int by_retained(const void *a, const void *b) {
    const struct hs_snap_container *x = *(const struct hs_snap_container *const *)a,
                                   *y = *(const struct hs_snap_container *const *)b;
    int64_t xs = hs_trend_sum(x->retained_bytes, 0), ys = hs_trend_sum(y->retained_bytes, 0);
    if (xs != ys) return xs > ys ? -1 : 1;
    return x->address < y->address ? -1 : x->address > y->address;
}

static struct hs_error *add_containers(struct report_extra *extra, const struct hs_snap *snap) {
    size_t count = snap->container_count,
           kept = count < REPORT_CONTAINERS_READ ? count : REPORT_CONTAINERS_READ;
    if (!count) return NULL;
    const struct hs_snap_container **sorted = reallocarray(NULL, count, sizeof *sorted);
    struct report_entry *entries = reallocarray(extra->entries, extra->entry_count + kept, sizeof *entries);
    if (entries) extra->entries = entries;
    bool good = sorted && entries;
    for (size_t i = 0; i < count && good; i++) sorted[i] = &snap->containers[i];
    if (good) qsort(sorted, count, sizeof *sorted, by_retained);
    for (size_t i = 0; i < kept && good; i++) {
        const struct hs_snap_container *c = sorted[i];
        struct report_entry entry = {.path = copy(extra, c->path ? c->path : "", PATH_MAX_SIZE),
                                     .constructor =
                                         copy(extra, c->constructor ? c->constructor : "", CLIP_NAME),
                                     .keys = copy(extra, c->keys, CLIP_NAME),
                                     .class = c->class,
                                     .address = c->address,
                                     .given = extra->source_count,
                                     .entries = c->entries,
                                     .capacity = c->capacity,
                                     .bytes = c->bytes,
                                     .retained = c->retained_bytes};
        good = entry.path && entry.constructor && (entry.keys || !c->keys);
        extra->entries[extra->entry_count++] = entry;
    }
    free(sorted);
    return good ? NULL : HS_ENOMEM;
}

static const char *detach(struct report_extra *extra, const struct hs_strbuf *text) {
    return text->failed ? NULL : copy(extra, text->data, LIST_MAX);
}

struct hs_error *report_extra_add(struct report_extra *extra, const struct hs_snap *snap) {
    if (!extra->arena && !(extra->arena = hs_snap_arena_create())) return HS_ENOMEM;
    struct report_source *sources = reallocarray(extra->sources, extra->source_count + 1, sizeof *sources);
    if (!sources) return HS_ENOMEM;
    extra->sources = sources;
    struct report_source s = {.tool = copy(extra, snap->header.tool, CLIP_NAME),
                              .machine = copy(extra, snap->header.machine, CLIP_NAME),
                              .bits = snap->header.bits,
                              .isolates = snap->header.isolates,
                              .lines = snap->trailer.lines};
    hs_snap_key_print(snap->trailer.digest, s.digest);
    HS_STRBUF_AUTO options = HS_STRBUF_INIT;
    HS_STRBUF_AUTO rejects = HS_STRBUF_INIT;
    for (size_t i = 0; i < snap->header.options_length && options.size < LIST_MAX; i++)
        hs_strbuf_printf(&options, "%s%s", i ? " " : "", snap->header.options[i]);
    for (size_t i = 0; i < snap->space_count; i++) {
        s.committed = hs_trend_sum(s.committed, snap->spaces[i].committed);
        s.used = hs_trend_sum(s.used, snap->spaces[i].used);
        s.rejected_bytes = hs_trend_sum(s.rejected_bytes, snap->spaces[i].rejected);
    }
    for (size_t i = 0; i < snap->reject_count; i++) {
        s.rejected_words = hs_trend_sum(s.rejected_words, snap->rejects[i].count);
        if (rejects.size < LIST_MAX)
            hs_strbuf_printf(&rejects, "%s%s: %lld", rejects.size ? ", " : "", snap->rejects[i].reason,
                             (long long)snap->rejects[i].count);
    }
    if (!(s.options = detach(extra, &options)) || !(s.rejects = detach(extra, &rejects))) return HS_ENOMEM;
    HS_TRY(add_containers(extra, snap));
    extra->sources[extra->source_count++] = s;
    return NULL;
}

/* Entries of one container stand together, in the order of captures; several of one capture by size. */
static int by_identity(const void *a, const void *b) {
    const struct report_entry *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    if (!order) order = strcmp(x->constructor, y->constructor);
    if (order) return order;
    if (x->given != y->given) return x->given < y->given ? -1 : 1;
    return x->retained > y->retained ? -1 : x->retained < y->retained;
}

static int64_t growth_of(const struct report_container *c) {
    int64_t first = c->first_retained == HS_SNAP_NULL ? 0 : c->first_retained;
    return hs_trend_sum(hs_trend_sum(c->last_retained, 0), -first);
}

static int by_growth(const void *a, const void *b) {
    const struct report_container *x = a, *y = b;
    int64_t xs = growth_of(x), ys = growth_of(y);
    if (xs != ys) return xs > ys ? -1 : 1;
    if (x->last_retained != y->last_retained) return x->last_retained > y->last_retained ? -1 : 1;
    return strcmp(x->path, y->path);
}

struct hs_error *report_extra_finish(struct report_extra *extra, const struct hs_trend *trend) {
    size_t n = extra->entry_count, last = trend->capture_count - 1;
    if (!n) return NULL;
    size_t *index = calloc(trend->capture_count, sizeof *index); /* of a capture, by the order given */
    extra->containers = calloc(n, sizeof *extra->containers);
    if (!index || !extra->containers) {
        free(index);
        return HS_ENOMEM;
    }
    for (size_t i = 0; i <= last; i++) index[trend->captures[i].given] = i;
    for (size_t i = 0; i < n; i++) extra->entries[i].given = index[extra->entries[i].given];
    free(index);
    qsort(extra->entries, n, sizeof *extra->entries, by_identity);
    struct report_container *c = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct report_entry *e = &extra->entries[i], *before = i ? e - 1 : NULL;
        bool same = before && !strcmp(e->path, before->path) && !strcmp(e->constructor, before->constructor);
        if (same && e->given == before->given) continue; /* the largest of the capture stands for them */
        if (!same) {
            c = &extra->containers[extra->container_count++];
            *c = (struct report_container){.first_entries = HS_SNAP_NULL,
                                           .last_entries = HS_SNAP_NULL,
                                           .first_retained = HS_SNAP_NULL,
                                           .last_retained = HS_SNAP_NULL,
                                           .path = e->path,
                                           .constructor = e->constructor};
        }
        c->keys = e->keys;
        c->address = e->address;
        c->address_capture = e->given;
        c->capacity = e->capacity;
        c->bytes = e->bytes;
        if (e->given == 0) {
            c->first_entries = e->entries;
            c->first_retained = e->retained;
        }
        if (e->given == last) {
            c->last_entries = e->entries;
            c->last_retained = e->retained;
        }
    }
    qsort(extra->containers, extra->container_count, sizeof *extra->containers, by_growth);
    return NULL;
}

void report_extra_deinit(struct report_extra *extra) {
    free(extra->sources);
    free(extra->containers);
    free(extra->entries);
    hs_snap_arena_destroy(extra->arena);
    *extra = (struct report_extra){0};
}
