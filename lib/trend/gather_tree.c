#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/cause.h"
#include "trend/churn.h"
#include "trend/gather.h"
#include "trend/region.h"
#include "trend/slice.h"

#include "snap/arena.h"
#include "trend/slope.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Ancestors looked at when a class is searched above itself. */
enum { CLIMB_MAX = 64 };
/* Part of what a class grew that regions and V8's machinery must explain, or it is a finding of its own. */
static const double EXPLAINED = 0.5;

struct gathering {
    struct hs_trend *trend;
    const struct hs_judge_options *options;
    const double *hours;
    size_t n;
    struct hs_class_index classes;
    struct hs_regions regions;
    struct hs_causes causes;
    struct member *members; /* by region, then class */
    size_t member_count;
    int64_t *claimed; /* by class entry: objects that regions and V8's machinery gained */
    int64_t *series;  /* scratch */
};

/* A node of a region. */
struct member {
    int32_t region;
    size_t class; /* entry of the index */
    size_t node;
};

static int by_region(const void *left, const void *right) {
    const struct member *a = left, *b = right;
    if (a->region != b->region) return a->region < b->region ? -1 : 1;
    if (a->class != b->class) return a->class < b->class ? -1 : 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

static int64_t delta_of(const struct gathering *g, const int64_t *series) {
    return hs_trend_sum(series[g->n - 1], -series[0]);
}

static struct hs_error *find_members(struct gathering *g) {
    const struct hs_tree *tree = g->trend->tree;
    g->members = reallocarray(NULL, tree->count + 1, sizeof *g->members);
    g->claimed = calloc(g->classes.count + 1, sizeof *g->claimed);
    g->series = calloc(g->n, sizeof *g->series);
    if (!g->members || !g->claimed || !g->series) return HS_ENOMEM;
    for (size_t i = 0; i < tree->count; i++) {
        if (g->regions.owner[i] == HS_OWNER_REST) continue;
        const struct hs_class_entry *class = hs_class_index_find(&g->classes, tree->nodes[i].key);
        if (!class) continue;
        if (g->regions.owner[i] == HS_OWNER_MACHINERY) {
            int64_t *claimed = &g->claimed[class - g->classes.items];
            *claimed = hs_trend_sum(*claimed, delta_of(g, tree->nodes[i].counts));
            continue;
        }
        g->members[g->member_count++] =
            (struct member){g->regions.owner[i], (size_t)(class - g->classes.items), i};
    }
    qsort(g->members, g->member_count, sizeof *g->members, by_region);
    return NULL;
}

/* Whether an object of the same class stands above the node inside the region: its branch counts there. */
static bool is_below_its_class(const struct gathering *g, const struct member *m) {
    const struct hs_tree_node *nodes = g->trend->tree->nodes;
    size_t up = nodes[m->node].parent;
    for (int i = 0; i < CLIMB_MAX && up != HS_TREE_NONE && g->regions.owner[up] == m->region;
         i++, up = nodes[up].parent)
        if (hs_snap_key_equal(nodes[up].key, nodes[m->node].key)) return true;
    return false;
}

/* One class of a region, while the one to show is chosen. */
struct choice {
    const struct hs_trend_row *row;
    size_t node, first, end; /* the node that grew most; its members */
    double score;
};

static int by_bytes(const void *left, const void *right) {
    const struct hs_finding_part *a = left, *b = right;
    if (a->bytes_delta != b->bytes_delta) return a->bytes_delta > b->bytes_delta ? -1 : 1;
    if (a->count_delta != b->count_delta) return a->count_delta > b->count_delta ? -1 : 1;
    return a->row->rank < b->row->rank ? -1 : a->row->rank > b->row->rank;
}

/* The classes of members [first, end): the parts of the finding and the class to show. */
static struct hs_error *find_parts(struct gathering *g, const struct hs_region *region, size_t first,
                                   size_t end, struct hs_finding *f, struct choice *ret) {
    int32_t index = (int32_t)(region - g->regions.items);
    const struct hs_tree_node *nodes = g->trend->tree->nodes;
    struct choice best = {.node = HS_TREE_NONE, .score = -1};
    struct hs_finding_part *parts = hs_snap_arena_alloc(g->trend->arena, (end - first + 1) * sizeof *parts);
    if (!parts) return HS_ENOMEM;
    size_t count = 0;
    for (size_t i = first, stop; i < end; i = stop) {
        struct hs_finding_part part = {.row = g->classes.items[g->members[i].class].row};
        struct choice choice = {.row = part.row, .node = g->members[i].node, .first = i};
        int64_t branch = 0, most = INT64_MIN;
        for (stop = i; stop < end && g->members[stop].class == g->members[i].class; stop++) {
            const struct hs_tree_node *node = &nodes[g->members[stop].node];
            int64_t grown = delta_of(g, node->counts);
            bool own = g->causes.home[g->members[stop].node] == index;
            part.count_delta = hs_trend_sum(part.count_delta, grown);
            part.bytes_delta = hs_trend_sum(part.bytes_delta, delta_of(g, node->bytes));
            if (own && grown > most) {
                most = grown;
                choice.node = g->members[stop].node;
            }
            if (own && g->members[stop].node != region->holder && !is_below_its_class(g, &g->members[stop]))
                branch = hs_trend_sum(branch, delta_of(g, node->below));
        }
        choice.end = stop;
        g->claimed[g->members[i].class] = hs_trend_sum(g->claimed[g->members[i].class], part.count_delta);
        if (part.count_delta > 0 || part.bytes_delta > 0) parts[count++] = part;
        choice.score =
            part.count_delta > 0 && most > INT64_MIN ? hs_trend_weight(part.row) * (double)branch : -1;
        if (choice.score > best.score) best = choice;
    }
    qsort(parts, count, sizeof *parts, by_bytes);
    f->parts = parts;
    f->part_count = count;
    *ret = best;
    return NULL;
}

static char *copy_text(const struct gathering *g, const struct hs_strbuf *text) {
    return text->failed ? NULL : hs_snap_arena_string(g->trend->arena, text->data, text->size);
}

static int64_t *copy_series(const struct gathering *g, const int64_t *series) {
    int64_t *copy = hs_snap_arena_alloc(g->trend->arena, g->n * sizeof *copy);
    if (copy) memcpy(copy, series, g->n * sizeof *copy);
    return copy;
}

/* "app.js: variable sessions: Map": what gathers members; of a chain and of what is replaced by something
 * larger the name itself. */
static struct hs_error *name_holder(const struct gathering *g, const struct hs_region *region,
                                    const char **ret) {
    const struct hs_tree *tree = g->trend->tree;
    bool gathers = region->spread ||
                   (!region->container && (region->names || hs_tree_is_member(&tree->nodes[region->first])));
    size_t named = gathers ? region->holder : region->first;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_tree_put_place(tree, named, &text);
    if (*tree->nodes[named].constructor && tree->nodes[named].parent != HS_TREE_NONE)
        hs_strbuf_printf(&text, ": %s", tree->nodes[named].constructor);
    return (*ret = copy_text(g, &text)) ? NULL : HS_ENOMEM;
}

/* Of growth that stands at many places below the holder, where most of it does. */
static struct hs_error *name_most(const struct gathering *g, const struct hs_region *region, size_t node,
                                  const char **ret) {
    if (!region->spread || node == HS_TREE_NONE || node == region->holder) return NULL;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_tree_put_place(g->trend->tree, node, &text);
    return (*ret = copy_text(g, &text)) ? NULL : HS_ENOMEM;
}

/* Who else holds what the region gained. */
static struct hs_error *name_others(const struct gathering *g, const struct hs_cause *cause,
                                    struct hs_finding *f) {
    if (!g->causes.known) return NULL;
    struct hs_finding_also *items =
        hs_snap_arena_alloc(g->trend->arena, (cause->also_count + 1) * sizeof *items);
    if (!items) return HS_ENOMEM;
    for (size_t i = 0; i < cause->also_count; i++) {
        const struct hs_cause_also *also = &cause->also[i];
        items[i].leak_share = also->share;
        if (also->region != HS_TREE_NONE) {
            HS_TRY(name_holder(g, &g->regions.items[also->region], &items[i].holder));
            continue;
        }
        HS_STRBUF_AUTO text = HS_STRBUF_INIT;
        hs_strbuf_puts(&text, also->place);
        if (also->constructor && *also->constructor) hs_strbuf_printf(&text, ": %s", also->constructor);
        if (!(items[i].holder = copy_text(g, &text))) return HS_ENOMEM;
    }
    f->also = items;
    f->also_count = cause->also_count;
    f->leak_share = cause->share;
    return NULL;
}

static int64_t retained_growth(const struct gathering *g, const struct hs_trend_row *row) {
    int64_t first = row->values[0].retained_bytes, last = row->values[g->n - 1].retained_bytes;
    return first == HS_SNAP_NULL || last == HS_SNAP_NULL ? HS_SNAP_NULL : hs_trend_sum(last, -first);
}

/* The series of a class as its class lines have it, unless most of its movement is elsewhere. */
static struct hs_error *show_class(struct gathering *g, const struct choice *choice, struct hs_finding *f) {
    const struct hs_tree_node *nodes = g->trend->tree->nodes;
    int64_t *counts = hs_snap_arena_alloc(g->trend->arena, 2 * g->n * sizeof *counts);
    if (!counts) return HS_ENOMEM;
    int64_t *bytes = counts + g->n;
    memset(counts, 0, 2 * g->n * sizeof *counts);
    for (size_t i = choice->first; i < choice->end; i++)
        for (size_t k = 0; k < g->n; k++) {
            counts[k] = hs_trend_sum(counts[k], nodes[g->members[i].node].counts[k]);
            bytes[k] = hs_trend_sum(bytes[k], nodes[g->members[i].node].bytes[k]);
        }
    int64_t here = delta_of(g, counts), all = choice->row->count_delta;
    bool alike = all >= here / 2 && all / 2 <= here;
    f->subject = HS_SUBJECT_CLASS;
    f->row = choice->row;
    f->counts = alike ? choice->row->counts : counts;
    f->bytes = alike ? choice->row->bytes : bytes;
    f->exclusive_bytes = alike ? retained_growth(g, choice->row) : HS_SNAP_NULL;
    /* One that stands there: the class may have others. */
    const struct hs_tree_node *node = &nodes[choice->node];
    f->sample = node->sample ? node->sample : choice->row->sample;
    f->sample_capture = node->sample ? node->sample_capture : choice->row->sample_capture;
    return hs_tree_steps(g->trend, choice->node, &f->path, &f->path_count);
}

/* A container that is listed in the first capture and in the last. */
static int64_t retained_by(const struct gathering *g, const struct hs_container_series *container) {
    int64_t first = container->retained[0], last = container->retained[g->n - 1];
    return first == HS_SNAP_NULL || last == HS_SNAP_NULL ? HS_SNAP_NULL : hs_trend_sum(last, -first);
}

/* A container: its entries, and its own storage. */
static struct hs_error *show_container(struct gathering *g, const struct hs_region *region,
                                       const struct hs_trend_row *row, struct hs_finding *f) {
    const struct hs_tree_node *node = &g->trend->tree->nodes[region->holder];
    f->subject = region->entries || !region->container ? HS_SUBJECT_CONTAINER : HS_SUBJECT_PATH;
    f->row = row;
    f->counts = copy_series(g, region->counts);
    f->bytes = copy_series(g, node->bytes);
    f->exclusive_bytes = region->entries ? retained_by(g, region->entries) : HS_SNAP_NULL;
    if (!f->counts || !f->bytes) return HS_ENOMEM;
    f->sample = region->entries ? region->entries->sample : node->sample ? node->sample : row->sample;
    f->sample_capture = region->entries ? region->entries->sample_capture
                        : node->sample  ? node->sample_capture
                                        : row->sample_capture;
    f->keys = region->entries ? region->entries->keys : NULL;
    return hs_tree_steps(g->trend, region->holder, &f->path, &f->path_count);
}

static const struct hs_trend_row *row_of(const struct gathering *g, size_t node) {
    const struct hs_class_entry *class = hs_class_index_find(&g->classes, g->trend->tree->nodes[node].key);
    return class ? class->row : NULL;
}

static bool is_doubtful(const struct gathering *g, const struct hs_finding *f, int64_t objects) {
    if (f->subject != HS_SUBJECT_CLASS) return false;
    return hs_churn_outweighs(f->row->churn, objects, &f->evidence, g->n);
}

static struct hs_error *weigh(struct gathering *g, const struct hs_region *region, struct hs_finding *f) {
    struct hs_slope_range slopes;
    f->count_delta = delta_of(g, f->counts);
    f->bytes_delta = delta_of(g, f->bytes);
    f->evidence = region->evidence;
    HS_TRY(hs_slope_range_find(NULL, f->bytes, g->n, &slopes));
    f->bytes_per_step = slopes.median;
    f->bytes_per_step_low = slopes.low;
    f->bytes_per_step_high = slopes.high;
    f->bytes_per_hour = NAN;
    if (g->hours) HS_TRY(hs_slope_find(g->hours, f->bytes, g->n, &f->bytes_per_hour));
    if (!g->trend->settling) {
        f->evidence.slight = hs_evidence_is_slight(region->counts, g->n, f->held_delta);
        f->evidence.doubtful = f->evidence.slight || is_doubtful(g, f, delta_of(g, region->counts));
    }
    if (f->evidence.doubtful && f->evidence.verdict == HS_VERDICT_GROWING)
        f->evidence.verdict = HS_VERDICT_GREW;
    return NULL;
}

static bool is_enough(const struct gathering *g, const struct hs_region *region, const struct hs_finding *f) {
    const struct hs_judge_options *o = g->options;
    bool content = f->row->nature == HS_NATURE_CONTENT && !region->entries;
    if (f->held_delta < (content ? o->content_min_bytes : o->min_bytes)) return false;
    return o->min_count <= 0 || delta_of(g, region->counts) >= o->min_count;
}

/* One region; gives its nodes back to the rest if it is no finding. */
static struct hs_error *take_region(struct gathering *g, int32_t index, size_t first, size_t end,
                                    bool *taken_ret) {
    const struct hs_region *region = &g->regions.items[index];
    struct hs_finding f = {.exclusive_bytes = HS_SNAP_NULL, .leak_share = HS_SNAP_NULL};
    struct choice choice = {.node = HS_TREE_NONE};
    *taken_ret = false;
    HS_TRY(find_parts(g, region, first, end, &f, &choice));
    const struct hs_trend_row *holder = row_of(g, region->holder);
    bool member = hs_tree_is_member(&g->trend->tree->nodes[region->first]);
    bool gathers = member && choice.row && choice.row->nature == HS_NATURE_CONTENT && holder &&
                   holder->nature != HS_NATURE_CONTENT;
    if (region->container || gathers) {
        if (!holder) return NULL;
        HS_TRY(show_container(g, region, holder, &f));
    } else {
        if (!choice.row) {
            choice = (struct choice){row_of(g, region->first), region->first, first, first, 0};
            if (!choice.row) return NULL;
        }
        HS_TRY(show_class(g, &choice, &f));
    }
    HS_TRY(name_holder(g, region, &f.holder));
    HS_TRY(name_most(g, region, choice.node, &f.most));
    HS_TRY(name_others(g, &g->causes.items[index], &f));
    if (!(f.held_bytes = copy_series(g, region->held))) return HS_ENOMEM;
    f.held_delta = delta_of(g, region->held);
    HS_TRY(weigh(g, region, &f));
    if (!is_enough(g, region, &f)) return NULL;
    f.score = hs_finding_score(&f);
    *taken_ret = true;
    return hs_findings_add(g->trend, g->options, &f);
}

static struct hs_error *take_regions(struct gathering *g) {
    for (size_t first = 0, end; first < g->member_count; first = end) {
        int32_t index = g->members[first].region;
        bool taken;
        for (end = first; end < g->member_count && g->members[end].region == index;) end++;
        HS_TRY(take_region(g, index, first, end, &taken));
        for (size_t i = first; i < end && !taken; i++) g->regions.owner[g->members[i].node] = HS_OWNER_REST;
    }
    return NULL;
}

/* A class that grew at so many places that none of them is a region. */
static struct hs_error *take_row(struct gathering *g, const struct hs_trend_row *row) {
    const struct hs_tree *tree = g->trend->tree;
    memset(g->series, 0, g->n * sizeof *g->series);
    for (size_t i = 0; i < tree->count; i++) {
        if (g->regions.owner[i] != HS_OWNER_REST || !hs_snap_key_equal(tree->nodes[i].key, row->key))
            continue;
        g->regions.owner[i] = (int32_t)g->regions.count;
        for (size_t k = 0; k < g->n; k++) g->series[k] = hs_trend_sum(g->series[k], tree->nodes[i].bytes[k]);
    }
    return hs_findings_add_row(g->trend, g->options, row, g->hours, g->series);
}

static struct hs_error *take_rows(struct gathering *g) {
    for (size_t i = 0; i < g->trend->row_count; i++) {
        const struct hs_trend_row *row = g->trend->rows[i];
        if (!row->rank) continue;
        if (row->subject == HS_SUBJECT_NATIVE)
            HS_TRY(hs_findings_add_row(g->trend, g->options, row, g->hours, NULL));
        if (row->subject == HS_SUBJECT_NATIVE || row->nature >= HS_NATURE_CONTENT || row->count_delta <= 0)
            continue;
        const struct hs_class_entry *class = hs_class_index_find(&g->classes, row->key);
        int64_t explained = class ? g->claimed[class - g->classes.items] : 0;
        if ((double)explained < EXPLAINED * (double)row->count_delta) HS_TRY(take_row(g, row));
    }
    return NULL;
}

/* What the graphs of classes say. */
static struct hs_error *find_slices(struct gathering *g, struct hs_judge_summary *summary) {
    for (size_t i = 0; i < g->trend->finding_count; i++) {
        struct hs_finding *f = &g->trend->findings[i];
        if (f->subject != HS_SUBJECT_CLASS) continue;
        HS_TRY(hs_slice_find(g->trend, &g->classes, g->trend->edges, f->row->key, f->row->count_delta,
                             &f->slice, &f->slice_count));
        HS_TRY(hs_slice_find(g->trend, &g->classes, g->trend->dominators, f->row->key, f->row->count_delta,
                             &f->dominated, &f->dominated_count));
    }
    return hs_attributions_find(g->trend, &g->classes, &summary->attributions, &summary->attribution_count);
}

static void sum_up(const struct gathering *g, struct hs_judge_summary *summary) {
    const struct hs_tree *tree = g->trend->tree;
    int64_t placed = 0;
    for (size_t i = 0; i < tree->count; i++) {
        int64_t delta = delta_of(g, tree->nodes[i].bytes);
        placed = hs_trend_sum(placed, delta);
        if (g->regions.owner[i] >= 0) continue;
        int64_t *part = g->regions.owner[i] == HS_OWNER_MACHINERY ? &summary->v8_bytes
                        : delta > 0                               ? &summary->noise_bytes
                                                                  : &summary->shrunk_bytes;
        *part = hs_trend_sum(*part, delta);
    }
    for (size_t i = 0; i < g->trend->finding_count; i++) {
        const struct hs_finding *f = &g->trend->findings[i];
        int64_t *part = f->muted ? &summary->ignored_bytes : &summary->findings_bytes;
        if (f->subject != HS_SUBJECT_NATIVE) *part = hs_trend_sum(*part, f->held_delta);
    }
    /* What the trees do not have: their smallest branches. */
    int64_t rest = hs_trend_sum(summary->bytes_delta, -placed);
    int64_t *part = rest > 0 ? &summary->noise_bytes : &summary->shrunk_bytes;
    *part = hs_trend_sum(*part, rest);
}

struct hs_error *hs_findings_gather_tree(struct hs_trend *trend, const struct hs_judge_options *options,
                                         const double *hours, struct hs_judge_summary *summary) {
    struct gathering g = {.trend = trend, .options = options, .hours = hours, .n = trend->capture_count};
    struct hs_error *error = hs_class_index_create(trend, &g.classes);
    if (!error) error = hs_regions_find(trend, &g.classes, hours, options->min_bytes, &g.regions);
    if (!error) error = hs_causes_find(trend, &g.classes, &g.regions, &g.causes);
    if (!error) error = find_members(&g);
    if (!error) error = take_regions(&g);
    if (!error) error = take_rows(&g);
    if (!error) error = find_slices(&g, summary);
    if (!error) sum_up(&g, summary);
    hs_class_index_deinit(&g.classes);
    hs_regions_deinit(&g.regions);
    hs_causes_deinit(&g.causes);
    free(g.members);
    free(g.claimed);
    free(g.series);
    return error;
}
