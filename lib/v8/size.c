/* How big an object is whose map says "variable". */
#include "v8/v8.h"

/* The lowest top of an allocation area above `addr`, UINT64_MAX if there is none. */
static hs_addr next_top(const struct hs_v8 *v8, hs_addr addr) {
    uint32_t low = 0, high = v8->lab_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (v8->labs[middle].top <= addr) low = middle + 1;
        else high = middle;
    }
    return low < v8->lab_count ? v8->labs[low].top : UINT64_MAX;
}

static uint64_t count_at(const struct hs_v8 *v8, const struct hs_rule *rule, const uint8_t *p) {
    if (rule->unit == HS_COUNT_U32) return hs_arch_u32(v8->arch, p + rule->at);
    if (rule->unit == HS_COUNT_U16) return hs_arch_u16(v8->arch, p + rule->at);
    hs_tagged word = hs_v8_load_raw(v8, p + rule->at);
    if (!hs_is_smi(&v8->layout, word)) return UINT64_MAX;
    int64_t value = hs_smi(&v8->layout, word);
    return value < 0 ? UINT64_MAX : (uint64_t)value;
}

static uint64_t align_up(uint64_t n, uint64_t alignment) {
    return (n + alignment - 1) & ~(alignment - 1);
}

/* Sizes of InstructionStream in V8 10.9-11.x are in the Code object that it points to (code.h). */
static uint64_t via_code(const struct hs_v8 *v8, const struct hs_rule *rule, const uint8_t *p,
                         uint64_t room) {
    unsigned word = v8->layout.tagged_size;
    if (room < 2u * word) return 0;
    hs_tagged code = hs_v8_load_raw(v8, p + word);
    if ((code & 3) != 1) return 0;
    uint32_t high = (uint32_t)(rule->at > rule->second ? rule->at : rule->second) + 4u;
    const uint8_t *c = hs_pages_ptr(&v8->pages, code - 1, high);
    if (!c) return 0;
    return align_up((uint64_t)rule->header + hs_arch_u32(v8->arch, c + rule->at) +
                        hs_arch_u32(v8->arch, c + rule->second),
                    rule->align);
}

static uint64_t scan(const struct hs_v8 *v8, uint64_t least, const uint8_t *p, uint64_t room,
                     struct hs_maps *maps) {
    unsigned word = v8->layout.tagged_size;
    for (uint64_t at = least; at + word <= room; at += word)
        if (hs_maps_find(maps, v8, hs_v8_load_raw(v8, p + at)) >= 0) return at;
    return room & ~(uint64_t)(word - 1);
}

uint64_t hs_rule_size(const struct hs_v8 *v8, const struct hs_map *map, hs_addr addr, const uint8_t *p,
                      uint64_t room, struct hs_maps *maps) {
    (void)addr;
    unsigned word = v8->layout.tagged_size;
    uint64_t size;
    if (map->instance_words) {
        size = (uint64_t)map->instance_words * word;
        return size <= room ? size : 0;
    }
    const struct hs_rule *rule = &v8->rules.items[map->rule];
    uint64_t fields = (uint64_t)(rule->at > rule->second ? rule->at : rule->second) + word;
    if (rule->form != HS_RULE_VIA_CODE && rule->form != HS_RULE_UNKNOWN && room < fields) return 0;
    uint64_t count;
    switch ((enum hs_rule_form)rule->form) {
    case HS_RULE_LINEAR:
    case HS_RULE_SCAN:
        count = rule->scale ? count_at(v8, rule, p) : 0;
        if (count == UINT64_MAX) return 0;
        count = (count >> rule->shift) & rule->mask;
        size = align_up(rule->header + count * rule->scale, rule->align);
        if (rule->form == HS_RULE_SCAN) size = size <= room ? scan(v8, size, p, room, maps) : 0;
        break;
    case HS_RULE_METADATA:
        count = hs_arch_u32(v8->arch, p + rule->at);
        size = align_up(rule->header + (count + 5) / 6 * 4 +
                            (uint64_t)hs_arch_u32(v8->arch, p + rule->second) * rule->second_scale,
                        rule->align);
        break;
    case HS_RULE_TWO_PARTS:
        count = hs_arch_u32(v8->arch, p + rule->at);
        if (rule->second_scale <= 1) /* both parts are bytes: one alignment */
            size = align_up(rule->header + count +
                                (uint64_t)hs_arch_u32(v8->arch, p + rule->second) * rule->second_scale,
                            rule->align);
        else
            size = align_up(rule->header + count, rule->align) +
                   (uint64_t)hs_arch_u32(v8->arch, p + rule->second) * rule->second_scale;
        break;
    case HS_RULE_TYPED:
        count = count_at(v8, rule, p);
        if (count == UINT64_MAX) return 0;
        size = hs_v8_load_raw(v8, p + rule->second)
                   ? align_up(rule->header + count * rule->scale, rule->align)
                   : rule->header;
        break;
    case HS_RULE_VIA_CODE:
        size = via_code(v8, rule, p, room);
        break;
    case HS_RULE_UNKNOWN:
    default:
        size = scan(v8, 2u * word, p, room, maps);
        break;
    }
    return size >= word && size <= room ? size : 0;
}

/* A collector that meets a string which only stands for another one (a flattened ConsString, a ThinString)
 * may forward it to that other one (Scavenger::EvacuateShortcutCandidate, EvacuateThinString), which has
 * another size. Size of such a string at `p`, forwarded to `target`; 0 if it is none. */
static uint64_t shortcut_size(const struct hs_v8 *v8, const uint8_t *p, hs_addr target, uint64_t room) {
    const struct hs_layout *l = &v8->layout;
    if (room < (uint64_t)l->cons_second + l->tagged_size) return 0;
    hs_tagged first = hs_v8_load_raw(v8, p + l->cons_first), second = hs_v8_load_raw(v8, p + l->cons_second);
    const uint8_t *other =
        hs_is_pointer(first) ? hs_pages_ptr(&v8->pages, hs_untag(first), l->tagged_size) : NULL;
    if (!other || (hs_untag(first) != target && hs_v8_load_raw(v8, other) != target)) return 0;
    if (hs_v8_kind_of(v8, second) == HS_KIND_STRING && second == hs_v8_root(v8, 0, "empty_string"))
        return (uint64_t)l->cons_second + l->tagged_size;
    return (uint64_t)l->thin_actual + l->tagged_size;
}

uint64_t hs_moved_size(const struct hs_v8 *v8, struct hs_maps *maps, hs_addr addr, const uint8_t *from,
                       uint64_t room) {
    hs_tagged word = hs_v8_load_raw(v8, from);
    if (word & 3 || !word || word == addr) return 0;
    const struct hs_page *page = hs_pages_find(&v8->pages, word);
    if (!page || word < page->area_start || word - page->area_start >= page->present) return 0;
    uint64_t there = page->present - (word - page->area_start);
    const uint8_t *p = page->bytes + (word - page->area_start);
    /* V8 13 writes the forwarding word first and copies then: what stands behind the area's top is of an
     * earlier life. */
    hs_addr top = next_top(v8, word);
    if (top - word < there) there = top - word;
    if (there > room) there = room;
    if (there < v8->layout.tagged_size) return 0;
    int32_t m = hs_maps_find(maps, v8, hs_v8_load_raw(v8, p));
    if (m < 0) return 0;
    struct hs_map copy = maps->items[m];
    uint64_t size = copy.kind == HS_KIND_STRING ? shortcut_size(v8, from, word, room) : 0;
    return size ? size : hs_rule_size(v8, &copy, word, p, there, maps);
}
