#include "out/class_label.h"

#include "base/escape.h"
#include "base/script_name.h"
#include <inttypes.h>
#include <string.h>

void hs_class_label_put_head(struct hs_strbuf *out, const char *type, const char *constructor) {
    bool closure = !strcmp(type, "closure");
    /* Names in parentheses stand for a content: they say themselves what they are. */
    bool fixed = constructor[0] == '(';
    if (!*constructor) hs_strbuf_puts(out, closure ? "(anonymous function)" : "(anonymous)");
    else hs_escape_terminal_string(out, constructor);
    if (closure && *constructor && !fixed) hs_strbuf_puts(out, "()");
    bool plain = closure || fixed || !strcmp(type, "object");
    if (!plain) hs_strbuf_printf(out, " [");
    if (!plain) hs_escape_terminal_string(out, type);
    if (!plain) hs_strbuf_putc(out, ']');
}

void hs_class_label_put_tail(struct hs_strbuf *out, bool dictionary, const char *const *properties,
                             size_t length, size_t limit) {
    if (dictionary) hs_strbuf_puts(out, " {table}");
    if (dictionary || !length) return;
    size_t start = out->size;
    for (size_t i = 0; i < length; i++) {
        hs_strbuf_puts(out, i ? ", " : ": ");
        hs_escape_terminal_string(out, properties[i]);
        if (out->size - start > limit && i + 1 < length) {
            hs_strbuf_printf(out, ", and %zu more", length - i - 1);
            return;
        }
    }
}

void hs_class_label_put_location(struct hs_strbuf *out, const char *script, int64_t line) {
    if (!script || !*script) return;
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    hs_script_name_put(&name, script);
    if (name.failed) {
        out->failed = true;
        return;
    }
    hs_strbuf_puts(out, " (");
    hs_escape_terminal_string(out, name.data);
    if (line >= 0) hs_strbuf_printf(out, ":%" PRId64, line);
    hs_strbuf_putc(out, ')');
}
