#define _GNU_SOURCE 1 /* reallocarray, qsort_r */
#include "trend/slot.h"

#include <stdlib.h>
#include <string.h>

/* The kinds of a set, each alone. */
static const unsigned KINDS[] = {HS_SLOT_NAME, HS_SLOT_CLASS, HS_SLOT_STEPS};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

void hs_slots_init(struct hs_slots *slots, const struct hs_tree *tree, size_t captures) {
    *slots = (struct hs_slots){.tree = tree, .captures = captures};
}

void hs_slots_deinit(struct hs_slots *slots) {
    for (size_t set = 0; set < HS_SLOT_SETS; set++) {
        free(slots->sets[set].order);
        free(slots->sets[set].group);
        free(slots->sets[set].sums);
    }
    free(slots->nodes);
    free(slots->counted);
    *slots = (struct hs_slots){0};
}

static const struct hs_tree_node *node_at(const struct hs_slots *slots, size_t place) {
    return &slots->tree->nodes[slots->nodes[place]];
}

static bool is_held(const struct hs_tree_node *node) {
    return !strcmp(node->edge, "(held)");
}

static int compare_names(const struct hs_tree_node *a, const struct hs_tree_node *b) {
    bool member = hs_tree_is_member(a);
    if (member != hs_tree_is_member(b)) return member ? -1 : 1;
    return member ? 0 : strcmp(a->edge, b->edge);
}

static int compare_classes(const struct hs_tree_node *a, const struct hs_tree_node *b) {
    if (a->key.high != b->key.high) return a->key.high < b->key.high ? -1 : 1;
    return (a->key.low > b->key.low) - (a->key.low < b->key.low);
}

static int compare_steps(const struct hs_tree_node *a, const struct hs_tree_node *b, size_t n) {
    for (size_t k = 1; k < n; k++) {
        int64_t x = hs_trend_sum(a->counts[k], -a->counts[k - 1]);
        int64_t y = hs_trend_sum(b->counts[k], -b->counts[k - 1]);
        if (x != y) return x < y ? -1 : 1;
    }
    return 0;
}

/* 0: of one group. A set of several kinds is told by the groups of each, which are made before. */
static int compare(const struct hs_slots *slots, unsigned set, size_t left, size_t right) {
    const struct hs_tree_node *a = node_at(slots, left), *b = node_at(slots, right);
    if (set == HS_SLOT_NAME) return compare_names(a, b);
    if (set == HS_SLOT_CLASS) return compare_classes(a, b);
    if (set == HS_SLOT_STEPS) return compare_steps(a, b, slots->captures);
    for (size_t i = 0; i < KIND_COUNT; i++) {
        const size_t *group = slots->sets[KINDS[i]].group;
        if ((set & KINDS[i]) && group[left] != group[right]) return group[left] < group[right] ? -1 : 1;
    }
    return 0;
}

struct sorting {
    const struct hs_slots *slots;
    unsigned set;
};

static int by_group(const void *left, const void *right, void *context) {
    const struct sorting *sorting = context;
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    int order = compare(sorting->slots, sorting->set, a, b);
    return order ? order : (a > b) - (a < b);
}

/* Whether a child is in a group of this set at all. What is still does not come together. */
static bool has_group(const struct hs_slots *slots, unsigned set, size_t place) {
    const struct hs_tree_node *node = node_at(slots, place);
    for (size_t i = 0; i < KIND_COUNT && set != KINDS[i]; i++)
        if ((set & KINDS[i]) && slots->sets[KINDS[i]].group[place] == HS_TREE_NONE) return false;
    if ((set & (HS_SLOT_NAME | HS_SLOT_CLASS)) && is_held(node)) return false;
    return !(set & HS_SLOT_STEPS) || node->counts[slots->captures - 1] > node->counts[0];
}

static struct hs_error *make_groups(struct hs_slots *slots, unsigned set) {
    struct hs_slot_groups *groups = &slots->sets[set];
    if (groups->capacity < slots->capacity) {
        size_t *order = reallocarray(groups->order, slots->capacity, sizeof *order);
        if (order) groups->order = order;
        size_t *group = reallocarray(groups->group, slots->capacity, sizeof *group);
        if (group) groups->group = group;
        __int128 *sums = reallocarray(groups->sums, slots->capacity, 2 * slots->captures * sizeof *sums);
        if (sums) groups->sums = sums;
        if (!order || !group || !sums) return HS_ENOMEM;
        groups->capacity = slots->capacity;
    }
    for (size_t i = 0; i < slots->count; i++) groups->order[i] = i;
    struct sorting sorting = {slots, set};
    qsort_r(groups->order, slots->count, sizeof *groups->order, by_group, &sorting);
    for (size_t i = 0, begin = 0; i < slots->count; i++) {
        size_t place = groups->order[i];
        if (i && compare(slots, set, groups->order[i - 1], place)) begin = i;
        groups->group[place] = has_group(slots, set, place) ? begin : HS_TREE_NONE;
    }
    memset(groups->sums, 0, slots->count * 2 * slots->captures * sizeof *groups->sums);
    return NULL;
}

static struct hs_error *reserve(struct hs_slots *slots) {
    if (slots->count < slots->capacity) return NULL;
    size_t capacity = slots->capacity ? 2 * slots->capacity : 16;
    size_t *nodes = reallocarray(slots->nodes, capacity, sizeof *nodes);
    if (nodes) slots->nodes = nodes;
    bool *counted = reallocarray(slots->counted, capacity, sizeof *counted);
    if (counted) slots->counted = counted;
    if (!nodes || !counted) return HS_ENOMEM;
    slots->capacity = capacity;
    return NULL;
}

struct hs_error *hs_slots_fill(struct hs_slots *slots, size_t holder, const bool *wanted) {
    const struct hs_tree_node *nodes = slots->tree->nodes, *node = &nodes[holder];
    slots->kinds = HS_SLOT_NAME;
    if (node->key.high || node->key.low) slots->kinds |= HS_SLOT_CLASS;
    if (node->parent == HS_TREE_NONE && !strcmp(node->edge, "global")) slots->kinds |= HS_SLOT_STEPS;
    slots->count = 0;
    for (size_t c = node->child; c != HS_TREE_NONE; c = nodes[c].next) {
        if (wanted && !wanted[c]) continue;
        HS_TRY(reserve(slots));
        slots->counted[slots->count] = false;
        slots->nodes[slots->count++] = c;
    }
    for (unsigned set = 1; set < HS_SLOT_SETS && slots->count; set++)
        if ((set & slots->kinds) == set) HS_TRY(make_groups(slots, set));
    return NULL;
}

/* Where the group of a child begins; HS_TREE_NONE if it has none of this set. */
static size_t group_of(const struct hs_slots *slots, unsigned set, size_t place) {
    return (set & slots->kinds) == set ? slots->sets[set].group[place] : HS_TREE_NONE;
}

void hs_slots_count(struct hs_slots *slots, size_t place, bool counted) {
    if (slots->counted[place] == counted) return;
    slots->counted[place] = counted;
    size_t n = slots->captures;
    const struct hs_tree_node *node = node_at(slots, place);
    for (unsigned set = 1; set < HS_SLOT_SETS; set++) {
        size_t group = group_of(slots, set, place);
        if (group == HS_TREE_NONE) continue;
        __int128 *sums = slots->sets[set].sums + group * 2 * n;
        for (size_t k = 0; k < n; k++) {
            sums[k] += counted ? node->counts[k] : -(__int128)node->counts[k];
            sums[n + k] += counted ? node->below[k] : -(__int128)node->below[k];
        }
    }
}

/* The places of a group are [begin, end) of the order. */
static size_t end_of(const struct hs_slots *slots, unsigned set, size_t begin) {
    const struct hs_slot_groups *groups = &slots->sets[set];
    size_t end = begin;
    while (end < slots->count && groups->group[groups->order[end]] == begin) end++;
    return end;
}

bool hs_slots_is_first(const struct hs_slots *slots, size_t place) {
    bool alone = true;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        size_t begin = group_of(slots, KINDS[i], place);
        if (begin == HS_TREE_NONE) continue;
        const struct hs_slot_groups *groups = &slots->sets[KINDS[i]];
        if (groups->order[begin] != place) return false;
        alone &= begin + 1 == slots->count || groups->group[groups->order[begin + 1]] != begin;
    }
    return !alone;
}

static int64_t clamp(__int128 sum) {
    return sum > INT64_MAX ? INT64_MAX : sum < -INT64_MAX ? -INT64_MAX : (int64_t)sum;
}

void hs_slots_sum(const struct hs_slots *slots, size_t place, int64_t *counts_ret, int64_t *below_ret) {
    size_t n = slots->captures;
    const struct hs_tree_node *node = node_at(slots, place);
    bool grouped = false;
    for (size_t i = 0; i < KIND_COUNT; i++) grouped |= group_of(slots, KINDS[i], place) != HS_TREE_NONE;
    for (size_t k = 0; k < n; k++) {
        __int128 counts = 0, below = 0;
        if (!grouped && slots->counted[place]) {
            counts = node->counts[k];
            below = node->below[k];
        }
        for (unsigned set = 1; set < HS_SLOT_SETS && grouped; set++) {
            size_t group = group_of(slots, set, place);
            if (group == HS_TREE_NONE) continue;
            const __int128 *sums = slots->sets[set].sums + group * 2 * n;
            bool odd = __builtin_popcount(set) & 1; /* what is in two groups is counted once */
            counts += odd ? sums[k] : -sums[k];
            below += odd ? sums[n + k] : -sums[n + k];
        }
        counts_ret[k] = clamp(counts);
        below_ret[k] = clamp(below);
    }
}

static void take_place(struct hs_slots *slots, size_t place, void (*take)(void *context, size_t node),
                       void *context) {
    if (!slots->counted[place]) return;
    take(context, slots->nodes[place]);
    hs_slots_count(slots, place, false);
}

void hs_slots_take(struct hs_slots *slots, size_t place, void (*take)(void *context, size_t node),
                   void *context) {
    take_place(slots, place, take, context);
    for (size_t i = 0; i < KIND_COUNT; i++) {
        size_t begin = group_of(slots, KINDS[i], place);
        if (begin == HS_TREE_NONE) continue;
        for (size_t at = begin, end = end_of(slots, KINDS[i], begin); at < end; at++)
            take_place(slots, slots->sets[KINDS[i]].order[at], take, context);
    }
}
