/* Fields of one line of the stream, taken out with a check of their type.
 *
 * A struct hs_snap_fields is a view on a parsed line. The first field that is wrong is remembered, those
 * after it are not looked at; hs_snap_fields_error() turns that into one error. So a line is read as a table
 * of fields without a check after each. A missing field is null unless it is required. Strings are copied
 * into the arena. One thread at a time. */
#ifndef HS_SNAP_FIELDS_H
#define HS_SNAP_FIELDS_H

#include "snap/arena.h"
#include "snap/snap.h"
#include "snap/quick.h"
#include <jansson.h>

struct hs_snap_fields {
    json_t *line;                 /* NULL where the line is plain: */
    const struct hs_quick *quick; /* snap/quick.h */
    struct hs_snap_arena *arena;
    const char *kind;    /* for messages */
    const char *name;    /* of the field that is wrong, or NULL */
    const char *problem; /* what it should be */
    bool no_memory;
};

enum hs_snap_need { HS_SNAP_OPTIONAL, HS_SNAP_REQUIRED };

const char *hs_snap_field_string(struct hs_snap_fields *fields, const char *name, enum hs_snap_need need);
/* Not negative; HS_SNAP_NULL for null or missing. */
int64_t hs_snap_field_number(struct hs_snap_fields *fields, const char *name, enum hs_snap_need need);
bool hs_snap_field_bool(struct hs_snap_fields *fields, const char *name, enum hs_snap_need need);
/* "0x…" in lower case; 0 for null or missing. */
hs_addr hs_snap_field_address(struct hs_snap_fields *fields, const char *name);
struct hs_snap_key hs_snap_field_key(struct hs_snap_fields *fields, const char *name);
int64_t hs_snap_field_time(struct hs_snap_fields *fields, const char *name);
/* An array of strings; missing or null: none. */
const char **hs_snap_field_strings(struct hs_snap_fields *fields, const char *name, size_t *length_ret);
struct hs_snap_location hs_snap_field_location(struct hs_snap_fields *fields, const char *name);
/* NULL if all fields were right; the message names kind and field, not the file and line. */
struct hs_error *hs_snap_fields_error(const struct hs_snap_fields *fields) HS_MUST_CHECK;

#endif
