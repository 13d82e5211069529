#include "snap/reader.h"

#include "base/escape.h"
#include "snap/fields.h"
#include "snap/infile.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct hs_snap_reader {
    struct hs_infile *file;
    XXH3_state_t *digest;
};

static struct hs_error *reader_of_file(struct hs_infile *file, struct hs_snap_reader **ret) {
    struct hs_snap_reader *reader = calloc(1, sizeof *reader);
    XXH3_state_t *digest = XXH3_createState();
    if (!reader || !digest) {
        XXH3_freeState(digest);
        free(reader);
        hs_infile_close(file);
        return HS_ENOMEM;
    }
    reader->file = file;
    reader->digest = digest;
    *ret = reader;
    return NULL;
}

struct hs_error *hs_snap_reader_open(const char *path, struct hs_snap_reader **ret) {
    struct hs_infile *file;
    HS_TRY(hs_infile_open(path, &file));
    return reader_of_file(file, ret);
}

struct hs_error *hs_snap_reader_open_stream(FILE *stream, const char *name, struct hs_snap_reader **ret) {
    struct hs_infile *file;
    HS_TRY(hs_infile_wrap(stream, name, &file));
    return reader_of_file(file, ret);
}

void hs_snap_reader_close(struct hs_snap_reader *reader) {
    if (!reader) return;
    hs_infile_close(reader->file);
    XXH3_freeState(reader->digest);
    free(reader);
}

void hs_snap_destroy(struct hs_snap *snap) {
    if (!snap) return;
    free(snap->isolates);
    free(snap->spaces);
    free(snap->classes);
    free(snap->natives);
    free(snap->roots);
    free(snap->containers);
    free(snap->paths);
    free(snap->edges);
    free(snap->shared);
    free(snap->dominators);
    free(snap->rejects);
    hs_snap_arena_destroy(snap->arena);
    free(snap);
}

static void snap_cleanup(struct hs_snap **snap) {
    hs_snap_destroy(*snap);
}

static void json_cleanup(json_t **value) {
    json_decref(*value);
}

/* Appends `item` of `size` bytes to an array that doubles its room at powers of two. */
static void *array_append(void *items, size_t *count, const void *item, size_t size) {
    if ((*count & (*count - 1)) == 0) {
        size_t room = *count ? *count * 2 : 1;
        if (room > SIZE_MAX / 2 / size) return NULL;
        void *more = realloc(items, room * size);
        if (!more) return NULL;
        items = more;
    }
    memcpy((char *)items + *count * size, item, size);
    ++*count;
    return items;
}

#define APPEND(items, count, item)                                                                           \
    do {                                                                                                     \
        void *more_ = array_append(items, &(count), &(item), sizeof(item));                                  \
        if (!more_) return HS_ENOMEM;                                                                        \
        items = more_;                                                                                       \
    } while (0)

static struct hs_error *read_header(struct hs_snap *snap, struct hs_snap_fields *f) {
    struct hs_snap_header *h = &snap->header;
    h->tool = hs_snap_field_string(f, "tool", HS_SNAP_OPTIONAL);
    h->source = hs_snap_field_string(f, "source", HS_SNAP_OPTIONAL);
    h->format = hs_snap_field_string(f, "format", HS_SNAP_OPTIONAL);
    h->machine = hs_snap_field_string(f, "machine", HS_SNAP_OPTIONAL);
    h->bits = hs_snap_field_number(f, "bits", HS_SNAP_OPTIONAL);
    h->build_id = hs_snap_field_string(f, "build_id", HS_SNAP_OPTIONAL);
    h->pid = hs_snap_field_number(f, "pid", HS_SNAP_OPTIONAL);
    h->captured_at = hs_snap_field_time(f, "captured_at");
    h->node = hs_snap_field_string(f, "node", HS_SNAP_OPTIONAL);
    h->v8 = hs_snap_field_string(f, "v8", HS_SNAP_OPTIONAL);
    h->isolates = hs_snap_field_number(f, "isolates", HS_SNAP_OPTIONAL);
    h->options = hs_snap_field_strings(f, "options", &h->options_length);
    return hs_snap_fields_error(f);
}

static struct hs_error *read_isolate(struct hs_snap *snap, struct hs_snap_fields *f) {
    struct hs_snap_isolate isolate = {
        .id = hs_snap_field_number(f, "id", HS_SNAP_REQUIRED),
        .role = hs_snap_field_string(f, "role", HS_SNAP_OPTIONAL),
        .address = hs_snap_field_address(f, "address"),
    };
    HS_TRY(hs_snap_fields_error(f));
    APPEND(snap->isolates, snap->isolate_count, isolate);
    return NULL;
}

static struct hs_error *read_space(struct hs_snap *snap, struct hs_snap_fields *f) {
    struct hs_snap_space space = {
        .isolate = hs_snap_field_number(f, "isolate", HS_SNAP_OPTIONAL),
        .name = hs_snap_field_string(f, "name", HS_SNAP_REQUIRED),
        .pages = hs_snap_field_number(f, "pages", HS_SNAP_OPTIONAL),
        .committed = hs_snap_field_number(f, "committed", HS_SNAP_OPTIONAL),
        .used = hs_snap_field_number(f, "used", HS_SNAP_OPTIONAL),
        .objects = hs_snap_field_number(f, "objects", HS_SNAP_OPTIONAL),
        .fillers = hs_snap_field_number(f, "fillers", HS_SNAP_OPTIONAL),
        .free = hs_snap_field_number(f, "free", HS_SNAP_OPTIONAL),
        .rejected = hs_snap_field_number(f, "rejected", HS_SNAP_OPTIONAL),
    };
    HS_TRY(hs_snap_fields_error(f));
    APPEND(snap->spaces, snap->space_count, space);
    return NULL;
}

static struct hs_error *read_class(struct hs_snap *snap, struct hs_snap_fields *f) {
    struct hs_snap_class class = {
        .key = hs_snap_field_key(f, "key"),
        .isolate = hs_snap_field_number(f, "isolate", HS_SNAP_OPTIONAL),
        .type = hs_snap_field_string(f, "type", HS_SNAP_REQUIRED),
        .constructor = hs_snap_field_string(f, "constructor", HS_SNAP_REQUIRED),
        .location = hs_snap_field_location(f, "location"),
        .property_count = hs_snap_field_number(f, "property_count", HS_SNAP_OPTIONAL),
        .dictionary = hs_snap_field_bool(f, "dictionary", HS_SNAP_OPTIONAL),
        .count = hs_snap_field_number(f, "count", HS_SNAP_REQUIRED),
        .bytes = hs_snap_field_number(f, "bytes", HS_SNAP_REQUIRED),
        .reachable_count = hs_snap_field_number(f, "reachable_count", HS_SNAP_OPTIONAL),
        .reachable_bytes = hs_snap_field_number(f, "reachable_bytes", HS_SNAP_OPTIONAL),
        .retained_bytes = hs_snap_field_number(f, "retained_bytes", HS_SNAP_OPTIONAL),
        .elements = hs_snap_field_number(f, "elements", HS_SNAP_OPTIONAL),
        .sample = hs_snap_field_address(f, "sample"),
    };
    class.properties = hs_snap_field_strings(f, "properties", &class.properties_length);
    HS_TRY(hs_snap_fields_error(f));
    APPEND(snap->classes, snap->class_count, class);
    return NULL;
}

static struct hs_error *read_native(struct hs_snap *snap, struct hs_snap_fields *f) {
    struct hs_snap_native native = {
        .name = hs_snap_field_string(f, "name", HS_SNAP_REQUIRED),
        .bytes = hs_snap_field_number(f, "bytes", HS_SNAP_OPTIONAL),
        .count = hs_snap_field_number(f, "count", HS_SNAP_OPTIONAL),
    };
    HS_TRY(hs_snap_fields_error(f));
    APPEND(snap->natives, snap->native_count, native);
    return NULL;
}

static struct hs_error *read_root(struct hs_snap *snap, struct hs_snap_fields *f) {
    struct hs_snap_root root = {
        .isolate = hs_snap_field_number(f, "isolate", HS_SNAP_OPTIONAL),
        .category = hs_snap_field_string(f, "category", HS_SNAP_REQUIRED),
        .count = hs_snap_field_number(f, "count", HS_SNAP_OPTIONAL),
        .bytes = hs_snap_field_number(f, "bytes", HS_SNAP_OPTIONAL),
        .retained_bytes = hs_snap_field_number(f, "retained_bytes", HS_SNAP_OPTIONAL),
    };
    HS_TRY(hs_snap_fields_error(f));
    APPEND(snap->roots, snap->root_count, root);
    return NULL;
}

static struct hs_error *read_container(struct hs_snap *snap, struct hs_snap_fields *f) {
    struct hs_snap_container container = {
        .path = hs_snap_field_string(f, "path", HS_SNAP_OPTIONAL),
        .class = hs_snap_field_key(f, "class"),
        .constructor = hs_snap_field_string(f, "constructor", HS_SNAP_OPTIONAL),
        .address = hs_snap_field_address(f, "address"),
        .entries = hs_snap_field_number(f, "entries", HS_SNAP_OPTIONAL),
        .capacity = hs_snap_field_number(f, "capacity", HS_SNAP_OPTIONAL),
        .bytes = hs_snap_field_number(f, "bytes", HS_SNAP_OPTIONAL),
        .retained_bytes = hs_snap_field_number(f, "retained_bytes", HS_SNAP_OPTIONAL),
        .keys = hs_snap_field_string(f, "keys", HS_SNAP_OPTIONAL),
    };
    HS_TRY(hs_snap_fields_error(f));
    APPEND(snap->containers, snap->container_count, container);
    return NULL;
}

static struct hs_error *read_path(struct hs_snap *snap, struct hs_snap_fields *f) {
    struct hs_snap_path path = {
        .id = hs_snap_field_number(f, "id", HS_SNAP_REQUIRED),
        .parent = hs_snap_field_number(f, "parent", HS_SNAP_OPTIONAL),
        .edge = hs_snap_field_string(f, "edge", HS_SNAP_REQUIRED),
        .class = hs_snap_field_key(f, "class"),
        .constructor = hs_snap_field_string(f, "constructor", HS_SNAP_OPTIONAL),
        .count = hs_snap_field_number(f, "count", HS_SNAP_OPTIONAL),
        .bytes = hs_snap_field_number(f, "bytes", HS_SNAP_OPTIONAL),
        .fanout = hs_snap_field_number(f, "fanout", HS_SNAP_OPTIONAL),
        .sample = hs_snap_field_address(f, "sample"),
    };
    HS_TRY(hs_snap_fields_error(f));
    APPEND(snap->paths, snap->path_count, path);
    return NULL;
}

static struct hs_error *read_edge(struct hs_snap *snap, struct hs_snap_fields *f) {
    struct hs_snap_edge edge = {
        .from = hs_snap_field_key(f, "from"),
        .name = hs_snap_field_string(f, "name", HS_SNAP_REQUIRED),
        .to = hs_snap_field_key(f, "to"),
        .count = hs_snap_field_number(f, "count", HS_SNAP_REQUIRED),
    };
    HS_TRY(hs_snap_fields_error(f));
    APPEND(snap->edges, snap->edge_count, edge);
    return NULL;
}

static struct hs_error *read_shared(struct hs_snap *snap, struct hs_snap_fields *f) {
    struct hs_snap_shared shared = {
        .path = hs_snap_field_number(f, "path", HS_SNAP_OPTIONAL),
        .count = hs_snap_field_number(f, "count", HS_SNAP_REQUIRED),
        .bytes = hs_snap_field_number(f, "bytes", HS_SNAP_OPTIONAL),
    };
    shared.from = hs_snap_field_strings(f, "holders", &shared.from_length);
    shared.edges = hs_snap_field_strings(f, "edges", &shared.edges_length);
    HS_TRY(hs_snap_fields_error(f));
    if (shared.edges_length != shared.from_length)
        return hs_error_create(HS_ERROR_FORMAT,
                               "the fields `holders` and `edges` of the shared line must be equally long");
    APPEND(snap->shared, snap->shared_count, shared);
    return NULL;
}

static struct hs_error *read_dominator(struct hs_snap *snap, struct hs_snap_fields *f) {
    struct hs_snap_dominator dominator = {
        .by = hs_snap_field_key(f, "by"),
        .class = hs_snap_field_key(f, "class"),
        .count = hs_snap_field_number(f, "count", HS_SNAP_REQUIRED),
        .bytes = hs_snap_field_number(f, "bytes", HS_SNAP_REQUIRED),
    };
    HS_TRY(hs_snap_fields_error(f));
    APPEND(snap->dominators, snap->dominator_count, dominator);
    return NULL;
}

static struct hs_error *read_reject(struct hs_snap *snap, struct hs_snap_fields *f) {
    struct hs_snap_reject reject = {
        .reason = hs_snap_field_string(f, "reason", HS_SNAP_REQUIRED),
        .count = hs_snap_field_number(f, "count", HS_SNAP_OPTIONAL),
        .bytes = hs_snap_field_number(f, "bytes", HS_SNAP_OPTIONAL),
    };
    HS_TRY(hs_snap_fields_error(f));
    APPEND(snap->rejects, snap->reject_count, reject);
    return NULL;
}

/* The digest covers all lines before this one. */
static struct hs_error *read_trailer(struct hs_snap_reader *reader, struct hs_snap *snap,
                                     struct hs_snap_fields *f, int64_t lines) {
    struct hs_snap_trailer *t = &snap->trailer;
    t->lines = hs_snap_field_number(f, "lines", HS_SNAP_REQUIRED);
    t->digest = hs_snap_field_key(f, "digest");
    t->complete = hs_snap_field_bool(f, "complete", HS_SNAP_REQUIRED);
    t->reasons = hs_snap_field_strings(f, "reasons", &t->reasons_length);
    HS_TRY(hs_snap_fields_error(f));
    if (t->lines != lines)
        return hs_error_create(HS_ERROR_FORMAT,
                               "the trailer counts %" PRId64 " lines before it, but there are %" PRId64
                               ": lines were lost or added; make the snapshot again",
                               t->lines, lines);
    XXH128_hash_t hash = XXH3_128bits_digest(reader->digest);
    if (!hs_snap_key_equal(t->digest, (struct hs_snap_key){.high = hash.high64, .low = hash.low64}))
        return hs_error_create(HS_ERROR_FORMAT,
                               "the digest does not match the lines before it: the snapshot was changed "
                               "after it was written; make it again");
    return NULL;
}

/* "heapscan.snapshot/1", also "/1.7": minor versions only add. */
static struct hs_error *check_schema(json_t *line) {
    json_t *value = json_object_get(line, "schema");
    const char *schema = json_is_string(value) ? json_string_value(value) : "";
    static const char name[] = "heapscan.snapshot/";
    size_t length = sizeof name - 1;
    if (strncmp(schema, name, length) || schema[length] < '0' || schema[length] > '9')
        return hs_error_create(HS_ERROR_FORMAT,
                               "the header's schema is not %s: this is no snapshot of heapscan",
                               HS_SNAP_SCHEMA);
    const char *end = schema + length;
    while (*end >= '0' && *end <= '9') end++;
    bool same = schema[length] == '1' && end == schema + length + 1 && (*end == 0 || *end == '.');
    if (same) return NULL;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_escape_terminal_string(&text, schema);
    return hs_error_create(HS_ERROR_UNSUPPORTED,
                           "the schema is %s, but this program reads %s: use one version of heapscan and "
                           "heapdiff, or scan the core again",
                           text.data, HS_SNAP_SCHEMA);
}

static struct hs_error *parse_line(const char *text, size_t size, json_t **ret) {
    json_error_t problem;
    json_t *line = json_loadb(text, size, JSON_ALLOW_NUL, &problem);
    if (line && !json_is_object(line)) {
        json_decref(line);
        return hs_error_create(HS_ERROR_FORMAT, "not a JSON object: this is no snapshot, or it is damaged");
    }
    if (!line) {
        if (json_error_code(&problem) == json_error_out_of_memory) return HS_ENOMEM;
        /* jansson's message quotes the input. */
        HS_STRBUF_AUTO why = HS_STRBUF_INIT;
        hs_escape_terminal_string(&why, problem.text);
        return hs_error_create(HS_ERROR_FORMAT, "not JSON (%s): this is no snapshot, or it is damaged",
                               why.data);
    }
    *ret = line;
    return NULL;
}

static struct hs_error *read_kind(struct hs_snap *snap, struct hs_snap_fields *fields) {
    const char *kind = fields->kind;
    if (!strcmp(kind, "class")) return read_class(snap, fields);
    if (!strcmp(kind, "isolate")) return read_isolate(snap, fields);
    if (!strcmp(kind, "space")) return read_space(snap, fields);
    if (!strcmp(kind, "native")) return read_native(snap, fields);
    if (!strcmp(kind, "root")) return read_root(snap, fields);
    if (!strcmp(kind, "container")) return read_container(snap, fields);
    if (!strcmp(kind, "path")) return read_path(snap, fields);
    if (!strcmp(kind, "edge")) return read_edge(snap, fields);
    if (!strcmp(kind, "shared")) return read_shared(snap, fields);
    if (!strcmp(kind, "dominator")) return read_dominator(snap, fields);
    if (!strcmp(kind, "reject")) return read_reject(snap, fields);
    return NULL; /* a kind of a later version */
}

static struct hs_error *read_line(struct hs_snap_reader *reader, struct hs_snap *snap, const char *text,
                                  size_t size, int64_t lines, bool *done_ret) {
    json_t *line __attribute__((cleanup(json_cleanup))) = NULL;
    struct hs_quick quick;
    if (lines && hs_quick_parse(text, size, &quick)) {
        const struct hs_quick_field *plain = hs_quick_find(&quick, "kind");
        char name[16];
        if (plain && plain->type == HS_QUICK_STRING && plain->size < sizeof name) {
            memcpy(name, plain->text, plain->size);
            name[plain->size] = 0;
            struct hs_snap_fields plain_fields = {.quick = &quick, .arena = snap->arena, .kind = name};
            if (strcmp(name, "header") && strcmp(name, "trailer")) return read_kind(snap, &plain_fields);
        }
    }
    HS_TRY(parse_line(text, size, &line));
    json_t *value = json_object_get(line, "kind");
    if (!json_is_string(value))
        return hs_error_create(HS_ERROR_FORMAT,
                               "a line without a `kind`: this is no snapshot, or it is damaged");
    const char *kind = json_string_value(value);
    struct hs_snap_fields fields = {.line = line, .arena = snap->arena, .kind = kind};
    if (!strcmp(kind, "header")) {
        if (lines)
            return hs_error_create(HS_ERROR_FORMAT,
                                   "a new snapshot begins, but the one before it has no trailer: its "
                                   "scan was cut short; scan that core again");
        HS_TRY(check_schema(line));
        return read_header(snap, &fields);
    }
    if (!lines) {
        HS_STRBUF_AUTO escaped = HS_STRBUF_INIT;
        hs_escape_terminal_string(&escaped, kind);
        return hs_error_create(HS_ERROR_FORMAT,
                               "a line of kind `%s` where the header of a snapshot should be", escaped.data);
    }
    if (strcmp(kind, "trailer")) return read_kind(snap, &fields);
    *done_ret = true;
    return read_trailer(reader, snap, &fields, lines);
}

struct hs_error *hs_snap_reader_next(struct hs_snap_reader *reader, struct hs_snap **ret) {
    struct hs_snap *snap __attribute__((cleanup(snap_cleanup))) = calloc(1, sizeof *snap);
    if (!snap || !(snap->arena = hs_snap_arena_create())) return HS_ENOMEM;
    XXH3_128bits_reset(reader->digest);
    bool done = false;
    for (int64_t lines = 0; !done; lines++) {
        const char *text;
        size_t size;
        HS_TRY(hs_infile_line(reader->file, HS_SNAP_LINE_MAX, &text, &size));
        if (!size && !lines) {
            *ret = NULL;
            return NULL;
        }
        if (!size)
            return hs_error_create(HS_ERROR_FORMAT,
                                   "%s: line %" PRIu64
                                   ": the stream ends without the trailer of its last snapshot: the scan "
                                   "or the copy was cut short; make the snapshot again",
                                   hs_infile_name(reader->file), hs_infile_line_number(reader->file));
        struct hs_error *error = read_line(reader, snap, text, size, lines, &done);
        /* What parses is whole: the line feed of a last trailer may be missing. */
        if (error && lines && text[size - 1] != '\n' && error->code == HS_ERROR_FORMAT) {
            hs_error_destroy(error);
            error = hs_error_create(HS_ERROR_FORMAT, "the stream ends in the middle of a line: the scan or "
                                                     "the copy was cut short; make the snapshot again");
        }
        if (error)
            return hs_error_prefix(error, "%s: line %" PRIu64, hs_infile_name(reader->file),
                                   hs_infile_line_number(reader->file));
        XXH3_128bits_update(reader->digest, text, size);
    }
    *ret = snap;
    snap = NULL;
    return NULL;
}
