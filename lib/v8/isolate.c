#include "v8/isolate_private.h"
#include "v8/layout_private.h"

#include <stdlib.h>
#include <string.h>

/* The Heap is embedded in the Isolate behind the roots; its offset moves in nearly every patch release
 * (0xc5f8 in 18.0.0, 0xf3c8 in 26.0.0), so the roots are searched for in this many bytes before it. */
enum {
    ROOTS_SEARCH = 0x20000,
    ISOLATE_SEARCH = 0x800,
    ISOLATE_DATA = 0x400,
    ISOLATE_LIMIT = 4096,
    PTHREAD_BYTES = 0x900,
    PTHREAD_HEAD = 0x100, /* … in which musl has the pointer to its keys */
    PTHREAD_KEYS = 128,
    STACK_SEARCH = 1 << 20,
    TLS_LIMIT = 1 << 16,
    TLS_ALIGN = 64,
    NAMED_ROOTS_SINCE = 704 /* RootsTable::root_names_ */
};

static const char *const landmarks[] = {"meta_map",   "undefined_value", "the_hole_value", "null_value",
                                        "true_value", "false_value",     "empty_string"};
enum { LANDMARKS = sizeof landmarks / sizeof *landmarks };

int32_t hs_root_index(const struct hs_v8_symbols *symbols, const char *name) {
    for (size_t i = 0; i < symbols->root_count; i++)
        if (strcmp(symbols->root_names[i], name) == 0) return (int32_t)i;
    return -1;
}

static bool in_read_only(const struct hs_v8 *v8, hs_tagged word) {
    if ((word & 3) != 1) return false;
    const struct hs_page *page = hs_pages_find(&v8->pages, word - 1);
    return page && page->flags & HS_PAGE_READ_ONLY && word - 1 >= page->area_start &&
           word - 1 < page->area_end;
}

static bool are_roots(const struct hs_v8 *v8, const uint8_t *table, const int32_t *index) {
    unsigned word = v8->arch->word_size;
    hs_tagged meta = hs_arch_word(v8->arch, table + (size_t)index[0] * word);
    if (!in_read_only(v8, meta) || !hs_map_validate(v8, meta)) return false;
    const uint8_t *p = hs_pages_ptr(&v8->pages, meta - 1, v8->layout.tagged_size);
    if (!p || hs_v8_load_raw(v8, p) != meta) return false;
    for (int i = 1; i < LANDMARKS; i++)
        if (!in_read_only(v8, hs_arch_word(v8->arch, table + (size_t)index[i] * word))) return false;
    return true;
}

/* The roots table of the Heap at `heap`, 0 if there is none before it. */
static hs_addr find_roots(const struct hs_v8 *v8, hs_addr heap, const int32_t *index) {
    unsigned word = v8->arch->word_size;
    int32_t highest = 0;
    for (int i = 0; i < LANDMARKS; i++)
        if (index[i] > highest) highest = index[i];
    uint64_t table = (uint64_t)(highest + 1) * word;
    for (uint64_t back = table; back <= ROOTS_SEARCH && back <= heap; back += word) {
        const uint8_t *p = hs_core_ptr(v8->core, heap - back, table);
        if (p && are_roots(v8, p, index)) return heap - back;
    }
    return 0;
}

/* Isolate::isolate_data_ starts with the isolate's own address in StackGuard: *(isolate + word) == isolate
 * (held in 23 of 23 releases from 18 to 26). */
static hs_addr find_isolate(const struct hs_v8 *v8, hs_addr roots) {
    unsigned word = v8->arch->word_size;
    for (hs_addr at = roots - word; at > roots - ISOLATE_SEARCH && at >= word; at -= word) {
        uint64_t self;
        if (hs_core_word(v8->core, at + word, &self) && self == at) return at;
    }
    return 0;
}

static bool has_isolate(const struct hs_v8 *v8, hs_addr at, hs_addr isolate) {
    uint64_t current;
    return hs_core_word(v8->core, at, &current) && current == isolate;
}

/* What the thread pointer stands in: thread-local blocks on one side of it, struct pthread with the first
 * pthread keys on the other (glibc), or with a pointer to the keys (musl: __pthread.tsd). */
static bool is_near(const struct hs_v8 *v8, hs_addr tp, hs_addr isolate, uint64_t tls_size) {
    unsigned word = v8->arch->word_size;
    uint64_t back = v8->arch->tls_below ? tls_size : PTHREAD_BYTES;
    uint64_t ahead = v8->arch->tls_below ? PTHREAD_BYTES : tls_size + PTHREAD_BYTES;
    hs_addr start = tp > back ? tp - back : word;
    if (tp % word || start > UINT64_MAX - back - ahead) return false;
    for (hs_addr at = start; at < tp + ahead; at += word)
        if (has_isolate(v8, at, isolate)) return true;
    for (hs_addr at = start > tp - PTHREAD_HEAD ? start : tp - PTHREAD_HEAD; at < tp + PTHREAD_HEAD;
         at += word) {
        uint64_t keys;
        if (!hs_core_word(v8->core, at, &keys) || !keys || keys % word || keys > UINT64_MAX - PTHREAD_BYTES)
            continue;
        for (unsigned key = 0; key < PTHREAD_KEYS; key++)
            if (has_isolate(v8, keys + key * word, isolate)) return true;
    }
    return false;
}

/* How often a thread's stack and registers name the isolate: C++ passes it from frame to frame. */
static unsigned count_on_stack(const struct hs_v8 *v8, const struct hs_thread *thread, hs_addr isolate) {
    unsigned word = v8->arch->word_size, count = 0;
    for (unsigned i = 0; i < v8->core->register_count; i++) count += thread->regs[i] == isolate;
    hs_addr at = thread->sp & ~(hs_addr)(word - 1);
    const struct hs_segment *segment = hs_core_segment_find(v8->core, at);
    if (!segment || at - segment->start >= segment->file_size) return count;
    uint64_t size = segment->file_size - (at - segment->start);
    const uint8_t *p = segment->data + (at - segment->start);
    if (size > STACK_SEARCH) size = STACK_SEARCH;
    for (uint64_t i = 0; i + word <= size; i += word) count += hs_arch_word(v8->arch, p + i) == isolate;
    return count;
}

/* Without thread pointers (a core of qemu-user has none) the thread that names the isolate most often:
 * helpers of the collector name it once or twice. */
static void find_thread_by_stack(const struct hs_v8 *v8, struct hs_isolate *isolate) {
    unsigned most = 0;
    for (size_t i = 0; i < v8->core->thread_count; i++) {
        const struct hs_thread *thread = &v8->core->threads[i];
        if (thread->tp) return;
        unsigned count = count_on_stack(v8, thread, isolate->address);
        if (count > most) most = count, isolate->tid = thread->tid;
    }
}

/* How many words of an isolate point to the stack of a thread: it keeps the limits of the stack that it runs
 * on, and its frames (StackGuard::ThreadLocal, ThreadLocalTop). */
static unsigned count_stack_words(const struct hs_v8 *v8, hs_addr isolate, const struct hs_thread *thread) {
    const struct hs_segment *stack = hs_core_segment_find(v8->core, thread->sp);
    unsigned word = v8->arch->word_size, count = 0;
    uint64_t value;
    for (unsigned at = 0; stack && at < ISOLATE_DATA && hs_core_word(v8->core, isolate + at, &value);
         at += word)
        count += value - stack->start < stack->memory_size;
    return count;
}

/* The thread that runs an isolate: by the offset that the symbol gives; without it (a stripped binary,
 * libnode.so, Node 18's pthread key) by the isolate's address near the thread pointer. Several may be in it:
 * a thread that helps its collector enters it too (PageEvacuationJob::Run in V8 13), but has no JavaScript on
 * its stack. */
static void find_thread(const struct hs_v8 *v8, struct hs_isolate *isolate) {
    uint64_t tls_size = 0;
    unsigned most = 0;
    for (size_t i = 0; i < v8->images->count; i++) {
        uint64_t size = v8->images->items[i].tls_size;
        if (size <= TLS_LIMIT && tls_size <= TLS_LIMIT)
            tls_size += (size + TLS_ALIGN - 1) / TLS_ALIGN * TLS_ALIGN;
    }
    for (int by_search = 0; by_search < 2 && isolate->address && !isolate->tid; by_search++)
        for (size_t i = 0; i < v8->core->thread_count; i++) {
            const struct hs_thread *thread = &v8->core->threads[i];
            if (!thread->tp ||
                !(by_search ? is_near(v8, thread->tp, isolate->address, tls_size)
                            : v8->symbols->tls_isolate &&
                                  has_isolate(v8, thread->tp + (uint64_t)v8->symbols->tls_isolate,
                                              isolate->address)))
                continue;
            unsigned words = count_stack_words(v8, isolate->address, thread);
            /* Of equals the lowest thread id: the process's first thread. */
            if (isolate->tid && (words < most || (words == most && thread->tid > isolate->tid))) continue;
            isolate->tid = thread->tid;
            most = words;
        }
    if (isolate->address && !isolate->tid) find_thread_by_stack(v8, isolate);
}

static int main_first(const void *a, const void *b) {
    const struct hs_isolate *x = a, *y = b;
    if (x->main != y->main) return x->main ? -1 : 1;
    return x->heap < y->heap ? -1 : x->heap > y->heap;
}

/* The process's first thread runs the main isolate; where threads cannot be told, the lowest isolate is the
 * first made (the main arena lies below the threads' arenas). */
static void choose_main(struct hs_v8 *v8) {
    uint32_t chosen = 0;
    bool known = false;
    for (uint32_t i = 0; i < v8->isolate_count; i++)
        if (v8->isolates[i].tid && v8->isolates[i].tid == v8->core->pid) chosen = i, known = true;
    for (uint32_t i = 0; i < v8->isolate_count && !known; i++)
        if (v8->isolates[i].heap < v8->isolates[chosen].heap) chosen = i;
    v8->isolates[chosen].main = true;
    qsort(v8->isolates, v8->isolate_count, sizeof *v8->isolates, main_first);
}

static void assign_pages(struct hs_v8 *v8) {
    for (uint32_t i = 0; i < v8->pages.count; i++) {
        struct hs_page *page = &v8->pages.items[i];
        page->isolate = 0;
        for (uint32_t k = 0; k < v8->isolate_count; k++)
            if (page->heap && v8->isolates[k].heap == page->heap) page->isolate = (uint16_t)k;
        v8->pages.spaces[page->space].isolate = page->isolate;
    }
}

struct hs_error *hs_isolates_discover(struct hs_v8 *v8) {
    int32_t index[LANDMARKS];
    bool old = v8->symbols->root_count == 0 && v8->symbols->version[0] && hs_v8_minor(v8) < NAMED_ROOTS_SINCE;
    for (int i = 0; i < LANDMARKS && !old; i++)
        if ((index[i] = hs_root_index(v8->symbols, landmarks[i])) < 0)
            return hs_error_create(
                HS_ERROR_LAYOUT,
                "V8 %s: the index of root %s is not known: %s does not tell the names of V8's roots "
                "(RootsTable::root_names_); pass the binary with its symbols with --exe",
                v8->symbols->version_text, landmarks[i], v8->symbols->origin);
    hs_addr *heaps = calloc(v8->pages.count, sizeof *heaps);
    v8->isolates = calloc(ISOLATE_LIMIT, sizeof *v8->isolates);
    if (!heaps || !v8->isolates) {
        free(heaps);
        return HS_ENOMEM;
    }
    size_t heap_count = 0;
    for (uint32_t i = 0; i < v8->pages.count; i++) {
        hs_addr heap = v8->pages.items[i].heap;
        size_t k = 0;
        while (k < heap_count && heaps[k] != heap) k++;
        if (heap && k == heap_count && heap_count < ISOLATE_LIMIT) heaps[heap_count++] = heap;
    }
    for (size_t i = 0; i < heap_count; i++) {
        struct hs_isolate isolate = {.heap = heaps[i],
                                     .roots = old ? hs_old_roots_find(v8, heaps[i])
                                                  : find_roots(v8, heaps[i], index)};
        if (!isolate.roots) continue;
        isolate.address = find_isolate(v8, isolate.roots);
        if (old || !isolate.address) isolate.address = hs_old_isolate_find(v8, isolate.heap, isolate.roots);
        find_thread(v8, &isolate);
        v8->isolates[v8->isolate_count++] = isolate;
    }
    free(heaps);
    if (v8->isolate_count == 0)
        return hs_error_create(
            HS_ERROR_LAYOUT,
            "V8 %s: found %u heap pages of %zu heaps but the roots of none of them: the root names of %s "
            "do not fit this core",
            v8->symbols->version_text, v8->pages.count, heap_count, v8->symbols->origin);
    if (v8->isolate_count < heap_count)
        HS_TRY(hs_v8_warn(
            v8, "%zu of %zu heaps have no roots that we could find: their objects are counted with isolate 0",
            heap_count - v8->isolate_count, heap_count));
    choose_main(v8);
    assign_pages(v8);
    return old ? hs_old_roots_name(v8, (struct hs_v8_symbols *)v8->symbols) : NULL;
}

hs_tagged hs_v8_root(const struct hs_v8 *v8, uint32_t isolate, const char *name) {
    int32_t index = hs_root_index(v8->symbols, name);
    uint64_t word;
    if (index < 0 || isolate >= v8->isolate_count) return 0;
    return hs_core_word(v8->core, v8->isolates[isolate].roots + (uint64_t)index * v8->arch->word_size, &word)
               ? hs_v8_settle(v8, word)
               : 0;
}
