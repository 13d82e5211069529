/* What the threads hold. V8 knows exactly which words of a stack are references: those of frames of
 * JavaScript, by tables that no core tells the meaning of; C++ holds objects by handles, which are not on
 * the stack. So frames of JavaScript are read word by word, and of the frames of C++ only the innermost
 * ones: V8 itself may have been stopped between two collections, with an object in its hands that no handle
 * knows yet. A frame of C++ that has called JavaScript holds none, nor does a thread that waits for events
 * with no JavaScript below: there V8 may collect, and move, what it likes. It matters because such frames are
 * full of what earlier calls left there: one stale word in 2.8 KB of node::Start held a dead array with 400
 * objects in one core of 15. */
#include "graph/root_private.h"
#include "v8/frame.h"

/* Joined segments hide a stack's end: the thread's control block lies on top of its stack (glibc, musl), the
 * first thread's stack ends its segment. */
enum { STACK_LIMIT = 64 << 20 };

struct reading {
    struct hs_root_collector *collector;
    const struct hs_segment *segment;
    uint32_t thread;
    bool called; /* a frame of JavaScript was met: what lies behind has called it */
};

static void add_word(struct hs_root_collector *c, uint64_t word, uint32_t thread, hs_addr slot) {
    const struct hs_v8 *v8 = c->objects->v8;
    const struct hs_page *page = hs_pages_find(&v8->pages, word);
    if (!page) return;
    c->isolate = page->isolate;
    if ((word & 3) == 1) hs_root_add(c, word, HS_ROOT_STACK, thread, slot);
    else if (page->flags & HS_PAGE_CODE) { /* a return address */
        hs_id id = hs_objects_find_inside(c->objects, word);
        if (id != HS_ID_NONE) hs_root_add_id(c, id, HS_ROOT_STACK, thread, slot);
    }
}

/* A chain that was broken may have missed frames of JavaScript; what lies behind its end as well. */
static void add_frame(void *context, const struct hs_frame *frame) {
    struct reading *reading = context;
    const struct hs_v8 *v8 = reading->collector->objects->v8;
    const enum hs_frame_owner owner = hs_frame_owner(v8, frame->pc);
    if (owner == HS_FRAME_NATIVE && !frame->rest && reading->called && frame->linked) return;
    if (owner == HS_FRAME_JS) reading->called = true;
    const unsigned size = v8->arch->word_size;
    const uint8_t *bytes = reading->segment->data;
    for (hs_addr at = frame->from; frame->to - at >= size; at += size)
        add_word(reading->collector, hs_arch_word(v8->arch, bytes + (at - reading->segment->start)),
                 reading->thread, at);
}

void hs_root_add_threads(struct hs_root_collector *c) {
    const struct hs_v8 *v8 = c->objects->v8;
    const struct hs_core *core = v8->core;
    for (uint32_t t = 0; t < core->thread_count; t++) {
        const struct hs_thread *thread = &core->threads[t];
        for (unsigned r = 0; r < core->register_count; r++) add_word(c, thread->regs[r], t, 0);
        hs_addr at = thread->sp & ~(hs_addr)(core->arch->word_size - 1);
        const struct hs_segment *segment = hs_core_segment_find(core, at);
        if (!segment || at - segment->start >= segment->file_size) continue;
        hs_addr end = segment->start + segment->file_size;
        if (thread->tp > at && thread->tp < end && thread->tp - at < STACK_LIMIT) end = thread->tp;
        if (end - at > STACK_LIMIT) end = at + STACK_LIMIT;
        if (hs_frames_are_idle(v8, thread, end)) continue;
        struct reading reading = {.collector = c, .segment = segment, .thread = t};
        hs_frames_each(v8, thread, end, add_frame, &reading);
    }
}
