#include "export/exported_pass.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_NODES = 4096,  /* their names may be a kilobyte each */
    CHUNK_EDGES = 32768, /* 24 bytes each */
    CHUNKS_MAX = 4000,   /* tags hold their number in 12 bits */
    TEAM_MAX = 16
};

/* --- the order */

void hs_exported_cursor_init(const struct hs_exported_private *x, struct hs_exported_cursor *cursor) {
    const struct hs_objects *objects = x->analysis->objects;
    *cursor = (struct hs_exported_cursor){.k = UINT32_MAX};
    if (objects->v8->pages.count && objects->pages[0].blocks) cursor->bits = objects->pages[0].starts[0];
}

/* Goes along the pages: to look every address up would cost more than all else. */
bool hs_exported_cursor_next(const struct hs_exported_private *x, struct hs_exported_cursor *c) {
    const struct hs_objects *objects = x->analysis->objects;
    const struct hs_graph *graph = x->analysis->graph;
    const struct hs_pages *pages = &objects->v8->pages;
    while (c->page < pages->count) {
        if (!c->bits) {
            if (++c->block >= objects->pages[c->page].blocks) {
                c->page++;
                c->block = 0;
            }
            if (c->page < pages->count && c->block < objects->pages[c->page].blocks)
                c->bits = objects->pages[c->page].starts[c->block];
            continue;
        }
        uint64_t word = (uint64_t)c->block * 64 + (unsigned)__builtin_ctzll(c->bits);
        c->bits &= c->bits - 1;
        c->id = c->next++;
        if (!hs_exported_get(x->chosen, c->id)) continue;
        c->address = pages->items[c->page].area_start + word * objects->v8->layout.tagged_size;
        c->k++;
        return true;
    }
    while (c->next < graph->count) {
        c->id = c->next++;
        if (!hs_exported_get(x->chosen, c->id)) continue;
        c->address = graph->natives[c->id - graph->object_count].address;
        c->k++;
        return true;
    }
    return false;
}

/* --- chunks */

static bool is_huge(const struct hs_exported_private *x, uint32_t k) {
    return x->edge_counts[k] > CHUNK_EDGES;
}

bool hs_exported_chunk_is_huge(const struct hs_exported_private *x, const struct hs_exported_chunk *chunk) {
    return chunk->nodes == 1 && is_huge(x, chunk->start.k + 1);
}

static struct hs_error *cut(const struct hs_exported_private *x, uint32_t nodes, uint64_t edges,
                            struct hs_exported_chunks *ret) {
    struct hs_exported_chunks chunks = {0};
    size_t capacity = 0;
    uint64_t sum = 0;
    struct hs_exported_cursor cursor, before;
    hs_exported_cursor_init(x, &cursor);
    before = cursor;
    for (struct hs_exported_chunk *last = NULL; hs_exported_cursor_next(x, &cursor); before = cursor) {
        uint64_t weight = edges ? x->edge_counts[cursor.k] : 0;
        if (!last || last->nodes >= nodes || (edges && sum + weight > edges)) {
            if (chunks.count == capacity) {
                capacity = capacity ? 2 * capacity : 256;
                struct hs_exported_chunk *grown = realloc(chunks.items, capacity * sizeof *grown);
                if (!grown) {
                    free(chunks.items);
                    return HS_ENOMEM;
                }
                chunks.items = grown;
            }
            last = &chunks.items[chunks.count];
            *last = (struct hs_exported_chunk){.start = before, .index = chunks.count++};
            sum = 0;
        }
        last->nodes++;
        sum += weight;
    }
    *ret = chunks;
    return NULL;
}

struct hs_error *hs_exported_chunks_of_nodes(const struct hs_exported_private *x, uint32_t node_count,
                                             struct hs_exported_chunks *ret) {
    uint32_t nodes = node_count / CHUNKS_MAX + 1;
    return cut(x, nodes > CHUNK_NODES ? nodes : CHUNK_NODES, 0, ret);
}

struct hs_error *hs_exported_chunks_of_edges(const struct hs_exported_private *x,
                                             struct hs_exported_chunks *ret) {
    return cut(x, CHUNK_EDGES, CHUNK_EDGES, ret);
}

void hs_exported_chunks_deinit(struct hs_exported_chunks *chunks) {
    free(chunks->items);
}

/* --- batches */

static void *grow(struct hs_exported_batch *batch, void *items, size_t size) {
    if (batch->count < batch->capacity) return items;
    size_t capacity = batch->capacity ? 2 * batch->capacity : 1024;
    void *grown = realloc(items, capacity * size);
    if (grown) batch->capacity = capacity;
    else if (!batch->error) batch->error = HS_ENOMEM;
    return grown;
}

struct hs_exported_edge *hs_exported_batch_edge(struct hs_exported_batch *batch) {
    struct hs_exported_edge *grown = grow(batch, batch->edges, sizeof *grown);
    if (!grown) return NULL;
    batch->edges = grown;
    return &grown[batch->count++];
}

struct hs_exported_node *hs_exported_batch_node(struct hs_exported_batch *batch) {
    struct hs_exported_node *grown = grow(batch, batch->nodes, sizeof *grown);
    if (!grown) return NULL;
    batch->nodes = grown;
    return &grown[batch->count++];
}

const char *hs_exported_batch_text(struct hs_exported_batch *batch, const char *text) {
    uintptr_t offset = batch->text.size;
    hs_strbuf_append(&batch->text, text, strlen(text) + 1);
    return (const char *)offset;
}

/* Offsets into texts -> texts. */
static void finish(struct hs_exported_batch *batch) {
    const char *text = batch->text.data;
    for (size_t i = 0; batch->nodes && i < batch->count; i++)
        if (!batch->nodes[i].kept) batch->nodes[i].name = text + (uintptr_t)batch->nodes[i].name;
    for (size_t i = 0; batch->edges && i < batch->count; i++)
        if (!batch->edges[i].kept) batch->edges[i].name = text + (uintptr_t)batch->edges[i].name;
    if (!batch->error) batch->error = hs_strbuf_error(&batch->text);
}

static void batch_deinit(struct hs_exported_batch *batch) {
    free(batch->nodes);
    free(batch->edges);
    free(batch->integers);
    hs_strbuf_deinit(&batch->text);
    hs_error_destroy(batch->error);
}

/* --- the team */

struct hs_exported_team {
    struct hs_exported_private *members; /* [0] is not used: the calling thread has the original */
    unsigned count;
};

struct run {
    const struct hs_exported_chunks *chunks;
    const struct hs_exported_pass *pass;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    uint32_t next, taken; /* chunks: to be made next; taken so far */
    uint32_t room;        /* batches */
    bool stop;
    struct hs_exported_batch *batches;
};

/* Makes the next chunk's batch; the mutex is held, and left meanwhile. */
static void make_one(struct run *run, struct hs_exported_private *x) {
    const uint32_t index = run->next++;
    struct hs_exported_batch *batch = &run->batches[index % run->room];
    pthread_mutex_unlock(&run->mutex);
    hs_strbuf_clear(&batch->text);
    batch->count = batch->integer_count = 0;
    batch->total = 0;
    run->pass->make(x, &run->chunks->items[index], batch);
    finish(batch);
    if (!batch->error) batch->error = hs_js_error(x->js);
    pthread_mutex_lock(&run->mutex);
    batch->chunk = index;
    batch->ready = true;
    pthread_cond_broadcast(&run->changed);
}

static bool can_make(const struct run *run) {
    return run->next < run->chunks->count && run->next - run->taken < run->room;
}

struct member {
    struct run *run;
    struct hs_exported_private *x;
    pthread_t thread;
    bool started;
};

static void *work(void *context) {
    const struct member *member = context;
    struct run *run = member->run;
    pthread_mutex_lock(&run->mutex);
    while (!run->stop && run->next < run->chunks->count) {
        if (can_make(run)) make_one(run, member->x);
        else pthread_cond_wait(&run->changed, &run->mutex);
    }
    pthread_mutex_unlock(&run->mutex);
    return NULL;
}

static struct hs_error *take_all(struct run *run, struct hs_exported_private *x) {
    struct hs_error *error = NULL;
    pthread_mutex_lock(&run->mutex);
    while (!error && run->taken < run->chunks->count) {
        struct hs_exported_batch *batch = &run->batches[run->taken % run->room];
        if (!batch->ready) {
            if (can_make(run)) make_one(run, x);
            else pthread_cond_wait(&run->changed, &run->mutex);
            continue;
        }
        pthread_mutex_unlock(&run->mutex);
        error = batch->error;
        batch->error = NULL;
        if (!error) error = run->pass->take(run->pass->context, &run->chunks->items[batch->chunk], batch);
        pthread_mutex_lock(&run->mutex);
        batch->ready = false;
        run->taken++;
        pthread_cond_broadcast(&run->changed);
    }
    run->stop = true;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->mutex);
    return error;
}

struct hs_error *hs_exported_run(struct hs_exported_private *x, const struct hs_exported_chunks *chunks,
                                 const struct hs_exported_pass *pass) {
    struct hs_exported_team *team = x->team;
    struct run run = {.chunks = chunks,
                      .pass = pass,
                      .room = 2 * team->count,
                      .mutex = PTHREAD_MUTEX_INITIALIZER,
                      .changed = PTHREAD_COND_INITIALIZER};
    struct member members[TEAM_MAX] = {0};
    run.batches = calloc(run.room, sizeof *run.batches);
    if (!run.batches) return HS_ENOMEM;
    for (uint32_t i = 0; i < run.room; i++) hs_strbuf_init(&run.batches[i].text);
    for (unsigned i = 1; i < team->count; i++) {
        members[i] = (struct member){.run = &run, .x = &team->members[i]};
        members[i].started = pthread_create(&members[i].thread, NULL, work, &members[i]) == 0;
    }
    struct hs_error *error = take_all(&run, x);
    for (unsigned i = 1; i < team->count; i++)
        if (members[i].started) pthread_join(members[i].thread, NULL);
    for (uint32_t i = 0; i < run.room; i++) batch_deinit(&run.batches[i]);
    free(run.batches);
    pthread_cond_destroy(&run.changed);
    pthread_mutex_destroy(&run.mutex);
    return error;
}

static struct hs_error *init_member(const struct hs_exported_private *x, struct hs_exported_private *ret) {
    *ret = *x;
    ret->js = NULL;
    ret->edges = NULL;
    ret->shapes = NULL;
    ret->shape_count = 0;
    ret->met = (struct hs_address_map){0};
    hs_strbuf_init(&ret->text);
    hs_strbuf_init(&ret->other);
    HS_TRY(hs_js_create(x->js->v8, &ret->js));
    return hs_edges_create(ret->js, x->analysis->objects, x->analysis->graph, &ret->edges);
}

struct hs_error *hs_exported_team_create(struct hs_exported_private *x) {
    unsigned count = x->options.threads ? x->options.threads : 1;
    if (count > TEAM_MAX) count = TEAM_MAX;
    x->team = calloc(1, sizeof *x->team);
    if (x->team) x->team->members = calloc(count, sizeof *x->team->members);
    if (!x->team || !x->team->members) return HS_ENOMEM;
    x->team->count = count;
    for (unsigned i = 1; i < count; i++) HS_TRY(init_member(x, &x->team->members[i]));
    return NULL;
}

void hs_exported_team_destroy(struct hs_exported_private *x) {
    if (!x->team) return;
    for (unsigned i = 1; i < x->team->count; i++) {
        struct hs_exported_private *member = &x->team->members[i];
        if (!member->analysis) break; /* no memory for this one */
        hs_edges_destroy(member->edges);
        hs_js_destroy(member->js);
        free(member->shapes);
        hs_address_map_deinit(&member->met);
        hs_strbuf_deinit(&member->text);
        hs_strbuf_deinit(&member->other);
    }
    free(x->team->members);
    free(x->team);
}
