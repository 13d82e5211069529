#include "group/owned.h"

#include <stdlib.h>

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

struct hs_error *hs_owned_find(struct hs_graph *graph, const hs_id *users, size_t user_count, hs_id *roots,
                               size_t *root_count) {
    struct hs_marks marks;
    if (!user_count) return NULL;
    HS_TRY(hs_mark(graph, users, user_count, &marks));
    size_t kept = 0;
    for (size_t i = 0; i < *root_count; i++)
        if (roots[i] < graph->count && !hs_marks_get(&marks, roots[i])) roots[kept++] = roots[i];
    for (size_t i = 0; i < user_count; i++) roots[kept++] = users[i];
    *root_count = kept;
    free(graph->owned);
    graph->owned = marks.bits;
    return NULL;
}
