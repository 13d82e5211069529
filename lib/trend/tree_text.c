/* Places of the trees as text. */
#include "trend/tree.h"

#include "base/script_name.h"
#include "snap/arena.h"
#include <string.h>

enum { STEPS_MAX = 64 };

bool hs_tree_is_member(const struct hs_tree_node *node) {
    return node->edge[0] == '[' || node->edge[0] == '(';
}

static void put_step(const struct hs_tree_node *node, struct hs_strbuf *out) {
    if (node->parent == HS_TREE_NONE) {
        bool group = node->key.high || node->key.low || node->edge[0] == '(' || !strcmp(node->edge, "global");
        if (group) hs_strbuf_puts(out, node->edge);
        else {
            hs_script_name_put(out, node->edge);
            hs_strbuf_putc(out, ':');
        }
    } else if (node->edge[0] == '[') {
        hs_strbuf_puts(out, node->edge);
    } else if (node->edge[0] == '(' || strncmp(node->edge, "variable ", 9) == 0) {
        if (strcmp(node->edge, "(held)")) hs_strbuf_printf(out, " %s", node->edge);
    } else {
        hs_strbuf_printf(out, ".%s", node->edge);
    }
}

/* Indexes from the first level to `node`; the first ones of a path that is too long are left out. */
static size_t climb(const struct hs_tree *tree, size_t node, size_t steps[STEPS_MAX]) {
    size_t count = 0;
    for (; node != HS_TREE_NONE && count < STEPS_MAX; node = tree->nodes[node].parent) steps[count++] = node;
    return count;
}

void hs_tree_put_place(const struct hs_tree *tree, size_t node, struct hs_strbuf *out) {
    size_t steps[STEPS_MAX], count = climb(tree, node, steps);
    while (count-- > 0) put_step(&tree->nodes[steps[count]], out);
}

struct hs_error *hs_tree_steps(const struct hs_trend *trend, size_t node, const char ***ret,
                               size_t *count_ret) {
    const struct hs_tree *tree = trend->tree;
    size_t steps[STEPS_MAX], count = climb(tree, node, steps);
    const char **path = hs_snap_arena_alloc(trend->arena, count * sizeof *path);
    if (!path) return HS_ENOMEM;
    for (size_t k = 0; k < count; k++) {
        const struct hs_tree_node *step = &tree->nodes[steps[count - 1 - k]];
        HS_STRBUF_AUTO text = HS_STRBUF_INIT;
        hs_strbuf_puts(&text, step->edge);
        if (*step->constructor && step->parent != HS_TREE_NONE)
            hs_strbuf_printf(&text, ": %s", step->constructor);
        HS_TRY(hs_strbuf_error(&text));
        if (!(path[k] = hs_snap_arena_string(trend->arena, text.data, text.size))) return HS_ENOMEM;
    }
    *ret = path;
    *count_ret = count;
    return NULL;
}
