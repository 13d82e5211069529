/* Writing an index: the sections are the arrays of the analysis as they lie in memory; small ones are made
 * here. */
#define _GNU_SOURCE 1 /* pwrite, asprintf */
#include "group/group_private.h"
#include "index/index_private.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/strbuf.h"

/* What a section is written from: one array, or one a page. */
struct source {
    const void *data;
    const struct hs_object_page *pages; /* instead: their start bits */
    uint32_t page_count;
};

enum { CHUNK = 256 * HS_BLOCK_SIZE, THREADS_MAX = 16, SPARE = 256 << 20 };

struct writing {
    struct hs_analysis *a;
    struct hs_index_header *header;
    struct source sources[HS_SECTION_COUNT];
    void *made[HS_SECTION_COUNT]; /* arrays to be freed */
    struct hs_index_counts counts;
    struct hs_dominated dominated;
    struct hs_strbuf strings;
    struct hs_address_map names; /* address of a name -> its offset */
    uint64_t *sums;
    uint64_t size; /* of the blocks that have sums */
    int fd;
    atomic_uint_fast64_t next; /* chunk */
    atomic_int failure;        /* errno */
};

static void writing_deinit(struct writing *w) {
    for (int i = 0; i < HS_SECTION_COUNT; i++) free(w->made[i]);
    hs_dominated_deinit(&w->dominated);
    hs_strbuf_deinit(&w->strings);
    hs_address_map_deinit(&w->names);
    free(w->header);
    free(w->sums);
}

static void put(struct writing *w, enum hs_index_section section, const void *data, uint64_t count) {
    w->sources[section].data = data;
    w->header->sections[section].size = count * HS_INDEX_ELEMENT[section];
}

/* A zeroed array that is written as a section. */
static void *make(struct writing *w, enum hs_index_section section, uint64_t count) {
    w->made[section] = calloc(count + 1, HS_INDEX_ELEMENT[section]);
    put(w, section, w->made[section], count);
    return w->made[section];
}

/* --- the small sections */

static uint32_t string(struct writing *w, const char *text) {
    if (!text || !*text) return 0;
    uint32_t offset = (uint32_t)w->strings.size;
    hs_strbuf_append(&w->strings, text, strlen(text) + 1);
    return offset;
}

static struct hs_error *make_classes(struct writing *w) {
    const struct hs_group *group = w->a->group;
    uint64_t total = 0, done = 0;
    for (uint32_t i = 0; i < group->class_count; i++) total += group->classes[i].property_count;
    struct hs_index_class *classes = make(w, HS_SECTION_CLASSES, group->class_count);
    uint32_t *properties = make(w, HS_SECTION_PROPERTIES, total);
    if (!classes || !properties) return HS_ENOMEM;
    for (uint32_t i = 0; i < group->class_count; i++) {
        const struct hs_class *c = &group->classes[i];
        classes[i] = (struct hs_index_class){.constructor = string(w, c->constructor),
                                             .script = c->script ? string(w, c->script) : UINT32_MAX,
                                             .property_count = c->property_count,
                                             .line = c->line,
                                             .column = c->column,
                                             .isolate = c->isolate,
                                             .type = c->type,
                                             .dictionary = c->dictionary,
                                             .count = c->count,
                                             .bytes = c->bytes,
                                             .elements = c->elements,
                                             .sample = c->sample};
        for (uint32_t k = 0; k < c->property_count; k++) properties[done++] = string(w, c->properties[k]);
    }
    return NULL;
}

static struct hs_error *make_group(struct writing *w) {
    const struct hs_group *group = w->a->group;
    const struct hs_group_private *priv = group->priv;
    uint32_t isolates = priv->tally.slot_count / 2;
    struct hs_index_total *totals = make(w, HS_SECTION_TOTALS, group->native_count);
    uint32_t *store_classes = make(w, HS_SECTION_STORE_CLASSES, 2 * (uint64_t)isolates);
    if (!totals || !store_classes) return HS_ENOMEM;
    for (uint32_t i = 0; i < group->native_count; i++)
        totals[i] = (struct hs_index_total){string(w, group->natives[i].name), group->natives[i].bytes,
                                            group->natives[i].count};
    if (isolates) memcpy(store_classes, priv->buffer_classes, isolates * sizeof *store_classes);
    if (isolates) memcpy(store_classes + isolates, priv->string_classes, isolates * sizeof *store_classes);
    put(w, HS_SECTION_ACCOUNTS, group->accounts, group->v8->pages.space_count);
    put(w, HS_SECTION_BUFFERS, priv->tally.buffers.items, priv->tally.buffers.count);
    put(w, HS_SECTION_TEXTS, priv->tally.strings.items, priv->tally.strings.count);
    put(w, HS_SECTION_STANDINGS, w->a->standings, group->class_count);
    w->counts.isolates = isolates;
    return make_classes(w);
}

static struct hs_error *make_roots(struct writing *w) {
    const struct hs_roots *roots = &w->a->roots;
    struct hs_root *items = make(w, HS_SECTION_ROOTS, roots->count);
    uint32_t *notes = make(w, HS_SECTION_NOTES, roots->note_count);
    if (!items || !notes) return HS_ENOMEM;
    for (size_t i = 0; i < roots->count; i++) { /* field by field: what pads them stays 0 */
        items[i].id = roots->items[i].id;
        items[i].index = roots->items[i].index;
        items[i].category = roots->items[i].category;
        items[i].isolate = roots->items[i].isolate;
        items[i].slot = roots->items[i].slot;
    }
    for (size_t i = 0; i < roots->note_count; i++) notes[i] = string(w, roots->notes[i]);
    w->counts.weak_handles = roots->weak_handles;
    return NULL;
}

static struct hs_error *make_objects(struct writing *w) {
    const struct hs_objects *objects = w->a->objects;
    const struct hs_graph *graph = w->a->graph;
    uint32_t page_count = objects->v8->pages.count, *pages = make(w, HS_SECTION_PAGES, page_count);
    if (!pages) return HS_ENOMEM;
    for (uint32_t i = 0; i < page_count; i++) {
        const struct hs_object_page *page = &objects->pages[i];
        pages[i] = (i + 1 < page_count ? objects->pages[i + 1].first : objects->count) - page->first;
        if (pages[i]) w->header->sections[HS_SECTION_STARTS].size += page->blocks * sizeof *page->starts;
    }
    w->sources[HS_SECTION_STARTS] = (struct source){.pages = objects->pages, .page_count = page_count};
    uint32_t owners = 0;
    for (hs_id id = 0; graph->native_count && id < graph->object_count; id++)
        owners += hs_graph_store_of(graph, id) != HS_ID_NONE;
    struct hs_graph_owner *owner = make(w, HS_SECTION_OWNERS, owners);
    if (!owner) return HS_ENOMEM;
    for (hs_id id = 0; owners && id < graph->object_count; id++) {
        hs_id store = hs_graph_store_of(graph, id);
        if (store != HS_ID_NONE) *owner++ = (struct hs_graph_owner){id, store};
    }
    return NULL;
}

/* Names come often: each is written once. They are interned, so its address tells. */
static uint32_t name_of(void *context, const char *text) {
    struct writing *w = context;
    if (!text) return UINT32_MAX;
    uint64_t *known = hs_address_map_put(&w->names, (uint64_t)(uintptr_t)text, UINT64_MAX, NULL);
    if (!known) return string(w, text);
    if (*known == UINT64_MAX) *known = string(w, text);
    return (uint32_t)*known;
}

static struct hs_error *make_holdings(struct writing *w) {
    const struct hs_holdings *f = w->a->holdings;
    struct hs_index_rows rows = {NULL};
    struct hs_error *error = hs_index_put_holdings(f, &rows, name_of, w);
    w->made[HS_SECTION_FOUND_PATHS] = rows.paths;
    w->made[HS_SECTION_FOUND_EDGES] = rows.edges;
    w->made[HS_SECTION_FOUND_CONTAINERS] = rows.containers;
    w->made[HS_SECTION_FOUND_SUSPECTS] = rows.suspects;
    w->made[HS_SECTION_FOUND_ROOTS] = rows.roots;
    w->made[HS_SECTION_FOUND_SHARED] = rows.shared;
    put(w, HS_SECTION_FOUND_PATHS, rows.paths, f->paths.count);
    put(w, HS_SECTION_FOUND_EDGES, rows.edges, f->paths.edge_count);
    put(w, HS_SECTION_FOUND_CONTAINERS, rows.containers, f->container_count);
    put(w, HS_SECTION_FOUND_SUSPECTS, rows.suspects, f->suspect_count);
    put(w, HS_SECTION_FOUND_ROOTS, rows.roots, f->root_count);
    put(w, HS_SECTION_FOUND_SHARED, rows.shared, f->paths.shared_count);
    put(w, HS_SECTION_FOUND_IDOMS, f->idoms, f->idom_count);
    put(w, HS_SECTION_FOUND_SUMS, &f->paths.shared_objects, 2);
    return error;
}

static struct hs_error *make_branches(struct writing *w) {
    struct hs_branch_tree tree;
    struct hs_index_tree *of_tree = make(w, HS_SECTION_BRANCH_TREE, 1);
    if (!of_tree) return HS_ENOMEM;
    HS_TRY(hs_dominated_create(w->a->dominators, &w->dominated));
    HS_TRY(hs_branch_tree_create_kept(w->a, &w->dominated, &tree));
    *of_tree =
        (struct hs_index_tree){tree.least, tree.children_bytes, tree.children, tree.depth, tree.cut, 0};
    w->made[HS_SECTION_BRANCHES] = tree.rows;
    put(w, HS_SECTION_BRANCHES, tree.rows, tree.count);
    put(w, HS_SECTION_CHILD_FIRST, w->dominated.first, (uint64_t)w->a->dominators->count + 2);
    put(w, HS_SECTION_CHILDREN, w->dominated.child, w->a->dominators->count);
    return NULL;
}

static struct hs_error *list_sections(struct writing *w) {
    struct hs_analysis *a = w->a;
    const struct hs_dominators *d = a->dominators;
    uint64_t nodes = a->graph->count;
    hs_strbuf_append(&w->strings, "", 1);
    HS_TRY(make_group(w));
    HS_TRY(make_roots(w));
    HS_TRY(make_objects(w));
    HS_TRY(make_holdings(w));
    HS_TRY(make_branches(w));
    HS_TRY(hs_strbuf_error(&w->strings));
    if (w->strings.size >= UINT32_MAX)
        return hs_error_create(HS_ERROR_UNSUPPORTED, "the names of classes are too long for an index");
    w->counts.objects = a->objects->count;
    w->counts.nodes = a->graph->count;
    w->counts.reachable = d->count;
    w->counts.classes = a->group->class_count;
    w->counts.spaces = a->objects->v8->pages.space_count;
    w->counts.pages = a->objects->v8->pages.count;
    put(w, HS_SECTION_COUNTS, &w->counts, 1);
    put(w, HS_SECTION_STRINGS, w->strings.data, w->strings.size);
    put(w, HS_SECTION_NATIVES, a->graph->natives, a->graph->native_count);
    put(w, HS_SECTION_EPHEMERONS, a->graph->ephemerons, a->graph->ephemeron_count);
    put(w, HS_SECTION_PAYLOADS, a->payloads, a->payload_count);
    put(w, HS_SECTION_MARKS, a->marks.bits, (nodes + 63) / 64);
    put(w, HS_SECTION_LARGE, a->objects->large, a->objects->large_count);
    put(w, HS_SECTION_WORDS, a->objects->words, a->objects->count);
    put(w, HS_SECTION_CLASS_OF, a->class_of, nodes);
    put(w, HS_SECTION_NUMBER, d->number, nodes);
    put(w, HS_SECTION_VERTEX, d->vertex, (uint64_t)d->count + 1);
    put(w, HS_SECTION_IDOM, d->idom, (uint64_t)d->count + 1);
    put(w, HS_SECTION_RETAINED, d->retained, (uint64_t)d->count + 1);
    put(w, HS_SECTION_PARENT, a->paths.parent, nodes);
    put(w, HS_SECTION_SOURCE_FIRST, a->reverse.first, nodes + 1);
    put(w, HS_SECTION_SOURCES, a->reverse.from, a->reverse.first[nodes]);
    uint64_t at = HS_BLOCK_SIZE;
    for (int i = 0; i < HS_SECTION_COUNT; i++) {
        uint64_t align = i == HS_SECTION_FIRST_LAZY ? HS_INDEX_LAZY_ALIGN : HS_BLOCK_SIZE;
        at = (at + align - 1) / align * align;
        w->header->sections[i].offset = at;
        at += w->header->sections[i].size;
    }
    w->size = (at + HS_BLOCK_SIZE - 1) / HS_BLOCK_SIZE * HS_BLOCK_SIZE;
    w->header->sums = w->size;
    return NULL;
}

/* --- the file */

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}
static uint64_t most(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* Copies what of [at, at + size) lies in [from, end) to the chunk's buffer. */
static void copy(const void *data, uint64_t at, uint64_t size, uint64_t from, uint64_t end, uint8_t *buffer) {
    uint64_t low = most(at, from), high = least(at + size, end);
    if (low < high) memcpy(buffer + (low - from), (const uint8_t *)data + (low - at), (size_t)(high - low));
}

static void fill(const struct writing *w, uint64_t from, uint64_t end, uint8_t *buffer) {
    memset(buffer, 0, (size_t)(end - from));
    for (int i = 0; i < HS_SECTION_COUNT; i++) {
        const struct source *source = &w->sources[i];
        uint64_t at = w->header->sections[i].offset, size = w->header->sections[i].size;
        if (at >= end || at + size <= from) continue;
        if (source->data) copy(source->data, at, size, from, end, buffer);
        for (uint32_t p = 0; source->pages && p < source->page_count && at < end; p++) {
            const uint32_t *pages = w->made[HS_SECTION_PAGES];
            uint64_t bytes = pages[p] ? source->pages[p].blocks * sizeof *source->pages[p].starts : 0;
            if (bytes) copy(source->pages[p].starts, at, bytes, from, end, buffer);
            at += bytes;
        }
    }
}

static bool write_all(struct writing *w, const void *data, uint64_t size, uint64_t at) {
    for (uint64_t done = 0; done < size;) {
        ssize_t put_now =
            pwrite(w->fd, (const uint8_t *)data + done, (size_t)(size - done), (off_t)(at + done));
        if (put_now < 0 && errno == EINTR) continue;
        if (put_now <= 0) {
            atomic_store(&w->failure, put_now < 0 ? errno : ENOSPC);
            return false;
        }
        done += (uint64_t)put_now;
    }
    return true;
}

static void *write_chunks(void *argument) {
    struct writing *w = argument;
    uint8_t *buffer = malloc(CHUNK);
    if (!buffer) atomic_store(&w->failure, ENOMEM);
    while (buffer && !atomic_load(&w->failure)) {
        /* The header's block is written last. */
        uint64_t from = HS_BLOCK_SIZE + atomic_fetch_add(&w->next, 1) * CHUNK,
                 end = least(from + CHUNK, w->size);
        if (from >= w->size) break;
        fill(w, from, end, buffer);
        for (uint64_t at = from; at < end; at += HS_BLOCK_SIZE)
            w->sums[at / HS_BLOCK_SIZE] = XXH3_64bits(buffer + (at - from), HS_BLOCK_SIZE);
        if (!write_all(w, buffer, end - from, from)) break;
    }
    free(buffer);
    return NULL;
}

static void write_file(struct writing *w, unsigned threads) {
    pthread_t team[THREADS_MAX];
    unsigned started = 0;
    while (started + 1 < threads && started < THREADS_MAX &&
           pthread_create(&team[started], NULL, write_chunks, w) == 0)
        started++;
    write_chunks(w);
    for (unsigned i = 0; i < started; i++) pthread_join(team[i], NULL);
    uint64_t bytes = w->size / HS_BLOCK_SIZE * sizeof *w->sums,
             end = w->size + (bytes + HS_BLOCK_SIZE - 1) / HS_BLOCK_SIZE * HS_BLOCK_SIZE;
    if (atomic_load(&w->failure)) return;
    if (ftruncate(w->fd, (off_t)end) != 0) atomic_store(&w->failure, errno);
    w->header->sums_digest = XXH3_64bits(w->sums, (size_t)bytes);
    w->header->digest = hs_index_header_digest(w->header);
    if (!atomic_load(&w->failure) && write_all(w, w->sums, bytes, w->size))
        write_all(w, w->header, sizeof *w->header, 0);
}

static struct hs_error *write_to(struct writing *w, const char *path, unsigned threads) {
    char *temporary = NULL;
    struct statvfs room;
    if (asprintf(&temporary, "%s.%ld.tmp", path, (long)getpid()) < 0) return HS_ENOMEM;
    struct hs_error *error = NULL;
    w->fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (w->fd < 0) error = hs_error_create_errno("%s: cannot be written", temporary);
    else if (fstatvfs(w->fd, &room) == 0 && (uint64_t)room.f_bavail * room.f_frsize < w->size + SPARE)
        error = hs_error_create(HS_ERROR_IO, "%s: too little room for %llu MB", path,
                                (unsigned long long)(w->size >> 20));
    else write_file(w, threads);
    if (!error && atomic_load(&w->failure)) {
        errno = atomic_load(&w->failure);
        error = hs_error_create_errno("%s: cannot be written", temporary);
    }
    if (w->fd >= 0 && close(w->fd) != 0 && !error)
        error = hs_error_create_errno("%s: cannot be written", temporary);
    if (!error && rename(temporary, path) != 0) error = hs_error_create_errno("%s: cannot be written", path);
    if (error && w->fd >= 0) unlink(temporary);
    free(temporary);
    return error;
}

/* --- what is made of the graph: both at once */

struct referring {
    struct hs_analysis *a;
    struct hs_error *error;
};

static void *make_reverse(void *argument) {
    struct referring *r = argument;
    r->error = hs_analysis_reverse(r->a);
    return NULL;
}

static struct hs_error *make_paths(struct hs_analysis *a, unsigned threads) {
    struct referring r = {a, NULL};
    pthread_t thread;
    bool started = threads > 1 && !a->paths.parent && pthread_create(&thread, NULL, make_reverse, &r) == 0;
    struct hs_error *error = hs_analysis_paths(a);
    if (!error) error = hs_analysis_holdings(a);
    if (started) pthread_join(thread, NULL);
    else make_reverse(&r);
    if (error) hs_error_destroy(r.error);
    return error ? error : r.error;
}

struct hs_error *hs_index_write(const char *path, const struct hs_index_key *key, const char *core_path,
                                struct hs_analysis *a, unsigned threads) {
    if (a->group->answers) return NULL; /* it came from one */
    __attribute__((cleanup(writing_deinit))) struct writing w = {.a = a, .strings = HS_STRBUF_INIT, .fd = -1};
    if (strlen(core_path) >= HS_INDEX_PATH_MAX)
        return hs_error_create(HS_ERROR_UNSUPPORTED, "the path of the core is too long for an index");
    HS_TRY(make_paths(a, threads));
    if (!(w.header = calloc(1, HS_BLOCK_SIZE))) return HS_ENOMEM;
    memcpy(w.header->magic, HS_INDEX_MAGIC, sizeof w.header->magic);
    w.header->version = HS_INDEX_VERSION;
    w.header->order = HS_INDEX_ORDER;
    w.header->word_size = sizeof(void *);
    w.header->section_count = HS_SECTION_COUNT;
    w.header->key = *key;
    memcpy(w.header->core_path, core_path, strlen(core_path) + 1);
    HS_TRY(list_sections(&w));
    if (!(w.sums = calloc(w.size / HS_BLOCK_SIZE, sizeof *w.sums))) return HS_ENOMEM;
    return write_to(&w, path, threads);
}
