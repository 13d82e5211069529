/* heapscan export: the heap as a .heapsnapshot. */
#include "verbs.h"

#include <string.h>

#include "export/exported.h"
#include "out/heapsnapshot_writer.h"

/* Ours -> the file's. */
static const uint8_t types[HS_NODE_TYPE_COUNT] = {
    [HS_NODE_HIDDEN] = HS_HEAPSNAPSHOT_NODE_HIDDEN,
    [HS_NODE_ARRAY] = HS_HEAPSNAPSHOT_NODE_ARRAY,
    [HS_NODE_STRING] = HS_HEAPSNAPSHOT_NODE_STRING,
    [HS_NODE_OBJECT] = HS_HEAPSNAPSHOT_NODE_OBJECT,
    [HS_NODE_CODE] = HS_HEAPSNAPSHOT_NODE_CODE,
    [HS_NODE_CLOSURE] = HS_HEAPSNAPSHOT_NODE_CLOSURE,
    [HS_NODE_REGEXP] = HS_HEAPSNAPSHOT_NODE_REGEXP,
    [HS_NODE_NUMBER] = HS_HEAPSNAPSHOT_NODE_NUMBER,
    [HS_NODE_NATIVE] = HS_HEAPSNAPSHOT_NODE_NATIVE,
    [HS_NODE_CONS_STRING] = HS_HEAPSNAPSHOT_NODE_CONS_STRING,
    [HS_NODE_SLICED_STRING] = HS_HEAPSNAPSHOT_NODE_SLICED_STRING,
    [HS_NODE_SYMBOL] = HS_HEAPSNAPSHOT_NODE_SYMBOL,
    [HS_NODE_BIGINT] = HS_HEAPSNAPSHOT_NODE_BIGINT,
    [HS_NODE_OBJECT_SHAPE] = HS_HEAPSNAPSHOT_NODE_OBJECT_SHAPE,
};

enum hs_heapsnapshot_node_type scan_export_type(uint8_t type) {
    return type < HS_NODE_TYPE_COUNT ? (enum hs_heapsnapshot_node_type)types[type]
                                     : HS_HEAPSNAPSHOT_NODE_SYNTHETIC;
}

static struct hs_error *write_node(struct hs_heapsnapshot_writer *writer,
                                   const struct hs_exported_node *node) {
    uint32_t text;
    if (node->kept) HS_TRY(hs_heapsnapshot_writer_name(writer, node->name, &text));
    else HS_TRY(hs_heapsnapshot_writer_hashed(writer, node->name, strlen(node->name), node->hash, &text));
    enum hs_heapsnapshot_node_type type =
        node->synthetic ? HS_HEAPSNAPSHOT_NODE_SYNTHETIC : scan_export_type(node->type);
    return hs_heapsnapshot_write_node(writer, type, text, node->id, node->size, node->edge_count);
}

enum { AHEAD = 24 }; /* nodes, so that the places of their names are in the cache in time */

static struct hs_error *write_nodes(void *context, const struct hs_exported_node *nodes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count && !nodes[i + AHEAD].kept)
            hs_heapsnapshot_writer_expect(context, nodes[i + AHEAD].hash);
        HS_TRY(write_node(context, &nodes[i]));
    }
    return NULL;
}

static struct hs_error *name_edge(void *context, const char *text, bool kept, uint32_t *ret) {
    return kept ? hs_heapsnapshot_writer_name(context, text, ret)
                : hs_heapsnapshot_writer_string(context, text, strlen(text), ret);
}

static struct hs_error *number_edge(void *context, uint32_t number, uint32_t *ret) {
    return hs_heapsnapshot_writer_number(context, number, ret);
}

static void format_edges(void *context, const struct hs_exported_edge *edges, size_t count,
                         struct hs_strbuf *text) {
    for (size_t i = 0; i < count; i++)
        hs_heapsnapshot_format_edge(context, edges[i].type, edges[i].name, edges[i].to, text);
}

static struct hs_error *write_edges(void *context, const struct hs_strbuf *text, size_t count) {
    return hs_heapsnapshot_write_edges(context, text, count);
}

static struct hs_error *write_location(void *context, const struct hs_exported_location *location) {
    return hs_heapsnapshot_write_location(context, location->node, location->script, location->line,
                                          location->column);
}

static struct hs_error *write_all(struct hs_exported *exported, const char *path) {
    struct hs_heapsnapshot_writer *writer;
    HS_TRY(hs_heapsnapshot_writer_open(path, exported->node_count, exported->edge_count, &writer));
    struct hs_error *error = hs_exported_nodes(exported, write_nodes, writer);
    const struct hs_exported_sink edges = {name_edge, number_edge, format_edges, write_edges, writer};
    if (!error) error = hs_exported_edges(exported, &edges);
    if (!error) error = hs_exported_locations(exported, write_location, writer);
    if (!error) error = hs_heapsnapshot_writer_finish(writer);
    hs_heapsnapshot_writer_destroy(writer);
    return error;
}

struct hs_error *scan_verb_export(struct scan_session *session) {
    const struct scan_verb_options *options = session->options;
    if (session->analysis->file) return scan_export_file(session);
    const struct hs_exported_options what = {.garbage = options->garbage,
                                             .redact = options->redact,
                                             .threads = options->scan.threads,
                                             .numbers = !options->no_numbers,
                                             .path = options->scan.output};
    struct hs_exported *exported;
    HS_TRY(hs_exported_create(session->analysis, &what, &exported));
    struct hs_error *error = write_all(exported, options->scan.output);
    hs_exported_destroy(exported);
    return error;
}
