#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/holder.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/strbuf.h"
#include "snap/arena.h"

#define NO_PATH SIZE_MAX

struct point {
    int64_t count, bytes;
};

/* A node of the trees. */
struct node {
    size_t parent; /* a lower index; NO_PATH: first level */
    const char *edge, *constructor;
    struct hs_snap_key key;
    struct point *points; /* one a capture, in the order given; missing ones are 0 */
    size_t point_count;
};

struct hs_trend_paths {
    struct node *nodes;
    size_t count, capacity;
    size_t *slots; /* open addressing: index + 1 */
    size_t slot_count;
};

void hs_trend_paths_destroy(struct hs_trend_paths *paths) {
    if (!paths) return;
    for (size_t i = 0; i < paths->count; i++) free(paths->nodes[i].points);
    free(paths->nodes);
    free(paths->slots);
    free(paths);
}

static uint64_t hash_of(size_t parent, const char *edge, struct hs_snap_key key) {
    const uint64_t words[] = {parent, key.high, key.low, XXH3_64bits(edge, strlen(edge))};
    return XXH3_64bits(words, sizeof words);
}

static bool grow(struct hs_trend_paths *paths) {
    size_t slot_count = paths->slot_count ? 2 * paths->slot_count : 4096;
    size_t *slots = calloc(slot_count, sizeof *slots);
    struct node *nodes = reallocarray(paths->nodes, slot_count / 2, sizeof *nodes);
    if (nodes) paths->nodes = nodes;
    if (!slots || !nodes) {
        free(slots);
        return false;
    }
    for (size_t i = 0; i < paths->count; i++) {
        uint64_t at = hash_of(nodes[i].parent, nodes[i].edge, nodes[i].key);
        while (slots[at &= slot_count - 1]) at++;
        slots[at] = i + 1;
    }
    free(paths->slots);
    paths->slots = slots;
    paths->slot_count = slot_count;
    paths->capacity = slot_count / 2;
    return true;
}

/* Index of the node, made if need be; NO_PATH without memory. */
static size_t find_node(struct hs_trend *trend, size_t parent, const struct hs_snap_path *line) {
    struct hs_trend_paths *paths = trend->paths;
    if (paths->count == paths->capacity && !grow(paths)) return NO_PATH;
    uint64_t at = hash_of(parent, line->edge, line->class);
    for (;; at++) {
        size_t found = paths->slots[at &= paths->slot_count - 1];
        if (!found) break;
        const struct node *node = &paths->nodes[found - 1];
        if (node->parent == parent && hs_snap_key_equal(node->key, line->class) &&
            strcmp(node->edge, line->edge) == 0)
            return found - 1;
    }
    const char *constructor = line->constructor ? line->constructor : "";
    struct node node = {.parent = parent,
                        .key = line->class,
                        .edge = hs_snap_arena_string(trend->arena, line->edge, strlen(line->edge)),
                        .constructor = hs_snap_arena_string(trend->arena, constructor, strlen(constructor))};
    if (!node.edge || !node.constructor) return NO_PATH;
    paths->nodes[paths->count] = node;
    paths->slots[at] = ++paths->count;
    return paths->count - 1;
}

static bool add_point(struct node *node, size_t at, const struct hs_snap_path *line) {
    if (at >= node->point_count) {
        struct point *points = reallocarray(node->points, at + 1, sizeof *points);
        if (!points) return false;
        memset(points + node->point_count, 0, (at + 1 - node->point_count) * sizeof *points);
        node->points = points;
        node->point_count = at + 1;
    }
    node->points[at].count = hs_trend_sum(node->points[at].count, line->count);
    node->points[at].bytes = hs_trend_sum(node->points[at].bytes, line->bytes);
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

struct hs_error *hs_trend_paths_add(struct hs_trend *trend, const struct hs_snap *snap, size_t at) {
    if (!snap->path_count) return NULL;
    if (!trend->paths && !(trend->paths = calloc(1, sizeof *trend->paths))) return HS_ENOMEM;
    struct known *known = reallocarray(NULL, snap->path_count, sizeof *known);
    size_t count = 0;
    struct hs_error *error = known ? NULL : HS_ENOMEM;
    for (size_t i = 0; i < snap->path_count && !error; i++) {
        const struct hs_snap_path *line = &snap->paths[i];
        size_t parent = NO_PATH;
        /* Ids ascend as heapscan writes them; a line that breaks the order, or whose parent is not there, is
         * left out. */
        if (count && line->id <= known[count - 1].id) continue;
        if (line->parent != HS_SNAP_NULL) {
            const struct known key = {.id = line->parent},
                               *found = bsearch(&key, known, count, sizeof *known, by_id);
            if (!found) continue;
            parent = found->node;
        }
        size_t node = find_node(trend, parent, line);
        if (node == NO_PATH || !add_point(&trend->paths->nodes[node], at, line)) error = HS_ENOMEM;
        else known[count++] = (struct known){line->id, node};
    }
    free(known);
    return error;
}

/* --- after judging */

static struct point point_of(const struct node *node, size_t given) {
    return given < node->point_count ? node->points[given] : (struct point){0, 0};
}

/* How much a node grew from the first capture to the last. */
static struct point growth_of(const struct hs_trend *trend, const struct node *node) {
    struct point first = point_of(node, trend->captures[0].given);
    struct point last = point_of(node, trend->captures[trend->capture_count - 1].given);
    return (struct point){hs_trend_sum(last.count, -first.count), hs_trend_sum(last.bytes, -first.bytes)};
}

static bool grew_more(struct point a, struct point b) {
    return a.count > 0 || b.count > 0 ? a.count > b.count : a.bytes > b.bytes;
}

struct candidate {
    struct hs_snap_key key;
    size_t node;
};

static int by_key(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    if (x->key.high != y->key.high) return x->key.high < y->key.high ? -1 : 1;
    if (x->key.low != y->key.low) return x->key.low < y->key.low ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

static const char *file_name(const char *script) {
    const char *slash = strncmp(script, "node:", 5) ? strrchr(script, '/') : NULL;
    return slash && slash[1] ? slash + 1 : script;
}

static void put_step(const struct node *node, struct hs_strbuf *out) {
    bool module = node->parent == NO_PATH && !node->key.high && !node->key.low && node->edge[0] != '(';
    if (module) hs_strbuf_printf(out, "%s:", file_name(node->edge));
    else if (node->parent == NO_PATH || node->edge[0] == '[') hs_strbuf_puts(out, node->edge);
    else if (node->edge[0] == '(' || strncmp(node->edge, "variable ", 9) == 0)
        hs_strbuf_printf(out, " %s", node->edge);
    else hs_strbuf_printf(out, ".%s", node->edge);
}

enum { STEPS_MAX = 64 };

static char *text_of(struct hs_trend *trend, const struct hs_strbuf *text) {
    return text->failed ? NULL : hs_snap_arena_string(trend->arena, text->data, text->size);
}

/* "global.sessions: Map" of the node's parent, or of the node if that is what holds; and the steps to the
 * node itself. */
static struct hs_error *describe(struct hs_trend *trend, struct hs_trend_row *row, size_t index,
                                 bool itself) {
    const struct node *nodes = trend->paths->nodes;
    size_t steps[STEPS_MAX], count = 0;
    HS_STRBUF_AUTO holder = HS_STRBUF_INIT;
    for (size_t i = index; i != NO_PATH && count < STEPS_MAX; i = nodes[i].parent) steps[count++] = i;
    const char **path = hs_snap_arena_alloc(trend->arena, count * sizeof *path);
    if (!path) return HS_ENOMEM;
    for (size_t k = 0; k < count; k++) {
        const struct node *node = &nodes[steps[count - 1 - k]];
        HS_STRBUF_AUTO step = HS_STRBUF_INIT;
        hs_strbuf_puts(&step, node->edge);
        if (*node->constructor && node->parent != NO_PATH) hs_strbuf_printf(&step, ": %s", node->constructor);
        if (!(path[k] = text_of(trend, &step))) return HS_ENOMEM;
        if (itself || k + 1 < count) put_step(node, &holder);
    }
    if (nodes[index].parent != NO_PATH && count > 1) {
        const struct node *named = &nodes[itself ? index : nodes[index].parent];
        if (*named->constructor && named->parent != NO_PATH)
            hs_strbuf_printf(&holder, ": %s", named->constructor);
        if (!(row->holder = text_of(trend, &holder))) return HS_ENOMEM;
    }
    row->path = path;
    row->path_count = count;
    return NULL;
}

/* A place counts only if it explains at least half of what grew: garbage and storages have no place in the
 * tree. */
static bool explains(const struct hs_trend_row *row, struct point growth) {
    return row->count_delta > 0 ? growth.count > 0 && growth.count >= row->count_delta / 2
                                : growth.bytes > 0 && growth.bytes >= row->bytes_delta / 2;
}

/* Of all nodes that lead to the row's class, the one that grew most; NO_PATH if none explains it. */
static size_t find_place(const struct hs_trend *trend, const struct candidate *candidates,
                         const struct hs_trend_row *row) {
    const struct hs_trend_paths *paths = trend->paths;
    const struct candidate first = {row->key, 0};
    size_t low = 0, high = paths->count, best = NO_PATH;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_key(&candidates[middle], &first) < 0) low = middle + 1;
        else high = middle;
    }
    struct point most = {0, 0};
    for (; low < paths->count && hs_snap_key_equal(candidates[low].key, row->key); low++) {
        struct point growth = growth_of(trend, &paths->nodes[candidates[low].node]);
        if (best != NO_PATH && !grew_more(growth, most)) continue;
        best = candidates[low].node;
        most = growth;
    }
    return best != NO_PATH && explains(row, most) ? best : NO_PATH;
}

/* Arrays and tables have no nodes: their bytes stand at the object they belong to. Of one that grew while the
 * number of its like did not, the place whose objects gained most bytes, but no objects. */
static size_t find_container(const struct hs_trend *trend, const struct hs_trend_row *row) {
    const struct hs_trend_paths *paths = trend->paths;
    size_t best = NO_PATH;
    int64_t most = 0;
    for (size_t i = 0; i < paths->count; i++) {
        struct point growth = growth_of(trend, &paths->nodes[i]);
        if (growth.count > 0 || growth.bytes <= most) continue;
        best = i;
        most = growth.bytes;
    }
    return most >= row->bytes_delta / 2 ? best : NO_PATH;
}

static bool is_above(const struct hs_trend_paths *paths, size_t above, size_t node) {
    for (node = paths->nodes[node].parent; node != NO_PATH && node >= above; node = paths->nodes[node].parent)
        if (node == above) return true;
    return false;
}

/* What holds goes before what it holds, if both are objects of the program and grew alike: a Buffer in every
 * Header is a leak of Headers. */
static void put_holders_first(struct hs_trend *trend, size_t *places) {
    for (size_t i = 0; i < trend->row_count && trend->rows[i]->rank; i++)
        for (size_t k = i + 1; k < trend->row_count && trend->rows[k]->rank; k++) {
            struct hs_trend_row *held = trend->rows[i], *holder = trend->rows[k];
            if (places[i] == NO_PATH || places[k] == NO_PATH || holder->verdict != held->verdict ||
                holder->nature > held->nature)
                continue;
            if (!is_above(trend->paths, places[k], places[i]) || holder->count_delta < held->count_delta / 2)
                continue;
            size_t place = places[k];
            memmove(trend->rows + i + 1, trend->rows + i, (k - i) * sizeof *trend->rows);
            memmove(places + i + 1, places + i, (k - i) * sizeof *places);
            trend->rows[i] = holder;
            places[i] = place;
        }
    for (size_t i = 0; i < trend->row_count && trend->rows[i]->rank; i++) trend->rows[i]->rank = i + 1;
}

struct hs_error *hs_trend_find_holders(struct hs_trend *trend) {
    if (!trend->paths || !trend->capture_count) return NULL;
    const struct hs_trend_paths *paths = trend->paths;
    struct candidate *candidates = reallocarray(NULL, paths->count + 1, sizeof *candidates);
    size_t *places = reallocarray(NULL, trend->row_count + 1, sizeof *places);
    struct hs_error *error = candidates && places ? NULL : HS_ENOMEM;
    if (!error) {
        for (size_t i = 0; i < paths->count; i++) candidates[i] = (struct candidate){paths->nodes[i].key, i};
        qsort(candidates, paths->count, sizeof *candidates, by_key);
        for (size_t i = 0; i < trend->row_count; i++) {
            const struct hs_trend_row *row = trend->rows[i];
            places[i] =
                row->rank && row->subject == HS_SUBJECT_CLASS ? find_place(trend, candidates, row) : NO_PATH;
        }
        put_holders_first(trend, places);
    }
    for (size_t i = 0; i < trend->row_count && !error; i++) {
        struct hs_trend_row *row = trend->rows[i];
        bool table =
            row->rank && places[i] == NO_PATH && !strcmp(row->type, "array") && row->count_delta <= 0;
        size_t place = table ? find_container(trend, row) : places[i];
        if (place != NO_PATH) error = describe(trend, row, place, table);
    }
    free(candidates);
    free(places);
    return error;
}
