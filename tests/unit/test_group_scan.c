#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../support/toy_heap.h"
#include "group/group.h"

static struct hs_group *scan(struct toy_heap *toy, unsigned threads) {
    struct hs_group *group;
    struct hs_group_options options = {.threads = threads};
    struct hs_error *error = hs_group_scan(&toy->v8, &options, &group);
    if (error) fail_msg("%s", error->message);
    return group;
}

/* The one class with this type, constructor and properties ("a,b"; "*" for a table), or NULL. */
static const struct hs_class *find(const struct hs_group *group, enum hs_node_type type,
                                   const char *constructor, const char *properties) {
    const struct hs_class *found = NULL;
    for (uint32_t i = 0; i < group->class_count; i++) {
        const struct hs_class *class = &group->classes[i];
        char names[1000] = "";
        for (uint32_t k = 0; k < class->property_count; k++)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", k ? "," : "",
                     class->properties[k]);
        if (class->type != type || strcmp(class->constructor, constructor)) continue;
        if (strcmp(class->dictionary ? "*" : names, properties)) continue;
        assert_null(found);
        found = class;
    }
    return found;
}

static void assert_class(const struct hs_group *group, enum hs_node_type type, const char *constructor,
                         const char *properties, uint64_t count, uint64_t bytes, uint64_t elements) {
    const struct hs_class *class = find(group, type, constructor, properties);
    if (!class) fail_msg("no class %s {%s}", constructor, properties);
    assert_int_equal(class->count, count);
    assert_int_equal(class->bytes, bytes);
    assert_int_equal(class->elements, elements);
}

static hs_tagged class_function(struct toy_heap *toy, const char *name) {
    return toy_function(toy, toy_shared(toy, toy_string(toy, name), 0));
}

static void classes_and_weights(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged session = class_function(toy, "Session");
    const struct toy_property ab[] = {{.key = toy_string(toy, "b")}, {.key = toy_string(toy, "a")}};
    /* two maps of one signature: one class */
    hs_tagged first = toy_shape(toy, TOY_OBJECT, session, 0, ab, 2),
              second = toy_shape(toy, TOY_OBJECT, session, 0, ab, 2);
    hs_tagged low = 0;
    for (int i = 0; i < 10; i++) {
        hs_tagged object = toy_put(toy, i % 2 ? first : second, 5);
        if (!low) low = object;
    }
    hs_tagged array_map = toy_shape(toy, TOY_ARRAY, class_function(toy, "Array"), 0, NULL, 0);
    hs_tagged array = toy_put(toy, array_map, 4);
    *toy_word(toy, array, 3) = toy_smi(12);
    hs_tagged number = toy_put(toy, toy_map_of(toy, TOY_HEAP_NUMBER), 2);
    double big = 3000000000.0;
    memcpy(toy_word(toy, number, 1), &big, sizeof big);
    array = toy_put(toy, array_map, 4);
    *toy_word(toy, array, 3) = number;
    toy_array(toy, TOY_FIXED_ARRAY, 7, NULL);
    toy_array(toy, TOY_BYTE_ARRAY, 13, NULL);
    toy_put(toy, toy_map_of(toy, TOY_OTHER), 4);
    toy_put(toy, toy_map_of(toy, TOY_FILLER), 1);
    toy_symbol(toy, "#x", 0x11);
    toy_heap_open(toy);
    struct hs_group *group = scan(toy, 1);
    assert_class(group, HS_NODE_OBJECT, "Session", "a,b", 10, 400, 0);
    assert_int_equal(find(group, HS_NODE_OBJECT, "Session", "a,b")->sample, hs_untag(low));
    assert_class(group, HS_NODE_OBJECT, "Array", "", 2, 64, 3000000012);
    assert_class(group, HS_NODE_ARRAY, "(array)", "", 1, 72, 7);
    assert_class(group, HS_NODE_ARRAY, "(byte array)", "", 1, 32, 13);
    assert_class(group, HS_NODE_HIDDEN, "system / PromiseReaction", "", 1, 32, 0);
    assert_class(group, HS_NODE_HIDDEN, "private symbol", "", 1, 24, 0);
    assert_class(group, HS_NODE_CLOSURE, "Session", "", 1, 64, 0);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < group->class_count; i++) bytes += group->classes[i].bytes;
    assert_int_equal(bytes, group->accounts[0].objects + group->accounts[1].objects);
    assert_int_equal(group->accounts[1].fillers, 8);
    hs_group_destroy(group);

    toy->v8.layout.snapshot_read_only_weighs_0 = true;
    group = scan(toy, 1);
    assert_class(group, HS_NODE_HIDDEN, "system / Oddball", "", 2, 0, 0);
    hs_group_destroy(group);
    toy_heap_destroy(toy);
}

static void shapes_and_tables(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged plain = class_function(toy, "Object"), session = class_function(toy, "Session");
    hs_tagged slow = toy_slow_shape(toy, plain, 0), other = toy_slow_shape(toy, session, 0);
    hs_tagged x = toy_string(toy, "x"), y = toy_string(toy, "y"), z = toy_string(toy, "z9");
    /* three objects share the names, in any order: a shape */
    toy_slow_object(toy, slow, (hs_tagged[]){x, y, z}, 3);
    toy_slow_object(toy, slow, (hs_tagged[]){z, y, x}, 3);
    toy_slow_object(toy, slow, (hs_tagged[]){y, x, z}, 3);
    /* two only: tables, and so are those whose keys are data, however many */
    for (int i = 0; i < 2; i++) toy_slow_object(toy, slow, (hs_tagged[]){x, y}, 2);
    hs_tagged mail = toy_string(toy, "someone@example.org"), id = toy_string(toy, "a83f01c99d");
    for (int i = 0; i < 5; i++) toy_slow_object(toy, slow, (hs_tagged[]){mail, x}, 2);
    for (int i = 0; i < 5; i++) toy_slow_object(toy, slow, (hs_tagged[]){id}, 1);
    /* one that has lost a property, of a class whose other objects are fast */
    const struct toy_property fast[] = {{.key = x}, {.key = y}};
    toy_put(toy, toy_shape(toy, TOY_OBJECT, session, 0, fast, 2), 5);
    toy_slow_object(toy, other, (hs_tagged[]){x, y}, 2);
    /* a prototype keeps its names */
    hs_tagged proto = toy_slow_shape(toy, 0, 0);
    *toy_word(toy, proto, 2) |= 1 << 20;
    toy_slow_object(toy, proto, (hs_tagged[]){toy_string(toy, "method"), x}, 2);
    toy_heap_open(toy);
    struct hs_group *group = scan(toy, 1);
    assert_class(group, HS_NODE_OBJECT, "Object", "x,y,z9", 3, 72, 0);
    assert_class(group, HS_NODE_OBJECT, "Object", "*", 12, 288, 2 * 2 + 5 * 2 + 5);
    assert_null(find(group, HS_NODE_OBJECT, "Object", "x,y"));
    assert_class(group, HS_NODE_OBJECT, "Session", "x,y", 2, 40 + 24, 0);
    assert_class(group, HS_NODE_OBJECT, "Object", "method,x", 1, 24, 0);
    for (uint32_t i = 0; i < group->class_count; i++)
        for (uint32_t k = 0; k < group->classes[i].property_count; k++)
            assert_null(strpbrk(group->classes[i].properties[k], "@8"));
    hs_group_destroy(group);
    toy_heap_destroy(toy);
}

static void stores_count_once(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged map = toy_shape(toy, TOY_ARRAY_BUFFER, class_function(toy, "ArrayBuffer"), 0, NULL, 0);
    const struct {
        uint64_t length, store;
    } buffers[] = {{100, 0x7000}, {100, 0x7000}, {50, 0x8000}, {1000, 0}};
    for (int i = 0; i < 4; i++) {
        hs_tagged buffer = toy_put(toy, map, 8);
        *toy_word(toy, buffer, 3) = buffers[i].length;
        *toy_word(toy, buffer, 4) = buffers[i].store;
    }
    hs_tagged external = toy_put(toy, toy_map_of(toy, TOY_EXTERNAL), 4);
    *toy_word(toy, external, 1) = UINT64_C(70) << 32;
    *toy_word(toy, external, 3) = TOY_OUTSIDE + 256;
    toy_heap_open(toy);
    struct hs_group *group = scan(toy, 1);
    assert_class(group, HS_NODE_NATIVE, "system / JSArrayBufferData", "", 2, 150, 0);
    assert_class(group, HS_NODE_OBJECT, "ArrayBuffer", "", 4, 256, 0);
    assert_class(group, HS_NODE_NATIVE, "system / ExternalStringData", "", 1, 70, 0);
    assert_int_equal(group->natives[0].bytes, 150);
    assert_int_equal(group->natives[0].count, 2);
    assert_int_equal(group->natives[1].bytes, 70);
    hs_group_destroy(group);
    /* newer snapshots put the payload into the string */
    toy->v8.layout.snapshot_read_only_weighs_0 = true;
    group = scan(toy, 1);
    assert_null(find(group, HS_NODE_NATIVE, "system / ExternalStringData", ""));
    assert_int_equal(group->natives[1].bytes, 70);
    hs_group_destroy(group);
    toy_heap_destroy(toy);
}

static void owners_name_their_arrays(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged inner = toy_array(toy, TOY_FIXED_ARRAY, 1, NULL);
    hs_tagged pool = toy_array(toy, TOY_FIXED_ARRAY, 2, (hs_tagged[]){inner, toy_smi(1)});
    hs_tagged positions = toy_array(toy, TOY_BYTE_ARRAY, 8, NULL);
    toy_array(toy, TOY_FIXED_ARRAY, 5, NULL); /* nobody's */
    hs_tagged bytecode = toy_put(toy, toy_map_of(toy, TOY_BYTECODE), 6);
    *toy_word(toy, bytecode, 2) = pool;
    *toy_word(toy, bytecode, 3) = positions;
    hs_tagged literal = class_function(toy, "Object");
    const struct toy_property k[] = {{.key = toy_string(toy, "k")}};
    hs_tagged map = toy_shape(toy, TOY_OBJECT, literal, 0, k, 1), boilerplate = toy_put(toy, map, 4);
    for (int i = 0; i < 4; i++) toy_put(toy, map, 4);
    hs_tagged site = toy_put(toy, toy_map_of(toy, TOY_ALLOCATION_SITE), 6);
    *toy_word(toy, site, 1) = boilerplate;
    toy_heap_open(toy);
    struct hs_group *group = scan(toy, 1);
    assert_class(group, HS_NODE_CODE, "(constant pool)", "", 2, 24 + 32, 3);
    assert_class(group, HS_NODE_CODE, "(source position table)", "", 1, 24, 8);
    assert_class(group, HS_NODE_ARRAY, "(array)", "", 1, 56, 5);
    assert_class(group, HS_NODE_OBJECT, "Object", "k", 4, 128, 0);
    assert_class(group, HS_NODE_OBJECT, "Object", "(literal boilerplate)", 1, 32, 0);
    assert_int_not_equal(find(group, HS_NODE_OBJECT, "Object", "k")->sample, hs_untag(boilerplate));
    assert_int_equal(hs_group_find(group, hs_untag(pool)),
                     find(group, HS_NODE_CODE, "(constant pool)", "") - group->classes);
    hs_group_destroy(group);
    toy_heap_destroy(toy);
}

struct seen {
    struct hs_group *group;
    uint64_t *counts;
    hs_addr last;
    uint64_t visits, stop_at;
};

static bool see(void *context, hs_addr address, uint32_t class_index) {
    struct seen *seen = context;
    seen->counts[class_index]++;
    if (seen->group->classes[class_index].type != HS_NODE_NATIVE) {
        assert_true(address > seen->last);
        seen->last = address;
        assert_int_equal(hs_group_find(seen->group, address), class_index);
    }
    return ++seen->visits != seen->stop_at;
}

/* A heap with something of everything. */
static struct toy_heap *mixed(void) {
    struct toy_heap *toy = toy_heap_create();
    hs_tagged script = toy_script(toy, "app.js", "function a() {}\nfunction b() {}");
    hs_tagged a = toy_shared(toy, toy_scope(toy, toy_string(toy, "a"), 10), script);
    hs_tagged b = toy_shared(toy, toy_scope(toy, toy_string(toy, "b"), 26), script);
    hs_tagged constructor = toy_function(toy, a), slow = toy_slow_shape(toy, constructor, 0);
    hs_tagged keys[] = {toy_string(toy, "k0"), toy_string(toy, "k1"), toy_string(toy, "k2")};
    const struct toy_property fast[] = {{.key = keys[0]}};
    hs_tagged map = toy_shape(toy, TOY_OBJECT, constructor, 0, fast, 1);
    hs_tagged buffers = toy_shape(toy, TOY_ARRAY_BUFFER, 0, 0, NULL, 0);
    for (unsigned i = 0; i < 300; i++) {
        toy_function(toy, i % 3 ? a : b);
        toy_slow_object(toy, slow, keys, 1 + i % 3);
        toy_put(toy, map, 4);
        toy_cons(toy, keys[0], keys[1]);
        hs_tagged buffer = toy_put(toy, buffers, 8);
        *toy_word(toy, buffer, 3) = i;
        *toy_word(toy, buffer, 4) = 0x7000 + i % 7;
    }
    toy_heap_open(toy);
    return toy;
}

static void lists_what_it_counts(void **state) {
    (void)state;
    struct toy_heap *toy = mixed();
    struct hs_group *group = scan(toy, 1);
    bool *all = malloc(group->class_count * sizeof *all);
    memset(all, true, group->class_count);
    struct seen seen = {.group = group, .counts = calloc(group->class_count, sizeof *seen.counts)};
    assert_null(hs_group_list(group, all, see, &seen));
    for (uint32_t i = 0; i < group->class_count; i++)
        assert_int_equal(seen.counts[i], group->classes[i].count);
    seen.visits = seen.last = 0;
    seen.stop_at = 10;
    assert_null(hs_group_list(group, all, see, &seen));
    assert_int_equal(seen.visits, 10);
    assert_int_equal(hs_group_find(group, 0xdead0000), -1);
    free(all);
    free(seen.counts);
    hs_group_destroy(group);
    toy_heap_destroy(toy);
}

static void threads_make_no_difference(void **state) {
    (void)state;
    struct toy_heap *toy = mixed();
    struct hs_group *one = scan(toy, 1);
    for (unsigned threads = 2; threads < 5; threads++) {
        struct hs_group *many = scan(toy, threads);
        assert_int_equal(many->class_count, one->class_count);
        for (uint32_t i = 0; i < one->class_count; i++) {
            const struct hs_class *x = &one->classes[i], *y = &many->classes[i];
            assert_string_equal(x->constructor, y->constructor);
            assert_int_equal(x->type, y->type);
            assert_int_equal(x->property_count, y->property_count);
            assert_int_equal(x->count, y->count);
            assert_int_equal(x->bytes, y->bytes);
            assert_int_equal(x->elements, y->elements);
            assert_int_equal(x->sample, y->sample);
            assert_int_equal(x->line, y->line);
        }
        hs_group_destroy(many);
    }
    hs_group_destroy(one);
    toy_heap_destroy(toy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_and_weights),  cmocka_unit_test(shapes_and_tables),
        cmocka_unit_test(stores_count_once),    cmocka_unit_test(owners_name_their_arrays),
        cmocka_unit_test(lists_what_it_counts), cmocka_unit_test(threads_make_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
