/* retained FILE: what each node retains, for tests/cores/retained.py. Of a .heapsnapshot a line for every
 * node in its order, "DOMINATOR BYTES", the dominator by its number (the node's own for the root); of a core
 * a line for every reachable object by address, "BYTES". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "group/imported.h"

static struct hs_error *print_file(const char *path) {
    struct hs_heapsnapshot *file;
    struct hs_group *group;
    struct hs_analysis *analysis;
    HS_TRY(hs_heapsnapshot_open(path, &file));
    HS_TRY(hs_imported_group(file, &group));
    HS_TRY(hs_imported_analyse(group, &analysis));
    const struct hs_dominators *d = analysis->dominators;
    for (uint32_t node = 0; node < group->file->node_count; node++) {
        uint32_t number = hs_dominators_number(d, node), above = hs_dominators_idom(d, number);
        printf("%" PRIu32 " %" PRIu64 "\n", above ? d->vertex[above] : node,
               hs_dominators_retained(d, number));
    }
    hs_analysis_destroy(analysis);
    hs_group_destroy(group);
    return NULL;
}

static bool is_characters(const struct hs_analysis *a, hs_id id) {
    uint32_t class = hs_analysis_class(a, id);
    return id >= a->graph->object_count && class < a->group->class_count &&
           strcmp(a->group->classes[class].constructor, "system / ExternalStringData") == 0;
}

static struct hs_error *print_objects(const struct hs_analysis *a) {
    const struct hs_dominators *d = a->dominators;
    uint64_t *characters = calloc((size_t)d->count + 1, sizeof *characters);
    if (!characters) return HS_ENOMEM;
    for (uint32_t n = d->count; n > 0; n--) { /* a dominator's number is lower */
        if (is_characters(a, d->vertex[n])) characters[n] += hs_analysis_size(a, d->vertex[n]);
        characters[hs_dominators_idom(d, n)] += characters[n];
    }
    for (hs_id id = 0; id < a->objects->count; id++) {
        uint32_t number = hs_dominators_number(d, id);
        if (number)
            printf("%" PRIu64 " %" PRIu64 "\n", hs_dominators_retained(d, number), characters[number]);
    }
    free(characters);
    return NULL;
}

static struct hs_error *print_core(const char *path) {
    struct hs_core *core;
    struct hs_images *images;
    struct hs_v8 *v8;
    struct hs_group *group;
    struct hs_analysis *analysis;
    HS_TRY(hs_core_open(path, &core));
    HS_TRY(hs_images_load(core, NULL, &images));
    HS_TRY(hs_v8_open(core, images, NULL, &v8));
    HS_TRY(hs_group_scan(v8, NULL, &group));
    HS_TRY(hs_analysis_create(group, NULL, &analysis));
    HS_TRY(print_objects(analysis));
    hs_analysis_destroy(analysis);
    hs_group_destroy(group);
    hs_v8_close(v8);
    hs_images_destroy(images);
    hs_core_close(core);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 2) return 64;
    struct hs_error *error = hs_heapsnapshot_probe(argv[1]) ? print_file(argv[1]) : print_core(argv[1]);
    if (!error) return 0;
    fprintf(stderr, "retained: %s\n", error->message);
    hs_error_destroy(error);
    return 2;
}
