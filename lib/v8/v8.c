#define _GNU_SOURCE 1 /* vasprintf */
#include "v8/v8.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "v8/gc.h"
#include "v8/isolate_private.h"
#include "v8/layout_private.h"
#include "v8/page_private.h"
#include "v8/type_private.h"

struct hs_error *hs_v8_warn(struct hs_v8 *v8, const char *format, ...) {
    char **grown = realloc(v8->warnings, (v8->warning_count + 1) * sizeof *grown);
    if (!grown) return HS_ENOMEM;
    v8->warnings = grown;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&grown[v8->warning_count], format, arguments);
    va_end(arguments);
    if (length < 0) return HS_ENOMEM;
    v8->warning_count++;
    return NULL;
}

/* Every root "<name>_map" that is a map tells the number of a type. Where a symbol tells it too, both must
 * agree. */
static struct hs_error *types_from_roots(struct hs_v8 *v8) {
    static const struct {
        const char *root, *type;
    } named_twice[] = {{"fixed_array_map", "FixedArray"},
                       {"symbol_map", "Symbol"},
                       {"heap_number_map", "HeapNumber"},
                       {"scope_info_map", "ScopeInfo"},
                       {"shared_function_info_map", "SharedFunctionInfo"}};
    unsigned agree = 0, differ = 0;
    const struct hs_isolate *isolate = &v8->isolates[0];
    for (size_t i = 0; i < v8->symbols->root_count; i++) {
        const char *name = v8->symbols->root_names[i];
        size_t length = strlen(name);
        if (length < 5 || strcmp(name + length - 4, "_map") != 0) continue;
        uint64_t word;
        if (!hs_core_word(v8->core, isolate->roots + i * v8->arch->word_size, &word)) continue;
        const uint8_t *map = hs_map_validate(v8, word);
        if (!map) continue;
        uint16_t number = hs_map_type(v8, map), known;
        for (size_t k = 0; k < sizeof named_twice / sizeof *named_twice; k++)
            if (strcmp(name, named_twice[k].root) == 0 &&
                hs_types_find(&v8->types, named_twice[k].type, &known))
                number == known ? agree++ : differ++;
        if (strcmp(name, "meta_map") != 0) HS_TRY(hs_types_add_root(&v8->types, name, number));
    }
    hs_types_finish(&v8->types);
    if (!v8->symbols->roots_discovered && (differ || agree < 3))
        return hs_error_create(HS_ERROR_LAYOUT,
                               "V8 %s: the root table does not fit this core: of the maps that both the "
                               "roots and the symbols name, "
                               "%u agree and %u differ",
                               v8->symbols->version_text, agree, differ);
    uint16_t number;
    static const char *const needed[] = {"Filler", "FreeSpace", "FixedArray", "SharedFunctionInfo"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!hs_types_find(&v8->types, needed[i], &number))
            return hs_error_create(HS_ERROR_LAYOUT, "V8 %s: the instance type of %s is not known",
                                   v8->symbols->version_text, needed[i]);
    return NULL;
}

static struct hs_error *resolve_links(struct hs_v8 *v8) {
    struct hs_page_links links;
    HS_TRY(hs_page_links_discover(v8, &links));
    struct hs_error *error = hs_page_links_mark_freed(v8, &links);
    if (!error) error = hs_newspace_discover(v8, &links);
    hs_page_links_deinit(&links);
    return error;
}

static struct hs_error *resolve(struct hs_v8 *v8) {
    HS_TRY(hs_v8_fact(v8, "v8_version", v8->symbols->version[0],
                      v8->symbols->version[0] ? HS_FROM_BINARY : HS_FROM_NOTHING, "%s",
                      v8->symbols->version_text));
    HS_TRY(hs_layout_resolve(v8));
    HS_TRY(hs_types_resolve(v8->symbols, &v8->types));
    HS_TRY(hs_pages_discover(v8->core, v8->symbols, &v8->pages));
    HS_TRY(hs_v8_fact(v8, "page_header", v8->pages.count, HS_FROM_DISCOVERY, "%s", v8->pages.variant));
    HS_TRY(hs_isolates_discover(v8));
    for (uint32_t i = 0; i < v8->isolate_count; i++) {
        const struct hs_isolate *isolate = &v8->isolates[i];
        HS_TRY(hs_v8_fact(v8, "isolate.roots", (int64_t)(isolate->roots - isolate->address),
                          HS_FROM_DISCOVERY, "isolate %u (%s): %s", i, isolate->main ? "main" : "worker",
                          v8->symbols->roots_discovered
                              ? "the maps of free space and fillers"
                              : "seven landmarks of root_names_ in read-only pages"));
        HS_TRY(hs_v8_fact(v8, "isolate.heap", (int64_t)(isolate->heap - isolate->address), HS_FROM_DISCOVERY,
                          "isolate %u: page headers", i));
    }
    HS_TRY(types_from_roots(v8));
    HS_TRY(hs_labs_discover(v8));
    HS_TRY(resolve_links(v8));
    HS_TRY(hs_v8_fact(v8, "allocation_areas", v8->lab_count, HS_FROM_DISCOVERY,
                      "start <= top < limit inside one page"));
    HS_TRY(hs_rules_resolve(v8));
    HS_TRY(hs_owner_kinds_resolve(v8));
    HS_TRY(hs_scope_flags_resolve(v8));
    HS_TRY(hs_gc_discover(v8));
    return hs_v8_check(v8);
}

struct hs_error *hs_v8_open_symbols(const struct hs_core *core, const struct hs_images *images,
                                    struct hs_v8_symbols *symbols, struct hs_v8 **ret) {
    struct hs_v8 *v8 = calloc(1, sizeof *v8);
    if (!v8) {
        hs_v8_symbols_destroy(symbols);
        return HS_ENOMEM;
    }
    v8->core = core;
    v8->images = images;
    v8->arch = core->arch;
    v8->symbols = symbols;
    struct hs_error *error = resolve(v8);
    if (error) {
        hs_v8_close(v8);
        return error;
    }
    *ret = v8;
    return NULL;
}

struct hs_error *hs_v8_open(const struct hs_core *core, const struct hs_images *images,
                            const struct hs_v8_options *options, struct hs_v8 **ret) {
    struct hs_v8_symbols *symbols = NULL;
    if (options && options->metadata)
        HS_TRY(hs_v8_symbols_load_metadata(core, images, options->metadata, &symbols));
    else HS_TRY(hs_v8_symbols_load(core, images, &symbols));
    return hs_v8_open_symbols(core, images, symbols, ret);
}

void hs_v8_close(struct hs_v8 *v8) {
    if (!v8) return;
    hs_v8_symbols_destroy((struct hs_v8_symbols *)v8->symbols);
    hs_pages_deinit(&v8->pages);
    hs_rules_deinit(&v8->rules);
    free(v8->types.items);
    free(v8->map_kinds);
    free(v8->isolates);
    free(v8->labs);
    free(v8->facts);
    for (size_t i = 0; i < v8->warning_count; i++) free(v8->warnings[i]);
    free(v8->warnings);
    free(v8);
}

void hs_v8_explain(const struct hs_v8 *v8, FILE *out) {
    fprintf(out, "V8 %s, Node %s, symbols of build-id %s\n", v8->symbols->version_text,
            v8->symbols->node_version[0] ? v8->symbols->node_version : "(unknown)",
            v8->symbols->build_id[0] ? v8->symbols->build_id : "(none)");
    for (size_t i = 0; i < v8->fact_count; i++) {
        const struct hs_fact *fact = &v8->facts[i];
        fprintf(out, "%-52s %10lld  %-9s  %s\n", fact->name, (long long)fact->value,
                hs_provenance_name(fact->provenance), fact->source);
    }
}

hs_tagged hs_v8_settle(const struct hs_v8 *v8, hs_tagged word) {
    if (!v8->moving || !(word & 1)) return word;
    const uint8_t *p = hs_pages_ptr(&v8->pages, hs_untag(word), v8->layout.tagged_size);
    hs_tagged first = p ? hs_v8_load_raw(v8, p) : 0;
    if (!first || first & 3) return word;
    p = hs_pages_ptr(&v8->pages, first, v8->layout.tagged_size);
    return p && hs_map_validate(v8, hs_v8_load_raw(v8, p)) ? first | (word & 3) : word;
}

bool hs_v8_word(const struct hs_v8 *v8, hs_addr addr, hs_tagged *ret) {
    const uint8_t *p = hs_pages_ptr(&v8->pages, addr, v8->layout.tagged_size);
    if (p) *ret = hs_v8_load(v8, p);
    return p != NULL;
}

bool hs_v8_u32(const struct hs_v8 *v8, hs_addr addr, uint32_t *ret) {
    const uint8_t *p = hs_pages_ptr(&v8->pages, addr, 4);
    if (p) *ret = hs_arch_u32(v8->arch, p);
    return p != NULL;
}

bool hs_v8_number(const struct hs_v8 *v8, hs_tagged word, double *ret) {
    if (hs_is_smi(&v8->layout, word)) {
        *ret = (double)hs_smi(&v8->layout, word);
        return true;
    }
    if (hs_v8_kind_of(v8, word) != HS_KIND_HEAP_NUMBER) return false;
    const uint8_t *p = hs_pages_ptr(&v8->pages, hs_untag(word) + (hs_addr)v8->layout.heap_number_value, 8);
    if (!p) return false;
    uint64_t bits = hs_arch_u64(v8->arch, p);
    memcpy(ret, &bits, sizeof *ret);
    return true;
}

uint64_t hs_v8_byte_length(const struct hs_v8 *v8, const uint8_t *p) {
    uint64_t word = hs_arch_word(v8->arch, p);
    double value;
    if (!v8->layout.array_buffer_length_is_number) return word;
    return hs_v8_number(v8, word, &value) && value > 0 && value < 0x1p46 ? (uint64_t)value : 0;
}

int32_t hs_v8_type_of(const struct hs_v8 *v8, hs_tagged object) {
    hs_tagged word;
    if (!(object & 1) || !hs_v8_word(v8, hs_untag(hs_v8_settle(v8, object)), &word)) return -1;
    const uint8_t *map = hs_map_validate(v8, word);
    return map ? hs_map_type(v8, map) : -1;
}

enum hs_kind hs_v8_kind_of(const struct hs_v8 *v8, hs_tagged object) {
    int32_t type = hs_v8_type_of(v8, object);
    hs_tagged map;
    if (v8->map_kind_count && type >= 0 && hs_v8_word(v8, hs_untag(hs_v8_settle(v8, object)), &map))
        for (uint32_t i = 0; i < v8->map_kind_count; i++)
            if (v8->map_kinds[i].map == hs_untag(map)) return (enum hs_kind)v8->map_kinds[i].kind;
    return type < 0 ? HS_KIND_UNKNOWN : hs_types_kind(&v8->types, (uint16_t)type);
}
