#include "group/realm.h"

#include <stdlib.h>

/* Of machinery between a context and its holder; there are a few, more stand only in a damaged heap. */
enum { LEVEL_LIMIT = 1000 };

void hs_realms_deinit(struct hs_realms *realms) {
    free(realms->items);
    free(realms->realm_of);
    *realms = (struct hs_realms){0};
}

/* The nearest dominator that is no machinery; HS_ID_NONE: the roots hold it. */
static hs_id holder_of(const struct hs_analysis *a, const bool *late, hs_id context) {
    const struct hs_dominators *d = a->dominators;
    uint32_t number = hs_dominators_number(d, context);
    for (int level = 0; number && level < LEVEL_LIMIT; level++) {
        if (!(number = hs_dominators_idom(d, number))) break;
        hs_id id = hs_dominators_vertex(d, number);
        uint32_t class = hs_analysis_class(a, id);
        if (class < a->group->class_count && !late[class]) return id;
    }
    return HS_ID_NONE;
}

static struct hs_error *add_realm(struct hs_realms *realms, hs_id context, hs_id holder) {
    if ((realms->count & (realms->count - 1)) == 0) {
        size_t room = realms->count ? (size_t)2 * realms->count : 1;
        struct hs_realm *items = realloc(realms->items, room * sizeof *items);
        if (!items) return HS_ENOMEM;
        realms->items = items;
    }
    realms->items[realms->count++] = (struct hs_realm){context, holder};
    return NULL;
}

static void free_flags(bool **flags) {
    free(*flags);
}
static void free_ids(hs_id **ids) {
    free(*ids);
}

/* Flags of the classes of native contexts; the reachable ones are counted. */
static bool *find_native(const struct hs_analysis *a, uint64_t *count_ret) {
    bool *native = calloc((size_t)a->group->class_count + 1, sizeof *native);
    *count_ret = 0;
    for (uint32_t i = 0; native && i < a->group->class_count; i++)
        if ((native[i] = hs_analysis_class_kind(a, i) == HS_KIND_NATIVE_CONTEXT))
            *count_ret += a->standings[i].reachable_count;
    return native;
}

static bool is_native(const struct hs_analysis *a, const bool *native, hs_id id) {
    uint32_t class = hs_analysis_class(a, id);
    return class < a->group->class_count && native[class] && hs_marks_get(&a->marks, id);
}

static int by_id(const void *x, const void *y) {
    hs_id a = *(const hs_id *)x, b = *(const hs_id *)y;
    return (a > b) - (a < b);
}

/* Native contexts that roots hold themselves; a stack holds for a moment. Ascending, each once. */
static struct hs_error *list_held(const struct hs_analysis *a, const bool *native, hs_id **ret,
                                  size_t *count_ret) {
    hs_id *ids = malloc((a->roots.count + 1) * sizeof *ids);
    size_t count = 0, distinct = 0;
    if (!ids) return HS_ENOMEM;
    for (size_t i = 0; i < a->roots.count; i++) {
        hs_id id = a->roots.items[i].id;
        if (a->roots.items[i].category == HS_ROOT_STACK || id >= a->graph->count) continue;
        if (is_native(a, native, id)) ids[count++] = id;
    }
    qsort(ids, count, sizeof *ids, by_id);
    for (size_t i = 0; i < count; i++)
        if (!distinct || ids[i] != ids[distinct - 1]) ids[distinct++] = ids[i];
    *ret = ids;
    *count_ret = distinct;
    return NULL;
}

/* Native contexts that may be held by objects: reachable, and no root holds them itself. Ascending; *ids_ret
 * is malloc'ed. None where there is but one native context. */
static struct hs_error *find_candidates(const struct hs_analysis *a, hs_id **ids_ret, size_t *count_ret) {
    uint64_t count;
    size_t held_count = 0, found = 0, at = 0;
    bool *native __attribute__((cleanup(free_flags))) = find_native(a, &count);
    hs_id *held __attribute__((cleanup(free_ids))) = NULL;
    *ids_ret = NULL;
    *count_ret = 0;
    if (!native) return HS_ENOMEM;
    if (count < 2) return NULL;
    HS_TRY(list_held(a, native, &held, &held_count));
    if (count <= held_count) return NULL;
    hs_id *ids = malloc((count - held_count) * sizeof *ids);
    if (!ids) return HS_ENOMEM;
    for (hs_id id = 0; found < count - held_count && id < a->graph->count; id++) {
        if (!is_native(a, native, id)) continue;
        while (at < held_count && held[at] < id) at++;
        if (at == held_count || held[at] != id) ids[found++] = id;
    }
    *ids_ret = ids;
    *count_ret = found;
    return NULL;
}

struct hs_error *hs_realms_expect(const struct hs_analysis *a, bool *ret) {
    hs_id *ids __attribute__((cleanup(free_ids))) = NULL;
    size_t count;
    HS_TRY(find_candidates(a, &ids, &count));
    *ret = count > 0;
    return NULL;
}

static struct hs_error *find(const struct hs_analysis *a, const bool *late, struct hs_realms *realms) {
    hs_id *ids __attribute__((cleanup(free_ids))) = NULL;
    size_t count;
    HS_TRY(find_candidates(a, &ids, &count));
    for (size_t i = 0; i < count; i++) {
        hs_id holder = holder_of(a, late, ids[i]);
        if (holder != HS_ID_NONE) HS_TRY(add_realm(realms, ids[i], holder));
    }
    return NULL;
}

/* Dominators have lower numbers than what they dominate. */
static struct hs_error *fill(const struct hs_analysis *a, struct hs_realms *realms) {
    const struct hs_dominators *d = a->dominators;
    if (!realms->count) return NULL;
    if (!(realms->realm_of = calloc((size_t)d->count + 1, sizeof *realms->realm_of))) return HS_ENOMEM;
    for (uint32_t i = 0; i < realms->count; i++)
        realms->realm_of[hs_dominators_number(d, realms->items[i].context)] = i + 1;
    for (uint32_t number = 1; number <= d->count; number++)
        if (!realms->realm_of[number])
            realms->realm_of[number] = realms->realm_of[hs_dominators_idom(d, number)];
    return NULL;
}

struct hs_error *hs_realms_find(const struct hs_analysis *a, const bool *late, struct hs_realms *ret) {
    *ret = (struct hs_realms){0};
    struct hs_error *error = find(a, late, ret);
    if (!error) error = fill(a, ret);
    if (error) hs_realms_deinit(ret);
    return error;
}

const struct hs_realm *hs_realm_get(const struct hs_realms *realms, const struct hs_analysis *a, hs_id id) {
    uint32_t number = realms->count ? hs_dominators_number(a->dominators, id) : 0;
    uint32_t realm = number ? realms->realm_of[number] : 0;
    return realm ? &realms->items[realm - 1] : NULL;
}
