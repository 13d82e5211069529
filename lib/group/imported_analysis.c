/* What is alive in a .heapsnapshot, and who holds it. */
#include <stdlib.h>
#include <string.h>

#include "group/imported_private.h"
#include "group/analysis_private.h"

/* --- roots */

static bool is_synthetic(const struct hs_heapsnapshot *file, uint32_t node) {
    return hs_heapsnapshot_type(file, node) == HS_HEAPSNAPSHOT_SYNTHETIC;
}

/* V8's groups of roots and ours have the same names. What is none of them: the embedder's, which are as good
 * as handles, and tables of V8 that come last. */
static enum hs_root_category category_of(const char *name) {
    for (int c = 0; c < HS_ROOT_CATEGORIES; c++)
        if (strcmp(name, hs_root_category_name((enum hs_root_category)c)) == 0)
            return (enum hs_root_category)c;
    return *name == '(' ? HS_ROOT_READ_ONLY : HS_ROOT_GLOBAL_HANDLES;
}

static bool counts(const struct hs_heapsnapshot *file, uint32_t e) {
    return file->edge_type[e] != HS_HEAPSNAPSHOT_WEAK && file->edge_type[e] != HS_HEAPSNAPSHOT_SHORTCUT &&
           !hs_heapsnapshot_is_value(file, file->to[e]);
}

enum { GROUP_LEVELS = 2 };

/* Visits what roots hold: of a group of roots its members, of the root what is no group. Called twice, to
 * count and to fill. */
static size_t each_root(const struct hs_heapsnapshot *file, uint32_t group, int level, uint64_t *seen,
                        struct hs_root *items) {
    enum hs_root_category category = category_of(hs_heapsnapshot_text(file, file->name[group]));
    size_t count = 0;
    for (uint32_t e = file->first[group]; e < file->first[group + 1]; e++) {
        uint32_t to = file->to[e];
        if (!counts(file, e) || to == file->root || to == group) continue;
        if (is_synthetic(file, to)) {
            /* The root -> "(GC roots)" -> "(Global handles)" -> …; the embedder's groups one level higher. */
            if (seen[to / 64] >> (to % 64) & 1) continue;
            seen[to / 64] |= UINT64_C(1) << (to % 64);
            if (level < GROUP_LEVELS)
                count += each_root(file, to, level + 1, seen, items ? items + count : NULL);
            continue;
        }
        if (items)
            items[count] =
                (struct hs_root){.id = to, .index = group == file->root ? to : group, .category = category};
        count++;
    }
    return count;
}

static struct hs_error *find_roots(struct hs_analysis *a) {
    size_t words = (size_t)a->file->node_count / 64 + 1;
    uint64_t *seen = calloc(words, sizeof *seen);
    if (!seen) return HS_ENOMEM;
    size_t count = each_root(a->file, a->file->root, 0, seen, NULL);
    a->roots.items = calloc(count + 1, sizeof *a->roots.items);
    memset(seen, 0, words * sizeof *seen);
    if (a->roots.items) a->roots.count = each_root(a->file, a->file->root, 0, seen, a->roots.items);
    free(seen);
    return a->roots.items ? NULL : HS_ENOMEM;
}

/* --- what is alive */

/* Where our own export hangs garbage (export/exported.h). */
static uint32_t find_garbage_root(const struct hs_heapsnapshot *file) {
    for (uint32_t e = file->first[file->root]; e < file->first[file->root + 1]; e++)
        if (is_synthetic(file, file->to[e]) &&
            strcmp(hs_heapsnapshot_text(file, file->name[file->to[e]]), "(Unreachable)") == 0)
            return file->to[e];
    return UINT32_MAX;
}

static void cut(struct hs_graph *graph, hs_id from, hs_id to) {
    for (uint32_t e = graph->first[from]; e < graph->first[from + 1]; e++)
        if (graph->to[e] == to) graph->to[e] = from;
}

static void drop_roots_of(struct hs_analysis *a, uint32_t group) {
    size_t kept = 0;
    for (size_t i = 0; i < a->roots.count; i++)
        if (a->roots.items[i].index != group) a->roots.items[kept++] = a->roots.items[i];
    a->roots.count = kept;
}

/* The search for where everything begins. */
struct starting {
    const struct hs_graph *graph;
    uint64_t *seen, *held; /* held: by an edge that counts */
    hs_id *stack;
};

static bool get(const uint64_t *bits, hs_id id) {
    return bits[id / 64] >> (id % 64) & 1;
}
static void set(uint64_t *bits, hs_id id) {
    bits[id / 64] |= UINT64_C(1) << (id % 64);
}

/* By the rule of the dominators (graph/dominator.h). */
static bool edge_counts(const struct hs_graph *graph, hs_id from, hs_id to) {
    return from != to && (get(graph->owned, from) || !get(graph->owned, to));
}

static void reach(struct starting *s, hs_id start) {
    size_t top = 0;
    if (get(s->seen, start)) return;
    set(s->seen, start);
    for (s->stack[top++] = start; top;) {
        hs_id id = s->stack[--top];
        for (uint32_t e = s->graph->first[id]; e < s->graph->first[id + 1]; e++) {
            hs_id to = s->graph->to[e];
            if (get(s->seen, to) || !edge_counts(s->graph, id, to)) continue;
            set(s->seen, to);
            s->stack[top++] = to;
        }
    }
}

/* The root; what only edges hold that do not count, weak ones for instance: V8 wrote it, so it was alive, and
 * DevTools hangs it below the root; last what holds itself in a ring. */
static size_t collect_starts(struct starting *s, hs_id root, hs_id garbage, hs_id *starts) {
    const hs_id count = s->graph->count;
    size_t found = 0;
    for (hs_id id = 0; id < count; id++)
        for (uint32_t e = s->graph->first[id]; e < s->graph->first[id + 1]; e++)
            if (edge_counts(s->graph, id, s->graph->to[e])) set(s->held, s->graph->to[e]);
    starts[found++] = root;
    reach(s, root);
    if (garbage != UINT32_MAX) reach(s, garbage);
    for (hs_id id = 0; id < count; id++)
        if (!get(s->seen, id) && !get(s->held, id)) {
            starts[found++] = id;
            reach(s, id);
        }
    for (hs_id id = 0; id < count; id++)
        if (!get(s->seen, id)) starts[found++] = id;
    return found;
}

static struct hs_error *find_starts(struct hs_analysis *a, hs_id **starts_ret, size_t *count_ret) {
    const hs_id root = a->file->root, garbage = find_garbage_root(a->file);
    const size_t count = a->graph->count;
    if (garbage != UINT32_MAX) {
        cut(a->graph, root, garbage);
        drop_roots_of(a, garbage);
    }
    struct starting s = {.graph = a->graph,
                         .seen = calloc(count / 64 + 1, sizeof *s.seen),
                         .held = calloc(count / 64 + 1, sizeof *s.held),
                         .stack = malloc((count + 1) * sizeof *s.stack)};
    hs_id *starts = malloc((count + 1) * sizeof *starts);
    const bool memory = s.seen && s.held && s.stack && starts;
    if (memory) {
        *count_ret = collect_starts(&s, root, garbage, starts);
        *starts_ret = starts;
    } else {
        free(starts);
    }
    free(s.seen);
    free(s.held);
    free(s.stack);
    return memory ? NULL : HS_ENOMEM;
}

/* Paths begin at what roots hold, then at what nothing holds. */
static struct hs_error *list_roots(struct hs_analysis *a, const hs_id *starts, size_t count) {
    a->root_ids = malloc((a->roots.count + count + 1) * sizeof *a->root_ids);
    if (!a->root_ids) return HS_ENOMEM;
    for (size_t i = 0; i < a->roots.count; i++) a->root_ids[a->root_id_count++] = a->roots.items[i].id;
    for (size_t i = 1; i < count; i++) a->root_ids[a->root_id_count++] = starts[i];
    return NULL;
}

/* DevTools hangs what nothing holds below the root. Its number is 1: it was the first start. */
static void hang_below_root(struct hs_dominators *d) {
    for (uint32_t i = 2; i <= d->count; i++) {
        if (d->idom[i]) continue;
        d->idom[i] = 1;
        d->retained[1] += d->retained[i];
    }
}

static uint64_t size_of(void *context, hs_id id) {
    return ((struct hs_analysis *)context)->file->size[id];
}

static struct hs_error *analyse(struct hs_analysis *a) {
    hs_id *starts = NULL;
    size_t count = 0;
    a->objects = calloc(1, sizeof *a->objects);
    a->class_of = malloc(((size_t)a->file->node_count + 1) * sizeof *a->class_of);
    if (!a->objects || !a->class_of) return HS_ENOMEM;
    memcpy(a->class_of, hs_imported_of(a->group)->class_of, a->file->node_count * sizeof *a->class_of);
    HS_TRY(hs_heapsnapshot_graph(a->file, &a->graph));
    HS_TRY(find_roots(a));
    struct hs_error *error = find_starts(a, &starts, &count);
    if (!error) error = list_roots(a, starts, count);
    if (!error) error = hs_mark(a->graph, starts, count, &a->marks);
    if (!error) error = hs_dominators_create(a->graph, &a->marks, starts, count, size_of, a, &a->dominators);
    free(starts);
    if (!error) hang_below_root(a->dominators);
    if (!error) error = hs_analysis_count(a);
    if (!error) error = hs_analysis_stand(a);
    return error ? error : hs_heapsnapshot_error(a->file);
}

struct hs_error *hs_imported_analyse(struct hs_group *group, struct hs_analysis **ret) {
    struct hs_analysis *a = calloc(1, sizeof *a);
    if (!a) return HS_ENOMEM;
    a->group = group;
    a->file = group->file;
    struct hs_error *error = analyse(a);
    if (error) {
        hs_analysis_destroy(a);
        return error;
    }
    *ret = a;
    return NULL;
}
