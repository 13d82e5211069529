#include "base/escape.h"

#include "base/utf8.h"
#include <string.h>

struct range {
    uint32_t first, last;
};

/* Code points that move the cursor, turn the direction, draw nothing or join others: Unicode 15 general
 * categories Cc, Cf, Zl, Zp, Co and Cs, with the variation selectors and fillers that are invisible though
 * they are letters or marks. Ascending. A combining mark stays: it is text, if a dense one. */
static const struct range UNSAFE[] = {
    {0x0000, 0x001F},    {0x007F, 0x009F},   {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x0600, 0x0605},
    {0x061C, 0x061C},    {0x06DD, 0x06DD},   {0x070F, 0x070F},   {0x0890, 0x0891},   {0x08E2, 0x08E2},
    {0x115F, 0x1160},    {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F},    {0x3164, 0x3164},   {0xD800, 0xF8FF},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},    {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD},
    {0x13430, 0x1343F},  {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0x1FFFE, 0x1FFFF}, {0x2FFFE, 0x2FFFF},
    {0x3FFFE, 0x10FFFF},
};

static bool is_unsafe(uint32_t c) {
    size_t low = 0, high = sizeof UNSAFE / sizeof *UNSAFE;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c > UNSAFE[middle].last) low = middle + 1;
        else high = middle;
    }
    return low < sizeof UNSAFE / sizeof *UNSAFE && c >= UNSAFE[low].first;
}

void hs_escape_terminal(struct hs_strbuf *out, const char *text, size_t size) {
    size_t plain = 0; /* start of the run not yet appended */
    for (size_t at = 0; at < size;) {
        unsigned char byte = (unsigned char)text[at];
        if (byte >= 0x20 && byte < 0x7F && byte != '\\') {
            at++;
            continue;
        }
        uint32_t c;
        size_t used = hs_utf8_decode(text + at, size - at, &c);
        if (c != HS_UTF8_INVALID && c != '\\' && !is_unsafe(c)) {
            at += used;
            continue;
        }
        hs_strbuf_append(out, text + plain, at - plain);
        if (c == HS_UTF8_INVALID) {
            for (size_t i = 0; i < used; i++) hs_strbuf_printf(out, "\\x%02x", (unsigned char)text[at + i]);
        } else if (c == '\\') {
            hs_strbuf_puts(out, "\\\\");
        } else if (c == '\n') {
            hs_strbuf_puts(out, "\\n");
        } else if (c == '\r') {
            hs_strbuf_puts(out, "\\r");
        } else if (c == '\t') {
            hs_strbuf_puts(out, "\\t");
        } else {
            hs_strbuf_printf(out, "\\u{%x}", c);
        }
        at += used;
        plain = at;
    }
    if (plain < size) hs_strbuf_append(out, text + plain, size - plain);
}

void hs_escape_terminal_string(struct hs_strbuf *out, const char *text) {
    if (text) hs_escape_terminal(out, text, strlen(text));
    else hs_strbuf_puts(out, "(unknown)");
}

void hs_escape_json(struct hs_strbuf *out, const char *text, size_t size) {
    size_t plain = 0;
    for (size_t at = 0; at < size;) {
        unsigned char byte = (unsigned char)text[at];
        size_t used = 1;
        uint32_t c = byte;
        if (byte >= 0x80) used = hs_utf8_decode(text + at, size - at, &c);
        /* DEL and C1 are legal in JSON, but a person may cat the stream at a terminal; U+2028 breaks lines in
         * JavaScript. */
        bool escape = c == '"' || c == '\\' || c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 ||
                      c == 0x2029 || c == HS_UTF8_INVALID;
        if (!escape) {
            at += used;
            continue;
        }
        hs_strbuf_append(out, text + plain, at - plain);
        switch (c) {
        case '"':
            hs_strbuf_puts(out, "\\\"");
            break;
        case '\\':
            hs_strbuf_puts(out, "\\\\");
            break;
        case '\n':
            hs_strbuf_puts(out, "\\n");
            break;
        case '\r':
            hs_strbuf_puts(out, "\\r");
            break;
        case '\t':
            hs_strbuf_puts(out, "\\t");
            break;
        case HS_UTF8_INVALID:
            hs_utf8_put(out, HS_UTF8_REPLACEMENT);
            break;
        default:
            hs_strbuf_printf(out, "\\u%04x", c);
        }
        at += used;
        plain = at;
    }
    if (plain < size) hs_strbuf_append(out, text + plain, size - plain);
}

void hs_escape_json_string(struct hs_strbuf *out, const char *text) {
    if (!text) {
        hs_strbuf_puts(out, "null");
        return;
    }
    hs_strbuf_putc(out, '"');
    hs_escape_json(out, text, strlen(text));
    hs_strbuf_putc(out, '"');
}
