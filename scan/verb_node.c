/* One node in words and in JSON. */
#include "verbs.h"

#include <inttypes.h>

#include "base/escape.h"
#include "graph/heapsnapshot_node.h"
#include "group/table_keys.h"
#include "js/scope.h"
#include "out/class_label.h"
#include "out/json_line.h"

static const struct hs_class *class_of(const struct scan_session *session, hs_id id) {
    const struct hs_analysis *a = session->analysis;
    uint32_t class = hs_analysis_class(a, id);
    return class < a->group->class_count ? &a->group->classes[class] : NULL;
}

bool scan_node_is_root(const struct scan_session *session, hs_id id) {
    for (size_t i = 0; i < session->analysis->roots.count; i++)
        if (session->analysis->roots.items[i].id == id) return true;
    return false;
}

bool scan_edge_is_data(const struct scan_session *session, hs_id id, const char *name,
                       const struct hs_edge *edge) {
    const struct hs_class *class = class_of(session, id);
    const struct hs_analysis *a = session->analysis;
    if (!class || !class->dictionary) return false;
    if (a->file || !edge->name || !hs_table_key_is_word(edge->name)) return true;
    return !hs_table_is_interface(a->group->js, hs_analysis_address(a, id), name);
}

static bool is_kind(const struct scan_session *session, hs_id id, enum hs_kind kind) {
    return hs_analysis_kind(session->analysis, id) == kind;
}

/* A context is called after the function whose variables it holds. */
static const char *context_name(const struct scan_session *session, hs_id id) {
    const struct hs_v8 *v8 = session->capture.v8;
    struct hs_js *js = session->capture.group->js;
    hs_tagged scope_info;
    struct hs_js_scope scope;
    if (!is_kind(session, id, HS_KIND_CONTEXT)) return NULL;
    if (session->analysis->file) return "";
    hs_addr address = hs_analysis_address(session->analysis, id);
    if (!hs_v8_word(v8, address + 2 * v8->layout.tagged_size, &scope_info) ||
        !hs_js_scope_read(v8, scope_info, &scope))
        return "";
    return scope.name ? hs_js_text(js, scope.name) : "";
}

void scan_node_put(const struct scan_session *session, hs_id id, struct hs_strbuf *out) {
    const struct hs_class *class = class_of(session, id);
    const char *context = context_name(session, id);
    if (context) {
        hs_strbuf_puts(out, *context ? "(scope of " : "(scope");
        if (*context) hs_class_label_put_head(out, "closure", context);
        hs_strbuf_putc(out, ')');
        return;
    }
    if (!class) {
        const struct hs_heapsnapshot *file = session->analysis->file;
        const char *name = file ? hs_heapsnapshot_text(file, file->name[id]) : "(unknown)";
        hs_escape_terminal_string(out, *name ? name : "(root)");
        return;
    }
    hs_class_label_put_head(out, hs_node_type_name((enum hs_node_type) class->type), class->constructor);
    if (class->line >= 0) hs_class_label_put_location(out, class->script, class->line + 1);
    if (class->dictionary && !is_kind(session, id, HS_KIND_JS_GLOBAL_OBJECT)) hs_strbuf_puts(out, " {table}");
}

void scan_node_put_json(const struct scan_session *session, hs_id id, struct hs_strbuf *line) {
    const struct hs_class *class = class_of(session, id);
    hs_json_put_address(line, "address", hs_analysis_address(session->analysis, id));
    hs_json_put_string(line, "type", class ? hs_node_type_name((enum hs_node_type) class->type) : NULL);
    hs_json_put_string(line, "constructor", class ? class->constructor : NULL);
    bool located = class && class->line >= 0;
    hs_json_put_location(line, located ? class->script : NULL, located ? class->line + 1 : 0,
                         located ? class->column + 1 : 0, INT64_MIN);
    hs_json_put_number(line, "bytes", (int64_t)hs_analysis_size(session->analysis, id), INT64_MIN);
    hs_json_put_number(line, "retained_bytes", (int64_t)hs_analysis_retained(session->analysis, id),
                       INT64_MIN);
}
