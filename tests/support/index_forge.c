#include "index_forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "index/index_private.h"

static void check(struct hs_error *error) {
    if (!error) return;
    fprintf(stderr, "%s\n", error->message);
    abort();
}

static void fill(struct toy_heap *toy) {
    hs_tagged session = toy_function(
        toy, toy_shared(toy, toy_string(toy, "Session"), toy_script(toy, "app.js", "class Session {}")));
    const struct toy_property ab[] = {{.key = toy_string(toy, "b")}, {.key = toy_string(toy, "a")}};
    hs_tagged shape = toy_shape(toy, TOY_OBJECT, session, 0, ab, 2), last = toy->undefined;
    for (int i = 0; i < 300; i++) {
        hs_tagged object = toy_put(toy, shape, 5);
        *toy_word(toy, object, 3) = last; /* a list: the first is held by all */
        if (i % 7) last = object;
    }
    hs_tagged buffer = toy_put(toy, toy_map_of(toy, TOY_ARRAY_BUFFER), 8);
    *toy_word(toy, buffer, 3) = 100;
    *toy_word(toy, buffer, 4) = 0x7000;
    hs_tagged held[] = {last, buffer, session};
    *toy_word(toy, toy->undefined, 1) = toy_array(toy, TOY_FIXED_ARRAY, 3, held); /* of a root */
}

static uint8_t *slurp(const char *path, size_t *size_ret) {
    FILE *stream = fopen(path, "rb");
    struct stat status;
    if (!stream || fstat(fileno(stream), &status) != 0) abort();
    uint8_t *bytes = malloc((size_t)status.st_size + 1);
    if (!bytes || fread(bytes, 1, (size_t)status.st_size, stream) != (size_t)status.st_size) abort();
    fclose(stream);
    *size_ret = (size_t)status.st_size;
    return bytes;
}

struct toy_index *toy_index_create(void) {
    struct toy_index *t = calloc(1, sizeof *t);
    if (!t) abort();
    snprintf(t->folder, sizeof t->folder, "/tmp/toy-index-XXXXXX");
    if (!mkdtemp(t->folder)) abort();
    snprintf(t->path, sizeof t->path, "%s/toy.hsindex", t->folder);
    t->toy = toy_heap_create();
    fill(t->toy);
    toy_heap_open(t->toy);
    check(hs_group_scan(&t->toy->v8, NULL, &t->group));
    check(hs_analysis_create(t->group, NULL, &t->analysis));
    check(hs_index_key_make(&t->toy->v8, &t->key));
    check(hs_index_write(t->path, &t->key, "/nowhere/core", t->analysis, 2));
    t->bytes = slurp(t->path, &t->size);
    return t;
}

void toy_index_destroy(struct toy_index *t) {
    unlink(t->path);
    rmdir(t->folder);
    hs_analysis_destroy(t->analysis);
    hs_group_destroy(t->group);
    toy_heap_destroy(t->toy);
    free(t->bytes);
    free(t);
}

void toy_index_put(const struct toy_index *t, const uint8_t *bytes, size_t size) {
    unlink(t->path);
    FILE *stream = fopen(t->path, "wb");
    if (!stream || fwrite(bytes, 1, size, stream) != size || fclose(stream) || chmod(t->path, 0600)) abort();
}

void toy_index_sign(uint8_t *bytes, size_t size) {
    struct hs_index_header header;
    if (size < HS_BLOCK_SIZE) return;
    memcpy(&header, bytes, sizeof header);
    uint64_t count = header.sums / HS_BLOCK_SIZE;
    if (header.sums <= size && header.sums % HS_BLOCK_SIZE == 0 &&
        count * sizeof(uint64_t) <= size - header.sums) {
        for (uint64_t i = 1; i < count; i++) {
            uint64_t sum = XXH3_64bits(bytes + i * HS_BLOCK_SIZE, HS_BLOCK_SIZE);
            memcpy(bytes + header.sums + i * sizeof sum, &sum, sizeof sum);
        }
        header.sums_digest = XXH3_64bits(bytes + header.sums, count * sizeof(uint64_t));
    }
    header.digest = hs_index_header_digest(&header);
    memcpy(bytes, &header, sizeof header);
}

static bool keep(void *context, hs_addr address, uint32_t class_index) {
    uint64_t *sum = context;
    *sum += address + class_index;
    return true;
}

void toy_index_use(struct hs_group *group, struct hs_analysis *a) {
    uint64_t sum = 0;
    bool *all = malloc(group->class_count + 1);
    if (!all) abort();
    memset(all, 1, group->class_count + 1);
    for (uint32_t i = 0; i < group->class_count; i++) {
        const struct hs_class *class = &group->classes[i];
        sum += strlen(class->constructor) + (class->script ? strlen(class->script) : 0) + class->count;
        for (uint32_t k = 0; k < class->property_count; k++) sum += strlen(class->properties[k]);
    }
    for (uint32_t i = 0; i < group->native_count; i++) sum += strlen(group->natives[i].name);
    for (size_t i = 0; i < a->roots.note_count; i++) sum += strlen(a->roots.notes[i]);
    for (size_t i = 0; i < a->root_id_count; i++) sum += hs_marks_get(&a->marks, a->root_ids[i]);
    for (hs_id id = 0; id < a->graph->count; id++) {
        uint32_t count, class = hs_analysis_class(a, id);
        hs_addr address = hs_analysis_address(a, id);
        sum += hs_analysis_size(a, id) + hs_analysis_retained(a, id) + hs_marks_get(&a->marks, id) +
               hs_graph_is_key(a->graph, id);
        if (class < group->class_count) sum += group->classes[class].count;
        sum += (uint64_t)hs_group_find(group, address) + hs_objects_find_inside(a->objects, address + 3);
        const hs_id *from = hs_reverse_row(&a->reverse, id, &count);
        for (uint32_t i = 0; i < count; i++) sum += hs_marks_get(&a->marks, from[i]);
        if (id % 64 == 0) sum += hs_paths_depth(&a->paths, id);
        hs_id up = hs_paths_parent(&a->paths, id),
              store = id < a->graph->object_count ? hs_graph_store_of(a->graph, id) : HS_ID_NONE;
        if (up != HS_ID_NONE) sum += hs_marks_get(&a->marks, up);
        if (store != HS_ID_NONE) sum += a->graph->natives[store - a->graph->object_count].bytes;
        if (hs_graph_is_key(a->graph, id))
            sum += a->graph->ephemerons[hs_graph_ephemeron_find(a->graph, id)].value;
    }
    for (uint32_t n = 0; n <= a->dominators->count; n++) {
        uint32_t count;
        const uint32_t *row = hs_dominated_row(a->dominated, n, &count);
        for (uint32_t i = 0; i < count; i++)
            sum += hs_analysis_class(a, hs_dominators_vertex(a->dominators, row[i]));
    }
    for (uint32_t i = 0; i < a->branches->count; i++)
        sum += hs_marks_get(&a->marks, a->branches->rows[i].member) + a->branches->rows[i].end;
    check(hs_group_list(group, all, keep, &sum));
    check(hs_analysis_need(a, HS_NEED_ALL & ~HS_NEED_GRAPH, 2));
    const struct hs_dominators *d = a->dominators;
    for (uint32_t n = 1; n <= d->count; n++) {
        if (d->idom[n] >= n) abort();
        sum += hs_marks_get(&a->marks, d->vertex[n]);
    }
    free(all);
    volatile uint64_t sink = sum;
    (void)sink;
}
