#include "page.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "figures.h"
#include "out/sparkline.h"
#include "out/trend_table.h"
#include "snap/outfile.h"
#include "trend/hint.h"
#include "words.h"

enum { WIDTH = 100, PLOT_HEIGHT = 24, PNG_WIDTH = 960, PNG_HEIGHT = 540 };

static void put_suspect(struct hs_strbuf *out, const struct report *report,
                        const struct hs_finding *finding) {
    hs_strbuf_printf(out, "\n%zu. ", finding->rank);
    words_put_class(out, finding->row, 0);
    hs_strbuf_printf(out, " [%s]\n   ", hs_verdict_name(finding->evidence.verdict));
    words_put_growth(out, report, finding);
    hs_strbuf_puts(out, "\n   ");
    words_put_slope(out, report, finding);
    hs_strbuf_putc(out, '\n');
    if (finding->holder) {
        hs_strbuf_puts(out, "   held by ");
        hs_escape_terminal_string(out, finding->holder);
        hs_strbuf_putc(out, '\n');
        const char *hint = hs_holder_hint(finding->most ? finding->most : finding->holder);
        if (hint) hs_strbuf_printf(out, "   that is: %s\n", hint);
    }
    for (size_t i = 0; i < finding->also_count && i < REPORT_OTHERS; i++) {
        hs_strbuf_puts(out, "   and by ");
        hs_escape_terminal_string(out, finding->also[i].holder);
        hs_strbuf_putc(out, '\n');
    }
    if (!finding->sample) return;
    HS_STRBUF_AUTO command = HS_STRBUF_INIT;
    hs_finding_put_command(report->trend, finding, &command);
    hs_strbuf_puts(out, "   $ ");
    hs_escape_terminal(out, command.data, command.size);
    hs_strbuf_putc(out, '\n');
}

/* Without gnuplot a line of blocks has to do. */
static void put_curves(struct hs_strbuf *out, const struct report *report) {
    for (size_t i = 0; i < report->finding_count && i < REPORT_LAYERS; i++) {
        const struct hs_finding *f = &report->trend->findings[i];
        hs_strbuf_puts(out, "  ");
        hs_sparkline_put(out, f->bytes, report->trend->capture_count, 40);
        hs_strbuf_puts(out, "  ");
        hs_finding_put_name(f, out);
        hs_strbuf_putc(out, '\n');
    }
}

static struct hs_error *put_plots(struct hs_strbuf *out, const struct report *report, unsigned width,
                                  bool utf8) {
    if (report->trend->capture_count < 2) return NULL;
    if (!report->gnuplot) {
        hs_strbuf_printf(out, "\nFigures: %s.\n", report->drawn_by);
        if (utf8) put_curves(out, report);
        return NULL;
    }
    struct figures figures;
    struct hs_error *error = figures_create(report, &figures);
    struct hs_gnuplot gnuplot = {report->gnuplot, width ? width : WIDTH, PLOT_HEIGHT, utf8};
    for (size_t i = 0; i < FIGURES_COUNT && !error; i++) {
        if (!figures.items[i].series_count) continue;
        hs_strbuf_putc(out, '\n');
        error = hs_figure_put_gnuplot(out, &figures.items[i], HS_FIGURE_TEXT, &gnuplot);
    }
    figures_deinit(&figures);
    return error;
}

struct hs_error *page_put_text(struct hs_strbuf *out, const struct report *report, unsigned width,
                               bool utf8) {
    struct hs_terminal terminal = {.width = width ? width : WIDTH, .utf8 = utf8};
    words_put_headline(out, report, "", "");
    hs_strbuf_puts(out, "\n");
    words_put_reason(out, report);
    hs_strbuf_puts(out, "\n");
    if (!report->summary) {
        for (size_t i = 0; i < report->trend->row_count && i < 20; i++) {
            const struct hs_trend_row *row = report->trend->rows[i];
            HS_STRBUF_AUTO size = HS_STRBUF_INIT;
            words_put_size(&size, row->bytes[0]);
            hs_strbuf_printf(out, "%12s  ", size.data);
            words_put_class(out, row, 40);
            hs_strbuf_putc(out, '\n');
        }
        return hs_strbuf_error(out);
    }
    for (size_t i = 0; i < report->finding_count && i < REPORT_SUSPECTS; i++)
        put_suspect(out, report, &report->trend->findings[i]);
    hs_strbuf_putc(out, '\n');
    struct hs_trend_table table = {report->trend, report->summary,        report->judge->ignore, terminal, 20,
                                   false,         report->judge->baseline};
    HS_TRY(hs_trend_table_put(out, &table));
    HS_TRY(put_plots(out, report, width, utf8));
    return hs_strbuf_error(out);
}

static struct hs_error *write_file(const char *path, const struct hs_strbuf *bytes) {
    struct hs_outfile *file;
    HS_TRY(hs_outfile_open(path, &file));
    struct hs_error *error = hs_outfile_write(file, bytes->data, bytes->size);
    if (!error) error = hs_outfile_commit(file);
    hs_outfile_destroy(file);
    return error;
}

struct hs_error *page_write_png(const struct report *report, const char *folder) {
    static const char *const names[FIGURES_COUNT] = {"growth.png", "heap.png"};
    if (!report->gnuplot)
        return hs_error_create(HS_ERROR_UNSUPPORTED, "--png needs gnuplot: %s", report->drawn_by);
    if (report->trend->capture_count < 2)
        return hs_error_create(HS_ERROR_FORMAT, "--png needs two captures: one has no curve");
    if (mkdir(folder, 0777) && errno != EEXIST) {
        HS_STRBUF_AUTO name = HS_STRBUF_INIT;
        hs_escape_terminal_string(&name, folder);
        return hs_error_create_errno("cannot make %s", name.data);
    }
    struct figures figures;
    struct hs_error *error = figures_create(report, &figures);
    struct hs_gnuplot gnuplot = {report->gnuplot, PNG_WIDTH, PNG_HEIGHT, true};
    for (size_t i = 0; i < FIGURES_COUNT && !error; i++) {
        if (!figures.items[i].series_count) continue;
        HS_STRBUF_AUTO png = HS_STRBUF_INIT;
        HS_STRBUF_AUTO path = HS_STRBUF_INIT;
        hs_strbuf_printf(&path, "%s/%s", folder, names[i]);
        error = hs_strbuf_error(&path);
        if (!error) error = hs_figure_put_gnuplot(&png, &figures.items[i], HS_FIGURE_PNG, &gnuplot);
        if (!error) error = write_file(path.data, &png);
    }
    figures_deinit(&figures);
    return error;
}
