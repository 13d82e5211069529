/* heapscan export of a .heapsnapshot: the same heap again, in the form that DevTools and memlab of today read
 * (fields and types that old releases lack are filled in), with --redact without contents. */
#include "verbs.h"

#include <string.h>

#include "graph/heapsnapshot_node.h"
#include "out/heapsnapshot_writer.h"

struct copying {
    const struct hs_heapsnapshot *file;
    struct hs_heapsnapshot_writer *writer;
    bool redact;
};

static bool is_content(uint8_t type) {
    return type == HS_NODE_STRING || type == HS_NODE_REGEXP || type == HS_NODE_SYMBOL;
}

/* UTF-16 units, as V8 counts. */
static size_t units_of(const char *text) {
    size_t units = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        units += (*p & 0xC0) != 0x80 ? 1 + (*p >= 0xF0) : 0;
    return units;
}

/* Lengths instead of contents, as exports of cores have them; V8 has cut long ones. */
static struct hs_error *redacted(const struct copying *c, uint32_t node, uint8_t type, uint32_t *ret) {
    const char *text = hs_heapsnapshot_text(c->file, c->file->name[node]);
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    if (hs_heapsnapshot_is_value(c->file, node)) hs_strbuf_puts(&name, "<number>");
    else hs_strbuf_printf(&name, "<%s of %zu>", type == HS_NODE_REGEXP ? "regexp" : "string", units_of(text));
    HS_TRY(hs_strbuf_error(&name));
    return hs_heapsnapshot_writer_string(c->writer, name.data, name.size, ret);
}

static struct hs_error *write_nodes(const struct copying *c) {
    const struct hs_heapsnapshot *file = c->file;
    for (uint32_t node = 0; node < file->node_count; node++) {
        uint8_t type = hs_heapsnapshot_type(file, node);
        uint32_t name;
        bool value = type == HS_NODE_STRING && hs_heapsnapshot_is_value(file, node);
        if (c->redact && (value || (is_content(type) && type != HS_NODE_SYMBOL)))
            HS_TRY(redacted(c, node, type, &name));
        else
            HS_TRY(
                hs_heapsnapshot_writer_name(c->writer, hs_heapsnapshot_text(file, file->name[node]), &name));
        HS_TRY(hs_heapsnapshot_write_node(c->writer, scan_export_type(type), name, file->id[node],
                                          file->size[node], file->first[node + 1] - file->first[node]));
    }
    return NULL;
}

static struct hs_error *write_edges(const struct copying *c) {
    const struct hs_heapsnapshot *file = c->file;
    for (uint32_t e = 0; e < file->edge_count; e++) {
        uint8_t type = file->edge_type[e];
        uint32_t name = file->edge_name[e];
        if (type == HS_HEAPSNAPSHOT_EDGE_OTHER) type = HS_HEAPSNAPSHOT_HIDDEN;
        else if (type != HS_HEAPSNAPSHOT_ELEMENT && type != HS_HEAPSNAPSHOT_HIDDEN)
            HS_TRY(hs_heapsnapshot_writer_name(c->writer, hs_heapsnapshot_text(file, name), &name));
        HS_TRY(hs_heapsnapshot_write_edge(c->writer, type, name, file->to[e]));
    }
    return NULL;
}

static struct hs_error *write_locations(const struct copying *c) {
    for (uint32_t i = 0; i < c->file->location_count; i++) {
        const struct hs_heapsnapshot_location *l = &c->file->locations[i];
        HS_TRY(hs_heapsnapshot_write_location(c->writer, l->node, l->script, l->line, l->column));
    }
    return NULL;
}

struct hs_error *scan_export_file(struct scan_session *session) {
    const struct scan_verb_options *options = session->options;
    struct copying c = {.file = session->analysis->file, .redact = options->redact};
    if (options->garbage || options->no_numbers)
        return hs_error_create(
            HS_ERROR_UNSUPPORTED,
            "--garbage and --no-numbers need a core: a .heapsnapshot is exported as it is");
    HS_TRY(
        hs_heapsnapshot_writer_open(options->scan.output, c.file->node_count, c.file->edge_count, &c.writer));
    struct hs_error *error = c.file->root
                                 ? hs_error_create(HS_ERROR_UNSUPPORTED, "its root is not its first node")
                                 : write_nodes(&c);
    if (!error) error = write_edges(&c);
    if (!error) error = write_locations(&c);
    if (!error) error = hs_heapsnapshot_error(c.file);
    if (!error) error = hs_heapsnapshot_writer_finish(c.writer);
    hs_heapsnapshot_writer_destroy(c.writer);
    return error;
}
