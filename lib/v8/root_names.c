#define _GNU_SOURCE 1 /* memmem */
#include "v8/root_names.h"

#include <string.h>

enum { TARGET_LIMIT = 16, RUN_LEAST = 100, RUN_LIMIT = 64, CHUNK = 4096 };

struct search {
    const struct hs_core *core;
    const struct hs_image *image;
    const struct hs_arch *arch;
    uint64_t targets[TARGET_LIMIT]; /* link-time addresses of the string */
    unsigned target_count, runs;
    uint64_t vaddr, count; /* the longest run */
};

bool hs_root_name_is(const char *name) {
    if (!name || !*name) return false;
    for (const char *p = name; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '_'))
            return false;
    return true;
}

static void find_targets(struct search *s) {
    static const char string[] = "\0meta_map"; /* with the NUL at its end */
    struct hs_image_segment segment;
    for (size_t i = 0; hs_image_segment(s->image, i, &segment); i++) {
        if (segment.flags & HS_SEGMENT_W) continue;
        const uint8_t *from = segment.bytes, *end = segment.bytes + segment.size;
        while (s->target_count < TARGET_LIMIT &&
               (from = memmem(from, (size_t)(end - from), string, sizeof string))) {
            s->targets[s->target_count++] = segment.vaddr + (uint64_t)(from - segment.bytes) + 1;
            from++;
        }
    }
}

/* Bytes at a link-time address and the bias that their pointers have: the core's if it holds all of them,
 * else the file's. */
static const uint8_t *bytes_at(const struct search *s, uint64_t vaddr, uint64_t size, uint64_t *bias_ret) {
    const uint8_t *p = s->core ? hs_core_ptr(s->core, vaddr + s->image->bias, size) : NULL;
    *bias_ret = p ? s->image->bias : 0;
    return p ? p : hs_image_ptr(s->image, vaddr, size);
}

static bool points_to_name(const struct search *s, uint64_t vaddr) {
    uint64_t bias;
    const uint8_t *p = bytes_at(s, vaddr, s->arch->word_size, &bias);
    return p &&
           hs_root_name_is(hs_image_cstring(s->image, hs_arch_word(s->arch, p) - bias, HS_ROOT_NAME_LIMIT));
}

/* The run around the word at `vaddr`, which points to a name. Returns its end. */
static uint64_t take_run(struct search *s, uint64_t vaddr) {
    unsigned word = s->arch->word_size;
    uint64_t first = vaddr, end = vaddr + word;
    while ((end - first) / word < HS_ROOT_COUNT_LIMIT && first >= word && points_to_name(s, first - word))
        first -= word;
    while ((end - first) / word < HS_ROOT_COUNT_LIMIT && points_to_name(s, end)) end += word;
    if ((end - first) / word > s->count) {
        s->vaddr = first;
        s->count = (end - first) / word;
    }
    s->runs++;
    return end;
}

static void search_segment(struct search *s, const struct hs_image_segment *segment) {
    unsigned word = s->arch->word_size;
    uint64_t at = (segment->vaddr + word - 1) / word * word, end = segment->vaddr + segment->size;
    while (end - at >= word && at < end && s->runs < RUN_LIMIT) {
        uint64_t chunk = CHUNK - at % CHUNK, bias, done = 0;
        if (chunk > end - at) chunk = (end - at) / word * word;
        const uint8_t *p = bytes_at(s, at, chunk, &bias);
        for (uint64_t i = 0; p && i < chunk && done <= at + i; i += word) {
            uint64_t value = hs_arch_word(s->arch, p + i) - bias;
            for (unsigned t = 0; t < s->target_count; t++)
                if (value == s->targets[t]) done = take_run(s, at + i);
        }
        at = done > at + chunk ? done : at + chunk;
    }
}

bool hs_root_names_find(const struct hs_core *core, const struct hs_image *image, uint64_t *vaddr_ret,
                        uint64_t *count_ret) {
    struct search s = {.core = core, .image = image, .arch = hs_image_arch(image)};
    if (!s.arch || (core && core->arch != s.arch)) return false;
    find_targets(&s);
    struct hs_image_segment segment;
    for (size_t i = 0; s.target_count && hs_image_segment(image, i, &segment); i++)
        if (segment.flags & HS_SEGMENT_W && segment.size <= UINT64_MAX - segment.vaddr - CHUNK)
            search_segment(&s, &segment);
    if (s.count < RUN_LEAST) return false;
    *vaddr_ret = s.vaddr;
    *count_ret = s.count;
    return true;
}
