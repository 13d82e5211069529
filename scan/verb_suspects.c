/* heapscan suspects: what looks like a leak in one core, in sentences. */
#include "verbs.h"

#include <stdlib.h>

#include "base/escape.h"
#include "group/holdings.h"
#include "out/class_label.h"
#include "out/json_line.h"
#include "out/size.h"

struct report {
    struct scan_session *session;
    const struct hs_holdings *holdings;
    uint64_t total;
};

static void put_class(const struct report *r, uint32_t class, struct hs_strbuf *out) {
    const struct hs_class *c = &r->session->capture.group->classes[class];
    hs_class_label_put_head(out, hs_node_type_name((enum hs_node_type)c->type), c->constructor);
    if (c->line >= 0) hs_class_label_put_location(out, c->script, c->line + 1);
}

static void put_share(const struct report *r, uint64_t bytes, struct hs_strbuf *out) {
    hs_size_put(out, (int64_t)bytes, HS_SIGN_MINUS);
    hs_strbuf_printf(out, ", %.0f %% of the heap", 100.0 * (double)bytes / (double)(r->total ? r->total : 1));
}

static void put_path(const struct report *r, uint32_t path, struct hs_strbuf *out) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    if (path == HS_PATH_NONE) return;
    hs_named_path_put(&r->holdings->paths, path, &text);
    hs_escape_terminal(out, text.data, text.size);
}

static void put_object(const struct report *r, const struct hs_suspect *s, struct hs_strbuf *out) {
    struct hs_container container;
    hs_strbuf_puts(out, "One ");
    scan_node_put(r->session, s->id, out);
    hs_strbuf_puts(out, " (");
    scan_address_put(&r->session->capture, hs_analysis_address(r->session->analysis, s->id), out);
    hs_strbuf_puts(out, ") retains ");
    put_share(r, s->retained_bytes, out);
    hs_strbuf_puts(out, ". It stands at ");
    put_path(r, s->path, out);
    if (hs_container_describe(r->session->analysis, r->session->edges, s->id, &container) &&
        container.entries != UINT64_MAX) {
        hs_strbuf_puts(out, " and has ");
        hs_count_put(out, (int64_t)container.entries, HS_SIGN_MINUS);
        hs_strbuf_puts(out, " entries");
        if (container.keys) hs_strbuf_printf(out, " (keys: %s)", container.keys);
    }
    hs_strbuf_putc(out, '.');
    if (s->held_class == UINT32_MAX) return;
    hs_strbuf_puts(out, " Most of what it holds: ");
    hs_count_put(out, (int64_t)s->held_count, HS_SIGN_MINUS);
    hs_strbuf_puts(out, " x ");
    put_class(r, s->held_class, out);
    hs_strbuf_puts(out, ", ");
    hs_size_put(out, (int64_t)s->held_bytes, HS_SIGN_MINUS);
    hs_strbuf_putc(out, '.');
}

static void put_group(const struct report *r, const struct hs_suspect *s, struct hs_strbuf *out) {
    hs_count_put(out, (int64_t)s->count, HS_SIGN_MINUS);
    hs_strbuf_puts(out, " objects of ");
    put_class(r, s->class, out);
    hs_strbuf_puts(out, " retain ");
    put_share(r, s->retained_bytes, out);
    hs_strbuf_puts(out, ". ");
    if (s->path == HS_PATH_NONE) return;
    hs_count_put(out, (int64_t)s->at_path, HS_SIGN_MINUS);
    hs_strbuf_puts(out, " of them are held at ");
    put_path(r, s->path, out);
    hs_strbuf_putc(out, '.');
}

static void put_command(const struct report *r, const char *verb, hs_addr address, struct hs_strbuf *out) {
    hs_strbuf_printf(out, "   heapscan %s ", verb);
    hs_escape_terminal_string(out, r->session->capture.source);
    hs_strbuf_putc(out, ' ');
    scan_address_put(&r->session->capture, address, out);
    hs_strbuf_putc(out, '\n');
}

static struct hs_error *print(const struct report *r, const struct hs_suspect *s, size_t number) {
    struct scan_session *session = r->session;
    HS_STRBUF_AUTO line = HS_STRBUF_INIT;
    HS_STRBUF_AUTO sentence = HS_STRBUF_INIT;
    if (s->is_class) put_group(r, s, &sentence);
    else put_object(r, s, &sentence);
    if (session->ndjson) {
        HS_STRBUF_AUTO path = HS_STRBUF_INIT;
        if (s->path != HS_PATH_NONE) hs_named_path_put(&r->holdings->paths, s->path, &path);
        hs_json_line_begin(&line, "suspect");
        hs_json_put_number(&line, "rank", (int64_t)number, INT64_MIN);
        hs_json_put_string(&line, "subject", s->is_class ? "class" : "object");
        hs_json_put_string(&line, "constructor", session->capture.group->classes[s->class].constructor);
        hs_json_put_number(&line, "count", (int64_t)s->count, INT64_MIN);
        hs_json_put_number(&line, "retained_bytes", (int64_t)s->retained_bytes, INT64_MIN);
        hs_json_put_number(&line, "heap_bytes", (int64_t)r->total, INT64_MIN);
        hs_json_put_string(&line, "path", s->path == HS_PATH_NONE ? NULL : path.data);
        hs_json_put_address(&line, "sample", hs_analysis_address(session->analysis, s->id));
        hs_json_put_string(&line, "sentence", sentence.data);
        hs_json_line_end(&line);
    } else {
        hs_addr address = hs_analysis_address(session->analysis, s->id);
        hs_strbuf_printf(&line, "%s%zu. %s\n", number > 1 ? "\n" : "", number, sentence.data);
        put_command(r, "path", address, &line);
        put_command(r, "dominators", address, &line);
    }
    HS_TRY(hs_strbuf_error(&line));
    fwrite(line.data, 1, line.size, session->out);
    return NULL;
}

struct hs_error *scan_verb_suspects(struct scan_session *session) {
    HS_TRY(hs_analysis_holdings(session->capture.analysis));
    struct report r = {.session = session,
                       .holdings = session->analysis->holdings,
                       .total = hs_dominators_retained(session->analysis->dominators, 0)};
    size_t limit = session->options->top ? session->options->top : SIZE_MAX;
    for (size_t i = 0; i < r.holdings->suspect_count && i < limit; i++)
        HS_TRY(print(&r, &r.holdings->suspects[i], i + 1));
    if (!r.holdings->suspect_count && !session->ndjson)
        fprintf(session->out,
                "No object and no class holds more than %d %% of the heap. Compare several cores with "
                "heapdiff to see what grows.\n",
                HS_SUSPECT_SHARE);
    return NULL;
}
