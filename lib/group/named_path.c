#define _GNU_SOURCE 1 /* reallocarray */
#include "group/named_path_private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "group/in_flight.h"
#include "group/shortest.h"
#include "group/table_keys.h"

enum { AHEAD = 16 };          /* nodes of the queue; measured */
enum { GIVE_BACK = 1 << 20 }; /* nodes */
enum { NODE_LIMIT = 1 << 20, EDGE_LIMIT = 1 << 18, CHAIN_LEVELS = 8, WAITING_LIMIT = 64 };

/* In path_of while the tree grows: a queue of work under way, which nothing may reach yet. */
#define PATH_WAITING (HS_PATH_NONE - 1)

/* A step that is taken when all lasting holders have named what they hold. */
struct waiting {
    hs_id id;
    uint32_t parent;
    const char *name; /* of the variable */
};

/* A map, by the object that is the first to have it, or the function that is the first to make such. */
struct met_map {
    hs_id id;
    uint32_t at;
    enum hs_edge_role role;
};

struct building {
    const struct hs_analysis *a;
    struct hs_edges *edges;
    struct hs_named_paths *paths;
    const bool *late; /* by class */
    struct hs_realms realms;
    uint32_t *realm_path; /* by realm: of its context; HS_PATH_NONE */
    uint32_t capacity;
    uint32_t *slots; /* open addressing: index of a path + 1 */
    uint32_t slot_count;
    uint32_t *edge_slots;
    uint32_t edge_capacity, edge_slot_count;
    hs_id *queue, *deferred;
    size_t head, tail, given_back, deferred_count, waiting_count;
    struct waiting waiting[WAITING_LIMIT];
    struct hs_sharing *sharing;
    struct met_map *maps; /* whose prototypes and accessors wait for shorter names */
    size_t map_head, map_count, map_capacity;
    uint32_t machinery; /* the branch of V8's own */
    uint32_t at;        /* path of the object being read */
    uint32_t class;     /* its class */
    bool table;         /* its property names are data, */
    bool interface;     /* but for those that are words of the program (table_keys.h) */
    bool failed;
};

static uint64_t hash_of(uint64_t a, const char *name, uint32_t step, uint64_t b) {
    return hs_address_mix((a << 8 | step) * UINT64_C(0x9e3779b97f4a7c15) ^ (uintptr_t)name ^ b << 40);
}

static bool grow_paths(struct building *b) {
    uint32_t slot_count = b->slot_count ? 2 * b->slot_count : 8192,
             *slots = calloc(slot_count, sizeof *slots);
    struct hs_named_path *items = realloc(b->paths->items, slot_count / 2 * sizeof *items);
    if (items) b->paths->items = items;
    if (!slots || !items) {
        free(slots);
        b->failed = true;
        return false;
    }
    for (uint32_t i = 0; i < b->paths->count; i++) {
        uint64_t at = hash_of(items[i].parent, items[i].name, items[i].step, items[i].class);
        while (slots[at &= slot_count - 1]) at++;
        slots[at] = i + 1;
    }
    free(b->slots);
    b->slots = slots;
    b->slot_count = slot_count;
    b->capacity = slot_count / 2;
    return true;
}

/* The child of `parent` for a step, made if need be; `parent` itself when there are too many. */
static uint32_t child(struct building *b, uint32_t parent, enum hs_step step, const char *name,
                      uint32_t class) {
    if (b->paths->count == b->capacity && !grow_paths(b)) return parent;
    uint64_t at = hash_of(parent, name, step, class);
    for (;; at++) {
        uint32_t found = b->slots[at &= b->slot_count - 1];
        if (!found) break;
        const struct hs_named_path *p = &b->paths->items[found - 1];
        if (p->parent == parent && p->name == name && p->step == step && p->class == class) return found - 1;
    }
    /* A chain: the same step to the same class a few levels up. */
    uint32_t up = parent;
    for (int i = 0; i < CHAIN_LEVELS && up != HS_PATH_NONE && step > HS_STEP_HELD;
         i++, up = b->paths->items[up].parent) {
        struct hs_named_path *p = &b->paths->items[up];
        if (p->name != name || p->step != step || p->class != class) continue;
        p->chain = true;
        return up;
    }
    if (b->paths->count >= NODE_LIMIT && parent != HS_PATH_NONE) return parent;
    b->paths->items[b->paths->count] = (struct hs_named_path){
        .parent = parent, .class = class, .name = name, .step = (uint8_t)step, .sample = HS_PATH_NONE};
    b->slots[at] = ++b->paths->count;
    return b->paths->count - 1;
}

/* Kept small: nearly every edge of the heap is looked up here. */
static bool grow_edges(struct building *b) {
    uint32_t slot_count = b->edge_slot_count ? 2 * b->edge_slot_count : 4096,
             *slots = calloc(slot_count, sizeof *slots);
    if (!slots) {
        b->failed = true;
        return false;
    }
    for (uint32_t i = 0; i < b->paths->edge_count; i++) {
        const struct hs_class_edge *e = &b->paths->edges[i];
        uint64_t at = hash_of((uint64_t)e->from << 24, e->name, e->step, e->to);
        while (slots[at &= slot_count - 1]) at++;
        slots[at] = i + 1;
    }
    free(b->edge_slots);
    b->edge_slots = slots;
    b->edge_slot_count = slot_count;
    return true;
}

static void count_edge(struct building *b, enum hs_step step, const char *name, uint32_t to) {
    if (b->class == UINT32_MAX || to == UINT32_MAX) return;
    struct hs_named_paths *paths = b->paths;
    if (2 * paths->edge_count >= b->edge_slot_count && !grow_edges(b)) return;
    uint64_t at = hash_of((uint64_t)b->class << 24, name, step, to);
    for (;; at++) {
        uint32_t found = b->edge_slots[at &= b->edge_slot_count - 1];
        if (!found) break;
        struct hs_class_edge *e = &paths->edges[found - 1];
        if (e->from == b->class && e->to == to && e->name == name && e->step == step) {
            e->count++;
            return;
        }
    }
    if (paths->edge_count >= EDGE_LIMIT) return;
    paths->edges[paths->edge_count] =
        (struct hs_class_edge){.from = b->class, .to = to, .name = name, .step = (uint8_t)step, .count = 1};
    b->edge_slots[at] = ++paths->edge_count;
}

/* Counts a node of the graph with its path: when it is read, since then all arrays are at hand. */
static void settle(struct building *b, hs_id id) {
    struct hs_named_path *p = &b->paths->items[b->paths->path_of[id]];
    p->bytes += hs_analysis_size(b->a, id);
    p->fanout += b->a->graph->first[id + 1] - b->a->graph->first[id];
}

static bool is_new(const struct building *b, hs_id id) {
    return b->paths->path_of[id] == HS_PATH_NONE && hs_marks_get(&b->a->marks, id);
}

/* Where machinery stands: in a branch of its own; that of a realm which the program holds at its context. */
static uint32_t place_late(struct building *b, hs_id id, uint32_t class) {
    static const char name[] = "native context";
    const struct hs_realm *realm = hs_realm_get(&b->realms, b->a, id);
    uint32_t holder = realm ? b->paths->path_of[realm->holder] : HS_PATH_NONE;
    if (holder >= b->paths->count) return child(b, b->machinery, HS_STEP_HELD, NULL, class);
    uint32_t *path = &b->realm_path[realm - b->realms.items];
    if (*path == HS_PATH_NONE)
        *path = child(b, holder, HS_STEP_INTERNAL, name, b->a->class_of[realm->context]);
    return *path;
}

static void reach(struct building *b, hs_id id, uint32_t parent, enum hs_step step, const char *name) {
    uint32_t class = b->a->class_of[id];
    bool late = class != UINT32_MAX && b->late[class];
    uint32_t path = late ? place_late(b, id, class) : child(b, parent, step, name, class);
    if (b->failed) return;
    b->paths->path_of[id] = path;
    /* Of a realm the context alone counts: its bytes are those of all its machinery. */
    struct hs_named_path *p = &b->paths->items[path];
    if (!late || p->class == class) p->count++;
    if (p->sample == HS_PATH_NONE && p->class == class) p->sample = id;
    if (late) b->deferred[b->deferred_count++] = id;
    else b->queue[b->tail++] = id;
}

static enum hs_step step_of(const struct building *b, const struct hs_edge *edge, const char **name_ret) {
    *name_ret = NULL;
    if (edge->is_key) return HS_STEP_KEY_ITSELF;
    if (edge->dictionary && b->table && !(b->interface && edge->name && hs_table_key_is_word(edge->name)))
        return HS_STEP_KEY;
    if (edge->type == HS_EDGE_ELEMENT) return HS_STEP_INDEX;
    if (!edge->name) {
        if (edge->type == HS_EDGE_INTERNAL) return edge->key ? HS_STEP_KEY : HS_STEP_INDEX;
        return HS_STEP_SLOT;
    }
    *name_ret = edge->name;
    return edge->type == HS_EDGE_PROPERTY  ? HS_STEP_PROPERTY
           : edge->type == HS_EDGE_CONTEXT ? HS_STEP_VARIABLE
                                           : HS_STEP_INTERNAL;
}

static bool is_queue(const struct building *b, enum hs_step step, const char *name) {
    const struct hs_named_path *holder = &b->paths->items[b->at];
    return holder->step == HS_STEP_MODULE && step == HS_STEP_VARIABLE &&
           hs_in_flight_is_queue(holder->name, name);
}

static void meet_map(struct building *b, const struct hs_edge *edge) {
    if (b->map_count == b->map_capacity) {
        size_t capacity = b->map_capacity ? 2 * b->map_capacity : 1024;
        struct met_map *maps = reallocarray(b->maps, capacity, sizeof *maps);
        if (!maps) {
            b->failed = true;
            return;
        }
        b->maps = maps;
        b->map_capacity = capacity;
    }
    b->maps[b->map_count++] = (struct met_map){edge->to, b->at, (enum hs_edge_role)edge->role};
}

static void visit(void *context, const struct hs_edge *edge) {
    struct building *b = context;
    const char *name;
    if (edge->type == HS_EDGE_WEAK || edge->to >= b->a->graph->count) return;
    enum hs_step step = step_of(b, edge, &name);
    if (edge->role != HS_ROLE_MAP) count_edge(b, step, name, b->a->class_of[edge->to]);
    if (!is_new(b, edge->to)) {
        if (edge->role != HS_ROLE_MAP)
            hs_sharing_meet(b->sharing, b->paths, edge->to,
                            (struct hs_shared_holder){b->at, (uint8_t)step, name});
        return;
    }
    if (edge->role == HS_ROLE_MAP || edge->role == HS_ROLE_INITIAL_MAP) meet_map(b, edge);
    if (b->waiting_count < WAITING_LIMIT && is_queue(b, step, name)) {
        b->paths->path_of[edge->to] = PATH_WAITING;
        b->waiting[b->waiting_count++] = (struct waiting){edge->to, b->at, name};
    } else {
        reach(b, edge->to, b->at, step, name);
    }
}

static bool claim(void *context, hs_id storage, enum hs_edge_role role) {
    struct building *b = context;
    (void)role;
    if (!is_new(b, storage)) return false;
    b->paths->path_of[storage] = b->at;
    settle(b, storage);
    return true;
}

static void expand(struct building *b, hs_id id) {
    const struct hs_graph *graph = b->a->graph;
    const struct hs_edge_walk walk = {.claim = claim, .visit = visit, .context = b};
    settle(b, id);
    b->at = b->paths->path_of[id];
    b->class = b->a->class_of[id];
    b->table = b->class != UINT32_MAX && b->a->group->classes[b->class].dictionary;
    b->interface =
        b->table && !b->a->file &&
        hs_table_is_interface(b->a->group->js, hs_analysis_address(b->a, id), b->paths->items[b->at].name);
    /* Strings and numbers point to nothing but their map. */
    if (b->a->file || graph->first[id + 1] - graph->first[id] > 1) hs_edges_folded(b->edges, id, &walk);
    else if (graph->first[id + 1] > graph->first[id] && is_new(b, graph->to[graph->first[id]]))
        reach(b, graph->to[graph->first[id]], b->at, HS_STEP_INTERNAL, NULL);
    if (!hs_graph_is_key(graph, id)) return;
    for (uint32_t k = hs_graph_ephemeron_find(graph, id);
         k < graph->ephemeron_count && graph->ephemerons[k].key == id; k++)
        if (hs_marks_get(&b->a->marks, graph->ephemerons[k].table) && is_new(b, graph->ephemerons[k].value))
            reach(b, graph->ephemerons[k].value, b->at, HS_STEP_INTERNAL,
                  hs_ephemeron_name(&graph->ephemerons[k]));
}

/* Prototypes and accessors stand in maps, which are V8's; what they hold is the program's, and is named as
 * the object's, once all that has a name without them is named. */
static void visit_inherited(void *context, const struct hs_edge *edge) {
    struct building *b = context;
    if (is_new(b, edge->to)) reach(b, edge->to, b->at, HS_STEP_PROPERTY, edge->name);
}

static void expand_map(struct building *b, const struct met_map *map) {
    b->at = map->at;
    hs_edges_inherited(b->edges, map->id, map->role, visit_inherited, b);
}

/* What will be read of the nodes next in the queue is fetched meanwhile. */
static void prefetch(const struct building *b) {
    const struct hs_graph *graph = b->a->graph;
    if (b->head + AHEAD < b->tail) {
        hs_id id = b->queue[b->head + AHEAD];
        __builtin_prefetch(&graph->first[id]);
        __builtin_prefetch(&b->a->class_of[id]);
        if (!b->a->file && id < graph->object_count) __builtin_prefetch(&b->a->objects->words[id]);
    }
    if (b->head + AHEAD / 2 < b->tail) {
        hs_id id = b->queue[b->head + AHEAD / 2];
        hs_edges_prefetch(b->edges, id);
        __builtin_prefetch(&graph->to[graph->first[id]]);
    }
    if (b->head + AHEAD / 4 < b->tail) {
        hs_id id = b->queue[b->head + AHEAD / 4];
        for (uint32_t e = graph->first[id]; e < graph->first[id + 1] && e < graph->first[id] + AHEAD / 2;
             e++) {
            __builtin_prefetch(&b->paths->path_of[graph->to[e]]);
            __builtin_prefetch(&b->a->class_of[graph->to[e]]);
        }
    }
}

/* Gives back the pages of the queue that have been read: paths are named while dominators are computed, when
 * the analysis needs most memory. */
static void give_back(struct building *b) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE),
              start = ((uintptr_t)&b->queue[b->given_back] + page - 1) & ~(page - 1),
              end = (uintptr_t)&b->queue[b->head] & ~(page - 1);
    if (end > start) (void)madvise((void *)start, end - start, MADV_DONTNEED);
    b->given_back = b->head;
}

static void drain(struct building *b) {
    while (!b->failed && (b->head < b->tail || b->map_head < b->map_count)) {
        if (b->head < b->tail) {
            prefetch(b);
            expand(b, b->queue[b->head++]);
            if (b->head - b->given_back >= GIVE_BACK) give_back(b);
        } else {
            struct met_map map = b->maps[b->map_head++]; /* the array may move */
            expand_map(b, &map);
        }
    }
}

static void drain_deferred(struct building *b) {
    for (size_t i = 0; i < b->deferred_count && !b->failed; i++) {
        expand(b, b->deferred[i]);
        drain(b);
    }
    b->deferred_count = 0;
}

static void drain_waiting(struct building *b) {
    for (size_t i = 0; i < b->waiting_count && !b->failed; i++) {
        b->paths->path_of[b->waiting[i].id] = HS_PATH_NONE;
        reach(b, b->waiting[i].id, b->waiting[i].parent, HS_STEP_VARIABLE, b->waiting[i].name);
    }
    b->waiting_count = 0;
    drain(b);
}

/* --- the first level */

static struct hs_error *seed_globals(struct building *b) {
    hs_id *ids;
    size_t count;
    HS_TRY(hs_global_objects_find(b->a, &b->realms, &ids, &count));
    for (size_t i = 0; i < count; i++) {
        uint32_t group = child(b, HS_PATH_NONE, HS_STEP_GROUP, "global", b->a->class_of[ids[i]]);
        if (b->failed) break;
        b->paths->path_of[ids[i]] = group;
        b->paths->items[group].count++;
        b->queue[b->tail++] = ids[i];
    }
    free(ids);
    return NULL;
}

static struct hs_error *seed_modules(struct building *b) {
    struct hs_module_seed *seeds;
    size_t count;
    HS_TRY(hs_module_seeds_find(b->a, &seeds, &count));
    for (size_t i = 0; i < count; i++) {
        if (!is_new(b, seeds[i].id)) continue;
        uint32_t module = child(b, HS_PATH_NONE, HS_STEP_MODULE, seeds[i].script, UINT32_MAX);
        if (b->failed) break;
        b->paths->path_of[seeds[i].id] = module;
        b->paths->items[module].count++;
        b->queue[b->tail++] = seeds[i].id;
    }
    free(seeds);
    return NULL;
}

static void seed_root(struct building *b, hs_id id, const char *category) {
    if (id >= b->a->graph->count || !is_new(b, id)) return;
    reach(b, id, child(b, HS_PATH_NONE, HS_STEP_GROUP, category, UINT32_MAX), HS_STEP_HELD, NULL);
}

/* What a program's handle holds as well. Other roots hold for a moment, or what never grows. */
static void meet_handles(struct building *b) {
    const struct hs_analysis *a = b->a;
    for (size_t i = 0; i < a->roots.count && !b->failed; i++) {
        hs_id id = a->roots.items[i].id;
        if (a->roots.items[i].category != HS_ROOT_GLOBAL_HANDLES || id >= a->graph->count) continue;
        uint32_t group =
            child(b, HS_PATH_NONE, HS_STEP_GROUP, hs_analysis_root_name(a, &a->roots.items[i]), UINT32_MAX);
        hs_sharing_meet(b->sharing, b->paths, id, (struct hs_shared_holder){group, HS_STEP_HELD, NULL});
    }
}

static struct hs_error *build(struct building *b) {
    const struct hs_analysis *a = b->a;
    b->machinery = child(b, HS_PATH_NONE, HS_STEP_GROUP, "(V8's own)", UINT32_MAX);
    if (b->failed) return HS_ENOMEM;
    HS_TRY(seed_globals(b));
    HS_TRY(seed_modules(b));
    drain(b);
    for (int round = 0; round < HS_ROOT_ROUNDS; round++) {
        if (round == HS_ROOT_LASTING) drain_waiting(b);
        for (size_t i = 0; i < a->roots.count; i++) {
            enum hs_root_category category = (enum hs_root_category)a->roots.items[i].category;
            if (hs_root_round(category) == round)
                seed_root(b, a->roots.items[i].id, hs_analysis_root_name(a, &a->roots.items[i]));
        }
        drain(b);
        if (round >= HS_ROOT_LASTING) drain_deferred(b);
    }
    for (size_t i = 0; i < a->root_id_count; i++)
        seed_root(b, a->root_ids[i], hs_root_category_name(HS_ROOT_READ_ONLY));
    drain(b);
    drain_deferred(b);
    meet_handles(b);
    return b->failed ? HS_ENOMEM : hs_js_error(a->group->js);
}

static int by_count(const void *x, const void *y) {
    const struct hs_class_edge *a = x, *b = y;
    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    if (a->from != b->from) return a->from < b->from ? -1 : 1;
    if (a->to != b->to) return a->to < b->to ? -1 : 1;
    if (a->step != b->step) return a->step < b->step ? -1 : 1;
    return a->name && b->name ? strcmp(a->name, b->name) : (a->name != NULL) - (b->name != NULL);
}

static void sum(struct hs_named_paths *paths) {
    for (uint32_t i = paths->count; i-- > 0;) {
        paths->items[i].below += paths->items[i].bytes;
        if (paths->items[i].parent != HS_PATH_NONE)
            paths->items[paths->items[i].parent].below += paths->items[i].below;
    }
}

struct hs_error *hs_named_paths_create(const struct hs_analysis *a, struct hs_edges *edges,
                                       struct hs_named_paths *ret) {
    size_t room = ((size_t)a->graph->count + 1) * sizeof(uint32_t);
    *ret = (struct hs_named_paths){.path_of = malloc(room), .edges = malloc(EDGE_LIMIT * sizeof *ret->edges)};
    bool *late = hs_classes_late(a);
    struct building b = {
        .a = a, .edges = edges, .paths = ret, .late = late, .queue = malloc(room), .deferred = malloc(room)};
    struct hs_error *error = HS_ENOMEM;
    if (ret->path_of && ret->edges && late && b.queue && b.deferred)
        error = hs_sharing_create(a, late, &b.sharing);
    if (!error) error = hs_realms_find(a, late, &b.realms);
    if (!error && !(b.realm_path = malloc(((size_t)b.realms.count + 1) * sizeof *b.realm_path)))
        error = HS_ENOMEM;
    if (!error) {
        memset(b.realm_path, 0xff, ((size_t)b.realms.count + 1) * sizeof *b.realm_path);
        memset(ret->path_of, 0xff, room);
        error = build(&b);
    }
    if (!error) error = hs_sharing_finish(b.sharing, b.machinery, ret);
    hs_sharing_destroy(b.sharing);
    hs_realms_deinit(&b.realms);
    free(b.realm_path);
    free(b.slots);
    free(b.edge_slots);
    free(b.queue);
    free(b.deferred);
    free(b.maps);
    free(late);
    if (error) {
        hs_named_paths_deinit(ret);
        return error;
    }
    sum(ret);
    qsort(ret->edges, ret->edge_count, sizeof *ret->edges, by_count);
    return NULL;
}

void hs_named_paths_deinit(struct hs_named_paths *paths) {
    free(paths->items);
    free(paths->path_of);
    free(paths->edges);
    free(paths->shared);
    *paths = (struct hs_named_paths){0};
}
