#define _GNU_SOURCE 1 /* mkdtemp, asprintf */
#include "out/figure_gnuplot.h"

#include "base/child.h"
#include "out/svg_import.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIMIT_MS = 20000, LIMIT_BYTES = 16 << 20, INK = 1, GRID = 2, TEXT = 3, FIRST_SERIES = 16 };

/* In SVG a colour is a number that a style sheet gives a meaning (out/svg_import.h). */
static void put_color(struct hs_strbuf *out, enum hs_figure_format format, unsigned role, const char *color) {
    if (format == HS_FIGURE_SVG) hs_strbuf_printf(out, "rgb '#0000%02x'", role);
    else hs_strbuf_printf(out, "rgb '%s'", color);
}

static void put_terminal(struct hs_strbuf *out, enum hs_figure_format format, const struct hs_gnuplot *g) {
    hs_strbuf_puts(out, "set encoding utf8\n");
    if (format == HS_FIGURE_SVG)
        hs_strbuf_printf(out, "set terminal svg size %u,%u noenhanced font 'sans,13'\n", g->width, g->height);
    else if (format == HS_FIGURE_PNG)
        hs_strbuf_printf(out,
                         "set terminal pngcairo size %u,%u noenhanced font 'sans,13' background '#ffffff'\n",
                         g->width, g->height);
    else hs_strbuf_printf(out, "set terminal dumb size %u,%u noenhanced mono\n", g->width, g->height);
}

static void put_ticks(struct hs_strbuf *out, char axis, const struct hs_figure_scale *scale) {
    hs_strbuf_printf(out, "set %crange [%.17g:%.17g]\nset %ctics (", axis, scale->low, scale->high, axis);
    for (size_t i = 0; i < scale->tick_count; i++) {
        hs_strbuf_puts(out, i ? ", '" : "'");
        if (axis == 'y') hs_figure_put_bytes(out, scale->ticks[i]);
        else hs_strbuf_printf(out, "%.6g", scale->ticks[i]);
        hs_strbuf_printf(out, "' %.17g", scale->ticks[i]);
    }
    hs_strbuf_puts(out, ")\n");
}

static void put_frame(struct hs_strbuf *out, const struct hs_figure *figure, enum hs_figure_format format) {
    struct hs_figure_scale x = hs_figure_scale_x(figure), y = hs_figure_scale_y(figure);
    put_ticks(out, 'x', &x);
    put_ticks(out, 'y', &y);
    hs_strbuf_puts(out, "set border 1 lw 1 lc ");
    put_color(out, format, INK, "#4a5560");
    hs_strbuf_puts(out, "\nset xtics nomirror out scale 0.5 textcolor ");
    put_color(out, format, TEXT, "#4a5560");
    hs_strbuf_puts(out, "\nset ytics nomirror scale 0 textcolor ");
    put_color(out, format, TEXT, "#4a5560");
    hs_strbuf_puts(out, "\nset grid ytics lt 1 lw 1 lc ");
    put_color(out, format, GRID, "#d9dee3");
    hs_strbuf_printf(out, "\nset xlabel '%s' textcolor ", figure->x_label);
    put_color(out, format, TEXT, "#4a5560");
    hs_strbuf_putc(out, '\n');
    if (format == HS_FIGURE_SVG) {
        hs_strbuf_puts(out, "unset key\nset tmargin 0.8\nset rmargin 2\n");
        return;
    }
    hs_strbuf_printf(out, "set title '%s' noenhanced\n", figure->title);
    hs_strbuf_puts(out, format == HS_FIGURE_TEXT
                            ? "set key below vertical maxrows 10 left Left reverse noenhanced\nunset grid\n"
                            : "set key outside below vertical maxrows 4 left Left reverse noenhanced\n"
                              "set rmargin 4\n");
}

/* Columns of the data file: x, then three a series. */
static unsigned column(size_t series, unsigned which) {
    return 2 + 3 * (unsigned)series + which;
}

static void put_plots(struct hs_strbuf *out, const struct hs_figure *figure, enum hs_figure_format format) {
    const char *dot =
        format == HS_FIGURE_SVG ? "linespoints lw 2 pt 7 ps 0.45" : "linespoints lw 2 pt 7 ps 0.6";
    bool stack = figure->kind == HS_FIGURE_STACK, text = format == HS_FIGURE_TEXT;
    size_t done = 0;
    hs_strbuf_puts(out, "plot ");
    for (size_t i = 0; i < figure->series_count; i++) {
        const struct hs_figure_series *s = &figure->series[i];
        if (text || (!stack && !s->low)) continue;
        hs_strbuf_printf(out, "%s'figure.dat' skip 1 using 1:%u:%u with filledcurves lc ", done++ ? ", " : "",
                         column(i, 1), column(i, 2));
        put_color(out, format, FIRST_SERIES + s->color, hs_figure_color(s->color));
        hs_strbuf_printf(out, stack ? " fs solid 1.0 noborder" : " fs transparent solid 0.15 noborder");
        hs_strbuf_puts(out, !stack || format == HS_FIGURE_SVG ? " notitle" : " title columnheader");
        if (stack && format != HS_FIGURE_SVG) hs_strbuf_printf(out, "(%u)", column(i, 0));
    }
    for (size_t i = 0; i < figure->series_count && (!stack || text); i++) {
        const struct hs_figure_series *s = &figure->series[i];
        hs_strbuf_printf(out, "%s'figure.dat' using 1:%u with %s lc ", done++ ? ", " : "",
                         column(i, stack ? 2 : 0), text ? "lines" : dot);
        put_color(out, format, FIRST_SERIES + s->color, hs_figure_color(s->color));
        hs_strbuf_printf(out, " title columnheader(%u)", column(i, 0));
    }
    hs_strbuf_putc(out, '\n');
}

static void put_number(struct hs_strbuf *out, double value) {
    if (isfinite(value)) hs_strbuf_printf(out, " %.17g", value);
    else hs_strbuf_puts(out, " NaN");
}

static void put_data(struct hs_strbuf *out, const struct hs_figure *figure) {
    hs_strbuf_puts(out, "x");
    for (size_t i = 0; i < figure->series_count; i++) {
        HS_STRBUF_AUTO name = HS_STRBUF_INIT;
        hs_figure_put_name(&name, figure->series[i].name);
        hs_strbuf_printf(out, " \"%s\" low high", name.data);
    }
    for (size_t k = 0; k < figure->count; k++) {
        hs_strbuf_printf(out, "\n%.17g", figure->x[k]);
        double sum = 0;
        for (size_t i = 0; i < figure->series_count; i++) {
            const struct hs_figure_series *s = &figure->series[i];
            bool stack = figure->kind == HS_FIGURE_STACK;
            put_number(out, s->values[k]);
            put_number(out, stack ? sum : s->low ? s->low[k] : NAN);
            sum += s->values[k];
            put_number(out, stack ? sum : s->high ? s->high[k] : NAN);
        }
    }
    hs_strbuf_putc(out, '\n');
}

static struct hs_error *write_file(const char *folder, const char *name, const struct hs_strbuf *text) {
    HS_TRY(hs_strbuf_error(text));
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) < 0) return HS_ENOMEM;
    FILE *file = fopen(path, "wx");
    free(path);
    bool good = file && fwrite(text->data, 1, text->size, file) == text->size;
    if (file && fclose(file)) good = false;
    return good ? NULL : hs_error_create_errno("cannot write gnuplot's %s", name);
}

static void remove_file(const char *folder, const char *name) {
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) < 0) return;
    unlink(path);
    free(path);
}

static struct hs_error *run(struct hs_strbuf *out, const char *folder, const char *program,
                            const struct hs_strbuf *script, const struct hs_strbuf *data) {
    HS_TRY(write_file(folder, "figure.dat", data));
    HS_TRY(write_file(folder, "figure.gp", script));
    /* -d: nobody's ~/.gnuplot changes the figure. */
    const char *argv[] = {program, "-d", "figure.gp", NULL};
    struct hs_child child = {argv, folder, LIMIT_MS, LIMIT_BYTES};
    return hs_child_run(&child, out);
}

struct hs_error *hs_figure_put_gnuplot(struct hs_strbuf *out, const struct hs_figure *figure,
                                       enum hs_figure_format format, const struct hs_gnuplot *gnuplot) {
    HS_STRBUF_AUTO script = HS_STRBUF_INIT;
    HS_STRBUF_AUTO data = HS_STRBUF_INIT;
    HS_STRBUF_AUTO drawn = HS_STRBUF_INIT;
    put_terminal(&script, format, gnuplot);
    put_frame(&script, figure, format);
    put_plots(&script, figure, format);
    put_data(&data, figure);
    const char *base = getenv("TMPDIR");
    char *folder;
    if (asprintf(&folder, "%s/heapreport.XXXXXX", base && *base ? base : "/tmp") < 0) return HS_ENOMEM;
    struct hs_error *error = mkdtemp(folder) ? run(&drawn, folder, gnuplot->program, &script, &data)
                                             : hs_error_create_errno("cannot make a folder for gnuplot in %s",
                                                                     base ? base : "/tmp");
    remove_file(folder, "figure.gp");
    remove_file(folder, "figure.dat");
    rmdir(folder);
    free(folder);
    HS_TRY(error);
    if (format == HS_FIGURE_SVG) return hs_svg_import(out, drawn.data, drawn.size);
    hs_strbuf_append(out, drawn.data, drawn.size);
    return hs_strbuf_error(out);
}

struct hs_error *hs_gnuplot_version(const struct hs_gnuplot *gnuplot, struct hs_strbuf *out) {
    const char *argv[] = {gnuplot->program, "--version", NULL};
    struct hs_child child = {argv, NULL, LIMIT_MS, 256};
    HS_TRY(hs_child_run(&child, out));
    while (out->size && out->data[out->size - 1] == '\n') hs_strbuf_truncate(out, out->size - 1);
    return NULL;
}
