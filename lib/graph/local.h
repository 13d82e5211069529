/* The variables of a context, by name.
 *
 * A Context is {map, length, scope_info, previous, [extension], local 0, local 1, …}; its ScopeInfo names the
 * locals, inline or, from 75 on, in a NameToIndexHashTable (scope-info.tq, contexts.h). Whether there is an
 * extension slot follows from the lengths. Names are interned in the hs_js; an element of `names` may be
 * NULL. One thread at a time. */
#ifndef HS_GRAPH_LOCAL_H
#define HS_GRAPH_LOCAL_H

#include "js/js.h"

struct hs_locals {
    const char **names; /* lives as long as the hs_js */
    uint32_t count;
    bool function_variable; /* one more slot behind the locals holds the function itself */
};

/* Locals of the ScopeInfo that `scope_info` points to; none if it is no ScopeInfo or lies about its size. */
void hs_locals_load(struct hs_js *js, hs_tagged scope_info, struct hs_locals *ret);

#endif
