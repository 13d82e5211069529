/* Modules of a .heapsnapshot: the outermost context of a script's functions holds the variables of the
 * script. V8 does not write where a scope begins, but a module's code runs once: its scope has one context.
 */
#include <stdlib.h>
#include <string.h>

#include "graph/heapsnapshot_node.h"
#include "group/named_path_private.h"

enum { CHAIN_LIMIT = 256, MODULE_LIMIT = 1 << 16, EDGES_LOOKED_AT = 1 << 12 };

struct seeding {
    const struct hs_heapsnapshot *file;
    struct hs_module_seed *seeds;
    size_t count;
    uint32_t *uses; /* of a node that is a ScopeInfo: contexts that have it, each counted once */
    uint64_t *seen; /* one bit a node: an outermost context */
};

static bool is_scope(const struct hs_heapsnapshot *file, hs_id id) {
    return hs_heapsnapshot_known(file, file->name[id]) == HS_KNOWN_SCOPE;
}

/* As hs_heapsnapshot_follow; contexts have their own slots at the end, behind all variables. */
static hs_id follow(const struct hs_heapsnapshot *file, hs_id node, enum hs_known name) {
    return file->first[node + 1] - file->first[node] > EDGES_LOOKED_AT
               ? HS_ID_NONE
               : hs_heapsnapshot_follow(file, node, name);
}

static hs_id outermost(const struct hs_heapsnapshot *file, hs_id closure) {
    hs_id top = HS_ID_NONE, context = follow(file, closure, HS_KNOWN_CONTEXT);
    for (int i = 0; i < CHAIN_LIMIT && context != HS_ID_NONE && is_scope(file, context); i++) {
        top = context;
        context = follow(file, top, HS_KNOWN_PREVIOUS);
    }
    return top;
}

static int by_script(const void *a, const void *b) {
    const struct hs_module_seed *x = a, *y = b;
    int order = strcmp(x->script, y->script);
    return order ? order : x->id < y->id ? -1 : x->id > y->id;
}

static void seed(struct seeding *s, hs_id closure) {
    uint32_t name = hs_heapsnapshot_script_name(s->file, closure);
    hs_id top = name == UINT32_MAX ? HS_ID_NONE : outermost(s->file, closure);
    if (top == HS_ID_NONE || s->seen[top / 64] >> (top % 64) & 1 || s->count == MODULE_LIMIT) return;
    s->seen[top / 64] |= UINT64_C(1) << (top % 64);
    hs_id scope = follow(s->file, top, HS_KNOWN_SCOPE_INFO);
    if (scope == HS_ID_NONE) return;
    s->uses[scope]++;
    s->seeds[s->count++] = (struct hs_module_seed){top, hs_heapsnapshot_text(s->file, name)};
}

struct hs_error *hs_module_seeds_find_file(const struct hs_analysis *a, struct hs_module_seed **ret,
                                           size_t *count_ret) {
    const struct hs_heapsnapshot *file = a->file;
    struct seeding s = {.file = file,
                        .seeds = malloc(MODULE_LIMIT * sizeof *s.seeds),
                        .uses = calloc((size_t)file->node_count + 1, sizeof *s.uses),
                        .seen = calloc((size_t)file->node_count / 64 + 1, sizeof *s.seen)};
    struct hs_error *error = s.seeds && s.uses && s.seen ? NULL : HS_ENOMEM;
    for (hs_id id = 0; !error && id < file->node_count; id++)
        if (hs_heapsnapshot_type(file, id) == HS_NODE_CLOSURE && hs_marks_get(&a->marks, id)) seed(&s, id);
    size_t kept = 0;
    for (size_t i = 0; i < s.count; i++)
        if (s.uses[follow(file, s.seeds[i].id, HS_KNOWN_SCOPE_INFO)] == 1) s.seeds[kept++] = s.seeds[i];
    free(s.uses);
    free(s.seen);
    if (error) {
        free(s.seeds);
        return error;
    }
    qsort(s.seeds, kept, sizeof *s.seeds, by_script);
    *ret = s.seeds;
    *count_ret = kept;
    return NULL;
}
