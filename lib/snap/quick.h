/* Lines as heapscan writes them, taken apart without a copy.
 *
 * A snapshot of a large program has tens of thousands of lines, and nearly all of them are plain: no white
 * space, no escapes, ASCII, integers. This reader takes such a line apart in one pass. It knows less than
 * JSON and never more: a line with anything else in it is not plain, and the JSON parser reads it. So every
 * line that is read here would be read there with the same result. Views point into the line. No state: any
 * thread. */
#ifndef HS_SNAP_QUICK_H
#define HS_SNAP_QUICK_H

#include "base/types.h"

enum hs_quick_type {
    HS_QUICK_NULL,
    HS_QUICK_FALSE,
    HS_QUICK_TRUE,
    HS_QUICK_INTEGER,
    HS_QUICK_STRING,
    HS_QUICK_STRINGS,
    HS_QUICK_OBJECT
};

struct hs_quick_field {
    const char *name, *text; /* text: of a string or integer, what is between the quotes or brackets */
    uint32_t name_size, size;
    uint8_t type; /* enum hs_quick_type */
};

enum { HS_QUICK_FIELDS = 24 };

struct hs_quick {
    struct hs_quick_field fields[HS_QUICK_FIELDS];
    size_t count;
};

/* One object: `{"a":1,"b":"text","c":["x","y"],"d":{"e":null}}`, and a line feed or none. Objects inside hold
 * no arrays and no objects. False if it is not plain. */
bool hs_quick_parse(const char *text, size_t size, struct hs_quick *ret);
/* What stands between the braces of a field of type HS_QUICK_OBJECT. */
bool hs_quick_parse_inner(const struct hs_quick_field *field, struct hs_quick *ret);
/* The last field of that name, or NULL. */
const struct hs_quick_field *hs_quick_find(const struct hs_quick *quick, const char *name);
/* The next text of a field of type HS_QUICK_STRINGS: `*at` begins at 0; false at the end. */
bool hs_quick_next(const struct hs_quick_field *field, size_t *at, const char **ret, size_t *size_ret);
/* Of a field of type HS_QUICK_INTEGER. */
int64_t hs_quick_integer(const struct hs_quick_field *field);

#endif
