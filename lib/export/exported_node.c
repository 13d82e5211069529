/* Ids and names of exported nodes. */
#include <stdlib.h>
#include <string.h>

#include "export/exported_private.h"
#include "js/constructor.h"
#include "js/function.h"
#include "js/node.h"
#include "js/string.h"

/* --- ids: 31 bits of {part, place in the page}, and a 1 */

enum { ID_BITS = 31 };

static unsigned place_bits(const struct hs_v8 *v8) {
    return v8->pages.page_bits - (v8->layout.tagged_size == 8 ? 3 : 2);
}

/* A part is chosen by the page's address alone unless another page has taken it. Part 0 is for synthetic
 * nodes. */
static bool take_parts(struct hs_exported_private *x, bool *used, uint32_t parts) {
    const struct hs_pages *pages = &x->analysis->objects->v8->pages;
    if (pages->count > parts / 4 * 3) return false;
    used[0] = true;
    for (uint32_t i = 0; i < pages->count; i++) {
        if (!(pages->items[i].flags & HS_PAGE_LARGE) && pages->items[i].size >> pages->page_bits > 1)
            return false;
        uint32_t part = (uint32_t)hs_address_mix(pages->items[i].base >> pages->page_bits) & (parts - 1);
        while (used[part]) part = (part + 1) & (parts - 1);
        used[part] = true;
        x->page_slots[i] = (uint16_t)part;
    }
    return true;
}

/* Those of C++ objects follow those of stores. */
static hs_addr native_address(const struct hs_exported_private *x, uint32_t i) {
    const struct hs_graph *graph = x->analysis->graph;
    return i < graph->native_count ? graph->natives[i].address
                                   : x->base.items[i - graph->native_count].address;
}

static uint32_t native_count(const struct hs_exported_private *x) {
    return x->analysis->graph->native_count + (uint32_t)x->base.count;
}

static struct hs_error *take_natives(struct hs_exported_private *x, const bool *used, unsigned bits) {
    struct hs_address_map taken = {0};
    for (uint32_t i = 0; i < native_count(x); i++) {
        uint64_t hash = hs_address_mix(native_address(x, i));
        for (;; hash = hs_address_mix(hash + 1)) {
            uint32_t id = (uint32_t)(hash & ((UINT64_C(1) << ID_BITS) - 1));
            bool fresh = false;
            if (used[id >> bits]) continue;
            if (!hs_address_map_put(&taken, id, 0, &fresh)) {
                hs_address_map_deinit(&taken);
                return HS_ENOMEM;
            }
            x->native_ids[i] = 2 * id + 1;
            if (fresh) break;
        }
    }
    hs_address_map_deinit(&taken);
    return NULL;
}

uint32_t hs_exported_synthetic_id(const struct hs_exported_private *x, uint32_t number) {
    uint32_t base = x->first - (uint32_t)x->base.count;
    if (number < base || x->ranked) return 2 * number + 1;
    return x->native_ids[x->analysis->graph->native_count + number - base];
}

struct hs_error *hs_exported_make_ids(struct hs_exported_private *x) {
    const struct hs_v8 *v8 = x->analysis->objects->v8;
    unsigned bits = place_bits(v8);
    uint32_t parts = UINT32_C(1) << (ID_BITS - bits);
    bool *used = calloc(parts, sizeof *used);
    x->page_slots = calloc((size_t)v8->pages.count + 1, sizeof *x->page_slots);
    x->native_ids = calloc((size_t)native_count(x) + 1, sizeof *x->native_ids);
    struct hs_error *error = used && x->page_slots && x->native_ids ? NULL : HS_ENOMEM;
    if (!error) {
        x->ranked = parts > UINT16_MAX + 1u || !take_parts(x, used, parts);
        if (!x->ranked) error = take_natives(x, used, bits);
    }
    free(used);
    return error;
}

uint32_t hs_exported_id(const struct hs_exported_private *x, hs_id id, hs_addr address) {
    if (x->ranked) return 2 * hs_exported_number(x, id) + 1;
    const struct hs_objects *objects = x->analysis->objects;
    if (id >= objects->count) return x->native_ids[id - objects->count];
    const struct hs_page *page = hs_pages_find(&objects->v8->pages, address);
    uint32_t place = (uint32_t)((address - page->base) / objects->v8->layout.tagged_size);
    return 2 * ((uint32_t)x->page_slots[page - objects->v8->pages.items] << place_bits(objects->v8) | place) +
           1;
}

/* --- classes */

/* The function whose place is the place of the objects of a class; as hs_class.script. 0 if there is none. */
static hs_tagged function_of(struct hs_js *js, const struct hs_class *class) {
    struct hs_map map;
    hs_tagged object = class->sample + 1, function;
    if (!class->sample || !hs_js_map(js, object, &map)) return 0;
    if (map.kind == HS_KIND_JS_FUNCTION) return hs_js_function_shared(js, object);
    if (map.kind == HS_KIND_JS_GENERATOR)
        return hs_v8_word(js->v8, class->sample + (hs_addr)js->v8->layout.generator_function, &function)
                   ? hs_js_function_shared(js, function)
                   : 0;
    if (!hs_kind_is_receiver((enum hs_kind)map.kind)) return 0;
    struct hs_js_constructor constructor;
    hs_js_constructor_get(js, class->sample, &map, &constructor);
    return constructor.shared;
}

/* Script: {…, line_ends, id, …} (script.tq; the order has not moved between V8 10 and 14). */
static uint32_t script_of(struct hs_js *js, hs_tagged shared) {
    const struct hs_layout *l = &js->v8->layout;
    hs_tagged script, word;
    if (!shared || l->script_line_ends == HS_ABSENT ||
        !hs_v8_word(js->v8, hs_untag(shared) + (hs_addr)l->shared_script, &script))
        return 0;
    if (hs_js_kind(js, script) != HS_KIND_SCRIPT) return 0;
    if (!hs_v8_word(js->v8, hs_untag(script) + (hs_addr)l->script_line_ends + l->tagged_size, &word) ||
        !hs_is_smi(l, word))
        return 0;
    return hs_smi(l, word) > 0 && hs_smi(l, word) < INT32_MAX ? (uint32_t)hs_smi(l, word) : 0;
}

static enum hs_exported_naming naming_of(struct hs_js *js, const struct hs_class *class) {
    switch ((enum hs_node_type) class->type) {
    case HS_NODE_STRING:
        return HS_NAMED_BY_CONTENT;
    case HS_NODE_REGEXP:
        return HS_NAMED_BY_PATTERN;
    case HS_NODE_ARRAY:
        return HS_NAMED_BY_OWNER;
    default:
        break;
    }
    struct hs_map map;
    if (!class->sample || !hs_js_map(js, class->sample + 1, &map)) return HS_NAMED_BY_CLASS;
    switch ((enum hs_kind)map.kind) {
    case HS_KIND_SHARED_FUNCTION_INFO:
        return HS_NAMED_BY_FUNCTION;
    case HS_KIND_OBJECT_BOILERPLATE:
    case HS_KIND_CLOSURE_FEEDBACK_CELL_ARRAY:
        return hs_js_is_fixed_array(js->v8, &map) ? HS_NAMED_BY_OWNER : HS_NAMED_BY_CLASS;
    case HS_KIND_MAP:
    case HS_KIND_ODDBALL:
    case HS_KIND_CODE:
    case HS_KIND_BYTE_ARRAY:
    case HS_KIND_FIXED_ARRAY:
        return HS_NAMED_BY_NODE;
    default:
        return HS_NAMED_BY_CLASS;
    }
}

/* What V8 calls nodes of a class that nobody has tagged, where that is not the name of the class. */
static const char *nameless(struct hs_js *js, const struct hs_class *class) {
    const struct hs_layout *l = &js->v8->layout;
    if (strcmp(class->constructor, "(code data)") == 0) return "(code deopt data)";
    if (strcmp(class->constructor, "(source position table)") == 0) return class->constructor;
    if (strcmp(class->constructor, "system / Code") == 0)
        return l->snapshot_names_instructions ? "(code)" : "";
    return strcmp(class->constructor, "system / InstructionStream") == 0 ? "" : NULL;
}

struct hs_error *hs_exported_make_classes(struct hs_exported_private *x) {
    const struct hs_group *group = x->analysis->group;
    x->classes = calloc((size_t)group->class_count + 1, sizeof *x->classes);
    if (!x->classes) return HS_ENOMEM;
    for (uint32_t i = 0; i < group->class_count; i++) {
        const struct hs_class *class = &group->classes[i];
        x->classes[i].naming = (uint8_t)naming_of(x->js, class);
        x->classes[i].nameless = nameless(x->js, class);
        if (class->line < 0 || class->column < 0) continue;
        x->classes[i].script = script_of(x->js, function_of(x->js, class));
        x->classes[i].located = x->classes[i].script != 0;
    }
    return NULL;
}

/* --- names */

static const char *content(struct hs_exported_private *x, hs_tagged string, const char *kind) {
    const struct hs_v8 *v8 = x->js->v8;
    struct hs_strbuf *text = &x->text;
    uint32_t length = 0;
    hs_strbuf_clear(text);
    if (x->options.redact) {
        hs_js_string_length(v8, string, &length);
        hs_strbuf_printf(text, "<%s of %u>", kind, length);
        return text->data;
    }
    hs_js_string_append(v8, string, HS_JS_NAME_LIMIT, text);
    /* V8's names are C strings: it writes a space too. */
    for (char *p = text->data, *end = p + text->size; (p = memchr(p, 0, (size_t)(end - p)));) *p = ' ';
    return text->data;
}

const char *hs_exported_name(struct hs_exported_private *x, hs_id id, hs_addr address, uint8_t tag,
                             bool *kept_ret) {
    static const char *const tags[] = {[HS_TAG_NONE] = "",
                                       [HS_TAG_PROPERTIES] = "(object properties)",
                                       [HS_TAG_ELEMENTS] = "(object elements)",
                                       [HS_TAG_BINDINGS] = "(bound arguments)",
                                       [HS_TAG_FUNCTION] = "(shared function info)",
                                       [HS_TAG_RELOCATION] = "(code relocation info)",
                                       [HS_TAG_OFFSETS] = "(bytecode offset table)",
                                       [HS_TAG_POSITIONS] = "(source position table)",
                                       [HS_TAG_HANDLERS] = "(handler table)"};
    const struct hs_analysis *a = x->analysis;
    uint32_t class = a->class_of[id];
    *kept_ret = true;
    if (class >= a->group->class_count) return "system / (unknown)";
    hs_tagged object = address + 1, word;
    switch ((enum hs_exported_naming)x->classes[class].naming) {
    case HS_NAMED_BY_CONTENT:
        *kept_ret = false;
        return content(x, object, "string");
    case HS_NAMED_BY_PATTERN:
        if (!hs_v8_word(x->js->v8, object - 1 + (hs_addr)x->js->v8->layout.regexp_source, &word)) return "";
        *kept_ret = false;
        return content(x, word, "regexp");
    case HS_NAMED_BY_FUNCTION: {
        const struct hs_js_function *function = hs_js_function_get(x->js, object);
        if (function && *function->name) return function->name;
        return x->js->v8->layout.snapshot_names_instructions ? tags[HS_TAG_FUNCTION] : tags[tag];
    }
    case HS_NAMED_BY_OWNER:
        return tags[tag];
    case HS_NAMED_BY_CLASS:
        break;
    case HS_NAMED_BY_NODE: {
        const char *own = hs_exported_own_name(x, id);
        if (own) return own;
        if (x->classes[class].nameless) return tag > HS_TAG_FUNCTION ? tags[tag] : x->classes[class].nameless;
    }
    }
    /* A script's class is called by its file. */
    const char *name = a->group->classes[class].constructor;
    return strcmp(name, "(script without a name)") == 0 ? "" : name;
}
