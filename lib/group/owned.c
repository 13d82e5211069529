#include "group/owned.h"

#include <stdlib.h>
#include <string.h>

static enum hs_kind kind_of(const struct hs_objects *objects, hs_id id) {
    return id < objects->count ? hs_v8_kind_of(objects->v8, hs_objects_address(objects, id) + 1)
                               : HS_KIND_UNKNOWN;
}

static hs_id global_of(const struct hs_objects *objects, const struct hs_graph *graph, hs_id context) {
    for (uint32_t e = graph->first[context]; e < graph->first[context + 1]; e++)
        if (kind_of(objects, graph->to[e]) == HS_KIND_JS_GLOBAL_OBJECT) return graph->to[e];
    return HS_ID_NONE;
}

struct hs_error *hs_users_find(const struct hs_objects *objects, const struct hs_graph *graph,
                               const struct hs_roots *roots, hs_id **ret, size_t *count_ret) {
    hs_id *users = NULL;
    size_t count = 0;
    for (size_t i = 0; i < roots->count; i++) {
        hs_id id = roots->items[i].id;
        if (roots->items[i].category == HS_ROOT_STACK || kind_of(objects, id) != HS_KIND_NATIVE_CONTEXT)
            continue;
        hs_id user = global_of(objects, graph, id);
        if (user == HS_ID_NONE) continue;
        if (objects->v8->layout.snapshot_own_names) user = id; /* V8 14.2 and later */
        size_t known = 0;
        while (known < count && users[known] != user) known++;
        if (known < count) continue;
        hs_id *grown = realloc(users, (count + 1) * sizeof *grown);
        if (!grown) {
            free(users);
            return HS_ENOMEM;
        }
        users = grown;
        users[count++] = user;
    }
    *ret = users;
    *count_ret = count;
    return NULL;
}

/* What is being found. A pair is an ephemeron whose table and key are alive, and so its value. */
struct owning {
    const struct hs_graph *graph;
    const struct hs_marks *alive;
    struct hs_marks owned;   /* all */
    struct hs_marks reached; /* of those, what edges reach that count for dominators */
    hs_id *values;           /* of owned tables' pairs, whose keys are not owned */
    size_t count;
    hs_id *batch;
};

static void free_owning(struct owning *o) {
    hs_marks_deinit(&o->owned);
    hs_marks_deinit(&o->reached);
    free(o->values);
    free(o->batch);
}

/* Goes on with the values of pairs whose key (or table, if `by_table`) is marked; lists those of the table's
 * side. *any_ret: whether there was one. */
static struct hs_error *follow_pairs(struct owning *o, bool by_table, struct hs_marks *marks, bool *any_ret) {
    size_t count = 0;
    for (uint32_t i = 0; i < o->graph->ephemeron_count; i++) {
        const struct hs_ephemeron *e = &o->graph->ephemerons[i];
        if (hs_marks_get(marks, e->value) || !hs_marks_get(marks, by_table ? e->table : e->key) ||
            !hs_marks_get(o->alive, e->table) || !hs_marks_get(o->alive, e->key))
            continue;
        o->batch[count++] = e->value;
    }
    if (by_table && count) memcpy(o->values + o->count, o->batch, count * sizeof *o->values);
    if (by_table) o->count += count;
    *any_ret = count != 0;
    return count ? hs_mark_more(o->graph, o->batch, count, marks) : NULL;
}

static struct hs_error *follow_keys(struct owning *o, struct hs_marks *marks) {
    bool any = true;
    while (any) HS_TRY(follow_pairs(o, false, marks, &any));
    return NULL;
}

/* Bits of what an edge that counts leads to, among what is owned and not yet reached: only its own edges
 * count. */
static uint64_t *find_held(const struct owning *o) {
    const struct hs_graph *graph = o->graph;
    uint64_t *held = calloc((size_t)graph->count / 64 + 1, sizeof *held);
    for (size_t w = 0; held && w <= graph->count / 64; w++)
        for (uint64_t bits = o->owned.bits[w] & ~o->reached.bits[w]; bits; bits &= bits - 1) {
            hs_id id = (hs_id)(w * 64 + (unsigned)__builtin_ctzll(bits));
            for (uint32_t e = graph->first[id]; e < graph->first[id + 1]; e++)
                if (graph->to[e] != id) held[graph->to[e] / 64] |= UINT64_C(1) << (graph->to[e] % 64);
        }
    for (uint32_t i = 0; held && i < graph->ephemeron_count; i++) {
        const struct hs_ephemeron *e = &graph->ephemerons[i];
        if (hs_marks_get(&o->owned, e->key) && hs_marks_get(o->alive, e->table) && e->value != e->key)
            held[e->value / 64] |= UINT64_C(1) << (e->value % 64);
    }
    return held;
}

/* Adds where dominators begin besides the users: at values that no edge that counts leads to, then at those
 * in a ring. */
static struct hs_error *begin_at_values(struct owning *o, hs_id **roots, size_t *root_count) {
    uint64_t *held = find_held(o);
    hs_id *grown = held ? realloc(*roots, (*root_count + o->count + 1) * sizeof *grown) : NULL;
    if (!grown) {
        free(held);
        return HS_ENOMEM;
    }
    *roots = grown;
    struct hs_error *error = NULL;
    for (int ring = 0; ring < 2 && !error; ring++) {
        size_t first = *root_count;
        for (size_t i = 0; i < o->count; i++) {
            hs_id id = o->values[i];
            if (!hs_marks_get(&o->reached, id) && (ring || !(held[id / 64] >> (id % 64) & 1)))
                grown[(*root_count)++] = id;
        }
        if (*root_count == first) continue;
        error = hs_mark_more(o->graph, grown + first, *root_count - first, &o->reached);
        if (!error) error = follow_keys(o, &o->reached);
    }
    free(held);
    return error;
}

/* Whatever the users reach; then also what tables hold by DevTools' rule, and its starts. */
static struct hs_error *own(struct owning *o, const hs_id *users, size_t user_count, hs_id **roots,
                            size_t *root_count) {
    const struct hs_graph *graph = o->graph;
    HS_TRY(follow_keys(o, &o->owned));
    o->reached.bits = malloc(((size_t)graph->count / 64 + 1) * sizeof *o->reached.bits);
    if (!o->reached.bits) return HS_ENOMEM;
    memcpy(o->reached.bits, o->owned.bits, ((size_t)graph->count / 64 + 1) * sizeof *o->reached.bits);
    for (bool any = true; any;) {
        HS_TRY(follow_pairs(o, true, &o->owned, &any));
        if (any) HS_TRY(follow_keys(o, &o->owned));
    }
    size_t kept = 0;
    for (size_t i = 0; i < *root_count; i++)
        if ((*roots)[i] < graph->count && !hs_marks_get(&o->owned, (*roots)[i]))
            (*roots)[kept++] = (*roots)[i];
    for (size_t i = 0; i < user_count; i++) (*roots)[kept++] = users[i];
    *root_count = kept;
    return o->count ? begin_at_values(o, roots, root_count) : NULL;
}

struct hs_error *hs_owned_find(struct hs_graph *graph, const struct hs_marks *alive, struct hs_marks *reach,
                               const hs_id *users, size_t user_count, hs_id **roots, size_t *root_count) {
    size_t room = (size_t)graph->ephemeron_count + 1;
    struct owning o __attribute__((cleanup(free_owning))) = {
        .graph = graph,
        .alive = alive,
        .owned = *reach,
        .values = malloc(room * sizeof *o.values),
        .batch = malloc(room * sizeof *o.batch),
    };
    *reach = (struct hs_marks){0};
    if (!o.values || !o.batch) return HS_ENOMEM;
    if (!user_count) return NULL;
    HS_TRY(own(&o, users, user_count, roots, root_count));
    free(graph->owned);
    graph->owned = o.owned.bits;
    o.owned.bits = NULL;
    return NULL;
}
