#include "trend/nature.h"

#include <stdlib.h>
#include <string.h>

/* Constructors of the language and of Node that say nothing about the program. Sorted by strcmp. */
static const char *const BUILTINS[] = {
    "AggregateError",
    "Arguments",
    "Array",
    "Array Iterator",
    "ArrayBuffer",
    "AsyncFunction",
    "AsyncGenerator",
    "AsyncGeneratorFunction",
    "Atomics",
    "BigInt",
    "BigInt64Array",
    "BigUint64Array",
    "Boolean",
    "Buffer",
    "DataView",
    "Date",
    "Error",
    "EvalError",
    "FastBuffer",
    "FinalizationRegistry",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "Function",
    "Generator",
    "GeneratorFunction",
    "Int16Array",
    "Int32Array",
    "Int8Array",
    "Intl",
    "Iterator",
    "JSON",
    "Map",
    "Map Iterator",
    "Math",
    "Number",
    "Object",
    "Promise",
    "Proxy",
    "RangeError",
    "ReferenceError",
    "Reflect",
    "RegExp",
    "RegExp String Iterator",
    "Set",
    "Set Iterator",
    "SharedArrayBuffer",
    "String",
    "String Iterator",
    "Symbol",
    "SyntaxError",
    "TypeError",
    "URIError",
    "Uint16Array",
    "Uint32Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "WeakMap",
    "WeakRef",
    "WeakSet",
    "WebAssembly",
    "console",
};

static int compare_names(const void *name, const void *item) {
    return strcmp(name, *(const char *const *)item);
}

static bool is_builtin(const char *name) {
    return bsearch(name, BUILTINS, sizeof BUILTINS / sizeof *BUILTINS, sizeof *BUILTINS, compare_names);
}

static bool is_one_of(const char *type, const char *const *names) {
    for (; *names; names++)
        if (!strcmp(type, *names)) return true;
    return false;
}

/* Not of Node, nor of the language: a path or a URL. Before 16 Node's own are "events.js", later
 * "node:events". The script of a generator is its function's, whatever it was made by. */
static bool is_of_program(const char *constructor, const char *script) {
    if (!script || strstr(constructor, "Generator")) return false;
    return script[0] == '/' || !strncmp(script, "file:", 5);
}

enum hs_trend_nature hs_trend_nature_of(const char *type, const char *constructor, const char *script,
                                        bool has_properties) {
    static const char *const v8[] = {"code", "hidden", "object shape", "synthetic", NULL};
    bool system = !strncmp(constructor, "system / ", 9);
    /* Proxies and contexts are V8's by name only: the program makes them, and closures leak by them. */
    if (!strcmp(constructor, "system / JSProxy")) return HS_NATURE_BUILTIN;
    if (!strncmp(constructor, "system / Context", 16) && !strcmp(type, "object")) return HS_NATURE_CONTENT;
    if (is_one_of(type, v8)) return HS_NATURE_V8;
    if (!strcmp(type, "native"))
        return HS_NATURE_CONTENT; /* "system / JSArrayBufferData" is the program's memory */
    if (system) return HS_NATURE_V8;
    bool fixed = !*constructor || constructor[0] == '(';
    if (!strcmp(type, "closure")) return fixed ? HS_NATURE_BUILTIN : HS_NATURE_NAMED;
    if (!strcmp(type, "regexp")) return HS_NATURE_BUILTIN;
    if (strcmp(type, "object")) return HS_NATURE_CONTENT;
    if (!strcmp(constructor, "Object") && has_properties) return HS_NATURE_NAMED;
    if (fixed) return HS_NATURE_BUILTIN;
    /* A program's class may be called as one of the language's: Iterator, Set. */
    bool builtin = is_builtin(constructor) && !is_of_program(constructor, script);
    return builtin ? HS_NATURE_BUILTIN : HS_NATURE_USER;
}

const char *hs_trend_nature_name(enum hs_trend_nature nature) {
    static const char *const names[] = {"user", "named", "builtin", "content", "v8"};
    return names[nature];
}
