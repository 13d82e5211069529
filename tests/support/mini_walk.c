#include "mini_walk.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void batch(struct hs_walk_thread *thread, const struct hs_page *page, const struct hs_object *objects,
                  size_t count) {
    struct mini_walk *walk = thread->context;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < count; i++) {
        uint64_t offset = objects[i].address - page->area_start, bytes = (uint64_t)objects[i].words * 8;
        uint64_t area = page->area_end - page->area_start;
        if (offset > area || bytes > area - offset || bytes == 0 || objects[i].map >= thread->maps.count)
            abort();
        if (walk->count < MINI_SEEN) walk->seen[walk->count++] = objects[i].address;
    }
    pthread_mutex_unlock(&lock);
}

static void add(struct hs_account *to, const struct hs_account *from) {
    to->area += from->area;
    to->objects += from->objects;
    to->fillers += from->fillers;
    to->free += from->free;
    to->unused += from->unused;
    to->unfilled += from->unfilled;
    to->moved += from->moved;
    to->rejected += from->rejected;
    to->absent += from->absent;
    to->object_count += from->object_count;
    to->moved_count += from->moved_count;
    to->rejected_count += from->rejected_count;
}

struct hs_error *mini_walk(const struct hs_v8 *v8, unsigned threads, struct mini_walk *ret) {
    struct hs_account *accounts = calloc(v8->pages.space_count, sizeof *accounts);
    struct hs_walk_thread workers[4] = {
        {.context = ret}, {.context = ret}, {.context = ret}, {.context = ret}};
    *ret = (struct mini_walk){0};
    if (!accounts || threads > 4) abort();
    struct hs_error *error =
        hs_walk(v8, &(struct hs_walk_options){.threads = threads, .batch = batch}, workers, accounts);
    for (uint32_t i = 0; i < v8->pages.space_count; i++) {
        const struct hs_account *a = &accounts[i];
        uint64_t sum =
            a->objects + a->fillers + a->free + a->unused + a->unfilled + a->moved + a->rejected + a->absent;
        if (sum != a->area) abort();
        if (i < MINI_SPACES) ret->space[i] = *a;
        add(&ret->all, a);
    }
    for (unsigned i = 0; i < 4; i++) hs_maps_deinit(&workers[i].maps);
    free(accounts);
    return error;
}

const struct hs_account *mini_walk_space(const struct mini_walk *walk, const struct hs_v8 *v8,
                                         enum mini_page page) {
    const struct hs_page *found = hs_pages_find(&v8->pages, mini_heap_page(page));
    if (!found || found->space >= MINI_SPACES) abort();
    return &walk->space[found->space];
}

bool mini_walk_saw(const struct mini_walk *walk, hs_addr addr) {
    for (size_t i = 0; i < walk->count; i++)
        if (walk->seen[i] == addr) return true;
    return false;
}
