#include "group/answers.h"
#include "group/group_private.h"

#include <stdlib.h>

static uint32_t class_of(struct hs_group *group, uint32_t slot, hs_addr address, uint32_t m) {
    struct hs_group_private *priv = group->priv;
    const uint64_t *own = hs_address_map_find(&priv->retagged, address);
    if (own) return (uint32_t)*own;
    if (m >= priv->map_count) return UINT32_MAX;
    if (slot >= priv->tally.slot_count) slot &= 1;
    const struct hs_plan *plan = &priv->tally.plans[m];
    if (plan->by == HS_BY_MAP) return priv->cell_classes[slot][m];
    struct hs_map map = group->js->maps.items[m];
    uint32_t keys;
    uint64_t variant = hs_plan_variant(group->js, plan, slot / 2, address, &map, &keys);
    size_t found = hs_tally_variant_find(&priv->tally, slot, m, variant);
    return found == SIZE_MAX ? UINT32_MAX : priv->variant_classes[found];
}

int32_t hs_group_find(struct hs_group *group, hs_addr address) {
    if (group->answers) return group->answers->find(group, address);
    const struct hs_page *page = hs_pages_find(&group->v8->pages, address);
    hs_tagged word;
    if (!page || !hs_v8_word(group->v8, address, &word)) return -1;
    int32_t m = hs_maps_find(&group->js->maps, group->v8, word);
    if (m < 0) return -1;
    uint32_t class = class_of(group, hs_slot(page), address, (uint32_t)m);
    return class == UINT32_MAX ? -1 : (int32_t) class;
}

struct listing {
    struct hs_group *group;
    const bool *selected;
    bool (*visit)(void *context, hs_addr address, uint32_t class_index);
    void *context;
    uint32_t *maps; /* map index of the walk -> of the group; UINT32_MAX: not asked yet */
    uint32_t capacity;
    bool stopped, failed;
};

static bool make_room(struct listing *listing, uint32_t count) {
    if (count <= listing->capacity) return true;
    uint32_t capacity = listing->capacity ? listing->capacity : 4096;
    while (capacity < count) capacity *= 2;
    uint32_t *grown = realloc(listing->maps, capacity * sizeof *grown);
    if (!grown) return false;
    for (uint32_t i = listing->capacity; i < capacity; i++) grown[i] = UINT32_MAX;
    listing->maps = grown;
    listing->capacity = capacity;
    return true;
}

static void list_batch(struct hs_walk_thread *thread, const struct hs_page *page,
                       const struct hs_object *objects, size_t count) {
    struct listing *listing = thread->context;
    struct hs_group *group = listing->group;
    if (!make_room(listing, thread->maps.count)) listing->failed = listing->stopped = true;
    for (size_t i = 0; i < count && !listing->stopped; i++) {
        uint32_t *m = &listing->maps[objects[i].map];
        if (*m == UINT32_MAX) {
            int32_t found =
                hs_maps_find(&group->js->maps, group->v8, thread->maps.items[objects[i].map].address + 1);
            *m = found < 0 ? UINT32_MAX - 1 : (uint32_t)found;
        }
        uint32_t class = class_of(group, hs_slot(page), objects[i].address, *m);
        if (class < group->class_count && listing->selected[class] &&
            !listing->visit(listing->context, objects[i].address, class))
            listing->stopped = true;
    }
}

static void list_stores(struct listing *listing, const struct hs_stores *stores, const uint32_t *classes) {
    for (size_t i = 0; i < stores->count && !listing->stopped; i++) {
        uint32_t class = classes[stores->items[i].isolate];
        if (class < listing->group->class_count && listing->selected[class] &&
            !listing->visit(listing->context, stores->items[i].address, class))
            listing->stopped = true;
    }
}

struct hs_error *hs_group_list(struct hs_group *group, const bool *selected,
                               bool (*visit)(void *context, hs_addr address, uint32_t class_index),
                               void *context) {
    if (group->answers) return group->answers->list(group, selected, visit, context);
    struct listing listing = {.group = group, .selected = selected, .visit = visit, .context = context};
    struct hs_walk_thread thread = {.context = &listing};
    struct hs_walk_options options = {.threads = 1, .batch = list_batch};
    uint32_t spaces = group->v8->pages.space_count;
    struct hs_account *accounts = calloc(spaces ? spaces : 1, sizeof *accounts);
    if (!accounts) return HS_ENOMEM;
    struct hs_error *error = hs_walk(group->v8, &options, &thread, accounts);
    free(accounts);
    hs_maps_deinit(&thread.maps);
    free(listing.maps);
    if (error) return error;
    list_stores(&listing, &group->priv->tally.buffers, group->priv->buffer_classes);
    list_stores(&listing, &group->priv->tally.strings, group->priv->string_classes);
    return listing.failed ? HS_ENOMEM : hs_js_error(group->js);
}
