/* Names that V8 gives to single nodes: its own maps and constants, builtins, and what their owners tag. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "export/exported_private.h"
#include "js/function.h"
#include "js/string.h"
#include "v8/name_table.h"

static void put_name(struct hs_exported_private *x, hs_id id, const char *name) {
    bool fresh;
    if (id == HS_ID_NONE || !name) return;
    if (hs_address_map_find(&x->names, (uint64_t)id + 1)) return; /* the first one to name it wins */
    if (!hs_address_map_put(&x->names, (uint64_t)id + 1, (uint64_t)(uintptr_t)name, &fresh))
        x->js->failed = true;
}

static const char *interned(struct hs_exported_private *x) {
    return x->other.failed ? NULL : hs_names_intern(&x->js->names, x->other.data, x->other.size);
}

const char *hs_exported_own_name(const struct hs_exported_private *x, hs_id id) {
    const uint64_t *known = hs_address_map_find(&x->names, (uint64_t)id + 1);
    return known ? (const char *)(uintptr_t)*known : NULL;
}

/* --- roots */

/* "seq_one_byte_string_map" -> "system / Map (SeqOneByteString)": STRING_TYPE_LIST has both spellings. */
static void name_string_map(struct hs_exported_private *x, const char *root, hs_id id) {
    size_t length = strlen(root) - strlen("_map");
    hs_strbuf_clear(&x->other);
    hs_strbuf_puts(&x->other, "system / Map (");
    for (size_t i = 0; i < length; i++) {
        char c = i == 0 || root[i - 1] == '_' ? (char)toupper((unsigned char)root[i]) : root[i];
        if (c != '_') hs_strbuf_putc(&x->other, c);
    }
    hs_strbuf_puts(&x->other, ")");
    put_name(x, id, interned(x));
}

static bool ends_with(const char *text, const char *end) {
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static void name_roots(struct hs_exported_private *x) {
    const struct hs_v8 *v8 = x->js->v8;
    for (size_t i = 0; i < x->analysis->roots.count; i++) {
        const struct hs_root *root = &x->analysis->roots.items[i];
        if ((root->category != HS_ROOT_READ_ONLY && root->category != HS_ROOT_STRONG_LIST) ||
            root->index >= v8->symbols->root_count || !v8->symbols->root_names[root->index])
            continue;
        const char *name = v8->symbols->root_names[root->index];
        hs_tagged object = hs_objects_address(x->analysis->objects, root->id) + 1, text;
        int32_t m = ends_with(name, "string_map") ? hs_maps_find(&x->js->maps, v8, object) : -1;
        if (m >= 0 && x->js->maps.items[m].kind == HS_KIND_STRING) {
            name_string_map(x, name, root->id);
        } else if (v8->layout.snapshot_oddball_texts && hs_js_kind(x->js, object) == HS_KIND_ODDBALL &&
                   hs_v8_word(v8, hs_untag(object) + 2 * (hs_addr)v8->layout.tagged_size, &text)) {
            /* Oddball: {to_number_raw, to_string, …} (oddball.tq) */
            hs_strbuf_clear(&x->other);
            hs_js_string_append(v8, text, HS_JS_NAME_LIMIT, &x->other);
            put_name(x, root->id, interned(x));
        }
    }
}

/* The isolate's table of builtins has one slot for each, in the order of their numbers. */
static void name_builtins(struct hs_exported_private *x) {
    const struct hs_roots *roots = &x->analysis->roots;
    unsigned word = x->js->v8->arch->word_size;
    struct hs_name_table table;
    if (!hs_name_table_find(x->js->v8, "DeoptimizationEntry_Eager", &table)) return;
    for (size_t i = 0; i < roots->count;) {
        size_t end = i + 1;
        while (end < roots->count && roots->items[end].category == roots->items[i].category &&
               roots->items[end].isolate == roots->items[i].isolate &&
               roots->items[end].slot == roots->items[end - 1].slot + word)
            end++;
        bool is_table = roots->items[i].category == HS_ROOT_BUILTINS && end - i >= table.count;
        for (uint32_t k = 0; is_table && k < table.count; k++) {
            const char *name = hs_name_table_get(&table, k);
            if (!name) continue;
            hs_strbuf_clear(&x->other);
            hs_strbuf_printf(&x->other, "(%s %s)", name, x->js->v8->layout.snapshot_builtin_word);
            put_name(x, roots->items[i + k].id, interned(x));
        }
        i = end;
    }
}

/* --- slots of native contexts */

static void load_context_names(struct hs_exported_private *x) {
    struct hs_name_table table;
    if (!hs_name_table_find(x->js->v8, "accessor_property_descriptor_map", &table)) return;
    x->context_names = hs_js_alloc(x->js, HS_EXPORTED_CONTEXT_SLOTS * sizeof *x->context_names);
    for (uint32_t i = 0; x->context_names && i < table.count; i++) {
        uint32_t slot;
        if (hs_name_table_number(&table, i, &slot) && slot < HS_EXPORTED_CONTEXT_SLOTS)
            x->context_names[slot] = hs_name_table_get(&table, i);
    }
}

void hs_exported_make_names(struct hs_exported_private *x) {
    name_roots(x);
    name_builtins(x);
    load_context_names(x);
}

/* --- what owners say (V8HeapExplorer::TagObject) */

/* "(code for f)", "(BASELINE code)" where the function has no name, not even an inferred one. */
static void tag_code(struct hs_exported_private *x, hs_id id, const char *what, const char *function) {
    hs_strbuf_clear(&x->other);
    if (function) hs_strbuf_printf(&x->other, "(%s for %s)", what, function);
    else hs_strbuf_printf(&x->other, "(BASELINE %s)", what);
    put_name(x, id, interned(x));
}

/* Machine code that a function has besides its bytecode, and its instructions where these are another object.
 */
static void tag_compiled(struct hs_exported_private *x, hs_addr shared, hs_id code) {
    const struct hs_v8 *v8 = x->js->v8;
    const struct hs_objects *objects = x->analysis->objects;
    const struct hs_js_function *function = hs_js_function_get(x->js, shared + 1);
    const char *name = function && *function->debug_name ? function->debug_name : NULL;
    if (hs_exported_own_name(x, code)) return;
    if (!v8->layout.snapshot_code_is_handle) tag_code(x, code, "code", name);
    if (!v8->layout.snapshot_code_is_handle && !v8->layout.snapshot_names_instructions) return;
    hs_addr address = hs_objects_address(objects, code);
    uint32_t words = hs_objects_words(objects, code);
    for (uint32_t w = 1; w < words; w++) {
        hs_tagged word;
        if (!hs_v8_word(v8, address + (hs_addr)w * v8->layout.tagged_size, &word) || (word & 3) != 1 ||
            hs_js_kind(x->js, word) != HS_KIND_CODE)
            continue;
        tag_code(x, hs_objects_find(objects, word - 1),
                 v8->layout.snapshot_code_is_handle ? "code" : "instruction stream", name);
    }
}

/* Functions are found by their classes; what a function is compiled to is its data. */
void hs_exported_name_code(struct hs_exported_private *x) {
    const struct hs_analysis *a = x->analysis;
    const struct hs_v8 *v8 = x->js->v8;
    const int32_t offset = v8->layout.shared_data;
    for (hs_id id = 0; offset != HS_ABSENT && id < a->objects->count; id++) {
        uint32_t class = a->class_of[id];
        if (class >= a->group->class_count || x->classes[class].naming != HS_NAMED_BY_FUNCTION ||
            !hs_exported_get(x->chosen, id))
            continue;
        hs_addr address = hs_objects_address(a->objects, id);
        hs_tagged word;
        if (!hs_v8_word(v8, address + (hs_addr)offset, &word) || (word & 3) != 1 ||
            hs_js_kind(x->js, word) != HS_KIND_CODE)
            continue;
        hs_id code = hs_objects_find(a->objects, word - 1);
        if (code != HS_ID_NONE) tag_compiled(x, address, code);
    }
}

void hs_exported_tag_slot(struct hs_exported_object *o, const struct hs_edge *edge) {
    struct hs_exported_private *x = o->walk->x;
    const struct hs_layout *l = &x->js->v8->layout;
    switch (o->kind) {
    case HS_KIND_JS_FUNCTION: /* later releases tag functions wherever they are */
        if (!l->snapshot_names_instructions && edge->name && strcmp(edge->name, "shared") == 0)
            hs_exported_tag(o, edge->to, HS_TAG_FUNCTION);
        break;
    case HS_KIND_CODE:
        if (hs_exported_kind(o, edge->to) == HS_KIND_BYTE_ARRAY && edge->name &&
            !hs_exported_get(x->trivial, edge->to))
            hs_exported_tag(o, edge->to,
                            strcmp(edge->name, "relocation_info") == 0         ? HS_TAG_RELOCATION
                            : strcmp(edge->name, "bytecode_offset_table") == 0 ? HS_TAG_OFFSETS
                            : strcmp(edge->name, "source_position_table") == 0 ? HS_TAG_POSITIONS
                                                                               : HS_TAG_NONE);
        break;
    case HS_KIND_BYTECODE_ARRAY:
        if (!l->snapshot_code_types || hs_exported_get(x->trivial, edge->to)) break;
        if (hs_exported_kind(o, edge->to) == HS_KIND_FIXED_ARRAY) o->pool = edge->index;
        else if (hs_exported_kind(o, edge->to) == HS_KIND_BYTE_ARRAY && o->pool)
            hs_exported_tag(o, edge->to, edge->index == o->pool + 1 ? HS_TAG_HANDLERS : HS_TAG_POSITIONS);
        break;
    default:
        break;
    }
}
