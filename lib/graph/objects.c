#include "graph/objects.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Sizes of one page's objects, in order; a page is read by one thread. */
struct page_sizes {
    uint8_t *words;
    uint32_t count, capacity;
    struct hs_large_object *large; /* ids: numbers within the page until all pages are known */
    uint32_t large_count, large_capacity;
};

struct hs_objects_builder {
    struct hs_objects *objects;
    struct page_sizes *sizes; /* one a page, shared by all threads */
    atomic_bool failed;
};

static bool reserve(struct page_sizes *sizes, size_t more) {
    if (more <= sizes->capacity - sizes->count) return true;
    uint32_t capacity = sizes->capacity ? 2 * sizes->capacity : HS_WALK_BATCH;
    uint8_t *grown = realloc(sizes->words, capacity * sizeof *grown);
    if (!grown) return false;
    sizes->words = grown;
    sizes->capacity = capacity;
    return true;
}

static bool add_large(struct page_sizes *sizes, uint32_t words) {
    if (sizes->large_count == sizes->large_capacity) {
        uint32_t capacity = sizes->large_capacity ? 2 * sizes->large_capacity : 16;
        struct hs_large_object *grown = realloc(sizes->large, capacity * sizeof *grown);
        if (!grown) return false;
        sizes->large = grown;
        sizes->large_capacity = capacity;
    }
    sizes->large[sizes->large_count++] = (struct hs_large_object){sizes->count, words};
    return true;
}

struct hs_error *hs_objects_begin(const struct hs_v8 *v8, struct hs_objects_builder **ret) {
    struct hs_objects_builder *builder = calloc(1, sizeof *builder);
    if (!builder) return HS_ENOMEM;
    builder->objects = calloc(1, sizeof *builder->objects);
    builder->sizes = calloc(v8->pages.count + 1, sizeof *builder->sizes);
    if (builder->objects) {
        builder->objects->v8 = v8;
        builder->objects->pages = calloc(v8->pages.count + 1, sizeof *builder->objects->pages);
    }
    if (!builder->objects || !builder->objects->pages || !builder->sizes) {
        hs_objects_abandon(builder);
        return HS_ENOMEM;
    }
    *ret = builder;
    return NULL;
}

void hs_objects_abandon(struct hs_objects_builder *builder) {
    if (!builder) return;
    for (uint32_t i = 0; builder->sizes && builder->objects && i < builder->objects->v8->pages.count; i++) {
        free(builder->sizes[i].words);
        free(builder->sizes[i].large);
    }
    free(builder->sizes);
    hs_objects_destroy(builder->objects);
    free(builder);
}

void hs_objects_note(struct hs_objects_builder *builder, const struct hs_page *page,
                     const struct hs_object *batch, size_t count) {
    const struct hs_v8 *v8 = builder->objects->v8;
    size_t number = (size_t)(page - v8->pages.items);
    struct hs_object_page *index = &builder->objects->pages[number];
    struct page_sizes *sizes = &builder->sizes[number];
    unsigned word = v8->layout.tagged_size;
    if (!index->starts) {
        index->blocks = hs_objects_blocks(v8, page);
        index->starts = calloc(index->blocks, sizeof *index->starts);
        index->before = calloc(index->blocks, sizeof *index->before);
    }
    if (!index->starts || !index->before || !reserve(sizes, count)) {
        builder->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t bit = (batch[i].address - page->area_start) / word;
        if (bit / 64 >= index->blocks) continue;
        index->starts[bit / 64] |= UINT64_C(1) << (bit % 64);
        bool large = batch[i].words >= HS_OBJECTS_LARGE;
        if (large && !add_large(sizes, batch[i].words)) builder->failed = true;
        sizes->words[sizes->count++] = large ? HS_OBJECTS_LARGE : (uint8_t)batch[i].words;
    }
}

/* Counts before each block, first ids, and the sizes of all pages one behind the other. */
static struct hs_error *rank(struct hs_objects *objects, struct page_sizes *sizes) {
    uint64_t total = 0, large = 0;
    for (uint32_t i = 0; i < objects->v8->pages.count; i++) {
        struct hs_object_page *page = &objects->pages[i];
        uint32_t inside = 0;
        page->start = objects->v8->pages.items[i].area_start;
        page->first = (hs_id)total;
        for (uint32_t k = 0; k < page->blocks; k++) {
            page->before[k] = inside;
            inside += hs_bit_count(page->starts[k]);
        }
        total += inside;
        large += sizes[i].large_count;
        if (total >= HS_ID_NONE / 2)
            return hs_error_create(HS_ERROR_UNSUPPORTED, "more than 2^31 objects: not supported");
    }
    objects->count = (hs_id)total;
    objects->words = malloc((total + 1) * sizeof *objects->words);
    objects->large = malloc((large + 1) * sizeof *objects->large);
    if (!objects->words || !objects->large) return HS_ENOMEM;
    for (uint32_t i = 0; i < objects->v8->pages.count; i++) {
        if (sizes[i].count)
            memcpy(objects->words + objects->pages[i].first, sizes[i].words,
                   sizes[i].count * sizeof *objects->words);
        for (uint32_t k = 0; k < sizes[i].large_count; k++)
            objects->large[objects->large_count++] = (struct hs_large_object){
                objects->pages[i].first + sizes[i].large[k].id, sizes[i].large[k].words};
        free(sizes[i].words);
        free(sizes[i].large);
        sizes[i].words = NULL;
        sizes[i].large = NULL;
    }
    return NULL;
}

struct hs_error *hs_objects_finish(struct hs_objects_builder *builder, struct hs_objects **ret) {
    struct hs_error *error = builder->failed ? HS_ENOMEM : rank(builder->objects, builder->sizes);
    if (!error) {
        *ret = builder->objects;
        free(builder->sizes); /* of pages: freed when they were put together */
        free(builder);
    } else {
        hs_objects_abandon(builder);
    }
    return error;
}

static void note(struct hs_walk_thread *thread, const struct hs_page *page, const struct hs_object *batch,
                 size_t count) {
    hs_objects_note(thread->context, page, batch, count);
}

static struct hs_error *walk(struct hs_objects_builder *builder, unsigned threads) {
    const struct hs_v8 *v8 = builder->objects->v8;
    struct hs_walk_thread *state = calloc(threads, sizeof *state);
    struct hs_account *accounts = calloc(v8->pages.space_count + 1, sizeof *accounts);
    struct hs_error *error = state && accounts ? NULL : HS_ENOMEM;
    struct hs_walk_options options = {.threads = threads, .batch = note};
    for (unsigned i = 0; i < threads && !error; i++) state[i].context = builder;
    if (!error) error = hs_walk(v8, &options, state, accounts);
    for (unsigned i = 0; state && i < threads; i++) hs_maps_deinit(&state[i].maps);
    free(state);
    free(accounts);
    return error;
}

struct hs_error *hs_objects_create(const struct hs_v8 *v8, unsigned threads, struct hs_objects **ret) {
    struct hs_objects_builder *builder;
    HS_TRY(hs_objects_begin(v8, &builder));
    struct hs_error *error = walk(builder, threads ? threads : 1);
    if (!error) return hs_objects_finish(builder, ret);
    hs_objects_abandon(builder);
    return error;
}

void hs_objects_destroy(struct hs_objects *objects) {
    if (!objects) return;
    for (uint32_t i = 0; objects->pages && i < objects->v8->pages.count; i++) {
        free(objects->pages[i].starts);
        free(objects->pages[i].before);
    }
    free(objects->pages);
    free(objects->words);
    free(objects->large);
    free(objects);
}

uint32_t hs_objects_large_words(const struct hs_objects *objects, hs_id id) {
    uint32_t low = 0, high = objects->large_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (objects->large[middle].id < id) low = middle + 1;
        else high = middle;
    }
    return low < objects->large_count && objects->large[low].id == id ? objects->large[low].words : 0;
}

/* The last page whose first id is not above `id` and that has objects. */
static uint32_t page_of(const struct hs_objects *objects, hs_id id) {
    uint32_t low = 0, high = objects->v8->pages.count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (objects->pages[middle].first <= id) low = middle;
        else high = middle;
    }
    return low;
}

const struct hs_page *hs_objects_page(const struct hs_objects *objects, hs_id id) {
    return &objects->v8->pages.items[page_of(objects, id)];
}

/* Address of the object of number `rank` in a page, which is in the given block. */
static hs_addr address_in(const struct hs_objects *objects, uint32_t p, uint32_t block, uint32_t rank) {
    const struct hs_object_page *page = &objects->pages[p];
    uint64_t bits = page->starts[block];
    for (rank -= page->before[block]; rank; rank--) bits &= bits - 1;
    unsigned bit = (unsigned)__builtin_ctzll(bits);
    return objects->v8->pages.items[p].area_start +
           ((uint64_t)block * 64 + bit) * objects->v8->layout.tagged_size;
}

hs_addr hs_objects_address(const struct hs_objects *objects, hs_id id) {
    uint32_t p = page_of(objects, id);
    const struct hs_object_page *page = &objects->pages[p];
    uint32_t rank = id - page->first, low = 0, high = page->blocks;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (page->before[middle] <= rank) low = middle;
        else high = middle;
    }
    return address_in(objects, p, low, rank);
}

hs_addr hs_objects_address_from(const struct hs_objects *objects, struct hs_object_place *place, hs_id id) {
    const uint32_t count = objects->v8->pages.count;
    for (; place->page + 1 < count && objects->pages[place->page + 1].first <= id; place->page++)
        place->block = 0;
    const struct hs_object_page *page = &objects->pages[place->page];
    uint32_t rank = id - page->first;
    while (place->block + 1 < page->blocks && page->before[place->block + 1] <= rank) place->block++;
    return address_in(objects, place->page, place->block, rank);
}

hs_id hs_objects_find_inside(const struct hs_objects *objects, hs_addr address) {
    const struct hs_v8 *v8 = objects->v8;
    const struct hs_page *page = hs_pages_find(&v8->pages, address);
    if (!page || address < page->area_start || address >= page->area_end) return HS_ID_NONE;
    const struct hs_object_page *index = &objects->pages[page - v8->pages.items];
    if (!index->blocks) return HS_ID_NONE;
    uint64_t bit = (address - page->area_start) / v8->layout.tagged_size;
    uint32_t block = bit / 64 < index->blocks ? (uint32_t)(bit / 64) : index->blocks - 1;
    uint64_t bits = index->starts[block];
    if (bit / 64 == block && bit % 64 != 63) bits &= (UINT64_C(2) << (bit % 64)) - 1;
    while (!bits && block) bits = index->starts[--block];
    if (!bits) return HS_ID_NONE;
    unsigned top = 63u - (unsigned)__builtin_clzll(bits);
    hs_id id = index->first + index->before[block] + (hs_id)hs_bit_count(bits & ((UINT64_C(1) << top) - 1));
    hs_addr start = page->area_start + ((uint64_t)block * 64 + top) * v8->layout.tagged_size;
    return address - start < (uint64_t)hs_objects_words(objects, id) * v8->layout.tagged_size ? id
                                                                                              : HS_ID_NONE;
}
