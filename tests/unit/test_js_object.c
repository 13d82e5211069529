/* Names of functions, properties and constructors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../support/toy_heap.h"
#include "js/constructor.h"
#include "js/function.h"
#include "js/node.h"
#include "js/property.h"

static struct hs_js *open_js(struct toy_heap *toy) {
    struct hs_js *js;
    toy_heap_open(toy);
    assert_null(hs_js_create(&toy->v8, &js));
    return js;
}

static void close_js(struct toy_heap *toy, struct hs_js *js) {
    assert_null(hs_js_error(js));
    hs_js_destroy(js);
    toy_heap_destroy(toy);
}

static void functions(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged script = toy_script(toy, "app.js", "one\ntwo\r\nthree\rfour five");
    hs_tagged plain = toy_shared(toy, toy_string(toy, "plain"), 0);
    hs_tagged scoped = toy_shared(toy, toy_scope(toy, toy_string(toy, "scoped"), 20), script);
    hs_tagged anonymous = toy_shared(toy, toy_scope(toy, 0, 5), script);
    hs_tagged nothing = toy_shared(toy, toy_smi(0), script);
    hs_tagged eval = toy_shared(toy, toy_scope(toy, toy_string(toy, "made"), 1), toy_script(toy, NULL, "x"));
    struct hs_js *js = open_js(toy);
    const struct hs_js_function *f = hs_js_function_get(js, plain);
    assert_string_equal(f->name, "plain");
    assert_null(f->script);
    assert_int_equal(f->line, -1);
    f = hs_js_function_get(js, scoped);
    assert_string_equal(f->name, "scoped");
    assert_string_equal(f->script, "app.js");
    assert_int_equal(f->line, 3);
    assert_int_equal(f->column, 5);
    assert_ptr_equal(f, hs_js_function_get(js, scoped));
    f = hs_js_function_get(js, anonymous);
    assert_string_equal(f->name, "");
    assert_int_equal(f->line, 1);
    assert_int_equal(f->column, 1);
    assert_string_equal(hs_js_function_get(js, nothing)->debug_name, "");
    assert_string_equal(hs_js_function_get(js, eval)->script, "<anonymous>");
    assert_null(hs_js_function_get(js, script));
    assert_null(hs_js_function_get(js, toy_smi(1)));
    close_js(toy, js);
}

static void property_names(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged pair = toy_put(toy, toy_map_of(toy, TOY_ACCESSOR_PAIR), 3),
              info = toy_put(toy, toy_map_of(toy, TOY_ACCESSOR_INFO), 3);
    const struct toy_property properties[] = {
        {.key = toy_string(toy, "zeta")},
        {.key = toy_string(toy, "alpha")},
        {.key = toy_symbol(toy, "tag", 0)},
        {.key = toy_symbol(toy, NULL, 0)},
        {.key = toy_symbol(toy, "#secret", 0x11)},
        {.key = toy_symbol(toy, "internal", 0x1)},
        {.key = toy_string(toy, "getter"), .constant = pair, .accessor = true},
        {.key = toy_string(toy, "length"), .constant = info, .accessor = true},
        {.key = toy_string(toy, "")},
        {.key = toy_string(toy, "alpha")},
        {.key = toy_smi(7)},
        {.key = toy->undefined},
    };
    hs_tagged map_word = toy_shape(toy, TOY_OBJECT, 0, 0, properties, 12);
    hs_tagged object = toy_put(toy, map_word, 13);
    struct hs_js *js = open_js(toy);
    struct hs_map map;
    assert_true(hs_js_map(js, object, &map));
    struct hs_js_signature signature;
    hs_js_signature_load(js, hs_untag(object), &map, &signature);
    const char *want[] = {"#secret", "<symbol internal>", "<symbol tag>", "<symbol>", "alpha", "getter",
                          "zeta"};
    assert_int_equal(signature.count, 7);
    for (int i = 0; i < 7; i++) assert_string_equal(signature.names[i], want[i]);
    hs_js_signature_deinit(&signature);
    assert_int_equal(hs_js_node_type(&toy->v8, &map, false), HS_NODE_OBJECT);
    close_js(toy, js);
}

static void only_own_descriptors(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    const struct toy_property properties[] = {{.key = toy_string(toy, "mine")},
                                              {.key = toy_string(toy, "my child's")}};
    hs_tagged map_word = toy_shape(toy, TOY_OBJECT, 0, 0, properties, 2);
    *toy_word(toy, map_word, 2) = 1 << 10; /* the array is shared with a map further down */
    hs_tagged liar = toy_shape(toy, TOY_OBJECT, 0, 0, properties, 1);
    *toy_word(toy, liar, 2) = 1000 << 10; /* more than the array holds */
    hs_tagged a = toy_put(toy, map_word, 5), b = toy_put(toy, liar, 4);
    struct hs_js *js = open_js(toy);
    struct hs_map map;
    struct hs_js_signature signature;
    for (int i = 0; i < 2; i++) {
        assert_true(hs_js_map(js, i ? b : a, &map));
        hs_js_signature_load(js, hs_untag(i ? b : a), &map, &signature);
        assert_int_equal(signature.count, 1);
        assert_string_equal(signature.names[0], "mine");
        hs_js_signature_deinit(&signature);
    }
    close_js(toy, js);
}

static hs_tagged class_function(struct toy_heap *toy, const char *name) {
    return toy_function(toy, toy_shared(toy, toy_string(toy, name), 0));
}

static const char *constructor_of(struct hs_js *js, hs_tagged object) {
    struct hs_map map;
    struct hs_js_constructor constructor;
    assert_true(hs_js_map(js, object, &map));
    hs_js_constructor_get(js, hs_untag(object), &map, &constructor);
    return constructor.name;
}

static void constructors(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    hs_tagged session = class_function(toy, "Session"), plain = class_function(toy, "Object");
    hs_tagged made = toy_put(toy, toy_shape(toy, TOY_OBJECT, session, 0, NULL, 0), 3);
    /* behind two back pointers */
    hs_tagged map = toy_shape(toy, TOY_OBJECT, session, 0, NULL, 0);
    for (int i = 0; i < 2; i++) {
        hs_tagged next = toy_shape(toy, TOY_OBJECT, session, 0, NULL, 0);
        *toy_word(toy, next, 4) = map;
        map = next;
    }
    hs_tagged grown = toy_put(toy, map, 3);
    /* `constructor` of the prototype counts, the object's own does not */
    const struct toy_property own[] = {{.key = toy->constructor_string, .constant = session}};
    hs_tagged prototype = toy_put(toy, toy_shape(toy, TOY_OBJECT, plain, 0, own, 1), 3);
    hs_tagged heir = toy_put(toy, toy_shape(toy, TOY_OBJECT, plain, prototype, NULL, 0), 3);
    /* Symbol.toStringTag, as a field and on the chain */
    const struct toy_property tag[] = {{.key = toy->to_string_tag}};
    hs_tagged tagged = toy_put(toy, toy_shape(toy, TOY_OBJECT, plain, prototype, tag, 1), 4);
    *toy_word(toy, tagged, 3) = toy_string(toy, "Tagged");
    hs_tagged below = toy_put(toy, toy_shape(toy, TOY_OBJECT, 0, tagged, NULL, 0), 3);
    hs_tagged named = toy_put(toy, toy_shape(toy, TOY_OBJECT, session, tagged, NULL, 0), 3);
    /* class names of kinds */
    hs_tagged array = toy_put(toy, toy_shape(toy, TOY_ARRAY, 0, 0, NULL, 0), 4);
    hs_tagged number = toy_put(toy, toy_shape(toy, TOY_WRAPPER, plain, 0, NULL, 0), 4);
    *toy_word(toy, number, 3) = toy_smi(5);
    hs_tagged proxy = toy_put(toy, toy_shape(toy, TOY_PROXY, session, 0, NULL, 0), 4);
    /* chains that never end */
    hs_tagged around = toy_shape(toy, TOY_OBJECT, session, 0, NULL, 0), snake = toy_put(toy, around, 3);
    *toy_word(toy, around, 4) = around;
    *toy_word(toy, around, 3) = snake;
    struct hs_js *js = open_js(toy);
    assert_string_equal(constructor_of(js, made), "Session");
    assert_string_equal(constructor_of(js, grown), "Session");
    assert_string_equal(constructor_of(js, prototype), "Object");
    assert_string_equal(constructor_of(js, heir), "Session");
    assert_string_equal(constructor_of(js, tagged), "Tagged");
    assert_string_equal(constructor_of(js, below), "Tagged");
    assert_string_equal(constructor_of(js, named), "Session");
    assert_string_equal(constructor_of(js, array), "Array");
    assert_string_equal(constructor_of(js, number), "Number");
    assert_string_equal(constructor_of(js, proxy), "Object");
    assert_string_equal(constructor_of(js, snake), "Object");
    close_js(toy, js);
}

static void newer_names(void **state) {
    (void)state;
    struct toy_heap *toy = toy_heap_create();
    const struct toy_property own[] = {{.key = toy->name_string}};
    hs_tagged map = toy_shape(toy, TOY_FUNCTION, 0, 0, own, 1);
    hs_tagged function = toy_put(toy, map, 9);
    *toy_word(toy, function, 3) = toy_shared(toy, toy_string(toy, "InSource"), 0);
    *toy_word(toy, function, 8) = toy_string(toy, "AtRunTime");
    hs_tagged object = toy_put(toy, toy_shape(toy, TOY_OBJECT, function, 0, NULL, 0), 3);
    toy_heap_open(toy);
    for (int newer = 0; newer < 2; newer++) {
        struct hs_js *js;
        toy->v8.layout.snapshot_own_names = newer;
        assert_null(hs_js_create(&toy->v8, &js));
        assert_string_equal(constructor_of(js, object), newer ? "AtRunTime" : "InSource");
        hs_js_destroy(js);
    }
    toy_heap_destroy(toy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions),
        cmocka_unit_test(property_names),
        cmocka_unit_test(only_own_descriptors),
        cmocka_unit_test(constructors),
        cmocka_unit_test(newer_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
