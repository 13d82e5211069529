#include "out/escape_markup.h"

#include "base/escape.h"
#include "base/utf8.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { REPLACEMENT_SIZE = 24 };

struct neighbours {
    unsigned char before, after; /* bytes; 0 at the ends */
};

/* What stands for `c` in one context, in `buffer` if it has to be made; NULL: it stands for itself. */
typedef const char *replace_function(uint32_t c, struct neighbours beside, char *buffer);

static void escape(struct hs_strbuf *out, const char *text, size_t size, replace_function *replace) {
    size_t plain = 0; /* start of the run not yet appended */
    for (size_t at = 0; at < size;) {
        uint32_t c;
        char buffer[REPLACEMENT_SIZE];
        size_t used = hs_utf8_decode(text + at, size - at, &c);
        struct neighbours beside = {at ? (unsigned char)text[at - 1] : 0,
                                    at + used < size ? (unsigned char)text[at + used] : 0};
        const char *instead = c == HS_UTF8_INVALID ? "\xEF\xBF\xBD" : replace(c, beside, buffer);
        if (instead) {
            hs_strbuf_append(out, text + plain, at - plain);
            hs_strbuf_puts(out, instead);
            plain = at + used;
        }
        at += used;
    }
    if (plain < size) hs_strbuf_append(out, text + plain, size - plain);
}

static const char *replace_xml(uint32_t c, struct neighbours beside, char *buffer) {
    (void)beside;
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;"; /* "]]>" is forbidden in content */
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    }
    /* Changed by a parser that meets them raw, or not fit for a terminal that shows the file. */
    if (c == '\r' || (c >= 0x7F && c < 0xA0) || c == 0x2028) {
        snprintf(buffer, REPLACEMENT_SIZE, "&#x%" PRIX32 ";", c);
        return buffer;
    }
    if (c == '\t' || c == '\n') return NULL;
    return c < 0x20 || c == 0xFFFE || c == 0xFFFF ? "\xEF\xBF\xBD" : NULL;
}

static const char *replace_xml_attribute(uint32_t c, struct neighbours beside, char *buffer) {
    if (c == '\t') return "&#x9;";
    if (c == '\n') return "&#xA;";
    return replace_xml(c, beside, buffer);
}

void hs_escape_xml(struct hs_strbuf *out, const char *text, size_t size) {
    escape(out, text, size, replace_xml);
}

void hs_escape_xml_attribute(struct hs_strbuf *out, const char *text, size_t size) {
    escape(out, text, size, replace_xml_attribute);
}

static const char *replace_code(uint32_t c, struct neighbours beside, char *buffer) {
    (void)beside;
    if (c != '`' && c != '|') return NULL;
    snprintf(buffer, REPLACEMENT_SIZE, "\\u{%" PRIx32 "}", c);
    return buffer;
}

/* Backslashes are doubled by hs_escape_terminal(): they are taken back, so that names that went through it
 * already are not escaped twice. */
static void disarm(struct hs_strbuf *out, const char *text, size_t size) {
    for (size_t at = 0; at < size;) {
        const char *slash = memchr(text + at, '\\', size - at);
        size_t run = slash ? (size_t)(slash - text) - at : size - at;
        hs_escape_terminal(out, text + at, run);
        if (slash) hs_strbuf_putc(out, '\\');
        at += run + (slash != NULL);
    }
}

void hs_escape_markdown_code(struct hs_strbuf *out, const char *text, size_t size) {
    HS_STRBUF_AUTO visible = HS_STRBUF_INIT;
    disarm(&visible, text, size);
    out->failed |= visible.failed;
    hs_strbuf_putc(out, '`');
    if (visible.size) escape(out, visible.data, visible.size, replace_code);
    else hs_strbuf_puts(out, "(empty)");
    /* A parser strips a space from both ends if both have one: nothing is lost that a reader could see. */
    hs_strbuf_putc(out, '`');
}

static const char *replace_text(uint32_t c, struct neighbours beside, char *buffer) {
    if (c >= 0x80 || !ispunct((int)c)) return NULL;
    bool word = isalnum(beside.after) || beside.after >= 0x80 || beside.after == '_';
    bool escaped;
    switch (c) {
    case ',':
    case ';':
    case '?':
    case '%':
    case '"':
    case '\'':
        return NULL;
    case '.': /* "www." and "1." */
        escaped = isdigit(beside.before) || (beside.before | 0x20) == 'w';
        break;
    case '+':
    case '-':
    case '=': /* lists and underlines */
        escaped = !beside.before;
        break;
    case ':': /* "http://" and emoji */
        escaped = word || ispunct(beside.after);
        break;
    default:
        escaped = true;
    }
    bool joins = (word && (c == '@' || c == '#' || c == ':')) || (c == ':' && beside.after == '/') ||
                 (c == '.' && (beside.before | 0x20) == 'w') || c == '$' ||
                 (c == '-' && (beside.before | 0x20) == 'h' && isdigit(beside.after)); /* GH-12 */
    snprintf(buffer, REPLACEMENT_SIZE, "%s%c%s", escaped ? "\\" : "", (char)c, joins ? "&#8203;" : "");
    return buffer;
}

void hs_escape_markdown_text(struct hs_strbuf *out, const char *text, size_t size) {
    HS_STRBUF_AUTO visible = HS_STRBUF_INIT;
    HS_STRBUF_AUTO line = HS_STRBUF_INIT;
    for (size_t i = 0; i < size; i++)
        hs_strbuf_putc(&line, text[i] == '\n' || text[i] == '\t' || text[i] == '\r' ? ' ' : text[i]);
    disarm(&visible, line.data, line.size);
    out->failed |= visible.failed || line.failed;
    escape(out, visible.data, visible.size, replace_text);
}

static const char *replace_data(uint32_t c, struct neighbours beside, char *buffer) {
    (void)beside;
    if (c == '%' || c == '\r' || c == '\n') {
        snprintf(buffer, REPLACEMENT_SIZE, "%%%02" PRIX32, c);
        return buffer;
    }
    /* A log is read at terminals too. */
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029) {
        snprintf(buffer, REPLACEMENT_SIZE, "\\u{%" PRIx32 "}", c);
        return buffer;
    }
    return NULL;
}

void hs_escape_command_data(struct hs_strbuf *out, const char *text, size_t size) {
    escape(out, text, size, replace_data);
}

static const char *replace_property(uint32_t c, struct neighbours beside, char *buffer) {
    if (c == ':') return "%3A";
    if (c == ',') return "%2C";
    return replace_data(c, beside, buffer);
}

void hs_escape_command_property(struct hs_strbuf *out, const char *text, size_t size) {
    escape(out, text, size, replace_property);
}
