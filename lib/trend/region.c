#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/region.h"

#include "trend/slot.h"
#include "trend/spread.h"
#include "trend/twin.h"
#include <stdlib.h>
#include <string.h>

/* A branch that grows this many times faster than the number of its tops has its reason further down. */
static const double OUTPACED = 3;
/* Part of a class's growth that regions must explain, or one place is looked for below which all of it
 * stands. */
static const double EXPLAINED = 0.5;
/* Classes for which that is done, those of the highest rank: each costs some walks over the trees. */
enum { SPREAD_MAX = 16 };

struct search {
    const struct hs_trend *trend;
    const struct hs_tree *tree;
    const struct hs_class_index *classes;
    const double *hours;
    int64_t min_bytes;
    struct hs_regions *regions;
    bool net;            /* second time: growth that is not in every step */
    size_t n;            /* captures */
    int64_t *sum, *held; /* of the children under consideration, one a capture */
    bool *grows;         /* by node: a child that grows */
    struct hs_slots slots;
};

void hs_regions_deinit(struct hs_regions *regions) {
    for (size_t i = 0; i < regions->count; i++) {
        free(regions->items[i].counts);
        free(regions->items[i].held);
    }
    free(regions->items);
    free(regions->owner);
    free(regions->branch);
    *regions = (struct hs_regions){0};
}

static int64_t delta_of(const int64_t *series, size_t n) {
    return hs_trend_sum(series[n - 1], -series[0]);
}

/* Whether a series grows in the sense of this pass. */
static struct hs_error *weigh(const struct search *s, const int64_t *series, struct hs_evidence *e,
                              bool *ret) {
    *ret = false;
    if (series[s->n - 1] <= series[0]) return NULL;
    if (s->trend->settling) {
        hs_evidence_settle(series, e);
        *ret = e->verdict == HS_VERDICT_GREW;
        return NULL;
    }
    HS_TRY(hs_evidence_weigh(series, s->n, s->hours, e));
    *ret = s->n > 2 && !s->net ? e->verdict == HS_VERDICT_GROWING : hs_evidence_may_go_on(series, s->n, e);
    return NULL;
}

/* A class of the program must have grown itself, or its objects are only found at another place. */
static bool is_supported(const struct search *s, const struct hs_tree_node *node) {
    const struct hs_class_entry *class = hs_class_index_find(s->classes, node->key);
    if (!class || class->row->nature >= HS_NATURE_CONTENT) return true;
    return class->count_delta >= delta_of(node->counts, s->n) / 2;
}

static bool is_content(const struct search *s, const struct hs_tree_node *node) {
    const struct hs_class_entry *class = hs_class_index_find(s->classes, node->key);
    return class && class->row->nature == HS_NATURE_CONTENT;
}

static bool is_outpaced(const struct hs_tree_node *node, size_t n) {
    double count = (double)node->counts[0], below = (double)node->below[0];
    if (count < 1 || below <= 0) return false;
    double expected = below / count * (double)delta_of(node->counts, n);
    return (double)delta_of(node->below, n) > OUTPACED * expected;
}

/* Whether the objects of one node grow in number, and account for what grows below them. */
static struct hs_error *node_grows(const struct search *s, const struct hs_tree_node *node, bool *ret) {
    struct hs_evidence e;
    *ret = false;
    if (delta_of(node->counts, s->n) <= 0 || delta_of(node->below, s->n) <= 0) return NULL;
    HS_TRY(weigh(s, node->counts, &e, ret));
    *ret = *ret && !is_outpaced(node, s->n) && is_supported(s, node);
    return NULL;
}

static struct hs_error *add_region(struct search *s, const struct hs_region *region) {
    struct hs_regions *r = s->regions;
    if (r->count == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 64;
        struct hs_region *items = reallocarray(r->items, capacity, sizeof *items);
        if (!items) return HS_ENOMEM;
        r->items = items;
        r->capacity = capacity;
    }
    struct hs_region *item = &r->items[r->count];
    *item = *region;
    item->counts = reallocarray(NULL, s->n, sizeof *item->counts);
    item->held = calloc(s->n, sizeof *item->held); /* filled at the end */
    r->count++;
    if (!item->counts || !item->held) return HS_ENOMEM;
    memcpy(item->counts, s->sum, s->n * sizeof *s->sum);
    return NULL;
}

static void add_series(int64_t *sum, const int64_t *series, size_t n) {
    for (size_t k = 0; k < n; k++) sum[k] = hs_trend_sum(sum[k], series[k]);
}

static bool is_free(const struct search *s, size_t node) {
    return s->regions->owner[node] == HS_OWNER_REST;
}

/* Names of one holder that lead to the like and come with the leak: `global.visit_1`, `global.visit_2`, … */
enum { NAMES_MIN = 32 };

struct claim {
    struct search *search;
    size_t like, most, names;
};

/* One child of a slot becomes a part of the region that comes next; the one whose branch grew most stands for
 * it. */
static void claim_node(void *context, size_t node) {
    struct claim *claim = context;
    struct hs_regions *r = claim->search->regions;
    const struct hs_tree_node *nodes = claim->search->tree->nodes;
    int64_t grown = delta_of(nodes[node].below, claim->search->n);
    int64_t most = delta_of(nodes[claim->most].below, claim->search->n);
    if (grown > most || (grown == most && claim->most != claim->like && node < claim->most))
        claim->most = node;
    claim->names += !hs_tree_is_member(&nodes[node]) && nodes[node].counts[0] < 1;
    r->owner[node] = r->branch[node] = (int32_t)r->count;
}

/* Makes the slot of a child a region if, taken together, it grows. */
static struct hs_error *claim_slot(struct search *s, size_t holder, size_t place, bool by_bytes) {
    struct hs_region region = {.holder = holder};
    bool grows;
    hs_slots_sum(&s->slots, place, s->sum, s->held);
    if (by_bytes) memcpy(s->sum, s->held, s->n * sizeof *s->sum);
    HS_TRY(weigh(s, s->sum, &region.evidence, &grows));
    if (!grows || delta_of(s->held, s->n) < s->min_bytes) return NULL;
    struct claim claim = {.search = s, .like = s->slots.nodes[place], .most = s->slots.nodes[place]};
    hs_slots_take(&s->slots, place, claim_node, &claim);
    region.first = claim.most;
    region.names = claim.names >= NAMES_MIN && region.evidence.verdict == HS_VERDICT_GROWING;
    return add_region(s, &region);
}

/* Children that grow each for themselves. */
static struct hs_error *search_children(struct search *s, size_t holder) {
    const struct hs_tree_node *nodes = s->tree->nodes;
    bool any = false;
    for (size_t c = nodes[holder].child; c != HS_TREE_NONE; c = nodes[c].next) {
        s->grows[c] = false;
        if (is_free(s, c)) HS_TRY(node_grows(s, &nodes[c], &s->grows[c]));
        any |= s->grows[c];
    }
    if (!any) return NULL;
    HS_TRY(hs_slots_fill(&s->slots, holder, s->grows));
    for (size_t i = 0; i < s->slots.count; i++) hs_slots_count(&s->slots, i, true);
    for (size_t i = 0; i < s->slots.count; i++)
        if (is_free(s, s->slots.nodes[i])) HS_TRY(claim_slot(s, holder, i, false));
    return NULL;
}

/* Objects that change their class and stay where they are (a property is added), and the one object of a name
 * that is replaced by a larger one of another class (a text is flattened): the slot tells what its classes do
 * not. */
static struct hs_error *search_slots(struct search *s, size_t holder) {
    const struct hs_tree_node *nodes = s->tree->nodes;
    size_t child = nodes[holder].child;
    if (child == HS_TREE_NONE || nodes[child].next == HS_TREE_NONE) return NULL;
    HS_TRY(hs_slots_fill(&s->slots, holder, NULL));
    for (size_t i = 0; i < s->slots.count; i++) hs_slots_count(&s->slots, i, is_free(s, s->slots.nodes[i]));
    for (size_t i = 0; i < s->slots.count; i++) {
        size_t c = s->slots.nodes[i], before = s->regions->count;
        if (!is_free(s, c) || !hs_slots_is_first(&s->slots, i)) continue;
        if (is_supported(s, &nodes[c])) HS_TRY(claim_slot(s, holder, i, false));
        if (s->regions->count == before && !hs_tree_is_member(&nodes[c]) && is_content(s, &nodes[c]))
            HS_TRY(claim_slot(s, holder, i, true));
    }
    return NULL;
}

/* The entries of the containers at a node; false where the snapshots do not tell them. Before it is first
 * listed a container is too small to be. */
static bool entries_of(const struct search *s, size_t node, int64_t *ret,
                       const struct hs_container_series **series_ret) {
    HS_STRBUF_AUTO place = HS_STRBUF_INIT;
    hs_tree_put_place(s->tree, node, &place);
    const struct hs_container_series *series =
        place.failed ? NULL : hs_container_find(s->trend, place.data, s->tree->nodes[node].key);
    if (!series) return false;
    bool listed = false;
    for (size_t k = 0; k < s->n; k++) {
        if (series->entries[k] == HS_SNAP_NULL && listed) return false;
        listed |= series->entries[k] != HS_SNAP_NULL;
        ret[k] = listed ? series->entries[k] : 0;
    }
    *series_ret = series;
    return listed;
}

/* The most that an object takes in the table that holds it: an entry of an OrderedHashMap and its part of the
 * buckets, at half its load. */
enum { ENTRY_BYTES = 64 };

/* Whether the storage at a node grew for the objects that hang on it: these have been judged, and it grows no
 * better than they do. */
static bool is_room_for_members(const struct search *s, const struct hs_tree_node *node) {
    int64_t gained = 0;
    for (size_t c = node->child; c != HS_TREE_NONE; c = s->tree->nodes[c].next)
        if (hs_tree_is_member(&s->tree->nodes[c]))
            gained = hs_trend_sum(gained, delta_of(s->tree->nodes[c].counts, s->n));
    return (double)gained * ENTRY_BYTES >= (double)delta_of(node->bytes, s->n) / 2;
}

/* A container that grows itself: by its entries, since its storage grows by leaps; without them by bytes. */
static struct hs_error *search_container(struct search *s, size_t index) {
    const struct hs_tree_node *node = &s->tree->nodes[index];
    struct hs_region region = {.holder = index, .first = index, .container = true};
    bool grows = false;
    if (node->counts[s->n - 1] > node->counts[0] || delta_of(node->bytes, s->n) < s->min_bytes) return NULL;
    if (entries_of(s, index, s->sum, &region.entries)) HS_TRY(weigh(s, s->sum, &region.evidence, &grows));
    if (!grows) {
        if (is_room_for_members(s, node)) return NULL;
        memcpy(s->sum, node->counts, s->n * sizeof *s->sum);
        HS_TRY(weigh(s, node->bytes, &region.evidence, &grows));
    }
    if (!grows) return NULL;
    s->regions->owner[index] = (int32_t)s->regions->count;
    return add_region(s, &region);
}

static struct hs_error *search_holder(struct search *s, size_t holder) {
    struct hs_regions *r = s->regions;
    const struct hs_tree_node *node = &s->tree->nodes[holder];
    size_t before = r->count;
    HS_TRY(search_children(s, holder));
    bool object = node->key.high || node->key.low;
    if (object && r->count == before) HS_TRY(search_slots(s, holder));
    if (object && r->count == before && is_free(s, holder)) return search_container(s, holder);
    /* The table of a holder is a part of what hangs on it. */
    if (object && r->count > before && is_free(s, holder) &&
        (r->items[before].names || hs_tree_is_member(&s->tree->nodes[r->items[before].first]))) {
        r->owner[holder] = (int32_t)before;
        struct hs_region *region = &r->items[before];
        /* Entries are what a table is counted by: its keys may be objects below it as well as its values. */
        if (!entries_of(s, holder, s->sum, &region->entries)) region->entries = NULL;
        else if (delta_of(s->sum, s->n) > 0) memcpy(region->counts, s->sum, s->n * sizeof *s->sum);
    }
    return NULL;
}

static struct hs_error *search_all(struct search *s) {
    struct hs_regions *r = s->regions;
    for (size_t i = 0; i < s->tree->count; i++) {
        const struct hs_tree_node *node = &s->tree->nodes[i];
        if (node->machinery) r->owner[i] = r->branch[i] = HS_OWNER_MACHINERY;
        if (r->owner[i] == HS_OWNER_REST && node->parent != HS_TREE_NONE && r->branch[node->parent] >= 0)
            r->owner[i] = r->branch[i] = r->branch[node->parent];
        if (r->branch[i] == HS_OWNER_REST) HS_TRY(search_holder(s, i));
    }
    return NULL;
}

/* What the regions and V8's machinery gained of each class, by entry of the index. */
static void find_explained(const struct search *s, int64_t *ret) {
    memset(ret, 0, s->classes->count * sizeof *ret);
    for (size_t i = 0; i < s->tree->count; i++) {
        const struct hs_tree_node *node = &s->tree->nodes[i];
        int64_t delta = is_free(s, i) ? 0 : delta_of(node->counts, s->n);
        const struct hs_class_entry *class = delta ? hs_class_index_find(s->classes, node->key) : NULL;
        if (class) ret[class - s->classes->items] = hs_trend_sum(ret[class - s->classes->items], delta);
    }
}

/* All that is free in the branch of the region's holder becomes a part of it. */
static void claim_branch(struct search *s, const struct hs_region *region) {
    int32_t index = (int32_t)s->regions->count;
    bool *inside = s->grows; /* free between searches */
    for (size_t i = region->holder; i < s->tree->count; i++) {
        size_t up = s->tree->nodes[i].parent;
        inside[i] = i == region->holder || (up != HS_TREE_NONE && up >= region->holder && inside[up]);
        if (inside[i] && is_free(s, i)) s->regions->owner[i] = s->regions->branch[i] = index;
    }
}

/* A class that grows, but at no place by itself: below the lowest place that has it all (trend/spread.h). */
static struct hs_error *search_spread(struct search *s, const struct hs_trend_row *row, int64_t left,
                                      int64_t *grown) {
    const int32_t *owner = s->regions->owner;
    struct hs_spread spread = hs_spread_find(s->tree, s->n, row->key, owner, HS_OWNER_REST, left, grown);
    struct hs_region region = {.holder = spread.holder, .first = spread.most, .spread = true};
    if (spread.most == HS_TREE_NONE) return NULL;
    for (bool grows = false; region.holder != HS_TREE_NONE;
         region.holder = hs_spread_widen(s->tree, region.holder)) {
        if (!is_free(s, region.holder)) return NULL;
        hs_spread_sum(s->tree, s->n, row->key, owner, HS_OWNER_REST, region.holder, s->sum);
        HS_TRY(weigh(s, s->sum, &region.evidence, &grows));
        if (!grows) continue;
        claim_branch(s, &region);
        return add_region(s, &region);
    }
    return NULL;
}

static struct hs_error *search_spreads(struct search *s) {
    size_t looked = 0, before = s->regions->count;
    int64_t *grown = calloc(s->tree->count + 1, sizeof *grown);
    int64_t *explained = reallocarray(NULL, s->classes->count + 1, sizeof *explained);
    struct hs_error *error = grown && explained ? NULL : HS_ENOMEM;
    if (!error) find_explained(s, explained);
    for (size_t i = 0; i < s->trend->row_count && looked < SPREAD_MAX && !error; i++) {
        const struct hs_trend_row *row = s->trend->rows[i];
        if (!row->rank || row->subject != HS_SUBJECT_CLASS || row->nature >= HS_NATURE_CONTENT) continue;
        if (row->count_delta <= 0 || (!s->net && s->n > 2 && row->verdict != HS_VERDICT_GROWING)) continue;
        const struct hs_class_entry *class = hs_class_index_find(s->classes, row->key);
        if (!class || class->row != row) continue;
        int64_t left = hs_trend_sum(class->count_delta, -explained[class - s->classes->items]);
        if ((double)left <= (1 - EXPLAINED) * (double)class->count_delta) continue;
        error = search_spread(s, row, left, grown);
        looked++;
        if (s->regions->count > before) find_explained(s, explained);
        before = s->regions->count;
    }
    free(grown);
    free(explained);
    return error;
}

static void fill_held(const struct search *s) {
    for (size_t i = 0; i < s->tree->count; i++)
        if (s->regions->owner[i] >= 0)
            add_series(s->regions->items[s->regions->owner[i]].held, s->tree->nodes[i].bytes, s->n);
}

struct hs_error *hs_regions_find(const struct hs_trend *trend, const struct hs_class_index *classes,
                                 const double *hours, int64_t min_bytes, struct hs_regions *ret) {
    size_t n = trend->capture_count, count = trend->tree->count;
    struct hs_regions regions = {.owner = reallocarray(NULL, count + 1, sizeof *regions.owner),
                                 .branch = reallocarray(NULL, count + 1, sizeof *regions.branch)};
    struct search s = {.trend = trend,
                       .tree = trend->tree,
                       .classes = classes,
                       .hours = hours,
                       .min_bytes = min_bytes,
                       .regions = &regions,
                       .n = n,
                       .sum = calloc(n, sizeof *s.sum),
                       .held = calloc(n, sizeof *s.held),
                       .grows = calloc(count + 1, sizeof *s.grows)};
    hs_slots_init(&s.slots, s.tree, n);
    struct hs_error *error = regions.owner && regions.branch && s.sum && s.held && s.grows ? NULL : HS_ENOMEM;
    for (size_t i = 0; i < count && !error; i++) regions.owner[i] = regions.branch[i] = HS_OWNER_REST;
    if (!error) error = search_all(&s);
    if (!error) error = search_spreads(&s);
    s.net = true;
    if (!error && n > 2 && !trend->settling) error = search_all(&s);
    if (!error && n > 2 && !trend->settling) error = search_spreads(&s);
    if (!error) error = hs_twins_merge(trend, hours, &regions);
    if (!error) fill_held(&s);
    free(s.sum);
    free(s.held);
    free(s.grows);
    hs_slots_deinit(&s.slots);
    if (error) hs_regions_deinit(&regions);
    else *ret = regions;
    return error;
}
