/* The trees of named paths of all captures, laid over each other.
 *
 * A node is told by its steps from the root and the class it leads to, so trees of different captures, and
 * of different processes, meet without an identity of objects. Every object that is reachable stands in one
 * node only (its first path), a storage in that of its owner: what grows below different nodes adds up to
 * what grows. Parents stand before their children. A node that a capture does not have counts 0 there.
 *
 * Filled by hs_tree_add() while captures come in; hs_tree_settle() puts the series in the order of the
 * captures, and drops the tree where a capture has none. Strings belong to the trend's arena. One thread at
 * a time. */
#ifndef HS_TREND_TREE_H
#define HS_TREND_TREE_H

#include "base/strbuf.h"
#include "trend/trend.h"

#define HS_TREE_NONE SIZE_MAX

struct hs_tree_point {
    int64_t count, bytes;
    hs_addr sample;
};

struct hs_tree_node {
    size_t parent;      /* a lower index; HS_TREE_NONE: first level */
    size_t child, next; /* first child and next sibling, by index; HS_TREE_NONE */
    const char *edge;   /* "sessions", "[x]", "variable cache" */
    const char *constructor;
    struct hs_snap_key key; /* of its class; 0 for groups of roots and modules */
    bool machinery;         /* stands in a branch of V8's own */
    int64_t *counts;        /* one a capture: objects */
    int64_t *bytes;         /* their shallow bytes with their storages */
    int64_t *below;         /* those of the whole branch */
    hs_addr sample;         /* one of the last capture that has any; 0: not told */
    size_t sample_capture;
    struct hs_tree_point *points; /* while captures come in, in the order given */
    size_t point_count;
};

struct hs_tree {
    struct hs_tree_node *nodes;
    size_t count, capacity;
    size_t *slots; /* open addressing: index + 1 */
    size_t slot_count;
    size_t captures; /* that brought paths */
    int64_t *series; /* of all nodes */
};

/* Adds the `path` lines of capture `at` (place in the order given). */
struct hs_error *hs_tree_add(struct hs_trend *trend, const struct hs_snap *snap, size_t at) HS_MUST_CHECK;
/* Once, when the captures are in order. */
struct hs_error *hs_tree_settle(struct hs_trend *trend) HS_MUST_CHECK;
/* Takes NULL. */
void hs_tree_destroy(struct hs_tree *tree);

/* The place of a node, unescaped: "global.sessions", "app.js: variable cache[key]". */
void hs_tree_put_place(const struct hs_tree *tree, size_t node, struct hs_strbuf *out);
/* The steps from the root: "app.js", "variable cache: Map", "[key]: Session"; strings of the arena. */
struct hs_error *hs_tree_steps(const struct hs_trend *trend, size_t node, const char ***ret,
                               size_t *count_ret) HS_MUST_CHECK;
/* Whether all of an object's children of this kind are alike: "[x]", "[key]", "(first)"; not a name. */
bool hs_tree_is_member(const struct hs_tree_node *node);

#endif
