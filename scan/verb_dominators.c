/* heapscan dominators: what would go with what. */
#include "verbs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "group/branch_tree.h"
#include "out/class_label.h"
#include "out/json_line.h"
#include "out/size.h"

enum {
    DEPTH_TABLE = 5,
    DEPTH_FOLDED = 24,
    DEPTH_MAX = 64,
    WIDTH_TABLE = 8,
    WIDTH_FOLDED = 200,
    LINES_MAX = 20000
};

struct growth {
    struct scan_session *session;
    const struct hs_branch_tree *tree;
    struct hs_strbuf stack; /* --folded: names from the root */
    uint64_t total, least;  /* branches below `least` are summed up */
    size_t depth, width, lines;
};

static void put_class(const struct growth *g, uint32_t class, struct hs_strbuf *out) {
    const struct hs_group *group = g->session->capture.group;
    if (class >= group->class_count) {
        hs_strbuf_puts(out, g->session->analysis->file ? "(roots)" : "(unknown)");
        return;
    }
    const struct hs_class *c = &group->classes[class];
    hs_class_label_put_head(out, hs_node_type_name((enum hs_node_type)c->type), c->constructor);
    if (c->line >= 0) hs_class_label_put_location(out, c->script, c->line + 1);
    bool plain = strcmp(c->constructor, "Object") == 0;
    if (c->dictionary || plain)
        hs_class_label_put_tail(out, c->dictionary, c->properties, c->property_count, 40);
}

/* A frame of a flame graph: no semicolons. */
static void push_frame(struct growth *g, const char *text) {
    if (g->stack.size) hs_strbuf_putc(&g->stack, ';');
    for (const char *p = text; *p; p++) hs_strbuf_putc(&g->stack, *p == ';' ? ',' : *p);
}

static void print_folded(struct growth *g, uint64_t bytes) {
    if (bytes) fprintf(g->session->out, "%s %" PRIu64 "\n", g->stack.data, bytes);
}

static struct hs_error *print_branch(struct growth *g, const struct hs_branch_row *branch, size_t level,
                                     int64_t parent) {
    hs_addr address = hs_analysis_address(g->session->analysis, branch->member);
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    HS_STRBUF_AUTO label = HS_STRBUF_INIT;
    if (branch->count == 1 && branch->class == UINT32_MAX) scan_node_put(g->session, branch->member, &label);
    else put_class(g, branch->class, &label);
    if (g->session->ndjson) {
        const struct hs_group *group = g->session->capture.group;
        hs_json_line_begin(&text, "dominator");
        hs_json_put_number(&text, "id", (int64_t)g->lines, INT64_MIN);
        hs_json_put_number(&text, "parent", parent, INT64_MIN);
        hs_json_put_string(&text, "constructor",
                           branch->class < group->class_count ? group->classes[branch->class].constructor
                                                              : NULL);
        hs_json_put_number(&text, "count", branch->count, INT64_MIN);
        hs_json_put_number(&text, "bytes", (int64_t)branch->bytes, INT64_MIN);
        hs_json_put_number(&text, "retained_bytes", (int64_t)branch->retained_bytes, INT64_MIN);
        hs_json_put_address(&text, "sample", address);
        hs_json_line_end(&text);
    } else {
        HS_STRBUF_AUTO size = HS_STRBUF_INIT;
        hs_size_put(&size, (int64_t)branch->retained_bytes, HS_SIGN_MINUS);
        hs_strbuf_printf(&text, "%10s %5.1f %%  ", size.data,
                         100.0 * (double)branch->retained_bytes / (double)(g->total ? g->total : 1));
        hs_strbuf_fill(&text, ' ', 2 * level);
        if (branch->count > 1) hs_count_put(&text, branch->count, HS_SIGN_MINUS);
        if (branch->count > 1) hs_strbuf_puts(&text, " x ");
        hs_strbuf_printf(&text, "%s  ", label.data);
        scan_address_put(&g->session->capture, address, &text);
        hs_strbuf_putc(&text, '\n');
    }
    HS_TRY(hs_strbuf_error(&text));
    fwrite(text.data, 1, text.size, g->session->out);
    g->lines++;
    return NULL;
}

static void print_rest(const struct growth *g, size_t level, size_t count, uint64_t bytes) {
    if (g->session->ndjson || !count) return;
    HS_STRBUF_AUTO size = HS_STRBUF_INIT;
    hs_size_put(&size, (int64_t)bytes, HS_SIGN_MINUS);
    fprintf(g->session->out, "%10s %5.1f %%  %*s%zu smaller ones\n", size.data,
            100.0 * (double)bytes / (double)(g->total ? g->total : 1), (int)(2 * level), "", count);
}

/* Prints rows [at, end), of which those of `level` are the children of one branch; all its children are
 * `count`, and retain `bytes`. `own`: what the branch itself weighs. Depth is bounded by --depth. */
static struct hs_error *print_below(struct growth *g, uint32_t at, uint32_t end, uint32_t count,
                                    uint64_t bytes, uint64_t own, size_t level, int64_t parent) {
    bool folded = g->session->options->folded;
    for (size_t i = 0; at < end; i++, at = g->tree->rows[at].end) {
        const struct hs_branch_row *branch = &g->tree->rows[at];
        if (level >= g->depth || i >= g->width || branch->retained_bytes < g->least || g->lines >= LINES_MAX)
            break;
        size_t length = g->stack.size;
        int64_t id = (int64_t)g->lines;
        count--;
        bytes -= branch->retained_bytes;
        if (folded) {
            HS_STRBUF_AUTO label = HS_STRBUF_INIT;
            put_class(g, branch->class, &label);
            push_frame(g, label.data);
            g->lines++;
        } else HS_TRY(print_branch(g, branch, level, parent));
        HS_TRY(print_below(g, at + 1, branch->end, branch->children, branch->children_bytes, branch->bytes,
                           level + 1, id));
        hs_strbuf_truncate(&g->stack, length);
    }
    if (folded) print_folded(g, own + bytes);
    else if (level < g->depth) print_rest(g, level, count, bytes);
    return NULL;
}

static struct hs_error *print(struct growth *g, const struct hs_branch_tree *tree, uint64_t own) {
    g->tree = tree;
    return print_below(g, 0, tree->count, tree->children, tree->children_bytes, own, 0, INT64_MIN);
}

struct hs_error *scan_verb_dominators(struct scan_session *session) {
    const struct scan_verb_options *options = session->options;
    struct hs_analysis *a = session->capture.analysis;
    const struct hs_dominators *d = a->dominators;
    struct growth g = {.session = session, .stack = HS_STRBUF_INIT};
    uint32_t start = 0;
    hs_id id = HS_ID_NONE;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    if (options->address_count) {
        HS_TRY(scan_session_find(session, options->addresses[0], &id));
        start = hs_dominators_number(d, id);
        if (!start) {
            scan_address_put(&session->capture, options->addresses[0], &text);
            return hs_error_create_at(HS_ERROR_FORMAT, options->addresses[0],
                                      "%s is garbage: nothing holds it, and it dominates nothing", text.data);
        }
    } else if (a->file) start = d->number[a->file->root];
    g.depth = options->depth ? options->depth : options->folded ? DEPTH_FOLDED : DEPTH_TABLE;
    g.width = options->width ? options->width : options->folded ? WIDTH_FOLDED : WIDTH_TABLE;
    if (g.depth > DEPTH_MAX) g.depth = DEPTH_MAX;
    g.total = hs_dominators_retained(d, start);
    g.least = options->folded ? g.total / 10000 : g.total / 200;
    if (id != HS_ID_NONE) scan_node_put(session, id, &text);
    else hs_strbuf_puts(&text, "heap");
    push_frame(&g, text.data);
    if (!options->folded && !session->ndjson) {
        hs_strbuf_puts(&text, ": ");
        hs_size_put(&text, (int64_t)g.total, HS_SIGN_MINUS);
        fprintf(session->out, "%s\n", text.data);
    }
    uint64_t own = id != HS_ID_NONE ? hs_analysis_size(a, id) : 0;
    struct hs_error *error = NULL;
    if (!start && a->branches && hs_branch_tree_covers(a->branches, g.least, (uint32_t)g.depth)) {
        error = print(&g, a->branches, own);
    } else {
        struct hs_dominated dominated = {0};
        struct hs_branch_tree tree = {0};
        if (!start) error = hs_analysis_need(a, HS_NEED_DOMINATORS | HS_NEED_CLASSES, options->scan.threads);
        if (!error && !a->dominated) error = hs_dominated_create(d, &dominated);
        if (!error)
            error = hs_branch_tree_create(a, a->dominated ? a->dominated : &dominated, start, g.least,
                                          (uint32_t)g.depth, &tree);
        if (!error) error = print(&g, &tree, own);
        hs_branch_tree_deinit(&tree);
        hs_dominated_deinit(&dominated);
    }
    hs_strbuf_deinit(&g.stack);
    return error;
}
