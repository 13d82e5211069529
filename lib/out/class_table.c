#include "out/class_table.h"

#include "base/escape.h"
#include "out/class_label.h"
#include "out/size.h"
#include "out/table.h"
#include "snap/time.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* No line of properties needs to be longer than the widest terminal. */
enum { PROPERTIES_MAX = 400, BAR_COLUMNS = 8 };

bool hs_class_sort_parse(const char *text, enum hs_class_sort *ret) {
    static const char *const names[] = {"bytes", "count", "retained", "name"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i])) continue;
        *ret = (enum hs_class_sort)i;
        return true;
    }
    return false;
}

static struct hs_error *write_out(FILE *stream, const struct hs_strbuf *text) {
    HS_TRY(hs_strbuf_error(text));
    if (fwrite(text->data, 1, text->size, stream) != text->size || fflush(stream))
        return hs_error_create_errno("cannot write the table");
    return NULL;
}

static void put_fact(struct hs_strbuf *out, const char *before, const char *value) {
    if (!value) return;
    hs_strbuf_puts(out, before);
    hs_escape_terminal_string(out, value);
}

struct hs_error *hs_class_table_heading(FILE *stream, const struct hs_snap_header *header,
                                        struct hs_terminal terminal) {
    HS_STRBUF_AUTO source = HS_STRBUF_INIT;
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    hs_escape_terminal_string(&source, header->source);
    hs_style_put(&out, terminal, HS_STYLE_BOLD, source.data, source.size);
    put_fact(&out, "  Node ", header->node);
    put_fact(&out, ", V8 ", header->v8);
    if (header->pid != HS_SNAP_NULL) hs_strbuf_printf(&out, ", pid %" PRId64, header->pid);
    char time[32];
    if (header->captured_at != HS_SNAP_NULL && hs_snap_time_print(header->captured_at, time))
        put_fact(&out, ", ", time);
    if (header->isolates != HS_SNAP_NULL && header->isolates > 1)
        hs_strbuf_printf(&out, ", %" PRId64 " isolates", header->isolates);
    hs_strbuf_puts(&out, "\n\n");
    return write_out(stream, &out);
}

/* Null stays null only if both are. A snapshot is not always ours: sums saturate. */
static void add(int64_t *sum, int64_t value) {
    if (value == HS_SNAP_NULL) return;
    if (*sum == HS_SNAP_NULL) *sum = value;
    else if (__builtin_add_overflow(*sum, value, sum)) *sum = INT64_MAX;
}

static void add_class(struct hs_snap_class *sum, const struct hs_snap_class *class) {
    add(&sum->count, class->count);
    add(&sum->bytes, class->bytes);
    add(&sum->reachable_count, class->reachable_count);
    add(&sum->reachable_bytes, class->reachable_bytes);
    add(&sum->retained_bytes, class->retained_bytes);
    add(&sum->elements, class->elements);
    if (!sum->sample) sum->sample = class->sample;
}

static int compare_numbers(int64_t a, int64_t b) {
    return a < b ? -1 : a > b;
}

static int compare_locations(const struct hs_snap_location *a, const struct hs_snap_location *b) {
    if (!a->script || !b->script) return !!a->script - !!b->script;
    int order = strcmp(a->script, b->script);
    if (!order) order = compare_numbers(a->line, b->line);
    return order ? order : compare_numbers(a->column, b->column);
}

static int compare_identity(const void *left, const void *right) {
    const struct hs_snap_class *a = left, *b = right;
    if (a->key.high != b->key.high) return a->key.high < b->key.high ? -1 : 1;
    if (a->key.low != b->key.low) return a->key.low < b->key.low ? -1 : 1;
    return compare_locations(&a->location, &b->location);
}

static int compare_names(const void *left, const void *right) {
    const struct hs_snap_class *a = left, *b = right;
    int order = strcmp(a->constructor, b->constructor);
    return order ? order : compare_identity(left, right);
}

static int compare_counts(const void *left, const void *right) {
    const struct hs_snap_class *a = left, *b = right;
    int order = compare_numbers(b->count, a->count);
    return order ? order : compare_names(left, right);
}

static int compare_bytes(const void *left, const void *right) {
    const struct hs_snap_class *a = left, *b = right;
    int order = compare_numbers(b->bytes, a->bytes);
    return order ? order : compare_names(left, right);
}

static int compare_retained(const void *left, const void *right) {
    const struct hs_snap_class *a = left, *b = right;
    int order = compare_numbers(b->retained_bytes, a->retained_bytes);
    return order ? order : compare_bytes(left, right);
}

/* Sorts by identity, adds neighbours that are one class, returns how many are left. */
static size_t merge_isolates(struct hs_snap_class *classes, size_t count) {
    if (!count) return 0;
    qsort(classes, count, sizeof *classes, compare_identity);
    size_t kept = 0;
    for (size_t i = 1; i < count; i++) {
        if (compare_identity(&classes[kept], &classes[i])) classes[++kept] = classes[i];
        else add_class(&classes[kept], &classes[i]);
    }
    return kept + 1;
}

/* Eighths of a block, so that a small share still shows. */
static void put_bar(struct hs_strbuf *out, int64_t part, int64_t whole, bool utf8) {
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    if (!utf8 || whole <= 0 || part <= 0) return;
    size_t units = (size_t)((double)part / (double)whole * BAR_COLUMNS * 8 + 0.5);
    for (size_t i = 0; i < units / 8; i++) hs_strbuf_puts(out, "█");
    hs_strbuf_puts(out, eighths[units % 8]);
}

struct layout {
    bool reachable, retained, bar;
};

static void put_size_cell(struct hs_table *table, struct hs_strbuf *text, enum hs_style style,
                          int64_t bytes) {
    hs_strbuf_clear(text);
    if (bytes == HS_SNAP_NULL) hs_strbuf_putc(text, '?');
    else hs_size_put(text, bytes, HS_SIGN_MINUS);
    hs_table_cell(table, style, text->data, text->size);
}

static void put_count_cell(struct hs_table *table, struct hs_strbuf *text, enum hs_style style,
                           int64_t count) {
    hs_strbuf_clear(text);
    if (count == HS_SNAP_NULL) hs_strbuf_putc(text, '?');
    else hs_count_put(text, count, HS_SIGN_MINUS);
    hs_table_cell(table, style, text->data, text->size);
}

static void put_numbers(struct hs_table *table, const struct layout *layout,
                        const struct hs_snap_class *class, const struct hs_snap_class *total, int64_t largest,
                        enum hs_style style) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    put_count_cell(table, &text, style, class->count);
    put_size_cell(table, &text, style, class->bytes);
    hs_strbuf_clear(&text);
    if (total->bytes > 0) hs_strbuf_printf(&text, "%.1f", (double)class->bytes * 100 / (double)total->bytes);
    hs_table_cell(table, style, text.data, text.size);
    if (layout->bar) {
        hs_strbuf_clear(&text);
        if (class != total) put_bar(&text, class->bytes, largest, true);
        hs_table_cell(table, HS_STYLE_CYAN, text.data, text.size);
    }
    if (layout->reachable) put_count_cell(table, &text, style, class->reachable_count);
    if (!layout->retained) return;
    if (style == HS_STYLE_PLAIN) put_size_cell(table, &text, style, class->retained_bytes);
    else hs_table_cell_string(table, style, ""); /* a sum */
}

static void put_class(struct hs_table *table, const struct layout *layout, const struct hs_snap_class *class,
                      const struct hs_snap_class *total, int64_t largest) {
    put_numbers(table, layout, class, total, largest, HS_STYLE_PLAIN);
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    if (class->sample) hs_strbuf_printf(&text, "0x%" PRIx64, class->sample);
    hs_table_cell(table, HS_STYLE_DIM, text.data, text.size);
    hs_strbuf_clear(&text);
    hs_class_label_put_head(&text, class->type, class->constructor);
    size_t head = text.size;
    hs_class_label_put_location(&text, class->location.script, class->location.line);
    hs_class_label_put_tail(&text, class->dictionary, class->properties, class->properties_length,
                            PROPERTIES_MAX);
    hs_table_cell_headed(table, HS_STYLE_PLAIN, text.data, text.size, head);
}

static void put_sum(struct hs_table *table, const struct layout *layout, const struct hs_snap_class *sum,
                    const struct hs_snap_class *total, const char *label) {
    put_numbers(table, layout, sum, total, 0, sum == total ? HS_STYLE_BOLD : HS_STYLE_DIM);
    hs_table_cell_string(table, HS_STYLE_PLAIN, "");
    hs_table_cell_string(table, sum == total ? HS_STYLE_BOLD : HS_STYLE_DIM, label);
}

static struct hs_error *fill_table(struct hs_table *table, const struct layout *layout,
                                   const struct hs_snap_class *classes, size_t count, size_t shown) {
    struct hs_snap_class total = {.reachable_count = HS_SNAP_NULL,
                                  .reachable_bytes = HS_SNAP_NULL,
                                  .retained_bytes = HS_SNAP_NULL,
                                  .elements = HS_SNAP_NULL};
    struct hs_snap_class rest = total;
    int64_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        add_class(i < shown ? &total : &rest, &classes[i]);
        if (classes[i].bytes > largest) largest = classes[i].bytes;
    }
    add_class(&total, &rest);
    /* Retained sizes overlap: a sum of them would count the same bytes many times. */
    total.retained_bytes = rest.retained_bytes = HS_SNAP_NULL;
    for (size_t i = 0; i < shown; i++) put_class(table, layout, &classes[i], &total, largest);
    hs_table_rule(table);
    HS_STRBUF_AUTO label = HS_STRBUF_INIT;
    if (shown < count) {
        hs_count_put(&label, (int64_t)(count - shown), HS_SIGN_MINUS);
        hs_strbuf_puts(&label, count - shown == 1 ? " more class not shown (use --top 0)"
                                                  : " more classes not shown (use --top 0)");
        put_sum(table, layout, &rest, &total, label.data);
    }
    hs_strbuf_clear(&label);
    hs_strbuf_puts(&label, "total of ");
    hs_count_put(&label, (int64_t)count, HS_SIGN_MINUS);
    hs_strbuf_puts(&label, count == 1 ? " class" : " classes");
    put_sum(table, layout, &total, &total, label.data);
    return hs_strbuf_error(&label);
}

static void classes_free(struct hs_snap_class **classes) {
    free(*classes);
}

static void table_free(struct hs_table **table) {
    hs_table_destroy(*table);
}

struct hs_error *hs_class_table_print(FILE *stream, const struct hs_snap_class *classes, size_t count,
                                      const struct hs_class_table_options *options) {
    struct hs_snap_class *sorted __attribute__((cleanup(classes_free))) =
        calloc(count ? count : 1, sizeof *sorted);
    if (!sorted) return HS_ENOMEM;
    if (count) memcpy(sorted, classes, count * sizeof *sorted);
    count = merge_isolates(sorted, count);
    struct layout layout = {.bar = options->terminal.utf8};
    for (size_t i = 0; i < count; i++) {
        layout.reachable |= sorted[i].reachable_count != HS_SNAP_NULL;
        layout.retained |= sorted[i].retained_bytes != HS_SNAP_NULL;
    }
    static int (*const orders[])(const void *, const void *) = {compare_bytes, compare_counts,
                                                                compare_retained, compare_names};
    qsort(sorted, count, sizeof *sorted, orders[options->sort]);
    struct hs_table_column columns[8];
    size_t n = 0;
    columns[n++] = (struct hs_table_column){"COUNT", HS_ALIGN_RIGHT, false};
    columns[n++] = (struct hs_table_column){"BYTES", HS_ALIGN_RIGHT, false};
    columns[n++] = (struct hs_table_column){"%", HS_ALIGN_RIGHT, false};
    if (layout.bar) columns[n++] = (struct hs_table_column){"", HS_ALIGN_LEFT, false};
    if (layout.reachable) columns[n++] = (struct hs_table_column){"REACHABLE", HS_ALIGN_RIGHT, false};
    if (layout.retained) columns[n++] = (struct hs_table_column){"RETAINED", HS_ALIGN_RIGHT, false};
    columns[n++] = (struct hs_table_column){"SAMPLE", HS_ALIGN_LEFT, false};
    columns[n++] = (struct hs_table_column){"CONSTRUCTOR: PROPERTIES", HS_ALIGN_LEFT, true};
    struct hs_table *table __attribute__((cleanup(table_free))) = NULL;
    HS_TRY(hs_table_create(columns, n, options->terminal, &table));
    HS_TRY(fill_table(table, &layout, sorted, count,
                      options->top && options->top < count ? options->top : count));
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    HS_TRY(hs_table_render(table, &out));
    return write_out(stream, &out);
}
