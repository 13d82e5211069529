/* heapscan retainers: who points here, as a tree. */
#include "verbs.h"

#include <stdlib.h>

#include "out/json_line.h"
#include "out/size.h"

enum { DEPTH_DEFAULT = 4, DEPTH_MAX = 64, WIDTH_DEFAULT = 8, LINES_MAX = 5000 };

/* One that holds an object: itself, or through its storage. */
struct retainer {
    hs_id id;
    struct hs_edge edge;
    uint32_t depth; /* of its shortest path */
};

struct retainers {
    struct retainer *items;
    size_t count, capacity;
};

struct tree {
    struct scan_session *session;
    hs_id chain[DEPTH_MAX + 2]; /* the objects from the first line down to this one */
    uint64_t *shown;            /* one bit a node */
    size_t depth, width, lines;
    size_t line_of[DEPTH_MAX + 2];
};

static struct hs_error *add(struct retainers *list, struct retainer retainer) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].id == retainer.id) return NULL;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        struct retainer *grown = realloc(list->items, capacity * sizeof *grown);
        if (!grown) return HS_ENOMEM;
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->count++] = retainer;
    return NULL;
}

enum { SOURCES_MAX = 4096, STORAGE_LEVELS = 3 };

/* Adds whoever owns `storage`, by way of which he holds `id`; false if nobody does. Contexts are shown as
 * they are. */
static struct hs_error *add_owners(struct tree *tree, hs_id storage, hs_id id, struct retainers *list,
                                   bool *owned_ret) {
    struct scan_session *session = tree->session;
    const struct hs_reverse *r = &session->reverse;
    *owned_ret = false;
    uint32_t count;
    const hs_id *sources = hs_reverse_row(r, storage, &count);
    for (uint32_t i = 0; i < count && i < SOURCES_MAX; i++) {
        struct hs_edge edge;
        hs_id owner = sources[i];
        if (!hs_edges_find(session->edges, owner, storage, &edge) ||
            !hs_role_is_storage((enum hs_edge_role)edge.role))
            continue;
        if (edge.role == HS_ROLE_CONTEXT || edge.role == HS_ROLE_PREVIOUS) continue;
        if (!hs_edges_find_via(session->edges, owner, storage, id, &edge)) continue;
        *owned_ret = true;
        HS_TRY(add(list, (struct retainer){owner, edge, hs_paths_depth(&session->paths, owner)}));
    }
    return NULL;
}

/* The owner of a global property stands behind its cell and the table of cells. */
static hs_id owner_of_cell(struct tree *tree, hs_id cell) {
    const struct hs_reverse *r = &tree->session->reverse;
    struct hs_edge edge;
    uint32_t table_count, owner_count;
    const hs_id *tables = hs_reverse_row(r, cell, &table_count);
    for (uint32_t i = 0; i < table_count && i < SOURCES_MAX; i++) {
        hs_id table = tables[i];
        const hs_id *owners = hs_reverse_row(r, table, &owner_count);
        for (uint32_t k = 0; k < owner_count && k < SOURCES_MAX; k++)
            if (hs_edges_find(tree->session->edges, owners[k], table, &edge) &&
                edge.role == HS_ROLE_PROPERTIES &&
                hs_edges_find_via(tree->session->edges, owners[k], table, cell, &edge) &&
                edge.role == HS_ROLE_CELL)
                return owners[k];
    }
    return HS_ID_NONE;
}

static void keep_target(void *context, const struct hs_edge *edge) {
    struct retainer *retainer = context;
    if (edge->to == retainer->edge.to) retainer->edge = *edge;
}

static int by_depth(const void *a, const void *b) {
    const struct retainer *x = a, *y = b;
    if (x->depth != y->depth) return x->depth < y->depth ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static struct hs_error *list_retainers(struct tree *tree, hs_id id, struct retainers *list) {
    struct scan_session *session = tree->session;
    const struct hs_reverse *r = &session->reverse;
    uint32_t count;
    const hs_id *sources = hs_reverse_row(r, id, &count);
    for (uint32_t i = 0; i < count && i < SOURCES_MAX; i++) {
        hs_id from = sources[i];
        bool owned;
        if (i && from == sources[i - 1]) continue;
        HS_TRY(add_owners(tree, from, id, list, &owned));
        if (owned) continue;
        hs_id owner = owner_of_cell(tree, from);
        struct retainer retainer = {
            .id = from,
            .edge = {.to = id,
                     .via = HS_ID_NONE,
                     .type = HS_EDGE_INTERNAL,
                     .name = hs_graph_ephemeron_name(session->analysis->graph, from, id)}};
        if (owner != HS_ID_NONE) {
            retainer.id = owner;
            hs_edges_contents(session->edges, owner, HS_ROLE_CELL, from, keep_target, &retainer);
        } else hs_edges_find(session->edges, from, id, &retainer.edge);
        retainer.depth = hs_paths_depth(&session->paths, retainer.id);
        HS_TRY(add(list, retainer));
    }
    if (list->count) qsort(list->items, list->count, sizeof *list->items, by_depth);
    return NULL;
}

static bool mark_shown(struct tree *tree, hs_id id) {
    bool before = tree->shown[id / 64] >> (id % 64) & 1;
    tree->shown[id / 64] |= UINT64_C(1) << (id % 64);
    return before;
}

static struct hs_error *print_line(struct tree *tree, size_t level, const struct retainer *retainer,
                                   const char *remark, const char *root) {
    struct scan_session *session = tree->session;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    HS_STRBUF_AUTO edge = HS_STRBUF_INIT;
    if (level)
        hs_edges_put(session->edges, &retainer->edge,
                     scan_edge_is_data(session, retainer->id, NULL, &retainer->edge),
                     session->options->values, &edge);
    if (session->ndjson) {
        hs_json_line_begin(&text, "retainer");
        hs_json_put_number(&text, "id", (int64_t)tree->lines, INT64_MIN);
        hs_json_put_number(&text, "parent", level ? (int64_t)tree->line_of[level - 1] : INT64_MIN, INT64_MIN);
        hs_json_put_string(&text, "edge", level ? edge.data : NULL);
        scan_node_put_json(session, retainer->id, &text);
        hs_json_put_string(&text, "root", root);
        hs_json_put_bool(&text, "cycle", remark && *remark == 'c');
        hs_json_put_bool(&text, "above", remark && *remark == 'a');
        hs_json_line_end(&text);
    } else {
        hs_strbuf_fill(&text, ' ', 2 * level);
        if (level) hs_strbuf_printf(&text, "%s of ", edge.data);
        scan_node_put(session, retainer->id, &text);
        hs_strbuf_puts(&text, "  ");
        scan_address_put(&session->capture, hs_analysis_address(session->analysis, retainer->id), &text);
        hs_strbuf_puts(&text, "  retains ");
        hs_size_put(&text, (int64_t)hs_analysis_retained(session->analysis, retainer->id), HS_SIGN_MINUS);
        if (root) hs_strbuf_printf(&text, "  root: %s", root);
        if (remark) hs_strbuf_printf(&text, "  (%s)", remark);
        hs_strbuf_putc(&text, '\n');
    }
    HS_TRY(hs_strbuf_error(&text));
    fwrite(text.data, 1, text.size, session->out);
    tree->line_of[level] = tree->lines++;
    return NULL;
}

static void print_more(struct tree *tree, size_t level, size_t left) {
    if (tree->session->ndjson || !left) return;
    fprintf(tree->session->out, "%*s... and %zu more\n", (int)(2 * level), "", left);
}

/* Depth is bounded by --depth. */
static struct hs_error *grow(struct tree *tree, size_t level, const struct retainer *retainer) {
    struct scan_session *session = tree->session;
    const char *remark = NULL;
    HS_STRBUF_AUTO root = HS_STRBUF_INIT;
    for (size_t i = 0; i < level; i++)
        if (tree->chain[i] == retainer->id) remark = "cycle";
    if (mark_shown(tree, retainer->id) && !remark && level) remark = "above";
    if (hs_marks_get(&session->analysis->marks, retainer->id) && scan_node_is_root(session, retainer->id))
        scan_root_put(session, retainer->id, &root);
    tree->chain[level] = retainer->id;
    HS_TRY(print_line(tree, level, retainer, remark, root.size ? root.data : NULL));
    if (remark || level >= tree->depth || tree->lines >= LINES_MAX) return NULL;
    struct retainers list = {0};
    struct hs_error *error = list_retainers(tree, retainer->id, &list);
    size_t limit = list.count < tree->width ? list.count : tree->width;
    for (size_t i = 0; i < limit && !error; i++) error = grow(tree, level + 1, &list.items[i]);
    if (!error) print_more(tree, level + 1, list.count - limit);
    free(list.items);
    return error;
}

struct hs_error *scan_verb_retainers(struct scan_session *session) {
    const struct scan_verb_options *options = session->options;
    struct tree tree = {.session = session,
                        .depth = options->depth ? options->depth : DEPTH_DEFAULT,
                        .width = options->width ? options->width : WIDTH_DEFAULT};
    if (tree.depth > DEPTH_MAX) tree.depth = DEPTH_MAX;
    HS_TRY(scan_session_paths(session));
    HS_TRY(scan_session_reverse(session));
    tree.shown = calloc(session->analysis->graph->count / 64 + 1, sizeof *tree.shown);
    struct hs_error *error = tree.shown ? NULL : HS_ENOMEM;
    for (size_t i = 0; i < options->address_count && !error; i++) {
        struct retainer first = {.edge = {.via = HS_ID_NONE}};
        error = scan_session_find(session, options->addresses[i], &first.id);
        if (error) break;
        if (i && !session->ndjson) fputc('\n', session->out);
        error = grow(&tree, 0, &first);
        if (!error && !hs_marks_get(&session->analysis->marks, first.id) && !session->ndjson)
            fputs("  garbage: nothing holds it\n", session->out);
    }
    free(tree.shown);
    return error;
}
