#include "group/suspect.h"

#include <stdlib.h>

#include "group/branch.h"

/* An object is a suspect in its own right: not V8's machinery, not the array inside a Map. */
static bool can_be_suspect(const struct hs_analysis *a, uint32_t class) {
    if (class >= a->group->class_count) return false;
    enum hs_node_type type = (enum hs_node_type)a->group->classes[class].type;
    if (hs_analysis_class_kind(a, class) == HS_KIND_CONTEXT) return false;
    return type == HS_NODE_OBJECT || type == HS_NODE_CLOSURE || type == HS_NODE_CONS_STRING ||
           type == HS_NODE_REGEXP;
}

/* Arrays, Maps and buffers are everywhere: as classes they say nothing, what they hold and who holds them
 * does. */
static bool is_of_program(const struct hs_analysis *a, uint32_t class) {
    const struct hs_class *c = &a->group->classes[class];
    enum hs_kind kind = hs_analysis_class_kind(a, class);
    if (c->type == HS_NODE_CLOSURE) return c->script != NULL;
    return c->type == HS_NODE_OBJECT && (kind == HS_KIND_JS_OBJECT || kind == HS_KIND_JS_API_OBJECT) &&
           (c->script || c->property_count);
}

static bool is_large(const struct hs_analysis *a, uint64_t bytes) {
    return bytes > a->dominators->retained[0] / 100 * HS_SUSPECT_SHARE;
}

/* What piled up: descends through storages, then takes the largest class of what is dominated. */
static struct hs_error *look_inside(const struct hs_analysis *a, const struct hs_dominated *t,
                                    uint32_t number, struct hs_suspect *suspect) {
    const struct hs_dominators *d = a->dominators;
    suspect->held_class = UINT32_MAX;
    for (int level = 0; level < 4; level++) {
        struct hs_branches branches;
        HS_TRY(hs_branches_create(a, t, &number, 1, &branches));
        bool deeper = false;
        if (branches.count) {
            const struct hs_branch *most = &branches.items[0];
            if (most->count == 1 && !can_be_suspect(a, most->class)) {
                number = most->members[0];
                deeper = d->retained[number] > 0;
            } else {
                suspect->held_class = most->class;
                suspect->held_count = most->count;
                suspect->held_bytes = most->retained_bytes;
            }
        }
        hs_branches_deinit(&branches);
        if (!deeper) break;
    }
    return NULL;
}

/* The virtual root, a .heapsnapshot's own nodes for roots, and the global objects: that they hold most of a
 * heap says nothing; what hangs on them is looked at. */
static bool is_root(const struct hs_analysis *a, uint32_t number) {
    if (!number) return true;
    uint32_t class = a->class_of[a->dominators->vertex[number]];
    if (class >= a->group->class_count) return a->file != NULL;
    enum hs_kind kind = hs_analysis_class_kind(a, class);
    return kind == HS_KIND_JS_GLOBAL_OBJECT || kind == HS_KIND_JS_GLOBAL_PROXY;
}

/* Down from `number` to where no child has 70 % of its parent (*end_ret); the last object on the way that can
 * be a suspect, 0 if none can. */
static uint32_t accumulate(const struct hs_analysis *a, const struct hs_dominated *t, uint32_t number,
                           uint32_t *end_ret) {
    const struct hs_dominators *d = a->dominators;
    uint32_t found = 0;
    for (;;) {
        if (can_be_suspect(a, a->class_of[d->vertex[number]])) found = number;
        uint32_t largest = hs_dominated_largest(d, t, number);
        if (!largest || is_root(a, largest) ||
            d->retained[largest] < d->retained[number] / 100 * HS_ACCUMULATION_SHARE)
            break;
        number = largest;
    }
    *end_ret = number;
    return found;
}

static int by_retained(const void *x, const void *y) {
    const struct hs_suspect *a = x, *b = y;
    if (a->is_class != b->is_class && a->retained_bytes == b->retained_bytes) return a->is_class ? 1 : -1;
    if (a->retained_bytes != b->retained_bytes) return a->retained_bytes > b->retained_bytes ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* A fifth each, on several levels: with each the memory is less than 70 %. */
enum { OBJECTS_MAX = 5 * 5 };

/* Where things piled up in machinery of V8's that is no suspect (a NativeContext holds nearly all there is):
 * what hangs on it is looked at by itself. */
struct passed {
    uint32_t numbers[OBJECTS_MAX];
    size_t count;
};

static bool begins(const struct hs_analysis *a, const struct passed *passed, uint32_t number) {
    uint32_t above = a->dominators->idom[number];
    if (is_root(a, number)) return false;
    for (size_t i = 0; i < passed->count; i++)
        if (passed->numbers[i] == above) return true;
    return is_root(a, above);
}

/* Nodes with more than a fifth of the heap are few: they are found from the top down (a dominator's number is
 * less than that of what it dominates). */
static struct hs_error *find_objects(const struct hs_analysis *a, const struct hs_dominated *t,
                                     const struct hs_named_paths *paths, struct hs_suspect *suspects,
                                     size_t *count) {
    const struct hs_dominators *d = a->dominators;
    struct passed passed = {.count = 0};
    for (uint32_t top = 1; top <= d->count && *count < OBJECTS_MAX; top++) {
        if (!is_large(a, d->retained[top]) || !begins(a, &passed, top)) continue;
        uint32_t end, number = accumulate(a, t, top, &end);
        if (!number && passed.count < OBJECTS_MAX) passed.numbers[passed.count++] = end;
        if (!number || !is_large(a, d->retained[number])) continue;
        struct hs_suspect suspect = {.id = d->vertex[number],
                                     .class = a->class_of[d->vertex[number]],
                                     .count = 1,
                                     .at_path = 1,
                                     .retained_bytes = d->retained[number],
                                     .path = paths->path_of[d->vertex[number]]};
        HS_TRY(look_inside(a, t, number, &suspect));
        suspects[(*count)++] = suspect;
    }
    return NULL;
}

static void locate_class(const struct hs_analysis *a, const struct hs_named_paths *paths,
                         struct hs_suspect *suspect) {
    suspect->path = HS_PATH_NONE;
    for (uint32_t i = 0; i < paths->count; i++)
        if (paths->items[i].class == suspect->class && paths->items[i].count > suspect->at_path) {
            suspect->path = i;
            suspect->at_path = paths->items[i].count;
        }
    suspect->id = HS_ID_NONE;
    for (hs_id id = 0; id < a->graph->object_count; id++)
        if (a->class_of[id] == suspect->class && hs_marks_get(&a->marks, id) &&
            (suspect->id == HS_ID_NONE || hs_analysis_retained(a, id) > hs_analysis_retained(a, suspect->id)))
            suspect->id = id;
}

/* The class that an object suspected is already said to hold nearly all of: one cause, one suspect. */
static bool is_told(const struct hs_suspect *suspects, size_t count, const struct hs_suspect *class) {
    for (size_t i = 0; i < count; i++)
        if (!suspects[i].is_class && suspects[i].held_class == class->class &&
            suspects[i].held_count >= class->count - class->count / 10)
            return true;
    return false;
}

struct hs_error *hs_suspects_create(const struct hs_analysis *a, const struct hs_dominated *t,
                                    const struct hs_named_paths *paths, struct hs_suspect **ret,
                                    size_t *count_ret) {
    size_t count = 0, large = 0;
    for (uint32_t i = 0; i < a->group->class_count; i++) large += is_large(a, a->standings[i].retained_bytes);
    struct hs_suspect *suspects = calloc(OBJECTS_MAX + large + 1, sizeof *suspects);
    struct hs_error *error = suspects ? find_objects(a, t, paths, suspects, &count) : HS_ENOMEM;
    for (uint32_t i = 0; i < a->group->class_count && !error; i++) {
        const struct hs_class_standing *standing = &a->standings[i];
        if (!is_large(a, standing->retained_bytes) || standing->reachable_count < 2 || !is_of_program(a, i))
            continue;
        struct hs_suspect suspect = {.class = i,
                                     .is_class = true,
                                     .count = standing->reachable_count,
                                     .retained_bytes = standing->retained_bytes,
                                     .held_class = UINT32_MAX};
        if (is_told(suspects, count, &suspect)) continue;
        locate_class(a, paths, &suspect);
        if (suspect.id != HS_ID_NONE) suspects[count++] = suspect;
    }
    if (error) {
        free(suspects);
        return error;
    }
    qsort(suspects, count, sizeof *suspects, by_retained);
    *ret = suspects;
    *count_ret = count;
    return NULL;
}
