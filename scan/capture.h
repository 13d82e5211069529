/* One source, opened and scanned: what the outputs read. A core fills core … analysis, a .heapsnapshot fills
 * `group` and `analysis` alone; classes, standings and class_total are those of either.
 *
 * Owns everything below it; scan_capture_close takes a zeroed or half-opened one. */
#ifndef HS_SCAN_CAPTURE_H
#define HS_SCAN_CAPTURE_H

#include "group/imported.h"
#include "index/index.h"
#include "options.h"

struct scan_capture {
    const char *source;
    struct hs_core *core;
    struct hs_images *images;
    struct hs_v8 *v8;
    struct hs_group *group;
    struct hs_analysis *analysis; /* NULL with --quick */
    struct hs_analysis *loaded;   /* what came from an index, wanted or not; else NULL */
    char *index_path;             /* that it came from */
    struct hs_index_key key;      /* of the core as it was opened, if `keyed` */
    bool keyed;
    const struct hs_class *all;                /* every class of the source */
    const struct hs_class_standing *standings; /* parallel; NULL with --quick */
    uint32_t class_total;
    bool *selected;                /* per class: the filters let it through */
    struct hs_snap_class *classes; /* the selected ones in the terms of a snapshot */
    uint32_t *class_index;         /* of each, in `all` */
    size_t class_count;
    bool complete;
    char **reasons; /* why not, and what is uncertain: sentences */
    size_t reason_count;
};

/* Opens the core and resolves its V8. */
struct hs_error *scan_capture_open(const char *source, const struct scan_options *options,
                                   struct scan_capture *ret) HS_MUST_CHECK;
/* Finds all objects and their classes; needs an opened capture. */
struct hs_error *scan_capture_scan(const struct scan_options *options,
                                   struct scan_capture *capture) HS_MUST_CHECK;
void scan_capture_close(struct scan_capture *capture);

#endif
