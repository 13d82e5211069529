/* Fuzzes the escapers of documents: whatever the bytes, what comes out is text of its context and nothing
 * else.
 *
 * Workflow commands are taken back as the runner does it, and have to be what went in. */
#include "base/utf8.h"
#include "out/escape_markup.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_bytes(const struct hs_strbuf *out, const char *forbidden) {
    if (out->failed || !hs_utf8_valid(out->data, out->size)) abort();
    for (size_t i = 0; i < out->size; i++) {
        unsigned char c = (unsigned char)out->data[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || strchr(forbidden, c)) abort();
    }
}

static void check_xml(const char *text, size_t size) {
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    hs_escape_xml(&out, text, size);
    check_bytes(&out, "<>\"'");
    hs_strbuf_clear(&out);
    hs_escape_xml_attribute(&out, text, size);
    check_bytes(&out, "<>\"'\n\t");
    static const char *const known[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&apos;", "&#x"};
    for (const char *at = out.data; (at = strchr(at, '&')); at++) {
        size_t i = 0;
        while (i < 6 && strncmp(at, known[i], strlen(known[i]))) i++;
        if (i == 6) abort();
    }
}

static void check_markdown(const char *text, size_t size) {
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    hs_escape_markdown_code(&out, text, size);
    if (out.size < 3 || out.data[0] != '`' || out.data[out.size - 1] != '`') abort();
    out.data[0] = out.data[out.size - 1] = ' ';
    check_bytes(&out, "`|\n\t");
    hs_strbuf_clear(&out);
    hs_escape_markdown_text(&out, text, size);
    check_bytes(&out, "\n\t");
    /* Each character that could begin something has a backslash of its own before it. */
    for (size_t i = 0; i < out.size; i++) {
        if (out.data[i] == '\\') {
            if (i + 1 == out.size || !strchr("!#$&()*-./:<=>@[\\]^_`{|}~+", out.data[i + 1])) abort();
            i++;
        } else if (out.data[i] == '&') {
            if (strncmp(out.data + i, "&#8203;", 7)) abort();
            i += 6;
        } else if (strchr("#*<>[]_`|@!$(){}~", out.data[i])) {
            abort();
        }
    }
}

/* As the runner does it: one replacement after the other, the percent sign last. */
static void take_back(struct hs_strbuf *text, const char *code, char byte) {
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    size_t length = strlen(code);
    for (size_t i = 0; i < text->size;) {
        bool here = i + length <= text->size && !memcmp(text->data + i, code, length);
        hs_strbuf_putc(&out, here ? byte : text->data[i]);
        i += here ? length : 1;
    }
    hs_strbuf_clear(text);
    hs_strbuf_append(text, out.data, out.size);
}

static void check_command(const char *text, size_t size) {
    HS_STRBUF_AUTO clean = HS_STRBUF_INIT;
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    for (size_t i = 0; i < size; i++) { /* what is shown in another way is left out, to compare */
        unsigned char c = (unsigned char)text[i];
        if (c < 0x7F && (c >= 0x20 || c == '\n' || c == '\r')) hs_strbuf_putc(&clean, (char)c);
    }
    for (int property = 0; property < 2; property++) {
        hs_strbuf_clear(&out);
        (property ? hs_escape_command_property : hs_escape_command_data)(&out, text, size);
        check_bytes(&out, property ? "\r\n\t:," : "\r\n\t");
        hs_strbuf_clear(&out);
        (property ? hs_escape_command_property : hs_escape_command_data)(&out, clean.data, clean.size);
        take_back(&out, "%0D", '\r');
        take_back(&out, "%0A", '\n');
        if (property) take_back(&out, "%3A", ':');
        if (property) take_back(&out, "%2C", ',');
        take_back(&out, "%25", '%');
        if (out.size != clean.size || memcmp(out.data, clean.data, clean.size)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    check_xml(text, size);
    check_markdown(text, size);
    check_command(text, size);
    return 0;
}
