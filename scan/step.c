/* A path in steps that a person reads: storages, contexts and maps are passed through. */
#include "verbs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

struct best {
    hs_id to;
    struct hs_edge edge;
    bool found;
};

static void keep(void *context, const struct hs_edge *edge) {
    struct best *best = context;
    if (edge->to != best->to || (best->found && (best->edge.is_key <= edge->is_key))) return;
    best->edge = *edge;
    best->found = true;
}

static bool is_kind(struct scan_session *session, hs_id id, enum hs_kind kind) {
    return hs_analysis_kind(session->analysis, id) == kind;
}

/* Passes through the storages that stand at ids[at …] for the owner; true if a step of the owner results.
 * *at_ret: index of its target. */
static bool pass_storages(struct scan_session *session, hs_id owner, struct hs_edge first, const hs_id *ids,
                          size_t count, size_t at, struct scan_step *step, size_t *at_ret) {
    struct hs_edge edge = first;
    step->context = HS_ID_NONE;
    while (hs_role_is_storage((enum hs_edge_role)edge.role) && at + 1 < count) {
        /* The cell of an exported variable is passed through with its table. */
        bool cells = edge.role == HS_ROLE_EXPORTS || edge.role == HS_ROLE_BOUND;
        if (cells && ++at + 1 >= count) return false;
        hs_id storage = cells ? ids[at - 1] : ids[at];
        struct best best = {.to = ids[at + 1]};
        hs_edges_contents(session->edges, owner, (enum hs_edge_role)edge.role, storage, keep, &best);
        if (!best.found) return false;
        if (is_kind(session, ids[at], HS_KIND_CONTEXT)) step->context = ids[at];
        edge = best.edge;
        at++;
    }
    if (hs_role_is_storage((enum hs_edge_role)edge.role)) return false; /* the path ends in a storage */
    step->edge = edge;
    step->id = ids[at];
    *at_ret = at;
    return true;
}

static struct hs_edge edge_of(struct scan_session *session, hs_id from, hs_id to) {
    struct hs_edge edge;
    if (hs_edges_find(session->edges, from, to, &edge)) return edge;
    /* No slot: the value of an ephemeron, which its key holds. */
    return (struct hs_edge){.to = to,
                            .via = HS_ID_NONE,
                            .type = HS_EDGE_INTERNAL,
                            .name = hs_graph_ephemeron_name(session->analysis->graph, from, to)};
}

struct hs_error *scan_steps_create(struct scan_session *session, const hs_id *ids, size_t count,
                                   struct scan_step **ret, size_t *count_ret) {
    struct scan_step *steps = calloc(count + 1, sizeof *steps);
    size_t made = 0;
    if (!steps) return HS_ENOMEM;
    if (count) steps[made++] = (struct scan_step){.id = ids[0], .context = HS_ID_NONE};
    for (size_t at = 1; at < count; at++) {
        hs_id owner = ids[at - 1];
        struct scan_step step = {
            .id = ids[at], .edge = edge_of(session, owner, ids[at]), .context = HS_ID_NONE};
        struct scan_step folded = step;
        size_t end;
        if (hs_role_is_storage((enum hs_edge_role)step.edge.role) &&
            pass_storages(session, owner, step.edge, ids, count, at, &folded, &end)) {
            step = folded;
            at = end;
        } else if ((step.edge.role == HS_ROLE_MAP || step.edge.role == HS_ROLE_INITIAL_MAP) &&
                   at + 1 < count) {
            /* What is called __proto__ stands in the map. */
            struct hs_edge next = edge_of(session, ids[at], ids[at + 1]);
            static const char prototype[] = "prototype";
            const char *text = step.edge.role == HS_ROLE_MAP ? ".__proto__" : ".prototype";
            if (next.name && strcmp(next.name, prototype) == 0)
                step = (struct scan_step){ids[++at], next, text, HS_ID_NONE};
        }
        steps[made++] = step;
    }
    *ret = steps;
    *count_ret = made;
    return NULL;
}

void scan_step_put(struct scan_session *session, const struct scan_step *before, const struct scan_step *step,
                   struct hs_strbuf *out) {
    if (step->text) hs_strbuf_puts(out, step->text);
    else
        hs_edges_put(session->edges, &step->edge,
                     scan_edge_is_data(session, before->id, before->edge.name, &step->edge),
                     session->options->values, out);
}

/* The class of Node's that holds a handle. Without memory it is not told. */
static void put_cpp_holder(struct scan_session *session, hs_addr slot, struct hs_strbuf *out) {
    const struct hs_analysis *analysis = session->analysis;
    if (!session->holders_known) {
        struct hs_error *error = hs_cpp_holders_find(analysis->objects, &analysis->roots, &session->holders);
        hs_error_destroy(error);
        session->holders_known = true;
    }
    const struct hs_cpp_holder *holder = hs_cpp_holders_get(&session->holders, slot);
    if (!holder) return;
    hs_strbuf_puts(out, " of Node / ");
    hs_escape_terminal_string(out, holder->name);
}

void scan_root_put(struct scan_session *session, hs_id root, struct hs_strbuf *out) {
    if (is_kind(session, root, HS_KIND_JS_GLOBAL_OBJECT)) {
        hs_strbuf_puts(out, "global");
        return;
    }
    const struct hs_v8 *v8 = session->capture.v8;
    const struct hs_root *found = hs_paths_root(&session->analysis->roots, root);
    if (session->analysis->file) {
        /* A root that nothing holds: V8 wrote it, so it was alive. */
        hs_escape_terminal_string(out,
                                  found ? hs_analysis_root_name(session->analysis, found) : "(Weakly held)");
        return;
    }
    if (!found) {
        hs_strbuf_puts(out, "(Read-only objects)");
        return;
    }
    hs_strbuf_puts(out, hs_root_category_name((enum hs_root_category)found->category));
    if (found->category == HS_ROOT_GLOBAL_HANDLES) put_cpp_holder(session, found->slot, out);
    else if (found->category == HS_ROOT_STACK && found->index < v8->core->thread_count)
        hs_strbuf_printf(out, " of thread %" PRIu32, v8->core->threads[found->index].tid);
    else if ((found->category == HS_ROOT_STRONG_LIST || found->category == HS_ROOT_READ_ONLY) &&
             found->index < v8->symbols->root_count && v8->symbols->root_names[found->index]) {
        hs_strbuf_putc(out, ' ');
        hs_escape_terminal_string(out, v8->symbols->root_names[found->index]);
    }
}
