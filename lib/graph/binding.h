/* What a variable is called that an ES module imports.
 *
 * A SourceTextModule keeps arrays of cells, one a variable: those it exports, those it imports, and an array
 * of the modules that it asks for. Names stand in tables only: a module's first field maps what it exports to
 * cells (source-text-module.tq, module.tq). So an imported cell is looked up in the modules asked for, and
 * the name is the one it was exported by. Bounded: a module that asks for too many has no names. */
#ifndef HS_GRAPH_BINDING_H
#define HS_GRAPH_BINDING_H

#include "js/js.h"

/* True if the word points to an array of cells. */
bool hs_binding_is_array(struct hs_js *js, hs_tagged array);
/* The value of a cell; false if `cell` is none. */
bool hs_binding_value(struct hs_js *js, hs_tagged cell, hs_tagged *ret);
/* Interned; NULL: unknown. `module`: untagged address. */
const char *hs_binding_name(struct hs_js *js, hs_addr module, uint32_t module_words, hs_tagged cell);

#endif
