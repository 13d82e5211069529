#include "group/sharing.h"

#include <stdlib.h>
#include <string.h>

#include "group/named_path.h"

enum { LINK_LIMIT = 1 << 16, SET_LIMIT = 1 << 18, ROW_LIMIT = 1 << 18 };

/* The places that hold an object beside its first path: a chain, since most sets grow out of others. */
struct set {
    uint32_t before; /* set; 0: none */
    uint32_t link;
    uint32_t size;
};

struct hs_sharing {
    const struct hs_analysis *analysis;
    bool *dull; /* by class: texts, numbers, machinery */
    struct hs_shared_holder *links;
    struct set *sets; /* from 1 on */
    uint32_t link_count, set_count;
    uint32_t *link_slots, *set_slots; /* open addressing: index + 1; twice the limits */
    uint16_t *set_of;                 /* by node, while sets are few: nearly always */
    uint32_t *wide;                   /* by node, instead; else NULL */
};

static bool is_dull(enum hs_node_type type) {
    switch (type) {
    case HS_NODE_STRING:
    case HS_NODE_CONS_STRING:
    case HS_NODE_SLICED_STRING:
    case HS_NODE_NUMBER:
    case HS_NODE_SYMBOL:
    case HS_NODE_BIGINT:
        return true;
    default:
        return false;
    }
}

struct hs_error *hs_sharing_create(const struct hs_analysis *a, const bool *late, struct hs_sharing **ret) {
    uint32_t classes = a->group->class_count;
    struct hs_sharing *s = calloc(1, sizeof *s);
    if (!s) return HS_ENOMEM;
    s->analysis = a;
    s->dull = malloc((size_t)classes + 1);
    s->links = malloc(LINK_LIMIT * sizeof *s->links);
    s->sets = malloc((SET_LIMIT + 1) * sizeof *s->sets);
    s->link_slots = calloc((size_t)2 * LINK_LIMIT, sizeof *s->link_slots);
    s->set_slots = calloc((size_t)2 * SET_LIMIT, sizeof *s->set_slots);
    s->set_of = calloc((size_t)a->graph->count + 1, sizeof *s->set_of);
    if (!s->dull || !s->links || !s->sets || !s->link_slots || !s->set_slots || !s->set_of) {
        hs_sharing_destroy(s);
        return HS_ENOMEM;
    }
    for (uint32_t i = 0; i < classes; i++)
        s->dull[i] = late[i] || is_dull((enum hs_node_type)a->group->classes[i].type);
    *ret = s;
    return NULL;
}

void hs_sharing_destroy(struct hs_sharing *s) {
    if (!s) return;
    free(s->dull);
    free(s->links);
    free(s->sets);
    free(s->link_slots);
    free(s->set_slots);
    free(s->set_of);
    free(s->wide);
    free(s);
}

static bool same_holder(const struct hs_shared_holder *a, const struct hs_shared_holder *b) {
    return a->path == b->path && a->step == b->step && a->name == b->name;
}

/* Index of the place; LINK_LIMIT when there are too many. */
static uint32_t find_link(struct hs_sharing *s, const struct hs_shared_holder *holder) {
    uint64_t at = hs_address_mix((uint64_t)holder->path << 8 | holder->step);
    for (at = hs_address_mix(at ^ (uintptr_t)holder->name);; at++) {
        uint32_t found = s->link_slots[at &= 2 * LINK_LIMIT - 1];
        if (!found) break;
        if (same_holder(&s->links[found - 1], holder)) return found - 1;
    }
    if (s->link_count == LINK_LIMIT) return LINK_LIMIT;
    s->links[s->link_count] = *holder;
    s->link_slots[at] = ++s->link_count;
    return s->link_count - 1;
}

static inline uint32_t set_of(const struct hs_sharing *s, hs_id id) {
    return s->wide ? s->wide[id] : s->set_of[id];
}

/* Without memory for more than 2^16 sets the node stays in its old one: a place that is not told. */
static void put_in_set(struct hs_sharing *s, hs_id id, uint32_t set) {
    if (set > UINT16_MAX && !s->wide) {
        size_t count = (size_t)s->analysis->graph->count + 1;
        if (!(s->wide = malloc(count * sizeof *s->wide))) return;
        for (size_t i = 0; i < count; i++) s->wide[i] = s->set_of[i];
        free(s->set_of);
        s->set_of = NULL;
    }
    if (s->wide) s->wide[id] = set;
    else s->set_of[id] = (uint16_t)set;
}

/* The set with one place more; `before` itself when there are too many. */
static uint32_t extend(struct hs_sharing *s, uint32_t before, uint32_t link) {
    uint64_t at = hs_address_mix((uint64_t)before << 32 | link);
    for (;; at++) {
        uint32_t found = s->set_slots[at &= 2 * SET_LIMIT - 1];
        if (!found) break;
        if (s->sets[found].before == before && s->sets[found].link == link) return found;
    }
    if (s->set_count == SET_LIMIT) return before;
    s->sets[++s->set_count] = (struct set){before, link, before ? s->sets[before].size + 1 : 1};
    return s->set_slots[at] = s->set_count;
}

void hs_sharing_meet(struct hs_sharing *s, const struct hs_named_paths *paths, uint32_t id,
                     struct hs_shared_holder holder) {
    uint32_t class = s->analysis->class_of[id], path = paths->path_of[id];
    if (class == UINT32_MAX || s->dull[class] || path >= paths->count) return;
    uint32_t set = set_of(s, id);
    if (set && s->sets[set].size == HS_SHARED_HOLDERS) return;
    const struct hs_named_path *p = &paths->items[path];
    if (p->parent == holder.path && p->step == holder.step && p->name == holder.name) return;
    /* What stands below the object's path: parents have lower indexes. */
    uint32_t up = holder.path;
    while (up > path && up != HS_PATH_NONE) up = paths->items[up].parent;
    if (up == path) return;
    uint32_t link = find_link(s, &holder);
    if (link == LINK_LIMIT) return;
    for (uint32_t i = set; i; i = s->sets[i].before)
        if (s->sets[i].link == link) return;
    put_in_set(s, id, extend(s, set, link));
}

/* --- rows */

struct rows {
    struct hs_shared *items;
    uint32_t count, capacity;
    uint32_t *slots; /* open addressing: index + 1; twice ROW_LIMIT */
};

static int compare_names(const char *a, const char *b) {
    return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static int compare_holders(const void *left, const void *right) {
    const struct hs_shared_holder *a = left, *b = right;
    if (a->path != b->path) return a->path < b->path ? -1 : 1;
    if (a->step != b->step) return a->step < b->step ? -1 : 1;
    return compare_names(a->name, b->name);
}

static int compare_rows(const void *left, const void *right) {
    const struct hs_shared *a = left, *b = right;
    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    if (a->path != b->path) return a->path < b->path ? -1 : 1;
    if (a->holder_count != b->holder_count) return a->holder_count < b->holder_count ? -1 : 1;
    for (uint32_t i = 0; i < a->holder_count; i++) {
        int order = compare_holders(&a->holders[i], &b->holders[i]);
        if (order) return order;
    }
    return 0;
}

static bool is_below(const struct hs_named_paths *paths, uint32_t path, uint32_t top) {
    while (path != HS_PATH_NONE && path > top) path = paths->items[path].parent;
    return path == top;
}

static struct hs_shared holders_of(const struct hs_sharing *s, uint32_t machinery,
                                   const struct hs_named_paths *paths, uint32_t set) {
    struct hs_shared row = {0};
    for (; set; set = s->sets[set].before) {
        const struct hs_shared_holder *link = &s->links[s->sets[set].link];
        if (!is_below(paths, link->path, machinery)) row.holders[row.holder_count++] = *link;
    }
    qsort(row.holders, row.holder_count, sizeof *row.holders, compare_holders);
    return row;
}

static bool same_row(const struct hs_shared *a, const struct hs_shared *b) {
    if (a->path != b->path || a->holder_count != b->holder_count) return false;
    for (uint32_t i = 0; i < a->holder_count; i++)
        if (!same_holder(&a->holders[i], &b->holders[i])) return false;
    return true;
}

/* The row of the same path and holders, made if need be; NULL without memory or room. */
static struct hs_shared *find_row(struct rows *rows, const struct hs_shared *like) {
    uint64_t at = hs_address_mix(like->path);
    for (uint32_t i = 0; i < like->holder_count; i++)
        at = hs_address_mix(at ^ ((uint64_t)like->holders[i].path << 8 | like->holders[i].step) ^
                            (uintptr_t)like->holders[i].name);
    for (;; at++) {
        uint32_t found = rows->slots[at &= 2 * ROW_LIMIT - 1];
        if (!found) break;
        if (same_row(&rows->items[found - 1], like)) return &rows->items[found - 1];
    }
    if (rows->count == ROW_LIMIT) return NULL;
    if (rows->count == rows->capacity) {
        uint32_t capacity = rows->capacity ? 2 * rows->capacity : 256;
        struct hs_shared *items = realloc(rows->items, capacity * sizeof *items);
        if (!items) return NULL;
        rows->items = items;
        rows->capacity = capacity;
    }
    rows->items[rows->count] = *like;
    rows->slots[at] = ++rows->count;
    return &rows->items[rows->count - 1];
}

struct hs_error *hs_sharing_finish(struct hs_sharing *s, uint32_t machinery, struct hs_named_paths *paths) {
    struct rows rows = {.slots = calloc((size_t)2 * ROW_LIMIT, sizeof *rows.slots)};
    struct hs_shared *sets = calloc((size_t)s->set_count + 1, sizeof *sets);
    if (!rows.slots || !sets) {
        free(rows.slots);
        free(sets);
        return HS_ENOMEM;
    }
    for (uint32_t i = 1; i <= s->set_count; i++) sets[i] = holders_of(s, machinery, paths, i);
    for (hs_id id = 0; id < s->analysis->graph->count; id++) {
        struct hs_shared like = sets[set_of(s, id)];
        if (!like.holder_count) continue;
        uint64_t bytes = hs_analysis_size(s->analysis, id);
        paths->shared_objects++;
        paths->shared_bytes += bytes;
        like.path = paths->path_of[id];
        struct hs_shared *row = find_row(&rows, &like);
        if (!row) continue;
        row->count++;
        row->bytes += bytes;
    }
    free(rows.slots);
    free(sets);
    if (rows.count) qsort(rows.items, rows.count, sizeof *rows.items, compare_rows);
    while (rows.count && rows.items[rows.count - 1].count < HS_SHARED_MIN) rows.count--;
    paths->shared = rows.items;
    paths->shared_count = rows.count;
    return NULL;
}
