/* heapscan dominators: what would go with what. */
#include "verbs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "group/branch.h"
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
    struct hs_dominated dominated;
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

static struct hs_error *print_branch(struct growth *g, const struct hs_branch *branch, size_t level,
                                     int64_t parent) {
    const struct hs_dominators *d = g->session->analysis->dominators;
    hs_addr address = hs_analysis_address(g->session->analysis, d->vertex[branch->members[0]]);
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    HS_STRBUF_AUTO label = HS_STRBUF_INIT;
    if (branch->count == 1 && branch->class == UINT32_MAX)
        scan_node_put(g->session, d->vertex[branch->members[0]], &label);
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

/* Depth is bounded by --depth. */
static struct hs_error *grow(struct growth *g, const uint32_t *members, uint32_t count, uint64_t own,
                             size_t level, int64_t parent) {
    bool folded = g->session->options->folded;
    struct hs_branches branches;
    HS_TRY(hs_branches_create(g->session->analysis, &g->dominated, members, count, &branches));
    struct hs_error *error = NULL;
    uint64_t rest = 0;
    size_t rest_count = 0;
    for (uint32_t i = 0; i < branches.count && !error; i++) {
        const struct hs_branch *branch = &branches.items[i];
        if (level >= g->depth || i >= g->width || branch->retained_bytes < g->least ||
            g->lines >= LINES_MAX) {
            rest += branch->retained_bytes;
            rest_count++;
            continue;
        }
        size_t length = g->stack.size;
        int64_t id = (int64_t)g->lines;
        if (folded) {
            HS_STRBUF_AUTO label = HS_STRBUF_INIT;
            put_class(g, branch->class, &label);
            push_frame(g, label.data);
            g->lines++;
        } else error = print_branch(g, branch, level, parent);
        if (!error) error = grow(g, branch->members, branch->count, branch->bytes, level + 1, id);
        hs_strbuf_truncate(&g->stack, length);
    }
    if (!error && folded) print_folded(g, own + rest);
    else if (!error && level < g->depth) print_rest(g, level, rest_count, rest);
    hs_branches_deinit(&branches);
    return error;
}

struct hs_error *scan_verb_dominators(struct scan_session *session) {
    const struct scan_verb_options *options = session->options;
    const struct hs_dominators *d = session->analysis->dominators;
    struct growth g = {.session = session, .stack = HS_STRBUF_INIT};
    uint32_t start = 0;
    hs_id id = HS_ID_NONE;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    if (options->address_count) {
        HS_TRY(scan_session_find(session, options->addresses[0], &id));
        start = d->number[id];
        if (!start) {
            scan_address_put(&session->capture, options->addresses[0], &text);
            return hs_error_create_at(HS_ERROR_FORMAT, options->addresses[0],
                                      "%s is garbage: nothing holds it, and it dominates nothing", text.data);
        }
    } else if (session->analysis->file) start = d->number[session->analysis->file->root];
    g.depth = options->depth ? options->depth : options->folded ? DEPTH_FOLDED : DEPTH_TABLE;
    g.width = options->width ? options->width : options->folded ? WIDTH_FOLDED : WIDTH_TABLE;
    if (g.depth > DEPTH_MAX) g.depth = DEPTH_MAX;
    g.total = d->retained[start];
    g.least = options->folded ? g.total / 10000 : g.total / 200;
    if (id != HS_ID_NONE) scan_node_put(session, id, &text);
    else hs_strbuf_puts(&text, "heap");
    push_frame(&g, text.data);
    if (!options->folded && !session->ndjson) {
        hs_strbuf_puts(&text, ": ");
        hs_size_put(&text, (int64_t)g.total, HS_SIGN_MINUS);
        fprintf(session->out, "%s\n", text.data);
    }
    struct hs_error *error = hs_dominated_create(d, &g.dominated);
    if (!error)
        error =
            grow(&g, &start, 1, id != HS_ID_NONE ? hs_analysis_size(session->analysis, id) : 0, 0, INT64_MIN);
    hs_dominated_deinit(&g.dominated);
    hs_strbuf_deinit(&g.stack);
    return error;
}
