#include "group/shortest.h"

#include <stdlib.h>

static bool is_late(enum hs_kind kind) {
    switch (kind) {
    case HS_KIND_MAP:
    case HS_KIND_TRANSITION_ARRAY:
    case HS_KIND_DESCRIPTOR_ARRAY:
    case HS_KIND_ENUM_CACHE:
    case HS_KIND_PROTOTYPE_INFO:
    case HS_KIND_NATIVE_CONTEXT:
    case HS_KIND_SHARED_FUNCTION_INFO:
    case HS_KIND_SCRIPT:
    case HS_KIND_SCOPE_INFO:
    case HS_KIND_CODE:
    case HS_KIND_CODE_OTHER:
    case HS_KIND_BYTECODE_ARRAY:
    case HS_KIND_FEEDBACK_VECTOR:
    case HS_KIND_FEEDBACK_CELL:
    case HS_KIND_CLOSURE_FEEDBACK_CELL_ARRAY:
    case HS_KIND_ALLOCATION_SITE:
    case HS_KIND_ARRAY_BOILERPLATE:
    case HS_KIND_OBJECT_BOILERPLATE:
    case HS_KIND_FUNCTION_TEMPLATE_INFO:
    case HS_KIND_WEAK_FIXED_ARRAY:
    case HS_KIND_WEAK_ARRAY_LIST:
        return true;
    default:
        return false;
    }
}

bool *hs_classes_late(const struct hs_analysis *a) {
    bool *late = calloc(a->group->class_count + 1, sizeof *late);
    for (uint32_t i = 0; late && i < a->group->class_count; i++)
        late[i] = a->group->classes[i].type == HS_NODE_CODE ||
                  a->group->classes[i].type == HS_NODE_OBJECT_SHAPE || is_late(hs_analysis_class_kind(a, i));
    return late;
}

/* Of one class of tables a global object may be a member among others. */
static bool is_global(const struct hs_analysis *a, const bool *global, hs_id id) {
    uint32_t class = hs_analysis_class(a, id);
    if (class >= a->group->class_count || !global[class] || !hs_marks_get(&a->marks, id)) return false;
    return a->file || !a->group->classes[class].dictionary ||
           hs_v8_kind_of(a->group->v8, hs_objects_address(a->objects, id) + 1) == HS_KIND_JS_GLOBAL_OBJECT;
}

struct hs_error *hs_global_objects_find(const struct hs_analysis *a, const struct hs_realms *realms,
                                        hs_id **ids_ret, size_t *count_ret) {
    uint32_t classes = a->group->class_count;
    bool *global = calloc(classes + 1, sizeof *global);
    size_t count = 0, capacity = 0;
    hs_id *ids = calloc(1, sizeof *ids);
    struct hs_error *error = global && ids ? NULL : HS_ENOMEM;
    for (uint32_t i = 0; i < classes && !error; i++)
        global[i] = hs_analysis_class_kind(a, i) == HS_KIND_JS_GLOBAL_OBJECT ||
                    (!a->file && a->group->classes[i].dictionary);
    for (hs_id id = 0; id < a->graph->count && !error; id++) {
        if (!is_global(a, global, id) || hs_realm_get(realms, a, id)) continue;
        if (count == capacity) {
            capacity = capacity ? 2 * capacity : 16;
            hs_id *grown = realloc(ids, capacity * sizeof *grown);
            if (!grown) error = HS_ENOMEM;
            else ids = grown;
        }
        if (!error) ids[count++] = id;
    }
    free(global);
    if (error) {
        free(ids);
        return error;
    }
    *ids_ret = ids;
    *count_ret = count;
    return NULL;
}

struct lateness {
    const struct hs_analysis *analysis;
    const bool *late;
};

static bool node_is_late(void *context, hs_id id) {
    const struct lateness *l = context;
    uint32_t class = l->analysis->class_of[id];
    return class < l->analysis->group->class_count && l->late[class];
}

struct hs_error *hs_shortest_create(const struct hs_analysis *a, struct hs_paths *ret) {
    hs_id *globals = NULL;
    size_t global_count = 0;
    bool *late = hs_classes_late(a);
    struct hs_realms realms = {0};
    struct hs_error *error = late ? hs_realms_find(a, late, &realms) : HS_ENOMEM;
    if (!error) error = hs_global_objects_find(a, &realms, &globals, &global_count);
    hs_realms_deinit(&realms);
    struct lateness lateness = {a, late};
    struct hs_path_options options = {
        .late = node_is_late, .context = &lateness, .first = globals, .first_count = global_count};
    if (!error)
        error = hs_paths_create(a->graph, &a->marks, &a->roots, a->root_ids, a->root_id_count, &options, ret);
    free(globals);
    free(late);
    return error;
}
