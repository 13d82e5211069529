/* Fuzzes what makes foreign text fit for a page: HTML text and attributes, JSON inside of <script>, names in
 * a plot, and the import of gnuplot's SVG. Whatever comes in, no character that could end its context comes
 * out, and JSON stays the value it was. */
#include "base/escape.h"
#include "base/utf8.h"
#include "out/figure.h"
#include "out/html.h"
#include "out/svg_import.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good) {
    if (!good) abort();
}

static void check_html(const struct hs_strbuf *out) {
    check(hs_utf8_valid(out->data, out->size));
    for (size_t i = 0; i < out->size; i++) {
        unsigned char c = (unsigned char)out->data[i];
        check(c != '<' && c != '>' && c != '"' && c != '\'' && c != 0x7F && (c >= 0x20 || c == '\n'));
    }
}

static void try_json(const char *text) {
    HS_STRBUF_AUTO json = HS_STRBUF_INIT;
    HS_STRBUF_AUTO safe = HS_STRBUF_INIT;
    hs_escape_json_string(&json, text);
    hs_html_put_json(&safe, json.data, json.size);
    check(!strpbrk(safe.data, "<>&") && !strstr(safe.data, "\xe2\x80\xa8") &&
          !strstr(safe.data, "\xe2\x80\xae"));
    json_t *a = json_loads(json.data, JSON_DECODE_ANY, NULL),
           *b = json_loads(safe.data, JSON_DECODE_ANY, NULL);
    check(a && b && json_equal(a, b));
    json_decref(a);
    json_decref(b);
}

/* Tags of ours only, each with attributes of ours only. */
static void try_svg(const uint8_t *data, size_t size) {
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    struct hs_error *error = hs_svg_import(&out, (const char *)data, size);
    hs_error_destroy(error);
    static const char *const tags[] = {"<path", "<polygon", "<circle", "<text", "</text"};
    static const char *const names[] = {
        " class=", " stroke-width=", " stroke-dasharray=", " d=",        " fill-opacity=", " points=",
        " r=",     " transform=",    " text-anchor=",      " font-size="};
    bool quoted = false, tag = false;
    for (const char *at = out.data; at < out.data + out.size; at++) {
        if (*at == '<') {
            bool known = false;
            for (size_t i = 0; i < 5; i++) known |= !strncmp(at, tags[i], strlen(tags[i]));
            check(known && !tag);
            tag = true;
        } else if (*at == '>' && !quoted) tag = false;
        else if (*at == '"' && tag) quoted = !quoted;
        else if (*at == ' ' && tag && !quoted) {
            bool known = false;
            for (size_t i = 0; i < 10; i++) known |= !strncmp(at, names[i], strlen(names[i]));
            check(known);
        }
    }
    check(!quoted && !tag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 1 << 16) return 0;
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    hs_html_put(&out, text, size);
    check_html(&out);
    hs_strbuf_clear(&out);
    hs_html_put_name(&out, text);
    check_html(&out);
    hs_strbuf_clear(&out);
    hs_figure_put_name(&out, text);
    check(hs_utf8_valid(out.data, out.size) && hs_utf8_width(out.data, out.size) <= HS_FIGURE_NAME);
    check(!strpbrk(out.data, "\"\\`\n\r\t\x1b"));
    try_json(text);
    try_svg(data, size);
    free(text);
    return 0;
}
