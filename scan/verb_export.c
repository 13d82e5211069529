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

static struct hs_error *name(struct hs_heapsnapshot_writer *writer, const char *text, bool kept,
                             uint32_t *ret) {
    return kept ? hs_heapsnapshot_writer_name(writer, text, ret)
                : hs_heapsnapshot_writer_string(writer, text, strlen(text), ret);
}

static struct hs_error *write_node(void *context, const struct hs_exported_node *node) {
    struct hs_heapsnapshot_writer *writer = context;
    uint32_t text;
    HS_TRY(name(writer, node->name, node->kept, &text));
    enum hs_heapsnapshot_node_type type =
        node->synthetic ? HS_HEAPSNAPSHOT_NODE_SYNTHETIC : scan_export_type(node->type);
    return hs_heapsnapshot_write_node(writer, type, text, node->id, node->size, node->edge_count);
}

static struct hs_error *write_edge(void *context, const struct hs_exported_edge *edge) {
    struct hs_heapsnapshot_writer *writer = context;
    uint32_t text = edge->index;
    if (edge->type != HS_EDGE_ELEMENT && edge->type != HS_EDGE_HIDDEN) {
        if (edge->name) HS_TRY(name(writer, edge->name, edge->kept, &text));
        else HS_TRY(hs_heapsnapshot_writer_number(writer, edge->index, &text));
    }
    return hs_heapsnapshot_write_edge(writer, edge->type, text, edge->to);
}

static struct hs_error *write_location(void *context, const struct hs_exported_location *location) {
    return hs_heapsnapshot_write_location(context, location->node, location->script, location->line,
                                          location->column);
}

static struct hs_error *write_all(struct hs_exported *exported, const char *path) {
    struct hs_heapsnapshot_writer *writer;
    HS_TRY(hs_heapsnapshot_writer_open(path, exported->node_count, exported->edge_count, &writer));
    struct hs_error *error = hs_exported_nodes(exported, write_node, writer);
    if (!error) error = hs_exported_edges(exported, write_edge, writer);
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
                                             .numbers = !options->no_numbers};
    struct hs_exported *exported;
    HS_TRY(hs_exported_create(session->analysis, &what, &exported));
    struct hs_error *error = write_all(exported, options->scan.output);
    hs_exported_destroy(exported);
    return error;
}
