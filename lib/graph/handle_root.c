/* Global handles (v8::Global, v8::Persistent): how C++ holds JavaScript objects. */
#include "graph/root_private.h"

#include <string.h>

/* GlobalHandles::NodeBlock: 256 nodes of {object, class id u16, index u8, flags u8, parameter, callback}; a
 * node's index byte is its position, which is a signature of 256 bytes that nothing else has (exactly one hit
 * an isolate in 23 releases). Behind the nodes: next block, GlobalHandles*. (src/handles/global-handles.cc)
 */
enum { NODES = 256, STATE_STRONG = 1, STATE_WEAK = 2 };

static bool is_block(const uint8_t *p, unsigned node, unsigned at) {
    for (unsigned i = 0; i < NODES; i++)
        if (p[i * node + at] != (uint8_t)i) return false;
    return true;
}

static void add_block(struct hs_root_collector *c, hs_addr address, const uint8_t *p, unsigned node) {
    const struct hs_v8 *v8 = c->objects->v8;
    unsigned word = v8->arch->word_size;
    for (unsigned i = 0; i < NODES; i++) {
        hs_tagged object = hs_arch_word(v8->arch, p + i * node);
        /* flags: two bits of state from V8 10.7 on, three before; strong is 1 and weak 2 in both. Garbage may
         * stand above. */
        unsigned state = p[i * node + word + 3] & 7;
        if ((state & 3) == STATE_WEAK) c->roots->weak_handles += (object & 1) != 0;
        if (state != STATE_STRONG && (state & 3) != STATE_STRONG) continue;
        const struct hs_page *page = object & 1 ? hs_pages_find(&v8->pages, object - 1) : NULL;
        if (!page) continue;
        c->isolate = page->isolate;
        hs_root_add(c, object, HS_ROOT_GLOBAL_HANDLES, i, address + i * node);
    }
}

/* A stretch of memory that is being searched; nothing before `floor` is. */
struct search {
    struct hs_root_collector *c;
    const uint8_t *bytes; /* of `start` */
    hs_addr start, floor, end;
    unsigned word, node, index; /* bytes of a word and a node, and where a node's index is */
};

/* Looks at three nodes at `at`, wherever nodes begin: their indexes say where the block does. Most memory
 * fails by the first two. Adds the block, and goes on behind it. */
static void look(struct search *s, hs_addr at) {
    const uint8_t *p = s->bytes + (at - s->start);
    uint64_t size = (uint64_t)NODES * s->node;
    for (unsigned r = 0; r < s->node; r += s->word) {
        const uint8_t *first = p + r + s->index;
        if (first[s->node] != (uint8_t)(first[0] + 1) || first[2 * s->node] != (uint8_t)(first[0] + 2))
            continue;
        uint64_t before = (uint64_t)first[0] * s->node, offset = at - s->floor + r;
        if (before > offset || s->end - (at + r - before) < size ||
            !is_block(p + r - before, s->node, s->index))
            continue;
        add_block(s->c, at + r - before, p + r - before, s->node);
        s->floor = at + r - before + size;
        return;
    }
}

void hs_root_add_global_handles(struct hs_root_collector *c) {
    const struct hs_v8 *v8 = c->objects->v8;
    const struct hs_core *core = v8->core;
    unsigned word = core->arch->word_size;
    struct search s = {.c = c, .word = word, .node = 4 * word, .index = word + 2};
    /* A block is so long that one of these looks meets it wherever it begins. */
    const uint64_t step = (uint64_t)NODES * s.node / 2, looked_at = 4 * s.node;
    for (size_t e = 0; e < core->extent_count; e++) {
        const struct hs_segment *segment = hs_core_segment_find(core, core->extents[e].start);
        if (!segment || !(segment->any_flags & HS_SEGMENT_W)) continue;
        s.start = core->extents[e].start;
        s.end = s.start + core->extents[e].size;
        s.bytes = segment->data + (s.start - segment->start);
        s.floor = (s.start + word - 1) & ~(hs_addr)(word - 1);
        for (hs_addr at = s.floor; at < s.end && s.end - at >= looked_at;) {
            const struct hs_page *page = hs_pages_find(&v8->pages, at);
            if (page) { /* the heap itself holds no handles */
                at = s.floor = (page->base + page->size + word - 1) & ~(hs_addr)(word - 1);
                continue;
            }
            look(&s, at);
            at = s.floor > at ? s.floor : at + step;
        }
    }
}
