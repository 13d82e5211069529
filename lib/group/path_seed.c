/* Modules: the function that wraps a script runs once, and its context holds the variables of the script. */
#include "group/named_path_private.h"

#include <stdlib.h>
#include <string.h>

#include "js/scope.h"

enum { CHAIN_LIMIT = 256, MODULE_LIMIT = 1 << 16 };

/* Tagged word `index` of an object, 0 if absent. */
static hs_tagged word_of(const struct hs_v8 *v8, hs_addr address, uint32_t index) {
    hs_tagged word;
    return hs_v8_word(v8, address + (hs_addr)index * v8->layout.tagged_size, &word) ? word : 0;
}

/* The outermost context of a closure, 0 if it has none of its own. */
static hs_addr outermost(struct hs_js *js, hs_addr closure) {
    hs_tagged context;
    hs_addr top = 0;
    if (!hs_v8_word(js->v8, closure + (hs_addr)js->v8->layout.function_context, &context)) return 0;
    for (int i = 0; i < CHAIN_LIMIT && hs_js_kind(js, context) == HS_KIND_CONTEXT; i++) {
        top = hs_untag(context);
        context = word_of(js->v8, top, 3);
    }
    return top;
}

static int by_script(const void *a, const void *b) {
    const struct hs_module_seed *x = a, *y = b;
    int order = strcmp(x->script, y->script);
    return order ? order : x->context < y->context ? -1 : x->context > y->context;
}

/* The scope of a wrapper starts where its script does, and only one context has it. */
static bool is_module_scope(struct hs_js *js, hs_addr context, struct hs_address_map *scopes) {
    struct hs_js_scope scope;
    hs_tagged info = word_of(js->v8, context, 2);
    if (!hs_is_pointer(info) || !hs_js_scope_read(js->v8, info, &scope) || scope.start > 0) return false;
    uint64_t *uses = hs_address_map_put(scopes, hs_untag(info), 0, NULL);
    return uses && ++*uses == 1;
}

struct hs_error *hs_module_seeds_find(const struct hs_analysis *a, struct hs_module_seed **ret,
                                      size_t *count_ret) {
    struct hs_js *js = a->group->js;
    struct hs_address_map known = {0}, scopes = {0};
    struct hs_module_seed *seeds = malloc(MODULE_LIMIT * sizeof *seeds);
    size_t count = 0;
    if (!seeds) return HS_ENOMEM;
    for (hs_id id = 0; id < a->graph->object_count && count < MODULE_LIMIT; id++) {
        uint32_t c = a->class_of[id];
        if (c >= a->group->class_count || a->group->classes[c].type != HS_NODE_CLOSURE ||
            !a->group->classes[c].script)
            continue;
        if (!hs_marks_get(&a->marks, id)) continue;
        hs_addr top = outermost(js, hs_objects_address(a->objects, id));
        bool fresh = false;
        if (!top || !hs_address_map_put(&known, top, 0, &fresh) || !fresh ||
            !is_module_scope(js, top, &scopes))
            continue;
        hs_id context = hs_objects_find(a->objects, top);
        if (context != HS_ID_NONE && hs_marks_get(&a->marks, context))
            seeds[count++] = (struct hs_module_seed){context, a->group->classes[c].script};
    }
    hs_address_map_deinit(&known);
    hs_address_map_deinit(&scopes);
    qsort(seeds, count, sizeof *seeds, by_script);
    *ret = seeds;
    *count_ret = count;
    return NULL;
}
