/* The linear walk: every object of every page, in address order, with every byte of the page accounted.
 *
 * Objects are handed out in batches, page by page: the callback sees (address, map index, bytes). Free
 * memory, fillers, unused allocation areas and rejected stretches are accounted in hs_account and not handed
 * out. From-space pages are skipped (their bytes are no objects). A word that is not a map: a forwarding word
 * (an object a collector has moved; its copy is counted where it lives now), zeroes (an area that a thread
 * took and has not filled), or lost: resynchronised and counted as rejected. From-space of a scavenge under
 * way (HS_PAGE_LEAVING) is walked like any other page. Parallel over pages with `threads`; callbacks of one
 * thread get that thread's context; merging in thread order must not matter to the result: same input, same
 * output whatever the thread count. */
#ifndef HS_HEAP_WALK_H
#define HS_HEAP_WALK_H

#include "v8/v8.h"

struct hs_object {
    hs_addr address; /* untagged */
    uint32_t map;    /* index into the thread's hs_maps */
    uint32_t words;  /* size in tagged words */
};

/* Bytes of page areas, by what they are. objects + fillers + free + unused + unfilled + moved + rejected +
 * absent = area. */
struct hs_account {
    uint64_t pages, area, committed;
    uint64_t objects, fillers, free, unused /* top..limit of allocation areas, unused to-space */;
    uint64_t dead;     /* of `free`: dead objects that the sweeper has not come to, but has to their maps */
    uint64_t unfilled; /* of an allocation area a thread had not filled: zeroes, or what code was about to
                          write before its top */
    uint64_t moved;    /* forwarding words: the object lives elsewhere */
    uint64_t rejected; /* lost to the walk */
    uint64_t absent;   /* the core has no bytes for it */
    uint64_t object_count, moved_count, rejected_count, unfilled_count;
};

/* Adds every field of `from`. */
void hs_account_add(struct hs_account *to, const struct hs_account *from);

struct hs_walk_thread {
    struct hs_maps maps; /* this thread's table; indexes in hs_object refer to it */
    void *context;       /* the caller's, one per thread */
};

struct hs_walk_options {
    unsigned threads; /* 1.. */
    /* Called for each batch (at most HS_WALK_BATCH objects, all of one page). */
    void (*batch)(struct hs_walk_thread *thread, const struct hs_page *page, const struct hs_object *objects,
                  size_t count);
    /* Called with the same, in the same thread, for somebody else who wants to see each batch; may be NULL.
     */
    void (*also)(void *context, const struct hs_page *page, const struct hs_object *objects, size_t count);
    void *also_context;
    void (*progress)(void *context, uint64_t done,
                     uint64_t total); /* bytes of page area; may be NULL; calling thread only */
    void *progress_context;
    /* filled by hs_walk: the calling thread's element, and the bytes in all */
    const struct hs_walk_thread *first;
    uint64_t total;
};
enum { HS_WALK_BATCH = 1024 };

/* Walks all pages. `threads` has options->threads elements, each with its context set and maps zeroed by the
 * caller, who ends the maps. accounts_ret: one hs_account per space (v8->pages.spaces), allocated by the
 * caller, zeroed here. */
struct hs_error *hs_walk(const struct hs_v8 *v8, const struct hs_walk_options *options,
                         struct hs_walk_thread *threads, struct hs_account *accounts_ret) HS_MUST_CHECK;

#endif
