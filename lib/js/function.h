/* Functions: what a SharedFunctionInfo is called and where its source begins.
 *
 * `name` is SharedFunctionInfo::Name() (what the snapshot calls a closure), `debug_name`
 * SharedFunctionInfo::DebugName() (name, else the inferred one: what counts for constructors);
 * shared-function-info.cc. Cached per SFI in the hs_js. */
#ifndef HS_JS_FUNCTION_H
#define HS_JS_FUNCTION_H

#include "js/js.h"

struct hs_js_function {
    const char *name, *debug_name; /* interned; "" if there is none */
    const char *script;            /* the script's name; NULL if the function is built in */
    int32_t line, column;          /* from 0, as in V8's snapshot; -1 if unknown */
    const char *class_name;        /* FunctionTemplateInfo.class_name of an API function, or NULL */
};

/* The SharedFunctionInfo that `shared` points to; NULL if it is none. */
const struct hs_js_function *hs_js_function_get(struct hs_js *js, hs_tagged shared);
/* The SharedFunctionInfo of a JSFunction; 0 if `function` is none. */
hs_tagged hs_js_function_shared(struct hs_js *js, hs_tagged function);
/* The name that counts for a constructor: DebugName(), or where this release's snapshot prefers it
 * (hs_layout.snapshot_own_names; JSFunction::GetDebugName) the function's own data property `name`. Never
 * NULL. */
const char *hs_js_function_constructor_name(struct hs_js *js, hs_tagged function,
                                            const struct hs_js_function *info);
/* FunctionTemplateInfo.class_name; NULL if `info` is no template or has no name. */
const char *hs_js_template_class_name(struct hs_js *js, hs_tagged info);

#endif
