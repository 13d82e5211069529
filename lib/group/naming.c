#include "group/naming.h"

#include <stdlib.h>
#include <string.h>

#include "group/group_private.h"
#include "js/string.h"

/* No map of the group: not asked yet, or the scan has counted no object of it. */
enum { UNASKED = UINT32_MAX, UNKNOWN = UINT32_MAX - 1 };

struct naming_thread {
    struct hs_naming *naming;
    struct hs_js *js;
    uint32_t *maps; /* by index of the walk's maps: the group's */
    uint32_t capacity;
    struct hs_payload *payloads;
    uint32_t payload_count, payload_capacity;
    bool failed;
};

struct hs_naming {
    struct hs_analysis *analysis;
    struct naming_thread *threads;
    void **contexts; /* of the threads */
    unsigned thread_count;
};

struct hs_error *hs_naming_create(struct hs_analysis *a, unsigned threads, struct hs_naming **ret) {
    struct hs_naming *naming = calloc(1, sizeof *naming);
    if (!naming) return HS_ENOMEM;
    naming->analysis = a;
    naming->threads = calloc(threads, sizeof *naming->threads);
    naming->contexts = calloc(threads, sizeof *naming->contexts);
    a->class_of = malloc(((size_t)a->objects->count + 1) * sizeof *a->class_of);
    struct hs_error *error = naming->threads && naming->contexts && a->class_of ? NULL : HS_ENOMEM;
    for (unsigned i = 0; i < threads && !error; i++) {
        naming->threads[i].naming = naming;
        naming->contexts[i] = &naming->threads[i];
        naming->thread_count++;
        error = hs_js_create(a->group->v8, &naming->threads[i].js);
    }
    if (error) {
        hs_naming_destroy(naming);
        return error;
    }
    memset(a->class_of, 0xff, ((size_t)a->objects->count + 1) * sizeof *a->class_of);
    *ret = naming;
    return NULL;
}

void hs_naming_destroy(struct hs_naming *naming) {
    if (!naming) return;
    for (unsigned i = 0; i < naming->thread_count; i++) {
        hs_js_destroy(naming->threads[i].js);
        free(naming->threads[i].maps);
        free(naming->threads[i].payloads);
    }
    free(naming->threads);
    free(naming->contexts);
    free(naming);
}

/* --- while the walk goes on */

static bool make_room(struct naming_thread *t, uint32_t count) {
    uint32_t capacity = t->capacity ? t->capacity : 4096;
    if (count <= t->capacity) return true;
    while (capacity < count) capacity *= 2;
    uint32_t *grown = realloc(t->maps, capacity * sizeof *grown);
    if (!grown) return false;
    for (uint32_t i = t->capacity; i < capacity; i++) grown[i] = UNASKED;
    t->maps = grown;
    t->capacity = capacity;
    return true;
}

static void add_payload(struct naming_thread *t, hs_id id, hs_addr address, const struct hs_map *map) {
    hs_addr data;
    uint64_t bytes = hs_js_string_payload(t->js->v8, address, map, &data);
    if (!bytes) return;
    if (t->payload_count == t->payload_capacity) {
        uint32_t capacity = t->payload_capacity ? 2 * t->payload_capacity : 256;
        struct hs_payload *grown = realloc(t->payloads, capacity * sizeof *grown);
        if (!grown) {
            t->failed = true;
            return;
        }
        t->payloads = grown;
        t->payload_capacity = capacity;
    }
    t->payloads[t->payload_count++] = (struct hs_payload){id, bytes};
}

/* `m`: the group's number of the map. */
static uint32_t class_of(struct naming_thread *t, uint32_t slot, hs_addr address, uint32_t m,
                         const struct hs_map *map) {
    const struct hs_group_private *priv = t->naming->analysis->group->priv;
    const struct hs_plan *plan = &priv->tally.plans[m];
    if (plan->by == HS_BY_MAP) return priv->cell_classes[slot][m];
    uint32_t keys;
    uint64_t variant = hs_plan_variant(t->js, plan, slot / 2, address, map, &keys);
    size_t found = hs_tally_variant_find(&priv->tally, slot, m, variant);
    return found == SIZE_MAX ? UINT32_MAX : priv->variant_classes[found];
}

static void name_batch(void *context, struct hs_walk_thread *thread, const struct hs_page *page,
                       const struct hs_object *batch, size_t count, hs_id id) {
    struct naming_thread *t = context;
    struct hs_analysis *a = t->naming->analysis;
    const struct hs_group_private *priv = a->group->priv;
    bool payloads = a->objects->v8->layout.snapshot_read_only_weighs_0;
    uint32_t slot = hs_slot(page);
    if (slot >= priv->tally.slot_count) slot &= 1;
    if (!make_room(t, thread->maps.count)) t->failed = true;
    for (size_t i = 0; i < count && !t->failed; i++, id++) {
        const struct hs_map *map = &thread->maps.items[batch[i].map];
        uint32_t *m = &t->maps[batch[i].map];
        if (*m == UNASKED) {
            int32_t found = hs_maps_known(&a->group->js->maps, map->address + 1);
            *m = found < 0 || (uint32_t)found >= priv->map_count ? UNKNOWN : (uint32_t)found;
        }
        if (*m == UNKNOWN) continue;
        a->class_of[id] = class_of(t, slot, batch[i].address, *m, map);
        if (payloads && map->kind == HS_KIND_STRING && hs_string_form(map->type) == HS_STRING_EXTERNAL &&
            batch[i].words <= 4)
            add_payload(t, id, batch[i].address, map);
    }
}

struct hs_graph_visitor hs_naming_visitor(const struct hs_naming *naming) {
    return (struct hs_graph_visitor){name_batch, naming->contexts};
}

/* --- afterwards */

static void name_stores(struct hs_analysis *a, const struct hs_stores *stores, const uint32_t *classes) {
    for (size_t i = 0; i < stores->count; i++) {
        hs_id id = hs_graph_native_find(a->graph, stores->items[i].address);
        if (id != HS_ID_NONE && classes[stores->items[i].isolate] < a->group->class_count)
            a->class_of[id] = classes[stores->items[i].isolate];
    }
}

static int by_id(const void *x, const void *y) {
    const struct hs_payload *a = x, *b = y;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* Of what is a string by its class as well. */
static struct hs_error *join_payloads(const struct hs_naming *naming) {
    struct hs_analysis *a = naming->analysis;
    size_t total = 0;
    for (unsigned i = 0; i < naming->thread_count; i++) total += naming->threads[i].payload_count;
    a->payloads = malloc((total + 1) * sizeof *a->payloads);
    if (!a->payloads) return HS_ENOMEM;
    for (unsigned i = 0; i < naming->thread_count; i++)
        for (uint32_t k = 0; k < naming->threads[i].payload_count; k++) {
            struct hs_payload payload = naming->threads[i].payloads[k];
            uint32_t class = a->class_of[payload.id];
            if (class < a->group->class_count && a->group->classes[class].type == HS_NODE_STRING)
                a->payloads[a->payload_count++] = payload;
        }
    qsort(a->payloads, a->payload_count, sizeof *a->payloads, by_id);
    a->payload_bits = calloc((size_t)a->objects->count / HS_PAYLOAD_RANGE / 64 + 1, sizeof *a->payload_bits);
    if (!a->payload_bits) return HS_ENOMEM;
    for (uint32_t i = 0; i < a->payload_count; i++) {
        hs_id range = a->payloads[i].id / HS_PAYLOAD_RANGE;
        a->payload_bits[range / 64] |= UINT64_C(1) << (range % 64);
    }
    return NULL;
}

struct hs_error *hs_naming_finish(struct hs_naming *naming) {
    struct hs_analysis *a = naming->analysis;
    const struct hs_group_private *priv = a->group->priv;
    for (unsigned i = 0; i < naming->thread_count; i++) {
        HS_TRY(hs_js_error(naming->threads[i].js));
        if (naming->threads[i].failed) return HS_ENOMEM;
    }
    uint32_t *grown = realloc(a->class_of, ((size_t)a->graph->count + 1) * sizeof *grown);
    if (!grown) return HS_ENOMEM;
    a->class_of = grown;
    for (hs_id id = a->objects->count; id <= a->graph->count; id++) a->class_of[id] = UINT32_MAX;
    for (size_t i = 0; i < priv->retagged.capacity; i++) {
        const struct hs_address_entry *entry = &priv->retagged.slots[i];
        hs_id id = entry->key ? hs_objects_find(a->objects, entry->key) : HS_ID_NONE;
        if (id != HS_ID_NONE) a->class_of[id] = (uint32_t)entry->value;
    }
    name_stores(a, &priv->tally.buffers, priv->buffer_classes);
    name_stores(a, &priv->tally.strings, priv->string_classes);
    return join_payloads(naming);
}
