#include "graph/edge_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "graph/edge_private.h"
#include "graph/heapsnapshot_private.h"
#include "js/node.h"

enum { KEY_LIMIT = 60 }; /* bytes of a key that --values shows */

struct hs_error *hs_edges_create_file(const struct hs_heapsnapshot *file, const struct hs_graph *graph,
                                      struct hs_edges **ret) {
    struct hs_edges *edges = calloc(1, sizeof *edges);
    if (edges) edges->stamps = calloc((size_t)graph->count + 1, sizeof *edges->stamps);
    if (!edges || !edges->stamps) {
        free(edges);
        return HS_ENOMEM;
    }
    edges->file = file;
    edges->graph = graph;
    *ret = edges;
    return NULL;
}

static bool is_scope(const struct hs_heapsnapshot *s, hs_id id) {
    return hs_heapsnapshot_known(s, s->name[id]) == HS_KNOWN_SCOPE;
}

static enum hs_edge_role role_of(const struct hs_heapsnapshot *s, enum hs_kind kind, hs_id to, uint32_t e) {
    if (s->edge_type[e] != HS_HEAPSNAPSHOT_INTERNAL) return HS_ROLE_VALUE;
    switch (hs_heapsnapshot_known(s, s->edge_name[e])) {
    case HS_KNOWN_MAP:
        return HS_ROLE_MAP;
    case HS_KNOWN_INITIAL_MAP:
        return HS_ROLE_INITIAL_MAP;
    case HS_KNOWN_PROPERTIES:
        return HS_ROLE_PROPERTIES;
    case HS_KNOWN_ELEMENTS:
        return HS_ROLE_ELEMENTS;
    case HS_KNOWN_TABLE:
        return kind == HS_KIND_JS_MAP || kind == HS_KIND_JS_SET ? HS_ROLE_TABLE : HS_ROLE_VALUE;
    case HS_KNOWN_CONTEXT:
        return is_scope(s, to) ? HS_ROLE_CONTEXT : HS_ROLE_VALUE;
    case HS_KNOWN_PREVIOUS:
        return is_scope(s, to) ? HS_ROLE_PREVIOUS : HS_ROLE_VALUE;
    case HS_KNOWN_REGISTERS:
        return HS_ROLE_REGISTERS;
    default:
        return HS_ROLE_VALUE;
    }
}

static struct hs_edge edge_of(const struct hs_heapsnapshot *s, hs_id from, uint32_t e) {
    static const char in_weak_map[] = "value in WeakMap";
    struct hs_edge edge = {.to = s->to[e], .via = HS_ID_NONE, .type = s->edge_type[e]};
    if (s->edge_type[e] == HS_HEAPSNAPSHOT_EDGE_OTHER) edge.type = HS_EDGE_HIDDEN;
    if (edge.type == HS_EDGE_ELEMENT || edge.type == HS_EDGE_HIDDEN) {
        edge.index = s->edge_name[e];
        return edge;
    }
    if (edge.type == HS_EDGE_SHORTCUT && from != s->root) edge.type = HS_EDGE_WEAK; /* no slot of its own */
    bool numbered = edge.type == HS_EDGE_INTERNAL || edge.type == HS_EDGE_WEAK;
    if (hs_heapsnapshot_known(s, s->edge_name[e]) == HS_KNOWN_PAIR) {
        edge.name = in_weak_map;
        if (hs_heapsnapshot_is_table_half(s, from, e)) edge.type = HS_EDGE_WEAK;
    } else if (!numbered || !hs_heapsnapshot_slot(s, s->edge_name[e], &edge.index))
        edge.name = hs_heapsnapshot_text(s, s->edge_name[e]);
    return edge;
}

void hs_edge_file_slots(struct hs_edges *edges, hs_id id, hs_edge_visit *visit, void *context) {
    const struct hs_heapsnapshot *s = edges->file;
    enum hs_kind kind = hs_heapsnapshot_kind(s, id);
    for (uint32_t e = s->first[id]; e < s->first[id + 1]; e++) {
        struct hs_edge edge = edge_of(s, id, e);
        if (edge.type != HS_EDGE_WEAK) edge.role = role_of(s, kind, edge.to, e);
        visit(context, &edge);
    }
}

/* --- storages */

/* The node in slot `index` of a table + 1, 0 if it holds none: a small integer. */
static hs_tagged key_at(const struct hs_heapsnapshot *s, hs_id table, uint32_t near, uint32_t index) {
    uint32_t slot;
    for (uint32_t e = near; e > s->first[table] && near - e < 2; e--)
        if (hs_heapsnapshot_slot(s, s->edge_name[e - 1], &slot) && slot == index)
            return (hs_tagged)s->to[e - 1] + 1;
    return 0;
}

enum { NO_KEY = 1 }; /* the root is no key: an entry whose key is not in the file */

static void visit_table(const struct hs_heapsnapshot *s, hs_id owner, hs_id table, hs_edge_visit *visit,
                        void *context) {
    struct hs_heapsnapshot_table shape;
    if (!hs_heapsnapshot_table(s, owner, table, &shape)) return;
    for (uint32_t e = s->first[table]; e < s->first[table + 1]; e++) {
        uint32_t slot;
        if (s->edge_type[e] != HS_HEAPSNAPSHOT_INTERNAL || !hs_heapsnapshot_slot(s, s->edge_name[e], &slot) ||
            slot < shape.first)
            continue;
        uint32_t at = (slot - shape.first) % shape.stride;
        struct hs_edge edge = {.to = s->to[e],
                               .via = table,
                               .type = shape.stride == 3 ? HS_EDGE_INTERNAL : HS_EDGE_ELEMENT,
                               .index = (slot - shape.first) / shape.stride};
        if (shape.stride == 3 && at == 0) {
            edge.is_key = true;
            edge.key = (hs_tagged)edge.to + 1;
        } else if (shape.stride == 3 && at == 1) {
            edge.key = key_at(s, table, e, slot - 1);
            if (!edge.key) edge.key = NO_KEY;
        } else if (at) continue;
        visit(context, &edge);
    }
}

struct giving {
    hs_id storage;
    hs_edge_visit *visit;
    void *context;
};

/* A context's own slots, without those that belong to V8. */
static void give_variable(void *context, const struct hs_edge *edge) {
    const struct giving *g = context;
    struct hs_edge own = *edge;
    static const char scope_info[] = "scope_info";
    own.via = g->storage;
    if (edge->role == HS_ROLE_MAP || edge->type == HS_EDGE_WEAK) return;
    if (edge->type == HS_EDGE_INTERNAL && edge->name && strcmp(edge->name, scope_info) == 0) return;
    g->visit(g->context, &own);
}

static void give_slot(void *context, const struct hs_edge *edge) {
    const struct giving *g = context;
    struct hs_edge own = *edge;
    own.via = g->storage;
    own.role = HS_ROLE_VALUE;
    if (edge->role != HS_ROLE_MAP && edge->type != HS_EDGE_WEAK) g->visit(g->context, &own);
}

void hs_edge_file_contents(struct hs_edges *edges, hs_id owner, enum hs_edge_role role, hs_id storage,
                           hs_edge_visit *visit, void *context) {
    struct giving giving = {storage, visit, context};
    if (role == HS_ROLE_TABLE) visit_table(edges->file, owner, storage, visit, context);
    else if (role == HS_ROLE_CONTEXT || role == HS_ROLE_PREVIOUS)
        hs_edge_file_slots(edges, storage, give_variable, &giving);
    else hs_edge_file_slots(edges, storage, give_slot, &giving);
}

/* --- folded */

struct folding {
    struct hs_edges *edges;
    const struct hs_edge_walk *walk;
    hs_id owner, next; /* next: the context around the one being read */
};

static void fold(void *context, const struct hs_edge *edge);

/* What the owner holds by an edge of its own has been shown. */
static void fold_rest(void *context, const struct hs_edge *edge) {
    struct folding *f = context;
    if (f->edges->stamps[edge->to] != f->owner + 1) fold(context, edge);
}

static void enter(struct folding *f, const struct hs_edge *edge) {
    enum hs_edge_role role = (enum hs_edge_role)edge->role;
    bool shown = role == HS_ROLE_PROPERTIES || role == HS_ROLE_ELEMENTS;
    if (f->walk->claim(f->walk->context, edge->to, role))
        hs_edge_file_contents(f->edges, f->owner, role, edge->to, shown ? fold_rest : fold, f);
}

static void fold(void *context, const struct hs_edge *edge) {
    struct folding *f = context;
    if (edge->type == HS_EDGE_WEAK || hs_heapsnapshot_is_value(f->edges->file, edge->to)) return;
    if (edge->via == HS_ID_NONE) f->edges->stamps[edge->to] = f->owner + 1;
    if (edge->role == HS_ROLE_PREVIOUS) f->next = edge->to;
    else if (hs_role_is_storage((enum hs_edge_role)edge->role) && edge->via == HS_ID_NONE) enter(f, edge);
    else f->walk->visit(f->walk->context, edge);
}

void hs_edge_file_folded(struct hs_edges *edges, hs_id id, const struct hs_edge_walk *walk) {
    struct folding f = {.edges = edges, .walk = walk, .owner = id, .next = HS_ID_NONE};
    hs_edge_file_slots(edges, id, fold, &f);
    /* Each context is claimed once, so a chain that is a cycle ends. */
    while (f.next != HS_ID_NONE) {
        struct hs_edge edge = {.to = f.next, .via = HS_ID_NONE, .role = HS_ROLE_PREVIOUS};
        f.next = HS_ID_NONE;
        enter(&f, &edge);
    }
}

bool hs_edge_file_put_key(const struct hs_edges *edges, const struct hs_edge *edge, struct hs_strbuf *out) {
    const struct hs_heapsnapshot *s = edges->file;
    if (edge->key <= NO_KEY || edge->key > s->node_count) return false;
    hs_id key = (hs_id)(edge->key - 1);
    if (hs_heapsnapshot_type(s, key) != HS_NODE_STRING) return false;
    const char *text = hs_heapsnapshot_text(s, s->name[key]);
    size_t size = strlen(text), limit = KEY_LIMIT;
    while (size > limit && limit && (text[limit] & 0xC0) == 0x80) limit--;
    hs_strbuf_puts(out, "[\"");
    hs_escape_terminal(out, text, size < limit ? size : limit);
    hs_strbuf_puts(out, "\"]");
    return true;
}
