#define _GNU_SOURCE 1 /* reallocarray */
#include "out/table.h"

#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

enum { GAP = 2, FLEXIBLE_MIN = 20 };

struct cell {
    size_t start, size; /* in `text` */
    size_t head;        /* bytes in bold */
    size_t width;       /* columns */
    enum hs_style style;
};

struct hs_table {
    struct hs_table_column *columns;
    size_t column_count;
    struct hs_terminal terminal;
    struct hs_strbuf text;
    struct cell *cells; /* whole rows but for the last */
    size_t cell_count, cell_capacity;
    size_t *rules; /* numbers of the rows that have a line before them, ascending */
    size_t rule_count;
    bool failed;
};

struct hs_error *hs_table_create(const struct hs_table_column *columns, size_t count,
                                 struct hs_terminal terminal, struct hs_table **ret) {
    struct hs_table *table = calloc(1, sizeof *table);
    if (!table) return HS_ENOMEM;
    hs_strbuf_init(&table->text);
    table->columns = calloc(count, sizeof *columns);
    if (!table->columns) {
        hs_table_destroy(table);
        return HS_ENOMEM;
    }
    memcpy(table->columns, columns, count * sizeof *columns);
    table->column_count = count;
    table->terminal = terminal;
    *ret = table;
    return NULL;
}

void hs_table_destroy(struct hs_table *table) {
    if (!table) return;
    hs_strbuf_deinit(&table->text);
    free(table->columns);
    free(table->cells);
    free(table->rules);
    free(table);
}

/* A terminal that does not speak UTF-8 may take the bytes 0x80 to 0x9f for control characters. */
static void put_ascii(struct hs_strbuf *out, const char *text, size_t size) {
    for (size_t at = 0; at < size;) {
        uint32_t c;
        size_t used = hs_utf8_decode(text + at, size - at, &c);
        if (c < 0x80) hs_strbuf_putc(out, (char)c);
        else if (c == HS_UTF8_INVALID) hs_strbuf_putc(out, '?');
        else hs_strbuf_printf(out, "\\u{%x}", c);
        at += used;
    }
}

void hs_table_cell_headed(struct hs_table *table, enum hs_style style, const char *text, size_t size,
                          size_t head) {
    if (table->cell_count == table->cell_capacity) {
        size_t capacity = table->cell_capacity ? table->cell_capacity * 2 : 256;
        struct cell *cells = reallocarray(table->cells, capacity, sizeof *cells);
        if (!cells) {
            table->failed = true;
            return;
        }
        table->cells = cells;
        table->cell_capacity = capacity;
    }
    struct cell cell = {.start = table->text.size, .style = style};
    if (head > size) head = size;
    if (table->terminal.utf8) {
        hs_strbuf_append(&table->text, text, size);
        cell.head = head;
    } else {
        put_ascii(&table->text, text, head);
        cell.head = table->text.size - cell.start;
        put_ascii(&table->text, text + head, size - head);
    }
    if (table->text.failed) return;
    cell.size = table->text.size - cell.start;
    cell.width = hs_utf8_width(table->text.data + cell.start, cell.size);
    table->cells[table->cell_count++] = cell;
}

void hs_table_cell(struct hs_table *table, enum hs_style style, const char *text, size_t size) {
    hs_table_cell_headed(table, style, text, size, 0);
}

void hs_table_cell_string(struct hs_table *table, enum hs_style style, const char *text) {
    hs_table_cell_headed(table, style, text, strlen(text), 0);
}

void hs_table_row_end(struct hs_table *table) {
    while (table->cell_count % table->column_count && !table->failed && !table->text.failed)
        hs_table_cell(table, HS_STYLE_PLAIN, "", 0);
}

void hs_table_rule(struct hs_table *table) {
    size_t *rules = reallocarray(table->rules, table->rule_count + 1, sizeof *rules);
    if (!rules) {
        table->failed = true;
        return;
    }
    table->rules = rules;
    rules[table->rule_count++] = table->cell_count / table->column_count;
}

void hs_style_put(struct hs_strbuf *out, struct hs_terminal terminal, enum hs_style style, const char *text,
                  size_t size) {
    static const char *const codes[] = {"", "1", "2", "31", "33", "32", "36"};
    if (!size) return;
    bool styled = terminal.color && style != HS_STYLE_PLAIN;
    if (styled) hs_strbuf_printf(out, "\033[%sm", codes[style]);
    hs_strbuf_append(out, text, size);
    if (styled) hs_strbuf_puts(out, "\033[0m");
}

static void render_cell(const struct hs_table *table, struct hs_strbuf *out, size_t column,
                        const struct cell *cell, const char *text, size_t width) {
    const struct hs_table_column *c = &table->columns[column];
    size_t size = cell->size, shown = cell->width;
    const char *ellipsis = "";
    if (cell->width > width) {
        ellipsis = table->terminal.utf8 ? "…" : "...";
        size_t columns = table->terminal.utf8 ? 1 : 3;
        size = hs_utf8_fit(text, cell->size, width - columns, &shown);
        shown += columns;
    }
    size_t head = cell->head < size ? cell->head : size, space = width - shown;
    bool last = column + 1 == table->column_count;
    if (c->align == HS_ALIGN_RIGHT) hs_strbuf_fill(out, ' ', space);
    hs_style_put(out, table->terminal, HS_STYLE_BOLD, text, head);
    hs_style_put(out, table->terminal, cell->style, text + head, size - head);
    hs_style_put(out, table->terminal, cell->style, ellipsis, strlen(ellipsis));
    if (c->align == HS_ALIGN_LEFT && !last) hs_strbuf_fill(out, ' ', space);
    if (!last) hs_strbuf_fill(out, ' ', GAP);
}

/* Natural widths; the flexible column is cut to what the terminal leaves. Returns the width of a whole line.
 */
static size_t find_widths(const struct hs_table *table, size_t *widths) {
    for (size_t i = 0; i < table->column_count; i++)
        widths[i] = hs_utf8_width(table->columns[i].title, strlen(table->columns[i].title));
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t *width = &widths[i % table->column_count];
        if (table->cells[i].width > *width) *width = table->cells[i].width;
    }
    size_t total = GAP * (table->column_count - 1), flexible = table->column_count;
    for (size_t i = 0; i < table->column_count; i++) {
        total += widths[i];
        if (table->columns[i].flexible) flexible = i;
    }
    if (flexible < table->column_count && table->terminal.width && total > table->terminal.width) {
        size_t rest = total - widths[flexible];
        size_t room =
            rest + FLEXIBLE_MIN < table->terminal.width ? table->terminal.width - rest : FLEXIBLE_MIN;
        if (room < widths[flexible]) widths[flexible] = room;
        total = rest + widths[flexible];
    }
    return total;
}

static void trim_line(struct hs_strbuf *out, size_t start) {
    while (out->size > start && out->data[out->size - 1] == ' ') hs_strbuf_truncate(out, out->size - 1);
}

static void widths_free(size_t **widths) {
    free(*widths);
}

struct hs_error *hs_table_render(const struct hs_table *table, struct hs_strbuf *out) {
    if (table->failed) return HS_ENOMEM;
    HS_TRY(hs_strbuf_error(&table->text));
    size_t *widths __attribute__((cleanup(widths_free))) = calloc(table->column_count, sizeof *widths);
    if (!widths) return HS_ENOMEM;
    size_t total = find_widths(table, widths);
    size_t start = out->size;
    for (size_t i = 0; i < table->column_count; i++) {
        const char *title = table->columns[i].title;
        struct cell cell = {
            .size = strlen(title), .width = hs_utf8_width(title, strlen(title)), .style = HS_STYLE_DIM};
        render_cell(table, out, i, &cell, title, widths[i]);
    }
    trim_line(out, start);
    hs_strbuf_putc(out, '\n');
    size_t rule = 0;
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t column = i % table->column_count;
        if (!column) {
            for (; rule < table->rule_count && table->rules[rule] == i / table->column_count; rule++) {
                for (size_t k = 0; k < total; k++)
                    hs_style_put(out, table->terminal, HS_STYLE_PLAIN, table->terminal.utf8 ? "─" : "-",
                                 table->terminal.utf8 ? 3 : 1);
                hs_strbuf_putc(out, '\n');
            }
            start = out->size;
        }
        render_cell(table, out, column, &table->cells[i], table->text.data + table->cells[i].start,
                    widths[column]);
        if (column + 1 == table->column_count) {
            trim_line(out, start);
            hs_strbuf_putc(out, '\n');
        }
    }
    return hs_strbuf_error(out);
}
