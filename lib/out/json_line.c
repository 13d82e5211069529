#include "out/json_line.h"

#include "base/escape.h"
#include <inttypes.h>
#include <math.h>

void hs_json_line_begin(struct hs_strbuf *out, const char *kind) {
    hs_strbuf_puts(out, "{\"kind\":\"");
    hs_strbuf_puts(out, kind);
    hs_strbuf_putc(out, '"');
}

void hs_json_line_end(struct hs_strbuf *out) {
    hs_strbuf_puts(out, "}\n");
}

void hs_json_put_name(struct hs_strbuf *out, const char *name) {
    hs_strbuf_puts(out, ",\"");
    hs_strbuf_puts(out, name);
    hs_strbuf_puts(out, "\":");
}

void hs_json_put_string(struct hs_strbuf *out, const char *name, const char *value) {
    hs_json_put_name(out, name);
    hs_escape_json_string(out, value);
}

void hs_json_put_null(struct hs_strbuf *out, const char *name) {
    hs_json_put_string(out, name, NULL);
}

void hs_json_put_bool(struct hs_strbuf *out, const char *name, bool value) {
    hs_json_put_name(out, name);
    hs_strbuf_puts(out, value ? "true" : "false");
}

static void put_value(struct hs_strbuf *out, int64_t value, int64_t null) {
    if (value == null) hs_strbuf_puts(out, "null");
    else hs_strbuf_put_i64(out, value);
}

void hs_json_put_number(struct hs_strbuf *out, const char *name, int64_t value, int64_t null) {
    hs_json_put_name(out, name);
    put_value(out, value, null);
}

void hs_json_put_numbers(struct hs_strbuf *out, const char *name, const int64_t *values, size_t count,
                         int64_t null) {
    hs_json_put_name(out, name);
    hs_strbuf_putc(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i) hs_strbuf_putc(out, ',');
        put_value(out, values[i], null);
    }
    hs_strbuf_putc(out, ']');
}

void hs_json_put_rounded(struct hs_strbuf *out, const char *name, double value) {
    hs_json_put_name(out, name);
    if (!isfinite(value)) hs_strbuf_puts(out, "null");
    else hs_strbuf_printf(out, "%.0f", round(value) + 0.0); /* + 0.0: no "-0" */
}

void hs_json_put_chance(struct hs_strbuf *out, const char *name, double value) {
    hs_json_put_name(out, name);
    if (isnan(value)) hs_strbuf_puts(out, "null");
    else hs_strbuf_printf(out, "%.3g", value);
}

void hs_json_put_strings(struct hs_strbuf *out, const char *name, const char *const *values, size_t count) {
    hs_json_put_name(out, name);
    hs_strbuf_putc(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i) hs_strbuf_putc(out, ',');
        hs_escape_json_string(out, values[i]);
    }
    hs_strbuf_putc(out, ']');
}

void hs_json_put_address(struct hs_strbuf *out, const char *name, hs_addr address) {
    hs_json_put_name(out, name);
    if (address) hs_strbuf_printf(out, "\"0x%" PRIx64 "\"", address);
    else hs_strbuf_puts(out, "null");
}

void hs_json_put_location(struct hs_strbuf *out, const char *script, int64_t line, int64_t column,
                          int64_t null) {
    if (!script) {
        hs_json_put_null(out, "location");
        return;
    }
    hs_json_put_name(out, "location");
    hs_strbuf_puts(out, "{\"script\":");
    hs_escape_json_string(out, script);
    hs_json_put_number(out, "line", line, null);
    hs_json_put_number(out, "column", column, null);
    hs_strbuf_putc(out, '}');
}
