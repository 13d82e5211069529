/* What keeps objects alive from outside the heap, by category.
 *
 * Categories are named as V8's heap snapshot names its root groups (profiler/heap-snapshot-generator.cc,
 * visitors.h ROOT_ID_LIST). Found precisely where the layout tells: the root table, the global handles' nodes
 * (only strong ones), handle scopes, eternal handles, the isolate's own slots. Registers and those frames of
 * stacks that may hold references by themselves (stack_root.c) are read conservatively: a word that is a
 * tagged pointer to an object's start, or points into code. Weak things are
 * no roots: string table, weak handles. malloc'ed memory is never scanned blindly: stale worklists of
 * collectors there resurrect thousands of dead objects. */
#ifndef HS_GRAPH_ROOT_H
#define HS_GRAPH_ROOT_H

#include "graph/objects.h"

enum hs_root_category {
    HS_ROOT_STRONG_LIST, /* "(Strong root list)": the root table */
    HS_ROOT_READ_ONLY,   /* "(Read-only roots)": those of the table in read-only space */
    HS_ROOT_ISOLATE,     /* "(Strong roots)": slots of the isolate itself: context, pending exception, … */
    HS_ROOT_BUILTINS,    /* "(Builtins)": code objects in the isolate's tables */
    HS_ROOT_COMPILATION_CACHE, /* "(Compilation cache)" and other tables that belong to the isolate */
    HS_ROOT_STARTUP_CACHE,     /* "(Startup object cache)" */
    HS_ROOT_SHAREABLE_CACHE,   /* "(Shareable object cache)": of strings only */
    HS_ROOT_HANDLE_SCOPE,      /* "(Handle scope)" */
    HS_ROOT_GLOBAL_HANDLES,    /* "(Global handles)" */
    HS_ROOT_TRACED,            /* "(Traced handles)": those whose owner is not known (graph/traced.h) */
    HS_ROOT_ETERNAL,           /* "(Eternal handles)" */
    HS_ROOT_MICROTASKS,        /* "(Micro tasks)" */
    HS_ROOT_STACK,             /* "(Stack roots)" */
    HS_ROOT_CATEGORIES
};
const char *hs_root_category_name(enum hs_root_category category);

struct hs_root {
    hs_id id;
    uint32_t index;   /* of the strong list: index in the root table; of stacks: index of the thread */
    uint8_t category; /* enum hs_root_category */
    uint16_t isolate;
    hs_addr slot; /* where the word stands in the target, 0 for a register */
};

struct hs_roots {
    struct hs_root *items; /* by category, then in order of their slots; duplicates are possible */
    size_t count;
    uint32_t weak_handles; /* global handles that are weak: no roots */
    char **notes;          /* sentences: what could not be found */
    size_t note_count;
};

struct hs_error *hs_roots_collect(const struct hs_objects *objects, struct hs_roots *ret) HS_MUST_CHECK;
void hs_roots_deinit(struct hs_roots *roots);

#endif
