#include "snap/fields.h"

#include "snap/time.h"
#include <string.h>

static void fail(struct hs_snap_fields *fields, const char *name, const char *problem) {
    fields->name = name;
    fields->problem = problem;
}

/* The field, or NULL where it is null, missing, or an error has been met before. */
static json_t *field_find(struct hs_snap_fields *fields, const char *name, enum hs_snap_need need) {
    if (fields->name || fields->no_memory) return NULL;
    json_t *value = json_object_get(fields->line, name);
    if (value && !json_is_null(value)) return value;
    if (need == HS_SNAP_REQUIRED) fail(fields, name, value ? "must not be null" : "is missing");
    return NULL;
}

/* The same of a plain line. */
static const struct hs_quick_field *quick_find(struct hs_snap_fields *fields, const char *name,
                                               enum hs_snap_need need) {
    if (fields->name || fields->no_memory) return NULL;
    const struct hs_quick_field *field = hs_quick_find(fields->quick, name);
    if (field && field->type != HS_QUICK_NULL) return field;
    if (need == HS_SNAP_REQUIRED) fail(fields, name, field ? "must not be null" : "is missing");
    return NULL;
}

static const char *copy_bytes(struct hs_snap_fields *fields, const char *text, size_t size) {
    const char *copy = hs_snap_arena_string(fields->arena, text, size);
    if (!copy) fields->no_memory = true;
    return copy;
}

/* Copies a short text out of a plain line; false if it is none or longer. */
static bool short_text(const struct hs_quick_field *field, char ret[64]) {
    if (field->type != HS_QUICK_STRING || field->size >= 64) return false;
    memcpy(ret, field->text, field->size);
    ret[field->size] = 0;
    return true;
}

static const char *copy_string(struct hs_snap_fields *fields, const json_t *value) {
    const char *copy =
        hs_snap_arena_string(fields->arena, json_string_value(value), json_string_length(value));
    if (!copy) fields->no_memory = true;
    return copy;
}

const char *hs_snap_field_string(struct hs_snap_fields *fields, const char *name, enum hs_snap_need need) {
    if (fields->quick) {
        const struct hs_quick_field *field = quick_find(fields, name, need);
        if (!field) return NULL;
        if (field->type == HS_QUICK_STRING) return copy_bytes(fields, field->text, field->size);
        fail(fields, name, "must be a string");
        return NULL;
    }
    json_t *value = field_find(fields, name, need);
    if (!value) return NULL;
    if (json_is_string(value)) return copy_string(fields, value);
    fail(fields, name, "must be a string");
    return NULL;
}

int64_t hs_snap_field_number(struct hs_snap_fields *fields, const char *name, enum hs_snap_need need) {
    if (fields->quick) {
        const struct hs_quick_field *field = quick_find(fields, name, need);
        if (!field) return HS_SNAP_NULL;
        if (field->type == HS_QUICK_INTEGER) return hs_quick_integer(field);
        fail(fields, name, "must be an integer from 0 on");
        return HS_SNAP_NULL;
    }
    json_t *value = field_find(fields, name, need);
    if (!value) return HS_SNAP_NULL;
    if (json_is_integer(value) && json_integer_value(value) >= 0) return json_integer_value(value);
    fail(fields, name, "must be an integer from 0 on");
    return HS_SNAP_NULL;
}

bool hs_snap_field_bool(struct hs_snap_fields *fields, const char *name, enum hs_snap_need need) {
    if (fields->quick) {
        const struct hs_quick_field *field = quick_find(fields, name, need);
        if (!field) return false;
        if (field->type != HS_QUICK_TRUE && field->type != HS_QUICK_FALSE)
            fail(fields, name, "must be true or false");
        return field->type == HS_QUICK_TRUE;
    }
    json_t *value = field_find(fields, name, need);
    if (!value) return false;
    if (json_is_boolean(value)) return json_is_true(value);
    fail(fields, name, "must be true or false");
    return false;
}

/* The text of a field that must be a short string: "" where it is something else; NULL where it is null. */
static const char *text_of(struct hs_snap_fields *fields, const char *name, enum hs_snap_need need,
                           char space[64]) {
    if (fields->quick) {
        const struct hs_quick_field *field = quick_find(fields, name, need);
        if (!field) return NULL;
        return short_text(field, space) ? space : "";
    }
    json_t *value = field_find(fields, name, need);
    if (!value) return NULL;
    return json_is_string(value) ? json_string_value(value) : "";
}

hs_addr hs_snap_field_address(struct hs_snap_fields *fields, const char *name) {
    char space[64];
    const char *text = text_of(fields, name, HS_SNAP_OPTIONAL, space);
    if (!text) return 0;
    hs_addr address = 0;
    size_t digits = 0;
    bool good = !strncmp(text, "0x", 2);
    for (const char *p = text + 2; good && *p; p++, digits++) {
        unsigned digit;
        if (*p >= '0' && *p <= '9') digit = (unsigned)(*p - '0');
        else if (*p >= 'a' && *p <= 'f') digit = (unsigned)(*p - 'a') + 10;
        else break;
        address = address << 4 | digit;
    }
    if (good && digits >= 1 && digits <= 16 && !text[2 + digits]) return address;
    fail(fields, name, "must be an address (\"0x\" and lower-case hexadecimal digits)");
    return 0;
}

struct hs_snap_key hs_snap_field_key(struct hs_snap_fields *fields, const char *name) {
    struct hs_snap_key key = {0, 0};
    char space[64];
    const char *text = text_of(fields, name, HS_SNAP_REQUIRED, space);
    if (text && !hs_snap_key_parse(text, &key))
        fail(fields, name, "must be 32 lower-case hexadecimal digits");
    return key;
}

int64_t hs_snap_field_time(struct hs_snap_fields *fields, const char *name) {
    char space[64];
    const char *text = text_of(fields, name, HS_SNAP_OPTIONAL, space);
    int64_t time = HS_SNAP_NULL;
    if (text && !hs_snap_time_parse(text, &time))
        fail(fields, name, "must be a time of ISO 8601 such as \"2024-11-22T01:42:07Z\"");
    return time;
}

/* Of a plain line. */
static const char **quick_strings(struct hs_snap_fields *fields, const char *name, size_t *length_ret) {
    const struct hs_quick_field *field = quick_find(fields, name, HS_SNAP_OPTIONAL);
    if (!field) return NULL;
    if (field->type != HS_QUICK_STRINGS) {
        fail(fields, name, "must be an array of strings");
        return NULL;
    }
    const char *text;
    size_t at = 0, size, length = 0, count = 0;
    while (hs_quick_next(field, &at, &text, &size)) length++;
    if (!length) return NULL;
    const char **strings = hs_snap_arena_alloc(fields->arena, length * sizeof *strings);
    if (!strings) {
        fields->no_memory = true;
        return NULL;
    }
    for (at = 0; hs_quick_next(field, &at, &text, &size);)
        if (!(strings[count++] = copy_bytes(fields, text, size))) return NULL;
    *length_ret = length;
    return strings;
}

const char **hs_snap_field_strings(struct hs_snap_fields *fields, const char *name, size_t *length_ret) {
    *length_ret = 0;
    if (fields->quick) return quick_strings(fields, name, length_ret);
    json_t *value = field_find(fields, name, HS_SNAP_OPTIONAL);
    if (!value) return NULL;
    size_t length = json_array_size(value); /* 0 for what is no array */
    if (!json_is_array(value)) fail(fields, name, "must be an array of strings");
    if (!length) return NULL;
    const char **strings = hs_snap_arena_alloc(fields->arena, length * sizeof *strings);
    if (!strings) {
        fields->no_memory = true;
        return NULL;
    }
    for (size_t i = 0; i < length; i++) {
        const json_t *item = json_array_get(value, i);
        if (!json_is_string(item)) {
            fail(fields, name, "must be an array of strings");
            return NULL;
        }
        strings[i] = copy_string(fields, item);
        if (!strings[i]) return NULL;
    }
    *length_ret = length;
    return strings;
}

struct hs_snap_location hs_snap_field_location(struct hs_snap_fields *fields, const char *name) {
    struct hs_snap_location location = {NULL, HS_SNAP_NULL, HS_SNAP_NULL};
    struct hs_snap_fields inner = {.arena = fields->arena};
    struct hs_quick members;
    bool object = true;
    if (fields->quick) {
        const struct hs_quick_field *field = quick_find(fields, name, HS_SNAP_OPTIONAL);
        if (!field) return location;
        object = field->type == HS_QUICK_OBJECT && hs_quick_parse_inner(field, &members);
        inner.quick = &members;
    } else {
        inner.line = field_find(fields, name, HS_SNAP_OPTIONAL);
        if (!inner.line) return location;
        object = json_is_object(inner.line);
    }
    if (!object) {
        fail(fields, name, "must be an object or null");
        return location;
    }
    location.script = hs_snap_field_string(&inner, "script", HS_SNAP_REQUIRED);
    location.line = hs_snap_field_number(&inner, "line", HS_SNAP_OPTIONAL);
    location.column = hs_snap_field_number(&inner, "column", HS_SNAP_OPTIONAL);
    if (inner.no_memory) fields->no_memory = true;
    if (inner.name) fail(fields, name, "must hold script (a string), line and column (integers from 0 on)");
    return location;
}

struct hs_error *hs_snap_fields_error(const struct hs_snap_fields *fields) {
    if (fields->no_memory) return HS_ENOMEM;
    if (!fields->name) return NULL;
    return hs_error_create(HS_ERROR_FORMAT, "the field `%s` of the %s line %s", fields->name, fields->kind,
                           fields->problem);
}
