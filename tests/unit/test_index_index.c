#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/index_forge.h"
#include "group/holdings.h"
#include "index/index_private.h"

static struct hs_error *read_index(const struct toy_index *t, struct hs_group **group,
                                   struct hs_analysis **analysis) {
    return hs_index_read(t->path, &t->key, &t->toy->v8, group, analysis);
}

static void open_index(const struct toy_index *t, struct hs_group **group, struct hs_analysis **analysis) {
    struct hs_error *error = read_index(t, group, analysis);
    if (error) fail_msg("%s", error->message);
}

static void close_index(struct hs_group *group, struct hs_analysis *analysis) {
    hs_analysis_destroy(analysis);
    hs_group_destroy(group);
}

static void assert_refused(const struct toy_index *t, const char *words) {
    struct hs_group *group;
    struct hs_analysis *analysis;
    struct hs_error *error = read_index(t, &group, &analysis);
    assert_non_null(error);
    if (!strstr(error->message, words)) fail_msg("\"%s\" says nothing of \"%s\"", error->message, words);
    hs_error_destroy(error);
}

struct listing {
    uint64_t numbers[4096];
    size_t count;
};
static bool note(void *context, hs_addr address, uint32_t class_index) {
    struct listing *listing = context;
    if (listing->count < 4096) listing->numbers[listing->count++] = address * 1000 + class_index;
    return true;
}

static void assert_same_classes(const struct hs_group *a, const struct hs_group *b) {
    assert_int_equal(a->class_count, b->class_count);
    for (uint32_t i = 0; i < a->class_count; i++) {
        const struct hs_class *x = &a->classes[i], *y = &b->classes[i];
        assert_string_equal(x->constructor, y->constructor);
        assert_int_equal(x->script != NULL, y->script != NULL);
        if (x->script) assert_string_equal(x->script, y->script);
        assert_int_equal(x->property_count, y->property_count);
        for (uint32_t k = 0; k < x->property_count; k++)
            assert_string_equal(x->properties[k], y->properties[k]);
        assert_true(x->type == y->type && x->isolate == y->isolate && x->dictionary == y->dictionary &&
                    x->line == y->line && x->column == y->column && x->count == y->count &&
                    x->bytes == y->bytes && x->elements == y->elements && x->sample == y->sample);
    }
    assert_int_equal(a->native_count, b->native_count);
    for (uint32_t i = 0; i < a->native_count; i++)
        assert_string_equal(a->natives[i].name, b->natives[i].name);
    assert_memory_equal(a->accounts, b->accounts, a->v8->pages.space_count * sizeof *a->accounts);
}

static void assert_same_analysis(const struct hs_analysis *a, const struct hs_analysis *b) {
    assert_int_equal(a->graph->count, b->graph->count);
    assert_int_equal(a->objects->count, b->objects->count);
    assert_int_equal(a->marks.count, b->marks.count);
    assert_int_equal(a->roots.count, b->roots.count);
    assert_int_equal(a->root_id_count, b->root_id_count);
    assert_memory_equal(a->root_ids, b->root_ids, a->root_id_count * sizeof *a->root_ids);
    for (hs_id id = 0; id < a->graph->count; id++) {
        uint32_t x, y;
        assert_int_equal(hs_analysis_address(a, id), hs_analysis_address(b, id));
        assert_int_equal(hs_analysis_size(a, id), hs_analysis_size(b, id));
        assert_int_equal(hs_analysis_retained(a, id), hs_analysis_retained(b, id));
        assert_int_equal(hs_analysis_class(a, id), hs_analysis_class(b, id));
        assert_int_equal(hs_marks_get(&a->marks, id), hs_marks_get(&b->marks, id));
        assert_int_equal(hs_paths_parent(&a->paths, id), hs_paths_parent(&b->paths, id));
        if (id < a->graph->object_count)
            assert_int_equal(hs_graph_store_of(a->graph, id), hs_graph_store_of(b->graph, id));
        const hs_id *from = hs_reverse_row(&a->reverse, id, &x), *other = hs_reverse_row(&b->reverse, id, &y);
        assert_int_equal(x, y);
        assert_memory_equal(from, other, x * sizeof *from);
    }
    for (uint32_t i = 0; i < a->group->class_count; i++)
        assert_memory_equal(&a->standings[i], &b->standings[i], sizeof *a->standings);
}

static void assert_same_holdings(const struct hs_holdings *a, const struct hs_holdings *b) {
    HS_STRBUF_AUTO x = HS_STRBUF_INIT;
    HS_STRBUF_AUTO y = HS_STRBUF_INIT;
    assert_true(a->paths.count > 1 && a->root_count);
    assert_int_equal(a->paths.count, b->paths.count);
    for (uint32_t i = 0; i < a->paths.count; i++) {
        const struct hs_named_path *p = &a->paths.items[i], *q = &b->paths.items[i];
        hs_named_path_put(&a->paths, i, &x);
        hs_named_path_put(&b->paths, i, &y);
        assert_true(p->class == q->class && p->count == q->count && p->bytes == q->bytes &&
                    p->fanout == q->fanout && p->below == q->below);
    }
    assert_int_equal(a->paths.edge_count, b->paths.edge_count);
    for (uint32_t i = 0; i < a->paths.edge_count; i++) {
        const struct hs_class_edge *p = &a->paths.edges[i], *q = &b->paths.edges[i];
        hs_step_put((enum hs_step)p->step, p->name, &x);
        hs_step_put((enum hs_step)q->step, q->name, &y);
        assert_true(p->from == q->from && p->to == q->to && p->count == q->count);
    }
    assert_string_equal(x.data, y.data);
    assert_int_equal(a->container_count, b->container_count);
    for (size_t i = 0; i < a->container_count; i++)
        assert_true(a->containers[i].id == b->containers[i].id &&
                    a->containers[i].bytes == b->containers[i].bytes &&
                    a->container_paths[i] == b->container_paths[i]);
    assert_int_equal(a->suspect_count, b->suspect_count);
    for (size_t i = 0; i < a->suspect_count; i++)
        assert_true(a->suspects[i].id == b->suspects[i].id && a->suspects[i].path == b->suspects[i].path &&
                    a->suspects[i].retained_bytes == b->suspects[i].retained_bytes);
    assert_int_equal(a->root_count, b->root_count);
    for (size_t i = 0; i < a->root_count; i++) {
        assert_string_equal(a->roots[i].name, b->roots[i].name);
        assert_true(a->roots[i].count == b->roots[i].count &&
                    a->roots[i].retained_bytes == b->roots[i].retained_bytes);
    }
}

static void answers_are_the_same(void **state) {
    (void)state;
    struct toy_index *t = toy_index_create();
    struct hs_group *group;
    struct hs_analysis *analysis;
    struct listing *a = calloc(1, sizeof *a), *b = calloc(1, sizeof *b);
    struct stat status;
    assert_int_equal(stat(t->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_true(t->analysis->graph->native_count == 1 && t->analysis->marks.count > 200);
    open_index(t, &group, &analysis);
    assert_same_classes(t->group, group);
    assert_same_analysis(t->analysis, analysis);
    assert_same_holdings(t->analysis->holdings, analysis->holdings);
    bool all[4096];
    memset(all, 1, sizeof all);
    assert_null(hs_group_list(t->group, all, note, a));
    assert_null(hs_group_list(group, all, note, b));
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->numbers, b->numbers, sizeof a->numbers);
    assert_int_equal(hs_group_find(group, hs_analysis_address(analysis, 3)),
                     hs_group_find(t->group, hs_analysis_address(analysis, 3)));
    assert_int_equal(hs_group_find(group, 0x1234560), -1);
    assert_null(hs_analysis_need(analysis, HS_NEED_ALL, 2));
    assert_int_equal(analysis->graph->first[analysis->graph->count],
                     t->analysis->graph->first[analysis->graph->count]);
    assert_false(hs_analysis_is_damaged(analysis));
    close_index(group, analysis);
    free(a);
    free(b);
    toy_index_destroy(t);
}

static void others_are_refused(void **state) {
    (void)state;
    struct toy_index *t = toy_index_create();
    t->key.modified++;
    assert_refused(t, "another core");
    t->key.modified--;
    t->key.tool++;
    assert_refused(t, "another build");
    t->key.tool--;
    chmod(t->path, 0620);
    assert_refused(t, "only this user");
    toy_index_put(t, t->bytes, t->size - HS_BLOCK_SIZE);
    assert_refused(t, "cut off");
    toy_index_put(t, t->bytes, t->size - 1);
    assert_refused(t, "cut off");
    toy_index_put(t, t->bytes, 0);
    assert_refused(t, "cut off");
    t->bytes[0] ^= 1;
    toy_index_put(t, t->bytes, t->size);
    assert_refused(t, "no index");
    t->bytes[0] ^= 1;
    t->bytes[200] ^= 1;
    toy_index_put(t, t->bytes, t->size);
    assert_refused(t, "header");
    unlink(t->path);
    assert_refused(t, "No such file");
    toy_index_destroy(t);
}

/* Every block: a bit that fell over is noticed when the index is opened, or when it is read. */
static void damage_is_noticed(void **state) {
    (void)state;
    struct toy_index *t = toy_index_create();
    struct hs_index_header header;
    memcpy(&header, t->bytes, sizeof header);
    unsigned late = 0;
    for (int i = 0; i < HS_SECTION_COUNT; i++) {
        if (!header.sections[i].size) continue;
        size_t at = header.sections[i].offset + header.sections[i].size / 2;
        struct hs_group *group;
        struct hs_analysis *analysis;
        t->bytes[at] ^= 4;
        toy_index_put(t, t->bytes, t->size);
        t->bytes[at] ^= 4;
        struct hs_error *error = read_index(t, &group, &analysis);
        assert_int_equal(error != NULL, i < HS_SECTION_FIRST_LAZY);
        hs_error_destroy(error);
        if (error) continue;
        assert_false(hs_analysis_is_damaged(analysis));
        toy_index_use(group, analysis);
        assert_true(hs_analysis_is_damaged(analysis));
        close_index(group, analysis);
        late++;
    }
    assert_int_equal(late, HS_SECTION_COUNT - HS_SECTION_FIRST_LAZY);
    toy_index_destroy(t);
}

/* A number out of bounds, the sums right. */
static void forgery_is_noticed(void **state) {
    (void)state;
    struct toy_index *t = toy_index_create();
    struct hs_index_header header;
    memcpy(&header, t->bytes, sizeof header);
    static const struct {
        enum hs_index_section section;
        unsigned offset;
    } numbers[] = {
        {HS_SECTION_COUNTS, 0},       {HS_SECTION_COUNTS, 4},      {HS_SECTION_COUNTS, 8},
        {HS_SECTION_COUNTS, 12},      {HS_SECTION_CLASSES, 0},     {HS_SECTION_CLASSES, 8},
        {HS_SECTION_PROPERTIES, 0},   {HS_SECTION_ROOTS, 0},       {HS_SECTION_TOTALS, 0},
        {HS_SECTION_BUFFERS, 12},     {HS_SECTION_OWNERS, 0},      {HS_SECTION_OWNERS, 4},
        {HS_SECTION_PAGES, 0},        {HS_SECTION_STARTS, 8},      {HS_SECTION_MARKS, 0},
        {HS_SECTION_CLASS_OF, 0},     {HS_SECTION_NUMBER, 0},      {HS_SECTION_VERTEX, 4},
        {HS_SECTION_IDOM, 0},         {HS_SECTION_IDOM, 8},        {HS_SECTION_PARENT, 0},
        {HS_SECTION_SOURCE_FIRST, 0}, {HS_SECTION_SOURCES, 0},     {HS_SECTION_BRANCH_TREE, 20},
        {HS_SECTION_BRANCHES, 0},     {HS_SECTION_BRANCHES, 4},    {HS_SECTION_BRANCHES, 12},
        {HS_SECTION_BRANCHES, 20},    {HS_SECTION_CHILD_FIRST, 0}, {HS_SECTION_CHILDREN, 0},
    };
    uint8_t *bytes = malloc(t->size);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const uint32_t huge = 0x7ffffff1;
        memcpy(bytes, t->bytes, t->size);
        memcpy(bytes + header.sections[numbers[i].section].offset + numbers[i].offset, &huge, sizeof huge);
        toy_index_sign(bytes, t->size);
        toy_index_put(t, bytes, t->size);
        struct hs_group *group;
        struct hs_analysis *analysis;
        struct hs_error *error = read_index(t, &group, &analysis);
        hs_error_destroy(error);
        if (error) continue;
        toy_index_use(group, analysis);
        if (!hs_analysis_is_damaged(analysis))
            fail_msg("section %d, byte %u: not noticed", (int)numbers[i].section, numbers[i].offset);
        close_index(group, analysis);
    }
    /* Sections that lie beyond the file, or in each other. */
    for (int i = 0; i < HS_SECTION_COUNT; i++) {
        struct hs_index_header forged = header;
        forged.sections[i].size += (uint64_t)1 << 40;
        memcpy(bytes, t->bytes, t->size);
        memcpy(bytes, &forged, sizeof forged);
        toy_index_sign(bytes, t->size);
        toy_index_put(t, bytes, t->size);
        assert_refused(t, "damaged header");
    }
    free(bytes);
    toy_index_destroy(t);
}

static unsigned files_in(const char *folder) {
    unsigned count = 0;
    DIR *stream = opendir(folder);
    assert_non_null(stream);
    for (struct dirent *entry; (entry = readdir(stream));) count += entry->d_name[0] != '.';
    closedir(stream);
    return count;
}

static void a_full_disk_leaves_nothing(void **state) {
    (void)state;
    struct toy_index *t = toy_index_create();
    struct rlimit limit, small;
    char path[128];
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, SIG_IGN);
    small = limit;
    small.rlim_cur = 3 * HS_BLOCK_SIZE + 100;
    snprintf(path, sizeof path, "%s/other.hsindex", t->folder);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct hs_error *error = hs_index_write(path, &t->key, "/nowhere/core", t->analysis, 2);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_non_null(error);
    hs_error_destroy(error);
    assert_int_equal(files_in(t->folder), 1);
    snprintf(path, sizeof path, "%s/no/such/place.hsindex", t->folder);
    error = hs_index_write(path, &t->key, "/nowhere/core", t->analysis, 1);
    assert_non_null(error);
    hs_error_destroy(error);
    toy_index_destroy(t);
}

static void the_same_bytes_each_time(void **state) {
    (void)state;
    struct toy_index *t = toy_index_create();
    char *core = NULL;
    assert_null(hs_index_write(t->path, &t->key, "/nowhere/core", t->analysis, 1));
    FILE *stream = fopen(t->path, "rb");
    uint8_t *bytes = malloc(t->size);
    assert_true(stream && bytes && fread(bytes, 1, t->size, stream) == t->size);
    assert_memory_equal(bytes, t->bytes, t->size);
    fclose(stream);
    free(bytes);
    assert_null(hs_index_core_path(t->path, &core));
    assert_string_equal(core, "/nowhere/core");
    free(core);
    toy_index_destroy(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_the_same),       cmocka_unit_test(others_are_refused),
        cmocka_unit_test(damage_is_noticed),          cmocka_unit_test(forgery_is_noticed),
        cmocka_unit_test(a_full_disk_leaves_nothing), cmocka_unit_test(the_same_bytes_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
