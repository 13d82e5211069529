/* A table for people: aligned, coloured, cut to the width of the terminal.
 *
 * Cells are given row by row and printed at the end, when the widths are known. One column may be flexible:
 * it takes what the others leave and is cut with an ellipsis, so that no line wraps; the others are never
 * cut. Cell text must already be escaped (base/escape.h); on a terminal without UTF-8 the table escapes what
 * is not ASCII itself. Widths are terminal columns, not bytes. Memory that runs out is remembered and
 * reported by hs_table_render(). One thread at a time. */
#ifndef HS_OUT_TABLE_H
#define HS_OUT_TABLE_H

#include "base/strbuf.h"
#include "out/terminal.h"

enum hs_style {
    HS_STYLE_PLAIN,
    HS_STYLE_BOLD,
    HS_STYLE_DIM,
    HS_STYLE_RED,
    HS_STYLE_YELLOW,
    HS_STYLE_GREEN,
    HS_STYLE_CYAN
};
enum hs_align { HS_ALIGN_LEFT, HS_ALIGN_RIGHT };

struct hs_table_column {
    const char *title;
    enum hs_align align;
    bool flexible; /* at most one */
};

struct hs_table;

/* Copies the columns; their titles are borrowed. */
struct hs_error *hs_table_create(const struct hs_table_column *columns, size_t count,
                                 struct hs_terminal terminal, struct hs_table **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_table_destroy(struct hs_table *table);

/* The next cell of the current row; the row ends with the last column. */
void hs_table_cell(struct hs_table *table, enum hs_style style, const char *text, size_t size);
/* The same for a NUL-terminated text. */
void hs_table_cell_string(struct hs_table *table, enum hs_style style, const char *text);
/* The first `head` bytes in bold, the rest in `style`. */
void hs_table_cell_headed(struct hs_table *table, enum hs_style style, const char *text, size_t size,
                          size_t head);
/* Fills the rest of the row with empty cells. */
void hs_table_row_end(struct hs_table *table);
/* A line between the rows before and after. */
void hs_table_rule(struct hs_table *table);

/* Appends the whole table, each line indented by nothing and ended by a line feed. */
struct hs_error *hs_table_render(const struct hs_table *table, struct hs_strbuf *out) HS_MUST_CHECK;

/* Wraps `text` in the escape sequences of a style, if the terminal has colour. */
void hs_style_put(struct hs_strbuf *out, struct hs_terminal terminal, enum hs_style style, const char *text,
                  size_t size);

#endif
