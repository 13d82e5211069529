/* LeakShare: the growth of every node, split evenly among the holders that reach its objects. */
#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/cause_private.h"

#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 16 };

/* Parts of the objects of a node, by the set of their holders. The parts add up to 1. */
struct split {
    size_t count;
    struct {
        uint64_t holders; /* bits */
        double part;
    } parts[PARTS_MAX];
};

struct splitting {
    const struct hs_cause_search *s;
    const struct hs_cause_pair *reach;
    size_t reach_count;
    size_t holders[HS_CAUSE_HOLDERS]; /* by bit */
    size_t holder_count;
    double sums[HS_CAUSE_HOLDERS];
    struct split *splits; /* of nodes that differ from their parent */
    size_t split_count, split_capacity;
    uint32_t *split_of; /* by node: index + 1; 0: none yet */
};

/* The bit of a holder; 0 when there are too many. */
static uint64_t bit_of(struct splitting *g, size_t holder) {
    for (size_t i = 0; i < g->holder_count; i++)
        if (g->holders[i] == holder) return UINT64_C(1) << i;
    if (g->holder_count == HS_CAUSE_HOLDERS) return 0;
    g->holders[g->holder_count] = holder;
    return UINT64_C(1) << g->holder_count++;
}

/* With the holders that reach most of what a holder's own region has. */
static uint64_t reach_of(struct splitting *g, size_t holder) {
    uint64_t bits = bit_of(g, holder);
    for (size_t i = 0; i < g->reach_count; i++)
        if (g->reach[i].region == holder) bits |= bit_of(g, g->reach[i].holder);
    return bits;
}

static void add_part(struct split *split, uint64_t holders, double part) {
    if (part <= 0) return;
    size_t least = 0;
    for (size_t i = 0; i < split->count; i++) {
        if (split->parts[i].holders == holders) {
            split->parts[i].part += part;
            return;
        }
        if (split->parts[i].part < split->parts[least].part) least = i;
    }
    if (split->count < PARTS_MAX) {
        split->parts[split->count].holders = holders;
        split->parts[split->count++].part = part;
    } else {
        split->parts[least].part += part;
    }
}

/* What the rows [first, end) of a node say of its objects, new ones where there are. */
static struct split own_split(struct splitting *g, size_t first, size_t end, uint64_t home) {
    const struct hs_share_row *rows = g->s->trend->shares->rows;
    const struct hs_tree_node *node = &g->s->trend->tree->nodes[rows[first].node];
    size_t n = g->s->captures;
    bool grew = node->counts[n - 1] > node->counts[0];
    double all = (double)node->counts[n - 1] - (grew ? (double)node->counts[0] : 0), sum = 0;
    struct split split = {0};
    for (size_t i = first; i < end; i++) {
        double count = (double)rows[i].counts[n - 1] - (grew ? (double)rows[i].counts[0] : 0);
        uint64_t holders = home;
        if (count <= 0 || all <= 0) continue;
        for (size_t k = 0; k < rows[i].holder_count; k++) {
            const struct hs_cause_place *place = hs_cause_place_find(g->s, rows[i].holders[k].place);
            if (place) holders |= reach_of(g, place->holder);
        }
        double part = count / all < 1 - sum ? count / all : 1 - sum;
        add_part(&split, holders, part);
        sum += part;
    }
    add_part(&split, home, 1 - sum);
    return split;
}

static struct split combine(const struct split *above, const struct split *own) {
    struct split split = {0};
    for (size_t i = 0; i < above->count; i++)
        for (size_t k = 0; k < own->count; k++)
            add_part(&split, above->parts[i].holders | own->parts[k].holders,
                     above->parts[i].part * own->parts[k].part);
    return split;
}

static struct hs_error *keep(struct splitting *g, size_t node, const struct split *split) {
    if (g->split_count == g->split_capacity) {
        size_t capacity = g->split_capacity ? 2 * g->split_capacity : 64;
        struct split *splits = reallocarray(g->splits, capacity, sizeof *splits);
        if (!splits) return HS_ENOMEM;
        g->splits = splits;
        g->split_capacity = capacity;
    }
    g->splits[g->split_count++] = *split;
    g->split_of[node] = (uint32_t)g->split_count;
    return NULL;
}

/* Nodes come in order, parents first; rows are in the order of their nodes. */
static struct hs_error *split_node(struct splitting *g, size_t node, size_t *row) {
    const struct hs_tree *tree = g->s->trend->tree;
    const struct hs_share_table *table = g->s->trend->shares;
    const int32_t *home = g->s->causes->home;
    size_t first = *row, parent = tree->nodes[node].parent, n = g->s->captures;
    while (*row < table->count && table->rows[*row].node == node) ++*row;
    if (home[node] < 0) return NULL;
    bool inside = parent != HS_TREE_NONE && home[parent] == home[node] &&
                  parent != g->s->regions->items[home[node]].holder;
    uint64_t bit = bit_of(g, (size_t)home[node]);
    if (inside) g->split_of[node] = g->split_of[parent];
    if (!g->split_of[node] || *row > first) {
        struct split split = {.count = 1, .parts = {{bit, 1}}};
        if (*row > first) split = own_split(g, first, *row, bit);
        if (g->split_of[node]) split = combine(&g->splits[g->split_of[node] - 1], &split);
        HS_TRY(keep(g, node, &split));
    }
    const struct split *split = &g->splits[g->split_of[node] - 1];
    double grown = (double)tree->nodes[node].bytes[n - 1] - (double)tree->nodes[node].bytes[0];
    for (size_t i = 0; i < split->count; i++) {
        int holders = __builtin_popcountll(split->parts[i].holders);
        for (size_t k = 0; k < g->holder_count && holders; k++)
            if (split->parts[i].holders >> k & 1) g->sums[k] += grown * split->parts[i].part / holders;
    }
    return NULL;
}

struct hs_error *hs_leak_shares_find(const struct hs_cause_search *s, const struct hs_cause_pair *reach,
                                     size_t reach_count, int64_t *shares_ret) {
    size_t count = s->trend->tree->count, row = 0;
    struct splitting g = {.s = s,
                          .reach = reach,
                          .reach_count = reach_count,
                          .split_of = calloc(count + 1, sizeof *g.split_of)};
    struct hs_error *error = g.split_of ? NULL : HS_ENOMEM;
    for (size_t i = 0; i < count && !error; i++) error = split_node(&g, i, &row);
    for (size_t i = 0; i < g.holder_count && !error; i++) {
        double sum = g.sums[i];
        shares_ret[g.holders[i]] = sum > -9e18 && sum < 9e18 ? (int64_t)(sum < 0 ? sum - 0.5 : sum + 0.5) : 0;
    }
    free(g.splits);
    free(g.split_of);
    return error;
}
