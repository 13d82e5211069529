/* The classes of a .heapsnapshot. */
#include <stdlib.h>
#include <string.h>
/* Without memory an element is not added, and its table is NULL. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "group/class.h"
#include "group/imported_private.h"

/* What a class is made of, as numbers of the file: strings are unique there, so equal numbers are equal
 * texts. */
struct shape {
    UT_hash_handle hh;
    uint32_t class;  /* of the table of classes */
    uint32_t length; /* of key */
    uint32_t key[];  /* type, name, script, line, column, flags, sorted property names */
};
enum { KEY_HEAD = 6, PROPERTIES_MAX = 1024 };
enum { FLAG_DICTIONARY = 1, FLAG_PROTOTYPE = 2, FLAG_MANY = 4 };

struct importing {
    const struct hs_heapsnapshot *file;
    struct hs_js *js;
    struct hs_classes classes;
    struct shape *shapes;
    uint32_t *class_of;
    struct hs_address_map scripts; /* script id + 1 -> string */
};

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Names of content types are contents; of the others they are names. */
static bool is_named(int type) {
    return type != HS_NODE_STRING && type != HS_NODE_CONS_STRING && type != HS_NODE_SLICED_STRING &&
           type != HS_NODE_REGEXP && type != HS_NODE_ARRAY;
}

/* V8 14 and later in Chrome call V8's own objects native, which were hidden before; memory outside the heap
 * was native at all times. One class in all. */
static uint8_t class_type(const struct hs_heapsnapshot *file, uint32_t node) {
    uint8_t type = hs_heapsnapshot_type(file, node);
    return type == HS_NODE_NATIVE && hs_heapsnapshot_kind(file, node) != HS_KIND_UNKNOWN ? HS_NODE_HIDDEN
                                                                                         : type;
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

/* Where V8 keeps the properties of an object by a dictionary, it names no PropertyArray but an array. */
static bool is_dictionary(const struct hs_heapsnapshot *file, uint32_t node) {
    hs_id properties = hs_heapsnapshot_follow(file, node, HS_KNOWN_PROPERTIES);
    return properties != HS_ID_NONE && hs_heapsnapshot_type(file, properties) == HS_NODE_ARRAY;
}

static bool is_constructor(const struct hs_heapsnapshot *file, uint32_t e) {
    return hs_heapsnapshot_known(file, file->edge_name[e]) == HS_KNOWN_CONSTRUCTOR &&
           hs_heapsnapshot_type(file, file->to[e]) == HS_NODE_CLOSURE;
}

/* *count_ret: property edges, however many. */
static uint32_t make_key(const struct hs_heapsnapshot *file, uint32_t node, int type, uint32_t *key,
                         uint32_t *count_ret) {
    const struct hs_heapsnapshot_location *location = location_of(file, node);
    key[0] = (uint32_t)type;
    key[1] = is_named(type) || type == HS_NODE_ARRAY ? file->name[node] : 0;
    key[2] = location ? location->script : UINT32_MAX;
    key[3] = location ? location->line : 0;
    key[4] = location ? location->column : 0;
    key[5] = 0;
    *count_ret = 0;
    uint32_t length = KEY_HEAD;
    if (type != HS_NODE_OBJECT) return length;
    if (is_dictionary(file, node)) key[5] = FLAG_DICTIONARY;
    for (uint32_t e = file->first[node]; e < file->first[node + 1]; e++) {
        if (file->edge_type[e] != HS_HEAPSNAPSHOT_PROPERTY ||
            hs_heapsnapshot_known(file, file->edge_name[e]) == HS_KNOWN_PROTO)
            continue;
        ++*count_ret;
        if (is_constructor(file, e)) key[5] |= FLAG_PROTOTYPE;
        if (length < KEY_HEAD + PROPERTIES_MAX) key[length++] = file->edge_name[e];
        else key[5] |= FLAG_MANY;
    }
    if (key[5] & FLAG_MANY && key[5] & FLAG_DICTIONARY) return KEY_HEAD; /* a table, whatever its keys */
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

static const char *name_of(const struct importing *in, const struct shape *shape) {
    int type = (int)shape->key[0];
    const char *text =
        is_named(type) || type == HS_NODE_ARRAY ? hs_heapsnapshot_text(in->file, shape->key[1]) : "";
    if (is_named(type) || (type == HS_NODE_ARRAY && *text == '(')) return hs_names_put(&in->js->names, text);
    char fixed[48];
    snprintf(fixed, sizeof fixed, "(%s)", hs_node_type_name((enum hs_node_type)type));
    return hs_names_put(&in->js->names, fixed);
}

static void locate(const struct importing *in, const struct shape *shape, struct hs_class *class) {
    class->line = class->column = -1;
    if (shape->key[2] == UINT32_MAX || shape->key[3] == UINT32_MAX || shape->key[4] == UINT32_MAX) return;
    const uint64_t *script = hs_address_map_find(&in->scripts, (uint64_t)shape->key[2] + 1);
    class->line = (int32_t)(shape->key[3] & INT32_MAX);
    class->column = (int32_t)(shape->key[4] & INT32_MAX);
    if (script)
        class->script = hs_names_put(&in->js->names, hs_heapsnapshot_text(in->file, (uint32_t)*script));
}

/* Sorted by bytes, without helpers. *names_ret is malloc'ed. */
static struct hs_error *load_names(const struct importing *in, const struct shape *shape,
                                   const char ***names_ret, uint32_t *count_ret) {
    uint32_t count = shape->length - KEY_HEAD, kept = 0;
    const char **all = calloc((size_t)count + 1, sizeof *all),
               **names = calloc((size_t)count + 1, sizeof *names);
    if (!all || !names) {
        free(all);
        free(names);
        return HS_ENOMEM;
    }
    for (uint32_t i = 0; i < count; i++)
        all[i] = hs_names_put(&in->js->names, hs_heapsnapshot_text(in->file, shape->key[KEY_HEAD + i]));
    qsort(all, count, sizeof *all, by_text);
    for (uint32_t i = 0; i < count; i++)
        if (!is_helper(all[i], (const char *const *)all, count) && (!kept || names[kept - 1] != all[i]))
            names[kept++] = all[i];
    free(all);
    *names_ret = names;
    *count_ret = kept;
    return NULL;
}

/* By the rules of group.h. */
static struct hs_error *make_class(struct importing *in, struct shape *shape) {
    struct hs_class class = {.type = (uint8_t)shape->key[0], .constructor = name_of(in, shape)};
    struct hs_js_signature names = {0};
    bool candidate = shape->key[5] & FLAG_DICTIONARY;
    locate(in, shape, &class);
    HS_TRY(load_names(in, shape, &names.names, &names.count));
    if (candidate && (shape->key[5] & FLAG_MANY || !hs_class_names_plausible(&names))) {
        class.dictionary = true;
        shape->class = hs_classes_put(&in->classes, &class);
        free(names.names);
        return NULL;
    }
    class.properties = names.names;
    class.property_count = names.count;
    shape->class = hs_classes_put(&in->classes, &class);
    if (shape->class != UINT32_MAX && (!candidate || shape->key[5] & FLAG_PROTOTYPE))
        in->classes.items[shape->class].shape = true;
    if (shape->class != UINT32_MAX && candidate && !in->classes.items[shape->class].table) {
        class.dictionary = true;
        class.properties = NULL;
        class.property_count = 0;
        uint32_t table = hs_classes_put(&in->classes, &class);
        if (table != UINT32_MAX) in->classes.items[shape->class].table = table + 1;
    }
    free(names.names);
    return NULL;
}

static struct hs_error *classify(struct importing *in) {
    const struct hs_heapsnapshot *file = in->file;
    uint32_t key[KEY_HEAD + PROPERTIES_MAX], properties;
    for (uint32_t node = 0; node < file->node_count; node++) {
        uint8_t type = class_type(file, node);
        in->class_of[node] = UINT32_MAX;
        if (type == HS_HEAPSNAPSHOT_SYNTHETIC || hs_heapsnapshot_is_value(file, node)) continue;
        uint32_t length = make_key(file, node, type, key, &properties);
        struct shape *shape;
        HASH_FIND(hh, in->shapes, key, length * sizeof *key, shape);
        if (!shape) {
            shape = malloc(sizeof *shape + length * sizeof *key);
            if (!shape) return HS_ENOMEM;
            memcpy(shape->key, key, length * sizeof *key);
            shape->length = length;
            HASH_ADD_KEYPTR(hh, in->shapes, shape->key, length * sizeof *key, shape);
            if (!shape->hh.tbl) {
                free(shape);
                return HS_ENOMEM;
            }
            HS_TRY(make_class(in, shape));
        }
        if (in->classes.failed || shape->class == UINT32_MAX) return HS_ENOMEM;
        in->class_of[node] = shape->class;
        hs_classes_add(&in->classes, shape->class,
                       &(struct hs_class_addition){1, file->size[node], 0,
                                                   key[5] & FLAG_DICTIONARY ? properties : 0,
                                                   file->id[node]});
    }
    return NULL;
}

/* Locations name a script by V8's number; a closure at such a place leads to the Script itself. */
static struct hs_error *find_scripts(struct importing *in) {
    const struct hs_heapsnapshot *file = in->file;
    for (uint32_t i = 0; i < file->location_count; i++) {
        const struct hs_heapsnapshot_location *l = &file->locations[i];
        if (hs_heapsnapshot_type(file, l->node) != HS_NODE_CLOSURE) continue;
        if (hs_address_map_find(&in->scripts, (uint64_t)l->script + 1)) continue;
        uint32_t name = hs_heapsnapshot_script_name(file, l->node);
        if (name != UINT32_MAX && !hs_address_map_put(&in->scripts, (uint64_t)l->script + 1, name, NULL))
            return HS_ENOMEM;
    }
    return NULL;
}

static void importing_deinit(struct importing *in) {
    struct shape *shape, *next;
    HASH_ITER(hh, in->shapes, shape, next) {
        HASH_DEL(in->shapes, shape);
        free(shape);
    }
    hs_classes_deinit(&in->classes);
    hs_address_map_deinit(&in->scripts);
}

/* Of each class by one of its objects. */
static struct hs_error *find_kinds(struct hs_group *group) {
    struct hs_imported *imported = hs_imported_of(group);
    imported->kinds = calloc((size_t)group->class_count + 1, sizeof *imported->kinds);
    if (!imported->kinds) return HS_ENOMEM;
    for (uint32_t node = group->file->node_count; node-- > 0;) {
        uint32_t class = imported->class_of[node];
        if (class < group->class_count && !imported->kinds[class])
            imported->kinds[class] = (uint8_t)hs_heapsnapshot_kind(group->file, node);
    }
    return NULL;
}

static struct hs_error *import(struct hs_group *group) {
    struct hs_imported *imported = hs_imported_of(group);
    HS_TRY(hs_js_create_empty(&group->js));
    imported->class_of = malloc(((size_t)group->file->node_count + 1) * sizeof *imported->class_of);
    if (!imported->class_of) return HS_ENOMEM;
    __attribute__((cleanup(importing_deinit))) struct importing in = {
        .file = group->file, .js = group->js, .class_of = imported->class_of};
    hs_classes_init(group->js, &in.classes);
    HS_TRY(find_scripts(&in));
    HS_TRY(classify(&in));
    uint32_t *map;
    HS_TRY(hs_classes_finish(&in.classes, &group->classes, &group->class_count, &map));
    for (uint32_t node = 0; node < group->file->node_count; node++)
        if (imported->class_of[node] != UINT32_MAX) imported->class_of[node] = map[imported->class_of[node]];
    free(map);
    HS_TRY(find_kinds(group));
    HS_TRY(hs_heapsnapshot_error(group->file));
    return hs_js_error(group->js);
}

static void destroy(struct hs_group *group) {
    struct hs_imported *imported = hs_imported_of(group);
    free(imported->class_of);
    free(imported->kinds);
    free(imported);
    hs_js_destroy(group->js);
    free(group->classes);
    hs_heapsnapshot_close(group->file);
    free(group);
}

static int32_t find(const struct hs_group *group, hs_addr id) {
    hs_id node = hs_heapsnapshot_find(group->file, id);
    uint32_t class = node == HS_ID_NONE ? UINT32_MAX : hs_imported_of(group)->class_of[node];
    return class < group->class_count ? (int32_t) class : -1;
}

static struct hs_error *list(struct hs_group *group, const bool *selected,
                             bool (*visit)(void *context, hs_addr address, uint32_t class_index),
                             void *context) {
    for (uint32_t node = 0; node < group->file->node_count; node++) {
        uint32_t class = hs_imported_of(group)->class_of[node];
        if (class < group->class_count && selected[class] && !visit(context, group->file->id[node], class))
            break;
    }
    return NULL;
}

static enum hs_kind class_kind(const struct hs_group *group, uint32_t class_index) {
    return (enum hs_kind)hs_imported_of(group)->kinds[class_index];
}

struct hs_error *hs_imported_group(struct hs_heapsnapshot *file, struct hs_group **ret) {
    struct hs_group *group = calloc(1, sizeof *group);
    struct hs_imported *imported = calloc(1, sizeof *imported);
    if (!group || !imported) {
        free(group);
        free(imported);
        hs_heapsnapshot_close(file);
        return HS_ENOMEM;
    }
    imported->answers =
        (struct hs_answers){.find = find, .list = list, .destroy = destroy, .class_kind = class_kind};
    group->answers = &imported->answers;
    group->file = file;
    struct hs_error *error = import(group);
    if (error) {
        destroy(group);
        return error;
    }
    *ret = group;
    return NULL;
}
