#include "snap/quick.h"

#include <string.h>

enum { DIGITS_MAX = 18 }; /* always fit into 63 bits */

struct cursor {
    const char *at, *end;
};

static bool take(struct cursor *c, char wanted) {
    if (c->at == c->end || *c->at != wanted) return false;
    c->at++;
    return true;
}

static bool take_word(struct cursor *c, const char *word, size_t size) {
    if ((size_t)(c->end - c->at) < size || memcmp(c->at, word, size)) return false;
    c->at += size;
    return true;
}

/* Whether one of eight bytes is a quote, a backslash, a control character, DEL or no ASCII. The sums carry
 * nothing from byte to byte: they are of seven bits each. */
static bool is_special(uint64_t word) {
    const uint64_t ones = 0x0101010101010101, tops = ones << 7;
    uint64_t low = word & ~tops, quote = low ^ ones * '"', backslash = low ^ ones * '\\';
    uint64_t plain = (quote + ones * 0x7f) & (backslash + ones * 0x7f) & (low + ones * (0x80 - ' ')) &
                     ~(low + ones) & ~word;
    return (plain & tops) != tops;
}

/* ASCII between quotes, without escapes. */
static bool take_string(struct cursor *c, const char **ret, uint32_t *size_ret) {
    if (!take(c, '"')) return false;
    const char *begin = c->at;
    for (uint64_t word; c->end - c->at >= 8; c->at += 8) {
        memcpy(&word, c->at, sizeof word);
        if (is_special(word)) break;
    }
    for (; c->at < c->end && *c->at != '"'; c->at++) {
        unsigned char byte = (unsigned char)*c->at;
        if (byte < ' ' || byte >= 0x7f || byte == '\\') return false;
    }
    if ((size_t)(c->at - begin) > INT32_MAX) return false;
    *ret = begin;
    *size_ret = (uint32_t)(c->at - begin);
    return take(c, '"');
}

/* No sign, no fraction, no zero in front. */
static bool take_integer(struct cursor *c, struct hs_quick_field *field) {
    field->text = c->at;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') c->at++;
    field->size = (uint32_t)(c->at - field->text);
    field->type = HS_QUICK_INTEGER;
    if (field->size < 1 || field->size > DIGITS_MAX || (field->size > 1 && field->text[0] == '0'))
        return false;
    return c->at < c->end && (*c->at == ',' || *c->at == '}');
}

static bool take_strings(struct cursor *c, struct hs_quick_field *field) {
    const char *text;
    uint32_t size;
    if (!take(c, '[')) return false;
    const char *begin = c->at;
    bool first = true;
    while (!take(c, ']')) {
        if (!first && !take(c, ',')) return false;
        if (!take_string(c, &text, &size)) return false;
        first = false;
    }
    if (c->at - begin > INT32_MAX) return false;
    field->type = HS_QUICK_STRINGS;
    field->text = begin;
    field->size = (uint32_t)(c->at - begin - 1);
    return true;
}

/* An object inside: its end, and that it is one whose members are plain. */
static bool take_object(struct cursor *c, struct hs_quick_field *field);

static bool take_value(struct cursor *c, struct hs_quick_field *field, bool inside) {
    if (c->at == c->end) return false;
    switch (*c->at) {
    case '"':
        field->type = HS_QUICK_STRING;
        return take_string(c, &field->text, &field->size);
    case 'n':
        field->type = HS_QUICK_NULL;
        return take_word(c, "null", 4);
    case 't':
        field->type = HS_QUICK_TRUE;
        return take_word(c, "true", 4);
    case 'f':
        field->type = HS_QUICK_FALSE;
        return take_word(c, "false", 5);
    case '[':
        return !inside && take_strings(c, field);
    case '{':
        return !inside && take_object(c, field);
    default:
        return take_integer(c, field);
    }
}

/* Members up to the closing brace; the opening one is taken. */
static bool take_members(struct cursor *c, struct hs_quick *quick, bool inside) {
    quick->count = 0;
    while (!take(c, '}')) {
        if (quick->count == HS_QUICK_FIELDS || (quick->count && !take(c, ','))) return false;
        struct hs_quick_field *field = &quick->fields[quick->count];
        if (!take_string(c, &field->name, &field->name_size) || !take(c, ':') ||
            !take_value(c, field, inside))
            return false;
        quick->count++;
    }
    return true;
}

static bool take_object(struct cursor *c, struct hs_quick_field *field) {
    struct hs_quick inner;
    if (!take(c, '{')) return false;
    field->type = HS_QUICK_OBJECT;
    field->text = c->at;
    if (!take_members(c, &inner, true) || c->at - field->text > INT32_MAX) return false;
    field->size = (uint32_t)(c->at - field->text);
    return true;
}

bool hs_quick_parse(const char *text, size_t size, struct hs_quick *ret) {
    struct cursor c = {text, text + size};
    if (!take(&c, '{') || !take_members(&c, ret, false)) return false;
    take(&c, '\n');
    return c.at == c.end;
}

bool hs_quick_parse_inner(const struct hs_quick_field *field, struct hs_quick *ret) {
    struct cursor c = {field->text, field->text + field->size};
    return take_members(&c, ret, true) && c.at == c.end;
}

const struct hs_quick_field *hs_quick_find(const struct hs_quick *quick, const char *name) {
    size_t size = strlen(name);
    for (size_t i = quick->count; i-- > 0;)
        if (quick->fields[i].name_size == size && quick->fields[i].name[0] == name[0] &&
            !memcmp(quick->fields[i].name, name, size))
            return &quick->fields[i];
    return NULL;
}

bool hs_quick_next(const struct hs_quick_field *field, size_t *at, const char **ret, size_t *size_ret) {
    if (*at >= field->size) return false;
    const char *begin = field->text + *at + (*at ? 2 : 1); /* a comma and a quote */
    const char *end = memchr(begin, '"', (size_t)(field->text + field->size - begin));
    *ret = begin;
    *size_ret = (size_t)(end - begin);
    *at = (size_t)(end + 1 - field->text);
    return true;
}

int64_t hs_quick_integer(const struct hs_quick_field *field) {
    int64_t value = 0;
    for (uint32_t i = 0; i < field->size; i++) value = 10 * value + (field->text[i] - '0');
    return value;
}
