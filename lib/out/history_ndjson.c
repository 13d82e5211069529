#include "out/history_ndjson.h"

#include "base/escape.h"
#include "out/json_line.h"
#include "snap/time.h"
#include <inttypes.h>

static void put_time(struct hs_strbuf *out, const char *name, int64_t ms) {
    char text[32];
    hs_json_put_string(out, name, hs_snap_time_print(ms, text) ? text : NULL);
}

/* All but the number of the night, which stands first and so has no comma before it. */
static void put_night(struct hs_strbuf *out, const struct hs_history_night *night) {
    put_time(out, "at", night->at);
    hs_json_put_number(out, "captures", (int64_t)night->captures, HS_SNAP_NULL);
    hs_json_put_number(out, "findings", (int64_t)night->findings, HS_SNAP_NULL);
    hs_json_put_bool(out, "complete", night->complete);
    hs_json_put_string(out, "node", night->node);
    hs_json_put_string(out, "build_id", night->build_id);
    hs_json_put_string(out, "source", night->source);
}

void hs_history_night_put_json(struct hs_strbuf *out, const char *series,
                               const struct hs_history_night *night) {
    hs_json_line_begin(out, "night");
    hs_json_put_string(out, "series", series);
    hs_json_put_number(out, "night", night->id, HS_SNAP_NULL);
    put_night(out, night);
    hs_json_line_end(out);
}

static void put_history(struct hs_strbuf *out, const struct hs_history_ndjson *view) {
    const struct hs_history *h = view->history;
    hs_json_line_begin(out, "history");
    hs_json_put_string(out, "series", h->series);
    hs_json_put_name(out, "nights");
    hs_strbuf_putc(out, '[');
    for (size_t i = 0; i < h->night_count; i++) {
        hs_strbuf_printf(out, "%s{\"night\":%" PRId64, i ? "," : "", h->nights[i].id);
        put_night(out, &h->nights[i]);
        hs_strbuf_putc(out, '}');
    }
    hs_strbuf_putc(out, ']');
    hs_json_put_string(out, "judged", h->reachable ? "reachable" : "found");
    hs_json_put_number(out, "tested_classes", (int64_t)h->tested, HS_SNAP_NULL);
    hs_json_put_chance(out, "significance", view->significance);
    hs_json_line_end(out);
}

static void put_change(struct hs_strbuf *out, const struct hs_history *h, const struct hs_history_row *row) {
    bool class = row->subject == HS_SUBJECT_CLASS;
    char key[33];
    hs_snap_key_print(row->key, key);
    hs_json_line_begin(out, "change");
    hs_json_put_number(out, "rank", (int64_t)row->rank, HS_SNAP_NULL);
    hs_json_put_string(out, "subject", class ? "class" : "native");
    hs_json_put_string(out, "type", row->type);
    hs_json_put_string(out, "constructor", row->constructor);
    hs_json_put_strings(out, "properties", row->properties, row->property_count);
    hs_json_put_bool(out, "dictionary", row->dictionary);
    hs_json_put_location(out, row->location.script, row->location.line, row->location.column, HS_SNAP_NULL);
    hs_json_put_string(out, "key", class ? key : NULL);
    hs_json_put_string(out, "nature", hs_trend_nature_name(row->nature));
    hs_json_put_string(out, "verdict", hs_history_verdict_name(row->verdict));
    hs_json_put_bool(out, "new", row->fresh);
    hs_json_put_bool(out, "known", row->known);
    hs_json_put_bool(out, "faster", row->faster);
    put_time(out, "since", h->nights[row->since].at);
    hs_json_put_numbers(out, "counts", row->counts, h->night_count, HS_SNAP_NULL);
    hs_json_put_numbers(out, "bytes", row->bytes, h->night_count, HS_SNAP_NULL);
    hs_json_put_number(out, "count_delta", row->count_delta, HS_SNAP_NULL);
    hs_json_put_number(out, "bytes_delta", row->bytes_delta, HS_SNAP_NULL);
    hs_json_put_chance(out, "chance", row->chance);
    hs_json_put_chance(out, "significance", row->significance);
    hs_json_line_end(out);
}

struct hs_error *hs_history_ndjson_put(struct hs_strbuf *out, const struct hs_history_ndjson *view) {
    const struct hs_history *h = view->history;
    size_t shown = view->top && view->top < h->found ? view->top : h->found;
    if (view->alone) {
        hs_json_line_begin(out, "header");
        hs_json_put_string(out, "schema", "heapdiff.result/1");
        hs_json_put_string(out, "tool", view->tool);
        hs_json_put_name(out, "snapshots");
        hs_strbuf_puts(out, "[]");
        hs_json_line_end(out);
    }
    put_history(out, view);
    for (size_t i = 0; i < shown; i++) put_change(out, h, &h->rows[i]);
    hs_json_line_begin(out, "history_verdict");
    hs_json_put_string(out, "result", hs_result_name(h->result));
    hs_json_put_number(out, "new", (int64_t)h->fresh, HS_SNAP_NULL);
    hs_json_put_number(out, "changes", (int64_t)h->found, HS_SNAP_NULL);
    hs_json_put_string(out, "reason", h->reason);
    hs_json_line_end(out);
    return hs_strbuf_error(out);
}
