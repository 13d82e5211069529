#include "graph/objects_walk.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct worker {
    const struct hs_objects *objects;
    const struct hs_walk_options *options;
    struct hs_walk_thread *thread;
    atomic_uint *next_page;
    struct hs_object batch[HS_WALK_BATCH];
    size_t batched;
};

static void flush(struct worker *w, const struct hs_page *page) {
    if (w->batched) w->options->batch(w->thread, page, w->batch, w->batched);
    w->batched = 0;
}

/* The map by which the heap's walk took what stands there for an object; -1: memory is short. */
static int32_t map_at(struct worker *w, const struct hs_page *page, uint64_t offset) {
    const struct hs_v8 *v8 = w->objects->v8;
    const unsigned word = v8->layout.tagged_size;
    if (page->large_map) return hs_maps_find(&w->thread->maps, v8, page->large_map);
    const uint8_t *p = offset + word <= page->present
                           ? page->bytes + offset
                           : hs_core_ptr(v8->core, page->area_start + offset, word);
    return p ? hs_maps_find(&w->thread->maps, v8, hs_v8_load_raw(v8, p)) : -1;
}

static void walk_page(struct worker *w, uint32_t number) {
    const struct hs_object_page *index = &w->objects->pages[number];
    const struct hs_page *page = &w->objects->v8->pages.items[number];
    const unsigned word = w->objects->v8->layout.tagged_size;
    hs_id id = index->first;
    for (uint32_t block = 0; block < index->blocks; block++)
        for (uint64_t bits = index->starts[block]; bits; bits &= bits - 1, id++) {
            uint64_t offset = ((uint64_t)block * 64 + (unsigned)__builtin_ctzll(bits)) * word;
            int32_t map = map_at(w, page, offset);
            if (map < 0) { /* ids of a batch follow each other */
                flush(w, page);
                continue;
            }
            w->batch[w->batched++] = (struct hs_object){.address = page->area_start + offset,
                                                        .map = (uint32_t)map,
                                                        .words = hs_objects_words(w->objects, id)};
            if (w->batched == HS_WALK_BATCH) flush(w, page);
        }
    flush(w, page);
}

static void *work(void *context) {
    struct worker *w = context;
    for (;;) {
        unsigned number = atomic_fetch_add(w->next_page, 1);
        if (number >= w->objects->v8->pages.count) return NULL;
        walk_page(w, number);
    }
}

struct hs_error *hs_objects_walk(const struct hs_objects *objects, const struct hs_walk_options *options,
                                 struct hs_walk_thread *state) {
    unsigned count = options->threads ? options->threads : 1;
    atomic_uint next_page = 0;
    struct worker *workers = calloc(count, sizeof *workers);
    pthread_t *ids = calloc(count, sizeof *ids);
    bool *started = calloc(count, sizeof *started), memory = workers && ids && started;
    for (unsigned i = 0; i < count && memory; i++)
        workers[i] = (struct worker){
            .objects = objects, .options = options, .thread = &state[i], .next_page = &next_page};
    for (unsigned i = 1; i < count && memory; i++)
        started[i] = pthread_create(&ids[i], NULL, work, &workers[i]) == 0;
    if (memory) work(&workers[0]);
    for (unsigned i = 1; i < count && memory; i++)
        if (started[i]) pthread_join(ids[i], NULL);
    free(workers);
    free(ids);
    free(started);
    return memory ? NULL : HS_ENOMEM;
}
