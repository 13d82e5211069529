/* A small heap exported: counts that add up, ids that are unique and stay, edges in the order of their nodes,
 * dead objects left out or hung below their own root, contents replaced where they must not be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/mini_heap.h"
#include "export/exported.h"

enum { NODES_MAX = 512, EDGES_MAX = 4096, NAME_MAX_BYTES = 64 };

struct copy {
    struct {
        bool synthetic;
        uint8_t type;
        char name[NAME_MAX_BYTES];
        uint32_t id, first, edge_count;
        uint64_t size;
    } nodes[NODES_MAX];
    struct {
        uint8_t type;
        char name[NAME_MAX_BYTES];
        uint32_t index, to;
    } edges[EDGES_MAX];
    char names[EDGES_MAX][NAME_MAX_BYTES]; /* as the sink has numbered them */
    uint32_t node_count, edge_count, name_count;
};

struct opened {
    struct mini_heap heap;
    struct mini_v8 v8;
    struct hs_group *group;
    struct hs_analysis *analysis;
    hs_addr object, array, secret, dead, dead_string;
};

/* A stack word holds an object; its one field an array; the array a string. Another object is dead and holds
 * a string. */
static void open_heap(struct opened *o) {
    mini_heap_init(&o->heap);
    o->secret = mini_heap_string(&o->heap, MINI_OLD, "secret");
    o->array = mini_heap_array(&o->heap, MINI_OLD, 2);
    mini_heap_put(&o->heap, o->array + 16, o->secret + 1);
    o->object = mini_heap_object(&o->heap, MINI_OLD + 1);
    mini_heap_put(&o->heap, o->object + 24, o->array + 1);
    o->dead_string = mini_heap_string(&o->heap, MINI_OLD, "dead");
    o->dead = mini_heap_object(&o->heap, MINI_OLD + 1);
    mini_heap_put(&o->heap, o->dead + 24, o->dead_string + 1);
    mini_heap_put(&o->heap, MINI_STACK + 0x900, o->object + 1);
    struct hs_error *error = mini_heap_open(&o->heap, &o->v8);
    if (!error) error = hs_group_scan(o->v8.v8, NULL, &o->group);
    if (!error) error = hs_analysis_create(o->group, NULL, &o->analysis);
    if (error) fail_msg("%s", error->message);
}

static void close_heap(struct opened *o) {
    hs_analysis_destroy(o->analysis);
    hs_group_destroy(o->group);
    mini_v8_close(&o->v8);
    mini_heap_deinit(&o->heap);
}

static struct hs_error *take_nodes(void *context, const struct hs_exported_node *nodes, size_t count) {
    struct copy *copy = context;
    for (size_t i = 0; i < count; i++) {
        const struct hs_exported_node *node = &nodes[i];
        assert_true(copy->node_count < NODES_MAX);
        uint32_t n = copy->node_count++;
        copy->nodes[n].synthetic = node->synthetic;
        copy->nodes[n].type = node->type;
        snprintf(copy->nodes[n].name, NAME_MAX_BYTES, "%s", node->name);
        copy->nodes[n].id = node->id;
        copy->nodes[n].size = node->size;
        copy->nodes[n].edge_count = node->edge_count;
        copy->nodes[n].first = n ? copy->nodes[n - 1].first + copy->nodes[n - 1].edge_count : 0;
    }
    return NULL;
}

static struct hs_error *take_name(void *context, const char *name, bool kept, uint32_t *ret) {
    struct copy *copy = context;
    (void)kept;
    assert_true(copy->name_count < EDGES_MAX);
    snprintf(copy->names[copy->name_count], NAME_MAX_BYTES, "%s", name);
    *ret = copy->name_count++;
    return NULL;
}

static struct hs_error *take_number(void *context, uint32_t number, uint32_t *ret) {
    char text[16];
    snprintf(text, sizeof text, "%u", number);
    return take_name(context, text, false, ret);
}

static void format_edges(void *context, const struct hs_exported_edge *edges, size_t count,
                         struct hs_strbuf *text) {
    (void)context;
    hs_strbuf_append(text, edges, count * sizeof *edges);
}

static struct hs_error *take_edges(void *context, const struct hs_strbuf *text, size_t count) {
    struct copy *copy = context;
    const struct hs_exported_edge *edges = (const struct hs_exported_edge *)text->data;
    assert_int_equal(text->size, count * sizeof *edges);
    for (size_t i = 0; i < count; i++) {
        const struct hs_exported_edge *edge = &edges[i];
        assert_true(copy->edge_count < EDGES_MAX);
        uint32_t e = copy->edge_count++;
        bool numbered = edge->type == HS_EDGE_ELEMENT || edge->type == HS_EDGE_HIDDEN;
        if (!numbered) assert_true(edge->name < copy->name_count);
        copy->edges[e].type = edge->type;
        if (!numbered) memcpy(copy->edges[e].name, copy->names[edge->name], NAME_MAX_BYTES);
        copy->edges[e].index = numbered ? edge->name : 0;
        copy->edges[e].to = edge->to;
    }
    return NULL;
}

static struct hs_error *take_location(void *context, const struct hs_exported_location *location) {
    struct copy *copy = context;
    assert_true(location->node < copy->node_count);
    return NULL;
}

static struct copy *export(const struct opened *o, struct hs_exported_options options) {
    struct copy *copy = calloc(1, sizeof *copy);
    struct hs_exported *exported;
    struct hs_error *error = hs_exported_create(o->analysis, &options, &exported);
    if (error) fail_msg("%s", error->message);
    const struct hs_exported_sink sink = {take_name, take_number, format_edges, take_edges, copy};
    assert_null(hs_exported_nodes(exported, take_nodes, copy));
    assert_null(hs_exported_edges(exported, &sink));
    assert_null(hs_exported_locations(exported, take_location, copy));
    assert_int_equal(copy->node_count, exported->node_count);
    assert_int_equal(copy->edge_count, exported->edge_count);
    hs_exported_destroy(exported);
    for (uint32_t i = 0; i < copy->node_count; i++) {
        assert_int_equal(copy->nodes[i].id & 1, 1);
        for (uint32_t k = 0; k < i; k++) assert_int_not_equal(copy->nodes[i].id, copy->nodes[k].id);
    }
    for (uint32_t e = 0; e < copy->edge_count; e++) assert_true(copy->edges[e].to < copy->node_count);
    const uint32_t last = copy->node_count - 1;
    assert_int_equal(copy->nodes[last].first + copy->nodes[last].edge_count, copy->edge_count);
    assert_string_equal(copy->nodes[0].name, "");
    assert_string_equal(copy->nodes[1].name, "(GC roots)");
    return copy;
}

static uint32_t find(const struct copy *copy, const char *name) {
    uint32_t found = UINT32_MAX;
    for (uint32_t i = 0; i < copy->node_count; i++)
        if (strcmp(copy->nodes[i].name, name) == 0) {
            assert_int_equal(found, UINT32_MAX);
            found = i;
        }
    return found;
}

/* Who holds it, besides the table of internalized strings. */
static uint32_t holder(const struct copy *copy, uint32_t node) {
    const uint32_t table = find(copy, "(Internalized strings)");
    for (uint32_t i = 0; i < copy->node_count; i++)
        if (i != table)
            for (uint32_t e = copy->nodes[i].first; e < copy->nodes[i].first + copy->nodes[i].edge_count; e++)
                if (copy->edges[e].to == node && copy->edges[e].type != 6) return i;
    return UINT32_MAX;
}

static void test_reachable(void **state) {
    (void)state;
    struct opened o = {0};
    open_heap(&o);
    struct copy *copy = export(&o, (struct hs_exported_options){0});
    assert_int_equal(find(copy, "dead"), UINT32_MAX);
    assert_int_equal(find(copy, "(Unreachable)"), UINT32_MAX);
    uint32_t secret = find(copy, "secret");
    assert_int_not_equal(secret, UINT32_MAX);
    assert_int_equal(copy->nodes[secret].type, HS_NODE_STRING);
    uint32_t array = holder(copy, secret);
    assert_int_equal(copy->nodes[array].type, HS_NODE_ARRAY);
    uint32_t object = holder(copy, array);
    assert_int_equal(copy->nodes[object].type, HS_NODE_OBJECT);
    assert_string_equal(copy->nodes[holder(copy, object)].name, "(Stack roots)");
    /* As in V8's file, the string table is a root; the dead string is not in it. */
    uint32_t table = find(copy, "(Internalized strings)"), held = 0;
    for (uint32_t e = 0; e < copy->nodes[table].edge_count; e++)
        held += copy->edges[copy->nodes[table].first + e].to == secret;
    assert_int_equal(held, 1);
    free(copy);
    close_heap(&o);
}

static void test_garbage(void **state) {
    (void)state;
    struct opened o = {0};
    open_heap(&o);
    struct copy *live = export(&o, (struct hs_exported_options){0}),
                *all = export(&o, (struct hs_exported_options){.garbage = true});
    uint32_t root = find(all, "(Unreachable)"), dead = find(all, "dead");
    assert_true(all->nodes[root].synthetic);
    assert_int_not_equal(dead, UINT32_MAX);
    /* The string hangs on its dead owner, the owner on the root. */
    assert_int_equal(holder(all, holder(all, dead)), root);
    /* A live object has the same id in both. */
    assert_int_equal(all->nodes[find(all, "secret")].id, live->nodes[find(live, "secret")].id);
    assert_true(all->node_count > live->node_count + 2);
    free(live);
    free(all);
    close_heap(&o);
}

static void test_redacted(void **state) {
    (void)state;
    struct opened o = {0};
    open_heap(&o);
    struct copy *copy =
        export(&o, (struct hs_exported_options){.garbage = true, .redact = true, .numbers = true});
    assert_int_equal(find(copy, "secret"), UINT32_MAX);
    assert_int_not_equal(find(copy, "<string of 6>"), UINT32_MAX);
    for (uint32_t i = 0; i < copy->node_count; i++)
        if (!copy->nodes[i].synthetic && copy->nodes[i].type == HS_NODE_STRING)
            assert_memory_equal(copy->nodes[i].name, "<string of ", 11);
    free(copy);
    close_heap(&o);
}

static void test_same_again(void **state) {
    (void)state;
    struct opened o = {0};
    open_heap(&o);
    struct hs_exported_options options = {.garbage = true, .numbers = true};
    struct copy *first = export(&o, options);
    for (options.threads = 1; options.threads < 40; options.threads *= 3) {
        struct copy *again = export(&o, options);
        assert_memory_equal(first, again, sizeof *first);
        free(again);
    }
    free(first);
    close_heap(&o);
}

static struct hs_error *refuse(void *context, const struct hs_exported_node *nodes, size_t count) {
    (void)context;
    bool synthetic = count && nodes[0].synthetic;
    return synthetic ? NULL : hs_error_create(HS_ERROR_IO, "full");
}

static void test_error_ends(void **state) {
    (void)state;
    struct opened o = {0};
    open_heap(&o);
    struct hs_exported *exported;
    assert_null(hs_exported_create(o.analysis, NULL, &exported));
    struct hs_error *error = hs_exported_nodes(exported, refuse, NULL);
    assert_non_null(error);
    assert_string_equal(error->message, "full");
    hs_error_destroy(error);
    hs_exported_destroy(exported);
    hs_exported_destroy(NULL);
    close_heap(&o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reachable),  cmocka_unit_test(test_garbage),    cmocka_unit_test(test_redacted),
        cmocka_unit_test(test_same_again), cmocka_unit_test(test_error_ends),
    };
    return cmocka_run_group_tests_name("group_exported", tests, NULL, NULL);
}
