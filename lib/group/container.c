#include "group/container_private.h"

#include <stdlib.h>
#include <string.h>

#include "js/property.h"
#include "js/string.h"

enum { KEYS_SAMPLED = 64, SMALL_ARRAY = 16, MAP_HEADER = 3 };

struct describing {
    const struct hs_analysis *a;
    struct hs_container *c;
    hs_addr address;
    hs_id storage[3]; /* properties, elements, table */
};

static void take_storage(void *context, const struct hs_edge *edge) {
    struct describing *d = context;
    const struct hs_analysis *a = d->a;
    if (edge->type == HS_EDGE_WEAK) return;
    bool native = edge->to >= a->graph->object_count;
    bool storage =
        edge->role == HS_ROLE_PROPERTIES || edge->role == HS_ROLE_ELEMENTS || edge->role == HS_ROLE_TABLE;
    if (storage)
        d->storage[edge->role == HS_ROLE_PROPERTIES ? 0 : edge->role == HS_ROLE_ELEMENTS ? 1 : 2] = edge->to;
    if (!storage && !native) return;
    uint32_t number = hs_dominators_number(a->dominators, edge->to);
    if (number && hs_dominators_idom(a->dominators, number) == hs_dominators_number(a->dominators, d->c->id))
        d->c->bytes += hs_analysis_size(a, edge->to);
}

/* Word `index` of an object as a count; false if it is none. */
static bool small_word(const struct describing *d, hs_id id, uint32_t index, uint64_t *ret) {
    const struct hs_v8 *v8 = d->a->group->v8;
    hs_tagged word;
    if (id == HS_ID_NONE || id >= d->a->graph->object_count) return false;
    if (!hs_v8_word(v8, hs_objects_address(d->a->objects, id) + (hs_addr)index * v8->layout.tagged_size,
                    &word))
        return false;
    if (!hs_is_smi(&v8->layout, word) || hs_smi(&v8->layout, word) < 0) return false;
    *ret = (uint64_t)hs_smi(&v8->layout, word);
    return true;
}

static uint32_t data_word(const struct hs_v8 *v8) {
    return (uint32_t)v8->layout.fixed_array_data / v8->layout.tagged_size;
}

static void describe_table(struct describing *d, bool map) {
    const struct hs_v8 *v8 = d->a->group->v8;
    uint32_t data = data_word(v8);
    uint64_t count, buckets;
    hs_id table = d->storage[2];
    if (!small_word(d, table, data, &count) || !small_word(d, table, data + 2, &buckets)) return;
    uint64_t words = hs_objects_words(d->a->objects, table), used = data + MAP_HEADER + buckets;
    d->c->entries = count;
    if (used <= words) d->c->capacity = (words - used) / (map ? 3 : 2);
}

static void describe_array(struct describing *d) {
    const struct hs_v8 *v8 = d->a->group->v8;
    uint64_t length;
    if (small_word(d, d->c->id, (uint32_t)v8->layout.array_length / v8->layout.tagged_size, &length))
        d->c->entries = length;
    if (small_word(d, d->storage[1], (uint32_t)v8->layout.fixed_array_length / v8->layout.tagged_size,
                   &length))
        d->c->capacity = length;
}

/* An object used as a table: by names, by numbers, or with an array of elements. */
static bool describe_object(struct describing *d, struct hs_js *js) {
    struct hs_js_dictionary names;
    uint64_t count;
    if (hs_js_dictionary_of(js->v8, d->address, &names)) {
        d->c->entries = names.keys;
        d->c->capacity = names.capacity;
    }
    if (d->storage[1] == HS_ID_NONE) return d->c->entries != UINT64_MAX;
    enum hs_kind kind = hs_js_kind(js, hs_objects_address(d->a->objects, d->storage[1]) + 1);
    uint32_t at = kind == HS_KIND_NUMBER_DICTIONARY
                      ? data_word(js->v8)
                      : (uint32_t)js->v8->layout.fixed_array_length / js->v8->layout.tagged_size;
    if (kind != HS_KIND_NUMBER_DICTIONARY && kind != HS_KIND_FIXED_ARRAY &&
        kind != HS_KIND_FIXED_DOUBLE_ARRAY)
        return d->c->entries != UINT64_MAX;
    if (small_word(d, d->storage[1], at, &count) && count >= SMALL_ARRAY &&
        (d->c->entries == UINT64_MAX || count > d->c->entries))
        d->c->entries = count;
    return d->c->entries != UINT64_MAX;
}

/* --- what the keys look like */

struct sampling {
    struct hs_js *js;
    unsigned seen, integers, strings, symbols, objects, timestamps, sequence;
    double last;
};

static void sample_number(struct sampling *s, double value) {
    s->integers++;
    if (s->integers > 1 && value == s->last + 1) s->sequence++;
    if (value > 1e12 && value < 4e12) s->timestamps++; /* milliseconds, 2001 to 2096 */
    s->last = value;
}

static void sample_key(struct sampling *s, hs_tagged key) {
    double value;
    if (s->seen >= KEYS_SAMPLED) return;
    s->seen++;
    if (hs_v8_number(s->js->v8, key, &value)) {
        sample_number(s, value);
        return;
    }
    switch (hs_js_kind(s->js, key)) {
    case HS_KIND_STRING:
        s->strings++;
        return;
    case HS_KIND_SYMBOL:
        s->symbols++;
        return;
    default:
        s->objects++;
        return;
    }
}

static const char *judge(const struct sampling *s) {
    if (!s->seen) return NULL;
    if (s->timestamps == s->seen) return "timestamp";
    if (s->integers == s->seen && s->sequence + 1 == s->seen && s->seen > 1) return "integer-sequence";
    if (s->integers == s->seen) return "integer";
    if (s->strings == s->seen) return "string";
    if (s->symbols == s->seen) return "symbol";
    return s->objects == s->seen ? "object" : "mixed";
}

/* The first keys of a table in the order in which they were put in; all words are read within the table's
 * bounds. */
static const char *keys_of_table(const struct describing *d, struct hs_js *js, bool map) {
    const struct hs_v8 *v8 = js->v8;
    uint32_t data = data_word(v8), t = v8->layout.tagged_size, entry = map ? 3 : 2;
    uint64_t buckets, deleted;
    hs_id table = d->storage[2];
    struct sampling s = {.js = js};
    if (d->c->entries == UINT64_MAX || !small_word(d, table, data + 1, &deleted) ||
        !small_word(d, table, data + 2, &buckets))
        return NULL;
    uint64_t at = data + MAP_HEADER + buckets, words = hs_objects_words(d->a->objects, table);
    hs_addr address = hs_objects_address(d->a->objects, table);
    hs_tagged key;
    for (uint64_t i = 0; i < d->c->entries + deleted && i < 4 * KEYS_SAMPLED && at < words; i++, at += entry)
        if (hs_v8_word(v8, address + at * t, &key) && hs_js_kind(js, key) != HS_KIND_HOLE &&
            hs_js_kind(js, key) != HS_KIND_ODDBALL)
            sample_key(&s, key);
    return judge(&s);
}

static const char *keys_of_names(const struct describing *d, struct hs_js *js) {
    struct hs_js_dictionary names;
    struct sampling s = {.js = js};
    if (!hs_js_dictionary_of(js->v8, d->address, &names))
        return d->storage[1] == HS_ID_NONE ? NULL : "integer";
    for (uint32_t i = 0; i < names.capacity && s.seen < KEYS_SAMPLED; i++) {
        hs_tagged key = hs_v8_load(js->v8, names.entries + (size_t)i * names.stride);
        enum hs_kind kind = hs_is_pointer(key) ? hs_js_kind(js, key) : HS_KIND_UNKNOWN;
        if (kind == HS_KIND_STRING || kind == HS_KIND_SYMBOL) sample_key(&s, key);
    }
    return judge(&s);
}

bool hs_container_describe(const struct hs_analysis *a, struct hs_edges *edges, hs_id id,
                           struct hs_container *ret) {
    if (a->file) return hs_container_describe_file(a, id, ret);
    struct hs_js *js = a->group->js;
    struct describing d = {.a = a, .c = ret, .storage = {HS_ID_NONE, HS_ID_NONE, HS_ID_NONE}};
    uint32_t length;
    if (id >= a->graph->object_count) return false;
    d.address = hs_objects_address(a->objects, id);
    *ret = (struct hs_container){.id = id,
                                 .entries = UINT64_MAX,
                                 .capacity = UINT64_MAX,
                                 .bytes = hs_analysis_size(a, id),
                                 .retained_bytes = hs_analysis_retained(a, id)};
    hs_edges_slots(edges, id, take_storage, &d);
    enum hs_kind kind = hs_js_kind(js, d.address + 1);
    switch (kind) {
    case HS_KIND_JS_MAP:
    case HS_KIND_JS_SET:
        describe_table(&d, kind == HS_KIND_JS_MAP);
        ret->keys = keys_of_table(&d, js, kind == HS_KIND_JS_MAP);
        return true;
    case HS_KIND_JS_ARRAY:
        describe_array(&d);
        return true;
    case HS_KIND_JS_ARRAY_BUFFER:
        return true;
    case HS_KIND_STRING:
        if (!hs_js_string_length(js->v8, d.address + 1, &length)) return false;
        ret->entries = length;
        return true;
    default:
        if (!hs_kind_is_receiver(kind) || kind == HS_KIND_JS_GLOBAL_OBJECT || !describe_object(&d, js))
            return false;
        ret->keys = keys_of_names(&d, js);
        return true;
    }
}

/* --- the largest */

/* A heap of the `limit` best: the least on top. */
struct top {
    struct hs_container *items;
    size_t count, limit;
    bool by_entries;
};

static uint64_t worth(const struct top *top, const struct hs_container *c) {
    if (!top->by_entries) return c->retained_bytes;
    return c->entries == UINT64_MAX ? 0 : c->entries;
}

static bool less(const struct top *top, const struct hs_container *x, const struct hs_container *y) {
    uint64_t a = worth(top, x), b = worth(top, y);
    return a != b ? a < b : x->id > y->id;
}

static void sift_down(struct top *top, size_t at) {
    for (;;) {
        size_t least = at;
        for (size_t k = 2 * at + 1; k <= 2 * at + 2 && k < top->count; k++)
            if (less(top, &top->items[k], &top->items[least])) least = k;
        if (least == at) return;
        struct hs_container other = top->items[at];
        top->items[at] = top->items[least];
        top->items[least] = other;
        at = least;
    }
}

static void offer(struct top *top, const struct hs_container *c) {
    if (top->count == top->limit) {
        if (!less(top, &top->items[0], c)) return;
        top->items[0] = *c;
        sift_down(top, 0);
        return;
    }
    size_t at = top->count++;
    top->items[at] = *c;
    while (at && less(top, &top->items[at], &top->items[(at - 1) / 2])) {
        struct hs_container other = top->items[at];
        top->items[at] = top->items[(at - 1) / 2];
        top->items[at = (at - 1) / 2] = other;
    }
}

enum interest { NOT_INTERESTING, ALWAYS, IF_LARGE };

static enum interest interest_in(const struct hs_analysis *a, uint32_t class) {
    enum hs_kind kind = hs_analysis_class_kind(a, class);
    switch (kind) {
    case HS_KIND_JS_MAP:
    case HS_KIND_JS_SET:
    case HS_KIND_JS_ARRAY:
        return ALWAYS;
    case HS_KIND_JS_ARRAY_BUFFER:
        return IF_LARGE;
    case HS_KIND_STRING:
        return a->group->classes[class].type == HS_NODE_CONS_STRING ? IF_LARGE : NOT_INTERESTING;
    case HS_KIND_JS_GLOBAL_OBJECT:
        return NOT_INTERESTING;
    default:
        if (!hs_kind_is_receiver(kind)) return NOT_INTERESTING;
        return a->group->classes[class].dictionary ? ALWAYS : IF_LARGE;
    }
}

/* Of a string that is a tree, only the top counts. */
static bool is_part_of_string(const struct hs_analysis *a, hs_id id) {
    uint32_t owner = a->dominators->idom[a->dominators->number[id]];
    uint32_t class = owner ? a->class_of[a->dominators->vertex[owner]] : UINT32_MAX;
    return class < a->group->class_count && a->group->classes[class].type == HS_NODE_CONS_STRING;
}

/* True if an array is known to be shorter than all that are kept. Most are. */
static bool is_short(const struct hs_analysis *a, struct hs_object_place *place, hs_id id,
                     const struct top *entries) {
    struct hs_js *js = a->group->js;
    const struct hs_layout *l = &js->v8->layout;
    hs_addr address = hs_objects_address_from(a->objects, place, id);
    hs_tagged length;
    return hs_js_kind(js, address + 1) == HS_KIND_JS_ARRAY &&
           hs_v8_word(js->v8, address + (hs_addr)l->array_length, &length) && hs_is_smi(l, length) &&
           hs_smi(l, length) >= 0 && (uint64_t)hs_smi(l, length) <= worth(entries, &entries->items[0]);
}

/* A container can have no more entries than it has words, and no more bytes than it retains: most need no
 * look. `place`: ids ascend. */
static void consider(const struct hs_analysis *a, struct hs_edges *edges, hs_id id, enum interest interest,
                     struct hs_object_place *place, struct top *retained, struct top *entries) {
    struct hs_container c;
    uint64_t bytes = hs_analysis_retained(a, id);
    bool large = retained->count < retained->limit || bytes > retained->items[0].retained_bytes;
    unsigned word = a->file ? 4 : a->group->v8->layout.tagged_size;
    bool many = interest == ALWAYS &&
                (entries->count < entries->limit || bytes / word > worth(entries, &entries->items[0]));
    if (many && !large && !a->file && entries->count == entries->limit && is_short(a, place, id, entries))
        return;
    if ((!large && !many) || is_part_of_string(a, id) || !hs_container_describe(a, edges, id, &c)) return;
    if (large) offer(retained, &c);
    if (many) offer(entries, &c);
}

static int by_retained(const void *x, const void *y) {
    const struct hs_container *a = x, *b = y;
    if (a->retained_bytes != b->retained_bytes) return a->retained_bytes > b->retained_bytes ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

struct hs_error *hs_containers_create(const struct hs_analysis *a, struct hs_edges *edges,
                                      struct hs_container **ret, size_t *count_ret) {
    uint32_t classes = a->group->class_count;
    uint8_t *interest = calloc(classes + 1, 1);
    struct hs_container *items = calloc(HS_CONTAINERS_BY_RETAINED + HS_CONTAINERS_BY_ENTRIES, sizeof *items);
    if (!interest || !items) {
        free(interest);
        free(items);
        return HS_ENOMEM;
    }
    struct top retained = {items, 0, HS_CONTAINERS_BY_RETAINED, false};
    struct top entries = {items + HS_CONTAINERS_BY_RETAINED, 0, HS_CONTAINERS_BY_ENTRIES, true};
    for (uint32_t i = 0; i < classes; i++) interest[i] = (uint8_t)interest_in(a, i);
    struct hs_object_place place = {0};
    for (hs_id id = 0; id < a->graph->object_count; id++) {
        uint32_t class = a->class_of[id];
        if (class < classes && interest[class] && hs_marks_get(&a->marks, id))
            consider(a, edges, id, (enum interest)interest[class], &place, &retained, &entries);
    }
    free(interest);
    size_t count = retained.count, kept = 0;
    for (size_t i = 0; i < entries.count; i++) items[count++] = entries.items[i];
    qsort(items, count, sizeof *items, by_retained);
    for (size_t i = 0; i < count; i++)
        if (!kept || items[kept - 1].id != items[i].id) items[kept++] = items[i];
    *ret = items;
    *count_ret = kept;
    return NULL;
}
