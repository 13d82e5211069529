#include "out/svg_import.h"

#include "base/utf8.h"
#include "out/html.h"
#include <string.h>

enum { DEPTH_MAX = 32, ATTRIBUTES_MAX = 24 };

struct slice {
    const char *text;
    size_t size;
};

struct attribute {
    struct slice name, value;
};

struct tag {
    struct slice name;
    struct attribute attributes[ATTRIBUTES_MAX];
    size_t count;
    bool closing, empty;
};

/* What a group hands down to what is in it. */
struct group {
    struct slice width, transform, anchor, size, fill, opacity;
};

struct import {
    struct hs_strbuf *out;
    struct group groups[DEPTH_MAX];
    size_t depth;
    size_t skip;      /* elements open inside one that is left out; 0: none */
    const char *text; /* start of the text of an open <text>, or NULL */
};

static bool is(struct slice slice, const char *text) {
    return slice.size == strlen(text) && !memcmp(slice.text, text, slice.size);
}

/* The value if all of its characters are among `allowed`, else nothing. */
static struct slice attribute_of(const struct tag *tag, const char *name, const char *allowed) {
    for (size_t i = 0; i < tag->count; i++) {
        struct slice value = tag->attributes[i].value;
        if (!is(tag->attributes[i].name, name)) continue;
        for (size_t k = 0; k < value.size; k++)
            if (!value.text[k] || !strchr(allowed, value.text[k])) return (struct slice){0};
        return value;
    }
    return (struct slice){0};
}

static const char NUMBERS[] = "0123456789.,- ";
static const char COMMANDS[] = "MLHVZCmlhvzc0123456789.,-+e \n";
static const char TRANSFORM[] = "translateroscl(),.-0123456789 ";
static const char WORD[] = "abcdefghijklmnopqrstuvwxyz";

static struct slice first_of(struct slice a, struct slice b) {
    return a.text ? a : b;
}

/* N of rgb(0,0,N) into *ret. */
static bool color_of(struct slice value, unsigned *ret) {
    unsigned numbers[3] = {0}, at = 0;
    bool digits = false;
    if (value.size < 5 || memcmp(value.text, "rgb(", 4)) return false;
    for (size_t i = 4; i < value.size; i++) {
        char c = value.text[i];
        if (c >= '0' && c <= '9') {
            numbers[at] = numbers[at] * 10 + (unsigned)(c - '0');
            if (numbers[at] > 255) return false;
            digits = true;
        } else if (c == ',' && digits && at < 2) {
            at++;
            digits = false;
        } else if (c == ')' && i + 1 == value.size) {
            break;
        } else if (c != ' ') return false;
    }
    if (!digits || at != 2 || numbers[0] || numbers[1]) return false;
    *ret = numbers[2];
    return true;
}

static struct slice color_value(const struct tag *tag, const char *name) {
    return attribute_of(tag, name, "rgb(), 0123456789");
}

static void put_attribute(struct hs_strbuf *out, const char *name, struct slice value) {
    while (value.size && value.text[0] == ' ') value.text++, value.size--;
    while (value.size && value.text[value.size - 1] == ' ') value.size--;
    if (!value.size) return;
    hs_strbuf_printf(out, " %s=\"", name);
    hs_html_put(out, value.text, value.size);
    hs_strbuf_putc(out, '"');
}

static void put_class(struct hs_strbuf *out, char kind, struct slice color) {
    unsigned n;
    if (color_of(color, &n)) hs_strbuf_printf(out, " class=\"%c%u\"", kind, n);
}

static void put_path(struct import *import, const struct tag *tag) {
    struct slice d = attribute_of(tag, "d", COMMANDS);
    if (!d.size) return;
    const struct group *group = &import->groups[import->depth - 1];
    hs_strbuf_puts(import->out, "<path");
    put_class(import->out, 's', color_value(tag, "stroke"));
    put_attribute(import->out, "stroke-width", group->width);
    put_attribute(import->out, "stroke-dasharray", attribute_of(tag, "stroke-dasharray", NUMBERS));
    put_attribute(import->out, "d", d);
    hs_strbuf_puts(import->out, "/>\n");
}

static void put_polygon(struct import *import, const struct tag *tag) {
    struct slice points = attribute_of(tag, "points", NUMBERS);
    if (!points.size) return;
    hs_strbuf_puts(import->out, "<polygon");
    put_class(import->out, 'f', color_value(tag, "fill"));
    put_attribute(import->out, "fill-opacity", attribute_of(tag, "fill-opacity", NUMBERS));
    put_attribute(import->out, "points", points);
    hs_strbuf_puts(import->out, "/>\n");
}

/* The dots of `with points` are references to a shape: we have one shape. */
static void put_dot(struct import *import, const struct tag *tag) {
    struct slice transform = attribute_of(tag, "transform", TRANSFORM);
    if (!transform.size) return;
    hs_strbuf_puts(import->out, "<circle r=\"1\"");
    put_class(import->out, 'f', color_value(tag, "color"));
    put_attribute(import->out, "transform", transform);
    hs_strbuf_puts(import->out, "/>\n");
}

static void put_text(struct import *import, struct slice text) {
    const struct group *group = &import->groups[import->depth - 1];
    while (text.size && text.text[0] == ' ') text.text++, text.size--;
    if (!text.size) return;
    hs_strbuf_puts(import->out, "<text");
    put_class(import->out, 'f', group->fill);
    put_attribute(import->out, "transform", group->transform);
    put_attribute(import->out, "text-anchor", group->anchor);
    put_attribute(import->out, "font-size", group->size);
    hs_strbuf_putc(import->out, '>');
    hs_html_put(import->out, text.text, text.size);
    hs_strbuf_puts(import->out, "</text>\n");
}

static struct hs_error *open_group(struct import *import, const struct tag *tag) {
    if (import->depth == DEPTH_MAX) return hs_error_create(HS_ERROR_FORMAT, "gnuplot's SVG is too deep");
    const struct group *above = &import->groups[import->depth - 1];
    import->groups[import->depth++] =
        (struct group){.width = first_of(attribute_of(tag, "stroke-width", NUMBERS), above->width),
                       .transform = first_of(attribute_of(tag, "transform", TRANSFORM), above->transform),
                       .anchor = first_of(attribute_of(tag, "text-anchor", WORD), above->anchor),
                       .size = first_of(attribute_of(tag, "font-size", NUMBERS), above->size),
                       .fill = first_of(color_value(tag, "fill"), above->fill)};
    return NULL;
}

static bool is_skipped(struct slice name) {
    return is(name, "defs") || is(name, "title") || is(name, "desc");
}

static struct hs_error *handle(struct import *import, const struct tag *tag, const char *end) {
    if (import->skip) {
        if (tag->closing) import->skip--;
        else if (!tag->empty) import->skip++;
        return NULL;
    }
    if (tag->closing) {
        if (is(tag->name, "text") && import->text)
            put_text(import, (struct slice){import->text, (size_t)(end - import->text)});
        if (is(tag->name, "g") && import->depth > 1) import->depth--;
        import->text = NULL;
        return NULL;
    }
    import->text = NULL;
    if (is(tag->name, "path")) put_path(import, tag);
    else if (is(tag->name, "polygon")) put_polygon(import, tag);
    else if (is(tag->name, "use")) put_dot(import, tag);
    if (tag->empty) return NULL;
    if (is(tag->name, "g")) return open_group(import, tag);
    if (is(tag->name, "text")) import->text = end;
    else if (is_skipped(tag->name)) import->skip = 1;
    return NULL;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == ':';
}

/* Reads the tag that begins at `at` ('<'); returns what follows it, or NULL if there is no end. */
static const char *read_tag(const char *at, const char *end, struct tag *ret) {
    *ret = (struct tag){0};
    if (++at < end && *at == '/') {
        ret->closing = true;
        at++;
    }
    for (ret->name.text = at; at < end && is_name(*at); at++) ret->name.size++;
    while (at < end && *at != '>') {
        if (*at == '/' || is_space(*at) || !is_name(*at)) {
            ret->empty = *at == '/';
            at++;
            continue;
        }
        struct attribute a = {.name.text = at};
        for (; at < end && is_name(*at); at++) a.name.size++;
        while (at < end && (is_space(*at) || *at == '=')) at++;
        if (at == end || (*at != '"' && *at != '\'')) continue;
        const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));
        if (!close) return NULL;
        a.value = (struct slice){at + 1, (size_t)(close - at - 1)};
        if (ret->count < ATTRIBUTES_MAX) ret->attributes[ret->count++] = a;
        at = close + 1;
        ret->empty = false;
    }
    return at < end ? at + 1 : NULL;
}

struct hs_error *hs_svg_import(struct hs_strbuf *out, const char *svg, size_t size) {
    struct import import = {.out = out, .depth = 1};
    const char *end = svg + size, *at = memchr(svg, '<', size);
    if (!at) return hs_error_create(HS_ERROR_FORMAT, "gnuplot gave no SVG");
    while (at) {
        if (end - at > 1 && (at[1] == '?' || at[1] == '!')) {
            at = memchr(at + 1, '<', (size_t)(end - at - 1));
            continue;
        }
        struct tag tag;
        const char *next = read_tag(at, end, &tag);
        if (!next) return hs_error_create(HS_ERROR_FORMAT, "gnuplot's SVG is cut off");
        HS_TRY(handle(&import, &tag, tag.closing ? at : next));
        at = memchr(next, '<', (size_t)(end - next));
    }
    return hs_strbuf_error(out);
}
