#define _GNU_SOURCE 1 /* qsort_r */
#include "export/exported.h"

#include <stdlib.h>
#include <string.h>

#include "export/exported_pass.h"
#include "group/owned.h"

/* --- what is exported */

/* Where V8 does not count the characters of external strings, neither do we: totals are compared with its
 * own. */
static bool is_left_out(const struct hs_exported_private *x, hs_id id) {
    const struct hs_analysis *a = x->analysis;
    return id >= a->graph->object_count && a->class_of[id] < a->group->class_count &&
           strcmp(a->group->classes[a->class_of[id]].constructor, "system / ExternalStringData") == 0;
}

static struct hs_error *choose(struct hs_exported *exported) {
    struct hs_exported_private *x = exported->priv;
    hs_id count = x->analysis->graph->count;
    size_t words = (size_t)count / 64 + 1;
    x->chosen = calloc(words, sizeof *x->chosen);
    x->trivial = calloc(words, sizeof *x->trivial);
    x->before = calloc(words, sizeof *x->before);
    if (!x->chosen || !x->trivial || !x->before) return HS_ENOMEM;
    uint64_t number = 0;
    for (size_t w = 0; w < words; w++) {
        x->before[w] = (uint32_t)number;
        for (hs_id id = (hs_id)w * 64; id < count && id < (w + 1) * 64; id++)
            if ((x->options.garbage || hs_marks_get(&x->analysis->marks, id)) && !is_left_out(x, id))
                hs_exported_set(x->chosen, id);
        number += hs_bit_count(x->chosen[w]);
    }
    x->first = x->options.garbage ? HS_EXPORTED_SYNTHETIC_MAX : HS_EXPORTED_UNREACHABLE;
    x->first += (uint32_t)x->base.count;
    /* Readers hold node numbers times 6 in 32 bits. */
    if (number + x->first >= UINT32_MAX / 6)
        return hs_error_create(HS_ERROR_UNSUPPORTED, "more objects than a .heapsnapshot can hold");
    exported->node_count = (uint32_t)number + x->first;
    x->edge_counts = calloc(number + 1, sizeof *x->edge_counts);
    x->tags = calloc(number + 1, sizeof *x->tags);
    return x->edge_counts && x->tags ? NULL : HS_ENOMEM;
}

/* V8HeapExplorer::IsEssentialObject: no internal, hidden or weak edges to these. */
static void find_trivial(struct hs_exported_private *x) {
    static const char *const names[] = {
        "empty_byte_array",         "empty_fixed_array", "empty_descriptor_array",
        "fixed_array_map",          "cell_map",          "global_property_cell_map",
        "shared_function_info_map", "free_space_map",    "one_pointer_filler_map",
        "two_pointer_filler_map"};
    const struct hs_v8 *v8 = x->js->v8;
    const struct hs_objects *objects = x->analysis->objects;
    x->hole = HS_ID_NONE;
    for (uint32_t i = 0; i < v8->isolate_count; i++) {
        for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
            hs_tagged word = hs_v8_root(v8, i, names[n]);
            hs_id id = word & 1 ? hs_objects_find(objects, hs_untag(word)) : HS_ID_NONE;
            if (id != HS_ID_NONE) hs_exported_set(x->trivial, id);
        }
        if (x->js->roots[i].the_hole & 1)
            x->hole = hs_objects_find(objects, hs_untag(x->js->roots[i].the_hole));
    }
    for (size_t i = 0; i < x->analysis->roots.count; i++) {
        const struct hs_root *root = &x->analysis->roots.items[i];
        if (root->category != HS_ROOT_READ_ONLY && root->category != HS_ROOT_STRONG_LIST) continue;
        enum hs_kind kind = hs_js_kind(x->js, hs_objects_address(objects, root->id) + 1);
        if (kind == HS_KIND_ODDBALL || (kind == HS_KIND_HOLE && v8->layout.snapshot_hides_holes))
            hs_exported_set(x->trivial, root->id);
    }
    if (x->hole != HS_ID_NONE) hs_exported_set(x->trivial, x->hole);
}

/* --- roots */

/* Objects of read-only space live without a root; one that nothing else leads to gets an edge of its own. */
static struct hs_error *find_immortals(struct hs_exported_private *x) {
    const struct hs_analysis *a = x->analysis;
    struct hs_marks marks;
    HS_TRY(hs_mark(a->graph, a->root_ids, a->roots.count, &marks));
    x->immortals = malloc((a->root_id_count - a->roots.count + 1) * sizeof *x->immortals);
    for (size_t i = a->roots.count; x->immortals && i < a->root_id_count; i++)
        if (!hs_marks_get(&marks, a->root_ids[i])) x->immortals[x->immortal_count++] = a->root_ids[i];
    hs_marks_deinit(&marks);
    return x->immortals ? NULL : HS_ENOMEM;
}

static void put_root_edges(struct hs_exported_walk *walk) {
    const struct hs_exported_private *x = walk->x;
    hs_exported_put(walk, HS_EDGE_ELEMENT, NULL, 1, HS_EXPORTED_GC_ROOTS);
    for (size_t i = 0; i < x->user_count; i++)
        hs_exported_put(walk, HS_EDGE_SHORTCUT, NULL, walk->count + 1, hs_exported_number(x, x->users[i]));
    for (size_t i = 0; i < x->base.count; i++)
        hs_exported_put(walk, HS_EDGE_ELEMENT, NULL, walk->count + 1,
                        hs_exported_base_number(x, &x->base.items[i]));
    if (x->options.garbage)
        hs_exported_put(walk, HS_EDGE_ELEMENT, NULL, walk->count + 1, HS_EXPORTED_UNREACHABLE);
}

/* Node's C++ objects that are roots: "Node / TCPWrap". */
static struct hs_error *find_base_objects(struct hs_exported_private *x) {
    HS_TRY(hs_base_objects_find(x->analysis->objects, &x->analysis->roots, &x->base));
    x->base_names = hs_js_alloc(x->js, (x->base.count + 1) * sizeof *x->base_names);
    if (!x->base_names) return HS_ENOMEM;
    for (size_t i = 0; i < x->base.count; i++) {
        hs_strbuf_clear(&x->other);
        hs_strbuf_printf(&x->other, "Node / %s", x->base.items[i].name);
        x->base_names[i] = hs_names_intern(&x->js->names, x->other.data, x->other.size);
    }
    return hs_strbuf_error(&x->other);
}

static void put_category_edges(struct hs_exported_walk *walk, unsigned category) {
    const struct hs_exported_private *x = walk->x;
    const struct hs_roots *roots = &x->analysis->roots;
    const struct hs_v8_symbols *symbols = x->js->v8->symbols;
    bool table = category == HS_ROOT_STRONG_LIST || category == HS_ROOT_READ_ONLY;
    for (size_t i = 0; i < roots->count; i++) {
        const struct hs_root *root = &roots->items[i];
        if (root->category != category || !hs_exported_get(x->chosen, root->id)) continue;
        const char *name =
            table && root->index < symbols->root_count ? symbols->root_names[root->index] : NULL;
        hs_exported_put(walk, HS_EDGE_INTERNAL, name, walk->count + 1, hs_exported_number(x, root->id));
    }
    if (category != HS_ROOT_READ_ONLY) return;
    for (size_t i = 0; i < x->immortal_count; i++)
        if (hs_exported_get(x->chosen, x->immortals[i]))
            hs_exported_put(walk, HS_EDGE_INTERNAL, NULL, walk->count + 1,
                            hs_exported_number(x, x->immortals[i]));
}

static void put_strings(struct hs_exported_walk *walk, const struct hs_exported_strings *strings) {
    for (size_t i = 0; i < strings->count; i++)
        hs_exported_put(walk, HS_EDGE_INTERNAL, NULL, walk->count + 1,
                        hs_exported_number(walk->x, strings->items[i]));
}

static void put_synthetic_edges(struct hs_exported_walk *walk, uint32_t number) {
    const struct hs_exported_private *x = walk->x;
    const uint32_t base = x->first - (uint32_t)x->base.count;
    walk->count = 0;
    if (number == HS_EXPORTED_ROOT) put_root_edges(walk);
    else if (number >= base)
        hs_exported_put(walk, HS_EDGE_INTERNAL, x->base.to_wrapper, 0,
                        hs_exported_number(x, x->base.items[number - base].wrapper));
    else if (number == HS_EXPORTED_GC_ROOTS)
        for (uint32_t c = 0; c < HS_EXPORTED_UNREACHABLE - HS_EXPORTED_CATEGORIES; c++)
            hs_exported_put(walk, HS_EDGE_ELEMENT, NULL, c + 1, HS_EXPORTED_CATEGORIES + c);
    else if (number < HS_EXPORTED_STRINGS) put_category_edges(walk, number - HS_EXPORTED_CATEGORIES);
    else if (number < HS_EXPORTED_UNREACHABLE) put_strings(walk, &x->strings[number - HS_EXPORTED_STRINGS]);
    else
        for (size_t i = 0; i < x->head_count; i++)
            hs_exported_put(walk, HS_EDGE_ELEMENT, NULL, walk->count + 1, hs_exported_number(x, x->heads[i]));
}

static const char *synthetic_name(uint32_t number) {
    if (number == HS_EXPORTED_ROOT) return "";
    if (number == HS_EXPORTED_GC_ROOTS) return "(GC roots)";
    if (number == HS_EXPORTED_STRINGS + HS_EXPORTED_INTERNALIZED) return "(Internalized strings)";
    if (number == HS_EXPORTED_STRINGS + HS_EXPORTED_EXTERNAL) return "(External strings)";
    if (number == HS_EXPORTED_UNREACHABLE) return "(Unreachable)";
    return hs_root_category_name((enum hs_root_category)(number - HS_EXPORTED_CATEGORIES));
}

/* --- passes */

static void find_edges(struct hs_exported_private *x, void *context, uint32_t index,
                       struct hs_exported_batch *batch) {
    const struct hs_exported_chunk *chunk = &x->chunks->items[index];
    struct hs_exported_cursor cursor = chunk->start;
    struct hs_exported_walk walk = {.x = x};
    (void)context;
    x->batch = batch;
    x->chunk = index;
    for (uint32_t i = 0; i < chunk->nodes && hs_exported_cursor_next(x, &cursor); i++) {
        if (cursor.id < x->analysis->graph->object_count)
            hs_edges_seek(x->edges, cursor.id, cursor.page, hs_exported_cursor_offset(x, &cursor));
        hs_exported_object_edges(&walk, cursor.id, cursor.address);
        x->edge_counts[cursor.k] = walk.count;
        batch->total += walk.count;
    }
    hs_exported_end_segment(x);
    if (!batch->error) batch->error = hs_strbuf_error(&x->other);
}

static struct hs_error *take_edges(void *context, uint32_t index, struct hs_exported_batch *batch) {
    struct hs_exported *exported = context;
    (void)index;
    exported->edge_count += batch->total;
    HS_TRY(hs_exported_take_segments(exported->priv, batch));
    HS_TRY(hs_exported_take_strings(exported->priv, batch));
    return hs_exported_take_integers(exported->priv, batch);
}

/* Edges that no object has: before those of the objects, or behind them. */
static struct hs_error *put_others(struct hs_exported *exported, bool before) {
    struct hs_exported_private *x = exported->priv;
    struct hs_encoder *own = x->encoder;
    struct hs_exported_batch batch = {0};
    struct hs_exported_walk walk = {.x = x};
    x->batch = &batch;
    x->encoder = x->others;
    x->thread = hs_exported_team_count(x);
    for (uint32_t i = 0; before && i < x->first; i++) {
        put_synthetic_edges(&walk, i);
        exported->edge_count += walk.count;
    }
    for (uint32_t i = 0; !before && i < x->integers->count; i++, exported->edge_count++)
        hs_exported_put(&walk, HS_EDGE_INTERNAL, "value", 0, x->integers->first + 2 * i + 1);
    hs_exported_end_segment(x);
    x->encoder = own;
    x->thread = 0;
    struct hs_error *error = batch.error ? batch.error : hs_exported_take_segments(x, &batch);
    free(batch.segments);
    if (error || !before) return error;
    /* They were found last: which strings hang on the roots is seen on the way. */
    return hs_exported_first_segments(x, (uint32_t)batch.segment_count);
}

static struct hs_error *put_all(struct hs_exported *exported) {
    struct hs_exported_private *x = exported->priv;
    HS_TRY(hs_exported_spool_open(x));
    HS_TRY(hs_exported_chunks_of_nodes(x, exported->node_count, x->chunks));
    HS_TRY(hs_exported_team_create(x));
    const struct hs_exported_pass pass = {x->chunks->count, NULL, find_edges, take_edges, exported};
    HS_TRY(hs_exported_run(x, &pass));
    HS_TRY(put_others(exported, true));
    x->integers->first = exported->node_count;
    exported->node_count += hs_exported_integer_nodes(x);
    return put_others(exported, false);
}

static int compare_tables(const void *a, const void *b, void *context) {
    const struct hs_ephemeron *items = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (items[x].table != items[y].table) return items[x].table < items[y].table ? -1 : 1;
    return x < y ? -1 : x > y;
}

static struct hs_error *prepare(struct hs_exported *exported) {
    struct hs_exported_private *x = exported->priv;
    const struct hs_graph *graph = x->analysis->graph;
    HS_TRY(hs_edges_create(x->js, x->analysis->objects, graph, &x->edges));
    x->integers = calloc(1, sizeof *x->integers);
    x->chunks = calloc(1, sizeof *x->chunks);
    if (!x->integers || !x->chunks) return HS_ENOMEM;
    HS_TRY(find_base_objects(x));
    HS_TRY(choose(exported));
    find_trivial(x);
    hs_exported_make_names(x);
    HS_TRY(hs_exported_make_ids(x));
    HS_TRY(hs_exported_make_classes(x));
    hs_exported_name_code(x);
    HS_TRY(hs_users_find(x->analysis->objects, graph, &x->analysis->roots, &x->users, &x->user_count));
    HS_TRY(find_immortals(x));
    hs_exported_find_string_maps(x);
    if (x->options.garbage) HS_TRY(hs_exported_find_heads(x));
    x->tables = malloc(((size_t)graph->ephemeron_count + 1) * sizeof *x->tables);
    if (!x->tables) return HS_ENOMEM;
    for (uint32_t i = 0; i < graph->ephemeron_count; i++) x->tables[i] = i;
    qsort_r(x->tables, graph->ephemeron_count, sizeof *x->tables, compare_tables, graph->ephemerons);
    HS_TRY(put_all(exported));
    if (exported->edge_count >= UINT32_MAX)
        return hs_error_create(HS_ERROR_UNSUPPORTED, "more references than a .heapsnapshot can hold");
    return NULL;
}

struct hs_error *hs_exported_create(const struct hs_analysis *analysis,
                                    const struct hs_exported_options *options, struct hs_exported **ret) {
    struct hs_exported *exported = calloc(1, sizeof *exported);
    if (exported) exported->priv = calloc(1, sizeof *exported->priv);
    if (!exported || !exported->priv) {
        free(exported);
        return HS_ENOMEM;
    }
    struct hs_exported_private *x = exported->priv;
    x->analysis = analysis;
    if (options) x->options = *options;
    x->js = analysis->group->js;
    x->spool = -1;
    hs_strbuf_init(&x->text);
    hs_strbuf_init(&x->other);
    struct hs_error *error = prepare(exported);
    if (error) {
        hs_exported_destroy(exported);
        return error;
    }
    *ret = exported;
    return NULL;
}

void hs_exported_destroy(struct hs_exported *exported) {
    if (!exported) return;
    struct hs_exported_private *x = exported->priv;
    hs_exported_team_destroy(x);
    hs_exported_spool_close(x);
    hs_edges_destroy(x->edges);
    if (x->chunks) hs_exported_chunks_deinit(x->chunks);
    free(x->chunks);
    free(x->chosen);
    free(x->before);
    free(x->trivial);
    free(x->edge_counts);
    free(x->tags);
    hs_base_objects_deinit(&x->base);
    free(x->classes);
    free(x->shapes);
    if (x->integers) {
        free(x->integers->values);
        hs_address_map_deinit(&x->integers->indexes);
    }
    free(x->integers);
    hs_address_map_deinit(&x->met);
    hs_address_map_deinit(&x->names);
    free(x->tables);
    free(x->users);
    free(x->immortals);
    for (int t = 0; t < HS_EXPORTED_STRING_TABLES; t++) free(x->strings[t].items);
    free(x->heads);
    free(x->page_slots);
    free(x->native_ids);
    hs_strbuf_deinit(&x->text);
    hs_strbuf_deinit(&x->other);
    free(x);
    free(exported);
}

struct node_pass {
    hs_exported_node_visit *visit;
    void *context;
};

static void make_nodes(struct hs_exported_private *x, void *context, uint32_t index,
                       struct hs_exported_batch *batch) {
    const struct hs_exported_chunk *chunk = &x->chunks->items[index];
    (void)context;
    const struct hs_analysis *a = x->analysis;
    struct hs_exported_cursor cursor = chunk->start;
    for (uint32_t i = 0; i < chunk->nodes && hs_exported_cursor_next(x, &cursor); i++) {
        struct hs_exported_node *node = hs_exported_batch_node(batch);
        if (!node) return;
        uint32_t class = a->class_of[cursor.id];
        *node = (struct hs_exported_node){
            .type = class < a->group->class_count ? a->group->classes[class].type : HS_NODE_HIDDEN,
            .id = hs_exported_id(x, cursor.id, cursor.address),
            .size = hs_analysis_size(a, cursor.id),
            .edge_count = x->edge_counts[cursor.k]};
        node->name =
            hs_exported_name(x, cursor.id, cursor.address, hs_exported_tag_of(x, cursor.k), &node->kept);
        if (!node->kept) node->name = hs_exported_batch_text(batch, node->name);
    }
    if (!batch->error) batch->error = hs_strbuf_error(&x->text);
}

static struct hs_error *take_nodes(void *context, uint32_t index, struct hs_exported_batch *batch) {
    const struct node_pass *pass = context;
    (void)index;
    return pass->visit(pass->context, batch->nodes, batch->count);
}

struct hs_error *hs_exported_nodes(struct hs_exported *exported, hs_exported_node_visit *visit,
                                   void *context) {
    struct hs_exported_private *x = exported->priv;
    struct hs_exported_walk walk = {.x = x, .counting = true};
    for (uint32_t i = 0; i < x->first; i++) {
        put_synthetic_edges(&walk, i);
        const uint32_t base = x->first - (uint32_t)x->base.count;
        const struct hs_exported_node node = {.synthetic = true,
                                              .kept = true,
                                              .name = i < base ? synthetic_name(i) : x->base_names[i - base],
                                              .id = hs_exported_synthetic_id(x, i),
                                              .size = i < base ? 0 : x->base.items[i - base].size,
                                              .edge_count = walk.count};
        HS_TRY(visit(context, &node, 1));
    }
    struct node_pass to = {visit, context};
    const struct hs_exported_pass pass = {x->chunks->count, NULL, make_nodes, take_nodes, &to};
    HS_TRY(hs_exported_run(x, &pass));
    return hs_exported_put_integers(x, visit, context);
}

struct hs_error *hs_exported_locations(struct hs_exported *exported,
                                       struct hs_error *(*visit)(void *, const struct hs_exported_location *),
                                       void *context) {
    const struct hs_exported_private *x = exported->priv;
    const struct hs_analysis *a = x->analysis;
    for (hs_id id = 0; id < a->graph->count; id++) {
        uint32_t class = a->class_of[id];
        if (class >= a->group->class_count || !x->classes[class].located || !hs_exported_get(x->chosen, id))
            continue;
        const struct hs_class *c = &a->group->classes[class];
        const struct hs_exported_location location = {hs_exported_number(x, id), x->classes[class].script,
                                                      (uint32_t)c->line, (uint32_t)c->column};
        HS_TRY(visit(context, &location));
    }
    return NULL;
}
