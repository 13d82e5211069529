/* The verbs: questions about single objects of one core. `heapscan path CORE ADDR…` and its siblings.
 *
 * Each has a parser of its own (common options by scan_verb_parse) and prints a table or NDJSON. A verb opens
 * its core, scans and analyses it like the main command; what it looks up on top of that (names of edges,
 * shortest paths) it makes on demand. Exit codes are those of the program. */
#ifndef HS_SCAN_VERBS_H
#define HS_SCAN_VERBS_H

#include "address.h"
#include "graph/cpp_holder.h"
#include "graph/edge.h"
#include "graph/path.h"
#include "out/heapsnapshot_writer.h"

/* Runs argv[1] if it is a verb and sets *status_ret; false if it is none. A file of that name is `./path`. */
bool scan_verb_run(int argc, char **argv, int *status_ret);
const char *scan_verb_name(size_t i); /* in the order of the help; NULL behind the last one */
/* A line each for heapscan --help: how it is called, and what it says. */
void scan_verb_list(struct hs_strbuf *out);

struct scan_verb_options {
    struct scan_options scan; /* of the opening; format, output, color */
    const char *core;
    hs_addr *addresses;
    size_t address_count;
    size_t max;                       /* --max: paths an object */
    size_t depth, width;              /* --depth, --width: of a tree */
    size_t top;                       /* --top: rows */
    bool values;                      /* --values: print keys of tables */
    bool folded;                      /* --folded */
    bool garbage, redact, no_numbers; /* of export */
};

struct scan_session {
    const struct scan_verb_options *options;
    struct scan_capture capture;
    const struct hs_analysis *analysis; /* of the capture */
    struct hs_edges *edges;
    struct hs_paths paths;
    struct hs_reverse reverse;
    struct hs_cpp_holders holders; /* of handles: looked for when the first one is printed */
    bool holders_known;
    FILE *out;
    FILE *real; /* where `out` goes in the end, if it is memory: an answer from an index is held back until it
                   is known */
    char *text; /* to have been whole. The memory */
    size_t text_size;
    struct hs_terminal terminal;
    bool ndjson;
    bool writes_a_file; /* the verb opens options->scan.output itself; `out` is standard output */
};

/* Made on first use. */
struct hs_error *scan_session_paths(struct scan_session *session) HS_MUST_CHECK;
struct hs_error *scan_session_reverse(struct scan_session *session) HS_MUST_CHECK;
/* The node at `address` (also inside an object): an error that names the address if there is none. */
struct hs_error *scan_session_find(struct scan_session *session, hs_addr address, hs_id *ret) HS_MUST_CHECK;

/* A node in words, without its address: "Session (session.js:12)", "step() (app.js:9)". Escaped for a
 * terminal. */
void scan_node_put(const struct scan_session *session, hs_id id, struct hs_strbuf *out);
/* Fields address, class, constructor, type, location, bytes, retained_bytes of a node in a JSON line. */
void scan_node_put_json(const struct scan_session *session, hs_id id, struct hs_strbuf *line);
bool scan_node_is_root(const struct scan_session *session, hs_id id);
/* Whether the name of an edge of node `id` is data: a key of a table. `name`: of the step to it, or NULL. */
bool scan_edge_is_data(const struct scan_session *session, hs_id id, const char *name,
                       const struct hs_edge *edge);

/* verb_path.c: one path in steps, folded for people. */
struct scan_step {
    hs_id id;
    struct hs_edge edge; /* from the step before; of the first one unused */
    const char *text;    /* instead of the edge: ".__proto__"; NULL: the edge */
    hs_id context;       /* innermost context that the step went through, HS_ID_NONE */
};
/* Steps of the shortest path to `id`, the root first. *ret is malloc'ed. */
struct hs_error *scan_steps_create(struct scan_session *session, const hs_id *ids, size_t count,
                                   struct scan_step **ret, size_t *count_ret) HS_MUST_CHECK;
void scan_step_put(struct scan_session *session, const struct scan_step *before, const struct scan_step *step,
                   struct hs_strbuf *out);
/* "(Global handles) of Node / TCP", "(Stack roots) of thread 123", "global". */
void scan_root_put(struct scan_session *session, hs_id root, struct hs_strbuf *out);

struct hs_error *scan_verb_path(struct scan_session *session) HS_MUST_CHECK;
struct hs_error *scan_verb_retainers(struct scan_session *session) HS_MUST_CHECK;
struct hs_error *scan_verb_dominators(struct scan_session *session) HS_MUST_CHECK;
struct hs_error *scan_verb_suspects(struct scan_session *session) HS_MUST_CHECK;
/* verb_export.c: of a node type of lib/js/node.h, synthetic for any other number. */
enum hs_heapsnapshot_node_type scan_export_type(uint8_t type);
struct hs_error *scan_export_file(struct scan_session *session) HS_MUST_CHECK;
struct hs_error *scan_verb_export(struct scan_session *session) HS_MUST_CHECK;

#endif
