/* The whole analysis of one heap: objects, graph, roots, reachability, dominators, and the class of every
 * node.
 *
 * Built on a finished group scan; fills the reachable and retained numbers of its classes. Node ids are those
 * of the graph: heap objects in address order, then native stores. Everything is owned here; immutable after
 * creation, but for what is made on first use.
 *
 * Memory beyond the mapped core, in bytes an object, of 25 million of 43 bytes each: 63 at the highest, when
 * two threads compute dominators and name paths side by side. Kept: references 13 and where each row begins
 * 4, classes 4, sizes 1, where objects begin 1, bits 1 (25, with caches). Of dominators: numbers 4, nodes 4,
 * dominators 4, retained bytes 8; until they are found (graph/spanning.h) 6 more and 4 for each reference
 * that crosses to a place of no renown. Of paths: 4, who shares 2, and the part of a queue of 4 that is not
 * yet read.
 *
 * An analysis may come from an index (a layer above) instead. Its big arrays then lie in a file that is
 * checked where it is touched: class_of, the words of objects, dominators, paths and references are read with
 * the functions here and in lib/graph, or after hs_analysis_need() has said that all of it will be read. */
#ifndef HS_GROUP_ANALYSIS_H
#define HS_GROUP_ANALYSIS_H

#include "graph/dominator.h"
#include "graph/edge.h"
#include "graph/path.h"
#include "group/group.h"

enum { HS_PAYLOAD_RANGE = 512 };

struct hs_class_standing {
    uint64_t reachable_count, reachable_bytes; /* shallow */
    uint64_t retained_bytes;                   /* of reachable ones, no double counting within the class */
    hs_addr reachable_sample;                  /* of the lowest reachable one, 0 if there is none */
};

struct hs_analysis {
    struct hs_group *group;             /* borrowed */
    const struct hs_heapsnapshot *file; /* group->file: the source is a .heapsnapshot */
    struct hs_objects *objects;
    struct hs_graph *graph;
    struct hs_roots roots;
    hs_id *root_ids; /* roots.count of them, in their order; then the objects of read-only space, which never
                        die */
    size_t root_id_count;
    struct hs_marks marks;
    struct hs_dominators *dominators;
    uint32_t *class_of; /* node -> index of group->classes; UINT32_MAX: none. hs_analysis_class() */
    struct hs_class_standing *standings; /* one a class of the group */
    /* What V8's snapshot weighs otherwise than the heap does (layout.snapshot_read_only_weighs_0): id ranges
     * of weight 0, and payloads of external strings, ascending by id. */
    struct hs_id_range {
        hs_id first, end;
    } * weightless;
    uint32_t weightless_count;
    struct hs_payload {
        hs_id id;
        uint64_t bytes;
    } * payloads;
    uint32_t payload_count;
    uint64_t *payload_bits; /* one bit a HS_PAYLOAD_RANGE of ids: some of them have payloads; NULL: ask all */
    struct hs_paths paths;  /* of hs_analysis_paths(); parent is NULL before */
    struct hs_reverse reverse;    /* of hs_analysis_reverse(); first is NULL before */
    struct hs_holdings *holdings; /* of hs_analysis_holdings(); NULL before */
    struct hs_holdings
        *begun; /* made beside the dominators, until hs_analysis_holdings() ends them; else NULL */
    struct hs_dominated *dominated;  /* who dominates whom, from an index; else NULL */
    struct hs_branch_tree *branches; /* the top of the dominator tree, from an index; else NULL */
};

struct hs_analysis_options {
    unsigned threads;   /* 0 means 1 */
    bool holdings;      /* hs_analysis_holdings() will be called: a second thread begins with them at once */
    bool no_dominators; /* leave hs_analysis.dominators NULL, and what classes retain unknown: who lives is
                           enough */
    /* Stage names for a progress meter; may be NULL. */
    void (*stage)(void *context, const char *name);
    void *context;
};

struct hs_error *hs_analysis_create(struct hs_group *group, const struct hs_analysis_options *options,
                                    struct hs_analysis **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_analysis_destroy(struct hs_analysis *analysis);

/* Shortest paths, and who points to whom: made on first use, kept. */
struct hs_error *hs_analysis_paths(struct hs_analysis *analysis) HS_MUST_CHECK;
struct hs_error *hs_analysis_reverse(struct hs_analysis *analysis) HS_MUST_CHECK;
/* group/holdings.h: the same. */
struct hs_error *hs_analysis_holdings(struct hs_analysis *analysis) HS_MUST_CHECK;

/* What is going to be read as a whole, array by array, with no function in between. Costs nothing where
 * nothing came from an index. */
enum {
    HS_NEED_CLASSES = 1,    /* class_of */
    HS_NEED_WORDS = 2,      /* objects->words */
    HS_NEED_DOMINATORS = 4, /* all of them */
    HS_NEED_GRAPH = 8,      /* graph->first, graph->to: read from the core once more, an index has them not */
    HS_NEED_PATHS = 16,
    HS_NEED_REVERSE = 32,
    HS_NEED_ALL = 63,
    HS_NEED_HOLDINGS =
        64, /* hs_analysis_holdings(), which an index has as a whole: for hs_analysis_options */
    HS_NEED_NO_DOMINATORS = 128 /* not even single ones: for hs_analysis_options */
};
struct hs_error *hs_analysis_need(struct hs_analysis *analysis, unsigned needs,
                                  unsigned threads) HS_MUST_CHECK;
/* True if a part of the index turned out to be bad: what was read of it since is zeroes, whatever was
 * computed is worth nothing and must be computed anew, without it. */
bool hs_analysis_is_damaged(const struct hs_analysis *analysis);

/* Class of a node, UINT32_MAX: none. */
static inline uint32_t hs_analysis_class(const struct hs_analysis *analysis, hs_id id) {
    hs_blocks_touch(analysis->objects->blocks, &analysis->class_of[id], sizeof *analysis->class_of);
    return analysis->class_of[id];
}

/* Shallow bytes of a node as its class counts them: what it occupies in the heap (read-only objects and
 * payloads of external strings as V8's snapshot of this release weighs them), or the bytes of a native store.
 */
uint64_t hs_analysis_size(const struct hs_analysis *analysis, hs_id id);
/* Address of a node (untagged), of a native store its own; of a .heapsnapshot V8's id of it. */
hs_addr hs_analysis_address(const struct hs_analysis *analysis, hs_id id);
/* The node at `address` (also inside an object, and of native stores), HS_ID_NONE if there is none. */
hs_id hs_analysis_find(const struct hs_analysis *analysis, hs_addr address);
/* Kind of an object; HS_KIND_UNKNOWN of native memory. */
enum hs_kind hs_analysis_kind(const struct hs_analysis *analysis, hs_id id);
/* Kind of the objects of a class, by its sample; HS_KIND_UNKNOWN for native ones. */
enum hs_kind hs_analysis_class_kind(const struct hs_analysis *analysis, uint32_t class_index);
/* What V8's heap snapshot calls the group of roots that `root` is of. */
const char *hs_analysis_root_name(const struct hs_analysis *analysis, const struct hs_root *root);
/* Names of references. */
struct hs_error *hs_analysis_edges(const struct hs_analysis *analysis, struct hs_edges **ret) HS_MUST_CHECK;
/* Bytes that would be freed with the node; 0 if it is garbage. */
static inline uint64_t hs_analysis_retained(const struct hs_analysis *analysis, hs_id id) {
    uint32_t number = hs_dominators_number(analysis->dominators, id);
    return number ? hs_dominators_retained(analysis->dominators, number) : 0;
}

#endif
