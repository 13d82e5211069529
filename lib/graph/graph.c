#include "graph/graph_private.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "graph/embedded.h"
#include "graph/objects_walk.h"
#include "graph/traced.h"
#include "js/string.h"
#include "v8/weak.h"

/* A reference to native memory; its node is known when all are. */
struct store {
    hs_addr address;
    uint64_t bytes;
    uint32_t page, at; /* the edge: element `at` of the page's */
};

/* Edges of one page's objects, in order. A page is read by one thread. */
struct page_edges {
    hs_id *to;
    uint32_t count, capacity;
};

enum { GIVE_BACK = 64 << 20 }; /* bytes */

/* What one thread gathers. */
struct gatherer {
    const struct hs_objects *objects;
    struct hs_graph *graph;
    struct page_edges *pages; /* one a page, shared by all threads */
    struct hs_ephemeron *ephemerons;
    uint32_t ephemeron_count, ephemeron_capacity;
    struct store *stores;
    uint32_t store_count, store_capacity;
    struct hs_direct_part *direct;
    const struct hs_graph_visitor *visitor; /* NULL: none */
    void *visitor_context;
    hs_id *map_ids; /* by index of the thread's maps: the id of the map object, or UNASKED */
    uint32_t map_capacity;
    bool failed;
};
enum { UNASKED = HS_ID_NONE - 1 };

static void add_ephemeron(struct gatherer *g, hs_id key, hs_id value, hs_id table) {
    if (g->ephemeron_count == g->ephemeron_capacity) {
        uint32_t capacity = g->ephemeron_capacity ? 2 * g->ephemeron_capacity : 256;
        struct hs_ephemeron *grown = realloc(g->ephemerons, capacity * sizeof *grown);
        if (!grown) {
            g->failed = true;
            return;
        }
        g->ephemerons = grown;
        g->ephemeron_capacity = capacity;
    }
    g->ephemerons[g->ephemeron_count++] = (struct hs_ephemeron){key, value, table};
}

static void add_store(struct gatherer *g, hs_addr address, uint64_t bytes, uint32_t page, uint32_t at) {
    if (g->store_count == g->store_capacity) {
        uint32_t capacity = g->store_capacity ? 2 * g->store_capacity : 64;
        struct store *grown = realloc(g->stores, capacity * sizeof *grown);
        if (!grown) {
            g->failed = true;
            return;
        }
        g->stores = grown;
        g->store_capacity = capacity;
    }
    g->stores[g->store_count++] = (struct store){address, bytes, page, at};
}

uint32_t hs_graph_body_end(const struct hs_v8 *v8, const struct hs_map *map, uint32_t words) {
    unsigned word = v8->layout.tagged_size;
    switch ((enum hs_kind)map->kind) {
    case HS_KIND_STRING:
        switch (hs_string_form(map->type)) {
        case HS_STRING_CONS:
        case HS_STRING_SLICED:
        case HS_STRING_THIN:
            return words;
        default:
            return 1;
        }
    case HS_KIND_HEAP_NUMBER:
    case HS_KIND_BIGINT:
    case HS_KIND_HOLE:
    case HS_KIND_FIXED_DOUBLE_ARRAY:
    case HS_KIND_BYTE_ARRAY:
    case HS_KIND_FEEDBACK_METADATA:
    case HS_KIND_FILLER:
    case HS_KIND_FREE_SPACE:
        return 1;
    case HS_KIND_EPHEMERON_HASH_TABLE:
    case HS_KIND_STRING_TABLE:
        return 1;
    case HS_KIND_BYTECODE_ARRAY: {
        uint32_t header = v8->layout.bytecode_header > 0 ? (uint32_t)v8->layout.bytecode_header / word : 6;
        return header < words ? header : words;
    }
    case HS_KIND_CODE:
        /* Variable size: machine code behind a header of 4 words (InstructionStream), or of the rule's (Code
         * until V8 10.8). Objects named inside instructions: graph/embedded.h. */
        if (map->instance_words) return words;
        {
            const struct hs_rule *rule = &v8->rules.items[map->rule];
            uint32_t header = rule->form == HS_RULE_TWO_PARTS ? rule->header / word : 4;
            return words < header ? words : header;
        }
    default:
        return words;
    }
}

static uint64_t store_bytes(const struct hs_v8 *v8, const uint8_t *p, uint32_t words, hs_addr *address) {
    const struct hs_layout *l = &v8->layout;
    uint64_t size = (uint64_t)words * l->tagged_size, w = v8->arch->word_size;
    if ((uint64_t)l->array_buffer_store + w > size || (uint64_t)l->array_buffer_byte_length + w > size)
        return 0;
    *address = hs_arch_word(v8->arch, p + l->array_buffer_store);
    uint64_t bytes = hs_v8_byte_length(v8, p + l->array_buffer_byte_length);
    return *address && bytes < UINT64_C(1) << 46 ? bytes : 0;
}

static int by_address(const void *a, const void *b) {
    const struct hs_graph_native *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

const char *hs_graph_ephemeron_name(const struct hs_graph *graph, hs_id key, hs_id value) {
    for (uint32_t i = hs_graph_ephemeron_find(graph, key);
         i < graph->ephemeron_count && graph->ephemerons[i].key == key; i++)
        if (graph->ephemerons[i].value == value) return hs_ephemeron_name(&graph->ephemerons[i]);
    return "value in WeakMap";
}

hs_id hs_graph_native_find(const struct hs_graph *graph, hs_addr address) {
    struct hs_graph_native key = {.address = address};
    const struct hs_graph_native *found =
        bsearch(&key, graph->natives, graph->native_count, sizeof key, by_address);
    return found ? graph->object_count + (hs_id)(found - graph->natives) : HS_ID_NONE;
}

/* Room for `more` edges of a page. */
static bool reserve(struct page_edges *edges, uint32_t more) {
    if (more <= edges->capacity - edges->count) return true;
    uint64_t capacity = edges->capacity ? edges->capacity : 4096;
    while (capacity - edges->count < more) capacity *= 2;
    hs_id *grown = capacity < UINT32_MAX ? realloc(edges->to, capacity * sizeof *grown) : NULL;
    if (!grown) return false;
    edges->to = grown;
    edges->capacity = (uint32_t)capacity;
    return true;
}

static void add_embedded(struct gatherer *g, struct page_edges *edges, const uint8_t *p, uint32_t end,
                         uint32_t words) {
    unsigned word = g->objects->v8->layout.tagged_size;
    uint64_t offset = (uint64_t)end * word, size = (uint64_t)words * word;
    bool weak;
    for (hs_id to; (to = hs_embedded_next(g->objects, p, size, &offset, &weak)) != HS_ID_NONE;) {
        if (weak) continue;
        if (!reserve(edges, 2)) {
            g->failed = true;
            return;
        }
        edges->to[edges->count++] = to;
    }
}

static bool make_room_for_maps(struct gatherer *g, uint32_t count) {
    uint32_t capacity = g->map_capacity ? g->map_capacity : 4096;
    if (count <= g->map_capacity) return true;
    while (capacity < count) capacity *= 2;
    hs_id *grown = realloc(g->map_ids, capacity * sizeof *grown);
    if (!grown) return false;
    for (uint32_t i = g->map_capacity; i < capacity; i++) grown[i] = UNASKED;
    g->map_ids = grown;
    g->map_capacity = capacity;
    return true;
}

/* The map that an object's first word points to: every object has one, most share theirs. */
static hs_id find_map(struct gatherer *g, const struct hs_map *map, uint32_t m, const uint8_t *p) {
    const struct hs_v8 *v8 = g->objects->v8;
    hs_tagged word = hs_v8_load(v8, p);
    if ((word & 3) != 1) return HS_ID_NONE;
    if (word != map->address + 1) return hs_objects_find(g->objects, word - 1); /* one of the two has moved */
    if (g->map_ids[m] == UNASKED) g->map_ids[m] = hs_objects_find(g->objects, map->address);
    return g->map_ids[m];
}

/* Any thread, of any object. */
static void note_missing(struct hs_graph *graph, hs_id id) {
    __atomic_fetch_or(&graph->missing[id / 64], UINT64_C(1) << (id % 64), __ATOMIC_RELAXED);
}

/* Appends the edges of an object to its page's. `head` gets the targets of its first words. */
static void scan(struct gatherer *g, const struct hs_map *map, uint32_t m, hs_id id, uint32_t page,
                 const uint8_t *p, uint32_t words, hs_id head[HS_DIRECT_HEAD]) {
    const struct hs_objects *objects = g->objects;
    const struct hs_v8 *v8 = objects->v8;
    const unsigned word = v8->layout.tagged_size;
    struct page_edges *edges = &g->pages[page];
    uint32_t end = hs_graph_body_end(v8, map, words);
    bool weak_table = g->graph->weak_tables && g->graph->weak_tables[id / 64] >> (id % 64) & 1;
    bool missing = weak_table || hs_v8_is_string_table(v8, page, p);
    if (missing) end = 1;
    if (!reserve(edges, end + 2)) {
        g->failed = true;
        return;
    }
    struct hs_weak_slots weak = hs_v8_weak_slots(v8, (enum hs_kind)map->kind, words);
    for (uint32_t k = 0; k < HS_DIRECT_HEAD; k++) head[k] = HS_ID_NONE;
    for (uint32_t k = 0; k < end; k++) {
        hs_tagged value = hs_v8_load(v8, p + (size_t)k * word);
        if ((value & 3) != 1 || (k >= weak.first && k < weak.end) || hs_map_is_raw(map, k)) continue;
        hs_id to = k ? hs_objects_find(objects, value - 1) : find_map(g, map, m, p);
        if (k < HS_DIRECT_HEAD) head[k] = to;
        if (to != HS_ID_NONE) edges->to[edges->count++] = to;
        else missing = true;
    }
    if (missing) note_missing(g->graph, id);
    if (map->kind == HS_KIND_CODE && end < words) add_embedded(g, edges, p, end, words);
    if (map->kind == HS_KIND_JS_FUNCTION && words > 3) {
        hs_id code = hs_dispatch_code(&g->graph->dispatch, objects, v8->pages.items[page].isolate, p, words);
        if (code != HS_ID_NONE) edges->to[edges->count++] = code;
    }
    hs_addr address = 0;
    uint64_t bytes = 0;
    if (map->kind == HS_KIND_JS_ARRAY_BUFFER) {
        bytes = store_bytes(v8, p, words, &address);
    } else if (map->kind == HS_KIND_STRING && hs_string_form(map->type) == HS_STRING_EXTERNAL &&
               !v8->layout.snapshot_read_only_weighs_0) {
        /* Where V8's snapshot does not count the payload with the string, it is a node of its own. */
        bytes = hs_js_string_payload(v8, hs_objects_address(objects, id), map, &address);
    } else if (map->kind == HS_KIND_EPHEMERON_HASH_TABLE || weak_table) {
        /* FixedArray of {elements, deleted, capacity}, then {key, value} pairs (hash-table.h,
         * EphemeronHashTableShape). */
        uint32_t at = (uint32_t)v8->layout.fixed_array_data / word + 3;
        for (; at + 2 <= words; at += 2) {
            hs_tagged key = hs_v8_load(v8, p + (size_t)at * word),
                      value = hs_v8_load(v8, p + (size_t)(at + 1) * word);
            if (!(key & 1) || !(value & 1)) continue;
            hs_id k = hs_objects_find(objects, hs_untag(key)), v = hs_objects_find(objects, hs_untag(value));
            if (k != HS_ID_NONE && v != HS_ID_NONE) add_ephemeron(g, k, v, id);
        }
    }
    if (!bytes || !address) return;
    add_store(g, address, bytes, page, edges->count);
    edges->to[edges->count++] = id; /* until its node is known */
}

static void gather(struct hs_walk_thread *thread, const struct hs_page *page, const struct hs_object *batch,
                   size_t count) {
    struct gatherer *g = thread->context;
    uint32_t index = (uint32_t)(page - g->objects->v8->pages.items);
    hs_id id = hs_objects_find(g->objects, batch[0].address), head[HS_DIRECT_HEAD];
    if (!make_room_for_maps(g, thread->maps.count)) {
        g->failed = true;
        return;
    }
    if (g->visitor && id != HS_ID_NONE) g->visitor->batch(g->visitor_context, thread, page, batch, count, id);
    for (size_t i = 0; i < count && id != HS_ID_NONE; i++, id++) {
        uint64_t size = (uint64_t)batch[i].words * g->objects->v8->layout.tagged_size,
                 offset = batch[i].address - page->area_start;
        uint32_t before = g->pages[index].count;
        /* What lies behind the present bytes is a Hole's payload. */
        if (offset <= page->present && size <= page->present - offset) {
            scan(g, &thread->maps.items[batch[i].map], batch[i].map, id, index, page->bytes + offset,
                 batch[i].words, head);
            hs_direct_note(g->graph->direct, g->direct, g->objects, &thread->maps, batch[i].map, id,
                           page->bytes + offset, batch[i].words, head);
        }
        g->graph->first[id + 1] = g->pages[index].count - before;
    }
}

static struct hs_error *walk(struct gatherer *gatherers, unsigned threads) {
    struct hs_walk_thread *state = calloc(threads, sizeof *state);
    struct hs_error *error = state ? NULL : HS_ENOMEM;
    for (unsigned i = 0; i < threads && !error; i++) state[i].context = &gatherers[i];
    if (!error) {
        struct hs_walk_options options = {.threads = threads, .batch = gather};
        error = hs_objects_walk(gatherers[0].objects, &options, state);
        for (unsigned i = 0; i < threads; i++) {
            hs_maps_deinit(&state[i].maps);
            if (gatherers[i].failed && !error) error = HS_ENOMEM;
        }
    }
    free(state);
    return error;
}

static int by_key(const void *a, const void *b) {
    const struct hs_ephemeron *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    if (x->table != y->table) return x->table < y->table ? -1 : 1;
    return x->value < y->value ? -1 : x->value > y->value;
}

/* Joins what the threads found: ephemerons by key, stores once each. */
static struct hs_error *join(struct hs_graph *graph, const struct gatherer *gatherers, unsigned threads) {
    size_t ephemerons = 0, stores = 0;
    for (unsigned i = 0; i < threads; i++)
        ephemerons += gatherers[i].ephemeron_count, stores += gatherers[i].store_count;
    graph->ephemerons = calloc(ephemerons + 1, sizeof *graph->ephemerons);
    graph->natives = calloc(stores + 1, sizeof *graph->natives);
    if (!graph->ephemerons || !graph->natives) return HS_ENOMEM;
    for (unsigned i = 0; i < threads; i++) {
        if (gatherers[i].ephemeron_count)
            memcpy(graph->ephemerons + graph->ephemeron_count, gatherers[i].ephemerons,
                   gatherers[i].ephemeron_count * sizeof *graph->ephemerons);
        graph->ephemeron_count += gatherers[i].ephemeron_count;
        for (uint32_t k = 0; k < gatherers[i].store_count; k++)
            graph->natives[graph->native_count++] =
                (struct hs_graph_native){gatherers[i].stores[k].address, gatherers[i].stores[k].bytes};
    }
    qsort(graph->ephemerons, graph->ephemeron_count, sizeof *graph->ephemerons, by_key);
    qsort(graph->natives, graph->native_count, sizeof *graph->natives, by_address);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < graph->native_count; i++) {
        if (kept && graph->natives[kept - 1].address == graph->natives[i].address) {
            if (graph->natives[i].bytes > graph->natives[kept - 1].bytes)
                graph->natives[kept - 1].bytes = graph->natives[i].bytes;
        } else {
            graph->natives[kept++] = graph->natives[i];
        }
    }
    graph->native_count = kept;
    graph->count = graph->object_count + kept;
    graph->keys = calloc((size_t)graph->count / 64 + 1, sizeof *graph->keys);
    if (!graph->keys) return HS_ENOMEM;
    for (uint32_t i = 0; i < graph->ephemeron_count; i++)
        graph->keys[graph->ephemerons[i].key / 64] |= UINT64_C(1) << (graph->ephemerons[i].key % 64);
    return NULL;
}

/* Puts the pages' edges one behind the other, freeing them on the way: pages ascend, and so do their objects'
 * ids. The allocator would keep what is freed for other pages' edges, of which there will be none: it is told
 * to give it back, now and then, since edges are half of what an analysis keeps. */
static struct hs_error *concatenate(struct hs_graph *graph, struct page_edges *pages, uint32_t page_count,
                                    uint64_t total) {
    graph->to = malloc((total + 1) * sizeof *graph->to);
    if (!graph->to) return HS_ENOMEM;
    uint64_t at = 0, given_back = 0;
    for (uint32_t i = 0; i < page_count; i++) {
        if (pages[i].count) memcpy(graph->to + at, pages[i].to, pages[i].count * sizeof *graph->to);
        at += pages[i].count;
        free(pages[i].to);
        pages[i] = (struct page_edges){0};
        if (at - given_back < GIVE_BACK / sizeof *graph->to && i + 1 < page_count) continue;
        malloc_trim(0);
        given_back = at;
    }
    return NULL;
}

/* Where no type tells the tables of WeakMaps and WeakSets from others (V8 to 6.2), their owners do. */
static struct hs_error *find_weak_tables(struct hs_graph *graph, const struct hs_objects *objects) {
    const struct hs_v8 *v8 = objects->v8;
    if (!v8->layout.tables_untyped) return NULL;
    graph->weak_tables = calloc((size_t)objects->count / 64 + 1, sizeof *graph->weak_tables);
    if (!graph->weak_tables) return HS_ENOMEM;
    for (hs_id id = 0; id < objects->count; id++) {
        hs_addr address = hs_objects_address(objects, id);
        hs_tagged table;
        enum hs_kind kind = hs_v8_kind_of(v8, address + 1);
        if (kind != HS_KIND_JS_WEAK_MAP && kind != HS_KIND_JS_WEAK_SET) continue;
        if (!hs_v8_word(v8, address + (hs_addr)v8->layout.collection_table, &table) || (table & 3) != 1)
            continue;
        hs_id found = hs_objects_find(objects, table - 1);
        if (found != HS_ID_NONE && hs_v8_kind_of(v8, table) == HS_KIND_FIXED_ARRAY)
            graph->weak_tables[found / 64] |= UINT64_C(1) << (found % 64);
    }
    return NULL;
}

static struct hs_error *build(struct hs_graph *graph, struct gatherer *gatherers, unsigned threads,
                              const struct hs_v8 *v8) {
    HS_TRY(walk(gatherers, threads));
    HS_TRY(join(graph, gatherers, threads));
    struct page_edges *pages = gatherers[0].pages;
    for (unsigned i = 0; i < threads; i++)
        for (uint32_t k = 0; k < gatherers[i].store_count; k++) {
            const struct store *store = &gatherers[i].stores[k];
            pages[store->page].to[store->at] = hs_graph_native_find(graph, store->address);
        }
    hs_id *first = realloc(graph->first, ((size_t)graph->count + 1) * sizeof *first);
    if (!first) return HS_ENOMEM;
    graph->first = first;
    uint64_t total = 0;
    for (hs_id i = 0; i < graph->object_count; i++) {
        total += first[i + 1];
        if (total >= UINT32_MAX)
            return hs_error_create(HS_ERROR_UNSUPPORTED, "more than 2^32 references: not supported");
        first[i + 1] = (uint32_t)total;
    }
    for (hs_id i = graph->object_count; i < graph->count; i++) first[i + 1] = (uint32_t)total;
    HS_TRY(concatenate(graph, pages, v8->pages.count, total));
    return hs_direct_finish(graph->direct, gatherers[0].direct, threads, graph->first, graph->to);
}

/* What a wrapper's C++ object holds: an ephemeron whose table is its key. */
static struct hs_error *add_traced(struct gatherer *g, const struct hs_objects *objects) {
    struct hs_traced traced;
    HS_TRY(hs_traced_find(objects, &traced));
    for (size_t i = 0; i < traced.count; i++)
        if (traced.items[i].owner != HS_ID_NONE && traced.items[i].owner != traced.items[i].to)
            add_ephemeron(g, traced.items[i].owner, traced.items[i].to, traced.items[i].owner);
    for (size_t i = 0; i < traced.link_count; i++)
        add_ephemeron(g, traced.links[i].from, traced.links[i].to, traced.links[i].from);
    hs_traced_deinit(&traced);
    return g->failed ? HS_ENOMEM : NULL;
}

struct hs_error *hs_graph_create(const struct hs_objects *objects, unsigned threads,
                                 const struct hs_graph_visitor *visitor, struct hs_graph **ret) {
    if (!threads) threads = 1;
    struct hs_graph *graph = calloc(1, sizeof *graph);
    struct gatherer *gatherers = calloc(threads, sizeof *gatherers);
    if (graph) graph->object_count = objects->count;
    if (graph) graph->first = calloc((size_t)objects->count + 1, sizeof *graph->first);
    if (graph) graph->missing = calloc((size_t)objects->count / 64 + 1, sizeof *graph->missing);
    struct page_edges *pages = calloc(objects->v8->pages.count + 1, sizeof *pages);
    struct hs_direct_part *direct = calloc(threads, sizeof *direct);
    struct hs_error *error =
        graph && gatherers && pages && graph->first && graph->missing && direct ? NULL : HS_ENOMEM;
    if (!error) error = hs_dispatch_find(objects, &graph->dispatch);
    if (!error) error = hs_direct_create(objects, &graph->direct);
    for (unsigned i = 0; i < threads && !error; i++)
        gatherers[i] = (struct gatherer){.objects = objects,
                                         .graph = graph,
                                         .pages = pages,
                                         .direct = &direct[i],
                                         .visitor = visitor,
                                         .visitor_context = visitor ? visitor->contexts[i] : NULL};
    if (!error) error = find_weak_tables(graph, objects);
    if (!error) error = add_traced(&gatherers[0], objects);
    if (!error) error = build(graph, gatherers, threads, objects->v8);
    for (unsigned i = 0; gatherers && i < threads; i++) {
        free(gatherers[i].ephemerons);
        free(gatherers[i].stores);
        free(gatherers[i].map_ids);
    }
    free(gatherers);
    hs_direct_parts_destroy(direct, threads);
    for (uint32_t i = 0; pages && i < objects->v8->pages.count; i++) free(pages[i].to);
    free(pages);
    if (error) {
        hs_graph_destroy(graph);
        return error;
    }
    *ret = graph;
    return NULL;
}

void hs_graph_destroy(struct hs_graph *graph) {
    if (!graph) return;
    free(graph->first);
    free(graph->to);
    free(graph->ephemerons);
    free(graph->keys);
    free(graph->missing);
    free(graph->weak_tables);
    free(graph->owned);
    free(graph->natives);
    hs_direct_destroy(graph->direct);
    hs_dispatch_deinit(&graph->dispatch);
    free(graph);
}

hs_id hs_graph_store_of(const struct hs_graph *graph, hs_id object) {
    if (graph->to) {
        uint32_t first = graph->first[object], end = graph->first[object + 1];
        return end > first && graph->to[end - 1] >= graph->object_count ? graph->to[end - 1] : HS_ID_NONE;
    }
    uint32_t low = 0, high = graph->owner_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (graph->owners[middle].object < object) low = middle + 1;
        else high = middle;
    }
    return low < graph->owner_count && graph->owners[low].object == object ? graph->owners[low].native
                                                                           : HS_ID_NONE;
}

uint32_t hs_graph_ephemeron_find(const struct hs_graph *graph, hs_id key) {
    uint32_t low = 0, high = graph->ephemeron_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (graph->ephemerons[middle].key < key) low = middle + 1;
        else high = middle;
    }
    return low < graph->ephemeron_count && graph->ephemerons[low].key == key ? low : graph->ephemeron_count;
}
