/* heapscan path: who holds it. */
#include "verbs.h"

#include <stdlib.h>

#include "out/json_line.h"
#include "out/size.h"
#include "out/table.h"

/* Ids from the root to `id`. With `last` not HS_ID_NONE the path ends in last -> id. NULL without memory.
 * *count_ret 0: the path would go through `id` itself. */
static hs_id *climb(const struct scan_session *session, hs_id id, hs_id last, size_t *count_ret) {
    const struct hs_paths *paths = &session->paths;
    hs_id top = last == HS_ID_NONE ? id : last;
    uint32_t depth = hs_paths_depth(paths, top);
    size_t count = (size_t)depth + 1 + (last != HS_ID_NONE);
    hs_id *ids = malloc(count * sizeof *ids);
    if (!ids) return NULL;
    size_t at = count;
    if (last != HS_ID_NONE) ids[--at] = id;
    for (hs_id node = top; at > 0; node = hs_paths_parent(paths, node)) {
        if (last != HS_ID_NONE && node == id) {
            *count_ret = 0;
            return ids;
        }
        ids[--at] = node;
    }
    *count_ret = count;
    return ids;
}

static void put_table_row(struct scan_session *session, struct hs_table *table, const struct scan_step *step,
                          const char *edge) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_table_cell_string(table, HS_STYLE_CYAN, edge);
    scan_node_put(session, step->id, &text);
    hs_table_cell(table, HS_STYLE_PLAIN, text.data, text.size);
    hs_strbuf_clear(&text);
    scan_address_put(&session->capture, hs_analysis_address(session->analysis, step->id), &text);
    hs_table_cell(table, HS_STYLE_DIM, text.data, text.size);
    hs_strbuf_clear(&text);
    hs_size_put(&text, (int64_t)hs_analysis_retained(session->analysis, step->id), HS_SIGN_MINUS);
    hs_table_cell(table, HS_STYLE_PLAIN, text.data, text.size);
}

/* Steps of a longer path that are shown: one through a linked list of a million objects says no more. */
enum { STEPS_HEAD = 24, STEPS_TAIL = 8 };

static struct hs_error *print_table(struct scan_session *session, const struct scan_step *steps,
                                    size_t count) {
    static const struct hs_table_column columns[] = {{"held by", HS_ALIGN_LEFT, false},
                                                     {"object", HS_ALIGN_LEFT, true},
                                                     {"address", HS_ALIGN_LEFT, false},
                                                     {"retains", HS_ALIGN_RIGHT, false}};
    struct hs_table *table;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    HS_TRY(hs_table_create(columns, sizeof columns / sizeof *columns, session->terminal, &table));
    for (size_t i = 0; i < count; i++) {
        hs_strbuf_clear(&text);
        if (i) hs_strbuf_puts(&text, "  ");
        if (i) scan_step_put(session, &steps[i - 1], &steps[i], &text);
        else scan_root_put(session, steps[0].id, &text);
        put_table_row(session, table, &steps[i], text.data);
        if (i + 1 != STEPS_HEAD || count <= STEPS_HEAD + STEPS_TAIL + 1) continue;
        size_t skipped = count - STEPS_HEAD - STEPS_TAIL;
        hs_strbuf_clear(&text);
        hs_strbuf_printf(&text, "  … %zu more steps", skipped);
        hs_table_cell_string(table, HS_STYLE_DIM, text.data);
        for (unsigned c = 1; c < sizeof columns / sizeof *columns; c++)
            hs_table_cell_string(table, HS_STYLE_PLAIN, "");
        i += skipped;
    }
    hs_strbuf_clear(&text);
    struct hs_error *error = hs_table_render(table, &text);
    hs_table_destroy(table);
    if (!error) fwrite(text.data, 1, text.size, session->out);
    return error;
}

static struct hs_error *print_json(struct scan_session *session, hs_id id, size_t index,
                                   const struct scan_step *steps, size_t count) {
    HS_STRBUF_AUTO line = HS_STRBUF_INIT;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_json_line_begin(&line, "path");
    hs_json_put_address(&line, "address", hs_analysis_address(session->analysis, id));
    hs_json_put_number(&line, "index", (int64_t)index, INT64_MIN);
    scan_root_put(session, steps[0].id, &text);
    hs_json_put_string(&line, "root", text.data);
    hs_json_put_name(&line, "steps");
    hs_strbuf_putc(&line, '[');
    for (size_t i = 0; i < count; i++) {
        HS_STRBUF_AUTO step = HS_STRBUF_INIT;
        hs_strbuf_clear(&text);
        if (i) scan_step_put(session, &steps[i - 1], &steps[i], &text);
        hs_json_put_string(&step, "edge", i ? text.data : NULL);
        hs_json_put_string(&step, "edge_type",
                           i ? hs_edge_type_name((enum hs_edge_type)steps[i].edge.type) : NULL);
        scan_node_put_json(session, steps[i].id, &step);
        /* Fields begin with a comma. */
        hs_strbuf_printf(&line, "%s{%s}", i ? "," : "", step.data + 1);
    }
    hs_strbuf_putc(&line, ']');
    hs_json_line_end(&line);
    HS_TRY(hs_strbuf_error(&line));
    fwrite(line.data, 1, line.size, session->out);
    return NULL;
}

static struct hs_error *print_heading(struct scan_session *session, hs_id id, const char *remark) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    if (session->ndjson) {
        hs_json_line_begin(&text, "object");
        scan_node_put_json(session, id, &text);
        hs_json_put_bool(&text, "reachable", hs_marks_get(&session->analysis->marks, id));
        hs_json_line_end(&text);
    } else {
        scan_address_put(&session->capture, hs_analysis_address(session->analysis, id), &text);
        hs_strbuf_putc(&text, ' ');
        scan_node_put(session, id, &text);
        hs_strbuf_puts(&text, ": ");
        hs_size_put(&text, (int64_t)hs_analysis_size(session->analysis, id), HS_SIGN_MINUS);
        if (*remark) hs_strbuf_printf(&text, ", %s", remark);
        hs_strbuf_putc(&text, '\n');
    }
    HS_TRY(hs_strbuf_error(&text));
    fwrite(text.data, 1, text.size, session->out);
    return NULL;
}

struct holder {
    hs_id from;
    uint32_t depth;
};

static int by_depth(const void *a, const void *b) {
    const struct holder *x = a, *y = b;
    if (x->depth != y->depth) return x->depth < y->depth ? -1 : 1;
    return x->from < y->from ? -1 : x->from > y->from;
}

/* Objects that point to `id`, the one nearest to a root first. */
static struct hs_error *list_holders(struct scan_session *session, hs_id id, struct holder **ret,
                                     size_t *count_ret) {
    HS_TRY(scan_session_reverse(session));
    uint32_t count;
    const hs_id *from = hs_reverse_row(&session->reverse, id, &count);
    size_t kept = 0;
    struct holder *holders = malloc(((size_t)count + 1) * sizeof *holders);
    if (!holders) return HS_ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        if (kept && holders[kept - 1].from == from[i]) continue;
        holders[kept++] = (struct holder){from[i], hs_paths_depth(&session->paths, from[i])};
    }
    qsort(holders, kept, sizeof *holders, by_depth);
    *ret = holders;
    *count_ret = kept;
    return NULL;
}

struct told {
    hs_id owners[64]; /* whom the last step of a path already printed belongs to */
    size_t count;
};

/* Prints one path unless its last holder was named before. *printed_ret tells. */
static struct hs_error *print_one(struct scan_session *session, hs_id id, hs_id last, size_t index,
                                  struct told *told, bool *printed_ret) {
    size_t count = 0, step_count = 0;
    struct scan_step *steps = NULL;
    hs_id *ids = climb(session, id, last, &count);
    *printed_ret = false;
    if (!ids) return HS_ENOMEM;
    struct hs_error *error = count ? scan_steps_create(session, ids, count, &steps, &step_count) : NULL;
    free(ids);
    if (error || !count) return error;
    hs_id owner = step_count > 1 ? steps[step_count - 2].id : HS_ID_NONE;
    bool known = false;
    for (size_t i = 0; i < told->count; i++) known = known || told->owners[i] == owner;
    if (!known) {
        if (told->count < sizeof told->owners / sizeof *told->owners) told->owners[told->count++] = owner;
        if (index && !session->ndjson) fputc('\n', session->out);
        error = session->ndjson ? print_json(session, id, index, steps, step_count)
                                : print_table(session, steps, step_count);
        *printed_ret = true;
    }
    free(steps);
    return error;
}

static struct hs_error *print_paths(struct scan_session *session, hs_id id) {
    if (!hs_marks_get(&session->analysis->marks, id))
        return print_heading(session, id, "garbage: nothing holds it");
    struct holder *holders = NULL;
    size_t holder_count = 0, printed = 0, max = session->options->max ? session->options->max : SIZE_MAX;
    struct told told = {.count = 0};
    bool one;
    HS_TRY(print_heading(session, id, ""));
    HS_TRY(print_one(session, id, HS_ID_NONE, 0, &told, &one));
    printed = 1;
    if (max == 1) return NULL;
    HS_TRY(list_holders(session, id, &holders, &holder_count));
    struct hs_error *error = NULL;
    for (size_t i = 0; i < holder_count && printed < max && !error; i++) {
        if (holders[i].from == hs_paths_parent(&session->paths, id)) continue;
        error = print_one(session, id, holders[i].from, printed, &told, &one);
        if (one) printed++;
    }
    free(holders);
    return error;
}

struct hs_error *scan_verb_path(struct scan_session *session) {
    HS_TRY(scan_session_paths(session));
    for (size_t i = 0; i < session->options->address_count; i++) {
        hs_id id;
        HS_TRY(scan_session_find(session, session->options->addresses[i], &id));
        if (i && !session->ndjson) fputc('\n', session->out);
        HS_TRY(print_paths(session, id));
    }
    return NULL;
}
