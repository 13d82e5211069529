/* One edge: found by its ends, written for people. */
#include "graph/edge_file.h"
#include "graph/edge_private.h"

#include "base/escape.h"
#include "js/string.h"

struct finding {
    hs_id to;
    struct hs_edge *best;
    bool found;
};

/* Properties, elements and variables say more than V8's own slots, names more than numbers. */
static unsigned rank(const struct hs_edge *edge) {
    static const uint8_t by_type[] = {
        [HS_EDGE_CONTEXT] = 7,  [HS_EDGE_PROPERTY] = 6, [HS_EDGE_ELEMENT] = 5, [HS_EDGE_INTERNAL] = 3,
        [HS_EDGE_SHORTCUT] = 2, [HS_EDGE_HIDDEN] = 1,   [HS_EDGE_WEAK] = 0};
    return by_type[edge->type] * 4u + (edge->name ? 2 : 0) + !edge->is_key;
}

static void compare(void *context, const struct hs_edge *edge) {
    struct finding *f = context;
    if (edge->to != f->to || (f->found && rank(edge) <= rank(f->best))) return;
    *f->best = *edge;
    f->found = true;
}

bool hs_edges_find(struct hs_edges *edges, hs_id from, hs_id to, struct hs_edge *ret) {
    struct finding f = {.to = to, .best = ret};
    hs_edges_slots(edges, from, compare, &f);
    return f.found;
}

struct passing {
    struct hs_edges *edges;
    hs_id owner, storage;
    struct finding finding;
};

static void pass(void *context, const struct hs_edge *edge) {
    struct passing *p = context;
    if (edge->to == p->storage && hs_role_is_storage((enum hs_edge_role)edge->role) &&
        edge->type != HS_EDGE_WEAK)
        hs_edges_contents(p->edges, p->owner, (enum hs_edge_role)edge->role, p->storage, compare,
                          &p->finding);
}

bool hs_edges_find_via(struct hs_edges *edges, hs_id from, hs_id storage, hs_id to, struct hs_edge *ret) {
    struct passing p = {
        .edges = edges, .owner = from, .storage = storage, .finding = {.to = to, .best = ret}};
    hs_edges_slots(edges, from, pass, &p);
    return p.finding.found;
}

enum { VALUE_LIMIT = 60 }; /* UTF-16 units of a key that --values shows */

static void put_key(struct hs_edges *edges, const struct hs_edge *edge, bool values, struct hs_strbuf *out) {
    if (edges->file) {
        if (!values || !hs_edge_file_put_key(edges, edge, out))
            hs_strbuf_puts(out, edge->is_key ? "[key itself]" : "[key]");
        return;
    }
    const struct hs_v8 *v8 = edges->js->v8;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    if (values && edge->key && hs_is_smi(&v8->layout, edge->key))
        hs_strbuf_printf(out, "[%lld]", (long long)hs_smi(&v8->layout, edge->key));
    else if (values && edge->key && hs_js_kind(edges->js, edge->key) == HS_KIND_STRING &&
             hs_js_string_append(v8, edge->key, VALUE_LIMIT, &text)) {
        hs_strbuf_puts(out, "[\"");
        hs_escape_terminal(out, text.data, text.size);
        hs_strbuf_puts(out, "\"]");
    } else hs_strbuf_puts(out, edge->is_key ? "[key itself]" : "[key]");
}

static bool is_identifier(const char *name) {
    for (const unsigned char *p = (const unsigned char *)name; *p; p++) {
        bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p >= 0x80 || *p == '_' ||
                      *p == '$' || *p == '#';
        if (!letter && (p == (const unsigned char *)name || *p < '0' || *p > '9')) return false;
    }
    return *name;
}

static void put_property(const char *name, struct hs_strbuf *out) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_escape_terminal_string(&text, name);
    if (is_identifier(name)) hs_strbuf_printf(out, ".%s", text.data);
    else if (*name == '<') hs_strbuf_printf(out, "[%s]", text.data); /* a symbol */
    else hs_strbuf_printf(out, "[\"%s\"]", text.data);
}

void hs_edges_put(struct hs_edges *edges, const struct hs_edge *edge, bool owner_is_table, bool values,
                  struct hs_strbuf *out) {
    bool entry = edge->via != HS_ID_NONE && edge->type == HS_EDGE_INTERNAL && !edge->name && edge->key;
    if (entry || edge->is_key || (edge->dictionary && owner_is_table)) {
        put_key(edges, edge, values, out);
        return;
    }
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    if (edge->name) hs_escape_terminal_string(&name, edge->name);
    else hs_strbuf_put_u64(&name, edge->index);
    switch ((enum hs_edge_type)edge->type) {
    case HS_EDGE_CONTEXT:
        hs_strbuf_printf(out, "variable %s", name.data);
        return;
    case HS_EDGE_ELEMENT:
        hs_strbuf_printf(out, "[%s]", name.data);
        return;
    case HS_EDGE_PROPERTY:
        put_property(edge->name ? edge->name : "", out);
        return;
    case HS_EDGE_HIDDEN:
        hs_strbuf_printf(out, "(slot %s)", name.data);
        return;
    default:
        hs_strbuf_printf(out, "(%s)", name.data);
        return;
    }
}
