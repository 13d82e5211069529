#define _GNU_SOURCE 1 /* memmem */
#include "v8/name_table.h"

#include <string.h>

#include "v8/root_names.h"

enum { TARGETS = 4, STRIDE_WORDS = 4, LEAST = 100, LIMIT = 8192, TEXT = 96 };

struct search {
    struct hs_name_table *table; /* the best so far */
    const struct hs_arch *arch;
    uint64_t targets[TARGETS];
    unsigned target_count;
};

/* Bytes at a link-time address, and the bias that pointers there have: the core's if it has them, else the
 * file's. */
static const uint8_t *bytes_at(const struct hs_name_table *t, uint64_t vaddr, uint64_t size, uint64_t *bias) {
    const uint8_t *p = t->core ? hs_core_ptr(t->core, vaddr + t->image->bias, size) : NULL;
    *bias = p ? t->image->bias : 0;
    return p ? p : hs_image_ptr(t->image, vaddr, size);
}

static const char *name_at(const struct hs_name_table *t, const struct hs_arch *arch, uint64_t vaddr) {
    uint64_t bias;
    const uint8_t *p = bytes_at(t, vaddr, arch->word_size, &bias);
    const char *name = p ? hs_image_cstring(t->image, hs_arch_word(arch, p) - bias, TEXT) : NULL;
    return hs_root_name_is(name) ? name : NULL;
}

static void find_targets(struct search *s, const char *anchor) {
    char text[TEXT];
    size_t length = strlen(anchor);
    if (length + 2 > sizeof text) return;
    text[0] = 0; /* with the NULs around it */
    memcpy(text + 1, anchor, length + 1);
    struct hs_image_segment segment;
    for (size_t i = 0; hs_image_segment(s->table->image, i, &segment); i++) {
        const uint8_t *from = segment.bytes, *end = segment.bytes + segment.size;
        while (s->target_count < TARGETS && (from = memmem(from, (size_t)(end - from), text, length + 2))) {
            s->targets[s->target_count++] = segment.vaddr + (uint64_t)(from - segment.bytes) + 1;
            from++;
        }
    }
}

/* The run of entries around the pointer at `vaddr`, for every distance that a struct may have. */
static void take_runs(struct search *s, uint64_t vaddr) {
    unsigned word = s->arch->word_size;
    for (uint32_t stride = 2 * word; stride <= STRIDE_WORDS * word; stride += word) {
        uint64_t first = vaddr, end = vaddr + stride;
        while ((end - first) / stride < LIMIT && first >= stride &&
               name_at(s->table, s->arch, first - stride))
            first -= stride;
        while ((end - first) / stride < LIMIT && name_at(s->table, s->arch, end)) end += stride;
        if ((end - first) / stride <= s->table->count) continue;
        s->table->vaddr = first;
        s->table->stride = stride;
        s->table->count = (uint32_t)((end - first) / stride);
    }
}

static void search_segment(struct search *s, const struct hs_image_segment *segment) {
    unsigned word = s->arch->word_size;
    uint64_t bias = 0, vaddr = (segment->vaddr + word - 1) / word * word, skip = vaddr - segment->vaddr;
    if (segment->size < skip + word) return;
    uint64_t size = segment->size - skip;
    const uint8_t *p = bytes_at(s->table, vaddr, size, &bias);
    for (uint64_t at = 0; p && size - at >= word; at += word) {
        uint64_t value = hs_arch_word(s->arch, p + at) - bias;
        for (unsigned t = 0; t < s->target_count; t++)
            if (value == s->targets[t]) take_runs(s, vaddr + at);
    }
}

bool hs_name_table_find(const struct hs_v8 *v8, const char *anchor, struct hs_name_table *ret) {
    for (size_t i = 0; i < v8->images->count; i++) {
        struct hs_name_table table = {.image = &v8->images->items[i], .core = v8->core};
        struct search s = {.table = &table, .arch = v8->arch};
        if (!table.image->path || strcmp(table.image->path, v8->symbols->origin) != 0) continue;
        find_targets(&s, anchor);
        struct hs_image_segment segment;
        for (size_t k = 0; s.target_count && hs_image_segment(table.image, k, &segment); k++)
            search_segment(&s, &segment); /* constants may stand with the code */
        if (table.count < LEAST) continue;
        *ret = table;
        return true;
    }
    return false;
}

const char *hs_name_table_get(const struct hs_name_table *table, uint32_t entry) {
    const struct hs_arch *arch = hs_image_arch(table->image);
    return entry < table->count && arch ? name_at(table, arch, table->vaddr + (uint64_t)entry * table->stride)
                                        : NULL;
}

bool hs_name_table_number(const struct hs_name_table *table, uint32_t entry, uint32_t *ret) {
    const struct hs_arch *arch = hs_image_arch(table->image);
    uint64_t bias, vaddr = table->vaddr + (uint64_t)entry * table->stride;
    if (entry >= table->count || !arch || vaddr < arch->word_size) return false;
    const uint8_t *p = bytes_at(table, vaddr - arch->word_size, 4, &bias);
    if (!p) return false;
    *ret = hs_arch_u32(arch, p);
    return true;
}
