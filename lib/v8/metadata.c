/* Symbols of a node binary in a file of their own: --save-metadata and --metadata. */
#include "v8/symbols.h"
#include "base/strbuf.h"
#include "v8/symbols_private.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char schema[] = "heapscan.metadata/1";

struct saving {
    const struct hs_v8_symbols *symbols;
    json_t *constants, *tabled; /* name: value; the names of those that the binary does not tell */
};

static void save_constant(void *context, const char *name, int32_t value) {
    struct saving *saving = context;
    json_object_set_new(saving->constants, name, json_integer(value));
    if (hs_v8_symbols_is_tabled(saving->symbols, name))
        json_array_append_new(saving->tabled, json_string(name));
}

static struct hs_error *write_file(const char *path, json_t *document) {
    HS_STRBUF_AUTO temporary = HS_STRBUF_INIT;
    hs_strbuf_printf(&temporary, "%s.%ld.tmp", path, (long)getpid());
    HS_TRY(hs_strbuf_error(&temporary));
    FILE *file = fopen(temporary.data, "wx");
    if (!file) return hs_error_create_errno("%s: cannot write", path);
    bool good = json_dumpf(document, file, JSON_INDENT(1)) == 0;
    good = fputc('\n', file) != EOF && good;
    good = fclose(file) == 0 && good;
    if (good && rename(temporary.data, path) == 0) return NULL;
    struct hs_error *error = hs_error_create_errno("%s: cannot write", path);
    unlink(temporary.data);
    return error;
}

struct hs_error *hs_v8_symbols_save(const char *node_path, const char *path) {
    struct hs_images *images;
    HS_TRY(hs_image_open_file(node_path, &images));
    struct hs_v8_symbols *symbols = calloc(1, sizeof *symbols);
    struct hs_error *error = symbols ? hs_v8_symbols_read(NULL, &images->items[0], symbols) : HS_ENOMEM;
    if (!error && symbols->constant_count == 0)
        error = hs_error_create(HS_ERROR_MISMATCH, "%s: there is no V8 in this file (no v8dbg_* symbols)",
                                node_path);
    if (!error) {
        const struct hs_arch *arch = hs_image_arch(&images->items[0]);
        json_t *document = json_object(), *constants = json_object(), *roots = json_array(),
               *vtables = json_array(), *functions = json_array(), *tabled = json_array();
        struct saving saving = {.symbols = symbols, .constants = constants, .tabled = tabled};
        hs_v8_symbols_each(symbols, save_constant, &saving);
        for (size_t i = 0; i < symbols->root_count; i++)
            json_array_append_new(roots, json_string(symbols->root_names[i]));
        for (size_t i = 0; i < symbols->vtable_count; i++)
            json_array_append_new(vtables, json_pack("{s:s,s:I}", "class", symbols->vtables[i].name,
                                                     "address", (json_int_t)symbols->vtables[i].address));
        for (size_t i = 0; i < symbols->function_count; i++)
            json_array_append_new(functions, json_pack("[I,I,i]", (json_int_t)symbols->functions[i].start,
                                                       (json_int_t)symbols->functions[i].size,
                                                       (int)symbols->functions[i].kind));
        json_object_set_new(document, "schema", json_string(schema));
        json_object_set_new(document, "build_id", json_string(symbols->build_id));
        json_object_set_new(document, "machine", json_string(arch ? arch->name : ""));
        json_object_set_new(document, "tls_isolate", json_integer(symbols->tls_isolate));
        json_object_set_new(document, "version",
                            json_pack("[i,i,i,i]", symbols->version[0], symbols->version[1],
                                      symbols->version[2], symbols->version[3]));
        if (symbols->node_version[0])
            json_object_set_new(document, "node", json_string(symbols->node_version + 1));
        json_object_set_new(document, "constants", constants);
        json_object_set_new(document, "tabled", tabled);
        json_object_set_new(document, "root_names", roots);
        json_object_set_new(document, "vtables", vtables);
        json_object_set_new(document, "gc_functions", functions);
        error = write_file(path, document);
        json_decref(document);
    }
    hs_v8_symbols_destroy(symbols);
    hs_images_destroy(images);
    return error;
}

/* The image in the core that has this build-id, or NULL. */
static const struct hs_image *find_image(const struct hs_images *images, const char *build_id) {
    char text[65];
    for (size_t i = 0; i < images->count; i++) {
        hs_v8_symbols_build_id(&images->items[i], text, sizeof text);
        if (text[0] && strcmp(text, build_id) == 0) return &images->items[i];
    }
    return NULL;
}

static struct hs_error *fill(const json_t *document, uint64_t bias, struct hs_v8_symbols *symbols) {
    const char *name;
    json_t *value;
    size_t i;
    json_object_foreach(json_object_get(document, "constants"), name, value)
        HS_TRY(hs_v8_symbols_add(symbols, name, (int32_t)json_integer_value(value)));
    json_array_foreach(json_object_get(document, "tabled"), i, value) {
        struct hs_v8_constant *entry = NULL;
        if (json_string_value(value)) HASH_FIND_STR(symbols->constants, json_string_value(value), entry);
        if (entry) entry->tabled = true;
    }
    json_t *roots = json_object_get(document, "root_names");
    symbols->root_names = calloc(json_array_size(roots) + 1, sizeof *symbols->root_names);
    if (!symbols->root_names) return HS_ENOMEM;
    json_array_foreach(roots, i, value) {
        const char *root = json_string_value(value);
        if (!(symbols->root_names[i] = strdup(root ? root : ""))) return HS_ENOMEM;
        symbols->root_count++;
    }
    json_array_foreach(json_object_get(document, "vtables"), i, value) {
        const char *class_name = json_string_value(json_object_get(value, "class"));
        if (class_name)
            HS_TRY(hs_v8_symbols_add_vtable(
                symbols, class_name, (hs_addr)json_integer_value(json_object_get(value, "address")) + bias));
    }
    json_array_foreach(json_object_get(document, "gc_functions"), i, value) HS_TRY(
        hs_v8_symbols_add_function(symbols, (hs_addr)json_integer_value(json_array_get(value, 0)) + bias,
                                   (uint64_t)json_integer_value(json_array_get(value, 1)),
                                   (unsigned)(json_integer_value(json_array_get(value, 2)) & 15)));
    json_array_foreach(json_object_get(document, "version"), i, value) if (i < 4) symbols->version[i] =
        (int)(json_integer_value(value) & 0xffff);
    const char *node = json_string_value(json_object_get(document, "node"));
    if (node) hs_v8_symbols_take_version(symbols, (const uint8_t *)node, strlen(node) + 1, '\0');
    HS_TRY(hs_v8_symbols_finish(symbols));
    symbols->tls_isolate = json_integer_value(json_object_get(document, "tls_isolate"));
    return NULL;
}

struct hs_error *hs_v8_symbols_load_metadata(const struct hs_core *core, const struct hs_images *images,
                                             const char *path, struct hs_v8_symbols **ret) {
    json_error_t problem;
    json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
    if (!document)
        return hs_error_create(HS_ERROR_FORMAT, "%s: cannot read the metadata: line %d: %s", path,
                               problem.line, problem.text);
    const char *found = json_string_value(json_object_get(document, "schema"));
    const char *build_id = json_string_value(json_object_get(document, "build_id"));
    const char *machine = json_string_value(json_object_get(document, "machine"));
    struct hs_error *error = NULL;
    struct hs_v8_symbols *symbols = NULL;
    const struct hs_image *image = NULL;
    if (!found || strcmp(found, schema) != 0 || !build_id)
        error = hs_error_create(HS_ERROR_FORMAT, "%s: this is no metadata file of heapscan (schema %s)", path,
                                schema);
    else if (!machine || strcmp(machine, core->arch->name) != 0)
        error =
            hs_error_create(HS_ERROR_MISMATCH, "%s: the metadata is of another machine than the core (%s)",
                            path, core->arch->name);
    else if (*build_id && !(image = find_image(images, build_id)))
        error = hs_error_create(
            HS_ERROR_MISMATCH,
            "%s: the metadata is of build-id %.64s, which no program of this core has; make it from the very "
            "binary that ran, with --save-metadata FILE NODE",
            path, build_id);
    if (!error && !(symbols = calloc(1, sizeof *symbols))) error = HS_ENOMEM;
    if (!error) {
        error = fill(document, image ? image->bias : 0, symbols);
        snprintf(symbols->build_id, sizeof symbols->build_id, "%s", build_id);
        snprintf(symbols->origin, sizeof symbols->origin, "%s", path);
    }
    json_decref(document);
    if (error) {
        hs_v8_symbols_destroy(symbols);
        return error;
    }
    *ret = symbols;
    return NULL;
}
