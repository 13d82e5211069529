#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/tree.h"
#include "trend/share.h"

#include "base/script_name.h"
#include "snap/arena.h"
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static void drop_points(struct hs_tree *tree) {
    for (size_t i = 0; i < tree->count; i++) {
        free(tree->nodes[i].points);
        tree->nodes[i].points = NULL;
    }
}

void hs_tree_destroy(struct hs_tree *tree) {
    if (!tree) return;
    drop_points(tree);
    free(tree->nodes);
    free(tree->slots);
    free(tree->series);
    free(tree);
}

static uint64_t hash_of(size_t parent, const char *edge, size_t length, struct hs_snap_key key) {
    const uint64_t words[] = {parent, key.high, key.low, XXH3_64bits(edge, length)};
    return XXH3_64bits(words, sizeof words);
}

static bool grow(struct hs_tree *tree) {
    size_t slot_count = tree->slot_count ? 2 * tree->slot_count : 4096;
    size_t *slots = calloc(slot_count, sizeof *slots);
    struct hs_tree_node *nodes = reallocarray(tree->nodes, slot_count / 2, sizeof *nodes);
    if (nodes) tree->nodes = nodes;
    if (!slots || !nodes) {
        free(slots);
        return false;
    }
    for (size_t i = 0; i < tree->count; i++) {
        uint64_t at = hash_of(nodes[i].parent, nodes[i].edge, strlen(nodes[i].edge), nodes[i].key);
        while (slots[at &= slot_count - 1]) at++;
        slots[at] = i + 1;
    }
    free(tree->slots);
    tree->slots = slots;
    tree->slot_count = slot_count;
    tree->capacity = slot_count / 2;
    return true;
}

/* Roots of V8's own: what grows there (the caches of numbers' texts, code, feedback) no program holds. */
static bool is_machinery(const char *group) {
    static const char *const names[] = {"(V8's own)",
                                        "(Strong root list)",
                                        "(Builtins)",
                                        "(Compilation cache)",
                                        "(Read-only roots)",
                                        "(Smi roots)",
                                        "(Internalized strings)",
                                        "(Strong symbol list)",
                                        "(Code flusher)",
                                        "(Startup object cache)",
                                        "(Shareable object cache)",
                                        "(External strings)",
                                        "(Relocatable)"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(group, names[i])) return true;
    return false;
}

/* Tables of V8's that a program fills: Symbol.for() one among V8's roots, where its symbols stay for ever;
 * Atomics.waitAsync() one of the native context, where its promises stay until they are notified. What is
 * registered there is the program's. Other members stay V8's: there are more such tables. */
static bool is_registered(const struct hs_tree *tree, const struct hs_tree_node *table,
                          const struct hs_snap_path *line) {
    const struct hs_tree_node *holder = table->parent == HS_TREE_NONE ? NULL : &tree->nodes[table->parent];
    if (!holder || line->edge[0] != '[' || !line->constructor) return false;
    if (holder->parent == HS_TREE_NONE)
        return !strcmp(holder->edge, "(Strong root list)") && !strcmp(line->constructor, "symbol");
    return table->machinery && !strcmp(holder->constructor, "system / NativeContext") &&
           !strcmp(line->constructor, "Promise");
}

static bool is_in_machinery(struct hs_tree *tree, size_t parent, const struct hs_snap_path *line) {
    if (parent == HS_TREE_NONE) return is_machinery(line->edge);
    struct hs_tree_node *table = &tree->nodes[parent];
    if (!is_registered(tree, table, line)) /* beside what is registered all stays V8's */
        return table->machinery || (table->parent != HS_TREE_NONE && tree->nodes[table->parent].machinery);
    table->machinery = false;
    return false;
}

/* Index of the node, made if need be; HS_TREE_NONE without memory. */
static size_t find_node(struct hs_trend *trend, size_t parent, const struct hs_snap_path *line) {
    struct hs_tree *tree = trend->tree;
    if (tree->count == tree->capacity && !grow(tree)) return HS_TREE_NONE;
    /* A module that is loaded again and again under fresh queries is one root, of which there are more. */
    size_t length = parent == HS_TREE_NONE ? hs_script_name_stem(line->edge) : strlen(line->edge);
    uint64_t at = hash_of(parent, line->edge, length, line->class);
    for (;; at++) {
        size_t found = tree->slots[at &= tree->slot_count - 1];
        if (!found) break;
        const struct hs_tree_node *node = &tree->nodes[found - 1];
        if (node->parent == parent && hs_snap_key_equal(node->key, line->class) &&
            strncmp(node->edge, line->edge, length) == 0 && !node->edge[length])
            return found - 1;
    }
    const char *constructor = line->constructor ? line->constructor : "";
    struct hs_tree_node node = {.parent = parent,
                                .child = HS_TREE_NONE,
                                .next = HS_TREE_NONE,
                                .key = line->class,
                                .edge = hs_snap_arena_string(trend->arena, line->edge, length),
                                .constructor =
                                    hs_snap_arena_string(trend->arena, constructor, strlen(constructor))};
    if (!node.edge || !node.constructor) return HS_TREE_NONE;
    node.machinery = is_in_machinery(tree, parent, line);
    tree->nodes[tree->count] = node;
    tree->slots[at] = ++tree->count;
    return tree->count - 1;
}

/* Storages are counted with their owner, unless a core was taken while something else held one as well: the
 * owner was adding to it. Then its step is left out, so that the place of what it holds stays the same. */
static bool is_storage(const struct hs_tree *tree, size_t parent, const struct hs_snap_path *line) {
    static const char *const names[] = {"(elements)", "(properties)", "(table)", "(context)", "(previous)"};
    if (parent == HS_TREE_NONE || tree->nodes[parent].parent == HS_TREE_NONE || line->edge[0] != '(')
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(line->edge, names[i])) return true;
    return false;
}

static bool add_point(struct hs_tree_node *node, size_t at, const struct hs_snap_path *line, bool storage) {
    if (at >= node->point_count) {
        size_t room = 2 * node->point_count > at ? 2 * node->point_count : at + 1;
        struct hs_tree_point *points = reallocarray(node->points, room, sizeof *points);
        if (!points) return false;
        memset(points + node->point_count, 0, (room - node->point_count) * sizeof *points);
        node->points = points;
        node->point_count = room;
    }
    node->points[at].count = hs_trend_sum(node->points[at].count, storage ? 0 : line->count);
    node->points[at].bytes = hs_trend_sum(node->points[at].bytes, line->bytes);
    if (!storage && !node->points[at].sample) node->points[at].sample = line->sample;
    return true;
}

struct known {
    int64_t id;
    size_t node;
};

static int by_id(const void *a, const void *b) {
    const struct known *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Lines `shared`; ids that the trees do not have are left out. */
static struct hs_error *add_shared(struct hs_trend *trend, const struct hs_snap *snap, size_t at,
                                   const struct known *known, size_t count) {
    bool announced = false;
    for (size_t i = 0; i < snap->shared_count; i++) {
        const struct hs_snap_shared *line = &snap->shared[i];
        if (!announced) HS_TRY(hs_share_announce(trend));
        announced = true;
        const struct known key = {.id = line->path},
                           *found = line->path == HS_SNAP_NULL
                                        ? NULL
                                        : bsearch(&key, known, count, sizeof *known, by_id);
        if (found && line->from_length) HS_TRY(hs_share_add(trend, line, found->node, at));
    }
    return NULL;
}

struct hs_error *hs_tree_add(struct hs_trend *trend, const struct hs_snap *snap, size_t at) {
    if (!snap->path_count) return NULL;
    if (!trend->tree && !(trend->tree = calloc(1, sizeof *trend->tree))) return HS_ENOMEM;
    struct known *known = reallocarray(NULL, snap->path_count, sizeof *known);
    size_t count = 0;
    struct hs_error *error = known ? NULL : HS_ENOMEM;
    for (size_t i = 0; i < snap->path_count && !error; i++) {
        const struct hs_snap_path *line = &snap->paths[i];
        size_t parent = HS_TREE_NONE;
        /* Ids ascend as heapscan writes them; a line that breaks the order, or whose parent is not there, is
         * left out. */
        if (count && line->id <= known[count - 1].id) continue;
        if (line->parent != HS_SNAP_NULL) {
            const struct known key = {.id = line->parent},
                               *found = bsearch(&key, known, count, sizeof *known, by_id);
            if (!found) continue;
            parent = found->node;
        }
        bool storage = is_storage(trend->tree, parent, line);
        size_t node = storage ? parent : find_node(trend, parent, line);
        if (node == HS_TREE_NONE || !add_point(&trend->tree->nodes[node], at, line, storage))
            error = HS_ENOMEM;
        else known[count++] = (struct known){line->id, node};
    }
    if (!error) error = add_shared(trend, snap, at, known, count);
    free(known);
    trend->tree->captures++;
    return error;
}

static struct hs_tree_point point_of(const struct hs_tree_node *node, size_t given) {
    return given < node->point_count ? node->points[given] : (struct hs_tree_point){0};
}

struct hs_error *hs_tree_settle(struct hs_trend *trend) {
    struct hs_tree *tree = trend->tree;
    size_t n = trend->capture_count;
    if (!tree) return NULL;
    if (tree->captures < n || !trend->reachable) {
        hs_tree_destroy(tree);
        trend->tree = NULL;
        return NULL;
    }
    if (!(tree->series = reallocarray(NULL, tree->count * n, 3 * sizeof *tree->series))) return HS_ENOMEM;
    for (size_t i = 0; i < tree->count; i++) {
        struct hs_tree_node *node = &tree->nodes[i];
        node->counts = tree->series + 3 * n * i;
        node->bytes = node->counts + n;
        node->below = node->bytes + n;
        for (size_t k = 0; k < n; k++) {
            struct hs_tree_point point = point_of(node, trend->captures[k].given);
            node->counts[k] = point.count;
            node->below[k] = node->bytes[k] = point.bytes;
            if (!point.sample) continue;
            node->sample = point.sample;
            node->sample_capture = k;
        }
    }
    drop_points(tree);
    for (size_t i = tree->count; i-- > 0;) {
        struct hs_tree_node *node = &tree->nodes[i];
        if (node->parent == HS_TREE_NONE) continue;
        struct hs_tree_node *parent = &tree->nodes[node->parent];
        node->next = parent->child;
        parent->child = i;
        for (size_t k = 0; k < n; k++) parent->below[k] = hs_trend_sum(parent->below[k], node->below[k]);
    }
    return NULL;
}
