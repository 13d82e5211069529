/* What an isolate holds besides its root table: handle scopes, eternal handles, caches, its own slots. None
 * of it has symbols; each is recognised by its form, which is stable where its offset is not. */
#include "graph/root_private.h"

#include <string.h>

enum {
    ISOLATE_LIMIT = 0x20000,
    POINTEE_WORDS = 48,
    VECTOR_LIMIT = 1 << 20,
    SCOPE_BLOCK = 1022,
    SCOPE_LEVELS = 1 << 20,
    VECTOR_ROOM = 8,
    VECTOR_FORMS = 4,
    ETERNAL_BLOCK = 256,
    RING_LIMIT = 1 << 24,
    BUILTINS_LEAST = 64
};

struct view {
    const struct hs_v8 *v8;
    unsigned word;
};

static bool read_word(const struct view *v, hs_addr at, uint64_t *ret) {
    return hs_core_word(v->v8->core, at, ret);
}

/* Words [start, start + count) that all are tagged pointers to objects or Smis, at least one of them an
 * object. */
static bool are_tagged(const struct hs_root_collector *c, const struct view *v, hs_addr start,
                       uint64_t count) {
    uint64_t objects = 0, word;
    for (uint64_t i = 0; i < count; i++) {
        if (!read_word(v, start + i * v->word, &word)) return false;
        if ((word & 3) == 1 && hs_objects_find(c->objects, word - 1) != HS_ID_NONE) objects++;
        else if (!hs_is_smi(&v->v8->layout, word)) return false;
    }
    return objects > 0;
}

static void add_words(struct hs_root_collector *c, const struct view *v, hs_addr start, uint64_t count,
                      enum hs_root_category category) {
    uint64_t word;
    for (uint64_t i = 0; i < count; i++)
        if (read_word(v, start + i * v->word, &word))
            hs_root_add(c, word, category, (uint32_t)i, start + i * v->word);
}

/* HandleScopeData: {Address *next, *limit; int level, sealed_level}. `limit` is the end of the last block, or
 * wherever a SealHandleScope put it: Node's event loop runs under one, and there limit equals next (api.cc,
 * handles.cc). */
static bool is_scope_data(const struct view *v, hs_addr at, hs_addr block, hs_addr *ret_next) {
    uint64_t next, limit, end = block + (uint64_t)SCOPE_BLOCK * v->word;
    uint32_t level, sealed;
    if (!read_word(v, at, &next) || next < block || next > end || next % v->word) return false;
    if (!read_word(v, at + v->word, &limit) || limit < next || limit > end || limit % v->word) return false;
    if (!hs_core_u32(v->v8->core, at + 2 * v->word, &level) ||
        !hs_core_u32(v->v8->core, at + 2 * v->word + 4, &sealed))
        return false;
    if (level == 0 || level > SCOPE_LEVELS || sealed > level) return false;
    if (limit != end && sealed == 0) return false;
    *ret_next = next;
    return true;
}

/* Whether three vectors in use stand there, the first one empty: the blocks, entered and saved contexts of a
 * thread that has no handles at the moment, as an idle worker. They are DetachableVectors {data, capacity,
 * size} or, in V8 6.7 to 7.0 (`pointers`), pointers to std::vectors {begin, end, limit}, whose contexts are
 * looked at as well: so many ascending words are found elsewhere too. */
static bool are_scopes_empty(const struct hs_root_collector *c, const struct view *v, hs_addr at,
                             bool pointers) {
    for (unsigned k = 0; k < 3; k++) {
        uint64_t data, capacity, size;
        hs_addr vector = at + (hs_addr)((pointers ? 1 : 3) * k) * v->word;
        if (pointers && (!read_word(v, vector, &vector) || !vector || vector % v->word)) return false;
        if (!read_word(v, vector, &data) || !read_word(v, vector + v->word, &capacity) ||
            !read_word(v, vector + 2 * v->word, &size))
            return false;
        if (pointers) {
            uint64_t end = capacity, limit = size;
            if (end < data || limit < end || (end - data) % v->word || (limit - data) % v->word) return false;
            size = (end - data) / v->word;
            capacity = (limit - data) / v->word;
        }
        if (!data || data % v->word || capacity < (pointers ? 1 : VECTOR_ROOM) || capacity > VECTOR_LIMIT ||
            capacity & (capacity - 1))
            return false;
        if (k == 0 ? size != 0 : size > capacity) return false;
        if (pointers && k == 1 && !are_tagged(c, v, data, size)) return false;
    }
    return true;
}

struct vector {
    uint64_t data, size;
};

/* The list of blocks at `at`, in one of four forms: {data, capacity, size} (DetachableVector, V8 7 and
 * later), {begin, end, limit} (std::vector, 6.6 to 7.0), {data, capacity and size in one word} (List,
 * to 6.2), a pointer to a std::vector (the first DetachableVector, 6.7). */
static bool is_vector(const struct view *v, hs_addr at, unsigned form, struct vector *ret) {
    uint64_t data, second, third, capacity;
    if (form == 3) {
        if (!read_word(v, at, &at) || !at || at % v->word) return false;
        form = 1;
    }
    if (!read_word(v, at, &data) || !read_word(v, at + v->word, &second) ||
        !read_word(v, at + 2 * v->word, &third))
        return false;
    if (!data || data % v->word) return false;
    *ret = (struct vector){data, third};
    capacity = second;
    if (form == 1) {
        if (second < data || third < second || (second - data) % v->word || (third - data) % v->word)
            return false;
        ret->size = (second - data) / v->word;
        capacity = (third - data) / v->word;
    } else if (form == 2) {
        capacity = second & UINT32_MAX;
        ret->size = second >> 32;
    }
    return ret->size && ret->size <= capacity && capacity <= VECTOR_LIMIT;
}

/* HandleScopeImplementer: {Isolate*, …, blocks: {data, capacity, size}, …}; each block has 1022 slots, the
 * last one is filled up to HandleScopeData::next (api.h, handles.h). */
static bool add_handle_scopes(struct hs_root_collector *c, const struct view *v,
                              const struct hs_isolate *isolate, hs_addr at) {
    uint64_t self, next;
    if (!read_word(v, at, &self) || self != isolate->address) return false;
    for (unsigned k = VECTOR_FORMS; k < 6 * VECTOR_FORMS; k++) {
        hs_addr vector = at + (hs_addr)(k / VECTOR_FORMS) * v->word;
        struct vector blocks;
        if (k % VECTOR_FORMS == 0 &&
            (are_scopes_empty(c, v, vector, false) || are_scopes_empty(c, v, vector, true)))
            return true;
        if (!is_vector(v, vector, k % VECTOR_FORMS, &blocks)) continue;
        uint64_t last, data = blocks.data, size = blocks.size;
        if (!read_word(v, data + (size - 1) * v->word, &last) || !last || last % v->word) continue;
        /* `next` of the scope data lies inside the last block: look for it in the isolate. */
        for (hs_addr slot = isolate->address; slot - isolate->address < ISOLATE_LIMIT; slot += v->word) {
            if (!is_scope_data(v, slot, last, &next)) continue;
            for (uint64_t b = 0; b + 1 < size; b++) {
                uint64_t block;
                if (read_word(v, data + b * v->word, &block))
                    add_words(c, v, block, SCOPE_BLOCK, HS_ROOT_HANDLE_SCOPE);
            }
            add_words(c, v, last, (next - last) / v->word, HS_ROOT_HANDLE_SCOPE);
            return true;
        }
    }
    return false;
}

/* EternalHandles: {int size, std::vector<Address *> blocks, …}; blocks of 256 slots (eternal-handles.h). */
static bool add_eternal(struct hs_root_collector *c, const struct view *v, hs_addr at) {
    uint64_t begin, end, limit;
    uint32_t size;
    if (!hs_core_u32(v->v8->core, at, &size) || !read_word(v, at + v->word, &begin) ||
        !read_word(v, at + 2 * v->word, &end) || !read_word(v, at + 3 * v->word, &limit))
        return false;
    if (!size || size > VECTOR_LIMIT || !begin || begin % v->word || end <= begin || limit < end ||
        (end - begin) % v->word)
        return false;
    if ((end - begin) / v->word != (size + ETERNAL_BLOCK - 1) / ETERNAL_BLOCK) return false;
    for (uint64_t left = size, b = 0; left; b++) {
        uint64_t block, count = left < ETERNAL_BLOCK ? left : ETERNAL_BLOCK;
        if (!read_word(v, begin + b * v->word, &block) || !block || block % v->word ||
            !are_tagged(c, v, block, count))
            return false;
        left -= count;
    }
    for (uint64_t left = size, b = 0; left; b++) {
        uint64_t block = 0, count = left < ETERNAL_BLOCK ? left : ETERNAL_BLOCK;
        if (read_word(v, begin + b * v->word, &block)) add_words(c, v, block, count, HS_ROOT_ETERNAL);
        left -= count;
    }
    return true;
}

/* MicrotaskQueue: {…, size, capacity (a power of two), start, …, Address *ring_buffer} (microtask-queue.h).
 */
static bool add_microtasks(struct hs_root_collector *c, const struct view *v, hs_addr at) {
    for (unsigned k = 1; k < 10; k++) {
        uint64_t size, capacity, start, ring;
        hs_addr p = at + (hs_addr)k * v->word;
        if (!read_word(v, p, &size) || !read_word(v, p + v->word, &capacity) ||
            !read_word(v, p + 2 * v->word, &start))
            return false;
        if (!size || size > capacity || capacity < 8 || capacity > RING_LIMIT || capacity & (capacity - 1) ||
            start >= capacity)
            continue;
        for (unsigned r = 0; r < 10; r++) {
            if (!read_word(v, at + (hs_addr)r * v->word, &ring) || !ring || ring % v->word || r == k)
                continue;
            bool good = true;
            for (uint64_t i = 0; i < size && good; i++) {
                uint64_t task;
                hs_addr slot = ring + (start + i) % capacity * v->word;
                good = read_word(v, slot, &task) && (task & 3) == 1 &&
                       hs_objects_find(c->objects, task - 1) != HS_ID_NONE;
            }
            if (!good) continue;
            for (uint64_t i = 0; i < size; i++) {
                uint64_t task;
                hs_addr slot = ring + (start + i) % capacity * v->word;
                if (read_word(v, slot, &task)) hs_root_add(c, task, HS_ROOT_MICROTASKS, (uint32_t)i, slot);
            }
            return true;
        }
    }
    return false;
}

/* Words that may belong to the memory that malloc gave out at `at`: glibc keeps the chunk's size before it,
 * with flags in its low bits. What lies behind is another's: it may be freed, and full of stale pointers. */
static unsigned chunk_words(const struct view *v, hs_addr at) {
    uint64_t size;
    if (!read_word(v, at - v->word, &size)) return POINTEE_WORDS;
    size &= ~UINT64_C(7);
    if (size % (2 * v->word) || size < 4 * v->word || size > (uint64_t)POINTEE_WORDS * v->word)
        return POINTEE_WORDS;
    return (unsigned)(size / v->word) - 1;
}

/* Bytes of the isolate itself, by the same size before it. Behind them stale pointers are taken for its
 * caches: a dead object was told held on 16.1.0, in one core of ten. */
static uint64_t isolate_bytes(const struct view *v, const struct hs_isolate *isolate) {
    uint64_t size;
    if (!read_word(v, isolate->address - v->word, &size)) return ISOLATE_LIMIT;
    size &= ~UINT64_C(7);
    if (size % (2 * v->word) || size > ISOLATE_LIMIT || isolate->heap < isolate->address ||
        size <= isolate->heap - isolate->address)
        return ISOLATE_LIMIT;
    return size - v->word;
}

/* A helper object of the isolate that points back to it and holds tagged words itself: compilation cache,
 * debugger, … */
static void add_owned(struct hs_root_collector *c, const struct view *v, const struct hs_isolate *isolate,
                      hs_addr at) {
    uint64_t self, word;
    if (!read_word(v, at, &self) || self != isolate->address) return;
    unsigned words = chunk_words(v, at);
    for (unsigned k = 1; k < words; k++) {
        hs_addr slot = at + (hs_addr)k * v->word;
        if (!read_word(v, slot, &word)) return;
        if ((word & 3) == 1) hs_root_add(c, word, HS_ROOT_COMPILATION_CACHE, k, slot);
    }
}

/* One of the isolate's two caches of what a startup snapshot refers to: the shareable one has nothing but
 * strings, and behind the last of them an oddball (shared-heap-serializer.cc). */
static enum hs_root_category cache_category(const struct hs_root_collector *c, const struct view *v,
                                            hs_addr start, uint64_t count) {
    uint64_t word;
    for (uint64_t i = 0; i < count; i++) {
        if (!read_word(v, start + i * v->word, &word) || (word & 3) != 1) continue;
        enum hs_kind kind = hs_v8_kind_of(c->objects->v8, word);
        if (kind != HS_KIND_STRING && kind != HS_KIND_ODDBALL) return HS_ROOT_STARTUP_CACHE;
    }
    return HS_ROOT_SHAREABLE_CACHE;
}

/* Three words that look like a vector of references, and hold nothing alive: the heap's table of external
 * strings, behind a pointer to the heap ({heap, [bytes,] young, old}, from V8 14 on {heap, bytes, strings}; a
 * string that only it knows is freed), and the addresses of the parts of a stub cache, {keys, values, maps}
 * of one array, which each collection empties.
 */
static bool is_weak_table(const struct view *v, const struct hs_isolate *isolate, hs_addr at, hs_addr data) {
    uint64_t word, second, third;
    for (unsigned back = 1; back <= 5; back++)
        if (read_word(v, at - (hs_addr)back * v->word, &word) && word == isolate->heap) return true;
    if (at >= isolate->heap || !read_word(v, at + v->word, &second) ||
        !read_word(v, at + 2 * v->word, &third))
        return false;
    return third - second == v->word && data < second;
}

/* Builtins {Object *builtins_[N]} inside the isolate, behind the Heap until V8 7: so many pointers to code in
 * a row are nothing else. */
static uint64_t builtins_at(const struct hs_root_collector *c, const struct view *v, hs_addr at,
                            hs_addr end) {
    uint64_t count = 0, word;
    for (; at < end && read_word(v, at, &word) && (word & 3) == 1; at += v->word, count++)
        if (hs_objects_find(c->objects, word - 1) == HS_ID_NONE || hs_v8_kind_of(v->v8, word) != HS_KIND_CODE)
            break;
    return count >= BUILTINS_LEAST ? count : 0;
}

void hs_root_add_isolate(struct hs_root_collector *c, const struct hs_isolate *isolate) {
    const struct hs_v8 *v8 = c->objects->v8;
    struct view v = {v8, v8->arch->word_size};
    hs_addr roots_end = isolate->roots + v8->symbols->root_count * v.word;
    bool scopes = false, eternal = false;
    uint64_t bytes = isolate_bytes(&v, isolate);
    /* The Heap is embedded near the end; behind it stand more of the isolate's fields, and its lists of
     * native contexts and allocation sites, which are weak: they are left out, the helpers behind them are
     * not. */
    for (hs_addr at = isolate->address; at - isolate->address < bytes; at += v.word) {
        uint64_t word, end, limit;
        if (at >= isolate->roots && at < roots_end) continue;
        if (!read_word(&v, at, &word)) break;
        bool in_heap = at >= isolate->heap;
        if ((word & 3) == 1 && !in_heap) {
            hs_id id = hs_objects_find(c->objects, word - 1);
            if (id == HS_ID_NONE) continue;
            enum hs_kind kind = hs_v8_kind_of(v8, word);
            hs_root_add_id(c, id, kind == HS_KIND_CODE ? HS_ROOT_BUILTINS : HS_ROOT_ISOLATE, 0, at);
            continue;
        }
        uint64_t builtins = in_heap ? builtins_at(c, &v, at, isolate->address + bytes) : 0;
        if (builtins) {
            add_words(c, &v, at, builtins, HS_ROOT_BUILTINS);
            at += (builtins - 1) * v.word;
            continue;
        }
        /* ThreadLocalTop {Isolate *, Context *, …}, which stands behind the Heap until V8 7. */
        if (in_heap && word == isolate->address && read_word(&v, at + v.word, &end) && (end & 3) == 1) {
            enum hs_kind kind = hs_v8_kind_of(v8, end);
            if (kind == HS_KIND_CONTEXT || kind == HS_KIND_NATIVE_CONTEXT)
                hs_root_add(c, end, HS_ROOT_ISOLATE, 0, at + v.word);
        }
        if (!word || word % v.word || word < 0x10000 || hs_pages_find(&v8->pages, word)) continue;
        if (word >= isolate->address && word < isolate->heap)
            continue; /* itself: malloc puts its helpers right behind it */
        if (!scopes && add_handle_scopes(c, &v, isolate, word)) {
            scopes = true;
            continue;
        }
        if (!eternal && add_eternal(c, &v, word)) {
            eternal = true;
            continue;
        }
        /* std::vector<Tagged<Object>> inside the isolate: the startup and shared object caches. */
        if (!is_weak_table(&v, isolate, at, word) && read_word(&v, at + v.word, &end) &&
            read_word(&v, at + 2 * v.word, &limit) && end > word && limit >= end &&
            end - word < VECTOR_LIMIT && (end - word) % v.word == 0 && (end - word) / v.word >= 8 &&
            are_tagged(c, &v, word, (end - word) / v.word)) {
            uint64_t count = (end - word) / v.word;
            add_words(c, &v, word, count, cache_category(c, &v, word, count));
            continue;
        }
        if (add_microtasks(c, &v, word)) continue;
        add_owned(c, &v, isolate, word);
    }
    if (!scopes)
        hs_root_note(c, "the handle scopes of an isolate were not found: an object that only a C++ local "
                        "holds may be told unreachable");
}
