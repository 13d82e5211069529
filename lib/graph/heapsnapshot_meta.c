#include "graph/heapsnapshot_meta.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "graph/heapsnapshot.h"
#include "js/node.h"

enum { FIELDS_MAX = 64, SIZE_MAX_BYTES = 1 << 20, REMARKED = 4, REMARKED_BYTES = 40 };

static int index_of(const json_t *array, const char *name) {
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        if (text && strcmp(text, name) == 0) return (int)i;
    }
    return -1;
}

/* --- what is not known */

struct remark {
    struct hs_strbuf text;
    unsigned count;
};

static void remark_on(struct remark *remark, const char *kind, const char *name) {
    if (remark->count++ >= REMARKED) return;
    hs_strbuf_printf(&remark->text, "%s%s \"%.*s\"", remark->count > 1 ? ", " : "", kind, REMARKED_BYTES,
                     name ? name : "?");
}

static bool among(const char *name, const char *const *names) {
    for (; name && *names; names++)
        if (strcmp(name, *names) == 0) return true;
    return false;
}

static void remark_on_strangers(struct remark *remark, const char *kind, const json_t *array,
                                const char *const *known) {
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *name = json_string_value(json_array_get(array, i));
        if (!among(name, known)) remark_on(remark, kind, name);
    }
}

static char *finish_remark(struct remark *remark) {
    if (!remark->count) return NULL;
    if (remark->count > REMARKED) hs_strbuf_printf(&remark->text, " and %u more", remark->count - REMARKED);
    hs_strbuf_puts(&remark->text, remark->count == 1 ? ": not known, read as far as it can be"
                                                     : ": not known, read as far as they can be");
    return hs_strbuf_detach(&remark->text, NULL);
}

/* --- the parts */

static bool read_fields(const json_t *meta, struct hs_heapsnapshot_meta *m, struct remark *remark) {
    static const char *const node_fields[] = {"type",       "name",          "id",           "self_size",
                                              "edge_count", "trace_node_id", "detachedness", NULL},
                             *const edge_fields[] = {"type", "name_or_index", "to_node", NULL};
    const json_t *nodes = json_object_get(meta, "node_fields"), *edges = json_object_get(meta, "edge_fields"),
                 *locations = json_object_get(meta, "location_fields");
    if (json_array_size(nodes) > FIELDS_MAX || json_array_size(edges) > FIELDS_MAX ||
        json_array_size(locations) > FIELDS_MAX)
        return false;
    m->node_fields = (uint32_t)json_array_size(nodes);
    m->edge_fields = (uint32_t)json_array_size(edges);
    m->location_fields = (uint32_t)json_array_size(locations);
    m->node_type = index_of(nodes, "type");
    m->node_name = index_of(nodes, "name");
    m->node_id = index_of(nodes, "id");
    m->node_size = index_of(nodes, "self_size");
    m->node_edges = index_of(nodes, "edge_count");
    m->edge_type = index_of(edges, "type");
    m->edge_name = index_of(edges, "name_or_index");
    m->edge_to = index_of(edges, "to_node");
    m->location_object = index_of(locations, "object_index");
    m->location_script = index_of(locations, "script_id");
    m->location_line = index_of(locations, "line");
    m->location_column = index_of(locations, "column");
    remark_on_strangers(remark, "node field", nodes, node_fields);
    remark_on_strangers(remark, "edge field", edges, edge_fields);
    return (m->node_type | m->node_name | m->node_id | m->node_size | m->node_edges | m->edge_type |
            m->edge_name | m->edge_to) >= 0;
}

static bool is_known_type(const char *name) {
    for (int t = 0; t < HS_NODE_TYPE_COUNT; t++)
        if (strcmp(name, hs_node_type_name((enum hs_node_type)t)) == 0) return true;
    return strcmp(name, "synthetic") == 0 || strcmp(name, "wasm object") == 0;
}

/* The types of a field stand at its own index. */
static struct hs_error *read_types(const json_t *meta, struct hs_heapsnapshot_meta *m,
                                   struct remark *remark) {
    static const char *const edge_names[] = {"context", "element",  "property", "internal",
                                             "hidden",  "shortcut", "weak"};
    const json_t *types = json_array_get(json_object_get(meta, "node_types"), (size_t)m->node_type),
                 *edge_types = json_array_get(json_object_get(meta, "edge_types"), (size_t)m->edge_type);
    m->type_names = calloc(json_array_size(types) + 1, sizeof *m->type_names);
    if (!m->type_names) return HS_ENOMEM;
    for (size_t i = 0; i < json_array_size(types) && i < HS_HEAPSNAPSHOT_NODE_TYPES; i++) {
        const char *text = json_string_value(json_array_get(types, i));
        if (!text || !is_known_type(text)) remark_on(remark, "node type", text);
        if (!(m->type_names[i] = strdup(text ? text : "hidden"))) return HS_ENOMEM;
        m->type_count++;
    }
    m->edge_type_count = (uint32_t)json_array_size(edge_types);
    for (uint32_t i = 0; i < m->edge_type_count && i < HS_HEAPSNAPSHOT_EDGE_TYPES; i++) {
        const char *text = json_string_value(json_array_get(edge_types, i));
        m->edge_types[i] = HS_HEAPSNAPSHOT_EDGE_OTHER;
        for (uint32_t k = 0; text && k < HS_HEAPSNAPSHOT_EDGE_OTHER; k++)
            if (strcmp(text, edge_names[k]) == 0) m->edge_types[i] = k;
        if (m->edge_types[i] == HS_HEAPSNAPSHOT_EDGE_OTHER) remark_on(remark, "edge type", text);
    }
    return NULL;
}

static uint64_t number_of(const json_t *snapshot, const char *name) {
    json_int_t value = json_integer_value(json_object_get(snapshot, name));
    return value < 0 ? UINT64_MAX : (uint64_t)value;
}

struct hs_error *hs_heapsnapshot_meta_read(const char *json, size_t size, struct hs_heapsnapshot_meta *ret,
                                           const char **problem_ret) {
    json_error_t problem;
    *problem_ret = "its meta is too long";
    if (size > SIZE_MAX_BYTES) return NULL;
    json_t *snapshot = json_loadb(json, size, 0, &problem);
    *problem_ret = "its meta is no JSON";
    if (!snapshot) return json_error_code(&problem) == json_error_out_of_memory ? HS_ENOMEM : NULL;
    const json_t *meta = json_object_get(snapshot, "meta");
    struct remark remark = {.text = HS_STRBUF_INIT};
    struct hs_error *error = NULL;
    *problem_ret = "its meta lacks a field that is needed";
    if (read_fields(meta, ret, &remark)) {
        *problem_ret = NULL;
        error = read_types(meta, ret, &remark);
        ret->node_count = number_of(snapshot, "node_count");
        ret->edge_count = number_of(snapshot, "edge_count");
        ret->root_index = number_of(snapshot, "root_index");
        ret->remark = finish_remark(&remark);
    }
    if (!error) error = hs_strbuf_error(&remark.text);
    hs_strbuf_deinit(&remark.text);
    json_decref(snapshot);
    return error;
}

void hs_heapsnapshot_meta_deinit(struct hs_heapsnapshot_meta *meta) {
    for (uint32_t i = 0; i < meta->type_count; i++) free(meta->type_names[i]);
    free(meta->type_names);
    free(meta->remark);
}
