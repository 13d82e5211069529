/* The snapshot: what the scan side hands over and all that the diff side knows. This header is the waist.
 *
 * Plain structs, one a line kind of schema `heapscan.snapshot/1`; heapscan-snapshot(5) is the normative text.
 * They are filled by the scan and written with snap/writer.h, or read with snap/reader.h and then owned by a
 * struct hs_snap. Conventions, the same everywhere:
 *   - numbers are int64_t; HS_SNAP_NULL stands for JSON null (not measured), never for zero; sizes are bytes
 *   - strings are NUL-terminated UTF-8, unescaped; NULL stands for JSON null. A NUL inside a name of V8 is
 * written as a space, as V8's own heap snapshot does it (heap-snapshot-generator.cc, DISALLOW_NULLS). The
 * writer replaces invalid UTF-8 by U+FFFD, so a file name or a name from a core may hold any bytes
 *   - addresses are hs_addr without the tag bit; 0 stands for null
 *   - times are milliseconds since 1970 UTC
 * Pointers inside a struct that is being written are borrowed from the caller for the length of the call.
 * No function here keeps state: any thread. */
#ifndef HS_SNAP_SNAP_H
#define HS_SNAP_SNAP_H

#include "base/error.h"

#define HS_SNAP_SCHEMA "heapscan.snapshot/1"
#define HS_SNAP_NULL INT64_MIN

/* Kind `header`: the first line of each snapshot. */
struct hs_snap_header {
    const char *tool;     /* "heapscan 0.1.0" */
    const char *source;   /* file name as given on the command line */
    const char *format;   /* "elf-core", "heapsnapshot", "live" */
    const char *machine;  /* hs_arch.name */
    int64_t bits;         /* 32 or 64 */
    const char *build_id; /* lower-case hex of the image that holds V8; NULL if unknown */
    int64_t pid;
    int64_t captured_at;  /* ms since 1970 UTC */
    const char *node;     /* "22.12.0", without the v */
    const char *v8;       /* "12.4.254.21" */
    int64_t isolates;     /* how many */
    const char **options; /* the options that shape the result, as given: "--quick" */
    size_t options_length;
};

/* Kind `isolate`. */
struct hs_snap_isolate {
    int64_t id;
    const char *role; /* "main", "worker" */
    hs_addr address;
};

/* Kind `space`: bytes each but `pages`; `used` as v8.getHeapSpaceStatistics() counts it. */
struct hs_snap_space {
    int64_t isolate;
    const char *name; /* V8's: "new_space", "old_space", … */
    int64_t pages, committed, used, objects, fillers, free, rejected;
};

/* 128 bits, printed as 32 hex digits, high half first: what `xxh128sum` prints for the same bytes. */
struct hs_snap_key {
    uint64_t high, low;
};

/* Where the constructor's source begins. Line and column count from 1, as in a stack trace. script NULL:
 * location null. */
struct hs_snap_location {
    const char *script;
    int64_t line, column;
};

/* Kind `class`. Several lines may have one key: one an isolate, and one a location where constructors of the
 * same name and signature stand in different scripts. */
struct hs_snap_class {
    struct hs_snap_key key; /* hs_snap_class_key() */
    int64_t isolate;
    const char *type; /* node type of V8's heap snapshot: "object", "closure", "array", … */
    const char
        *constructor; /* name of V8's heap snapshot; "(string)" and the like where that would be a content */
    struct hs_snap_location location;
    const char **properties; /* sorted by hs_snap_properties_sort(); none where dictionary */
    size_t properties_length;
    int64_t property_count; /* own named properties; of a dictionary null (sizes are in `elements`) */
    bool dictionary;        /* the members are a table: their keys are data and not written */
    int64_t count, bytes;   /* all found; shallow */
    int64_t reachable_count, reachable_bytes, retained_bytes; /* HS_SNAP_NULL with --quick */
    int64_t elements;                                         /* total length of arrays, strings, tables */
    hs_addr sample; /* of one object, reachable where there is one */
};

/* Kind `native`: memory of the process that is not JS heap. */
struct hs_snap_native {
    const char *name;
    int64_t bytes, count;
};

/* Kind `root`: what one category of roots holds directly. */
struct hs_snap_root {
    int64_t isolate;
    const char *category;   /* as V8's heap snapshot names it: "(Global handles)" */
    int64_t count, bytes;   /* objects, each once in its category; shallow */
    int64_t retained_bytes; /* of those that nothing else holds; each object in its first category only */
};

/* Kind `container`: one of the largest single holders. */
struct hs_snap_container {
    const char *path; /* of the named-path tree, from its root: "global.sessions" */
    struct hs_snap_key class;
    const char *constructor; /* of that class */
    hs_addr address;
    int64_t entries, capacity; /* in use, and room; HS_SNAP_NULL where there is no such thing */
    int64_t bytes;             /* shallow, its tables and arrays included */
    int64_t retained_bytes;
    const char *keys; /* "integer-sequence", "integer", "timestamp", "string", "symbol", "object", "mixed";
                         NULL: none */
};

/* Kind `path`: a node of the named-path tree. Parents stand before their children. */
struct hs_snap_path {
    int64_t id, parent;       /* parent: HS_SNAP_NULL for one of the first level */
    const char *edge;         /* "sessions", "[x]", "[key]", "variable cache" */
    struct hs_snap_key class; /* of the objects that it leads to; all zero where they have none (groups of
                                 roots) */
    const char *constructor;
    int64_t count, bytes; /* objects first met here, and their shallow bytes with their tables and arrays */
    int64_t fanout;       /* references that leave them */
    hs_addr sample;       /* one of them; 0 */
};

/* Kind `shared`: objects of a path that other places refer to as well: the set of these. */
struct hs_snap_shared {
    int64_t path; /* id of a `path` line; HS_SNAP_NULL: the sum of all, which every snapshot with paths has */
    const char **from;  /* places, as container.path writes them, */
    const char **edges; /* and the steps from there: "[key]", one each */
    size_t from_length, edges_length;
    int64_t count, bytes; /* shallow */
};

/* Kind `dominator`: by class, what objects of one class dominate immediately. All lines add up to what is
 * reachable. */
struct hs_snap_dominator {
    struct hs_snap_key by, class; /* all zero: the roots, no class; both: what is left out */
    int64_t count, bytes;         /* of the dominated objects; shallow */
};

/* Kind `edge`: class points-from. */
struct hs_snap_edge {
    struct hs_snap_key from;
    const char *name; /* folded: "[x]", "[key]" */
    struct hs_snap_key to;
    int64_t count;
};

/* Kind `reject`: words that were no object, by reason. */
struct hs_snap_reject {
    const char *reason;
    int64_t count, bytes;
};

/* Kind `trailer`. Line count and digest are the writer's business. */
struct hs_snap_trailer {
    bool complete;
    const char **reasons; /* why not: sentences */
    size_t reasons_length;
    int64_t lines;             /* set by the reader: lines before the trailer */
    struct hs_snap_key digest; /* set by the reader */
};

/* Sorts names by their bytes (strcmp) and drops duplicates; returns how many are left. This is the canonical
 * signature. */
size_t hs_snap_properties_sort(const char **properties, size_t length);

/* The class key: XXH3-128 (seed 0) of the concatenation of netstrings (decimal length, ':', bytes, ',')
 *     "heapscan.class/1", type, constructor, "table" or "plain", each property in canonical order
 * Location is left out on purpose: paths and lines differ between hosts and builds, keys must not (design.md
 * §6). Reads type, constructor, dictionary and properties (sorted) only; properties are not read where
 * dictionary is set. */
struct hs_snap_key hs_snap_class_key(const struct hs_snap_class *class);

static inline bool hs_snap_key_equal(struct hs_snap_key a, struct hs_snap_key b) {
    return a.high == b.high && a.low == b.low;
}

/* 32 hex digits and a NUL. */
void hs_snap_key_print(struct hs_snap_key key, char ret[33]);
/* Reads 32 lower-case hex digits; false if `text` is anything else. */
bool hs_snap_key_parse(const char *text, struct hs_snap_key *ret);

#endif
