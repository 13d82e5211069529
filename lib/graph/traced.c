#include "graph/traced.h"

#include <stdlib.h>

/* TracedNodeBlock: a header, then nodes of {object, next free u16, index u16, flags u8, …}, 256 or more; a
 * node's index is its position. That is a signature as that of global handles (handle_root.c). */
enum {
    NODE = 16,
    INDEX_AT = 10,
    FLAGS_AT = 12,
    IN_USE = 1,
    NODES_MIN = 256,
    NODES_MAX = 1 << 16,
    WORD = 8,
    MEMORY_PAGE = 4096,
    FIELDS_FIRST = 3, /* words of a wrapper, behind its map, properties and elements */
    FIELDS_MAX = 8
};

/* HeapObjectHeader, the 8 bytes before a C++ object: {padding u32, type u16, size u16}; the size, of header
 * and object in units of 8 bytes, stands above the bit of the marker. 0 is a large object's: not read. */
enum { HEADER = 8, SIZE_AT = 6, UNIT = 8 };

/* A C++ object that has a handle of its own wrapper. */
struct wrapped {
    hs_addr address;
    hs_id wrapper;
    size_t handle;
};

struct search {
    const struct hs_objects *objects;
    const struct hs_core *core;
    struct hs_traced *traced;
    struct wrapped *wrapped; /* ascending by address */
    size_t wrapped_count;
    uint64_t bytes; /* of C++ objects that were read */
    hs_addr floor;  /* memory before it has been seen, or is none that is searched */
    bool failed;    /* memory has run out */
};
enum { BYTES_MAX = 1 << 28 }; /* of a damaged core, whose objects may lie in each other */

static unsigned index_of(const uint8_t *node) {
    return (unsigned)node[INDEX_AT] | (unsigned)node[INDEX_AT + 1] << 8;
}

static void add_node(struct search *s, hs_addr slot, const uint8_t *node) {
    struct hs_traced *traced = s->traced;
    hs_tagged object = hs_arch_word(s->core->arch, node);
    hs_id id = (object & 3) == 1 ? hs_objects_find(s->objects, hs_untag(object)) : HS_ID_NONE;
    if (!(node[FLAGS_AT] & IN_USE) || id == HS_ID_NONE) return;
    if (traced->count == traced->capacity) {
        size_t capacity = traced->capacity ? 2 * traced->capacity : 256;
        struct hs_traced_handle *grown = realloc(traced->items, capacity * sizeof *grown);
        if (!grown) {
            s->failed = true;
            return;
        }
        traced->items = grown;
        traced->capacity = capacity;
    }
    traced->items[traced->count++] = (struct hs_traced_handle){slot, id, HS_ID_NONE};
}

/* Bytes of the block's nodes at `p`; 0: there is none. */
static uint64_t read_nodes(struct search *s, hs_addr at, const uint8_t *p, uint64_t size) {
    unsigned nodes = 0;
    while (nodes < NODES_MAX && (uint64_t)(nodes + 1) * NODE <= size &&
           index_of(p + (size_t)nodes * NODE) == nodes)
        nodes++;
    if (nodes < NODES_MIN) return 0;
    for (unsigned i = 0; i < nodes; i++) add_node(s, at + (hs_addr)i * NODE, p + (size_t)i * NODE);
    return (uint64_t)nodes * NODE;
}

/* Looks at three nodes at `p`, wherever nodes begin: their indexes say where the block does. Returns the
 * bytes from `p` to its end; 0: there is none. */
static uint64_t read_block(struct search *s, hs_addr at, const uint8_t *p, uint64_t size) {
    for (unsigned r = 0; r < NODE; r += WORD) {
        unsigned index = index_of(p + r);
        uint64_t before = (uint64_t)index * NODE;
        if (index_of(p + r + NODE) != index + 1 || index_of(p + r + 2 * NODE) != index + 2 ||
            before > at - s->floor + r)
            continue;
        uint64_t read = read_nodes(s, at + r - before, p + r - before, size - r + before);
        if (read + r > before) return read + r - before;
    }
    return 0;
}
/* A block is so long that one of these looks meets it wherever it begins. */
enum { LOOK = NODE * NODES_MIN / 2, LOOKED_AT = 4 * NODE };

/* --- owners */

static int by_slot(const void *a, const void *b) {
    const struct hs_traced_handle *x = a, *y = b;
    return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static int by_address(const void *a, const void *b) {
    const struct wrapped *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

static struct hs_traced_handle *handle_at(const struct search *s, hs_addr slot) {
    const struct hs_traced_handle key = {.slot = slot};
    return slot ? bsearch(&key, s->traced->items, s->traced->count, sizeof key, by_slot) : NULL;
}

static struct wrapped *wrapped_at(const struct search *s, hs_addr address) {
    const struct wrapped key = {.address = address};
    if (!s->wrapped_count || address < s->wrapped[0].address ||
        address > s->wrapped[s->wrapped_count - 1].address)
        return NULL;
    return bsearch(&key, s->wrapped, s->wrapped_count, sizeof key, by_address);
}

static void add_link(struct search *s, hs_id from, hs_id to) {
    struct hs_traced *traced = s->traced;
    if (traced->link_count == traced->link_capacity) {
        size_t capacity = traced->link_capacity ? 2 * traced->link_capacity : 64;
        struct hs_traced_link *grown = realloc(traced->links, capacity * sizeof *grown);
        if (!grown) {
            s->failed = true;
            return;
        }
        traced->links = grown;
        traced->link_capacity = capacity;
    }
    traced->links[traced->link_count++] = (struct hs_traced_link){from, to};
}

/* Bytes of the C++ object at `address`, 0 if there is none. */
static uint64_t object_bytes(struct search *s, hs_addr address) {
    uint64_t header;
    if (address % WORD || address < HEADER || !hs_core_word(s->core, address - HEADER, &header)) return 0;
    uint64_t size = (header >> (8 * SIZE_AT) >> 1) * UNIT;
    if ((uint32_t)header || size <= HEADER || (s->bytes += size) > BYTES_MAX) return 0;
    return size - HEADER;
}

/* The handles that are members of the C++ object at `address` belong to `owner`. */
static void own(struct search *s, hs_addr address, hs_id owner) {
    uint64_t bytes = object_bytes(s, address), value;
    for (uint64_t at = 0; at < bytes && hs_core_word(s->core, address + at, &value); at += WORD) {
        struct hs_traced_handle *handle = handle_at(s, value);
        if (!handle || handle->owner != HS_ID_NONE) continue;
        handle->owner = owner;
        if (handle->to == owner)
            s->wrapped[s->wrapped_count++] =
                (struct wrapped){address, owner, (size_t)(handle - s->traced->items)};
    }
}

/* A wrapper is what a handle of its own C++ object names. */
static void find_owners(struct search *s) {
    const struct hs_v8 *v8 = s->objects->v8;
    for (size_t i = 0; i < s->traced->count; i++) {
        hs_id id = s->traced->items[i].to;
        hs_addr address = hs_objects_address(s->objects, id);
        uint32_t words = hs_objects_words(s->objects, id);
        if (hs_v8_kind_of(v8, address + 1) != HS_KIND_JS_API_OBJECT) continue;
        for (uint32_t w = FIELDS_FIRST; w < words && w < FIELDS_FIRST + FIELDS_MAX; w++) {
            uint64_t field;
            if (hs_core_word(s->core, address + (hs_addr)w * WORD, &field)) own(s, field, id);
        }
    }
    if (s->wrapped_count) qsort(s->wrapped, s->wrapped_count, sizeof *s->wrapped, by_address);
}

static void find_members(struct search *s) {
    for (size_t i = 0; i < s->wrapped_count; i++) {
        hs_addr address = s->wrapped[i].address;
        uint64_t bytes = object_bytes(s, address), value;
        for (uint64_t at = 0; at < bytes && hs_core_word(s->core, address + at, &value); at += WORD) {
            const struct wrapped *other = wrapped_at(s, value);
            if (other && other->wrapper != s->wrapped[i].wrapper)
                add_link(s, s->wrapped[i].wrapper, other->wrapper);
        }
    }
}

static uint64_t find_persistent(struct search *s, hs_addr at, const uint8_t *p, uint64_t size) {
    (void)size;
    const struct wrapped *object = wrapped_at(s, hs_arch_word(s->core->arch, p));
    uint64_t back;
    if (object && hs_core_word(s->core, hs_arch_word(s->core->arch, p + WORD), &back) && back == at)
        s->traced->items[object->handle].owner = HS_ID_NONE;
    return 0;
}

/* --- memory */

/* Writable memory outside of the heap, each `step` bytes, where there are `room` of them; `visit` returns the
 * bytes that it has read, 0 for a step. */
static void visit_memory(struct search *s, uint64_t step, uint64_t room,
                         uint64_t (*visit)(struct search *, hs_addr, const uint8_t *, uint64_t)) {
    const struct hs_pages *pages = &s->objects->v8->pages;
    for (size_t e = 0; e < s->core->extent_count; e++) {
        hs_addr start = s->core->extents[e].start, end = start + s->core->extents[e].size;
        const struct hs_segment *segment = hs_core_segment_find(s->core, start);
        if (!segment || !(segment->any_flags & HS_SEGMENT_W)) continue;
        const uint8_t *bytes = segment->data + (start - segment->start);
        hs_addr at = (start + WORD - 1) & ~(hs_addr)(WORD - 1);
        s->floor = at;
        hs_addr asked = at; /* up to here it is no page of the heap, which is whole pages of memory */
        while (at < end && end - at >= room) {
            const struct hs_page *page = at >= asked ? hs_pages_find(pages, at) : NULL;
            if (page) {
                at = asked = s->floor = page->base + page->size;
                continue;
            }
            asked = (at | (MEMORY_PAGE - 1)) + 1;
            uint64_t read = visit(s, at, bytes + (at - start), end - at);
            at += read ? read : step;
            if (read) s->floor = at;
        }
    }
}

struct hs_error *hs_traced_find(const struct hs_objects *objects, struct hs_traced *ret) {
    const struct hs_v8 *v8 = objects->v8;
    *ret = (struct hs_traced){0};
    struct search s = {.objects = objects, .core = v8->core, .traced = ret};
    /* Measured on 64-bit little-endian machines without compressed pointers; no release of another kind has
     * an embedder that uses cppgc. */
    if (v8->arch->word_size != WORD || v8->layout.tagged_size != WORD || v8->arch->big_endian) return NULL;
    visit_memory(&s, LOOK, LOOKED_AT, read_block);
    if (!s.failed && ret->count) {
        qsort(ret->items, ret->count, sizeof *ret->items, by_slot);
        s.wrapped = malloc(ret->count * sizeof *s.wrapped); /* a handle has one owner */
        if (!s.wrapped) s.failed = true;
        else find_owners(&s);
        find_members(&s);
        if (s.wrapped_count) visit_memory(&s, WORD, 2 * WORD, find_persistent);
        free(s.wrapped);
    }
    if (!s.failed) return NULL;
    hs_traced_deinit(ret);
    return HS_ENOMEM;
}

void hs_traced_deinit(struct hs_traced *traced) {
    free(traced->items);
    free(traced->links);
    *traced = (struct hs_traced){0};
}
