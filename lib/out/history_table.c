#include "out/history_table.h"

#include "base/escape.h"
#include "out/class_label.h"
#include "out/size.h"
#include "out/sparkline.h"
#include "out/table.h"
#include "snap/time.h"
#include <inttypes.h>
#include <string.h>

enum { PROPERTIES_MAX = 400, CURVE_COLUMNS = 30, MINUTE = sizeof "2024-11-22T01:42" - 1 };

/* "2024-11-22 01:42", UTC. */
static void put_minute(struct hs_strbuf *out, int64_t ms) {
    char text[32];
    if (!hs_snap_time_print(ms, text)) {
        hs_strbuf_puts(out, "(unknown)");
        return;
    }
    text[MINUTE] = 0;
    text[sizeof "2024-11-22" - 1] = ' ';
    hs_strbuf_puts(out, text);
}

static void put_heading(struct hs_strbuf *out, const struct hs_history *h, bool utf8) {
    hs_strbuf_printf(out, "\n%zu night%s of ", h->night_count, h->night_count == 1 ? "" : "s");
    hs_escape_terminal_string(out, h->series);
    if (h->night_count) {
        hs_strbuf_puts(out, ": ");
        put_minute(out, h->nights[0].at);
        hs_strbuf_puts(out, utf8 ? " … " : " ... ");
        put_minute(out, h->nights[h->night_count - 1].at);
    }
    hs_strbuf_puts(out, "\n\n");
}

static enum hs_style style_of(const struct hs_history_row *row) {
    return !row->fresh ? HS_STYLE_DIM : row->verdict == HS_HISTORY_JUMPED ? HS_STYLE_YELLOW : HS_STYLE_RED;
}

static void put_row(struct hs_table *table, const struct hs_history_table *view,
                    const struct hs_history_row *row) {
    const struct hs_history *h = view->history;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_strbuf_printf(&text, "%zu", row->rank);
    hs_table_cell(table, HS_STYLE_PLAIN, text.data, text.size);
    hs_table_cell_string(table, style_of(row),
                         row->faster  ? "faster"
                         : row->known ? "known"
                                      : hs_history_verdict_name(row->verdict));
    hs_strbuf_clear(&text);
    put_minute(&text, h->nights[row->since].at);
    hs_table_cell(table, HS_STYLE_PLAIN, text.data, text.size);
    hs_strbuf_clear(&text);
    hs_count_put(&text, row->counts[h->night_count - 1], HS_SIGN_MINUS);
    hs_table_cell(table, HS_STYLE_DIM, text.data, text.size);
    hs_strbuf_clear(&text);
    hs_count_put(&text, row->count_delta, HS_SIGN_ALWAYS);
    hs_table_cell(table, HS_STYLE_PLAIN, text.data, text.size);
    hs_strbuf_clear(&text);
    hs_size_put(&text, row->bytes_delta, HS_SIGN_ALWAYS);
    hs_table_cell(table, HS_STYLE_BOLD, text.data, text.size);
    if (view->terminal.utf8) {
        hs_strbuf_clear(&text);
        hs_sparkline_put(&text, row->bytes, h->night_count, CURVE_COLUMNS);
        hs_table_cell(table, HS_STYLE_CYAN, text.data, text.size);
    }
    hs_strbuf_clear(&text);
    hs_class_label_put_head(&text, row->type, row->constructor);
    size_t head = text.size;
    hs_class_label_put_location(&text, row->location.script, row->location.line);
    hs_class_label_put_tail(&text, row->dictionary, row->properties, row->property_count, PROPERTIES_MAX);
    hs_table_cell_headed(table, HS_STYLE_PLAIN, text.data, text.size, head);
}

static void table_free(struct hs_table **table) {
    hs_table_destroy(*table);
}

static struct hs_error *put_rows(struct hs_strbuf *out, const struct hs_history_table *view) {
    const struct hs_history *h = view->history;
    struct hs_table_column columns[8];
    size_t n = 0, shown = view->top && view->top < h->found ? view->top : h->found;
    columns[n++] = (struct hs_table_column){"RANK", HS_ALIGN_RIGHT, false};
    columns[n++] = (struct hs_table_column){"VERDICT", HS_ALIGN_LEFT, false};
    columns[n++] = (struct hs_table_column){"SINCE", HS_ALIGN_LEFT, false};
    columns[n++] = (struct hs_table_column){"TONIGHT", HS_ALIGN_RIGHT, false};
    columns[n++] = (struct hs_table_column){"+COUNT", HS_ALIGN_RIGHT, false};
    columns[n++] = (struct hs_table_column){"+BYTES", HS_ALIGN_RIGHT, false};
    if (view->terminal.utf8) columns[n++] = (struct hs_table_column){"", HS_ALIGN_LEFT, false};
    columns[n++] = (struct hs_table_column){"CLASS: PROPERTIES", HS_ALIGN_LEFT, true};
    struct hs_table *table __attribute__((cleanup(table_free))) = NULL;
    HS_TRY(hs_table_create(columns, n, view->terminal, &table));
    for (size_t i = 0; i < shown; i++) put_row(table, view, &h->rows[i]);
    HS_TRY(hs_table_render(table, out));
    if (shown < h->found) hs_strbuf_printf(out, "%zu more not shown (use --top 0)\n", h->found - shown);
    hs_strbuf_putc(out, '\n');
    return NULL;
}

struct hs_error *hs_history_table_put(struct hs_strbuf *out, const struct hs_history_table *view) {
    const struct hs_history *h = view->history;
    put_heading(out, h, view->terminal.utf8);
    if (h->found) HS_TRY(put_rows(out, view));
    enum hs_style style = h->result == HS_RESULT_GROWTH   ? HS_STYLE_RED
                          : h->result == HS_RESULT_STEADY ? HS_STYLE_GREEN
                                                          : HS_STYLE_YELLOW;
    const char *name = hs_result_name(h->result);
    hs_style_put(out, view->terminal, style, name, strlen(name));
    hs_strbuf_printf(out, " over the nights: %s.\n", h->reason);
    return hs_strbuf_error(out);
}

void hs_history_night_put_head(struct hs_strbuf *out) {
    hs_strbuf_puts(out, "  NIGHT  WHEN              CAPTURES  FINDINGS  NODE      SERIES: SOURCE\n");
}

void hs_history_night_put(struct hs_strbuf *out, const char *series, const struct hs_history_night *night) {
    hs_strbuf_printf(out, "%7" PRId64 "  ", night->id);
    size_t before = out->size;
    put_minute(out, night->at);
    hs_strbuf_fill(out, ' ', out->size - before < 18 ? 18 - (out->size - before) : 1);
    hs_strbuf_printf(out, "%8zu  %8zu  ", night->captures, night->findings);
    before = out->size;
    hs_escape_terminal_string(out, night->node);
    hs_strbuf_fill(out, ' ', out->size - before < 10 ? 10 - (out->size - before) : 1);
    hs_escape_terminal_string(out, series);
    hs_strbuf_puts(out, ": ");
    hs_escape_terminal_string(out, night->source);
    hs_strbuf_puts(out, night->complete ? "\n" : " (partial)\n");
}
