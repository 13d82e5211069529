#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/cause_private.h"

#include "trend/gather.h"
#include <stdlib.h>
#include <string.h>

void hs_causes_deinit(struct hs_causes *causes) {
    for (size_t i = 0; i < causes->count && causes->items; i++) free(causes->items[i].also);
    free(causes->items);
    free(causes->home);
    *causes = (struct hs_causes){0};
}

static int64_t delta_of(const int64_t *series, size_t n) {
    return hs_trend_sum(series[n - 1], -series[0]);
}

/* --- places */

static int by_place(const void *a, const void *b) {
    return strcmp(((const struct hs_cause_place *)a)->place, ((const struct hs_cause_place *)b)->place);
}

const struct hs_cause_place *hs_cause_place_find(const struct hs_cause_search *s, const char *place) {
    const struct hs_cause_place key = {.place = place};
    return s->place_count ? bsearch(&key, s->places, s->place_count, sizeof key, by_place) : NULL;
}

/* The places of all rows, each once. */
static struct hs_error *list_places(struct hs_cause_search *s) {
    const struct hs_share_table *table = s->trend->shares;
    size_t count = 0, kept = 0;
    s->places = reallocarray(NULL, table->count * HS_SHARE_HOLDERS + 1, sizeof *s->places);
    if (!s->places) return HS_ENOMEM;
    for (size_t i = 0; i < table->count; i++)
        for (size_t k = 0; k < table->rows[i].holder_count; k++)
            s->places[count++] = (struct hs_cause_place){
                .place = table->rows[i].holders[k].place, .node = HS_TREE_NONE, .region = HS_TREE_NONE};
    if (count) qsort(s->places, count, sizeof *s->places, by_place);
    for (size_t i = 0; i < count; i++)
        if (!kept || strcmp(s->places[kept - 1].place, s->places[i].place)) s->places[kept++] = s->places[i];
    s->place_count = kept;
    return NULL;
}

/* Several nodes may stand at one place: that of a region is meant, else the one that gained most. */
static struct hs_error *place_nodes(struct hs_cause_search *s) {
    const struct hs_tree *tree = s->trend->tree;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    for (size_t i = 0; i < tree->count && s->place_count; i++) {
        hs_strbuf_clear(&text);
        hs_tree_put_place(tree, i, &text);
        HS_TRY(hs_strbuf_error(&text));
        struct hs_cause_place *place =
            (struct hs_cause_place *)hs_cause_place_find(s, text.data ? text.data : "");
        if (!place || place->region != HS_TREE_NONE) continue;
        bool more = place->node == HS_TREE_NONE || delta_of(tree->nodes[i].counts, s->captures) >
                                                       delta_of(tree->nodes[place->node].counts, s->captures);
        if (s->causes->home[i] >= 0) place->region = (size_t)s->causes->home[i];
        if (s->causes->home[i] >= 0 || more) place->node = i;
    }
    s->holder_count = s->regions->count;
    for (size_t i = 0; i < s->place_count; i++)
        s->places[i].holder = s->places[i].region != HS_TREE_NONE ? s->places[i].region : s->holder_count++;
    return NULL;
}

/* --- who else reaches what a region gained */

struct pairs {
    struct hs_cause_pair *items;
    size_t count, capacity;
};

static bool add_pair(struct pairs *pairs, size_t region, size_t holder, int64_t gained) {
    if (pairs->count == pairs->capacity) {
        size_t capacity = pairs->capacity ? 2 * pairs->capacity : 64;
        struct hs_cause_pair *items = reallocarray(pairs->items, capacity, sizeof *items);
        if (!items) return false;
        pairs->items = items;
        pairs->capacity = capacity;
    }
    pairs->items[pairs->count++] = (struct hs_cause_pair){region, holder, gained};
    return true;
}

static int by_region_and_holder(const void *left, const void *right) {
    const struct hs_cause_pair *a = left, *b = right;
    if (a->region != b->region) return a->region < b->region ? -1 : 1;
    return a->holder < b->holder ? -1 : a->holder > b->holder;
}

static void add_up(struct pairs *pairs) {
    size_t kept = 0;
    if (pairs->count) qsort(pairs->items, pairs->count, sizeof *pairs->items, by_region_and_holder);
    for (size_t i = 0; i < pairs->count; i++) {
        struct hs_cause_pair *last = kept ? &pairs->items[kept - 1] : NULL, *pair = &pairs->items[i];
        if (last && last->region == pair->region && last->holder == pair->holder)
            last->gained = hs_trend_sum(last->gained, pair->gained);
        else pairs->items[kept++] = *pair;
    }
    pairs->count = kept;
}

static bool is_top(const struct hs_cause_search *s, size_t node) {
    int32_t region = s->causes->home[node];
    return region >= 0 && s->trend->tree->nodes[node].parent == s->regions->items[region].holder;
}

/* Of every row: the holders beside the region that its node belongs to. `inward` gets (region, holder) for
 * the objects at the top of regions, `outward` (holder's region, region of the node) for all of them. */
static struct hs_error *list_pairs(const struct hs_cause_search *s, struct pairs *inward,
                                   struct pairs *outward) {
    const struct hs_share_table *table = s->trend->shares;
    for (size_t i = 0; i < table->count; i++) {
        const struct hs_share_row *row = &table->rows[i];
        int64_t gained = delta_of(row->counts, s->captures);
        int32_t home = s->causes->home[row->node];
        size_t seen[HS_SHARE_HOLDERS], seen_count = 0;
        if (gained <= 0 || home < 0) continue;
        for (size_t k = 0; k < row->holder_count; k++) {
            const struct hs_cause_place *place = hs_cause_place_find(s, row->holders[k].place);
            bool again = !place || place->holder == (size_t)home;
            for (size_t j = 0; j < seen_count && !again; j++) again = seen[j] == place->holder;
            if (again) continue;
            seen[seen_count++] = place->holder;
            if (is_top(s, row->node) && !add_pair(inward, (size_t)home, place->holder, gained))
                return HS_ENOMEM;
            if (place->region != HS_TREE_NONE && !add_pair(outward, place->region, (size_t)home, gained))
                return HS_ENOMEM;
        }
    }
    add_up(inward);
    add_up(outward);
    return NULL;
}

static int64_t top_growth(const struct hs_cause_search *s, size_t region) {
    const struct hs_tree *tree = s->trend->tree;
    int64_t sum = 0;
    for (size_t c = tree->nodes[s->regions->items[region].holder].child; c != HS_TREE_NONE;
         c = tree->nodes[c].next)
        if (s->causes->home[c] == (int32_t)region)
            sum = hs_trend_sum(sum, delta_of(tree->nodes[c].counts, s->captures));
    return sum;
}

/* Keeps the pairs in which the holder reaches at least half of what the region gained. */
static void keep_most(const struct hs_cause_search *s, struct pairs *inward) {
    size_t kept = 0, region = HS_TREE_NONE;
    int64_t grown = 0;
    for (size_t i = 0; i < inward->count; i++) {
        const struct hs_cause_pair pair = inward->items[i];
        if (pair.region != region) grown = top_growth(s, region = pair.region);
        if (pair.gained >= grown - pair.gained && grown > 0) inward->items[kept++] = pair;
    }
    inward->count = kept;
}

/* --- joining */

static size_t first_of(const struct hs_causes *causes, size_t region) {
    while (causes->items[region].first != region) region = causes->items[region].first;
    return region;
}

/* What a person should look at first: of all classes of a region the one that counts most, by what its branch
 * gained. *ret: one a region. */
static struct hs_error *find_worth(const struct hs_cause_search *s, const struct hs_class_index *classes,
                                   double **ret) {
    const struct hs_tree *tree = s->trend->tree;
    if (!(*ret = calloc(s->causes->count + 1, sizeof **ret))) return HS_ENOMEM;
    for (size_t i = 0; i < tree->count; i++) {
        int32_t home = s->causes->home[i];
        const struct hs_class_entry *class =
            home < 0 ? NULL : hs_class_index_find(classes, tree->nodes[i].key);
        if (!class) continue;
        bool holder = i == s->regions->items[home].holder;
        const int64_t *series = holder ? tree->nodes[i].bytes : tree->nodes[i].below;
        if (!holder && delta_of(tree->nodes[i].counts, s->captures) <= 0) continue;
        double worth = hs_trend_weight(class->row) * (double)delta_of(series, s->captures);
        if (worth > (*ret)[home]) (*ret)[home] = worth;
    }
    return NULL;
}

static void join(struct hs_causes *causes, const double *worth, size_t a, size_t b) {
    a = first_of(causes, a);
    b = first_of(causes, b);
    if (a == b) return;
    bool b_first = worth[b] > worth[a] || (!(worth[b] < worth[a]) && b < a);
    causes->items[b_first ? a : b].first = b_first ? b : a;
}

/* A container that grew itself: its new entries are objects that another region has. */
static bool is_same_container(const struct hs_cause_search *s, const struct hs_cause_pair *pair) {
    const struct hs_region *r = &s->regions->items[pair->region];
    if (!r->container) return false;
    int64_t entries = r->entries ? delta_of(r->counts, s->captures) : 0;
    return pair->gained >= entries - pair->gained;
}

static void join_regions(const struct hs_cause_search *s, const double *worth, const struct pairs *inward,
                         const struct pairs *outward) {
    for (size_t i = 0; i < inward->count; i++)
        if (inward->items[i].holder < s->regions->count)
            join(s->causes, worth, inward->items[i].region, inward->items[i].holder);
    for (size_t i = 0; i < outward->count; i++)
        if (is_same_container(s, &outward->items[i]))
            join(s->causes, worth, outward->items[i].region, outward->items[i].holder);
}

/* --- the others */

static struct hs_error *add_also(struct hs_cause *cause, const struct hs_cause_also *also) {
    struct hs_cause_also *items = reallocarray(cause->also, cause->also_count + 1, sizeof *items);
    if (!items) return HS_ENOMEM;
    cause->also = items;
    cause->also[cause->also_count++] = *also;
    return NULL;
}

static int by_share(const void *left, const void *right) {
    const struct hs_cause_also *a = left, *b = right;
    if (a->share != b->share) return a->share > b->share ? -1 : 1;
    if (a->region != b->region) return a->region < b->region ? -1 : 1;
    return a->place && b->place ? strcmp(a->place, b->place) : (a->place != NULL) - (b->place != NULL);
}

static bool knows(const struct hs_cause *cause, const char *place) {
    for (size_t i = 0; i < cause->also_count; i++)
        if (cause->also[i].place && !strcmp(cause->also[i].place, place)) return true;
    return false;
}

/* Regions of the same cause, and what is no region. */
static struct hs_error *list_others(struct hs_cause_search *s, const struct pairs *inward,
                                    const int64_t *shares) {
    struct hs_causes *causes = s->causes;
    const struct hs_tree *tree = s->trend->tree;
    for (size_t i = 0; i < causes->count; i++) {
        size_t first = first_of(causes, i);
        if (first == i) continue;
        const struct hs_cause_also also = {.region = i, .share = shares[i]};
        HS_TRY(add_also(&causes->items[first], &also));
    }
    for (size_t i = 0; i < s->place_count; i++) {
        const struct hs_cause_place *place = &s->places[i];
        if (place->region != HS_TREE_NONE) continue;
        for (size_t k = 0; k < inward->count; k++) {
            struct hs_cause *cause = &causes->items[first_of(causes, inward->items[k].region)];
            if (inward->items[k].holder != place->holder || knows(cause, place->place)) continue;
            const struct hs_cause_also also = {
                .region = HS_TREE_NONE,
                .place = place->place,
                .constructor = place->node == HS_TREE_NONE ? NULL : tree->nodes[place->node].constructor,
                .share = shares[place->holder]};
            HS_TRY(add_also(cause, &also));
        }
    }
    for (size_t i = 0; i < causes->count; i++)
        if (causes->items[i].also_count)
            qsort(causes->items[i].also, causes->items[i].also_count, sizeof *causes->items[i].also,
                  by_share);
    return NULL;
}

/* Nodes and bytes go to the region that stands for the cause. */
static void move_nodes(const struct hs_trend *trend, struct hs_regions *regions, struct hs_causes *causes) {
    for (size_t i = 0; i < causes->count; i++) {
        size_t first = first_of(causes, i);
        if (first == i) continue;
        for (size_t k = 0; k < trend->capture_count; k++)
            regions->items[first].held[k] =
                hs_trend_sum(regions->items[first].held[k], regions->items[i].held[k]);
    }
    for (size_t i = 0; i < trend->tree->count; i++)
        if (causes->home[i] >= 0) regions->owner[i] = (int32_t)first_of(causes, (size_t)causes->home[i]);
    for (size_t i = 0; i < causes->count; i++) causes->items[i].first = first_of(causes, i);
}

static struct hs_error *search(struct hs_cause_search *s, const struct hs_class_index *classes,
                               struct pairs *inward, struct pairs *outward, int64_t **shares) {
    HS_TRY(list_places(s));
    HS_TRY(place_nodes(s));
    HS_TRY(list_pairs(s, inward, outward));
    keep_most(s, inward);
    if (!(*shares = calloc(s->holder_count + 1, sizeof **shares))) return HS_ENOMEM;
    HS_TRY(hs_leak_shares_find(s, inward->items, inward->count, *shares));
    for (size_t i = 0; i < s->causes->count; i++) s->causes->items[i].share = (*shares)[i];
    double *worth;
    HS_TRY(find_worth(s, classes, &worth));
    join_regions(s, worth, inward, outward);
    free(worth);
    return list_others(s, inward, *shares);
}

struct hs_error *hs_causes_find(const struct hs_trend *trend, const struct hs_class_index *classes,
                                struct hs_regions *regions, struct hs_causes *ret) {
    size_t nodes = trend->tree->count;
    struct hs_causes causes = {.items = calloc(regions->count + 1, sizeof *causes.items),
                               .count = regions->count,
                               .home = reallocarray(NULL, nodes + 1, sizeof *causes.home),
                               .known = trend->shares != NULL};
    struct hs_cause_search s = {
        .trend = trend, .regions = regions, .causes = &causes, .captures = trend->capture_count};
    struct pairs inward = {0}, outward = {0};
    int64_t *shares = NULL;
    struct hs_error *error = causes.items && causes.home ? NULL : HS_ENOMEM;
    if (!error) {
        memcpy(causes.home, regions->owner, nodes * sizeof *causes.home);
        for (size_t i = 0; i < causes.count; i++)
            causes.items[i] = (struct hs_cause){.first = i, .share = HS_SNAP_NULL};
        if (causes.known) error = search(&s, classes, &inward, &outward, &shares);
    }
    if (!error) move_nodes(trend, regions, &causes);
    free(s.places);
    free(inward.items);
    free(outward.items);
    free(shares);
    if (error) hs_causes_deinit(&causes);
    else *ret = causes;
    return error;
}
