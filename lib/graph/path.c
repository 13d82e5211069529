#include "graph/path.h"

#include <stdlib.h>
#include <string.h>

struct search {
    const struct hs_graph *graph;
    const struct hs_marks *marks;
    const struct hs_path_options *options;
    hs_id *parent;
    hs_id *queue, *late; /* a node is in at most one of them at a time */
    size_t head, tail, late_count;
};

static void reach(struct search *s, hs_id id, hs_id from) {
    if (id >= s->graph->count || s->parent[id] != HS_ID_NONE || !hs_marks_get(s->marks, id)) return;
    s->parent[id] = from;
    if (s->options->late && s->options->late(s->options->context, id)) s->late[s->late_count++] = id;
    else s->queue[s->tail++] = id;
}

static void expand(struct search *s, hs_id id) {
    const struct hs_graph *graph = s->graph;
    for (uint32_t e = graph->first[id]; e < graph->first[id + 1]; e++) reach(s, graph->to[e], id);
    if (!hs_graph_is_key(graph, id)) return;
    for (uint32_t k = hs_graph_ephemeron_find(graph, id);
         k < graph->ephemeron_count && graph->ephemerons[k].key == id; k++)
        if (hs_marks_get(s->marks, graph->ephemerons[k].table)) reach(s, graph->ephemerons[k].value, id);
}

static void drain(struct search *s) {
    while (s->head < s->tail) expand(s, s->queue[s->head++]);
}

/* Expands late nodes in rounds, as they were found: what they lead to may be late again. */
static void drain_late(struct search *s) {
    for (size_t done = 0; done < s->late_count; done++) {
        expand(s, s->late[done]);
        drain(s);
    }
    s->late_count = 0;
}

int hs_root_round(enum hs_root_category category) {
    switch (category) {
    case HS_ROOT_GLOBAL_HANDLES:
    case HS_ROOT_TRACED:
    case HS_ROOT_ETERNAL:
        return 0;
    case HS_ROOT_ISOLATE:
        return 1;
    case HS_ROOT_STRONG_LIST:
    case HS_ROOT_BUILTINS:
    case HS_ROOT_STARTUP_CACHE:
    case HS_ROOT_SHAREABLE_CACHE:
    case HS_ROOT_COMPILATION_CACHE:
        return 2;
    case HS_ROOT_MICROTASKS:
    case HS_ROOT_HANDLE_SCOPE:
    case HS_ROOT_STACK:
        return 3;
    default:
        return 4;
    }
}
struct hs_error *hs_paths_create(const struct hs_graph *graph, const struct hs_marks *marks,
                                 const struct hs_roots *roots, const hs_id *root_ids, size_t root_id_count,
                                 const struct hs_path_options *options, struct hs_paths *ret) {
    static const struct hs_path_options plain;
    size_t room = ((size_t)graph->count + 1) * sizeof(hs_id);
    struct search s = {.graph = graph,
                       .marks = marks,
                       .options = options ? options : &plain,
                       .parent = malloc(room),
                       .queue = malloc(room),
                       .late = malloc(room)};
    if (!s.parent || !s.queue || !s.late) {
        free(s.parent);
        free(s.queue);
        free(s.late);
        return HS_ENOMEM;
    }
    memset(s.parent, 0xff, room);
    for (size_t i = 0; i < s.options->first_count; i++) reach(&s, s.options->first[i], s.options->first[i]);
    drain(&s);
    for (int round = 0; round < HS_ROOT_ROUNDS; round++) {
        for (size_t i = 0; i < roots->count; i++)
            if (hs_root_round((enum hs_root_category)roots->items[i].category) == round)
                reach(&s, roots->items[i].id, roots->items[i].id);
        drain(&s);
        /* Before the stacks: code and feedback hold lastingly what a stack names for a moment. */
        if (round >= HS_ROOT_LASTING) drain_late(&s);
    }
    for (size_t i = 0; i < root_id_count; i++) reach(&s, root_ids[i], root_ids[i]);
    drain(&s);
    drain_late(&s);
    free(s.queue);
    free(s.late);
    *ret = (struct hs_paths){.parent = s.parent, .count = graph->count};
    return NULL;
}

void hs_paths_deinit(struct hs_paths *paths) {
    free(paths->parent);
    *paths = (struct hs_paths){0};
}

uint32_t hs_paths_depth(const struct hs_paths *paths, hs_id id) {
    uint32_t depth = 0;
    for (hs_id up; (up = hs_paths_parent(paths, id)) != id && up != HS_ID_NONE && depth < paths->count;
         id = up)
        depth++;
    return depth;
}

const struct hs_root *hs_paths_root(const struct hs_roots *roots, hs_id id) {
    const struct hs_root *best = NULL;
    for (size_t i = 0; i < roots->count; i++)
        if (roots->items[i].id == id &&
            (!best || hs_root_round((enum hs_root_category)roots->items[i].category) <
                          hs_root_round((enum hs_root_category)best->category)))
            best = &roots->items[i];
    return best;
}

/* Calls for every live reference; counting and filling see the same ones. */
static void each_reference(const struct hs_graph *graph, const struct hs_marks *marks, struct hs_reverse *r,
                           bool fill) {
    for (hs_id id = graph->count; id-- > 0;) {
        if (!hs_marks_get(marks, id)) continue;
        for (uint32_t e = graph->first[id]; e < graph->first[id + 1]; e++) {
            if (fill) r->from[--r->first[graph->to[e]]] = id;
            else r->first[graph->to[e]]++;
        }
        if (!hs_graph_is_key(graph, id)) continue;
        for (uint32_t k = hs_graph_ephemeron_find(graph, id);
             k < graph->ephemeron_count && graph->ephemerons[k].key == id; k++) {
            if (!hs_marks_get(marks, graph->ephemerons[k].table)) continue;
            if (fill) r->from[--r->first[graph->ephemerons[k].value]] = id;
            else r->first[graph->ephemerons[k].value]++;
        }
    }
}

struct hs_error *hs_reverse_create(const struct hs_graph *graph, const struct hs_marks *marks,
                                   struct hs_reverse *ret) {
    struct hs_reverse r = {.count = graph->count, .first = calloc((size_t)graph->count + 1, sizeof *r.first)};
    if (!r.first) return HS_ENOMEM;
    each_reference(graph, marks, &r, false);
    uint64_t total = 0;
    for (hs_id id = 0; id <= graph->count; id++) {
        total += r.first[id];
        if (total >= UINT32_MAX) {
            free(r.first);
            return hs_error_create(HS_ERROR_UNSUPPORTED, "more than 2^32 references: not supported");
        }
        r.first[id] = (uint32_t)total; /* the end of its row; filling counts it down to the start */
    }
    if (!(r.from = malloc((total + 1) * sizeof *r.from))) {
        free(r.first);
        return HS_ENOMEM;
    }
    each_reference(graph, marks, &r, true);
    *ret = r;
    return NULL;
}

const hs_id *hs_reverse_row(const struct hs_reverse *reverse, hs_id id, uint32_t *count_ret) {
    hs_blocks_touch(reverse->blocks, &reverse->first[id], 2 * sizeof *reverse->first);
    uint32_t first = reverse->first[id], end = reverse->first[id + 1];
    *count_ret = end > first ? end - first : 0;
    hs_blocks_touch(reverse->blocks, &reverse->from[first], *count_ret * sizeof *reverse->from);
    return &reverse->from[first];
}

void hs_reverse_deinit(struct hs_reverse *reverse) {
    free(reverse->first);
    free(reverse->from);
    *reverse = (struct hs_reverse){0};
}
