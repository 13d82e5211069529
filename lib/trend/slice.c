#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/slice.h"

#include "base/strbuf.h"
#include "snap/arena.h"
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 12 };

static int64_t delta_of(const int64_t *series, size_t n) {
    return hs_trend_sum(series[n - 1], -series[0]);
}

static bool is_none(struct hs_snap_key key) {
    return !key.high && !key.low;
}

/* The link to a class that gained most, from a class that is not on the way yet; NULL if none gained half of
 * what is to be explained. */
static const struct hs_link *strongest(const struct hs_trend *trend, const struct hs_links *links,
                                       struct hs_snap_key to, int64_t gained, const struct hs_snap_key *way,
                                       size_t way_count) {
    const struct hs_link *best = NULL;
    int64_t most = gained - gained / 2 - 1;
    size_t first, end;
    hs_links_to(links, to, &first, &end);
    for (size_t i = first; i < end; i++) {
        const struct hs_link *link = &links->items[i];
        int64_t delta = delta_of(link->counts, trend->capture_count);
        bool again = is_none(link->from);
        for (size_t k = 0; k < way_count && !again; k++) again = hs_snap_key_equal(way[k], link->from);
        if (again || delta <= most) continue;
        most = delta;
        best = link;
    }
    return best;
}

/* Arrays hold all kinds of things: which class grew says little about who holds it, unless nearly all that
 * they gained is of that class. */
static bool tells_more(const struct hs_trend *trend, const struct hs_links *links, const struct hs_link *link,
                       const struct hs_trend_row *holder) {
    int64_t all = 0, gained = delta_of(link->counts, trend->capture_count);
    if (holder->nature < HS_NATURE_BUILTIN) return true;
    for (size_t i = 0; i < links->count; i++) {
        const struct hs_link *other = &links->items[i];
        int64_t delta = delta_of(other->counts, trend->capture_count);
        if (delta > 0 && hs_snap_key_equal(other->from, link->from) && !strcmp(other->name, link->name))
            all = hs_trend_sum(all, delta);
    }
    return all - gained <= all / 10;
}

static const char *name_of(const struct hs_class_index *classes, struct hs_snap_key key) {
    const struct hs_class_entry *entry = hs_class_index_find(classes, key);
    if (!entry) return NULL;
    return *entry->row->constructor ? entry->row->constructor : "(anonymous)";
}

static const char *put_step(const struct hs_trend *trend, const char *edge, const char *name) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    if (edge && *edge) hs_strbuf_printf(&text, "%s: ", edge);
    hs_strbuf_puts(&text, name);
    return text.failed ? NULL : hs_snap_arena_string(trend->arena, text.data, text.size);
}

struct hs_error *hs_slice_find(const struct hs_trend *trend, const struct hs_class_index *classes,
                               const struct hs_links *links, struct hs_snap_key key, int64_t gained,
                               const char ***ret, size_t *count_ret) {
    struct hs_snap_key way[STEPS_MAX + 1] = {key};
    const struct hs_link *steps[STEPS_MAX];
    size_t count = 0;
    *ret = NULL;
    *count_ret = 0;
    while (links && count < STEPS_MAX && gained > 0) {
        const struct hs_link *link = strongest(trend, links, way[count], gained, way, count + 1);
        if (!link || !name_of(classes, link->from)) break;
        steps[count++] = link;
        way[count] = link->from;
        const struct hs_class_entry *holder = hs_class_index_find(classes, link->from);
        gained = tells_more(trend, links, link, holder->row) ? holder->count_delta : 0;
    }
    if (!count || !name_of(classes, key)) return NULL;
    const char **texts = hs_snap_arena_alloc(trend->arena, (count + 1) * sizeof *texts);
    if (!texts) return HS_ENOMEM;
    for (size_t i = 0; i <= count; i++) {
        const char *edge = i ? steps[count - i]->name : NULL;
        if (!(texts[i] = put_step(trend, edge, name_of(classes, way[count - i])))) return HS_ENOMEM;
    }
    *ret = texts;
    *count_ret = count + 1;
    return NULL;
}

static int by_key(const void *left, const void *right) {
    const struct hs_attribution *a = left, *b = right;
    if (a->key.high != b->key.high) return a->key.high < b->key.high ? -1 : 1;
    return a->key.low < b->key.low ? -1 : a->key.low > b->key.low;
}

static int by_growth(const void *left, const void *right) {
    const struct hs_attribution *a = left, *b = right;
    if (a->bytes_delta != b->bytes_delta) return a->bytes_delta > b->bytes_delta ? -1 : 1;
    return by_key(a, b);
}

struct hs_error *hs_attributions_find(const struct hs_trend *trend, const struct hs_class_index *classes,
                                      struct hs_attribution **ret, size_t *count_ret) {
    const struct hs_links *links = trend->dominators;
    *ret = NULL;
    *count_ret = 0;
    if (!links) return NULL;
    struct hs_attribution *items = reallocarray(NULL, links->count + 1, sizeof *items);
    if (!items) return HS_ENOMEM;
    for (size_t i = 0; i < links->count; i++)
        items[i] = (struct hs_attribution){links->items[i].from, name_of(classes, links->items[i].from),
                                           delta_of(links->items[i].sizes, trend->capture_count)};
    size_t kept = 0;
    qsort(items, links->count, sizeof *items, by_key);
    for (size_t i = 0; i < links->count; i++) {
        if (kept && hs_snap_key_equal(items[kept - 1].key, items[i].key))
            items[kept - 1].bytes_delta = hs_trend_sum(items[kept - 1].bytes_delta, items[i].bytes_delta);
        else items[kept++] = items[i];
    }
    qsort(items, kept, sizeof *items, by_growth);
    *ret = items;
    *count_ret = kept;
    return NULL;
}
