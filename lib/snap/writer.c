#include "snap/writer.h"

#include "base/escape.h"
#include "snap/outfile.h"
#include "snap/time.h"
#include <inttypes.h>
#include <stdlib.h>
#include <xxhash.h>

struct hs_snap_writer {
    struct hs_outfile *file;
    struct hs_strbuf line;
    XXH3_state_t *digest; /* of the bytes of this snapshot so far */
    int64_t lines;        /* of this snapshot so far */
    bool inside;          /* between header and trailer */
};

static struct hs_error *writer_of_file(struct hs_outfile *file, struct hs_snap_writer **ret) {
    struct hs_snap_writer *writer = calloc(1, sizeof *writer);
    if (!writer) {
        hs_outfile_destroy(file);
        return HS_ENOMEM;
    }
    writer->file = file;
    hs_strbuf_init(&writer->line);
    writer->digest = XXH3_createState();
    if (!writer->digest) {
        hs_snap_writer_destroy(writer);
        return HS_ENOMEM;
    }
    *ret = writer;
    return NULL;
}

struct hs_error *hs_snap_writer_create(FILE *stream, const char *name, struct hs_snap_writer **ret) {
    struct hs_outfile *file;
    HS_TRY(hs_outfile_wrap(stream, name, &file));
    return writer_of_file(file, ret);
}

struct hs_error *hs_snap_writer_open(const char *path, struct hs_snap_writer **ret) {
    struct hs_outfile *file;
    HS_TRY(hs_outfile_open(path, &file));
    return writer_of_file(file, ret);
}

void hs_snap_writer_destroy(struct hs_snap_writer *writer) {
    if (!writer) return;
    hs_outfile_destroy(writer->file);
    hs_strbuf_deinit(&writer->line);
    XXH3_freeState(writer->digest);
    free(writer);
}

/* The line is built from these. `name` is a literal and needs no escaping. */

static void put_name(struct hs_snap_writer *writer, const char *name) {
    hs_strbuf_puts(&writer->line, ",\"");
    hs_strbuf_puts(&writer->line, name);
    hs_strbuf_puts(&writer->line, "\":");
}

static void put_string(struct hs_snap_writer *writer, const char *name, const char *value) {
    put_name(writer, name);
    hs_escape_json_string(&writer->line, value);
}

static void put_number(struct hs_snap_writer *writer, const char *name, int64_t value) {
    put_name(writer, name);
    if (value == HS_SNAP_NULL) hs_strbuf_puts(&writer->line, "null");
    else hs_strbuf_put_i64(&writer->line, value);
}

static void put_bool(struct hs_snap_writer *writer, const char *name, bool value) {
    put_name(writer, name);
    hs_strbuf_puts(&writer->line, value ? "true" : "false");
}

static void put_address(struct hs_snap_writer *writer, const char *name, hs_addr address) {
    put_name(writer, name);
    if (address) hs_strbuf_printf(&writer->line, "\"0x%" PRIx64 "\"", address);
    else hs_strbuf_puts(&writer->line, "null");
}

static void put_strings(struct hs_snap_writer *writer, const char *name, const char *const *values,
                        size_t length) {
    put_name(writer, name);
    hs_strbuf_putc(&writer->line, '[');
    for (size_t i = 0; i < length; i++) {
        if (i) hs_strbuf_putc(&writer->line, ',');
        hs_escape_json_string(&writer->line, values[i]);
    }
    hs_strbuf_putc(&writer->line, ']');
}

static void put_key(struct hs_snap_writer *writer, const char *name, struct hs_snap_key key) {
    char text[33];
    hs_snap_key_print(key, text);
    put_string(writer, name, text);
}

static void begin_line(struct hs_snap_writer *writer, const char *kind) {
    hs_strbuf_clear(&writer->line);
    hs_strbuf_puts(&writer->line, "{\"kind\":\"");
    hs_strbuf_puts(&writer->line, kind);
    hs_strbuf_putc(&writer->line, '"');
}

static struct hs_error *end_line(struct hs_snap_writer *writer) {
    hs_strbuf_puts(&writer->line, "}\n");
    HS_TRY(hs_strbuf_error(&writer->line));
    XXH3_128bits_update(writer->digest, writer->line.data, writer->line.size);
    writer->lines++;
    return hs_outfile_write(writer->file, writer->line.data, writer->line.size);
}

static struct hs_error *check_inside(const struct hs_snap_writer *writer) {
    if (writer->inside) return NULL;
    return hs_error_create(HS_ERROR_USAGE,
                           "a line of a snapshot was written before its header (a bug in heapscan)");
}

struct hs_error *hs_snap_write_header(struct hs_snap_writer *writer, const struct hs_snap_header *header) {
    if (writer->inside)
        return hs_error_create(
            HS_ERROR_USAGE,
            "a snapshot was begun before the one before it had its trailer (a bug in heapscan)");
    writer->inside = true;
    writer->lines = 0;
    XXH3_128bits_reset(writer->digest);
    char captured_at[32];
    begin_line(writer, "header");
    put_string(writer, "schema", HS_SNAP_SCHEMA);
    put_string(writer, "tool", header->tool);
    put_string(writer, "source", header->source);
    put_string(writer, "format", header->format);
    put_string(writer, "machine", header->machine);
    put_number(writer, "bits", header->bits);
    put_string(writer, "build_id", header->build_id);
    put_number(writer, "pid", header->pid);
    bool known = header->captured_at != HS_SNAP_NULL && hs_snap_time_print(header->captured_at, captured_at);
    put_string(writer, "captured_at", known ? captured_at : NULL);
    put_string(writer, "node", header->node);
    put_string(writer, "v8", header->v8);
    put_number(writer, "isolates", header->isolates);
    put_strings(writer, "options", header->options, header->options_length);
    return end_line(writer);
}

struct hs_error *hs_snap_write_isolate(struct hs_snap_writer *writer, const struct hs_snap_isolate *isolate) {
    HS_TRY(check_inside(writer));
    begin_line(writer, "isolate");
    put_number(writer, "id", isolate->id);
    put_string(writer, "role", isolate->role);
    put_address(writer, "address", isolate->address);
    return end_line(writer);
}

struct hs_error *hs_snap_write_space(struct hs_snap_writer *writer, const struct hs_snap_space *space) {
    HS_TRY(check_inside(writer));
    begin_line(writer, "space");
    put_number(writer, "isolate", space->isolate);
    put_string(writer, "name", space->name);
    put_number(writer, "pages", space->pages);
    put_number(writer, "committed", space->committed);
    put_number(writer, "used", space->used);
    put_number(writer, "objects", space->objects);
    put_number(writer, "fillers", space->fillers);
    put_number(writer, "free", space->free);
    put_number(writer, "rejected", space->rejected);
    return end_line(writer);
}

struct hs_error *hs_snap_write_class(struct hs_snap_writer *writer, const struct hs_snap_class *class) {
    HS_TRY(check_inside(writer));
    begin_line(writer, "class");
    put_key(writer, "key", class->key);
    put_number(writer, "isolate", class->isolate);
    put_string(writer, "type", class->type);
    put_string(writer, "constructor", class->constructor);
    put_name(writer, "location");
    if (class->location.script) {
        hs_strbuf_puts(&writer->line, "{\"script\":");
        hs_escape_json_string(&writer->line, class->location.script);
        put_number(writer, "line", class->location.line);
        put_number(writer, "column", class->location.column);
        hs_strbuf_putc(&writer->line, '}');
    } else {
        hs_strbuf_puts(&writer->line, "null");
    }
    /* The keys of a table are data of the user: they stay here even if a caller passes them. */
    put_strings(writer, "properties", class->properties, class->dictionary ? 0 : class->properties_length);
    put_number(writer, "property_count", class->property_count);
    put_bool(writer, "dictionary", class->dictionary);
    put_number(writer, "count", class->count);
    put_number(writer, "bytes", class->bytes);
    put_number(writer, "reachable_count", class->reachable_count);
    put_number(writer, "reachable_bytes", class->reachable_bytes);
    put_number(writer, "retained_bytes", class->retained_bytes);
    put_number(writer, "elements", class->elements);
    put_address(writer, "sample", class->sample);
    return end_line(writer);
}

struct hs_error *hs_snap_write_native(struct hs_snap_writer *writer, const struct hs_snap_native *native) {
    HS_TRY(check_inside(writer));
    begin_line(writer, "native");
    put_string(writer, "name", native->name);
    put_number(writer, "bytes", native->bytes);
    put_number(writer, "count", native->count);
    return end_line(writer);
}

struct hs_error *hs_snap_write_root(struct hs_snap_writer *writer, const struct hs_snap_root *root) {
    HS_TRY(check_inside(writer));
    begin_line(writer, "root");
    put_number(writer, "isolate", root->isolate);
    put_string(writer, "category", root->category);
    put_number(writer, "count", root->count);
    put_number(writer, "bytes", root->bytes);
    put_number(writer, "retained_bytes", root->retained_bytes);
    return end_line(writer);
}

struct hs_error *hs_snap_write_container(struct hs_snap_writer *writer,
                                         const struct hs_snap_container *container) {
    HS_TRY(check_inside(writer));
    begin_line(writer, "container");
    put_string(writer, "path", container->path);
    put_key(writer, "class", container->class);
    put_string(writer, "constructor", container->constructor);
    put_address(writer, "address", container->address);
    put_number(writer, "entries", container->entries);
    put_number(writer, "capacity", container->capacity);
    put_number(writer, "bytes", container->bytes);
    put_number(writer, "retained_bytes", container->retained_bytes);
    put_string(writer, "keys", container->keys);
    return end_line(writer);
}

struct hs_error *hs_snap_write_path(struct hs_snap_writer *writer, const struct hs_snap_path *path) {
    HS_TRY(check_inside(writer));
    begin_line(writer, "path");
    put_number(writer, "id", path->id);
    put_number(writer, "parent", path->parent);
    put_string(writer, "edge", path->edge);
    put_key(writer, "class", path->class);
    put_string(writer, "constructor", path->constructor);
    put_number(writer, "count", path->count);
    put_number(writer, "bytes", path->bytes);
    put_number(writer, "fanout", path->fanout);
    if (path->sample) put_address(writer, "sample", path->sample);
    return end_line(writer);
}

struct hs_error *hs_snap_write_edge(struct hs_snap_writer *writer, const struct hs_snap_edge *edge) {
    HS_TRY(check_inside(writer));
    begin_line(writer, "edge");
    put_key(writer, "from", edge->from);
    put_string(writer, "name", edge->name);
    put_key(writer, "to", edge->to);
    put_number(writer, "count", edge->count);
    return end_line(writer);
}

struct hs_error *hs_snap_write_shared(struct hs_snap_writer *writer, const struct hs_snap_shared *shared) {
    HS_TRY(check_inside(writer));
    begin_line(writer, "shared");
    put_number(writer, "path", shared->path);
    put_strings(writer, "holders", shared->from, shared->from_length);
    put_strings(writer, "edges", shared->edges, shared->edges_length);
    put_number(writer, "count", shared->count);
    put_number(writer, "bytes", shared->bytes);
    return end_line(writer);
}

struct hs_error *hs_snap_write_dominator(struct hs_snap_writer *writer,
                                         const struct hs_snap_dominator *dominator) {
    HS_TRY(check_inside(writer));
    begin_line(writer, "dominator");
    put_key(writer, "by", dominator->by);
    put_key(writer, "class", dominator->class);
    put_number(writer, "count", dominator->count);
    put_number(writer, "bytes", dominator->bytes);
    return end_line(writer);
}

struct hs_error *hs_snap_write_reject(struct hs_snap_writer *writer, const struct hs_snap_reject *reject) {
    HS_TRY(check_inside(writer));
    begin_line(writer, "reject");
    put_string(writer, "reason", reject->reason);
    put_number(writer, "count", reject->count);
    put_number(writer, "bytes", reject->bytes);
    return end_line(writer);
}

struct hs_error *hs_snap_write_trailer(struct hs_snap_writer *writer, const struct hs_snap_trailer *trailer) {
    HS_TRY(check_inside(writer));
    XXH128_hash_t hash = XXH3_128bits_digest(writer->digest);
    begin_line(writer, "trailer");
    put_number(writer, "lines", writer->lines);
    put_key(writer, "digest", (struct hs_snap_key){.high = hash.high64, .low = hash.low64});
    put_bool(writer, "complete", trailer->complete);
    put_strings(writer, "reasons", trailer->reasons, trailer->reasons_length);
    HS_TRY(end_line(writer));
    writer->inside = false;
    return hs_outfile_flush(writer->file);
}

struct hs_error *hs_snap_writer_finish(struct hs_snap_writer *writer) {
    if (writer->inside)
        return hs_error_create(HS_ERROR_USAGE, "a snapshot was left without its trailer (a bug in heapscan)");
    return hs_outfile_commit(writer->file);
}
