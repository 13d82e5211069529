/* The single containers that hold most, or more than before. A leak that adds to one object never shows in
 * the number of objects of a class; here it does. */
#include "section.h"

#include <inttypes.h>

#include "markup.h"

static void put_two(struct hs_strbuf *out, int64_t first, int64_t last, bool one, bool size) {
    void (*put)(struct hs_strbuf *, int64_t) = size ? markup_size : markup_count;
    if (!one && first != last) {
        put(out, first);
        hs_strbuf_puts(out, " → ");
    }
    put(out, last);
}

static void put_row(struct hs_strbuf *out, const struct report *report, const struct report_container *c) {
    bool one = report->trend->capture_count == 1;
    hs_strbuf_puts(out, "<tr><td class=\"name\"><code>");
    hs_html_put_name(out, c->path);
    hs_strbuf_puts(out, "</code><span class=\"where\">: ");
    hs_html_put_name(out, c->constructor);
    hs_strbuf_puts(out, "</span></td><td class=\"num\">");
    put_two(out, c->first_entries, c->last_entries, one, false);
    hs_strbuf_puts(out, "</td><td class=\"num opt\">");
    markup_count(out, c->capacity);
    hs_strbuf_puts(out, "</td><td class=\"num\">");
    put_two(out, c->first_retained, c->last_retained, one, true);
    if (!one) {
        bool both = c->first_retained != HS_SNAP_NULL && c->last_retained != HS_SNAP_NULL;
        hs_strbuf_printf(out, "</td><td class=\"num bytes opt%s\">",
                         both && c->first_retained != c->last_retained ? "" : " zero");
        markup_growth(out, both ? hs_trend_sum(c->last_retained, -c->first_retained) : HS_SNAP_NULL);
    }
    hs_strbuf_puts(out, "</td><td class=\"opt\">");
    if (c->keys) hs_html_put_name(out, c->keys);
    hs_strbuf_printf(out, "</td><td class=\"mono opt\">0x%" PRIx64 "</td></tr>\n", c->address);
}

void section_containers(struct hs_strbuf *out, const struct report *report) {
    size_t count = report->extra->container_count,
           shown = count < REPORT_CONTAINERS ? count : REPORT_CONTAINERS;
    if (!count) return;
    bool one = report->trend->capture_count == 1;
    hs_strbuf_puts(out, "<section id=\"containers\"><h2>Containers</h2>\n<p>");
    hs_strbuf_puts(out,
                   one ? "The single Maps, arrays and tables that retain most."
                       : "The single Maps, arrays and tables, those first that retain more than before. A "
                         "dash: not among the largest of that capture.");
    hs_strbuf_puts(
        out,
        "</p>\n<div class=\"wide\"><table><caption class=\"sr\">Containers</caption><thead><tr>"
        "<th scope=\"col\">Where</th><th scope=\"col\" class=\"num\">Entries</th>"
        "<th scope=\"col\" class=\"num opt\">Room for</th><th scope=\"col\" class=\"num\">Retained</th>");
    if (!one) hs_strbuf_puts(out, "<th scope=\"col\" class=\"num opt\">+ retained</th>");
    hs_strbuf_puts(out, "<th scope=\"col\" class=\"opt\">Keys</th><th scope=\"col\" "
                        "class=\"opt\">Address</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < shown; i++) put_row(out, report, &report->extra->containers[i]);
    hs_strbuf_puts(out, "</tbody></table></div>\n");
    if (shown < count) hs_strbuf_printf(out, "<p class=\"dim\">%zu more are not shown.</p>\n", count - shown);
    hs_strbuf_puts(out, "</section>\n");
}
