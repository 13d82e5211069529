#include "group/imported.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* What a class is made of, as numbers of the file: strings are unique there, so equal numbers are equal
 * texts. */
struct shape {
    UT_hash_handle hh;
    uint32_t class;
    uint32_t length; /* of key */
    uint32_t key[];  /* type, name, script, line, column, sorted property names */
};
enum { KEY_HEAD = 5, PROPERTIES_MAX = 1024, TEXT_LIMIT = 4096 };

struct hs_imported_private {
    struct shape *shapes;
    char **texts; /* decoded strings that classes name, by index; NULL: not decoded */
};

static const char *text_of(struct hs_imported *imported, uint32_t index) {
    if (index >= imported->file->string_count) return "";
    char **text = &imported->priv->texts[index];
    if (!*text) {
        HS_STRBUF_AUTO buffer = HS_STRBUF_INIT;
        hs_heapsnapshot_string(imported->file, index, &buffer);
        hs_strbuf_truncate(&buffer, TEXT_LIMIT);
        *text = hs_strbuf_detach(&buffer, NULL);
    }
    return *text ? *text : "";
}

/* Types as V8 spells them -> ours; synthetic nodes are no objects. */
static int type_of(const char *name) {
    for (int t = 0; t < HS_NODE_TYPE_COUNT; t++)
        if (strcmp(name, hs_node_type_name((enum hs_node_type)t)) == 0) return t;
    return strcmp(name, "synthetic") == 0 ? -1 : HS_NODE_HIDDEN;
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Names of content types are contents; of the others they are names. */
static bool is_named(int type) {
    return type != HS_NODE_STRING && type != HS_NODE_CONS_STRING && type != HS_NODE_SLICED_STRING &&
           type != HS_NODE_REGEXP && type != HS_NODE_ARRAY;
}

static const struct hs_heapsnapshot_location *location_of(const struct hs_heapsnapshot *file, uint32_t node) {
    uint32_t low = 0, high = file->location_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (file->locations[middle].node < node) low = middle + 1;
        else high = middle;
    }
    return low < file->location_count && file->locations[low].node == node ? &file->locations[low] : NULL;
}

static uint32_t make_key(const struct hs_heapsnapshot *file, uint32_t node, int type, uint32_t proto,
                         uint32_t *key) {
    const struct hs_heapsnapshot_location *location = location_of(file, node);
    key[0] = (uint32_t)type;
    key[1] = is_named(type) || type == HS_NODE_ARRAY ? file->name[node] : 0;
    key[2] = location ? location->script : UINT32_MAX;
    key[3] = location ? location->line : 0;
    key[4] = location ? location->column : 0;
    uint32_t length = KEY_HEAD;
    if (type != HS_NODE_OBJECT) return length;
    for (uint32_t e = file->first[node]; e < file->first[node + 1] && length < KEY_HEAD + PROPERTIES_MAX; e++)
        if (file->edge_type[e] == HS_HEAPSNAPSHOT_PROPERTY && file->edge_name[e] != proto)
            key[length++] = file->edge_name[e];
    qsort(key + KEY_HEAD, length - KEY_HEAD, sizeof *key, by_number);
    uint32_t kept = KEY_HEAD;
    for (uint32_t i = KEY_HEAD; i < length; i++)
        if (kept == KEY_HEAD || key[kept - 1] != key[i]) key[kept++] = key[i];
    return kept;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* V8 writes an accessor x as edges x, `get x` and `set x`: only x is a name. */
static bool is_helper(const char *name, const char *const *sorted, size_t count) {
    if (strncmp(name, "get ", 4) != 0 && strncmp(name, "set ", 4) != 0) return false;
    const char *key = name + 4;
    return bsearch(&key, sorted, count, sizeof *sorted, by_text) != NULL;
}

static struct hs_error *make_class(struct hs_imported *imported, const struct shape *shape,
                                   struct hs_class *ret) {
    int type = (int)shape->key[0];
    const char *name = is_named(type) || type == HS_NODE_ARRAY ? text_of(imported, shape->key[1]) : "";
    char fixed[48];
    if (!is_named(type) && !(type == HS_NODE_ARRAY && *name == '(')) {
        snprintf(fixed, sizeof fixed, "(%s)", hs_node_type_name((enum hs_node_type)type));
        name = fixed;
    }
    *ret = (struct hs_class){.type = (uint8_t)type, .line = -1, .column = -1};
    if (shape->key[2] != UINT32_MAX && shape->key[3] != UINT32_MAX && shape->key[4] != UINT32_MAX) {
        ret->line = (int32_t)(shape->key[3] & INT32_MAX);
        ret->column = (int32_t)(shape->key[4] & INT32_MAX);
    }
    ret->constructor = strdup(name);
    uint32_t count = shape->length - KEY_HEAD;
    if (!ret->constructor || (count && !(ret->properties = calloc(count, sizeof *ret->properties))))
        return HS_ENOMEM;
    for (uint32_t i = 0; i < count; i++) ret->properties[i] = text_of(imported, shape->key[KEY_HEAD + i]);
    qsort(ret->properties, count, sizeof *ret->properties, by_text);
    uint32_t kept = 0;
    const char **all = ret->properties;
    const char **names = count ? malloc(count * sizeof *names) : NULL;
    if (count && !names) return HS_ENOMEM;
    for (uint32_t i = 0; i < count; i++)
        if (!is_helper(all[i], (const char *const *)all, count)) names[kept++] = all[i];
    free(all);
    ret->properties = names;
    ret->property_count = kept;
    return NULL;
}

/* Strings that the importer looks for, UINT32_MAX: not in the file. */
struct known {
    uint32_t proto, smi, value;
};

static struct known find_known(const struct hs_heapsnapshot *file) {
    struct known known = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    for (uint32_t i = file->string_count; i-- > 0;) {
        hs_strbuf_clear(&text);
        hs_heapsnapshot_string(file, i, &text);
        if (strcmp(text.data, "__proto__") == 0) known.proto = i;
        else if (strcmp(text.data, "smi number") == 0) known.smi = i;
        else if (strcmp(text.data, "value") == 0) known.value = i;
    }
    return known;
}

/* Nodes that stand for the value of a number: "smi number", and the strings of digits that numbers point to.
 * They are no objects of the heap. */
static struct hs_error *find_values(const struct hs_heapsnapshot *file, const int *types,
                                    const struct known *known, uint64_t **ret) {
    uint64_t *values = calloc((size_t)file->node_count / 64 + 1, sizeof *values);
    if (!values) return HS_ENOMEM;
    for (uint32_t node = 0; node < file->node_count; node++) {
        if (types[file->type[node]] != HS_NODE_NUMBER) continue;
        if (file->name[node] == known->smi) values[node / 64] |= UINT64_C(1) << (node % 64);
        for (uint32_t e = file->first[node]; e < file->first[node + 1]; e++) {
            uint32_t to = file->to[e];
            if (file->edge_type[e] == HS_HEAPSNAPSHOT_INTERNAL && file->edge_name[e] == known->value &&
                types[file->type[to]] == HS_NODE_STRING && file->size[to] == 0)
                values[to / 64] |= UINT64_C(1) << (to % 64);
        }
    }
    *ret = values;
    return NULL;
}

static struct hs_error *classify_nodes(struct hs_imported *imported, const int *types, uint32_t proto,
                                       const uint64_t *values) {
    const struct hs_heapsnapshot *file = imported->file;
    uint32_t capacity = 0;
    uint32_t key[KEY_HEAD + PROPERTIES_MAX];
    for (uint32_t node = 0; node < file->node_count; node++) {
        int type = types[file->type[node]];
        imported->class_of[node] = UINT32_MAX;
        if (type < 0 || values[node / 64] >> (node % 64) & 1) continue;
        uint32_t length = make_key(file, node, type, proto, key);
        struct shape *shape;
        HASH_FIND(hh, imported->priv->shapes, key, length * sizeof *key, shape);
        if (!shape) {
            shape = malloc(sizeof *shape + length * sizeof *key);
            if (!shape) return HS_ENOMEM;
            memcpy(shape->key, key, length * sizeof *key);
            shape->length = length;
            shape->class = imported->class_count;
            HASH_ADD_KEYPTR(hh, imported->priv->shapes, shape->key, length * sizeof *key, shape);
            if (imported->class_count == capacity) {
                capacity = capacity ? 2 * capacity : 1024;
                struct hs_class *grown = realloc(imported->classes, capacity * sizeof *grown);
                if (!grown) return HS_ENOMEM;
                imported->classes = grown;
            }
            imported->classes[imported->class_count] = (struct hs_class){0};
            imported->class_count++;
            HS_TRY(make_class(imported, shape, &imported->classes[shape->class]));
        }
        struct hs_class *class = &imported->classes[shape->class];
        if (class->count++ == 0) class->sample = file->id[node];
        class->bytes += file->size[node];
        imported->class_of[node] = shape->class;
    }
    return NULL;
}

static struct hs_error *classify(struct hs_imported *imported) {
    const struct hs_heapsnapshot *file = imported->file;
    int types[256];
    for (uint32_t i = 0; i < 256; i++)
        types[i] = i < file->type_count ? type_of(file->type_names[i]) : HS_NODE_HIDDEN;
    struct known known = find_known(file);
    uint64_t *values = NULL;
    HS_TRY(find_values(file, types, &known, &values));
    struct hs_error *error = classify_nodes(imported, types, known.proto, values);
    free(values);
    return error;
}

static uint64_t size_of(void *context, hs_id id) {
    return ((struct hs_imported *)context)->file->size[id];
}
static uint32_t class_of(void *context, hs_id id) {
    return ((struct hs_imported *)context)->class_of[id];
}

static struct hs_error *stand(struct hs_imported *imported) {
    uint64_t *retained = calloc(imported->class_count + 1, sizeof *retained);
    imported->standings = calloc(imported->class_count + 1, sizeof *imported->standings);
    struct hs_error *error = retained && imported->standings
                                 ? hs_dominators_by_class(imported->dominators, class_of, imported,
                                                          imported->class_count, retained)
                                 : HS_ENOMEM;
    for (uint32_t node = 0; !error && node < imported->file->node_count; node++) {
        uint32_t class = imported->class_of[node];
        if (class == UINT32_MAX || !hs_marks_get(&imported->marks, node)) continue;
        struct hs_class_standing *standing = &imported->standings[class];
        if (standing->reachable_count++ == 0) standing->reachable_sample = imported->file->id[node];
        standing->reachable_bytes += imported->file->size[node];
    }
    for (uint32_t i = 0; !error && i < imported->class_count; i++)
        imported->standings[i].retained_bytes = retained[i];
    free(retained);
    return error;
}

/* Where our own export hangs garbage (group/exported.h). */
static uint32_t find_garbage_root(struct hs_imported *imported) {
    const struct hs_heapsnapshot *file = imported->file;
    for (uint32_t e = file->first[file->root]; e < file->first[file->root + 1]; e++)
        if (imported->class_of[file->to[e]] == UINT32_MAX &&
            strcmp(text_of(imported, file->name[file->to[e]]), "(Unreachable)") == 0)
            return file->to[e];
    return UINT32_MAX;
}

static void cut(struct hs_graph *graph, hs_id from, hs_id to) {
    for (uint32_t e = graph->first[from]; e < graph->first[from + 1]; e++)
        if (graph->to[e] == to) graph->to[e] = from;
}

/* The root, and what only weak edges hold: V8 wrote it, so it was alive (DevTools hangs such nodes below the
 * root). */
static struct hs_error *find_roots(struct hs_imported *imported, hs_id **roots_ret, size_t *count_ret) {
    const hs_id root = imported->file->root, garbage = find_garbage_root(imported), both[] = {root, garbage};
    struct hs_marks marks;
    if (garbage != UINT32_MAX) cut(imported->graph, root, garbage);
    HS_TRY(hs_mark(imported->graph, both, garbage != UINT32_MAX ? 2 : 1, &marks));
    hs_id count = imported->graph->count;
    hs_id *roots = malloc(((size_t)count - marks.count + 1) * sizeof *roots);
    uint64_t *held = calloc((size_t)count / 64 + 1, sizeof *held);
    if (roots && held) {
        size_t found = 0;
        roots[found++] = root;
        for (uint32_t e = 0; e < imported->graph->first[count]; e++)
            held[imported->graph->to[e] / 64] |= UINT64_C(1) << (imported->graph->to[e] % 64);
        for (hs_id id = 0; id < count; id++)
            if (!hs_marks_get(&marks, id) && !(held[id / 64] >> (id % 64) & 1)) roots[found++] = id;
        *roots_ret = roots;
        *count_ret = found;
    } else {
        free(roots);
        roots = NULL;
    }
    free(held);
    hs_marks_deinit(&marks);
    return roots ? NULL : HS_ENOMEM;
}

static struct hs_error *import(struct hs_imported *imported, const char *path) {
    HS_TRY(hs_heapsnapshot_open(path, &imported->file));
    imported->priv->texts = calloc((size_t)imported->file->string_count + 1, sizeof *imported->priv->texts);
    imported->class_of = malloc(((size_t)imported->file->node_count + 1) * sizeof *imported->class_of);
    if (!imported->priv->texts || !imported->class_of) return HS_ENOMEM;
    HS_TRY(classify(imported));
    HS_TRY(hs_heapsnapshot_graph(imported->file, &imported->graph));
    hs_id *roots = NULL;
    size_t count = 0;
    struct hs_error *error = find_roots(imported, &roots, &count);
    if (!error) error = hs_mark(imported->graph, roots, count, &imported->marks);
    if (!error)
        error = hs_dominators_create(imported->graph, &imported->marks, roots, count, size_of, imported,
                                     &imported->dominators);
    free(roots);
    if (error) return error;
    return stand(imported);
}

struct hs_error *hs_imported_open(const char *path, struct hs_imported **ret) {
    struct hs_imported *imported = calloc(1, sizeof *imported);
    if (imported) imported->priv = calloc(1, sizeof *imported->priv);
    if (!imported || !imported->priv) {
        free(imported);
        return HS_ENOMEM;
    }
    struct hs_error *error = import(imported, path);
    if (error) {
        hs_imported_close(imported);
        return error;
    }
    *ret = imported;
    return NULL;
}

void hs_imported_close(struct hs_imported *imported) {
    if (!imported) return;
    for (uint32_t i = 0; i < imported->class_count; i++) {
        free((char *)imported->classes[i].constructor);
        free(imported->classes[i].properties);
    }
    struct shape *shape, *next;
    HASH_ITER(hh, imported->priv->shapes, shape, next) {
        HASH_DEL(imported->priv->shapes, shape);
        free(shape);
    }
    for (uint32_t i = 0; imported->priv->texts && i < imported->file->string_count; i++)
        free(imported->priv->texts[i]);
    free(imported->priv->texts);
    free(imported->classes);
    free(imported->standings);
    free(imported->class_of);
    hs_dominators_destroy(imported->dominators);
    hs_marks_deinit(&imported->marks);
    hs_graph_destroy(imported->graph);
    hs_heapsnapshot_close(imported->file);
    free(imported->priv);
    free(imported);
}
