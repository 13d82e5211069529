#include "heap/walk.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    BEING_FILLED = 1024, /* bytes before an area's top that may be taken and not yet written */
    SWEPT_BYTES = 1024,  /* a page has less than so many bytes free if it was not swept since it was filled */
    STAYING = 512,       /* bytes of dead objects in a row that a sweeper may have left in their place */
    RESYNC_MOVED = 1024, /* bytes of the largest moved object at which the walk takes up again */
};

/* What one thread works with. */
struct worker {
    const struct hs_v8 *v8;
    const struct hs_walk_options *options;
    struct hs_walk_thread *thread;
    struct hs_account *accounts; /* per space */
    atomic_uint *next_page;
    atomic_ullong *done;
    hs_tagged no_properties; /* the empty FixedArray, 0 if it is not known */
    struct hs_object batch[HS_WALK_BATCH];
    size_t batched;
};

static void flush(struct worker *w, const struct hs_page *page) {
    if (w->batched) w->options->batch(w->thread, page, w->batch, w->batched);
    if (w->batched && w->options->also)
        w->options->also(w->options->also_context, page, w->batch, w->batched);
    w->batched = 0;
}

static void emit(struct worker *w, const struct hs_page *page, hs_addr addr, uint32_t map, uint64_t words) {
    w->batch[w->batched++] = (struct hs_object){.address = addr, .map = map, .words = (uint32_t)words};
    if (w->batched == HS_WALK_BATCH) flush(w, page);
}

/* The allocation area that begins at or behind `addr`: index into v8->labs. */
static uint32_t first_lab(const struct hs_v8 *v8, hs_addr addr) {
    uint32_t low = 0, high = v8->lab_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (v8->labs[middle].top < addr) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* Size of the object at `p`, or of a small one that was there before it moved; 0 if it is neither. */
static uint64_t size_at(struct worker *w, hs_addr addr, const uint8_t *p, uint64_t room) {
    const struct hs_v8 *v8 = w->v8;
    int32_t map = hs_maps_find(&w->thread->maps, v8, hs_v8_load_raw(v8, p));
    /* Small, because every word of a bad page may come here, and may send us to search for the end of another
     * object. */
    if (map < 0)
        return v8->moving
                   ? hs_moved_size(v8, &w->thread->maps, addr, p, room < RESYNC_MOVED ? room : RESYNC_MOVED)
                   : 0;
    struct hs_map copy = w->thread->maps.items[map];
    return hs_rule_size(v8, &copy, addr, p, room, &w->thread->maps);
}

/* True if an object starts at `p` whose size leads to another object or to the end: a map object holds
 * pointers to maps, so "the word is a map" alone would resynchronise in its middle. */
static bool is_start(struct worker *w, hs_addr addr, const uint8_t *p, uint64_t room) {
    const struct hs_v8 *v8 = w->v8;
    uint64_t size = size_at(w, addr, p, room);
    if (!size || size > room) return false;
    if (size == room) return true;
    if (size + v8->layout.tagged_size > room) return false;
    return hs_maps_find(&w->thread->maps, v8, hs_v8_load_raw(v8, p + size)) >= 0 ||
           (v8->moving && size_at(w, addr + size, p + size, room - size));
}

/* A dead object whose map is gone? The sweeper has not come to its page (no byte of which is on a free list:
 * V8 counts all of them as allocated), but it has to the page of its map, which may even be a page of new
 * space or of a large object by now. A word that only looks so because the walk is out of step would be a
 * field: it would point to an object. For certain is what stands in a map's place before the empty array, as
 * properties and as elements, which no field of a program names, or before one and points to new space, where
 * maps never are: such a page may have been swept before it filled again. */
static bool is_dead(struct worker *w, const struct hs_page *page, const uint8_t *at, uint64_t room) {
    const struct hs_v8 *v8 = w->v8;
    unsigned size = v8->layout.tagged_size;
    hs_tagged word = hs_v8_load_raw(v8, at);
    const struct hs_page *of_map = (word & 3) == 1 ? hs_pages_find(&v8->pages, word - 1) : NULL;
    if (!of_map || of_map->flags & (HS_PAGE_READ_ONLY | HS_PAGE_CODE)) return false;
    if (w->no_properties && room >= 3 * size && hs_v8_load_raw(v8, at + size) == w->no_properties &&
        (of_map->flags & HS_PAGE_NEW || hs_v8_load_raw(v8, at + 2 * size) == w->no_properties))
        return true;
    if (page->allocated + SWEPT_BYTES < page->area_end - page->area_start) return false;
    if (of_map->flags & HS_PAGE_LARGE) return word - 1 != of_map->area_start;
    /* Nothing points to from-space but while a collection empties it. */
    if ((of_map->flags & (HS_PAGE_FROM | HS_PAGE_LEAVING)) == HS_PAGE_FROM) return true;
    const uint8_t *p = hs_pages_ptr(&v8->pages, word - 1, v8->layout.tagged_size);
    hs_tagged first = p ? hs_v8_load_raw(v8, p) : 0;
    bool forwarded = of_map->flags & HS_PAGE_LEAVING && first && !(first & 3);
    return p && !forwarded && hs_maps_find(&w->thread->maps, v8, first) < 0;
}

/* Accounts what stands at `p` and is no object; returns its bytes, at least one word. `before_top`: behind
 * `room` the unused part of an allocation area begins: compiled code raises the top for several objects at
 * once and writes them afterwards. */
static uint64_t lost(struct worker *w, const struct hs_page *page, struct hs_account *account, hs_addr addr,
                     const uint8_t *p, uint64_t room, bool before_top) {
    const struct hs_v8 *v8 = w->v8;
    unsigned word = v8->layout.tagged_size;
    hs_tagged first = hs_v8_load_raw(v8, p);
    uint64_t at = 0;
    if (first == 0 && !(page->flags & HS_PAGE_DEAD_STAY)) {
        while (at + word <= room && hs_v8_load_raw(v8, p + at) == 0) at += word;
        account->unfilled += at;
        account->unfilled_count++;
        return at;
    }
    uint64_t size = hs_moved_size(v8, &w->thread->maps, addr, p, room);
    if (size) {
        account->moved += size;
        account->moved_count++;
        return size;
    }
    bool stay = page->flags & HS_PAGE_DEAD_STAY, dead = is_dead(w, page, p, room);
    at = word;
    while (at + word <= room && (stay || hs_v8_load_raw(v8, p + at) != 0) &&
           !is_start(w, addr + at, p + at, room - at))
        at += word;
    if (at > room) at = room;
    if (before_top && room <= BEING_FILLED) {
        account->unfilled += at;
        account->unfilled_count++;
    } else if (dead || (stay && at <= STAYING)) {
        account->free += at;
        account->dead += at;
    } else {
        account->rejected += at;
        account->rejected_count++;
    }
    return at;
}

/* One present stretch [start, start + size) of a page's area, up to an allocation area's top or its end.
 * Returns the bytes consumed: an object whose body the core may lack (a Hole's payload is never mapped) can
 * reach past the stretch. */
static uint64_t walk_stretch(struct worker *w, const struct hs_page *page, struct hs_account *account,
                             hs_addr start, const uint8_t *bytes, uint64_t size, uint64_t area_left,
                             bool before_top) {
    const struct hs_v8 *v8 = w->v8;
    const unsigned word = v8->layout.tagged_size;
    const unsigned shift = word == 8 ? 3 : 2;
    struct hs_maps *maps = &w->thread->maps;
    uint64_t at = 0, objects = 0, object_count = 0; /* in registers: this loop is the scan */
    while (at < size) {
        uint64_t room = size - at;
        if (room < word) {
            account->rejected += room;
            at = size;
            break;
        }
        const uint8_t *p = bytes + at;
        int32_t m = hs_maps_find(maps, v8, hs_v8_load_raw(v8, p));
        if (__builtin_expect(m < 0, 0)) {
            at += lost(w, page, account, start + at, p, room, before_top);
            continue;
        }
        const struct hs_map *map = &maps->items[m];
        uint64_t bytes_of;
        if (map->instance_words) {
            bytes_of = (uint64_t)map->instance_words << shift;
            if (bytes_of > room) bytes_of = 0;
        } else {
            /* A scan may load maps and move the table: hand it a copy. */
            struct hs_map copy = *map;
            bytes_of = hs_rule_size(v8, &copy, start + at, p,
                                    copy.kind == HS_KIND_HOLE ? area_left - at : room, maps);
            map = &maps->items[m];
        }
        if (__builtin_expect(bytes_of == 0, 0)) {
            at += lost(w, page, account, start + at, p, room, before_top);
            continue;
        }
        if (map->kind == HS_KIND_FREE_SPACE) account->free += bytes_of;
        else if (map->kind == HS_KIND_FILLER) account->fillers += bytes_of;
        else {
            objects += bytes_of;
            object_count++;
            emit(w, page, start + at, (uint32_t)m, bytes_of >> shift);
        }
        at += bytes_of;
    }
    account->objects += objects;
    account->object_count += object_count;
    return at;
}

/* A large page has one object at the start of its area. */
static void walk_large(struct worker *w, const struct hs_page *page, struct hs_account *account) {
    const struct hs_v8 *v8 = w->v8;
    uint64_t area = page->area_end - page->area_start;
    int32_t m = -1;
    if (page->present >= v8->layout.tagged_size)
        m = hs_maps_find(&w->thread->maps, v8,
                         page->large_map ? page->large_map : hs_v8_load_raw(v8, page->bytes));
    uint64_t size = 0;
    if (m >= 0) {
        struct hs_map copy = w->thread->maps.items[m];
        size = hs_rule_size(v8, &copy, page->area_start, page->bytes, page->present, &w->thread->maps);
        if (copy.kind == HS_KIND_FREE_SPACE || copy.kind == HS_KIND_FILLER) {
            account->free += size;
            account->free += area - size;
            return;
        }
    }
    if (size) {
        account->objects += size;
        account->object_count++;
        emit(w, page, page->area_start, (uint32_t)m, size / v8->layout.tagged_size);
        account->free += area - size;
    } else if (page->present < area) {
        account->absent += area;
    } else {
        account->rejected += area;
        account->rejected_count++;
    }
}

static void walk_page(struct worker *w, const struct hs_page *page) {
    const struct hs_v8 *v8 = w->v8;
    struct hs_account *account = &w->accounts[page->space];
    uint64_t area = page->area_end - page->area_start;
    account->pages++;
    account->area += area;
    account->committed += page->size;
    if (page->flags & HS_PAGE_UNUSED || (page->flags & (HS_PAGE_FROM | HS_PAGE_LEAVING)) == HS_PAGE_FROM) {
        account->unused += area;
        return;
    }
    if (page->flags & HS_PAGE_LARGE) {
        walk_large(w, page, account);
        flush(w, page);
        return;
    }
    hs_addr at = page->area_start;
    uint32_t lab = first_lab(v8, at);
    while (at < page->area_end) {
        while (lab < v8->lab_count && v8->labs[lab].top < at) lab++;
        hs_addr end = page->area_end;
        if (lab < v8->lab_count && v8->labs[lab].top < end) {
            if (v8->labs[lab].top == at) {
                hs_addr limit = v8->labs[lab].limit < end ? v8->labs[lab].limit : end;
                account->unused += limit - at;
                at = limit;
                continue;
            }
            end = v8->labs[lab].top;
        }
        const struct hs_segment *segment = hs_core_segment_find(v8->core, at);
        uint64_t offset = segment ? at - segment->start : 0;
        if (!segment || offset >= segment->file_size) {
            /* Absent: up to the next segment that has bytes. */
            hs_addr next = at;
            do {
                next = segment ? segment->start + segment->memory_size : next + (UINT64_C(1) << 12);
                segment = next < end ? hs_core_segment_find(v8->core, next) : NULL;
            } while (next < end && (!segment || next - segment->start >= segment->file_size));
            if (next > end) next = end;
            account->absent += next - at;
            at = next;
            continue;
        }
        uint64_t there = segment->file_size - offset;
        if (there > end - at) there = end - at;
        at += walk_stretch(w, page, account, at, segment->data + offset, there, page->area_end - at,
                           at + there == end && end < page->area_end);
    }
    flush(w, page);
}

static void *work(void *context) {
    struct worker *w = context;
    for (;;) {
        unsigned index = atomic_fetch_add(w->next_page, 1);
        if (index >= w->v8->pages.count) return NULL;
        const struct hs_page *page = &w->v8->pages.items[index];
        walk_page(w, page);
        uint64_t bytes = page->area_end - page->area_start;
        uint64_t done = atomic_fetch_add(w->done, bytes) + bytes;
        if (w->options->progress && w->thread == w->options->first)
            w->options->progress(w->options->progress_context, done, w->options->total);
    }
}

void hs_account_add(struct hs_account *to, const struct hs_account *from) {
    to->pages += from->pages;
    to->area += from->area;
    to->committed += from->committed;
    to->objects += from->objects;
    to->fillers += from->fillers;
    to->free += from->free;
    to->dead += from->dead;
    to->unused += from->unused;
    to->unfilled += from->unfilled;
    to->moved += from->moved;
    to->rejected += from->rejected;
    to->absent += from->absent;
    to->object_count += from->object_count;
    to->moved_count += from->moved_count;
    to->rejected_count += from->rejected_count;
    to->unfilled_count += from->unfilled_count;
}

/* A layout that loses a quarter of what it walks is wrong, whatever its other checks said. */
static struct hs_error *judge(const struct hs_v8 *v8, const struct hs_account *accounts) {
    uint64_t rejected = 0, objects = 0;
    for (uint32_t i = 0; i < v8->pages.space_count; i++) {
        rejected += accounts[i].rejected;
        objects += accounts[i].objects + accounts[i].fillers + accounts[i].free;
    }
    if (rejected > (1 << 20) && rejected > objects / 3)
        return hs_error_create(
            HS_ERROR_LAYOUT,
            "V8 %s: the layout does not fit this core: %llu bytes of heap do not decode as objects, %llu do. "
            "heapscan --explain-layout shows what was assumed",
            v8->symbols->version_text, (unsigned long long)rejected, (unsigned long long)objects);
    return NULL;
}

struct hs_error *hs_walk(const struct hs_v8 *v8, const struct hs_walk_options *options,
                         struct hs_walk_thread *threads, struct hs_account *accounts_ret) {
    unsigned count = options->threads ? options->threads : 1;
    struct hs_walk_options shared = *options;
    shared.first = &threads[0];
    for (uint32_t i = 0; i < v8->pages.count; i++)
        shared.total += v8->pages.items[i].area_end - v8->pages.items[i].area_start;
    atomic_uint next_page = 0;
    atomic_ullong done = 0;
    struct worker *workers = calloc(count, sizeof *workers);
    pthread_t *ids = calloc(count, sizeof *ids);
    bool *started = calloc(count, sizeof *started);
    bool memory = workers && ids && started;
    for (unsigned i = 0; i < count && memory; i++) {
        workers[i] = (struct worker){.v8 = v8,
                                     .options = &shared,
                                     .thread = &threads[i],
                                     .next_page = &next_page,
                                     .done = &done,
                                     .no_properties = hs_v8_root(v8, 0, "empty_fixed_array")};
        memory = (workers[i].accounts = calloc(v8->pages.space_count, sizeof *accounts_ret)) != NULL;
    }
    if (memory) {
        for (unsigned i = 1; i < count; i++)
            started[i] = pthread_create(&ids[i], NULL, work, &workers[i]) == 0;
        work(&workers[0]);
        memset(accounts_ret, 0, v8->pages.space_count * sizeof *accounts_ret);
        for (unsigned i = 0; i < count; i++) {
            if (started[i]) pthread_join(ids[i], NULL);
            for (uint32_t s = 0; s < v8->pages.space_count; s++)
                hs_account_add(&accounts_ret[s], &workers[i].accounts[s]);
        }
    }
    for (unsigned i = 0; workers && i < count; i++) free(workers[i].accounts);
    free(workers);
    free(ids);
    free(started);
    return memory ? judge(v8, accounts_ret) : HS_ENOMEM;
}
