#include "out/html.h"

#include "base/escape.h"
#include "base/utf8.h"
#include <string.h>

static const char *entity_of(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void hs_html_put(struct hs_strbuf *out, const char *text, size_t size) {
    size_t plain = 0; /* start of the run not yet appended */
    for (size_t at = 0; at < size;) {
        unsigned char byte = (unsigned char)text[at];
        uint32_t c = byte;
        size_t used = byte < 0x80 ? 1 : hs_utf8_decode(text + at, size - at, &c);
        const char *entity = byte < 0x80 ? entity_of((char)byte) : NULL;
        bool control = (c < 0x20 && c != '\n') || (c >= 0x7F && c < 0xA0);
        if (!entity && !control && c != HS_UTF8_INVALID) {
            at += used;
            continue;
        }
        hs_strbuf_append(out, text + plain, at - plain);
        if (entity) hs_strbuf_puts(out, entity);
        else if (control) hs_strbuf_putc(out, ' ');
        else hs_utf8_put(out, HS_UTF8_REPLACEMENT);
        at += used;
        plain = at;
    }
    if (plain < size) hs_strbuf_append(out, text + plain, size - plain);
}

void hs_html_puts(struct hs_strbuf *out, const char *text) {
    hs_html_put(out, text, strlen(text));
}

void hs_html_put_name(struct hs_strbuf *out, const char *name) {
    HS_STRBUF_AUTO visible = HS_STRBUF_INIT;
    hs_escape_terminal_string(&visible, name);
    if (visible.failed) out->failed = true;
    hs_html_put(out, visible.data, visible.size);
}

/* Line separators, which end a line in JavaScript, and what turns the direction of a page's source. */
static bool turns(uint32_t c) {
    return c == 0x61C || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

void hs_html_put_json(struct hs_strbuf *out, const char *json, size_t size) {
    size_t plain = 0; /* start of the run not yet appended */
    for (size_t at = 0; at < size;) {
        uint32_t c = (unsigned char)json[at];
        size_t used = c < 0x80 ? 1 : hs_utf8_decode(json + at, size - at, &c);
        if (c == '<' || c == '>' || c == '&' || turns(c)) {
            hs_strbuf_append(out, json + plain, at - plain);
            hs_strbuf_printf(out, "\\u%04x", c);
            plain = at + used;
        }
        at += used;
    }
    if (plain < size) hs_strbuf_append(out, json + plain, size - plain);
}
