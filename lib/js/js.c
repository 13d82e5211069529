#include "js/js.h"

#include <stdlib.h>
#include <string.h>
#include "js/script.h"
#include "js/string.h"

/* Real programs hold less source than this; scripts that all point to one huge string do not cost hours. */
enum { BLOCK_BYTES = 64 << 10, SOURCE_UNITS = 1 << 30, SOURCE_LINES = 1 << 26 };

struct hs_js_block {
    struct hs_js_block *next;
    size_t used, size;
    _Alignas(16) char bytes[];
};

void *hs_js_alloc(struct hs_js *js, size_t size) {
    size = (size + 15) & ~(size_t)15;
    struct hs_js_block *block = js->blocks;
    if (!block || size > block->size - block->used) {
        size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
        block = calloc(1, sizeof *block + room);
        if (!block) {
            js->failed = true;
            return NULL;
        }
        block->next = js->blocks;
        block->size = room;
        js->blocks = block;
    }
    void *p = block->bytes + block->used;
    block->used += size;
    return p;
}

/* Symbol.flags was a set of bits (private 1, well-known 2, …, private name 16) until V8 made the first two
 * bits a kind (0 public, 1 private, 2 private name, 3 brand; name.tq). Symbol.toStringTag is public and, in
 * V8's terms, well-known: its bit 1 tells. */
static bool has_symbol_kinds(const struct hs_v8 *v8) {
    hs_tagged symbol = hs_v8_root(v8, 0, "to_string_tag_symbol");
    uint32_t flags;
    if (hs_v8_kind_of(v8, symbol) != HS_KIND_SYMBOL) return false;
    if (!hs_v8_u32(v8, hs_untag(symbol) + (hs_addr)v8->layout.symbol_flags, &flags)) return false;
    return (flags & 3) == 0;
}

struct hs_error *hs_js_create_empty(struct hs_js **ret) {
    struct hs_js *js = calloc(1, sizeof *js);
    if (!js) return HS_ENOMEM;
    *ret = js;
    return NULL;
}

struct hs_error *hs_js_create(const struct hs_v8 *v8, struct hs_js **ret) {
    struct hs_js *js = calloc(1, sizeof *js);
    if (!js) return HS_ENOMEM;
    js->v8 = v8;
    js->source_left = SOURCE_UNITS;
    js->lines_left = SOURCE_LINES;
    js->roots = calloc(v8->isolate_count ? v8->isolate_count : 1, sizeof *js->roots);
    if (!js->roots) {
        free(js);
        return HS_ENOMEM;
    }
    for (uint32_t i = 0; i < v8->isolate_count; i++)
        js->roots[i] = (struct hs_js_roots){
            .undefined = hs_v8_root(v8, i, "undefined_value"),
            .the_hole = hs_v8_root(v8, i, "the_hole_value"),
            .to_string_tag = hs_v8_root(v8, i, "to_string_tag_symbol"),
            .constructor_string = hs_v8_root(v8, i, "constructor_string"),
            .name_string = hs_v8_root(v8, i, "name_string"),
        };
    js->symbol_kinds = has_symbol_kinds(v8);
    *ret = js;
    return NULL;
}

void hs_js_destroy(struct hs_js *js) {
    if (!js) return;
    hs_js_scripts_free(js);
    hs_maps_deinit(&js->maps);
    hs_names_deinit(&js->names);
    hs_address_map_deinit(&js->name_cache);
    hs_address_map_deinit(&js->functions);
    hs_address_map_deinit(&js->scripts);
    hs_address_map_deinit(&js->holders);
    while (js->blocks) {
        struct hs_js_block *next = js->blocks->next;
        free(js->blocks);
        js->blocks = next;
    }
    free(js->roots);
    free(js);
}

struct hs_error *hs_js_error(const struct hs_js *js) {
    return js->failed || js->names.failed ? HS_ENOMEM : NULL;
}

bool hs_js_map(struct hs_js *js, hs_tagged object, struct hs_map *ret) {
    hs_tagged word;
    if (!hs_is_pointer(object) || !hs_v8_word(js->v8, hs_untag(object), &word)) return false;
    int32_t index = hs_maps_find(&js->maps, js->v8, word);
    if (index < 0) return false;
    *ret = js->maps.items[index];
    return true;
}

enum hs_kind hs_js_kind(struct hs_js *js, hs_tagged object) {
    hs_tagged word;
    if (!hs_is_pointer(object) || !hs_v8_word(js->v8, hs_untag(object), &word)) return HS_KIND_UNKNOWN;
    int32_t index = hs_maps_find(&js->maps, js->v8, word);
    return index < 0 ? HS_KIND_UNKNOWN : (enum hs_kind)js->maps.items[index].kind;
}

bool hs_js_is_to_string_tag(const struct hs_js *js, hs_tagged key) {
    for (uint32_t i = 0; i < js->v8->isolate_count; i++)
        if (key && key == js->roots[i].to_string_tag) return true;
    return false;
}

bool hs_js_is_constructor_string(const struct hs_js *js, hs_tagged key) {
    for (uint32_t i = 0; i < js->v8->isolate_count; i++)
        if (key && key == js->roots[i].constructor_string) return true;
    return false;
}

bool hs_js_is_name_string(const struct hs_js *js, hs_tagged key) {
    for (uint32_t i = 0; i < js->v8->isolate_count; i++)
        if (key && key == js->roots[i].name_string) return true;
    return false;
}

const char *hs_js_text(struct hs_js *js, hs_tagged string) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_js_string_append(js->v8, string, HS_JS_NAME_LIMIT, &text);
    if (text.failed) js->failed = true;
    return hs_names_intern(&js->names, text.data, text.size);
}

static uint32_t symbol_flags(const struct hs_js *js, hs_tagged symbol) {
    uint32_t flags = 0;
    hs_v8_u32(js->v8, hs_untag(symbol) + (hs_addr)js->v8->layout.symbol_flags, &flags);
    return flags;
}

bool hs_js_symbol_is_private(const struct hs_js *js, hs_tagged symbol) {
    uint32_t flags = symbol_flags(js, symbol);
    return js->symbol_kinds ? (flags & 3) != 0 : (flags & 1) != 0;
}

static const char *symbol_name(struct hs_js *js, hs_tagged symbol) {
    hs_tagged description;
    if (!hs_v8_word(js->v8, hs_untag(symbol) + (hs_addr)js->v8->layout.symbol_description, &description))
        return "<symbol>";
    if (hs_js_kind(js, description) != HS_KIND_STRING) return "<symbol>";
    uint32_t flags = symbol_flags(js, symbol);
    bool private_name = js->symbol_kinds ? (flags & 3) >= 2 : (flags >> 4 & 1) != 0;
    if (private_name) return hs_js_text(js, description);
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_strbuf_puts(&text, "<symbol ");
    hs_js_string_append(js->v8, description, HS_JS_NAME_LIMIT, &text);
    hs_strbuf_putc(&text, '>');
    if (text.failed) js->failed = true;
    return hs_names_intern(&js->names, text.data, text.size);
}

const char *hs_js_name(struct hs_js *js, hs_tagged key) {
    if (!hs_is_pointer(key)) return NULL;
    const uint64_t *known = hs_address_map_find(&js->name_cache, key);
    if (known) return (const char *)(uintptr_t)*known;
    const char *name = NULL;
    switch (hs_js_kind(js, key)) {
    case HS_KIND_STRING:
        name = hs_js_text(js, key);
        break;
    case HS_KIND_SYMBOL:
        name = symbol_name(js, key);
        break;
    default:
        break;
    }
    if (!hs_address_map_put(&js->name_cache, key, (uint64_t)(uintptr_t)name, NULL)) js->failed = true;
    return name;
}
