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

void hs_root_add_global_handles(struct hs_root_collector *c) {
    const struct hs_v8 *v8 = c->objects->v8;
    const struct hs_core *core = v8->core;
    unsigned word = core->arch->word_size, node = 4 * word, index = word + 2;
    uint64_t size = (uint64_t)NODES * node;
    for (size_t e = 0; e < core->extent_count; e++) {
        hs_addr start = core->extents[e].start, end = start + core->extents[e].size;
        const struct hs_segment *segment = hs_core_segment_find(core, start);
        if (!segment || !(segment->any_flags & HS_SEGMENT_W)) continue;
        const uint8_t *bytes = segment->data + (start - segment->start);
        hs_addr at = (start + word - 1) & ~(hs_addr)(word - 1);
        while (at < end && end - at >= size) {
            const struct hs_page *page = hs_pages_find(&v8->pages, at);
            if (page) { /* the heap itself holds no handles */
                at = page->base + page->size;
                continue;
            }
            /* The second node's index is 1, the third's 2: cheap to refuse. */
            const uint8_t *p = bytes + (at - start);
            if (p[index] == 0 && p[node + index] == 1 && p[2 * node + index] == 2 &&
                is_block(p, node, index)) {
                add_block(c, at, p, node);
                at += size;
            } else {
                at += word;
            }
        }
    }
}
