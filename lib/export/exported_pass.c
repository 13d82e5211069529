#include "export/exported_pass.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    CHUNK_NODES = 4096, /* their names may be a kilobyte each */
    CHUNKS_MAX = 4000,  /* tags hold their number in 12 bits */
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

struct hs_error *hs_exported_chunks_of_nodes(const struct hs_exported_private *x, uint32_t node_count,
                                             struct hs_exported_chunks *ret) {
    struct hs_exported_chunks chunks = {0};
    uint32_t nodes = node_count / CHUNKS_MAX + 1;
    size_t capacity = 0;
    if (nodes < CHUNK_NODES) nodes = CHUNK_NODES;
    struct hs_exported_cursor cursor, before;
    hs_exported_cursor_init(x, &cursor);
    before = cursor;
    for (struct hs_exported_chunk *last = NULL; hs_exported_cursor_next(x, &cursor); before = cursor) {
        if (!last || last->nodes >= nodes) {
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
        }
        last->nodes++;
    }
    *ret = chunks;
    return NULL;
}

void hs_exported_chunks_deinit(struct hs_exported_chunks *chunks) {
    free(chunks->items);
}

/* --- batches */

static void *grow(struct hs_exported_batch *batch, void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) return items;
    size_t more = *capacity ? 2 * *capacity : 1024;
    void *grown = realloc(items, more * size);
    if (grown) *capacity = more;
    else if (!batch->error) batch->error = HS_ENOMEM;
    return grown;
}

struct hs_exported_node *hs_exported_batch_node(struct hs_exported_batch *batch) {
    struct hs_exported_node *grown = grow(batch, batch->nodes, batch->count, &batch->capacity, sizeof *grown);
    if (!grown) return NULL;
    batch->nodes = grown;
    return &grown[batch->count++];
}

struct hs_stream_segment *hs_exported_batch_segment(struct hs_exported_batch *batch) {
    struct hs_stream_segment *grown =
        grow(batch, batch->segments, batch->segment_count, &batch->segment_capacity, sizeof *grown);
    if (!grown) return NULL;
    batch->segments = grown;
    return &grown[batch->segment_count++];
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
    for (size_t i = 0; batch->nodes && i < batch->count; i++)
        if (!batch->nodes[i].kept)
            batch->nodes[i].hash = XXH3_64bits(batch->nodes[i].name, strlen(batch->nodes[i].name));
    if (!batch->error) batch->error = hs_strbuf_error(&batch->text);
}

static void batch_deinit(struct hs_exported_batch *batch) {
    free(batch->nodes);
    free(batch->integers);
    free(batch->segments);
    free(batch->occurrences);
    for (int t = 0; t < HS_EXPORTED_STRING_TABLES; t++) free(batch->strings[t].items);
    hs_strbuf_deinit(&batch->text);
    hs_error_destroy(batch->error);
}

/* --- the team */

struct hs_exported_team {
    struct hs_exported_private *members; /* [0] is not used: the calling thread has the original */
    unsigned count;
};

struct run {
    const struct hs_exported_pass *pass;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    uint32_t prepared, next, taken; /* how many are; to be made next; taken so far */
    uint32_t room;                  /* batches */
    bool stop;
    struct hs_exported_batch *batches;
};

/* Makes the next chunk's batch; the mutex is held, and left meanwhile. */
static void make_one(struct run *run, struct hs_exported_private *x) {
    const uint32_t index = run->next++;
    struct hs_exported_batch *batch = &run->batches[index % run->room];
    pthread_mutex_unlock(&run->mutex);
    hs_strbuf_clear(&batch->text);
    batch->count = batch->integer_count = batch->segment_count = 0;
    for (int t = 0; t < HS_EXPORTED_STRING_TABLES; t++) batch->strings[t].count = 0;
    batch->total = 0;
    run->pass->make(x, run->pass->context, index, batch);
    finish(batch);
    if (!batch->error) batch->error = hs_js_error(x->js);
    pthread_mutex_lock(&run->mutex);
    batch->ready = true;
    pthread_cond_broadcast(&run->changed);
}

static bool can_make(const struct run *run) {
    return run->next < run->prepared && run->next - run->taken < run->room;
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
    while (!run->stop && run->next < run->pass->count) {
        if (can_make(run)) make_one(run, member->x);
        else pthread_cond_wait(&run->changed, &run->mutex);
    }
    pthread_mutex_unlock(&run->mutex);
    return NULL;
}

/* As many as there are batches for; the mutex is held, and left meanwhile. */
static struct hs_error *prepare_more(struct run *run) {
    const struct hs_exported_pass *pass = run->pass;
    struct hs_error *error = NULL;
    uint32_t end = pass->count - run->taken < run->room ? pass->count : run->taken + run->room;
    if (run->prepared == end) return NULL;
    for (uint32_t index = run->prepared; pass->prepare && !error && index < end; index++) {
        pthread_mutex_unlock(&run->mutex);
        error = pass->prepare(pass->context, index, &run->batches[index % run->room]);
        pthread_mutex_lock(&run->mutex);
    }
    run->prepared = end;
    pthread_cond_broadcast(&run->changed);
    return error;
}

static struct hs_error *take_all(struct run *run, struct hs_exported_private *x) {
    pthread_mutex_lock(&run->mutex);
    struct hs_error *error = prepare_more(run);
    while (!error && run->taken < run->pass->count) {
        const uint32_t index = run->taken;
        struct hs_exported_batch *batch = &run->batches[index % run->room];
        if (!batch->ready) {
            if (can_make(run)) make_one(run, x);
            else pthread_cond_wait(&run->changed, &run->mutex);
            continue;
        }
        pthread_mutex_unlock(&run->mutex);
        error = batch->error;
        batch->error = NULL;
        if (!error) error = run->pass->take(run->pass->context, index, batch);
        pthread_mutex_lock(&run->mutex);
        batch->ready = false;
        run->taken++;
        if (!error) error = prepare_more(run);
    }
    run->stop = true;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->mutex);
    return error;
}

struct hs_error *hs_exported_run(struct hs_exported_private *x, const struct hs_exported_pass *pass) {
    struct hs_exported_team *team = x->team;
    struct run run = {.pass = pass,
                      .room = 4 * team->count,
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

static struct hs_error *init_member(const struct hs_exported_private *x, uint32_t thread,
                                    struct hs_exported_private *ret) {
    *ret = *x;
    ret->thread = thread;
    ret->js = NULL;
    ret->edges = NULL;
    ret->shapes = NULL;
    ret->shape_count = 0;
    ret->met = (struct hs_address_map){0};
    hs_strbuf_init(&ret->text);
    hs_strbuf_init(&ret->other);
    ret->encoder = hs_encoder_create();
    if (!ret->encoder) return HS_ENOMEM;
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
    x->encoder = hs_encoder_create();
    x->others = hs_encoder_create();
    if (!x->encoder || !x->others) return HS_ENOMEM;
    for (unsigned i = 1; i < count; i++) HS_TRY(init_member(x, i, &x->team->members[i]));
    return NULL;
}

void hs_exported_team_destroy(struct hs_exported_private *x) {
    if (!x->team) return;
    hs_encoder_destroy(x->encoder);
    hs_encoder_destroy(x->others);
    for (unsigned i = 1; i < x->team->count; i++) {
        struct hs_exported_private *member = &x->team->members[i];
        if (!member->analysis) break; /* no memory for this one */
        hs_encoder_destroy(member->encoder);
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

unsigned hs_exported_team_count(const struct hs_exported_private *x) {
    return x->team->count;
}

const struct hs_encoder *hs_exported_team_encoder(const struct hs_exported_private *x, uint32_t thread) {
    if (thread == x->team->count) return x->others;
    return thread ? x->team->members[thread].encoder : x->encoder;
}
