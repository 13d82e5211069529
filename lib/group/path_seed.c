/* Modules: the function that wraps a script runs once, and its context holds the variables of the script; an
 * ES module keeps those that it exports in its SourceTextModule. */
#include "group/named_path_private.h"

#include <stdlib.h>
#include <string.h>

#include "js/function.h"
#include "js/scope.h"

enum { CHAIN_LIMIT = 256, CHAINS_KNOWN = 1024, MODULE_LIMIT = 1 << 16, MODULE_WORDS = 32 };
/* The wrapper's parameters begin behind "(function ", where it is text of the script (Node to 11). */
enum { WRAPPER_BEGIN = 10 };

/* Tagged word `index` of an object, 0 if absent. */
static hs_tagged word_of(const struct hs_v8 *v8, hs_addr address, uint32_t index) {
    hs_tagged word;
    return hs_v8_word(v8, address + (hs_addr)index * v8->layout.tagged_size, &word) ? word : 0;
}

static int by_script(const void *a, const void *b) {
    const struct hs_module_seed *x = a, *y = b;
    int order = strcmp(x->script, y->script);
    return order ? order : x->id < y->id ? -1 : x->id > y->id;
}

/* The scope of a wrapper starts where its script does, and only one context has it. */
static bool is_module_scope(struct hs_js *js, hs_addr context, struct hs_address_map *scopes) {
    struct hs_js_scope scope;
    hs_tagged info = word_of(js->v8, context, 2), shared = hs_js_function_shared(js, info);
    if (shared) { /* until V8 6.6 a context names its closure */
        const struct hs_js_function *function = hs_js_function_get(js, shared);
        if (!function || function->line != 0 || function->column > WRAPPER_BEGIN) return false;
        info = shared;
    } else if (!hs_is_pointer(info) || !hs_js_scope_read(js->v8, info, &scope) || scope.start > 0)
        return false;
    uint64_t *uses = hs_address_map_put(scopes, hs_untag(info), 0, NULL);
    return uses && ++*uses == 1;
}

/* Most contexts stand in few others. */
struct chain {
    hs_tagged context;
    hs_addr top; /* the outermost one of its chain */
    int length;
};

struct seeding {
    const struct hs_analysis *a;
    struct chain chains[CHAINS_KNOWN];   /* of contexts around others, by hash */
    struct hs_address_map known, scopes; /* outermost contexts, and the ScopeInfos of modules */
    struct hs_module_seed *seeds;
    size_t count;
};

/* The outermost context of a closure, 0 if it has none of its own. */
static hs_addr outermost(struct seeding *s, hs_addr closure) {
    struct hs_js *js = s->a->group->js;
    hs_tagged context;
    if (!hs_v8_word(js->v8, closure + (hs_addr)js->v8->layout.function_context, &context)) return 0;
    struct chain own = {.context = context}, *outer = NULL;
    while (own.length < CHAIN_LIMIT) {
        struct chain *known = &s->chains[hs_address_mix(context) % CHAINS_KNOWN];
        if (own.length && !outer) {
            outer = known;
            own.context = context;
        }
        if (known->context == context && known->length && own.length + known->length < CHAIN_LIMIT) {
            own.top = known->top;
            own.length += known->length;
            break;
        }
        if (hs_js_kind(js, context) != HS_KIND_CONTEXT) break;
        own.top = hs_untag(context);
        context = word_of(js->v8, own.top, 3);
        own.length++;
    }
    if (outer && own.length > 1 && own.length < CHAIN_LIMIT)
        *outer = (struct chain){own.context, own.top, own.length - 1};
    return own.top;
}

static void add_seed(struct seeding *s, hs_id id, const char *script) {
    if (s->count < MODULE_LIMIT && id != HS_ID_NONE && hs_marks_get(&s->a->marks, id))
        s->seeds[s->count++] = (struct hs_module_seed){id, script};
}

static void seed_closure(struct seeding *s, hs_addr closure, const char *script) {
    struct hs_js *js = s->a->group->js;
    hs_addr top = outermost(s, closure);
    bool fresh = false;
    if (top && hs_address_map_put(&s->known, top, 0, &fresh) && fresh && is_module_scope(js, top, &s->scopes))
        add_seed(s, hs_objects_find(s->a->objects, top), script);
}

/* SourceTextModule: what it exports stands in cells of its own. Its code, whatever state it is in, names the
 * script. */
static void seed_module(struct seeding *s, hs_id id) {
    struct hs_js *js = s->a->group->js;
    const struct hs_layout *l = &js->v8->layout;
    hs_addr address = hs_objects_address(s->a->objects, id);
    uint32_t words = hs_objects_words(s->a->objects, id);
    for (uint32_t w = 1; w < words && w < MODULE_WORDS; w++) {
        hs_tagged word = word_of(js->v8, address, w), shared = word;
        if (!hs_is_pointer(word)) continue;
        enum hs_kind kind = hs_js_kind(js, word);
        if (kind == HS_KIND_JS_GENERATOR) {
            shared = word_of(js->v8, hs_untag(word), (uint32_t)l->generator_function / l->tagged_size);
            kind = hs_js_kind(js, shared);
        }
        if (kind == HS_KIND_JS_FUNCTION) shared = hs_js_function_shared(js, shared);
        const struct hs_js_function *function = hs_js_function_get(js, shared);
        if (!function || !function->script) continue;
        add_seed(s, id, function->script);
        return;
    }
}

struct hs_error *hs_module_seeds_find(const struct hs_analysis *a, struct hs_module_seed **ret,
                                      size_t *count_ret) {
    if (a->file) return hs_module_seeds_find_file(a, ret, count_ret);
    const struct hs_group *group = a->group;
    struct seeding s = {.a = a, .seeds = malloc(MODULE_LIMIT * sizeof *s.seeds)};
    if (!s.seeds) return HS_ENOMEM;
    bool *modules = calloc(group->class_count + 1, sizeof *modules);
    if (!modules) {
        free(s.seeds);
        return HS_ENOMEM;
    }
    for (uint32_t c = 0; c < group->class_count; c++)
        modules[c] = strcmp(group->classes[c].constructor, "system / SourceTextModule") == 0;
    struct hs_object_place place = {0};
    for (hs_id id = 0; id < a->graph->object_count; id++) {
        uint32_t c = hs_analysis_class(a, id);
        if (c >= group->class_count || !hs_marks_get(&a->marks, id)) continue;
        const struct hs_class *class = &group->classes[c];
        if (modules[c]) seed_module(&s, id);
        else if (class->type == HS_NODE_CLOSURE && class->script)
            seed_closure(&s, hs_objects_address_from(a->objects, &place, id), class->script);
    }
    free(modules);
    hs_address_map_deinit(&s.known);
    hs_address_map_deinit(&s.scopes);
    qsort(s.seeds, s.count, sizeof *s.seeds, by_script);
    *ret = s.seeds;
    *count_ret = s.count;
    return NULL;
}
