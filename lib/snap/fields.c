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

static const char *copy_string(struct hs_snap_fields *fields, const json_t *value) {
    const char *copy =
        hs_snap_arena_string(fields->arena, json_string_value(value), json_string_length(value));
    if (!copy) fields->no_memory = true;
    return copy;
}

const char *hs_snap_field_string(struct hs_snap_fields *fields, const char *name, enum hs_snap_need need) {
    json_t *value = field_find(fields, name, need);
    if (!value) return NULL;
    if (json_is_string(value)) return copy_string(fields, value);
    fail(fields, name, "must be a string");
    return NULL;
}

int64_t hs_snap_field_number(struct hs_snap_fields *fields, const char *name, enum hs_snap_need need) {
    json_t *value = field_find(fields, name, need);
    if (!value) return HS_SNAP_NULL;
    if (json_is_integer(value) && json_integer_value(value) >= 0) return json_integer_value(value);
    fail(fields, name, "must be an integer from 0 on");
    return HS_SNAP_NULL;
}

bool hs_snap_field_bool(struct hs_snap_fields *fields, const char *name, enum hs_snap_need need) {
    json_t *value = field_find(fields, name, need);
    if (!value) return false;
    if (json_is_boolean(value)) return json_is_true(value);
    fail(fields, name, "must be true or false");
    return false;
}

hs_addr hs_snap_field_address(struct hs_snap_fields *fields, const char *name) {
    json_t *value = field_find(fields, name, HS_SNAP_OPTIONAL);
    if (!value) return 0;
    const char *text = json_is_string(value) ? json_string_value(value) : "";
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
    json_t *value = field_find(fields, name, HS_SNAP_REQUIRED);
    if (value && !(json_is_string(value) && hs_snap_key_parse(json_string_value(value), &key)))
        fail(fields, name, "must be 32 lower-case hexadecimal digits");
    return key;
}

int64_t hs_snap_field_time(struct hs_snap_fields *fields, const char *name) {
    json_t *value = field_find(fields, name, HS_SNAP_OPTIONAL);
    int64_t time = HS_SNAP_NULL;
    if (value && !(json_is_string(value) && hs_snap_time_parse(json_string_value(value), &time)))
        fail(fields, name, "must be a time of ISO 8601 such as \"2024-11-22T01:42:07Z\"");
    return time;
}

const char **hs_snap_field_strings(struct hs_snap_fields *fields, const char *name, size_t *length_ret) {
    *length_ret = 0;
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
    json_t *value = field_find(fields, name, HS_SNAP_OPTIONAL);
    if (!value) return location;
    if (!json_is_object(value)) {
        fail(fields, name, "must be an object or null");
        return location;
    }
    struct hs_snap_fields inner = {.line = value, .arena = fields->arena};
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
